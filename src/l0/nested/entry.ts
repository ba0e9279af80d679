/** VMLAUNCH and VMRESUME of L1 (nested_vmx_run, nested_vmx_enter_non_root_mode). */
import { ENTERING, FIELD, PRIMARY, REASON } from "../../generated/vmx.ts";
import { loadPdptes } from "../control-registers.ts";
import { type Hardware, VMX_OUTCOME } from "../hardware.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import { InternalError } from "../userspace.ts";
import { MP_STATE, type Vcpu } from "../vcpu.ts";
import { loadVmcs } from "../vcpu-load.ts";
import { CR0, CR4 } from "../vmcs01.ts";
import { failingControl, failingGuest, failingHost } from "./checks.ts";
import { entryFailure, undoEntry } from "./exit.ts";
import { loadMsrs } from "./msr-lists.ts";
import { fail, failInvalid, permitted, VM_ERROR } from "./outcome.ts";
import { hasEpt12, transitionFlush, useL2Root } from "./roots.ts";
import type { Nested } from "./state.ts";
import { startTimer, timerNow } from "./timer.ts";
import { pinPages, prepareControls, prepareGuest, preparePages } from "./vmcs02.ts";
import type { Vmcs12 } from "./vmcs12.ts";

const BLOCKED_BY_MOV_SS = 2;
const VALID = 0x80000000;
const QUALIFICATION_PDPTE = 2;
const ACTIVITY_HLT = 1;
const ACTIVITY_WAIT_SIPI = 3;

export function* handleVmentry(vcpu: Vcpu): Task {
  const nested = permitted(vcpu);
  if (nested === undefined) return;
  const launch = vcpu.exitReason === REASON.vmlaunch;
  const { vmcs12 } = nested;
  if (!nested.hasCurrent || vmcs12.isShadow) {
    failInvalid(vcpu);
    return;
  }
  nested.shadow?.copyTo(vmcs12);
  const error = instructionError(vcpu, nested, launch);
  if (error !== 0) {
    fail(vcpu, nested, error);
    return;
  }
  nested.runPending = true;
  vcpu.vm.stats.nestedRuns++;
  yield* enterNonRoot(vcpu, nested);
}

function instructionError(vcpu: Vcpu, nested: Nested, launch: boolean): number {
  const { vmcs12 } = nested;
  const shadow = vcpu.hw.read(FIELD.guest_interruptibility);
  if ((shadow & BLOCKED_BY_MOV_SS) !== 0) return VM_ERROR.blockedByMovSs;
  if (launch && vmcs12.isLaunched) return VM_ERROR.launchNotClear;
  if (!launch && !vmcs12.isLaunched) return VM_ERROR.resumeNotLaunched;
  if (failingControl(nested) !== undefined) return VM_ERROR.controls;
  return failingHost(nested) === undefined ? 0 : VM_ERROR.host;
}

/** Registers of whoever is active that L2 keeps, or gets from vmcs12, by the entry controls. */
export interface OwnState {
  readonly debugctl: bigint;
  readonly dr7: bigint;
  readonly pat: bigint;
  readonly efer: number;
}

export function ownState(hw: Hardware): OwnState {
  return {
    debugctl: hw.readWide(FIELD.guest_ia32_debugctl),
    dr7: hw.readWide(FIELD.guest_dr7),
    pat: hw.readWide(FIELD.guest_ia32_pat),
    efer: hw.read(FIELD.guest_ia32_efer),
  };
}

/** Makes vmcs02 the current VMCS; L1's own registers are noted. */
function* switchToVmcs02(vcpu: Vcpu, nested: Nested, before: OwnState): Task {
  const { vmcs12 } = nested;
  nested.before = before;
  vcpu.vm.trace?.nestedVmenter(vcpu.index, nested.current, vmcs12.wide(FIELD.guest_rip));
  vcpu.loadedVmcs = nested.vmcs02!;
  yield* loadVmcs(vcpu, vcpu.pcpu!, nested.vmcs02!);
  vcpu.guestMode = true;
}

/**
 * L2 becomes active again as userspace has saved it. The pages that vmcs12 names may not be there yet:
 * they are looked for in front of the first entry.
 */
export function* restoreNonRoot(
  vcpu: Vcpu,
  nested: Nested,
  l2: OwnState = ownState(vcpu.hw),
): Task {
  vcpu.leaveContext();
  yield* switchToVmcs02(vcpu, nested, l2);
  prepareControls(nested);
  useL2Root(nested);
  prepareGuest(nested);
  transitionFlush(nested, true);
  vcpu.makeRequest(REQ.getNestedStatePages | REQ.event);
  setActivity(vcpu, nested);
}

