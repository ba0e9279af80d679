/**
 * The modelled TLB: translations of linear addresses, per logical processor in a few arrays
 * (tlb/array.ts). An entry:
 *
 *   tag    linear address of the page, bits 2:1 size code, bit 0 valid
 *   data   host-physical address of the page, bits 11:0 RIGHT_*
 *   space  number of the address space
 *   extra  guest-physical address of the page (equal to the host-physical one without EPT), bit 0
 *          GPA_UNREADABLE, bits 2:1 size code of the guest's page if it is larger, bit 3 GPA_APIC
 *
 * Under EPT an entry maps the smaller of the guest's and the EPT's page, with the rights that both
 * grant. RIGHT_DIRTY tells that a write needs no further work on either side, so it is clear while
 * the EPT forbids writes; RIGHT_EXECUTE is clear while the EPT forbids fetches.
 */
import { SPACE_GLOBAL, SPACE_ID } from "../generated/state";
import { M_CPUS, M_TLB_ARRAYS, M_TLB_SERVED, M_TLB_TWINS } from "../layout";
import {
  A_KINDS,
  A_LEVEL,
  A_SETS,
  A_SIZES,
  A_WAYS,
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
  markSet,
  rowIndex,
  setBase,
  setIndex,
  setProvenance,
  touch,
  victimWay,
} from "./array";
import { Counter, count, countArray, EVENT_FILL, EVENT_HIT } from "./counters";
import { dropFront, dropFrontData } from "./front";
import { noteFragment } from "./pieces";
import {
  askProvenance,
  describeFill,
  FILL_UNREADABLE,
  isSanitizing,
  WHAT_LINEAR,
} from "./provenance";
import {
  addToSpace,
  isLiveSpace,
  markFrontStale,
  PCID_GLOBAL,
  sizesOfSpace,
  spaceEp4ta,
  spacePcid,
  spaceVpid,
  useSpaceForPage,
} from "./space";

export const RIGHT_WRITE: u32 = 1;
export const RIGHT_USER: u32 = 2;
export const RIGHT_EXECUTE: u32 = 4;
export const RIGHT_DIRTY: u32 = 8;
export const RIGHT_GLOBAL: u32 = 16;
export const RIGHT_KEY_SHIFT: u32 = 5;
export const RIGHT_TYPE_SHIFT: u32 = 9;

/** What an access needs: bits of the kind mask of an array. */
export const KIND_LOAD: u32 = 1;
export const KIND_FETCH: u32 = 2;
export const KIND_STORE: u32 = 4;

export const T_TAG: u32 = E_TAG;
export const T_DATA: u32 = E_DATA;
export const T_SPACE: u32 = E_SPACE;
export const T_PROV: u32 = E_PROV;
export const T_GPA: u32 = E_EXTRA;

/** In T_GPA: the EPT grants fetches but no reads. */
export const GPA_UNREADABLE: u32 = 1;
/** In T_GPA: the entry maps a piece of a guest page of this size code; 0 when it maps all of it. */
export const GPA_PIECE_SHIFT: u32 = 1;
export const GPA_PIECE: u32 = 3 << GPA_PIECE_SHIFT;
/** In T_GPA: the page was the APIC-access page when the entry was made. */
export const GPA_APIC: u32 = 8;

/** log2 of the page size for a size code: 4K, 2M, 4M, 1G. @inline */
export function sizeLogOf(code: u32): u32 {
  return code == 0 ? 12 : code == 1 ? 21 : code == 2 ? 22 : 30;
}

/** Size code of a page of `1 << sizeLog` bytes. @inline */
export function sizeCodeOf(sizeLog: u32): u32 {
  return sizeLog == 12 ? 0 : sizeLog == 21 ? 1 : sizeLog == 22 ? 2 : 3;
}

/** log2 of the size of the page that `entry` maps. @inline */
export function entrySizeLog(entry: u32): u32 {
  return sizeLogOf((load<u32>(entry, T_TAG) >>> 1) & 3);
}

