/**
 * Virtual time and the time-stamp counter. A tick is one retired instruction; a few instructions
 * spend more (`spendTicks`).
 */

import { leftOf } from "../decode/record";
import { CUR_REC, REMAINING, SLICE_END, TICKS_NOT_RETIRED, TSC_OFFSET } from "../generated/state";

/** Ticks since power-up, at the instruction being executed. */
export function virtualTime(): u64 {
  const rec = load<u32>(CUR_REC);
  let left = load<i32>(REMAINING);
  // The block was charged as a whole: what lies ahead of this instruction is not spent yet.
  if (rec != 0) left += leftOf(rec);
  return load<u64>(SLICE_END) - (left as i64 as u64);
}

/** Time-stamp counter of this processor. */
export function timeStamp(): u64 {
  return virtualTime() + load<u64>(TSC_OFFSET);
}

/** Moves the end of the slice to virtual time `end`. */
export function setSliceEnd(end: u64): void {
  const change = end - load<u64>(SLICE_END);
  store<u64>(SLICE_END, end);
  store<i32>(REMAINING, load<i32>(REMAINING) + (change as i32));
}

/**
 * Lets virtual time pass without an instruction retiring. For instructions that end their block: the
 * dispatch loop keeps REMAINING in a register inside one.
 */
export function spendTicks(ticks: i32): void {
  store<i32>(REMAINING, load<i32>(REMAINING) - ticks);
  store<u64>(TICKS_NOT_RETIRED, load<u64>(TICKS_NOT_RETIRED) + (ticks as u64));
}
