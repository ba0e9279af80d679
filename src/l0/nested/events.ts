/** Events that take L2 out to L1 (vmx_check_nested_events), and writes of CRs by L2 that L0 sees. */
import { EXITING, FIELD, PIN, PRIMARY, REASON, SECONDARY } from "../../generated/vmx.ts";
import { setCr0, setCr4 } from "../control-registers.ts";
import { VECTOR } from "../pcpu.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import { MP_STATE, type Vcpu } from "../vcpu.ts";
import { isValidL2Cr0 } from "./checks.ts";
import { type ExitToL1, nestedVmexit } from "./exit.ts";
import { invalidateFault } from "./fault.ts";
import { secondary12 } from "./roots.ts";
import type { Nested } from "./state.ts";

const VALID = 0x80000000;
const HAS_ERROR = 1 << 11;
const TYPE_NMI = 2;
const TYPE_HARD = 3;
const VECTOR_PF = 14;
const VECTOR_DB = 1;
const APIC_PPR = 0xa0;

function inPin(nested: Nested, bit: number): boolean {
  return (nested.vmcs12.lo(FIELD.pin_based_controls) & bit) !== 0;
}

/** Interrupts take L2 out to L1 (nested_exit_on_intr). */
export function exitsOnInterrupt(nested: Nested): boolean {
  return inPin(nested, PIN.external_interrupt_exiting);
}

export function exitsOnNmi(nested: Nested): boolean {
  return inPin(nested, PIN.nmi_exiting);
}

/** Whether L1 wants an exception that L0 has raised in L2 (nested_vmx_check_exception). */
function wantsException(nested: Nested, vector: number, error: number): boolean {
  const { vmcs12 } = nested;
  const inBitmap = (vmcs12.lo(FIELD.exception_bitmap) & (1 << vector)) !== 0;
  if (vector !== VECTOR_PF) return inBitmap;
  const match = (error & vmcs12.lo(FIELD.pf_error_code_mask)) >>> 0;
  return inBitmap === (match === vmcs12.lo(FIELD.pf_error_code_match));
}

function exceptionExit(vcpu: Vcpu, nested: Nested): ExitToL1 | undefined {
  const { exception } = vcpu.events;
  if (exception === undefined || exception.injected) return undefined;
  const { vector, error = 0, payload = 0n } = exception;
  // The monitor trap flag comes before traps.
  if (nested.mtfPending && vector === VECTOR_DB) return undefined;
  if (!wantsException(nested, vector, error)) return undefined;
  const info = VALID | vector | (TYPE_HARD << 8) | (exception.error !== undefined ? HAS_ERROR : 0);
  const qualification = vector === VECTOR_PF || vector === VECTOR_DB ? payload : 0n;
  const event = { info, error };
  return { reason: REASON.exception_or_nmi, qualification, event, isHardware: false };
}

const plain = (reason: number, qualification = 0n): ExitToL1 => ({
  reason,
  qualification,
  isHardware: false,
});

/** An event on its way to L2 that is to be injected again (kvm_event_needs_reinjection). */
function needsReinjection({ events }: Vcpu): boolean {
  return (
    events.exception?.injected === true || events.interrupt !== undefined || events.nmiInjected
  );
}

/** INIT, and a start-up IPI for L2 that waits for one. */
function initOrSipi(vcpu: Vcpu): (() => ExitToL1) | undefined {
  if (vcpu.initPending) {
    return () => {
      vcpu.initPending = false;
      return plain(REASON.init);
    };
  }
  if (vcpu.sipiPending && vcpu.mpState === MP_STATE.initReceived) {
    return () => {
      vcpu.sipiPending = false;
      return plain(REASON.sipi, BigInt(vcpu.sipiVector));
    };
  }
  return undefined;
}

/** The exit that is due for an event, without taking the event. */
function eventExit(vcpu: Vcpu, nested: Nested): (() => ExitToL1) | undefined {
  if (nested.mtfPending) return () => plain(REASON.monitor_trap_flag);
  if (nested.timerExpired) return () => plain(REASON.preemption_timer);
  if (vcpu.events.nmiPending > 0 && exitsOnNmi(nested)) {
    return () => {
      vcpu.events.nmiPending--;
      const event = { info: VALID | 2 | (TYPE_NMI << 8), error: 0 };
      return { ...plain(REASON.exception_or_nmi), event };
    };
  }
  if (exitsOnInterrupt(nested) && vcpu.apic.hasInterrupt()) {
    return () => interruptExit(vcpu, nested);
  }
  return undefined;
}

interface DueExit {
  /** Takes the event. */
  readonly take: () => ExitToL1;
  /** An event on its way to L2 goes first. */
  readonly waits: boolean;
}

/** What takes L2 out to L1, in KVM's order. */
function dueExit(vcpu: Vcpu, nested: Nested): DueExit | undefined {
  const { pendingExit } = nested;
  if (pendingExit !== undefined) {
    const { reason, qualification, gpa } = pendingExit;
    const exit = { ...plain(reason, qualification), ...(gpa === undefined ? {} : { gpa }) };
    return { take: () => exit, waits: false };
  }
  const signal = initOrSipi(vcpu);
  if (signal !== undefined) return { take: signal, waits: needsReinjection(vcpu) };
  const exception = exceptionExit(vcpu, nested);
  if (exception !== undefined) return { take: () => exception, waits: false };
  const take = eventExit(vcpu, nested);
  return take === undefined ? undefined : { take, waits: needsReinjection(vcpu) };
}

