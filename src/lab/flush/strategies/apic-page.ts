/** F13 to F15: what the APIC-access page needs when it moves. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

export const reloadOnly: FlushStrategy = {
  name: "F13",
  title: "the APIC-access address is reloaded without a flush (KVM since 6.6)",
  condition:
    "the zap of the page has been flushed before the vCPU enters, an entry is only made again behind the " +
    "end of the invalidation, and the reload is tried again until then",
  cost: "none",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const reloadAndFlush: FlushStrategy = {
  name: "F13-flush",
  title: "the reload of the APIC-access address flushes the root in use (KVM before 6.6)",
  condition: "none beyond F13's",
  cost: "an INVEPT for each reload on each vCPU, and all refills behind it",
  status: "historical",
  make: () => new ReloadAndFlush(),
};

class ReloadAndFlush extends StrategyHooks {
  override apicPageReloaded(vcpu: Vcpu): void {
    vcpu.flushCurrent("vmx_set_apic_access_page_addr");
  }
}

export const updateAtOnce: FlushStrategy = {
  name: "F14",
  title: "updates of vmcs01 are made while L2 is active, by loading it meanwhile (KVM since 7.0)",
  condition:
    "vmcs02 is loaded again behind each, and each of the two VMCSs flushes by its own last processor",
  cost: "two loads of a VMCS for each update, and none at the nested exit",
  status: "exists",
  make: () => new UpdateAtOnce(),
};

class UpdateAtOnce extends StrategyHooks {
  override updatesVmcs01AtOnce(): boolean {
    return true;
  }
}

export const pinnedPage: FlushStrategy = {
  name: "F15",
  title: "the APIC-access page is pinned and never reloaded",
  condition:
    "nobody gives the page away: it cannot be migrated then, but userspace that unmaps it leaves vmcs01 " +
    "with the address of a page that is no longer the guest's",
  cost: "a page that compaction cannot move",
  status: "discussed",
  make: () => new PinnedPage(),
};

class PinnedPage extends StrategyHooks {
  override attach(vm: Vm): void {
    const slot = vm.apicAccessSlot();
    if (slot === undefined) return;
    vm.frames.get(vm.mm.faultIn(slot.hva, true)!.pfn);
  }

  override reloadsApicPage(): boolean {
    return false;
  }
}
