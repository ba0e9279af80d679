/** MMX addition, subtraction, multiplication, comparison, average, minimum, maximum. */
import { FAULTED } from "../decode/record";
import { destinationMmx, loadMmx, setMmx, setMmx64, sourceMmx } from "./mmx-state";

// --- addition and subtraction, wrapping and saturating ---

export function paddbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add<u8>(destinationMmx(rec), loadMmx(from)));
}

export function paddwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add<u16>(destinationMmx(rec), loadMmx(from)));
}

export function padddPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add<u32>(destinationMmx(rec), loadMmx(from)));
}

export function paddqPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add<u64>(destinationMmx(rec), loadMmx(from)));
}

export function paddsbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add_sat<i8>(destinationMmx(rec), loadMmx(from)));
}

export function paddswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add_sat<i16>(destinationMmx(rec), loadMmx(from)));
}

export function paddusbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add_sat<u8>(destinationMmx(rec), loadMmx(from)));
}

export function padduswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.add_sat<u16>(destinationMmx(rec), loadMmx(from)));
}

export function psubbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub<u8>(destinationMmx(rec), loadMmx(from)));
}

export function psubwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub<u16>(destinationMmx(rec), loadMmx(from)));
}

export function psubdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub<u32>(destinationMmx(rec), loadMmx(from)));
}

export function psubqPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub<u64>(destinationMmx(rec), loadMmx(from)));
}

export function psubsbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub_sat<i8>(destinationMmx(rec), loadMmx(from)));
}

export function psubswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub_sat<i16>(destinationMmx(rec), loadMmx(from)));
}

export function psubusbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub_sat<u8>(destinationMmx(rec), loadMmx(from)));
}

export function psubuswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.sub_sat<u16>(destinationMmx(rec), loadMmx(from)));
}

// --- multiplication ---

export function pmullwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.mul<u16>(destinationMmx(rec), loadMmx(from)));
}

/** The upper halves of the products of signed words. */
export function pmulhwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const products = i32x4.extmul_low_i16x8_s(destinationMmx(rec), loadMmx(from));
  const upper = v128.shr<i32>(products, 16);
  return setMmx(rec, i16x8.narrow_i32x4_s(upper, upper));
}

export function pmulhuwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const products = i32x4.extmul_low_i16x8_u(destinationMmx(rec), loadMmx(from));
  const upper = v128.shr<u32>(products, 16);
  return setMmx(rec, i16x8.narrow_i32x4_u(upper, upper));
}

export function pmuludqPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, i64x2.extmul_low_i32x4_u(destinationMmx(rec), loadMmx(from)));
}

/** Sums of the products of neighbouring words. */
export function pmaddwdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, i32x4.dot_i16x8_s(destinationMmx(rec), loadMmx(from)));
}

/** Sum of the absolute differences of bytes. */
export function psadbwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  const a = destinationMmx(rec);
  const b = loadMmx(from);
  const distance = v128.or(v128.sub_sat<u8>(a, b), v128.sub_sat<u8>(b, a));
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(distance));
  return setMmx64(rec, (i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1)) as u64);
}

// --- average, minimum, maximum ---

export function pavgbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.avgr<u8>(destinationMmx(rec), loadMmx(from)));
}

export function pavgwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.avgr<u16>(destinationMmx(rec), loadMmx(from)));
}

export function pmaxubPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.max<u8>(destinationMmx(rec), loadMmx(from)));
}

export function pmaxswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.max<i16>(destinationMmx(rec), loadMmx(from)));
}

export function pminubPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.min<u8>(destinationMmx(rec), loadMmx(from)));
}

export function pminswPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.min<i16>(destinationMmx(rec), loadMmx(from)));
}

// --- comparison ---

export function pcmpeqbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.eq<u8>(destinationMmx(rec), loadMmx(from)));
}

export function pcmpeqwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.eq<u16>(destinationMmx(rec), loadMmx(from)));
}

export function pcmpeqdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.eq<u32>(destinationMmx(rec), loadMmx(from)));
}

export function pcmpgtbPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.gt<i8>(destinationMmx(rec), loadMmx(from)));
}

export function pcmpgtwPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.gt<i16>(destinationMmx(rec), loadMmx(from)));
}

export function pcmpgtdPqQq(rec: u32): u32 {
  const from = sourceMmx(rec);
  if (from == 0) return FAULTED;
  return setMmx(rec, v128.gt<i32>(destinationMmx(rec), loadMmx(from)));
}
