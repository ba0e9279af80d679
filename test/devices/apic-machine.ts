/** A few local APICs on one bus with counting processors, for the APIC and I/O APIC tests. */
import { ApicBus } from "../../src/devices/apic-bus.ts";
import { VirtualClock } from "../../src/devices/clock.ts";
import { LocalApic, type LocalApicOptions } from "../../src/devices/local-apic.ts";
import { TestPins } from "./helpers.ts";

export const BASE_ENABLED = 0xfee00800;
export const BASE_X2APIC = 0xfee00c00;

/** Register offsets, named as the SDM does. */
export const REG = {
  ID: 0x20,
  VERSION: 0x30,
  TPR: 0x80,
  APR: 0x90,
  PPR: 0xa0,
  EOI: 0xb0,
  LDR: 0xd0,
  DFR: 0xe0,
  SVR: 0xf0,
  ISR: 0x100,
  TMR: 0x180,
  IRR: 0x200,
  ESR: 0x280,
  ICR: 0x300,
  ICR2: 0x310,
  LVT_TIMER: 0x320,
  LVT_THERMAL: 0x330,
  LVT_PERFORMANCE: 0x340,
  LVT_LINT0: 0x350,
  LVT_LINT1: 0x360,
  LVT_ERROR: 0x370,
  TMICT: 0x380,
  TMCCT: 0x390,
  TDCR: 0x3e0,
} as const;

/** One processor of the test machine. */
export class TestProcessor {
  readonly pins = new TestPins();
  readonly apic: LocalApic;

  constructor(clock: VirtualClock, bus: ApicBus, options: LocalApicOptions) {
    this.apic = new LocalApic(clock, bus, this.pins, options);
  }

  get(offset: number): number {
    return this.apic.readMmio(offset);
  }

  put(offset: number, value: number): void {
    this.apic.writeMmio(offset, value);
  }

  /** Sends an IPI as a driver in xAPIC mode does. */
  ipi(command: number, destination = 0): void {
    this.put(REG.ICR2, destination << 24);
    this.put(REG.ICR, command);
  }

  /** Takes every interrupt that is offered, ending each at once; the vectors in order. */
  serveAll(): number[] {
    const vectors: number[] = [];
    while (this.pins.intr && vectors.length < 1000) {
      vectors.push(this.apic.acknowledge());
      this.apic.endOfInterrupt();
    }
    return vectors;
  }

  hasBit(register: number, vector: number): boolean {
    const word = this.get(register + ((vector >> 5) << 4));
    return ((word >>> (vector & 31)) & 1) === 1;
  }
}

/** A machine with `count` processors whose APICs are enabled by software. */
export function apicMachine(count: number, options: Partial<LocalApicOptions> = {}) {
  const clock = new VirtualClock();
  const bus = new ApicBus();
  const cpus = Array.from({ length: count }, (_, apicId) => {
    const cpu = new TestProcessor(clock, bus, {
      apicId,
      bootstrap: apicId === 0,
      x2apicAdvertised: true,
      tscDeadlineAdvertised: true,
      ...options,
    });
    cpu.put(REG.SVR, 0x1ff);
    return cpu;
  });
  return { clock, bus, cpus };
}
