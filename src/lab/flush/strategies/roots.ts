/** F5 and F6: what becomes of the flush when roots are freed, allocated and used again. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { FlushStrategy } from "../types.ts";

export const lazyRoots: FlushStrategy = {
  name: "F5",
  title: "roots are freed without a flush; a new root is flushed when it is loaded (KVM)",
  condition:
    "nobody enters on an old root, each load of a new root flushes its EP4TA on that processor, and data " +
    "pages are looked after by the notifier",
  cost: "an INVEPT for each load of a root",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const eagerRoots: FlushStrategy = {
  name: "F5-eager",
  title: "a root that is given back is flushed at once, besides at its load",
  condition: "as F5",
  cost: "two INVEPTs for the life of a root",
  status: "comparison",
  make: () => new EagerRoots(),
};

class EagerRoots extends StrategyHooks {
  override flushesTornDown(): boolean {
    return true;
  }

  override rootFreed(vcpu: Vcpu): void {
    vcpu.flushAll("kvm_mmu_free_roots");
  }
}

export const unflushedRoots: FlushStrategy = {
  name: "F5x",
  title: "roots are loaded without a flush",
  condition: "wrong: a frame that was a root before has translations cached under its address",
  cost: "none",
  status: "broken",
  make: () => new UnflushedRoots(),
};

class UnflushedRoots extends StrategyHooks {
  override rootLoaded(): void {}
}

export const keptRoots: FlushStrategy = {
  name: "F6",
  title: "roots that were kept are used again without a flush (KVM)",
  condition:
    "what is cached of kept roots stays coherent: remote flushes reach all of them, INVEPT of L1 frees " +
    "those that match, and another processor flushes all",
  cost: "none",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const flushedKeptRoots: FlushStrategy = {
  name: "F6-flush",
  title: "roots that were kept are flushed when they are used again",
  condition: "none beyond F1's",
  cost: "an INVEPT for each switch between kept roots, and all refills behind it",
  status: "comparison",
  make: () => new FlushedKeptRoots(),
};

class FlushedKeptRoots extends StrategyHooks {
  override rootReused(vcpu: Vcpu): void {
    vcpu.flushCurrent("fast_pgd_switch");
  }
}
