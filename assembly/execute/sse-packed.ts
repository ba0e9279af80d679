/**
 * Packed arithmetic, square roots, reciprocals, rounding, and the horizontal forms. The host's SIMD
 * arithmetic serves ordinary numbers while SSE_FAST is set; see sse-scalar.ts for the reasoning.
 */
import { SSE_ANY } from "../cpu/mxcsr";
import { FAULTED, imm32Of } from "../decode/record";
import { rcpF32, rsqrtF32 } from "../fpu/sse-approximate";
import { SSE_FAST } from "../generated/state";
import { dest, put, source, sourceOf } from "./sse-access";
import {
  ADD,
  DIV,
  MUL,
  packedF32,
  packedF64,
  ROUND,
  SQRT,
  SUB,
  scalarF32,
  scalarF64,
} from "./sse-lanes";

/** Lanes, without their sign, from `low` up to below `low + span`, or 0. @inline */
function within32(a: v128, low: u32, span: u32): v128 {
  const magnitude = v128.and(a, i32x4.splat(0x7fffffff));
  return v128.or(
    i32x4.lt_u(i32x4.sub(magnitude, i32x4.splat(low)), i32x4.splat(span)),
    i32x4.eq(magnitude, i32x4.splat(0)),
  );
}

/** @inline */
function within64(a: v128, low: i64, end: i64): v128 {
  const magnitude = v128.and(a, i64x2.splat(0x7fffffffffffffff));
  return v128.or(
    v128.and(i64x2.ge_s(magnitude, i64x2.splat(low)), i64x2.lt_s(magnitude, i64x2.splat(end))),
    i64x2.eq(magnitude, i64x2.splat(0)),
  );
}

/** Zeros, and normal numbers whose sums do not overflow. @inline */
function areSummands32(a: v128): v128 {
  return within32(a, 0x00800000, 0x7e800000);
}

/** Zeros, and numbers whose products and quotients neither overflow nor underflow. @inline */
function areFactors32(a: v128): v128 {
  return within32(a, 67 << 23, 120 << 23);
}

/** @inline */
function areSummands64(a: v128): v128 {
  return within64(a, 0x0010000000000000, 0x7fd0000000000000);
}

/** @inline */
function areFactors64(a: v128): v128 {
  return within64(a, (523 as i64) << 52, (1523 as i64) << 52);
}

/** ADDPS. */
export function addpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(areSummands32(a), areSummands32(b));
    if (i32x4.all_true(ordinary)) return put(rec, f32x4.add(a, b));
  }
  return packedF32(rec, ADD, a, b);
}

/** ADDPD. */
export function addpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(areSummands64(a), areSummands64(b));
    if (i64x2.all_true(ordinary)) return put(rec, f64x2.add(a, b));
  }
  return packedF64(rec, ADD, a, b);
}

/** SUBPS. */
export function subpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(areSummands32(a), areSummands32(b));
    if (i32x4.all_true(ordinary)) return put(rec, f32x4.sub(a, b));
  }
  return packedF32(rec, SUB, a, b);
}

/** SUBPD. */
export function subpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(areSummands64(a), areSummands64(b));
    if (i64x2.all_true(ordinary)) return put(rec, f64x2.sub(a, b));
  }
  return packedF64(rec, SUB, a, b);
}

/** MULPS. */
export function mulpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(areFactors32(a), areFactors32(b));
    if (i32x4.all_true(ordinary)) return put(rec, f32x4.mul(a, b));
  }
  return packedF32(rec, MUL, a, b);
}

/** MULPD. */
export function mulpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(areFactors64(a), areFactors64(b));
    if (i64x2.all_true(ordinary)) return put(rec, f64x2.mul(a, b));
  }
  return packedF64(rec, MUL, a, b);
}

/** DIVPS. */
export function divpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(
      v128.and(areFactors32(a), areFactors32(b)),
      f32x4.ne(b, f32x4.splat(0)),
    );
    if (i32x4.all_true(ordinary)) return put(rec, f32x4.div(a, b));
  }
  return packedF32(rec, DIV, a, b);
}

/** DIVPD. */
export function divpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const ordinary = v128.and(
      v128.and(areFactors64(a), areFactors64(b)),
      f64x2.ne(b, f64x2.splat(0)),
    );
    if (i64x2.all_true(ordinary)) return put(rec, f64x2.div(a, b));
  }
  return packedF64(rec, DIV, a, b);
}

/** SQRTPS. */
export function sqrtpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  if (
    load<u32>(SSE_FAST) == SSE_ANY &&
    i32x4.all_true(v128.and(areSummands32(b), f32x4.ge(b, f32x4.splat(0))))
  ) {
    return put(rec, f32x4.sqrt(b));
  }
  return packedF32(rec, SQRT, b, b);
}

/** SQRTPD. */
export function sqrtpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  if (
    load<u32>(SSE_FAST) == SSE_ANY &&
    i64x2.all_true(v128.and(areSummands64(b), f64x2.ge(b, f64x2.splat(0))))
  ) {
    return put(rec, f64x2.sqrt(b));
  }
  return packedF64(rec, SQRT, b, b);
}

// --- reciprocals: approximations without exceptions ---

/** RCPSS. */
export function rcpssVss(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  if (from == 0) return FAULTED;
  return put(rec, i32x4.replace_lane(dest(rec), 0, rcpF32(load<u32>(from))));
}

/** RSQRTSS. */
export function rsqrtssVss(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  if (from == 0) return FAULTED;
  return put(rec, i32x4.replace_lane(dest(rec), 0, rsqrtF32(load<u32>(from))));
}

/** RCPPS. */
export function rcppsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  let r = i32x4.splat(rcpF32(i32x4.extract_lane(b, 0)));
  r = i32x4.replace_lane(r, 1, rcpF32(i32x4.extract_lane(b, 1)));
  r = i32x4.replace_lane(r, 2, rcpF32(i32x4.extract_lane(b, 2)));
  return put(rec, i32x4.replace_lane(r, 3, rcpF32(i32x4.extract_lane(b, 3))));
}

/** RSQRTPS. */
export function rsqrtpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  let r = i32x4.splat(rsqrtF32(i32x4.extract_lane(b, 0)));
  r = i32x4.replace_lane(r, 1, rsqrtF32(i32x4.extract_lane(b, 1)));
  r = i32x4.replace_lane(r, 2, rsqrtF32(i32x4.extract_lane(b, 2)));
  return put(rec, i32x4.replace_lane(r, 3, rsqrtF32(i32x4.extract_lane(b, 3))));
}

// --- rounding to integral values ---

/** ROUNDPS. */
export function roundpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  return packedF32(rec, ROUND + (imm32Of(rec) & 15), b, b);
}

/** ROUNDPD. */
export function roundpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  return packedF64(rec, ROUND + (imm32Of(rec) & 15), b, b);
}

/** ROUNDSS. */
export function roundssVss(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  return from == 0 ? FAULTED : scalarF32(rec, ROUND + (imm32Of(rec) & 15), load<u32>(from));
}

/** ROUNDSD. */
export function roundsdVsd(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : scalarF64(rec, ROUND + (imm32Of(rec) & 15), load<u64>(from));
}
