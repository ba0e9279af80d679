/**
 * EPT01: the tables of the two-dimensional page-table MMU (tdp_mmu.c). Roots, walks, installing and
 * zapping of entries. Tables lie in emulated memory and are freed behind the flush of what they held.
 */
import type { Frames } from "../frames.ts";
import {
  FROZEN_SPTE,
  highHalf,
  indexOf,
  isLarge,
  isMmio,
  isPresent,
  lowHalf,
  type Protection,
  pagesAt,
  pfnOf,
  SPTE,
  SPTE_HI,
  withoutWrite,
} from "./spte.ts";

/** What makes a root distinct (union kvm_mmu_page_role); L1 and L2 never share one. */
export interface Role {
  readonly level: number;
  readonly direct: boolean;
  readonly guestMode: boolean;
  readonly asId: number;
  readonly adDisabled: boolean;
}

export function sameRole(a: Role, b: Role): boolean {
  return (
    a.level === b.level &&
    a.direct === b.direct &&
    a.guestMode === b.guestMode &&
    a.asId === b.asId &&
    a.adDisabled === b.adDisabled
  );
}

/** One table (struct kvm_mmu_page). */
export interface MmuPage {
  readonly pfn: number;
  readonly level: number;
  /** First guest frame that it maps. */
  readonly gfn: number;
}

/** A root: kept by references, dead once it is invalid. */
export interface Root extends MmuPage {
  readonly role: Role;
  references: number;
  invalid: boolean;
  /** vCPUs that have loaded it. */
  readonly users: Set<number>;
}

/** What `walk` finds: the entry that decides over `gfn`. */
export interface Iter {
  readonly page: MmuPage;
  readonly level: number;
  readonly lo: number;
  readonly hi: number;
  /** Index into `Core.u32` of the entry. */
  readonly word: number;
}

export const LEAF_LEVEL_MAX = 2;

export class TdpMmu {
  readonly roots: Root[] = [];
  private readonly frames: Frames;
  private readonly u32: Uint32Array;
  private readonly pages = new Map<number, MmuPage>();
  /** Tables that are unlinked: they go once what was cached from them is flushed. */
  private readonly unlinked: number[] = [];

  constructor(frames: Frames, u32: Uint32Array) {
    this.frames = frames;
    this.u32 = u32;
  }

  /** Tables in use. */
  get tableCount(): number {
    return this.pages.size;
  }

  /** A valid root of the role, with one more reference (kvm_tdp_mmu_get_vcpu_root_hpa). */
  getRoot(role: Role): Root {
    const known = this.roots.find((root) => !root.invalid && sameRole(root.role, role));
    if (known !== undefined) {
      known.references++;
      return known;
    }
    const { pfn } = this.newTable(role.level, 0);
    // A valid root has a reference of the VM besides that of the vCPU.
    const users = new Set<number>();
    const root: Root = {
      ...{ pfn, level: role.level, gfn: 0, role },
      ...{ references: 2, invalid: false, users },
    };
    this.pages.set(pfn, root);
    this.roots.push(root);
    return root;
  }

  /** Gives a reference back; the last one tears the root down (kvm_tdp_mmu_put_root). */
  putRoot(root: Root): void {
    root.references--;
    if (root.references > 0) return;
    if (!root.invalid) throw new Error("the last reference of a valid root is given back");
    this.roots.splice(this.roots.indexOf(root), 1);
    this.unlink(root);
  }

  /** Marks all roots invalid; returns them (kvm_tdp_mmu_invalidate_all_roots). */
  invalidateRoots(): Root[] {
    const dying = this.roots.filter((root) => !root.invalid);
    for (const root of dying) root.invalid = true;
    return dying;
  }

  /** The entry for `gfn` under `root`, at level 1, or higher where the walk ends there. */
  walk(root: Root, gfn: number): Iter {
    let page: MmuPage = root;
    for (;;) {
      const word = this.frames.words(page.pfn) + indexOf(gfn, page.level) * 2;
      const lo = this.u32[word]!;
      const hi = this.u32[word + 1]!;
      if (page.level === 1 || !isPresent(lo) || isLarge(lo)) {
        return { page, level: page.level, lo, hi, word };
      }
      page = this.pages.get(pfnOf(lo, hi))!;
    }
  }

