/** A thread that gives made-up results, and fails as the job asks. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fakeResult } from "./engine.mjs";

export const VERSION = "1.2.3";

function wait(ms) {
  if (ms > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** True the first time that `job` comes here. */
function isFirst({ strategy, seed, parameters }) {
  const note = join(parameters.scratch, `${strategy}-${seed}`);
  if (existsSync(note)) return false;
  writeFileSync(note, "");
  return true;
}

export default function run(job) {
  const { fault = "none", ms = 0 } = job.parameters;
  wait(ms);
  if (fault === "exit" || (fault === "exit-once" && isFirst(job))) process.exit(3);
  if (fault === "throw") throw new TypeError("the worker itself is broken");
  if (fault === "hang") for (;;);
  if (fault === "memory") {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(job));
  }
  return fakeResult(job, VERSION);
}
