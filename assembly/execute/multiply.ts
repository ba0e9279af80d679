/** MUL, IMUL, DIV, IDIV, MULX. */
import { raiseVector, VECTOR_DE } from "../cpu/fault";
import { setFlagsResult } from "../cpu/flags";
import { getReg, setReg } from "../cpu/registers";
import {
  FAULTED,
  imm32Of,
  immOf,
  NEXT,
  r1Of,
  r2Of,
  SIZE_16,
  SIZE_32,
  sizeOf,
} from "../decode/record";
import { SLOT_RAX, SLOT_RDX } from "../generated/state";
import { readPointer } from "../memory/access";
import { loadSized, readOperand } from "./operand";

/** High half of the unsigned product. */
export function multiplyHigh(a: u64, b: u64): u64 {
  const aLo = a & 0xffffffff;
  const aHi = a >> 32;
  const bLo = b & 0xffffffff;
  const bHi = b >> 32;
  const low = aLo * bLo;
  const mid1 = aHi * bLo + (low >> 32);
  const mid2 = aLo * bHi + (mid1 & 0xffffffff);
  return aHi * bHi + (mid1 >> 32) + (mid2 >> 32);
}

/** High half of the signed product. @inline */
function multiplyHighSigned(a: i64, b: i64): i64 {
  let high = multiplyHigh(a as u64, b as u64) as i64;
  if (a < 0) high -= b;
  if (b < 0) high -= a;
  return high;
}

/** IMUL with two or three operands. @inline */
function multiply<T>(a: T, b: T): T {
  if (sizeof<T>() == 8) {
    const low = (a as i64) * (b as i64);
    const overflow = u32(multiplyHighSigned(a as i64, b as i64) != low >> 63);
    setFlagsResult<u64>(low as u64, overflow, overflow);
    return low as T;
  }
  if (sizeof<T>() == 4) {
    const product = (a as u32 as i32 as i64) * (b as u32 as i32 as i64);
    const overflow = u32(product != (product as i32 as i64));
    setFlagsResult<u32>(product as u32, overflow, overflow);
    return product as T;
  }
  const product = (a as u32 as i16 as i32) * (b as u32 as i16 as i32);
  const overflow = u32(product != (product as i16 as i32));
  setFlagsResult<u16>(product as u16, overflow, overflow);
  return product as T;
}

/** @inline */
export function imulGvEvR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), multiply<T>(getReg<T>(r1Of(rec)), getReg<T>(r2Of(rec))));
  return NEXT;
}

/** @inline */
export function imulGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), multiply<T>(getReg<T>(r1Of(rec)), load<T>(host)));
  return NEXT;
}

/** @inline */
export function imulGvEvIzR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), multiply<T>(getReg<T>(r2Of(rec)), immOf(rec) as T));
  return NEXT;
}

/** @inline */
export function imulGvEvIzM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), multiply<T>(load<T>(host), immOf(rec) as T));
  return NEXT;
}

export function mulEb(rec: u32): u32 {
  const host = readOperand(rec, 0);
  if (host == 0) return FAULTED;
  const product = (getReg<u8>(SLOT_RAX) as u32) * (load<u8>(host) as u32);
  const overflow = u32(product > 0xff);
  setReg<u16>(SLOT_RAX, product as u16);
  setFlagsResult<u8>(product as u8, overflow, overflow);
  return NEXT;
}

export function imulEb(rec: u32): u32 {
  const host = readOperand(rec, 0);
  if (host == 0) return FAULTED;
  const product = (getReg<i8>(SLOT_RAX) as i32) * (load<i8>(host) as i32);
  const overflow = u32(product != (product as i8 as i32));
  setReg<u16>(SLOT_RAX, product as u16);
  setFlagsResult<u8>(product as u8, overflow, overflow);
  return NEXT;
}

export function mulEv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  if (size == SIZE_16) {
    const product = (getReg<u16>(SLOT_RAX) as u32) * (load<u16>(host) as u32);
    const overflow = u32(product > 0xffff);
    setReg<u16>(SLOT_RAX, product as u16);
    setReg<u16>(SLOT_RDX, (product >>> 16) as u16);
    setFlagsResult<u16>(product as u16, overflow, overflow);
  } else if (size == SIZE_32) {
    const product = (getReg<u32>(SLOT_RAX) as u64) * (load<u32>(host) as u64);
    const overflow = u32(product > 0xffffffff);
    setReg<u32>(SLOT_RAX, product as u32);
    setReg<u32>(SLOT_RDX, (product >> 32) as u32);
    setFlagsResult<u32>(product as u32, overflow, overflow);
  } else {
    const a = getReg<u64>(SLOT_RAX);
    const b = load<u64>(host);
    const low = a * b;
    const high = multiplyHigh(a, b);
    const overflow = u32(high != 0);
    setReg<u64>(SLOT_RAX, low);
    setReg<u64>(SLOT_RDX, high);
    setFlagsResult<u64>(low, overflow, overflow);
  }
  return NEXT;
}

