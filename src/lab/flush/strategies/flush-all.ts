/** F0 and F1: every vCPU flushes everything. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { FlushStrategy } from "../types.ts";

export const flushAllAlways: FlushStrategy = {
  name: "F0",
  title: "flush all roots of all vCPUs at every invalidation",
  condition: "zap, then flush, then drop mmu_lock",
  cost: "every vCPU leaves the guest and loses all roots, also where nobody had mapped the page",
  status: "comparison",
  make: () => new FlushAllAlways(),
};

class FlushAllAlways extends StrategyHooks {
  override flushesAfter(): boolean {
    return true;
  }
}

/** KVM's own rule; what KVM does elsewhere is in StrategyHooks. */
export const flushAllIfZapped: FlushStrategy = {
  name: "F1",
  title: "flush all roots of all vCPUs if something was zapped (KVM)",
  condition:
    "each place that zaps adds its result up, flushes before it yields, and flushes under mmu_lock",
  cost: "as F0 where something was zapped: roots that did not map the page are lost as well",
  status: "exists",
  make: () => new StrategyHooks(),
};
