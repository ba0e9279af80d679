/** Packed integer multiplication, sums of products and differences, horizontal forms, signs. */
import { FAULTED, imm32Of } from "../decode/record";
import { dest, put, source } from "./sse-access";

/** The upper words of two vectors of doublewords. @inline */
function upperWords(low: v128, high: v128): v128 {
  return i16x8.shuffle(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
}

/** Even words of two vectors. @inline */
function evenWords(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 2, 4, 6, 8, 10, 12, 14);
}

/** Odd words of two vectors. @inline */
function oddWords(a: v128, b: v128): v128 {
  return upperWords(a, b);
}

/** PMULLW. */
export function pmullwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.mul(dest(rec), v128.load(from)));
}

/** PMULLD. */
export function pmulldVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.mul(dest(rec), v128.load(from)));
}

/** PMULHW. */
export function pmulhwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const low = i32x4.extmul_low_i16x8_s(a, b);
  return put(rec, upperWords(low, i32x4.extmul_high_i16x8_s(a, b)));
}

/** PMULHUW. */
export function pmulhuwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const low = i32x4.extmul_low_i16x8_u(a, b);
  return put(rec, upperWords(low, i32x4.extmul_high_i16x8_u(a, b)));
}

/** PMULHRSW. */
export function pmulhrswVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  // The host saturates where the product of the two least words wraps.
  const least = v128.and(i16x8.eq(a, i16x8.splat(-0x8000)), i16x8.eq(b, i16x8.splat(-0x8000)));
  return put(rec, v128.xor(i16x8.q15mulr_sat_s(a, b), least));
}

/** PMULUDQ. */
export function pmuludqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const even = i32x4.shuffle(a, a, 0, 2, 0, 2);
  return put(rec, i64x2.extmul_low_i32x4_u(even, i32x4.shuffle(b, b, 0, 2, 0, 2)));
}

/** PMULDQ. */
export function pmuldqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const even = i32x4.shuffle(a, a, 0, 2, 0, 2);
  return put(rec, i64x2.extmul_low_i32x4_s(even, i32x4.shuffle(b, b, 0, 2, 0, 2)));
}

/** PMADDWD. */
export function pmaddwdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.dot_i16x8_s(dest(rec), v128.load(from)));
}

/** PMADDUBSW: unsigned bytes of the destination by signed bytes of the source. */
export function pmaddubswVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const even = i16x8.mul(v128.and(a, i16x8.splat(0xff)), i16x8.shr_s(i16x8.shl(b, 8), 8));
  const odd = i16x8.mul(i16x8.shr_u(a, 8), i16x8.shr_s(b, 8));
  return put(rec, i16x8.add_sat_s(even, odd));
}

/** PSADBW. */
export function psadbwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const difference = v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(difference));
  const odd = i64x2.shr_u(sums, 32);
  return put(rec, i64x2.add(v128.and(sums, i64x2.splat(0xffffffff)), odd));
}

/** PHADDW. */
export function phaddwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i16x8.add(evenWords(a, b), oddWords(a, b)));
}

/** PHADDSW. */
export function phaddswVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i16x8.add_sat_s(evenWords(a, b), oddWords(a, b)));
}

/** PHSUBW. */
export function phsubwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i16x8.sub(evenWords(a, b), oddWords(a, b)));
}

/** PHSUBSW. */
export function phsubswVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i16x8.sub_sat_s(evenWords(a, b), oddWords(a, b)));
}

/** PHADDD. */
export function phadddVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const even = i32x4.shuffle(a, b, 0, 2, 4, 6);
  return put(rec, i32x4.add(even, i32x4.shuffle(a, b, 1, 3, 5, 7)));
}

/** PHSUBD. */
export function phsubdVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const even = i32x4.shuffle(a, b, 0, 2, 4, 6);
  return put(rec, i32x4.sub(even, i32x4.shuffle(a, b, 1, 3, 5, 7)));
}

/** PABSB. */
export function pabsbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.abs(v128.load(from)));
}

/** PABSW. */
export function pabswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.abs(v128.load(from)));
}

/** PABSD. */
export function pabsdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.abs(v128.load(from)));
}

/** PSIGNB: negated, cleared or kept by the sign of the source. */
export function psignbVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const negative = i8x16.shr_s(b, 7);
  const signed = i8x16.sub(v128.xor(a, negative), negative);
  return put(rec, v128.andnot(signed, i8x16.eq(b, i8x16.splat(0))));
}

/** PSIGNW: negated, cleared or kept by the sign of the source. */
export function psignwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const negative = i16x8.shr_s(b, 15);
  const signed = i16x8.sub(v128.xor(a, negative), negative);
  return put(rec, v128.andnot(signed, i16x8.eq(b, i16x8.splat(0))));
}

/** PSIGND: negated, cleared or kept by the sign of the source. */
export function psigndVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const negative = i32x4.shr_s(b, 31);
  const signed = i32x4.sub(v128.xor(a, negative), negative);
  return put(rec, v128.andnot(signed, i32x4.eq(b, i32x4.splat(0))));
}

/** PHMINPOSUW: the least word and the index of its first place. */
export function phminposuwVdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  let least: u32 = 0x10000;
  let index: u32 = 0;
  for (let i: u32 = 0; i < 8; i++) {
    const word = load<u16>(from + (i << 1)) as u32;
    if (word < least) {
      least = word;
      index = i;
    }
  }
  return put(rec, i32x4.replace_lane(i32x4.splat(0), 0, least | (index << 16)));
}

/** Eight bytes that start at byte `shift` of `a`, as words. @inline */
function window(a: v128, indices: v128, shift: u32): v128 {
  const bytes = i8x16.swizzle(a, i8x16.add(indices, i8x16.splat(shift as i8)));
  return i16x8.extend_low_i8x16_u(bytes);
}

/**
 * MPSADBW: differences of four source bytes, chosen by imm8[1:0], to eight overlapping groups of
 * the destination, which start at byte 0 or, by imm8[2], 4.
 */
export function mpsadbwVdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const imm = imm32Of(rec);
  const start: u32 = imm & 4;
  const block: u32 = (imm & 3) << 2;
  const indices = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  let sum = i16x8.splat(0);
  for (let i: u32 = 0; i < 4; i++) {
    const byte = i8x16.swizzle(b, i8x16.splat((block + i) as i8));
    const difference = i16x8.sub(window(a, indices, start + i), i16x8.extend_low_i8x16_u(byte));
    sum = i16x8.add(sum, i16x8.abs(difference));
  }
  return put(rec, sum);
}
