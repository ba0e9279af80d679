/**
 * The modelled TLB: per logical processor a few set-associative arrays, described by rows that the
 * host writes (TLB_ARRAYS). An entry:
 *
 *   0 u64 tag    linear address of the page, bits 2:1 size code, bit 0 valid
 *   8 u64 data   host-physical address of the page, bits 11:0 rights
 *  16 u32 space  number of the address space
 *  20 u32 prov   provenance word (tlb/provenance.ts), 0 unless the host follows translations
 *  24 u64 gpa    guest-physical address of the page (equal to the host-physical one without EPT),
 *                bit 0 GPA_UNREADABLE, bits 2:1 size code of the guest's page if it is larger
 *
 * Under EPT an entry maps the smaller of the guest's and the EPT's page, with the rights that both
 * grant. RIGHT_DIRTY tells that a write needs no further work on either side, so it is clear while
 * the EPT forbids writes; RIGHT_EXECUTE is clear while the EPT forbids fetches.
 */
import { CPU_INDEX, SPACE_GLOBAL, SPACE_ID, TLB_CLOCK } from "../generated/state";
import {
  FRAGMENT_FILTER,
  M_CPUS,
  M_TLB_ARRAYS,
  M_TLB_BASE,
  M_TLB_CPU_BYTES,
  TLB_ARRAY_BYTES,
  TLB_ARRAYS,
} from "../layout";
import { Counter, count } from "./counters";
import { dropFront } from "./front";
import {
  askProvenance,
  describeFill,
  FILL_UNREADABLE,
  holdProvenance,
  isSanitizing,
  releaseProvenance,
  STALE,
  WHAT_LINEAR,
} from "./provenance";
import {
  addToSpace,
  isLiveSpace,
  markFrontStale,
  PCID_GLOBAL,
  spacePcid,
  spaceVpid,
  useSpace,
} from "./space";

export const RIGHT_WRITE: u32 = 1;
export const RIGHT_USER: u32 = 2;
export const RIGHT_EXECUTE: u32 = 4;
export const RIGHT_DIRTY: u32 = 8;
export const RIGHT_GLOBAL: u32 = 16;
export const RIGHT_KEY_SHIFT: u32 = 5;
export const RIGHT_TYPE_SHIFT: u32 = 9;

/** What an access needs: bits of the kind mask of an array. */
export const KIND_DATA: u32 = 1;
export const KIND_FETCH: u32 = 2;

export const T_TAG: u32 = 0;
export const T_DATA: u32 = 8;
export const T_SPACE: u32 = 16;
export const T_PROV: u32 = 20;
export const T_GPA: u32 = 24;
const ENTRY_SHIFT: u32 = 5;

/** In T_GPA: the EPT grants fetches but no reads. */
export const GPA_UNREADABLE: u32 = 1;
/** In T_GPA: the entry maps a piece of a guest page of this size code; 0 when it maps all of it. */
export const GPA_PIECE_SHIFT: u32 = 1;
const GPA_PIECE: u32 = 3 << GPA_PIECE_SHIFT;

// A row of TLB_ARRAYS.
const A_OFFSET: u32 = 0;
const A_SETS: u32 = 4;
const A_WAYS: u32 = 8;
const A_SIZES: u32 = 12;
const A_KINDS: u32 = 16;
const A_LEVEL: u32 = 20;
const A_INDEX: u32 = 24;
const A_REPLACEMENT: u32 = 28;
/** Offset, in the processor's part, of one FIFO pointer a set. */
const A_FIFO: u32 = 32;

const REPLACE_FIFO: u32 = 0;

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

/** @inline */
function arrayRow(index: u32): u32 {
  return TLB_ARRAYS + index * TLB_ARRAY_BYTES;
}

/** @inline */
function cpuBase(cpu: u32): u32 {
  return load<u32>(M_TLB_BASE) + cpu * load<u32>(M_TLB_CPU_BYTES);
}

/** Number of the set of `row` that page number `vpn` falls into. @inline */
function setIndex(row: u32, vpn: u64): u32 {
  const sets = load<u32>(row, A_SETS);
  const bits = load<u32>(row, A_INDEX);
  // The second-level arrays of Intel processors xor a further group of address bits in.
  const folded = bits != 0 ? vpn ^ (vpn >> (bits as u64)) : vpn;
  return (folded as u32) & (sets - 1);
}

