/**
 * VM-entry checks on control fields (SDM "Checks on VMX Controls"). A check has the number of its row
 * in src/tables/vmx/entry-checks.ts; the first that fails, in the order of the rows, is returned.
 */

import { addressBitsReserved } from "../cpu/control-registers";
import {
  CHECK_CTL_APICACCESS_ADDR,
  CHECK_CTL_CR3TARGET_COUNT,
  CHECK_CTL_IOBITMAP_A,
  CHECK_CTL_IOBITMAP_B,
  CHECK_CTL_IPIV_LAST,
  CHECK_CTL_IPIV_TABLE,
  CHECK_CTL_MBEC_EPT,
  CHECK_CTL_MSRBITMAP,
  CHECK_CTL_NMI_VIRTUAL,
  CHECK_CTL_NMI_WINDOW,
  CHECK_CTL_PIN_RESERVED,
  CHECK_CTL_PML_ADDR,
  CHECK_CTL_PML_EPT,
  CHECK_CTL_POSTED_ACK,
  CHECK_CTL_POSTED_ADDR,
  CHECK_CTL_POSTED_VECTOR,
  CHECK_CTL_POSTED_VID,
  CHECK_CTL_PROC_RESERVED,
  CHECK_CTL_PROC2_RESERVED,
  CHECK_CTL_PROC3_RESERVED,
  CHECK_CTL_SHADOW_VMREAD,
  CHECK_CTL_SHADOW_VMWRITE,
  CHECK_CTL_SPP_ADDR,
  CHECK_CTL_SPP_EPT,
  CHECK_CTL_TPR_REQUIRED_IPIV,
  CHECK_CTL_TPR_REQUIRED_REGVIRT,
  CHECK_CTL_TPR_REQUIRED_VID,
  CHECK_CTL_TPR_REQUIRED_X2APIC,
  CHECK_CTL_TPR_THRESHOLD_RESERVED,
  CHECK_CTL_TPR_THRESHOLD_VTPR,
  CHECK_CTL_TPR_VAPIC_ADDR,
  CHECK_CTL_TSCMUL_ZERO,
  CHECK_CTL_URG_EPT,
  CHECK_CTL_VE_ADDR,
  CHECK_CTL_VID_EXTINT,
  CHECK_CTL_VMFUNC_EPTPSW_ADDR,
  CHECK_CTL_VMFUNC_EPTPSW_EPT,
  CHECK_CTL_VMFUNC_RESERVED,
  CHECK_CTL_VPID_ZERO,
  CHECK_CTL_X2APIC_EXCLUSIVE,
  EXITING_ACKNOWLEDGE_INTERRUPT_ON_EXIT,
  PIN_EXTERNAL_INTERRUPT_EXITING,
  PIN_NMI_EXITING,
  PIN_PROCESS_POSTED_INTERRUPTS,
  PIN_VIRTUAL_NMIS,
  PRIMARY_NMI_WINDOW_EXITING,
  PRIMARY_USE_IO_BITMAPS,
  PRIMARY_USE_MSR_BITMAPS,
  PRIMARY_USE_TPR_SHADOW,
  SECONDARY_APIC_REGISTER_VIRTUALIZATION,
  SECONDARY_ENABLE_PML,
  SECONDARY_ENABLE_VM_FUNCTIONS,
  SECONDARY_ENABLE_VPID,
  SECONDARY_EPT_VIOLATION_VE,
  SECONDARY_MODE_BASED_EXECUTE_EPT,
  SECONDARY_SUBPAGE_WRITE_PERMISSIONS,
  SECONDARY_UNRESTRICTED_GUEST,
  SECONDARY_USE_TSC_SCALING,
  SECONDARY_VIRTUAL_INTERRUPT_DELIVERY,
  SECONDARY_VIRTUALIZE_APIC_ACCESSES,
  SECONDARY_VIRTUALIZE_X2APIC_MODE,
  SECONDARY_VMCS_SHADOWING,
  TERTIARY_IPI_VIRTUALIZATION,
  V_APIC_ACCESS_ADDR,
  V_CR3_TARGET_COUNT,
  V_EPTP,
  V_EPTP_LIST_ADDR,
  V_IO_BITMAP_A,
  V_IO_BITMAP_B,
  V_LAST_PID_POINTER_INDEX,
  V_MSR_BITMAP,
  V_PID_POINTER_TABLE_ADDR,
  V_PML_ADDRESS,
  V_POSTED_INTR_DESC_ADDR,
  V_POSTED_INTR_NOTIFICATION_VECTOR,
  V_SPPT_POINTER,
  V_TPR_THRESHOLD,
  V_TSC_MULTIPLIER,
  V_VE_INFO_ADDR,
  V_VIRTUAL_APIC_ADDR,
  V_VM_FUNCTION_CONTROLS,
  V_VMREAD_BITMAP_ADDR,
  V_VMWRITE_BITMAP_ADDR,
  V_VPID,
} from "../generated/vmx";
import { physicalRead32 } from "../memory/physical";
import { checkEntryControls, checkExitControls, checkInjectedEvent } from "./check-transitions";
import {
  exitControls,
  isEpt,
  isPhysical,
  isWordValid,
  pinControls,
  primaryControls,
  readControlWords,
  secondaryControls,
  tertiaryControls,
} from "./check-words";
import { checkEptp } from "./eptp";
import {
  capability,
  MSR_VMX_MISC,
  MSR_VMX_SECONDARY,
  MSR_VMX_TERTIARY,
  MSR_VMX_TRUE_PIN,
  MSR_VMX_TRUE_PRIMARY,
  MSR_VMX_VMFUNC,
  vmcsRead,
} from "./vmcs";

