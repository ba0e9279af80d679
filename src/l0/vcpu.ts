/** A virtual processor of L0 (struct kvm_vcpu, struct vcpu_vmx): its VMCS, registers and requests. */
import type { ProcessorPins } from "../devices/device.ts";
import { FIELD, SECONDARY } from "../generated/vmx.ts";
import type { StartState } from "../loaders/loader.ts";
import type { VcpuApic } from "./apic/vcpu-apic.ts";
import type { GuestCpuid } from "./cpuid.ts";
import { PAGE_BYTES } from "./frames.ts";
import { type Hardware, INVVPID } from "./hardware.ts";
import { noEvents, type PendingEvents } from "./inject.ts";
import type { GuestMsrs } from "./msrs.ts";
import { stepped } from "./nested/events.ts";
import { secondary12 } from "./nested/roots.ts";
import type { Nested } from "./nested/state.ts";
import { initialParked, type ParkedState } from "./parked.ts";
import type { LoadedVmcs, Pcpu } from "./pcpu.ts";
import { VECTOR } from "./pcpu.ts";
import { MODE, REQ } from "./requests.ts";
import type { RunQueue } from "./run-queue.ts";
import type { Task, Wait } from "./scheduler.ts";
import type { Role, Root } from "./tdp/mmu.ts";
import type { Userspace } from "./userspace.ts";
import type { Vm } from "./vm.ts";
import type { VmcsConfig } from "./vmcs01.ts";

/** mp_state: what the vCPU waits for, if anything. */
export const MP_STATE = { runnable: 0, uninitialized: 1, initReceived: 2, halted: 3 } as const;
export type MpState = (typeof MP_STATE)[keyof typeof MP_STATE];

/** Number of RSP among the general registers. */
const RSP = 4;
const BLOCKED_BY_STI_OR_MOV_SS = 3;
const FLAG_TF = 0x100;
const FLAG_VM = 0x20000;
const DR6_BS = 0x4000;

export interface VcpuParts {
  readonly vm: Vm;
  readonly index: number;
  readonly config: VmcsConfig;
  readonly userspace: Userspace;
}

export class Vcpu implements ProcessorPins {
  readonly vm: Vm;
  readonly hw: Hardware;
  readonly index: number;
  readonly config: VmcsConfig;
  readonly userspace: Userspace;
  /** General registers, two words each; that of RSP is in the VMCS. */
  readonly regs = new Uint32Array(32);
  readonly vmcs01: LoadedVmcs;
  /** Frames that vmcs01 names. */
  readonly msrBitmap: number;
  readonly virtualApic: number;
  readonly postedInterruptDescriptor: number;
  readonly events: PendingEvents = noEvents();
  readonly parked: ParkedState;
  /** The VMCS that VMREAD and VMWRITE hit: vmcs01, and vmcs02 while L2 is active. */
  loadedVmcs: LoadedVmcs;
  msrs!: GuestMsrs;
  apic!: VcpuApic;
  /** What L1 needs for guests of its own; undefined when it is not offered VMX. */
  nested: Nested | undefined;
  mode: number = MODE.outside;
  requests = 0;
  /** The processor whose thread runs this vCPU. */
  pcpu: Pcpu | undefined;
  /** Number of the processor on which it loaded a VMCS last. */
  lastPcpu = -1;
  /** The processor that it is to move to. */
  moveTo: Pcpu | undefined;
  /** Where its thread waits for a processor, if there are more vCPUs than those. */
  queue: RunQueue | undefined;
  /** Its time on the processor is over, and others wait for that. */
  preempted = false;
  /** The host's scheduler takes the thread off its processor until this is ready. */
  offCpu: Wait | undefined;
  /** Root of the tables in use; undefined until they are loaded. */
  root: Root | undefined;
  mpState: MpState;
  /** L2 is active (is_guest_mode). */
  guestMode = false;
  /** INTR of its local APIC or of the 8259. */
  intrLine = false;
  sipiVector = 0;
  initPending = false;
  sipiPending = false;
  /** It was halted with interrupts enabled, which wake it then. */
  haltedWithInterrupts = false;
  /** What userspace asks of the vCPU; its thread does it outside the guest. */
  readonly ioctls: (() => Task)[] = [];
  /** Registers with which an image is entered, until the thread has taken them over. */
  start: StartState | undefined;
  /** TSC offset in vmcs01, for the timer of its APIC. */
  readonly tscOffset = { lo: 0, hi: 0 };
  cpuid!: GuestCpuid;
  resetPending: { readonly vector: number | undefined } | undefined;
  /** It has been in the guest since it flushed all contexts of its processor. */
  ranSinceFlush = false;
  /** Emulated writes to tables of EPT12 that EPT02 has not followed yet. */
  readonly tableWrites: { readonly gpa: number; readonly bytes: number }[] = [];
  /** The fault for which a table was let go last, instead of emulation (last_retry_eip, _addr). */
  readonly retried = { rip: -1n, gpa: -1 };
  /** L0 could not go on with it; userspace has to call for it to run again. */
  gaveUp = false;
  /** Interruptibility behind the instruction that is being emulated. */
  nextShadow = 0;
  /** VM exits so far. */
  exits = 0;
  private tag01: number;
  /** Exit under way: the basic reason. */
  exitReason = 0;

