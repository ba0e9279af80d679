/**
 * EPT02: tables that shadow EPT12, as a cache of it. An entry stays until L1 invalidates it, a violation
 * of L2 replaces it, or the frame behind it goes. Each vCPU has its own roots, as L1's INVEPT concerns
 * the processor that executes it alone.
 */
import type { Root } from "../tdp/mmu.ts";
import {
  highHalf,
  indexOf,
  isLarge,
  isMmio,
  isPresent,
  lowHalf,
  pagesAt,
  pfnOf,
  SPTE,
  SPTE_HI,
} from "../tdp/spte.ts";
import type { Vm } from "../vm.ts";

const LEVELS = 4;
const ENTRIES = 512;

export interface ShadowPage {
  readonly pfn: number;
  readonly level: number;
  readonly root: ShadowRoot;
}

export interface ShadowRoot extends Root {
  /** EP4TA of the EPTP of L1 that it shadows. */
  readonly ep4ta: number;
  readonly pages: Set<number>;
  /** The entries need to be compared with EPT12 before the root is used again. */
  mustDrop: boolean;
}

export interface ShadowIter {
  readonly pfn: number;
  readonly level: number;
  readonly index: number;
  readonly lo: number;
  readonly hi: number;
}

export class ShadowMmu {
  /** All roots of all vCPUs. */
  readonly roots = new Set<ShadowRoot>();
  private readonly vm: Vm;
  private readonly pages = new Map<number, ShadowPage>();
  /** Entries by the L1 frame that they map, for each level: table frame times 512 plus index. */
  private readonly rmap: readonly Map<number, Set<number>>[] = [new Map(), new Map(), new Map()];
  /** The L1 frame that an entry maps. */
  private readonly gfns = new Map<number, number>();
  private readonly unlinked: number[] = [];

  constructor(vm: Vm) {
    this.vm = vm;
  }

  get tableCount(): number {
    return this.pages.size;
  }

  /** A root without entries. */
  makeRoot(ep4ta: number, accessedDirty: boolean): ShadowRoot {
    const pfn = this.vm.frames.allocate();
    const role = {
      level: LEVELS,
      direct: false,
      guestMode: true,
      asId: 0,
      adDisabled: !accessedDirty,
    };
    const root: ShadowRoot = {
      pfn,
      level: LEVELS,
      gfn: 0,
      role,
      references: 1,
      invalid: false,
      ep4ta,
      pages: new Set(),
      mustDrop: false,
    };
    this.addPage(pfn, LEVELS, root);
    this.roots.add(root);
    return root;
  }

  /** Drops a root with everything below it. Its frames go with `freeUnlinked`. */
  dropRoot(root: ShadowRoot): void {
    this.clear(root);
    this.roots.delete(root);
    this.pages.delete(root.pfn);
    this.unlinked.push(root.pfn);
  }

  /** Drops all that is below a root. True when something was there. */
  clear(root: ShadowRoot): boolean {
    let dropped = false;
    for (const pfn of root.pages) {
      const { level } = this.pages.get(pfn)!;
      for (let index = 0; index < ENTRIES; index++) {
        const { lo } = this.at(pfn, level, index);
        if (lo === 0) continue;
        dropped = true;
        this.zap(pfn, level, index);
      }
      if (pfn === root.pfn) continue;
      this.pages.delete(pfn);
      this.unlinked.push(pfn);
    }
    root.pages.clear();
    root.pages.add(root.pfn);
    return dropped;
  }

  /** To be called behind a flush of everything that may be cached from unlinked tables. */
  freeUnlinked(): void {
    for (const pfn of this.unlinked.splice(0)) this.vm.frames.put(pfn);
  }

  get hasUnlinked(): boolean {
    return this.unlinked.length > 0;
  }

  /** The entry that decides over L2 frame `gfn`. */
  walk(root: ShadowRoot, gfn: number): ShadowIter {
    let { pfn } = root;
    for (let level = LEVELS; ; level--) {
      const iter = this.at(pfn, level, indexOf(gfn, level));
      if (level === 1 || !isPresent(iter.lo) || isLarge(iter.lo)) return iter;
      pfn = pfnOf(iter.lo, iter.hi);
    }
  }

  /**
   * Goes down to `level` for L2 frame `gfn`, linking tables with the rights of `accessOf`. A large entry
   * on the way is zapped; true in `split` when one was.
   */
  entryAt(
    root: ShadowRoot,
    gfn: number,
    level: number,
    accessOf: (level: number) => number,
  ): { iter: ShadowIter; split: boolean } {
    let { pfn } = root;
    let split = false;
    for (let at = LEVELS; ; at--) {
      const index = indexOf(gfn, at);
      let iter = this.at(pfn, at, index);
      if (at === level) return { iter, split };
      const rights = accessOf(at);
      if (isPresent(iter.lo) && isLarge(iter.lo)) {
        this.zap(pfn, at, index);
        split = true;
        iter = this.at(pfn, at, index);
      }
      if (!isPresent(iter.lo)) {
        const table = this.vm.frames.allocate();
        this.addPage(table, at - 1, root);
        this.write(pfn, index, lowHalf(table, rights | SPTE.accessed), highHalf(table, 0));
        iter = this.at(pfn, at, index);
      } else if ((iter.lo & SPTE.all) !== rights) {
        if ((iter.lo & SPTE.all & ~rights) !== 0) split = true;
        this.write(pfn, index, ((iter.lo & ~SPTE.all) | rights) >>> 0, iter.hi);
        iter = this.at(pfn, at, index);
      }
      pfn = pfnOf(iter.lo, iter.hi);
    }
  }

