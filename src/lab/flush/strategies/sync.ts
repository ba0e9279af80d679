/** F9: whether all vCPUs flush when entries of EPT02 have followed EPT12's. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { Task } from "../../../l0/scheduler.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

export const deferredSyncFlush: FlushStrategy = {
  name: "F9",
  title:
    "entries dropped while EPT02 is synced are counted, and flushed with the next invalidation",
  condition:
    "the processor whose L1 asked for it flushes at once by the load of its root, and whoever gives memory " +
    "back looks at the counter: an absent entry does not mean that nothing is cached any more",
  cost: "flushes at invalidations that have zapped nothing themselves",
  status: "historical",
  make: () => new DeferredSyncFlush(),
};

class DeferredSyncFlush extends StrategyHooks {
  /** tlbs_dirty: syncs that have dropped something since the last flush of all vCPUs. */
  private dirty = 0;

  override flushesAfterSync(): boolean {
    this.dirty++;
    return false;
  }

  override flushesAfter(_vm: Vm, zapped: boolean): boolean {
    return zapped || this.dirty > 0;
  }

  override *flushRemote(vm: Vm): Task {
    this.dirty = 0;
    yield* super.flushRemote(vm);
  }
}
