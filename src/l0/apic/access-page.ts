/**
 * The address of the APIC-access page in vmcs01 (vmx_set_apic_access_page_addr). The page is ordinary
 * memory of L0's userspace that may move at any time: the address is written only under mmu_lock, while
 * no invalidation covers it and none has ended since the frame was looked up.
 */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import { PAGE_BYTES } from "../frames.ts";
import { hvaOf } from "../memslots.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import type { Vcpu } from "../vcpu.ts";

/** What L2's activity put off until the nested exit. */
export interface DeferredVmcs01 {
  reloadApicAccessPage: boolean;
}

/** Serves KVM_REQ_APIC_PAGE_RELOAD. */
export function* reloadApicAccessPage(vcpu: Vcpu, deferred: DeferredVmcs01): Task {
  const { vm, hw } = vcpu;
  const { policy, invalidation } = vm;
  if (vcpu.loadedVmcs !== vcpu.vmcs01 && !policy.skips("WriteCurrentVmcs")) {
    if (!policy.skips("DropWhenGuestMode")) deferred.reloadApicAccessPage = true;
    return;
  }
  hw.at("vmx_set_apic_access_page_addr");
  const controls = hw.read(FIELD.secondary_proc_controls);
  if ((controls & SECONDARY.virtualize_apic_accesses) === 0) return;
  const slot = vm.apicAccessSlot();
  if (slot === undefined || slot.invalid) return;
  let { seq } = invalidation;
  yield "set_apic_access_page_addr: look up the frame";
  const page = vm.mm.faultIn(hvaOf(slot, slot.baseGfn), true);
  if (page === undefined) return;
  // As long as the lock is not held the frame may go: L0 holds a reference meanwhile.
  vm.frames.get(page.pfn);
  if (policy.skips("SnapshotAfterLookup")) {
    yield "set_apic_access_page_addr: read the sequence number";
    ({ seq } = invalidation);
  }
  yield "set_apic_access_page_addr: lock";
  yield* vm.mmuLock.lockRead();
  if (policy.skips("CheckInProgressOnly")) ({ seq } = invalidation);
  const retry = !policy.skips("NoRetry") && invalidation.retryGfn(seq, slot.baseGfn);
  if (policy.skips("CheckOutsideLock")) {
    vm.mmuLock.unlockRead();
    yield "set_apic_access_page_addr: write";
    yield* vm.mmuLock.lockRead();
  }
  if (retry) {
    vm.stats.reloadRetries++;
    vcpu.makeRequest(REQ.apicPageReload);
  } else {
    hw.at("vmx_set_apic_access_page_addr");
    hw.writeAddress(FIELD.apic_access_addr, page.pfn * PAGE_BYTES);
    vm.strategy.apicPageReloaded(vcpu);
    if (policy.skips("FlushOnReload")) vcpu.flushCurrent("vmx_set_apic_access_page_addr");
  }
  vm.trace?.apicAccessPage(vcpu.index, page.pfn * PAGE_BYTES, retry);
  vm.mmuLock.unlockRead();
  vm.frames.put(page.pfn);
}
