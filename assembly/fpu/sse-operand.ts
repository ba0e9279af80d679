/** Classes of SSE operands, and the predicates by which hot paths skip the exact functions. */
import { DE, fpFlags, fpMasks, IE, ZE } from "./status";

/** MXCSR bits. */
export const MXCSR_DAZ: u32 = 0x0040;
export const MXCSR_RC: u32 = 0x6000;

// Operand classes, in an order that lets `>= QNAN` mean any NaN.
export const ZERO: u32 = 0;
export const DENORMAL: u32 = 1;
export const NORMAL: u32 = 2;
export const INFINITY: u32 = 3;
export const QNAN: u32 = 4;
export const SNAN: u32 = 5;

/** Sign of the operand last classified: 0 or 0x8000. */
export let cSign: u32 = 0;
/** Its exponent with bias 16383; meaningful for finite non-zero operands. */
export let cExp: i32 = 0;
/** Its significand with bit 63 set. */
export let cSig: u64 = 0;

/**
 * Finite operand of the f64 fast paths: zero, or normal and not next to overflow, so that no
 * intermediate of an error-free transform overflows. @inline
 */
export function isPlainF64(bits: u64): bool {
  return u32((bits >> 52) & 0x7ff) - 1 < 0x7fd || bits << 1 == 0;
}

/**
 * Result of an f64 operation on plain operands that can have raised no exception but PE.
 * The smallest binade is left out: a result there may have been tiny before rounding. A zero is
 * left out too, since a product may have underflowed to it. @inline
 */
export function isPlainResultF64(bits: u64): bool {
  return u32((bits >> 52) & 0x7ff) - 2 < 0x7fb;
}

/** @inline */
export function isPlainF32(bits: u32): bool {
  return ((bits >> 23) & 0xff) - 1 < 0xfd || bits << 1 == 0;
}

/** @inline */
export function isPlainResultF32(bits: u32): bool {
  return ((bits >> 23) & 0xff) - 2 < 0xfb;
}

/** Normal and not next to overflow. @inline */
export function isNormalF64(bits: u64): bool {
  return u32((bits >> 52) & 0x7ff) - 1 < 0x7fd;
}

/** @inline */
export function isNormalF32(bits: u32): bool {
  return ((bits >> 23) & 0xff) - 1 < 0xfd;
}

/**
 * True when an exception found before the computation is unmasked, so that none takes place. What
 * the computations of earlier lanes raised does not count: all lanes are computed.
 */
export function sseBlocked(): bool {
  return (fpFlags & ~fpMasks & (IE | DE | ZE)) != 0;
}

/** Class of a 64-bit operand; sign, exponent and significand go to cSign, cExp and cSig. */
export function classifyF64(bits: u64, mxcsr: u32): u32 {
  cSign = u32(bits >> 48) & 0x8000;
  const e = i32((bits >> 52) & 0x7ff);
  const fraction = (bits & 0xfffffffffffff) << 11;
  if (e == 0x7ff) return fraction == 0 ? INFINITY : (fraction >> 62) & 1 ? QNAN : SNAN;
  if (e != 0) {
    cExp = e + (0x3fff - 0x3ff);
    cSig = fraction | 0x8000000000000000;
    return NORMAL;
  }
  cSig = 0;
  if (fraction == 0 || (mxcsr & MXCSR_DAZ) != 0) return ZERO;
  const n = clz<u64>(fraction);
  cSig = fraction << n;
  cExp = 0x3fff - 0x3fe - i32(n);
  return DENORMAL;
}

/** Class of a 32-bit operand. */
export function classifyF32(bits: u32, mxcsr: u32): u32 {
  cSign = (bits >> 16) & 0x8000;
  const e = i32((bits >> 23) & 0xff);
  const fraction = u64(bits & 0x7fffff) << 40;
  if (e == 0xff) return fraction == 0 ? INFINITY : (fraction >> 62) & 1 ? QNAN : SNAN;
  if (e != 0) {
    cExp = e + (0x3fff - 0x7f);
    cSig = fraction | 0x8000000000000000;
    return NORMAL;
  }
  cSig = 0;
  if (fraction == 0 || (mxcsr & MXCSR_DAZ) != 0) return ZERO;
  const n = clz<u64>(fraction);
  cSig = fraction << n;
  cExp = 0x3fff - 0x7e - i32(n);
  return DENORMAL;
}

/** @inline */
export function classify(bits: u64, mxcsr: u32, double: bool): u32 {
  return double ? classifyF64(bits, mxcsr) : classifyF32(u32(bits), mxcsr);
}
