/**
 * SSE floating-point operations by the library, lane by lane: the way for every operand and every
 * setting of MXCSR. All lanes run before the exceptions are judged.
 */
import { raiseSseTrap } from "../cpu/fault";
import { FAULTED, NEXT, r1Of } from "../decode/record";
import {
  addF32,
  cmpF32,
  divF32,
  maxF32,
  minF32,
  mulF32,
  roundF32,
  sqrtF32,
  subF32,
} from "../fpu/sse-f32";
import {
  addF64,
  cmpF64,
  divF64,
  maxF64,
  minF64,
  mulF64,
  roundF64,
  sqrtF64,
  subF64,
} from "../fpu/sse-f64";
import { sseClear } from "../fpu/status";
import { MXCSR, XMM } from "../generated/state";
import { SCRATCH } from "../layout";
import { readPointer } from "../memory/access";
import { dest, isSseTrapped, put } from "./sse-access";
import { settle } from "./sse-exceptions";

// Operations. Those of one operand take the second.
export const ADD: u32 = 0;
export const SUB: u32 = 1;
export const MUL: u32 = 2;
export const DIV: u32 = 3;
export const MIN: u32 = 4;
export const MAX: u32 = 5;
export const SQRT: u32 = 6;
/** Plus the predicate, 0-7. */
export const CMP: u32 = 8;
/** Plus the low four bits of the immediate. */
export const ROUND: u32 = 16;

/** One operation on singles. */
export function laneF32(op: u32, a: u32, b: u32, mxcsr: u32): u32 {
  switch (op) {
    case ADD:
      return addF32(a, b, mxcsr);
    case SUB:
      return subF32(a, b, mxcsr);
    case MUL:
      return mulF32(a, b, mxcsr);
    case DIV:
      return divF32(a, b, mxcsr);
    case MIN:
      return minF32(a, b, mxcsr);
    case MAX:
      return maxF32(a, b, mxcsr);
    case SQRT:
      return sqrtF32(b, mxcsr);
    default:
      return op >= ROUND ? roundF32(b, op - ROUND, mxcsr) : cmpF32(a, b, op - CMP, mxcsr);
  }
}

/** One operation on doubles. */
export function laneF64(op: u32, a: u64, b: u64, mxcsr: u32): u64 {
  switch (op) {
    case ADD:
      return addF64(a, b, mxcsr);
    case SUB:
      return subF64(a, b, mxcsr);
    case MUL:
      return mulF64(a, b, mxcsr);
    case DIV:
      return divF64(a, b, mxcsr);
    case MIN:
      return minF64(a, b, mxcsr);
    case MAX:
      return maxF64(a, b, mxcsr);
    case SQRT:
      return sqrtF64(b, mxcsr);
    default:
      return op >= ROUND ? roundF64(b, op - ROUND, mxcsr) : cmpF64(a, b, op - CMP, mxcsr);
  }
}

/** The low lane of the destination becomes the outcome with `b`. */
export function scalarF32(rec: u32, op: u32, b: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  sseClear();
  const result = laneF32(op, load<u32>(r1Of(rec), XMM), b, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  return put(rec, i32x4.replace_lane(dest(rec), 0, result));
}

/** The same for doubles. */
export function scalarF64(rec: u32, op: u32, b: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const a = load<u64>(r1Of(rec), XMM);
  if (op == MUL && (a << 1 == 0 || b << 1 == 0) && isFinite64(a) && isFinite64(b)) {
    return put(rec, i64x2.replace_lane(dest(rec), 0, (a ^ b) & 0x8000000000000000));
  }
  sseClear();
  const result = laneF64(op, a, b, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  return put(rec, i64x2.replace_lane(dest(rec), 0, result));
}

/** The same with the operand at `gla`, by the slow way to memory. */
export function memoryF32(rec: u32, gla: u64, op: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u32>(gla, rec);
  return host == 0 ? FAULTED : scalarF32(rec, op, load<u32>(host));
}

export function memoryF64(rec: u32, gla: u64, op: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u64>(gla, rec);
  return host == 0 ? FAULTED : scalarF64(rec, op, load<u64>(host));
}

/** Zero, or normal and finite. @inline */
function isFinite64(bits: u64): bool {
  return ((bits >> 52) & 0x7ff) - 1 < 0x7fe || bits << 1 == 0;
}

/** True when no lane of either is denormal or a NaN: comparisons then raise nothing. @inline */
export function isCleanF32(a: v128, b: v128): bool {
  return i32x4.all_true(v128.and(clean32(a), clean32(b)));
}

/** @inline */
export function isCleanF64(a: v128, b: v128): bool {
  return i64x2.all_true(v128.and(clean64(a), clean64(b)));
}

/** @inline */
function clean32(a: v128): v128 {
  const magnitude = v128.and(a, i32x4.splat(0x7fffffff));
  const normal = i32x4.le_u(i32x4.sub(magnitude, i32x4.splat(0x800000)), i32x4.splat(0x7f000000));
  return v128.or(normal, i32x4.eq(magnitude, i32x4.splat(0)));
}

/** @inline */
function clean64(a: v128): v128 {
  const magnitude = v128.and(a, i64x2.splat(0x7fffffffffffffff));
  const normal = v128.and(
    i64x2.ge_s(magnitude, i64x2.splat(0x10000000000000)),
    i64x2.le_s(magnitude, i64x2.splat(0x7ff0000000000000)),
  );
  return v128.or(normal, i64x2.eq(magnitude, i64x2.splat(0)));
}

const LEFT: u32 = SCRATCH;
const RIGHT: u32 = SCRATCH + 16;
const RESULT: u32 = SCRATCH + 32;

/** Four lanes of singles. @inline */
export function packedF32(rec: u32, op: u32, a: v128, b: v128): u32 {
  v128.store(LEFT, a);
  v128.store(RIGHT, b);
  return runPackedF32(rec, op);
}

export function runPackedF32(rec: u32, op: u32): u32 {
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  for (let i: u32 = 0; i < 16; i += 4) {
    store<u32>(RESULT + i, laneF32(op, load<u32>(LEFT + i), load<u32>(RIGHT + i), mxcsr));
  }
  return settle() != NEXT ? FAULTED : put(rec, v128.load(RESULT));
}

/** Two lanes of doubles. @inline */
export function packedF64(rec: u32, op: u32, a: v128, b: v128): u32 {
  v128.store(LEFT, a);
  v128.store(RIGHT, b);
  return runPackedF64(rec, op);
}

export function runPackedF64(rec: u32, op: u32): u32 {
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  for (let i: u32 = 0; i < 16; i += 8) {
    store<u64>(RESULT + i, laneF64(op, load<u64>(LEFT + i), load<u64>(RIGHT + i), mxcsr));
  }
  return settle() != NEXT ? FAULTED : put(rec, v128.load(RESULT));
}
