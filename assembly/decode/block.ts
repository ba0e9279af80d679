/** Builds blocks: straight-line runs of records, fused where a compare and a jump stand together. */
import { raiseGp, raiseUd } from "../cpu/fault";
import { SEG_CS, segmentLimit } from "../cpu/mode";
import {
  FIRST_COLD_CASE,
  FLAG_EFFECTS,
  FLAGLESS_TABLE,
  FUSE_TABLE,
  OP_END_CHAIN,
  OP_END_LEAVE,
} from "../generated/decode-tables";
import { ADDR_MASK, CODE_HPA, CODE_KEY, GPR, RIP, SLOT_PAGE_LINEAR } from "../generated/state";
import { FETCH_BYTES } from "../layout";
import { NO_PAGE, translateFetch } from "../memory/access";
import { frameOf, ramPointer } from "../memory/physical";
import { blockKey, commitBlock, commitCrossing, HEADER_BYTES, reserveBlock } from "./cache";
import {
  decodedLength,
  decodedRecords,
  decodedRow,
  decodeInstruction,
  LENGTH_MAX,
  MODE_FLAT_CODE,
  MODE_SINGLE,
} from "./decoder";
import {
  clearRecord,
  imm32Of,
  REC_BYTES,
  REC_COUNT,
  REC_DISP,
  REC_JUMP,
  REC_LEFT,
  REC_LEN,
  REC_OFF,
  REC_OP,
  SIZE_16,
  SIZE_64,
  sizeOf,
} from "./record";
import {
  JUMP_CALL,
  JUMP_INDIRECT,
  JUMP_JCC,
  JUMP_JMP,
  ROW_CONDITION,
  ROW_END,
  ROW_FLAGS,
  ROW_JUMP,
} from "./row-fields";

/** Longest block; two records an instruction, one to end it. */
export const BLOCK_INSTRUCTIONS_MAX: u32 = 64;
const BLOCK_RECORDS_MAX: u32 = BLOCK_INSTRUCTIONS_MAX * 2 + 1;
const PAGE: u32 = 0x1000;

// FLAG_EFFECTS, as tools/generate/flag-effects.ts makes them.
const FLAGS_ALL: u32 = 7;
const EFFECT_BARRIER: u32 = 0x40;
const EFFECT_COUNTED: u32 = 0x80;

/** Decode mode of the current code. @inline */
export function decodeMode(): u32 {
  return (load<u64>(CODE_KEY) >> 52) as u32;
}

/** Pointer to the bytes at page offset `at`, at least 16 of which can be read. */
function bytesAt(page: u32, at: u32): u32 {
  if (at + LENGTH_MAX + 1 <= PAGE) return page + at;
  memory.fill(FETCH_BYTES, 0, 64);
  memory.copy(FETCH_BYTES, page + at, PAGE - at);
  return FETCH_BYTES;
}

/**
 * Decodes the block at page offset `offset` of the current code page and enters it in the cache.
 * Returns its first record, or 0 with an exception raised.
 */
export function decodeBlock(offset: u32): u32 {
  const page = ramPointer(load<u64>(CODE_HPA));
  if (page == 0) {
    // A device answers a fetch with all ones, which is no instruction.
    raiseUd();
    return 0;
  }
  const mode = decodeMode();
  const single = (mode & MODE_SINGLE) != 0;
  const block = reserveBlock(BLOCK_RECORDS_MAX);
  let rec = block + HEADER_BYTES;
  let previous: u32 = 0;
  let at = offset;
  let instructions: u32 = 0;
  let end = OP_END_CHAIN;
  for (;;) {
    decodeInstruction(bytesAt(page, at), mode, at, rec);
    if (at + decodedLength > PAGE) {
      if (instructions == 0) return decodeCrossing(block, page, at, mode);
      break;
    }
    const row = decodedRow;
    const jump = row != 0 ? (load<u8>(row, ROW_JUMP) as u32) : 0;
    if (jump == JUMP_JCC && previous != 0 && fuse(previous, rec, row)) {
      previous = 0;
    } else {
      rec = placeRecords(rec, at, instructions);
      previous = rec - REC_BYTES;
    }
    at += decodedLength;
    instructions++;
    // Every block ends with an end record, so that there is one behind each instruction.
    if (
      single ||
      row == 0 ||
      jump == JUMP_JMP ||
      jump == JUMP_CALL ||
      jump == JUMP_INDIRECT ||
      (load<u8>(row, ROW_FLAGS) & ROW_END) != 0
    ) {
      end = OP_END_LEAVE;
      break;
    }
    if (at == PAGE || instructions == BLOCK_INSTRUCTIONS_MAX) break;
  }
  endRecord(rec, end, at);
  return commit(block, rec, page, offset, at, instructions);
}