const PAGE: u64 = 0xfff;
const VTPR: u64 = 0x80;
const FUNCTION_EPTP_SWITCHING: u64 = 1;

/**
 * Checks the control fields of the current VMCS; 0 when all hold. `known`: they did, and none but
 * those of the event to inject has been written since.
 */
export function checkControls(known: bool): u32 {
  readControlWords();
  if (known) return checkInjectedEvent();
  let failed = checkExecutionControls();
  if (failed != 0) return failed;
  failed = checkExitControls();
  if (failed != 0) return failed;
  return checkEntryControls();
}

/** True when the control fields that `checkControls` has passed hold until one is written. */
export function controlsKeep(): bool {
  // The TPR threshold is compared with a byte in memory.
  return (
    (primaryControls & PRIMARY_USE_TPR_SHADOW) == 0 ||
    hasSecondary(SECONDARY_VIRTUAL_INTERRUPT_DELIVERY | SECONDARY_VIRTUALIZE_APIC_ACCESSES)
  );
}

/** VM-execution controls. */
function checkExecutionControls(): u32 {
  let failed = checkWords();
  if (failed != 0) return failed;
  failed = checkTprShadow();
  if (failed != 0) return failed;
  failed = checkInterrupts();
  if (failed != 0) return failed;
  if (secondaryControls == 0 && tertiaryControls == 0) return 0;
  failed = checkEptControls();
  return failed != 0 ? failed : checkOtherControls();
}

/** Reserved bits of the words, the CR3-target count, the bitmaps. */
function checkWords(): u32 {
  if (!isWordValid(pinControls, MSR_VMX_TRUE_PIN)) return CHECK_CTL_PIN_RESERVED;
  if (!isWordValid(primaryControls, MSR_VMX_TRUE_PRIMARY)) return CHECK_CTL_PROC_RESERVED;
  // Words that are not activated read as 0, which is always valid.
  if (!isWordValid(secondaryControls, MSR_VMX_SECONDARY)) return CHECK_CTL_PROC2_RESERVED;
  if ((tertiaryControls & ~capability(MSR_VMX_TERTIARY)) != 0) return CHECK_CTL_PROC3_RESERVED;
  const targets = ((capability(MSR_VMX_MISC) as u32) >>> 16) & 0x1ff;
  if (vmcsRead<u32>(V_CR3_TARGET_COUNT) > targets) return CHECK_CTL_CR3TARGET_COUNT;
  if ((primaryControls & PRIMARY_USE_IO_BITMAPS) != 0) {
    if (!isPhysical(vmcsRead<u64>(V_IO_BITMAP_A), PAGE)) return CHECK_CTL_IOBITMAP_A;
    if (!isPhysical(vmcsRead<u64>(V_IO_BITMAP_B), PAGE)) return CHECK_CTL_IOBITMAP_B;
  }
  if ((primaryControls & PRIMARY_USE_MSR_BITMAPS) != 0) {
    if (!isPhysical(vmcsRead<u64>(V_MSR_BITMAP), PAGE)) return CHECK_CTL_MSRBITMAP;
  }
  return 0;
}

