/**
 * The producer and collector of a queue: puts jobs into it and takes up their results. What is lost on
 * the way is put in again; the same job is never in it twice.
 */
import type { Job, Queue, QueueEvents } from "bullmq";
import { failedResult, parseResult } from "../../lab/flush/results.ts";
import type { FlushJob, JobResult } from "../../lab/flush/types.ts";
import { oneLine } from "../errors.ts";
import { PoolClosed } from "./pool.ts";
import {
  checkServer,
  connectionOf,
  jobId,
  loadBullMq,
  queueName,
  shownUrl,
} from "./queue-connection.ts";
import type { Engine } from "./run-plan.ts";

/** Events tell of results; so often it is looked whether one was missed. */
const SWEEP_MS = 3000;
/** Jobs that are put into the queue, or looked after, with one command. */
const BATCH = 500;

type JobQueue = Queue<FlushJob>;
type QueuedJob = Job<FlushJob>;

/** @throws UsageError when packages are missing or the server does not answer */
export async function queueEngine(url: string, version: string): Promise<() => Engine> {
  const connection = connectionOf(url);
  const { Queue, QueueEvents } = await loadBullMq();
  await checkServer(url);
  return () => {
    const queue: JobQueue = new Queue(queueName(version), { connection });
    const events = new QueueEvents(queueName(version), { connection });
    const collector = new Collector(queue, events, url, version);
    return {
      run: (jobs, onResult) => collector.run(jobs, onResult),
      close: () => collector.close(),
    };
  };
}

class Collector {
  private readonly queue: JobQueue;
  private readonly events: QueueEvents;
  private readonly url: string;
  private readonly version: string;
  /** Jobs without a result, by their names in the queue. */
  private readonly missing = new Map<string, FlushJob>();
  private end: ((error?: Error) => void) | undefined;
  private isClosed = false;
  private hasWarned = false;
  private isAway = false;

  constructor(queue: JobQueue, events: QueueEvents, url: string, version: string) {
    this.queue = queue;
    this.events = events;
    this.url = url;
    this.version = version;
    // Connections come back by themselves; without a listener an error would end the process.
    queue.on("error", () => {});
    events.on("error", () => {});
    queue.on("ioredis:close", () => this.noteAway());
  }

  private noteAway(): void {
    if (this.isAway || this.isClosed) return;
    this.isAway = true;
    this.say(`the server of --queue ${shownUrl(this.url)} has gone: waiting for it`);
  }

  private say(text: string): void {
    process.stderr.write(`vmxlab: ${oneLine(text)}\n`);
  }

  async run(jobs: readonly FlushJob[], onResult: (result: JobResult) => void): Promise<void> {
    for (const job of jobs) this.missing.set(jobId(job), job);
    const finished = new Promise<void>((resolve, reject) => {
      this.end = (error) => (error === undefined ? resolve() : reject(error));
    });
    // A result may end the run before anybody waits for that.
    finished.catch(() => {});
    const take = (id: string) => {
      this.take(id, onResult).catch((error: Error) => this.end?.(error));
    };
    this.events.on("completed", ({ jobId: id }) => take(id));
    this.events.on("failed", ({ jobId: id }) => take(id));
    const timer = setInterval(() => {
      this.sweep(onResult).catch((error: Error) => this.end?.(error));
    }, SWEEP_MS);
    try {
      await this.events.waitUntilReady();
      await this.sweep(onResult);
      await finished;
    } finally {
      clearInterval(timer);
    }
  }

  /** Takes up what is finished, and puts in what the queue does not have. */
  private async sweep(onResult: (result: JobResult) => void): Promise<void> {
    const ids = [...this.missing.keys()];
    for (let at = 0; at < ids.length && !this.isClosed; at += BATCH) {
      const batch = ids.slice(at, at + BATCH);
      const states = await Promise.all(batch.map((id) => this.queue.getJobState(id)));
      const absent = batch.filter((_, i) => states[i] === "unknown");
      await this.queue.addBulk(
        absent.flatMap((id) => {
          const data = this.missing.get(id);
          return data === undefined ? [] : [{ name: "job", data, opts: { jobId: id } }];
        }),
      );
      for (const [i, id] of batch.entries()) {
        if (states[i] === "completed" || states[i] === "failed") await this.take(id, onResult);
      }
    }
    this.isAway = false;
    await this.warnWithoutWorkers();
  }

  private async warnWithoutWorkers(): Promise<void> {
    if (this.hasWarned || this.isClosed || this.missing.size === 0) return;
    if ((await this.queue.getWorkersCount()) > 0) return;
    this.hasWarned = true;
    const url = shownUrl(this.url);
    this.say(`nobody works at the queue yet: start "vmxlab flush worker --queue ${url}"`);
  }

  /** Takes up the result of a job, if it is one of ours that has none yet. */
  private async take(id: string, onResult: (result: JobResult) => void): Promise<void> {
    const job = this.missing.get(id);
    if (job === undefined || this.isClosed) return;
    const queued: QueuedJob | undefined = await this.queue.getJob(id);
    if (queued === undefined || !this.missing.delete(id)) return;
    onResult(this.resultOf(job, queued));
    await queued.remove().catch(() => {});
    if (this.missing.size === 0) this.end?.();
  }

  private resultOf(job: FlushJob, { returnvalue, failedReason }: QueuedJob): JobResult {
    if (returnvalue !== null && returnvalue !== undefined) {
      return parseResult(JSON.stringify(returnvalue), 1);
    }
    return failedResult(job, this.version, failedReason ?? "the queue has no result of it");
  }

  /** Jobs stay in the queue, and workers go on with them. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.end?.(new PoolClosed("the run was ended"));
    await Promise.allSettled([this.events.close(), this.queue.close()]);
  }
}
