/**
 * Paging-structure caches (SDM "Paging-Structure Caches", "Information That May Be Cached"): for each
 * level from 2 (PDEs) to 5 (PML5Es) of the guest's tables and of the EPT, entries that lead to a table
 * of the level below. They are tagged as translations are: those of the guest's tables with the VPID,
 * PCID and EP4TA of the context, global or not, those of the EPT with the EP4TA. An entry
 * (tlb/array.ts):
 *
 *   tag    address bits that it translates, bits 3:1 mode of the walk, bit 0 valid
 *   data   host-physical address of the table below, bits 11:0 rights that all entries down to it
 *          grant: RIGHT_* or EPT_*
 *   space  word of the space: its number and its epoch
 *   extra  guest-physical address of the table below
 *
 * Only entries that are present, well formed and accessed, and that map no page, come here. INVLPG
 * drops those of a PCID whatever their address: the epoch of the space moves on, and no entry under
 * the old word is found any more.
 */
import { SPACE_ID, SPACE_PHYSICAL } from "../generated/state";
import {
  M_CPUS,
  M_STRUCTURES,
  SPACES_MAX,
  STRUCTURE_COUNTS,
  STRUCTURE_HINTS,
  STRUCTURE_HINTS_A_ROW,
  STRUCTURE_WORDS,
} from "../layout";
import {
  A_SETS,
  A_WAYS,
  ARRAY_ROWS,
  arrayRow,
  baseOf,
  clearEntry,
  currentBase,
  E_DATA,
  E_EXTRA,
  E_PROV,
  E_SPACE,
  E_TAG,
  ENTRY_BYTES,
  ENTRY_SHIFT,
  entriesBytes,
  firstEntry,
  markSet,
  rowIndex,
  STRUCTURE_ROW_FIRST,
  setBase,
  setIndex,
  setProvenance,
  touch,
  victimWay,
} from "./array";
import { countArray, EVENT_FILL, EVENT_HIT } from "./counters";
import {
  askProvenance,
  describeFill,
  isSanitizing,
  mayUseStale,
  noteReference,
  STALE,
  STEP_EPT,
  WHAT_EPT_STRUCTURE,
  WHAT_STRUCTURE,
} from "./provenance";
import { spacePcid, spaceVpid, useSpace } from "./space";

/** Rows of the guest's tables, from level 2, and of the EPT. */
export const GUEST_TABLES: u32 = STRUCTURE_ROW_FIRST;
export const EPT_TABLES: u32 = STRUCTURE_ROW_FIRST + 4;

const SPACE_MASK: u32 = SPACES_MAX - 1;
const EPOCH_STEP: u32 = SPACES_MAX;
const VALID: u64 = 1;
const MODE_MASK: u64 = 0xe;

/** Mode of a walk by 32-bit paging, whose entries of level 2 reach 4 MiB. */
export const MODE_32: u32 = 1;

// What `lookupStructure` has found.
/** Level of the entry, 0 when there is none. */
export let hitLevel: u32 = 0;
/** Host-physical and guest-physical address of the table below. */
export let hitTable: u64 = 0;
export let hitGpa: u64 = 0;
/** Rights that all entries down to it grant. */
export let hitRights: u32 = 0;

/** @inline */
function rowOf(tables: u32, level: u32): u32 {
  return arrayRow(tables + level - 2);
}

/** log2 of the reach of an entry. @inline */
function reachOf(level: u32, mode: u32): u32 {
  return mode == MODE_32 ? 22 : 3 + level * 9;
}

/** @inline */
function tagOf(address: u64, reach: u32, mode: u32): u64 {
  return ((address >> (reach as u64)) << (reach as u64)) | ((mode << 1) as u64) | VALID;
}

/** @inline */
function wordCell(space: u32): u32 {
  return STRUCTURE_WORDS + (space << 2);
}

/** @inline */
function wordOf(space: u32): u32 {
  return load<u32>(wordCell(space));
}

