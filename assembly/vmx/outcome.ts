/** How a VMX instruction ends (SDM "Conventions"): VMsucceed, VMfailInvalid, VMfailValid. */
import { FLAG_CF, FLAG_ZF, setArithmeticFlags } from "../cpu/flags";
import { NEXT } from "../decode/record";
import { VMCS_PTR } from "../generated/state";
import { V_VM_INSTRUCTION_ERROR } from "../generated/vmx";
import { vmcsWrite } from "./vmcs";

export function vmSucceed(): u32 {
  setArithmeticFlags(0);
  return NEXT;
}

export function vmFailInvalid(): u32 {
  setArithmeticFlags(FLAG_CF);
  return NEXT;
}

/** VMfail: VMfailValid with `error` when there is a current VMCS, else VMfailInvalid. */
export function vmFail(error: u32): u32 {
  if (load<u32>(VMCS_PTR) == 0) return vmFailInvalid();
  setArithmeticFlags(FLAG_ZF);
  vmcsWrite(V_VM_INSTRUCTION_ERROR, error as u64);
  return NEXT;
}
