/**
 * EPT02 without instructions: vCPUs whose accesses to memory a test makes, through a processor that
 * caches translations and parts of walks for as long as it may.
 */
import { FIELD, SECONDARY } from "../../src/generated/vmx.ts";
import type { FlushNote } from "../../src/l0/hardware.ts";
import { hvaOf } from "../../src/l0/memslots.ts";
import { EPT, walkEpt12 } from "../../src/l0/nested/ept12.ts";
import { invalidateFault, shadowFault } from "../../src/l0/nested/fault.ts";
import { invalidateContexts } from "../../src/l0/nested/invalidate.ts";
import { ept12, useL1Root, useL2Root } from "../../src/l0/nested/roots.ts";
import type { ShadowPage } from "../../src/l0/nested/shadow-page.ts";
import { syncRoots, trackWrites, unprotectGfn } from "../../src/l0/nested/shadow-sync.ts";
import type { PendingExit } from "../../src/l0/nested/state.ts";
import type { PolicyStep } from "../../src/l0/policy.ts";
import { REQ } from "../../src/l0/requests.ts";
import { runNow, type Task } from "../../src/l0/scheduler.ts";
import { freeObsoleteRoot, loadMmu, pageFault, RET_PF } from "../../src/l0/tdp/fault.ts";
import type { Root } from "../../src/l0/tdp/mmu.ts";
import { indexOf, isLarge, isMmio, mmioGeneration, pfnOf } from "../../src/l0/tdp/spte.ts";
import type { Vcpu } from "../../src/l0/vcpu.ts";
import { schedIn } from "../../src/l0/vcpu-load.ts";
import type { Vm } from "../../src/l0/vm.ts";
import { L0Harness } from "./l0-harness.ts";

const PAGE = 4096;
const ACTIVE_SECONDARY = 0x80000000;
const GLA_VALID = 0x180;
const TRIES = 100;

/** A translation as a processor caches it. */
interface Cached {
  readonly pfn: number;
  readonly rights: number;
}

/** What an access came to. */
export type Access =
  /** Memory: the frame, and L1's for it. */
  | { readonly kind: "ram"; readonly pfn: number; readonly gfn: number }
  /** Emulated, as no memory is there. */
  | { readonly kind: "device"; readonly gfn: number }
  /** A write to L1 frame `gfn` that L0 has to see. */
  | { readonly kind: "protected"; readonly gfn: number }
  | { readonly kind: "exit"; readonly exit: PendingExit };

/** EPTP: write-back, with 4 or 5 levels. */
export function eptpOf(root: number, accessedDirty: boolean, levels = 4): number {
  return root * PAGE + 6 + ((levels - 1) << 3) + (accessedDirty ? 0x40 : 0);
}

export class ShadowLab {
  readonly vm: Vm;
  readonly vcpus: readonly Vcpu[];
  readonly harness: L0Harness;
  /** Asked whether the processor keeps what it has translated. */
  keeps: () => boolean = () => true;
  /** Translations and last tables of walks by processor, under "EP4TA:frame" and "EP4TA:region". */
  private readonly tlbs: Map<string, Cached>[];
  private readonly structures: Map<string, number>[];

  private constructor(harness: L0Harness) {
    this.harness = harness;
    this.vm = harness.l0.vm;
    this.vcpus = harness.l0.vcpus;
    this.tlbs = this.vcpus.map(() => new Map());
    this.structures = this.vcpus.map(() => new Map());
    this.vm.hw.onFlush = (note) => this.flush(note);
  }

  static async create(
    options: { cpus?: number; leftOut?: readonly PolicyStep[]; hugePages?: boolean } = {},
  ): Promise<ShadowLab> {
    const harness = await L0Harness.create({
      cpus: options.cpus ?? 1,
      leftOut: options.leftOut ?? [],
      hugePages: options.hugePages ?? false,
      vmx: true,
      threads: false,
    });
    const lab = new ShadowLab(harness);
    runNow(lab.vm.allocApicAccessPage());
    for (const vcpu of lab.vcpus) {
      harness.l0.hw.switchTo(vcpu.index);
      runNow(schedIn(vcpu, harness.l0.pcpus[vcpu.index]!));
    }
    return lab;
  }

  /** The processor of a vCPU is the one that executes. */
  on(vcpu: Vcpu): void {
    this.vm.hw.switchTo(vcpu.index);
  }

  /** Runs a task of a vCPU to its end. */
  run<T>(vcpu: Vcpu, task: Task<T>): T {
    this.on(vcpu);
    return runNow(task);
  }

  private flush({ instruction, type, pcpu, tag }: FlushNote): void {
    if (instruction !== "invept") return;
    for (const cache of [this.tlbs[pcpu]!, this.structures[pcpu]!]) {
      for (const key of [...cache.keys()]) {
        if (type === 2 || key.startsWith(`${tag / PAGE}:`)) cache.delete(key);
      }
    }
  }

