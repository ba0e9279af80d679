/** F16 and F17: other tags in place of flushes. */

import { FIELD } from "../../../generated/vmx.ts";
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import { INVVPID } from "../../../l0/hardware.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { FlushStrategy } from "../types.ts";

/** The first VPID that no vCPU has by itself, and the last. */
const FIRST_TAG = 0x1000;
const LAST_TAG = 0xffff;

export const newTags: FlushStrategy = {
  name: "F16",
  title: "the guest's translations get a new VPID instead of a flush",
  condition:
    "no VPID is used twice until everything cached for it has been flushed; when they have run out, flushes " +
    "take their place again",
  cost: "old entries stay until they are evicted, and push others out",
  status: "exists",
  make: () => new NewTags(),
};

class NewTags extends StrategyHooks {
  private next = FIRST_TAG;

  override flushGuest(vcpu: Vcpu): void {
    if (this.next <= LAST_TAG && vcpu.retag(this.next)) this.next++;
    else super.flushGuest(vcpu);
  }
}

export const tagPerVpid12: FlushStrategy = {
  name: "F17",
  title: "a VPID for each VPID of L1's, instead of one for all of them",
  condition:
    "the map from L1's VPIDs is one to one, INVVPID of L1 reaches the right one, and one that is given to " +
    "another VPID of L1 is flushed first",
  cost: "a map for each vCPU, and VPIDs",
  status: "comparison",
  make: () => new TagPerVpid12(),
};

const TAGS_MAX = 16;

class TagPerVpid12 extends StrategyHooks {
  private next = FIRST_TAG;
  /** L0's VPIDs by L1's, the one used longest ago first. */
  private readonly maps = new Map<Vcpu, Map<number, number>>();

  override nestedVpid(vcpu: Vcpu, vpid12: number, last: number): void {
    const map = this.maps.get(vcpu) ?? new Map<number, number>();
    this.maps.set(vcpu, map);
    // L1 has left VMX operation and come back: whatever it had may be stale.
    if (last === 0) this.forget(vcpu, map);
    let tag = map.get(vpid12);
    if (tag === undefined) tag = map.size < TAGS_MAX ? this.next++ : this.evict(vcpu, map);
    map.delete(vpid12);
    map.set(vpid12, tag);
    if (vcpu.nested!.vpid02 === tag) return;
    vcpu.nested!.vpid02 = tag;
    vcpu.hw.at("nested_vmx_transition_tlb_flush").write(FIELD.vpid, tag);
    vcpu.vm.stats.retags++;
  }

  private evict(vcpu: Vcpu, map: Map<number, number>): number {
    const [vpid12, tag] = map.entries().next().value!;
    map.delete(vpid12);
    vcpu.hw.at("nested_vmx_transition_tlb_flush").invvpid(INVVPID.single, tag);
    return tag;
  }

  private forget(vcpu: Vcpu, map: Map<number, number>): void {
    for (const tag of map.values()) {
      vcpu.hw.at("nested_vmx_transition_tlb_flush").invvpid(INVVPID.single, tag);
    }
  }

  override vpidsOfL1(vcpu: Vcpu, vpid12: number | undefined): readonly number[] {
    const map = this.maps.get(vcpu) ?? new Map<number, number>();
    if (vpid12 === undefined) return [...map.values()];
    const tag = map.get(vpid12);
    return tag === undefined ? [] : [tag];
  }
}
