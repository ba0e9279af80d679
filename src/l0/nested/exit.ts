/** VM exits from L2 to L1 (nested_vmx_vmexit): vmcs12 brought up to date, L1's host state loaded. */
import { ENTERING, EXITING, FIELD, PIN, REASON } from "../../generated/vmx.ts";
import { loadPdptes, readCr0 } from "../control-registers.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import { MP_STATE, type Vcpu } from "../vcpu.ts";
import { loadVmcs } from "../vcpu-load.ts";
import { CR0, CR4, EFER } from "../vmcs01.ts";
import { loadMsrs, MSR_ENTRY_BYTES, MSR_LIST_MAX, storeMsrs } from "./msr-lists.ts";
import { transitionFlush, useL1Root } from "./roots.ts";
import type { Nested } from "./state.ts";
import { stopTimer } from "./timer.ts";
import { EXIT_INFORMATION, realCr0, syncGuest, unpinPages } from "./vmcs02.ts";
import { VMCS12_BYTES } from "./vmcs12.ts";

const VALID = 0x80000000;
const HAS_ERROR = 1 << 11;
const TYPE = { nmi: 2, hard: 3, soft: 4, softException: 6 } as const;
const ENTRY_FAILURE = 0x80000000;
const BLOCKED_BY_NMI = 8;
const ACTIVITY_HLT = 1;
const ACTIVITY_WAIT_SIPI = 3;
const CODE_64 = 0xa09b;
const CODE_32 = 0xc09b;
const DATA = 0xc093;
const TSS = 0x8b;
const UNUSABLE = 0x10000;

/** What vmcs12 is told of an exit. */
export interface ExitToL1 {
  readonly reason: number;
  readonly qualification: bigint;
  /** An event that L0 found; without it the information is that of vmcs02's exit. */
  readonly event?: { readonly info: number; readonly error: number };
  /** The exit is the one that vmcs02 had: its information goes to L1 as it is. */
  readonly isHardware: boolean;
  readonly gpa?: number;
}

/** The exit that vmcs02 had, for L1. */
export function hardwareExit(vcpu: Vcpu): ExitToL1 {
  const qualification = vcpu.hw.readWide(FIELD.exit_qualification);
  return { reason: vcpu.exitReason, qualification, isHardware: true };
}

/** What was to be delivered to L2 when it exited (vmcs12_save_pending_event). */
function saveInterrupted(nested: Nested): void {
  const { vcpu, vmcs12 } = nested;
  const { exception, interrupt, nmiInjected } = vcpu.events;
  let info = 0;
  if (exception?.injected) {
    const soft = exception.vector === 3 || exception.vector === 4;
    info = VALID | exception.vector | ((soft ? TYPE.softException : TYPE.hard) << 8);
    if (soft) vmcs12.set(FIELD.exit_instruction_length, exception.length);
    if (exception.error !== undefined) {
      info |= HAS_ERROR;
      vmcs12.set(FIELD.idt_vectoring_error_code, exception.error);
    }
  } else if (nmiInjected) {
    info = VALID | 2 | (TYPE.nmi << 8);
  } else if (interrupt !== undefined) {
    info = VALID | interrupt.vector | (interrupt.soft ? TYPE.soft << 8 : 0);
    if (interrupt.soft) vmcs12.set(FIELD.exit_instruction_length, interrupt.length);
  }
  vmcs12.set(FIELD.idt_vectoring_info, info >>> 0);
}

/** vmcs12 has changed: L1 is to find it so. */
function vmcs12Changed({ shadow }: Nested): void {
  if (shadow !== undefined) shadow.isStale = true;
}

/** prepare_vmcs12 */
function tellL1(nested: Nested, exit: ExitToL1): void {
  const { vcpu, vmcs12 } = nested;
  const { hw } = vcpu;
  vmcs12.set(FIELD.exit_reason, exit.reason);
  vmcs12.setWide(FIELD.exit_qualification, exit.qualification);
  for (const field of EXIT_INFORMATION) vmcs12.set(field, exit.isHardware ? hw.read(field) : 0);
  if (exit.event !== undefined) {
    vmcs12.set(FIELD.exit_intr_info, exit.event.info >>> 0);
    vmcs12.set(FIELD.exit_intr_error_code, exit.event.error);
  }
  const gla = hw.read(FIELD.guest_linear_address);
  vmcs12.set(FIELD.guest_linear_address, gla, hw.hi);
  const gpa = hw.read(FIELD.guest_physical_address);
  vmcs12.set(FIELD.guest_physical_address, gpa, hw.hi);
  // vmcs02 may hold the address of another fault: L0's emulator finds some without an exit.
  const keeps = vcpu.vm.policy.skips("GpaBeforeVmexit");
  if (exit.gpa !== undefined && !keeps) vmcs12.setAddress(FIELD.guest_physical_address, exit.gpa);
  vmcs12.isLaunched = true;
  const entered = vmcs12.lo(FIELD.vmentry_intr_info) & ~VALID;
  vmcs12.set(FIELD.vmentry_intr_info, entered >>> 0);
  saveActivity(nested);
  saveInterrupted(nested);
}

