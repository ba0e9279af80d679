/**
 * The front caches: direct-mapped, looked into by inlined code. A data entry holds
 *
 *   0 u64 read tag    page | context that may read it without further checks
 *   8 u64 write tag   page | context that may write it
 *  16 u32 addend      pointer to the page minus the low 32 bits of its linear address
 *
 * and a fetch entry a tag, the addend and the host-physical page (at 24). They hold only what the
 * modelled TLB holds; whatever drops a translation there drops it here.
 *
 * The low 12 bits of a tag: bits 1:0 access mode (bit 0 user, bit 1 SMAP relaxed), bits 10:2 a
 * number that stands for the address space here, bit 11 set for a page with decoded code (write tags
 * only). To drop everything, address spaces are given new numbers, and the entries under the old ones
 * are cleared when the numbers have been used up.
 */

import { CR0_AM, CR4_SMAP } from "../cpu/control-bits";
import { FLAG_AC } from "../cpu/flags";
import { forgetJumps, updateJumpContext } from "../cpu/jump-cache";
import {
  CPL,
  CR0,
  CR4,
  FETCH_VALID,
  FLAGS_REST,
  FRONT_CTX,
  FRONT_CTX_CODE,
  SPACE_ID,
} from "../generated/state";
import {
  FETCH_FRONT,
  FETCH_FRONT_ENTRIES,
  FRONT,
  FRONT_ENTRIES,
  FRONT_ENTRY_BYTES,
  FRONT_NUMBERS,
  SPACES_MAX,
} from "../layout";

export const F_READ: u32 = 0;
export const F_WRITE: u32 = 8;
export const F_ADDEND: u32 = 16;
export const F_HPA: u32 = 24;

/** Set in write tags of pages that hold decoded code. */
export const CONTEXT_CODE: u64 = 0x800;
/** A context that no tag has: every access takes the slow path. */
const CONTEXT_NEVER: u64 = 0xfff;
const TAG_INVALID: u64 = 0x7ff;
/** Numbers of address spaces in tags; the last that nine bits can name is that of TAG_INVALID. */
const NUMBERS: u32 = 0x1ff;
const NUMBER_BITS: u64 = 0x7fc;

/** Numbers given out in an earlier era are void. Never 0, which marks a space without one. */
let era: u64 = 1;
let nextNumber: u32 = 0;

/** Address of the data entry for `gla`. @inline */
export function frontEntry(gla: u64): u32 {
  return FRONT + (((gla as u32) >>> 7) & ((FRONT_ENTRIES - 1) << 5));
}

/** Address of the fetch entry for `gla`. @inline */
export function fetchEntry(gla: u64): u32 {
  return FETCH_FRONT + (((gla as u32) >>> 7) & ((FETCH_FRONT_ENTRIES - 1) << 5));
}

/** True while data accesses at CPL 3 must be aligned. */
export function alignmentChecked(): bool {
  return (
    load<u32>(CPL) == 3 && (load<u64>(CR0) & CR0_AM) != 0 && (load<u32>(FLAGS_REST) & FLAG_AC) != 0
  );
}

/** Context of supervisor accesses to which SMAP applies: accesses to system structures. @inline */
export function systemContext(): u64 {
  return load<u64>(FRONT_CTX_CODE) & NUMBER_BITS;
}

/** Context of user accesses. @inline */
export function userContext(): u64 {
  return systemContext() | 1;
}

/** The number of the current space in tags: a new one when it has none of this era. */
function spaceNumber(): u32 {
  const row = FRONT_NUMBERS + (load<u32>(SPACE_ID) << 3);
  const known = load<u64>(row);
  if (known >> 9 == era) return (known as u32) & 0x1ff;
  if (nextNumber == NUMBERS) clearEntries();
  const number = nextNumber++;
  store<u64>(row, (era << 9) | (number as u64));
  return number;
}

/** To be called when the number of an address space is given out anew. */
export function forgetSpaceNumber(space: u32): void {
  store<u64>(FRONT_NUMBERS + (space << 3), 0);
}

/** Context of supervisor accesses by instructions. */
export function supervisorContext(): u64 {
  const relaxed = (load<u64>(CR4) & CR4_SMAP) != 0 && (load<u32>(FLAGS_REST) & FLAG_AC) != 0;
  return systemContext() | (relaxed ? 2 : 0);
}

/** Makes FRONT_CTX that of the current space, privilege level and flags. */
export function updateFrontContext(): void {
  // The contexts below take the number from here.
  store<u64>(FRONT_CTX_CODE, (spaceNumber() as u64) << 2);
  const context = load<u32>(CPL) == 3 ? userContext() : supervisorContext();
  store<u64>(FRONT_CTX, alignmentChecked() ? CONTEXT_NEVER : context);
  store<u64>(FRONT_CTX_CODE, context | CONTEXT_CODE);
  updateJumpContext();
}

/** The context that tags of data and fetch entries carry now. @inline */
export function frontContext(): u64 {
  return load<u64>(FRONT_CTX_CODE) & ~CONTEXT_CODE;
}

/** Drops everything from both front caches. */
export function clearFront(): void {
  era++;
  store<u32>(FETCH_VALID, 0);
  updateFrontContext();
}

