/** F8: how much is zapped before a flush. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

export const onePerRange: FlushStrategy = {
  name: "F8",
  title: "one flush for each range of an invalidation (KVM)",
  condition:
    "what was zapped is freed behind the flush, and the flush comes before mmu_lock is dropped",
  cost: "mmu_lock is held for longer",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const onePerPage: FlushStrategy = {
  name: "F8-single",
  title: "one flush for each page of an invalidation",
  condition: "as F8",
  cost: "an interrupt to each vCPU and a flush for each page",
  status: "comparison",
  make: () => new OnePerPage(),
};

class OnePerPage extends StrategyHooks {
  override attach(vm: Vm): void {
    vm.zapBatch = 1;
  }
}