function interruptExit(vcpu: Vcpu, nested: Nested): ExitToL1 {
  const exit = nested.vmcs12.lo(FIELD.vmexit_controls);
  if ((exit & EXITING.acknowledge_interrupt_on_exit) === 0) return plain(REASON.external_interrupt);
  const vector = vcpu.apic.acknowledge();
  if (vcpu.apic.lapic !== undefined) vcpu.apic.lapic.isDirty = true;
  const event = { info: vector < 0 ? 0 : VALID | vector, error: 0 };
  return { ...plain(REASON.external_interrupt), event };
}

/** A notification of posted interrupts of L1's: the processor handles it in L2. */
function takesNotification(vcpu: Vcpu, nested: Nested): boolean {
  if (!inPin(nested, PIN.process_posted_interrupts)) return false;
  const { lapic } = vcpu.apic;
  if (lapic === undefined || !vcpu.apic.hasInterrupt()) return false;
  const vector = nested.vmcs12.lo(FIELD.posted_intr_notification_vector);
  if (lapic.deliverableVector() !== vector) return false;
  vcpu.apic.acknowledge();
  // The notification needs no EOI: the processor makes it.
  lapic.endOfInterrupt();
  lapic.isDirty = true;
  nested.notify = true;
  return true;
}

/** Leaves L2 if an event asks for that. True when it has been left. */
export function* nestedEvents(vcpu: Vcpu, nested: Nested): Task<boolean> {
  takesNotification(vcpu, nested);
  const due = dueExit(vcpu, nested);
  if (due === undefined) return false;
  if (nested.runPending || due.waits) {
    // L2 must be entered first, so that what L1 injects, or what was interrupted, is delivered.
    nested.immediateExit = true;
    return false;
  }
  const exit = due.take();
  if (exit.reason === REASON.exception_or_nmi) dropPending(vcpu, exit);
  if (exit.gpa !== undefined) yield* invalidateFault(vcpu, nested, exit.gpa);
  yield* nestedVmexit(vcpu, nested, exit);
  return true;
}

/** The exception itself goes to L1; one that it interrupted would be told as such. */
function dropPending(vcpu: Vcpu, exit: ExitToL1): void {
  const { exception } = vcpu.events;
  const isException = ((exit.event!.info >>> 8) & 7) === TYPE_HARD;
  if (isException && exception !== undefined && !exception.injected) {
    vcpu.events.exception = undefined;
  }
}

/** An interrupt that the processor will deliver to L2 (vmx_guest_apic_has_interrupt). */
export function hasVirtualInterrupt(vcpu: Vcpu, nested: Nested): boolean {
  if ((secondary12(nested) & SECONDARY.virtual_interrupt_delivery) === 0) return false;
  const page = nested.pinned.virtualApic;
  if (page === undefined) return false;
  const requested = vcpu.hw.read(FIELD.guest_interrupt_status) & 0xff;
  const priority = vcpu.hw.core.u8[vcpu.vm.frames.bytes(page) + APIC_PPR]!;
  return requested >> 4 > priority >> 4;
}

/** Behind an entry to L2: what had to wait for it. */
export function afterEntry(vcpu: Vcpu, nested: Nested): void {
  nested.runPending = false;
  nested.wasHalted = false;
  if (nested.notify) {
    nested.notify = false;
    vcpu.pcpu!.interrupt(VECTOR.nestedPostedInterrupt);
  }
  if (!nested.immediateExit) return;
  nested.immediateExit = false;
  vcpu.makeRequest(REQ.event);
  vcpu.pcpu!.interrupt(VECTOR.reschedule);
}

/** An instruction of L2 that L0 carried out is over: the monitor trap flag traps. */
export function stepped(vcpu: Vcpu, nested: Nested): void {
  const primary = nested.vmcs12.lo(FIELD.primary_proc_controls);
  if ((primary & PRIMARY.monitor_trap_flag) === 0) return;
  nested.mtfPending = true;
  vcpu.makeRequest(REQ.event);
}

/** MOV to CR0 by L2 where L1 does not mind (handle_set_cr0). */
export function setL2Cr0(vcpu: Vcpu, nested: Nested, value: bigint): boolean {
  const { vmcs12 } = nested;
  const mask = vmcs12.wide(FIELD.cr0_guest_host_mask);
  const merged = (value & ~mask) | (vmcs12.wide(FIELD.guest_cr0) & mask);
  if (!isValidL2Cr0(nested, merged | 0x10n) || !setCr0(vcpu, merged)) return false;
  vcpu.hw.writeWide(FIELD.cr0_read_shadow, value);
  return true;
}

export function setL2Cr4(vcpu: Vcpu, nested: Nested, value: bigint): boolean {
  const { vmcs12 } = nested;
  const mask = vmcs12.wide(FIELD.cr4_guest_host_mask);
  const merged = (value & ~mask) | (vmcs12.wide(FIELD.guest_cr4) & mask);
  if ((merged & 0x2000n) === 0n || !setCr4(vcpu, merged)) return false;
  vcpu.hw.writeWide(FIELD.cr4_read_shadow, value);
  return true;
}
