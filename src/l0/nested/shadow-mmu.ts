/**
 * EPT02: the tables that shadow EPT12 (mmu.c). They belong to the VM: each is found by the L1 frame that
 * it shadows and its role, and is shared by all vCPUs and roots that come to it. What may have to flush
 * or wait is in shadow-sync.ts and shadow-fetch.ts; here nothing waits. All of it is under mmu_lock.
 */
import {
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
} from "../tdp/spte.ts";
import type { Vm } from "../vm.ts";
import { ENTRIES, ShadowPage, type ShadowRole } from "./shadow-page.ts";

/** Levels at which leafs are: 4 KiB and 2 MiB. */
const LEAF_LEVELS = 2;
const ROOT_LEVEL_MIN = 4;
const HUGE_PAGES = 512;
/** Tables that EPT02 may have at least (KVM_MIN_ALLOC_MMU_PAGES), and as a part of L1's memory. */
const PAGES_MIN = 64;
const PAGES_PER_TABLE = 50;

/** An entry of EPT02, as `walk` finds it. */
export interface ShadowIter {
  readonly page: ShadowPage;
  readonly level: number;
  readonly index: number;
  readonly lo: number;
  readonly hi: number;
}

function add(counts: Map<number, number>, key: number, by: number): void {
  const sum = (counts.get(key) ?? 0) + by;
  if (sum === 0) counts.delete(key);
  else counts.set(key, sum);
}

export class ShadowMmu {
  /** mmu_valid_gen: roots of another generation are obsolete. */
  generation = 0;
  /** Set when a root in use was zapped, so that its vCPUs have to be told. */
  hasZappedRoot = false;
  /** Pages that a write right was granted for, to be marked late (NoUnsyncBarrier). */
  readonly lateMarks: ShadowPage[] = [];
  private readonly vm: Vm;
  /** Tables by their frame, the oldest first (active_mmu_pages). */
  private readonly pages = new Map<number, ShadowPage>();
  private readonly byGfn = new Map<number, ShadowPage[]>();
  /** Leaf entries by the L1 frame that they map, for each level. */
  private readonly rmaps: readonly Map<number, Set<number>>[] = [new Map(), new Map()];
  /** Tables of EPT12 of upper levels by frame, and any tables by block of 512 frames. */
  private readonly tracked = new Map<number, number>();
  private readonly blocks = new Map<number, number>();
  private readonly unlinked: number[] = [];
  private dummyPfn = -1;

  constructor(vm: Vm) {
    this.vm = vm;
  }

  get tableCount(): number {
    return this.pages.size;
  }

  /** Some table of EPT12 is shadowed (indirect_shadow_pages). */
  get hasIndirect(): boolean {
    return this.blocks.size > 0;
  }

  // --- tables ---

  /** Valid tables that stand for L1 frame `gfn`, direct ones included. */
  at(gfn: number): ShadowPage[] {
    const pages = this.byGfn.get(gfn);
    return pages === undefined ? [] : pages.filter((page) => !this.isObsolete(page));
  }

  /** Valid tables that shadow the table of EPT12 in frame `gfn`. */
  shadowing(gfn: number): ShadowPage[] {
    return this.at(gfn).filter((page) => page.hasEntries12);
  }

  isShadowed(gfn: number): boolean {
    return this.byGfn.has(gfn) && this.shadowing(gfn).length > 0;
  }

  /** is_obsolete_sp */
  isObsolete(page: ShadowPage): boolean {
    return page.invalid || page.generation !== this.generation;
  }

  /** All tables, the oldest first. */
  all(): IterableIterator<ShadowPage> {
    return this.pages.values();
  }

  /** Roots that vCPUs have. */
  get roots(): ShadowPage[] {
    return [...this.pages.values()].filter((page) => page.references > 0);
  }

  /** Tables that there may be (n_max_mmu_pages). */
  get pagesMax(): number {
    let pages = 0;
    for (const slot of this.vm.memslots[0]!.slots) pages += slot.pages;
    return Math.max(PAGES_MIN, Math.floor(pages / PAGES_PER_TABLE));
  }

  /**
   * A table without entries (kvm_mmu_alloc_shadow_page). Writes by L1 to what it shadows fault from now
   * on; true in `flush` when entries have lost the right, so that a flush is due.
   */
  allocate(gfn: number, role: ShadowRole): { page: ShadowPage; flush: boolean } {
    const pfn = this.vm.frames.allocate();
    const page = new ShadowPage(pfn, gfn, role, this.generation);
    this.clear(pfn);
    this.pages.set(pfn, page);
    const same = this.byGfn.get(gfn);
    if (same === undefined) this.byGfn.set(gfn, [page]);
    else same.push(page);
    this.vm.trace?.mmuPage("kvm_mmu_get_page", page);
    return { page, flush: page.hasEntries12 && this.account(page) };
  }

