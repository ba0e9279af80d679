/**
 * Operands of SSE instructions: the check that comes before any, sources by width, the aligned ones,
 * and the write of an XMM register. A pointer of 0 means that an exception has been raised.
 *
 * XMM registers are always written as 16 bytes, so that the host's store forwarding serves the next
 * reader whatever its width.
 */
import { raiseGp, raiseSseTrap } from "../cpu/fault";
import { isMemory, NEXT, r1Of, r2Of } from "../decode/record";
import { GPR, SSE_TRAP, XMM } from "../generated/state";
import { readPointer, writePointer } from "../memory/access";
import { isCanonical } from "../paging/walk";
import { effectiveAddress } from "./address";
import { finishStore } from "./operand";

/** True when the instruction must raise #UD or #NM before it looks at its operands. @inline */
export function isSseTrapped(): bool {
  return load<u32>(SSE_TRAP) != 0;
}

/** XMM register of ModRM.reg. @inline */
export function dest(rec: u32): v128 {
  return v128.load(r1Of(rec), XMM);
}

/** XMM register of ModRM.rm. @inline */
export function register2(rec: u32): v128 {
  return v128.load(r2Of(rec), XMM);
}

/** Writes the XMM register of ModRM.reg and ends the instruction. @inline */
export function put(rec: u32, value: v128): u32 {
  v128.store(r1Of(rec), value, XMM);
  return NEXT;
}

/** Replaces the low 64 bits of the XMM register of ModRM.reg. @inline */
export function putF64(rec: u32, value: f64): u32 {
  return put(rec, f64x2.replace_lane(dest(rec), 0, value));
}

/** Replaces the low 32 bits. @inline */
export function putF32(rec: u32, value: f32): u32 {
  return put(rec, f32x4.replace_lane(dest(rec), 0, value));
}

/**
 * True with #GP(0) raised when a 16-byte operand that must be aligned is not. A non-canonical
 * address is left to the access, which knows the segment.
 */
export function misaligned16(gla: u64): bool {
  if ((gla & 15) == 0 || !isCanonical(gla)) return false;
  raiseGp(0);
  return true;
}

/** Pointer to read 16 aligned bytes at `gla`. @inline */
export function readAligned(gla: u64, rec: u32): u32 {
  if ((gla & 15) != 0 && misaligned16(gla)) return 0;
  return readPointer<v128>(gla, rec);
}

/** Pointer to the 16-byte source; in memory it must be aligned. */
export function source(rec: u32): u32 {
  if (isSseTrapped()) {
    raiseSseTrap();
    return 0;
  }
  if (!isMemory(rec)) return XMM + r2Of(rec);
  return readAligned(effectiveAddress(rec), rec);
}

/** Pointer to the source of sizeof<T>() bytes, in an XMM register or anywhere in memory. */
export function sourceOf<T>(rec: u32): u32 {
  if (isSseTrapped()) {
    raiseSseTrap();
    return 0;
  }
  if (!isMemory(rec)) return XMM + r2Of(rec);
  return readPointer<T>(effectiveAddress(rec), rec);
}

/** Pointer to the source of sizeof<T>() bytes, in a general register or in memory. */
export function generalSource<T>(rec: u32): u32 {
  if (isSseTrapped()) {
    raiseSseTrap();
    return 0;
  }
  if (!isMemory(rec)) return GPR + r2Of(rec);
  return readPointer<T>(effectiveAddress(rec), rec);
}

/** Stores `value` to the memory operand. */
export function storeOperand<T>(rec: u32, value: T): u32 {
  const host = writePointer<T>(effectiveAddress(rec), rec);
  store<T>(host, value);
  return finishStore(host);
}
