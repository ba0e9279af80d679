/**
 * EPT02 made to follow EPT12 where that may flush or wait: sync of tables that L1 could write to,
 * emulated writes to the others, tables that go. All of it is under mmu_lock for writing.
 */
import { PAGE_BYTES } from "../frames.ts";
import { REQ } from "../requests.ts";
import type { Task } from "../scheduler.ts";
import { isMmio, isPresent, mmioHigh, mmioLow, pfnOf, SPTE_HI } from "../tdp/spte.ts";
import type { Vcpu } from "../vcpu.ts";
import type { Vm } from "../vm.ts";
import { EPT, frameOf, isBadEntry } from "./ept12.ts";
import { ENTRIES, ShadowPage, type ShadowRole } from "./shadow-page.ts";
import { leafAccess, losesWrite, makeSpte } from "./shadow-spte.ts";

/** Tables that are synced in one go (KVM_PAGE_ARRAY_NR). */
const BATCH = 16;
/** Free tables that a fault may need (KVM_MIN_FREE_MMU_PAGES); how many are made (KVM_REFILL_PAGES). */
const FREE_MIN = 5;
const REFILL = 25;
/** Writes to an upper table without use between them, behind which it is no table any more. */
const FLOOD = 3;
const ENTRY_BYTES = 8;

/** Flushes if `flush`, or if tables wait to be freed (kvm_mmu_remote_flush_or_zap). */
export function* commitZap(vm: Vm, site: string, flush = false): Task {
  const { shadow } = vm;
  if (shadow.hasZappedRoot) {
    shadow.hasZappedRoot = false;
    yield* vm.makeAllCpusRequest(REQ.mmuFreeObsoleteRoots);
  }
  if (flush || shadow.hasUnlinked) yield* flushShadow(vm, site);
}

/** Flushes after a change of EPT02, which any of its roots may lead to. */
export function* flushShadow(vm: Vm, site: string): Task {
  for (const root of vm.shadow.roots) vm.strategy.zapped(vm, root, 0, 0);
  yield* vm.flushRemoteTlbs(site);
}

/** The table for EPT12's one in frame `gfn` with a role, found or made (kvm_mmu_get_shadow_page). */
export function* getShadowPage(vcpu: Vcpu, gfn: number, role: ShadowRole): Task<ShadowPage> {
  const { vm } = vcpu;
  const { shadow } = vm;
  const wanted = new ShadowPage(-1, gfn, role, shadow.generation).word;
  let found: ShadowPage | undefined;
  for (const page of shadow.at(gfn)) {
    if (page.invalid) continue;
    if (page.word !== wanted) {
      // The frame becomes an upper table, whose writes are all seen: it is a leaf table no more.
      if (role.level > 1 && page.unsync) shadow.prepareZap(page);
      continue;
    }
    if (page.unsync && !vm.policy.skips("NoSyncBeforeLink")) {
      const result = syncPage(vcpu, page);
      if (result === SYNC.failed) {
        shadow.prepareZap(page);
        break;
      }
      if (result === SYNC.flush && vm.strategy.flushesAfterSync()) {
        yield* flushShadow(vm, "kvm_mmu_find_shadow_page");
      }
    }
    page.writeFloods = 0;
    found = page;
    break;
  }
  yield* commitZap(vm, "kvm_mmu_find_shadow_page");
  if (found !== undefined) return found;
  const { page, flush } = shadow.allocate(gfn, role);
  if (flush) yield* flushShadow(vm, "account_shadowed");
  return page;
}

const SYNC = { failed: -1, clean: 0, flush: 1 } as const;
type SyncResult = (typeof SYNC)[keyof typeof SYNC];

/** Each entry is compared with EPT12's (kvm_sync_page); the table stays as writable as it was. */
function syncPage(vcpu: Vcpu, page: ShadowPage): SyncResult {
  const { vm } = vcpu;
  vm.trace?.mmuPage("kvm_mmu_sync_page", page);
  const at = vm.guestByte(page.gfn * PAGE_BYTES, false);
  if (at < 0) return SYNC.failed;
  const { u32 } = vm.hw.core;
  const first = vm.frames.words(page.pfn);
  let result: SyncResult = SYNC.clean;
  for (let index = 0; index < ENTRIES; index++) {
    if (u32[first + index * 2] === 0) continue;
    if (syncEntry(vcpu, page, index, (at >>> 2) + index * 2)) result = SYNC.flush;
  }
  return result;
}