export function imulEv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  if (size == SIZE_16) {
    const product = (getReg<i16>(SLOT_RAX) as i32) * (load<i16>(host) as i32);
    const overflow = u32(product != (product as i16 as i32));
    setReg<u16>(SLOT_RAX, product as u16);
    setReg<u16>(SLOT_RDX, (product >>> 16) as u16);
    setFlagsResult<u16>(product as u16, overflow, overflow);
  } else if (size == SIZE_32) {
    const product = (getReg<i32>(SLOT_RAX) as i64) * (load<i32>(host) as i64);
    const overflow = u32(product != (product as i32 as i64));
    setReg<u32>(SLOT_RAX, product as u32);
    setReg<u32>(SLOT_RDX, (product >> 32) as u32);
    setFlagsResult<u32>(product as u32, overflow, overflow);
  } else {
    const a = getReg<i64>(SLOT_RAX);
    const b = load<i64>(host);
    const low = a * b;
    const high = multiplyHighSigned(a, b);
    const overflow = u32(high != low >> 63);
    setReg<u64>(SLOT_RAX, low as u64);
    setReg<u64>(SLOT_RDX, high as u64);
    setFlagsResult<u64>(low as u64, overflow, overflow);
  }
  return NEXT;
}

/** MULX: no flags; the low half is written first, so that the high half wins. */
export function mulxGyByEy(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  const low = imm32Of(rec) as u32;
  if (size == SIZE_32) {
    const product = (getReg<u32>(SLOT_RDX) as u64) * (load<u32>(host) as u64);
    setReg<u32>(low, product as u32);
    setReg<u32>(r1Of(rec), (product >> 32) as u32);
  } else {
    const a = getReg<u64>(SLOT_RDX);
    const b = load<u64>(host);
    const high = multiplyHigh(a, b);
    setReg<u64>(low, a * b);
    setReg<u64>(r1Of(rec), high);
  }
  return NEXT;
}

export function divEb(rec: u32): u32 {
  const host = readOperand(rec, 0);
  if (host == 0) return FAULTED;
  const divisor = load<u8>(host) as u32;
  const dividend = getReg<u16>(SLOT_RAX) as u32;
  if (divisor == 0 || dividend / divisor > 0xff) return raiseVector(VECTOR_DE);
  setReg<u16>(SLOT_RAX, ((dividend / divisor) | ((dividend % divisor) << 8)) as u16);
  return NEXT;
}

export function idivEb(rec: u32): u32 {
  const host = readOperand(rec, 0);
  if (host == 0) return FAULTED;
  const divisor = load<i8>(host) as i32;
  const dividend = getReg<i16>(SLOT_RAX) as i32;
  if (divisor == 0) return raiseVector(VECTOR_DE);
  const quotient = dividend / divisor;
  if (quotient != (quotient as i8 as i32)) return raiseVector(VECTOR_DE);
  const remainder = dividend % divisor;
  setReg<u16>(SLOT_RAX, ((quotient & 0xff) | ((remainder & 0xff) << 8)) as u16);
  return NEXT;
}

export function divEv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  if (size == SIZE_16) {
    const divisor = load<u16>(host) as u32;
    const dividend = ((getReg<u16>(SLOT_RDX) as u32) << 16) | (getReg<u16>(SLOT_RAX) as u32);
    if (divisor == 0 || dividend / divisor > 0xffff) return raiseVector(VECTOR_DE);
    setReg<u16>(SLOT_RAX, (dividend / divisor) as u16);
    setReg<u16>(SLOT_RDX, (dividend % divisor) as u16);
  } else if (size == SIZE_32) {
    const divisor = load<u32>(host) as u64;
    const dividend = ((getReg<u32>(SLOT_RDX) as u64) << 32) | (getReg<u32>(SLOT_RAX) as u64);
    if (divisor == 0 || dividend / divisor > 0xffffffff) return raiseVector(VECTOR_DE);
    setReg<u32>(SLOT_RAX, (dividend / divisor) as u32);
    setReg<u32>(SLOT_RDX, (dividend % divisor) as u32);
  } else {
    const divisor = load<u64>(host);
    const high = getReg<u64>(SLOT_RDX);
    // The quotient fits when, and only when, the high half is below the divisor.
    if (high >= divisor) return raiseVector(VECTOR_DE);
    divideWide(high, getReg<u64>(SLOT_RAX), divisor);
    setReg<u64>(SLOT_RAX, wideQuotient);
    setReg<u64>(SLOT_RDX, wideRemainder);
  }
  return NEXT;
}

