/** Packing, unpacking, shuffles, extension, insertion and extraction of elements. */
import { raiseSseTrap } from "../cpu/fault";
import { setReg } from "../cpu/registers";
import { FAULTED, imm32Of, isMemory, NEXT, r1Of, r2Of, SIZE_64, sizeOf } from "../decode/record";
import { XMM } from "../generated/state";
import { SCRATCH } from "../layout";
import {
  dest,
  generalSource,
  isSseTrapped,
  put,
  source,
  sourceOf,
  storeOperand,
} from "./sse-access";

// --- pack and unpack ---

/** PACKSSWB. */
export function packsswbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.narrow_i16x8_s(dest(rec), v128.load(from)));
}

/** PACKUSWB. */
export function packuswbVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i8x16.narrow_i16x8_u(dest(rec), v128.load(from)));
}

/** PACKSSDW. */
export function packssdwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.narrow_i32x4_s(dest(rec), v128.load(from)));
}

/** PACKUSDW. */
export function packusdwVx(rec: u32): u32 {
  const from = source(rec);
  return from == 0 ? FAULTED : put(rec, i16x8.narrow_i32x4_u(dest(rec), v128.load(from)));
}

/** PUNPCKLBW. */
export function punpcklbwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23));
}

/** PUNPCKHBW. */
export function punpckhbwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(
    rec,
    i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31),
  );
}

/** PUNPCKLWD. */
export function punpcklwdVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
}

/** PUNPCKHWD. */
export function punpckhwdVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
}

/** PUNPCKLDQ, UNPCKLPS. */
export function punpckldqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i32x4.shuffle(a, b, 0, 4, 1, 5));
}

/** PUNPCKHDQ, UNPCKHPS. */
export function punpckhdqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i32x4.shuffle(a, b, 2, 6, 3, 7));
}

/** PUNPCKLQDQ, UNPCKLPD. */
export function punpcklqdqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i64x2.shuffle(a, b, 0, 2));
}

/** PUNPCKHQDQ, UNPCKHPD. */
export function punpckhqdqVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  return put(rec, i64x2.shuffle(a, b, 1, 3));
}

// --- extension ---

/** PMOVSXBW. */
export function pmovsxbwVx(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load8x8_s(from));
}

/** PMOVSXWD. */
export function pmovsxwdVx(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load16x4_s(from));
}

/** PMOVSXDQ. */
export function pmovsxdqVx(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load32x2_s(from));
}

/** PMOVSXBD. */
export function pmovsxbdVx(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  return from == 0
    ? FAULTED
    : put(rec, i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(v128.load32_zero(from))));
}

/** PMOVSXWQ. */
export function pmovsxwqVx(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  return from == 0
    ? FAULTED
    : put(rec, i64x2.extend_low_i32x4_s(i32x4.extend_low_i16x8_s(v128.load32_zero(from))));
}

/** PMOVSXBQ. */
export function pmovsxbqVx(rec: u32): u32 {
  const from = sourceOf<u16>(rec);
  return from == 0
    ? FAULTED
    : put(
        rec,
        i64x2.extend_low_i32x4_s(
          i32x4.extend_low_i16x8_s(i16x8.extend_low_i8x16_s(i16x8.splat(load<i16>(from)))),
        ),
      );
}

/** PMOVZXBW. */
export function pmovzxbwVx(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load8x8_u(from));
}

/** PMOVZXWD. */
export function pmovzxwdVx(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load16x4_u(from));
}

/** PMOVZXDQ. */
export function pmovzxdqVx(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : put(rec, v128.load32x2_u(from));
}

/** PMOVZXBD. */
export function pmovzxbdVx(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  return from == 0
    ? FAULTED
    : put(rec, i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(v128.load32_zero(from))));
}

/** PMOVZXWQ. */
export function pmovzxwqVx(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  return from == 0
    ? FAULTED
    : put(rec, i64x2.extend_low_i32x4_u(i32x4.extend_low_i16x8_u(v128.load32_zero(from))));
}

/** PMOVZXBQ. */
export function pmovzxbqVx(rec: u32): u32 {
  const from = sourceOf<u16>(rec);
  return from == 0
    ? FAULTED
    : put(
        rec,
        i64x2.extend_low_i32x4_u(
          i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(i16x8.splat(load<i16>(from)))),
        ),
      );
}

// --- shuffles ---

/** PSHUFB: an index with bit 7 set gives 0, the others count modulo 16. */
export function pshufbVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const indices = v128.and(v128.load(from), i8x16.splat(0x8f as i8));
  return put(rec, i8x16.swizzle(dest(rec), indices));
}

/** The doubleword of `at` that two bits of `imm` from `shift` on choose. @inline */
function chosen32(at: u32, imm: u32, shift: u32): u32 {
  return load<u32>(at + (((imm >>> shift) & 3) << 2));
}

/** PSHUFD. */
export function pshufdVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const imm = imm32Of(rec);
  let r = i32x4.splat(chosen32(from, imm, 0));
  r = i32x4.replace_lane(r, 1, chosen32(from, imm, 2));
  r = i32x4.replace_lane(r, 2, chosen32(from, imm, 4));
  return put(rec, i32x4.replace_lane(r, 3, chosen32(from, imm, 6)));
}

