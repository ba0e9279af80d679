/** Writes records from what the decoder has read of an instruction. */
import { SEG_DS, SEG_ES, SEG_FS, SEG_SS } from "../cpu/mode";
import { OP_EA_LINEAR, OP_EA_OFFSET } from "../generated/decode-tables";
import { SLOT_EA_TEMP, SLOT_ES_BASE, SLOT_ZERO } from "../generated/state";
import {
  addressSize,
  decodedLength,
  lockPrefix,
  MODE_FLAT,
  MODE_SIZE,
  memBase,
  memDisp,
  memIndex,
  memScale,
  memSegment,
  mode,
  modrm,
  operandPrefix,
  repeatPrefix,
  rex,
  segmentPrefix,
  vvvv,
} from "./decoder";
import {
  clearRecord,
  PREFIX_66,
  PREFIX_REX,
  PREFIX_SEGMENT,
  REC_BASE,
  REC_BYTES,
  REC_COUNT,
  REC_DISP,
  REC_IMM,
  REC_INDEX,
  REC_JUMP,
  REC_LEN,
  REC_OP,
  REC_PREFIX,
  REC_R1,
  REC_R2,
  REC_SCALE,
  REC_SEG,
  REC_SIZE,
  REC_TARGET,
  SIZE_LOCK,
  SIZE_MEMORY,
} from "./record";
import {
  ACCESS_NONE,
  FORM_MEMORY,
  FORM_MEMORY_BD,
  FORM_REGISTER,
  JUMP_INDIRECT,
  JUMP_NONE,
  ROW_ACCESS,
  ROW_CASES,
  ROW_COLD,
  ROW_E,
  ROW_E_SIZE,
  ROW_FLAGS,
  ROW_G,
  ROW_G_SIZE,
  ROW_IMMEDIATE,
  ROW_JUMP,
  ROW_MEMORY_BYTES,
  ROW_VVVV,
} from "./row-fields";

/**
 * Writes the record of the instruction whose parts have been read, and before it one that computes the
 * address where that needs work of its own. Returns how many records it has written.
 */
export function fillRecord(
  at: u32,
  row: u32,
  size: u32,
  hasMemory: bool,
  immediate: i64,
  opcode: u32,
): u32 {
  let rec = at;
  const noAccess = load<u8>(row, ROW_ACCESS) == (ACCESS_NONE as u8);
  const cold = noAccess || (load<u8>(row, ROW_FLAGS) & ROW_COLD) != 0;
  let form = FORM_REGISTER;
  // True when a record of its own computes the address.
  let prepared = false;
  if (hasMemory) {
    prepared = memDisp != (memDisp as i32 as i64) || ((!cold || noAccess) && !directlyAddressed());
    if (prepared) {
      addressRecord(rec, cold ? OP_EA_OFFSET : OP_EA_LINEAR, row, size);
      rec += REC_BYTES;
    }
    const plain = prepared || (memIndex == SLOT_ZERO && segmentSlot() == SLOT_ZERO);
    form = plain ? FORM_MEMORY_BD : FORM_MEMORY;
  }
  clearRecord(rec);
  store<u16>(rec, load<u16>(row + ROW_CASES + (size * 3 + form) * 2), REC_OP);
  store<u8>(rec, operandG(row, size) as u8, REC_R1);
  store<u8>(rec, operandE(row, size, opcode) as u8, REC_R2);
  if (hasMemory && !prepared) {
    store<u8>(rec, memBase as u8, REC_BASE);
    store<u8>(rec, memIndex as u8, REC_INDEX);
    store<u8>(rec, memScale as u8, REC_SCALE);
    store<i32>(rec, memDisp as i32, REC_DISP);
    store<u8>(rec, (cold ? SLOT_ZERO : segmentSlot()) as u8, REC_SEG);
  } else {
    store<u8>(rec, (prepared ? SLOT_EA_TEMP : SLOT_ZERO) as u8, REC_BASE);
    store<u8>(rec, SLOT_ZERO as u8, REC_INDEX);
    store<u8>(rec, SLOT_ZERO as u8, REC_SEG);
  }
  finishRecord(rec, row, size, hasMemory, immediate);
  return prepared ? 2 : 1;
}

