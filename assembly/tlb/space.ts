/**
 * Address spaces: the tags of a cached translation, {processor, VPID, PCID, EP4TA}, interned into a
 * small number. Dropping all translations of a space costs nothing: its number is retired, so that
 * no look-up can name it any more, and a new one is given out; retired numbers are swept up when
 * none is left.
 *
 * The three kinds of mapping (SDM "Information That May Be Cached"):
 *   linear          VPID, PCID, EP4TA 0
 *   combined        VPID, PCID, EP4TA with TAG_EPT
 *   guest-physical  VPID_PHYSICAL, PCID 0, EP4TA with TAG_EPT
 * so what is done to the mappings of a VPID can never touch a guest-physical one.
 *
 * A transition between VMX root and non-root operation looks three tuples up, and without VPIDs it
 * retires some: both take constant time, by hash chains and by a list of the live tuples of each
 * processor, one for VPID 0, one for the other VPIDs, one for guest-physical mappings.
 */
import {
  CPUS_MAX,
  FRAGMENT_FILTER,
  FRAGMENT_FILTER_BITS,
  M_SPACE_FREE,
  M_SPACES,
  SPACE_BUCKETS,
  SPACE_BUCKETS_MAX,
  SPACE_BYTES,
  SPACE_LISTS,
  SPACE_LISTS_PER_CPU,
  SPACES,
  SPACES_MAX,
} from "../layout";
import { clearFront, forgetSpaceNumber } from "./front";
import { voidAllStructures, voidStructures } from "./structure";
import { sweepRetired } from "./sweep";

const STATE_FREE: u32 = 0;
const STATE_LIVE: u32 = 1;
const STATE_RETIRED: u32 = 2;

// A row. Links hold a number plus one; 0 ends a chain or list.
const S_STATE: u32 = 0;
/** 1 once a translation has been entered: only then is there something to drop. */
const S_USED: u32 = 1;
/** In S_USED: the front caches may hold what the TLB has given up meanwhile. */
const FRONT_STALE: u8 = 2;
/** In S_USED: size codes of the pages entered, a bit each. */
const SIZES_SHIFT: u8 = 4;
const S_CHAIN: u32 = 2;
const S_NEXT: u32 = 4;
const S_PREVIOUS: u32 = 6;
const S_VPID: u32 = 8;
const S_PCID: u32 = 12;
const S_EP4TA: u32 = 16;
/** Translations cached under this number. */
const S_COUNT: u32 = 24;
const S_CPU: u32 = 28;

/** In the place of a PCID: translations of global pages. */
export const PCID_GLOBAL: u32 = 0x1000;
/** In the place of a VPID: guest-physical mappings, which have none. */
export const VPID_PHYSICAL: u32 = 0x10000;
/** In an EP4TA: EPT is in use. So a root at address 0 differs from no EPT. */
export const TAG_EPT: u64 = 1;

// The lists of live tuples.
export const LIST_VPID_0: u32 = 0;
export const LIST_VPIDS: u32 = 1;
export const LIST_PHYSICAL: u32 = 2;

/** What `firstSpace` and `nextSpace` return at the end. */
export const NO_SPACE: u32 = 0xffffffff;

/** Counts the times that all numbers were taken back; a parked processor compares it. */
export let spaceEpoch: u32 = 0;

/** @inline */
function spaceRow(id: u32): u32 {
  return SPACES + id * SPACE_BYTES;
}

/** @inline */
export function isLiveSpace(id: u32): bool {
  return load<u8>(spaceRow(id), S_STATE) == STATE_LIVE;
}

/** @inline */
export function spaceVpid(id: u32): u32 {
  return load<u32>(spaceRow(id), S_VPID);
}

/** @inline */
export function spacePcid(id: u32): u32 {
  return load<u32>(spaceRow(id), S_PCID);
}

/** @inline */
export function spaceCpu(id: u32): u32 {
  return load<u32>(spaceRow(id), S_CPU);
}

/** EP4TA with TAG_EPT, or 0 without EPT. @inline */
export function spaceEp4ta(id: u32): u64 {
  return load<u64>(spaceRow(id), S_EP4TA);
}

/** @inline */
export function spaceCount(id: u32): u32 {
  return load<u32>(spaceRow(id), S_COUNT);
}

/** @inline */
export function addToSpace(id: u32, change: i32): void {
  const row = spaceRow(id);
  store<u32>(row, load<u32>(row, S_COUNT) + change, S_COUNT);
}

