/**
 * Guest-physical mappings: a direct-mapped cache of EPT translations of 4 KiB pages, tagged by
 * EP4TA through the number of an address space. INVEPT drops them by retiring that number, an EPT
 * violation drops the one it met; what is done to VPIDs and PCIDs never reaches them. An entry:
 *
 *   0 u64 tag    guest-physical address of the page, bit 11 valid, bits 10:0 number of the space
 *   8 u64 data   host-physical address of the page, bits 11:0 EPT_* rights
 *  16 u32        log2 of the size of the EPT page
 *  20 u32        pointer to the EPT entry that maps the page while its D flag counts, else 0
 *  24 u32        provenance word (tlb/provenance.ts)
 *
 * A cached right to write means that nothing remains to be done before a write: the dirty flag is
 * set and the write has been logged, where either is asked for. A combined mapping (tlb/tlb.ts) keeps
 * that until it is dropped. A guest-physical one looks at the flag again: a hypervisor that clears D
 * flags and relies on a flush of linear translations alone finds them set anew on processors.
 */
import { SPACE_PHYSICAL } from "../generated/state";
import { GUEST_PHYSICAL, GUEST_PHYSICAL_ENTRIES } from "../layout";
import { holdProvenance, releaseProvenance, STALE } from "./provenance";
import { isLiveSpace, useSpace } from "./space";

export const G_TAG: u32 = 0;
export const G_DATA: u32 = 8;
export const G_SIZE: u32 = 16;
export const G_LEAF: u32 = 20;
export const G_PROV: u32 = 24;

const VALID: u64 = 0x800;
const SPACE_MASK: u64 = 0x7ff;
const ENTRY_SHIFT: u32 = 5;

/** Address of the entry for `gpa` in the current context. @inline */
export function guestPhysicalEntry(gpa: u64): u32 {
  // The number of the space spreads guests whose memory lies at the same addresses.
  const index = ((gpa >> 12) as u32) ^ (load<u32>(SPACE_PHYSICAL) * 0x95);
  return GUEST_PHYSICAL + ((index & (GUEST_PHYSICAL_ENTRIES - 1)) << ENTRY_SHIFT);
}

/** The tag of an entry for `gpa` in the current context. @inline */
export function guestPhysicalTag(gpa: u64): u64 {
  return (gpa & ~0xfff) | VALID | (load<u32>(SPACE_PHYSICAL) as u64);
}

/** Enters a translation that a walk of the EPT structures has made. */
export function fillGuestPhysical(
  gpa: u64,
  hpaPage: u64,
  rights: u32,
  sizeLog: u32,
  leaf: u32,
  provenance: u32,
): void {
  useSpace(load<u32>(SPACE_PHYSICAL));
  const entry = guestPhysicalEntry(gpa);
  store<u64>(entry, guestPhysicalTag(gpa), G_TAG);
  store<u64>(entry, hpaPage | (rights as u64), G_DATA);
  store<u32>(entry, sizeLog, G_SIZE);
  store<u32>(entry, leaf, G_LEAF);
  setProvenance(entry, provenance);
}

/** @inline */
function setProvenance(entry: u32, provenance: u32): void {
  const before = load<u32>(entry, G_PROV);
  if ((before | provenance) == 0) return;
  if (before != 0) releaseProvenance(before);
  if (provenance != 0) holdProvenance(provenance);
  store<u32>(entry, provenance, G_PROV);
}

/** @inline */
function clearEntry(entry: u32): void {
  store<u64>(entry, 0, G_TAG);
  setProvenance(entry, 0);
}

/** Drops what the current context caches for `gpa`; returns how many entries went. */
export function dropGuestPhysical(gpa: u64): u32 {
  const entry = guestPhysicalEntry(gpa);
  if (load<u64>(entry, G_TAG) != guestPhysicalTag(gpa)) return 0;
  clearEntry(entry);
  return 1;
}

/** Sets or clears the mark of stale entries on those with provenance `id`. */
export function markGuestPhysical(id: u32, on: bool): void {
  for (let i: u32 = 0; i < GUEST_PHYSICAL_ENTRIES; i++) {
    const entry = GUEST_PHYSICAL + (i << ENTRY_SHIFT);
    const word = load<u32>(entry, G_PROV);
    if ((word & ~STALE) == id) store<u32>(entry, on ? id | STALE : id, G_PROV);
  }
}

/** Clears entries whose space is no longer live. */
export function sweepGuestPhysical(): void {
  for (let i: u32 = 0; i < GUEST_PHYSICAL_ENTRIES; i++) {
    const entry = GUEST_PHYSICAL + (i << ENTRY_SHIFT);
    const tag = load<u64>(entry, G_TAG);
    if (tag != 0 && !isLiveSpace((tag & SPACE_MASK) as u32)) clearEntry(entry);
  }
}
