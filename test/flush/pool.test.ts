import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { ATTEMPTS_MAX, JobPool, PoolClosed, poolRunner } from "../../src/cli/flush/pool.ts";
import type { FlushJob, JobResult, Parameters } from "../../src/lab/flush/types.ts";
import { temporaryFolder } from "../support/command-line.ts";
import { FAKE_VERSION, FAKE_WORKER, fakeResult } from "./support.ts";

const folder = temporaryFolder();
const pools: JobPool[] = [];
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
});

function makePool(options: { threads?: number; jobMs?: number; heapMib?: number } = {}): JobPool {
  const { threads = 2, jobMs = 20_000, heapMib } = options;
  const pool = new JobPool({
    worker: FAKE_WORKER,
    version: FAKE_VERSION,
    threads,
    jobMs,
    ...(heapMib === undefined ? {} : { heapMib }),
  });
  pools.push(pool);
  return pool;
}

function jobs(count: number, parameters: Parameters = {}): FlushJob[] {
  return Array.from({ length: count }, (_, i) => {
    return { strategy: "F1", workload: "E1", parameters, seed: i + 1 };
  });
}

async function runAll(pool: JobPool, list: readonly FlushJob[], threads = 2): Promise<JobResult[]> {
  const results: JobResult[] = [];
  await poolRunner(pool, threads)(list, (result) => results.push(result));
  return results.sort((a, b) => a.job.seed - b.job.seed);
}

test("all jobs are run, each once", async () => {
  const list = jobs(40);
  expect(await runAll(makePool({ threads: 3 }), list, 3)).toEqual(list.map(fakeResult));
});

test("threads work side by side", async () => {
  const list = jobs(4, { ms: 400 });
  const pool = makePool({ threads: 4 });
  await runAll(pool, jobs(4), 4);
  const start = performance.now();
  await runAll(pool, list, 4);
  expect(performance.now() - start).toBeLessThan(1400);
});

test("the job of a thread that dies is done again, and its result is the same", async () => {
  const scratch = mkdtempSync(join(folder, "notes-"));
  const list = jobs(8, { fault: "exit-once", scratch });
  expect(await runAll(makePool(), list)).toEqual(list.map(fakeResult));
});

test("a job that kills each thread has failed, and the others are done", async () => {
  const good = jobs(6);
  const list = [{ ...good[0]!, seed: 99, parameters: { fault: "exit" } }, ...good];
  const results = await runAll(makePool(), list);
  expect(results.slice(0, 6)).toEqual(good.map(fakeResult));
  expect(results[6]).toMatchObject({
    verdict: "failed",
    cycles: 0,
    error: `the thread that ran the job died, in ${ATTEMPTS_MAX} attempts`,
  });
});

test("a job without an end, or without bounds, has failed", async () => {
  const [hangs] = await runAll(makePool({ jobMs: 300 }), jobs(1, { fault: "hang" }));
  expect(hangs).toMatchObject({ verdict: "failed" });
  expect(hangs!.error).toMatch(/did not end within 0\.3 s/);
  const [grows] = await runAll(makePool({ heapMib: 32 }), jobs(1, { fault: "memory" }));
  expect(grows!.error).toMatch(/too much memory/);
});

test("what a worker throws is no verdict: the worker itself is broken", async () => {
  await expect(runAll(makePool(), jobs(1, { fault: "throw" }))).rejects.toThrow(
    "the worker itself is broken",
  );
});

test("a pool that is closed gives up its jobs", async () => {
  const pool = makePool();
  const running = runAll(pool, jobs(5, { ms: 5000 }));
  setTimeout(() => pool.close(), 200);
  await expect(running).rejects.toThrow(PoolClosed);
  await expect(pool.run(jobs(1)[0]!)).rejects.toThrow(PoolClosed);
});