/** HLT and wait-for-SIPI are states of the thread. */
export function saveActivity({ vcpu, vmcs12, wasHalted }: Nested): void {
  const waits = wasHalted || vcpu.mpState === MP_STATE.halted;
  const sipi = vcpu.mpState === MP_STATE.initReceived;
  const activity = waits ? ACTIVITY_HLT : sipi ? ACTIVITY_WAIT_SIPI : 0;
  vmcs12.set(FIELD.guest_activity_state, activity);
}

/** A single step that has not been delivered is pending for L2 (nested_vmx_update_pending_dbg). */
function savePendingDebug({ vcpu, vmcs12 }: Nested): void {
  const { exception } = vcpu.events;
  if (exception === undefined || exception.injected || exception.vector !== 1) return;
  const pending = vmcs12.wide(FIELD.guest_pending_debug);
  vmcs12.setWide(FIELD.guest_pending_debug, pending | (exception.payload ?? 0n));
}

/** Leaves L2 for L1. */
export function* nestedVmexit(vcpu: Vcpu, nested: Nested, exit: ExitToL1): Task {
  const { hw } = vcpu;
  hw.at("nested_vmx_vmexit");
  forgetExits(nested);
  vcpu.leaveContext();
  vcpu.vm.trace?.nestedVmexit(vcpu.index, exit.reason, vcpu.rip, exit.qualification);
  const blocking = hw.read(FIELD.guest_interruptibility) & BLOCKED_BY_NMI;
  syncGuest(nested);
  savePendingDebug(nested);
  tellL1(nested, exit);
  vmcs12Changed(nested);
  yield* unsharePages(nested);
  nested.flushShadow12();
  const stored = storeMsrs(nested);
  const left = leftBy(vcpu);
  forgetEvents(vcpu);
  yield* backToL1(vcpu, nested);
  const pin = nested.vmcs12.lo(FIELD.pin_based_controls);
  const isNmi = exit.event !== undefined && ((exit.event.info >>> 8) & 7) === TYPE.nmi;
  const keeps = (pin & PIN.virtual_nmis) !== 0;
  loadHostState(nested, isNmi || (!keeps && blocking !== 0), left);
  if (!stored) vcpu.makeRequest(REQ.tripleFault);
  vcpu.mpState = MP_STATE.runnable;
}

/** The pages that the exit writes: their copies would wait where the exit cannot begin anew. */
function* unsharePages({ vcpu: { vm }, vmcs12, hasShadow12 }: Nested): Task {
  const stores = vmcs12.lo(FIELD.vmexit_msr_store_count);
  const list = vmcs12.address(FIELD.vmexit_msr_store_addr);
  if (stores > 0) yield* vm.makeWritable(list, Math.min(stores, MSR_LIST_MAX) * MSR_ENTRY_BYTES);
  if (!hasShadow12) return;
  yield* vm.makeWritable(vmcs12.address(FIELD.vmcs_link_pointer), VMCS12_BYTES);
}

function forgetExits(nested: Nested): void {
  nested.mtfPending = false;
  nested.pendingExit = undefined;
}

/** Leaves L2 for the host state of vmcs12, which learns nothing of it (nested_vmx_vmexit, reason -1). */
export function* forceExit(vcpu: Vcpu, nested: Nested): Task {
  vcpu.hw.at("vmx_leave_nested");
  forgetExits(nested);
  vcpu.leaveContext();
  const left = leftBy(vcpu);
  forgetEvents(vcpu);
  if (vcpu.vm.policy.skips("FlagNotConsumedOnForcedLeave")) {
    nested.deferred.reloadApicAccessPage = false;
  }
  yield* backToL1(vcpu, nested);
  loadHostState(nested, false, left);
  vcpu.mpState = MP_STATE.runnable;
}

function forgetEvents({ events }: Vcpu): void {
  events.exception = undefined;
  events.interrupt = undefined;
  events.nmiInjected = false;
}

