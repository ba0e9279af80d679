/**
 * Faults in EPT01 (kvm_tdp_page_fault, direct_page_fault), in KVM's order of steps. What was looked up
 * in the primary MMU is used only if no invalidation has come between.
 */
import { PAGE_BYTES } from "../frames.ts";
import { hvaOf, type Memslot } from "../memslots.ts";
import { freeObsoleteL2Roots, isObsoleteRoot, makeL2Root } from "../nested/roots.ts";
import { ShadowPage } from "../nested/shadow-page.ts";
import { syncRoots } from "../nested/shadow-sync.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";
import { LEAF_LEVEL_MAX, type Root } from "./mmu.ts";
import {
  highHalf,
  isLarge,
  isMmio,
  isPresent,
  lowHalf,
  mmioGeneration,
  mmioHigh,
  mmioLow,
  pagesAt,
  pfnOf,
  SPTE,
  SPTE_HI,
} from "./spte.ts";

/** What becomes of a fault (RET_PF_*). */
export const RET_PF = {
  continue: 0,
  retry: 1,
  emulate: 2,
  fixed: 3,
  spurious: 4,
  invalid: 5,
  /** The frame holds a table of EPT12, and L0 has to see the write. */
  writeProtected: 6,
} as const;
export type FaultResult = (typeof RET_PF)[keyof typeof RET_PF];

/** Error code of a fault (PFERR_*). */
export const PFERR = { present: 1, write: 2, user: 4, rsvd: 8, fetch: 16 } as const;

export interface Fault {
  readonly gpa: number;
  readonly gfn: number;
  readonly error: number;
  readonly write: boolean;
  /** For faults of EPT02: what to do where no memory is. */
  readonly mapsMmio?: () => FaultResult;
}

/** A frame from the primary MMU, on which the fault holds a reference. */
export interface Found {
  readonly slot: Memslot;
  readonly pfn: number;
  readonly writable: boolean;
  readonly level: number;
  readonly seq: number;
}

/** Loads the tables of a vCPU that has none (kvm_mmu_load): root, EPTP, flush. */
export function* loadMmu(vcpu: Vcpu): Task {
  const { vm } = vcpu;
  yield* vm.mmuLock.lockWrite();
  let root: NonNullable<Vcpu["root"]>;
  try {
    root = vcpu.guestMode ? yield* makeL2Root(vcpu.nested!) : vm.tdp.getRoot(vcpu.rootRole);
    vcpu.root = root;
  } finally {
    vm.mmuLock.unlockWrite();
  }
  yield* syncRoots(vcpu);
  const late = vm.policy.skips("LoadPgdAfterFlush");
  if (!late) vcpu.writeEptp();
  // The frame may have been a root before: what is cached by its address goes (EP4TA reuse).
  const others = root.users.size > 0 && !root.users.has(vcpu.index);
  const wanted = !(others && vm.policy.skips("FlushOnlyByAllocator"));
  if (wanted && !vm.policy.skips("NoFlushOnRootAlloc")) vm.strategy.rootLoaded(vcpu, root);
  root.users.add(vcpu.index);
  if (late) vcpu.writeEptp();
}

/** Gives an obsolete root back (kvm_mmu_free_obsolete_roots). */
export function* freeObsoleteRoot(vcpu: Vcpu): Task {
  const { vm } = vcpu;
  yield* vm.mmuLock.lockWrite();
  freeObsoleteL2Roots(vcpu);
  vm.mmuLock.unlockWrite();
  const { root } = vcpu;
  if (root === undefined || root instanceof ShadowPage || !root.invalid) return;
  yield* vm.mmuLock.lockWrite();
  vcpu.root = undefined;
  vm.putRoot(root);
  vm.mmuLock.unlockWrite();
}

/** A violation of EPT01 at `gpa`. */
export function* pageFault(vcpu: Vcpu, gpa: number, error: number): Task<FaultResult> {
  const { vm } = vcpu;
  const gfn = Math.floor(gpa / PAGE_BYTES);
  const fault: Fault = { gpa, gfn, error, write: (error & PFERR.write) !== 0 };
  if (vcpu.root === undefined) return RET_PF.retry;
  const isPresent = (error & PFERR.present) !== 0;
  if (fault.write && isPresent && vm.shadow.isWriteTracked(gfn)) return RET_PF.writeProtected;
  if (fastPageFault(vcpu, vcpu.root, fault)) return RET_PF.fixed;
  const found = yield* faultInPfn(vcpu, fault);
  if (typeof found === "number") return found;
  yield "kvm_tdp_mmu_page_fault: lock";
  yield* vm.mmuLock.lockRead();
  let result: FaultResult = RET_PF.retry;
  try {
    const stale = isStale(vcpu, vcpu.root, found.seq, gfn) || hasOtherLog(vcpu, found);
    yield "kvm_tdp_mmu_page_fault: map";
    vm.hw.at("kvm_tdp_mmu_map");
    if (!stale && vcpu.root !== undefined) result = map(vcpu, vcpu.root, fault, found);
  } finally {
    vm.mmuLock.unlockRead();
    vm.frames.put(found.pfn);
  }
  if (vm.shadow.lateMarks.length > 0) {
    yield "mmu_try_to_unsync_pages: mark";
    for (const page of vm.shadow.lateMarks.splice(0)) vm.shadow.markUnsync(page);
  }
  return result;
}

