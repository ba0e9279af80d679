/**
 * The thread of a vCPU (vcpu_run, vcpu_enter_guest): requests, injection, the last test before the
 * entry, the stay in the guest, and what the exit asks for.
 */
import { FIELD, REASON } from "../generated/vmx.ts";
import type { DeferredVmcs01 } from "./apic/access-page.ts";
import { FAST_EXITS, handleExit } from "./exits/index.ts";
import { STOP, VMX_OUTCOME, VmxError } from "./hardware.ts";
import { cancelInjection, completeInterrupts, injectEvents, isInjecting } from "./inject.ts";
import { getNestedStatePages, refusedEntry } from "./nested/entry.ts";
import { afterEntry, hasVirtualInterrupt, nestedEvents } from "./nested/events.ts";
import { nestedVmexit, TRIPLE_FAULT } from "./nested/exit.ts";
import { isForL1 } from "./nested/routing.ts";
import { leaveNested } from "./nested/saved-state.ts";
import { syncRoots, trackWrites } from "./nested/shadow-sync.ts";
import { armTimer, disarmTimer } from "./nested/timer.ts";
import type { Pcpu } from "./pcpu.ts";
import { SharedPage } from "./primary-mm.ts";
import { MODE, REQ } from "./requests.ts";
import { applyStart, resetVcpu, setUpVcpu, startAt } from "./reset.ts";
import type { GuestStay, Task, Wait } from "./scheduler.ts";
import { freeObsoleteRoot, loadMmu } from "./tdp/fault.ts";
import { ExitTrail } from "./trail.ts";
import { asInternalError, InternalError } from "./userspace.ts";
import { MP_STATE, type Vcpu } from "./vcpu.ts";
import { schedIn, schedOut } from "./vcpu-load.ts";
import { acceptApicEvents, endOf, isRunnable, leavesProcessor, processNmi } from "./vcpu-wait.ts";
import { serveVmcs01Updates } from "./vmcs01-updates.ts";

const VALID = 0x80000000;

export class VcpuThread {
  readonly vcpu: Vcpu;
  /** What the stay in the guest is, as the scheduler sees it. */
  readonly stay: GuestStay;
  /** vmcs01 updates that wait for the nested exit. */
  readonly deferred: DeferredVmcs01;
  /** The processor is in the guest. */
  private entered = false;
  private exited = false;
  /** What ended the stay in the guest when L0 cannot go on with it. */
  private failure: unknown;
  private shared: SharedPage | undefined;
  /** How the processor has refused to go on with L2. */
  private refused: number = VMX_OUTCOME.succeed;
  private readonly trail = new ExitTrail();
  private isSetUp = false;
  /** Gives the processor a slice, where no machine does that. */
  beforeStay: (() => void) | undefined;
  /** Why the core's run call ended last. */
  lastStop: number = STOP.SLICE;
  private readonly asleep: Wait;

  constructor(vcpu: Vcpu) {
    this.vcpu = vcpu;
    this.deferred = vcpu.nested?.deferred ?? { reloadApicAccessPage: false };
    this.stay = { why: "guest", ready: () => true, run: () => this.runGuest() };
    this.asleep = { why: `vCPU ${vcpu.index}: HLT`, ready: () => isRunnable(vcpu) };
  }

  /** True while it is in the guest, so that only the processor can go on. */
  get isInGuest(): boolean {
    return this.entered;
  }

  /** The thread (KVM_RUN). */
  *run(pcpu: Pcpu): Task {
    const { vcpu } = this;
    const { queue } = vcpu;
    if (queue === undefined) yield* schedIn(vcpu, pcpu);
    else yield* queue.acquire(vcpu);
    if (!this.isSetUp) {
      this.isSetUp = true;
      setUpVcpu(vcpu);
      queue?.exitFromSpinning(vcpu);
    }
    for (;;) {
      try {
        yield* this.copySharedPage();
        yield* this.serveHost();
        yield* this.goOn();
      } catch (error) {
        if (error instanceof SharedPage) this.shared = error;
        else yield* this.sleep(this.giveUp(error));
      }
    }
  }

  /** Waits, where others may need the processor without it. */
  private *sleep(wait: Wait): Task {
    const { queue } = this.vcpu;
    if (queue !== undefined) yield* queue.sleep(this.vcpu, wait);
    else while (!wait.ready()) yield wait;
  }

