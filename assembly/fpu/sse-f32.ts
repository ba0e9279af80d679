/**
 * Scalar single-precision SSE arithmetic on bit patterns; the same contract as sse-f64.ts.
 *
 * The exactness checks use double precision, in which the product of two single-precision numbers
 * is exact.
 */
import { isNormalF32, isPlainF32, isPlainResultF32, MXCSR_DAZ, MXCSR_RC } from "./sse-operand";
import { ADD, DIV, MUL, SUB, softBinary, softSqrt } from "./sse-soft";
import { DE, IE, PE, raise } from "./status";

const INF: u32 = 0x7f800000;
const MAGNITUDE: u32 = 0x7fffffff;
const SIGN: u32 = 0x80000000;
const FRACTION: u32 = 0x7fffff;
const QUIET: u32 = 0x400000;

/** @inline */
function f(bits: u32): f32 {
  return reinterpret<f32>(bits);
}

/** True if r, the rounded sum of x and y, differs from the sum. @inline */
function isInexactSum(x: f64, y: f64, r: f64): bool {
  const sum = x + y;
  // The second test finds what even the double-precision sum has lost.
  return r != sum || sum - x != y || sum - y != x;
}

/** ADDSS. */
export function addF32(a: u32, b: u32, mxcsr: u32): u32 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF32(a) && isPlainF32(b)) {
    const r = f(a) + f(b);
    const bits = reinterpret<u32>(r);
    if (isPlainResultF32(bits) || r == 0) {
      if (isInexactSum(f64(f(a)), f64(f(b)), f64(r))) raise(PE);
      return bits;
    }
  }
  return u32(softBinary(ADD, a, b, mxcsr, false));
}

/** SUBSS. */
export function subF32(a: u32, b: u32, mxcsr: u32): u32 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF32(a) && isPlainF32(b)) {
    const r = f(a) - f(b);
    const bits = reinterpret<u32>(r);
    if (isPlainResultF32(bits) || r == 0) {
      if (isInexactSum(f64(f(a)), -f64(f(b)), f64(r))) raise(PE);
      return bits;
    }
  }
  return u32(softBinary(SUB, a, b, mxcsr, false));
}

/** MULSS. */
export function mulF32(a: u32, b: u32, mxcsr: u32): u32 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF32(a) && isPlainF32(b)) {
    const exact = f64(f(a)) * f64(f(b));
    const r = f32(exact);
    const bits = reinterpret<u32>(r);
    if (isPlainResultF32(bits) || exact == 0) {
      if (f64(r) != exact) raise(PE);
      return bits;
    }
  }
  return u32(softBinary(MUL, a, b, mxcsr, false));
}

/** DIVSS. */
export function divF32(a: u32, b: u32, mxcsr: u32): u32 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF32(a) && isNormalF32(b)) {
    const r = f(a) / f(b);
    const bits = reinterpret<u32>(r);
    if (isPlainResultF32(bits) || a << 1 == 0) {
      if (f64(r) * f64(f(b)) != f64(f(a))) raise(PE);
      return bits;
    }
  }
  return u32(softBinary(DIV, a, b, mxcsr, false));
}

/** SQRTSS. */
export function sqrtF32(a: u32, mxcsr: u32): u32 {
  if ((mxcsr & MXCSR_RC) == 0 && isNormalF32(a) && i32(a) >= 0) {
    const r = sqrt<f32>(f(a));
    if (f64(r) * f64(r) != f64(f(a))) raise(PE);
    return reinterpret<u32>(r);
  }
  return u32(softSqrt(a, mxcsr, false));
}

/** True for any NaN. @inline */
function isNaN32(a: u32): bool {
  return (a & MAGNITUDE) > INF;
}

/** @inline */
function isSignaling32(a: u32): bool {
  return isNaN32(a) && (a & QUIET) == 0;
}

/** @inline */
function isDenormal32(a: u32): bool {
  return (a & MAGNITUDE) - 1 < FRACTION;
}

/** The operand as DAZ makes it. @inline */
function flushed(a: u32, mxcsr: u32): u32 {
  return (mxcsr & MXCSR_DAZ) != 0 && isDenormal32(a) ? a & SIGN : a;
}

/** MINSS: the second operand unless the first is less; any NaN is invalid. */
export function minF32(a: u32, b: u32, mxcsr: u32): u32 {
  if (isNaN32(a) || isNaN32(b)) {
    raise(IE);
    return flushed(b, mxcsr);
  }
  const x = flushed(a, mxcsr);
  const y = flushed(b, mxcsr);
  if (isDenormal32(x) || isDenormal32(y)) raise(DE);
  return f(x) < f(y) ? x : y;
}

/** MAXSS: the second operand unless the first is greater; any NaN is invalid. */
export function maxF32(a: u32, b: u32, mxcsr: u32): u32 {
  if (isNaN32(a) || isNaN32(b)) {
    raise(IE);
    return flushed(b, mxcsr);
  }
  const x = flushed(a, mxcsr);
  const y = flushed(b, mxcsr);
  if (isDenormal32(x) || isDenormal32(y)) raise(DE);
  return f(x) > f(y) ? x : y;
}

/** CMPSS with predicate 0-7 (EQ, LT, LE, UNORD, NEQ, NLT, NLE, ORD): all ones or zero. */
export function cmpF32(a: u32, b: u32, predicate: u32, mxcsr: u32): u32 {
  const kind = predicate & 3;
  let holds: bool;
  if (isNaN32(a) || isNaN32(b)) {
    // LT, LE, NLT and NLE signal for quiet NaNs too.
    if (kind == 1 || kind == 2 || isSignaling32(a) || isSignaling32(b)) raise(IE);
    holds = kind == 3;
  } else {
    const x = flushed(a, mxcsr);
    const y = flushed(b, mxcsr);
    if (isDenormal32(x) || isDenormal32(y)) raise(DE);
    holds = kind == 0 ? f(x) == f(y) : kind == 1 ? f(x) < f(y) : kind == 2 ? f(x) <= f(y) : false;
  }
  return holds == ((predicate & 4) == 0) ? 0xffffffff : 0;
}

/**
 * COMISS and, with `quiet`, UCOMISS. Returns ZF (0x40), PF (0x04) and CF (0x01) of EFLAGS.
 */
export function comiF32(a: u32, b: u32, quiet: bool, mxcsr: u32): u32 {
  if (isNaN32(a) || isNaN32(b)) {
    if (!quiet || isSignaling32(a) || isSignaling32(b)) raise(IE);
    return 0x45;
  }
  const x = flushed(a, mxcsr);
  const y = flushed(b, mxcsr);
  if (isDenormal32(x) || isDenormal32(y)) raise(DE);
  return f(x) == f(y) ? 0x40 : f(x) < f(y) ? 0x01 : 0;
}

/** ROUNDSS; see `roundF64`. */
export function roundF32(a: u32, imm: u32, mxcsr: u32): u32 {
  if (isNaN32(a)) {
    if ((a & QUIET) == 0) raise(IE);
    return a | QUIET;
  }
  const x = f(flushed(a, mxcsr));
  const rc = (imm & 4) != 0 ? (mxcsr >> 13) & 3 : imm & 3;
  const r =
    rc == 0 ? nearest<f32>(x) : rc == 1 ? floor<f32>(x) : rc == 2 ? ceil<f32>(x) : trunc<f32>(x);
  if (r != x && (imm & 8) == 0) raise(PE);
  return reinterpret<u32>(r);
}
