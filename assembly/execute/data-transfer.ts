/** MOV and its extensions, XCHG, BSWAP, LEA, CMOVcc, SETcc, sign extensions, XLAT, MOVBE. */
import { getReg, rax, setReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import {
  addressSizeOf,
  FAULTED,
  immOf,
  NEXT,
  r1Of,
  r2Of,
  SIZE_16,
  SIZE_32,
  segmentOf,
  sizeOf,
} from "../decode/record";
import { SLOT_RAX, SLOT_RBX, SLOT_RDX } from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readPointer, readSlow, updatePointer, writePointer } from "../memory/access";
import { addressSizeMask } from "./address";
import {
  finishStore,
  getRegSized,
  loadSized,
  readMemoryOperand,
  setRegSized,
  storeSized,
  writeMemoryOperand,
} from "./operand";

/** @inline */
export function movEvGvR<T>(rec: u32): u32 {
  setReg<T>(r2Of(rec), getReg<T>(r1Of(rec)));
  return NEXT;
}

/** @inline */
export function movEvGvM<T>(rec: u32, gla: u64): u32 {
  const host = writePointer<T>(gla, rec);
  store<T>(host, getReg<T>(r1Of(rec)));
  return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
}

/** @inline */
export function movGvEvR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), getReg<T>(r2Of(rec)));
  return NEXT;
}

/** @inline */
export function movGvEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), load<T>(host));
  return NEXT;
}

/** @inline */
export function movEvIvR<T>(rec: u32): u32 {
  setReg<T>(r2Of(rec), immOf(rec) as T);
  return NEXT;
}

/** @inline */
export function movEvIvM<T>(rec: u32, gla: u64): u32 {
  const host = writePointer<T>(gla, rec);
  store<T>(host, immOf(rec) as T);
  return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
}

/** @inline */
export function movzxGvEbR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), getReg<u8>(r2Of(rec)) as T);
  return NEXT;
}

/** @inline */
export function movzxGvEbM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<u8>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), load<u8>(host) as T);
  return NEXT;
}

/** @inline */
export function movzxGvEwR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), getReg<u16>(r2Of(rec)) as T);
  return NEXT;
}

/** @inline */
export function movzxGvEwM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<u16>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), load<u16>(host) as T);
  return NEXT;
}

/** @inline */
export function movsxGvEbR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), getReg<i8>(r2Of(rec)) as i64 as T);
  return NEXT;
}

/** @inline */
export function movsxGvEbM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<u8>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), load<i8>(host) as i64 as T);
  return NEXT;
}

/** @inline */
export function movsxGvEwR<T>(rec: u32): u32 {
  setReg<T>(r1Of(rec), getReg<i16>(r2Of(rec)) as i64 as T);
  return NEXT;
}

/** @inline */
export function movsxGvEwM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<u16>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), load<i16>(host) as i64 as T);
  return NEXT;
}

/** Without REX.W this is a plain move. @inline */
export function movsxdGvEdR<T>(rec: u32): u32 {
  if (sizeof<T>() == 8) setReg<u64>(r1Of(rec), getReg<i32>(r2Of(rec)) as i64 as u64);
  else setReg<T>(r1Of(rec), getReg<T>(r2Of(rec)));
  return NEXT;
}

/** With a 16-bit operand size the source is read as 16 bits. @inline */
export function movsxdGvEdM<T>(rec: u32, gla: u64): u32 {
  if (sizeof<T>() == 2) return movsxGvEwM<T>(rec, gla);
  const host = readPointer<u32>(gla, rec);
  if (host == 0) return FAULTED;
  setReg<T>(r1Of(rec), load<i32>(host) as i64 as T);
  return NEXT;
}

/** @inline */
export function xchgEvGvR<T>(rec: u32): u32 {
  const a = getReg<T>(r2Of(rec));
  setReg<T>(r2Of(rec), getReg<T>(r1Of(rec)));
  setReg<T>(r1Of(rec), a);
  return NEXT;
}

/** @inline */
export function xchgEvGvM<T>(rec: u32, gla: u64): u32 {
  const host = updatePointer<T>(gla, rec);
  const a = load<T>(host);
  store<T>(host, getReg<T>(r1Of(rec)));
  if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
  setReg<T>(r1Of(rec), a);
  return NEXT;
}

