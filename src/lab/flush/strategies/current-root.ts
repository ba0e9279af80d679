/** F2: flushes of the root in use only. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import { REQ } from "../../../l0/requests.ts";
import type { Task } from "../../../l0/scheduler.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

/** What KVM does for causes that concern one vCPU: the load of a root, a switch of the APIC's mode. */
export const currentRootForLocalCauses: FlushStrategy = {
  name: "F2",
  title: "flush the root in use for causes of one vCPU (KVM)",
  condition:
    "the cause concerns this vCPU and the EP4TA that is loaded, and is served before the root changes",
  cost: "none for other roots",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const allRootsForLocalCauses: FlushStrategy = {
  name: "F2-all",
  title: "flush all roots also for causes of one vCPU",
  condition: "none beyond F1's",
  cost: "each load of a root empties the processor",
  status: "comparison",
  make: () => new AllForLocalCauses(),
};

class AllForLocalCauses extends StrategyHooks {
  override rootLoaded(vcpu: Vcpu): void {
    vcpu.flushAll("kvm_mmu_load");
  }
}

export const currentRootForInvalidations: FlushStrategy = {
  name: "F2x",
  title: "flush the root in use when memory is invalidated",
  condition:
    "wrong: every entry zapped would have to be in the root that each vCPU uses at the moment",
  cost: "none for other roots, which keep what is stale",
  status: "broken",
  make: () => new CurrentForInvalidations(),
};

class CurrentForInvalidations extends StrategyHooks {
  override *flushRemote(vm: Vm): Task {
    for (const vcpu of vm.vcpus) vcpu.makeRequest(REQ.tlbFlushCurrent);
    yield* vm.makeAllCpusRequest(REQ.outsideGuestMode);
  }
}