/** KVM_REQ_GET_NESTED_STATE_PAGES (vmx_get_nested_state_pages): the pages, and the PDPTEs of L2. */
export function getNestedStatePages(vcpu: Vcpu, nested: Nested): void {
  vcpu.hw.at("vmx_get_nested_state_pages");
  if (usesPdptes(nested) && !loadPdptes(vcpu)) {
    throw new InternalError("emulation", `vCPU ${vcpu.index}: the PDPTEs of L2 are not valid`);
  }
  pinPages(nested);
  preparePages(nested);
}

function* enterNonRoot(vcpu: Vcpu, nested: Nested): Task {
  const { vmcs12 } = nested;
  vcpu.leaveContext();
  pinPages(nested);
  yield* switchToVmcs02(vcpu, nested, ownState(vcpu.hw));
  prepareControls(nested);
  useL2Root(nested);
  const failing = failingGuest(nested);
  if (failing !== undefined) {
    const { entry_fail_guest_state: reason } = REASON;
    yield* entryFailure(vcpu, nested, reason, failing.qualification);
    return;
  }
  prepareGuest(nested);
  transitionFlush(nested, true);
  if (usesPdptes(nested) && !loadPdptes(vcpu)) {
    const { entry_fail_guest_state: reason } = REASON;
    yield* entryFailure(vcpu, nested, reason, QUALIFICATION_PDPTE);
    return;
  }
  const { vmentry_msr_load_addr: address, vmentry_msr_load_count: count } = FIELD;
  const failed = loadMsrs(nested, address, count, true);
  if (failed !== 0) {
    yield* entryFailure(vcpu, nested, REASON.entry_fail_msr_load, failed);
    return;
  }
  vcpu.makeRequest(REQ.event);
  startTimer(nested, timerNow(nested) + vmcs12.lo(FIELD.vmx_preemption_timer_value));
  nested.cacheShadow12();
  setActivity(vcpu, nested);
}

/** PAE paging without EPT of L1's own: the PDPTEs come from memory. */
function usesPdptes(nested: Nested): boolean {
  const { vmcs12 } = nested;
  if (hasEpt12(nested)) return false;
  const long = (vmcs12.lo(FIELD.vmentry_controls) & ENTERING.ia32e_mode_guest) !== 0;
  const paging = (vmcs12.lo(FIELD.guest_cr0) & CR0.PG) !== 0;
  return !long && paging && (vmcs12.lo(FIELD.guest_cr4) & CR4.PAE) !== 0;
}

/** L0 runs L2 in the active state only: HLT and wait-for-SIPI are states of the thread. */
function setActivity(vcpu: Vcpu, { vmcs12 }: Nested): void {
  const activity = vmcs12.lo(FIELD.guest_activity_state);
  const injects = (vmcs12.lo(FIELD.vmentry_intr_info) & VALID) !== 0;
  if (activity === ACTIVITY_HLT && !injects && !opensWindow(vmcs12)) {
    vcpu.haltedWithInterrupts = (vmcs12.lo(FIELD.guest_rflags) & 0x200) !== 0;
    vcpu.mpState = MP_STATE.halted;
  } else if (activity === ACTIVITY_WAIT_SIPI) {
    vcpu.mpState = MP_STATE.initReceived;
  } else {
    return;
  }
  // L2 is in its state: what comes now may make it exit.
  vcpu.nested!.runPending = false;
}

/** A window that L1 waits for opens in HLT, too. */
function opensWindow(vmcs12: Vmcs12): boolean {
  const primary = vmcs12.lo(FIELD.primary_proc_controls);
  if ((primary & PRIMARY.nmi_window_exiting) !== 0) return true;
  const interruptible = (vmcs12.lo(FIELD.guest_rflags) & 0x200) !== 0;
  return (primary & PRIMARY.interrupt_window_exiting) !== 0 && interruptible;
}

/** The processor has refused vmcs02. */
export function* refusedEntry(vcpu: Vcpu, nested: Nested, outcome: number): Task {
  const { hw } = vcpu;
  if (outcome === VMX_OUTCOME.entryFailed) {
    const reason = hw.read(FIELD.exit_reason) & 0xffff;
    yield* entryFailure(vcpu, nested, reason, hw.read(FIELD.exit_qualification));
    return;
  }
  yield* undoEntry(vcpu, nested);
  fail(vcpu, nested, VM_ERROR.controls);
}
