/** F3: only the roots in which something was zapped. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import { REQ } from "../../../l0/requests.ts";
import type { Task } from "../../../l0/scheduler.ts";
import type { Root } from "../../../l0/tdp/mmu.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

export const perRoot: FlushStrategy = {
  name: "F3",
  title: "flush on every vCPU the roots in which something was zapped",
  condition:
    "the set has obsolete and kept roots too, is published in front of the request, and each vCPU flushes " +
    "all of it, whatever root it uses; a root that is freed stays in it",
  cost: "an INVEPT for each root, and the list of roots at each zap",
  status: "discussed",
  make: () => new PerRoot(),
};

class PerRoot extends StrategyHooks {
  /** EPTPs of the roots in which something was zapped since the last flush. */
  private readonly zappedRoots = new Set<number>();
  /** vCPUs that have come to another processor. */
  private readonly moved = new Set<Vcpu>();
  /** EPTPs that each vCPU has to flush. */
  private readonly due = new Map<Vcpu, Set<number>>();

  override zapped(vm: Vm, root: Root): void {
    vm.stats.notes++;
    this.zappedRoots.add(vm.vcpus[0]!.eptpOf(root));
  }

  override *flushRemote(vm: Vm): Task {
    vm.stats.notes += vm.vcpus.length;
    for (const vcpu of vm.vcpus) {
      const set = this.due.get(vcpu) ?? new Set();
      for (const eptp of this.zappedRoots) set.add(eptp);
      this.due.set(vcpu, set);
    }
    this.zappedRoots.clear();
    yield* vm.makeAllCpusRequest(REQ.tlbFlush);
  }

  override serveFlush(vcpu: Vcpu): void {
    const set = this.due.get(vcpu);
    this.due.delete(vcpu);
    // A request without a set came from elsewhere.
    const everything = this.moved.delete(vcpu) || set === undefined;
    if (everything) vcpu.flushAll("kvm_vcpu_flush_tlb_all");
    else vcpu.flushRoots("kvm_vcpu_flush_tlb_roots", set);
  }

  override loadedElsewhere(vcpu: Vcpu): void {
    this.moved.add(vcpu);
    vcpu.makeRequest(REQ.tlbFlush);
  }
}
