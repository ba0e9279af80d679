/**
 * The decoded-instruction record: 32 bytes, the unit the dispatch loop executes.
 *
 * Records of a block lie one behind the other. A record names registers by their byte offset in the
 * register file, so that executing it needs no further decoding.
 *
 *   0 u16 op       case of the dispatch switch
 *   2 u8  r1       register operand (ModRM.reg); byte offset in GPR, XMM or MMX file
 *   3 u8  r2       register operand (ModRM.rm or opcode bits 2:0)
 *   4 u8  base     slot of the base register, or ZERO / PAGE_LINEAR / EA_TEMP
 *   5 u8  index    slot of the index register, or ZERO
 *   6 u8  scale    0-3
 *   7 u8  seg      slot of the segment base to add, or ZERO when the base is known to be 0
 *   8 i32 disp     displacement; of a fused record the length of its first instruction
 *  12 u16 off      offset of the instruction in its page
 *  14 u16 left     instructions from this one to the end of the block, this one included
 *  16 i64 imm      immediate; for jumps bits 63:32 hold the displacement of the jump; for x87
 *                  instructions the opcode as FOP holds it
 *  24 u32 target   record of the jump target when it is decoded already, else 0
 *  28 u8  len      length in bytes
 *  29 u8  size     bits 1:0 operand size, 3:2 address size, 7 memory operand, 6 LOCK
 *  30 u8  prefix   bits 2:0 segment of the memory operand, 3 REX, 4 F3, 5 F2, 6 66h, 7 explicit segment
 *  31 u8  count    instructions this record retires: 0, 1, or 2 when fused
 */

export const REC_BYTES: u32 = 32;

export const REC_OP: u32 = 0;
export const REC_R1: u32 = 2;
export const REC_R2: u32 = 3;
export const REC_BASE: u32 = 4;
export const REC_INDEX: u32 = 5;
export const REC_SCALE: u32 = 6;
export const REC_SEG: u32 = 7;
export const REC_DISP: u32 = 8;
export const REC_OFF: u32 = 12;
export const REC_LEFT: u32 = 14;
export const REC_IMM: u32 = 16;
export const REC_JUMP: u32 = 20;
export const REC_TARGET: u32 = 24;
export const REC_LEN: u32 = 28;
export const REC_SIZE: u32 = 29;
export const REC_PREFIX: u32 = 30;
export const REC_COUNT: u32 = 31;

/** Operand sizes as log2 of bytes. */
export const SIZE_8: u32 = 0;
export const SIZE_16: u32 = 1;
export const SIZE_32: u32 = 2;
export const SIZE_64: u32 = 3;

export const SIZE_MEMORY: u32 = 0x80;
export const SIZE_LOCK: u32 = 0x40;
export const PREFIX_REX: u32 = 0x08;
export const PREFIX_F3: u32 = 0x10;
export const PREFIX_F2: u32 = 0x20;
export const PREFIX_66: u32 = 0x40;
export const PREFIX_SEGMENT: u32 = 0x80;

/** What an execute function returns to the dispatch loop. */
export const NEXT: u32 = 0;
/** An exception is pending; RIP is that of this record and the instruction did not retire. */
export const FAULTED: u32 = 1;
/** The instruction retired and has set RIP itself. */
export const DONE: u32 = 2;
/** The instruction did not retire, has no exception, and starts again (REP, STALE). */
export const AGAIN: u32 = 3;

/** Clears a record; a store of 16 bytes is far cheaper than a call of memory.fill. @inline */
export function clearRecord(rec: u32): void {
  v128.store(rec, i64x2.splat(0));
  v128.store(rec, i64x2.splat(0), 16);
}

/** @inline */
export function r1Of(rec: u32): u32 {
  return load<u8>(rec, REC_R1);
}

/** @inline */
export function r2Of(rec: u32): u32 {
  return load<u8>(rec, REC_R2);
}

/** Operand size as log2 of bytes. @inline */
export function sizeOf(rec: u32): u32 {
  return load<u8>(rec, REC_SIZE) & 3;
}

/** Address size as log2 of bytes: 1, 2 or 3. @inline */
export function addressSizeOf(rec: u32): u32 {
  return (load<u8>(rec, REC_SIZE) >> 2) & 3;
}

/** @inline */
export function isMemory(rec: u32): bool {
  return (load<u8>(rec, REC_SIZE) & SIZE_MEMORY) != 0;
}

/** Segment register of the memory operand, 0-5. @inline */
export function segmentOf(rec: u32): u32 {
  return load<u8>(rec, REC_PREFIX) & 7;
}

/** @inline */
export function prefixOf(rec: u32): u32 {
  return load<u8>(rec, REC_PREFIX);
}

/** @inline */
export function immOf(rec: u32): i64 {
  return load<i64>(rec, REC_IMM);
}

/** The immediate when it fits 32 bits. @inline */
export function imm32Of(rec: u32): i32 {
  return load<i32>(rec, REC_IMM);
}

/** @inline */
export function lengthOf(rec: u32): u32 {
  return load<u8>(rec, REC_LEN);
}

/** @inline */
export function leftOf(rec: u32): i32 {
  return load<u16>(rec, REC_LEFT);
}
