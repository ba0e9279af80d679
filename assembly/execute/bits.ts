/** BT, BTS, BTR, BTC, BSF, BSR, TZCNT, LZCNT, POPCNT, BMI1, BMI2, CRC32. */

import { raiseUd } from "../cpu/fault";
import { hasFeature } from "../cpu/features";
import {
  FLAG_ZF,
  getArithmeticFlags,
  setArithmeticFlags,
  setCarryFlag,
  setFlagsLogic,
  setFlagsResult,
} from "../cpu/flags";
import { isProtectedMode, isVirtual8086 } from "../cpu/mode";
import { getReg, setReg } from "../cpu/registers";
import {
  addressSizeOf,
  FAULTED,
  imm32Of,
  immOf,
  isMemory,
  NEXT,
  r1Of,
  r2Of,
  SIZE_16,
  SIZE_32,
  SIZE_64,
  sizeOf,
} from "../decode/record";
import { FEATURE_BMI1, FEATURE_LZCNT } from "../generated/features";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readPointer, updatePointer } from "../memory/access";
import { addressSizeMask, operandOffset } from "./address";
import {
  finishStore,
  getRegSized,
  loadSized,
  readMemoryAt,
  readOperand,
  setRegSized,
  storeSized,
  writeMemoryAt,
} from "./operand";

export const BIT_TEST: u32 = 0;
export const BIT_SET: u32 = 1;
export const BIT_RESET: u32 = 2;
export const BIT_FLIP: u32 = 3;

/** @inline */
function changeBit(value: u64, bit: u64, op: u32): u64 {
  const mask = (1 as u64) << bit;
  if (op == BIT_SET) return value | mask;
  if (op == BIT_RESET) return value & ~mask;
  return value ^ mask;
}

/** The bit offset is in a register: in memory it may lie outside the operand. */
export function btEvGv(rec: u32, op: u32): u32 {
  const size = sizeOf(rec);
  const bits: u32 = 8 << size;
  const raw = getRegSized(r1Of(rec), size);
  const bit = raw & ((bits - 1) as u64);
  if (!isMemory(rec)) {
    const slot = r2Of(rec);
    const value = getRegSized(slot, size);
    if (op != BIT_TEST) setRegSized(slot, changeBit(value, bit, op), size);
    setCarryFlag(((value >> bit) as u32) & 1);
    return NEXT;
  }
  const signed: i64 =
    size == SIZE_16 ? (raw as i16 as i64) : size == SIZE_32 ? (raw as i32 as i64) : (raw as i64);
  const step = (signed >> ((3 + size) as i64)) << (size as i64);
  const offset = (operandOffset(rec) + (step as u64)) & addressSizeMask(addressSizeOf(rec));
  if (op == BIT_TEST) {
    const from = readMemoryAt(rec, offset, 1 << size);
    if (from == 0) return FAULTED;
    setCarryFlag(((loadSized(from, size) >> bit) as u32) & 1);
    return NEXT;
  }
  const host = writeMemoryAt(rec, offset, 1 << size, true);
  const value = loadSized(host, size);
  storeSized(host, changeBit(value, bit, op), size);
  if (finishStore(host) != NEXT) return FAULTED;
  setCarryFlag(((value >> bit) as u32) & 1);
  return NEXT;
}

export function btEvIbR<T>(rec: u32, op: u32): u32 {
  const bit = (immOf(rec) as u64) & ((sizeof<T>() * 8 - 1) as u64);
  const value = getReg<T>(r2Of(rec)) as u64;
  if (op != BIT_TEST) setReg<T>(r2Of(rec), changeBit(value, bit, op) as T);
  setCarryFlag(((value >> bit) as u32) & 1);
  return NEXT;
}

export function btEvIbM<T>(rec: u32, gla: u64, op: u32): u32 {
  const bit = (immOf(rec) as u64) & ((sizeof<T>() * 8 - 1) as u64);
  if (op == BIT_TEST) {
    const from = readPointer<T>(gla, rec);
    if (from == 0) return FAULTED;
    setCarryFlag((((load<T>(from) as u64) >> bit) as u32) & 1);
    return NEXT;
  }
  const host = updatePointer<T>(gla, rec);
  const value = load<T>(host) as u64;
  store<T>(host, changeBit(value, bit, op) as T);
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setCarryFlag(((value >> bit) as u32) & 1);
  return NEXT;
}