  constructor(parts: VcpuParts) {
    const { vm, index } = parts;
    this.vm = vm;
    this.hw = vm.hw;
    this.index = index;
    this.tag01 = index + 1;
    this.config = parts.config;
    this.userspace = parts.userspace;
    this.mpState = index === 0 ? MP_STATE.runnable : MP_STATE.uninitialized;
    const region = vm.frames.allocate();
    vm.hw.core.u32[vm.frames.words(region)] = parts.config.revision & 0x7fffffff;
    this.vmcs01 = { hpa: region * PAGE_BYTES, cpu: -1, launched: false };
    this.loadedVmcs = this.vmcs01;
    this.msrBitmap = vm.frames.allocate();
    this.virtualApic = vm.frames.allocate();
    this.postedInterruptDescriptor = vm.frames.allocate();
    this.parked = initialParked();
    vm.vcpus.push(this);
  }

  // --- requests ---

  makeRequest(request: number): void {
    this.requests |= request;
    this.vm.observer?.requested(this, request);
  }

  /** Takes the request; true when it was set (kvm_check_request). */
  checkRequest(request: number): boolean {
    if ((this.requests & request) === 0) return false;
    this.requests &= ~request;
    return true;
  }

  /** Takes the vCPU out of the guest if it is there (kvm_vcpu_kick). */
  kick(): void {
    this.wakeUp();
    if (this.mode !== MODE.inGuest || this.pcpu === undefined) return;
    this.mode = MODE.exiting;
    this.pcpu.interrupt(VECTOR.reschedule);
  }

  /** Has the vCPU's thread carry out `task`, and waits for it (an ioctl of the vCPU's file). */
  *ioctl<T>(task: () => Task<T>): Task<T> {
    let result: { value: T } | undefined;
    this.ioctls.push(function* () {
      result = { value: yield* task() };
    });
    this.kick();
    const done: Wait = { why: `ioctl of vCPU ${this.index}`, ready: () => result !== undefined };
    while (result === undefined) yield done;
    return result.value;
  }

  /** Its thread sleeps in HLT no longer, if it may go on; whoever runs makes room. */
  wakeUp(): void {
    if (this.mode === MODE.outside) this.userspace.reschedule();
  }

  // --- pins of the processor, which the interrupt controllers drive ---

  setIntr(level: boolean): void {
    this.intrLine = level;
    if (!level) return;
    this.makeRequest(REQ.event);
    this.kick();
  }

  nmi(): void {
    // One is served, one more is kept (process_nmi).
    this.events.nmiQueued = Math.min(this.events.nmiQueued + 1, 2);
    this.makeRequest(REQ.nmi);
    this.kick();
  }

  init(): void {
    this.initPending = true;
    this.sipiPending = false;
    this.makeRequest(REQ.event);
    this.kick();
  }

  startup(vector: number): void {
    this.sipiVector = vector;
    this.sipiPending = true;
    this.makeRequest(REQ.event);
    this.kick();
  }

  smi(): void {}

  /** The machine is reset; the first vCPU then goes on at real-mode address `vector` if given. */
  requestReset(vector: number | undefined): void {
    this.resetPending = { vector };
    this.kick();
    this.userspace.reschedule();
  }

  // --- registers ---

