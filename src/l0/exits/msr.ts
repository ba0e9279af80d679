/** RDMSR and WRMSR. */
import { queueException, VECTOR_GP } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";

export function handleRdmsr(vcpu: Vcpu): boolean {
  const index = vcpu.regs[2]!;
  const value = vcpu.msrs.read(vcpu, index);
  vcpu.vm.trace?.msr(
    false,
    index,
    (BigInt(value?.hi ?? 0) << 32n) | BigInt(value?.lo ?? 0),
    !value,
  );
  if (value === undefined) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  vcpu.setEdxEax(value.lo, value.hi);
  vcpu.skip();
  return true;
}

export function handleWrmsr(vcpu: Vcpu): boolean {
  const { regs } = vcpu;
  const index = regs[2]!;
  const lo = regs[0]!;
  const hi = regs[4]!;
  const done = vcpu.msrs.write(vcpu, index, lo, hi);
  vcpu.vm.trace?.msr(true, index, (BigInt(hi) << 32n) | BigInt(lo), !done);
  if (!done) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  vcpu.skip();
  return true;
}
