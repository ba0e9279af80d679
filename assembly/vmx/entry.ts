/** VM entry (SDM "VM Entries"): VMLAUNCH and VMRESUME from the checks to the start of the guest. */
import { HOOK_VM_ENTRY, HOOK_VM_ENTRY_FAILURE } from "../cpu/mode";
import { spendTicks } from "../cpu/time";
import { DONE } from "../decode/record";
import {
  INTERRUPTIBILITY,
  PENDING_DEBUG,
  SHADOW_NEW,
  TF_AT_END,
  VMCS_CHECKED,
  VMCS_PTR,
  VMX_OPERATION,
} from "../generated/state";
import {
  checkQualification,
  REASON_ENTRY_FAIL_GUEST_STATE,
  REASON_ENTRY_FAIL_MSR_LOAD,
  V_VMENTRY_MSR_LOAD_ADDR,
  V_VMENTRY_MSR_LOAD_COUNT,
} from "../generated/vmx";
import { onVmEntry, onVmEntryFailure } from "../host";
import { M_ENTRY_CHECK, M_HOOKS } from "../layout";
import { Counter, count } from "../tlb/counters";
import { checkControls, controlsKeep } from "./check-controls";
import { checkGuest } from "./check-guest";
import { checkHost } from "./check-host";
import { startGuest } from "./events";
import { failEntry } from "./exit";
import { loadControls, loadGuest, settleGuest } from "./load-guest";
import { loadMsrList, msrListCheck } from "./msr-list";
import { vmFail, vmFailInvalid } from "./outcome";
import {
  CHECKED_CONTROLS,
  CHECKED_GUEST,
  CHECKED_HOST,
  isLaunched,
  regionRevision,
  SHADOW_INDICATOR,
  setLaunched,
  VMX_NON_ROOT,
  vmcsRead,
} from "./vmcs";

const BLOCKED_BY_MOV_SS: u32 = 2;

/** Virtual time that a VM entry takes; the order of what processors take. */
const ENTRY_TICKS: i32 = 400;

// VM-instruction errors.
const ERROR_LAUNCH_NOT_CLEAR: u32 = 4;
const ERROR_RESUME_NOT_LAUNCHED: u32 = 5;
const ERROR_CONTROLS: u32 = 7;
const ERROR_HOST_STATE: u32 = 8;
const ERROR_MOV_SS: u32 = 26;

/** Notes that the entry failed check `check`, and how it ends; the guest's VMCS is as it was. */
function noteFailure(check: u32, outcome: u32, qualification: u32): void {
  store<u32>(M_ENTRY_CHECK, check);
  if ((load<u32>(M_HOOKS) & HOOK_VM_ENTRY_FAILURE) != 0) onVmEntryFailure(outcome, qualification);
}

/** VMLAUNCH (`launch`) or VMRESUME in VMX root operation at CPL 0. */
export function enterGuest(launch: bool): u32 {
  const region = load<u32>(VMCS_PTR);
  store<u32>(M_ENTRY_CHECK, 0);
  if (region == 0 || (regionRevision(region) & SHADOW_INDICATOR) != 0) return vmFailInvalid();
  if ((load<u32>(INTERRUPTIBILITY) & BLOCKED_BY_MOV_SS) != 0) return vmFail(ERROR_MOV_SS);
  if (launch && isLaunched(region)) return vmFail(ERROR_LAUNCH_NOT_CLEAR);
  if (!launch && !isLaunched(region)) return vmFail(ERROR_RESUME_NOT_LAUNCHED);
  const checked = load<u32>(VMCS_CHECKED);
  let failed = checkControls((checked & CHECKED_CONTROLS) != 0);
  if (failed != 0) {
    noteFailure(failed, ERROR_CONTROLS, 0);
    return vmFail(ERROR_CONTROLS);
  }
  failed = checkHost((checked & CHECKED_HOST) != 0);
  if (failed != 0) {
    noteFailure(failed, ERROR_HOST_STATE, 0);
    return vmFail(ERROR_HOST_STATE);
  }
  // From here on RIP is that of the guest or of the host, and no trap of this instruction remains.
  store<u32>(TF_AT_END, 1);
  store<u32>(SHADOW_NEW, 1);
  store<u32>(PENDING_DEBUG, 0);
  failed = checkGuest((checked & CHECKED_GUEST) != 0);
  if (failed != 0) {
    const qualification = checkQualification(failed);
    noteFailure(failed, REASON_ENTRY_FAIL_GUEST_STATE, qualification);
    failEntry(REASON_ENTRY_FAIL_GUEST_STATE, qualification as u64);
    return DONE;
  }
  const kept: u32 = controlsKeep() ? CHECKED_CONTROLS : 0;
  store<u32>(VMCS_CHECKED, kept | CHECKED_HOST | CHECKED_GUEST);
  store<u32>(VMX_OPERATION, VMX_NON_ROOT);
  count(Counter.VM_ENTRY);
  loadControls();
  loadGuest();
  const list = vmcsRead<u32>(V_VMENTRY_MSR_LOAD_COUNT);
  if (list != 0) {
    const bad = loadMsrList(vmcsRead<u64>(V_VMENTRY_MSR_LOAD_ADDR), list);
    if (bad != 0) {
      noteFailure(msrListCheck, REASON_ENTRY_FAIL_MSR_LOAD, bad);
      failEntry(REASON_ENTRY_FAIL_MSR_LOAD, bad as u64);
      return DONE;
    }
  }
  if (launch) setLaunched(region, true);
  spendTicks(ENTRY_TICKS);
  settleGuest();
  if ((load<u32>(M_HOOKS) & HOOK_VM_ENTRY) != 0) onVmEntry(u32(launch));
  startGuest();
  return DONE;
}