export function xchgZvRax<T>(rec: u32): u32 {
  const a = getReg<T>(r2Of(rec));
  setReg<T>(r2Of(rec), getReg<T>(SLOT_RAX));
  setReg<T>(SLOT_RAX, a);
  return NEXT;
}

/** @inline */
export function nop(rec: u32): u32 {
  return NEXT;
}

/** With a 16-bit operand the result is undefined; processors clear the register. @inline */
export function bswapZy<T>(rec: u32): u32 {
  if (sizeof<T>() == 2) setReg<u16>(r2Of(rec), 0);
  else setReg<T>(r2Of(rec), bswap<T>(getReg<T>(r2Of(rec))));
  return NEXT;
}

/** @inline */
export function leaGvM<T>(rec: u32, gla: u64): u32 {
  setReg<T>(r1Of(rec), gla as T);
  return NEXT;
}

/** @inline */
export function cmovGvEvR<T>(rec: u32, condition: u32): u32 {
  const slot = r1Of(rec);
  const value = condition != 0 ? getReg<T>(r2Of(rec)) : getReg<T>(slot);
  setReg<T>(slot, value);
  return NEXT;
}

/** The source is read, and may fault, whatever the condition. @inline */
export function cmovGvEvM<T>(rec: u32, gla: u64, condition: u32): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  const slot = r1Of(rec);
  setReg<T>(slot, condition != 0 ? load<T>(host) : getReg<T>(slot));
  return NEXT;
}

/** @inline */
export function setccEbR(rec: u32, condition: u32): u32 {
  setReg<u8>(r2Of(rec), condition as u8);
  return NEXT;
}

/** @inline */
export function setccEbM(rec: u32, gla: u64, condition: u32): u32 {
  const host = writePointer<u8>(gla, rec);
  store<u8>(host, condition as u8);
  return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
}

/** CBW, CWDE, CDQE. @inline */
export function cbw<T>(rec: u32): u32 {
  if (sizeof<T>() == 2) setReg<u16>(SLOT_RAX, getReg<i8>(SLOT_RAX) as i32 as u16);
  else if (sizeof<T>() == 4) setReg<u32>(SLOT_RAX, getReg<i16>(SLOT_RAX) as i32 as u32);
  else setReg<u64>(SLOT_RAX, getReg<i32>(SLOT_RAX) as i64 as u64);
  return NEXT;
}

/** CWD, CDQ, CQO. @inline */
export function cwd<T>(rec: u32): u32 {
  if (sizeof<T>() == 2) setReg<u16>(SLOT_RDX, ((getReg<i16>(SLOT_RAX) as i32) >> 15) as u16);
  else if (sizeof<T>() == 4) setReg<u32>(SLOT_RDX, (getReg<i32>(SLOT_RAX) >> 31) as u32);
  else setReg<u64>(SLOT_RDX, (getReg<i64>(SLOT_RAX) >> 63) as u64);
  return NEXT;
}

/** XLAT. */
export function xlat(rec: u32): u32 {
  const offset = (getReg<u64>(SLOT_RBX) + (rax() & 0xff)) & addressSizeMask(addressSizeOf(rec));
  if (!linearize(segmentOf(rec), offset, 1, false)) return FAULTED;
  const host = readSlow(linear, 1, rec);
  if (host == 0) return FAULTED;
  setReg<u8>(SLOT_RAX, load<u8>(host));
  return NEXT;
}

/** Bytes of `value` in reverse order. */
function reversed(value: u64, size: u32): u64 {
  if (size == SIZE_16) return bswap<u16>(value as u16) as u64;
  if (size == SIZE_32) return bswap<u32>(value as u32) as u64;
  return bswap<u64>(value);
}

export function movbeGvMv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readMemoryOperand(rec, 1 << size);
  if (host == 0) return FAULTED;
  setRegSized(r1Of(rec), reversed(loadSized(host, size), size), size);
  return NEXT;
}

export function movbeMvGv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = writeMemoryOperand(rec, 1 << size);
  storeSized(host, reversed(getRegSized(r1Of(rec), size), size), size);
  return finishStore(host);
}
