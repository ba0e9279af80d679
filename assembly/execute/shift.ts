/** ROL, ROR, RCL, RCR, SHL, SHR, SAR, SHLD, SHRD. */
import { carryFlag, setFlagsResult } from "../cpu/flags";
import { getReg, setReg } from "../cpu/registers";
import { FAULTED, immOf, NEXT, r1Of, r2Of } from "../decode/record";
import { LF_AUX, SLOT_RCX } from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, updatePointer } from "../memory/access";

export const SHIFT_ROL: u32 = 0;
export const SHIFT_ROR: u32 = 1;
export const SHIFT_RCL: u32 = 2;
export const SHIFT_RCR: u32 = 3;
export const SHIFT_SHL: u32 = 4;
export const SHIFT_SHR: u32 = 5;
export const SHIFT_SAR: u32 = 7;

/** Count as the processor masks it. @inline */
function maskCount<T>(count: u32): u32 {
  return count & (sizeof<T>() == 8 ? 63 : 31);
}

/** Sets CF and OF and keeps SF, ZF, AF, PF. @inline */
function setCarryOverflow(cf: u32, overflow: u32): void {
  const aux = load<u32>(LF_AUX) & 0x3fffffff;
  store<u32>(LF_AUX, aux | (cf << 31) | ((cf ^ overflow) << 30));
}

/** @inline */
function topBit<T>(value: T): u32 {
  return ((value as u64) >> ((sizeof<T>() * 8 - 1) as u64)) as u32 & 1;
}

/** The bit below the top one. @inline */
function secondBit<T>(value: T): u32 {
  return ((value as u64) >> ((sizeof<T>() * 8 - 2) as u64)) as u32 & 1;
}

/** Result of shifting or rotating `value` by the masked count (not 0), with its flags. @inline */
function shift<T>(value: T, count: u32, op: u32, flags: bool): T {
  const bits: u32 = sizeof<T>() * 8;
  switch (op) {
    case SHIFT_ROL: {
      const result = rotl<T>(value, (count & (bits - 1)) as T);
      const cf = (result as u32) & 1;
      if (flags) setCarryOverflow(cf, topBit<T>(result) ^ cf);
      return result;
    }
    case SHIFT_ROR: {
      const result = rotr<T>(value, (count & (bits - 1)) as T);
      const top = topBit<T>(result);
      if (flags) setCarryOverflow(top, top ^ secondBit<T>(result));
      return result;
    }
    case SHIFT_RCL:
      return rotateCarryLeft<T>(value, count);
    case SHIFT_RCR:
      return rotateCarryRight<T>(value, count);
    case SHIFT_SHR: {
      const wide = (value as u64) >> ((count - 1) as u64);
      const result = (wide >> 1) as T;
      // OF is undefined for counts above 1; this is what Intel processors give, 0 then.
      if (flags) {
        setFlagsResult<T>(result, (wide as u32) & 1, topBit<T>(result) ^ secondBit<T>(result));
      }
      return result;
    }
    case SHIFT_SAR: {
      const wide = signExtend<T>(value) >> ((count - 1) as i64);
      const result = (wide >> 1) as T;
      if (flags) setFlagsResult<T>(result, (wide as u32) & 1, 0);
      return result;
    }
    default: {
      // The last bit shifted out is the top bit of the value shifted one place less.
      const before =
        sizeof<T>() == 8
          ? (value as u64) << ((count - 1) as u64)
          : (value as u64) << ((count - 1) as u64);
      const cf = ((before >> ((bits - 1) as u64)) as u32) & 1;
      const result = (before << 1) as T;
      if (flags) setFlagsResult<T>(result, cf, cf ^ topBit<T>(result));
      return result;
    }
  }
}

/** @inline */
function signExtend<T>(value: T): i64 {
  if (sizeof<T>() == 1) return value as u32 as i8 as i64;
  if (sizeof<T>() == 2) return value as u32 as i16 as i64;
  if (sizeof<T>() == 4) return value as u32 as i32 as i64;
  return value as i64;
}