/** @inline */
function setBase(base: u32, row: u32, set: u32): u32 {
  return base + load<u32>(row, A_OFFSET) + ((set * load<u32>(row, A_WAYS)) << ENTRY_SHIFT);
}

/** The entry of array `row` for page `tag` in either space, or 0. */
function probe(base: u32, row: u32, tag: u64, sizeLog: u32, space: u32, global: u32): u32 {
  let entry = setBase(base, row, setIndex(row, tag >> (sizeLog as u64)));
  const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
  for (; entry < end; entry += 1 << ENTRY_SHIFT) {
    if (load<u64>(entry, T_TAG) != tag) continue;
    const owner = load<u32>(entry, T_SPACE);
    if (owner == space || owner == global) return entry;
  }
  return 0;
}

/** @inline */
function pageTag(gla: u64, code: u32): u64 {
  const sizeLog = sizeLogOf(code) as u64;
  return ((gla >> sizeLog) << sizeLog) | ((code << 1) as u64) | 1;
}

/**
 * Looks `gla` up for an access of `kind`. Returns the address of the entry or 0. A hit in the second
 * level refills the first, as the measured processors do.
 */
export function lookupTlb(gla: u64, kind: u32, space: u32, global: u32): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = cpuBase(load<u32>(CPU_INDEX));
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_KINDS) & kind) == 0) continue;
    const sizes = load<u32>(row, A_SIZES) & sizesSeen;
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      const entry = probe(base, row, pageTag(gla, code), sizeLogOf(code), space, global);
      if (entry == 0) continue;
      if (load<u32>(row, A_LEVEL) == 1) {
        count(Counter.TLB_HIT_L1);
        return entry;
      }
      count(Counter.TLB_HIT_L2);
      refillFirstLevel(entry, kind, code);
      return entry;
    }
  }
  count(Counter.TLB_MISS);
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
 * Enters a translation that a walk has made for `access` into every array that serves it. Returns its
 * provenance word.
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
  const arrays = load<u32>(M_TLB_ARRAYS);
  const code = sizeCodeOf(sizeLog);
  sizesSeen |= 1 << code;
  count(Counter.TLB_FILL);
  useSpace(space);
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
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_KINDS) & kind) == 0) continue;
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    insert(row, tag, data, space, gpa, provenance);
  }
  return provenance;
}

/** Puts an entry into its set: over the same page, else into a free way, else over a victim. */
function insert(row: u32, tag: u64, data: u64, space: u32, gpa: u64, provenance: u32): void {
  const base = cpuBase(load<u32>(CPU_INDEX));
  const ways = load<u32>(row, A_WAYS);
  const sizeLog = sizeLogOf(((tag as u32) >>> 1) & 3);
  const set = setIndex(row, tag >> (sizeLog as u64));
  const first = setBase(base, row, set);
  let place: u32 = 0;
  for (let way: u32 = 0; way < ways; way++) {
    const entry = first + (way << ENTRY_SHIFT);
    const old = load<u64>(entry, T_TAG);
    if (old == tag && load<u32>(entry, T_SPACE) == space) {
      place = entry;
      addToSpace(space, -1);
      break;
    }
    if (place == 0 && ((old & 1) == 0 || !isLiveSpace(load<u32>(entry, T_SPACE)))) place = entry;
  }
  if (place == 0) {
    place = first + (victimWay(base, row, set, ways) << ENTRY_SHIFT);
    count(Counter.TLB_EVICTION);
    addToSpace(load<u32>(place, T_SPACE), -1);
    evictFront(place);
  }
  store<u64>(place, tag, T_TAG);
  store<u64>(place, data, T_DATA);
  store<u32>(place, space, T_SPACE);
  store<u64>(place, gpa, T_GPA);
  setProvenance(place, provenance);
  addToSpace(space, 1);
}

/** @inline */
function setProvenance(entry: u32, provenance: u32): void {
  const before = load<u32>(entry, T_PROV);
  if ((before | provenance) == 0) return;
  if (before != 0) releaseProvenance(before);
  if (provenance != 0) holdProvenance(provenance);
  store<u32>(entry, provenance, T_PROV);
}