/** True when the entry has lost something that has to be flushed. `word` is EPT12's in `Core.u32`. */
function syncEntry(vcpu: Vcpu, page: ShadowPage, index: number, word: number): boolean {
  const { vm } = vcpu;
  const { shadow } = vm;
  const { u32 } = vm.hw.core;
  const gpteLo = u32[word]!;
  const gpteHi = u32[word + 1]!;
  const lo = shadow.low(page, index);
  const hi = shadow.high(page, index);
  if (isUnusable(vcpu, page, gpteLo, gpteHi)) return shadow.zapEntry(page, index);
  const gfn = frameOf(gpteLo, gpteHi);
  const access = leafAccess(vm, page.role, gpteLo);
  if (isMmio(lo)) {
    if (pfnOf(lo, hi) !== gfn) shadow.zapEntry(page, index);
    else shadow.write(page, index, mmioLow(gfn, vm.generation), mmioHigh(gfn, vm.generation));
    return false;
  }
  if (access === 0 || gfn !== page.leafGfn(index)) return shadow.zapEntry(page, index);
  if (page.accessOf(index) === access) return false;
  const spte = makeSpte(vm, {
    access,
    level: page.level,
    gfn,
    pfn: pfnOf(lo, hi),
    slot: vm.slotOf(gfn),
    hostWritable: (hi & SPTE_HI.hostWritable) !== 0,
    old: lo,
    synchronizing: true,
  });
  shadow.setLeaf(page, index, { lo: spte.lo, hi: spte.hi, gfn, access });
  return losesWrite(hi, spte.hi);
}

/** An entry of a leaf table that maps nothing at present (prefetch_invalid_gpte). */
function isUnusable(vcpu: Vcpu, page: ShadowPage, lo: number, hi: number): boolean {
  if ((lo & EPT.all) === 0) return true;
  if (!page.role.adDisabled && (lo & EPT.accessed) === 0) return true;
  return isBadEntry(vcpu.nested!.eptFormat, lo, hi, 1);
}

/** Up to `limit` unsync tables below `page`; marks that lead to none are taken back. */
function collectUnsync(
  vm: Vm,
  page: ShadowPage,
  into: Set<ShadowPage>,
  limit: number,
  known: Map<ShadowPage, boolean>,
): boolean {
  const before = known.get(page);
  if (before !== undefined) return before;
  for (const index of [...page.unsyncChildren]) {
    if (into.size >= limit) return true;
    const child = vm.shadow.childOf(page, index);
    if (child?.unsync) into.add(child);
    else if (child === undefined || !collectUnsync(vm, child, into, limit, known)) {
      page.unsyncChildren.delete(index);
    }
  }
  const some = page.unsyncChildren.size > 0;
  known.set(page, some);
  return some;
}

/**
 * Syncs what is unsync below `parent`, behind write protection (mmu_sync_children). False: there is too
 * much of it to go on under the lock; KVM_REQ_MMU_SYNC does the rest.
 */
export function* syncChildren(vcpu: Vcpu, parent: ShadowPage, canYield: boolean): Task<boolean> {
  const { vm } = vcpu;
  const { shadow } = vm;
  const site = "mmu_sync_children";
  let flush = false;
  for (;;) {
    const batch = new Set<ShadowPage>();
    collectUnsync(vm, parent, batch, BATCH, new Map());
    if (batch.size === 0) break;
    if (!vm.policy.skips("SyncWithoutProtect")) {
      let lost = false;
      for (const page of batch) if (shadow.writeProtect(page.gfn)) lost = true;
      // L1 must not write any more when its entries are read.
      if (lost) yield* commitZap(vm, site, true);
    }
    for (const page of batch) {
      page.unsync = false;
      const result = syncPage(vcpu, page);
      if (result === SYNC.failed) shadow.prepareZap(page);
      else if (result === SYNC.flush && vm.strategy.flushesAfterSync()) flush = true;
    }
    if (batch.size < BATCH) continue;
    yield* commitZap(vm, site, flush);
    flush = false;
    if (!canYield) {
      vcpu.makeRequest(REQ.mmuSync);
      return false;
    }
    vm.mmuLock.unlockWrite();
    yield "mmu_sync_children: cond_resched";
    yield* vm.mmuLock.lockWrite();
  }
  yield* commitZap(vm, site, flush);
  return true;
}

