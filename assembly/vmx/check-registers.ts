/**
 * VM-entry checks on guest control registers, debug registers and MSRs (SDM "Checks on Guest Control
 * Registers, Debug Registers, and MSRs"), and on what CR0 and CR4 must hold in VMX operation.
 */
import {
  CR0_CD,
  CR0_NW,
  CR0_PE,
  CR0_PG,
  CR4_PAE,
  CR4_PCIDE,
  EFER_LMA,
  EFER_LME,
} from "../cpu/control-bits";
import { eferPermitted } from "../cpu/control-registers";
import { DEBUGCTL_DEFINED, isPatValid } from "../cpu/msr";
import {
  CHECK_GUEST_CR0_FIXED,
  CHECK_GUEST_CR0_PG_PE,
  CHECK_GUEST_CR3_PA,
  CHECK_GUEST_CR4_FIXED,
  CHECK_GUEST_DEBUGCTL,
  CHECK_GUEST_DR7,
  CHECK_GUEST_EFER_LMA,
  CHECK_GUEST_EFER_LME,
  CHECK_GUEST_EFER_RESERVED,
  CHECK_GUEST_IA32E_PAE,
  CHECK_GUEST_IA32E_PG,
  CHECK_GUEST_LEGACY_PCIDE,
  CHECK_GUEST_PAT,
  CHECK_GUEST_SYSENTER_EIP,
  CHECK_GUEST_SYSENTER_ESP,
  ENTERING_LOAD_DEBUG_CONTROLS,
  ENTERING_LOAD_IA32_EFER,
  ENTERING_LOAD_IA32_PAT,
  V_GUEST_CR0,
  V_GUEST_CR3,
  V_GUEST_CR4,
  V_GUEST_DR7,
  V_GUEST_IA32_DEBUGCTL,
  V_GUEST_IA32_EFER,
  V_GUEST_IA32_PAT,
  V_GUEST_IA32_SYSENTER_EIP,
  V_GUEST_IA32_SYSENTER_ESP,
} from "../generated/vmx";
import { isCanonicalBase } from "../paging/walk";
import { entryControls, isIa32eGuest, isPhysical, isUnrestricted } from "./check-words";
import {
  capability,
  MSR_VMX_CR0_FIXED0,
  MSR_VMX_CR0_FIXED1,
  MSR_VMX_CR4_FIXED0,
  MSR_VMX_CR4_FIXED1,
  vmcsRead,
} from "./vmcs";

/** Transitions never change these, so that their values do not matter. */
const CR0_UNCHECKED: u64 = CR0_NW | CR0_CD;

/** True when VMX operation takes `cr0`; an unrestricted guest may do without PE and PG. */
export function isCr0Fixed(cr0: u64, unrestricted: bool): bool {
  let mustBeOne = capability(MSR_VMX_CR0_FIXED0) & ~CR0_UNCHECKED;
  if (unrestricted) mustBeOne &= ~(CR0_PE | CR0_PG);
  const mayBeOne = capability(MSR_VMX_CR0_FIXED1) | CR0_UNCHECKED;
  return (cr0 & mustBeOne) == mustBeOne && (cr0 & ~mayBeOne) == 0;
}

/** True when VMX operation takes `cr4`. */
export function isCr4Fixed(cr4: u64): bool {
  const mustBeOne = capability(MSR_VMX_CR4_FIXED0);
  return (cr4 & mustBeOne) == mustBeOne && (cr4 & ~capability(MSR_VMX_CR4_FIXED1)) == 0;
}

/** Guest control registers, debug registers and MSRs. */
export function checkGuestRegisters(): u32 {
  const failed = checkControlRegisters();
  if (failed != 0) return failed;
  if ((entryControls & ENTERING_LOAD_DEBUG_CONTROLS) != 0) {
    if (vmcsRead<u64>(V_GUEST_DR7) >> 32 != 0) return CHECK_GUEST_DR7;
  }
  if (!isCanonicalBase(vmcsRead<u64>(V_GUEST_IA32_SYSENTER_ESP))) return CHECK_GUEST_SYSENTER_ESP;
  if (!isCanonicalBase(vmcsRead<u64>(V_GUEST_IA32_SYSENTER_EIP))) return CHECK_GUEST_SYSENTER_EIP;
  if ((entryControls & ENTERING_LOAD_IA32_PAT) != 0) {
    if (!isPatValid(vmcsRead<u64>(V_GUEST_IA32_PAT))) return CHECK_GUEST_PAT;
  }
  return (entryControls & ENTERING_LOAD_IA32_EFER) != 0 ? checkGuestEfer() : 0;
}

function checkControlRegisters(): u32 {
  const cr0 = vmcsRead<u64>(V_GUEST_CR0);
  const cr4 = vmcsRead<u64>(V_GUEST_CR4);
  if (!isCr0Fixed(cr0, isUnrestricted())) return CHECK_GUEST_CR0_FIXED;
  if ((cr0 & CR0_PG) != 0 && (cr0 & CR0_PE) == 0) return CHECK_GUEST_CR0_PG_PE;
  if (!isCr4Fixed(cr4)) return CHECK_GUEST_CR4_FIXED;
  if ((entryControls & ENTERING_LOAD_DEBUG_CONTROLS) != 0) {
    const debugctl = vmcsRead<u64>(V_GUEST_IA32_DEBUGCTL);
    if ((debugctl & ~DEBUGCTL_DEFINED) != 0) return CHECK_GUEST_DEBUGCTL;
  }
  if (isIa32eGuest()) {
    if ((cr0 & CR0_PG) == 0) return CHECK_GUEST_IA32E_PG;
    if ((cr4 & CR4_PAE) == 0) return CHECK_GUEST_IA32E_PAE;
  } else if ((cr4 & CR4_PCIDE) != 0) {
    return CHECK_GUEST_LEGACY_PCIDE;
  }
  return isPhysical(vmcsRead<u64>(V_GUEST_CR3), 0) ? 0 : CHECK_GUEST_CR3_PA;
}

function checkGuestEfer(): u32 {
  const efer = vmcsRead<u64>(V_GUEST_IA32_EFER);
  if ((efer & ~eferPermitted()) != 0) return CHECK_GUEST_EFER_RESERVED;
  const active = (efer & EFER_LMA) != 0;
  if (active != isIa32eGuest()) return CHECK_GUEST_EFER_LMA;
  if ((vmcsRead<u64>(V_GUEST_CR0) & CR0_PG) != 0 && ((efer & EFER_LME) != 0) != active) {
    return CHECK_GUEST_EFER_LME;
  }
  return 0;
}
