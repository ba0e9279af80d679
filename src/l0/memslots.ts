/** Memory slots: which guest frames are backed by which userspace addresses (struct kvm_memslots). */
import { PAGE_BYTES } from "./frames.ts";

/** Slots that KVM makes for itself; userspace cannot name them. */
export const PRIVATE_SLOT = { tss: 0x7fff, identityMap: 0x8000, apicAccess: 0x8001 } as const;

export interface Memslot {
  readonly id: number;
  /** Address space: 0 normal, 1 SMM. */
  readonly asId: number;
  readonly baseGfn: number;
  readonly pages: number;
  readonly hva: number;
  readonly readOnly: boolean;
  /** KVM_MEMSLOT_INVALID: the slot is being deleted or moved. */
  readonly invalid: boolean;
  /** Pages written since the last look, while they are logged. */
  readonly dirty: Set<number> | undefined;
}

/** One set of slots. Sets do not change: an update makes another. */
export class Memslots {
  readonly generation: number;
  readonly slots: readonly Memslot[];
  private recent: Memslot | undefined;

  constructor(generation: number, slots: readonly Memslot[]) {
    this.generation = generation;
    this.slots = slots;
  }

  /** The slot that holds guest frame `gfn` (gfn_to_memslot), invalid ones included. */
  find(gfn: number): Memslot | undefined {
    const { recent } = this;
    if (recent !== undefined && gfn - recent.baseGfn < recent.pages && gfn >= recent.baseGfn) {
      return recent;
    }
    for (const slot of this.slots) {
      if (gfn < slot.baseGfn || gfn >= slot.baseGfn + slot.pages) continue;
      this.recent = slot;
      return slot;
    }
    return undefined;
  }

  byId(id: number): Memslot | undefined {
    return this.slots.find((slot) => slot.id === id);
  }

  /** The guest frames behind [start, end) in userspace, slot by slot. */
  inHvaRange(start: number, end: number): { slot: Memslot; gfnStart: number; gfnEnd: number }[] {
    const found = [];
    for (const slot of this.slots) {
      const first = Math.max(start, slot.hva);
      const last = Math.min(end, slot.hva + slot.pages * PAGE_BYTES);
      if (first >= last) continue;
      const gfnStart = slot.baseGfn + Math.floor((first - slot.hva) / PAGE_BYTES);
      const gfnEnd = slot.baseGfn + Math.ceil((last - slot.hva) / PAGE_BYTES);
      found.push({ slot, gfnStart, gfnEnd });
    }
    return found;
  }
}

/** Userspace address behind guest frame `gfn` of `slot`. */
export function hvaOf(slot: Memslot, gfn: number): number {
  return slot.hva + (gfn - slot.baseGfn) * PAGE_BYTES;
}

export function overlaps(a: Memslot, b: Memslot): boolean {
  return a.asId === b.asId && a.baseGfn < b.baseGfn + b.pages && b.baseGfn < a.baseGfn + a.pages;
}