/** Switches to vmcs01 and L1's tables, and gives L1's pages back (steps 10 to 14). */
function* backToL1(vcpu: Vcpu, nested: Nested): Task {
  const { hw } = vcpu;
  // What an entry that did not happen left behind must not be injected later.
  hw.write(FIELD.vmentry_intr_info, 0);
  vcpu.guestMode = false;
  nested.runPending = false;
  nested.wasHalted = false;
  nested.immediateExit = false;
  stopTimer(nested);
  vcpu.loadedVmcs = vcpu.vmcs01;
  yield* loadVmcs(vcpu, vcpu.pcpu!, vcpu.vmcs01);
  useL1Root(nested);
  unpinPages(nested);
  if (nested.tscMoved) {
    nested.tscMoved = false;
    hw.write(FIELD.tsc_offset, vcpu.tscOffset.lo, vcpu.tscOffset.hi);
  }
  vcpu.makeRequest(nested.deferredRequests | REQ.event);
  nested.deferredRequests = 0;
  if (nested.deferred.reloadApicAccessPage || vcpu.vm.policy.skips("ReloadOnEveryExit")) {
    nested.deferred.reloadApicAccessPage = false;
    vcpu.makeRequest(REQ.apicPageReload);
  }
}

/** An entry that failed while guest state was checked or loaded: L1 gets host state and the reason. */
export function* entryFailure(
  vcpu: Vcpu,
  nested: Nested,
  reason: number,
  qualification: number,
): Task {
  const { vmcs12 } = nested;
  // A flush for a VPID that is L2's last one now would be missed by its next entry.
  if (!vcpu.vm.policy.skips("LoseFlushOnFailedEntry")) vcpu.leaveContext();
  forgetEvents(vcpu);
  yield* backToL1(vcpu, nested);
  vmcs12.set(FIELD.exit_reason, (reason | ENTRY_FAILURE) >>> 0);
  vmcs12.set(FIELD.exit_qualification, qualification);
  vmcs12Changed(nested);
  const blocked = (vcpu.hw.read(FIELD.guest_interruptibility) & BLOCKED_BY_NMI) !== 0;
  loadHostState(nested, blocked, leftBy(vcpu));
  vcpu.mpState = MP_STATE.runnable;
}

/** Back to L1 without host state: the instruction itself fails. */
export function* undoEntry(vcpu: Vcpu, nested: Nested): Task {
  vcpu.leaveContext();
  forgetEvents(vcpu);
  yield* backToL1(vcpu, nested);
  vcpu.mpState = MP_STATE.runnable;
}

/** MSRs that an exit leaves as they are where its controls do not load them. */
interface LeftByL2 {
  readonly pat: bigint;
  readonly efer: number;
}

function leftBy({ hw }: Vcpu): LeftByL2 {
  return { pat: hw.readWide(FIELD.guest_ia32_pat), efer: hw.read(FIELD.guest_ia32_efer) };
}

/** load_vmcs12_host_state; vmcs01 is current. */
function loadHostState(nested: Nested, nmisBlocked: boolean, left: LeftByL2): void {
  const { vcpu, vmcs12 } = nested;
  const { hw } = vcpu;
  hw.at("load_vmcs12_host_state");
  const exit = vmcs12.lo(FIELD.vmexit_controls);
  const host64 = (exit & EXITING.host_address_space_size) !== 0;
  const both = EFER.LMA | EFER.LME;
  const old = left.efer;
  const loadsEfer = (exit & EXITING.load_ia32_efer) !== 0;
  const own = host64 ? old | both : old & ~both;
  hw.write(FIELD.guest_ia32_efer, (loadsEfer ? vmcs12.lo(FIELD.host_ia32_efer) : own) >>> 0);
  hw.change(
    FIELD.vmentry_controls,
    host64 ? ENTERING.ia32e_mode_guest : 0,
    host64 ? 0 : ENTERING.ia32e_mode_guest,
  );
  const move = (from: number, to: number) => hw.write(to, vmcs12.lo(from), vmcs12.hi(from));
  move(FIELD.host_rsp, FIELD.guest_rsp);
  move(FIELD.host_rip, FIELD.guest_rip);
  hw.write(FIELD.guest_rflags, 2);
  hw.write(FIELD.guest_interruptibility, nmisBlocked ? BLOCKED_BY_NMI : 0);
  hw.write(FIELD.guest_pending_debug, 0);
  loadHostControlRegisters(nested, host64);
  for (const [from, to] of HOST_TO_GUEST) move(from, to);
  if ((exit & EXITING.load_ia32_pat) !== 0) move(FIELD.host_ia32_pat, FIELD.guest_ia32_pat);
  else hw.writeWide(FIELD.guest_ia32_pat, left.pat);
  loadHostSegments(nested, host64);
  hw.write(FIELD.guest_dr7, 0x400);
  hw.write(FIELD.guest_ia32_debugctl, 0);
  transitionFlush(nested, false);
  const { vmexit_msr_load_addr: address, vmexit_msr_load_count: count } = FIELD;
  if (loadMsrs(nested, address, count, false) !== 0) vcpu.makeRequest(REQ.tripleFault);
}

