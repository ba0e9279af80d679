/** The flush lab over made-up strategies and workloads, in this process and as a command, from dist. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Catalogue } from "../../src/lab/flush/catalogue.ts";
import type { Preset } from "../../src/lab/flush/presets.ts";
import type { FlushJob, JobResult } from "../../src/lab/flush/types.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const FAKE = join(ROOT, "test/flush/fake");
export const FAKE_WORKER = new URL(`file://${FAKE}/worker.mjs`);
export const FAKE_VERSION = "1.2.3";

interface Fakes {
  readonly catalogue: Catalogue;
  readonly presets: ReadonlyMap<string, Preset>;
}

// Modules in plain JavaScript, for threads and child processes load them as they are.
const fakes: Fakes = await import(`${FAKE}/catalogue.mjs`);
const engine: { fakeResult: (job: FlushJob, version: string) => JobResult } = await import(
  `${FAKE}/engine.mjs`
);

export const CATALOGUE = fakes.catalogue;
export const PRESETS = fakes.presets;
export const fakeResult = (job: FlushJob) => engine.fakeResult(job, FAKE_VERSION);

export interface FlushOutcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

const CHILD_MS = 40_000;

/** Arguments of node for `vmxlab flush`: with the made-up lab, or with its own. */
export const FAKE_COMMAND = [join(FAKE, "vmxlab.mjs"), "flush"];
export const REAL_COMMAND = [join(ROOT, "dist/cli/vmxlab.js"), "flush"];

/** Runs `vmxlab flush` with the made-up lab to its end; `shell` stands before the command. */
export function runFake(
  args: readonly string[],
  interact?: (child: ChildProcess) => void,
  shell?: string,
): Promise<FlushOutcome> {
  return run([...FAKE_COMMAND, ...args], interact, shell);
}

/** Runs node with `own` to the end. */
export function run(
  own: readonly string[],
  interact?: (child: ChildProcess) => void,
  shell?: string,
): Promise<FlushOutcome> {
  const child =
    shell === undefined
      ? spawn(process.execPath, own, { stdio: ["ignore", "pipe", "pipe"] })
      : spawn("bash", ["-c", `${shell}; exec "$0" "$@"`, process.execPath, ...own], {
          stdio: ["ignore", "pipe", "pipe"],
        });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk;
  });
  interact?.(child);
  const guard = setTimeout(() => child.kill("SIGKILL"), CHILD_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      clearTimeout(guard);
      resolve({ status, signal, stdout, stderr });
    });
  });
}
