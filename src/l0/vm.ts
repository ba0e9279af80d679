/** A virtual machine of L0 (struct kvm): memory slots, EPT01, requests to all vCPUs, L1's memory. */
import { StrategyHooks } from "./flush-strategy.ts";
import { type Frames, PAGE_BYTES } from "./frames.ts";
import type { Hardware } from "./hardware.ts";
import { Mutex, RwLock } from "./lock.ts";
import { hvaOf, type Memslot, Memslots, overlaps, PRIVATE_SLOT } from "./memslots.ts";
import { ShadowMmu } from "./nested/shadow-mmu.ts";
import { zapObsoletePages } from "./nested/shadow-sync.ts";
import { InvalidationState } from "./notifier.ts";
import { type Pcpu, VECTOR } from "./pcpu.ts";
import { Policy } from "./policy.ts";
import { PrimaryMm, SharedPage } from "./primary-mm.ts";
import { MODE, NO_WAKEUP_REQUESTS, REQ, type Request, WAIT_REQUESTS } from "./requests.ts";
import { runNow, type Scheduler, type Task, type Wait } from "./scheduler.ts";
import { VmStats } from "./stats.ts";
import { type Role, type Root, TdpMmu } from "./tdp/mmu.ts";
import type { KvmTrace } from "./trace.ts";
import type { Vcpu } from "./vcpu.ts";

const ADDRESS_SPACES = 1;
const APIC_DEFAULT_BASE = 0xfee00000;
const ZAP_BATCH = 4096;
/** VPIDs of L2 lie above those of L1. */
const VPID02_FIRST = 0x801;

/** Reasons for which APICv is off (enum kvm_apicv_inhibit). */
export const APICV_INHIBIT = { apicBaseModified: 1 << 0 } as const;

export interface VmParts {
  readonly hw: Hardware;
  readonly frames: Frames;
  readonly pcpus: readonly Pcpu[];
  readonly scheduler: Scheduler;
  readonly policy?: Policy;
  /** When and what L0 flushes; KVM's own rules by default. */
  readonly strategy?: StrategyHooks;
  /** Virtual time in ticks. */
  readonly now?: () => number;
}

/** Who watches a virtual machine: the sanitizer, and the invariants of scenarios. */
export interface VmObserver {
  requested(vcpu: Vcpu, request: number): void;
  /** Contexts are flushed for a vCPU: all, that of the tables in use, or what its guest's tables gave. */
  flushed(vcpu: Vcpu, kind: "all" | "current" | "guest"): void;
  /** A VM entry comes next; its VMCS is the current one. */
  entering(vcpu: Vcpu): void;
}

export class Vm {
  readonly hw: Hardware;
  readonly frames: Frames;
  readonly mm: PrimaryMm;
  readonly pcpus: readonly Pcpu[];
  readonly scheduler: Scheduler;
  readonly policy: Policy;
  readonly strategy: StrategyHooks;
  readonly stats = new VmStats();
  readonly now: () => number;
  readonly tdp: TdpMmu;
  /** EPT02 of all vCPUs. */
  readonly shadow: ShadowMmu;
  readonly vcpus: Vcpu[] = [];
  readonly mmuLock = new RwLock("mmu_lock");
  readonly slotsLock = new Mutex("slots_lock");
  readonly invalidation: InvalidationState;
  /** Active slots, a set for each address space. */
  readonly memslots: Memslots[] = [];
  trace: KvmTrace | undefined;
  observer: VmObserver | undefined;
  /** Guest frames that a zap handles before it looks whether it should yield. */
  zapBatch = ZAP_BATCH;
  /** Reasons for which APICv is off for all vCPUs; 0 when it is on. */
  apicvInhibits = 0;
  private slotsGeneration = 0;
  private readonly vpids02 = new Set<number>();

