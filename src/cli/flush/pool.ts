/**
 * Runs jobs on threads of this process. A thread that dies is replaced, and its job done again; one that
 * dies of the same job again and again gives the verdict "failed".
 */
import { Piscina } from "piscina";
import { failedResult } from "../../lab/flush/results.ts";
import type { FlushJob, JobResult } from "../../lab/flush/types.ts";

/** Attempts at a job whose threads die. */
export const ATTEMPTS_MAX = 3;

export interface PoolOptions {
  /** Module whose default export makes a result of a job. */
  readonly worker: URL;
  readonly version: string;
  readonly threads: number;
  /** Wall time that a job may take. */
  readonly jobMs: number;
  /** JavaScript heap of one thread; the memory of guests is not in it. */
  readonly heapMib?: number;
}

const HEAP_MIB = 192;

export class JobPool {
  private readonly options: PoolOptions;
  private readonly threads: Piscina;
  private readonly underWay = new Set<AbortController>();
  private isClosed = false;

  constructor(options: PoolOptions) {
    this.options = options;
    this.threads = new Piscina({
      filename: options.worker.href,
      minThreads: options.threads,
      maxThreads: options.threads,
      // Whose fault it is when a thread dies must be clear.
      concurrentTasksPerWorker: 1,
      maxQueue: Number.POSITIVE_INFINITY,
      resourceLimits: { maxOldGenerationSizeMb: options.heapMib ?? HEAP_MIB },
      // Flags of this process such as --max-old-space-size are not for threads.
      execArgv: [],
    });
    // A thread that cannot even start fails each job that it is given.
    this.threads.on("error", () => {});
  }

  /** The result of one job. @throws Error when the worker itself is broken, or the pool is closed */
  async run(job: FlushJob): Promise<JobResult> {
    let why = "";
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const outcome = await this.attempt(job);
      if (typeof outcome !== "string") return outcome;
      why = outcome;
    }
    return failedResult(job, this.options.version, `${why}, in ${ATTEMPTS_MAX} attempts`);
  }

  /** The result, or why the thread has died. */
  private async attempt(job: FlushJob): Promise<JobResult | string> {
    if (this.isClosed) throw new PoolClosed("the run was ended");
    const { jobMs } = this.options;
    const end = new AbortController();
    this.underWay.add(end);
    const timer = setTimeout(() => end.abort(), jobMs);
    try {
      return (await this.threads.run(job, { signal: end.signal })) as JobResult;
    } catch (error) {
      if (this.isClosed) throw new PoolClosed("the run was ended");
      if (end.signal.aborted) return `the job did not end within ${jobMs / 1000} s`;
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ERR_WORKER_OUT_OF_MEMORY") return "the job needed too much memory";
      if (/worker exited/i.test(message)) return "the thread that ran the job died";
      throw error;
    } finally {
      clearTimeout(timer);
      this.underWay.delete(end);
    }
  }

  /** Ends all threads; jobs under way are lost. */
  async close(): Promise<void> {
    this.isClosed = true;
    for (const end of this.underWay) end.abort();
    await this.threads.destroy();
  }
}

/** The pool was closed while the job was under way. */
export class PoolClosed extends Error {
  override readonly name = "PoolClosed";
}

/** Gives results as they come. */
export type Runner = (
  jobs: readonly FlushJob[],
  onResult: (result: JobResult) => void,
) => Promise<void>;

/** Runs all `jobs`, as many at a time as there are threads. */
export function poolRunner(pool: JobPool, threads: number): Runner {
  return async (jobs, onResult) => {
    let next = 0;
    const lane = async () => {
      while (next < jobs.length) {
        const job = jobs[next++]!;
        onResult(await pool.run(job));
      }
    };
    const lanes = Array.from({ length: Math.min(threads, jobs.length) }, lane);
    await Promise.all(lanes);
  };
}
