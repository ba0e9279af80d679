/**
 * Scalar double-precision SSE arithmetic on bit patterns. Exceptions accumulate in fpFlags; when
 * one of them is unmasked in `mxcsr` the returned value is meaningless and must not be written.
 *
 * With round-to-nearest and ordinary numbers the host's own arithmetic gives the value, and an
 * error-free check tells whether it is exact; everything else goes through integer arithmetic.
 */
import { isNormalF64, isPlainF64, isPlainResultF64, MXCSR_DAZ, MXCSR_RC } from "./sse-operand";
import { ADD, DIV, MUL, SUB, softBinary, softSqrt } from "./sse-soft";
import { DE, IE, PE, raise } from "./status";

const INF: u64 = 0x7ff0000000000000;
const MAGNITUDE: u64 = 0x7fffffffffffffff;
const SIGN: u64 = 0x8000000000000000;
const FRACTION: u64 = 0xfffffffffffff;
const HIDDEN: u64 = 0x10000000000000;
const QUIET: u64 = 0x8000000000000;

/** @inline */
function f(bits: u64): f64 {
  return reinterpret<f64>(bits);
}

/** Error term of x + y = r (Knuth's TwoSum). @inline */
function sumError(x: f64, y: f64, r: f64): f64 {
  const yy = r - x;
  return x - (r - yy) + (y - yy);
}

/**
 * True if the product of two normal numbers, rounded to r, is exact: it has 105 or 106 bits,
 * less the trailing zeros of both factors, and 53 of them fit.
 */
function isExactProduct(a: u64, b: u64, r: u64): bool {
  const zeros = ctz<u64>((a & FRACTION) | HIDDEN) + ctz<u64>((b & FRACTION) | HIDDEN);
  const e = ((a >> 52) & 0x7ff) + ((b >> 52) & 0x7ff) - 0x3ff;
  return zeros + 53 >= (((r >> 52) & 0x7ff) == e ? 105 : 106);
}

/** ADDSD. */
export function addF64(a: u64, b: u64, mxcsr: u32): u64 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF64(a) && isPlainF64(b)) {
    const r = f(a) + f(b);
    const bits = reinterpret<u64>(r);
    if (isPlainResultF64(bits) || r == 0) {
      if (sumError(f(a), f(b), r) != 0) raise(PE);
      return bits;
    }
  }
  return softBinary(ADD, a, b, mxcsr, true);
}

/** SUBSD. */
export function subF64(a: u64, b: u64, mxcsr: u32): u64 {
  if ((mxcsr & MXCSR_RC) == 0 && isPlainF64(a) && isPlainF64(b)) {
    const r = f(a) - f(b);
    const bits = reinterpret<u64>(r);
    if (isPlainResultF64(bits) || r == 0) {
      if (sumError(f(a), -f(b), r) != 0) raise(PE);
      return bits;
    }
  }
  return softBinary(SUB, a, b, mxcsr, true);
}

/** MULSD. */
export function mulF64(a: u64, b: u64, mxcsr: u32): u64 {
  if ((mxcsr & MXCSR_RC) == 0 && isNormalF64(a) && isNormalF64(b)) {
    const bits = reinterpret<u64>(f(a) * f(b));
    if (isPlainResultF64(bits)) {
      if (!isExactProduct(a, b, bits)) raise(PE);
      return bits;
    }
  }
  return softBinary(MUL, a, b, mxcsr, true);
}

/** DIVSD. */
export function divF64(a: u64, b: u64, mxcsr: u32): u64 {
  if ((mxcsr & MXCSR_RC) == 0 && isNormalF64(a) && isNormalF64(b)) {
    const r = f(a) / f(b);
    const bits = reinterpret<u64>(r);
    if (isPlainResultF64(bits)) {
      if (r * f(b) != f(a) || !isExactProduct(bits, b, a)) raise(PE);
      return bits;
    }
  }
  return softBinary(DIV, a, b, mxcsr, true);
}

/** SQRTSD. */
export function sqrtF64(a: u64, mxcsr: u32): u64 {
  if ((mxcsr & MXCSR_RC) == 0 && isNormalF64(a) && i64(a) >= 0) {
    const r = sqrt<f64>(f(a));
    const bits = reinterpret<u64>(r);
    if (r * r != f(a) || !isExactProduct(bits, bits, a)) raise(PE);
    return bits;
  }
  return softSqrt(a, mxcsr, true);
}

