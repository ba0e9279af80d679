/**
 * Set-associative arrays, of which all caches of translations are made: rows of TLB_ARRAYS describe
 * them, each logical processor has its own copy of the entries. Rows 0 to 15 are the arrays of the
 * TLB, 16 to 23 those of guest-physical mappings, 24 to 31 the paging-structure caches. An entry:
 *
 *   0 u64 tag    the address that it translates, low bits by kind of array, bit 0 valid
 *   8 u64 data   host-physical address, bits 11:0 rights
 *  16 u32 space  number of the address space; of paging-structure caches its word (tlb/structure.ts)
 *  20 u32 prov   provenance word (tlb/provenance.ts), 0 unless the host follows translations
 *  24 u64 extra  by kind of array
 *
 * Replacement: first in first out, at random by the machine's seed, least recently used, or a tree of
 * bits (pseudo-LRU). The front caches hide hits, so for the latter two they hold only what was used
 * last in its set: a further hit there would change nothing. `touch` names the entry that loses that
 * place, and whoever owns the array drops it from the front.
 */
import { CPU_INDEX, TLB_CLOCK } from "../generated/state";
import {
  M_STRUCTURES,
  M_TLB_BASE,
  M_TLB_CPU_BYTES,
  M_TLB_PHYSICAL,
  M_TLB_SERVED,
  M_TLB_SPLIT,
  M_TLB_TWINS,
  TLB_ARRAY_BYTES,
  TLB_ARRAYS,
} from "../layout";
import { countArray, EVENT_EVICTION } from "./counters";
import { holdProvenance, releaseProvenance, STALE } from "./provenance";

export const E_TAG: u32 = 0;
export const E_DATA: u32 = 8;
export const E_SPACE: u32 = 16;
export const E_PROV: u32 = 20;
export const E_EXTRA: u32 = 24;
export const ENTRY_SHIFT: u32 = 5;
export const ENTRY_BYTES: u32 = 1 << ENTRY_SHIFT;

// A row of TLB_ARRAYS.
const A_OFFSET: u32 = 0;
export const A_SETS: u32 = 4;
export const A_WAYS: u32 = 8;
/** Bits by size code. */
export const A_SIZES: u32 = 12;
/** KIND_* bits. */
export const A_KINDS: u32 = 16;
export const A_LEVEL: u32 = 20;
const A_INDEX: u32 = 24;
const A_REPLACEMENT: u32 = 28;
/** Offset of 16 bits a set: the way to be replaced next, or the one used last, plus one. */
const A_CELLS: u32 = 32;
/** Offset of the order of use: a clock and a stamp for each entry, or a tree for each set. */
const A_ORDER: u32 = 36;

const REPLACE_FIFO: u32 = 0;
const REPLACE_RANDOM: u32 = 1;
const REPLACE_LRU: u32 = 2;

/** Rows in all. */
export const ARRAY_ROWS: u32 = 32;
export const PHYSICAL_ROW_FIRST: u32 = 16;
export const STRUCTURE_ROW_FIRST: u32 = 24;

/** @inline */
export function arrayRow(index: u32): u32 {
  return TLB_ARRAYS + index * TLB_ARRAY_BYTES;
}

/** Number of `row`. @inline */
export function rowIndex(row: u32): u32 {
  return (row - TLB_ARRAYS) / TLB_ARRAY_BYTES;
}

/** Where the entries of processor `cpu` begin. @inline */
export function baseOf(cpu: u32): u32 {
  return load<u32>(M_TLB_BASE) + cpu * load<u32>(M_TLB_CPU_BYTES);
}

/** The same for the current processor. @inline */
export function currentBase(): u32 {
  return baseOf(load<u32>(CPU_INDEX));
}

/** Number of the set of `row` for page number `vpn`. @inline */
export function setIndex(row: u32, vpn: u64): u32 {
  const sets = load<u32>(row, A_SETS);
  const bits = load<u32>(row, A_INDEX);
  // The second-level arrays of Intel processors xor a further group of address bits in.
  const folded = bits != 0 ? vpn ^ (vpn >> (bits as u64)) : vpn;
  return (folded as u32) & (sets - 1);
}

