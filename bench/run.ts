/**
 * The benchmarks: `npm run bench -- [--only NAME,...] [--repeat N] [--json FILE] [--save]`.
 *
 * NAME is a section (kernels, startup, vmx, mechanisms, flush), a kernel, or a part of a mechanism's
 * name. The status is 1 when a figure misses its bar. --save keeps the figures of the section flush in
 * bench/results.
 */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { VERSION } from "../src/generated/version.ts";
import { measureFlush } from "./flush.ts";
import { CHECKSUMS, measureKernels } from "./kernels.ts";
import { digits, type Figure, missesBar } from "./measure.ts";
import { measureMechanisms } from "./micro.ts";
import { measureStartup } from "./startup.ts";
import { measureVmx } from "./vmx.ts";

const SECTIONS = ["kernels", "startup", "vmx", "mechanisms", "flush"] as const;
type Section = (typeof SECTIONS)[number];
const STARTUP_RUNS = 11;

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n\n`);
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}

function machine() {
  return {
    processor: cpus()[0]?.model ?? "unknown",
    threads: availableParallelism(),
    node: process.version,
    commit: commit(),
  };
}

/** Which sections to run, and for each the names it is cut down to. */
function plan(only: readonly string[]): Map<Section, string[]> {
  const chosen = new Map<Section, string[]>();
  if (only.length === 0) for (const section of SECTIONS) chosen.set(section, []);
  for (const name of only) {
    const section = SECTIONS.find((s) => s === name);
    if (section) chosen.set(section, []);
    else {
      const owner = name in CHECKSUMS ? "kernels" : "mechanisms";
      chosen.set(owner, [...(chosen.get(owner) ?? []), name]);
    }
  }
  return chosen;
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    repeat: { type: "string", default: "3" },
    json: { type: "string" },
    save: { type: "boolean", default: false },
  },
});
const repeat = Number(values.repeat);
if (!Number.isInteger(repeat) || repeat < 1) throw new Error("--repeat takes a count from 1");
const sections = plan(values.only?.split(",") ?? []);

const about = machine();
print(
  `${about.processor}, ${about.threads} threads; Node ${about.node}; commit ${about.commit}; ` +
    `medians of ${repeat} runs`,
);
const figures: Figure[] = [];
const kernels = sections.get("kernels");
if (kernels) figures.push(...measureKernels(repeat, kernels, log, print));
if (sections.has("startup")) figures.push(...measureStartup(STARTUP_RUNS, log, print));
if (sections.has("vmx")) figures.push(...measureVmx(repeat, log, print));
const mechanisms = sections.get("mechanisms");
if (mechanisms) figures.push(...(await measureMechanisms(mechanisms, log, print)));
if (sections.has("flush")) {
  figures.push(...(await measureFlush({ version: VERSION, ...about }, values.save, log, print)));
}

if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ ...about, repeat, figures }, null, 2)}\n`);
}
const missed = figures.filter(missesBar);
for (const { section, name, value, unit, bar } of missed) {
  log(`missed: ${section}, ${name}: ${digits(value)} ${unit}, at most ${bar}`);
}
process.exitCode = missed.length > 0 ? 1 : 0;