/** Size codes of the pages seen since the last reset: only these are probed. */
let sizesSeen: u32 = 0;

/** The entry of a set with `tag` in either space, or 0. */
export function probe(first: u32, ways: u32, tag: u64, space: u32, global: u32): u32 {
  let entry = first;
  const end = entry + (ways << ENTRY_SHIFT);
  for (; entry < end; entry += ENTRY_BYTES) {
    if (load<u64>(entry, E_TAG) != tag) continue;
    const owner = load<u32>(entry, E_SPACE);
    if (owner == space || owner == global) return entry;
  }
  return 0;
}

/** Tag of the page with size code `code` that holds `address`. @inline */
export function pageTag(address: u64, code: u32): u64 {
  const sizeLog = sizeLogOf(code) as u64;
  return ((address >> sizeLog) << sizeLog) | ((code << 1) as u64) | 1;
}

/** Set of `row` for that page. @inline */
export function pageSet(row: u32, address: u64, code: u32): u32 {
  return setIndex(row, address >> (sizeLogOf(code) as u64));
}

/**
 * Looks `gla` up for an access of `kind`. Returns the address of the entry or 0. A hit in the second
 * level refills the first, as the measured processors do.
 */
export function lookupTlb(gla: u64, kind: u32, space: u32, global: u32): u32 {
  // Only pages of the sizes that these spaces have are looked for: none behind a flush.
  const known = sizesOfSpace(space) | sizesOfSpace(global);
  const arrays: u32 = known == 0 ? 0 : load<u32>(M_TLB_ARRAYS);
  const base = currentBase();
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_KINDS) & kind) == 0) continue;
    for (let sizes = load<u32>(row, A_SIZES) & known; sizes != 0; sizes &= sizes - 1) {
      const code = ctz(sizes);
      const set = pageSet(row, gla, code);
      const first = setBase(base, row, set);
      const entry = probe(first, load<u32>(row, A_WAYS), pageTag(gla, code), space, global);
      if (entry == 0) continue;
      countArray(i, EVENT_HIT);
      const before = touch(base, row, set, (entry - first) >>> ENTRY_SHIFT);
      if (load<u32>(row, A_LEVEL) == 1) {
        count(Counter.TLB_HIT_L1);
        if (before != 0) leaveFront(row, before);
        return entry;
      }
      count(Counter.TLB_HIT_L2);
      refillFirstLevel(entry, kind, code);
      return entry;
    }
  }
  count(Counter.TLB_MISS);
  if (kind == KIND_FETCH) count(Counter.MISS_FETCH);
  else count(kind == KIND_LOAD ? Counter.MISS_LOAD : Counter.MISS_STORE);
  return 0;
}

/** Copies an entry of the second level into the first-level arrays that serve `kind`. */
function refillFirstLevel(entry: u32, kind: u32, code: u32): void {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const tag = load<u64>(entry, T_TAG);
  const data = load<u64>(entry, T_DATA);
  const space = load<u32>(entry, T_SPACE);
  const gpa = load<u64>(entry, T_GPA);
  const provenance = load<u32>(entry, T_PROV);
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    if (load<u32>(row, A_LEVEL) != 1 || (load<u32>(row, A_KINDS) & kind) == 0) continue;
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    insert(row, tag, data, space, gpa, provenance);
  }
}

/**
 * Enters a translation that a walk has made for `access` into every array that serves it. A page of a
 * size that no array caches goes in by the piece. Returns its provenance word.
 */
export function fillTlb(
  gla: u64,
  sizeLog: u32,
  data: u64,
  gpa: u64,
  kind: u32,
  space: u32,
  access: u32,
): u32 {
  const served = load<u32>(M_TLB_SERVED + (kind << 2));
  let code = sizeCodeOf(sizeLog);
  if ((served & (1 << code)) != 0) return enter(gla, code, data, gpa, kind, space, access);
  const whole = code;
  while (code > 0 && (served & (1 << code)) == 0) code--;
  const offset = gla & (((1 as u64) << (sizeLog as u64)) - 1);
  const start = (offset >> (sizeLogOf(code) as u64)) << (sizeLogOf(code) as u64);
  let page = gpa + start;
  if (((gpa as u32) & GPA_PIECE) == 0) page |= (whole << GPA_PIECE_SHIFT) as u64;
  return enter(gla, code, data + start, page, kind, space, access);
}

