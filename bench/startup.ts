/** Start and end of `vmxlab run` with a guest that exits at once: seconds and peak memory. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digits, type Figure, median, table } from "./measure.ts";

const SECONDS_BAR = 0.35;
const MIB_BAR = 120;
const KIB_IN_MIB = 1024;
/** Real mode: MOV AL, 0; OUT 0xf4, AL; HLT. */
const EXIT_AT_ONCE = [0xb0, 0x00, 0xe6, 0xf4, 0xf4];
const STATUS = 1;
const HOOK = fileURLToPath(new URL("report-usage.cjs", import.meta.url));
const COMMAND = fileURLToPath(new URL("../dist/cli/vmxlab.js", import.meta.url));

interface Sample {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

const fastest = (samples: readonly number[]) => Math.min(...samples);

function runOnce(nodeArgs: readonly string[], expected: number): Sample {
  const start = performance.now();
  const { status, output } = spawnSync(process.execPath, ["--require", HOOK, ...nodeArgs], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    encoding: "utf8",
  });
  const wallSeconds = (performance.now() - start) / 1000;
  if (status !== expected) throw new Error(`status ${status} instead of ${expected}: ${output[2]}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(output[3] ?? "");
  return {
    wallSeconds,
    cpuSeconds: (userCPUTime + systemCPUTime) / 1e6,
    peakMib: maxRSS / KIB_IN_MIB,
  };
}

/** Runs `vmxlab run` and, beside it, Node with nothing to do. */
export function measureStartup(
  repeat: number,
  log: (line: string) => void,
  print: (text: string) => void,
): Figure[] {
  if (!existsSync(COMMAND)) throw new Error("dist/ is missing: npm run build first");
  const folder = mkdtempSync(join(tmpdir(), "vmxlab-bench-"));
  const own: Sample[] = [];
  const bare: Sample[] = [];
  try {
    const image = join(folder, "exit.bin");
    writeFileSync(image, Uint8Array.from(EXIT_AT_ONCE));
    log(`startup: ${repeat} runs`);
    for (let i = 0; i < repeat; i++) {
      own.push(runOnce([COMMAND, "run", "-m", "16M", "--flat", "0x7c00", image], STATUS));
      bare.push(runOnce(["--eval", ""], 0));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const rows: string[][] = [];
  const figures = (
    [
      // On an idle machine it is a little below the CPU time; on a busy one it says nothing.
      ["wall time of the fastest run", "s", (s: Sample) => s.wallSeconds, fastest, undefined],
      ["CPU time", "s", (s: Sample) => s.cpuSeconds, median, SECONDS_BAR],
      ["peak memory", "MiB", (s: Sample) => s.peakMib, median, MIB_BAR],
    ] as const
  ).map(([name, unit, read, pick, bar]) => {
    const samples = own.map(read);
    const value = pick(samples);
    const ofNode = digits(pick(bare.map(read)));
    rows.push([`${name}, ${unit}`, digits(value), ofNode, bar === undefined ? "" : `${bar}`]);
    const figure = { section: "startup", name, value, unit, samples };
    return bar === undefined ? figure : { ...figure, bar };
  });
  print(table(["guest that exits at once, 16 MiB", "vmxlab run", "node alone", "bar"], rows));
  return figures;
}