  /** General register `index` as 64 bits. */
  gpr(index: number): bigint {
    if (index === RSP) return this.hw.readWide(FIELD.guest_rsp);
    return (BigInt(this.regs[index * 2 + 1]!) << 32n) | BigInt(this.regs[index * 2]!);
  }

  setGpr(index: number, value: bigint): void {
    if (index === RSP) {
      this.hw.writeWide(FIELD.guest_rsp, value);
      return;
    }
    this.regs[index * 2] = Number(value & 0xffffffffn);
    this.regs[index * 2 + 1] = Number((value >> 32n) & 0xffffffffn);
  }

  /** Lower half of general register `index`. */
  low(index: number): number {
    return index === RSP ? this.hw.read(FIELD.guest_rsp) : this.regs[index * 2]!;
  }

  /** Sets a general register to a 32-bit value; the upper half is cleared. */
  setLow(index: number, value: number): void {
    if (index === RSP) this.hw.write(FIELD.guest_rsp, value >>> 0);
    this.regs[index * 2] = value;
    this.regs[index * 2 + 1] = 0;
  }

  /** EDX:EAX. */
  setEdxEax(lo: number, hi: number): void {
    this.setLow(0, lo);
    this.setLow(2, hi);
  }

  get rip(): bigint {
    return this.hw.readWide(FIELD.guest_rip);
  }

  get rflags(): number {
    return this.hw.read(FIELD.guest_rflags);
  }

  /** Privilege level: the DPL of SS (vmx_get_cpl). */
  get cpl(): number {
    return (this.hw.read(FIELD.guest_ss_ar) >>> 5) & 3;
  }

  get isLongMode(): boolean {
    return (this.hw.read(FIELD.guest_ia32_efer) & 0x400) !== 0;
  }

  /** CS.L in long mode. */
  get is64BitCode(): boolean {
    return this.isLongMode && (this.hw.read(FIELD.guest_cs_ar) & 0x2000) !== 0;
  }

  get isProtectedMode(): boolean {
    return (this.hw.read(FIELD.guest_cr0) & 1) !== 0;
  }

  get isVirtual8086(): boolean {
    return (this.rflags & FLAG_VM) !== 0 && this.isProtectedMode && !this.isLongMode;
  }

  /** Steps over the instruction that exited (kvm_skip_emulated_instruction). */
  skip(): void {
    this.advance(this.hw.read(FIELD.exit_instruction_length));
  }

  /** Moves RIP by `length`; shadows end, and a trap flag traps. */
  advance(length: number): void {
    this.moveRip(length);
    this.endInstruction((this.rflags & FLAG_TF) !== 0);
  }

  moveRip(length: number): void {
    const { hw } = this;
    const lo = hw.read(FIELD.guest_rip);
    const { hi } = hw;
    const sum = lo + length;
    if (this.is64BitCode) hw.write(FIELD.guest_rip, sum >>> 0, sum > 0xffffffff ? hi + 1 : hi);
    else hw.write(FIELD.guest_rip, sum >>> 0, 0);
  }

  /** Behind an instruction that L0 has carried out. @param trap it began with the trap flag set */
  endInstruction(trap: boolean): void {
    const { hw, nextShadow } = this;
    const shadow = hw.read(FIELD.guest_interruptibility);
    if (((shadow | nextShadow) & BLOCKED_BY_STI_OR_MOV_SS) !== 0) {
      const kept = shadow & ~BLOCKED_BY_STI_OR_MOV_SS;
      hw.write(FIELD.guest_interruptibility, kept | nextShadow);
      this.nextShadow = 0;
    }
    // In the shadow of a load of SS the trap is pending, without which no entry is possible.
    if (trap && nextShadow !== 0) hw.write(FIELD.guest_pending_debug, DR6_BS);
    else if (trap) this.singleStep();
    if (this.guestMode) stepped(this, this.nested!);
  }

  /** The trap of a single step over an instruction that L0 carried out (kvm_vcpu_do_singlestep). */
  private singleStep(): void {
    this.events.queueDebug(this, BigInt(DR6_BS));
  }

  // --- EPT01 ---

  /** What tells this vCPU's roots apart. */
  get rootRole(): Role {
    return this.vm.rootRole(0, !this.config.eptAccessedDirty);
  }

  /** EPTP for a root (construct_eptp): write-back, its levels, A/D flags where there are any. */
  eptpOf({ pfn, level, role }: Root): number {
    return pfn * PAGE_BYTES + (6 | ((level - 1) << 3) | (role.adDisabled ? 0 : 0x40));
  }

