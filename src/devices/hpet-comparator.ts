/** One comparator of the HPET: its registers and the moment of its next match. */
import type { Clock, Timer } from "./device.ts";
import { PERIOD_TICKS_MIN } from "./rate.ts";
import { addTo, distance, type Pair, toNumber } from "./u64.ts";

/** Lower word of a comparator's configuration register. */
export const HpetConfig = {
  level: 1 << 1,
  interruptEnable: 1 << 2,
  periodic: 1 << 3,
  periodicCapable: 1 << 4,
  wideCapable: 1 << 5,
  setValue: 1 << 6,
  narrow: 1 << 8,
  routeShift: 9,
} as const;

/** Level, enable, periodic, value-set, 32-bit mode, route; the rest reads only. */
const CONFIG_WRITABLE = 0x3f4e;
/** Every I/O APIC input can be chosen. */
const ROUTES = 0x00ffffff;
/** Ticks of virtual time in one step of the main counter. */
export const HPET_STEP_TICKS = 10;
/** Distances beyond this many steps are out of the clock's reach. */
const STEPS_MAX = 2 ** 49;
const TWO_32 = 0x100000000;

export interface HpetComparatorState {
  config: number;
  comparator: Pair;
  period: Pair;
  /** The last write was to the lower word and reached the comparator. */
  lowWroteComparator: boolean;
}

export class HpetComparator {
  state = initialState();
  private readonly clock: Clock;
  private readonly order: number;
  private readonly match: () => void;
  private timer: Timer | undefined;

  constructor(clock: Clock, order: number, match: () => void) {
    this.clock = clock;
    this.order = order;
    this.match = match;
  }

  get config(): number {
    return this.state.config;
  }

  /** I/O APIC input chosen. */
  get route(): number {
    return (this.state.config >>> HpetConfig.routeShift) & 31;
  }

  readWord(offset: number): number {
    const { config, comparator } = this.state;
    switch (offset) {
      case 0x00:
        return config;
      case 0x04:
        return ROUTES;
      case 0x08:
        return comparator.lo;
      case 0x0c:
        return this.isNarrow() ? 0 : comparator.hi;
      default:
        return 0;
    }
  }

  writeWord(offset: number, value: number): void {
    const s = this.state;
    switch (offset) {
      case 0x00:
        s.config = (s.config & ~CONFIG_WRITABLE) | (value & CONFIG_WRITABLE);
        break;
      case 0x08:
        this.writeValue("lo", value);
        break;
      case 0x0c:
        if (!this.isNarrow()) this.writeValue("hi", value);
        break;
      default:
    }
  }

  /** Waits for the match; `counter` stands `phase` ticks after its last step. */
  rearm(enabled: boolean, counter: Readonly<Pair>, phase: number): void {
    this.timer?.cancel();
    this.timer = undefined;
    if (!enabled || (this.state.config & HpetConfig.interruptEnable) === 0) return;
    const steps = this.stepsToMatch(counter);
    if (steps > STEPS_MAX) return;
    const time = this.clock.now() - phase + steps * HPET_STEP_TICKS;
    this.timer = this.clock.at(
      time,
      () => {
        this.timer = undefined;
        this.match();
      },
      this.order,
    );
  }

  /** After a match in periodic mode: moves the comparator to its next value beyond `counter`. */
  advance(counter: Readonly<Pair>): void {
    const s = this.state;
    if ((s.config & HpetConfig.periodic) === 0) return;
    const period = this.isNarrow() ? s.period.lo : toNumber(s.period);
    if (period === 0 || period > STEPS_MAX) return;
    // See PERIOD_TICKS_MIN: of very short periods several are taken in one step.
    const ahead = this.passedSteps(counter) + PERIOD_TICKS_MIN / HPET_STEP_TICKS;
    addTo(s.comparator, Math.max(1, Math.ceil(ahead / period)) * period);
    if (this.isNarrow()) s.comparator.hi = 0;
  }

  load(state: HpetComparatorState): void {
    this.state = state;
  }

  reset(): void {
    this.state = initialState();
    this.timer?.cancel();
    this.timer = undefined;
  }

  private isNarrow(): boolean {
    return (this.state.config & HpetConfig.narrow) !== 0;
  }

  /**
   * In one-shot mode a write sets the comparator. In periodic mode it sets the period, and after
   * the value-set bit the comparator too; an upper word goes where the lower one before it went.
   */
  private writeValue(half: "lo" | "hi", value: number): void {
    const s = this.state;
    const periodic = (s.config & HpetConfig.periodic) !== 0;
    const followsLow = half === "hi" && s.lowWroteComparator;
    const toComparator = !periodic || (s.config & HpetConfig.setValue) !== 0 || followsLow;
    if (toComparator) s.comparator[half] = value;
    if (periodic) s.period[half] = value;
    s.lowWroteComparator = half === "lo" && toComparator;
    s.config &= ~HpetConfig.setValue;
  }

  /** Steps until the counter becomes equal to the comparator; a match now has been seen already. */
  private stepsToMatch(counter: Readonly<Pair>): number {
    const { comparator } = this.state;
    if (!this.isNarrow()) return distance(comparator, counter) || Number.POSITIVE_INFINITY;
    return (comparator.lo - counter.lo) >>> 0 || TWO_32;
  }

  private passedSteps(counter: Readonly<Pair>): number {
    const { comparator } = this.state;
    if (!this.isNarrow()) return distance(counter, comparator);
    return (counter.lo - comparator.lo) >>> 0;
  }
}

function initialState(): HpetComparatorState {
  return {
    config: HpetConfig.periodicCapable | HpetConfig.wideCapable,
    comparator: { lo: 0xffffffff, hi: 0xffffffff },
    period: { lo: 0, hi: 0 },
    lowWroteComparator: false,
  };
}