  constructor(parts: VmParts) {
    this.hw = parts.hw;
    this.frames = parts.frames;
    this.pcpus = parts.pcpus;
    this.scheduler = parts.scheduler;
    this.policy = parts.policy ?? new Policy();
    this.strategy = parts.strategy ?? new StrategyHooks();
    this.now = parts.now ?? (() => 0);
    this.tdp = new TdpMmu(parts.frames, parts.hw.core.u32);
    this.shadow = new ShadowMmu(this);
    this.mm = new PrimaryMm(parts.frames);
    this.invalidation = new InvalidationState(this);
    this.mm.register(this.invalidation);
    for (let asId = 0; asId < ADDRESS_SPACES; asId++) this.memslots.push(new Memslots(0, []));
  }

  /** A VPID for L2 that no vCPU has (allocate_vpid). */
  allocateVpid02(): number {
    let vpid = VPID02_FIRST;
    while (this.vpids02.has(vpid)) vpid++;
    this.vpids02.add(vpid);
    return vpid;
  }

  freeVpid02(vpid: number): void {
    this.vpids02.delete(vpid);
  }

  // --- memory slots ---

  slotOf(gfn: number, asId = 0): Memslot | undefined {
    return this.memslots[asId]!.find(gfn);
  }

  /** Generation of the slots, which MMIO entries carry. */
  get generation(): number {
    return this.slotsGeneration;
  }

  /** The private slot of L1's APIC-access page, found by its number. */
  apicAccessSlot(): Memslot | undefined {
    return this.memslots[0]!.byId(PRIVATE_SLOT.apicAccess);
  }

  /** Adds a slot (kvm_set_memory_region, KVM_MR_CREATE). @throws RangeError when it overlaps. */
  *addSlot(slot: Omit<Memslot, "asId" | "invalid" | "dirty">, asId = 0): Task {
    yield* this.slotsLock.lock();
    const fresh: Memslot = { ...slot, asId, invalid: false, dirty: undefined };
    const old = this.memslots[asId]!.slots;
    if (old.some((other) => other.id === fresh.id || overlaps(other, fresh))) {
      this.slotsLock.unlock();
      throw new RangeError(`memory slot ${slot.id} overlaps another one`);
    }
    yield* this.swapSlots(asId, [...old, fresh]);
    this.slotsLock.unlock();
  }

  /** Deletes a slot (KVM_MR_DELETE): invalid first, then everything is zapped, then it goes. */
  *deleteSlot(id: number, asId = 0): Task {
    yield* this.slotsLock.lock();
    const old = this.memslots[asId]!.slots;
    const dying = old.find((slot) => slot.id === id);
    if (dying !== undefined) {
      const rest = old.filter((slot) => slot !== dying);
      yield* this.swapSlots(asId, [...rest, { ...dying, invalid: true }]);
      yield* this.zapAllFast();
      yield* this.swapSlots(asId, rest);
    }
    this.slotsLock.unlock();
  }

  /** kvm_swap_active_memslots: waits for notifiers under way, which must see one set only. */
  *swapSlots(asId: number, slots: readonly Memslot[]): Task {
    yield* this.invalidation.waitForNone();
    this.slotsGeneration += ADDRESS_SPACES;
    this.memslots[asId] = new Memslots(this.slotsGeneration, slots);
    yield "synchronize_srcu";
  }

  // --- L1's memory as L0 reaches it ---

  /**
   * Index into `Core.u8` of the byte at `gpa`, or -1 where no slot is, or none that may be written.
   * The page is faulted in (kvm_vcpu_map without a reference: use it before anybody else runs).
   * @throws SharedPage when it has to be copied before it may be written
   */
  guestByte(gpa: number, write: boolean): number {
    const gfn = Math.floor(gpa / PAGE_BYTES);
    const slot = this.slotOf(gfn);
    if (slot === undefined || slot.invalid || (write && slot.readOnly)) return -1;
    const hva = hvaOf(slot, gfn);
    if (write && this.mm.needsCopy(hva)) throw new SharedPage(hva);
    const page = this.mm.faultIn(hva, write);
    if (page === undefined) return -1;
    if (write) slot.dirty?.add(gfn);
    return this.frames.bytes(page.pfn) + (gpa % PAGE_BYTES);
  }

