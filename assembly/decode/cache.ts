/**
 * The cache of decoded blocks, keyed by host-physical address and decode mode.
 *
 * A block is a header and its records in the arena. Blocks of a frame are chained, and a store into
 * decoded bytes makes all of them stale together, so that a record may hold the address of another
 * one in the same page. Stale records are overwritten with OP_STALE: whoever executes one looks the
 * block up again. The arena is never compacted; when it is full, everything is decoded anew.
 *
 * Header, just before the first record:
 *   0 u64 key          host-physical address | mode << 52
 *   8 u32 hashNext     next block of the same hash chain
 *  12 u32 frameNext    next block of the same frame
 *  16 u16 start, 18 u16 end   page offsets of the bytes (end exclusive)
 *  20 u16 records
 *  22 u16 crossing     1: its one instruction crosses into the next page; 2: stands in the list of
 *                      that next page for the block at `other`
 *  24 u32 other        crossing: frame of the second page; stand-in: the block
 */

import { forgetJumps } from "../cpu/jump-cache";
import { OP_STALE } from "../generated/decode-tables";
import { CODE_HPA, CODE_KEY, CUR_REC } from "../generated/state";
import {
  ARENA,
  ARENA_BYTES,
  BLOCK_TABLE,
  BLOCK_TABLE_ENTRIES,
  M_ARENA_GENERATION,
  M_ARENA_NEXT,
  M_FRAME_BLOCKS,
  M_FRAME_CODE,
  M_FRAME_FLAGS,
  M_FRAMES,
  M_PATCH_REC,
  M_RAM_BASE,
} from "../layout";
import { granuleBits } from "../memory/code";
import {
  FRAME_HAS_CODE,
  frameBlocks,
  frameCodeMap,
  frameFlags,
  setFrameFlags,
} from "../memory/physical";
import { Counter, count } from "../tlb/counters";
import { dropFrontWrites } from "../tlb/front";
import { REC_BYTES } from "./record";

export const HEADER_BYTES: u32 = 32;
export const B_KEY: u32 = 0;
const B_HASH_NEXT: u32 = 8;
const B_FRAME_NEXT: u32 = 12;
export const B_START: u32 = 16;
export const B_END: u32 = 18;
const B_RECORDS: u32 = 20;
export const B_CROSSING: u32 = 22;
export const B_OTHER: u32 = 24;

export const NOT_CROSSING: u32 = 0;
export const CROSSING: u32 = 1;
const STAND_IN: u32 = 2;

/** @inline */
function hashSlot(key: u64): u32 {
  const mixed = (key as u32) ^ ((key >> 16) as u32) ^ ((key >> 47) as u32);
  return BLOCK_TABLE + ((mixed & (BLOCK_TABLE_ENTRIES - 1)) << 2);
}

/** First record of the block with `key`, or 0. @inline */
export function findBlock(key: u64): u32 {
  let block = load<u32>(hashSlot(key));
  while (block != 0) {
    if (load<u64>(block, B_KEY) == key) return block + HEADER_BYTES;
    block = load<u32>(block, B_HASH_NEXT);
  }
  return 0;
}

/** Key of the block at page offset `offset` of the current code page. @inline */
export function blockKey(offset: u32): u64 {
  return load<u64>(CODE_HPA) | (offset as u64) | load<u64>(CODE_KEY);
}

/** Room for a header and `records` records; flushes the arena when there is too little. */
export function reserveBlock(records: u32): u32 {
  const bytes = HEADER_BYTES + records * REC_BYTES;
  // One header more: a crossing block needs a stand-in.
  if (load<u32>(M_ARENA_NEXT) + bytes + HEADER_BYTES > ARENA + ARENA_BYTES) flushArena();
  return load<u32>(M_ARENA_NEXT);
}

/** Enters the block whose header and records lie at the end of the arena. */
export function commitBlock(
  block: u32,
  key: u64,
  frame: u32,
  start: u32,
  end: u32,
  records: u32,
): void {
  count(Counter.BLOCK_DECODED);
  store<u32>(M_ARENA_NEXT, block + HEADER_BYTES + records * REC_BYTES);
  store<u64>(block, key, B_KEY);
  const slot = hashSlot(key);
  store<u32>(block, load<u32>(slot), B_HASH_NEXT);
  store<u32>(slot, block);
  store<u16>(block, start as u16, B_START);
  store<u16>(block, end as u16, B_END);
  store<u16>(block, records as u16, B_RECORDS);
  store<u16>(block, NOT_CROSSING as u16, B_CROSSING);
  store<u32>(block, 0, B_OTHER);
  addToFrame(block, frame, start, end);
}

