/** The MMX forms of SSSE3: horizontal arithmetic, signs, rounding products, byte shuffles. */
import { FAULTED, imm32Of, r1Of } from "../decode/record";
import { FPR } from "../generated/state";
import { destinationMmx, loadMmx, setMmx, setMmx64, sourceMmx } from "./mmx-state";

/** Words of even place in destination and source, in its low half. @inline */
function evenWords(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 0, 2, 8, 10, 0, 2, 8, 10);
}

/** @inline */
function oddWords(a: v128, b: v128): v128 {
  return v128.shuffle<u16>(a, b, 1, 3, 9, 11, 1, 3, 9, 11);
}

/** @inline */
function evenDwords(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 0, 4, 0, 4);
}

/** @inline */
function oddDwords(a: v128, b: v128): v128 {
  return v128.shuffle<u32>(a, b, 1, 5, 1, 5);
}

export function phaddwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  return setMmx(rec, v128.add<u16>(evenWords(a, b), oddWords(a, b)));
}

export function phadddPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  return setMmx(rec, v128.add<u32>(evenDwords(a, b), oddDwords(a, b)));
}

export function phaddswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  return setMmx(rec, v128.add_sat<i16>(evenWords(a, b), oddWords(a, b)));
}

export function phsubwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  return setMmx(rec, v128.sub<u16>(evenWords(a, b), oddWords(a, b)));
}

export function phsubdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  return setMmx(rec, v128.sub<u32>(evenDwords(a, b), oddDwords(a, b)));
}

export function phsubswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  return setMmx(rec, v128.sub_sat<i16>(evenWords(a, b), oddWords(a, b)));
}

/** Negates, keeps or clears each element of `a` by the sign of that of `b`. @inline */
function withSign<T>(a: v128, b: v128): v128 {
  const negative = v128.shr<T>(b, sizeof<T>() * 8 - 1);
  const signed = v128.sub<T>(v128.xor(a, negative), negative);
  return v128.andnot(signed, v128.eq<T>(b, i64x2.splat(0)));
}

export function psignbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, withSign<i8>(destinationMmx(rec), loadMmx(from)));
}

export function psignwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, withSign<i16>(destinationMmx(rec), loadMmx(from)));
}

export function psigndPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, withSign<i32>(destinationMmx(rec), loadMmx(from)));
}

export function pabsbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.abs<i8>(loadMmx(from)));
}

export function pabswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.abs<i16>(loadMmx(from)));
}

export function pabsdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.abs<i32>(loadMmx(from)));
}

/** Products of signed words, rounded to their bits 30:15. */
export function pmulhrswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const products = i32x4.extmul_low_i16x8_s(destinationMmx(rec), loadMmx(from));
  const rounded = v128.shr<i32>(v128.add<i32>(v128.shr<i32>(products, 14), i32x4.splat(1)), 1);
  // -1 times -1 wraps to -1: the words are cut off, not saturated.
  return setMmx(rec, v128.shuffle<u16>(rounded, rounded, 0, 2, 4, 6, 0, 2, 4, 6));
}

/** Saturated sums of the products of unsigned bytes (destination) and signed ones (source). */
export function pmaddubswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = i16x8.extend_low_i8x16_u(destinationMmx(rec));
  const b = i16x8.extend_low_i8x16_s(loadMmx(from));
  const sums = i32x4.extadd_pairwise_i16x8_s(v128.mul<i16>(a, b));
  return setMmx(rec, i16x8.narrow_i32x4_s(sums, sums));
}

/** Bits 2:0 of each byte of the source choose a byte; bit 7 makes it 0. */
export function pshufbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const order = v128.and(loadMmx(from), i8x16.splat(0x87 as i8));
  return setMmx(rec, v128.swizzle(destinationMmx(rec), order));
}

/** The 64 bits that lie `imm` bytes up in destination:source. */
export function palignrPqQqIb(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const count = imm32Of(rec) as u32;
  const high = load<u64>(r1Of(rec), FPR);
  const low = load<u64>(from);
  if (count == 0) return setMmx64(rec, low);
  if (count >= 16) return setMmx64(rec, 0);
  if (count >= 8) return setMmx64(rec, high >> (((count - 8) * 8) as u64));
  return setMmx64(rec, (low >> ((count * 8) as u64)) | (high << ((64 - count * 8) as u64)));
}
