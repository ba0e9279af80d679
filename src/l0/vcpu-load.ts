/**
 * A vCPU on a logical processor and off it (vmx_vcpu_load, kvm_arch_vcpu_put): the VMCS, and the
 * registers that VM exits leave in the processor.
 */
import type { LoadedVmcs, Pcpu } from "./pcpu.ts";
import { REQ } from "./requests.ts";
import type { Task, Wait } from "./scheduler.ts";
import type { Vcpu } from "./vcpu.ts";

/** MSRs that the guest has for itself, switched with the vCPU. */
const SWITCHED_MSRS = [
  0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000102, 0xc0000103, 0xda0,
];
const DEBUG_REGISTERS = [0, 1, 2, 3, 6];

/**
 * Loads a VMCS on `pcpu` (vmx_vcpu_load_vmcs). One that ran elsewhere is cleared there first, and all
 * contexts of this processor are flushed before it runs: each VMCS knows its own last processor.
 */
export function* loadVmcs(vcpu: Vcpu, pcpu: Pcpu, vmcs: LoadedVmcs): Task {
  const { vm } = vcpu;
  const sameProcessor =
    vm.policy.skips("TrackVcpuNotVmcs") && vmcs.cpu >= 0
      ? vcpu.lastPcpu === pcpu.index
      : vmcs.cpu === pcpu.index;
  vcpu.lastPcpu = pcpu.index;
  if (!sameProcessor) {
    if (vmcs.cpu >= 0) {
      const old = vm.pcpus[vmcs.cpu]!;
      yield* old.call(() => old.clear(vmcs));
    } else {
      pcpu.onThis(() => pcpu.clear(vmcs));
    }
    vmcs.cpu = pcpu.index;
    if (vm.policy.skips("SingleContextOnMigrate")) vcpu.makeRequest(REQ.tlbFlushCurrent);
    else if (!vm.policy.skips("NoFlushOnMigrate")) vm.strategy.loadedElsewhere(vcpu, pcpu, vmcs);
  }
  pcpu.onThis(() => pcpu.load(vmcs));
}

/** Puts the vCPU's thread on `pcpu`; waits until that is free. */
export function* schedIn(vcpu: Vcpu, pcpu: Pcpu): Task {
  const free: Wait = { why: `CPU ${pcpu.index}`, ready: () => pcpu.vcpu === undefined };
  while (pcpu.vcpu !== undefined) yield free;
  pcpu.vcpu = vcpu;
  vcpu.pcpu = pcpu;
  yield "vcpu_load";
  yield* loadVmcs(vcpu, pcpu, vcpu.loadedVmcs);
  vcpu.hw.switchTo(pcpu.index);
  restore(vcpu);
}

/** Takes it off; the VMCS stays active on the processor. */
export function schedOut(vcpu: Vcpu): void {
  const { pcpu } = vcpu;
  if (pcpu === undefined) return;
  vcpu.hw.switchTo(pcpu.index);
  save(vcpu);
  pcpu.vcpu = undefined;
  vcpu.pcpu = undefined;
}

function save(vcpu: Vcpu): void {
  const { hw, parked } = vcpu;
  hw.saveFloating(parked.floating);
  parked.xcr0 = hw.xcr0;
  parked.pkru = hw.pkru;
  parked.cr2 = hw.cr2;
  for (const index of DEBUG_REGISTERS) parked.debug[index] = hw.debugRegister(index);
  for (const msr of SWITCHED_MSRS) {
    const lo = hw.rdmsr(msr);
    if (lo !== undefined) parked.msrs.set(msr, (BigInt(hw.hi) << 32n) | BigInt(lo));
  }
}

function restore(vcpu: Vcpu): void {
  const { hw, parked } = vcpu;
  hw.loadFloating(parked.floating);
  hw.xsetbv(parked.xcr0, 0);
  hw.pkru = parked.pkru;
  hw.cr2 = parked.cr2;
  for (const index of DEBUG_REGISTERS) hw.setDebugRegister(index, parked.debug[index]!);
  for (const msr of SWITCHED_MSRS) {
    const value = parked.msrs.get(msr) ?? 0n;
    hw.wrmsr(msr, Number(value & 0xffffffffn), Number(value >> 32n));
  }
}
