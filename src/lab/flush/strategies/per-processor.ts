/** F3b: only the roots in which something was zapped, and only where they have been used. */
import { StrategyHooks } from "../../../l0/flush-strategy.ts";
import type { LoadedVmcs, Pcpu } from "../../../l0/pcpu.ts";
import { REQ } from "../../../l0/requests.ts";
import type { Task } from "../../../l0/scheduler.ts";
import type { Root } from "../../../l0/tdp/mmu.ts";
import type { Vcpu } from "../../../l0/vcpu.ts";
import type { Vm } from "../../../l0/vm.ts";
import type { FlushStrategy } from "../types.ts";

export const perRootAndProcessor: FlushStrategy = {
  name: "F3b",
  title: "flush the roots in which something was zapped on the processors that have used them",
  condition:
    "a processor is noted in front of the entry with the root, and struck out only by a flush there; the " +
    "mask is of processors, since all vCPUs of the virtual machine share what one of them has cached; a " +
    "new root is flushed on all of them, as its frame may have been an old one's",
  cost: "a mask for each root; fewer interrupts",
  status: "discussed",
  make: () => new PerRootAndProcessor(),
};

class PerRootAndProcessor extends StrategyHooks {
  private readonly zappedRoots = new Set<number>();
  /** Processors that may have something cached, by EPTP. */
  private readonly users = new Map<number, Set<Pcpu>>();
  /** Roots that some vCPU has loaded before. */
  private readonly roots = new WeakSet<Root>();
  /** EPTPs that a processor has to flush. */
  private readonly due = new Map<Pcpu, Set<number>>();
  /** VMCSs that have come to another processor and have not been entered there yet. */
  private readonly moved = new Set<LoadedVmcs>();

  override zapped(vm: Vm, root: Root): void {
    vm.stats.notes++;
    this.zappedRoots.add(vm.vcpus[0]!.eptpOf(root));
  }

  override *flushRemote(vm: Vm): Task {
    const targets = new Set<Pcpu>();
    for (const eptp of this.zappedRoots) {
      for (const pcpu of this.users.get(eptp) ?? []) {
        targets.add(pcpu);
        vm.stats.notes++;
        const set = this.due.get(pcpu) ?? new Set();
        this.due.set(pcpu, set.add(eptp));
      }
    }
    this.zappedRoots.clear();
    // Who is not on one of these processors flushes when it enters there.
    const there = ({ pcpu }: Vcpu) => pcpu !== undefined && targets.has(pcpu);
    yield* vm.makeAllCpusRequest(REQ.tlbFlush, there);
  }

  override rootLoaded(vcpu: Vcpu, root: Root): void {
    super.rootLoaded(vcpu, root);
    if (this.roots.has(root)) return;
    this.roots.add(root);
    const eptp = vcpu.eptpOf(root);
    for (const pcpu of vcpu.vm.pcpus) {
      if (pcpu !== vcpu.pcpu) this.due.set(pcpu, (this.due.get(pcpu) ?? new Set()).add(eptp));
    }
  }

  override serveFlush(vcpu: Vcpu): void {
    vcpu.flushRoots("kvm_vcpu_flush_tlb_roots", []);
    this.flushHere(vcpu);
  }

  override beforeEntry(vcpu: Vcpu): void {
    vcpu.vm.stats.notes++;
    const eptp = vcpu.eptpOf(vcpu.root!);
    const users = this.users.get(eptp) ?? new Set();
    this.users.set(eptp, users.add(vcpu.pcpu!));
    if (this.moved.delete(vcpu.loadedVmcs)) vcpu.flushGuest("vmx_vcpu_load_vmcs");
    this.flushHere(vcpu);
  }

  private flushHere(vcpu: Vcpu): void {
    const pcpu = vcpu.pcpu!;
    const set = this.due.get(pcpu);
    if (set === undefined) return;
    this.due.delete(pcpu);
    vcpu.flushRoots("kvm_vcpu_flush_tlb_roots", set);
    const current = vcpu.root === undefined ? undefined : vcpu.eptpOf(vcpu.root);
    for (const eptp of set) if (eptp !== current) this.users.get(eptp)?.delete(pcpu);
  }

  /** What other processors have of its own tables goes by its VPID; roots are looked after above. */
  override loadedElsewhere(_vcpu: Vcpu, _pcpu: Pcpu, vmcs: LoadedVmcs): void {
    this.moved.add(vmcs);
  }
}

export const perRootAndVcpu: FlushStrategy = {
  name: "F3b-vcpu",
  title: "F3b with a mask of vCPUs instead of processors",
  condition:
    "wrong: a vCPU that has flushed uses what another one has cached on the same processor since",
  cost: "as F3b",
  status: "broken",
  make: () => new PerRootAndVcpu(),
};

class PerRootAndVcpu extends StrategyHooks {
  private readonly zappedRoots = new Set<number>();
  private readonly users = new Map<number, Set<Vcpu>>();
  private readonly due = new Map<Vcpu, Set<number>>();
  private readonly moved = new Set<LoadedVmcs>();

  override zapped(vm: Vm, root: Root): void {
    vm.stats.notes++;
    this.zappedRoots.add(vm.vcpus[0]!.eptpOf(root));
  }

  override *flushRemote(vm: Vm): Task {
    const targets = new Set<Vcpu>();
    for (const eptp of this.zappedRoots) {
      for (const vcpu of this.users.get(eptp) ?? []) {
        targets.add(vcpu);
        vm.stats.notes++;
        const set = this.due.get(vcpu) ?? new Set();
        this.due.set(vcpu, set.add(eptp));
      }
      this.users.delete(eptp);
    }
    this.zappedRoots.clear();
    yield* vm.makeAllCpusRequest(REQ.tlbFlush, (vcpu) => targets.has(vcpu));
  }

  override serveFlush(vcpu: Vcpu): void {
    const set = this.due.get(vcpu) ?? [];
    this.due.delete(vcpu);
    vcpu.flushRoots("kvm_vcpu_flush_tlb_roots", set);
  }

  override beforeEntry(vcpu: Vcpu): void {
    vcpu.vm.stats.notes++;
    const eptp = vcpu.eptpOf(vcpu.root!);
    const users = this.users.get(eptp) ?? new Set();
    this.users.set(eptp, users.add(vcpu));
    if (this.moved.delete(vcpu.loadedVmcs)) vcpu.flushGuest("vmx_vcpu_load_vmcs");
  }

  override loadedElsewhere(_vcpu: Vcpu, _pcpu: Pcpu, vmcs: LoadedVmcs): void {
    this.moved.add(vmcs);
  }
}
