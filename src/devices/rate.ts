/** Exact conversion between virtual time and the cycles of an oscillator of up to 9 MHz. */
import { TICKS_PER_SECOND } from "./device.ts";

/**
 * Highest rate in Hz whose products with a part of a second stay exact in a JS number.
 * `RATE_MAX * TICKS_PER_SECOND` must not pass 2^53.
 */
export const RATE_MAX = 9_000_000;

/** Whole cycles of an oscillator of `hz` that have passed at virtual time `ticks`. */
export function cyclesAt(ticks: number, hz: number): number {
  const seconds = Math.floor(ticks / TICKS_PER_SECOND);
  const rest = ticks - seconds * TICKS_PER_SECOND;
  return seconds * hz + Math.floor((rest * hz) / TICKS_PER_SECOND);
}

/** First virtual time at which `cyclesAt` reaches `cycles`. */
export function timeOfCycle(cycles: number, hz: number): number {
  const seconds = Math.floor(cycles / hz);
  const rest = cycles - seconds * hz;
  return seconds * TICKS_PER_SECOND + Math.ceil((rest * TICKS_PER_SECOND) / hz);
}

/**
 * Shortest distance in ticks between two firings of one periodic source. A guest may program
 * shorter periods (PIT count 1, APIC initial count 1, HPET period 1); such a source raises one
 * interrupt for several periods, so that a guest cannot make the host spend its time on timers
 * alone. Counters read back as if every period had been seen.
 */
export const PERIOD_TICKS_MIN = 1000;
