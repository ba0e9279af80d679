/** The high-precision event timer: a 64-bit main counter of 10 ns and three comparators. */
import type { AccessSize, Clock, Device, IrqLine, MmioRange } from "./device.ts";
import {
  HPET_STEP_TICKS,
  HpetComparator,
  type HpetComparatorState,
  HpetConfig,
} from "./hpet-comparator.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { TimerOrder } from "./timer-order.ts";
import { addTo, type Pair } from "./u64.ts";

export const HPET_HPA = 0xfed00000;
const COMPARATORS = 3;
const PERIOD_FEMTOSECONDS = HPET_STEP_TICKS * 1_000_000;

/** Revision 1, three comparators, 64-bit counter, legacy replacement, Intel. */
const CAPABILITIES = (0x80860000 | 0x8000 | 0x2000 | ((COMPARATORS - 1) << 8) | 0x01) >>> 0;
const ENABLE = 0x01;
const LEGACY = 0x02;

const REG = {
  id: 0x000,
  config: 0x010,
  status: 0x020,
  counter: 0x0f0,
  comparators: 0x100,
} as const;

export interface HpetOptions {
  readonly hpa?: number;
  /** I/O APIC input `n`, for comparators routed there. */
  readonly route: (n: number) => IrqLine;
  /** IRQ 0 and IRQ 8 in legacy replacement. */
  readonly legacyIrq: readonly [IrqLine, IrqLine];
  /** Legacy replacement goes on (the PIT and the RTC lose their lines) or off. */
  readonly onLegacy?: (active: boolean) => void;
}

interface HpetState {
  config: number;
  status: number;
  /** Counter value at `baseTime`, or the value at which it stands while disabled. */
  base: Pair;
  baseTime: number;
}

interface SavedHpet {
  readonly registers: HpetState;
  readonly comparators: readonly HpetComparatorState[];
}

export class Hpet implements Device {
  readonly mmio: MmioRange;
  private readonly clock: Clock;
  private readonly options: HpetOptions;
  private readonly comparators: readonly HpetComparator[];
  private s: HpetState = { config: 0, status: 0, base: { lo: 0, hi: 0 }, baseTime: 0 };

  constructor(clock: Clock, options: HpetOptions) {
    this.clock = clock;
    this.options = options;
    this.comparators = Array.from(
      { length: COMPARATORS },
      (_, index) => new HpetComparator(clock, TimerOrder.hpet + index, () => this.interrupt(index)),
    );
    this.mmio = {
      hpa: options.hpa ?? HPET_HPA,
      length: 0x1000,
      name: "HPET",
      readMmio: (offset, size) => this.read(offset, size),
      writeMmio: (offset, size, value) => this.write(offset, size, value),
    };
  }

  reset(): void {
    for (let index = 0; index < COMPARATORS; index++) this.releaseLevel(index);
    if ((this.s.config & LEGACY) !== 0) this.options.onLegacy?.(false);
    this.s = { config: 0, status: 0, base: { lo: 0, hi: 0 }, baseTime: this.clock.now() };
    for (const comparator of this.comparators) comparator.reset();
  }

  snapshot(): unknown {
    const state: SavedHpet = {
      registers: this.s,
      comparators: this.comparators.map((comparator) => comparator.state),
    };
    return sealSnapshot("hpet", 1, state);
  }

  restore(data: unknown): void {
    const state = openSnapshot<SavedHpet>(data, "hpet", 1);
    this.s = state.registers;
    state.comparators.forEach((saved, index) => {
      this.comparators[index].load(saved);
    });
    this.rearm();
  }

  private isEnabled(): boolean {
    return (this.s.config & ENABLE) !== 0;
  }

  /** The main counter now. */
  private counter(): Pair {
    const { base, baseTime } = this.s;
    const value = { lo: base.lo, hi: base.hi };
    if (!this.isEnabled()) return value;
    return addTo(value, Math.floor((this.clock.now() - baseTime) / HPET_STEP_TICKS));
  }

  /** Registers of 64 bits, read and written by words; bytes and half-words read from the word. */
  private read(offset: number, size: AccessSize): number {
    const shift = (offset & 3) * 8;
    if (shift / 8 + size > 4) return 0;
    return this.readWord(offset & ~3) >>> shift;
  }

