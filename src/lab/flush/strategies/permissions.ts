/** F10 and F11: nothing is flushed where nothing cached is wrong. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { FlushStrategy } from "../types.ts";

export const noFlushOnRaise: FlushStrategy = {
  name: "F10",
  title: "an entry that gains rights, or comes into being, is not flushed (KVM)",
  condition: "a violation makes the processor walk again, and what is not present is never cached",
  cost: "one violation that turns out to be spurious",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const flushOnRaise: FlushStrategy = {
  name: "F10-flush",
  title: "an entry that gains rights is flushed on the vCPU that faulted",
  condition: "none beyond F1's",
  cost: "an INVEPT for each such fault, and all refills behind it",
  status: "comparison",
  make: () => new FlushOnRaise(),
};

class FlushOnRaise extends StrategyHooks {
  override permissionRaised(vcpu: Vcpu): void {
    vcpu.flushCurrent("fast_page_fault");
  }
}

export const noFlushOnAging: FlushStrategy = {
  name: "F11",
  title: "accessed flags are cleared without a flush (KVM since 6.13)",
  condition: "nobody needs to know at once that a page is used again",
  cost: "a page in use may look old for as long as its translation stays cached",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const flushOnAging: FlushStrategy = {
  name: "F11-flush",
  title: "all vCPUs flush when accessed flags were cleared (KVM before 6.13)",
  condition: "none beyond F1's",
  cost: "as an invalidation, for nothing that is wrong",
  status: "historical",
  make: () => new FlushOnAging(),
};

class FlushOnAging extends StrategyHooks {
  override flushesAfterAging(): boolean {
    return true;
  }
}
