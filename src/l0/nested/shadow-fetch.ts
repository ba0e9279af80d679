/** The walk down EPT02 that adds what a fault of L2 needs (fetch of ept_walk, mmu_set_spte). */
import { PAGE_BYTES } from "../frames.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import { type FaultResult, type Found, RET_PF } from "../tdp/fault.ts";
import {
  indexOf,
  isLarge,
  isPresent,
  mmioHigh,
  mmioLow,
  pagesAt,
  pfnOf,
  SPTE_HI,
} from "../tdp/spte.ts";
import type { Vcpu } from "../vcpu.ts";
import type { Vm } from "../vm.ts";
import { accessAbove, EPT, gpteChanged, type Walk12 } from "./ept12.ts";
import { childWord, type ShadowPage, type ShadowRole } from "./shadow-page.ts";
import { losesWrite, makeSpte, protectClean } from "./shadow-spte.ts";
import { commitZap, flushShadow, getShadowPage, syncChildren } from "./shadow-sync.ts";

export interface ShadowFault {
  /** L2 guest-physical address. */
  readonly gpa: number;
  /** L1 frame. */
  readonly gfn: number;
  readonly write: boolean;
  readonly walk: Walk12;
  /** The frame behind it; undefined where there is no memory, and accesses are emulated. */
  readonly found: Found | undefined;
}

/** Under mmu_lock for writing. */
export function* fetch(vcpu: Vcpu, root: ShadowPage, fault: ShadowFault): Task<FaultResult> {
  const { vm } = vcpu;
  const { walk, gpa } = fault;
  if (gpteChanged(vm, walk, walk.top, gpa)) return RET_PF.retry;
  if (root.isDummy) {
    // There is memory behind EPT12's root now.
    vcpu.makeRequest(REQ.mmuFreeObsoleteRoots);
    return RET_PF.retry;
  }
  const shadowed = yield* fetchShadowed(vcpu, root, fault);
  if (shadowed === undefined) return RET_PF.retry;
  const page = yield* fetchDirect(vcpu, shadowed, fault);
  return yield* setSpte(vcpu, page, fault);
}

/** Down to the table that shadows the last one of EPT12; undefined when the fault has to begin anew. */
function* fetchShadowed(
  vcpu: Vcpu,
  root: ShadowPage,
  { walk, gpa }: ShadowFault,
): Task<ShadowPage | undefined> {
  const { vm } = vcpu;
  const l2Gfn = Math.floor(gpa / PAGE_BYTES);
  const accumulates = !vm.policy.skips("NoAccessAccumulation");
  let page = root;
  for (let level = walk.top; level > walk.level; level--) {
    page.writeFloods = 0;
    const index = indexOf(l2Gfn, level);
    const table = walk.tables[walk.top - level + 1]!;
    const access = accumulates ? accessAbove(walk, level - 1) : EPT.all;
    let child = yield* sameChild(vm, page, index, table, childWord(page.word, false, access));
    const fresh = child === undefined;
    if (child === undefined) {
      const role = { ...page.role, level: level - 1, access };
      child = yield* getShadowPage(vcpu, table, role);
      // What becomes reachable must be as EPT12 is: L1 flushes nothing for what was absent.
      if (child.unsyncChildren.size > 0 && !vm.policy.skips("NoSyncBeforeLink")) {
        if (!(yield* syncChildren(vcpu, child, false))) return undefined;
      }
    }
    if (gpteChanged(vm, walk, level - 1, gpa)) return undefined;
    if (fresh) yield* link(vm, page, index, child);
    page = child;
  }
  return page;
}

/** The table behind an entry, if it is the wanted one; another one is let go. */
function* sameChild(
  vm: Vm,
  page: ShadowPage,
  index: number,
  gfn: number,
  word: number,
): Task<ShadowPage | undefined> {
  const child = vm.shadow.childOf(page, index);
  if (child === undefined) return undefined;
  if (child.gfn === gfn && child.word === word) return child;
  vm.shadow.zapEntry(page, index);
  yield* flushShadow(vm, "kvm_mmu_get_child_sp");
  return undefined;
}

