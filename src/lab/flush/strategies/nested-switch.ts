/** F12: requests that concern one context only, when L1 and L2 change. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import { REQ } from "../../../l0/requests.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { FlushStrategy } from "../types.ts";

export const servedBeforeSwitch: FlushStrategy = {
  name: "F12",
  title: "requests of the context that is left are served before L1 and L2 change (KVM)",
  condition: "each way into L2 and out of it serves them while the old VMCS is current",
  cost: "none for the other context",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const escalatedAtSwitch: FlushStrategy = {
  name: "F12-escalate",
  title: "requests that wait when L1 and L2 change become a flush of everything",
  condition: "none beyond F1's",
  cost: "the other context, and all other roots, are lost as well",
  status: "comparison",
  make: () => new EscalatedAtSwitch(),
};

class EscalatedAtSwitch extends StrategyHooks {
  override nestedSwitch(vcpu: Vcpu): void {
    const current = vcpu.checkRequest(REQ.tlbFlushCurrent);
    const guest = vcpu.checkRequest(REQ.tlbFlushGuest);
    if (current || guest) vcpu.flushAll("kvm_service_local_tlb_flush_requests");
  }
}
