/** Calls kvm-unit-tests' own runner for one entry, with vmxlab-qemu or another program as QEMU. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const CLI = fileURLToPath(new URL("../../dist/cli/vmxlab-qemu.js", import.meta.url));
/** Wall time that a test gets for each second of processor time: others may use the machine. */
const WALL_PER_LIMIT = 5;
/** Beyond this a test is a hang whatever its limit. */
const WALL_SECONDS_MIN = 300;

export type Status = "PASS" | "FAIL" | "SKIP";

export interface Outcome {
  readonly name: string;
  readonly status: Status;
  /** What the runner says in brackets behind it. */
  readonly remark: string;
  readonly passes: number;
  readonly failures: number;
  readonly skips: number;
  /** Wall time of the longest call of the program. */
  readonly wallSeconds: number;
  /** User time of that call; undefined for programs that cannot be asked. */
  readonly userSeconds: number | undefined;
}

interface Timing {
  readonly user: number;
  readonly wall: number;
}

export class Runner {
  private readonly dir: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "vmxlab-kut-"));
  private readonly program: string;
  private readonly times = join(this.folder, "times");
  private readonly logs = join(this.folder, "logs");

  /** `peer`: a QEMU to run instead of vmxlab-qemu. `options` are added to each call of ours. */
  constructor(dir: string, peer: string | undefined, options: readonly string[] = []) {
    this.dir = dir;
    if (peer !== undefined) {
      this.program = peer;
      return;
    }
    if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build`);
    const hook = join(this.folder, "times.mjs");
    writeFileSync(hook, TIMES_HOOK);
    this.program = join(this.folder, "vmxlab-qemu");
    writeFileSync(
      this.program,
      `#!/bin/sh\nexec "${process.execPath}" --import "${pathToFileURL(hook)}" "${CLI}" "$@" ${options.join(" ")}\n`,
    );
    chmodSync(this.program, 0o755);
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs the entry `name` of unittests.cfg. */
  runEntry(name: string, limitSeconds: number): Outcome {
    const wall = this.wallSeconds(limitSeconds);
    return this.measure(name, (environment) => {
      const { stdout } = this.bash(["./run_tests.sh", name], {
        ...environment,
        TIMEOUT: `${wall}s`,
        unittest_log_dir: this.logs,
      });
      const log = join(this.logs, `${name}.log`);
      return {
        verdict: plain(stdout).trim().split("\n").at(-1) ?? "",
        output: existsSync(log) ? readFileSync(log, "latin1") : "",
      };
    });
  }

  /** Runs an image that has no entry, by the runner's script for a single one. */
  runImage(name: string, options: readonly string[], limitSeconds: number): Outcome {
    const wall = this.wallSeconds(limitSeconds);
    return this.measure(name, (environment) => {
      const { status, stdout } = this.bash(["./x86-run", `./x86/${name}.flat`, ...options], {
        ...environment,
        TIMEOUT: `${wall}s`,
      });
      return { verdict: `${status === 0 ? "PASS" : "FAIL"} ${name}`, output: stdout };
    });
  }

  /** Runs a script of theirs. Its output goes to a file: it opens /dev/stderr, no good on a socket. */
  private bash(args: readonly string[], env: NodeJS.ProcessEnv) {
    const path = join(this.folder, "output");
    const file = openSync(path, "w");
    const { status } = spawnSync("bash", args, {
      cwd: this.dir,
      env,
      stdio: ["ignore", file, "ignore"],
    });
    closeSync(file);
    return { status, stdout: readFileSync(path, "latin1") };
  }

  private wallSeconds(limitSeconds: number): number {
    return Math.max(limitSeconds * WALL_PER_LIMIT, WALL_SECONDS_MIN);
  }

  private measure(
    name: string,
    run: (environment: NodeJS.ProcessEnv) => { verdict: string; output: string },
  ): Outcome {
    rmSync(this.times, { force: true });
    mkdirSync(this.logs, { recursive: true });
    const check = join(this.folder, "yes");
    writeFileSync(check, "Y");
    const start = performance.now();
    const { verdict, output } = run({
      ...process.env,
      QEMU: this.program,
      // The runner must not look for an accelerator of the host.
      ACCEL: "tcg",
      // In the place of parameters of KVM's modules that entries ask for.
      CHECK: `${check}=Y`,
      VMXLAB_KUT_TIMES: this.times,
    });
    const wallSeconds = (performance.now() - start) / 1000;
    const longest = this.longestCall();
    const [, status = "FAIL", remark = ""] =
      /^(PASS|FAIL|SKIP) \S+ *(?:\((.*)\))?/.exec(verdict) ?? [];
    const count = (word: string) => output.match(new RegExp(`^${word}:`, "gm"))?.length ?? 0;
    return {
      name,
      status: status as Status,
      remark,
      passes: count("PASS"),
      failures: count("FAIL"),
      skips: count("SKIP"),
      wallSeconds: longest?.wall ?? wallSeconds,
      userSeconds: longest?.user,
    };
  }

  /** The runner calls the program several times to ask questions; the test is the longest call. */
  private longestCall(): Timing | undefined {
    if (!existsSync(this.times)) return undefined;
    const lines = readFileSync(this.times, "utf8").trim().split("\n");
    const calls = lines.map((line) => JSON.parse(line) as Timing);
    return calls.reduce((a, b) => (b.wall > a.wall ? b : a));
  }
}

/** Loaded into the program: notes what its call took. */
const TIMES_HOOK = `
import { appendFileSync } from "node:fs";
process.on("exit", () => {
  const timing = { user: process.cpuUsage().user / 1e6, wall: process.uptime() };
  appendFileSync(process.env.VMXLAB_KUT_TIMES, JSON.stringify(timing) + "\\n");
});
`;

/** Text without the escape sequences of colours. */
function plain(text: string): string {
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");
}
