/** SSE conversions between integers, single and double precision; the contract of sse-f64.ts. */
import { iInexact, integerMagnitude, iOverflow } from "./integer-round";
import { roundNarrow } from "./round";
import {
  cExp,
  classify,
  cSig,
  cSign,
  DENORMAL,
  INFINITY,
  isNormalF64,
  isPlainF32,
  isPlainF64,
  isPlainResultF32,
  MXCSR_DAZ,
  MXCSR_RC,
  SNAN,
  sseBlocked,
} from "./sse-operand";
import { DE, IE, PE, RC_ZERO, raise, setRounding, sseSettings } from "./status";

/** CVTSI2SD r32; exact. @inline */
export function i32ToF64(value: i32): u64 {
  return reinterpret<u64>(f64(value));
}

/** CVTSI2SS r32. */
export function i32ToF32(value: i32, mxcsr: u32): u32 {
  return i64ToF32(i64(value), mxcsr);
}

/** CVTSI2SD r64. */
export function i64ToF64(value: i64, mxcsr: u32): u64 {
  const magnitude = value < 0 ? 0 - u64(value) : u64(value);
  // Up to 53 bits between the highest and the lowest 1 are exact.
  if (value == 0 || 64 - clz<u64>(magnitude) - ctz<u64>(magnitude) <= 53) {
    return reinterpret<u64>(f64(value));
  }
  if ((mxcsr & MXCSR_RC) == 0) {
    raise(PE);
    return reinterpret<u64>(f64(value));
  }
  return packMagnitude(value < 0 ? 0x8000 : 0, magnitude, mxcsr, true);
}

/** CVTSI2SS r64. */
export function i64ToF32(value: i64, mxcsr: u32): u32 {
  const magnitude = value < 0 ? 0 - u64(value) : u64(value);
  if (value == 0 || 64 - clz<u64>(magnitude) - ctz<u64>(magnitude) <= 24) {
    return reinterpret<u32>(f32(value));
  }
  if ((mxcsr & MXCSR_RC) == 0) {
    raise(PE);
    return reinterpret<u32>(f32(value));
  }
  return u32(packMagnitude(value < 0 ? 0x8000 : 0, magnitude, mxcsr, false));
}

function packMagnitude(sign: u32, magnitude: u64, mxcsr: u32, double: bool): u64 {
  sseSettings(mxcsr);
  const n = clz<u64>(magnitude);
  return roundNarrow(sign, 0x3fff + 63 - i32(n), magnitude << n, 0, double);
}

/**
 * Rounds a float to a signed integer of `width` bits (32 or 64), sign-extended; what does not fit
 * gives the integer indefinite and IE. A denormal operand is not reported as such.
 */
function toInteger(bits: u64, width: u32, truncate: bool, mxcsr: u32, double: bool): i64 {
  sseSettings(mxcsr);
  if (truncate) setRounding(RC_ZERO);
  const kind = classify(bits, mxcsr, double);
  const limit: u64 = (<u64>1) << (width - 1);
  if (kind < INFINITY) {
    const magnitude = integerMagnitude(cSign, cExp, cSig);
    if (iOverflow == 0 && magnitude < limit + (cSign >> 15)) {
      if (iInexact != 0) raise(PE);
      return cSign != 0 ? 0 - i64(magnitude) : i64(magnitude);
    }
  }
  raise(IE);
  return 0 - i64(limit);
}

/** CVTSD2SI r32. */
export function f64ToI32(a: u64, mxcsr: u32): i32 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF64(a)) {
    const x = reinterpret<f64>(a);
    const r = nearest<f64>(x);
    if (abs<f64>(r) < 2147483648.0) {
      if (r != x) raise(PE);
      return i32(r);
    }
  }
  return i32(toInteger(a, 32, false, mxcsr, true));
}

/** CVTTSD2SI r32. */
export function f64ToI32Truncated(a: u64, mxcsr: u32): i32 {
  if (isPlainF64(a)) {
    const x = reinterpret<f64>(a);
    if (abs<f64>(x) < 2147483648.0) {
      const r = i32(x);
      if (f64(r) != x) raise(PE);
      return r;
    }
  }
  return i32(toInteger(a, 32, true, mxcsr, true));
}

