/**
 * EPT violations of L2 (ept_page_fault): EPT12 is walked; what it does not allow goes to L1, the rest is
 * mapped in EPT02, or emulated where no memory is or writes have to be seen.
 */
import { FIELD, REASON } from "../../generated/vmx.ts";
import { emulateMmio } from "../emulate/emulator.ts";
import { emulateProtectedWrite } from "../emulate/protected-write.ts";
import { PAGE_BYTES } from "../frames.ts";
import { hvaOf } from "../memslots.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import {
  type FaultResult,
  faultInPfn,
  hasOtherLog,
  isStale,
  PFERR,
  pageFault,
  RET_PF,
} from "../tdp/fault.ts";
import { isMmio, mmioGeneration } from "../tdp/spte.ts";
import type { Vcpu } from "../vcpu.ts";
import type { Vm } from "../vm.ts";
import { EPT, markEpt12, type Walk12, walkEpt12 } from "./ept12.ts";
import { logWrite } from "./pml.ts";
import { ept12, hasEpt12, siblingRoots } from "./roots.ts";
import { fetch } from "./shadow-fetch.ts";
import type { ShadowPage } from "./shadow-page.ts";
import { invalidateAddress, makePagesAvailable } from "./shadow-sync.ts";
import type { Nested } from "./state.ts";

const QUALIFICATION = { read: 1, write: 2, fetch: 4, unblockedNmi: 1 << 12 } as const;
const GLA_BITS = 0x180;
const BLOCKED_BY_NMI = 8;
const VALID = 0x80000000;

/** A violation or misconfiguration of the tables that L2 runs on. */
export function* handleL2EptFault(vcpu: Vcpu, nested: Nested): Task {
  const { hw } = vcpu;
  const isViolation = vcpu.exitReason === REASON.ept_violation;
  const qualification = isViolation ? hw.read(FIELD.exit_qualification) : 0;
  const gpa = hw.readAddress(FIELD.guest_physical_address);
  vcpu.vm.trace?.pageFault(vcpu.index, vcpu.rip, gpa, qualification & 7);
  if (!isViolation && isCurrentMmio(vcpu, nested, gpa)) {
    emulate(vcpu);
    return;
  }
  // What an MMIO entry that is no longer valid was meant for is not known: a read finds out.
  const access = isViolation ? qualification & 7 : QUALIFICATION.read;
  const result = hasEpt12(nested)
    ? yield* shadowFault(vcpu, nested, gpa, access, qualification)
    : yield* pageFault(vcpu, gpa, errorOf(qualification));
  if (nested.pendingExit !== undefined) return;
  if ((qualification & QUALIFICATION.unblockedNmi) !== 0) {
    const interrupted = (hw.read(FIELD.idt_vectoring_info) & VALID) !== 0;
    if (!interrupted) hw.change(FIELD.guest_interruptibility, BLOCKED_BY_NMI);
  }
  if (result === RET_PF.emulate) emulate(vcpu);
  if (result === RET_PF.writeProtected) {
    const l1Gpa = hasEpt12(nested) ? walkEpt12(vcpu.vm, ept12(nested), gpa).gpa : gpa;
    const isTable = (qualification & GLA_BITS) === 0x80;
    yield* emulateProtectedWrite(vcpu, { gpa, l1Gpa, isTable, isDirect: !hasEpt12(nested) });
  }
}

function emulate(vcpu: Vcpu): void {
  vcpu.userspace.syncClock();
  emulateMmio(vcpu);
}

function errorOf(qualification: number): number {
  let error = 0;
  if ((qualification & QUALIFICATION.read) !== 0) error |= PFERR.user;
  if ((qualification & QUALIFICATION.write) !== 0) error |= PFERR.write;
  if ((qualification & QUALIFICATION.fetch) !== 0) error |= PFERR.fetch;
  if ((qualification & 0x38) !== 0) error |= PFERR.present;
  return error;
}

/** True for an MMIO entry of the present generation, whose access is to be emulated. */
function isCurrentMmio(vcpu: Vcpu, nested: Nested, gpa: number): boolean {
  const { vm } = vcpu;
  const gfn = Math.floor(gpa / PAGE_BYTES);
  if (vcpu.root === undefined) return false;
  const { lo, hi } = hasEpt12(nested)
    ? vm.shadow.walk(vcpu.root as ShadowPage, gfn)
    : vm.tdp.walk(vcpu.root, gfn);
  if (!isMmio(lo)) return false;
  return vm.policy.skips("NoMmioGeneration") || mmioGeneration(lo, hi) === vm.generation;
}

