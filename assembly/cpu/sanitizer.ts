/** What a host that follows translations (tlb/provenance.ts) asks of the core. */
import { FRAME_WATCHED, frameFlags, frameOf, ramPointer, setFrameFlags } from "../memory/physical";
import { probe, probePhysical } from "../paging/probe";
import { isCanonical } from "../paging/walk";
import { dropFront, dropFrontWrites } from "../tlb/front";
import { markGuestPhysical } from "../tlb/guest-physical";
import { WHAT_GUEST_PHYSICAL, WHAT_LINEAR, WHAT_STRUCTURE } from "../tlb/provenance";
import { EPT_TABLES, GUEST_TABLES, markStructure } from "../tlb/structure";
import { markTlb } from "../tlb/tlb";

/** @inline */
function wide(lo: u32, hi: u32): u64 {
  return ((hi as u64) << 32) | (lo as u64);
}

/**
 * Sets or clears the mark of stale entries on those of kind `what` that carry provenance `id`, on
 * every processor; `gla` and `sizeLog` are those of the fill. What the front caches hold of the page
 * goes when the mark is set, so that every use comes to the host.
 */
export function markStale(what: u32, id: u32, glaLo: u32, glaHi: u32, sizeLog: u32, on: u32): void {
  const gla = wide(glaLo, glaHi);
  if (what == WHAT_LINEAR) {
    markTlb(id, gla, sizeLog, on != 0);
    if (on != 0) dropFront(gla, sizeLog);
  } else if (what == WHAT_GUEST_PHYSICAL) {
    markGuestPhysical(id, gla, sizeLog, on != 0);
  } else {
    const tables = what == WHAT_STRUCTURE ? GUEST_TABLES : EPT_TABLES;
    markStructure(tables, id, gla, sizeLog, on != 0);
  }
}

/** Asks for, or stops, reports of stores to the frame that holds `hpa`. Without RAM nothing. */
export function watchFrame(hpaLo: u32, hpaHi: u32, on: u32): void {
  const host = ramPointer(wide(hpaLo, hpaHi));
  if (host == 0) return;
  const frame = frameOf(host);
  const flags = frameFlags(frame);
  setFrameFlags(frame, on != 0 ? flags | FRAME_WATCHED : flags & ~FRAME_WATCHED);
  if (on != 0 && (flags & FRAME_WATCHED) == 0) dropFrontWrites(host & ~0xfff);
}

/** `probe` for the host: 1, or 0 when the access does not come about. */
export function probeWalk(glaLo: u32, glaHi: u32, access: u32): u32 {
  const gla = wide(glaLo, glaHi);
  return u32(isCanonical(gla) && probe(gla, access));
}

/** `probePhysical` for the host. */
export function probeGuestPhysical(gpaLo: u32, gpaHi: u32, access: u32): u32 {
  return u32(probePhysical(wide(gpaLo, gpaHi), access));
}