/** To be called before a translation is entered under number `id`. @inline */
export function useSpace(id: u32): void {
  const row = spaceRow(id);
  store<u8>(row, load<u8>(row, S_USED) | 1, S_USED);
}

/** The same for a page of size code `code`. @inline */
export function useSpaceForPage(id: u32, code: u32): void {
  const row = spaceRow(id);
  store<u8>(row, load<u8>(row, S_USED) | 1 | ((1 as u8) << (SIZES_SHIFT + (code as u8))), S_USED);
}

/** Size codes, a bit each, of the pages that have been entered under number `id`. @inline */
export function sizesOfSpace(id: u32): u32 {
  return (load<u8>(spaceRow(id), S_USED) >>> SIZES_SHIFT) as u32;
}

/**
 * To be called when the TLB evicts an entry of `id`, which is not current, and the front caches are
 * not searched for what rests on it: they must be before the space is entered.
 */
export function markFrontStale(id: u32): void {
  const row = spaceRow(id);
  store<u8>(row, load<u8>(row, S_USED) | FRONT_STALE, S_USED);
}

/** True when the front caches must be cleared before space `id` is entered; asking forgets it. */
export function takeFrontStale(id: u32): bool {
  const row = spaceRow(id);
  const bits = load<u8>(row, S_USED);
  if ((bits & FRONT_STALE) == 0) return false;
  store<u8>(row, bits & ~FRONT_STALE, S_USED);
  return true;
}

/** The tag that EPT pointer `eptp` gives, 0 for none. @inline */
export function ep4taOf(eptp: u64): u64 {
  return eptp == 0 ? 0 : (eptp & 0x000ffffffffff000) | TAG_EPT;
}

/** @inline */
export function listOf(vpid: u32): u32 {
  return vpid == 0 ? LIST_VPID_0 : vpid == VPID_PHYSICAL ? LIST_PHYSICAL : LIST_VPIDS;
}

/** @inline */
function listHead(cpu: u32, list: u32): u32 {
  return SPACE_LISTS + ((cpu * SPACE_LISTS_PER_CPU + list) << 1);
}

/** First live space of list `list` of processor `cpu`, or NO_SPACE. @inline */
export function firstSpace(cpu: u32, list: u32): u32 {
  return (load<u16>(listHead(cpu, list)) as u32) - 1;
}

/** The one behind `id`; to be asked for before `id` is retired. @inline */
export function nextSpace(id: u32): u32 {
  return (load<u16>(spaceRow(id), S_NEXT) as u32) - 1;
}

/** Head of the chain of a tuple. @inline */
function bucketOf(cpu: u32, vpid: u32, pcid: u32, ep4ta: u64): u32 {
  const root = ((ep4ta >> 12) as u32) + (((ep4ta & TAG_EPT) as u32) << 8);
  const mixed =
    (root * 0x9e3779b1) ^ (vpid * 0x85ebca6b) ^ (pcid * 0xc2b2ae35) ^ (cpu * 0x27d4eb2f);
  return SPACE_BUCKETS + ((mixed >>> 23) << 1);
}

/** The number for a tuple of tags; the same tuple gives the same number until it is retired. */
export function internSpace(cpu: u32, vpid: u32, pcid: u32, ep4ta: u64): u32 {
  const bucket = bucketOf(cpu, vpid, pcid, ep4ta);
  let link = load<u16>(bucket) as u32;
  while (link != 0) {
    const row = spaceRow(link - 1);
    if (
      load<u32>(row, S_PCID) == pcid &&
      load<u32>(row, S_VPID) == vpid &&
      load<u64>(row, S_EP4TA) == ep4ta &&
      load<u32>(row, S_CPU) == cpu
    ) {
      return link - 1;
    }
    link = load<u16>(row, S_CHAIN) as u32;
  }
  const id = takeNumber();
  forgetSpaceNumber(id);
  const row = spaceRow(id);
  store<u8>(row, STATE_LIVE as u8, S_STATE);
  store<u8>(row, 0, S_USED);
  store<u32>(row, cpu, S_CPU);
  store<u32>(row, vpid, S_VPID);
  store<u32>(row, pcid, S_PCID);
  store<u64>(row, ep4ta, S_EP4TA);
  store<u32>(row, 0, S_COUNT);
  store<u16>(row, load<u16>(bucket), S_CHAIN);
  store<u16>(bucket, (id + 1) as u16);
  const head = listHead(cpu, listOf(vpid));
  const next = load<u16>(head);
  store<u16>(row, next, S_NEXT);
  store<u16>(row, 0, S_PREVIOUS);
  if (next != 0) store<u16>(spaceRow((next as u32) - 1), (id + 1) as u16, S_PREVIOUS);
  store<u16>(head, (id + 1) as u16);
  return id;
}