  /** Some page of [gpa, gpa + bytes) has to be copied before it may be written. */
  isShared(gpa: number, bytes: number): boolean {
    for (let gfn = Math.floor(gpa / PAGE_BYTES); gfn * PAGE_BYTES < gpa + bytes; gfn++) {
      const slot = this.slotOf(gfn);
      if (slot !== undefined && this.mm.needsCopy(hvaOf(slot, gfn))) return true;
    }
    return false;
  }

  /** Copies shared pages of [gpa, gpa + bytes), so that what follows at once may write to them. */
  *makeWritable(gpa: number, bytes: number): Task {
    for (let gfn = Math.floor(gpa / PAGE_BYTES); gfn * PAGE_BYTES < gpa + bytes; gfn++) {
      for (;;) {
        const slot = this.slotOf(gfn);
        if (slot === undefined || slot.invalid || slot.readOnly) break;
        const hva = hvaOf(slot, gfn);
        if (!this.mm.needsCopy(hva)) break;
        yield* this.mm.breakSharing(hva);
      }
    }
  }

  /** kvm_read_guest; false when some byte is not backed by a slot. */
  readGuest(gpa: number, into: Uint8Array): boolean {
    for (let done = 0; done < into.length; ) {
      const piece = Math.min(into.length - done, PAGE_BYTES - ((gpa + done) % PAGE_BYTES));
      const at = this.guestByte(gpa + done, false);
      if (at < 0) return false;
      into.set(this.hw.core.u8.subarray(at, at + piece), done);
      done += piece;
    }
    return true;
  }

  /** kvm_write_guest; false when some byte is not backed, what lies before it is written. */
  writeGuest(gpa: number, bytes: Uint8Array): boolean {
    for (let done = 0; done < bytes.length; ) {
      const piece = Math.min(bytes.length - done, PAGE_BYTES - ((gpa + done) % PAGE_BYTES));
      const at = this.guestByte(gpa + done, true);
      if (at < 0) return false;
      this.hw.core.u8.set(bytes.subarray(done, done + piece), at);
      this.hw.core.exports.hostWritten(at, piece);
      done += piece;
    }
    return true;
  }

  /** Read-only memory at `gpa`, whole pages: a slot of its own with the contents of `bytes`. */
  addRom(gpa: number, bytes: Uint8Array): void {
    const size = Math.ceil(bytes.length / PAGE_BYTES) * PAGE_BYTES;
    const hva = this.mm.map(size, false);
    for (let done = 0; done < bytes.length; done += PAGE_BYTES) {
      const page = new Uint8Array(PAGE_BYTES);
      page.set(bytes.subarray(done, done + PAGE_BYTES));
      this.frames.fillFrom(this.mm.faultIn(hva + done, true)!.pfn, page);
    }
    const id = this.memslots[0]!.slots.length;
    const pages = size / PAGE_BYTES;
    runNow(this.addSlot({ id, baseGfn: gpa / PAGE_BYTES, pages, hva, readOnly: true }));
  }

  // --- requests ---

  /**
   * kvm_make_all_cpus_request: sets the bit for every vCPU, and takes those out of the guest that
   * could miss it. With a waiting request, returns when they have left. Without those that are not
   * `chosen` (kvm_make_vcpus_request_mask).
   */
  *makeAllCpusRequest(request: Request, chosen?: (vcpu: Vcpu) => boolean): Task {
    const waits = (request & WAIT_REQUESTS) !== 0 && !this.policy.skips("NoWait");
    const kicked: Wait[] = [];
    const runnersOnly = request === REQ.tlbFlush && this.policy.skips("FlushRunnersOnly");
    for (const vcpu of this.vcpus) {
      if (runnersOnly && !vcpu.ranSinceFlush) continue;
      if (chosen !== undefined && !chosen(vcpu)) continue;
      const early = this.policy.skips("BitAfterMode");
      if (early) {
        yield "kvm_make_vcpu_request: read mode";
        const ipi = this.kickForRequest(vcpu, waits);
        if (ipi !== undefined) kicked.push(ipi);
      }
      yield "kvm_make_vcpu_request: set bit";
      const { mode } = vcpu;
      if (!this.policy.skips("IpiOnlyDelivery") || mode !== MODE.outside) vcpu.makeRequest(request);
      if ((request & NO_WAKEUP_REQUESTS) === 0) vcpu.wakeUp();
      if (early) continue;
      yield "kvm_make_vcpu_request: read mode";
      const ipi = this.kickForRequest(vcpu, waits);
      if (ipi !== undefined) kicked.push(ipi);
    }
    if (!waits) return;
    const since = this.now();
    for (const wait of kicked) if (!wait.ready()) yield wait;
    this.stats.blockedTicks += this.now() - since;
  }

