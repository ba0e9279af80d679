/** What a workload is: guests, and what the host, L1 or userspace do meanwhile. */
import type { Task, Wait } from "../../l0/scheduler.ts";
import type { InvariantId } from "../invariants.ts";
import type { World, WorldOptions } from "../world.ts";
import type { Random } from "./random.ts";
import type { ParameterSpec, Parameters, ParameterValue } from "./types.ts";

/** Parameters of one run, checked. */
export class Settings {
  private readonly values: Parameters;

  constructor(values: Parameters) {
    this.values = values;
  }

  number(name: string): number {
    return this.value(name) as number;
  }

  text(name: string): string {
    return this.value(name) as string;
  }

  flag(name: string): boolean {
    return this.value(name) as boolean;
  }

  private value(name: string): ParameterValue {
    const value = this.values[name];
    if (value === undefined) throw new RangeError(`the workload has no parameter ${name}`);
    return value;
  }
}

/** What the threads of a workload know of the run. */
export interface LabRun {
  readonly world: World;
  readonly random: Random;
  readonly settings: Settings;
  /** The time is up: threads come to an end. */
  readonly isOver: boolean;
  /** Waits until virtual time `time` in ticks, or until the time is up. */
  until(time: number): Wait;
}

export interface WorkloadPlan {
  readonly world: WorldOptions;
  /** Threads beside the vCPUs' by name: lower case, no spaces. */
  readonly threads: Readonly<Record<string, (run: LabRun) => Task>>;
  /** Invariants that are watched beside the sanitizer. */
  readonly promises?: readonly InvariantId[];
}

export interface Workload {
  /** "E1": as in docs/flush-strategies.md. */
  readonly name: string;
  readonly title: string;
  /** What happens, in a few sentences. */
  readonly text: string;
  readonly parameters: readonly ParameterSpec[];
  readonly plan: (settings: Settings, random: Random) => WorkloadPlan;
}

/** The parameters of a workload with their defaults. */
export function defaultsOf({ parameters }: Workload): Parameters {
  return Object.fromEntries(parameters.map((spec) => [spec.name, spec.default]));
}

/** Ticks of virtual time of which rates are told. */
export const RATE_TICKS = 100_000;

/** Does `action` at random times, `rate` times in RATE_TICKS, until the time is up. */
export function* atRate(run: LabRun, rate: number, action: () => Task): Task {
  if (rate <= 0) return;
  // Times do not depend on how long an action takes, so that strategies meet the same events.
  for (let next = run.world.now; ; ) {
    next += run.random.gap(rate, RATE_TICKS);
    yield run.until(next);
    if (run.isOver) return;
    yield* action();
  }
}