/** @inline */
function hasSecondary(control: u32): bool {
  return (secondaryControls & control) != 0;
}

function checkTprShadow(): u32 {
  if ((primaryControls & PRIMARY_USE_TPR_SHADOW) == 0) return 0;
  const page = vmcsRead<u64>(V_VIRTUAL_APIC_ADDR);
  if (!isPhysical(page, PAGE)) return CHECK_CTL_TPR_VAPIC_ADDR;
  if (hasSecondary(SECONDARY_VIRTUAL_INTERRUPT_DELIVERY)) return 0;
  const threshold = vmcsRead<u32>(V_TPR_THRESHOLD);
  if (threshold >>> 4 != 0) return CHECK_CTL_TPR_THRESHOLD_RESERVED;
  if (!hasSecondary(SECONDARY_VIRTUALIZE_APIC_ACCESSES)) {
    const vtpr = physicalRead32(page + VTPR);
    if (threshold > ((vtpr >>> 4) & 15)) return CHECK_CTL_TPR_THRESHOLD_VTPR;
  }
  return 0;
}

/** NMIs, APIC virtualization, posted interrupts. */
function checkInterrupts(): u32 {
  if ((pinControls & PIN_VIRTUAL_NMIS) != 0) {
    if ((pinControls & PIN_NMI_EXITING) == 0) return CHECK_CTL_NMI_VIRTUAL;
  } else if ((primaryControls & PRIMARY_NMI_WINDOW_EXITING) != 0) {
    return CHECK_CTL_NMI_WINDOW;
  }
  if (hasSecondary(SECONDARY_VIRTUALIZE_APIC_ACCESSES)) {
    if (!isPhysical(vmcsRead<u64>(V_APIC_ACCESS_ADDR), PAGE)) return CHECK_CTL_APICACCESS_ADDR;
  }
  if ((primaryControls & PRIMARY_USE_TPR_SHADOW) == 0) {
    if (hasSecondary(SECONDARY_VIRTUALIZE_X2APIC_MODE)) return CHECK_CTL_TPR_REQUIRED_X2APIC;
    if (hasSecondary(SECONDARY_APIC_REGISTER_VIRTUALIZATION)) {
      return CHECK_CTL_TPR_REQUIRED_REGVIRT;
    }
    if (hasSecondary(SECONDARY_VIRTUAL_INTERRUPT_DELIVERY)) return CHECK_CTL_TPR_REQUIRED_VID;
    if ((tertiaryControls & TERTIARY_IPI_VIRTUALIZATION) != 0) return CHECK_CTL_TPR_REQUIRED_IPIV;
  }
  const exclusive = SECONDARY_VIRTUALIZE_X2APIC_MODE | SECONDARY_VIRTUALIZE_APIC_ACCESSES;
  if ((secondaryControls & exclusive) == exclusive) return CHECK_CTL_X2APIC_EXCLUSIVE;
  const delivery = hasSecondary(SECONDARY_VIRTUAL_INTERRUPT_DELIVERY);
  if (delivery && (pinControls & PIN_EXTERNAL_INTERRUPT_EXITING) == 0) return CHECK_CTL_VID_EXTINT;
  if ((pinControls & PIN_PROCESS_POSTED_INTERRUPTS) == 0) return 0;
  if (!delivery) return CHECK_CTL_POSTED_VID;
  if ((exitControls & EXITING_ACKNOWLEDGE_INTERRUPT_ON_EXIT) == 0) return CHECK_CTL_POSTED_ACK;
  if (vmcsRead<u16>(V_POSTED_INTR_NOTIFICATION_VECTOR) > 0xff) return CHECK_CTL_POSTED_VECTOR;
  if (!isPhysical(vmcsRead<u64>(V_POSTED_INTR_DESC_ADDR), 0x3f)) return CHECK_CTL_POSTED_ADDR;
  return 0;
}

