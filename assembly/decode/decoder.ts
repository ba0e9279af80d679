/**
 * Decodes one instruction into records.
 *
 * `decodeInstruction` reads the bytes at a pointer and fills the record at `rec` (and, where the
 * address needs work of its own, a second one before it). It leaves its length and the row in the
 * module's variables. It never faults: what is not an instruction becomes a record that raises #UD.
 */
import { hasFeature } from "../cpu/features";
import { SEG_CS, SEG_DS, SEG_ES, SEG_FS, SEG_GS, SEG_SS } from "../cpu/mode";
import {
  OP_TOO_LONG,
  OP_UNDEFINED,
  OPCODE_MAPS,
  OPCODE_NODES,
  OPCODE_ROWS,
  ROW_BYTES,
} from "../generated/decode-tables";
import { SLOT_PAGE_LINEAR, SLOT_ZERO } from "../generated/state";
import { fillRecord } from "./fill-record";
import { clearRecord, PREFIX_F2, PREFIX_F3, REC_COUNT, REC_LEN, REC_OP } from "./record";
import {
  ACCESS_NONE,
  ROW_ACCESS,
  ROW_E,
  ROW_FEATURE,
  ROW_FLAGS,
  ROW_IMMEDIATE,
  ROW_LOCK,
  ROW_MODRM,
  ROW_SIZE,
  ROW_VVVV,
} from "./row-fields";

/** Decode mode: what the bytes mean depends on. */
export const MODE_SIZE: u32 = 3;
/** DS, ES and SS are flat, the stack is 32 bits wide. */
export const MODE_FLAT: u32 = 4;
/** CS is flat. */
export const MODE_FLAT_CODE: u32 = 8;
/** Blocks of one instruction. */
export const MODE_SINGLE: u32 = 16;

/** In ROW_E: an absolute address. */
const KIND_ABSOLUTE: u32 = 7;

/** Longest instruction (SDM "Instruction Prefixes"). */
export const LENGTH_MAX: u32 = 15;

/** Address of the row of the instruction just decoded, or 0 when it is undefined. */
export let decodedRow: u32 = 0;
/** Its length in bytes. */
export let decodedLength: u32 = 0;
/** Records written: 1, or 2 when an address record stands before it. */
export let decodedRecords: u32 = 0;

// The instruction being decoded.
let cursor: u32 = 0;
export let mode: u32 = 0;
export let rex: u32 = 0;
export let operandPrefix: bool = false;
let addressPrefix: bool = false;
export let repeatPrefix: u32 = 0;
export let segmentPrefix: i32 = -1;
export let lockPrefix: bool = false;
export let addressSize: u32 = 0;
/** Register that VEX.vvvv names; 0 also when it names none. */
export let vvvv: u32 = 0;
/** True when a VEX prefix makes the instruction undefined, whatever its opcode. */
let vexBad: bool = false;
/** True when VEX.vvvv is not 1111. */
let vvvvUsed: bool = false;
export let modrm: u32 = 0;
/** True when the choice of the row has looked at ModRM. */
let peeked: bool = false;
/** True for the opcodes whose ModRM names a register whatever its mod field says. */
let registerOnly: bool = false;
// Its memory operand.
export let memBase: u32 = 0;
export let memIndex: u32 = 0;
export let memScale: u32 = 0;
export let memDisp: i64 = 0;
export let memSegment: u32 = 3;
let memRelative: bool = false;

/** @inline */
function nextByte(): u32 {
  return load<u8>(cursor++);
}

/** Reads legacy and REX prefixes; returns the byte behind them. */
function readPrefixes(start: u32): u32 {
  rex = 0;
  operandPrefix = false;
  addressPrefix = false;
  repeatPrefix = 0;
  segmentPrefix = -1;
  lockPrefix = false;
  const long = (mode & MODE_SIZE) == 2;
  while (true) {
    const byte = nextByte();
    if (cursor - start > LENGTH_MAX) return byte;
    if (long && (byte & 0xf0) == 0x40) {
      rex = byte;
      continue;
    }
    switch (byte) {
      case 0x26:
        if (!long) segmentPrefix = SEG_ES;
        break;
      case 0x2e:
        if (!long) segmentPrefix = SEG_CS;
        break;
      case 0x36:
        if (!long) segmentPrefix = SEG_SS;
        break;
      case 0x3e:
        if (!long) segmentPrefix = SEG_DS;
        break;
      case 0x64:
        segmentPrefix = SEG_FS;
        break;
      case 0x65:
        segmentPrefix = SEG_GS;
        break;
      case 0x66:
        operandPrefix = true;
        break;
      case 0x67:
        addressPrefix = true;
        break;
      case 0xf0:
        lockPrefix = true;
        break;
      case 0xf2:
        repeatPrefix = PREFIX_F2;
        break;
      case 0xf3:
        repeatPrefix = PREFIX_F3;
        break;
      default:
        return byte;
    }
    // REX counts only just before the opcode.
    rex = 0;
  }
}

