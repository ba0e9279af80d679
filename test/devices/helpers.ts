/** What device tests share: a recording wire, short port access, a processor that takes notes. */
import { Bus } from "../../src/devices/bus.ts";
import type { IrqLine, PortRange, ProcessorPins } from "../../src/devices/device.ts";

/** A wire that remembers its level and counts rising edges. */
export class TestLine implements IrqLine {
  level = false;
  rises = 0;

  set(level: boolean): void {
    if (level && !this.level) this.rises++;
    this.level = level;
  }
}

/** A bus with the given ports and one-byte access. */
export class PortBus {
  readonly bus = new Bus();

  constructor(...ranges: readonly (PortRange | readonly PortRange[])[]) {
    for (const range of ranges.flat() as PortRange[]) this.bus.addPorts(range);
  }

  in(port: number): number {
    return this.bus.readPort(port, 1);
  }

  out(port: number, ...values: readonly number[]): void {
    for (const value of values) this.bus.writePort(port, 1, value);
  }
}

/** The pins of a processor that does nothing but count. */
export class TestPins implements ProcessorPins {
  intr = false;
  nmis = 0;
  inits = 0;
  smis = 0;
  readonly startups: number[] = [];
  /** How often setIntr was called with the level it had. */
  redundant = 0;

  setIntr(level: boolean): void {
    if (level === this.intr) this.redundant++;
    this.intr = level;
  }

  nmi(): void {
    this.nmis++;
  }

  init(): void {
    this.inits++;
  }

  startup(vector: number): void {
    this.startups.push(vector);
  }

  smi(): void {
    this.smis++;
  }
}
