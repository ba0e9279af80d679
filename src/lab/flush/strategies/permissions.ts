/** F10: nothing is flushed where nothing cached is wrong. */
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