/** Map numbers as in tools/generate/decode-tables.ts. */
const MAP_1: u32 = 0;
const MAP_0F: u32 = 1;
const MAP_0F38: u32 = 2;
const MAP_0F3A: u32 = 3;
const MAP_VEX: u32 = 3;

/** Reads a VEX prefix whose first byte is `first`; returns the map, or ~0 when it is undefined. */
function readVex(first: u32): u32 {
  // The bytes behind it are fetched even so.
  vexBad = operandPrefix || repeatPrefix != 0 || lockPrefix || rex != 0;
  operandPrefix = false;
  repeatPrefix = 0;
  const long = (mode & MODE_SIZE) == 2;
  const second = nextByte();
  let map = MAP_0F;
  let third = second;
  rex = (second & 0x80) == 0 ? 0x44 : 0x40;
  if (first == 0xc4) {
    map = second & 0x1f;
    if ((second & 0x40) == 0) rex |= 2;
    if ((second & 0x20) == 0) rex |= 1;
    third = nextByte();
    if ((third & 0x80) != 0) rex |= 8;
  }
  // Outside 64-bit mode the register extensions do not exist and W is ignored.
  if (!long) rex = 0;
  vvvvUsed = (third & 0x78) != 0x78;
  vvvv = (~third >>> 3) & (long ? 15 : 7);
  // No instruction on general registers has a vector length.
  if ((third & 4) != 0) vexBad = true;
  switch (third & 3) {
    case 1:
      operandPrefix = true;
      break;
    case 2:
      repeatPrefix = PREFIX_F3;
      break;
    case 3:
      repeatPrefix = PREFIX_F2;
      break;
    default:
      break;
  }
  if (map == 0 || map > 3) return ~0;
  return map + MAP_VEX;
}

/** Value of a selector for the instruction at hand; `cursor` stands at ModRM. */
function selectorValue(kind: u32): u32 {
  if (kind >= 1 && kind <= 3) peeked = true;
  switch (kind) {
    case 0:
      return u32((mode & MODE_SIZE) == 2);
    case 1:
      return u32(registerOnly || load<u8>(cursor) >= 0xc0);
    case 2:
      return (load<u8>(cursor) >>> 3) & 7;
    case 3:
      return load<u8>(cursor) & 7;
    default:
      if (repeatPrefix == PREFIX_F3) return 2;
      if (repeatPrefix == PREFIX_F2) return 3;
      return u32(operandPrefix);
  }
}

/** Follows the tree of `map` for `opcode`; returns the address of the row or 0. */
function findRow(map: u32, opcode: u32): u32 {
  let cell = load<u16>(OPCODE_MAPS + (((map << 8) + opcode) << 1)) as u32;
  while (cell >= 0x8000) {
    const node = OPCODE_NODES + ((cell - 0x8000) << 1);
    const kind = load<u16>(node) as u32;
    cell = load<u16>(node + ((1 + selectorValue(kind)) << 1));
  }
  return cell == 0 ? 0 : (OPCODE_ROWS as u32) + (cell - 1) * ROW_BYTES;
}

/** Operand size (log2 of bytes) for a size policy. */
function operandSize(policy: u32): u32 {
  const size = mode & MODE_SIZE;
  const long = size == 2;
  switch (policy) {
    case 0:
      return 0;
    case 1:
      return 1;
    case 2:
      return 2;
    case 3:
      return 3;
    case 4:
    case 6: {
      if (policy == 4 && (rex & 8) != 0) return 3;
      return (size == 0) == operandPrefix ? 2 : 1;
    }
    case 5:
      return (rex & 8) != 0 ? 3 : 2;
    case 7:
      if (long) return operandPrefix && (rex & 8) == 0 ? 1 : 3;
      return (size == 0) == operandPrefix ? 2 : 1;
    default:
      if (long) return 3;
      return (size == 0) == operandPrefix ? 2 : 1;
  }
}

