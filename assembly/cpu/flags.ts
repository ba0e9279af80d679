/**
 * RFLAGS. The six arithmetic flags are kept lazily in two words:
 *
 *   LF_RES  sign-extended result: ZF is LF_RES == 0, SF its sign, PF the parity of its low byte
 *   LF_AUX  bit 31 CF, bit 30 CF xor OF (the carry into the sign bit), bit 3 AF,
 *           bits 15:8 xor-ed into the parity byte, bit 0 xor-ed into SF
 *
 * An addition stores its result and its vector of carries, so no flag is computed until it is read.
 * The deltas make any combination of flags representable.
 */
import { FLAGS_REST, LF_AUX, LF_RES } from "../generated/state";

export const FLAG_CF: u32 = 1 << 0;
export const FLAG_PF: u32 = 1 << 2;
export const FLAG_AF: u32 = 1 << 4;
export const FLAG_ZF: u32 = 1 << 6;
export const FLAG_SF: u32 = 1 << 7;
export const FLAG_TF: u32 = 1 << 8;
export const FLAG_IF: u32 = 1 << 9;
export const FLAG_DF: u32 = 1 << 10;
export const FLAG_OF: u32 = 1 << 11;
export const FLAG_IOPL: u32 = 3 << 12;
export const FLAG_NT: u32 = 1 << 14;
export const FLAG_RF: u32 = 1 << 16;
export const FLAG_VM: u32 = 1 << 17;
export const FLAG_AC: u32 = 1 << 18;
export const FLAG_VIF: u32 = 1 << 19;
export const FLAG_VIP: u32 = 1 << 20;
export const FLAG_ID: u32 = 1 << 21;
/** OF, SF, ZF, AF, PF, CF. */
export const FLAGS_ARITHMETIC: u32 = 0x8d5;

const AUX_CARRIES: u32 = 0xc0000008;

/** Sign-extends a result of type T (unsigned) to 64 bits. @inline */
function extendResult<T>(value: T): i64 {
  if (sizeof<T>() == 1) return value as u32 as i8 as i64;
  if (sizeof<T>() == 2) return value as u32 as i16 as i64;
  if (sizeof<T>() == 4) return value as u32 as i32 as i64;
  return value as i64;
}

/** Moves a vector of carries to the places LF_AUX has for them. @inline */
function packCarries<T>(carries: T): u32 {
  if (sizeof<T>() == 8) {
    return (((carries as u64) >> 32) as u32 & 0xc0000000) | (carries as u64 as u32 & 8);
  }
  if (sizeof<T>() == 4) return (carries as u32) & AUX_CARRIES;
  const shift: u32 = sizeof<T>() == 2 ? 16 : 24;
  return (((carries as u32) << shift) & 0xc0000000) | ((carries as u32) & 8);
}

/** Flags of `result = a + b (+ carry)`. @inline */
export function setFlagsAdd<T>(a: T, b: T, result: T): void {
  store<i64>(LF_RES, extendResult<T>(result));
  store<u32>(LF_AUX, packCarries<T>(((a & b) | ((a | b) & ~result)) as T));
}

/** Flags of `result = a - b (- borrow)`. @inline */
export function setFlagsSub<T>(a: T, b: T, result: T): void {
  store<i64>(LF_RES, extendResult<T>(result));
  store<u32>(LF_AUX, packCarries<T>(((~a & b) | (~(a ^ b) & result)) as T));
}

/** Flags of a logical operation: CF, OF and AF clear. @inline */
export function setFlagsLogic<T>(result: T): void {
  store<i64>(LF_RES, extendResult<T>(result));
  store<u32>(LF_AUX, 0);
}

/** ZF, SF, PF of `result` with CF and OF given as 0 or 1 and AF clear. @inline */
export function setFlagsResult<T>(result: T, cf: u32, overflow: u32): void {
  store<i64>(LF_RES, extendResult<T>(result));
  store<u32>(LF_AUX, (cf << 31) | ((cf ^ overflow) << 30));
}

