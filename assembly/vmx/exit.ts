/** VM exit (SDM "VM Exits"): recording, saving the guest, loading the host; and VMX aborts. */
import { FLAG_RF, flagsRest } from "../cpu/flags";
import { ACTIVE, SHUTDOWN } from "../cpu/interrupt";
import { HOOK_VM_ABORT, HOOK_VM_EXIT } from "../cpu/mode";
import { spendTicks } from "../cpu/time";
import {
  ACTIVITY,
  CTL_EXIT,
  EFER,
  EVENT_VMX,
  EVENTS,
  EXIT_GLA,
  EXIT_GPA,
  EXIT_INFO,
  EXIT_INTR_ERROR,
  EXIT_INTR_INFO,
  EXIT_LENGTH,
  EXIT_QUALIFICATION,
  EXIT_REASON,
  FAULT,
  FAULT_LENGTH,
  INTERRUPTIBILITY,
  PENDING_DEBUG,
  VMX_OPERATION,
} from "../generated/state";
import {
  EXITING_HOST_ADDRESS_SPACE_SIZE,
  REASON_APIC_ACCESS,
  REASON_APIC_WRITE,
  REASON_EPT_MISCONFIGURATION,
  REASON_EPT_VIOLATION,
  REASON_EXCEPTION_OR_NMI,
  REASON_EXTERNAL_INTERRUPT,
  REASON_INIT,
  REASON_INTERRUPT_WINDOW,
  REASON_MONITOR_TRAP_FLAG,
  REASON_NMI_WINDOW,
  REASON_PML_FULL,
  REASON_PREEMPTION_TIMER,
  REASON_SIPI,
  REASON_SPP_EVENT,
  REASON_TPR_BELOW_THRESHOLD,
  REASON_VIRTUALIZED_EOI,
  V_EXIT_INSTRUCTION_INFO,
  V_EXIT_INSTRUCTION_LENGTH,
  V_EXIT_INTR_ERROR_CODE,
  V_EXIT_INTR_INFO,
  V_EXIT_QUALIFICATION,
  V_EXIT_REASON,
  V_GUEST_LINEAR_ADDRESS,
  V_GUEST_PHYSICAL_ADDRESS,
  V_IDT_VECTORING_ERROR_CODE,
  V_IDT_VECTORING_INFO,
  V_VMENTRY_INTR_INFO,
  V_VMEXIT_CONTROLS,
  V_VMEXIT_MSR_LOAD_ADDR,
  V_VMEXIT_MSR_LOAD_COUNT,
  V_VMEXIT_MSR_STORE_ADDR,
  V_VMEXIT_MSR_STORE_COUNT,
} from "../generated/vmx";
import { onVmAbort, onVmExit } from "../host";
import { M_HOOKS } from "../layout";
import { Counter, count } from "../tlb/counters";
import { loadHost } from "./load-host";
import { loadMsrList, storeMsrList } from "./msr-list";
import { saveGuest, saveNonRegisters } from "./save-guest";
import { setAbort, VMX_ROOT, vmcsRead, vmcsWrite } from "./vmcs";

const ENTRY_FAILURE: u32 = 0x80000000;
const VALID: u32 = 0x80000000;
const BLOCKED_BY_MOV_SS: u32 = 2;
const LMA: u64 = 0x400;

/** Virtual time of a VM exit before guest state is saved; the order of what processors take. */
const EXIT_TICKS: i32 = 400;

// VMX aborts.
const ABORT_SAVING_MSRS: u32 = 1;
const ABORT_HOST_PDPTES: u32 = 2;
const ABORT_LOADING_MSRS: u32 = 4;
const ABORT_NOT_64_BIT_HOST: u32 = 6;

/** Stops the logical processor for good: nothing of the guest, such as its timer, may exit again. */
function abort(code: u32): void {
  setAbort(code);
  if ((load<u32>(M_HOOKS) & HOOK_VM_ABORT) != 0) onVmAbort(code);
  store<u32>(VMX_OPERATION, VMX_ROOT);
  store<u32>(PENDING_DEBUG, 0);
  store<u32>(EVENTS, load<u32>(EVENTS) & ~EVENT_VMX);
  store<u32>(ACTIVITY, SHUTDOWN);
}

/** Exits taken between instructions: RF is as it is. */
function isAtBoundary(reason: u32): bool {
  switch (reason) {
    case REASON_EXTERNAL_INTERRUPT:
    case REASON_INIT:
    case REASON_SIPI:
    case REASON_INTERRUPT_WINDOW:
    case REASON_NMI_WINDOW:
    case REASON_MONITOR_TRAP_FLAG:
    case REASON_PREEMPTION_TIMER:
    case REASON_TPR_BELOW_THRESHOLD:
    case REASON_VIRTUALIZED_EOI:
    case REASON_APIC_WRITE:
      return true;
    default:
      return false;
  }
}

/** RF as saved by an exit that is not due to the delivery of an event. */
export function rfOfExit(): u32 {
  const reason = load<u32>(EXIT_REASON);
  switch (reason) {
    case REASON_APIC_ACCESS:
    case REASON_EPT_VIOLATION:
    case REASON_EPT_MISCONFIGURATION:
    case REASON_PML_FULL:
    case REASON_SPP_EVENT:
      return FLAG_RF;
    default:
      return isAtBoundary(reason) ? flagsRest() & FLAG_RF : 0;
  }
}

