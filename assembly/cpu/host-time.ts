/** Virtual time as the host sets and reads it. */
import { REMAINING, SLICE_END } from "../generated/state";
import { setSliceEnd, virtualTime } from "./time";

/** Starts a slice at time `now` (ticks) of `ticks` ticks. */
export function beginSlice(now: f64, ticks: u32): void {
  store<u64>(SLICE_END, (now as u64) + (ticks as u64));
  store<u32>(REMAINING, ticks);
}

/** Makes the running slice end at time `end` (ticks) if it would go on beyond it. */
export function shortenSlice(end: f64): void {
  if ((end as u64) < load<u64>(SLICE_END)) setSliceEnd(end as u64);
}

/** Virtual time in ticks, exact below 2^53. */
export function virtualTimeNumber(): f64 {
  return virtualTime() as f64;
}

/** Low 32 bits of virtual time. */
export function virtualTimeLow(): u32 {
  return virtualTime() as u32;
}
