/** Rounding of an unpacked number to an integer magnitude; shared by x87 and SSE conversions. */
import { roundsUp } from "./round";
import { shrSticky128, wHi, wLo } from "./wide";

/** 1 if the last `integerMagnitude` was inexact. */
export let iInexact: u32 = 0;
/** 1 if it was rounded away from zero. */
export let iUp: u32 = 0;
/** 1 if the magnitude does not fit 64 bits. */
export let iOverflow: u32 = 0;

/**
 * Rounds a finite number to an integer by the rounding control and returns its magnitude.
 *
 * @param sign 0 or 0x8000
 * @param exp exponent, bias 16383
 * @param sig significand, bit 63 set, or 0
 */
export function integerMagnitude(sign: u32, exp: i32, sig: u64): u64 {
  const shift = 0x3fff + 63 - exp;
  iInexact = 0;
  iUp = 0;
  iOverflow = 0;
  if (sig == 0) return 0;
  if (shift <= 0) {
    iOverflow = u32(shift < 0);
    return sig;
  }
  shrSticky128(sig, 0, u32(shift));
  if (wLo == 0) return wHi;
  iInexact = 1;
  const up = roundsUp(sign, wHi & 1, wLo);
  iUp = u32(up);
  return wHi + up;
}
