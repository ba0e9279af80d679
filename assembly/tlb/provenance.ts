/**
 * Provenance: for a host that follows which paging-structure entries each cached translation was made
 * from (M_SANITIZE). The core judges nothing: it says what a walk has read, gives every cached entry
 * the number that the host returns for it, tells of stores to watched frames and of invalidations, and
 * asks before it uses an entry that the host has marked stale. Such entries are kept out of the front
 * caches, so that each use of them comes here.
 *
 * A step of a walk, in WALK_STEPS:
 *
 *   0 u64 host-physical address of the paging-structure entry
 *   8 u64 its value as the walk used it, before the walk set flags; of a reference the provenance
 *  16 u32 STEP_*, bits 3:0 the level
 *
 * FILL_INFO:
 *
 *   0 u64 host-physical address: of the page, or of the table that a structure-cache entry leads to
 *   8 u64 guest-physical address of the same
 *  16 u32 rights: RIGHT_* of translations of linear addresses, with FILL_UNREADABLE; EPT_* of
 *         guest-physical ones
 *  20 u32 the access that caused the fill: ACCESS_* or EPT_*
 *  24 u32 first step that belongs to the fill
 *  28 u32 number of steps that do
 */
import { flush, staleUse, tableStore, tlbFill } from "../host";
import {
  FILL_INFO,
  M_PROVENANCE_REFS,
  M_RANGES,
  M_SANITIZE,
  M_WALK_STEPS,
  PHYSICAL_RANGE_BYTES,
  PHYSICAL_RANGES,
  WALK_STEP_BYTES,
  WALK_STEPS,
  WALK_STEPS_MAX,
} from "../layout";
import { countFlush } from "./counters";

/** What an entry is. */
export const WHAT_LINEAR: u32 = 0;
export const WHAT_GUEST_PHYSICAL: u32 = 1;
export const WHAT_STRUCTURE: u32 = 2;
export const WHAT_EPT_STRUCTURE: u32 = 3;

/** In the provenance word of an entry: what it was made from has changed. */
export const STALE: u32 = 0x80000000;
const ID_MASK: u32 = 0xfffff;

// Kinds of steps; bits 3:0 are the level of the entry, 1 to 5.
/** An EPT entry. */
export const STEP_EPT: u32 = 0x10;
/** A cached entry was used in place of reading tables: the value is its provenance. */
export const STEP_REFERENCE: u32 = 0x20;
/** A 4-byte entry, of 32-bit paging. */
export const STEP_NARROW: u32 = 0x40;
/** A PDPTE register of PAE paging: nothing is read now. */
export const STEP_REGISTER: u32 = 0x80;

/** In the rights of FILL_INFO: the EPT grants fetches but no reads. */
export const FILL_UNREADABLE: u32 = 0x1000;

/** True while the host follows translations. @inline */
export function isSanitizing(): bool {
  return load<u32>(M_SANITIZE) != 0;
}

/** Forgets the steps of the walk before. @inline */
export function beginSteps(): void {
  store<u32>(M_WALK_STEPS, 0);
}

/** Number of steps so far. @inline */
export function stepCount(): u32 {
  return load<u32>(M_WALK_STEPS);
}

/** Notes that the walk has read the entry `value` at `hpa`, or used what `kind` says instead. */
export function noteStep(hpa: u64, value: u64, kind: u32): void {
  const steps = load<u32>(M_WALK_STEPS);
  if (steps >= WALK_STEPS_MAX) return;
  const step = WALK_STEPS + steps * WALK_STEP_BYTES;
  store<u64>(step, hpa);
  store<u64>(step, value, 8);
  store<u32>(step, kind, 16);
  store<u32>(step, 0, 20);
  store<u32>(M_WALK_STEPS, steps + 1);
}

/** Notes the use of a cached entry with provenance word `word`. */
export function noteReference(word: u32, kind: u32): void {
  noteStep(0, (word & ID_MASK) as u64, kind | STEP_REFERENCE);
}

/** Fills FILL_INFO, with the steps from `firstStep` on. */
export function describeFill(hpa: u64, gpa: u64, rights: u32, access: u32, firstStep: u32): void {
  store<u64>(FILL_INFO, hpa);
  store<u64>(FILL_INFO, gpa, 8);
  store<u32>(FILL_INFO, rights, 16);
  store<u32>(FILL_INFO, access, 20);
  store<u32>(FILL_INFO, firstStep, 24);
  store<u32>(FILL_INFO, load<u32>(M_WALK_STEPS) - firstStep, 28);
}

/** Asks the host for the provenance word of the entry that FILL_INFO describes. */
export function askProvenance(what: u32, space: u32, gla: u64, sizeLog: u32): u32 {
  return tlbFill(what, space, gla as u32, (gla >> 32) as u32, sizeLog, 0) & (STALE | ID_MASK);
}

/** @inline */
function refs(word: u32): u32 {
  return load<u32>(M_PROVENANCE_REFS) + ((word & ID_MASK) << 1);
}

/** One place more holds `word`, which is not 0. */
export function holdProvenance(word: u32): void {
  const cell = refs(word);
  store<u16>(cell, load<u16>(cell) + 1);
}

/** One place less holds `word`, which is not 0. */
export function releaseProvenance(word: u32): void {
  const cell = refs(word);
  store<u16>(cell, load<u16>(cell) - 1);
}

/** True when the entry at `place`, which is marked stale, may be used as a processor would. */
export function mayUseStale(what: u32, word: u32, place: u32, gla: u64, access: u32): bool {
  return staleUse(what, word & ID_MASK, place, gla as u32, (gla >> 32) as u32, access) == 0;
}

/** Tells of a store of `bytes` bytes at RAM pointer `host`, in a watched frame. */
export function reportStore(host: u32, bytes: u32): void {
  const ranges = load<u32>(M_RANGES);
  for (let i: u32 = 0; i < ranges; i++) {
    const range = PHYSICAL_RANGES + i * PHYSICAL_RANGE_BYTES;
    const first = load<u64>(range);
    const offset = host - load<u32>(range, 16);
    if ((offset as u64) >= load<u64>(range, 8) - first) continue;
    const hpa = first + (offset as u64);
    tableStore(hpa as u32, (hpa >> 32) as u32, bytes);
    return;
  }
}

/** Counts an invalidation that has been carried out, and tells of it. Returns `dropped`. */
export function noteFlush(
  operation: u32,
  vpid: u32,
  pcid: u32,
  ep4ta: u64,
  gla: u64,
  dropped: u32,
): u32 {
  countFlush(operation, dropped);
  if (load<u32>(M_SANITIZE) == 0) return dropped;
  const ep4taHi = (ep4ta >> 32) as u32;
  flush(operation, vpid, pcid, ep4ta as u32, ep4taHi, gla as u32, (gla >> 32) as u32, dropped);
  return dropped;
}