/** @inline */
function isCurrent(word: u32): bool {
  return wordOf(word & SPACE_MASK) == word;
}

/** @inline */
function changeCount(space: u32, change: i32): void {
  const cell = STRUCTURE_COUNTS + (space << 2);
  store<u32>(cell, load<u32>(cell) + change);
}

/** @inline */
function spaceOf(tables: u32): u32 {
  return tables == GUEST_TABLES ? load<u32>(SPACE_ID) : load<u32>(SPACE_PHYSICAL);
}

/** Where the entry for `vpn` of row `index` was last: a hint, to be checked by tag and word. @inline */
function hintCell(index: u32, vpn: u64): u32 {
  const slot = (index - STRUCTURE_ROW_FIRST) * STRUCTURE_HINTS_A_ROW;
  return STRUCTURE_HINTS + ((slot + ((vpn as u32) & (STRUCTURE_HINTS_A_ROW - 1))) << 2);
}

/** The entry of a set with this tag and word, or 0. */
function search(base: u32, row: u32, set: u32, tag: u64, word: u32): u32 {
  let entry = setBase(base, row, set);
  const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
  for (; entry < end; entry += ENTRY_BYTES) {
    if (load<u64>(entry, E_TAG) == tag && load<u32>(entry, E_SPACE) == word) return entry;
  }
  return 0;
}

/**
 * Finds the entry nearest to the leaf that serves `address` in the current context, for a walk of
 * `levels` levels in `mode`; leaves it in the variables above. `access` is told to a host that is
 * asked about a stale entry. Returns whether there is one.
 */
export function lookupStructure(
  tables: u32,
  address: u64,
  levels: u32,
  mode: u32,
  access: u32,
): bool {
  const present = load<u32>(M_STRUCTURES) >>> (tables - STRUCTURE_ROW_FIRST);
  const space = spaceOf(tables);
  // Behind a flush there is nothing.
  if ((present & 15) == 0 || load<u32>(STRUCTURE_COUNTS + (space << 2)) == 0) return false;
  const base = currentBase();
  const word = wordOf(space);
  for (let level: u32 = 2; level <= levels; level++) {
    if (((present >>> (level - 2)) & 1) == 0) continue;
    const index = tables + level - 2;
    const row = arrayRow(index);
    const reach = reachOf(level, mode);
    const vpn = address >> (reach as u64);
    const tag = tagOf(address, reach, mode);
    const set = setIndex(row, vpn);
    const hint = hintCell(index, vpn);
    let entry = load<u32>(hint);
    if (entry == 0 || load<u64>(entry, E_TAG) != tag || load<u32>(entry, E_SPACE) != word) {
      entry = search(base, row, set, tag, word);
      if (entry == 0) continue;
      store<u32>(hint, entry);
    }
    if ((load<u32>(entry, E_PROV) & STALE) != 0 && !isUsable(entry, tables, address, access))
      continue;
    countArray(index, EVENT_HIT);
    touch(base, row, set, (entry - setBase(base, row, set)) >>> ENTRY_SHIFT);
    const data = load<u64>(entry, E_DATA);
    hitLevel = level;
    hitTable = data & ~0xfff;
    hitRights = (data as u32) & 0xfff;
    hitGpa = load<u64>(entry, E_EXTRA);
    if (isSanitizing()) {
      noteReference(load<u32>(entry, E_PROV), level | (tables == EPT_TABLES ? STEP_EPT : 0));
    }
    return true;
  }
  return false;
}

/** Of an entry that is marked stale: false when the host wants it not to be used; it is then gone. */
function isUsable(entry: u32, tables: u32, address: u64, access: u32): bool {
  const provenance = load<u32>(entry, E_PROV);
  const what = tables == GUEST_TABLES ? WHAT_STRUCTURE : WHAT_EPT_STRUCTURE;
  if (mayUseStale(what, provenance, entry, address, access)) return true;
  dropEntry(entry);
  return false;
}

