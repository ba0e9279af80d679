/** What a device sees of the machine: ports, memory-mapped registers, interrupt lines, time. */

export type AccessSize = 1 | 2 | 4;

/** A range of I/O ports. An access wider than `widest` arrives as several narrower ones. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
  /** Widest access in bytes that the device takes in one call. */
  readonly widest: AccessSize;
  readonly name: string;
  readPort(port: number, size: AccessSize): number;
  writePort(port: number, size: AccessSize, value: number): void;
}

/** A device's range of host-physical addresses. 8-byte accesses arrive as two of 4 bytes. */
export interface MmioRange {
  /** First host-physical address; must be a multiple of 4096. */
  readonly hpa: number;
  /** Length in bytes; a multiple of 4096. */
  readonly length: number;
  readonly name: string;
  readMmio(offset: number, size: AccessSize): number;
  writeMmio(offset: number, size: AccessSize, value: number): void;
}

/** A wire into an interrupt controller. */
export interface IrqLine {
  /** Sets the level of the wire. Setting the level it has already does nothing. */
  set(level: boolean): void;
}

export interface Timer {
  cancel(): void;
}

/** Virtual time: one tick is one retired instruction and counts as one nanosecond. */
export interface Clock {
  /** Ticks since the machine was switched on; an integer. */
  now(): number;
  /**
   * Calls `action` when virtual time reaches `time` (at once if it has passed already). Of timers
   * due at the same tick those with the lower `order` (default 0) run first, then those armed
   * first; a device gives its own order, so that a restored machine runs them as the saved one
   * would have.
   */
  at(time: number, action: () => void, order?: number): Timer;
}

/** What every device can do besides answering accesses. */
export interface Device {
  /** Returns to the state after a system reset; battery-backed contents stay. */
  reset(): void;
  /** The whole state as structured-cloneable data that shares nothing with the device. */
  snapshot(): unknown;
  /**
   * Takes over a state made by `snapshot` of a device of the same kind. Timers are armed anew;
   * lines are not driven, because their receivers save the levels they saw.
   */
  restore(data: unknown): void;
}

/** Ticks of virtual time in one second of the guest. */
export const TICKS_PER_SECOND = 1_000_000_000;

/** What the interrupt system asks of one logical processor. */
export interface ProcessorPins {
  /** Level of the INTR pin: true while the local APIC or the 8259 has an interrupt to deliver. */
  setIntr(level: boolean): void;
  /** Edge on NMI. */
  nmi(): void;
  /** INIT: the processor resets its state and waits for SIPI. */
  init(): void;
  /** Start-up IPI with the given vector; ignored unless the processor waits for it. */
  startup(vector: number): void;
  /** SMI; the machine has no SMM and ignores it. */
  smi(): void;
}
