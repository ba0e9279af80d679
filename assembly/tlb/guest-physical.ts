/**
 * Guest-physical mappings: EPT translations, per logical processor in arrays of their own
 * (tlb/array.ts), tagged by EP4TA through the number of an address space. INVEPT drops them by
 * retiring that number, an EPT violation drops the ones it met; what is done to VPIDs and PCIDs never
 * reaches them. An entry:
 *
 *   tag    guest-physical address of the EPT page, bits 2:1 size code, bit 0 valid
 *   data   host-physical address of the EPT page, bits 11:0 EPT_* rights
 *   space  number of the space
 *   extra  pointer to the EPT entry that maps the page while its D flag counts, else 0
 *
 * A cached right to write means that nothing remains to be done before a write: the dirty flag is
 * set and the write has been logged, where either is asked for. A combined mapping (tlb/tlb.ts) keeps
 * that until it is dropped. A guest-physical one looks at the flag again: a hypervisor that clears D
 * flags and relies on a flush of linear translations alone finds them set anew on processors.
 */
import { SPACE_PHYSICAL } from "../generated/state";
import { M_CPUS, M_TLB_PHYSICAL } from "../layout";
import {
  A_SIZES,
  A_WAYS,
  arrayRow,
  baseOf,
  currentBase,
  E_DATA,
  E_EXTRA,
  E_PROV,
  E_SPACE,
  E_TAG,
  ENTRY_SHIFT,
  markSet,
  PHYSICAL_ROW_FIRST,
  setBase,
  setProvenance,
  touch,
  victimWay,
} from "./array";
import { Counter, count, countArray, EVENT_FILL, EVENT_HIT } from "./counters";
import { addToSpace, isLiveSpace, sizesOfSpace, useSpaceForPage } from "./space";
import { dropEntry, pageSet, pageTag, probe, sizeCodeOf } from "./tlb";

export const G_DATA: u32 = E_DATA;
export const G_PROV: u32 = E_PROV;
export const G_LEAF: u32 = E_EXTRA;

/** True when guest-physical mappings are cached. @inline */
export function cachesGuestPhysical(): bool {
  return load<u32>(M_TLB_PHYSICAL) != 0;
}

/** The entry that translates `gpa` in the current context, or 0. A hit is counted. */
export function lookupGuestPhysical(gpa: u64): u32 {
  const entry = findGuestPhysical(gpa);
  if (entry != 0) count(Counter.GUEST_PHYSICAL_HIT);
  return entry;
}

function findGuestPhysical(gpa: u64): u32 {
  const end = PHYSICAL_ROW_FIRST + load<u32>(M_TLB_PHYSICAL);
  const base = currentBase();
  const space = load<u32>(SPACE_PHYSICAL);
  const known = sizesOfSpace(space);
  for (let i = PHYSICAL_ROW_FIRST; i < end; i++) {
    const row = arrayRow(i);
    const sizes = load<u32>(row, A_SIZES) & known;
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      const set = pageSet(row, gpa, code);
      const first = setBase(base, row, set);
      const entry = probe(first, load<u32>(row, A_WAYS), pageTag(gpa, code), space, space);
      if (entry == 0) continue;
      countArray(i, EVENT_HIT);
      touch(base, row, set, (entry - first) >>> ENTRY_SHIFT);
      return entry;
    }
  }
  return 0;
}

/** Enters a translation that a walk of the EPT structures has made; `hpa` is that of the page. */
export function fillGuestPhysical(
  gpa: u64,
  hpa: u64,
  rights: u32,
  sizeLog: u32,
  leaf: u32,
  provenance: u32,
): void {
  const space = load<u32>(SPACE_PHYSICAL);
  count(Counter.GUEST_PHYSICAL_FILL);
  const code = sizeCodeOf(sizeLog);
  useSpaceForPage(space, code);
  const end = PHYSICAL_ROW_FIRST + load<u32>(M_TLB_PHYSICAL);
  for (let i = PHYSICAL_ROW_FIRST; i < end; i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    const base = currentBase();
    const set = pageSet(row, gpa, code);
    const tag = pageTag(gpa, code);
    const place = takePlace(base, row, set, tag, space);
    store<u64>(place, tag, E_TAG);
    store<u64>(place, hpa | (rights as u64), E_DATA);
    store<u32>(place, space, E_SPACE);
    store<u64>(place, leaf as u64, G_LEAF);
    setProvenance(place, provenance);
    addToSpace(space, 1);
    countArray(i, EVENT_FILL);
    touch(base, row, set, (place - setBase(base, row, set)) >>> ENTRY_SHIFT);
  }
}

/** A place in a set for `tag`: over the same page, else a free way, else a victim. */
function takePlace(base: u32, row: u32, set: u32, tag: u64, space: u32): u32 {
  const first = setBase(base, row, set);
  const ways = load<u32>(row, A_WAYS);
  let free: u32 = 0;
  for (let way: u32 = 0; way < ways; way++) {
    const entry = first + (way << ENTRY_SHIFT);
    const old = load<u64>(entry, E_TAG);
    const owner = load<u32>(entry, E_SPACE);
    if (old == tag && owner == space) {
      addToSpace(space, -1);
      return entry;
    }
    if (free == 0 && ((old & 1) == 0 || !isLiveSpace(owner))) free = entry;
  }
  if (free != 0) return free;
  const victim = first + (victimWay(base, row, set) << ENTRY_SHIFT);
  addToSpace(load<u32>(victim, E_SPACE), -1);
  return victim;
}

/** Drops what the current context caches for `gpa`; returns how many entries went. */
export function dropGuestPhysical(gpa: u64): u32 {
  let dropped: u32 = 0;
  const end = PHYSICAL_ROW_FIRST + load<u32>(M_TLB_PHYSICAL);
  const base = currentBase();
  const space = load<u32>(SPACE_PHYSICAL);
  for (let i = PHYSICAL_ROW_FIRST; i < end; i++) {
    const row = arrayRow(i);
    const sizes = load<u32>(row, A_SIZES) & sizesOfSpace(space);
    for (let code: u32 = 0; code < 4; code++) {
      if ((sizes & (1 << code)) == 0) continue;
      const first = setBase(base, row, pageSet(row, gpa, code));
      const entry = probe(first, load<u32>(row, A_WAYS), pageTag(gpa, code), space, space);
      if (entry == 0) continue;
      dropEntry(entry);
      dropped++;
    }
  }
  return dropped;
}

/** Sets or clears the mark of stale entries on those of the EPT page at `gpa` with provenance `id`. */
export function markGuestPhysical(id: u32, gpa: u64, sizeLog: u32, on: bool): void {
  const code = sizeCodeOf(sizeLog);
  const end = PHYSICAL_ROW_FIRST + load<u32>(M_TLB_PHYSICAL);
  for (let i = PHYSICAL_ROW_FIRST; i < end; i++) {
    const row = arrayRow(i);
    if ((load<u32>(row, A_SIZES) & (1 << code)) == 0) continue;
    for (let cpu: u32 = 0; cpu < load<u32>(M_CPUS); cpu++) {
      markSet(baseOf(cpu), row, pageSet(row, gpa, code), id, on);
    }
  }
}
