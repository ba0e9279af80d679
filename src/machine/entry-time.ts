/** Virtual time that L0's VM entries take between the slices of the machine. */
import { type Core, MACHINE_WORD } from "../core/core.ts";
import type { Clock } from "../devices/device.ts";

interface AdvancingClock extends Clock {
  advanceTo(time: number): void;
}

/**
 * A vCPU's thread enters its guest while no slice runs. The processor then has to begin at the machine's
 * time, for the preemption timer starts there, and what the entry took must pass for the machine before
 * the guest goes on: its time would step back otherwise.
 */
export class EntryTime {
  private readonly core: Core;
  private readonly clock: AdvancingClock;
  /** Ticks by processor that the machine has not counted yet. */
  private readonly owed: number[] = [];

  constructor(core: Core, clock: AdvancingClock) {
    this.core = core;
    this.clock = clock;
  }

  /** The processor at hand is about to enter. */
  begin(): void {
    this.core.exports.beginSlice(this.clock.now(), 0);
  }

  /** It has entered, or the entry failed. */
  end(): void {
    const { core, clock, owed } = this;
    owed[core.machine32(MACHINE_WORD.CURRENT_CPU)] = core.exports.virtualTimeNumber() - clock.now();
  }

  /** A slice of processor `cpu` is about to begin. */
  pay(cpu: number): void {
    const ticks = this.owed[cpu] ?? 0;
    if (ticks <= 0) return;
    this.owed[cpu] = 0;
    this.clock.advanceTo(this.clock.now() + ticks);
  }
}
