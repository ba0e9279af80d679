/**
 * Operands of cases that serve register and memory forms and all sizes in one function. A pointer of
 * 0 means that an exception has been raised. A value must be loaded before the next pointer is asked
 * for: both may be the bounce buffer.
 */

import { setReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import {
  addressSizeOf,
  FAULTED,
  isMemory,
  NEXT,
  r2Of,
  SIZE_8,
  SIZE_16,
  SIZE_32,
  segmentOf,
} from "../decode/record";
import { GPR } from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readSized, writeSized } from "../memory/access";
import { addressSizeMask, operandOffset } from "./address";

/** Pointer to read `bytes` (at most 64) of the memory operand. */
export function readMemoryOperand(rec: u32, bytes: u32): u32 {
  return readMemoryAt(rec, operandOffset(rec), bytes);
}

/** Pointer to read `bytes` at `offset` of the operand's segment. */
export function readMemoryAt(rec: u32, offset: u64, bytes: u32): u32 {
  if (!linearize(segmentOf(rec), offset, bytes, false)) return 0;
  return readSized(linear, bytes, rec);
}

/** Offset and selector that `readFarOperand` found. */
export let farOffset: u64 = 0;
export let farSelector: u32 = 0;

/** Pointer to read `bytes` that lie `distance` behind the memory operand, which has parts. */
export function readOperandPart(rec: u32, distance: u32, bytes: u32): u32 {
  const offset = operandOffset(rec) + (distance as u64);
  return readMemoryAt(rec, offset & addressSizeMask(addressSizeOf(rec)), bytes);
}

/**
 * Reads the far pointer in memory whose offset has `1 << size` bytes. Offset and selector are two
 * accesses: each is checked, and aligned, by itself.
 */
export function readFarOperand(rec: u32, size: u32): bool {
  const bytes: u32 = 1 << size;
  let host = readMemoryOperand(rec, bytes);
  if (host == 0) return false;
  farOffset = loadSized(host, size);
  host = readOperandPart(rec, bytes, 2);
  if (host == 0) return false;
  farSelector = load<u16>(host) as u32;
  return true;
}

/** Pointer to write `bytes` of the memory operand; end with `finishStore`. */
export function writeMemoryOperand(rec: u32, bytes: u32): u32 {
  return writeMemoryAt(rec, operandOffset(rec), bytes, false);
}

/** Pointer to read and write `bytes` of the memory operand; end with `finishStore`. */
export function updateMemoryOperand(rec: u32, bytes: u32): u32 {
  return writeMemoryAt(rec, operandOffset(rec), bytes, true);
}

/** Pointer to write `bytes` at `offset` of the operand's segment. */
export function writeMemoryAt(rec: u32, offset: u64, bytes: u32, update: bool): u32 {
  if (!linearize(segmentOf(rec), offset, bytes, true)) return 0;
  return writeSized(linear, bytes, rec, update);
}

/** Ends a store through `host`. @inline */
export function finishStore(host: u32): u32 {
  return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
}

/** Pointer to the register-or-memory operand of `1 << size` bytes, to read. */
export function readOperand(rec: u32, size: u32): u32 {
  if (!isMemory(rec)) return GPR + r2Of(rec);
  return readMemoryOperand(rec, 1 << size);
}

/** Loads `1 << size` bytes, zero-extended. */
export function loadSized(host: u32, size: u32): u64 {
  if (size == SIZE_8) return load<u8>(host) as u64;
  if (size == SIZE_16) return load<u16>(host) as u64;
  if (size == SIZE_32) return load<u32>(host) as u64;
  return load<u64>(host);
}

/** Stores the low `1 << size` bytes of `value`. */
export function storeSized(host: u32, value: u64, size: u32): void {
  if (size == SIZE_8) store<u8>(host, value as u8);
  else if (size == SIZE_16) store<u16>(host, value as u16);
  else if (size == SIZE_32) store<u32>(host, value as u32);
  else store<u64>(host, value);
}

/** Writes a register of `1 << size` bytes at slot offset `slot`. */
export function setRegSized(slot: u32, value: u64, size: u32): void {
  if (size == SIZE_8) setReg<u8>(slot, value as u8);
  else if (size == SIZE_16) setReg<u16>(slot, value as u16);
  else if (size == SIZE_32) setReg<u32>(slot, value as u32);
  else setReg<u64>(slot, value);
}

/** Reads a register of `1 << size` bytes, zero-extended. */
export function getRegSized(slot: u32, size: u32): u64 {
  return loadSized(GPR + slot, size);
}

/** Writes `value` to the register-or-memory operand. */
export function writeOperand(rec: u32, value: u64, size: u32): u32 {
  if (!isMemory(rec)) {
    setRegSized(r2Of(rec), value, size);
    return NEXT;
  }
  const host = writeMemoryOperand(rec, 1 << size);
  storeSized(host, value, size);
  return finishStore(host);
}
