/** Model-specific registers that the processor owns; the others are asked of the host. */
import {
  FEATURE_LM,
  FEATURE_MTRR,
  FEATURE_PAT,
  FEATURE_RDTSCP,
  FEATURE_SEP,
  FEATURE_SYSCALL,
  FEATURE_SYSCALL_LEGACY,
  FEATURE_TSC_ADJUST,
  FEATURE_VMX,
  FEATURE_XSAVES,
} from "../generated/features";
import {
  APIC_BASE,
  CSTAR,
  DEBUGCTL,
  EFER,
  FEATURE_CONTROL,
  GPR,
  K7_PMU,
  LSTAR,
  MCG_STATUS,
  MICROCODE,
  MISC_ENABLE,
  MTRR_DEF_TYPE,
  MTRR_FIXED,
  MTRR_VAR,
  PAT,
  SFMASK,
  SLOT_FS_BASE,
  SLOT_GS_BASE,
  SLOT_KERNEL_GS_BASE,
  STAR,
  SYSENTER_CS,
  SYSENTER_EIP,
  SYSENTER_ESP,
  TSC_ADJUST,
  TSC_AUX,
  TSC_OFFSET,
  XSS,
} from "../generated/state";
import { msrRead, msrWrite, tscChanged } from "../host";
import { M_RESULT_HI, M_RESULT_LO, VMX_MSRS_PRESENT } from "../layout";
import { isCanonicalBase } from "../paging/walk";
import { capability, MSR_VMX_BASIC, MSR_VMX_EXIT2 } from "../vmx/vmcs";
import { addressBitsReserved, writeEfer } from "./control-registers";
import { supportedXss } from "./cpuid";
import { hasFeature } from "./features";
import { timeStamp } from "./time";

export const MSR_TSC: u32 = 0x10;
export const MSR_APIC_BASE: u32 = 0x1b;
export const MSR_FEATURE_CONTROL: u32 = 0x3a;
export const MSR_TSC_ADJUST: u32 = 0x3b;
export const MSR_BIOS_SIGN_ID: u32 = 0x8b;
export const MSR_MTRR_CAP: u32 = 0xfe;
export const MSR_SYSENTER_CS: u32 = 0x174;
export const MSR_SYSENTER_ESP: u32 = 0x175;
export const MSR_SYSENTER_EIP: u32 = 0x176;
export const MSR_MCG_CAP: u32 = 0x179;
export const MSR_MCG_STATUS: u32 = 0x17a;
export const MSR_MISC_ENABLE: u32 = 0x1a0;
export const MSR_DEBUGCTL: u32 = 0x1d9;
export const MSR_MTRR_VAR: u32 = 0x200;
export const MSR_PAT: u32 = 0x277;
export const MSR_MTRR_DEF_TYPE: u32 = 0x2ff;
export const MSR_XSS: u32 = 0xda0;
export const MSR_EFER: u32 = 0xc0000080;
export const MSR_STAR: u32 = 0xc0000081;
export const MSR_LSTAR: u32 = 0xc0000082;
export const MSR_CSTAR: u32 = 0xc0000083;
export const MSR_FMASK: u32 = 0xc0000084;
export const MSR_FS_BASE: u32 = 0xc0000100;
export const MSR_GS_BASE: u32 = 0xc0000101;
export const MSR_KERNEL_GS_BASE: u32 = 0xc0000102;
export const MSR_K7_PMU: u32 = 0xc0010000;
export const MSR_TSC_AUX: u32 = 0xc0000103;

/** Eight variable ranges, fixed ranges, write-combining. */
const MTRR_CAP: u64 = 0x508;
const MTRR_VARIABLE_MSRS: u32 = 16;
/** Bits of IA32_MISC_ENABLE that software may write. */
const MISC_ENABLE_WRITABLE: u64 = 0x0000000400c51889;
/** LBR and BTF. */
export const DEBUGCTL_DEFINED: u64 = 3;

/** Value that `readMsr` found. */
export let msrValue: u64 = 0;

/** State cell of fixed-range MTRR `index`, or 0. */
function fixedMtrr(index: u32): u32 {
  if (index == 0x250) return MTRR_FIXED;
  if (index == 0x258 || index == 0x259) return MTRR_FIXED + 8 + ((index - 0x258) << 3);
  if (index >= 0x268 && index <= 0x26f) return MTRR_FIXED + 24 + ((index - 0x268) << 3);
  return 0;
}