/** Enters a page of size code `code`. */
function enter(gla: u64, code: u32, data: u64, gpa: u64, kind: u32, space: u32, access: u32): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const sizeLog = sizeLogOf(code);
  sizesSeen |= 1 << code;
  count(Counter.TLB_FILL);
  useSpaceForPage(space, code);
  if (spaceEp4ta(space) != 0) count(Counter.FILL_COMBINED);
  const piece = ((gpa as u32) & GPA_PIECE) >>> GPA_PIECE_SHIFT;
  if (piece != 0) noteFragment(gla, piece);
  const tag = pageTag(gla, code);
  let provenance: u32 = 0;
  if (isSanitizing()) {
    const rights = (data as u32) & 0xfff;
    const unreadable = ((gpa as u32) & GPA_UNREADABLE) != 0 ? FILL_UNREADABLE : 0;
    describeFill(data & ~0xfff, gpa & ~0xfff, rights | unreadable, access, 0);
    provenance = askProvenance(WHAT_LINEAR, space, tag & ~0xfff, sizeLog);
  }
  // Of second-level arrays that share a size the page goes to one: to the half that its number names.
  const twins = load<u32>(M_TLB_TWINS) != 0;
  const half = twins ? secondLevelOf(kind, code, gla >> (sizeLog as u64)) : 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_KINDS) & kind) == 0) continue;
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    if (twins && load<u32>(row, A_LEVEL) != 1 && i != half) continue;
    insert(row, tag, data, space, gpa, provenance);
  }
  return provenance;
}

/** The second-level array that takes page number `vpn`: the bit above the sets chooses. */
function secondLevelOf(kind: u32, code: u32, vpn: u64): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  let first: u32 = arrays;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    if (load<u32>(row, A_LEVEL) == 1 || (load<u32>(row, A_KINDS) & kind) == 0) continue;
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    if (first != arrays) return ((vpn / (load<u32>(row, A_SETS) as u64)) & 1) != 0 ? i : first;
    first = i;
  }
  return first;
}

/** Puts an entry, which is not there, into its set: into a free way, else over a victim. */
function insert(row: u32, tag: u64, data: u64, space: u32, gpa: u64, provenance: u32): void {
  const base = currentBase();
  const ways = load<u32>(row, A_WAYS);
  const set = pageSet(row, tag, ((tag as u32) >>> 1) & 3);
  const first = setBase(base, row, set);
  let place: u32 = 0;
  const end = first + (ways << ENTRY_SHIFT);
  for (let entry = first; entry < end; entry += 1 << ENTRY_SHIFT) {
    if ((load<u64>(entry, T_TAG) & 1) == 0 || !isLiveSpace(load<u32>(entry, T_SPACE))) {
      place = entry;
      break;
    }
  }
  if (place == 0) {
    place = first + (victimWay(base, row, set) << ENTRY_SHIFT);
    count(Counter.TLB_EVICTION);
    addToSpace(load<u32>(place, T_SPACE), -1);
    leaveFront(row, place);
  }
  store<u64>(place, tag, T_TAG);
  store<u64>(place, data, T_DATA);
  store<u32>(place, space, T_SPACE);
  store<u64>(place, gpa, T_GPA);
  setProvenance(place, provenance);
  addToSpace(space, 1);
  countArray(rowIndex(row), EVENT_FILL);
  const before = touch(base, row, set, (place - first) >>> ENTRY_SHIFT);
  if (before != 0 && load<u32>(row, A_LEVEL) == 1) leaveFront(row, before);
}

