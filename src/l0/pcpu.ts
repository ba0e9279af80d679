/**
 * Logical processors as L0 has them: which vCPU they hold, which VMCS is current, and the interrupts
 * that L0 sends between them.
 */
import type { Hardware } from "./hardware.ts";
import type { Task, Wait } from "./scheduler.ts";
import type { Vcpu } from "./vcpu.ts";

/** Vectors of L0's own interrupts. */
export const VECTOR = {
  callFunction: 0xfb,
  reschedule: 0xfd,
  postedInterrupt: 0xf2,
  nestedPostedInterrupt: 0xf0,
} as const;

interface PendingInterrupt {
  readonly vector: number;
  readonly handler: (() => void) | undefined;
}

/** A VMCS with what L0 notes about it (struct loaded_vmcs). */
export interface LoadedVmcs {
  readonly hpa: number;
  /** Logical processor on which it was loaded last; -1 when it is clear. */
  cpu: number;
  launched: boolean;
  /** Address of the shadow VMCS that its link pointer names. */
  shadow?: number | undefined;
}

export class Pcpu {
  readonly index: number;
  /** The vCPU whose thread it runs. */
  vcpu: Vcpu | undefined;
  /** The current VMCS. */
  current: LoadedVmcs | undefined;
  /** The processor is in VMX non-root operation. */
  inGuest = false;
  /** Interrupts wait until they are enabled again. */
  irqsOff = false;
  /** Interrupts to a guest arrive only behind its next stay, as those of hardware take their time. */
  isSlow = false;
  private readonly hw: Hardware;
  private readonly pending: PendingInterrupt[] = [];
  private served: (() => void) | undefined;

  constructor(index: number, hw: Hardware) {
    this.index = index;
    this.hw = hw;
  }

  /** Sends an interrupt here. `handler` runs when the processor takes it in root operation. */
  interrupt(vector: number, handler?: () => void): void {
    this.pending.push({ vector, handler });
    if (this.inGuest) {
      if (!this.isSlow) this.hw.raiseInterrupt(this.index, true);
    } else if (!this.irqsOff) {
      this.takeInterrupts();
    }
  }

  /** A stay in the guest is over: interrupts on their way have arrived. */
  arrive(): void {
    if (this.pending.length > 0) this.hw.raiseInterrupt(this.index, true);
  }

  /** Answers the processor's own acknowledge cycle: the vector, or -1. */
  acknowledge(): number {
    const next = this.pending.shift();
    if (this.pending.length === 0) this.hw.raiseInterrupt(this.index, false);
    if (next === undefined) return -1;
    this.served = next.handler;
    return next.vector;
  }

  /** The exit for an acknowledged interrupt: its handler runs (handle_external_interrupt_irqoff). */
  serveAcknowledged(): void {
    const handler = this.served;
    this.served = undefined;
    handler?.();
  }

  /** Interrupts are on in root operation: what is pending is taken. */
  takeInterrupts(): void {
    this.irqsOff = false;
    for (;;) {
      const next = this.pending.shift();
      if (next === undefined) break;
      this.onThis(() => next.handler?.());
    }
    this.hw.raiseInterrupt(this.index, false);
  }

  /** Runs `action` as this processor. */
  onThis(action: () => void): void {
    const before = this.hw.pcpu;
    this.hw.switchTo(this.index);
    action();
    this.hw.switchTo(before);
  }

  /** smp_call_function_single with wait: `action` runs on this processor. */
  *call(action: () => void): Task {
    let done = false;
    this.interrupt(VECTOR.callFunction, () => {
      this.onThis(action);
      done = true;
    });
    const wait: Wait = { why: `call on CPU ${this.index}`, ready: () => done };
    if (!done) yield wait;
  }

  /** Makes `vmcs` the current one. */
  load(vmcs: LoadedVmcs): void {
    if (this.current === vmcs) return;
    this.hw.vmptrld(vmcs.hpa);
    this.current = vmcs;
  }

  /** VMCLEAR of a VMCS that is active here (__loaded_vmcs_clear). */
  clear(vmcs: LoadedVmcs): void {
    this.hw.vmclear(vmcs.hpa);
    if (vmcs.shadow !== undefined && vmcs.launched) this.hw.vmclear(vmcs.shadow);
    vmcs.cpu = -1;
    vmcs.launched = false;
    if (this.current === vmcs) this.current = undefined;
  }
}