  /** A root that maps nothing. */
  dummy(role: ShadowRole): ShadowPage {
    if (this.dummyPfn < 0) {
      this.dummyPfn = this.vm.frames.allocate();
      this.clear(this.dummyPfn);
    }
    return ShadowPage.dummy(this.dummyPfn, role, this.generation);
  }

  /** account_shadowed: writes to the table of EPT12 are seen. */
  private account(page: ShadowPage): boolean {
    add(this.blocks, Math.floor(page.gfn / HUGE_PAGES), 1);
    if (page.level > 1) {
      if (this.vm.policy.skips("NoWriteProtect")) return false;
      add(this.tracked, page.gfn, 1);
    }
    return this.writeProtect(page.gfn);
  }

  private unaccount(page: ShadowPage): void {
    add(this.blocks, Math.floor(page.gfn / HUGE_PAGES), -1);
    if (page.level > 1 && this.tracked.has(page.gfn)) add(this.tracked, page.gfn, -1);
  }

  /** Every write to L1 frame `gfn` is emulated (kvm_gfn_is_write_tracked). */
  isWriteTracked(gfn: number): boolean {
    return this.tracked.has(gfn);
  }

  /** Whether a large page may map `gfn`: none of its frames is shadowed (disallow_lpage). */
  allowsHuge(gfn: number): boolean {
    return !this.blocks.has(Math.floor(gfn / HUGE_PAGES));
  }

  /**
   * Takes the right to write from all entries for L1 frame `gfn`, in EPT01 and EPT02
   * (kvm_mmu_slot_gfn_write_protect). True when some entry had it.
   */
  writeProtect(gfn: number): boolean {
    return this.protect(gfn, this.vm.policy.skips("TrustClearedWrite") ? "trusting" : "table");
  }

  /** The same for the dirty log: a fault gives the right back, and notes the write. */
  protectForLog(gfn: number): boolean {
    return this.protect(gfn, "log");
  }

  private protect(gfn: number, protection: Protection): boolean {
    let lost = this.vm.tdp.writeProtect(gfn, protection);
    if (lost) {
      const { tdp, strategy } = this.vm;
      for (const root of tdp.roots) strategy.zapped(this.vm, root, gfn, gfn + 1);
    }
    for (let level = 1; level <= LEAF_LEVELS; level++) {
      const keys = this.rmaps[level - 1]!.get(Math.floor(gfn / pagesAt(level)));
      for (const key of keys ?? []) {
        const page = this.pages.get(Math.floor(key / ENTRIES))!;
        const index = key % ENTRIES;
        const fewer = withoutWrite(this.low(page, index), this.high(page, index), protection);
        if (fewer === undefined) continue;
        this.write(page, index, fewer.lo, fewer.hi);
        if (fewer.lost) lost = true;
      }
    }
    return lost;
  }

  /**
   * Before an entry gets the right to write to `gfn`: leaf tables of EPT12 become unsync, upper ones
   * stay protected (mmu_try_to_unsync_pages). True: no right to write.
   */
  mustProtect(gfn: number, synchronizing: boolean): boolean {
    if (this.isWriteTracked(gfn)) return true;
    if (!this.byGfn.has(gfn)) return false;
    for (const page of this.shadowing(gfn)) {
      if (synchronizing) return true;
      if (page.unsync || page.level > 1) continue;
      if (this.vm.policy.skips("NoUnsyncBarrier")) this.lateMarks.push(page);
      else this.markUnsync(page);
    }
    return false;
  }

  /** kvm_unsync_page */
  markUnsync(page: ShadowPage): void {
    if (page.invalid) return;
    page.unsync = true;
    this.vm.trace?.mmuPage("kvm_mmu_unsync_page", page);
    this.markParents(page);
  }

  /** Parents, and theirs, know that something below them is unsync (mark_unsync). */
  markParents(page: ShadowPage): void {
    for (const key of page.parents) {
      const parent = this.pages.get(Math.floor(key / ENTRIES))!;
      const index = key % ENTRIES;
      if (parent.unsyncChildren.has(index)) continue;
      parent.unsyncChildren.add(index);
      if (parent.unsyncChildren.size === 1) this.markParents(parent);
    }
  }

