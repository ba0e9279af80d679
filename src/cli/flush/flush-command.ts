/** `vmxlab flush`: runs a plan of the flush lab and prints, keeps and draws what comes out. */
import { mkdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Catalogue } from "../../lab/flush/catalogue.ts";
import type { FlushPlan } from "../../lab/flush/plan.ts";
import type { Preset } from "../../lab/flush/presets.ts";
import { type Summary, summarize } from "../../lab/flush/summary.ts";
import { describeFileError, oneLine, UsageError } from "../errors.ts";
import { EXIT, statusOf } from "../exit-status.ts";
import { parseInteger, parseSeconds } from "../parse.ts";
import { sitesText, summaryText } from "./flush-text.ts";
import { type PlanFlags, planFrom } from "./plan-flags.ts";
import { JobPool, poolRunner } from "./pool.ts";
import { ResultsFile } from "./results-file.ts";
import { type Engine, type PlanOutcome, runPlan } from "./run-plan.ts";

/** What commander makes of the command line. */
export interface FlushFlags extends PlanFlags {
  readonly jobs?: string;
  readonly jobTimeout?: string;
  readonly results?: string;
  readonly report?: string;
  readonly overwrite?: boolean;
  readonly queue?: string;
  readonly sites?: boolean;
  readonly json?: boolean;
}

/** What there is to run, and what runs it. */
export interface FlushLab {
  readonly version: string;
  readonly catalogue: Catalogue;
  readonly presets: ReadonlyMap<string, Preset>;
  /** Module of the threads that run jobs. */
  readonly worker: URL;
}

const THREADS_MAX = 256;
const JOB_MS = 300_000;
const RESULTS_NAME = "results.jsonl";

export interface PoolFlags {
  readonly jobs?: string;
  readonly jobTimeout?: string;
}

/** Threads and their limits. @throws UsageError */
export function poolFlags(flags: PoolFlags): { threads: number; jobMs: number } {
  const { jobs, jobTimeout } = flags;
  return {
    threads:
      jobs === undefined ? availableParallelism() : parseInteger("--jobs", jobs, 1, THREADS_MAX),
    jobMs: jobTimeout === undefined ? JOB_MS : parseSeconds("--job-timeout", jobTimeout),
  };
}

/** Jobs on threads of this process. */
export function localEngine(lab: FlushLab, flags: PoolFlags): () => Engine {
  const { threads, jobMs } = poolFlags(flags);
  return () => {
    const pool = new JobPool({ worker: lab.worker, version: lab.version, threads, jobMs });
    return { run: poolRunner(pool, threads), close: () => pool.close() };
  };
}

async function engineOf(lab: FlushLab, flags: FlushFlags): Promise<() => Engine> {
  if (flags.queue === undefined) return localEngine(lab, flags);
  if (flags.jobs !== undefined || flags.jobTimeout !== undefined) {
    throw new UsageError(
      "--jobs and --job-timeout are for `vmxlab flush worker` when there is a --queue",
    );
  }
  const { queueEngine } = await import("./queue.ts");
  return queueEngine(flags.queue, lab.version);
}

function makeFolder(option: string, path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new UsageError(`${option} "${oneLine(path)}": ${describeFileError(error)}`);
  }
}

function resultsFile(plan: FlushPlan, lab: FlushLab, flags: FlushFlags): ResultsFile | undefined {
  const { results, report, overwrite = false } = flags;
  if (report !== undefined) makeFolder("--report", report);
  const option = results === undefined ? "--report" : "--results";
  const path = results ?? (report === undefined ? undefined : join(report, RESULTS_NAME));
  if (path === undefined) {
    if (overwrite) throw new UsageError("--overwrite needs --results or --report");
    return undefined;
  }
  return ResultsFile.open({ option, path, plan, version: lab.version, overwrite });
}

/** Strategies that should be right and are not. */
function isBad({ faults }: Summary, { strategies }: Catalogue): boolean {
  return faults.some(({ strategy }) => strategies.get(strategy)?.status !== "broken");
}

/** The status of the process. @throws UsageError, OptionError or OutputError */
export async function runFlush(flags: FlushFlags, lab: FlushLab): Promise<number> {
  const plan = planFrom(flags, lab.catalogue, lab.presets);
  const makeEngine = await engineOf(lab, flags);
  const report = flags.report === undefined ? undefined : await import("./report-files.ts");
  await report?.checkReport();
  const file = resultsFile(plan, lab, flags);
  const outcome = await runPlan(plan, file, makeEngine);
  if (outcome.signal !== undefined) {
    process.stderr.write(`vmxlab: ${interrupted(outcome, file)}\n`);
    return statusOf({ kind: "aborted" }, outcome.signal);
  }
  const summary = summarize(outcome.results, lab.catalogue.strategies);
  if (flags.json) {
    const { summaryJson } = await import("./flush-json.ts");
    process.stdout.write(`${JSON.stringify(summaryJson(plan, lab.version, summary), null, 2)}\n`);
  } else {
    process.stdout.write(summaryText(summary));
    if (flags.sites) process.stdout.write(`\n${sitesText(summary)}`);
  }
  if (report !== undefined) {
    const { version, catalogue, presets } = lab;
    const preset = plan.preset === undefined ? undefined : presets.get(plan.preset);
    await report.writeReport(flags.report!, { plan, version, summary, catalogue, preset });
  }
  return isBad(summary, lab.catalogue) ? EXIT.found : EXIT.ok;
}

function interrupted(
  { signal, results, jobs }: PlanOutcome,
  file: ResultsFile | undefined,
): string {
  const done = `ended by ${signal}; ${results.length} of ${jobs} jobs are finished`;
  return file === undefined
    ? `${done} and lost: with --results they would be kept`
    : `${done} and kept in "${oneLine(file.path)}": the same command goes on with the others`;
}