/** Marks `block` as crossing into `frame2`, where its bytes end at page offset `end2`. */
export function commitCrossing(block: u32, frame2: u32, end2: u32): void {
  store<u16>(block, CROSSING as u16, B_CROSSING);
  store<u32>(block, frame2, B_OTHER);
  const standIn = load<u32>(M_ARENA_NEXT);
  store<u32>(M_ARENA_NEXT, standIn + HEADER_BYTES);
  store<u64>(standIn, ~(0 as u64), B_KEY);
  store<u16>(standIn, 0, B_START);
  store<u16>(standIn, end2 as u16, B_END);
  store<u16>(standIn, 0, B_RECORDS);
  store<u16>(standIn, STAND_IN as u16, B_CROSSING);
  store<u32>(standIn, block, B_OTHER);
  addToFrame(standIn, frame2, 0, end2);
}

function addToFrame(block: u32, frame: u32, start: u32, end: u32): void {
  const head = frameBlocks(frame);
  store<u32>(block, load<u32>(head), B_FRAME_NEXT);
  store<u32>(head, block);
  const map = frameCodeMap(frame);
  store<u64>(map, load<u64>(map) | granuleBits(start, end - start));
  const flags = frameFlags(frame);
  if ((flags & FRAME_HAS_CODE) == 0) {
    setFrameFlags(frame, flags | FRAME_HAS_CODE);
    dropFrontWrites(load<u32>(M_RAM_BASE) + (frame << 12));
  }
}

/** A store of `bytes` at page offset `offset` of `frame`: makes its blocks stale if it hit one. */
export function invalidateFrameCode(frame: u32, offset: u32, bytes: u32): void {
  const head = frameBlocks(frame);
  let block = load<u32>(head);
  const end = offset + bytes;
  while (block != 0) {
    if ((load<u16>(block, B_START) as u32) < end && (load<u16>(block, B_END) as u32) > offset)
      break;
    block = load<u32>(block, B_FRAME_NEXT);
  }
  if (block == 0) return;
  block = load<u32>(head);
  while (block != 0) {
    const next = load<u32>(block, B_FRAME_NEXT);
    killBlock(load<u16>(block, B_CROSSING) == STAND_IN ? load<u32>(block, B_OTHER) : block);
    block = next;
  }
  store<u32>(head, 0);
  store<u64>(frameCodeMap(frame), 0);
  setFrameFlags(frame, frameFlags(frame) & ~FRAME_HAS_CODE);
}

/** Takes a block out of its hash chain and makes its records stale. */
function killBlock(block: u32): void {
  const key = load<u64>(block, B_KEY);
  if (key == ~(0 as u64)) return;
  count(Counter.BLOCK_INVALIDATED);
  let link = hashSlot(key);
  while (load<u32>(link) != 0) {
    if (load<u32>(link) == block) {
      store<u32>(link, load<u32>(block, B_HASH_NEXT));
      break;
    }
    link = load<u32>(link) + B_HASH_NEXT;
  }
  store<u64>(block, ~(0 as u64), B_KEY);
  forgetJumps();
  const records = load<u16>(block, B_RECORDS) as u32;
  let rec = block + HEADER_BYTES;
  for (let i: u32 = 0; i < records; i++) {
    store<u16>(rec, OP_STALE as u16);
    if (load<u32>(M_PATCH_REC) == rec) store<u32>(M_PATCH_REC, 0);
    rec += REC_BYTES;
  }
}

/** Forgets every decoded block. */
export function flushArena(): void {
  count(Counter.ARENA_FLUSH);
  store<u32>(M_ARENA_NEXT, ARENA);
  store<u32>(M_ARENA_GENERATION, load<u32>(M_ARENA_GENERATION) + 1);
  store<u32>(M_PATCH_REC, 0);
  store<u32>(CUR_REC, 0);
  forgetJumps();
  memory.fill(BLOCK_TABLE, 0, BLOCK_TABLE_ENTRIES << 2);
  const frames = load<u32>(M_FRAMES);
  const flags = load<u32>(M_FRAME_FLAGS);
  for (let frame: u32 = 0; frame < frames; frame++) {
    const value = load<u8>(flags + frame) as u32;
    if ((value & FRAME_HAS_CODE) == 0) continue;
    store<u8>(flags + frame, (value & ~FRAME_HAS_CODE) as u8);
    store<u64>(load<u32>(M_FRAME_CODE) + (frame << 3), 0);
    store<u32>(load<u32>(M_FRAME_BLOCKS) + (frame << 2), 0);
  }
}

/** Makes one block stale, whatever its frame. @inline */
export function dropBlock(block: u32): void {
  killBlock(block);
}
