/** Packed shifts, by a count of 64 bits or an immediate, and shifts of the whole register. */
import { raiseSseTrap } from "../cpu/fault";
import { FAULTED, imm32Of, NEXT, r2Of } from "../decode/record";
import { XMM } from "../generated/state";
import { dest, isSseTrapped, put, register2, source } from "./sse-access";

const INDICES: v128 = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);

/** Writes the register of ModRM.rm, which is the destination of the immediate forms. @inline */
function put2(rec: u32, value: v128): u32 {
  v128.store(r2Of(rec), value, XMM);
  return NEXT;
}

/** The count of a shift to nothing: all of its 64 bits matter. @inline */
function countAt(from: u32): u64 {
  return load<u64>(from);
}

/** PSLLW. */
export function psllwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = countAt(from);
  return put(rec, count >= 16 ? i64x2.splat(0) : i16x8.shl(dest(rec), count as i32));
}

export function psllwUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = imm32Of(rec);
  return put2(rec, count >= 16 ? i64x2.splat(0) : i16x8.shl(register2(rec), count));
}

/** PSRLW. */
export function psrlwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = countAt(from);
  return put(rec, count >= 16 ? i64x2.splat(0) : i16x8.shr_u(dest(rec), count as i32));
}

export function psrlwUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = imm32Of(rec);
  return put2(rec, count >= 16 ? i64x2.splat(0) : i16x8.shr_u(register2(rec), count));
}

/** PSRAW: greater counts leave the sign. */
export function psrawVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.shr_s(dest(rec), min<u64>(countAt(from), 15) as i32));
}

export function psrawUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put2(rec, i16x8.shr_s(register2(rec), min<i32>(imm32Of(rec), 15)));
}

/** PSLLD. */
export function pslldVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = countAt(from);
  return put(rec, count >= 32 ? i64x2.splat(0) : i32x4.shl(dest(rec), count as i32));
}

export function pslldUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = imm32Of(rec);
  return put2(rec, count >= 32 ? i64x2.splat(0) : i32x4.shl(register2(rec), count));
}

/** PSRLD. */
export function psrldVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = countAt(from);
  return put(rec, count >= 32 ? i64x2.splat(0) : i32x4.shr_u(dest(rec), count as i32));
}

export function psrldUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = imm32Of(rec);
  return put2(rec, count >= 32 ? i64x2.splat(0) : i32x4.shr_u(register2(rec), count));
}

/** PSRAD: greater counts leave the sign. */
export function psradVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.shr_s(dest(rec), min<u64>(countAt(from), 31) as i32));
}

export function psradUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put2(rec, i32x4.shr_s(register2(rec), min<i32>(imm32Of(rec), 31)));
}

/** PSLLQ. */
export function psllqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = countAt(from);
  return put(rec, count >= 64 ? i64x2.splat(0) : i64x2.shl(dest(rec), count as i32));
}

export function psllqUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = imm32Of(rec);
  return put2(rec, count >= 64 ? i64x2.splat(0) : i64x2.shl(register2(rec), count));
}

/** PSRLQ. */
export function psrlqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = countAt(from);
  return put(rec, count >= 64 ? i64x2.splat(0) : i64x2.shr_u(dest(rec), count as i32));
}

export function psrlqUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = imm32Of(rec);
  return put2(rec, count >= 64 ? i64x2.splat(0) : i64x2.shr_u(register2(rec), count));
}

/** PSLLDQ: an index below 0 selects a zero. */
export function pslldqUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = i8x16.splat(min<i32>(imm32Of(rec), 16) as i8);
  return put2(rec, i8x16.swizzle(register2(rec), i8x16.sub(INDICES, count)));
}

/** PSRLDQ: so does one above 15. */
export function psrldqUxIb(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const count = i8x16.splat(min<i32>(imm32Of(rec), 16) as i8);
  return put2(rec, i8x16.swizzle(register2(rec), i8x16.add(INDICES, count)));
}

/** PALIGNR: 16 bytes of destination and source joined, from byte imm8 of the source. */
export function palignrVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const count = min<i32>(imm32Of(rec), 32);
  const low = i8x16.swizzle(v128.load(from), i8x16.add(INDICES, i8x16.splat(count as i8)));
  const high = i8x16.swizzle(dest(rec), i8x16.add(INDICES, i8x16.splat((count - 16) as i8)));
  return put(rec, v128.or(low, high));
}
