/** Runs the built commands in child processes, as a user does; builds them first where needed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, vi } from "vitest";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 });

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const BUILT = join(ROOT, "dist/cli/vmxlab.js");
const LOCK = join(ROOT, "dist.lock");
const LOCK_WAIT_MS = 60_000;
const CHILD_MS = 50_000;

export const GUESTS = join(ROOT, "guests/images");

function newestSource(folder: string): number {
  return Math.max(
    ...readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs;
    }),
  );
}

function isBuilt(): boolean {
  return existsSync(BUILT) && statSync(BUILT).mtimeMs >= newestSource(join(ROOT, "src"));
}

/** Compiles src to dist when a source is newer; test files that run side by side wait. */
function ensureBuilt(): void {
  const start = Date.now();
  while (!isBuilt()) {
    try {
      mkdirSync(LOCK);
    } catch {
      if (Date.now() - start > LOCK_WAIT_MS) rmSync(LOCK, { recursive: true, force: true });
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
      continue;
    }
    try {
      const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
      const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", "tsconfig.build.json"], {
        cwd: ROOT,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`the build failed: ${stdout}`);
    } finally {
      rmdirSync(LOCK);
    }
  }
}

ensureBuilt();

export interface Outcome {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The guest's bytes, each as one character. */
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunChild {
  /** Standard input; closed at once unless given. "open" keeps it open without sending anything. */
  readonly input?: string | "open";
  readonly command?: "vmxlab" | "vmxlab-qemu";
  readonly cwd?: string;
  /** Called when the child runs, to send it signals or close its output. */
  readonly interact?: (child: ChildProcess) => void;
}

/** Runs a command to its end. */
export function runCommand(args: readonly string[], options: RunChild = {}): Promise<Outcome> {
  const { input = "", command = "vmxlab", cwd, interact } = options;
  const child = spawn(process.execPath, [join(ROOT, `dist/cli/${command}.js`), ...args], {
    cwd: cwd ?? ROOT,
    stdio: "pipe",
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => {});
  if (input !== "open") child.stdin.end(input, "latin1");
  interact?.(child);
  const guard = setTimeout(() => child.kill("SIGKILL"), CHILD_MS);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    // Output that a test has stopped reading would keep the child from being closed.
    child.on("exit", () => child.stdout.resume());
    child.on("close", (status, signal) => {
      clearTimeout(guard);
      resolve({
        status,
        signal,
        stdout: Buffer.concat(out).toString("latin1"),
        stderr: Buffer.concat(err).toString("utf8"),
      });
    });
  });
}

/** `vmxlab run` with little memory. */
export function runGuest(args: readonly string[], options: RunChild = {}): Promise<Outcome> {
  return runCommand(["run", "--memory", "16M", ...args], options);
}

/** A folder of its own for a test file, removed after its tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "vmxlab-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Machine code of small guests for the flat format. */
export const CODE = {
  /** Real mode: exits with 5. */
  exit5: [0xba, 0xf4, 0x00, 0xb0, 0x05, 0xee, 0xf4],
  /** Real mode: CLI, HLT. */
  deadHalt: [0xfa, 0xf4],
  /** Real mode: STI, HLT with every interrupt masked. */
  idle: [0xfb, 0xf4, 0xeb, 0xfd],
  /** For ever. */
  loop: [0xeb, 0xfe],
  /** Protected mode without an IDT: UD2. */
  tripleFault: [0x0f, 0x0b],
  /** 64-bit mode: ADDPS XMM0, [0xfec00000], which L0 does not emulate. */
  internalError: [0xbb, 0x00, 0x00, 0xc0, 0xfe, 0x0f, 0x58, 0x03],
  /** Real mode: reset by the keyboard controller, then a loop. */
  reset: [0xb0, 0xfe, 0xe6, 0x64, 0xeb, 0xfe],
  /** Real mode: sends "A" to COM1 for ever. */
  flood: [0xba, 0xf8, 0x03, 0xb0, 0x41, 0xee, 0xeb, 0xfd],
  /** Real mode: "hi" to ports 0xe9 and 0x402, "2" to COM2, exit 0. */
  consoles: [
    0xb0, 0x68, 0xe6, 0xe9, 0xb0, 0x69, 0xba, 0x02, 0x04, 0xee, 0xb0, 0x32, 0xba, 0xf8, 0x02, 0xee,
    0x30, 0xc0, 0xe6, 0xf4, 0xf4,
  ],
} as const;

/** Writes `code` into `folder` and gives its path. */
export function flatImage(folder: string, name: string, code: readonly number[]): string {
  const path = join(folder, `${name}.bin`);
  writeFileSync(path, Uint8Array.from(code));
  return path;
}