  /** What userspace and the host's scheduler want of the vCPU. */
  private *serveHost(): Task {
    const { vcpu } = this;
    if (vcpu.resetPending !== undefined) yield* this.reset(vcpu.resetPending.vector);
    if (vcpu.start !== undefined) {
      applyStart(vcpu, vcpu.start);
      vcpu.start = undefined;
    }
    if (vcpu.preempted) yield* vcpu.queue!.yieldProcessor(vcpu);
    if (vcpu.moveTo !== undefined) yield* this.migrate(vcpu.moveTo);
    if (vcpu.offCpu !== undefined) yield* this.giveWay(vcpu.offCpu);
    for (let next = vcpu.ioctls.shift(); next !== undefined; next = vcpu.ioctls.shift()) {
      yield* next();
    }
  }

  /** Hands the error to userspace (KVM_EXIT_INTERNAL_ERROR), which may call KVM_RUN again. */
  private giveUp(cause: unknown): Wait {
    const { vcpu } = this;
    const error = asInternalError(cause);
    if (error === undefined) throw cause;
    if (vcpu.mode !== MODE.outside) this.leaveMode(vcpu.pcpu!);
    vcpu.gaveUp = true;
    vcpu.userspace.internalError(vcpu.index, error, this.trail.lines());
    return {
      why: "internal error",
      ready: () => !vcpu.gaveUp || vcpu.resetPending !== undefined,
    };
  }

  /** L0 was to write to a page that others share: the guest begins the instruction anew behind a copy. */
  private *copySharedPage(): Task {
    const { shared } = this;
    if (shared === undefined) return;
    this.shared = undefined;
    yield "kvm_write_guest: copy on write";
    yield* this.vcpu.vm.mm.breakSharing(shared.hva);
  }

  /** One round of vcpu_run. */
  private *goOn(): Task {
    const { vcpu } = this;
    if (vcpu.mpState !== MP_STATE.runnable) {
      yield* this.block();
      return;
    }
    // An event may take L2 out to L1 before its requests are served (kvm_vcpu_running).
    if (vcpu.guestMode && (yield* nestedEvents(vcpu, vcpu.nested!))) return;
    yield* this.enterGuest();
  }

  /** A reset of the machine. */
  private *reset(vector: number | undefined): Task {
    const { vcpu } = this;
    vcpu.resetPending = undefined;
    yield* leaveNested(vcpu);
    resetVcpu(vcpu, false);
    const boot = vcpu.index === 0;
    vcpu.mpState = boot ? MP_STATE.runnable : MP_STATE.uninitialized;
    if (boot && vector !== undefined) startAt(vcpu, vector >>> 12, vector & 0xfff);
  }

  private *migrate(target: Pcpu): Task {
    const { vcpu } = this;
    vcpu.moveTo = undefined;
    if (vcpu.pcpu === target) return;
    vcpu.vm.stats.migrations++;
    schedOut(vcpu);
    yield "schedule";
    yield* schedIn(vcpu, target);
  }

  /** Another thread has the processor meanwhile. */
  private *giveWay(until: Wait): Task {
    const { vcpu } = this;
    const pcpu = vcpu.pcpu!;
    schedOut(vcpu);
    while (!until.ready()) yield until;
    vcpu.offCpu = undefined;
    yield* schedIn(vcpu, pcpu);
  }

  /** kvm_vcpu_block: sleeps until there is something to do. */
  private *block(): Task {
    const { vcpu } = this;
    const { nested } = vcpu;
    const isL2 = vcpu.guestMode && nested !== undefined;
    if (isL2) {
      armTimer(nested);
      nested.virtualPending = hasVirtualInterrupt(vcpu, nested);
    }
    if (!isRunnable(vcpu)) yield* this.sleep(this.asleep);
    if (isL2) {
      disarmTimer(nested);
      nested.wasHalted = vcpu.mpState === MP_STATE.halted;
    }
    // Moving it to another processor, or off its own, does not wake it.
    if (vcpu.resetPending !== undefined || leavesProcessor(vcpu)) return;
    if (isL2 && (yield* nestedEvents(vcpu, nested))) return;
    acceptApicEvents(vcpu);
    if (vcpu.mpState === MP_STATE.halted) {
      vcpu.mpState = MP_STATE.runnable;
      vcpu.makeRequest(REQ.event);
    }
  }