/** Only rights were missing (fast_page_fault): no lock, since the frame of a present entry is valid. */
function fastPageFault(vcpu: Vcpu, root: Root, fault: Fault): boolean {
  if ((fault.error & PFERR.present) === 0 || !fault.write) return false;
  const { tdp } = vcpu.vm;
  const iter = tdp.walk(root, fault.gfn);
  if (!isPresent(iter.lo)) return false;
  if ((iter.lo & SPTE.write) !== 0) return true;
  const both = SPTE_HI.hostWritable | SPTE_HI.mmuWritable;
  if ((iter.hi & both) !== both || isLarge(iter.lo)) return false;
  vcpu.vm.slotOf(fault.gfn)?.dirty?.add(fault.gfn);
  tdp.set(iter, iter.lo | SPTE.write, iter.hi);
  vcpu.vm.strategy.permissionRaised(vcpu, root, fault.gfn);
  return true;
}

/** Steps 3 to 8: sequence number, slot, frame. A number is the end of the fault. */
export function* faultInPfn(vcpu: Vcpu, fault: Fault): Task<Found | FaultResult> {
  const { vm } = vcpu;
  const { invalidation, policy } = vm;
  const { gfn, write } = fault;
  let { seq } = invalidation;
  const slot = vm.slotOf(gfn);
  if (slot?.invalid) return RET_PF.retry;
  const noMemory = fault.mapsMmio ?? (() => mapMmio(vcpu, fault));
  if (slot === undefined) return noMemory();
  if (slot === vm.apicAccessSlot()) {
    // L2 never sees L0's page; without APICv every access is emulated, and nothing is cached for it.
    if (vcpu.guestMode && !policy.skips("MapIntoL2")) return noMemory();
    if (vm.apicvInhibits !== 0) return RET_PF.emulate;
  }
  if (write && slot.readOnly) return RET_PF.emulate;
  if (invalidation.inProgress !== 0 && invalidation.retryGfn(seq, gfn)) {
    vm.stats.faultRetries++;
    return RET_PF.retry;
  }
  yield "kvm_faultin_pfn: look up the frame";
  const hva = hvaOf(slot, gfn);
  if (write && vm.mm.needsCopy(hva)) {
    yield* vm.mm.breakSharing(hva);
    return RET_PF.retry;
  }
  const page = vm.mm.faultIn(hva, write);
  // The slot may have gone since, and its memory with it: no reader of slots is waited for.
  if (page === undefined && vm.slotOf(gfn) !== slot) return RET_PF.retry;
  if (page === undefined) {
    throw new InternalError(
      "memory",
      `vCPU ${vcpu.index}: no memory behind guest-physical 0x${fault.gpa.toString(16)} (EFAULT)`,
    );
  }
  vm.frames.get(page.pfn);
  if (policy.skips("SnapshotAfterLookup")) {
    yield "kvm_faultin_pfn: read the sequence number";
    ({ seq } = invalidation);
  }
  const level = page.pages === 512 ? hugeLevel(slot, gfn, page.pfn) : 1;
  const writable = page.writable && !slot.readOnly;
  return { slot, pfn: page.pfn, writable, level, seq };
}

/** 2 if a huge page of the primary MMU can be mapped as one (kvm_mmu_max_mapping_level). */
function hugeLevel(slot: Memslot, gfn: number, pfn: number): number {
  const span = pagesAt(LEAF_LEVEL_MAX);
  const first = Math.floor(gfn / span) * span;
  const within = first >= slot.baseGfn && first + span <= slot.baseGfn + slot.pages;
  return within && gfn % span === pfn % span && slot.dirty === undefined ? LEAF_LEVEL_MAX : 1;
}

/** is_page_fault_stale; `seq` is undefined where no memory was looked up. */
export function isStale(
  vcpu: Vcpu,
  root: Root | undefined,
  seq: number | undefined,
  gfn: number,
): boolean {
  const { vm } = vcpu;
  if (!vm.policy.skips("NoStaleRootCheck")) {
    if (root === undefined || isObsoleteRoot(vcpu, root)) return true;
    if ((vcpu.requests & REQ.mmuFreeObsoleteRoots) !== 0) return true;
  }
  const stale = seq !== undefined && vm.invalidation.retryGfn(seq, gfn);
  if (stale) vm.stats.faultRetries++;
  return stale;
}

/** The log of the slot has begun or ended since: its readers are not waited for, as SRCU does. */
export function hasOtherLog({ vm }: Vcpu, { slot }: Found): boolean {
  return vm.slotOf(slot.baseGfn)?.dirty !== slot.dirty;
}