/** VPID, EPT and what needs EPT. */
function checkEptControls(): u32 {
  if (hasSecondary(SECONDARY_ENABLE_VPID) && vmcsRead<u16>(V_VPID) == 0) return CHECK_CTL_VPID_ZERO;
  const ept = isEpt();
  if (ept) {
    const failed = checkEptp(vmcsRead<u64>(V_EPTP));
    if (failed != 0) return failed;
  }
  if (hasSecondary(SECONDARY_ENABLE_PML)) {
    if (!ept) return CHECK_CTL_PML_EPT;
    if (!isPhysical(vmcsRead<u64>(V_PML_ADDRESS), PAGE)) return CHECK_CTL_PML_ADDR;
  }
  if (hasSecondary(SECONDARY_UNRESTRICTED_GUEST) && !ept) return CHECK_CTL_URG_EPT;
  if (hasSecondary(SECONDARY_MODE_BASED_EXECUTE_EPT) && !ept) return CHECK_CTL_MBEC_EPT;
  if (hasSecondary(SECONDARY_SUBPAGE_WRITE_PERMISSIONS)) {
    if (!ept) return CHECK_CTL_SPP_EPT;
    if (!isPhysical(vmcsRead<u64>(V_SPPT_POINTER), PAGE)) return CHECK_CTL_SPP_ADDR;
  }
  if (!hasSecondary(SECONDARY_ENABLE_VM_FUNCTIONS)) return 0;
  const functions = vmcsRead<u64>(V_VM_FUNCTION_CONTROLS);
  if ((functions & ~capability(MSR_VMX_VMFUNC)) != 0) return CHECK_CTL_VMFUNC_RESERVED;
  if ((functions & FUNCTION_EPTP_SWITCHING) != 0) {
    if (!ept) return CHECK_CTL_VMFUNC_EPTPSW_EPT;
    if (!isPhysical(vmcsRead<u64>(V_EPTP_LIST_ADDR), PAGE)) return CHECK_CTL_VMFUNC_EPTPSW_ADDR;
  }
  return 0;
}

/** VMCS shadowing, #VE, TSC scaling, IPI virtualization. */
function checkOtherControls(): u32 {
  if (hasSecondary(SECONDARY_VMCS_SHADOWING)) {
    if (!isPhysical(vmcsRead<u64>(V_VMREAD_BITMAP_ADDR), PAGE)) return CHECK_CTL_SHADOW_VMREAD;
    if (!isPhysical(vmcsRead<u64>(V_VMWRITE_BITMAP_ADDR), PAGE)) return CHECK_CTL_SHADOW_VMWRITE;
  }
  if (hasSecondary(SECONDARY_EPT_VIOLATION_VE)) {
    if (!isPhysical(vmcsRead<u64>(V_VE_INFO_ADDR), PAGE)) return CHECK_CTL_VE_ADDR;
  }
  if (hasSecondary(SECONDARY_USE_TSC_SCALING)) {
    if (vmcsRead<u64>(V_TSC_MULTIPLIER) == 0) return CHECK_CTL_TSCMUL_ZERO;
  }
  if ((tertiaryControls & TERTIARY_IPI_VIRTUALIZATION) != 0) {
    const table = vmcsRead<u64>(V_PID_POINTER_TABLE_ADDR);
    if (!isPhysical(table, 7)) return CHECK_CTL_IPIV_TABLE;
    const last = table + ((vmcsRead<u16>(V_LAST_PID_POINTER_INDEX) as u64) << 3) + 7;
    if ((last & addressBitsReserved()) != 0) return CHECK_CTL_IPIV_LAST;
  }
  return 0;
}
