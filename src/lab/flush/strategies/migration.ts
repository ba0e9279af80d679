/** F7: what is flushed when a vCPU comes to another processor. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { LoadedVmcs, Pcpu } from "../../../l0/pcpu.ts";
import { REQ } from "../../../l0/requests.ts";
import type { Root } from "../../../l0/tdp/mmu.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

export const flushAllOnMigration: FlushStrategy = {
  name: "F7",
  title: "a VMCS that comes to another processor flushes all contexts there (KVM)",
  condition: "each VMCS knows its own last processor, vmcs01 and vmcs02 alike",
  cost: "what other vCPUs have cached on the new processor is lost as well",
  status: "exists",
  make: () => new StrategyHooks(),
};

export const flushCurrentOnMigration: FlushStrategy = {
  name: "F7b",
  title: "a VMCS that comes to another processor flushes the root in use there",
  condition:
    "right only where a vCPU has one root: with L2 or kept roots, the others stay as they were when the " +
    "vCPU was there last",
  cost: "small",
  status: "broken",
  make: () => new FlushCurrentOnMigration(),
};

class FlushCurrentOnMigration extends StrategyHooks {
  private readonly moved = new Set<LoadedVmcs>();

  override loadedElsewhere(_vcpu: Vcpu, _pcpu: Pcpu, vmcs: LoadedVmcs): void {
    this.moved.add(vmcs);
  }

  override beforeEntry(vcpu: Vcpu): void {
    if (this.moved.delete(vcpu.loadedVmcs)) vcpu.flushCurrent("vmx_vcpu_load_vmcs");
  }
}

export const noFlushOnMigration: FlushStrategy = {
  name: "F7x",
  title: "a VMCS comes to another processor, and nothing is flushed",
  condition: "wrong: the processor still has what was zapped since the vCPU left it",
  cost: "none",
  status: "broken",
  make: () => new NoFlushOnMigration(),
};

class NoFlushOnMigration extends StrategyHooks {
  override loadedElsewhere(): void {}
}

export const generations: FlushStrategy = {
  name: "F7c",
  title: "each root has a generation, and each processor remembers the one that it has flushed",
  condition:
    "a zap raises the generation before the page may be used again, each entry compares it on its " +
    "processor, and vCPUs in the guest are still kicked; so does a new root, whose frame other processors " +
    "may know as an old one; the guest's own flushes are local, so its VPID is flushed at each move",
  cost: "a comparison at each entry",
  status: "comparison",
  make: () => new Generations(),
};

class Generations extends StrategyHooks {
  /** Generation of each root, by EPTP: the number of times at which something in it was zapped. */
  private readonly zaps = new Map<number, number>();
  /** The generation that a processor has flushed, by EPTP. */
  private readonly seen = new Map<Pcpu, Map<number, number>>();
  /** Roots that some vCPU has loaded before. */
  private readonly roots = new WeakSet<Root>();
  /** The roots of the flush under way. */
  private readonly zappedRoots = new Set<number>();
  private readonly moved = new Set<LoadedVmcs>();

  override zapped(vm: Vm, root: Root): void {
    vm.stats.notes++;
    this.zappedRoots.add(vm.vcpus[0]!.eptpOf(root));
  }

  override *flushRemote(vm: Vm) {
    for (const eptp of this.zappedRoots) this.zaps.set(eptp, (this.zaps.get(eptp) ?? 0) + 1);
    this.zappedRoots.clear();
    yield* vm.makeAllCpusRequest(REQ.tlbFlush, ({ pcpu }) => pcpu !== undefined);
  }

  override serveFlush(vcpu: Vcpu): void {
    this.catchUp(vcpu);
  }

  override rootLoaded(vcpu: Vcpu, root: Root): void {
    if (this.roots.has(root)) {
      vcpu.flushCurrent("kvm_mmu_load");
      return;
    }
    this.roots.add(root);
    const eptp = vcpu.eptpOf(root);
    this.zaps.set(eptp, (this.zaps.get(eptp) ?? 0) + 1);
    this.catchUp(vcpu);
  }

  override beforeEntry(vcpu: Vcpu): void {
    vcpu.vm.stats.notes++;
    this.catchUp(vcpu);
    if (this.moved.delete(vcpu.loadedVmcs)) vcpu.flushGuest("vmx_vcpu_load_vmcs");
  }

  /** Flushes the root in use where this processor is behind; the others wait until they are used. */
  private catchUp(vcpu: Vcpu): void {
    const due: number[] = [];
    if (vcpu.root !== undefined) {
      const eptp = vcpu.eptpOf(vcpu.root);
      const generation = this.zaps.get(eptp) ?? 0;
      const seen = this.seen.get(vcpu.pcpu!) ?? new Map<number, number>();
      this.seen.set(vcpu.pcpu!, seen);
      if ((seen.get(eptp) ?? 0) < generation) due.push(eptp);
      seen.set(eptp, generation);
    }
    vcpu.flushRoots("kvm_vcpu_flush_tlb_roots", due);
  }

  override loadedElsewhere(_vcpu: Vcpu, _pcpu: Pcpu, vmcs: LoadedVmcs): void {
    this.moved.add(vmcs);
  }
}
