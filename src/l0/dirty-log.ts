/**
 * The dirty log of a memory slot for userspace (KVM_MEM_LOG_DIRTY_PAGES, KVM_GET_DIRTY_LOG,
 * KVM_CLEAR_DIRTY_LOG): pages lose the right to write when they are reported, and are noted when a fault
 * gives it back. The flush comes behind mmu_lock and before slots_lock is dropped: who changes a slot
 * relies on it, nobody else does.
 */
import { hvaOf, type Memslot } from "./memslots.ts";
import type { Task } from "./scheduler.ts";
import { pagesAt } from "./tdp/spte.ts";
import type { Vm } from "./vm.ts";

const SITE = "kvm_flush_remote_tlbs_memslot";
/** Pages between two looks whether another thread wants mmu_lock. */
const BATCH = 512;

function slotNamed(vm: Vm, id: number): Memslot {
  const slot = vm.memslots[0]!.byId(id);
  if (slot === undefined) throw new RangeError(`there is no memory slot ${id}`);
  return slot;
}

/** Begins or ends the log of a slot. @throws RangeError when there is no such slot. */
export function* setDirtyLogging(vm: Vm, id: number, on: boolean): Task {
  yield* vm.slotsLock.lock();
  const old = slotNamed(vm, id);
  if ((old.dirty !== undefined) !== on) {
    const slot = { ...old, dirty: on ? new Set<number>() : undefined };
    const others = vm.memslots[0]!.slots.filter((other) => other !== old);
    yield* vm.swapSlots(0, [...others, slot]);
    if (on) yield* protectAll(vm, slot);
    else yield* zapCollapsible(vm, slot);
  }
  vm.slotsLock.unlock();
}

/** kvm_mmu_slot_remove_write_access, and the flush that always follows. */
function* protectAll(vm: Vm, slot: Memslot): Task {
  const end = slot.baseGfn + slot.pages;
  yield* vm.mmuLock.lockWrite();
  vm.hw.at("kvm_mmu_slot_remove_write_access");
  for (let gfn = slot.baseGfn; gfn < end; gfn++) {
    if (gfn % BATCH === 0 && gfn > slot.baseGfn) {
      vm.mmuLock.unlockWrite();
      yield "kvm_mmu_slot_remove_write_access: resched";
      yield* vm.mmuLock.lockWrite();
    }
    vm.shadow.protectForLog(gfn);
  }
  vm.mmuLock.unlockWrite();
  yield "kvm_mmu_slot_apply_flags: flush";
  yield* vm.flushRemoteTlbs(SITE);
}

/** Small pages that a large one could map again are zapped (kvm_zap_collapsible_sptes). */
function* zapCollapsible(vm: Vm, slot: Memslot): Task {
  const span = pagesAt(2);
  yield* vm.mmuLock.lockWrite();
  let zapped = false;
  const first = Math.ceil(slot.baseGfn / span) * span;
  for (let gfn = first; gfn + span <= slot.baseGfn + slot.pages; gfn += span) {
    for (const root of vm.tdp.roots) {
      if (!vm.mm.isHuge(hvaOf(slot, gfn)) || !vm.tdp.zapTable(root, gfn)) continue;
      vm.strategy.zapped(vm, root, gfn, gfn + span);
      zapped = true;
    }
  }
  if (zapped) yield* vm.flushRemoteTlbs("kvm_mmu_zap_collapsible_sptes");
  vm.mmuLock.unlockWrite();
}

/**
 * KVM_GET_DIRTY_LOG: guest frames written since they were reported last, in order. With `manual` (the
 * capability KVM_CAP_MANUAL_DIRTY_LOG_PROTECT2) they stay in the log until `clearDirtyLog`.
 * @throws RangeError when there is no such slot
 */
export function* getDirtyLog(vm: Vm, id: number, manual = false): Task<number[]> {
  yield* vm.slotsLock.lock();
  const { dirty = new Set<number>() } = slotNamed(vm, id);
  const written = [...dirty].sort((a, b) => a - b);
  if (!manual) yield* protectAndFlush(vm, dirty, written);
  vm.slotsLock.unlock();
  return written;
}

/** KVM_CLEAR_DIRTY_LOG: takes pages out of the log; those written from now on are noted again. */
export function* clearDirtyLog(vm: Vm, id: number, gfns: readonly number[]): Task {
  yield* vm.slotsLock.lock();
  const { dirty = new Set<number>() } = slotNamed(vm, id);
  yield* protectAndFlush(
    vm,
    dirty,
    gfns.filter((gfn) => dirty.has(gfn)),
  );
  vm.slotsLock.unlock();
}

/** kvm_arch_mmu_enable_log_dirty_pt_masked under mmu_lock, then the flush. */
function* protectAndFlush(vm: Vm, dirty: Set<number>, gfns: readonly number[]): Task {
  if (gfns.length === 0) return;
  yield* vm.mmuLock.lockWrite();
  vm.hw.at("kvm_mmu_write_protect_pt_masked");
  for (const gfn of gfns) {
    dirty.delete(gfn);
    vm.shadow.protectForLog(gfn);
  }
  vm.mmuLock.unlockWrite();
  yield "kvm_get_dirty_log_protect: flush";
  if (!vm.policy.skips("NoDirtyLogFlush")) yield* vm.flushRemoteTlbs(SITE);
}