/** CVTSD2SI r64. */
export function f64ToI64(a: u64, mxcsr: u32): i64 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF64(a)) {
    const x = reinterpret<f64>(a);
    const r = nearest<f64>(x);
    if (abs<f64>(r) < 9223372036854775808.0) {
      if (r != x) raise(PE);
      return i64(r);
    }
  }
  return toInteger(a, 64, false, mxcsr, true);
}

/** CVTTSD2SI r64. */
export function f64ToI64Truncated(a: u64, mxcsr: u32): i64 {
  if (isPlainF64(a)) {
    const x = reinterpret<f64>(a);
    if (abs<f64>(x) < 9223372036854775808.0) {
      if (trunc<f64>(x) != x) raise(PE);
      return i64(x);
    }
  }
  return toInteger(a, 64, true, mxcsr, true);
}

/** A single-precision operand as the double-precision one of the same value, or 0 for "no". */
function plainAsF64(a: u32): u64 {
  return isPlainF32(a) ? reinterpret<u64>(f64(reinterpret<f32>(a))) : ~(<u64>0);
}

/** CVTSS2SI r32. */
export function f32ToI32(a: u32, mxcsr: u32): i32 {
  if (isPlainF32(a)) return f64ToI32(plainAsF64(a), mxcsr);
  return i32(toInteger(a, 32, false, mxcsr, false));
}

/** CVTTSS2SI r32. */
export function f32ToI32Truncated(a: u32, mxcsr: u32): i32 {
  if (isPlainF32(a)) return f64ToI32Truncated(plainAsF64(a), mxcsr);
  return i32(toInteger(a, 32, true, mxcsr, false));
}

/** CVTSS2SI r64. */
export function f32ToI64(a: u32, mxcsr: u32): i64 {
  if (isPlainF32(a)) return f64ToI64(plainAsF64(a), mxcsr);
  return toInteger(a, 64, false, mxcsr, false);
}

/** CVTTSS2SI r64. */
export function f32ToI64Truncated(a: u32, mxcsr: u32): i64 {
  if (isPlainF32(a)) return f64ToI64Truncated(plainAsF64(a), mxcsr);
  return toInteger(a, 64, true, mxcsr, false);
}

/** CVTSS2SD: exact but for SNaN and denormal operands. */
export function f32ToF64(a: u32, mxcsr: u32): u64 {
  const magnitude = a & 0x7fffffff;
  if (magnitude > 0x7f800000) {
    if ((a & 0x400000) == 0) raise(IE);
    const fraction = u64(a & 0x7fffff) << 29;
    return (u64(a >> 31) << 63) | 0x7ff8000000000000 | fraction;
  }
  if (magnitude - 1 < 0x7fffff) {
    if ((mxcsr & MXCSR_DAZ) != 0) return u64(a >> 31) << 63;
    raise(DE);
  }
  return reinterpret<u64>(f64(reinterpret<f32>(a)));
}

/** CVTSD2SS. */
export function f64ToF32(a: u64, mxcsr: u32): u32 {
  if ((mxcsr & MXCSR_RC) == 0 && isNormalF64(a)) {
    const x = reinterpret<f64>(a);
    const r = f32(x);
    const bits = reinterpret<u32>(r);
    if (isPlainResultF32(bits)) {
      if (f64(r) != x) raise(PE);
      return bits;
    }
  }
  sseSettings(mxcsr);
  const kind = classify(a, mxcsr, true);
  const signBit = cSign << 16;
  if (kind > INFINITY) {
    if (kind == SNAN) raise(IE);
    return signBit | 0x7fc00000 | (u32(a >> 29) & 0x7fffff);
  }
  if (kind == INFINITY) return signBit | 0x7f800000;
  if (kind == DENORMAL) {
    raise(DE);
    if (sseBlocked()) return 0;
  }
  if (cSig == 0) return signBit;
  return u32(roundNarrow(cSign, cExp, cSig, 0, false));
}
