/**
 * Scalar arithmetic: ADD, SUB, MUL, DIV of SS and SD inlined for ordinary numbers.
 *
 * The host's arithmetic rounds to nearest. It serves where no exception but inexactness can arise
 * (an exponent range excludes the others) and where inexactness needs no attention: SSE_FAST says
 * so, or a quick check proves the result exact. Anything else, zeros included, goes to the library.
 * Conditions are nested, not joined: the compiled code then branches instead of computing them.
 */
import { SSE_ANY, SSE_TRAPPED } from "../cpu/mxcsr";
import { FAULTED, r1Of, r2Of } from "../decode/record";
import { SSE_FAST, XMM } from "../generated/state";
import { frontPointer, isFrontReadable } from "../memory/access";
import { putF32, putF64, sourceOf } from "./sse-access";
import { ADD, DIV, MUL, memoryF32, memoryF64, SQRT, SUB, scalarF32, scalarF64 } from "./sse-lanes";

/** Bits below which both factors must be 0 for a product of 53 bits. */
const PRODUCT_LOW_BITS: u32 = 0x7ffffff;

const NORMAL_MIN_64: f64 = reinterpret<f64>((1 as u64) << 52);
const NORMAL_MIN_32: f32 = reinterpret<f32>(1 << 23);

/** Normal, and small enough that a sum does not overflow. @inline */
function isSummand64(hi: u32): bool {
  return (hi & 0x7fffffff) - (1 << 20) < 0x7fd << 20;
}

/** Such that products and quotients stay far from overflow and underflow. @inline */
function isFactor64(hi: u32): bool {
  return (hi & 0x7fffffff) - (523 << 20) < 1000 << 20;
}

/** @inline */
function isSummand32(bits: u32): bool {
  return (bits & 0x7fffffff) - (1 << 23) < 0xfd << 23;
}

/** @inline */
function isFactor32(bits: u32): bool {
  return (bits & 0x7fffffff) - (67 << 23) < 120 << 23;
}

/** @inline */
function addsd(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isSummand64(load<u32>(slot, XMM + 4))) {
    if (isSummand64(load<u32>(from, 4))) {
      const a = load<f64>(slot, XMM);
      const b = load<f64>(from);
      const r = a + b;
      const mode = load<u32>(SSE_FAST);
      if (mode == SSE_ANY) return putF64(rec, r);
      // A sum is exact when each summand can be had back. A tiny one may have to be flushed or
      // reported even so, and 0 has a sign that depends on rounding.
      if (mode != SSE_TRAPPED) {
        if (r - a == b) {
          if (r - b == a) {
            if (abs<f64>(r) >= NORMAL_MIN_64) return putF64(rec, r);
          }
        }
      }
    }
  }
  return scalarF64(rec, ADD, load<u64>(from));
}

/** @inline */
function addss(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isSummand32(load<u32>(slot, XMM))) {
    if (isSummand32(load<u32>(from))) {
      const a = load<f32>(slot, XMM);
      const b = load<f32>(from);
      const r = a + b;
      const mode = load<u32>(SSE_FAST);
      if (mode == SSE_ANY) return putF32(rec, r);
      // A sum is exact when each summand can be had back. A tiny one may have to be flushed or
      // reported even so, and 0 has a sign that depends on rounding.
      if (mode != SSE_TRAPPED) {
        if (r - a == b) {
          if (r - b == a) {
            if (abs<f32>(r) >= NORMAL_MIN_32) return putF32(rec, r);
          }
        }
      }
    }
  }
  return scalarF32(rec, ADD, load<u32>(from));
}

/** @inline */
function subsd(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isSummand64(load<u32>(slot, XMM + 4))) {
    if (isSummand64(load<u32>(from, 4))) {
      const a = load<f64>(slot, XMM);
      const b = load<f64>(from);
      const r = a - b;
      const mode = load<u32>(SSE_FAST);
      if (mode == SSE_ANY) return putF64(rec, r);
      if (mode != SSE_TRAPPED) {
        if (a - r == b) {
          if (r + b == a) {
            if (abs<f64>(r) >= NORMAL_MIN_64) return putF64(rec, r);
          }
        }
      }
    }
  }
  return scalarF64(rec, SUB, load<u64>(from));
}

/** @inline */
function subss(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isSummand32(load<u32>(slot, XMM))) {
    if (isSummand32(load<u32>(from))) {
      const a = load<f32>(slot, XMM);
      const b = load<f32>(from);
      const r = a - b;
      const mode = load<u32>(SSE_FAST);
      if (mode == SSE_ANY) return putF32(rec, r);
      if (mode != SSE_TRAPPED) {
        if (a - r == b) {
          if (r + b == a) {
            if (abs<f32>(r) >= NORMAL_MIN_32) return putF32(rec, r);
          }
        }
      }
    }
  }
  return scalarF32(rec, SUB, load<u32>(from));
}

/** @inline */
function mulsd(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isFactor64(load<u32>(slot, XMM + 4))) {
    if (isFactor64(load<u32>(from, 4))) {
      const a = load<f64>(slot, XMM);
      const b = load<f64>(from);
      const r = a * b;
      const mode = load<u32>(SSE_FAST);
      if (mode == SSE_ANY) return putF64(rec, r);
      if (mode != SSE_TRAPPED) {
        const low = load<u32>(slot, XMM) | load<u32>(from);
        if ((low & PRODUCT_LOW_BITS) == 0) return putF64(rec, r);
      }
    }
  }
  return scalarF64(rec, MUL, load<u64>(from));
}

