/**
 * The preemption timer of L2. It runs from L2's entry by L1 to its exit to L1, over the exits that L0
 * handles (vmx_start_preemption_timer): L0 knows when it ends, and gives the processor what is left at
 * each entry.
 */
import { FIELD, PIN } from "../../generated/vmx.ts";
import type { Nested } from "./state.ts";

const VALUE_MAX = 0xffffffff;

export function hasTimer({ vmcs12 }: Nested): boolean {
  return (vmcs12.lo(FIELD.pin_based_controls) & PIN.activate_preemption_timer) !== 0;
}

/** Ticks of virtual time in one count of the timer. */
const unitOf = (nested: Nested) => 2 ** Number(nested.caps.misc & 31n);

/** Virtual time in counts of the timer. */
export function timerNow(nested: Nested): number {
  return Math.floor(nested.vcpu.userspace.now() / unitOf(nested));
}

/** L2 becomes active: the timer ends at `end`, in counts; one that has ended lets nothing happen. */
export function startTimer(nested: Nested, end: number): void {
  if (!hasTimer(nested)) return;
  nested.timerEnd = end;
  nested.timerExpired = end <= timerNow(nested);
}

export function stopTimer(nested: Nested): void {
  nested.timerEnd = Number.POSITIVE_INFINITY;
  nested.timerExpired = false;
}

/** What is left, in counts. */
export function timerValue(nested: Nested): number {
  if (nested.timerExpired) return 0;
  return Math.min(Math.max(nested.timerEnd - timerNow(nested), 0), VALUE_MAX);
}

/** In front of each entry to L2; vmcs02 is current. */
export function loadTimer(nested: Nested): void {
  if (!Number.isFinite(nested.timerEnd)) return;
  nested.vcpu.hw.write(FIELD.vmx_preemption_timer_value, timerValue(nested));
}

/** L2 goes to sleep: the machine is to wake it when the timer ends. */
export function armTimer(nested: Nested): void {
  nested.timerDeadline = nested.timerEnd * unitOf(nested);
}

/** It is awake again. */
export function disarmTimer(nested: Nested): void {
  if (timerNow(nested) >= nested.timerEnd) nested.timerExpired = true;
  nested.timerDeadline = Number.POSITIVE_INFINITY;
}