/** State cell of an MSR that is plain storage, or 0 when it is not one or not there. */
function plainCell(index: u32): u32 {
  switch (index) {
    case MSR_SYSENTER_CS:
      return hasFeature(FEATURE_SEP) ? SYSENTER_CS : 0;
    case MSR_SYSENTER_ESP:
      return hasFeature(FEATURE_SEP) ? SYSENTER_ESP : 0;
    case MSR_SYSENTER_EIP:
      return hasFeature(FEATURE_SEP) ? SYSENTER_EIP : 0;
    case MSR_STAR:
      return hasFeature(FEATURE_SYSCALL) ? STAR : 0;
    case MSR_LSTAR:
      return hasFeature(FEATURE_LM) ? LSTAR : 0;
    case MSR_CSTAR:
      return hasFeature(FEATURE_LM) ? CSTAR : 0;
    case MSR_FMASK:
      return hasFeature(FEATURE_SYSCALL) ? SFMASK : 0;
    case MSR_FS_BASE:
      return hasFeature(FEATURE_LM) ? GPR + SLOT_FS_BASE : 0;
    case MSR_GS_BASE:
      return hasFeature(FEATURE_LM) ? GPR + SLOT_GS_BASE : 0;
    case MSR_KERNEL_GS_BASE:
      return hasFeature(FEATURE_LM) ? GPR + SLOT_KERNEL_GS_BASE : 0;
    case MSR_TSC_AUX:
      return hasFeature(FEATURE_RDTSCP) ? TSC_AUX : 0;
    case MSR_PAT:
      return hasFeature(FEATURE_PAT) ? PAT : 0;
    case MSR_MISC_ENABLE:
      return MISC_ENABLE;
    case MSR_DEBUGCTL:
      return DEBUGCTL;
    case MSR_BIOS_SIGN_ID:
      return MICROCODE;
    case MSR_MCG_STATUS:
      return MCG_STATUS;
    case MSR_TSC_ADJUST:
      return hasFeature(FEATURE_TSC_ADJUST) ? TSC_ADJUST : 0;
    case MSR_XSS:
      return hasFeature(FEATURE_XSAVES) ? XSS : 0;
    case MSR_FEATURE_CONTROL:
      return hasFeature(FEATURE_VMX) ? FEATURE_CONTROL : 0;
    case MSR_MTRR_DEF_TYPE:
      return hasFeature(FEATURE_MTRR) ? MTRR_DEF_TYPE : 0;
    default:
      break;
  }
  if (index >= MSR_K7_PMU && index < MSR_K7_PMU + 8) {
    return hasFeature(FEATURE_SYSCALL_LEGACY) ? K7_PMU + ((index - MSR_K7_PMU) << 3) : 0;
  }
  if (!hasFeature(FEATURE_MTRR)) return 0;
  if (index >= MSR_MTRR_VAR && index < MSR_MTRR_VAR + MTRR_VARIABLE_MSRS) {
    return MTRR_VAR + ((index - MSR_MTRR_VAR) << 3);
  }
  return fixedMtrr(index);
}

/** True for the numbers of VMX capability MSRs. @inline */
function isVmxCapability(index: u32): bool {
  return index - MSR_VMX_BASIC <= MSR_VMX_EXIT2 - MSR_VMX_BASIC;
}

/** True when the CPU model has capability MSR `index`. */
function hasVmxCapability(index: u32): bool {
  return (
    hasFeature(FEATURE_VMX) && (load<u32>(VMX_MSRS_PRESENT) & (1 << (index - MSR_VMX_BASIC))) != 0
  );
}

/** Reads an MSR into `msrValue`; false means #GP(0). */
export function readMsr(index: u32): bool {
  switch (index) {
    case MSR_TSC:
      msrValue = timeStamp();
      return true;
    case MSR_EFER:
      msrValue = load<u64>(EFER);
      return true;
    case MSR_APIC_BASE:
      msrValue = load<u64>(APIC_BASE);
      return true;
    case MSR_MTRR_CAP:
      msrValue = MTRR_CAP;
      return hasFeature(FEATURE_MTRR);
    case MSR_MCG_CAP:
      msrValue = 0;
      return true;
    default:
      break;
  }
  if (isVmxCapability(index)) {
    msrValue = capability(index);
    return hasVmxCapability(index);
  }
  const cell = plainCell(index);
  if (cell != 0) {
    msrValue = load<u64>(cell);
    return true;
  }
  if (msrRead(index) == 0) return false;
  msrValue = (load<u32>(M_RESULT_LO) as u64) | ((load<u32>(M_RESULT_HI) as u64) << 32);
  return true;
}