/** Sets offset and place of the records just decoded; returns the place behind them. */
function placeRecords(first: u32, at: u32, instructions: u32): u32 {
  let rec = first;
  for (let i: u32 = 0; i < decodedRecords; i++) {
    store<u16>(rec, at as u16, REC_OFF);
    store<u16>(rec, instructions as u16, REC_LEFT);
    rec += REC_BYTES;
  }
  return rec;
}

function endRecord(rec: u32, op: u32, at: u32): void {
  clearRecord(rec);
  store<u16>(rec, op as u16, REC_OP);
  store<u16>(rec, at as u16, REC_OFF);
}

/** Joins the conditional jump at `jump` to the compare at `rec`, if there is a case for it. */
function fuse(rec: u32, jump: u32, row: u32): bool {
  const first = load<u16>(FUSE_TABLE + ((load<u16>(rec, REC_OP) as u32) << 1)) as u32;
  if (first == 0 || sizeOf(jump) == SIZE_16) return false;
  const condition = load<u8>(row, ROW_CONDITION) as u32;
  // Overflow and parity are not joined.
  if (condition < 2 || condition == 10 || condition == 11) return false;
  store<u16>(rec, (first + condition) as u16, REC_OP);
  store<i32>(rec, load<i32>(jump, REC_JUMP), REC_JUMP);
  // The compare has register operands: its displacement is free to say where the jump begins.
  store<i32>(rec, load<u8>(rec, REC_LEN) as i32, REC_DISP);
  store<u8>(rec, load<u8>(rec, REC_LEN) + load<u8>(jump, REC_LEN), REC_LEN);
  store<u8>(rec, 2, REC_COUNT);
  return true;
}

/** Turns places into counts of instructions left and enters the block. */
function commit(block: u32, behind: u32, page: u32, start: u32, end: u32, instructions: u32): u32 {
  const first = block + HEADER_BYTES;
  for (let rec = first; rec < behind; rec += REC_BYTES) {
    store<u16>(rec, (instructions - load<u16>(rec, REC_LEFT)) as u16, REC_LEFT);
  }
  const records = (behind - first) / REC_BYTES + 1;
  dropDeadFlags(first, behind);
  commitBlock(block, blockKey(start), frameOf(page), start, end, records);
  return first;
}

/**
 * Replaces cases whose flags are overwritten before anybody can see them. At the end of the block
 * and before whatever may fault or leave it, all flags are visible.
 */
function dropDeadFlags(first: u32, behind: u32): void {
  let live: u32 = FLAGS_ALL;
  for (let rec = behind - REC_BYTES; rec >= first; rec -= REC_BYTES) {
    const op = load<u16>(rec, REC_OP) as u32;
    const effect: u32 =
      op < FIRST_COLD_CASE ? (load<u8>(FLAG_EFFECTS + op) as u32) : EFFECT_BARRIER;
    if ((effect & EFFECT_BARRIER) != 0) {
      live = FLAGS_ALL;
      continue;
    }
    // A count of 0 changes nothing.
    const mask: u32 = sizeOf(rec) == SIZE_64 ? 63 : 31;
    if ((effect & EFFECT_COUNTED) != 0 && ((imm32Of(rec) as u32) & mask) == 0) continue;
    const kills = effect & FLAGS_ALL;
    if (kills != 0 && (live & kills) == 0) {
      const flagless = load<u16>(FLAGLESS_TABLE + (op << 1));
      if (flagless != 0) store<u16>(rec, flagless, REC_OP);
    }
    live = (live & ~kills) | ((effect >>> 3) & FLAGS_ALL);
  }
}

/**
 * True when the code segment's limit permits the byte behind the page that holds RIP, at page offset
 * `at`; else #GP is raised, which goes before a page fault of that byte.
 */
export function nextPageWithinLimit(at: u32): bool {
  if ((decodeMode() & MODE_FLAT_CODE) != 0) return true;
  if (load<u64>(RIP) + ((PAGE - at) as u64) <= (segmentLimit(SEG_CS) as u64)) return true;
  raiseGp(0);
  return false;
}

/** Decodes the instruction at `at`, which crosses into the next page, as a block of its own. */
function decodeCrossing(block: u32, page: u32, at: u32, mode: u32): u32 {
  if (!nextPageWithinLimit(at)) return 0;
  const next = (load<u64>(SLOT_PAGE_LINEAR, GPR) + PAGE) & load<u64>(ADDR_MASK);
  const hpa2 = translateFetch(next);
  if (hpa2 == NO_PAGE) return 0;
  const page2 = ramPointer(hpa2);
  if (page2 == 0) {
    raiseUd();
    return 0;
  }
  const bytes = bytesAt(page, at);
  memory.copy(bytes + (PAGE - at), page2, 16);
  const first = block + HEADER_BYTES;
  decodeInstruction(bytes, mode, at, first);
  const behind = placeRecords(first, at, 0);
  const end = at + decodedLength;
  endRecord(behind, OP_END_LEAVE, end);
  commit(block, behind, page, at, PAGE, 1);
  if (end > PAGE) commitCrossing(block, frameOf(page2), end - PAGE);
  return first;
}
