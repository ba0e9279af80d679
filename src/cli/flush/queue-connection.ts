/** What both ends of a queue agree on: its name, its connection, and how jobs are called. */
import { createHash } from "node:crypto";
import type { ConnectionOptions } from "bullmq";
import { jobKey } from "../../lab/flush/plan.ts";
import type { FlushJob } from "../../lab/flush/types.ts";
import { oneLine, UsageError } from "../errors.ts";
import { optionalPackage } from "../optional-package.ts";

/** A worker that says nothing for so long is lost, and its jobs are given to others. */
export const LOCK_MS = 15_000;
/** How often lost jobs are looked for. */
export const STALLED_MS = 5000;
/** How often a job may be lost before it counts as failed. */
export const LOST_MAX = 3;

const CONNECT_MS = 5000;

/** Workers take only jobs of their own version. */
export function queueName(version: string): string {
  return `vmxlab-flush-${version}`;
}

/** The same job always has the same name, so that no one is queued twice. */
export function jobId(job: FlushJob): string {
  return createHash("sha256").update(jobKey(job)).digest("hex").slice(0, 32);
}

type BullMq = Pick<typeof import("bullmq"), "Queue" | "QueueEvents" | "Worker">;

const PACKAGES = "bullmq ioredis";

/** @throws UsageError when the packages are not installed */
export function loadBullMq(): Promise<BullMq> {
  return optionalPackage("--queue", PACKAGES, () => import("bullmq"));
}

/** Without the password that it may contain. */
export function shownUrl(url: string): string {
  return oneLine(url.replace(/(:\/\/[^:@/]*):[^@/]*@/, "$1:***@"));
}

/** @throws UsageError when it is no address of a Redis server */
export function connectionOf(text: string): ConnectionOptions {
  const refuse = () =>
    new UsageError(`--queue "${shownUrl(text)}": give an address such as redis://localhost:6379`);
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse();
  }
  if (!/^rediss?:$/.test(url.protocol) || url.hostname === "") throw refuse();
  const database = url.pathname.slice(1);
  if (!/^\d*$/.test(database)) throw refuse();
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: Number(url.port || 6379),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(database && { db: Number(database) }),
    ...(url.protocol === "rediss:" && { tls: {} }),
    // What workers need: a command waits while the server is away.
    maxRetriesPerRequest: null,
  };
}

/** @throws UsageError when the server does not answer */
export async function checkServer(url: string): Promise<void> {
  const { Redis } = await optionalPackage("--queue", PACKAGES, () => import("ioredis"));
  const client = new Redis({
    ...(connectionOf(url) as object),
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: () => null,
  });
  let why = "";
  client.on("error", (error: Error) => {
    why = error.message;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    throw new UsageError(
      `--queue "${shownUrl(url)}": the server does not answer: ${why || (error as Error).message}`,
    );
  } finally {
    client.disconnect();
  }
}