  /** vcpu_enter_guest: one entry and what comes of it. */
  private *enterGuest(): Task {
    const { vcpu } = this;
    const { vm } = vcpu;
    const pcpu = vcpu.pcpu!;
    if (vcpu.requests !== 0 && !(yield* this.serveRequests())) return;
    if (vcpu.checkRequest(REQ.event)) {
      if (vcpu.guestMode && (yield* nestedEvents(vcpu, vcpu.nested!))) return;
      acceptApicEvents(vcpu);
      if (vcpu.mpState !== MP_STATE.runnable) return;
      injectEvents(vcpu);
    }
    if (vcpu.root === undefined) yield* loadMmu(vcpu);
    const early = vm.policy.skips("CheckBeforeMode");
    let refused = early && this.mustNotEnter();
    pcpu.irqsOff = true;
    yield "vcpu_enter_guest: mode = IN_GUEST_MODE";
    vcpu.mode = MODE.inGuest;
    yield "vcpu_enter_guest: last test";
    vcpu.apic.beforeEntry();
    vm.strategy.beforeEntry(vcpu);
    if (!early) refused = this.mustNotEnter();
    if (refused) {
      this.leaveMode(pcpu);
      cancelInjection(vcpu);
      return;
    }
    const outcome = this.enter();
    if (outcome !== VMX_OUTCOME.succeed) {
      this.leaveMode(pcpu);
      yield* refusedEntry(vcpu, vcpu.nested!, outcome);
      return;
    }
    yield this.stay;
    this.leaveMode(pcpu);
    if (this.failure !== undefined) this.throwFailure(this.failure);
    if (this.refused !== VMX_OUTCOME.succeed) {
      const again = this.refused;
      this.refused = VMX_OUTCOME.succeed;
      yield* refusedEntry(vcpu, vcpu.nested!, again);
      return;
    }
    if (!this.exited) return;
    this.exited = false;
    vcpu.hw.at("handle_exit");
    yield* handleExit(vcpu);
  }

  private throwFailure(failure: unknown): never {
    this.failure = undefined;
    this.exited = false;
    throw failure;
  }

  private leaveMode(pcpu: Pcpu): void {
    this.vcpu.mode = MODE.outside;
    pcpu.takeInterrupts();
  }

  /** kvm_vcpu_exit_request */
  private mustNotEnter(): boolean {
    const { vcpu } = this;
    return (
      vcpu.mode === MODE.exiting ||
      vcpu.requests !== 0 ||
      leavesProcessor(vcpu) ||
      vcpu.resetPending !== undefined
    );
  }

  /** Serves what has been asked for, in KVM's order. False: the loop begins anew. */
  private *serveRequests(): Task<boolean> {
    const { vcpu } = this;
    const { vm } = vcpu;
    yield "vcpu_enter_guest: requests";
    if (vcpu.checkRequest(REQ.getNestedStatePages)) getNestedStatePages(vcpu, vcpu.nested!);
    if (vcpu.checkRequest(REQ.mmuFreeObsoleteRoots)) yield* freeObsoleteRoot(vcpu);
    if ((vcpu.requests & REQ.mmuTrackWrite) !== 0) yield* trackWrites(vcpu);
    if (vcpu.checkRequest(REQ.mmuSync)) yield* syncRoots(vcpu);
    const latePgd = vm.policy.skips("LoadPgdAfterFlush");
    if (!latePgd && vcpu.checkRequest(REQ.loadMmuPgd)) vcpu.writeEptp();
    if (vcpu.checkRequest(REQ.tlbFlush)) vm.strategy.serveFlush(vcpu);
    vcpu.serveLocalFlushes();
    if (latePgd && vcpu.checkRequest(REQ.loadMmuPgd)) vcpu.writeEptp();
    if (vcpu.checkRequest(REQ.tripleFault)) {
      if (vcpu.guestMode) {
        yield* nestedVmexit(vcpu, vcpu.nested!, TRIPLE_FAULT);
        return false;
      }
      vcpu.userspace.shutdown(vcpu.index);
      yield* this.sleep(endOf(vcpu, "shutdown"));
      return false;
    }
    if (vcpu.checkRequest(REQ.nmi)) processNmi(vcpu);
    yield* serveVmcs01Updates(vcpu, this.deferred);
    vcpu.checkRequest(REQ.outsideGuestMode);
    return vcpu.mpState === MP_STATE.runnable;
  }

  /** VM entry. An entry to L2 may be refused, which is L1's business. */
  private enter(): number {
    const { vcpu } = this;
    const { hw } = vcpu;
    vcpu.nested?.beforeEntry();
    hw.gpr.set(vcpu.regs);
    if (vcpu.vm.trace !== undefined) vcpu.vm.trace.entry(vcpu.index, vcpu.rip);
    const vmcs = vcpu.loadedVmcs;
    vcpu.vm.observer?.entering(vcpu);
    vcpu.ranSinceFlush = true;
    const { entryTime } = vcpu.userspace;
    entryTime?.begin();
    const outcome = hw.at("vmx_vcpu_run").enter(vmcs.launched);
    entryTime?.end();
    if (outcome !== VMX_OUTCOME.succeed) {
      // What vmcs12 names may change behind L0's checks: the virtual-APIC page and its TPR (vmx->fail).
      if (vcpu.guestMode) return outcome;
      this.entryFailed(outcome);
    }
    vmcs.launched = true;
    this.entered = true;
    vcpu.pcpu!.inGuest = true;
    if (vcpu.guestMode) afterEntry(vcpu, vcpu.nested!);
    return outcome;
  }

