/** What L0 asks of the machine around it: devices, interrupts, time, the end of the run. */
import type { AccessSize } from "../devices/device.ts";
import type { LocalApic } from "../devices/local-apic.ts";

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
  readonly hasTscDeadline: boolean;
}

/** L0 meets something that it cannot carry out (KVM_EXIT_INTERNAL_ERROR): the run ends with it. */
export class InternalError extends Error {}
