/** The VMX-preemption timer, the guest's time stamp, PAUSE-loop exiting. */
import { setSliceEnd, timeStamp, virtualTime } from "../cpu/time";
import {
  CPL,
  CTL_PIN,
  CTL_PRIMARY,
  CTL_SECONDARY,
  GUEST_TSC_MULTIPLIER,
  GUEST_TSC_OFFSET,
  PLE_FIRST,
  PLE_LAST,
  SLICE_END,
  TIMER_DEADLINE,
  TIMER_START,
  TIMER_VALUE,
} from "../generated/state";
import {
  PIN_ACTIVATE_PREEMPTION_TIMER,
  PRIMARY_PAUSE_EXITING,
  SECONDARY_PAUSE_LOOP_EXITING,
  V_PLE_GAP,
  V_PLE_WINDOW,
  V_VMX_PREEMPTION_TIMER_VALUE,
} from "../generated/vmx";
import { capability, MSR_VMX_MISC, vmcsRead } from "./vmcs";

/** No deadline. */
const NEVER: u64 = 0xffffffffffffffff;

/** The timer counts changes of this bit of the time-stamp counter. @inline */
function rateBit(): u64 {
  return capability(MSR_VMX_MISC) & 31;
}

/** Loads the timer at VM entry. */
export function startTimer(): void {
  if ((load<u32>(CTL_PIN) & PIN_ACTIVATE_PREEMPTION_TIMER) == 0) {
    store<u64>(TIMER_DEADLINE, NEVER);
    return;
  }
  const value = vmcsRead<u32>(V_VMX_PREEMPTION_TIMER_VALUE);
  const start = timeStamp();
  store<u32>(TIMER_VALUE, value);
  store<u64>(TIMER_START, start);
  const end = ((start >> rateBit()) + (value as u64)) << rateBit();
  const ticks = end > start ? end - start : 0;
  store<u64>(TIMER_DEADLINE, virtualTime() + ticks);
  endSliceAtDeadline();
}

/** Ends the slice where the timer expires, so that the run loop looks in time. */
export function endSliceAtDeadline(): void {
  const deadline = load<u64>(TIMER_DEADLINE);
  if (deadline < load<u64>(SLICE_END)) setSliceEnd(deadline);
}

export function stopTimer(): void {
  store<u64>(TIMER_DEADLINE, NEVER);
}

/** What is left of the timer at time stamp `now`. */
export function remainingTimer(now: u64): u32 {
  const passed = (now >> rateBit()) - (load<u64>(TIMER_START) >> rateBit());
  const value = load<u32>(TIMER_VALUE) as u64;
  return passed >= value ? 0 : ((value - passed) as u32);
}

/** Bits 111:48 of the product of a time stamp and a multiplier with 48 fraction bits. */
function scaled(tsc: u64, multiplier: u64): u64 {
  const tscLo = tsc & 0xffffffff;
  const tscHi = tsc >> 32;
  const lo = multiplier & 0xffffffff;
  const hi = multiplier >> 32;
  const low = tscLo * lo;
  const middle = tscLo * hi + (low >> 32);
  const middle2 = tscHi * lo + (middle & 0xffffffff);
  const high = tscHi * hi + (middle >> 32) + (middle2 >> 32);
  return (high << 16) | ((middle2 & 0xffffffff) >> 16);
}

/** The time-stamp counter as RDTSC shows it: with multiplier and offset in non-root operation. */
export function visibleTimeStamp(): u64 {
  const multiplier = load<u64>(GUEST_TSC_MULTIPLIER);
  const tsc = timeStamp();
  return (multiplier != 0 ? scaled(tsc, multiplier) : tsc) + load<u64>(GUEST_TSC_OFFSET);
}

/** True when PAUSE is to exit: always, or at level 0 in a loop that has lasted too long. */
export function pauseExits(): bool {
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_PAUSE_EXITING) != 0) return true;
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_PAUSE_LOOP_EXITING) == 0) return false;
  if (load<u32>(CPL) != 0) {
    store<u64>(PLE_FIRST, 0);
    return false;
  }
  const now = timeStamp();
  const first = load<u64>(PLE_FIRST);
  const last = load<u64>(PLE_LAST);
  store<u64>(PLE_LAST, now);
  if (first == 0 || now - last > (vmcsRead<u32>(V_PLE_GAP) as u64)) {
    store<u64>(PLE_FIRST, now);
    return false;
  }
  return now - first > (vmcsRead<u32>(V_PLE_WINDOW) as u64);
}
