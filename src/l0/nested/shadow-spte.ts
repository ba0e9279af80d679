/** What an entry of EPT02 holds: EPT12's rights, less what the host or L0's own tracking withholds. */
import type { Memslot } from "../memslots.ts";
import { highHalf, lowHalf, pagesAt, SPTE, SPTE_HI } from "../tdp/spte.ts";
import type { Vm } from "../vm.ts";
import { EPT } from "./ept12.ts";
import type { ShadowRole } from "./shadow-page.ts";

export interface NewSpte {
  readonly lo: number;
  readonly hi: number;
  /** The right to write is withheld since the frame holds a table of EPT12. */
  readonly isProtected: boolean;
}

/** Rights that a leaf entry of EPT12 gives below a table with the rights of `role`. */
export function leafAccess(vm: Vm, role: ShadowRole, gpte: number): number {
  const above = vm.policy.skips("NoAccessAccumulation") ? EPT.all : role.access;
  return protectClean(vm, role, gpte, gpte & above & EPT.all);
}

/** A clean page stays without the right to write: the first write has to set the dirty flag. */
export function protectClean(vm: Vm, role: ShadowRole, gpte: number, access: number): number {
  if (role.adDisabled || (gpte & EPT.dirty) !== 0) return access;
  return vm.policy.skips("NoProtectClean") ? access : access & ~EPT.write;
}

/**
 * make_spte for RAM: `old` is the lower half of the entry in place. A frame that holds a table of EPT12
 * becomes unsync, or stays without the right to write.
 */
export function makeSpte(
  vm: Vm,
  leaf: {
    readonly access: number;
    readonly level: number;
    readonly gfn: number;
    readonly pfn: number;
    readonly slot: Memslot | undefined;
    readonly hostWritable: boolean;
    readonly old: number;
    readonly synchronizing: boolean;
  },
): NewSpte {
  const { access, level, gfn, pfn, slot, hostWritable, old, synchronizing } = leaf;
  let bits = (access & ~EPT.write) | SPTE.memoryType | SPTE.ignorePat | SPTE.accessed;
  let high = hostWritable ? SPTE_HI.hostWritable : 0;
  let isProtected = false;
  if ((access & EPT.write) !== 0 && hostWritable) {
    isProtected = (old & SPTE.write) === 0 && vm.shadow.mustProtect(gfn, synchronizing);
    if (!isProtected) {
      bits |= SPTE.write | SPTE.dirty;
      high |= SPTE_HI.mmuWritable;
      for (let i = 0; slot?.dirty !== undefined && i < pagesAt(level); i++) slot.dirty.add(gfn + i);
    }
  }
  if (level > 1) bits |= SPTE.large;
  return { lo: lowHalf(pfn, bits), hi: highHalf(pfn, high), isProtected };
}

/** Rights that L0 looks for have gone: a flush is due before anybody relies on that. */
export function losesWrite(oldHigh: number, newHigh: number): boolean {
  return (oldHigh & ~newHigh & SPTE_HI.mmuWritable) !== 0;
}