  /** Goes down to `level` for `gfn`, adding tables and splitting large pages on the way. */
  entryAt(root: Root, gfn: number, level: number): Iter {
    for (;;) {
      const iter = this.walk(root, gfn);
      if (iter.level <= level) return iter;
      this.link(iter, gfn);
    }
  }

  /** Whether `entryAt` had to change a present entry, so that a flush is due. */
  needsSplit(root: Root, gfn: number, level: number): boolean {
    const iter = this.walk(root, gfn);
    return iter.level > level && isPresent(iter.lo);
  }

  /** Writes an entry. All changes of EPT01 go through here. */
  set(iter: Iter, lo: number, hi: number): void {
    this.u32[iter.word] = lo;
    this.u32[iter.word + 1] = hi;
    const offset = (iter.word - this.frames.words(iter.page.pfn)) * 4;
    this.frames.written(iter.page.pfn, offset, 8);
  }

  /** True when the entry is still what `iter` saw (the cmpxchg of tdp_mmu_set_spte_atomic). */
  isUnchanged(iter: Iter): boolean {
    return this.u32[iter.word] === iter.lo && this.u32[iter.word + 1] === iter.hi;
  }

  /** Zaps the leaf entries for [start, end) under `root`; returns how many were present. */
  zapLeafs(root: Root, start: number, end: number): number {
    let zapped = 0;
    for (let gfn = start; gfn < end; ) {
      const iter = this.walk(root, gfn);
      if (isPresent(iter.lo)) {
        this.set(iter, 0, SPTE_HI.suppressVe);
        zapped++;
      } else if (isMmio(iter.lo)) {
        this.set(iter, 0, SPTE_HI.suppressVe);
      }
      const span = pagesAt(iter.level);
      gfn = (Math.floor(gfn / span) + 1) * span;
    }
    return zapped;
  }

  /**
   * Clears the accessed flags of leaf entries for [start, end) under `root` (tdp_mmu_age_spte); true when
   * one was set. Without such flags nothing is known, and nothing is changed.
   */
  clearAccessed(root: Root, start: number, end: number): boolean {
    if (root.role.adDisabled) return false;
    let young = false;
    for (let gfn = start; gfn < end; ) {
      const iter = this.walk(root, gfn);
      if (isPresent(iter.lo) && (iter.lo & SPTE.accessed) !== 0) {
        this.set(iter, (iter.lo & ~SPTE.accessed) >>> 0, iter.hi);
        young = true;
      }
      const span = pagesAt(iter.level);
      gfn = (Math.floor(gfn / span) + 1) * span;
    }
    return young;
  }

  /** Unlinks the table of small pages for `gfn`; true when there was one. */
  zapTable(root: Root, gfn: number): boolean {
    const { page } = this.walk(root, gfn);
    if (page.level > 1) return false;
    let above: MmuPage = root;
    for (;;) {
      const word = this.frames.words(above.pfn) + indexOf(gfn, above.level) * 2;
      const lo = this.u32[word]!;
      const hi = this.u32[word + 1]!;
      if (above.level > 2) {
        above = this.pages.get(pfnOf(lo, hi))!;
        continue;
      }
      this.set({ page: above, level: above.level, lo, hi, word }, 0, SPTE_HI.suppressVe);
      this.unlinkTree(page.pfn);
      return true;
    }
  }

  /** Takes the right to write to `gfn` away in all roots; true when some entry lost it. */
  writeProtect(gfn: number, protection: Protection): boolean {
    let lost = false;
    for (const root of this.roots) {
      const iter = this.walk(root, gfn);
      const fewer = isPresent(iter.lo) ? withoutWrite(iter.lo, iter.hi, protection) : undefined;
      if (fewer === undefined) continue;
      this.set(iter, fewer.lo, fewer.hi);
      if (fewer.lost) lost = true;
    }
    return lost;
  }

