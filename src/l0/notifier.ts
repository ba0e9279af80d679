/** KVM's side of the mmu notifier: invalidations and the tests for a retry (kvm_main.c's). */
import type { Memslot } from "./memslots.ts";
import type { MmuNotifier } from "./primary-mm.ts";
import { REQ } from "./requests.ts";
import type { Task, Wait } from "./scheduler.ts";
import type { Vm } from "./vm.ts";

/** No range: nothing has been added to an invalidation in progress. */
const INVALID = -1;

export class InvalidationState implements MmuNotifier {
  /** mmu_invalidate_in_progress: started, not ended, and hit a slot. */
  inProgress = 0;
  /** mmu_invalidate_seq: invalidations ended. */
  seq = 0;
  /** Bounding box of all invalidations in progress. */
  rangeStart = INVALID;
  rangeEnd = INVALID;
  /** mn_active_invalidate_count: between start and end, slot hit or not. */
  activeCount = 0;
  private readonly vm: Vm;
  private readonly idle: Wait = {
    why: "mn_active_invalidate_count",
    ready: () => this.activeCount === 0,
  };

  constructor(vm: Vm) {
    this.vm = vm;
  }

  /** kvm_mmu_notifier_invalidate_range_start */
  *invalidateRangeStart(start: number, end: number): Task {
    const { vm } = this;
    vm.stats.invalidations++;
    yield "mn_invalidate_lock";
    this.activeCount++;
    let locked = false;
    let flush = false;
    for (const slots of vm.memslots) {
      for (const { slot, gfnStart, gfnEnd } of slots.inHvaRange(start, end)) {
        if (!locked) {
          yield* vm.mmuLock.lockWrite();
          locked = true;
          this.begin();
        }
        this.addRange(gfnStart, gfnEnd);
        vm.trace?.unmapHvaRange(start, end);
        if (yield* this.unmapGfnRange(slot, gfnStart, gfnEnd)) flush = true;
      }
    }
    if (!locked) return;
    if (flush) vm.stats.invalidationsHit++;
    flush = vm.strategy.flushesAfter(vm, flush);
    const late = vm.policy.skips("FlushAfterUnlock");
    if (flush && !late) yield* vm.flushRemoteTlbs("kvm_mmu_notifier_invalidate_range_start");
    vm.mmuLock.unlockWrite();
    if (flush && late) {
      yield "flush behind mmu_lock";
      yield* vm.flushRemoteTlbs("kvm_mmu_notifier_invalidate_range_start");
    }
  }

  /** kvm_mmu_notifier_invalidate_range_end */
  *invalidateRangeEnd(start: number, end: number): Task {
    const { vm } = this;
    const hit = vm.memslots.some((slots) => slots.inHvaRange(start, end).length > 0);
    if (hit) {
      yield* vm.mmuLock.lockWrite();
      if (vm.policy.skips("SeqAfterInProgress")) yield* this.endInWrongOrder();
      else this.end();
      vm.mmuLock.unlockWrite();
    }
    yield "mn_active_invalidate_count";
    this.activeCount--;
  }

  /**
   * kvm_mmu_notifier_clear_flush_young: what a processor has cached may keep it from setting the flag
   * again for a while; that is all that goes wrong without a flush.
   */
  *clearYoung(start: number, end: number): Task<boolean> {
    const { vm } = this;
    let young = false;
    let flush = false;
    yield "kvm_age_gfn";
    yield* vm.mmuLock.lockWrite();
    for (const slots of vm.memslots) {
      for (const { slot, gfnStart, gfnEnd } of slots.inHvaRange(start, end)) {
        if (!vm.clearAccessed(slot.asId, gfnStart, gfnEnd)) continue;
        young = true;
        if (vm.strategy.flushesAfterAging(vm, gfnStart, gfnEnd)) flush = true;
      }
    }
    if (flush) yield* vm.flushRemoteTlbs("kvm_mmu_notifier_clear_flush_young");
    vm.mmuLock.unlockWrite();
    return young;
  }

  /** kvm_mmu_invalidate_begin */
  begin(): void {
    this.inProgress++;
    if (this.inProgress > 1) return;
    this.rangeStart = INVALID;
    this.rangeEnd = INVALID;
  }

  /** kvm_mmu_invalidate_range_add: the box grows, and is only reset when nothing is in progress. */
  addRange(start: number, end: number): void {
    if (this.rangeStart === INVALID || this.vm.policy.skips("BoxNotUnion")) {
      this.rangeStart = start;
      this.rangeEnd = end;
    } else {
      this.rangeStart = Math.min(this.rangeStart, start);
      this.rangeEnd = Math.max(this.rangeEnd, end);
    }
  }

  /** kvm_mmu_invalidate_end */
  end(): void {
    if (this.inProgress === 0) throw new Error("an invalidation ends that has not begun");
    this.seq++;
    this.inProgress--;
  }

  /** Readers without mmu_lock may look between the two. */
  private *endInWrongOrder(): Task {
    this.inProgress--;
    yield "mmu_invalidate_seq";
    this.seq++;
  }

  /** mmu_invalidate_retry: what was looked up behind `seq` may be stale. */
  retry(seq: number): boolean {
    const { policy } = this.vm;
    if (!policy.skips("NoInProgress") && this.inProgress !== 0) return true;
    return !policy.skips("NoSeqCheck") && this.seq !== seq;
  }

  /** mmu_invalidate_retry_gfn */
  retryGfn(seq: number, gfn: number): boolean {
    const { policy } = this.vm;
    if (!policy.skips("NoInProgress") && this.inProgress !== 0) {
      if (this.rangeStart === INVALID) return true;
      if (gfn >= this.rangeStart && gfn < this.rangeEnd) return true;
    }
    return !policy.skips("NoSeqCheck") && this.seq !== seq;
  }

  /** Waits until no notifier is between start and end (the rcuwait of kvm_swap_active_memslots). */
  *waitForNone(): Task {
    if (this.vm.policy.skips("SwapWithoutWait")) return;
    while (this.activeCount > 0) yield this.idle;
  }

  /**
   * kvm_unmap_gfn_range: zaps in all roots; true when a flush is due. The APIC-access page's slot
   * raises its request whatever was zapped.
   */
  private *unmapGfnRange(slot: Memslot, start: number, end: number): Task<boolean> {
    const { vm } = this;
    const zapped = yield* vm.zapGfnRange(slot.asId, start, end);
    if (slot === vm.apicAccessSlot() && !vm.policy.skips("NoApicPageRequest")) {
      const everytime = !vm.policy.skips("RequestIfZapped") || zapped;
      const wanted = everytime && vm.strategy.reloadsApicPage(vm);
      if (wanted) yield* vm.makeAllCpusRequest(REQ.apicPageReload);
    }
    return zapped;
  }
}
