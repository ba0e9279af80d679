/** ADDSUB, HADD, HSUB and the dot products. */
import { FAULTED, imm32Of, NEXT } from "../decode/record";
import { sseClear } from "../fpu/status";
import { MXCSR } from "../generated/state";
import { dest, put, source } from "./sse-access";
import { settle } from "./sse-exceptions";
import { ADD, laneF32, laneF64, MUL, packedF32, packedF64, SUB } from "./sse-lanes";

/** HADDPS and HSUBPS, by `op`: neighbours of the destination, then of the source. */
export function horizontalVps(rec: u32, op: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return packedF32(rec, op, i32x4.shuffle(a, b, 0, 2, 4, 6), i32x4.shuffle(a, b, 1, 3, 5, 7));
}

/** HADDPD and HSUBPD. */
export function horizontalVpd(rec: u32, op: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return packedF64(rec, op, i64x2.shuffle(a, b, 0, 2), i64x2.shuffle(a, b, 1, 3));
}

/** ADDSUBPD: subtracts in the even lane, adds in the odd one. */
export function addsubpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  const low = laneF64(SUB, i64x2.extract_lane(a, 0), i64x2.extract_lane(b, 0), mxcsr);
  const high = laneF64(ADD, i64x2.extract_lane(a, 1), i64x2.extract_lane(b, 1), mxcsr);
  if (settle() != NEXT) return FAULTED;
  return put(rec, i64x2.replace_lane(i64x2.splat(low), 1, high));
}

/** ADDSUBPS. */
export function addsubpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  let r = i32x4.splat(laneF32(SUB, i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0), mxcsr));
  const r1 = laneF32(ADD, i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1), mxcsr);
  const r2 = laneF32(SUB, i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2), mxcsr);
  const r3 = laneF32(ADD, i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3), mxcsr);
  if (settle() != NEXT) return FAULTED;
  r = i32x4.replace_lane(r, 1, r1);
  r = i32x4.replace_lane(r, 2, r2);
  return put(rec, i32x4.replace_lane(r, 3, r3));
}

/**
 * DPPS: imm8[7:4] chooses the products, imm8[3:0] where their sum goes. Products, pair sums and the
 * sum are three steps: an unmasked exception in one ends the instruction before the next.
 */
export function dppsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const imm = imm32Of(rec);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  const p0 = product32(imm & 0x10, i32x4.extract_lane(a, 0), i32x4.extract_lane(b, 0), mxcsr);
  const p1 = product32(imm & 0x20, i32x4.extract_lane(a, 1), i32x4.extract_lane(b, 1), mxcsr);
  const p2 = product32(imm & 0x40, i32x4.extract_lane(a, 2), i32x4.extract_lane(b, 2), mxcsr);
  const p3 = product32(imm & 0x80, i32x4.extract_lane(a, 3), i32x4.extract_lane(b, 3), mxcsr);
  if (settle() != NEXT) return FAULTED;
  sseClear();
  const low = laneF32(ADD, p0, p1, mxcsr);
  const high = laneF32(ADD, p2, p3, mxcsr);
  if (settle() != NEXT) return FAULTED;
  sseClear();
  const sum = laneF32(ADD, low, high, mxcsr);
  if (settle() != NEXT) return FAULTED;
  const places = i32x4.ne(v128.and(i32x4.splat(imm), i32x4(1, 2, 4, 8)), i32x4.splat(0));
  return put(rec, v128.and(i32x4.splat(sum), places));
}

/** The product, or +0 where it is not chosen. */
function product32(chosen: i32, a: u32, b: u32, mxcsr: u32): u32 {
  return chosen != 0 ? laneF32(MUL, a, b, mxcsr) : 0;
}

function product64(chosen: i32, a: u64, b: u64, mxcsr: u32): u64 {
  return chosen != 0 ? laneF64(MUL, a, b, mxcsr) : 0;
}

/** DPPD. */
export function dppdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const imm = imm32Of(rec);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  const p0 = product64(imm & 0x10, i64x2.extract_lane(a, 0), i64x2.extract_lane(b, 0), mxcsr);
  const p1 = product64(imm & 0x20, i64x2.extract_lane(a, 1), i64x2.extract_lane(b, 1), mxcsr);
  if (settle() != NEXT) return FAULTED;
  sseClear();
  const sum = laneF64(ADD, p0, p1, mxcsr);
  if (settle() != NEXT) return FAULTED;
  const places = i64x2.ne(v128.and(i64x2.splat(imm as i64), i64x2(1, 2)), i64x2.splat(0));
  return put(rec, v128.and(i64x2.splat(sum), places));
}