/** kvm_tdp_mmu_map: installs the entry, at the level of the page. */
function map(vcpu: Vcpu, root: Root, fault: Fault, looked: Found): FaultResult {
  const { vm } = vcpu;
  const { tdp } = vm;
  const { gfn } = fault;
  // No large page holds a table of EPT12, whose writes have to be seen.
  const found = vm.shadow.allowsHuge(gfn) ? looked : { ...looked, level: 1 };
  const span = pagesAt(found.level);
  const pfn = found.pfn - (found.pfn % span);
  const first = found.level > 1 ? gfn - (gfn % span) : gfn;
  const known = tdp.walk(root, gfn);
  if (isPresent(known.lo) && known.level <= found.level) {
    const spurious =
      pfnOf(known.lo, known.hi) === pfn + (known.level === found.level ? 0 : gfn % span);
    if (
      spurious &&
      known.level === found.level &&
      (!fault.write || (known.lo & SPTE.write) !== 0)
    ) {
      return RET_PF.spurious;
    }
    // A finer mapping stays; its entry gets the rights that the primary MMU gives now.
    if (spurious && found.writable) {
      if (vm.shadow.mustProtect(gfn, false)) return protectedOr(RET_PF.spurious, fault);
      tdp.set(known, known.lo | SPTE.write, known.hi | SPTE_HI.hostWritable | SPTE_HI.mmuWritable);
      vm.strategy.permissionRaised(vcpu, root, gfn);
      return RET_PF.fixed;
    }
  }
  const iter = tdp.entryAt(root, gfn, found.level);
  if (iter.level < found.level) return mapSmall(vcpu, root, fault, found);
  // A present entry for another frame must have been zapped and flushed before (handle_changed_spte).
  if (isPresent(iter.lo) && pfnOf(iter.lo, iter.hi) !== (found.level > 1 ? pfn : found.pfn)) {
    throw new InternalError(
      "memory",
      `EPT01: gfn 0x${gfn.toString(16)} would change its frame without a zap`,
    );
  }
  const frame = found.level > 1 ? pfn : found.pfn;
  const isProtected = install(vcpu, iter, first, found, frame);
  return isProtected ? protectedOr(RET_PF.fixed, fault) : RET_PF.fixed;
}

function protectedOr(result: FaultResult, fault: Fault): FaultResult {
  return fault.write ? RET_PF.writeProtected : result;
}

/** Below tables that are there already, a huge page is mapped by its parts. */
function mapSmall(vcpu: Vcpu, root: Root, fault: Fault, found: Found): FaultResult {
  const iter = vcpu.vm.tdp.entryAt(root, fault.gfn, 1);
  const small = { ...found, level: 1 };
  const isProtected = install(vcpu, iter, fault.gfn, small, found.pfn);
  return isProtected ? protectedOr(RET_PF.fixed, fault) : RET_PF.fixed;
}

/** make_spte for RAM, and its installation. True when the right to write is withheld. */
function install(
  vcpu: Vcpu,
  iter: ReturnType<Vcpu["vm"]["tdp"]["walk"]>,
  gfn: number,
  found: Found,
  pfn: number,
): boolean {
  const { vm } = vcpu;
  const isProtected = found.writable && vm.shadow.mustProtect(gfn, false);
  let bits = SPTE.read | SPTE.execute | SPTE.memoryType | SPTE.ignorePat | SPTE.accessed;
  let high = 0;
  if (found.writable && !isProtected) {
    bits |= SPTE.write | SPTE.dirty;
    high = SPTE_HI.hostWritable | SPTE_HI.mmuWritable;
    found.slot.dirty?.add(gfn);
  }
  if (found.level > 1) bits |= SPTE.large;
  const lo = lowHalf(pfn, bits);
  vm.tdp.set(iter, lo, highHalf(pfn, high));
  vm.trace?.setSpte(gfn, found.level, pfn, lo);
  return isProtected;
}

/** No slot: an MMIO entry with the generation of the slots, and the access is emulated. */
function mapMmio(vcpu: Vcpu, fault: Fault): FaultResult {
  const { vm, root } = vcpu;
  if (root === undefined) return RET_PF.retry;
  const iter = vm.tdp.entryAt(root, fault.gfn, 1);
  const { generation } = vm;
  vm.tdp.set(iter, mmioLow(fault.gfn, generation), mmioHigh(fault.gfn, generation));
  return RET_PF.emulate;
}

/** A misconfiguration (handle_mmio_page_fault): emulate, or a normal fault where the entry is old. */
export function mmioFault(vcpu: Vcpu, gpa: number): FaultResult {
  const { vm, root } = vcpu;
  if (root === undefined) return RET_PF.retry;
  const iter = vm.tdp.walk(root, Math.floor(gpa / PAGE_BYTES));
  if (!isMmio(iter.lo)) return RET_PF.retry;
  if (vm.policy.skips("NoMmioGeneration")) return RET_PF.emulate;
  return mmioGeneration(iter.lo, iter.hi) === vm.generation ? RET_PF.emulate : RET_PF.invalid;
}