/** First entry of a set. @inline */
export function setBase(base: u32, row: u32, set: u32): u32 {
  return base + load<u32>(row, A_OFFSET) + ((set * load<u32>(row, A_WAYS)) << ENTRY_SHIFT);
}

/** First entry of a row. @inline */
export function firstEntry(base: u32, row: u32): u32 {
  return base + load<u32>(row, A_OFFSET);
}

/** Bytes of all entries of a row. @inline */
export function entriesBytes(row: u32): u32 {
  return (load<u32>(row, A_SETS) * load<u32>(row, A_WAYS)) << ENTRY_SHIFT;
}

/** Changes the provenance of an entry, counting the places. @inline */
export function setProvenance(entry: u32, provenance: u32): void {
  const before = load<u32>(entry, E_PROV);
  if ((before | provenance) != 0) replaceProvenance(entry, before, provenance);
}

function replaceProvenance(entry: u32, before: u32, provenance: u32): void {
  if (before != 0) releaseProvenance(before);
  if (provenance != 0) holdProvenance(provenance);
  store<u32>(entry, provenance, E_PROV);
}

/** Empties an entry. @inline */
export function clearEntry(entry: u32): void {
  store<u64>(entry, 0, E_TAG);
  setProvenance(entry, 0);
}

/** Sets or clears the mark of stale entries on those of one set that have provenance `id`. */
export function markSet(base: u32, row: u32, set: u32, id: u32, on: bool): void {
  let entry = setBase(base, row, set);
  const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
  for (; entry < end; entry += ENTRY_BYTES) {
    if ((load<u32>(entry, E_PROV) & ~STALE) != id) continue;
    store<u32>(entry, on ? id | STALE : id, E_PROV);
  }
}

/**
 * Notes the use of `way`. Returns the entry of the set that was used last before, when its place is
 * lost to this one, else 0. @inline
 */
export function touch(base: u32, row: u32, set: u32, way: u32): u32 {
  return load<u32>(row, A_REPLACEMENT) <= REPLACE_RANDOM ? 0 : touchOrdered(base, row, set, way);
}

function touchOrdered(base: u32, row: u32, set: u32, way: u32): u32 {
  const cell = base + load<u32>(row, A_CELLS) + (set << 1);
  const before = load<u16>(cell) as u32;
  if (before == way + 1) return 0;
  store<u16>(cell, (way + 1) as u16);
  const order = base + load<u32>(row, A_ORDER);
  const ways = load<u32>(row, A_WAYS);
  if (load<u32>(row, A_REPLACEMENT) == REPLACE_LRU) {
    let now = load<u32>(order) + 1;
    if (now == 0) {
      // Once in four thousand million uses the order is forgotten.
      memory.fill(order, 0, 4 + ((load<u32>(row, A_SETS) * ways) << 2));
      now = 1;
    }
    store<u32>(order, now);
    store<u32>(order + ((set * ways + way) << 2), now, 4);
  } else {
    turnTree(order + (set << 2), way, ways);
  }
  return before == 0 ? 0 : setBase(base, row, set) + ((before - 1) << ENTRY_SHIFT);
}

/** Makes the bits on the way to `way` point away from it; the bit of a node stands at its number. */
function turnTree(tree: u32, way: u32, ways: u32): void {
  let bits = load<u32>(tree);
  let node: u32 = 1;
  for (let half = ways >>> 1; half != 0; half >>>= 1) {
    const upper: u32 = (way & half) != 0 ? 1 : 0;
    bits = upper != 0 ? bits & ~(1 << node) : bits | (1 << node);
    node = (node << 1) | upper;
  }
  store<u32>(tree, bits);
}

/** The way of a full set to give up. */
export function victimWay(base: u32, row: u32, set: u32): u32 {
  countArray(rowIndex(row), EVENT_EVICTION);
  const ways = load<u32>(row, A_WAYS);
  switch (load<u32>(row, A_REPLACEMENT)) {
    case REPLACE_FIFO: {
      const pointer = base + load<u32>(row, A_CELLS) + (set << 1);
      const way = load<u16>(pointer) as u32;
      store<u16>(pointer, way + 1 == ways ? 0 : ((way + 1) as u16));
      return way;
    }
    case REPLACE_RANDOM:
      return randomWay(ways);
    case REPLACE_LRU:
      return oldestWay(base + load<u32>(row, A_ORDER) + 4 + ((set * ways) << 2), ways);
    default: {
      const bits = load<u32>(base + load<u32>(row, A_ORDER) + (set << 2));
      let node: u32 = 1;
      while (node < ways) node = (node << 1) | ((bits >>> node) & 1);
      return node - ways;
    }
  }
}

