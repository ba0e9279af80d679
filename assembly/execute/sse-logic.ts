/** Bitwise operations on XMM registers, PTEST and the blends. */
import { raiseSseTrap } from "../cpu/fault";
import { FLAG_CF, FLAG_ZF, setArithmeticFlags } from "../cpu/flags";
import { FAULTED, imm32Of, NEXT } from "../decode/record";
import { XMM } from "../generated/state";
import { dest, isSseTrapped, put, readAligned, register2, source } from "./sse-access";

/** PAND, ANDPS, ANDPD. @inline */
export function pandVxWxR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, v128.and(dest(rec), register2(rec)));
}

/** @inline */
export function pandVxWxM(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readAligned(gla, rec);
  return host == 0 ? FAULTED : put(rec, v128.and(dest(rec), v128.load(host)));
}

/** POR, ORPS, ORPD. @inline */
export function porVxWxR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, v128.or(dest(rec), register2(rec)));
}

/** @inline */
export function porVxWxM(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readAligned(gla, rec);
  return host == 0 ? FAULTED : put(rec, v128.or(dest(rec), v128.load(host)));
}

/** PXOR, XORPS, XORPD. @inline */
export function pxorVxWxR(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  return put(rec, v128.xor(dest(rec), register2(rec)));
}

/** @inline */
export function pxorVxWxM(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readAligned(gla, rec);
  return host == 0 ? FAULTED : put(rec, v128.xor(dest(rec), v128.load(host)));
}

/** PANDN, ANDNPS, ANDNPD: it is the destination that is inverted. */
export function pandnVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, v128.andnot(v128.load(from), dest(rec)));
}

/** PTEST: ZF when source and destination share no bit, CF when the destination covers the source. */
export function ptestVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const zf: u32 = v128.any_true(v128.and(a, b)) ? 0 : FLAG_ZF;
  const cf: u32 = v128.any_true(v128.andnot(b, a)) ? 0 : FLAG_CF;
  setArithmeticFlags(zf | cf);
  return NEXT;
}

/** Sixteen bytes whose bits choose from the source. @inline */
function blend(rec: u32, from: u32, mask: v128): u32 {
  return put(rec, v128.bitselect(v128.load(from), dest(rec), mask));
}

/** PBLENDVB: the mask is XMM0. */
export function pblendvbVdq(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : blend(rec, from, i8x16.shr_s(v128.load(XMM), 7));
}

/** BLENDVPS. */
export function blendvpsVps(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : blend(rec, from, i32x4.shr_s(v128.load(XMM), 31));
}

/** BLENDVPD. */
export function blendvpdVpd(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : blend(rec, from, i64x2.shr_s(v128.load(XMM), 63));
}

/** BLENDPS: an immediate bit for each lane. */
export function blendpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const bits = v128.and(i32x4.splat(imm32Of(rec)), i32x4(1, 2, 4, 8));
  return blend(rec, from, i32x4.ne(bits, i32x4.splat(0)));
}

/** BLENDPD. */
export function blendpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const bits = v128.and(i64x2.splat(imm32Of(rec) as i64), i64x2(1, 2));
  return blend(rec, from, i64x2.ne(bits, i64x2.splat(0)));
}

/** PBLENDW. */
export function pblendwVdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const bits = v128.and(i16x8.splat(imm32Of(rec) as i16), i16x8(1, 2, 4, 8, 16, 32, 64, 128));
  return blend(rec, from, i16x8.ne(bits, i16x8.splat(0)));
}
