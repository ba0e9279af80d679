/** MMX logic and shifts. */
import { FAULTED, imm32Of, NEXT, r2Of } from "../decode/record";
import { FPR } from "../generated/state";
import {
  destinationMmx,
  enterMmx,
  loadMmx,
  readyMmx,
  setMmx,
  sourceMmx,
  writeMmx,
} from "./mmx-state";

export function pandPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.and(destinationMmx(rec), loadMmx(from)));
}

/** The destination is the operand that is inverted. */
export function pandnPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.andnot(loadMmx(from), destinationMmx(rec)));
}

export function porPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.or(destinationMmx(rec), loadMmx(from)));
}

export function pxorPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.xor(destinationMmx(rec), loadMmx(from)));
}

export const SHIFT_LEFT: u32 = 0;
export const SHIFT_LOGICAL: u32 = 1;
export const SHIFT_ARITHMETIC: u32 = 2;

/**
 * Shifts each element of `sizeof<T>()` bytes. A count above the width gives 0, or the sign in every
 * bit. @inline
 */
function shifted<T>(value: v128, count: u64, kind: u32): v128 {
  const bits: u64 = sizeof<T>() * 8;
  if (kind == SHIFT_ARITHMETIC) return v128.shr<T>(value, min<u64>(count, bits - 1) as i32);
  if (count >= bits) return i64x2.splat(0);
  return kind == SHIFT_LEFT ? v128.shl<T>(value, count as i32) : v128.shr<T>(value, count as i32);
}

/** Shift of signed (arithmetic) or unsigned elements T by the 64-bit count in Q. @inline */
function shiftBySource<T>(rec: u32, kind: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, shifted<T>(destinationMmx(rec), load<u64>(from), kind));
}

/** Shift of the register N by the immediate count. @inline */
function shiftByImmediate<T>(rec: u32, kind: u32): u32 {
  if (!readyMmx()) return FAULTED;
  const register = r2Of(rec);
  const result = shifted<T>(loadMmx(FPR + register), imm32Of(rec) as u64, kind);
  writeMmx(register, v128.extract_lane<u64>(result, 0));
  enterMmx();
  return NEXT;
}

export function psllwPqQq(rec: u32): u32 {
  return shiftBySource<u16>(rec, SHIFT_LEFT);
}

export function psllwNqIb(rec: u32): u32 {
  return shiftByImmediate<u16>(rec, SHIFT_LEFT);
}

export function pslldPqQq(rec: u32): u32 {
  return shiftBySource<u32>(rec, SHIFT_LEFT);
}

export function pslldNqIb(rec: u32): u32 {
  return shiftByImmediate<u32>(rec, SHIFT_LEFT);
}

export function psllqPqQq(rec: u32): u32 {
  return shiftBySource<u64>(rec, SHIFT_LEFT);
}

export function psllqNqIb(rec: u32): u32 {
  return shiftByImmediate<u64>(rec, SHIFT_LEFT);
}

export function psrlwPqQq(rec: u32): u32 {
  return shiftBySource<u16>(rec, SHIFT_LOGICAL);
}

export function psrlwNqIb(rec: u32): u32 {
  return shiftByImmediate<u16>(rec, SHIFT_LOGICAL);
}

export function psrldPqQq(rec: u32): u32 {
  return shiftBySource<u32>(rec, SHIFT_LOGICAL);
}

export function psrldNqIb(rec: u32): u32 {
  return shiftByImmediate<u32>(rec, SHIFT_LOGICAL);
}

export function psrlqPqQq(rec: u32): u32 {
  return shiftBySource<u64>(rec, SHIFT_LOGICAL);
}

export function psrlqNqIb(rec: u32): u32 {
  return shiftByImmediate<u64>(rec, SHIFT_LOGICAL);
}

export function psrawPqQq(rec: u32): u32 {
  return shiftBySource<i16>(rec, SHIFT_ARITHMETIC);
}

export function psrawNqIb(rec: u32): u32 {
  return shiftByImmediate<i16>(rec, SHIFT_ARITHMETIC);
}

export function psradPqQq(rec: u32): u32 {
  return shiftBySource<i32>(rec, SHIFT_ARITHMETIC);
}

export function psradNqIb(rec: u32): u32 {
  return shiftByImmediate<i32>(rec, SHIFT_ARITHMETIC);
}