let wideQuotient: u64 = 0;
let wideRemainder: u64 = 0;

/** Divides high:low by a divisor that is larger than `high`. */
function divideWide(high: u64, low: u64, divisor: u64): void {
  if (high == 0) {
    wideQuotient = low / divisor;
    wideRemainder = low % divisor;
    return;
  }
  // Schoolbook division by 32-bit digits, on a divisor shifted up to fill 64 bits.
  const shift = clz<u64>(divisor);
  const d = divisor << shift;
  const dHi = d >> 32;
  const dLo = d & 0xffffffff;
  const nHi = shift != 0 ? (high << shift) | (low >> (64 - shift)) : high;
  const nLo = low << shift;
  const first = divideDigit(nHi, nLo >> 32, dHi, dLo, d);
  const second = divideDigit(digitRemainder, nLo & 0xffffffff, dHi, dLo, d);
  wideQuotient = (first << 32) | second;
  wideRemainder = digitRemainder >> shift;
}

let digitRemainder: u64 = 0;

/** One 32-bit digit of the quotient of (n, digit) by d; leaves the remainder in digitRemainder. */
function divideDigit(n: u64, digit: u64, dHi: u64, dLo: u64, d: u64): u64 {
  let q = n / dHi;
  let r = n % dHi;
  while (q > 0xffffffff || q * dLo > ((r << 32) | digit)) {
    q--;
    r += dHi;
    if (r > 0xffffffff) break;
  }
  digitRemainder = ((n << 32) | digit) - q * d;
  return q;
}

export function idivEv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  if (size == SIZE_16) {
    const divisor = load<i16>(host) as i64;
    const dividend = (((getReg<u16>(SLOT_RDX) as u32) << 16) |
      (getReg<u16>(SLOT_RAX) as u32)) as i32 as i64;
    if (divisor == 0) return raiseVector(VECTOR_DE);
    const quotient = dividend / divisor;
    if (quotient != (quotient as i16 as i64)) return raiseVector(VECTOR_DE);
    setReg<u16>(SLOT_RAX, quotient as u16);
    setReg<u16>(SLOT_RDX, (dividend % divisor) as u16);
  } else if (size == SIZE_32) {
    const divisor = load<i32>(host) as i64;
    const dividend = (((getReg<u32>(SLOT_RDX) as u64) << 32) |
      (getReg<u32>(SLOT_RAX) as u64)) as i64;
    // The one quotient that 64 bits cannot hold.
    if (divisor == 0 || (divisor == -1 && dividend == i64.MIN_VALUE)) {
      return raiseVector(VECTOR_DE);
    }
    const quotient = dividend / divisor;
    if (quotient != (quotient as i32 as i64)) return raiseVector(VECTOR_DE);
    setReg<u32>(SLOT_RAX, quotient as u32);
    setReg<u32>(SLOT_RDX, (dividend % divisor) as u32);
  } else {
    return divideSigned(loadSized(host, size) as i64);
  }
  return NEXT;
}

/** IDIV of RDX:RAX by magnitude, with the signs put back. */
function divideSigned(divisor: i64): u32 {
  let high = getReg<u64>(SLOT_RDX);
  let low = getReg<u64>(SLOT_RAX);
  const negative = (high as i64) < 0;
  if (negative) {
    low = 0 - low;
    high = ~high + (low == 0 ? 1 : 0);
  }
  const magnitude = (divisor < 0 ? 0 - divisor : divisor) as u64;
  if (high >= magnitude) return raiseVector(VECTOR_DE);
  divideWide(high, low, magnitude);
  const opposite = negative != divisor < 0;
  const limit: u64 = opposite ? 0x8000000000000000 : 0x7fffffffffffffff;
  if (wideQuotient > limit) return raiseVector(VECTOR_DE);
  setReg<u64>(SLOT_RAX, opposite ? 0 - wideQuotient : wideQuotient);
  setReg<u64>(SLOT_RDX, negative ? 0 - wideRemainder : wideRemainder);
  return NEXT;
}
