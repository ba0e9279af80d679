/** VM-entry checks on the VM-exit and VM-entry control fields (SDM "Checks on VMX Controls"). */
import { CR0_PE } from "../cpu/control-bits";
import { addressBitsReserved } from "../cpu/control-registers";
import {
  CHECK_ENTRY_MSRLOAD_ALIGN,
  CHECK_ENTRY_RESERVED,
  CHECK_EXIT_MSRLOAD_ALIGN,
  CHECK_EXIT_MSRSTORE_ALIGN,
  CHECK_EXIT_PREEMPT_SAVE,
  CHECK_EXIT_RESERVED,
  CHECK_INJ_EC_REALMODE,
  CHECK_INJ_EC_REQUIRED,
  CHECK_INJ_EC_TYPE,
  CHECK_INJ_EC_UPPER,
  CHECK_INJ_LENGTH,
  CHECK_INJ_RESERVED,
  CHECK_INJ_TYPE_RESERVED,
  CHECK_INJ_VECTOR_HWEXC,
  CHECK_INJ_VECTOR_NMI,
  CHECK_INJ_VECTOR_OTHER,
  EXITING_SAVE_PREEMPTION_TIMER,
  PIN_ACTIVATE_PREEMPTION_TIMER,
  PRIMARY_MONITOR_TRAP_FLAG,
  V_GUEST_CR0,
  V_VMENTRY_EXCEPTION_ERROR_CODE,
  V_VMENTRY_INSTRUCTION_LENGTH,
  V_VMENTRY_INTR_INFO,
  V_VMENTRY_MSR_LOAD_ADDR,
  V_VMENTRY_MSR_LOAD_COUNT,
  V_VMEXIT_MSR_LOAD_ADDR,
  V_VMEXIT_MSR_LOAD_COUNT,
  V_VMEXIT_MSR_STORE_ADDR,
  V_VMEXIT_MSR_STORE_COUNT,
} from "../generated/vmx";
import {
  entryControls,
  exitControls,
  INJECT_ERROR_CODE,
  INJECT_VALID,
  isPhysical,
  isUnrestricted,
  isWordValid,
  pinControls,
  TYPE_EXCEPTION,
  TYPE_NMI,
  TYPE_OTHER,
  TYPE_RESERVED,
  TYPE_SOFTWARE_EXCEPTION,
  TYPE_SOFTWARE_INTERRUPT,
} from "./check-words";
import {
  capability,
  MSR_VMX_BASIC,
  MSR_VMX_MISC,
  MSR_VMX_TRUE_ENTRY,
  MSR_VMX_TRUE_EXIT,
  MSR_VMX_TRUE_PRIMARY,
  vmcsRead,
} from "./vmcs";

const BASIC_ANY_ERROR_CODE: u64 = 1 << 56;
const MISC_LENGTH_0: u64 = 1 << 30;
const INJECT_UNDEFINED: u32 = 0x7ffff000;
const LENGTH_MAX: u32 = 15;
/** Exceptions with an error code: #DF, #TS, #NP, #SS, #GP, #PF, #AC. */
const ERROR_CODE_VECTORS: u32 = 0x00027d00;

/**
 * A list of `count` MSRs at `address`. Its checks follow each other in the table: alignment, address,
 * last byte; `first` is the number of the first one.
 */
function checkMsrList(count: u32, address: u64, first: u32): u32 {
  if (count == 0) return 0;
  if ((address & 15) != 0) return first;
  if (!isPhysical(address, 0)) return first + 1;
  const last = address + ((count as u64) << 4) - 1;
  return (last & addressBitsReserved()) != 0 ? first + 2 : 0;
}