/** @inline */
function dropEntry(entry: u32): void {
  changeCount(load<u32>(entry, E_SPACE) & SPACE_MASK, -1);
  clearEntry(entry);
}

/**
 * Enters the entry of `level` that a walk for `address` has used and not found here: it leads to the
 * table at host-physical `table` and guest-physical `gpa`. What the walk has noted from `firstStep` on
 * is its provenance.
 */
export function fillStructure(
  tables: u32,
  level: u32,
  address: u64,
  mode: u32,
  table: u64,
  gpa: u64,
  rights: u32,
  access: u32,
  firstStep: u32,
): void {
  if (((load<u32>(M_STRUCTURES) >>> (tables - STRUCTURE_ROW_FIRST + level - 2)) & 1) == 0) return;
  const row = rowOf(tables, level);
  const reach = reachOf(level, mode);
  const tag = tagOf(address, reach, mode);
  const space = spaceOf(tables);
  useSpace(space);
  let provenance: u32 = 0;
  if (isSanitizing()) {
    describeFill(table, gpa, rights, access, firstStep);
    const what = tables == GUEST_TABLES ? WHAT_STRUCTURE : WHAT_EPT_STRUCTURE;
    provenance = askProvenance(what, space, tag & ~(MODE_MASK | VALID), reach);
  }
  const base = currentBase();
  const set = setIndex(row, address >> (reach as u64));
  const place = takePlace(base, row, set);
  store<u64>(place, tag, E_TAG);
  store<u64>(place, table | (rights as u64), E_DATA);
  store<u32>(place, wordOf(space), E_SPACE);
  store<u64>(place, gpa, E_EXTRA);
  setProvenance(place, provenance);
  changeCount(space, 1);
  countArray(rowIndex(row), EVENT_FILL);
  touch(base, row, set, (place - setBase(base, row, set)) >>> ENTRY_SHIFT);
}

/** A place in a set for an entry that is not there: the first free or void one, or a victim. */
function takePlace(base: u32, row: u32, set: u32): u32 {
  const first = setBase(base, row, set);
  const end = first + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
  for (let entry = first; entry < end; entry += ENTRY_BYTES) {
    if ((load<u64>(entry, E_TAG) & VALID) == 0 || !isCurrent(load<u32>(entry, E_SPACE)))
      return entry;
  }
  const victim = first + (victimWay(base, row, set) << ENTRY_SHIFT);
  changeCount(load<u32>(victim, E_SPACE) & SPACE_MASK, -1);
  return victim;
}

/** Voids all entries of a space, whatever their address. Returns how many went. */
export function voidStructures(space: u32): u32 {
  const cell = wordCell(space);
  const next = load<u32>(cell) + EPOCH_STEP;
  store<u32>(cell, next);
  const count = STRUCTURE_COUNTS + (space << 2);
  const dropped = load<u32>(count);
  if (dropped != 0) store<u32>(count, 0);
  // The epochs have been used up: what carries an old one must not be found under the first.
  if (next < EPOCH_STEP) sweepStructures(space);
  return dropped;
}

/** Voids the entries of all spaces. */
export function voidAllStructures(): void {
  for (let space: u32 = 0; space < SPACES_MAX; space++) {
    const word = wordOf(space);
    // Words are 0 before the first time: each names its space.
    store<u32>(wordCell(space), (word & ~SPACE_MASK) | space);
    voidStructures(space);
  }
}

/** Clears all entries that carry any word of `space`. */
function sweepStructures(space: u32): void {
  for (let cpu: u32 = 0; cpu < load<u32>(M_CPUS); cpu++) {
    for (let i = STRUCTURE_ROW_FIRST; i < ARRAY_ROWS; i++) {
      let entry = firstEntry(baseOf(cpu), arrayRow(i));
      const end = entry + entriesBytes(arrayRow(i));
      for (; entry < end; entry += ENTRY_BYTES) {
        if ((load<u32>(entry, E_SPACE) & SPACE_MASK) == space) clearEntry(entry);
      }
    }
  }
}