  /** Writes EPTP for the root in use (vmx_load_mmu_pgd). */
  writeEptp(): void {
    if (this.root === undefined) return;
    this.hw.at("vmx_load_mmu_pgd").writeAddress(FIELD.eptp, this.eptpOf(this.root));
  }

  // --- flushes ---

  /** vmx_flush_tlb_all: every context of this processor. */
  flushAll(site: string): void {
    this.vm.trace?.flush(this.index, "all");
    this.vm.observer?.flushed(this, "all");
    this.ranSinceFlush = false;
    if (this.vm.policy.skips("InvvpidForZap")) this.hw.at(site).invvpid(INVVPID.all, 0);
    else this.hw.at(site).inveptAll();
  }

  /** The roots of `eptps`, for which all contexts had been asked for. */
  flushRoots(site: string, eptps: Iterable<number>): void {
    this.vm.trace?.flush(this.index, "roots");
    this.vm.observer?.flushed(this, "all");
    for (const eptp of eptps) this.hw.at(site).inveptSingle(eptp);
  }

  /** vmx_flush_tlb_current: the root in use; without one its load will flush. */
  flushCurrent(site: string): void {
    this.vm.observer?.flushed(this, "current");
    if (this.root === undefined) return;
    this.vm.trace?.flush(this.index, "current");
    const late = this.vm.policy.skips("LoadPgdAfterFlush");
    const eptp = late ? this.hw.readAddress(FIELD.eptp) : this.eptpOf(this.root);
    if (eptp !== 0) this.hw.at(site).inveptSingle(eptp);
  }

  /** vmx_flush_tlb_guest: what the guest's own tables gave. */
  flushGuest(site: string): void {
    this.vm.trace?.flush(this.index, "guest");
    this.vm.observer?.flushed(this, "guest");
    const vpid = this.vm.policy.skips("GuestFlushOnVpid01") ? this.vpid01 : this.vpid;
    if (vpid !== 0) this.hw.at(site).invvpid(INVVPID.single, vpid);
  }

  /** kvm_service_local_tlb_flush_requests: those of the context that is about to end. */
  serveLocalFlushes(): void {
    if (this.checkRequest(REQ.tlbFlushCurrent)) this.flushCurrent("kvm_vcpu_flush_tlb_current");
    if (this.checkRequest(REQ.tlbFlushGuest)) this.vm.strategy.flushGuest(this);
  }

  /** A nested switch comes next: what was asked for in the context that ends is served in it. */
  leaveContext(): void {
    const { policy, strategy } = this.vm;
    const local = this.requests & (REQ.tlbFlushCurrent | REQ.tlbFlushGuest);
    if (policy.skips("ServeLate")) return;
    if (policy.skips("DropOnSwitch")) {
      this.requests &= ~local;
    } else if (policy.skips("EscalateToAll") && local !== 0) {
      this.requests &= ~local;
      this.flushAll("kvm_service_local_tlb_flush_requests");
      this.vm.observer?.flushed(this, "guest");
    } else {
      strategy.nestedSwitch(this);
    }
  }

  /** VPID in use: that of L2 while it is active, if L1 uses VPIDs for it. */
  get vpid(): number {
    const own = this.guestMode && (secondary12(this.nested!) & SECONDARY.enable_vpid) !== 0;
    return own ? this.nested!.vpid02 : this.vpid01;
  }

  /** VPID of L1; 0 where the processor has none. */
  get vpid01(): number {
    return (this.config.secondary & SECONDARY.enable_vpid) !== 0 ? this.tag01 : 0;
  }

  /**
   * The context in use gets another VPID, for which nothing is cached, in place of a flush. False where
   * it has none of its own: the processor has no VPIDs, or L2 runs with L1's.
   */
  retag(vpid: number): boolean {
    if (this.vpid === 0 || (this.guestMode && this.vpid === this.vpid01)) return false;
    if (this.guestMode) this.nested!.vpid02 = vpid;
    else this.tag01 = vpid;
    this.hw.at("vmx_flush_tlb_guest").write(FIELD.vpid, vpid);
    this.vm.stats.retags++;
    this.vm.observer?.flushed(this, "guest");
    return true;
  }
}