/**
 * Drops from the front caches what rests on `entry` of array `row`, which is being evicted or is no
 * longer the one used last. A large page takes a search of all of them: in a context that is not
 * current that waits until the context is entered, if it ever is.
 */
function leaveFront(row: u32, entry: u32): void {
  if ((load<u64>(entry, T_TAG) & 1) == 0) return;
  const sizeLog = entrySizeLog(entry);
  if (sizeLog == 12 && (load<u32>(row, A_KINDS) & KIND_FETCH) == 0) {
    dropFrontData(load<u64>(entry, T_TAG));
    return;
  }
  const owner = load<u32>(entry, T_SPACE);
  if (sizeLog == 12 || owner == load<u32>(SPACE_ID) || owner == load<u32>(SPACE_GLOBAL)) {
    dropFront(load<u64>(entry, T_TAG), sizeLog);
  } else {
    markFrontStale(owner);
  }
}

/** Drops one entry; the front caches are the caller's. @inline */
export function dropEntry(entry: u32): void {
  addToSpace(load<u32>(entry, T_SPACE), -1);
  clearEntry(entry);
}

/**
 * Drops the translations of linear address `gla` that the current context uses: those of `space` and
 * `global`. Returns how many entries went.
 */
export function dropAddress(gla: u64, space: u32, global: u32): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = currentBase();
  let dropped: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    const sizes = load<u32>(row, A_SIZES) & sizesSeen;
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      const first = setBase(base, row, pageSet(row, gla, code));
      for (;;) {
        const entry = probe(first, load<u32>(row, A_WAYS), pageTag(gla, code), space, global);
        if (entry == 0) break;
        dropEntry(entry);
        dropFront(gla, sizeLogOf(code));
        dropped++;
      }
    }
  }
  // The front may hold the page although no array does (geometry `none` is not cached at all).
  dropFront(gla, 12);
  return dropped;
}

/** In the place of a PCID: every PCID. */
export const ANY_PCID: u32 = 0xffffffff;

/** True when the tags of live space `owner` are `vpid` and `pcid`, or those of its global pages. */
export function carries(owner: u32, vpid: u32, pcid: u32, globals: bool): bool {
  if (!isLiveSpace(owner) || spaceVpid(owner) != vpid) return false;
  const tagged = spacePcid(owner);
  return tagged == PCID_GLOBAL ? globals : pcid == ANY_PCID || tagged == pcid;
}

/**
 * Drops the translations of linear address `gla` on the current processor that carry `vpid` and
 * `pcid`, for every EP4TA; with `globals` those of global pages, which belong to every PCID, as
 * well. Returns how many entries went.
 */
export function dropAddressOf(gla: u64, vpid: u32, pcid: u32, globals: bool): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = currentBase();
  let dropped: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    const sizes = load<u32>(row, A_SIZES) & sizesSeen;
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      const tag = pageTag(gla, code);
      let entry = setBase(base, row, pageSet(row, gla, code));
      const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
      for (; entry < end; entry += ENTRY_BYTES) {
        if (load<u64>(entry, T_TAG) != tag) continue;
        if (!carries(load<u32>(entry, T_SPACE), vpid, pcid, globals)) continue;
        dropEntry(entry);
        dropFront(gla, sizeLogOf(code));
        dropped++;
      }
    }
  }
  // As in dropAddress.
  dropFront(gla, 12);
  return dropped;
}

/**
 * Sets or clears the mark of stale entries on those of the page of `1 << sizeLog` bytes at `gla` that
 * carry provenance `id`, in the arrays of every processor.
 */
export function markTlb(id: u32, gla: u64, sizeLog: u32, on: bool): void {
  const code = sizeCodeOf(sizeLog);
  for (let i: u32 = 0; i < load<u32>(M_TLB_ARRAYS); i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    for (let cpu: u32 = 0; cpu < load<u32>(M_CPUS); cpu++) {
      markSet(baseOf(cpu), row, pageSet(row, gla, code), id, on);
    }
  }
}