  private kickForRequest(vcpu: Vcpu, waits: boolean): Wait | undefined {
    const { mode, pcpu } = vcpu;
    if (mode === MODE.inGuest) {
      vcpu.mode = MODE.exiting;
      this.stats.forcedExits++;
    }
    const sends = waits ? mode !== MODE.outside : mode === MODE.inGuest;
    if (!sends || pcpu === undefined) return undefined;
    this.stats.ipis++;
    let taken = false;
    pcpu.interrupt(VECTOR.callFunction, () => {
      taken = true;
    });
    return { why: `IPI to CPU ${pcpu.index}`, ready: () => taken };
  }

  // --- EPT01 ---

  /** Role of L1's root on this processor. */
  rootRole(asId: number, adDisabled: boolean): Role {
    return { level: 4, direct: true, guestMode: false, asId, adDisabled };
  }

  /**
   * Zaps the leaf entries of [start, end) in every root of the address space, those included that are
   * being torn down. True when something was zapped since the last flush.
   */
  *zapGfnRange(asId: number, start: number, end: number): Task<boolean> {
    let zapped = false;
    this.hw.at("kvm_unmap_gfn_range");
    const skipInvalid = this.policy.skips("SkipInvalidRoots");
    for (const root of [...this.tdp.roots]) {
      if (root.role.asId !== asId || (skipInvalid && root.invalid)) continue;
      for (let gfn = start; gfn < end; gfn += this.zapBatch) {
        const last = Math.min(end, gfn + this.zapBatch);
        if (this.tdp.zapLeafs(root, gfn, last) > 0) {
          zapped = true;
          this.strategy.zapped(this, root, gfn, last);
        }
        if (gfn + this.zapBatch >= end) break;
        if (zapped && !this.policy.skips("YieldNoFlush")) {
          yield* this.flushRemoteTlbs("tdp_mmu_iter_cond_resched");
        }
        zapped = false;
        this.mmuLock.unlockWrite();
        yield "tdp_mmu_iter_cond_resched";
        yield* this.mmuLock.lockWrite();
      }
    }
    if (!this.policy.skips("NotifierSkipsShadow")) {
      const inRoot = (root: Root) => this.strategy.zapped(this, root, start, end);
      if (this.shadow.zapGfns(start, end, inRoot)) zapped = true;
    }
    this.trace?.zap(start, end, zapped);
    return zapped;
  }

  /** Clears the accessed flags for [start, end) in all roots; true when one was set (kvm_age_gfn). */
  clearAccessed(asId: number, start: number, end: number): boolean {
    let young = false;
    this.hw.at("kvm_age_gfn");
    for (const root of this.tdp.roots) {
      if (root.role.asId === asId && this.tdp.clearAccessed(root, start, end)) young = true;
    }
    return this.shadow.clearAccessed(start, end) || young;
  }

  /** kvm_zap_gfn_range: an invalidation of L0's own. */
  *zapRange(start: number, end: number): Task {
    yield* this.mmuLock.lockWrite();
    this.invalidation.begin();
    this.invalidation.addRange(start, end);
    const flush = yield* this.zapGfnRange(0, start, end);
    const wanted = this.strategy.flushesAfter(this, flush) || this.policy.skips("FlushEmptyZap");
    if (wanted) yield* this.flushRemoteTlbs("kvm_zap_gfn_range");
    this.invalidation.end();
    this.mmuLock.unlockWrite();
  }