const HOST_TO_GUEST = [
  [FIELD.host_cr3, FIELD.guest_cr3],
  [FIELD.host_ia32_sysenter_cs, FIELD.guest_ia32_sysenter_cs],
  [FIELD.host_ia32_sysenter_esp, FIELD.guest_ia32_sysenter_esp],
  [FIELD.host_ia32_sysenter_eip, FIELD.guest_ia32_sysenter_eip],
  [FIELD.host_gdtr_base, FIELD.guest_gdtr_base],
  [FIELD.host_idtr_base, FIELD.guest_idtr_base],
  [FIELD.host_fs_base, FIELD.guest_fs_base],
  [FIELD.host_gs_base, FIELD.guest_gs_base],
  [FIELD.host_tr_base, FIELD.guest_tr_base],
  [FIELD.host_es_selector, FIELD.guest_es_selector],
  [FIELD.host_cs_selector, FIELD.guest_cs_selector],
  [FIELD.host_ss_selector, FIELD.guest_ss_selector],
  [FIELD.host_ds_selector, FIELD.guest_ds_selector],
  [FIELD.host_fs_selector, FIELD.guest_fs_selector],
  [FIELD.host_gs_selector, FIELD.guest_gs_selector],
  [FIELD.host_tr_selector, FIELD.guest_tr_selector],
] as const;

function loadHostControlRegisters(nested: Nested, host64: boolean): void {
  const { vcpu, vmcs12 } = nested;
  const { hw } = vcpu;
  // The caching bits are as they were.
  const caching = readCr0(vcpu) & BigInt(CR0.CD | CR0.NW);
  const cr0 = (vmcs12.wide(FIELD.host_cr0) & ~BigInt(CR0.CD | CR0.NW)) | caching | BigInt(CR0.ET);
  hw.writeWide(FIELD.cr0_read_shadow, cr0);
  hw.writeWide(FIELD.guest_cr0, realCr0(cr0));
  let cr4 = vmcs12.wide(FIELD.host_cr4);
  if (host64) cr4 |= BigInt(CR4.PAE);
  hw.writeWide(FIELD.cr4_read_shadow, cr4);
  hw.writeWide(FIELD.guest_cr4, cr4 | BigInt(CR4.VMXE));
  hw.write(FIELD.guest_cr3, vmcs12.lo(FIELD.host_cr3), vmcs12.hi(FIELD.host_cr3));
  if (!host64 && (cr4 & BigInt(CR4.PAE)) !== 0n && !loadPdptes(vcpu)) {
    vcpu.makeRequest(REQ.tripleFault);
  }
}

function loadHostSegments(nested: Nested, host64: boolean): void {
  const { vcpu, vmcs12 } = nested;
  const { hw } = vcpu;
  for (const name of ["es", "cs", "ss", "ds", "fs", "gs"] as const) {
    const isCode = name === "cs";
    const isNull = vmcs12.lo(FIELD[`host_${name}_selector`]) === 0;
    const code = host64 ? CODE_64 : CODE_32;
    hw.write(FIELD[`guest_${name}_ar`], isCode ? code : isNull ? UNUSABLE : DATA);
    hw.write(FIELD[`guest_${name}_limit`], 0xffffffff);
    if (name !== "fs" && name !== "gs") hw.write(FIELD[`guest_${name}_base`], 0);
  }
  hw.write(FIELD.guest_tr_ar, TSS);
  hw.write(FIELD.guest_tr_limit, 0x67);
  hw.write(FIELD.guest_ldtr_selector, 0);
  hw.write(FIELD.guest_ldtr_ar, UNUSABLE);
  hw.write(FIELD.guest_gdtr_limit, 0xffff);
  hw.write(FIELD.guest_idtr_limit, 0xffff);
}

/** L2 made a triple fault. */
export const TRIPLE_FAULT: ExitToL1 = {
  reason: REASON.triple_fault,
  qualification: 0n,
  isHardware: false,
};
