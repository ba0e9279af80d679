/**
 * RCPSS and RSQRTSS. The manual bounds their error by 1.5 * 2^-12; the values are those of Intel
 * processors: of the operand's significand 11 (RCP) or 10 (RSQRT) bits count, the middle of the
 * interval they name is taken, and the result is rounded to 12 bits of fraction. No exceptions,
 * no regard to MXCSR; denormal operands act as zeros and denormal results become zero.
 */

const SIGN: u32 = 0x80000000;
const INFINITY: u32 = 0x7f800000;
const QUIET: u32 = 0x400000;
const DEFAULT_NAN: u32 = 0xffc00000;
/** 2 * 2^12: results are computed as numbers from 1 to 2 in units of 2^-12. */
const TWO: f64 = 8192.0;
/** Units of 2^-12 in the fraction of a single-precision number. */
const FRACTION_SHIFT: u32 = 23 - 12;

/** RCPSS: about 1/a. */
export function rcpF32(a: u32): u32 {
  const sign = a & SIGN;
  const magnitude = a & ~SIGN;
  if (magnitude > INFINITY) return a | QUIET;
  const exp = i32(magnitude >> 23);
  if (exp == 0) return sign | INFINITY;
  // 2^-126 and what lies below come out as zero; so does the reciprocal of infinity.
  const resultExp = 253 - exp;
  if (resultExp <= 0) return sign;
  const middle = f64(((magnitude >> 12) & 0x7ff) * 2 + 1) / 4096.0 + 1.0;
  const units = u32(nearest<f64>(TWO / middle)) - 4096;
  return sign | (u32(resultExp) << 23) | (units << FRACTION_SHIFT);
}

/** RSQRTSS: about 1/sqrt(a). */
export function rsqrtF32(a: u32): u32 {
  const magnitude = a & ~SIGN;
  if (magnitude > INFINITY) return a | QUIET;
  const exp = i32(magnitude >> 23);
  if (exp == 0) return (a & SIGN) | INFINITY;
  if ((a & SIGN) != 0) return DEFAULT_NAN;
  if (magnitude == INFINITY) return 0;
  // The significand from 1 to 4, so that the exponent is even.
  const base: f64 = (exp & 1) != 0 ? 1.0 : 2.0;
  const middle = base * (f64(((magnitude >> 13) & 0x3ff) * 2 + 1) / 2048.0 + 1.0);
  const units = u32(nearest<f64>(TWO / sqrt<f64>(middle))) - 4096;
  return (u32(0x7e - ((exp - 0x7f) >> 1)) << 23) | (units << FRACTION_SHIFT);
}