  // --- entries ---

  low(page: ShadowPage, index: number): number {
    return this.vm.hw.core.u32[this.vm.frames.words(page.pfn) + index * 2]!;
  }

  high(page: ShadowPage, index: number): number {
    return this.vm.hw.core.u32[this.vm.frames.words(page.pfn) + index * 2 + 1]!;
  }

  /** Writes an entry; all changes of EPT02 go through here. */
  write(page: ShadowPage, index: number, lo: number, hi: number): void {
    const { frames, hw } = this.vm;
    const word = frames.words(page.pfn) + index * 2;
    hw.core.u32[word] = lo;
    hw.core.u32[word + 1] = hi;
    frames.written(page.pfn, index * 8, 8);
  }

  /** The table that an entry points to. */
  childOf(page: ShadowPage, index: number): ShadowPage | undefined {
    if (page.level === 1) return undefined;
    const lo = this.low(page, index);
    if (!isPresent(lo) || isLarge(lo)) return undefined;
    return this.pages.get(pfnOf(lo, this.high(page, index)));
  }

  /** The entry that decides over L2 frame `gfn`. */
  walk(root: ShadowPage, gfn: number): ShadowIter {
    for (let page = root; ; ) {
      const index = indexOf(gfn, page.level);
      const child = this.childOf(page, index);
      if (child === undefined) {
        const lo = this.low(page, index);
        return { page, level: page.level, index, lo, hi: this.high(page, index) };
      }
      page = child;
    }
  }

  /** Points entry `index`, which has nothing, to a table (__link_shadow_page). */
  link(parent: ShadowPage, index: number, child: ShadowPage): void {
    const lo = lowHalf(child.pfn, SPTE.all | SPTE.accessed);
    this.write(parent, index, lo, highHalf(child.pfn, 0));
    child.parents.add(parent.pfn * ENTRIES + index);
    if (!child.unsync && child.unsyncChildren.size === 0) return;
    const marked = parent.unsyncChildren.size > 0;
    parent.unsyncChildren.add(index);
    if (!marked) this.markParents(parent);
  }

  /** Puts a leaf in place of nothing, or of a leaf for the same frame (rmap_add). */
  setLeaf(
    page: ShadowPage,
    index: number,
    leaf: { lo: number; hi: number; gfn: number; access: number },
  ): void {
    const { lo, hi, gfn, access } = leaf;
    this.write(page, index, lo, hi);
    page.noteLeaf(index, gfn, access);
    const key = page.pfn * ENTRIES + index;
    const place = Math.floor(gfn / pagesAt(page.level));
    const rmap = this.rmaps[page.level - 1]!;
    const keys = rmap.get(place);
    if (keys === undefined) rmap.set(place, new Set([key]));
    else keys.add(key);
  }

  /**
   * Clears an entry (mmu_page_zap_pte). A table of L2's below it that nothing else leads to goes with it
   * if `deep`; else it stays, to be found again. True when the entry was present.
   */
  zapEntry(page: ShadowPage, index: number, deep = false): boolean {
    const lo = this.low(page, index);
    if (!isPresent(lo)) {
      if (isMmio(lo)) this.write(page, index, 0, SPTE_HI.suppressVe);
      return false;
    }
    const child = this.childOf(page, index);
    this.write(page, index, 0, SPTE_HI.suppressVe);
    if (child === undefined) {
      this.forgetLeaf(page, index);
    } else {
      child.parents.delete(page.pfn * ENTRIES + index);
      if (deep && child.parents.size === 0) this.prepareZap(child);
    }
    return true;
  }

  private forgetLeaf(page: ShadowPage, index: number): void {
    const key = page.pfn * ENTRIES + index;
    const place = Math.floor(page.leafGfn(index) / pagesAt(page.level));
    const rmap = this.rmaps[page.level - 1]!;
    const keys = rmap.get(place);
    keys?.delete(key);
    if (keys?.size === 0) rmap.delete(place);
    page.forgetLeaf(index);
  }