/** @inline */
function clearEntry(entry: u32): void {
  store<u64>(entry, 0, T_TAG);
  setProvenance(entry, 0);
}

/**
 * Drops from the front caches what rests on `entry`, which is being evicted. A large page takes a
 * search of all of them: in a context that is not current that waits until the context is entered,
 * if it ever is.
 */
function evictFront(entry: u32): void {
  const sizeLog = entrySizeLog(entry);
  const owner = load<u32>(entry, T_SPACE);
  if (sizeLog == 12 || owner == load<u32>(SPACE_ID) || owner == load<u32>(SPACE_GLOBAL)) {
    dropFront(load<u64>(entry, T_TAG), sizeLog);
  } else {
    markFrontStale(owner);
  }
}

/** The way to give up: first in first out, or at random by the machine's seed. */
function victimWay(base: u32, row: u32, set: u32, ways: u32): u32 {
  if (load<u32>(row, A_REPLACEMENT) == REPLACE_FIFO) {
    const pointer = base + load<u32>(row, A_FIFO) + (set << 1);
    const way = (load<u16>(pointer) as u32) % ways;
    store<u16>(pointer, (way + 1) as u16);
    return way;
  }
  // xorshift64: small, and good enough to spread victims.
  let x = load<u64>(TLB_CLOCK);
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  store<u64>(TLB_CLOCK, x);
  return ((x >> 32) as u32) % ways;
}

/**
 * Drops the translations of linear address `gla` that the current context uses: those of `space` and
 * `global`. Returns how many entries went.
 */
export function dropAddress(gla: u64, space: u32, global: u32): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = cpuBase(load<u32>(CPU_INDEX));
  let dropped: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    const sizes = load<u32>(row, A_SIZES) & sizesSeen;
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      for (;;) {
        const entry = probe(base, row, pageTag(gla, code), sizeLogOf(code), space, global);
        if (entry == 0) break;
        addToSpace(load<u32>(entry, T_SPACE), -1);
        clearEntry(entry);
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
function carries(owner: u32, vpid: u32, pcid: u32, globals: bool): bool {
  if (!isLiveSpace(owner) || spaceVpid(owner) != vpid) return false;
  const tagged = spacePcid(owner);
  return tagged == PCID_GLOBAL ? globals : pcid == ANY_PCID || tagged == pcid;
}

/** Number of the bit of FRAGMENT_FILTER for the page of size `code` at `gla`. @inline */
function fragmentBit(gla: u64, code: u32): u32 {
  const page = (gla >> (sizeLogOf(code) as u64)) as u32;
  return ((page * 0x9e3779b1) >>> 22) ^ (code << 8);
}

/** Notes that a piece of the guest's page of size `code` at `gla` is cached. */
function noteFragment(gla: u64, code: u32): void {
  const bit = fragmentBit(gla, code);
  const at = FRAGMENT_FILTER + (bit >>> 3);
  store<u8>(at, load<u8>(at) | (1 << ((bit & 7) as u8)));
}

/** False when no piece of the guest's page of size `code` at `gla` can be cached. @inline */
function mayBeFragmented(gla: u64, code: u32): bool {
  const bit = fragmentBit(gla, code);
  return ((load<u8>(FRAGMENT_FILTER + (bit >>> 3)) >>> ((bit & 7) as u8)) & 1) != 0;
}

/**
 * The same as `dropAddressOf` for all pieces of the guest's larger pages around `gla`: where the EPT
 * maps a guest's page by smaller ones it has several entries, and INVLPG must drop them all.
 */
export function dropPiecesOf(gla: u64, vpid: u32, pcid: u32, globals: bool): u32 {
  let dropped: u32 = 0;
  for (let code: u32 = 1; code < 4; code++) {
    if (mayBeFragmented(gla, code)) dropped += dropPieces(gla, code, vpid, pcid, globals);
  }
  return dropped;
}

/** Those of one size of page. */
function dropPieces(gla: u64, code: u32, vpid: u32, pcid: u32, globals: bool): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = cpuBase(load<u32>(CPU_INDEX));
  const sizeLog = sizeLogOf(code) as u64;
  let dropped: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    let entry = base + load<u32>(row, A_OFFSET);
    const end = entry + ((load<u32>(row, A_SETS) * load<u32>(row, A_WAYS)) << ENTRY_SHIFT);
    for (; entry < end; entry += 1 << ENTRY_SHIFT) {
      const tag = load<u64>(entry, T_TAG);
      if ((tag & 1) == 0 || (tag ^ gla) >> sizeLog != 0) continue;
      if ((load<u32>(entry, T_GPA) & GPA_PIECE) >>> GPA_PIECE_SHIFT != code) continue;
      const owner = load<u32>(entry, T_SPACE);
      if (!carries(owner, vpid, pcid, globals)) continue;
      addToSpace(owner, -1);
      clearEntry(entry);
      dropped++;
    }
  }
  if (dropped != 0) dropFront(gla, sizeLog as u32);
  return dropped;
}

