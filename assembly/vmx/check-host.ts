/** VM-entry checks on the host-state area (SDM "Checks on the Host-State Area"). */
import { CR4_PAE, CR4_PCIDE, EFER_LMA, EFER_LME } from "../cpu/control-bits";
import { eferPermitted } from "../cpu/control-registers";
import { isPatValid } from "../cpu/msr";
import { EFER } from "../generated/state";
import {
  CHECK_HOST_CR0_FIXED,
  CHECK_HOST_CR3_PA,
  CHECK_HOST_CR4_FIXED,
  CHECK_HOST_CS_NULL,
  CHECK_HOST_EFER_LMA,
  CHECK_HOST_EFER_LME,
  CHECK_HOST_EFER_RESERVED,
  CHECK_HOST_FS_BASE,
  CHECK_HOST_GDTR_BASE,
  CHECK_HOST_GS_BASE,
  CHECK_HOST_IDTR_BASE,
  CHECK_HOST_PAT,
  CHECK_HOST_SEL_ES,
  CHECK_HOST_SIZE_LEGACY_GUEST,
  CHECK_HOST_SIZE_LEGACY_HOST,
  CHECK_HOST_SIZE_LONG_HOST,
  CHECK_HOST_SIZE32_GUEST,
  CHECK_HOST_SIZE32_PCIDE,
  CHECK_HOST_SIZE32_RIP,
  CHECK_HOST_SIZE64_PAE,
  CHECK_HOST_SIZE64_RIP,
  CHECK_HOST_SS_NULL,
  CHECK_HOST_SYSENTER_EIP,
  CHECK_HOST_SYSENTER_ESP,
  CHECK_HOST_TR_BASE,
  CHECK_HOST_TR_NULL,
  EXITING_LOAD_IA32_EFER,
  EXITING_LOAD_IA32_PAT,
  V_HOST_CR0,
  V_HOST_CR3,
  V_HOST_CR4,
  V_HOST_CS_SELECTOR,
  V_HOST_ES_SELECTOR,
  V_HOST_FS_BASE,
  V_HOST_GDTR_BASE,
  V_HOST_GS_BASE,
  V_HOST_IA32_EFER,
  V_HOST_IA32_PAT,
  V_HOST_IA32_SYSENTER_EIP,
  V_HOST_IA32_SYSENTER_ESP,
  V_HOST_IDTR_BASE,
  V_HOST_RIP,
  V_HOST_SS_SELECTOR,
  V_HOST_TR_BASE,
  V_HOST_TR_SELECTOR,
} from "../generated/vmx";
import { isCanonicalBase } from "../paging/walk";
import { isCr0Fixed, isCr4Fixed } from "./check-registers";
import { exitControls, isHost64, isIa32eGuest, isPhysical, readControlWords } from "./check-words";
import { vmcsRead } from "./vmcs";

/** RPL and TI. */
const SELECTOR_LOW: u32 = 7;
const SELECTORS: u32 = 7;

/**
 * Checks the host-state area of the current VMCS; 0 when all hold. `known`: they did, and neither
 * they nor the controls have been written since; the mode of the processor may have changed.
 */
export function checkHost(known: bool): u32 {
  readControlWords();
  if (known) return checkAddressSpaceSize();
  let failed = checkHostRegisters();
  if (failed != 0) return failed;
  failed = checkHostSegments();
  return failed != 0 ? failed : checkAddressSpaceSize();
}

/** Control registers and MSRs. */
function checkHostRegisters(): u32 {
  if (!isCr0Fixed(vmcsRead<u64>(V_HOST_CR0), false)) return CHECK_HOST_CR0_FIXED;
  if (!isCr4Fixed(vmcsRead<u64>(V_HOST_CR4))) return CHECK_HOST_CR4_FIXED;
  if (!isPhysical(vmcsRead<u64>(V_HOST_CR3), 0)) return CHECK_HOST_CR3_PA;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_IA32_SYSENTER_ESP))) return CHECK_HOST_SYSENTER_ESP;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_IA32_SYSENTER_EIP))) return CHECK_HOST_SYSENTER_EIP;
  if ((exitControls & EXITING_LOAD_IA32_PAT) != 0) {
    if (!isPatValid(vmcsRead<u64>(V_HOST_IA32_PAT))) return CHECK_HOST_PAT;
  }
  if ((exitControls & EXITING_LOAD_IA32_EFER) != 0) {
    const efer = vmcsRead<u64>(V_HOST_IA32_EFER);
    if ((efer & ~eferPermitted()) != 0) return CHECK_HOST_EFER_RESERVED;
    if (((efer & EFER_LMA) != 0) != isHost64()) return CHECK_HOST_EFER_LMA;
    if (((efer & EFER_LME) != 0) != isHost64()) return CHECK_HOST_EFER_LME;
  }
  return 0;
}

/** Segment and descriptor-table registers. */
function checkHostSegments(): u32 {
  // Fields and checks both have the order ES, CS, SS, DS, FS, GS, TR.
  for (let i: u32 = 0; i < SELECTORS; i++) {
    const selector = vmcsRead<u16>(V_HOST_ES_SELECTOR + (i << 3)) as u32;
    if ((selector & SELECTOR_LOW) != 0) return CHECK_HOST_SEL_ES + i;
  }
  if (vmcsRead<u16>(V_HOST_CS_SELECTOR) == 0) return CHECK_HOST_CS_NULL;
  if (vmcsRead<u16>(V_HOST_TR_SELECTOR) == 0) return CHECK_HOST_TR_NULL;
  if (!isHost64() && vmcsRead<u16>(V_HOST_SS_SELECTOR) == 0) return CHECK_HOST_SS_NULL;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_FS_BASE))) return CHECK_HOST_FS_BASE;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_GS_BASE))) return CHECK_HOST_GS_BASE;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_GDTR_BASE))) return CHECK_HOST_GDTR_BASE;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_IDTR_BASE))) return CHECK_HOST_IDTR_BASE;
  if (!isCanonicalBase(vmcsRead<u64>(V_HOST_TR_BASE))) return CHECK_HOST_TR_BASE;
  return 0;
}

/** Address-space size (SDM "Checks Related to Address-Space Size"). */
function checkAddressSpaceSize(): u32 {
  const long = (load<u64>(EFER) & EFER_LMA) != 0;
  const cr4 = vmcsRead<u64>(V_HOST_CR4);
  const rip = vmcsRead<u64>(V_HOST_RIP);
  if (!long) {
    if (isIa32eGuest()) return CHECK_HOST_SIZE_LEGACY_GUEST;
    if (isHost64()) return CHECK_HOST_SIZE_LEGACY_HOST;
  } else if (!isHost64()) {
    return CHECK_HOST_SIZE_LONG_HOST;
  }
  if (!isHost64()) {
    if (isIa32eGuest()) return CHECK_HOST_SIZE32_GUEST;
    if ((cr4 & CR4_PCIDE) != 0) return CHECK_HOST_SIZE32_PCIDE;
    return rip >> 32 != 0 ? CHECK_HOST_SIZE32_RIP : 0;
  }
  if ((cr4 & CR4_PAE) == 0) return CHECK_HOST_SIZE64_PAE;
  return isCanonicalBase(rip) ? 0 : CHECK_HOST_SIZE64_RIP;
}