  /**
   * Zaps all leafs that map L1 frames of [start, end), in all tables. True when there were any; `inRoot`
   * is told the roots that led to them.
   */
  zapGfns(start: number, end: number, inRoot: (root: ShadowPage) => void = () => {}): boolean {
    const touched = new Set<ShadowPage>();
    this.rmaps.forEach((rmap, i) => {
      const span = pagesAt(i + 1);
      const first = Math.floor(start / span);
      const last = Math.ceil(end / span);
      const places =
        last - first > rmap.size
          ? [...rmap.keys()].filter((place) => place >= first && place < last)
          : Array.from({ length: last - first }, (_, n) => first + n);
      for (const place of places) {
        for (const key of [...(rmap.get(place) ?? [])]) {
          const page = this.pages.get(Math.floor(key / ENTRIES))!;
          touched.add(page);
          this.zapEntry(page, key % ENTRIES);
        }
      }
    });
    for (const page of touched) {
      // A table that nothing leads to any more is no root for that.
      if (page.level >= ROOT_LEVEL_MIN) inRoot(page);
      for (const key of page.parents) touched.add(this.pages.get(Math.floor(key / ENTRIES))!);
    }
    return touched.size > 0;
  }

  /** The same of accessed flags as `TdpMmu.clearAccessed`, in all tables (kvm_age_rmap). */
  clearAccessed(start: number, end: number): boolean {
    let young = false;
    this.rmaps.forEach((rmap, i) => {
      const span = pagesAt(i + 1);
      for (let place = Math.floor(start / span); place * span < end; place++) {
        for (const key of rmap.get(place) ?? []) {
          const page = this.pages.get(Math.floor(key / ENTRIES))!;
          const lo = this.low(page, key % ENTRIES);
          if (page.role.adDisabled || (lo & SPTE.accessed) === 0) continue;
          this.write(
            page,
            key % ENTRIES,
            (lo & ~SPTE.accessed) >>> 0,
            this.high(page, key % ENTRIES),
          );
          young = true;
        }
      }
    });
    return young;
  }

  // --- the end of tables ---

  /**
   * Takes a table out of use with what only it leads to (kvm_mmu_prepare_zap_page). Its frame goes with
   * the next flush of everything; that of a root in use, when its last vCPU has left it.
   */
  prepareZap(page: ShadowPage): void {
    if (page.invalid) return;
    page.invalid = true;
    for (let index = 0; index < ENTRIES; index++) {
      if (this.low(page, index) !== 0) this.zapEntry(page, index, true);
    }
    for (const key of page.parents) {
      const parent = this.pages.get(Math.floor(key / ENTRIES))!;
      this.write(parent, key % ENTRIES, 0, SPTE_HI.suppressVe);
    }
    page.parents.clear();
    page.unsync = false;
    page.unsyncChildren.clear();
    if (page.hasEntries12) this.unaccount(page);
    this.forget(page);
    this.vm.trace?.mmuPage("kvm_mmu_prepare_zap_page", page);
    if (page.references === 0) this.unlinked.push(page.pfn);
    else if (page.generation === this.generation) this.hasZappedRoot = true;
  }

  private forget(page: ShadowPage): void {
    this.pages.delete(page.pfn);
    const same = this.byGfn.get(page.gfn)!;
    same.splice(same.indexOf(page), 1);
    if (same.length === 0) this.byGfn.delete(page.gfn);
  }

  /** A vCPU gives a root back (mmu_free_root_page): one that is valid stays, to be found again. */
  putRoot(page: ShadowPage): void {
    page.references--;
    if (page.references === 0 && page.invalid) this.unlinked.push(page.pfn);
  }

  get hasUnlinked(): boolean {
    return this.unlinked.length > 0;
  }

  /** Frames of tables out of use; they may be freed behind a flush that begins now. */
  takeUnlinked(): number[] {
    return this.unlinked.splice(0);
  }

  // --- for tests and reports ---

  /** All present leafs below `root`, or of all tables. */
  *leafs(
    root?: ShadowPage,
  ): Generator<{ level: number; pfn: number; gfn: number; lo: number; page: ShadowPage }> {
    const todo = new Set(root === undefined ? this.pages.values() : [root]);
    for (const page of todo) {
      for (let index = 0; index < ENTRIES; index++) {
        const lo = this.low(page, index);
        if (!isPresent(lo)) continue;
        const child = this.childOf(page, index);
        if (child !== undefined) todo.add(child);
        else {
          const pfn = pfnOf(lo, this.high(page, index));
          yield { level: page.level, pfn, gfn: page.leafGfn(index), lo, page };
        }
      }
    }
  }

  private clear(pfn: number): void {
    const { frames, hw } = this.vm;
    const first = frames.words(pfn);
    for (let i = 0; i < ENTRIES; i++) hw.core.u32[first + i * 2 + 1] = SPTE_HI.suppressVe;
    frames.written(pfn);
  }
}