/**
 * Drops the translations of linear address `gla` on the current processor that carry `vpid` and
 * `pcid`, for every EP4TA; with `globals` those of global pages, which belong to every PCID, as
 * well. Returns how many entries went.
 */
export function dropAddressOf(gla: u64, vpid: u32, pcid: u32, globals: bool): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = cpuBase(load<u32>(CPU_INDEX));
  let dropped: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    const sizes = load<u32>(row, A_SIZES) & sizesSeen;
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      const tag = pageTag(gla, code);
      let entry = setBase(base, row, setIndex(row, tag >> (sizeLogOf(code) as u64)));
      const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
      for (; entry < end; entry += 1 << ENTRY_SHIFT) {
        if (load<u64>(entry, T_TAG) != tag) continue;
        const owner = load<u32>(entry, T_SPACE);
        if (!carries(owner, vpid, pcid, globals)) continue;
        addToSpace(owner, -1);
        clearEntry(entry);
        dropFront(gla, sizeLogOf(code));
        dropped++;
      }
    }
  }
  // As in dropAddress.
  dropFront(gla, 12);
  return dropped;
}

/** Bytes of one processor's part: the entries and FIFO pointers of all arrays. */
export function tlbCpuBytes(): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  let end: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    store<u32>(row, end, A_OFFSET);
    end += (load<u32>(row, A_SETS) * load<u32>(row, A_WAYS)) << ENTRY_SHIFT;
    store<u32>(row, end, A_FIFO);
    end = (end + load<u32>(row, A_SETS) * 2 + 31) & ~31;
  }
  return end;
}

/** Clears entries whose space has been retired, in the arrays of every processor. */
export function sweepRetired(): void {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const cpus = load<u32>(M_CPUS);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    const base = cpuBase(cpu);
    for (let i: u32 = 0; i < arrays; i++) {
      const row = arrayRow(i);
      let entry = base + load<u32>(row, A_OFFSET);
      const end = entry + ((load<u32>(row, A_SETS) * load<u32>(row, A_WAYS)) << ENTRY_SHIFT);
      for (; entry < end; entry += 1 << ENTRY_SHIFT) {
        if ((load<u64>(entry, T_TAG) & 1) == 0) continue;
        if (!isLiveSpace(load<u32>(entry, T_SPACE))) clearEntry(entry);
      }
    }
  }
}

/**
 * Sets or clears the mark of stale entries on those of the page of `1 << sizeLog` bytes at `gla` that
 * carry provenance `id`, in the arrays of every processor.
 */
export function markTlb(id: u32, gla: u64, sizeLog: u32, on: bool): void {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const cpus = load<u32>(M_CPUS);
  for (let cpu: u32 = 0; cpu < cpus; cpu++) {
    for (let i: u32 = 0; i < arrays; i++) {
      const row = arrayRow(i);
      if ((load<u32>(row, A_SIZES) & (1 << sizeCodeOf(sizeLog))) == 0) continue;
      let entry = setBase(cpuBase(cpu), row, setIndex(row, gla >> (sizeLog as u64)));
      const end = entry + (load<u32>(row, A_WAYS) << ENTRY_SHIFT);
      for (; entry < end; entry += 1 << ENTRY_SHIFT) {
        if ((load<u32>(entry, T_PROV) & ~STALE) != id) continue;
        store<u32>(entry, on ? id | STALE : id, T_PROV);
      }
    }
  }
}