/** A number that is not in use. */
function takeNumber(): u32 {
  let free = load<u32>(M_SPACE_FREE);
  if (free == 0) {
    const limit = load<u32>(M_SPACES);
    if (limit < SPACES_MAX - 1) {
      store<u32>(M_SPACES, limit + 1);
      return limit;
    }
    reclaim();
    free = load<u32>(M_SPACE_FREE);
  }
  store<u32>(M_SPACE_FREE, load<u16>(spaceRow(free - 1), S_CHAIN) as u32);
  return free - 1;
}

/**
 * Drops every translation tagged with `id`; a number that had any must not be used again. Returns
 * how many entries went.
 */
export function retireSpace(id: u32): u32 {
  const row = spaceRow(id);
  if (load<u8>(row, S_STATE) != STATE_LIVE || load<u8>(row, S_USED) == 0) return 0;
  store<u8>(row, STATE_RETIRED as u8, S_STATE);
  unchain(id, row);
  const next = load<u16>(row, S_NEXT) as u32;
  const previous = load<u16>(row, S_PREVIOUS) as u32;
  if (next != 0) store<u16>(spaceRow(next - 1), previous as u16, S_PREVIOUS);
  if (previous != 0) store<u16>(spaceRow(previous - 1), next as u16, S_NEXT);
  else store<u16>(listHead(load<u32>(row, S_CPU), listOf(load<u32>(row, S_VPID))), next as u16);
  return load<u32>(row, S_COUNT) + voidStructures(id);
}

/** Takes `id` out of its hash chain. */
function unchain(id: u32, row: u32): void {
  let at = bucketOf(
    load<u32>(row, S_CPU),
    load<u32>(row, S_VPID),
    load<u32>(row, S_PCID),
    load<u64>(row, S_EP4TA),
  );
  while (load<u16>(at) != ((id + 1) as u16)) at = spaceRow((load<u16>(at) as u32) - 1) + S_CHAIN;
  store<u16>(at, load<u16>(row, S_CHAIN));
}

/** Makes retired numbers usable again; when there is none, takes every number back. */
function reclaim(): void {
  const limit = load<u32>(M_SPACES);
  let retired: u32 = 0;
  for (let id: u32 = 0; id < limit; id++) {
    if (load<u8>(spaceRow(id), S_STATE) == STATE_RETIRED) retired++;
  }
  if (retired == 0) {
    for (let id: u32 = 0; id < limit; id++) store<u8>(spaceRow(id), STATE_RETIRED as u8, S_STATE);
    clearLinks();
    voidAllStructures();
    spaceEpoch++;
  }
  sweepRetired();
  clearFront();
  let free: u32 = 0;
  for (let id: u32 = 0; id < limit; id++) {
    const row = spaceRow(id);
    if (load<u8>(row, S_STATE) != STATE_RETIRED) continue;
    store<u8>(row, STATE_FREE as u8, S_STATE);
    store<u16>(row, free as u16, S_CHAIN);
    free = id + 1;
  }
  store<u32>(M_SPACE_FREE, free);
}

function clearLinks(): void {
  memory.fill(SPACE_BUCKETS, 0, SPACE_BUCKETS_MAX << 1);
  memory.fill(SPACE_LISTS, 0, (CPUS_MAX * SPACE_LISTS_PER_CPU) << 1);
}

/** Forgets all numbers; for a machine that starts, and when nothing cached may stay. */
export function resetSpaces(): void {
  memory.fill(SPACES, 0, SPACES_MAX * SPACE_BYTES);
  clearLinks();
  store<u32>(M_SPACES, 0);
  store<u32>(M_SPACE_FREE, 0);
  // The numbers are given out from 0 again: nothing may be left that carries one.
  voidAllStructures();
  sweepRetired();
  memory.fill(FRAGMENT_FILTER, 0, FRAGMENT_FILTER_BITS >>> 3);
  spaceEpoch++;
}