function* link(vm: Vm, page: ShadowPage, index: number, child: ShadowPage): Task {
  const { shadow } = vm;
  // A large page in its place goes first.
  if (shadow.zapEntry(page, index)) yield* flushShadow(vm, "drop_large_spte");
  shadow.link(page, index, child);
}

/** Below a large page of EPT12 that smaller pages of L0 make up: tables that shadow nothing. */
function* fetchDirect(vcpu: Vcpu, top: ShadowPage, fault: ShadowFault): Task<ShadowPage> {
  const { vm } = vcpu;
  const { walk, gfn, gpa } = fault;
  const l2Gfn = Math.floor(gpa / PAGE_BYTES);
  const goal = goalLevel(vm, fault);
  const access = pteAccess(vm, top.role, fault);
  let page = top;
  for (let level = walk.level; level > goal; level--) {
    const index = indexOf(l2Gfn, level);
    const first = gfn - (gfn % pagesAt(level));
    let child = yield* sameChild(vm, page, index, first, childWord(page.word, true, access));
    if (child === undefined) {
      const role = { ...page.role, level: level - 1, direct: true, access };
      child = yield* getShadowPage(vcpu, first, role);
      yield* link(vm, page, index, child);
    }
    page = child;
  }
  return page;
}

/** The level of the mapping: that of EPT12 and of the host's page, where none of it is shadowed. */
function goalLevel(vm: Vm, { walk, gfn, found }: ShadowFault): number {
  if (found === undefined || !vm.shadow.allowsHuge(gfn)) return 1;
  return Math.min(walk.level, found.level);
}

/** Rights that EPT12 gives to this access; a clean page may be written once the flag is set. */
function pteAccess(vm: Vm, role: ShadowRole, { walk }: ShadowFault): number {
  const leaf = walk.lo.at(-1)!;
  const access = vm.policy.skips("NoAccessAccumulation") ? leaf & EPT.all : walk.access & EPT.all;
  return protectClean(vm, role, leaf, access);
}

/** Installs the leaf (mmu_set_spte). */
function* setSpte(vcpu: Vcpu, page: ShadowPage, fault: ShadowFault): Task<FaultResult> {
  const { vm } = vcpu;
  const { shadow } = vm;
  const { gpa, found, write } = fault;
  const { level } = page;
  const l2Gfn = Math.floor(gpa / PAGE_BYTES);
  const index = indexOf(l2Gfn, level);
  const span = pagesAt(level);
  const gfn = fault.gfn - (fault.gfn % span);
  let lo = shadow.low(page, index);
  let hi = shadow.high(page, index);
  if (found === undefined) {
    if (shadow.zapEntry(page, index)) yield* flushShadow(vm, "mmu_set_spte");
    const { generation } = vm;
    shadow.write(page, index, mmioLow(fault.gfn, generation), mmioHigh(fault.gfn, generation));
    return RET_PF.emulate;
  }
  const pfn = found.pfn - (level > 1 ? found.pfn % span : 0);
  let flush = false;
  if (isPresent(lo)) {
    const isTable = level > 1 && !isLarge(lo);
    if (isTable || pfnOf(lo, hi) !== pfn || page.leafGfn(index) !== gfn) {
      flush = shadow.zapEntry(page, index) && !vm.policy.skips("NoFlushOnReplace");
      lo = 0;
      hi = SPTE_HI.suppressVe;
    }
  }
  const access = pteAccess(vm, page.role, fault);
  const { slot, writable: hostWritable } = found;
  const old = lo;
  const leaf = { access, level, gfn, pfn, slot, hostWritable, old, synchronizing: false };
  const spte = makeSpte(vm, leaf);
  const same = spte.lo === lo && spte.hi === hi;
  if (losesWrite(hi, spte.hi)) flush = true;
  if (vm.policy.skips("FlushOnRaise") && isPresent(lo)) flush = true;
  shadow.setLeaf(page, index, { lo: spte.lo, hi: spte.hi, gfn, access });
  vm.trace?.setSpte(l2Gfn, level, pfn, spte.lo);
  if (flush) yield* commitZap(vm, "mmu_set_spte", true);
  else if (isPresent(lo) && !same) vm.strategy.permissionRaised(vcpu, vcpu.root!, gfn);
  if (spte.isProtected && write) return RET_PF.writeProtected;
  return same ? RET_PF.spurious : RET_PF.fixed;
}
