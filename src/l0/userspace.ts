/** What L0 asks of the machine around it: devices, interrupts, time, the end of the run. */
import type { AccessSize } from "../devices/device.ts";
import type { LocalApic } from "../devices/local-apic.ts";
import { OutOfFrames } from "./frames.ts";
import { VmxError } from "./hardware.ts";

export interface Userspace {
  readPort(port: number, size: AccessSize): number;
  writePort(port: number, size: AccessSize, value: number): void;
  readMmio(vcpu: number, gpa: number, size: AccessSize): number;
  writeMmio(vcpu: number, gpa: number, size: AccessSize, value: number): void;
  /** The APIC of a vCPU; undefined on a machine without. */
  localApic(vcpu: number): LocalApic | undefined;
  /** Answers the interrupt-acknowledge cycle of a vCPU: a vector. */
  acknowledge(vcpu: number): number;
  /** Brings the devices' clock to the processor's time. */
  syncClock(): void;
  /** Virtual time in ticks. */
  now(): number;
  /** Counts the time of VM entries; undefined where nobody asks for time. */
  readonly entryTime?: { begin(): void; end(): void };
  /** A vCPU has something to do: whoever runs on the processor at hand makes room. */
  reschedule(): void;
  /** The guest cannot go on (KVM_EXIT_SHUTDOWN). */
  shutdown(vcpu: number): void;
  /**
   * L0 cannot go on with the guest (KVM_EXIT_INTERNAL_ERROR); `trail` is the vCPU's last exits, oldest
   * first.
   */
  internalError(vcpu: number, error: InternalError, trail: readonly string[]): void;
  readonly hasTscDeadline: boolean;
}

/** What KVM_EXIT_INTERNAL_ERROR tells apart (KVM_INTERNAL_ERROR_*), and a fault of userspace. */
export type Suberror =
  | "emulation"
  | "delivery"
  | "unexpected-exit"
  | "entry"
  | "memory"
  /** A VMX instruction of L0's own has failed. */
  | "vmx"
  /** L0 has no memory left. */
  | "host-memory";

/** L0 meets something of the guest that it cannot carry out: the run ends with it. */
export class InternalError extends Error {
  readonly suberror: Suberror;

  constructor(suberror: Suberror, message: string) {
    super(message);
    this.suberror = suberror;
  }
}

/** What ends a run with a reason: L0's own errors, and the last resorts. Undefined for defects. */
export function asInternalError(error: unknown): InternalError | undefined {
  if (error instanceof InternalError) return error;
  if (error instanceof VmxError) return new InternalError("vmx", error.message);
  return error instanceof OutOfFrames ? new InternalError("host-memory", error.message) : undefined;
}