function randomWay(ways: u32): u32 {
  // xorshift64: small, and good enough to spread victims.
  let x = load<u64>(TLB_CLOCK);
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  store<u64>(TLB_CLOCK, x);
  return ((x >> 32) as u32) % ways;
}

function oldestWay(stamps: u32, ways: u32): u32 {
  let oldest: u32 = 0;
  let least = load<u32>(stamps);
  for (let way: u32 = 1; way < ways; way++) {
    const stamp = load<u32>(stamps + (way << 2));
    if (stamp >= least) continue;
    least = stamp;
    oldest = way;
  }
  return oldest;
}

/** Bytes of one processor's part: entries, cells and order of all arrays. Places them. */
export function arraysBytes(): u32 {
  let end: u32 = 0;
  for (let i: u32 = 0; i < ARRAY_ROWS; i++) {
    const row = arrayRow(i);
    const sets = load<u32>(row, A_SETS);
    store<u32>(row, end, A_OFFSET);
    end += entriesBytes(row);
    store<u32>(row, end, A_CELLS);
    end = (end + sets * 2 + 31) & ~31;
    store<u32>(row, end, A_ORDER);
    if (sets == 0 || load<u32>(row, A_REPLACEMENT) <= REPLACE_RANDOM) continue;
    end = (end + 4 + ((sets * load<u32>(row, A_WAYS)) << 2) + 31) & ~31;
  }
  return end;
}

const KIND_LOAD_AND_STORE: u32 = 5;

/** True when both are second-level arrays for a size of page and a kind of access. */
function areTwins(row: u32, other: u32): bool {
  const kinds = load<u32>(row, A_KINDS) & load<u32>(other, A_KINDS);
  const sizes = load<u32>(row, A_SIZES) & load<u32>(other, A_SIZES);
  return load<u32>(row, A_LEVEL) == 2 && load<u32>(other, A_LEVEL) == 2 && kinds != 0 && sizes != 0;
}

/** Notes which arrays there are; `arrays` is the number of those of the TLB. */
export function describeArrays(arrays: u32): void {
  let split: u32 = 0;
  let twins: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const kinds = load<u32>(arrayRow(i), A_KINDS) & KIND_LOAD_AND_STORE;
    if (kinds != 0 && kinds != KIND_LOAD_AND_STORE) split = 1;
    for (let j: u32 = 0; j < i; j++) {
      if (areTwins(arrayRow(i), arrayRow(j))) twins = 1;
    }
  }
  store<u32>(M_TLB_SPLIT, split);
  store<u32>(M_TLB_TWINS, twins);
  for (let kind: u32 = 1; kind <= 4; kind <<= 1) {
    let sizes: u32 = 0;
    for (let i: u32 = 0; i < arrays; i++) {
      const row = arrayRow(i);
      if ((load<u32>(row, A_KINDS) & kind) != 0) sizes |= load<u32>(row, A_SIZES);
    }
    store<u32>(M_TLB_SERVED + (kind << 2), sizes);
  }
  let physical: u32 = 0;
  let structures: u32 = 0;
  for (let i: u32 = 0; i < ARRAY_ROWS - PHYSICAL_ROW_FIRST; i++) {
    if (load<u32>(arrayRow(PHYSICAL_ROW_FIRST + i), A_SETS) == 0) continue;
    if (PHYSICAL_ROW_FIRST + i < STRUCTURE_ROW_FIRST) physical = i + 1;
    else structures |= 1 << (PHYSICAL_ROW_FIRST + i - STRUCTURE_ROW_FIRST);
  }
  store<u32>(M_TLB_PHYSICAL, physical);
  store<u32>(M_STRUCTURES, structures);
}
