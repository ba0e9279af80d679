/**
 * VM-entry checks on activity state, interruptibility state and pending debug exceptions (SDM "Checks
 * on Guest Non-Register State").
 */
import { AR_DPL } from "../cpu/mode";
import {
  CHECK_GUEST_ACTIVITY_BLOCKING,
  CHECK_GUEST_ACTIVITY_HLT_DPL,
  CHECK_GUEST_ACTIVITY_INJECT_HLT,
  CHECK_GUEST_ACTIVITY_INJECT_SHUTDOWN,
  CHECK_GUEST_ACTIVITY_INJECT_SIPI,
  CHECK_GUEST_ACTIVITY_RANGE,
  CHECK_GUEST_INTR_BOTH,
  CHECK_GUEST_INTR_ENCLAVE,
  CHECK_GUEST_INTR_INJECT_EXT,
  CHECK_GUEST_INTR_INJECT_NMI_MOVSS,
  CHECK_GUEST_INTR_INJECT_NMI_STI,
  CHECK_GUEST_INTR_INJECT_VNMI,
  CHECK_GUEST_INTR_RESERVED,
  CHECK_GUEST_INTR_SMI_OUTSIDE,
  CHECK_GUEST_INTR_STI_IF,
  CHECK_GUEST_PDBG_BS_CLEAR,
  CHECK_GUEST_PDBG_BS_SET,
  CHECK_GUEST_PDBG_RESERVED,
  CHECK_GUEST_PDBG_RTM_CPUID,
  PIN_VIRTUAL_NMIS,
  V_GUEST_ACTIVITY_STATE,
  V_GUEST_IA32_DEBUGCTL,
  V_GUEST_INTERRUPTIBILITY,
  V_GUEST_PENDING_DEBUG,
  V_GUEST_RFLAGS,
  V_GUEST_SS_AR,
} from "../generated/vmx";
import {
  injectedType,
  injectedVector,
  pinControls,
  TYPE_EXCEPTION,
  TYPE_INTERRUPT,
  TYPE_NMI,
  TYPE_OTHER,
} from "./check-words";
import { capability, MSR_VMX_MISC, vmcsRead } from "./vmcs";

const ACTIVE: u32 = 0;
const HLT: u32 = 1;
const SHUTDOWN: u32 = 2;
const WAIT_FOR_SIPI: u32 = 3;
/** Bit of IA32_VMX_MISC for activity state 0; those of the others follow. */
const MISC_ACTIVITY: u32 = 5;

const BLOCKING_BY_STI: u32 = 1 << 0;
const BLOCKING_BY_MOV_SS: u32 = 1 << 1;
const BLOCKING_BY_SMI: u32 = 1 << 2;
const BLOCKING_BY_NMI: u32 = 1 << 3;
const ENCLAVE: u32 = 1 << 4;
const INTERRUPTIBILITY_UNDEFINED: u32 = 0xffffffe0;

/** Bits 63:17, 15, 13, 10:4, and 11 as no model has bus-lock debug exceptions. */
const PENDING_UNDEFINED: u64 = 0xfffffffffffeaff0;
const PENDING_BS: u64 = 1 << 14;
const PENDING_RTM: u64 = 1 << 16;

const RFLAGS_TF: u32 = 0x100;
const RFLAGS_IF: u32 = 0x200;
const DEBUGCTL_BTF: u32 = 2;
const VECTOR_DB: u32 = 1;
const VECTOR_NMI: u32 = 2;
const VECTOR_MC: u32 = 18;

/** Activity state; 0 when all hold. */
export function checkActivity(): u32 {
  const state = vmcsRead<u32>(V_GUEST_ACTIVITY_STATE);
  if (state == ACTIVE) return 0;
  if (state > WAIT_FOR_SIPI) return CHECK_GUEST_ACTIVITY_RANGE;
  const supported = (capability(MSR_VMX_MISC) as u32) >>> (MISC_ACTIVITY + state);
  if ((supported & 1) == 0) return CHECK_GUEST_ACTIVITY_RANGE;
  if (state == HLT && (vmcsRead<u32>(V_GUEST_SS_AR) & AR_DPL) != 0) {
    return CHECK_GUEST_ACTIVITY_HLT_DPL;
  }
  const blocking = vmcsRead<u32>(V_GUEST_INTERRUPTIBILITY);
  if ((blocking & (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS)) != 0) {
    return CHECK_GUEST_ACTIVITY_BLOCKING;
  }
  const type = injectedType();
  if (type < 0) return 0;
  if (state == HLT) return wakesHlt(type as u32) ? 0 : CHECK_GUEST_ACTIVITY_INJECT_HLT;
  if (state == SHUTDOWN) {
    return wakesShutdown(type as u32) ? 0 : CHECK_GUEST_ACTIVITY_INJECT_SHUTDOWN;
  }
  return CHECK_GUEST_ACTIVITY_INJECT_SIPI;
}

