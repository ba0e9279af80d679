/** F4: only the pages that were zapped. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { FlushStrategy } from "../types.ts";

export const range: FlushStrategy = {
  name: "F4",
  title: "flush a range of pages; VMX has no instruction for it, so KVM does as F1",
  condition:
    "the range covers all that was zapped; in EPT02 the key is L2's address, which the notifier does not know",
  cost: "as F1; only a hypervisor below (Hyper-V) could do better",
  status: "exists",
  make: () => new StrategyHooks(),
};