/** Sets ZF and keeps the other flags, which the SDM leaves undefined. */
function setZeroOnly(zf: bool): void {
  const flags = getArithmeticFlags() & ~FLAG_ZF;
  setArithmeticFlags(zf ? flags | FLAG_ZF : flags);
}

/** BSF: a source of 0 leaves the destination as it is. @inline */
function scanForward<T>(rec: u32, value: T): u32 {
  setZeroOnly(value == (0 as T));
  if (value != (0 as T)) setReg<T>(r1Of(rec), ctz<u64>(value as u64) as T);
  return NEXT;
}

/** @inline */
function scanReverse<T>(rec: u32, value: T): u32 {
  setZeroOnly(value == (0 as T));
  if (value != (0 as T)) setReg<T>(r1Of(rec), (63 - clz<u64>(value as u64)) as T);
  return NEXT;
}

export function bsfGvEvR<T>(rec: u32): u32 {
  return scanForward<T>(rec, getReg<T>(r2Of(rec)));
}

export function bsfGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : scanForward<T>(rec, load<T>(host));
}

export function bsrGvEvR<T>(rec: u32): u32 {
  return scanReverse<T>(rec, getReg<T>(r2Of(rec)));
}

export function bsrGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : scanReverse<T>(rec, load<T>(host));
}

/** Without BMI1 the encoding means BSF. @inline */
function countTrailing<T>(rec: u32, value: T): u32 {
  if (!hasFeature(FEATURE_BMI1)) return scanForward<T>(rec, value);
  const bits: u64 = sizeof<T>() * 8;
  const result = value == (0 as T) ? bits : ctz<u64>(value as u64);
  setReg<T>(r1Of(rec), result as T);
  setFlagsResult<T>(result as T, u32(value == (0 as T)), 0);
  return NEXT;
}

export function tzcntGvEvR<T>(rec: u32): u32 {
  return countTrailing<T>(rec, getReg<T>(r2Of(rec)));
}

export function tzcntGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : countTrailing<T>(rec, load<T>(host));
}

/** Without LZCNT the encoding means BSR. @inline */
function countLeading<T>(rec: u32, value: T): u32 {
  if (!hasFeature(FEATURE_LZCNT)) return scanReverse<T>(rec, value);
  const bits: u64 = sizeof<T>() * 8;
  const result = value == (0 as T) ? bits : clz<u64>(value as u64) - (64 - bits);
  setReg<T>(r1Of(rec), result as T);
  setFlagsResult<T>(result as T, u32(value == (0 as T)), 0);
  return NEXT;
}

export function lzcntGvEvR<T>(rec: u32): u32 {
  return countLeading<T>(rec, getReg<T>(r2Of(rec)));
}

export function lzcntGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : countLeading<T>(rec, load<T>(host));
}

/** POPCNT clears all flags but ZF. @inline */
function countOnes<T>(rec: u32, value: T): u32 {
  setReg<T>(r1Of(rec), popcnt<u64>(value as u64) as T);
  setArithmeticFlags(value == (0 as T) ? FLAG_ZF : 0);
  return NEXT;
}

export function popcntGvEvR<T>(rec: u32): u32 {
  return countOnes<T>(rec, getReg<T>(r2Of(rec)));
}

export function popcntGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : countOnes<T>(rec, load<T>(host));
}

// --- BMI1, BMI2 (VEX-encoded; #UD in real-address and virtual-8086 mode) ---

/** Pointer to the source operand of a VEX-encoded instruction; 0 with an exception raised. */
function vexOperand(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) {
    raiseUd();
    return 0;
  }
  return readOperand(rec, sizeOf(rec));
}

/** The register that VEX.vvvv names. @inline */
function vexRegister(rec: u32): u32 {
  return (imm32Of(rec) as u32) & 0x78;
}

/** SF and ZF of a result of operand size, OF clear, CF given. */
function setBmiFlags(result: u64, size: u32, cf: u32): void {
  if (size == SIZE_64) setFlagsResult<u64>(result, cf, 0);
  else setFlagsResult<u32>(result as u32, cf, 0);
}

export function andnGyByEy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const result = ~getRegSized(vexRegister(rec), size) & loadSized(host, size);
  if (size == SIZE_64) setFlagsLogic<u64>(result);
  else setFlagsLogic<u32>(result as u32);
  setRegSized(r1Of(rec), result, size);
  return NEXT;
}

export function blsrByEy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const value = loadSized(host, size);
  const result = value & (value - 1);
  setBmiFlags(result, size, u32(value == 0));
  setRegSized(vexRegister(rec), result, size);
  return NEXT;
}

