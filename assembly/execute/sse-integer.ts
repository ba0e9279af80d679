/** Packed integer addition, subtraction, averages, comparisons, minima and maxima. */
import { FAULTED } from "../decode/record";
import { dest, put, source } from "./sse-access";

/** PADDB. */
export function paddbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.add(dest(rec), v128.load(from)));
}

/** PSUBB. */
export function psubbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.sub(dest(rec), v128.load(from)));
}

/** PADDW. */
export function paddwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.add(dest(rec), v128.load(from)));
}

/** PSUBW. */
export function psubwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.sub(dest(rec), v128.load(from)));
}

/** PADDD. */
export function padddVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.add(dest(rec), v128.load(from)));
}

/** PSUBD. */
export function psubdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.sub(dest(rec), v128.load(from)));
}

/** PADDQ. */
export function paddqVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i64x2.add(dest(rec), v128.load(from)));
}

/** PSUBQ. */
export function psubqVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i64x2.sub(dest(rec), v128.load(from)));
}

/** PADDSB. */
export function paddsbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.add_sat_s(dest(rec), v128.load(from)));
}

/** PADDUSB. */
export function paddusbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.add_sat_u(dest(rec), v128.load(from)));
}

/** PSUBSB. */
export function psubsbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.sub_sat_s(dest(rec), v128.load(from)));
}

/** PSUBUSB. */
export function psubusbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.sub_sat_u(dest(rec), v128.load(from)));
}

/** PAVGB. */
export function pavgbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.avgr_u(dest(rec), v128.load(from)));
}

/** PADDSW. */
export function paddswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.add_sat_s(dest(rec), v128.load(from)));
}

/** PADDUSW. */
export function padduswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.add_sat_u(dest(rec), v128.load(from)));
}

/** PSUBSW. */
export function psubswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.sub_sat_s(dest(rec), v128.load(from)));
}

/** PSUBUSW. */
export function psubuswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.sub_sat_u(dest(rec), v128.load(from)));
}

/** PAVGW. */
export function pavgwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.avgr_u(dest(rec), v128.load(from)));
}

/** PCMPEQB. */
export function pcmpeqbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.eq(dest(rec), v128.load(from)));
}

/** PCMPGTB. */
export function pcmpgtbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.gt_s(dest(rec), v128.load(from)));
}

/** PCMPEQW. */
export function pcmpeqwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.eq(dest(rec), v128.load(from)));
}

/** PCMPGTW. */
export function pcmpgtwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.gt_s(dest(rec), v128.load(from)));
}

/** PCMPEQD. */
export function pcmpeqdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.eq(dest(rec), v128.load(from)));
}

/** PCMPGTD. */
export function pcmpgtdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.gt_s(dest(rec), v128.load(from)));
}

/** PCMPEQQ. */
export function pcmpeqqVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i64x2.eq(dest(rec), v128.load(from)));
}

/** PCMPGTQ. */
export function pcmpgtqVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i64x2.gt_s(dest(rec), v128.load(from)));
}

/** PMINSB. */
export function pminsbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.min_s(dest(rec), v128.load(from)));
}

/** PMAXSB. */
export function pmaxsbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.max_s(dest(rec), v128.load(from)));
}

/** PMINUB. */
export function pminubVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.min_u(dest(rec), v128.load(from)));
}

/** PMAXUB. */
export function pmaxubVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.max_u(dest(rec), v128.load(from)));
}

/** PMINSW. */
export function pminswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.min_s(dest(rec), v128.load(from)));
}

/** PMAXSW. */
export function pmaxswVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.max_s(dest(rec), v128.load(from)));
}

/** PMINUW. */
export function pminuwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.min_u(dest(rec), v128.load(from)));
}

/** PMAXUW. */
export function pmaxuwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.max_u(dest(rec), v128.load(from)));
}

/** PMINSD. */
export function pminsdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.min_s(dest(rec), v128.load(from)));
}

/** PMAXSD. */
export function pmaxsdVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.max_s(dest(rec), v128.load(from)));
}

/** PMINUD. */
export function pminudVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.min_u(dest(rec), v128.load(from)));
}

/** PMAXUD. */
export function pmaxudVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i32x4.max_u(dest(rec), v128.load(from)));
}