  /** kvm_mmu_zap_all_fast: new roots for everybody; the old ones are torn down before it returns. */
  *zapAllFast(): Task {
    yield* this.mmuLock.lockWrite();
    const dying = this.tdp.invalidateRoots();
    this.shadow.generation++;
    const late = this.policy.skips("RequestAfterUnlock");
    const wanted = !this.policy.skips("NoRequest");
    if (wanted && !late) yield* this.makeAllCpusRequest(REQ.mmuFreeObsoleteRoots);
    yield* zapObsoletePages(this);
    this.mmuLock.unlockWrite();
    if (wanted && late) {
      yield "KVM_REQ_MMU_FREE_OBSOLETE_ROOTS";
      yield* this.makeAllCpusRequest(REQ.mmuFreeObsoleteRoots);
    }
    if (this.policy.skips("AsyncTeardown")) this.scheduler.spawn("kworker", this.tearDown(dying));
    else yield* this.tearDown(dying);
  }

  /** kvm_tdp_mmu_zap_invalidated_roots */
  private *tearDown(dying: readonly Root[]): Task {
    for (const root of dying) {
      yield "kvm_tdp_mmu_zap_invalidated_roots";
      yield* this.mmuLock.lockWrite();
      this.tdp.zapRoot(root);
      this.strategy.zapped(this, root, 0, Number.POSITIVE_INFINITY);
      if (this.strategy.flushesTornDown(root)) {
        yield* this.flushRemoteTlbs("kvm_tdp_mmu_zap_invalidated_roots");
      }
      this.tdp.putRoot(root);
      this.tdp.freeUnlinked();
      this.mmuLock.unlockWrite();
    }
  }

  /** Gives a vCPU's reference back (kvm_mmu_free_roots); under mmu_lock for writing. */
  putRoot(root: Root): void {
    this.tdp.putRoot(root);
    this.tdp.freeUnlinked();
  }

  /** kvm_flush_remote_tlbs: every vCPU flushes all contexts before it enters the guest again. */
  *flushRemoteTlbs(site: string): Task {
    if (this.policy.skips("NoFlush")) return;
    this.trace?.flushRequest(site);
    this.stats.remoteFlushes++;
    const dead = [...this.tdp.takeUnlinked(), ...this.shadow.takeUnlinked()];
    const free = () => {
      for (const pfn of dead.splice(0)) this.frames.put(pfn);
    };
    // What is cached from a table may lead on through it until the flush is over.
    if (this.policy.skips("FreeBeforeFlush")) free();
    if (this.policy.skips("FlushCurrentOnly")) yield* this.makeAllCpusRequest(REQ.tlbFlushCurrent);
    else yield* this.strategy.flushRemote(this);
    free();
  }

  /** Guest frame of the default APIC page. */
  get apicGfn(): number {
    return APIC_DEFAULT_BASE / PAGE_BYTES;
  }

  /** kvm_alloc_apic_access_page: the private slot and the anonymous memory behind it. */
  *allocApicAccessPage(): Task {
    if (this.apicAccessSlot() !== undefined) return;
    const hva = this.mm.map(PAGE_BYTES, false);
    const { apicGfn: baseGfn } = this;
    yield* this.addSlot({
      id: PRIVATE_SLOT.apicAccess,
      baseGfn,
      pages: 1,
      hva,
      readOnly: false,
    });
  }

  /** Inhibits APICv for a reason, or takes the reason back (__kvm_set_or_clear_apicv_inhibit). */
  *setApicvInhibit(reason: number, set: boolean): Task {
    const before = this.apicvInhibits;
    const after = set ? before | reason : before & ~reason;
    if ((before === 0) === (after === 0)) {
      this.apicvInhibits = after;
      return;
    }
    const early = this.policy.skips("ZapBeforeReasons");
    yield* this.makeAllCpusRequest(REQ.apicvUpdate);
    if (after !== 0 && early) yield* this.zapRange(this.apicGfn, this.apicGfn + 1);
    yield "apicv_inhibit_reasons";
    this.apicvInhibits = after;
    if (after !== 0 && !early) yield* this.zapRange(this.apicGfn, this.apicGfn + 1);
  }
}
