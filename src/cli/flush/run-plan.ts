/** Runs jobs of a plan that have no result yet, and keeps each, until all are done or a signal comes. */
import { type FlushPlan, jobKey, jobsOf } from "../../lab/flush/plan.ts";
import type { FlushJob, JobResult } from "../../lab/flush/types.ts";
import type { SignalName } from "../exit-status.ts";
import { PoolClosed, type Runner } from "./pool.ts";
import { progressBar } from "./progress.ts";
import type { ResultsFile } from "./results-file.ts";

/** What runs jobs, and how that is ended. */
export interface Engine {
  readonly run: Runner;
  /** Jobs under way are given up; `run` then rejects with `PoolClosed`. */
  readonly close: () => Promise<void>;
}

export interface PlanOutcome {
  /** Results that there are, in the order of the plan. */
  readonly results: readonly JobResult[];
  readonly jobs: number;
  /** Jobs whose results were there before. */
  readonly resumed: number;
  /** What has cut the run. */
  readonly signal: SignalName | undefined;
}

export const SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Closes `engine` at the first signal; a second one ends the process. Returns what undoes that. */
function closeOnSignal(engine: Engine, note: (signal: SignalName) => void): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      note(signal);
      void engine.close();
    };
    process.once(signal, handler);
    return () => process.off(signal, handler);
  });
  return () => {
    for (const remove of handlers) remove();
  };
}

/** @throws OutputError when the file cannot be written */
export async function runPlan(
  plan: FlushPlan,
  file: ResultsFile | undefined,
  makeEngine: () => Engine,
): Promise<PlanOutcome> {
  const jobs = jobsOf(plan);
  const results = file?.results ?? new Map<string, JobResult>();
  const missing = jobs.filter((job) => !results.has(jobKey(job)));
  const resumed = jobs.length - missing.length;
  let signal: SignalName | undefined;
  if (missing.length > 0) {
    const engine = makeEngine();
    const undo = closeOnSignal(engine, (name) => {
      signal = name;
    });
    try {
      await runMissing(jobs.length, missing, results, file, engine);
    } catch (error) {
      if (!(error instanceof PoolClosed) || signal === undefined) throw error;
    } finally {
      undo();
      await engine.close();
    }
  }
  if (signal === undefined) file?.finish();
  else file?.close();
  // With the plan's jobs, for those of a file have their parameters in another order.
  const inOrder = jobs.flatMap((job) => {
    const result = results.get(jobKey(job));
    return result === undefined ? [] : [{ ...result, job }];
  });
  return { results: inOrder, jobs: jobs.length, resumed, signal };
}

async function runMissing(
  total: number,
  missing: readonly FlushJob[],
  results: Map<string, JobResult>,
  file: ResultsFile | undefined,
  engine: Engine,
): Promise<void> {
  const progress = progressBar(total, total - missing.length);
  try {
    await engine.run(missing, (result) => {
      if (file !== undefined) file.append(result);
      else results.set(jobKey(result.job), result);
      progress.done(results.size);
    });
  } finally {
    progress.stop();
  }
}
