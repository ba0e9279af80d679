/** One run of the flush lab: a workload under a strategy, by a seed, with the sanitizer as the judge. */
import type { StrategyHooks } from "../../l0/flush-strategy.ts";
import type { Wait } from "../../l0/scheduler.ts";
import { type Judge, judgeOf } from "../invariants.ts";
import { actorId, type Decision, stepName } from "../schedule.ts";
import { timeline } from "../timeline.ts";
import { World } from "../world.ts";
import type { LabContext } from "./context.ts";
import { type BilledCounts, bill } from "./costs.ts";
import { countsBetween, emptyCounts, type Reading, readWorld, sitesOf } from "./measure.ts";
import { Random } from "./random.ts";
import type { FlushJob, FlushStrategy, JobResult, JobVerdict, Witness } from "./types.ts";
import { type LabRun, Settings, type Workload, type WorkloadPlan } from "./workload.ts";

/** Makes another stream of random numbers of the same seed. */
const ORDER = 0x5eed_0001;
const STREAM = 0x0100_0193;
/** Steps that a witness shows. */
const SHOWN_STEPS = 40;
/** Of these at the end, with the steps that come again and again. */
const SHOWN_AT_END = 10;
const ROUTINE =
  /^(guest|vcpu_enter_guest|until|kvm_faultin_pfn|kvm_tdp_mmu_page_fault|ept_page_fault)/;
/** Steps in a row without virtual time going on, behind which a run never ends. */
const IDLE_STEPS_MAX = 100_000;

/** Runs a job. A job that names what the context does not have is refused. @throws RangeError */
export function runJob(job: FlushJob, context: LabContext): JobResult {
  const strategy = context.strategies.get(job.strategy);
  if (strategy === undefined) throw new RangeError(`no strategy ${job.strategy}`);
  const workload = context.workloads.get(job.workload);
  if (workload === undefined) throw new RangeError(`no workload ${job.workload}`);
  return new JobRun(job, context, strategy, workload).run();
}

class JobRun {
  private readonly job: FlushJob;
  private readonly context: LabContext;
  private readonly strategy: FlushStrategy;
  private readonly workload: Workload;
  private readonly settings: Settings;
  private readonly random: Random;
  /** Chooses who goes on, apart from what the workload draws. */
  private readonly order: Random;
  private readonly decisions: Decision[] = [];
  private world!: World;
  private before!: Reading;
  private judges: readonly { readonly id: string; readonly judge: Judge }[] = [];
  private deadline = 0;
  private witness: Witness | undefined;

  constructor(job: FlushJob, context: LabContext, strategy: FlushStrategy, workload: Workload) {
    this.job = job;
    this.context = context;
    this.strategy = strategy;
    this.workload = workload;
    this.settings = new Settings(job.parameters);
    this.random = new Random(job.seed);
    this.order = new Random(job.seed ^ ORDER);
  }

  run(): JobResult {
    let error: string | undefined;
    try {
      this.begin();
      this.go();
    } catch (thrown) {
      error = thrown instanceof Error ? thrown.message : String(thrown);
    }
    return this.result(error);
  }

  private begin(): void {
    const plan = this.workload.plan(this.settings, this.random);
    const hooks: StrategyHooks = this.strategy.make();
    this.world = new World(this.context.lease, plan.world, { sanitize: true, strategy: hooks });
    const { world } = this;
    world.sanitizer!.onReport = (report) => {
      if (report.level === "error") this.saw(report.message);
    };
    hooks.attach(world.l0.vm);
    world.settle();
    this.before = readWorld(world);
    this.deadline = world.now + this.settings.number("ticks");
    this.spawn(plan);
    this.judges = (plan.promises ?? []).map((id) => ({ id, judge: judgeOf(id, world) }));
    world.onEntry = (vcpu) => {
      for (const { id, judge } of this.judges) this.found(id, judge.beforeEntry?.(vcpu));
    };
  }

  private spawn({ threads }: WorkloadPlan): void {
    const { world, settings, deadline } = this;
    Object.entries(threads).forEach(([name, thread], i) => {
      // Each draws from a stream of its own, so that none depends on how fast the others are.
      const random = new Random(this.job.seed + (i + 1) * STREAM);
      world.spawn(name, thread(new ThreadView(world, settings, random, deadline)));
    });
  }

