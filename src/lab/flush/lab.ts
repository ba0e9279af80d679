/** The flush lab for embedding: runs of one strategy in one workload, one seed after the other. */
import { VERSION } from "../../generated/version.ts";
import { entryNamed, parametersOf } from "./catalogue.ts";
import { LabContext } from "./context.ts";
import { checkSeed } from "./plan.ts";
import { runJob } from "./run-job.ts";
import { STRATEGIES } from "./strategies/index.ts";
import type { FlushStrategy, JobResult, Parameters } from "./types.ts";
import type { Workload } from "./workload.ts";
import { WORKLOADS } from "./workloads/index.ts";

export interface LabOptions {
  /** A name as in docs/flush-strategies.md, or a strategy of your own. */
  readonly strategy: string | FlushStrategy;
  /** A name, or a workload of your own. */
  readonly workload: string | Workload;
  /** Seeds 1 to this number, or these seeds; each from 1 to 2^32 - 1. Default 1. */
  readonly seeds?: number | Iterable<number>;
  /** Those that are not to have their defaults. */
  readonly parameters?: Parameters;
  /** Ends the runs between two jobs; the iterator then throws the signal's reason. */
  readonly signal?: AbortSignal;
}

function* seedsOf(seeds: number | Iterable<number>): Generator<number> {
  if (typeof seeds !== "number") yield* seeds;
  else for (let seed = 1; seed <= seeds; seed++) yield seed;
}

function named<T extends { readonly name: string }>(items: readonly T[]): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [item.name, item]));
}

const strategies = named(STRATEGIES);
const workloads = named(WORKLOADS);

/** Lets the event loop have its turn: a job keeps the thread until it is done. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/**
 * Runs the strategy in the workload for each seed and gives the results as they come. The same options
 * give the same results. A strategy that throws gives the verdict "failed".
 * @throws OptionError when a name, a parameter or a seed cannot be used
 */
async function* run(options: LabOptions): AsyncGenerator<JobResult, void, undefined> {
  const { strategy, workload, seeds = 1, parameters, signal } = options;
  const ownStrategy = typeof strategy === "string" ? undefined : strategy;
  const ownWorkload = typeof workload === "string" ? undefined : workload;
  const usedStrategy = ownStrategy ?? entryNamed("strategy", strategy as string, strategies);
  const usedWorkload = ownWorkload ?? entryNamed("workload", workload as string, workloads);
  const values = parametersOf(usedWorkload, parameters);
  const context = await LabContext.create({
    version: VERSION,
    strategies: ownStrategy === undefined ? [] : [ownStrategy],
    workloads: ownWorkload === undefined ? [] : [ownWorkload],
  });
  for (const seed of seedsOf(seeds)) {
    checkSeed(seed);
    signal?.throwIfAborted();
    const job = {
      strategy: usedStrategy.name,
      workload: usedWorkload.name,
      parameters: values,
      seed,
    };
    yield runJob(job, context);
    await turn();
  }
}

export const Lab = {
  /** By name: as they are, or as a base for your own. */
  strategies,
  workloads,
  run,
} as const;