/** True for any NaN. @inline */
function isNaN64(a: u64): bool {
  return (a & MAGNITUDE) > INF;
}

/** @inline */
function isSignaling64(a: u64): bool {
  return isNaN64(a) && (a & QUIET) == 0;
}

/** @inline */
function isDenormal64(a: u64): bool {
  return (a & MAGNITUDE) - 1 < FRACTION;
}

/** The operand as DAZ makes it. @inline */
function flushed(a: u64, mxcsr: u32): u64 {
  return (mxcsr & MXCSR_DAZ) != 0 && isDenormal64(a) ? a & SIGN : a;
}

/** MINSD: the second operand unless the first is less; any NaN is invalid. */
export function minF64(a: u64, b: u64, mxcsr: u32): u64 {
  if (isNaN64(a) || isNaN64(b)) {
    raise(IE);
    return flushed(b, mxcsr);
  }
  const x = flushed(a, mxcsr);
  const y = flushed(b, mxcsr);
  if (isDenormal64(x) || isDenormal64(y)) raise(DE);
  return f(x) < f(y) ? x : y;
}

/** MAXSD: the second operand unless the first is greater; any NaN is invalid. */
export function maxF64(a: u64, b: u64, mxcsr: u32): u64 {
  if (isNaN64(a) || isNaN64(b)) {
    raise(IE);
    return flushed(b, mxcsr);
  }
  const x = flushed(a, mxcsr);
  const y = flushed(b, mxcsr);
  if (isDenormal64(x) || isDenormal64(y)) raise(DE);
  return f(x) > f(y) ? x : y;
}

/** CMPSD with predicate 0-7 (EQ, LT, LE, UNORD, NEQ, NLT, NLE, ORD): all ones or zero. */
export function cmpF64(a: u64, b: u64, predicate: u32, mxcsr: u32): u64 {
  const kind = predicate & 3;
  let holds: bool;
  if (isNaN64(a) || isNaN64(b)) {
    // LT, LE, NLT and NLE signal for quiet NaNs too.
    if (kind == 1 || kind == 2 || isSignaling64(a) || isSignaling64(b)) raise(IE);
    holds = kind == 3;
  } else {
    const x = flushed(a, mxcsr);
    const y = flushed(b, mxcsr);
    if (isDenormal64(x) || isDenormal64(y)) raise(DE);
    holds = kind == 0 ? f(x) == f(y) : kind == 1 ? f(x) < f(y) : kind == 2 ? f(x) <= f(y) : false;
  }
  return holds == ((predicate & 4) == 0) ? ~(<u64>0) : 0;
}

/**
 * COMISD and, with `quiet`, UCOMISD. Returns ZF (0x40), PF (0x04) and CF (0x01) of EFLAGS.
 */
export function comiF64(a: u64, b: u64, quiet: bool, mxcsr: u32): u32 {
  if (isNaN64(a) || isNaN64(b)) {
    if (!quiet || isSignaling64(a) || isSignaling64(b)) raise(IE);
    return 0x45;
  }
  const x = flushed(a, mxcsr);
  const y = flushed(b, mxcsr);
  if (isDenormal64(x) || isDenormal64(y)) raise(DE);
  return f(x) == f(y) ? 0x40 : f(x) < f(y) ? 0x01 : 0;
}

/**
 * ROUNDSD. Bit 2 of `imm` takes the rounding control from MXCSR instead of bits 1:0, bit 3
 * suppresses the precision exception. A denormal operand is not reported.
 */
export function roundF64(a: u64, imm: u32, mxcsr: u32): u64 {
  if (isNaN64(a)) {
    if ((a & QUIET) == 0) raise(IE);
    return a | QUIET;
  }
  const x = f(flushed(a, mxcsr));
  const rc = (imm & 4) != 0 ? (mxcsr >> 13) & 3 : imm & 3;
  const r =
    rc == 0 ? nearest<f64>(x) : rc == 1 ? floor<f64>(x) : rc == 2 ? ceil<f64>(x) : trunc<f64>(x);
  if (r != x && (imm & 8) == 0) raise(PE);
  return reinterpret<u64>(r);
}