/** Flags of INC: CF keeps its value. @inline */
export function setFlagsInc<T>(result: T): void {
  const cf = load<u32>(LF_AUX) >>> 31;
  const signed = extendResult<T>(result);
  const top = extendResult<T>(((1 as T) << ((sizeof<T>() * 8 - 1) as T)) as T);
  const overflow = u32(signed == top);
  store<i64>(LF_RES, signed);
  store<u32>(LF_AUX, (cf << 31) | ((cf ^ overflow) << 30) | (u32((result & (15 as T)) == 0) << 3));
}

/** Flags of DEC: CF keeps its value. @inline */
export function setFlagsDec<T>(result: T): void {
  const cf = load<u32>(LF_AUX) >>> 31;
  const signed = extendResult<T>(result);
  const top = extendResult<T>(((1 as T) << ((sizeof<T>() * 8 - 1) as T)) as T);
  const overflow = u32(signed == ~top);
  store<i64>(LF_RES, signed);
  store<u32>(
    LF_AUX,
    (cf << 31) | ((cf ^ overflow) << 30) | (u32((result & (15 as T)) == (15 as T)) << 3),
  );
}

/** CF as 0 or 1. @inline */
export function carryFlag(): u32 {
  return load<u32>(LF_AUX) >>> 31;
}

/** ZF as 0 or 1. @inline */
export function zeroFlag(): u32 {
  return u32(load<i64>(LF_RES) == 0);
}

/** SF as 0 or 1. @inline */
export function signFlag(): u32 {
  return ((load<u64>(LF_RES) >>> 63) as u32) ^ (load<u32>(LF_AUX) & 1);
}

/** OF as 0 or 1. @inline */
export function overflowFlag(): u32 {
  const aux = load<u32>(LF_AUX);
  return (aux ^ (aux << 1)) >>> 31;
}

/** PF as 0 or 1. @inline */
export function parityFlag(): u32 {
  const byte = (load<u8>(LF_RES) as u32) ^ ((load<u32>(LF_AUX) >>> 8) & 0xff);
  return (popcnt<u32>(byte) & 1) ^ 1;
}

/** AF as 0 or 1. @inline */
export function auxiliaryFlag(): u32 {
  return (load<u32>(LF_AUX) >>> 3) & 1;
}

/** The six arithmetic flags at their places in RFLAGS. */
export function getArithmeticFlags(): u32 {
  return (
    carryFlag() |
    (parityFlag() << 2) |
    (auxiliaryFlag() << 4) |
    (zeroFlag() << 6) |
    (signFlag() << 7) |
    (overflowFlag() << 11)
  );
}

/** Sets the six arithmetic flags from their places in RFLAGS. */
export function setArithmeticFlags(flags: u32): void {
  const zf = (flags >>> 6) & 1;
  const sf = (flags >>> 7) & 1;
  const pf = (flags >>> 2) & 1;
  const cf = flags & 1;
  const overflow = (flags >>> 11) & 1;
  // A result of 0 has even parity, a result of 1 odd; the delta turns it where needed.
  const parityDelta = pf ^ zf;
  store<i64>(LF_RES, (zf ^ 1) as i64);
  store<u32>(
    LF_AUX,
    (cf << 31) | ((cf ^ overflow) << 30) | (((flags >>> 4) & 1) << 3) | (parityDelta << 8) | sf,
  );
}

/** Sets CF and keeps the other flags. @inline */
export function setCarryFlag(cf: u32): void {
  const aux = load<u32>(LF_AUX);
  // OF is the xor of bits 31 and 30: flip both where CF changes.
  const change = (aux >>> 31) ^ cf;
  store<u32>(LF_AUX, aux ^ (change * 0xc0000000));
}

/** RFLAGS[31:0] with the reserved bit 1 set. */
export function getFlags(): u32 {
  return load<u32>(FLAGS_REST) | getArithmeticFlags() | 2;
}

/** @inline */
export function flagsRest(): u32 {
  return load<u32>(FLAGS_REST);
}