/** Debug traps not yet delivered, as the VMCS shows them, where the exit keeps them; else 0. */
function pendingDebugToSave(reason: u32): u32 {
  const pending = load<u32>(PENDING_DEBUG);
  if (pending == 0) return 0;
  const trap =
    reason == REASON_MONITOR_TRAP_FLAG ||
    reason == REASON_TPR_BELOW_THRESHOLD ||
    reason == REASON_VIRTUALIZED_EOI ||
    reason == REASON_APIC_WRITE ||
    reason == REASON_INIT;
  const shadowed =
    (load<u32>(INTERRUPTIBILITY) & BLOCKED_BY_MOV_SS) != 0 && reason != REASON_EXCEPTION_OR_NMI;
  if (!trap && !shadowed) return 0;
  return (pending & 0x400f) | ((pending & 0xf) != 0 ? 0x1000 : 0);
}

/** Writes the VM-exit information fields. */
function recordExit(idtInfo: u32, idtError: u32): void {
  vmcsWrite(V_EXIT_REASON, load<u32>(EXIT_REASON) as u64);
  vmcsWrite(V_EXIT_QUALIFICATION, load<u64>(EXIT_QUALIFICATION));
  vmcsWrite(V_EXIT_INTR_INFO, load<u32>(EXIT_INTR_INFO) as u64);
  vmcsWrite(V_EXIT_INTR_ERROR_CODE, load<u32>(EXIT_INTR_ERROR) as u64);
  vmcsWrite(V_IDT_VECTORING_INFO, idtInfo as u64);
  vmcsWrite(V_IDT_VECTORING_ERROR_CODE, idtError as u64);
  const type = (idtInfo >>> 8) & 7;
  const software = (idtInfo & VALID) != 0 && type >= 4;
  vmcsWrite(V_EXIT_INSTRUCTION_LENGTH, load<u32>(software ? FAULT_LENGTH : EXIT_LENGTH) as u64);
  vmcsWrite(V_EXIT_INSTRUCTION_INFO, load<u32>(EXIT_INFO) as u64);
  vmcsWrite(V_GUEST_LINEAR_ADDRESS, load<u64>(EXIT_GLA));
  vmcsWrite(V_GUEST_PHYSICAL_ADDRESS, load<u64>(EXIT_GPA));
  vmcsWrite(V_VMENTRY_INTR_INFO, (vmcsRead<u32>(V_VMENTRY_INTR_INFO) & ~VALID) as u64);
}

/**
 * Carries out the exit noted in EXIT_*. `idtInfo` and `idtError` tell of the event that was being
 * delivered; `rf` is the RF flag to save.
 */
export function carryOutExit(idtInfo: u32, idtError: u32, rf: u32): void {
  store<u32>(FAULT, 0);
  count(Counter.VM_EXIT);
  spendTicks(EXIT_TICKS);
  const reason = load<u32>(EXIT_REASON);
  count(Counter.EXIT_REASON + (reason & 0x7f));
  recordExit(idtInfo, idtError);
  const wasLong = (load<u64>(EFER) & LMA) != 0;
  const activity = load<u32>(ACTIVITY);
  saveGuest(rf);
  saveNonRegisters(
    activity > 3 || (idtInfo & VALID) != 0 ? ACTIVE : activity,
    pendingDebugToSave(reason),
  );
  if ((load<u32>(M_HOOKS) & HOOK_VM_EXIT) != 0) onVmExit();
  const stores = vmcsRead<u32>(V_VMEXIT_MSR_STORE_COUNT);
  if (stores != 0 && !storeMsrList(vmcsRead<u64>(V_VMEXIT_MSR_STORE_ADDR), stores)) {
    abort(ABORT_SAVING_MSRS);
    return;
  }
  // A processor in IA-32e mode cannot go back to a host outside it.
  if (wasLong && (load<u32>(CTL_EXIT) & EXITING_HOST_ADDRESS_SPACE_SIZE) == 0) {
    abort(ABORT_NOT_64_BIT_HOST);
    return;
  }
  const nmi = reason == REASON_EXCEPTION_OR_NMI && (load<u32>(EXIT_INTR_INFO) & 0x700) == 0x200;
  enterHost(nmi);
}

/** Ends a VM entry that failed behind the checks of host state. */
export function failEntry(reason: u32, qualification: u64): void {
  count(Counter.VM_ENTRY_FAILURE);
  count(Counter.EXIT_REASON + reason);
  vmcsWrite(V_EXIT_REASON, (reason | ENTRY_FAILURE) as u64);
  vmcsWrite(V_EXIT_QUALIFICATION, qualification);
  store<u32>(CTL_EXIT, vmcsRead<u32>(V_VMEXIT_CONTROLS));
  enterHost(false);
}

function enterHost(nmi: bool): void {
  store<u32>(ACTIVITY, ACTIVE);
  store<u32>(PENDING_DEBUG, 0);
  store<u32>(EVENTS, load<u32>(EVENTS) & ~EVENT_VMX);
  if (!loadHost(nmi)) {
    abort(ABORT_HOST_PDPTES);
    return;
  }
  const loads = vmcsRead<u32>(V_VMEXIT_MSR_LOAD_COUNT);
  if (loads != 0 && loadMsrList(vmcsRead<u64>(V_VMEXIT_MSR_LOAD_ADDR), loads) != 0) {
    abort(ABORT_LOADING_MSRS);
  }
}