/** RCL through CF, a ring of one bit more than the operand. */
function rotateCarryLeft<T>(value: T, count: u32): T {
  const bits: u32 = sizeof<T>() * 8;
  const turns = sizeof<T>() < 4 ? count % (bits + 1) : count;
  if (turns == 0) {
    // A full turn changes nothing; OF is undefined and follows the unchanged operand.
    const cf = carryFlag();
    setCarryOverflow(cf, cf ^ topBit<T>(value));
    return value;
  }
  const wide = value as u64;
  const carry = carryFlag() as u64;
  let result: u64;
  if (turns == 1) result = (wide << 1) | carry;
  else {
    result =
      (wide << (turns as u64)) |
      (carry << ((turns - 1) as u64)) |
      (wide >> ((bits + 1 - turns) as u64));
  }
  const cf = ((wide >> ((bits - turns) as u64)) as u32) & 1;
  const narrow = result as T;
  setCarryOverflow(cf, cf ^ topBit<T>(narrow));
  return narrow;
}

/** RCR through CF. */
function rotateCarryRight<T>(value: T, count: u32): T {
  const bits: u32 = sizeof<T>() * 8;
  const turns = sizeof<T>() < 4 ? count % (bits + 1) : count;
  const wide = value as u64;
  const carry = carryFlag() as u64;
  if (turns == 0) {
    setCarryOverflow(carry as u32, topBit<T>(value) ^ secondBit<T>(value));
    return value;
  }
  let result = (wide >> (turns as u64)) | (carry << ((bits - turns) as u64));
  if (turns > 1) result |= wide << ((bits + 1 - turns) as u64);
  const cf = ((wide >> ((turns - 1) as u64)) as u32) & 1;
  const narrow = result as T;
  setCarryOverflow(cf, topBit<T>(narrow) ^ secondBit<T>(narrow));
  return narrow;
}

/** @inline */
function shiftRegister<T>(rec: u32, raw: u32, op: u32, flags: bool): u32 {
  const count = maskCount<T>(raw);
  const slot = r2Of(rec);
  if (count == 0) {
    // A 32-bit destination is written even so.
    if (sizeof<T>() == 4) setReg<T>(slot, getReg<T>(slot));
    return NEXT;
  }
  setReg<T>(slot, shift<T>(getReg<T>(slot), count, op, flags));
  return NEXT;
}

/** The destination is written before the flags change. @inline */
function shiftMemory<T>(rec: u32, gla: u64, raw: u32, op: u32): u32 {
  const count = maskCount<T>(raw);
  const host = updatePointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  if (count == 0) return NEXT;
  store<T>(host, shift<T>(load<T>(host), count, op, true));
  // No fault is possible any more: the pointer has passed all checks.
  if (host < HOST_LIMIT) finishWrite(host);
  return NEXT;
}

/** @inline */
export function shiftEvIbR<T>(rec: u32, op: u32, flags: bool = true): u32 {
  return shiftRegister<T>(rec, immOf(rec) as u32, op, flags);
}

export function shiftEvIbM<T>(rec: u32, gla: u64, op: u32): u32 {
  return shiftMemory<T>(rec, gla, immOf(rec) as u32, op);
}

/** @inline */
export function shiftEv1R<T>(rec: u32, op: u32, flags: bool = true): u32 {
  return shiftRegister<T>(rec, 1, op, flags);
}

export function shiftEv1M<T>(rec: u32, gla: u64, op: u32): u32 {
  return shiftMemory<T>(rec, gla, 1, op);
}

/** @inline */
export function shiftEvCLR<T>(rec: u32, op: u32): u32 {
  return shiftRegister<T>(rec, getReg<u8>(SLOT_RCX) as u32, op, true);
}

export function shiftEvCLM<T>(rec: u32, gla: u64, op: u32): u32 {
  return shiftMemory<T>(rec, gla, getReg<u8>(SLOT_RCX) as u32, op);
}