  /** Zaps everything under `root` (tdp_mmu_zap_root); tables are unlinked. */
  zapRoot(root: Root): void {
    const first = this.frames.words(root.pfn);
    for (let i = 0; i < 512; i++) {
      const word = first + i * 2;
      const lo = this.u32[word]!;
      const hi = this.u32[word + 1]!;
      if (lo === 0) continue;
      this.set({ page: root, level: root.level, lo, hi, word }, 0, SPTE_HI.suppressVe);
      if (isPresent(lo) && !isLarge(lo)) this.unlinkTree(pfnOf(lo, hi));
    }
  }

  /** To be called behind a flush of everything: unlinked tables are freed. */
  freeUnlinked(): void {
    for (const pfn of this.takeUnlinked()) this.frames.put(pfn);
  }

  /** Frames of unlinked tables; they may be freed behind a flush that begins now. */
  takeUnlinked(): number[] {
    return this.unlinked.splice(0);
  }

  /** All present leaf entries, for tests and reports. */
  *leafs(
    root: Root,
  ): Generator<{ gfn: number; level: number; pfn: number; lo: number; hi: number }> {
    const stack: MmuPage[] = [root];
    while (stack.length > 0) {
      const page = stack.pop()!;
      const first = this.frames.words(page.pfn);
      for (let i = 0; i < 512; i++) {
        const lo = this.u32[first + i * 2]!;
        if (!isPresent(lo)) continue;
        const hi = this.u32[first + i * 2 + 1]!;
        const pfn = pfnOf(lo, hi);
        const gfn = page.gfn + i * pagesAt(page.level);
        if (page.level === 1 || isLarge(lo)) yield { gfn, level: page.level, pfn, lo, hi };
        else stack.push(this.pages.get(pfn)!);
      }
    }
  }

  private newTable(level: number, gfn: number): MmuPage {
    const pfn = this.frames.allocate();
    const page = { pfn, level, gfn };
    this.pages.set(pfn, page);
    const first = this.frames.words(pfn);
    for (let i = 0; i < 512; i++) this.u32[first + i * 2 + 1] = SPTE_HI.suppressVe;
    return page;
  }

  /** Puts a table below `iter`; a large page becomes 512 smaller ones with the same rights. */
  private link(iter: Iter, gfn: number): void {
    const { lo, hi, level } = iter;
    const span = pagesAt(level);
    const base = Math.floor(gfn / span) * span;
    const table = this.newTable(level - 1, base);
    if (isPresent(lo)) {
      const first = this.frames.words(table.pfn);
      const pfn = pfnOf(lo, hi);
      const step = pagesAt(level - 1);
      const bits = lo & 0xfff & (level - 1 === 1 ? ~SPTE.large : ~0);
      for (let i = 0; i < 512; i++) {
        this.u32[first + i * 2] = lowHalf(pfn + i * step, bits);
        this.u32[first + i * 2 + 1] = highHalf(pfn + i * step, hi & ~SPTE_HI.frame);
      }
    }
    this.frames.written(table.pfn);
    this.set(iter, lowHalf(table.pfn, SPTE.all | SPTE.accessed), highHalf(table.pfn, 0));
  }

  private unlinkTree(pfn: number): void {
    const page = this.pages.get(pfn)!;
    if (page.level > 1) {
      const first = this.frames.words(pfn);
      for (let i = 0; i < 512; i++) {
        const lo = this.u32[first + i * 2]!;
        const hi = this.u32[first + i * 2 + 1]!;
        if (isPresent(lo) && !isLarge(lo)) this.unlinkTree(pfnOf(lo, hi));
      }
    }
    this.unlink(page);
  }

  private unlink(page: MmuPage): void {
    this.pages.delete(page.pfn);
    this.unlinked.push(page.pfn);
  }
}

export { FROZEN_SPTE };
