/**
 * Runs the presets of the flush lab and writes docs/flush-results.md with their tables, and their charts
 * into docs/flush-results/. Takes two or three minutes; what comes out depends on nothing but the code.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRESETS, type Preset } from "../src/lab/flush/presets.ts";

const PAGE = "docs/flush-results.md";
const FOLDER = "docs/flush-results";
const COMMAND = "dist/cli/vmxlab.js";
/** "cost-E2" and so on. */
const CHART = /^(cost|relative|rows)-(E\d+)\.svg$/;
const CAPTIONS: Readonly<Record<string, string>> = {
  cost: "modelled cycles along the sweep",
  relative: "the same as a ratio to F1",
  rows: "what the cycles go to",
};

function chartsOf(preset: Preset, report: string): string[] {
  const charts = readdirSync(report).filter((name) => CHART.test(name));
  return charts.sort().flatMap((name) => {
    const [, kind, workload] = CHART.exec(name)!;
    const file = `${preset.name}-${name}`;
    copyFileSync(join(report, name), join(FOLDER, file));
    return [`![${workload}: ${CAPTIONS[kind!]}](flush-results/${file})`, ""];
  });
}

function section(preset: Preset, scratch: string): string[] {
  const report = join(scratch, preset.name);
  const results = join(scratch, `${preset.name}.jsonl`);
  const args = ["flush", "--preset", preset.name, "--results", results, "--report", report];
  const { stdout, status } = spawnSync(process.execPath, [COMMAND, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`preset ${preset.name} ends with status ${status}`);
  return [
    `## ${preset.title}`,
    "",
    preset.question,
    "",
    "```sh",
    `npx vmxlab flush --preset ${preset.name} --report out`,
    "```",
    "",
    ...chartsOf(preset, report),
    "```text",
    stdout.trimEnd(),
    "```",
    "",
  ];
}

execFileSync("npx", ["tsc", "-p", "tsconfig.build.json"], { stdio: "inherit" });
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const scratch = mkdtempSync(join(tmpdir(), "flush-results-"));
const lines = [
  "# Results of the flush lab",
  "",
  "<!-- Written by `npm run generate:flush-lab`; do not edit. -->",
  "",
  "The tables and charts of the presets, 20 seeds each. What they mean is in [flush-lab.md](flush-lab.md); names",
  "are explained in [flush-strategies.md](flush-strategies.md).",
  "",
  ...PRESETS.flatMap((preset) => section(preset, scratch)),
];
writeFileSync(PAGE, lines.join("\n"));
rmSync(scratch, { recursive: true });
console.log(`wrote ${PAGE}`);