/** @inline */
function mulss(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isFactor32(load<u32>(slot, XMM))) {
    if (isFactor32(load<u32>(from))) {
      const a = load<f32>(slot, XMM);
      const b = load<f32>(from);
      const r = a * b;
      const mode = load<u32>(SSE_FAST);
      if (mode == SSE_ANY) return putF32(rec, r);
      // The product of two singles is exact as a double.
      if (mode != SSE_TRAPPED) {
        if (f64(r) == f64(a) * f64(b)) return putF32(rec, r);
      }
    }
  }
  return scalarF32(rec, MUL, load<u32>(from));
}

/** @inline */
function divsd(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isFactor64(load<u32>(slot, XMM + 4))) {
    if (isFactor64(load<u32>(from, 4))) {
      const a = load<f64>(slot, XMM);
      const b = load<f64>(from);
      const r = a / b;
      if (load<u32>(SSE_FAST) == SSE_ANY) return putF64(rec, r);
    }
  }
  return scalarF64(rec, DIV, load<u64>(from));
}

/** @inline */
function divss(rec: u32, from: u32): u32 {
  const slot = r1Of(rec);
  if (isFactor32(load<u32>(slot, XMM))) {
    if (isFactor32(load<u32>(from))) {
      const a = load<f32>(slot, XMM);
      const b = load<f32>(from);
      const r = a / b;
      if (load<u32>(SSE_FAST) == SSE_ANY) return putF32(rec, r);
    }
  }
  return scalarF32(rec, DIV, load<u32>(from));
}

/** ADDSD. @inline */
export function addsdVsdWsdR(rec: u32): u32 {
  return addsd(rec, XMM + r2Of(rec));
}

/** @inline */
export function addsdVsdWsdM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u64>(gla)) return memoryF64(rec, gla, ADD);
  return addsd(rec, frontPointer(gla));
}

/** ADDSS. @inline */
export function addssVssWssR(rec: u32): u32 {
  return addss(rec, XMM + r2Of(rec));
}

/** @inline */
export function addssVssWssM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u32>(gla)) return memoryF32(rec, gla, ADD);
  return addss(rec, frontPointer(gla));
}

/** SUBSD. @inline */
export function subsdVsdWsdR(rec: u32): u32 {
  return subsd(rec, XMM + r2Of(rec));
}

/** @inline */
export function subsdVsdWsdM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u64>(gla)) return memoryF64(rec, gla, SUB);
  return subsd(rec, frontPointer(gla));
}

/** SUBSS. @inline */
export function subssVssWssR(rec: u32): u32 {
  return subss(rec, XMM + r2Of(rec));
}

/** @inline */
export function subssVssWssM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u32>(gla)) return memoryF32(rec, gla, SUB);
  return subss(rec, frontPointer(gla));
}

/** MULSD. @inline */
export function mulsdVsdWsdR(rec: u32): u32 {
  return mulsd(rec, XMM + r2Of(rec));
}

/** @inline */
export function mulsdVsdWsdM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u64>(gla)) return memoryF64(rec, gla, MUL);
  return mulsd(rec, frontPointer(gla));
}

/** MULSS. @inline */
export function mulssVssWssR(rec: u32): u32 {
  return mulss(rec, XMM + r2Of(rec));
}

/** @inline */
export function mulssVssWssM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u32>(gla)) return memoryF32(rec, gla, MUL);
  return mulss(rec, frontPointer(gla));
}

/** DIVSD. @inline */
export function divsdVsdWsdR(rec: u32): u32 {
  return divsd(rec, XMM + r2Of(rec));
}

/** @inline */
export function divsdVsdWsdM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u64>(gla)) return memoryF64(rec, gla, DIV);
  return divsd(rec, frontPointer(gla));
}

/** DIVSS. @inline */
export function divssVssWssR(rec: u32): u32 {
  return divss(rec, XMM + r2Of(rec));
}

/** @inline */
export function divssVssWssM(rec: u32, gla: u64): u32 {
  if (!isFrontReadable<u32>(gla)) return memoryF32(rec, gla, DIV);
  return divss(rec, frontPointer(gla));
}

/** SQRTSD: of a positive normal number it neither overflows nor underflows. */
export function sqrtsdVsd(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  if (from == 0) return FAULTED;
  if (load<u32>(SSE_FAST) == SSE_ANY && load<u32>(from, 4) - 0x100000 < 0x7fe00000) {
    return putF64(rec, sqrt<f64>(load<f64>(from)));
  }
  return scalarF64(rec, SQRT, load<u64>(from));
}

/** SQRTSS. */
export function sqrtssVss(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  if (from == 0) return FAULTED;
  if (load<u32>(SSE_FAST) == SSE_ANY && load<u32>(from) - 0x800000 < 0x7f000000) {
    return putF32(rec, sqrt<f32>(load<f32>(from)));
  }
  return scalarF32(rec, SQRT, load<u32>(from));
}