  private entryFailed(outcome: number): never {
    const { hw } = this.vcpu;
    if (outcome !== VMX_OUTCOME.entryFailed) {
      throw new VmxError("VM entry", outcome, hw.instructionError(outcome));
    }
    const reason = hw.read(FIELD.exit_reason) & 0xffff;
    const message = `vCPU ${this.vcpu.index}: VM entry fails with exit reason ${reason}`;
    throw new InternalError("entry", message);
  }

  /**
   * The processor runs until the slice ends or an exit needs the thread. Exits that no other thread can
   * notice are handled here, and the guest goes on (the fast path). True: the thread goes on.
   */
  runGuest(): boolean {
    const { vcpu } = this;
    const { hw } = vcpu;
    const pcpu = vcpu.pcpu!;
    hw.switchTo(pcpu.index);
    this.beforeStay?.();
    try {
      return this.stayInGuest(pcpu);
    } catch (error) {
      if (!(error instanceof SharedPage) && asInternalError(error) === undefined) throw error;
      // The thread goes on with it, as with an exit that needs it.
      this.failure = error;
      return true;
    }
  }

  private stayInGuest(pcpu: Pcpu): boolean {
    const { vcpu } = this;
    const { hw } = vcpu;
    for (;;) {
      const stop = hw.run();
      this.lastStop = stop;
      if (stop !== STOP.VM_EXIT) {
        if (pcpu.isSlow) pcpu.arrive();
        return false;
      }
      pcpu.inGuest = false;
      this.entered = false;
      vcpu.regs.set(hw.gpr);
      vcpu.apic.afterExit();
      const reason = hw.read(FIELD.exit_reason);
      vcpu.exitReason = reason;
      vcpu.exits++;
      const rip = hw.read(FIELD.guest_rip);
      this.trail.add(reason, rip, hw.hi, vcpu.guestMode);
      if (vcpu.vm.trace !== undefined) this.traceExit(reason);
      if (isInjecting(vcpu) || (hw.read(FIELD.idt_vectoring_info) & VALID) !== 0) {
        completeInterrupts(vcpu);
      }
      const fast = vcpu.guestMode && this.needsThread(reason) ? undefined : FAST_EXITS[reason];
      if (fast === undefined || !fast(vcpu)) {
        this.exited = true;
        return true;
      }
      if (!this.reenter(pcpu)) return true;
    }
  }

  /** An exit of L2 that L1 gets, or that EPT12 has a say in. */
  private needsThread(reason: number): boolean {
    const { vcpu } = this;
    return reason === REASON.ept_misconfiguration || isForL1(vcpu, vcpu.nested!, reason);
  }

  /** The fast path's way back: the same last test as for other entries. */
  private reenter(pcpu: Pcpu): boolean {
    const { vcpu } = this;
    const { hw } = vcpu;
    if (vcpu.mpState !== MP_STATE.runnable || leavesProcessor(vcpu)) return false;
    if (vcpu.requests !== 0 || vcpu.mode !== MODE.inGuest) {
      const blind = vcpu.vm.policy.skips("FastpathNoRecheck");
      if (!blind || (vcpu.requests & REQ.event) !== 0) return false;
    }
    vcpu.apic.beforeEntry();
    vcpu.nested?.beforeEntry();
    hw.gpr.set(vcpu.regs);
    if (vcpu.vm.trace !== undefined) vcpu.vm.trace.entry(vcpu.index, vcpu.rip);
    vcpu.vm.observer?.entering(vcpu);
    const outcome = hw.enter(true);
    if (outcome !== VMX_OUTCOME.succeed) {
      if (!vcpu.guestMode) this.entryFailed(outcome);
      this.refused = outcome;
      return false;
    }
    this.entered = true;
    pcpu.inGuest = true;
    return true;
  }

  private traceExit(reason: number): void {
    const { vcpu } = this;
    const { hw } = vcpu;
    const info1 = hw.readWide(FIELD.exit_qualification);
    const info2 = hw.read(FIELD.exit_intr_info);
    vcpu.vm.trace!.exit(vcpu.index, reason, vcpu.rip, info1, info2);
  }
}
