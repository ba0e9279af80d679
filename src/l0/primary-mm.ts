/**
 * A model of the host's memory management, which KVM calls the primary MMU: which frame lies behind
 * each page of userspace. Changes of what is there run the mmu notifier around them.
 */
import { type Frames, HUGE_PAGES, PAGE_BYTES } from "./frames.ts";
import type { Step, Task } from "./scheduler.ts";

export const HUGE_BYTES = HUGE_PAGES * PAGE_BYTES;

/** Who is told of changes (mmu_notifier_ops): all of [start, end) in host-virtual addresses. */
export interface MmuNotifier {
  invalidateRangeStart(start: number, end: number): Task;
  invalidateRangeEnd(start: number, end: number): Task;
  /** Clears accessed flags; true when one was set (clear_flush_young). */
  clearYoung(start: number, end: number): Task<boolean>;
}

interface Vma {
  readonly start: number;
  readonly end: number;
  /** Huge pages may back it. */
  readonly huge: boolean;
}

/** A page-table entry of userspace. */
interface Pte {
  pfn: number;
  writable: boolean;
  /** Contents while the page is swapped out; the frame is none then. */
  swapped?: Uint8Array;
}

/** What `faultIn` finds. */
export interface HostPage {
  readonly pfn: number;
  readonly writable: boolean;
  /** Pages around it that lie in frames in a row: 512 in a huge page, else 1. */
  readonly pages: 1 | 512;
}

/**
 * L0 was to write to a page that has to be copied first. That waits for others, so that a thread does it
 * and begins anew.
 */
export class SharedPage extends Error {
  readonly hva: number;

  constructor(hva: number) {
    super(`the page at hva 0x${hva.toString(16)} is shared`);
    this.hva = hva;
  }
}

export class PrimaryMm {
  readonly frames: Frames;
  private readonly vmas: Vma[] = [];
  private readonly ptes = new Map<number, Pte>();
  /** First frames of huge pages by hva / 2 MiB. */
  private readonly hugePtes = new Map<number, number>();
  private readonly notifiers: MmuNotifier[] = [];
  private nextHva = 0x7f00_0000_0000;

  constructor(frames: Frames) {
    this.frames = frames;
  }

  register(notifier: MmuNotifier): void {
    this.notifiers.push(notifier);
  }

  /** mmap of anonymous memory; pages are allocated when they are touched. Returns the hva. */
  map(bytes: number, huge: boolean): number {
    const start = this.nextHva;
    this.nextHva += Math.ceil(bytes / HUGE_BYTES + 1) * HUGE_BYTES;
    this.vmas.push({ start, end: start + bytes, huge });
    return start;
  }

  isMapped(hva: number): boolean {
    return this.vmas.some(({ start, end }) => hva >= start && hva < end);
  }

  /**
   * The frame behind `hva`, allocated or brought back from swap where needed, a copy of a shared one
   * when `write` asks for it; undefined where nothing is mapped (EFAULT). get_user_pages.
   */
  faultIn(hva: number, write: boolean): HostPage | undefined {
    const hugeIndex = Math.floor(hva / HUGE_BYTES);
    const huge = this.hugePtes.get(hugeIndex);
    if (huge !== undefined) {
      const pfn = huge + Math.floor((hva % HUGE_BYTES) / PAGE_BYTES);
      return { pfn, writable: true, pages: 512 };
    }
    const page = Math.floor(hva / PAGE_BYTES);
    let pte = this.ptes.get(page);
    if (pte === undefined) {
      const vma = this.vmas.find(({ start, end }) => hva >= start && hva < end);
      if (vma === undefined) return undefined;
      if (vma.huge && this.populateHuge(vma, hugeIndex)) return this.faultIn(hva, write);
      pte = { pfn: this.frames.allocate(), writable: true };
      this.ptes.set(page, pte);
    }
    if (pte.swapped !== undefined) this.swapIn(pte);
    if (write && !pte.writable) return undefined;
    return { pfn: pte.pfn, writable: pte.writable, pages: 1 };
  }

  /** True when a huge page lies at `hva`. */
  isHuge(hva: number): boolean {
    return this.hugePtes.has(Math.floor(hva / HUGE_BYTES));
  }

  /** True when a write to `hva` needs a copy first: `breakSharing` has to be run. */
  needsCopy(hva: number): boolean {
    return this.ptes.get(Math.floor(hva / PAGE_BYTES))?.writable === false;
  }

