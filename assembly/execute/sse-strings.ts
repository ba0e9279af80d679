/** PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM (SDM "String Comparison"). */
import { FLAG_CF, FLAG_OF, FLAG_SF, FLAG_ZF, setArithmeticFlags } from "../cpu/flags";
import { getReg, setReg } from "../cpu/registers";
import { FAULTED, imm32Of, NEXT, SIZE_64, sizeOf } from "../decode/record";
import { SLOT_RAX, SLOT_RCX, SLOT_RDX, XMM } from "../generated/state";
import { dest, sourceOf } from "./sse-access";

// Fields of the immediate.
const WORDS: u32 = 1;
const SIGNED: u32 = 2;
const EQUAL_ANY: u32 = 0;
const RANGES: u32 = 1;
const EQUAL_EACH: u32 = 2;
const NEGATE: u32 = 0x10;
const MASK_VALID_ONLY: u32 = 0x20;
const UPPER_RESULT: u32 = 0x40;

/** Elements of both strings that count; those behind are invalid. */
let length1: u32 = 0;
let length2: u32 = 0;
/** IntRes2: a bit for each element of the second string. */
let result: u32 = 0;

/** A bit for each of the first `length` elements. @inline */
function firstBits(length: u32): u32 {
  return (1 << length) - 1;
}

/** Element `index` of `a`, in all lanes. @inline */
function broadcast(a: v128, index: u32, words: bool): v128 {
  if (!words) return i8x16.swizzle(a, i8x16.splat(index as i8));
  const pair = (index << 1) | ((index << 9) | 0x100);
  return i8x16.swizzle(a, i16x8.splat(pair as i16));
}

/** @inline */
function equalBits(a: v128, b: v128, words: bool): u32 {
  return words ? i16x8.bitmask(i16x8.eq(a, b)) : i8x16.bitmask(i8x16.eq(a, b));
}

/** Places where `b` is greater than or equal to `a`. */
function notBelowBits(b: v128, a: v128, format: u32): u32 {
  switch (format & (WORDS | SIGNED)) {
    case 0:
      return i8x16.bitmask(i8x16.ge_u(b, a));
    case WORDS:
      return i16x8.bitmask(i16x8.ge_u(b, a));
    case SIGNED:
      return i8x16.bitmask(i8x16.ge_s(b, a));
    default:
      return i16x8.bitmask(i16x8.ge_s(b, a));
  }
}

/** Elements of `b` that equal any of `a`. */
function equalAny(a: v128, b: v128, words: bool): u32 {
  let found: u32 = 0;
  for (let i: u32 = 0; i < length1; i++) found |= equalBits(b, broadcast(a, i, words), words);
  return found & firstBits(length2);
}

/** Elements of `b` within one of the ranges that pairs of `a` bound; half a pair bounds none. */
function ranges(a: v128, b: v128, imm: u32): u32 {
  const words = (imm & WORDS) != 0;
  let found: u32 = 0;
  for (let i: u32 = 0; i + 1 < length1; i += 2) {
    const above = notBelowBits(b, broadcast(a, i, words), imm);
    found |= above & notBelowBits(broadcast(a, i + 1, words), b, imm);
  }
  return found & firstBits(length2);
}

/** Elements equal at the same place; two invalid ones are equal. */
function equalEach(a: v128, b: v128, words: bool, count: u32): u32 {
  const valid1 = firstBits(length1);
  const valid2 = firstBits(length2);
  return (equalBits(a, b, words) & valid1 & valid2) | (~(valid1 | valid2) & firstBits(count));
}

/** Places of `b` where `a` begins; what runs over the end of the register is taken for equal. */
function equalOrdered(a: v128, b: v128, words: bool, count: u32): u32 {
  let found = firstBits(count);
  for (let i: u32 = 0; i < length1; i++) {
    const equal = equalBits(b, broadcast(a, i, words), words) & firstBits(length2);
    found &= (equal >>> i) | ~firstBits(count - i);
  }
  return found;
}