/** Fields that do not depend on how the address is made. */
function finishRecord(rec: u32, row: u32, size: u32, hasMemory: bool, immediate: i64): void {
  let imm = immediate;
  if ((load<u8>(row, ROW_FLAGS) & ROW_VVVV) != 0 && load<u8>(row, ROW_IMMEDIATE) == 0) {
    imm = (vvvv << 3) as i64;
  }
  store<i64>(rec, imm, REC_IMM);
  const jump = load<u8>(row, ROW_JUMP) as u32;
  if (jump != JUMP_NONE && jump != JUMP_INDIRECT) store<i32>(rec, immediate as i32, REC_JUMP);
  store<u32>(rec, 0, REC_TARGET);
  store<u8>(rec, decodedLength as u8, REC_LEN);
  store<u8>(
    rec,
    (size |
      (addressSize << 2) |
      (hasMemory ? SIZE_MEMORY : 0) |
      (lockPrefix ? SIZE_LOCK : 0)) as u8,
    REC_SIZE,
  );
  store<u8>(
    rec,
    ((hasMemory ? memSegment : segmentPrefix >= 0 ? segmentPrefix : SEG_DS) |
      (rex != 0 ? PREFIX_REX : 0) |
      repeatPrefix |
      (operandPrefix ? PREFIX_66 : 0) |
      (segmentPrefix >= 0 ? PREFIX_SEGMENT : 0)) as u8,
    REC_PREFIX,
  );
  store<u8>(rec, 1, REC_COUNT);
}

/** r1: the operand that ModRM.reg names. */
function operandG(row: u32, size: u32): u32 {
  const number = ((modrm >>> 3) & 7) | ((rex & 4) << 1);
  const own = load<u8>(row, ROW_G_SIZE) as u32;
  switch (load<u8>(row, ROW_G) as u32) {
    case 1:
      return registerSlot(number, own != 0xff ? own : size);
    case 2:
      return number << 4;
    case 3:
      return (number & 7) << 4;
    case 4:
      return number;
    case 5:
      return 0;
    default:
      return modrm;
  }
}

/** r2: the register that ModRM.rm or the opcode names. */
function operandE(row: u32, size: u32, opcode: u32): u32 {
  const number = (modrm & 7) | ((rex & 1) << 3);
  const own = load<u8>(row, ROW_E_SIZE) as u32;
  switch (load<u8>(row, ROW_E) as u32) {
    case 1:
      return registerSlot(number, own != 0xff ? own : size);
    case 2:
      return number << 4;
    case 3:
      return (number & 7) << 4;
    case 4:
      return modrm & 7;
    case 5:
      return registerSlot((opcode & 7) | ((rex & 1) << 3), size);
    default:
      return 0;
  }
}

/** True when the memory operand needs no checks beyond those of paging. @inline */
function directlyAddressed(): bool {
  if ((mode & MODE_SIZE) == 2) return addressSize == 3;
  if ((mode & MODE_FLAT) == 0 || addressSize != 2) return false;
  return memSegment == SEG_DS || memSegment == SEG_SS || memSegment == SEG_ES;
}

/** Slot of the segment base that a directly addressed operand adds. @inline */
function segmentSlot(): u32 {
  return memSegment >= SEG_FS ? SLOT_ES_BASE + (memSegment << 3) : SLOT_ZERO;
}

/** Writes a record that computes the address of the operand into EA_TEMP. */
function addressRecord(rec: u32, op: u32, row: u32, size: u32): void {
  clearRecord(rec);
  store<u16>(rec, op as u16, REC_OP);
  const bytes = load<u8>(row, ROW_MEMORY_BYTES) as u32;
  const operandBytes: u32 = 1 << size;
  store<u8>(rec, (bytes != 0 ? bytes : operandBytes) as u8, REC_R1);
  store<u8>(rec, load<u8>(row, ROW_ACCESS), REC_R2);
  store<u8>(rec, memBase as u8, REC_BASE);
  store<u8>(rec, memIndex as u8, REC_INDEX);
  store<u8>(rec, memScale as u8, REC_SCALE);
  store<u8>(rec, SLOT_ZERO as u8, REC_SEG);
  store<i64>(rec, memDisp, REC_IMM);
  store<u8>(rec, decodedLength as u8, REC_LEN);
  store<u8>(rec, (size | (addressSize << 2) | SIZE_MEMORY) as u8, REC_SIZE);
  store<u8>(rec, memSegment as u8, REC_PREFIX);
}

/** Slot of the general register `number` as an operand of `size`. */
function registerSlot(number: u32, size: u32): u32 {
  if (size == 0 && rex == 0 && number >= 4 && number < 8) return ((number - 4) << 3) + 1;
  return number << 3;
}
