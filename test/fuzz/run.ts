/** Fuzzes in threads and watches them: a seed that does not end in time is a hang. */
import { Worker } from "node:worker_threads";
import type { FuzzMessage, FuzzOrder } from "./worker.ts";

/** Ticks of one seed. */
export const TICKS = 20_000;
/** A seed takes some 40 ms; on a loaded machine many times that. */
const HANG_MS = 60_000;
const WATCH_MS = 500;

/** A thread does not inherit the loader of TypeScript. */
const BOOT = `import(${JSON.stringify(import.meta.resolve("tsx/esm/api"))}).then((tsx) => {
  tsx.register();
  return import(${JSON.stringify(new URL("./worker.ts", import.meta.url).href)});
})`;

export interface FuzzReport {
  seeds: number;
  instructions: number;
  readonly failures: { readonly seed: number; readonly text: string }[];
}

export interface FuzzLimits {
  readonly instructions: number;
  /** Wall clock. */
  readonly seconds: number;
  readonly threads: number;
}

/** Seeds from `first` on until a limit is reached; each thread stops at its first failure. */
export async function fuzz(first: number, limits: FuzzLimits): Promise<FuzzReport> {
  const report: FuzzReport = { seeds: 0, instructions: 0, failures: [] };
  // Shared by the threads: next seed, stop flag, seeds done, instructions in thousands.
  const shared = new Int32Array(new SharedArrayBuffer(16));
  shared[0] = first;
  const end = performance.now() + limits.seconds * 1000;
  const threads = Array.from({ length: limits.threads }, () => fuzzThread(shared, report));
  const watch = setInterval(() => {
    const spent = Atomics.load(shared, 3) * 1000;
    if (spent >= limits.instructions || performance.now() >= end) Atomics.store(shared, 1, 1);
  }, WATCH_MS / 10);
  await Promise.all(threads);
  clearInterval(watch);
  return report;
}

function fuzzThread(shared: Int32Array, report: FuzzReport): Promise<void> {
  const own = new Int32Array(new SharedArrayBuffer(8));
  const order: FuzzOrder = { shared, own, ticks: TICKS };
  const worker = new Worker(BOOT, { workerData: order, eval: true });
  return new Promise((resolve, reject) => {
    let seen = -1;
    let since = performance.now();
    const timer = setInterval(() => {
      const count = Atomics.load(own, 1);
      if (count !== seen) {
        seen = count;
        since = performance.now();
      } else if (performance.now() - since > HANG_MS) {
        report.failures.push({ seed: Atomics.load(own, 0), text: `no end in ${HANG_MS / 1000} s` });
        void worker.terminate();
        finish();
      }
    }, WATCH_MS);
    const finish = () => {
      clearInterval(timer);
      resolve();
    };
    worker.on("message", (message: FuzzMessage) => {
      report.seeds += message.seeds;
      report.instructions += message.executed;
      if (message.failure !== undefined) {
        report.failures.push({ seed: message.seed, text: message.failure });
      }
    });
    worker.on("error", (error) => {
      clearInterval(timer);
      reject(error);
    });
    worker.on("exit", finish);
  });
}
