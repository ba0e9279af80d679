/** How VMX instructions of L1 end (nested_vmx_succeed, nested_vmx_failInvalid, nested_vmx_fail). */
import { FIELD } from "../../generated/vmx.ts";
import { queueException, VECTOR_GP, VECTOR_UD } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import type { Nested } from "./state.ts";

/** VM-instruction errors (SDM "VM-Instruction Error Numbers"). */
export const VM_ERROR = {
  vmcallInRoot: 1,
  vmclearAddress: 2,
  vmclearVmxon: 3,
  launchNotClear: 4,
  resumeNotLaunched: 5,
  controls: 7,
  host: 8,
  vmptrldAddress: 9,
  vmptrldVmxon: 10,
  vmptrldRevision: 11,
  unsupportedField: 12,
  readOnlyField: 13,
  vmxonInRoot: 15,
  blockedByMovSs: 26,
  invalidOperand: 28,
} as const;

const CF = 1;
const ZF = 0x40;
const ARITHMETIC = 0x8d5;

function end(vcpu: Vcpu, flags: number): true {
  vcpu.hw.write(FIELD.guest_rflags, (vcpu.rflags & ~ARITHMETIC) | flags);
  vcpu.skip();
  return true;
}

export function succeed(vcpu: Vcpu): true {
  return end(vcpu, 0);
}

export function failInvalid(vcpu: Vcpu): true {
  return end(vcpu, CF);
}

/** VMfailValid with an error number, or VMfailInvalid without a current VMCS. */
export function fail(vcpu: Vcpu, nested: Nested, error: number): true {
  if (!nested.hasCurrent) return failInvalid(vcpu);
  nested.vmcs12.set(FIELD.vm_instruction_error, error);
  return end(vcpu, ZF);
}

/**
 * L1's nested state if a VMX instruction may go on; else an exception is queued
 * (nested_vmx_check_permission).
 */
export function permitted(vcpu: Vcpu): Nested | undefined {
  const { nested } = vcpu;
  if (nested?.vmxon !== true) queueException(vcpu, VECTOR_UD);
  else if (vcpu.cpl !== 0) queueException(vcpu, VECTOR_GP, 0);
  else return nested;
  return undefined;
}