  // --- contents of L1's memory ---

  /** Writes an entry of EPT12 without anybody noticing, as for tables made in advance. */
  poke(gfn: number, index: number, entry: bigint): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, entry, true);
    this.vm.writeGuest(gfn * PAGE + index * 8, bytes);
  }

  peek(gfn: number, index: number): bigint {
    const bytes = new Uint8Array(8);
    this.vm.readGuest(gfn * PAGE + index * 8, bytes);
    return new DataView(bytes.buffer).getBigUint64(0, true);
  }

  /** The frame that backs L1's `gfn` now. */
  frameOf(gfn: number): number | undefined {
    const slot = this.vm.slotOf(gfn);
    return slot === undefined ? undefined : this.vm.mm.frameOf(hvaOf(slot, gfn));
  }

  // --- vCPUs ---

  /** L2 begins or goes on with EPT12 of `eptp` (nested_vmx_enter_non_root_mode, as far as tables go). */
  enterL2(vcpu: Vcpu, eptp: number): void {
    const { vmcs12 } = vcpu.nested!;
    vmcs12.set(FIELD.primary_proc_controls, ACTIVE_SECONDARY);
    vmcs12.set(FIELD.secondary_proc_controls, SECONDARY.enable_ept);
    vmcs12.setAddress(FIELD.eptp, eptp);
    vcpu.guestMode = true;
    useL2Root(vcpu.nested!);
  }

  leaveL2(vcpu: Vcpu): void {
    vcpu.guestMode = false;
    useL1Root(vcpu.nested!);
  }

  /** L1's INVEPT: of an EPTP, or of all contexts. */
  invept(vcpu: Vcpu, eptp?: number): void {
    invalidateContexts(vcpu.nested!, eptp);
  }

  /** What is served before an entry (vcpu_enter_guest). */
  *serve(vcpu: Vcpu): Task {
    const { vm } = this;
    for (;;) {
      if (vcpu.checkRequest(REQ.mmuFreeObsoleteRoots)) yield* freeObsoleteRoot(vcpu);
      yield* trackWrites(vcpu);
      if (vcpu.checkRequest(REQ.mmuSync)) yield* syncRoots(vcpu);
      if (vcpu.checkRequest(REQ.loadMmuPgd)) vcpu.writeEptp();
      if (vcpu.checkRequest(REQ.tlbFlush)) vm.strategy.serveFlush(vcpu);
      vcpu.serveLocalFlushes();
      vcpu.requests &= ~(REQ.event | REQ.apicPageReload);
      if (vcpu.root === undefined) yield* loadMmu(vcpu);
      else if (vcpu.requests === 0) return;
    }
  }

  /** One access by the guest at hand, L1 or L2, at `gpa` with the rights `access`. */
  *access(vcpu: Vcpu, gpa: number, access: number): Task<Access> {
    const { vm } = this;
    const nested = vcpu.nested!;
    for (let tries = 0; tries < TRIES; tries++) {
      yield* this.serve(vcpu);
      const root = vcpu.root!;
      const found = this.translate(vcpu, root, gpa);
      if (found !== undefined && (access & ~found.rights) === 0) {
        return { kind: "ram", pfn: found.pfn, gfn: this.l1Frame(vcpu, root, gpa, found) };
      }
      const { lo, hi } = this.entryOf(root, gpa);
      if (isMmio(lo) && mmioGeneration(lo, hi) === vm.generation) {
        return { kind: "device", gfn: pfnOf(lo, hi) };
      }
      this.drop(vcpu, root, gpa);
      const present = found === undefined ? 0 : found.rights << 3;
      const qualification = isMmio(lo) ? 0 : access | present | GLA_VALID;
      const result = vcpu.guestMode
        ? yield* shadowFault(vcpu, nested, gpa, access, qualification)
        : yield* pageFault(vcpu, gpa, (found === undefined ? 0 : 1) | (access & EPT.write));
      const exit = nested.pendingExit;
      if (exit !== undefined) {
        nested.pendingExit = undefined;
        yield* invalidateFault(vcpu, nested, gpa);
        return { kind: "exit", exit };
      }
      const gfn = this.gfnNow(vcpu, gpa);
      if (result === RET_PF.emulate) return { kind: "device", gfn };
      if (result === RET_PF.writeProtected) return { kind: "protected", gfn };
      // Somebody has to finish what the fault waits for.
      yield "retry";
    }
    throw new Error(`no end to the faults at 0x${gpa.toString(16)}`);
  }

  /** A write of an aligned entry of 8 bytes by the guest at hand, which is noticed as it has to be. */
  *write(vcpu: Vcpu, gpa: number, bytes: Uint8Array, emulated?: (done: boolean) => void): Task {
    const { vm } = this;
    const found = yield* this.access(vcpu, gpa, EPT.read | EPT.write);
    if (found.kind === "ram") {
      const at = vm.frames.bytes(found.pfn) + (gpa % PAGE);
      vm.hw.core.u8.set(bytes, at);
      vm.hw.core.exports.hostWritten(at, bytes.length);
    } else if (found.kind === "protected") {
      emulated?.(false);
      const l1Gpa = found.gfn * PAGE + (gpa % PAGE);
      vm.writeGuest(l1Gpa, bytes);
      vcpu.tableWrites.push({ gpa: l1Gpa, bytes: bytes.length });
      vcpu.makeRequest(REQ.mmuTrackWrite);
      emulated?.(true);
      yield* trackWrites(vcpu);
    }
  }

  /** L0 lets go of a table that L1 writes to by an instruction that is not for tables. */
  *unprotect(gfn: number): Task<boolean> {
    return yield* unprotectGfn(this.vm, gfn);
  }

  private gfnNow(vcpu: Vcpu, gpa: number): number {
    const to = vcpu.guestMode ? walkEpt12(this.vm, ept12(vcpu.nested!), gpa).gpa : gpa;
    return Math.floor(to / PAGE);
  }

  // --- the processor ---

  private keyOf(root: Root, gpa: number): string {
    return `${root.pfn}:${Math.floor(gpa / PAGE)}`;
  }

  private drop(vcpu: Vcpu, root: Root, gpa: number): void {
    this.tlbs[vcpu.index]!.delete(this.keyOf(root, gpa));
    this.structures[vcpu.index]!.delete(regionOf(root, gpa));
  }

  /** A cached translation, or a walk of the tables in memory, from the last one that is known on. */
  private translate(vcpu: Vcpu, root: Root, gpa: number): Cached | undefined {
    const tlb = this.tlbs[vcpu.index]!;
    const structures = this.structures[vcpu.index]!;
    const key = this.keyOf(root, gpa);
    const cached = tlb.get(key);
    if (cached !== undefined) return cached;
    const gfn = Math.floor(gpa / PAGE);
    if (gfn >= 512 ** root.level) return undefined;
    let rights: number = EPT.all;
    let table = structures.get(regionOf(root, gpa)) ?? root.pfn;
    let level = table === root.pfn ? root.level : 1;
    for (; ; level--) {
      const { lo, hi } = this.entryIn(table, indexOf(gfn, level));
      if ((lo & EPT.all) === 0 || isMmio(lo)) return undefined;
      rights &= lo;
      if (level > 1 && !isLarge(lo)) {
        table = pfnOf(lo, hi);
        if (level === 2 && this.keeps()) structures.set(regionOf(root, gpa), table);
        continue;
      }
      const pfn = pfnOf(lo, hi) + (level === 2 ? gfn % 512 : 0);
      const found = { pfn, rights };
      if (this.keeps()) tlb.set(key, found);
      return found;
    }
  }

  private entryIn(table: number, index: number): { lo: number; hi: number } {
    const { frames, hw } = this.vm;
    if (frames.isFree(table)) throw new Error(`a walk reads the freed frame ${table}`);
    const word = frames.words(table) + index * 2;
    return { lo: hw.core.u32[word]!, hi: hw.core.u32[word + 1]! };
  }

  private entryOf(root: Root, gpa: number): { lo: number; hi: number } {
    const gfn = Math.floor(gpa / PAGE);
    if (gfn >= 512 ** root.level) return { lo: 0, hi: 0 };
    if (root.role.direct) return this.vm.tdp.walk(root, gfn);
    return this.vm.shadow.walk(root as ShadowPage, gfn);
  }

  /** L1's frame for a translation: of a cached one, the frame that is backed by what it leads to. */
  private l1Frame(vcpu: Vcpu, root: Root, gpa: number, found: Cached): number {
    const gfn = Math.floor(gpa / PAGE);
    if (!vcpu.guestMode) return gfn;
    const { page, index, level } = this.vm.shadow.walk(root as ShadowPage, gfn);
    const leaf = page.leafGfn(index);
    const now = leaf < 0 ? -1 : leaf + (level === 2 ? gfn % 512 : 0);
    if (now >= 0 && this.frameOf(now) === found.pfn) return now;
    for (const slot of this.vm.memslots[0]!.slots) {
      for (let i = 0; i < slot.pages; i++) {
        if (this.vm.mm.frameOf(hvaOf(slot, slot.baseGfn + i)) === found.pfn)
          return slot.baseGfn + i;
      }
    }
    return -1;
  }
}

function regionOf(root: Root, gpa: number): string {
  return `${root.pfn}:r${Math.floor(gpa / (PAGE * 512))}`;
}