/** Result of SHLD by the masked count (not 0), with its flags. */
function shiftLeftDouble<T>(high: T, low: T, count: u32): T {
  const bits: u32 = sizeof<T>() * 8;
  let result: T;
  let cf: u32;
  if (sizeof<T>() == 2) {
    // Counts above 16 shift the pattern high:low:high through.
    const pattern =
      ((high as u32 as u64) << 32) | ((low as u32 as u64) << 16) | (high as u32 as u64);
    const shifted = pattern << (count as u64);
    result = (shifted >> 32) as T;
    cf = ((shifted >> 48) as u32) & 1;
  } else {
    result = ((high << (count as T)) | (low >> ((bits - count) as T))) as T;
    cf = ((high >> ((bits - count) as T)) as u32) & 1;
  }
  setFlagsResult<T>(result, cf, cf ^ topBit<T>(result));
  return result;
}

/** Result of SHRD by the masked count (not 0), with its flags. */
function shiftRightDouble<T>(low: T, high: T, count: u32): T {
  const bits: u32 = sizeof<T>() * 8;
  let result: T;
  let cf: u32;
  if (sizeof<T>() == 2) {
    const pattern =
      ((low as u32 as u64) << 32) | ((high as u32 as u64) << 16) | (low as u32 as u64);
    result = (pattern >> (count as u64)) as T;
    cf = ((pattern >> ((count - 1) as u64)) as u32) & 1;
  } else {
    result = ((low >> (count as T)) | (high << ((bits - count) as T))) as T;
    cf = ((low >> ((count - 1) as T)) as u32) & 1;
  }
  setFlagsResult<T>(result, cf, topBit<T>(result) ^ secondBit<T>(result));
  return result;
}

/** @inline */
function doubleRegister<T>(rec: u32, raw: u32, left: bool): u32 {
  const count = maskCount<T>(raw);
  const slot = r2Of(rec);
  const value = getReg<T>(slot);
  if (count == 0) {
    if (sizeof<T>() == 4) setReg<T>(slot, value);
    return NEXT;
  }
  const other = getReg<T>(r1Of(rec));
  setReg<T>(
    slot,
    left ? shiftLeftDouble<T>(value, other, count) : shiftRightDouble<T>(value, other, count),
  );
  return NEXT;
}

/** @inline */
function doubleMemory<T>(rec: u32, gla: u64, raw: u32, left: bool): u32 {
  const count = maskCount<T>(raw);
  const host = updatePointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  if (count == 0) return NEXT;
  const value = load<T>(host);
  const other = getReg<T>(r1Of(rec));
  store<T>(
    host,
    left ? shiftLeftDouble<T>(value, other, count) : shiftRightDouble<T>(value, other, count),
  );
  if (host < HOST_LIMIT) finishWrite(host);
  return NEXT;
}

export function shldEvGvIbR<T>(rec: u32): u32 {
  return doubleRegister<T>(rec, immOf(rec) as u32, true);
}

export function shldEvGvIbM<T>(rec: u32, gla: u64): u32 {
  return doubleMemory<T>(rec, gla, immOf(rec) as u32, true);
}

export function shldEvGvCLR<T>(rec: u32): u32 {
  return doubleRegister<T>(rec, getReg<u8>(SLOT_RCX) as u32, true);
}

export function shldEvGvCLM<T>(rec: u32, gla: u64): u32 {
  return doubleMemory<T>(rec, gla, getReg<u8>(SLOT_RCX) as u32, true);
}

export function shrdEvGvIbR<T>(rec: u32): u32 {
  return doubleRegister<T>(rec, immOf(rec) as u32, false);
}

export function shrdEvGvIbM<T>(rec: u32, gla: u64): u32 {
  return doubleMemory<T>(rec, gla, immOf(rec) as u32, false);
}

export function shrdEvGvCLR<T>(rec: u32): u32 {
  return doubleRegister<T>(rec, getReg<u8>(SLOT_RCX) as u32, false);
}

export function shrdEvGvCLM<T>(rec: u32, gla: u64): u32 {
  return doubleMemory<T>(rec, gla, getReg<u8>(SLOT_RCX) as u32, false);
}