  /** Frame that backs `hva` now, without a fault; undefined when none does. */
  frameOf(hva: number): number | undefined {
    const huge = this.hugePtes.get(Math.floor(hva / HUGE_BYTES));
    if (huge !== undefined) return huge + Math.floor((hva % HUGE_BYTES) / PAGE_BYTES);
    const pte = this.ptes.get(Math.floor(hva / PAGE_BYTES));
    return pte === undefined || pte.swapped !== undefined ? undefined : pte.pfn;
  }

  // --- changes, which run the notifier ---

  /** munmap of whole pages. */
  *unmap(start: number, end: number): Task {
    yield* this.changing(start, end, () => {
      for (let hva = start; hva < end; hva += PAGE_BYTES) this.drop(hva);
      this.cutVmas(start, end);
    });
  }

  /** munmap and mmap at the same place: fresh zeroed pages, allocated now. */
  *remap(start: number, end: number, reuse = false): Task {
    yield* this.changing(start, end, () => {
      for (let hva = start; hva < end; hva += PAGE_BYTES) {
        this.drop(hva);
        this.ptes.set(hva / PAGE_BYTES, { pfn: this.frames.allocate(reuse), writable: true });
      }
    });
  }

  /**
   * Migration or compaction: the contents move to other frames. Pages with references besides the
   * primary MMU's own stay, as they do in a kernel. Returns how many moved.
   */
  *migrate(start: number, end: number): Task<number> {
    let moved = 0;
    yield* this.changing(start, end, () => {
      for (let hva = start; hva < end; hva += PAGE_BYTES) {
        const pte = this.splitFor(hva);
        if (pte === undefined || this.frames.referencesOf(pte.pfn) > 1) continue;
        const fresh = this.frames.allocate();
        this.frames.copy(pte.pfn, fresh);
        this.frames.put(pte.pfn);
        pte.pfn = fresh;
        moved++;
      }
    });
    return moved;
  }

  /** fork or KSM: the page becomes read-only, to be copied at the next write. */
  *share(hva: number): Task {
    yield* this.changing(hva, hva + PAGE_BYTES, () => {
      const pte = this.splitFor(hva);
      if (pte !== undefined) pte.writable = false;
    });
  }

  /** KSM: two pages with equal contents come to lie in one frame. Returns whether they did. */
  *merge(first: number, second: number): Task<boolean> {
    let merged = false;
    const [low, high] = first < second ? [first, second] : [second, first];
    yield* this.changing(low, high + PAGE_BYTES, () => {
      const kept = this.splitFor(first);
      const given = this.splitFor(second);
      if (kept === undefined || given === undefined || kept.pfn === given.pfn) return;
      if (!this.equal(kept.pfn, given.pfn)) return;
      this.frames.get(kept.pfn);
      this.frames.put(given.pfn);
      given.pfn = kept.pfn;
      kept.writable = false;
      given.writable = false;
      merged = true;
    });
    return merged;
  }

  /** Copy-on-write: the writer gets a frame of its own. */
  *breakSharing(hva: number): Task {
    yield* this.changing(hva, hva + PAGE_BYTES, () => {
      const pte = this.ptes.get(Math.floor(hva / PAGE_BYTES));
      if (pte === undefined || pte.writable) return;
      if (pte.swapped !== undefined) {
        // What comes back from swap is nobody else's.
        this.swapIn(pte);
        pte.writable = true;
        return;
      }
      const fresh = this.frames.allocate();
      this.frames.copy(pte.pfn, fresh);
      this.frames.put(pte.pfn);
      pte.pfn = fresh;
      pte.writable = true;
    });
  }

  /** Swaps a page out unless it is referenced; it comes back when it is touched. */
  *swapOut(hva: number): Task<boolean> {
    let done = false;
    yield* this.changing(hva, hva + PAGE_BYTES, () => {
      const pte = this.splitFor(hva);
      if (pte === undefined || this.frames.referencesOf(pte.pfn) > 1) return;
      const at = this.frames.bytes(pte.pfn);
      pte.swapped = this.contents(at);
      this.frames.put(pte.pfn);
      pte.pfn = -1;
      done = true;
    });
    return done;
  }

  /** khugepaged: 512 small pages become a huge one. Returns whether they did. */
  *collapse(hva: number): Task<boolean> {
    const start = Math.floor(hva / HUGE_BYTES) * HUGE_BYTES;
    let done = false;
    yield* this.changing(start, start + HUGE_BYTES, () => {
      if (this.hugePtes.has(start / HUGE_BYTES) || !this.isWhole(start)) return;
      const block = this.frames.allocateHuge();
      if (block === undefined) return;
      for (let i = 0; i < HUGE_PAGES; i++) {
        const page = start / PAGE_BYTES + i;
        const pte = this.ptes.get(page);
        if (pte === undefined) continue;
        if (pte.swapped !== undefined) this.swapIn(pte);
        this.frames.copy(pte.pfn, block + i);
        this.frames.put(pte.pfn);
        this.ptes.delete(page);
      }
      this.hugePtes.set(start / HUGE_BYTES, block);
      done = true;
    });
    return done;
  }