/** Syncs the root in use (kvm_mmu_sync_roots); takes mmu_lock only if there is something to do. */
export function* syncRoots(vcpu: Vcpu): Task {
  const { vm, root } = vcpu;
  if (!(root instanceof ShadowPage) || vm.policy.skips("NoSync")) return;
  yield "kvm_mmu_sync_roots: look at the unsync marks";
  if (!root.unsync && root.unsyncChildren.size === 0) return;
  yield* vm.mmuLock.lockWrite();
  vm.hw.at("kvm_mmu_sync_roots");
  yield* syncChildren(vcpu, root, true);
  vm.mmuLock.unlockWrite();
}

/** A write that is no whole entry, or more than one (detect_write_misaligned). */
function isMisaligned(gpa: number, bytes: number): boolean {
  const offset = gpa % PAGE_BYTES;
  // Single bytes of status flags are usual.
  if (offset % ENTRY_BYTES === 0 && bytes === 1) return false;
  return bytes < 4 || offset >>> 3 !== (offset + bytes - 1) >>> 3;
}

/** Follows emulated writes of this vCPU to tables of EPT12 (kvm_mmu_track_write). */
export function* trackWrites(vcpu: Vcpu): Task {
  const { vm } = vcpu;
  const { shadow } = vm;
  vcpu.checkRequest(REQ.mmuTrackWrite);
  if (vcpu.tableWrites.length === 0) return;
  yield "kvm_mmu_track_write: lock";
  yield* vm.mmuLock.lockWrite();
  vm.hw.at("kvm_mmu_track_write");
  let flush = false;
  for (const { gpa, bytes } of vcpu.tableWrites.splice(0)) {
    for (const page of shadow.shadowing(Math.floor(gpa / PAGE_BYTES))) {
      if (page.level > 1) page.writeFloods++;
      if (isMisaligned(gpa, bytes) || page.writeFloods >= FLOOD) shadow.prepareZap(page);
      else if (shadow.zapEntry(page, (gpa % PAGE_BYTES) >>> 3)) flush = true;
    }
  }
  yield* commitZap(vm, "kvm_mmu_track_write", flush);
  vm.mmuLock.unlockWrite();
}

/** Lets go of all that shadows frame `gfn`, so that L1 may write to it; false when nothing did. */
export function* unprotectGfn(vm: Vm, gfn: number): Task<boolean> {
  const { shadow } = vm;
  if (!shadow.isShadowed(gfn)) return false;
  yield* vm.mmuLock.lockWrite();
  vm.hw.at("kvm_mmu_unprotect_gfn_and_retry");
  const pages = shadow.shadowing(gfn);
  for (const page of pages) shadow.prepareZap(page);
  yield* commitZap(vm, "kvm_mmu_unprotect_gfn_and_retry");
  vm.mmuLock.unlockWrite();
  return pages.length > 0;
}

/** Zaps the leafs for L2's `gpa` in `roots` (kvm_mmu_invalidate_addr). */
export function* invalidateAddress(vcpu: Vcpu, roots: readonly ShadowPage[], gpa: number): Task {
  const { vm } = vcpu;
  const { shadow } = vm;
  const gfn = Math.floor(gpa / PAGE_BYTES);
  const holds = () => roots.some((root) => shadow.walk(root, gfn).lo !== 0);
  if (!holds()) return;
  yield* vm.mmuLock.lockWrite();
  vm.hw.at("kvm_mmu_invalidate_addr");
  let flush = false;
  for (const root of roots) {
    if (root.invalid) continue;
    const { page, index, lo } = shadow.walk(root, gfn);
    if (isPresent(lo) || isMmio(lo)) flush = shadow.zapEntry(page, index) || flush;
  }
  yield* commitZap(vm, "kvm_mmu_invalidate_addr", flush);
  vm.mmuLock.unlockWrite();
}

/** Tables of an older generation go (kvm_zap_obsolete_pages). */
export function* zapObsoletePages(vm: Vm): Task {
  const { shadow } = vm;
  for (const page of [...shadow.all()]) {
    if (page.generation !== shadow.generation) shadow.prepareZap(page);
  }
  yield* commitZap(vm, "kvm_zap_obsolete_pages");
}

/** Room for the tables of a fault: the oldest go that are no root in use (make_mmu_pages_available). */
export function* makePagesAvailable(vm: Vm): Task {
  const { shadow } = vm;
  const max = shadow.pagesMax;
  if (shadow.tableCount + FREE_MIN <= max) return;
  const goal = shadow.tableCount - REFILL;
  for (const page of [...shadow.all()]) {
    if (shadow.tableCount <= goal) break;
    if (page.references === 0) shadow.prepareZap(page);
  }
  yield* commitZap(vm, "kvm_mmu_zap_oldest_mmu_pages");
}