/** SHUFPS: two lanes of the destination, then two of the source. */
export function shufpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const imm = imm32Of(rec);
  const to = XMM + r1Of(rec);
  let r = i32x4.splat(chosen32(to, imm, 0));
  r = i32x4.replace_lane(r, 1, chosen32(to, imm, 2));
  r = i32x4.replace_lane(r, 2, chosen32(from, imm, 4));
  return put(rec, i32x4.replace_lane(r, 3, chosen32(from, imm, 6)));
}

/** SHUFPD. */
export function shufpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const imm = imm32Of(rec);
  const low = load<u64>(XMM + r1Of(rec) + ((imm & 1) << 3));
  const high = load<u64>(from + ((imm & 2) << 2));
  return put(rec, i64x2.replace_lane(i64x2.splat(low), 1, high));
}

/** Four words at `at` in the order that `imm` tells. @inline */
function chosenWords(at: u32, imm: u32): u64 {
  const words = load<u64>(at);
  return (
    ((words >> (((imm & 3) << 4) as u64)) & 0xffff) |
    (((words >> ((((imm >>> 2) & 3) << 4) as u64)) & 0xffff) << 16) |
    (((words >> ((((imm >>> 4) & 3) << 4) as u64)) & 0xffff) << 32) |
    ((words >> ((((imm >>> 6) & 3) << 4) as u64)) << 48)
  );
}

/** PSHUFLW. */
export function pshuflwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  return put(rec, i64x2.replace_lane(v128.load(from), 0, chosenWords(from, imm32Of(rec))));
}

/** PSHUFHW. */
export function pshufhwVx(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  return put(rec, i64x2.replace_lane(v128.load(from), 1, chosenWords(from + 8, imm32Of(rec))));
}

// --- one element ---

/** Where element imm8 modulo `count` of `1 << size` bytes lies in the register at `slot`. @inline */
function elementAt(rec: u32, slot: u32, count: u32, size: u32): u32 {
  return XMM + slot + (((imm32Of(rec) as u32) & (count - 1)) << size);
}

/** PEXTRB. */
export function pextrbRd(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const value = load<u8>(elementAt(rec, r1Of(rec), 16, 0));
  if (isMemory(rec)) return storeOperand<u8>(rec, value);
  setReg<u32>(r2Of(rec), value as u32);
  return NEXT;
}

/** PEXTRW, the form that can go to memory. */
export function pextrwRd(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const value = load<u16>(elementAt(rec, r1Of(rec), 8, 1));
  if (isMemory(rec)) return storeOperand<u16>(rec, value);
  setReg<u32>(r2Of(rec), value as u32);
  return NEXT;
}

/** PEXTRW, the older form. */
export function pextrwGd(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  setReg<u32>(r1Of(rec), load<u16>(elementAt(rec, r2Of(rec), 8, 1)) as u32);
  return NEXT;
}

/** PEXTRD, PEXTRQ, EXTRACTPS. */
export function pextrdRy(rec: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  if (sizeOf(rec) == SIZE_64) {
    const wide = load<u64>(elementAt(rec, r1Of(rec), 2, 3));
    if (isMemory(rec)) return storeOperand<u64>(rec, wide);
    setReg<u64>(r2Of(rec), wide);
    return NEXT;
  }
  const value = load<u32>(elementAt(rec, r1Of(rec), 4, 2));
  if (isMemory(rec)) return storeOperand<u32>(rec, value);
  setReg<u32>(r2Of(rec), value);
  return NEXT;
}

/** Where a register lies while one of its elements is replaced. */
const LEFT: u32 = SCRATCH;

/** PINSRB. */
export function pinsrbVdq(rec: u32): u32 {
  const from = generalSource<u8>(rec);
  if (from == 0) return FAULTED;
  v128.store(LEFT, dest(rec));
  store<u8>(LEFT + (imm32Of(rec) & 15), load<u8>(from));
  return put(rec, v128.load(LEFT));
}

/** PINSRW. */
export function pinsrwVdq(rec: u32): u32 {
  const from = generalSource<u16>(rec);
  if (from == 0) return FAULTED;
  v128.store(LEFT, dest(rec));
  store<u16>(LEFT + ((imm32Of(rec) & 7) << 1), load<u16>(from));
  return put(rec, v128.load(LEFT));
}

/** PINSRD, PINSRQ. */
export function pinsrdVdq(rec: u32): u32 {
  const wide = sizeOf(rec) == SIZE_64;
  const from = wide ? generalSource<u64>(rec) : generalSource<u32>(rec);
  if (from == 0) return FAULTED;
  v128.store(LEFT, dest(rec));
  if (wide) store<u64>(LEFT + ((imm32Of(rec) & 1) << 3), load<u64>(from));
  else store<u32>(LEFT + ((imm32Of(rec) & 3) << 2), load<u32>(from));
  return put(rec, v128.load(LEFT));
}

/** INSERTPS: imm8[7:6] chooses the lane of a register source, [5:4] the place, [3:0] zeros. */
export function insertpsVps(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  if (from == 0) return FAULTED;
  const imm = imm32Of(rec) as u32;
  const value = load<u32>(isMemory(rec) ? from : from + (((imm >>> 6) & 3) << 2));
  v128.store(LEFT, dest(rec));
  store<u32>(LEFT + (((imm >>> 4) & 3) << 2), value);
  const zeros = i32x4.ne(v128.and(i32x4.splat(imm), i32x4(1, 2, 4, 8)), i32x4.splat(0));
  return put(rec, v128.andnot(v128.load(LEFT), zeros));
}
