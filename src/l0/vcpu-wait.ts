/** What a vCPU's thread waits for, and the events that change what it is to do. */
import { FIELD } from "../generated/vmx.ts";
import { exitsOnInterrupt } from "./nested/events.ts";
import { REQ } from "./requests.ts";
import { resetVcpu, startAt } from "./reset.ts";
import type { Wait } from "./scheduler.ts";
import { MP_STATE, type Vcpu } from "./vcpu.ts";

const BLOCKED_BY_NMI = 8;

/** A vCPU that has shut down goes on when the machine is reset. */
export function endOf(vcpu: Vcpu, why: string): Wait {
  return { why, ready: () => vcpu.resetPending !== undefined };
}

/** process_nmi: what came while it could not be delivered; two at most. */
export function processNmi(vcpu: Vcpu): void {
  const { events } = vcpu;
  // While NMIs are blocked, one is kept; else one is delivered and one kept.
  const blocked = (vcpu.hw.read(FIELD.guest_interruptibility) & BLOCKED_BY_NMI) !== 0;
  const limit = events.nmiInjected || blocked ? 1 : 2;
  events.nmiPending = Math.min(events.nmiPending + events.nmiQueued, limit);
  events.nmiQueued = 0;
  vcpu.makeRequest(REQ.event);
}

/** The host's scheduler wants the thread elsewhere, or userspace wants something of it. */
export function leavesProcessor({ moveTo, offCpu, ioctls, preempted }: Vcpu): boolean {
  return moveTo !== undefined || offCpu !== undefined || preempted || ioctls.length > 0;
}

/** kvm_arch_vcpu_runnable */
export function isRunnable(vcpu: Vcpu): boolean {
  if (leavesProcessor(vcpu) || vcpu.initPending || vcpu.resetPending !== undefined) return true;
  const waitsForSipi =
    vcpu.mpState === MP_STATE.initReceived || vcpu.mpState === MP_STATE.uninitialized;
  if (waitsForSipi) return vcpu.sipiPending;
  if (vcpu.mpState === MP_STATE.runnable) return true;
  if (vcpu.mpState !== MP_STATE.halted) return false;
  if (vcpu.events.nmiQueued > 0 || vcpu.events.nmiPending > 0) return true;
  const { nested } = vcpu;
  if (vcpu.guestMode && nested !== undefined) {
    if (nested.pendingExit !== undefined || nested.mtfPending || nested.timerExpired) return true;
    if (vcpu.userspace.now() >= nested.timerDeadline) return true;
    if (nested.virtualPending) return true;
    if (exitsOnInterrupt(nested)) return vcpu.apic.hasInterrupt();
  }
  return vcpu.haltedWithInterrupts && vcpu.apic.hasInterrupt();
}

/** INIT and SIPI (kvm_apic_accept_events). */
export function acceptApicEvents(vcpu: Vcpu): void {
  const { nested } = vcpu;
  // In VMX root operation INIT waits, and start-up IPIs are lost.
  if (nested?.vmxon === true && !vcpu.guestMode) {
    vcpu.sipiPending = false;
    return;
  }
  // For L2, INIT is an exit to L1 (vmx_check_nested_events).
  if (vcpu.guestMode) {
    vcpu.sipiPending = false;
    return;
  }
  if (vcpu.initPending) {
    vcpu.initPending = false;
    resetVcpu(vcpu, true);
    vcpu.apic.lapic?.initReset();
    vcpu.mpState = vcpu.index === 0 ? MP_STATE.runnable : MP_STATE.initReceived;
  }
  if (!vcpu.sipiPending) return;
  vcpu.sipiPending = false;
  if (vcpu.mpState !== MP_STATE.initReceived && vcpu.mpState !== MP_STATE.uninitialized) return;
  startAt(vcpu, vcpu.sipiVector);
  vcpu.mpState = MP_STATE.runnable;
}
