/**
 * EPT violations of L2 (ept_page_fault): EPT12 is walked; what it does not allow goes to L1, the rest is
 * mapped in EPT02, or emulated where no memory is.
 */
import { FIELD, REASON } from "../../generated/vmx.ts";
import { emulateMmio } from "../emulate/emulator.ts";
import { PAGE_BYTES } from "../frames.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import {
  type FaultResult,
  type Found,
  faultInPfn,
  isStale,
  PFERR,
  pageFault,
  RET_PF,
} from "../tdp/fault.ts";
import {
  highHalf,
  isLarge,
  isPresent,
  lowHalf,
  mmioGeneration,
  mmioHigh,
  mmioLow,
  pagesAt,
  pfnOf,
  SPTE,
  SPTE_HI,
} from "../tdp/spte.ts";
import type { Vcpu } from "../vcpu.ts";
import { EPT, type Ept12, isSameWalk, markEpt12, type Walk12, walkEpt12 } from "./ept12.ts";
import { logWrite } from "./pml.ts";
import { ept12, hasEpt12 } from "./roots.ts";
import type { ShadowRoot } from "./shadow-mmu.ts";
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
  const iter = hasEpt12(nested)
    ? vm.shadow.isMmio(vcpu.root as ShadowRoot, gfn)
    : vm.tdp.walk(vcpu.root, gfn);
  if (iter === undefined || (iter.lo & SPTE.all) !== (SPTE.write | SPTE.execute)) return false;
  return mmioGeneration(iter.lo, iter.hi) === vm.generation;
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

function* shadowFault(
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
    dropCached(vcpu, nested, gpa);
    reflectEptFault(vcpu, nested, walk, gpa, access, qualification & (GLA_BITS | (1 << 12)));
    return RET_PF.retry;
  }
  const gfn = Math.floor(walk.gpa / PAGE_BYTES);
  const mapsMmio = () => {
    mapMmio(vcpu, gpa, gfn);
    return RET_PF.emulate;
  };
  const fault = { gpa: walk.gpa, gfn, error: errorOf(qualification), write, mapsMmio };
  const found = yield* faultInPfn(vcpu, fault);
  if (typeof found === "number") return found;
  yield "ept_page_fault: lock";
  yield* vm.mmuLock.lockWrite();
  const { root } = vcpu;
  const same = isSameWalk(walk, walkEpt12(vm, ept, gpa));
  const stale = root === undefined || !same || isStale(vcpu, root, found.seq, gfn);
  const logged = stale || !ept.accessedDirty || logWrite(nested, walk, gpa, write, qualification);
  if (!stale && logged) {
    if (ept.accessedDirty) markEpt12(vm, walk, gpa, write);
    mapShadow(vcpu, root as ShadowRoot, { ept, walk, gpa, gfn, write, found });
  }
  vm.mmuLock.unlockWrite();
  vm.frames.put(found.pfn);
  return stale || !logged ? RET_PF.retry : RET_PF.fixed;
}

interface Mapping {
  readonly ept: Ept12;
  readonly walk: Walk12;
  readonly gpa: number;
  readonly gfn: number;
  readonly write: boolean;
  readonly found: Found;
}

/** Rights of the tables on the way, as far down as `level`. */
function accessAt(walk: Walk12, level: number): number {
  let access: number = EPT.all;
  for (let i = 0; i <= 4 - level && i < walk.lo.length; i++) access &= walk.lo[i]!;
  return access & EPT.all;
}

function mapShadow(vcpu: Vcpu, root: ShadowRoot, mapping: Mapping): void {
  const { ept, walk, gpa, gfn, write, found } = mapping;
  const { vm } = vcpu;
  const level = Math.min(walk.level, found.level, 2);
  const span = pagesAt(level);
  const l2Gfn = Math.floor(gpa / PAGE_BYTES);
  const { iter, split } = vm.shadow.entryAt(root, l2Gfn, level, (at) => accessAt(walk, at));
  const pfn = level > 1 ? found.pfn - (found.pfn % span) : found.pfn;
  let bits: number = walk.access & EPT.all;
  if (!found.writable) bits &= ~EPT.write;
  // A clean page stays without the right, so that the first write sets the dirty flag of EPT12.
  const leaf = walk.lo.at(-1)!;
  const clean = ept.accessedDirty && (leaf & EPT.dirty) === 0 && !write;
  if (clean) bits &= ~EPT.write;
  bits |= SPTE.memoryType | SPTE.ignorePat | SPTE.accessed;
  if ((bits & EPT.write) !== 0) {
    bits |= SPTE.dirty;
    found.slot.dirty?.add(gfn);
  }
  if (level > 1) bits |= SPTE.large;
  const lo = lowHalf(pfn, bits);
  const hi = highHalf(pfn, (bits & EPT.write) !== 0 ? SPTE_HI.hostWritable : 0);
  const old = iter.lo;
  const hadTable = isPresent(old) && level > 1 && !isLarge(old);
  const lessens =
    isPresent(old) && (hadTable || pfnOf(old, iter.hi) !== pfn || (old & ~lo & EPT.all) !== 0);
  vm.shadow.install(iter, lo, hi, level > 1 ? gfn - (gfn % span) : gfn);
  if (lessens || split || vm.shadow.hasUnlinked) {
    vcpu.flushCurrent("ept_page_fault");
    vm.shadow.freeUnlinked();
  }
  vm.trace?.setSpte(l2Gfn, level, pfn, lo);
}

/** No memory behind EPT12's frame: an MMIO entry, found by a misconfiguration later. */
function mapMmio(vcpu: Vcpu, gpa: number, gfn: number): void {
  const { vm } = vcpu;
  if (vcpu.root === undefined) return;
  const l2Gfn = Math.floor(gpa / PAGE_BYTES);
  const root = vcpu.root as ShadowRoot;
  const { iter, split } = vm.shadow.entryAt(root, l2Gfn, 1, () => EPT.all);
  const { generation } = vm;
  const was = isPresent(iter.lo);
  vm.shadow.install(iter, mmioLow(gfn, generation), mmioHigh(gfn, generation), -1);
  if (was || split) vcpu.flushCurrent("ept_page_fault");
}

/** A violation drops what is cached for its address, in all roots of the same EP4TA. */
function dropCached(vcpu: Vcpu, nested: Nested, gpa: number): void {
  const { shadow } = vcpu.vm;
  const { root: ep4ta } = ept12(nested);
  const gfn = Math.floor(gpa / PAGE_BYTES);
  for (const root of [nested.shadowRoot, ...nested.previousRoots]) {
    if (root === undefined || root.ep4ta !== ep4ta) continue;
    const iter = shadow.walk(root, gfn);
    if (iter.lo === 0) continue;
    shadow.zap(iter.pfn, iter.level, iter.index);
    vcpu.hw.at("nested_ept_invalidate_addr").inveptSingle(vcpu.eptpOf(root));
  }
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