/** True when every byte of `value` is a memory type that PAT may hold. */
export function isPatValid(value: u64): bool {
  for (let i: u64 = 0; i < 64; i += 8) {
    const type = (value >> i) & 0xff;
    if (type > 7 || type == 2 || type == 3) return false;
  }
  return true;
}

/** True for the memory types that an MTRR may hold. */
function isMtrrType(type: u64): bool {
  return type == 0 || type == 1 || (type >= 4 && type <= 6);
}

function isFixedMtrrValid(value: u64): bool {
  for (let i: u64 = 0; i < 64; i += 8) {
    if (!isMtrrType((value >> i) & 0xff)) return false;
  }
  return true;
}

/** True when `value` may be written to the plain MSR `index`. */
function isWritable(index: u32, value: u64): bool {
  switch (index) {
    case MSR_SYSENTER_ESP:
    case MSR_SYSENTER_EIP:
    case MSR_LSTAR:
    case MSR_CSTAR:
    case MSR_FS_BASE:
    case MSR_GS_BASE:
    case MSR_KERNEL_GS_BASE:
      return isCanonicalBase(value);
    case MSR_TSC_AUX:
    case MSR_FMASK:
      return value >> 32 == 0;
    case MSR_PAT:
      return isPatValid(value);
    case MSR_MISC_ENABLE:
      return (value & ~MISC_ENABLE_WRITABLE) == 0;
    case MSR_DEBUGCTL:
      return (value & ~DEBUGCTL_DEFINED) == 0;
    case MSR_MCG_STATUS:
      return value == 0;
    case MSR_XSS:
      return (value & ~supportedXss()) == 0;
    case MSR_FEATURE_CONTROL:
      return (load<u64>(FEATURE_CONTROL) & 1) == 0 && (value & ~0x7) == 0;
    case MSR_MTRR_DEF_TYPE:
      return (value & ~0xcff) == 0 && isMtrrType(value & 0xff);
    default:
      break;
  }
  if (fixedMtrr(index) != 0) return isFixedMtrrValid(value);
  if (index >= MSR_MTRR_VAR && index < MSR_MTRR_VAR + MTRR_VARIABLE_MSRS) {
    if ((value & addressBitsReserved()) != 0) return false;
    // Masks have a valid bit, bases a type.
    if ((index & 1) != 0) return (value & 0x7ff) == 0;
    return (value & 0xf00) == 0 && isMtrrType(value & 0xff);
  }
  return true;
}

/** Writes an MSR; false means #GP(0). */
export function writeMsr(index: u32, value: u64): bool {
  switch (index) {
    case MSR_TSC: {
      const change = value - timeStamp();
      store<u64>(TSC_OFFSET, load<u64>(TSC_OFFSET) + change);
      store<u64>(TSC_ADJUST, load<u64>(TSC_ADJUST) + change);
      tscChanged();
      return true;
    }
    case MSR_TSC_ADJUST: {
      if (!hasFeature(FEATURE_TSC_ADJUST)) return false;
      const change = value - load<u64>(TSC_ADJUST);
      store<u64>(TSC_ADJUST, value);
      store<u64>(TSC_OFFSET, load<u64>(TSC_OFFSET) + change);
      tscChanged();
      return true;
    }
    case MSR_EFER:
      return writeEfer(value);
    case MSR_MTRR_CAP:
    case MSR_MCG_CAP:
      return false;
    case MSR_APIC_BASE:
      if (msrWrite(index, value as u32, (value >> 32) as u32) == 0) return false;
      store<u64>(APIC_BASE, value);
      return true;
    default:
      break;
  }
  if (isVmxCapability(index)) return false;
  const cell = plainCell(index);
  if (cell == 0) return msrWrite(index, value as u32, (value >> 32) as u32) != 0;
  if (!isWritable(index, value)) return false;
  // The microcode revision is latched by CPUID, not set by software.
  if (index != MSR_BIOS_SIGN_ID) store<u64>(cell, value);
  return true;
}
