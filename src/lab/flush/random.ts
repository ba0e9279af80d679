/** Random numbers of a run, all from its seed. */
import { randomNumbers } from "../schedule.ts";

const TWO_32 = 0x1_0000_0000;
/** Numbers that a small seed needs until it looks random. */
const WARM_UP = 8;

export class Random {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = randomNumbers(seed);
    for (let i = 0; i < WARM_UP; i++) this.next();
  }

  /** Below 1, not below 0. */
  fraction(): number {
    return this.next() / TWO_32;
  }

  /** A whole number below `end`, not below 0. */
  below(end: number): number {
    return Math.floor(this.fraction() * end);
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** Distance to the next of events that come `rate` times in `span` on average. */
  gap(rate: number, span: number): number {
    return Math.max(1, Math.ceil((-Math.log(1 - this.fraction()) * span) / rate));
  }
}