export function blsmskByEy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const value = loadSized(host, size);
  const result = value ^ (value - 1);
  setBmiFlags(result, size, u32(value == 0));
  setRegSized(vexRegister(rec), result, size);
  return NEXT;
}

export function blsiByEy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const value = loadSized(host, size);
  const result = value & (0 - value);
  setBmiFlags(result, size, u32(value != 0));
  setRegSized(vexRegister(rec), result, size);
  return NEXT;
}

export function bextrGyEyBy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const value = loadSized(host, size);
  const control = getReg<u32>(vexRegister(rec));
  const start = control & 0xff;
  const length = (control >>> 8) & 0xff;
  let result: u64 = start < 64 ? value >> (start as u64) : 0;
  if (length < 64) result &= ((1 as u64) << (length as u64)) - 1;
  setBmiFlags(result, size, 0);
  setRegSized(r1Of(rec), result, size);
  return NEXT;
}

export function bzhiGyEyBy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const bits: u32 = 8 << size;
  const value = loadSized(host, size);
  const index = getReg<u8>(vexRegister(rec)) as u32;
  const result = index < bits ? value & (((1 as u64) << (index as u64)) - 1) : value;
  setBmiFlags(result, size, u32(index >= bits));
  setRegSized(r1Of(rec), result, size);
  return NEXT;
}

export function pdepGyByEy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  let mask = loadSized(host, size);
  let source = getRegSized(vexRegister(rec), size);
  let result: u64 = 0;
  while (mask != 0) {
    const low = mask & (0 - mask);
    if ((source & 1) != 0) result |= low;
    source >>= 1;
    mask &= mask - 1;
  }
  setRegSized(r1Of(rec), result, size);
  return NEXT;
}

export function pextGyByEy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  let mask = loadSized(host, size);
  const source = getRegSized(vexRegister(rec), size);
  let result: u64 = 0;
  let bit: u64 = 1;
  while (mask != 0) {
    const low = mask & (0 - mask);
    if ((source & low) != 0) result |= bit;
    bit <<= 1;
    mask &= mask - 1;
  }
  setRegSized(r1Of(rec), result, size);
  return NEXT;
}

/** Count of SARX, SHLX and SHRX. @inline */
function vexCount(rec: u32): u64 {
  return (getReg<u64>(vexRegister(rec)) & (sizeOf(rec) == SIZE_64 ? 63 : 31)) as u64;
}

export function sarxGyEyBy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  const count = vexCount(rec) as i64;
  const value: i64 = size == SIZE_64 ? load<i64>(host) : (load<i32>(host) as i64);
  setRegSized(r1Of(rec), (value >> count) as u64, size);
  return NEXT;
}

export function shlxGyEyBy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  setRegSized(r1Of(rec), loadSized(host, size) << vexCount(rec), size);
  return NEXT;
}

export function shrxGyEyBy(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  const size = sizeOf(rec);
  setRegSized(r1Of(rec), loadSized(host, size) >> vexCount(rec), size);
  return NEXT;
}

export function rorxGyEyIb(rec: u32): u32 {
  const host = vexOperand(rec);
  if (host == 0) return FAULTED;
  if (sizeOf(rec) == SIZE_64) setReg<u64>(r1Of(rec), rotr<u64>(load<u64>(host), immOf(rec) as u64));
  else setReg<u32>(r1Of(rec), rotr<u32>(load<u32>(host), immOf(rec) as u32));
  return NEXT;
}

// --- CRC32 (Castagnoli polynomial, reflected) ---

function crcStep(crc: u32, value: u64, bytes: u32): u32 {
  let state = crc;
  for (let i: u32 = 0; i < bytes; i++) {
    state ^= ((value >> ((i * 8) as u64)) as u32) & 0xff;
    for (let bit = 0; bit < 8; bit++) {
      state = (state & 1) != 0 ? (state >>> 1) ^ 0x82f63b78 : state >>> 1;
    }
  }
  return state;
}

export function crc32GyEb(rec: u32): u32 {
  const host = readOperand(rec, 0);
  if (host == 0) return FAULTED;
  const crc = crcStep(getReg<u32>(r1Of(rec)), load<u8>(host) as u64, 1);
  setReg<u64>(r1Of(rec), crc as u64);
  return NEXT;
}

export function crc32GyEv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  const crc = crcStep(getReg<u32>(r1Of(rec)), loadSized(host, size), 1 << size);
  setReg<u64>(r1Of(rec), crc as u64);
  return NEXT;
}