/** Clears all void entries, so that nothing holds their provenance any more. */
export function sweepVoidStructures(): void {
  for (let cpu: u32 = 0; cpu < load<u32>(M_CPUS); cpu++) {
    for (let i = STRUCTURE_ROW_FIRST; i < ARRAY_ROWS; i++) {
      let entry = firstEntry(baseOf(cpu), arrayRow(i));
      const end = entry + entriesBytes(arrayRow(i));
      for (; entry < end; entry += ENTRY_BYTES) {
        if (load<u64>(entry, E_TAG) != 0 && !isCurrent(load<u32>(entry, E_SPACE))) {
          clearEntry(entry);
        }
      }
    }
  }
}

/** In the place of a PCID: every PCID. */
const ANY_PCID: u32 = 0xffffffff;

/**
 * Drops the entries that would serve `gla` on the current processor and carry `vpid` and `pcid`, for
 * every EP4TA. Returns how many went.
 */
export function dropStructuresOf(gla: u64, vpid: u32, pcid: u32): u32 {
  return dropServing(GUEST_TABLES, gla, vpid, pcid, 0, false);
}

/** Drops those that would serve `address` in the current context alone. */
export function dropStructures(tables: u32, address: u64): u32 {
  return dropServing(tables, address, 0, 0, wordOf(spaceOf(tables)), true);
}

function dropServing(
  tables: u32,
  address: u64,
  vpid: u32,
  pcid: u32,
  word: u32,
  byWord: bool,
): u32 {
  const present = load<u32>(M_STRUCTURES) >>> (tables - STRUCTURE_ROW_FIRST);
  if ((present & 15) == 0) return 0;
  const base = currentBase();
  let dropped: u32 = 0;
  // Level 2 twice: entries of 32-bit paging reach 4 MiB.
  for (let step: u32 = 1; step <= 5; step++) {
    const level = max<u32>(step, 2);
    if (((present >>> (level - 2)) & 1) == 0) continue;
    const row = rowOf(tables, level);
    const reach = reachOf(level, step == 1 ? MODE_32 : 0);
    const wanted = tagOf(address, reach, step == 1 ? MODE_32 : 0);
    let entry = setBase(base, row, setIndex(row, address >> (reach as u64)));
    const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
    for (; entry < end; entry += ENTRY_BYTES) {
      const tag = load<u64>(entry, E_TAG);
      if (((tag ^ wanted) & ~MODE_MASK) != 0) continue;
      // Of two reaches only one can be that of the entry.
      if (level == 2 && (((tag & MODE_MASK) == MODE_32 << 1) as bool) != (step == 1)) continue;
      const owner = load<u32>(entry, E_SPACE);
      if (!isCurrent(owner)) continue;
      if (byWord ? owner != word : !belongs(owner & SPACE_MASK, vpid, pcid)) continue;
      dropEntry(entry);
      dropped++;
    }
  }
  return dropped;
}

/** @inline */
function belongs(space: u32, vpid: u32, pcid: u32): bool {
  return spaceVpid(space) == vpid && (pcid == ANY_PCID || spacePcid(space) == pcid);
}

/** Sets or clears the mark of stale entries on those of provenance `id` for `address`. */
export function markStructure(tables: u32, id: u32, address: u64, reach: u32, on: bool): void {
  const level: u32 = reach == 22 ? 2 : (reach - 3) / 9;
  const row = rowOf(tables, level);
  if (load<u32>(row, A_SETS) == 0) return;
  for (let cpu: u32 = 0; cpu < load<u32>(M_CPUS); cpu++) {
    markSet(baseOf(cpu), row, setIndex(row, address >> (reach as u64)), id, on);
  }
}