  private readWord(offset: number): number {
    const high = (offset & 4) !== 0;
    switch (offset & ~7) {
      case REG.id:
        return high ? PERIOD_FEMTOSECONDS : CAPABILITIES;
      case REG.config:
        return high ? 0 : this.s.config;
      case REG.status:
        return high ? 0 : this.s.status;
      case REG.counter:
        return high ? this.counter().hi : this.counter().lo;
      default:
        return this.comparatorAt(offset)?.readWord(offset & 0x1f) ?? 0;
    }
  }

  private write(offset: number, size: AccessSize, value: number): void {
    // Narrower writes have no defined effect.
    if (size !== 4 || (offset & 3) !== 0) return;
    const high = (offset & 4) !== 0;
    switch (offset & ~7) {
      case REG.config:
        if (!high) this.writeConfig(value);
        break;
      case REG.status:
        if (!high) this.writeStatus(value);
        break;
      case REG.counter:
        this.writeCounter(high, value);
        break;
      default:
        this.writeComparator(offset, value);
    }
  }

  private comparatorAt(offset: number): HpetComparator | undefined {
    const index = (offset - REG.comparators) >> 5;
    return this.comparators[index];
  }

  private writeComparator(offset: number, value: number): void {
    const comparator = this.comparatorAt(offset);
    if (comparator === undefined) return;
    const index = this.comparators.indexOf(comparator);
    const held = (this.s.status & (1 << index)) !== 0;
    // The line may change with the configuration: let go of the old one, take the new one.
    if (held) this.line(index).set(false);
    comparator.writeWord(offset & 0x1f, value);
    const holds = HpetConfig.level | HpetConfig.interruptEnable;
    if ((comparator.config & holds) !== holds) this.s.status &= ~(1 << index);
    else if (held) this.line(index).set(true);
    this.rearmOne(comparator);
  }

  private writeConfig(value: number): void {
    const s = this.s;
    const changed = (value ^ s.config) & (ENABLE | LEGACY);
    if ((changed & ENABLE) !== 0) {
      // Stop at, or go on from, the value shown now.
      s.base = this.counter();
      s.baseTime = this.clock.now();
    }
    if ((changed & LEGACY) !== 0) {
      for (let index = 0; index < COMPARATORS; index++) this.releaseLevel(index);
    }
    s.config = value & (ENABLE | LEGACY);
    if ((changed & LEGACY) !== 0) this.options.onLegacy?.((value & LEGACY) !== 0);
    if (changed !== 0) this.rearm();
  }

  /** Writing 1 ends a level-triggered interrupt. */
  private writeStatus(value: number): void {
    for (let index = 0; index < COMPARATORS; index++) {
      if ((value & (1 << index)) !== 0) this.releaseLevel(index);
    }
  }

  private writeCounter(high: boolean, value: number): void {
    const s = this.s;
    const counter = this.counter();
    if (high) counter.hi = value;
    else counter.lo = value;
    s.base = counter;
    s.baseTime = this.clock.now();
    this.rearm();
  }

  private rearm(): void {
    for (const comparator of this.comparators) this.rearmOne(comparator);
  }

  private rearmOne(comparator: HpetComparator): void {
    comparator.rearm(this.isEnabled(), this.counter(), this.stepPhase());
  }

  /** Ticks since the counter last stepped. */
  private stepPhase(): number {
    return this.isEnabled() ? (this.clock.now() - this.s.baseTime) % HPET_STEP_TICKS : 0;
  }

  private line(index: number): IrqLine {
    const legacy = (this.s.config & LEGACY) !== 0;
    if (legacy && index < 2) return this.options.legacyIrq[index as 0 | 1];
    return this.options.route(this.comparators[index].route);
  }

  /** Comparator `index` has matched. */
  private interrupt(index: number): void {
    const comparator = this.comparators[index];
    const { config } = comparator;
    if ((config & HpetConfig.interruptEnable) !== 0) {
      const line = this.line(index);
      if ((config & HpetConfig.level) !== 0) {
        this.s.status |= 1 << index;
        line.set(true);
      } else {
        line.set(true);
        line.set(false);
      }
    }
    comparator.advance(this.counter());
    this.rearmOne(comparator);
  }

  private releaseLevel(index: number): void {
    if ((this.s.status & (1 << index)) === 0) return;
    this.s.status &= ~(1 << index);
    this.line(index).set(false);
  }
}