  /** The host's reclaim looks whether pages were used since it looked last: true when one was. */
  *age(start: number, end: number): Task<boolean> {
    let young = false;
    for (const notifier of this.notifiers) {
      if (yield* notifier.clearYoung(start, end)) young = true;
    }
    return young;
  }

  /** A huge page becomes 512 small ones in the same frames. */
  *split(hva: number): Task {
    const start = Math.floor(hva / HUGE_BYTES) * HUGE_BYTES;
    yield* this.changing(start, start + HUGE_BYTES, () => this.splitHuge(start));
  }

  /**
   * A change between start and end of an invalidation. A huge page that it touches in part is split
   * first, by an invalidation of all of it.
   */
  private *changing(start: number, end: number, change: () => void): Task<void> {
    for (let done = false; !done; ) {
      for (const edge of this.partialHuge(start, end)) yield* this.split(edge);
      for (const notifier of this.notifiers) yield* notifier.invalidateRangeStart(start, end);
      yield CHANGE;
      done = this.partialHuge(start, end).length === 0;
      try {
        if (done) change();
      } finally {
        // Without memory for the change the invalidation ends all the same.
        for (const notifier of this.notifiers) yield* notifier.invalidateRangeEnd(start, end);
      }
    }
  }

  /** Starts of the huge pages that [start, end) covers in part. */
  private partialHuge(start: number, end: number): number[] {
    const edges = [start, end - PAGE_BYTES].map((hva) => Math.floor(hva / HUGE_BYTES) * HUGE_BYTES);
    return [...new Set(edges)].filter(
      (first) =>
        this.hugePtes.has(first / HUGE_BYTES) && (first < start || first + HUGE_BYTES > end),
    );
  }

  /** The small page at `hva`, for which a huge one is split; undefined when none is present. */
  private splitFor(hva: number): Pte | undefined {
    if (this.hugePtes.has(Math.floor(hva / HUGE_BYTES))) {
      this.splitHuge(Math.floor(hva / HUGE_BYTES) * HUGE_BYTES);
    }
    const pte = this.ptes.get(Math.floor(hva / PAGE_BYTES));
    return pte?.swapped === undefined ? pte : undefined;
  }

  private splitHuge(start: number): void {
    const block = this.hugePtes.get(start / HUGE_BYTES);
    if (block === undefined) return;
    this.hugePtes.delete(start / HUGE_BYTES);
    for (let i = 0; i < HUGE_PAGES; i++) {
      this.ptes.set(start / PAGE_BYTES + i, { pfn: block + i, writable: true });
    }
  }

  private drop(hva: number): void {
    const page = Math.floor(hva / PAGE_BYTES);
    const pte = this.splitFor(hva);
    if (pte !== undefined) this.frames.put(pte.pfn);
    this.ptes.delete(page);
  }

  private cutVmas(start: number, end: number): void {
    const whole = this.vmas.splice(0);
    for (const vma of whole) {
      if (vma.start < start) this.vmas.push({ ...vma, end: Math.min(vma.end, start) });
      if (vma.end > end) this.vmas.push({ ...vma, start: Math.max(vma.start, end) });
    }
  }

  private isWhole(start: number): boolean {
    return this.vmas.some((vma) => start >= vma.start && start + HUGE_BYTES <= vma.end);
  }

  private populateHuge(vma: Vma, index: number): boolean {
    const start = index * HUGE_BYTES;
    if (start < vma.start || start + HUGE_BYTES > vma.end) return false;
    for (let i = 0; i < HUGE_PAGES; i++) {
      if (this.ptes.has(start / PAGE_BYTES + i)) return false;
    }
    const block = this.frames.allocateHuge();
    if (block === undefined) return false;
    this.hugePtes.set(index, block);
    return true;
  }

  private swapIn(pte: Pte): void {
    pte.pfn = this.frames.allocate();
    this.frames.fillFrom(pte.pfn, pte.swapped!);
    delete pte.swapped;
  }

  private contents(at: number): Uint8Array {
    return this.frames.slice(at);
  }

  private equal(first: number, second: number): boolean {
    const a = this.frames.slice(this.frames.bytes(first));
    const b = this.frames.slice(this.frames.bytes(second));
    return a.every((byte, i) => byte === b[i]);
  }
}

/** The step at which entries of the primary MMU change. */
const CHANGE: Step = "primary_mm: change entries";
