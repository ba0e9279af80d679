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
 * number that stands for the address space here, bit 11 set for a page with decoded code or that the
 * host watches (write tags only). To drop everything, address spaces are given new numbers, and the
 * entries under the old ones are cleared when the numbers have been used up.
 *
 * An entry was judged by CR0.WP, CR4.SMEP, SMAP and PKE, IA32_EFER.NXE and LMA and PKRU as they stood
 * when it was made: a change of one of them clears the front. VM entries and exits load all but PKRU,
 * mostly with the values that they had when the processor last was on that side. As the entries of
 * either side carry numbers of address spaces of their own (another VPID or EP4TA, or numbers that
 * the flush of a transition without VPIDs has retired), they may stay when that is so: FRONT_RIGHTS
 * remembers for root and for non-root operation what its entries were judged by.
 */

import {
  CR0_AM,
  CR0_WP,
  CR4_PKE,
  CR4_SMAP,
  CR4_SMEP,
  EFER_LMA,
  EFER_NXE,
} from "../cpu/control-bits";
import { FLAG_AC } from "../cpu/flags";
import { forgetJumps, updateJumpContext } from "../cpu/jump-cache";
import {
  CPL,
  CR0,
  CR4,
  DR,
  EFER,
  FETCH_VALID,
  FLAGS_REST,
  FRONT_CTX,
  FRONT_CTX_CODE,
  FRONT_RIGHTS,
  SPACE_ID,
  VMX_OPERATION,
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

/** Set in write tags of pages that hold decoded code or that the host watches. */
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

/** The bits that entries of the front are judged by and that VM entries and exits load. */
function frontRights(): u32 {
  const cr0 = load<u64>(CR0) & CR0_WP;
  const cr4 = load<u64>(CR4) & (CR4_SMEP | CR4_SMAP | CR4_PKE);
  const efer = load<u64>(EFER) & (EFER_NXE | EFER_LMA);
  // Bits 16; 22:20; 10 and 11: they do not meet.
  return (cr0 | cr4 | efer) as u32;
}

/** Where the bits of the side stand that the processor is on. @inline */
function frontRightsCell(guest: bool): u32 {
  return FRONT_RIGHTS + (u32(guest) << 2);
}

/** To be called after a change of CR0, CR4 or IA32_EFER that is no VM entry or exit. */
export function noteFrontRights(): void {
  const cell = frontRightsCell(load<u32>(VMX_OPERATION) == 2);
  const rights = frontRights();
  if (load<u32>(cell) == rights) return;
  store<u32>(cell, rights);
  clearFront();
}

/**
 * To be called when a VM entry (`guest`) or a VM exit has loaded CR0, CR4, IA32_EFER and DR7. Keeps
 * the front unless the bits differ from those that the entries of that side were judged by.
 */
export function frontRightsLoaded(guest: bool): void {
  const cell = frontRightsCell(guest);
  const rights = frontRights();
  // Pages with breakpoints must not stand in the front; so few guests have any that they may pay.
  const watched = (load<u64>(DR + 56) & 0xff) != 0;
  if (load<u32>(cell) == rights && !watched) return;
  store<u32>(cell, rights);
  clearFront();
}

/** Drops an entry of the fetch cache, and with it the jumps that rest on it. */
function dropFetch(entry: u32): void {
  store<u64>(entry, TAG_INVALID, F_READ);
  forgetJumps();
}

/** Drops the 4 KiB page that holds `gla` from the data cache, whatever its context. */
export function dropFrontData(gla: u64): void {
  const entry = frontEntry(gla);
  if (((load<u64>(entry, F_READ) ^ gla) & ~0xfff) == 0) store<u64>(entry, TAG_INVALID, F_READ);
  if (((load<u64>(entry, F_WRITE) ^ gla) & ~0xfff) == 0) store<u64>(entry, TAG_INVALID, F_WRITE);
}

/** Drops the 4 KiB page at `page` from both caches, whatever its context. */
function dropPage(page: u64): void {
  dropFrontData(page);
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

/** Drops every entry for the page at pointer `hostPage` (0: no RAM) and host-physical `hpaPage`. */
export function dropFrontPage(hostPage: u32, hpaPage: u64): void {
  for (let i: u32 = 0; i < FRONT_ENTRIES && hostPage != 0; i++) {
    const entry = FRONT + i * FRONT_ENTRY_BYTES;
    for (let at: u32 = F_READ; at <= F_WRITE; at += F_WRITE - F_READ) {
      const tag = load<u64>(entry + at);
      if (tag == TAG_INVALID) continue;
      if ((tag as u32 & 0xfffff000) + load<u32>(entry, F_ADDEND) == hostPage) {
        store<u64>(entry + at, TAG_INVALID);
      }
    }
  }
  for (let i: u32 = 0; i < FETCH_FRONT_ENTRIES; i++) {
    const entry = FETCH_FRONT + i * FRONT_ENTRY_BYTES;
    if (load<u64>(entry, F_READ) == TAG_INVALID) continue;
    if (load<u64>(entry, F_HPA) == hpaPage) dropFetch(entry);
  }
  store<u32>(FETCH_VALID, 0);
}

/** Enters a data translation that `context` may `read` and `write`; `code` for CONTEXT_CODE. */
export function fillFront(
  gla: u64,
  hostPage: u32,
  context: u64,
  read: bool,
  write: bool,
  code: bool,
): void {
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
  if (read) store<u64>(entry, tag, F_READ);
  if (write) store<u64>(entry, code ? tag | CONTEXT_CODE : tag, F_WRITE);
}

/** Enters a translation for instruction fetches. */
export function fillFetchFront(gla: u64, hpaPage: u64): void {
  const entry = fetchEntry(gla);
  if (load<u64>(entry, F_READ) != TAG_INVALID) forgetJumps();
  store<u64>(entry, (gla & ~0xfff) | frontContext(), F_READ);
  store<u64>(entry, hpaPage, F_HPA);
}
