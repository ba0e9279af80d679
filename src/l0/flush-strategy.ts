/**
 * When L0 flushes, and what: each decision in one place, so that strategies can be compared. The
 * methods of `StrategyHooks` are KVM's own rules; a strategy overrides those that it decides otherwise.
 */
import type { LoadedVmcs, Pcpu } from "./pcpu.ts";
import { REQ } from "./requests.ts";
import type { Task } from "./scheduler.ts";
import type { Root } from "./tdp/mmu.ts";
import type { Vcpu } from "./vcpu.ts";
import type { Vm } from "./vm.ts";

export class StrategyHooks {
  /** The virtual machine that it decides for, before that runs. */
  attach(_vm: Vm): void {}

  /** Whether an invalidation that has zapped nothing (`zapped` false) is followed by a flush. */
  flushesAfter(_vm: Vm, zapped: boolean): boolean {
    return zapped;
  }

  /** Leaf entries of `root` for L1 frames [start, end) were zapped or lost rights. */
  zapped(_vm: Vm, _root: Root, _start: number, _end: number): void {}

  /**
   * kvm_flush_remote_tlbs: under mmu_lock, before anything zapped is freed or given back. When it
   * returns, no vCPU may use what was zapped.
   */
  *flushRemote(vm: Vm): Task {
    yield* vm.makeAllCpusRequest(REQ.tlbFlush);
  }

  /** The vCPU serves KVM_REQ_TLB_FLUSH before it enters. */
  serveFlush(vcpu: Vcpu): void {
    if (!vcpu.vm.policy.skips("KeepFlushCurrent")) vcpu.checkRequest(REQ.tlbFlushCurrent);
    vcpu.flushAll("kvm_vcpu_flush_tlb_all");
  }

  /**
   * In front of the last test of an entry by the vCPU's thread, its mode set and interrupts off: it may
   * flush. The fast path enters without it, as nothing can have changed unless a request is there.
   */
  beforeEntry(_vcpu: Vcpu): void {}

  /** A VMCS was loaded on a processor on which it was not loaded last (vmx_vcpu_load_vmcs). */
  loadedElsewhere(vcpu: Vcpu, _pcpu: Pcpu, _vmcs: LoadedVmcs): void {
    vcpu.makeRequest(REQ.tlbFlush);
  }

  /** A vCPU has taken a new root into use (kvm_mmu_load). */
  rootLoaded(vcpu: Vcpu, _root: Root): void {
    vcpu.flushCurrent("kvm_mmu_load");
  }

  /** A vCPU has taken a root into use that it had kept (fast_pgd_switch). */
  rootReused(_vcpu: Vcpu, _root: Root): void {}

  /** A vCPU gives a root back (kvm_mmu_free_roots); L2's roots are freed soon behind. */
  rootFreed(_vcpu: Vcpu, _root: Root): void {}

  /** Entries of `root` gained rights, or came into being: nothing cached is wrong. */
  permissionRaised(_vcpu: Vcpu, _root: Root, _gfn: number): void {}

  /** Accessed flags were cleared for [start, end) (kvm_age_gfn). True asks for a flush. */
  flushesAfterAging(_vm: Vm, _start: number, _end: number): boolean {
    return false;
  }

  /** L2 begins or ends: requests for the context that is left (kvm_service_local_tlb_flush_requests). */
  nestedSwitch(vcpu: Vcpu): void {
    vcpu.serveLocalFlushes();
  }

  /**
   * L2 begins with VPID `vpid12` of L1's, the one before had `last` (nested_vmx_transition_tlb_flush).
   * L0's own tag for L2 stands for all of them.
   */
  nestedVpid(vcpu: Vcpu, vpid12: number, last: number): void {
    if (vpid12 !== last) vcpu.makeRequest(REQ.tlbFlushGuest);
  }

  /** VPIDs to flush for an INVVPID of L1's for `vpid12`, or for all of L1's VPIDs. */
  vpidsOfL1(vcpu: Vcpu, _vpid12: number | undefined): readonly number[] {
    return [vcpu.nested!.vpid02];
  }

  /** Entries of EPT02 have followed EPT12's. True: all vCPUs flush now; false: it is noted for later. */
  flushesAfterSync(): boolean {
    return true;
  }

  /** The guest's own translations must go: its tables or its VPID have changed. */
  flushGuest(vcpu: Vcpu): void {
    vcpu.flushGuest("kvm_vcpu_flush_tlb_guest");
  }

  /**
   * Whether a root that is torn down is flushed on all vCPUs (kvm_tdp_mmu_zap_invalidated_roots). All of
   * them have left it by then, and the next root in its frame is flushed where it is loaded.
   */
  flushesTornDown(_root: Root): boolean {
    return false;
  }

  /** Whether a change of the APIC-access page's memory raises KVM_REQ_APIC_PAGE_RELOAD. */
  reloadsApicPage(_vm: Vm): boolean {
    return true;
  }

  /**
   * Whether updates of vmcs01 that come while L2 is active are made at once, by loading it meanwhile (as
   * KVM does since 7.0), or wait for the nested exit.
   */
  updatesVmcs01AtOnce(_vcpu: Vcpu): boolean {
    return false;
  }

  /** The APIC-access address was written to vmcs01 (vmx_set_apic_access_page_addr). */
  apicPageReloaded(_vcpu: Vcpu): void {}
}