  /** Installs a leaf that maps L1 frame `gfn`, or an MMIO entry with `gfn` -1. */
  install(iter: ShadowIter, lo: number, hi: number, gfn: number): void {
    const { pfn, level, index } = iter;
    if (iter.lo !== 0) this.zap(pfn, level, index);
    this.write(pfn, index, lo, hi);
    if (gfn < 0) return;
    const key = pfn * ENTRIES + index;
    const place = Math.floor(gfn / pagesAt(level));
    const map = this.rmap[level - 1]!;
    const entries = map.get(place);
    if (entries === undefined) map.set(place, new Set([key]));
    else entries.add(key);
    this.gfns.set(key, place);
  }

  /** Zaps an entry; a table below it goes, too. */
  zap(pfn: number, level: number, index: number): void {
    const { lo, hi } = this.at(pfn, level, index);
    const key = pfn * ENTRIES + index;
    const place = this.gfns.get(key);
    if (place !== undefined) {
      const map = this.rmap[level - 1]!;
      const entries = map.get(place)!;
      entries.delete(key);
      if (entries.size === 0) map.delete(place);
      this.gfns.delete(key);
    }
    this.write(pfn, index, 0, SPTE_HI.suppressVe);
    if (level === 1 || !isPresent(lo) || isLarge(lo)) return;
    this.unlinkTree(pfnOf(lo, hi));
  }

  /** Zaps all entries that map L1 frames of [start, end), in every root. True when there were any. */
  zapGfns(start: number, end: number, inRoot: (root: ShadowRoot) => void = () => {}): boolean {
    let zapped = false;
    this.rmap.forEach((map, i) => {
      const span = pagesAt(i + 1);
      const first = Math.floor(start / span);
      const last = Math.ceil(end / span);
      const places =
        last - first > map.size
          ? [...map.keys()].filter((place) => place >= first && place < last)
          : Array.from({ length: last - first }, (_, n) => first + n);
      for (const place of places) {
        for (const key of [...(map.get(place) ?? [])]) {
          const table = Math.floor(key / ENTRIES);
          inRoot(this.pages.get(table)!.root);
          this.zap(table, i + 1, key % ENTRIES);
          zapped = true;
        }
      }
    });
    return zapped;
  }

  isMmio(root: ShadowRoot, gfn: number): ShadowIter | undefined {
    const iter = this.walk(root, gfn);
    return isMmio(iter.lo) ? iter : undefined;
  }

  /** All present leaf entries of a root, for tests and reports. */
  *leafs(root: ShadowRoot): Generator<{ level: number; pfn: number; gfn: number; lo: number }> {
    for (const table of root.pages) {
      const { level } = this.pages.get(table)!;
      for (let index = 0; index < ENTRIES; index++) {
        const { lo, hi } = this.at(table, level, index);
        if (!isPresent(lo) || (level > 1 && !isLarge(lo))) continue;
        const gfn = (this.gfns.get(table * ENTRIES + index) ?? -1) * pagesAt(level);
        yield { level, pfn: pfnOf(lo, hi), gfn, lo };
      }
    }
  }

  private unlinkTree(pfn: number): void {
    const { level, root } = this.pages.get(pfn)!;
    for (let index = 0; index < ENTRIES; index++) {
      if (this.at(pfn, level, index).lo !== 0) this.zap(pfn, level, index);
    }
    this.pages.delete(pfn);
    root.pages.delete(pfn);
    this.unlinked.push(pfn);
  }

  private addPage(pfn: number, level: number, root: ShadowRoot): void {
    this.pages.set(pfn, { pfn, level, root });
    root.pages.add(pfn);
    const { frames, hw } = this.vm;
    const first = frames.words(pfn);
    for (let i = 0; i < ENTRIES; i++) hw.core.u32[first + i * 2 + 1] = SPTE_HI.suppressVe;
    frames.written(pfn);
  }

  private at(pfn: number, level: number, index: number): ShadowIter {
    const { frames, hw } = this.vm;
    const word = frames.words(pfn) + index * 2;
    return { pfn, level, index, lo: hw.core.u32[word]!, hi: hw.core.u32[word + 1]! };
  }

  private write(pfn: number, index: number, lo: number, hi: number): void {
    const { frames, hw } = this.vm;
    const word = frames.words(pfn) + index * 2;
    hw.core.u32[word] = lo;
    hw.core.u32[word + 1] = hi;
    frames.written(pfn, index * 8, 8);
  }
}