/** Reads the memory operand that ModRM asks for. */
function readMemory(): void {
  memRelative = false;
  memIndex = SLOT_ZERO;
  memScale = 0;
  memDisp = 0;
  let segment = SEG_DS;
  if (addressSize == 1) {
    segment = readMemory16();
  } else {
    const mod = modrm >>> 6;
    let base = modrm & 7;
    if (base == 4) {
      const sib = nextByte();
      base = sib & 7;
      const index = ((sib >>> 3) & 7) | ((rex & 2) << 2);
      if (index != 4) {
        memIndex = index << 3;
        memScale = sib >>> 6;
      }
      if (base == 5 && mod == 0) {
        memBase = SLOT_ZERO;
        memDisp = readSigned32();
      } else {
        memBase = (base | ((rex & 1) << 3)) << 3;
      }
    } else if (base == 5 && mod == 0) {
      memDisp = readSigned32();
      memRelative = (mode & MODE_SIZE) == 2;
      memBase = memRelative ? SLOT_PAGE_LINEAR : SLOT_ZERO;
    } else {
      memBase = (base | ((rex & 1) << 3)) << 3;
    }
    if (mod == 1) memDisp = load<i8>(cursor++) as i64;
    else if (mod == 2) memDisp = readSigned32();
    // RSP and RBP as base address the stack.
    if (memBase == 32 || memBase == 40) segment = SEG_SS;
  }
  memSegment = segmentPrefix >= 0 ? segmentPrefix : segment;
}

/** Reads the address that the instruction itself holds. */
function readAbsolute(): void {
  memRelative = false;
  memBase = SLOT_ZERO;
  memIndex = SLOT_ZERO;
  memScale = 0;
  memSegment = segmentPrefix >= 0 ? segmentPrefix : SEG_DS;
  if (addressSize == 1) memDisp = load<u16>(cursor) as i64;
  else if (addressSize == 2) memDisp = load<u32>(cursor) as i64;
  else memDisp = load<i64>(cursor);
  cursor += 1 << addressSize;
}

/** 16-bit addressing; returns the default segment. */
function readMemory16(): u32 {
  const mod = modrm >>> 6;
  let segment = SEG_DS;
  switch (modrm & 7) {
    case 0:
      memBase = 3 << 3;
      memIndex = 6 << 3;
      break;
    case 1:
      memBase = 3 << 3;
      memIndex = 7 << 3;
      break;
    case 2:
      memBase = 5 << 3;
      memIndex = 6 << 3;
      segment = SEG_SS;
      break;
    case 3:
      memBase = 5 << 3;
      memIndex = 7 << 3;
      segment = SEG_SS;
      break;
    case 4:
      memBase = 6 << 3;
      break;
    case 5:
      memBase = 7 << 3;
      break;
    case 6:
      memBase = 5 << 3;
      segment = SEG_SS;
      if (mod == 0) {
        memBase = SLOT_ZERO;
        segment = SEG_DS;
        memDisp = load<u16>(cursor) as i64;
        cursor += 2;
      }
      break;
    default:
      memBase = 3 << 3;
      break;
  }
  if (mod == 1) {
    memDisp = load<i8>(cursor) as i64;
    cursor += 1;
  } else if (mod == 2) {
    memDisp = load<i16>(cursor) as i64;
    cursor += 2;
  }
  return segment;
}

/** @inline */
function readSigned32(): i64 {
  const value = load<i32>(cursor) as i64;
  cursor += 4;
  return value;
}

/** Reads the immediate operand of kind `kind` for operand size `size`. */
function readImmediate(kind: u32, size: u32): i64 {
  const at = cursor;
  switch (kind) {
    case 1:
      cursor += 1;
      return load<u8>(at) as i64;
    case 2:
    case 6:
      cursor += 1;
      return load<i8>(at) as i64;
    case 3:
      cursor += 2;
      return load<u16>(at) as i64;
    case 4:
    case 7:
      if (size == 1) {
        cursor += 2;
        return load<i16>(at) as i64;
      }
      cursor += 4;
      return load<i32>(at) as i64;
    case 5:
      cursor += 1 << size;
      if (size == 1) return load<i16>(at) as i64;
      if (size == 2) return load<i32>(at) as i64;
      return load<i64>(at);
    case 8:
      // A far pointer: offset, with the selector above it.
      if (size == 1) {
        cursor += 4;
        return (load<u16>(at) as i64) | ((load<u16>(at, 2) as i64) << 32);
      }
      cursor += 6;
      return (load<u32>(at) as i64) | ((load<u16>(at, 4) as i64) << 32);
    case 9:
      cursor += 3;
      return (load<u16>(at) as i64) | ((load<u8>(at, 2) as i64) << 16);
    case 10:
      cursor += 4;
      return load<i32>(at) as i64;
    case 11:
      cursor += 2;
      return (load<u8>(at) as i64) | ((load<u8>(at, 1) as i64) << 8);
    default:
      return 0;
  }
}

