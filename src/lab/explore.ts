/**
 * Walks the interleavings of a scenario: all schedules with at most so many preemptions, then some by
 * seed. What fails is shrunk to the schedule with the fewest preemptions, changes of thread and steps.
 */
import type { PolicyStep } from "../l0/policy.ts";
import type { CoreLease } from "./core-lease.ts";
import { LedgerSum } from "./ledger-sum.ts";
import { type Failure, runOnce } from "./run-once.ts";
import type { Scenario } from "./scenario.ts";
import {
  type Decision,
  formatSchedule,
  preemptions,
  type Schedule,
  scheduleOf,
} from "./schedule.ts";

export interface ExploreOptions {
  readonly preemptions: number;
  readonly breaks?: readonly PolicyStep[];
  /** Most runs that are made systematically; default 200,000. */
  readonly maxRuns?: number;
  /** Runs by seed behind those; default 0. */
  readonly seeds?: number;
  readonly sanitize?: boolean;
  readonly onProgress?: (runs: number) => void;
}

export interface Found {
  readonly schedule: Schedule;
  readonly failure: Failure;
  readonly decisions: readonly Decision[];
  readonly preemptions: number;
}

export interface Exploration {
  /** Runs made until something was found, or in all. */
  readonly runs: number;
  /** Every schedule with as many preemptions as asked for was run. */
  readonly exhausted: boolean;
  /** Schedules by number of preemptions. */
  readonly byPreemptions: readonly number[];
  readonly seeds: number;
  readonly shrinkRuns: number;
  readonly found: Found | undefined;
  readonly ledger: LedgerSum;
}

const RUNS_MAX = 200_000;

export function explore(
  lease: CoreLease,
  scenario: Scenario,
  options: ExploreOptions,
): Exploration {
  return new Explorer(lease, scenario, options).explore();
}

class Explorer {
  private readonly lease: CoreLease;
  private readonly scenario: Scenario;
  private readonly options: ExploreOptions;
  private readonly ledger = new LedgerSum();
  private readonly counts: number[] = [];
  private runs = 0;
  private sawChoice = false;

  constructor(lease: CoreLease, scenario: Scenario, options: ExploreOptions) {
    this.lease = lease;
    this.scenario = scenario;
    this.options = options;
  }

  explore(): Exploration {
    const { maxRuns = RUNS_MAX } = this.options;
    // Schedules that wait for their run, by number of preemptions; fewer come first.
    const waiting: Schedule[][] = [[[]]];
    let exhausted = true;
    let found: Found | undefined;
    for (let level = 0; level <= this.options.preemptions && found === undefined; level++) {
      const schedules = waiting[level] ?? [];
      this.counts.push(0);
      for (let i = 0; i < schedules.length && found === undefined; i++) {
        if (this.runs >= maxRuns) {
          exhausted = false;
          break;
        }
        const schedule = schedules[i]!;
        const run = this.run({ schedule });
        this.counts[level]!++;
        found = run.found;
        if (found === undefined) this.branch(run.decisions, schedule, level, waiting);
      }
      waiting[level] = [];
    }
    let seeds = 0;
    // Where nobody ever had a choice, all schedules are one.
    const hasChoice = this.runs > 1 || this.sawChoice;
    while (hasChoice && found === undefined && seeds < (this.options.seeds ?? 0)) {
      found = this.run({ seed: ++seeds }).found;
    }
    const before = this.runs;
    const shrunk = found === undefined ? undefined : this.shrink(found);
    return {
      runs: before,
      exhausted: exhausted && found === undefined,
      byPreemptions: this.counts,
      seeds,
      shrinkRuns: this.runs - before,
      found: shrunk,
      ledger: this.ledger,
    };
  }

  private run(by: { schedule: Schedule } | { seed: number }) {
    const { breaks = [], sanitize = false } = this.options;
    const { failure, decisions, ledger } = runOnce(this.lease, this.scenario, {
      by,
      breaks,
      sanitize,
    });
    this.runs++;
    this.sawChoice ||= decisions.some(({ options }) => options.length > 1);
    this.ledger.add(ledger);
    if (this.runs % 500 === 0) this.options.onProgress?.(this.runs);
    const found =
      failure === undefined
        ? undefined
        : {
            schedule: scheduleOf(decisions),
            failure,
            decisions,
            preemptions: preemptions(decisions),
          };
    return { found, decisions };
  }

  /** Adds the schedules that depart once more, behind the last departure of `schedule`. */
  private branch(
    decisions: readonly Decision[],
    schedule: Schedule,
    level: number,
    waiting: Schedule[][],
  ): void {
    const first = (schedule.at(-1)?.at ?? -1) + 1;
    for (let at = first; at < decisions.length; at++) {
      const { actor: chosen, options, preempts } = decisions[at]!;
      const cost = level + Number(preempts);
      if (cost > this.options.preemptions) continue;
      for (const actor of options) {
        if (actor === chosen) continue;
        waiting[cost] ??= [];
        waiting[cost].push([...schedule, { at, actor }]);
      }
    }
  }

  /** Leaves out and moves departures as long as the same thing goes wrong in a shorter way. */
  private shrink(first: Found): Found {
    let best = first;
    const tried = new Set<string>([formatSchedule(best.schedule)]);
    for (let better = true; better; ) {
      better = false;
      for (const schedule of neighbours(best)) {
        const key = formatSchedule(schedule);
        if (tried.has(key) || tried.size >= SHRINK_RUNS_MAX) continue;
        tried.add(key);
        const { found } = this.run({ schedule });
        if (found?.failure.caught !== first.failure.caught || !isShorter(found, best)) continue;
        best = found;
        better = true;
        break;
      }
    }
    return best;
  }
}

const SHRINK_RUNS_MAX = 600;

/** Schedules with one departure less, and those with one departure elsewhere. */
function* neighbours({ schedule, decisions }: Found): Generator<Schedule> {
  for (let i = 0; i < schedule.length; i++) yield schedule.toSpliced(i, 1);
  for (let i = 0; i < schedule.length; i++) {
    const { actor } = schedule[i]!;
    const low = i === 0 ? 0 : schedule[i - 1]!.at + 1;
    const high = schedule[i + 1]?.at ?? decisions.length;
    for (let at = low; at < high; at++) yield schedule.with(i, { at, actor });
  }
}

function isShorter(a: Found, b: Found): boolean {
  const [left, right] = [lengthOf(a), lengthOf(b)];
  const at = left.findIndex((value, i) => value !== right[i]);
  return at >= 0 && left[at]! < right[at]!;
}

/** What is to be small, the most important first. */
function lengthOf({ preemptions: count, schedule, decisions }: Found): readonly number[] {
  const changes = decisions.filter(({ actor }, i) => i > 0 && actor !== decisions[i - 1]!.actor);
  return [count, schedule.length, changes.length, decisions.length];
}
