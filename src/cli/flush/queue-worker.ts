/** `vmxlab flush worker`: runs the jobs of a queue until a signal comes. */
import type { FlushJob, JobResult } from "../../lab/flush/types.ts";
import { type SignalName, statusOf } from "../exit-status.ts";
import { type FlushLab, type PoolFlags, poolFlags } from "./flush-command.ts";
import { JobPool } from "./pool.ts";
import {
  checkServer,
  connectionOf,
  LOCK_MS,
  LOST_MAX,
  loadBullMq,
  queueName,
  STALLED_MS,
  shownUrl,
} from "./queue-connection.ts";
import { SIGNALS } from "./run-plan.ts";

function nextSignal(): Promise<SignalName> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.once(signal, () => resolve(signal));
  });
}

/** The status of the process. @throws UsageError when the queue cannot be used */
export async function serveQueue(
  flags: PoolFlags & { readonly queue: string },
  lab: FlushLab,
): Promise<number> {
  const { threads, jobMs } = poolFlags(flags);
  const connection = connectionOf(flags.queue);
  const { Worker } = await loadBullMq();
  await checkServer(flags.queue);
  const pool = new JobPool({ worker: lab.worker, version: lab.version, threads, jobMs });
  // Jobs run on threads, so that this one can tell the server all the while that they are alive.
  const worker = new Worker<FlushJob, JobResult>(
    queueName(lab.version),
    ({ data }) => pool.run(data),
    {
      connection,
      concurrency: threads,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_MS,
      maxStalledCount: LOST_MAX,
    },
  );
  const say = (text: string) => process.stderr.write(`vmxlab: ${text}\n`);
  let isAway = false;
  let isEnding = false;
  worker.on("error", () => {});
  worker.on("ioredis:close", () => {
    if (!isAway && !isEnding)
      say(`the server of --queue ${shownUrl(flags.queue)} has gone: waiting for it`);
    isAway = true;
  });
  worker.on("active", () => {
    isAway = false;
  });
  await worker.waitUntilReady();
  say(`working at ${shownUrl(flags.queue)} with ${threads} threads; Ctrl-C ends`);
  const signal = await nextSignal();
  isEnding = true;
  // Jobs under way come to their end; a second signal gives them up, and other workers do them again.
  const closed = worker.close();
  await Promise.race([closed, nextSignal()]);
  await pool.close();
  return statusOf({ kind: "aborted" }, signal);
}