/** Makes all numbers usable again. */
function clearEntries(): void {
  era++;
  nextNumber = 0;
  for (let i: u32 = 0; i < FRONT_ENTRIES; i++) {
    store<u64>(FRONT + i * FRONT_ENTRY_BYTES, TAG_INVALID, F_READ);
    store<u64>(FRONT + i * FRONT_ENTRY_BYTES, TAG_INVALID, F_WRITE);
  }
  for (let i: u32 = 0; i < FETCH_FRONT_ENTRIES; i++) {
    store<u64>(FETCH_FRONT + i * FRONT_ENTRY_BYTES, TAG_INVALID, F_READ);
  }
  store<u32>(FETCH_VALID, 0);
  forgetJumps();
}

/** Empties both front caches; for a machine that starts. */
export function resetFront(): void {
  memory.fill(FRONT_NUMBERS, 0, SPACES_MAX * 8);
  clearEntries();
}

/** Drops an entry of the fetch cache, and with it the jumps that rest on it. */
function dropFetch(entry: u32): void {
  store<u64>(entry, TAG_INVALID, F_READ);
  forgetJumps();
}

/** Drops the 4 KiB page at `page` from both caches, whatever its context. */
function dropPage(page: u64): void {
  const entry = frontEntry(page);
  if (((load<u64>(entry, F_READ) ^ page) & ~0xfff) == 0) store<u64>(entry, TAG_INVALID, F_READ);
  if (((load<u64>(entry, F_WRITE) ^ page) & ~0xfff) == 0) store<u64>(entry, TAG_INVALID, F_WRITE);
  const fetch = fetchEntry(page);
  if (((load<u64>(fetch, F_READ) ^ page) & ~0xfff) == 0) dropFetch(fetch);
}

/** Drops the page of `1 << sizeLog` bytes that holds `gla` from both caches. */
export function dropFront(gla: u64, sizeLog: u32): void {
  store<u32>(FETCH_VALID, 0);
  if (sizeLog <= 12) {
    dropPage(gla & ~0xfff);
    return;
  }
  const shift = sizeLog as u64;
  const wanted = gla >> shift;
  // The places of the small pages within a large one follow each other.
  const places = min<u32>((1 as u32) << min<u32>(sizeLog - 12, 31), FRONT_ENTRIES);
  const first = frontEntry(wanted << shift);
  const end = first + places * FRONT_ENTRY_BYTES;
  for (let entry = first; entry < end; entry += FRONT_ENTRY_BYTES) {
    if (load<u64>(entry, F_READ) >> shift == wanted) store<u64>(entry, TAG_INVALID, F_READ);
    if (load<u64>(entry, F_WRITE) >> shift == wanted) store<u64>(entry, TAG_INVALID, F_WRITE);
  }
  for (let i: u32 = 0; i < FETCH_FRONT_ENTRIES; i++) {
    const entry = FETCH_FRONT + i * FRONT_ENTRY_BYTES;
    if (load<u64>(entry, F_READ) >> shift == wanted) dropFetch(entry);
  }
}

/** Takes write permission from every entry whose page lies at pointer `hostPage`. */
export function dropFrontWrites(hostPage: u32): void {
  for (let i: u32 = 0; i < FRONT_ENTRIES; i++) {
    const entry = FRONT + i * FRONT_ENTRY_BYTES;
    const tag = load<u64>(entry, F_WRITE);
    if (tag == TAG_INVALID) continue;
    if ((tag as u32 & 0xfffff000) + load<u32>(entry, F_ADDEND) == hostPage) {
      store<u64>(entry, TAG_INVALID, F_WRITE);
    }
  }
}

/** Enters a data translation that `context` may read and, with `write`, write. */
export function fillFront(gla: u64, hostPage: u32, context: u64, write: bool, code: bool): void {
  const entry = frontEntry(gla);
  const page = gla & ~0xfff;
  const tag = page | context;
  const addend = hostPage - (page as u32);
  // The two tags share the addend: what the other one permits for another page must go.
  const readTag = load<u64>(entry, F_READ);
  const writeTag = load<u64>(entry, F_WRITE);
  if (load<u32>(entry, F_ADDEND) != addend || ((readTag ^ page) & ~0xfff) != 0) {
    store<u64>(entry, TAG_INVALID, F_READ);
  }
  if (load<u32>(entry, F_ADDEND) != addend || ((writeTag ^ page) & ~0xfff) != 0) {
    store<u64>(entry, TAG_INVALID, F_WRITE);
  }
  store<u32>(entry, addend, F_ADDEND);
  store<u64>(entry, tag, F_READ);
  if (write) store<u64>(entry, code ? tag | CONTEXT_CODE : tag, F_WRITE);
}

/** Enters a translation for instruction fetches. */
export function fillFetchFront(gla: u64, hpaPage: u64): void {
  const entry = fetchEntry(gla);
  if (load<u64>(entry, F_READ) != TAG_INVALID) forgetJumps();
  store<u64>(entry, (gla & ~0xfff) | frontContext(), F_READ);
  store<u64>(entry, hpaPage, F_HPA);
}