  private get isOver(): boolean {
    return this.world.now >= this.deadline;
  }

  /** Until time is up and all threads but the vCPUs have ended, or a stale translation is used. */
  private go(): void {
    const { world, order } = this;
    const { scheduler, vcpus } = world.l0;
    let idle = 0;
    while (this.witness === undefined) {
      if (this.isOver && scheduler.actors.length === vcpus.length) return;
      const runnable = scheduler.runnable();
      if (runnable.length === 0) throw new Error(`nobody can go on: ${scheduler.describe()}`);
      const { now } = world;
      const actor = order.pick(runnable);
      this.note(actorId(actor.name), stepName(actor));
      scheduler.step(actor);
      world.settleTime();
      for (const { id, judge } of this.judges) this.found(id, judge.afterStep?.(this.lastStep));
      idle = world.now === now ? idle + 1 : 0;
      if (idle > IDLE_STEPS_MAX) throw new Error(`no guest goes on: ${scheduler.describe()}`);
    }
  }

  private note(actor: string, step: string): void {
    const { decisions } = this;
    // What every entry and every fault does is only shown where the run ends.
    const before = decisions.length - SHOWN_AT_END;
    if (before >= 0 && ROUTINE.test(decisions[before]!.step)) decisions.splice(before, 1);
    decisions.push({ actor, step, base: actor, options: [actor], preempts: false });
    if (decisions.length > 2 * SHOWN_STEPS) decisions.splice(0, SHOWN_STEPS);
  }

  private get lastStep(): string {
    return this.decisions.at(-1)?.step ?? "";
  }

  private found(id: string, what: string | undefined): void {
    if (what !== undefined) this.saw(`${id}: ${what}`);
  }

  private saw(message: string): void {
    if (this.witness !== undefined) return;
    const shown = this.decisions.slice(-SHOWN_STEPS);
    this.witness = {
      ticks: this.before === undefined ? 0 : this.world.now - this.before.time,
      message,
      timeline: timeline(shown, message).join("\n"),
    };
  }

  private result(error: string | undefined): JobResult {
    const { job, witness, world, before } = this;
    const wrong = witness === undefined ? 0 : 1;
    const counts = before === undefined ? NOTHING : countsBetween(world, before, wrong);
    const lazy = error === undefined && witness === undefined ? neverFlushed(counts) : undefined;
    const why = error ?? lazy;
    const verdict: JobVerdict =
      witness !== undefined ? "wrong" : why !== undefined ? "failed" : "right";
    const { secondLevelHits, faults, ...shown } = counts;
    const costs = bill(counts);
    return {
      format: 1,
      version: this.context.version,
      job,
      verdict,
      counts: shown,
      sites: before === undefined ? [] : sitesOf(world),
      costs,
      cycles: costs.reduce((sum, { cycles }) => sum + cycles, 0),
      ...(witness && { witness }),
      ...(why !== undefined && { error: why }),
    };
  }
}

/** A run as one of its threads sees it. */
class ThreadView implements LabRun {
  readonly world: World;
  readonly settings: Settings;
  readonly random: Random;
  private readonly deadline: number;

  constructor(world: World, settings: Settings, random: Random, deadline: number) {
    this.world = world;
    this.settings = settings;
    this.random = random;
    this.deadline = deadline;
  }

  get isOver(): boolean {
    return this.world.now >= this.deadline;
  }

  readonly until = (time: number): Wait => ({
    why: `until ${time}`,
    ready: () => this.world.now >= time || this.isOver,
  });
}

const NOTHING = emptyCounts();

/** A strategy that has let entries be zapped and never flushed is not to be trusted. */
function neverFlushed(counts: BilledCounts): string | undefined {
  const { invalidationsHit, inveptAll, inveptSingle, invvpid, retags } = counts;
  if (invalidationsHit === 0 || inveptAll + inveptSingle + invvpid + retags > 0) return undefined;
  return `${invalidationsHit} invalidations zapped entries, and nothing was ever flushed`;
}
