/**
 * Memory operands of x87 and MMX instructions. Their exceptions rank below #NM and #MF, so that the
 * instruction asks for the operand itself, behind its own checks; a translation in the front cache is
 * used without a call. A pointer of 0 means that an exception has been raised.
 */
import { raiseError, VECTOR_AC } from "../cpu/fault";
import { linear, linearize } from "../cpu/segment";
import { segmentOf } from "../decode/record";
import { FRONT_CTX } from "../generated/state";
import { readPointer, readSlow, writePointer, writeSlow } from "../memory/access";
import { isCanonical } from "../paging/walk";
import { alignmentChecked, F_ADDEND, F_READ, F_WRITE, frontEntry } from "../tlb/front";
import { operandOffset } from "./address";

const EXTENDED_BYTES: u32 = 10;

/** Offset in its segment of the operand last asked for. */
export let operandAt: u64 = 0;

/** Pointer to read a T at the operand. @inline */
export function fetchOperand<T>(rec: u32): u32 {
  operandAt = operandOffset(rec);
  if (!linearize(segmentOf(rec), operandAt, sizeof<T>() as u32, false)) return 0;
  return readPointer<T>(linear, rec);
}

/** Pointer to write a T at the operand; end with `finishStore`. @inline */
export function placeOperand<T>(rec: u32): u32 {
  operandAt = operandOffset(rec);
  if (!linearize(segmentOf(rec), operandAt, sizeof<T>() as u32, true)) return 0;
  return writePointer<T>(linear, rec);
}

/** Pointer to read the 10 bytes of an 80-bit operand. */
export function fetchOperand80(rec: u32): u32 {
  operandAt = operandOffset(rec);
  if (!linearize(segmentOf(rec), operandAt, EXTENDED_BYTES, false)) return 0;
  const gla = linear;
  const entry = frontEntry(gla);
  const tag = ((gla + (EXTENDED_BYTES - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_READ) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return misaligned80(gla) ? 0 : readSlow(gla, EXTENDED_BYTES, rec);
}

/** Pointer to write them; end with `finishStore`. */
export function placeOperand80(rec: u32): u32 {
  operandAt = operandOffset(rec);
  if (!linearize(segmentOf(rec), operandAt, EXTENDED_BYTES, true)) return 0;
  const gla = linear;
  const entry = frontEntry(gla);
  const tag = ((gla + (EXTENDED_BYTES - 1)) & ~0xfff) | load<u64>(FRONT_CTX);
  if (load<u64>(entry, F_WRITE) == tag) return (gla as u32) + load<u32>(entry, F_ADDEND);
  return misaligned80(gla) ? 0 : writeSlow(gla, EXTENDED_BYTES, rec, false);
}

/** An 80-bit operand is to be aligned to 8 bytes (SDM "Alignment Check Exception"): true with #AC. */
function misaligned80(gla: u64): bool {
  if (((gla as u32) & 7) == 0 || !alignmentChecked() || !isCanonical(gla)) return false;
  raiseError(VECTOR_AC, 0);
  return true;
}