/** Compares and sets `result` and the flags; the lengths are known. */
function compare(a: v128, b: v128, imm: u32): void {
  const words = (imm & WORDS) != 0;
  const count: u32 = words ? 8 : 16;
  const aggregation = (imm >>> 2) & 3;
  let found: u32;
  if (aggregation == EQUAL_ANY) found = equalAny(a, b, words);
  else if (aggregation == RANGES) found = ranges(a, b, imm);
  else if (aggregation == EQUAL_EACH) found = equalEach(a, b, words, count);
  else found = equalOrdered(a, b, words, count);
  if ((imm & NEGATE) != 0) {
    found ^= (imm & MASK_VALID_ONLY) != 0 ? firstBits(length2) : firstBits(count);
  }
  result = found;
  let flags: u32 = found != 0 ? FLAG_CF : 0;
  if (length2 < count) flags |= FLAG_ZF;
  if (length1 < count) flags |= FLAG_SF;
  if ((found & 1) != 0) flags |= FLAG_OF;
  setArithmeticFlags(flags);
}

/** Elements before the first that is 0. */
function implicitLength(a: v128, words: bool): u32 {
  const zeros = equalBits(a, i64x2.splat(0), words);
  return min<u32>(ctz<u32>(zeros), words ? 8 : 16);
}

/** Length in a register: its absolute value, at most the number of elements. */
function explicitLength(slot: u32, wide: bool, words: bool): u32 {
  const value: i64 = wide ? getReg<i64>(slot) : (getReg<i32>(slot) as i64);
  const magnitude: u64 = value < 0 ? 0 - (value as u64) : (value as u64);
  return min<u64>(magnitude, words ? 8 : 16) as u32;
}

/** Reads the operands, of which memory need not be aligned, and compares. False after a fault. */
function compareStrings(rec: u32, explicit: bool): bool {
  const from = sourceOf<v128>(rec);
  if (from == 0) return false;
  const a = dest(rec);
  const b = v128.load(from);
  const imm = imm32Of(rec) as u32;
  const words = (imm & WORDS) != 0;
  if (explicit) {
    const wide = sizeOf(rec) == SIZE_64;
    length1 = explicitLength(SLOT_RAX, wide, words);
    length2 = explicitLength(SLOT_RDX, wide, words);
  } else {
    length1 = implicitLength(a, words);
    length2 = implicitLength(b, words);
  }
  compare(a, b, imm);
  return true;
}

/** PCMPESTRI and PCMPISTRI: the index of the lowest or highest match goes to ECX. */
export function pcmpstri(rec: u32, explicit: bool): u32 {
  if (!compareStrings(rec, explicit)) return FAULTED;
  const imm = imm32Of(rec) as u32;
  let index: u32 = (imm & WORDS) != 0 ? 8 : 16;
  if (result != 0) index = (imm & UPPER_RESULT) != 0 ? 31 - clz<u32>(result) : ctz<u32>(result);
  setReg<u32>(SLOT_RCX, index);
  return NEXT;
}

/** PCMPESTRM and PCMPISTRM: the matches go to XMM0, as bits or as a mask of elements. */
export function pcmpstrm(rec: u32, explicit: bool): u32 {
  if (!compareStrings(rec, explicit)) return FAULTED;
  const imm = imm32Of(rec) as u32;
  const low = i32x4.replace_lane(i32x4.splat(0), 0, result);
  v128.store(XMM, (imm & UPPER_RESULT) == 0 ? low : elementMask(result, (imm & WORDS) != 0));
  return NEXT;
}

/** All ones in the elements whose bit is set. */
function elementMask(found: u32, words: bool): v128 {
  if (words) {
    const chosen = v128.and(i16x8.splat(found as i16), i16x8(1, 2, 4, 8, 16, 32, 64, 128));
    return i16x8.ne(chosen, i16x8.splat(0));
  }
  // The byte of the mask that belongs to each lane, then its bit.
  const bytes = i8x16.swizzle(
    i16x8.splat(found as i16),
    i8x16(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1),
  );
  const bit = i8x16(1, 2, 4, 8, 16, 32, 64, -128, 1, 2, 4, 8, 16, 32, 64, -128);
  return i8x16.ne(v128.and(bytes, bit), i8x16.splat(0));
}
