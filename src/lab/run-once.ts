/** One run of a scenario: by a schedule or by a seed, under the sanitizer or without. */
import type { PolicyStep } from "../l0/policy.ts";
import type { KvmEvent } from "../l0/trace.ts";
import { InternalError } from "../l0/userspace.ts";
import type { LedgerRow, SanitizerReport } from "../sanitizer/types.ts";
import type { CoreLease } from "./core-lease.ts";
import { INVARIANTS, type Judge, judgeOf } from "./invariants.ts";
import type { Catch, Scenario } from "./scenario.ts";
import { Chooser, type Decision, type Schedule, stepName } from "./schedule.ts";
import { GuestFault, World } from "./world.ts";

/** Steps behind which a run that has not come to its end never will. */
const STEPS_MAX = 1000;

export interface Failure {
  readonly caught: Catch;
  readonly message: string;
  /** Number of steps made. */
  readonly steps: number;
  /** The sanitizer's report, when it was that. */
  readonly report: SanitizerReport | undefined;
}

export interface OneRun {
  readonly failure: Failure | undefined;
  readonly decisions: readonly Decision[];
  readonly ledger: readonly LedgerRow[];
  /** Flushes that L0 executed once its guests were ready. */
  readonly flushes: number;
}

export interface OneRunOptions {
  readonly by: { readonly schedule: Schedule } | { readonly seed: number };
  readonly breaks?: readonly PolicyStep[];
  readonly sanitize?: boolean;
  /** Told of L0's events with the number of the step that they belong to. */
  readonly onEvent?: (event: KvmEvent, step: number) => void;
}

/** Runs until something is wrong, or everybody has come to the end. */
export function runOnce(lease: CoreLease, scenario: Scenario, options: OneRunOptions): OneRun {
  const chooser = new Chooser(options.by);
  const { onEvent, sanitize = false } = options;
  const world = new World(lease, scenario.world, {
    leftOut: options.breaks ?? [],
    sanitize,
    ...(onEvent ? { trace: (event) => onEvent(event, chooser.decisions.length) } : {}),
  });
  world.settle();
  const early = world.sanitizer?.reports.find(({ level }) => level === "error");
  if (early !== undefined && !options.breaks?.length) {
    throw new Error(`scenario ${scenario.name} goes wrong before it begins: ${early.message}`);
  }
  for (const [name, thread] of Object.entries(scenario.threads)) world.spawn(name, thread(world));
  const failure = new Trial(scenario, world, chooser).run();
  const { sanitizer, flushes } = world;
  return {
    failure,
    decisions: chooser.decisions,
    ledger: sanitizer?.ledger ?? [],
    flushes: flushes.length,
  };
}

class Trial {
  private readonly scenario: Scenario;
  private readonly world: World;
  private readonly chooser: Chooser;
  private readonly judges: readonly { readonly id: string; readonly judge: Judge }[];
  private found: Failure | undefined;

  constructor(scenario: Scenario, world: World, chooser: Chooser) {
    this.scenario = scenario;
    this.world = world;
    this.chooser = chooser;
    this.judges = scenario.promises.map((id) => ({ id, judge: judgeOf(id, world) }));
  }

  run(): Failure | undefined {
    const { world, chooser } = this;
    const { scheduler } = world.l0;
    world.onEntry = (vcpu) => {
      for (const { id, judge } of this.judges) this.note(id, judge.beforeEntry?.(vcpu));
    };
    if (world.sanitizer !== undefined) {
      world.sanitizer.onReport = (report) => {
        if (report.level === "error") this.note(report.kind, report.message, report);
      };
    }
    scheduler.choose = chooser.choose;
    try {
      while (this.found === undefined) {
        const runnable = scheduler.runnable();
        if (runnable.length === 0) return this.atEnd();
        if (chooser.decisions.length >= STEPS_MAX) return this.stuck("goes on for ever");
        const actor = chooser.choose(runnable);
        const step = stepName(actor);
        scheduler.step(actor);
        this.afterStep(step);
      }
    } catch (error) {
      if (!(error instanceof GuestFault || error instanceof InternalError)) throw error;
      this.note("progress", error.message);
    }
    return this.found;
  }

  private afterStep(step: string): void {
    for (const { id, judge } of this.judges) this.note(id, judge.afterStep?.(step));
    for (const { id, when, check } of this.scenario.own ?? []) {
      if (when === "step") this.note(id, check(this.world));
    }
  }

  private atEnd(): Failure | undefined {
    const { world } = this;
    const { scheduler, vcpus } = world.l0;
    const waiting = scheduler.actors.length > vcpus.length;
    const unfinished = vcpus.some((vcpu) => !world.isFinished(vcpu));
    if (waiting || unfinished) return this.stuck("waits for ever");
    for (const { id, judge } of this.judges) this.note(id, judge.atEnd?.());
    for (const { id, when, check } of this.scenario.own ?? []) {
      if (when === "end") this.note(id, check(world));
    }
    return this.found;
  }

  private stuck(how: string): Failure {
    this.note("progress", `somebody ${how}: ${this.world.l0.scheduler.describe()}`);
    return this.found!;
  }

  private note(caught: string, message: string | undefined, report?: SanitizerReport): void {
    if (message === undefined || this.found !== undefined) return;
    const steps = this.chooser.decisions.length;
    this.found = { caught, message, steps, report };
  }
}

/** A promise in words. */
export function promiseText(scenario: Scenario, id: string): string | undefined {
  if (id in INVARIANTS) return INVARIANTS[id as keyof typeof INVARIANTS];
  return scenario.own?.find((promise) => promise.id === id)?.text;
}