/** Queues the exit that reflects a fault of EPT12 (nested_ept_inject_page_fault). */
export function reflectEptFault(
  vcpu: Vcpu,
  nested: Nested,
  walk: Walk12,
  gpa: number,
  access: number,
  glaBits: number,
): void {
  const bad = walk.outcome === "bad";
  const rights = walk.outcome === "absent" ? 0 : walk.access;
  nested.pendingExit = {
    reason: bad ? REASON.ept_misconfiguration : REASON.ept_violation,
    qualification: bad ? 0n : BigInt(access | (rights << 3) | glaBits),
    gpa,
  };
  vcpu.makeRequest(REQ.event);
}

function isAllowed(walk: Walk12, access: number): boolean {
  return walk.outcome === "leaf" && (access & ~walk.access) === 0;
}

/** A table whose page is shared in the host gets one of its own, so that flags can be set in it. */
function* unshareTables(vm: Vm, walk: Walk12): Task<boolean> {
  for (const gfn of walk.tables) {
    const slot = vm.slotOf(gfn);
    if (slot === undefined || slot.readOnly || !vm.mm.needsCopy(hvaOf(slot, gfn))) continue;
    yield* vm.mm.breakSharing(hvaOf(slot, gfn));
    return true;
  }
  return false;
}

/** A violation of EPT02 at `gpa` (FNAME(page_fault)); without rights of EPT12 the exit is queued. */
export function* shadowFault(
  vcpu: Vcpu,
  nested: Nested,
  gpa: number,
  access: number,
  qualification: number,
): Task<FaultResult> {
  const { vm } = vcpu;
  const ept = ept12(nested);
  const write = (access & QUALIFICATION.write) !== 0;
  const walk = walkEpt12(vm, ept, gpa);
  if (!isAllowed(walk, access)) {
    reflectEptFault(vcpu, nested, walk, gpa, access, qualification & (GLA_BITS | (1 << 12)));
    return RET_PF.retry;
  }
  if (ept.accessedDirty) {
    if (yield* unshareTables(vm, walk)) return RET_PF.retry;
    if (!logWrite(nested, walk, gpa, write, qualification)) return RET_PF.retry;
    markEpt12(vm, walk, gpa, write);
  }
  const gfn = Math.floor(walk.gpa / PAGE_BYTES);
  const error = errorOf(qualification);
  if (write && (error & PFERR.present) !== 0 && vm.shadow.isWriteTracked(gfn)) {
    return RET_PF.writeProtected;
  }
  const fault = { gpa: walk.gpa, gfn, error, write, mapsMmio: () => RET_PF.continue };
  const found = yield* faultInPfn(vcpu, fault);
  if (typeof found === "number" && found !== RET_PF.continue) return found;
  const page = typeof found === "number" ? undefined : found;
  yield "ept_page_fault: lock";
  yield* vm.mmuLock.lockWrite();
  try {
    vm.hw.at("ept_page_fault");
    const { root } = vcpu;
    if (root === undefined || isStale(vcpu, root, page?.seq, gfn)) return RET_PF.retry;
    if (page !== undefined && hasOtherLog(vcpu, page)) return RET_PF.retry;
    yield* makePagesAvailable(vm);
    return yield* fetch(vcpu, root as ShadowPage, { gpa, gfn, write, walk, found: page });
  } finally {
    vm.mmuLock.unlockWrite();
    if (page !== undefined) vm.frames.put(page.pfn);
  }
}

/**
 * A fault that goes to L1 drops what is cached for its address, as the processor's would have done for
 * all tables of the EP4TA (kvm_inject_emulated_page_fault, nested_ept_invalidate_addr).
 */
export function* invalidateFault(vcpu: Vcpu, nested: Nested, gpa: number): Task {
  if (!hasEpt12(nested)) return;
  const { policy } = vcpu.vm;
  const roots = policy.skips("NoInvalidateOnInject") ? [] : siblingRoots(nested);
  const current = nested.shadowRoot?.page;
  if (current !== undefined && !policy.skips("NoSyncOnInject")) roots.push(current);
  yield* invalidateAddress(vcpu, roots, gpa);
}

/**
 * L1 guest-physical address of L2's `gpa` for an access that L0 makes for L2; undefined with the exit to
 * L1 queued.
 */
export function translateForL2(
  vcpu: Vcpu,
  nested: Nested,
  gpa: number,
  write: boolean,
  fetch: boolean,
): number | undefined {
  if (!hasEpt12(nested)) return gpa;
  const ept = ept12(nested);
  const walk = walkEpt12(vcpu.vm, ept, gpa);
  const access = fetch ? EPT.execute : write ? EPT.read | EPT.write : EPT.read;
  if (isAllowed(walk, access)) {
    if (ept.accessedDirty) {
      if (!logWrite(nested, walk, gpa, write)) return undefined;
      markEpt12(vcpu.vm, walk, gpa, write);
    }
    return walk.gpa;
  }
  reflectEptFault(vcpu, nested, walk, gpa, fetch ? 4 : write ? 2 : 1, GLA_BITS);
  return undefined;
}