/** Makes `rec` one that raises an exception. */
function invalid(rec: u32, op: u32, start: u32): void {
  clearRecord(rec);
  store<u16>(rec, op as u16, REC_OP);
  store<u8>(rec, 1, REC_COUNT);
  decodedRow = 0;
  decodedRecords = 1;
  decodedLength = min<u32>(cursor - start, LENGTH_MAX);
  store<u8>(rec, decodedLength as u8, REC_LEN);
}

/**
 * Decodes the instruction at pointer `start` in decode mode `decodeMode` into `rec` and, if needed,
 * the record behind it. `offset` is its place in the page. At least 16 bytes must be readable.
 */
export function decodeInstruction(start: u32, decodeMode: u32, offset: u32, rec: u32): void {
  cursor = start;
  mode = decodeMode;
  vvvv = 0;
  vexBad = false;
  vvvvUsed = false;
  peeked = false;
  let opcode = readPrefixes(start);
  let map = MAP_1;
  if (opcode == 0x0f) {
    opcode = nextByte();
    map = MAP_0F;
    if (opcode == 0x38 || opcode == 0x3a) {
      map = opcode == 0x38 ? MAP_0F38 : MAP_0F3A;
      opcode = nextByte();
    }
  } else if (opcode == 0xc4 || opcode == 0xc5) {
    if ((mode & MODE_SIZE) == 2 || load<u8>(cursor) >= 0xc0) {
      map = readVex(opcode);
      opcode = nextByte();
    }
  }
  if (cursor - start > LENGTH_MAX) return invalid(rec, OP_TOO_LONG, start);
  if (map == ~0) return invalid(rec, OP_UNDEFINED, start);
  // MOV to and from control and debug registers.
  registerOnly = map == MAP_0F && opcode >= 0x20 && opcode <= 0x23;
  let row = findRow(map, opcode);
  // 90 with REX.B is an exchange with R8 and no NOP.
  if (map == MAP_1 && opcode == 0x90 && (rex & 1) != 0) row = findRow(MAP_1, 0x91);
  if (row == 0) {
    // ModRM is part of what must be fetched before the opcode is known to be undefined.
    if (peeked) cursor++;
    return invalid(rec, cursor - start > LENGTH_MAX ? OP_TOO_LONG : OP_UNDEFINED, start);
  }
  const flags = load<u8>(row, ROW_FLAGS) as u32;
  const feature = load<u8>(row, ROW_FEATURE) as u32;
  const size = operandSize(load<u8>(row, ROW_SIZE));
  addressSize = (mode & MODE_SIZE) + 1;
  if (addressPrefix) addressSize = addressSize == 2 ? 1 : 2;
  let hasMemory = false;
  modrm = 0xc0;
  if ((flags & ROW_MODRM) != 0) {
    modrm = nextByte();
    if (registerOnly) modrm |= 0xc0;
    hasMemory = modrm < 0xc0;
    if (hasMemory) readMemory();
  }
  if (load<u8>(row, ROW_E) == (KIND_ABSOLUTE as u8)) {
    hasMemory = true;
    readAbsolute();
  }
  let immediate = readImmediate(load<u8>(row, ROW_IMMEDIATE), size);
  // x87 instructions have no immediate: their records carry the opcode as FOP holds it.
  if (map == MAP_1 && (opcode & 0xf8) == 0xd8) immediate = (((opcode & 7) << 8) | modrm) as i64;
  const length = cursor - start;
  if (length > LENGTH_MAX) return invalid(rec, OP_TOO_LONG, start);
  if (vexBad || (vvvvUsed && (flags & ROW_VVVV) == 0)) return invalid(rec, OP_UNDEFINED, start);
  if (feature != 0 && !hasFeature(feature - 1)) return invalid(rec, OP_UNDEFINED, start);
  if (lockPrefix && ((flags & ROW_LOCK) == 0 || !hasMemory)) {
    return invalid(rec, OP_UNDEFINED, start);
  }
  decodedRow = row;
  decodedLength = length;
  // LEA and its like have no segment.
  if (load<u8>(row, ROW_ACCESS) == (ACCESS_NONE as u8)) memSegment = SEG_DS;
  if (hasMemory && memRelative) memDisp += (offset + length) as i64;
  decodedRecords = fillRecord(rec, row, size, hasMemory, immediate, opcode);
}