/** True when an event of `type` may be injected into HLT. */
function wakesHlt(type: u32): bool {
  const vector = injectedVector();
  if (type == TYPE_EXCEPTION) return vector == VECTOR_DB || vector == VECTOR_MC;
  return type == TYPE_INTERRUPT || type == TYPE_NMI || (type == TYPE_OTHER && vector == 0);
}

/** True when an event of `type` may be injected into shutdown. */
function wakesShutdown(type: u32): bool {
  const vector = injectedVector();
  if (type == TYPE_NMI) return vector == VECTOR_NMI;
  return type == TYPE_EXCEPTION && vector == VECTOR_MC;
}

/** Interruptibility state; 0 when all hold. */
export function checkInterruptibility(): u32 {
  const blocking = vmcsRead<u32>(V_GUEST_INTERRUPTIBILITY);
  if (blocking == 0) return 0;
  const shadows = blocking & (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS);
  if ((blocking & INTERRUPTIBILITY_UNDEFINED) != 0) return CHECK_GUEST_INTR_RESERVED;
  if (shadows == (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS)) return CHECK_GUEST_INTR_BOTH;
  if ((shadows & BLOCKING_BY_STI) != 0 && (vmcsRead<u32>(V_GUEST_RFLAGS) & RFLAGS_IF) == 0) {
    return CHECK_GUEST_INTR_STI_IF;
  }
  const type = injectedType();
  if (type == (TYPE_INTERRUPT as i32) && shadows != 0) return CHECK_GUEST_INTR_INJECT_EXT;
  if (type == (TYPE_NMI as i32)) {
    if ((shadows & BLOCKING_BY_MOV_SS) != 0) return CHECK_GUEST_INTR_INJECT_NMI_MOVSS;
    if (shadows != 0) return CHECK_GUEST_INTR_INJECT_NMI_STI;
  }
  if ((blocking & BLOCKING_BY_SMI) != 0) return CHECK_GUEST_INTR_SMI_OUTSIDE;
  const virtualNmi = type == (TYPE_NMI as i32) && (pinControls & PIN_VIRTUAL_NMIS) != 0;
  if (virtualNmi && (blocking & BLOCKING_BY_NMI) != 0) return CHECK_GUEST_INTR_INJECT_VNMI;
  // No model has enclaves.
  return (blocking & ENCLAVE) != 0 ? CHECK_GUEST_INTR_ENCLAVE : 0;
}

/** Pending debug exceptions; 0 when all hold. */
export function checkPendingDebug(): u32 {
  const pending = vmcsRead<u64>(V_GUEST_PENDING_DEBUG);
  if ((pending & PENDING_UNDEFINED) != 0) return CHECK_GUEST_PDBG_RESERVED;
  const blocking = vmcsRead<u32>(V_GUEST_INTERRUPTIBILITY);
  const held =
    (blocking & (BLOCKING_BY_STI | BLOCKING_BY_MOV_SS)) != 0 ||
    vmcsRead<u32>(V_GUEST_ACTIVITY_STATE) == HLT;
  if (held) {
    const steps =
      (vmcsRead<u32>(V_GUEST_RFLAGS) & RFLAGS_TF) != 0 &&
      (vmcsRead<u32>(V_GUEST_IA32_DEBUGCTL) & DEBUGCTL_BTF) == 0;
    const bs = (pending & PENDING_BS) != 0;
    if (steps && !bs) return CHECK_GUEST_PDBG_BS_SET;
    if (!steps && bs) return CHECK_GUEST_PDBG_BS_CLEAR;
  }
  // No model has transactional memory.
  return (pending & PENDING_RTM) != 0 ? CHECK_GUEST_PDBG_RTM_CPUID : 0;
}