/** VM-exit controls. */
export function checkExitControls(): u32 {
  if (!isWordValid(exitControls, MSR_VMX_TRUE_EXIT)) return CHECK_EXIT_RESERVED;
  if (
    (exitControls & EXITING_SAVE_PREEMPTION_TIMER) != 0 &&
    (pinControls & PIN_ACTIVATE_PREEMPTION_TIMER) == 0
  ) {
    return CHECK_EXIT_PREEMPT_SAVE;
  }
  const failed = checkMsrList(
    vmcsRead<u32>(V_VMEXIT_MSR_STORE_COUNT),
    vmcsRead<u64>(V_VMEXIT_MSR_STORE_ADDR),
    CHECK_EXIT_MSRSTORE_ALIGN,
  );
  if (failed != 0) return failed;
  return checkMsrList(
    vmcsRead<u32>(V_VMEXIT_MSR_LOAD_COUNT),
    vmcsRead<u64>(V_VMEXIT_MSR_LOAD_ADDR),
    CHECK_EXIT_MSRLOAD_ALIGN,
  );
}

/** VM-entry controls. */
export function checkEntryControls(): u32 {
  if (!isWordValid(entryControls, MSR_VMX_TRUE_ENTRY)) return CHECK_ENTRY_RESERVED;
  const failed = checkInjectedEvent();
  if (failed != 0) return failed;
  return checkMsrList(
    vmcsRead<u32>(V_VMENTRY_MSR_LOAD_COUNT),
    vmcsRead<u64>(V_VMENTRY_MSR_LOAD_ADDR),
    CHECK_ENTRY_MSRLOAD_ALIGN,
  );
}

/** The event to inject, if there is one. */
export function checkInjectedEvent(): u32 {
  const info = vmcsRead<u32>(V_VMENTRY_INTR_INFO);
  return (info & INJECT_VALID) == 0 ? 0 : checkInjection(info);
}

/** The event that `info` says to inject. */
function checkInjection(info: u32): u32 {
  const type = (info >>> 8) & 7;
  const vector = info & 0xff;
  if (type == TYPE_RESERVED) return CHECK_INJ_TYPE_RESERVED;
  if (type == TYPE_OTHER) {
    const mayBeOne = (capability(MSR_VMX_TRUE_PRIMARY) >> 32) as u32;
    if ((mayBeOne & PRIMARY_MONITOR_TRAP_FLAG) == 0) return CHECK_INJ_TYPE_RESERVED;
  }
  if (type == TYPE_NMI && vector != 2) return CHECK_INJ_VECTOR_NMI;
  if (type == TYPE_EXCEPTION && vector > 31) return CHECK_INJ_VECTOR_HWEXC;
  if (type == TYPE_OTHER && vector != 0) return CHECK_INJ_VECTOR_OTHER;
  const failed = checkErrorCode(info, type, vector);
  if (failed != 0) return failed;
  if (type >= TYPE_SOFTWARE_INTERRUPT && type <= TYPE_SOFTWARE_EXCEPTION) {
    const length = vmcsRead<u32>(V_VMENTRY_INSTRUCTION_LENGTH);
    if (length > LENGTH_MAX) return CHECK_INJ_LENGTH;
    if (length == 0 && (capability(MSR_VMX_MISC) & MISC_LENGTH_0) == 0) return CHECK_INJ_LENGTH;
  }
  return 0;
}

function checkErrorCode(info: u32, type: u32, vector: u32): u32 {
  const delivers = (info & INJECT_ERROR_CODE) != 0;
  const realMode = isUnrestricted() && (vmcsRead<u64>(V_GUEST_CR0) & CR0_PE) == 0;
  if (delivers) {
    if (type != TYPE_EXCEPTION) return CHECK_INJ_EC_TYPE;
    if (realMode) return CHECK_INJ_EC_REALMODE;
  }
  if (
    type == TYPE_EXCEPTION &&
    !realMode &&
    (capability(MSR_VMX_BASIC) & BASIC_ANY_ERROR_CODE) == 0 &&
    delivers != ((ERROR_CODE_VECTORS & (1 << vector)) != 0)
  ) {
    return CHECK_INJ_EC_REQUIRED;
  }
  if ((info & INJECT_UNDEFINED) != 0) return CHECK_INJ_RESERVED;
  if (delivers && vmcsRead<u32>(V_VMENTRY_EXCEPTION_ERROR_CODE) >>> 16 != 0) {
    return CHECK_INJ_EC_UPPER;
  }
  return 0;
}
