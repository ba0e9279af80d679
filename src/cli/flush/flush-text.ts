/** What `vmxlab flush` prints: tables in which correctness comes before cost. */
import type { Estimate } from "../../lab/flush/statistics.ts";
import {
  type Case,
  cyclesRatio,
  type Fault,
  type Point,
  type Summary,
  varyingParameters,
} from "../../lab/flush/summary.ts";
import { COUNTS, type CountName, type JobResult, type Parameters } from "../../lab/flush/types.ts";
import { oneLine } from "../errors.ts";

/** Counts that the table has, beside flushes in all. */
const COLUMNS: readonly (readonly [string, CountName])[] = [
  ["IPIs", "ipis"],
  ["forced exits", "forcedExits"],
  ["refills", "refills"],
  ["blocked", "notifierBlocked"],
];
const FLUSHES: readonly CountName[] = ["inveptSingle", "inveptAll", "invvpid"];

/** As people write it: thousands apart, few digits behind the point. */
export function count(value: number): string {
  if (!Number.isFinite(value)) return "-";
  const places =
    Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 1 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: places });
}

export function plusMinus({ half }: Estimate, text: (value: number) => string = count): string {
  return Number.isNaN(half) ? "" : `± ${text(half)}`;
}

export function ratioText({ mean, half }: Estimate): string {
  if (Number.isNaN(mean)) return "-";
  return `${mean.toFixed(3)}${Number.isNaN(half) ? "" : ` ± ${half.toFixed(3)}`}`;
}

export function parametersText(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

/** Lines of a table; columns are as wide as they need to be, those from `numeric` on to the right. */
export function columns(rows: readonly (readonly string[])[], numeric: number): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, i) => (i < numeric ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd(),
  );
}

function sumOf(names: readonly CountName[], { counts }: Case): number {
  return names.reduce((sum, name) => sum + counts[name].mean, 0);
}

function rankedLines(ranked: readonly Case[]): string[] {
  if (ranked.length === 0) return ["  no strategy is right"];
  const best = ranked[0]!;
  const names = COLUMNS.map(([title]) => title);
  const rows = [["", "strategy", "cycles", "", "of the first", "flushes", ...names]];
  ranked.forEach((one, i) => {
    rows.push([
      `${i + 1}`,
      one.strategy,
      count(one.cycles.mean),
      plusMinus(one.cycles),
      i === 0 ? "1" : ratioText(cyclesRatio(one, best)),
      count(sumOf(FLUSHES, one)),
      ...COLUMNS.map(([, name]) => count(one.counts[name].mean)),
    ]);
  });
  return columns(rows, 2).map((line) => `  ${line}`);
}

function unrankedLine(one: Case, faults: readonly Fault[]): string {
  const { verdict, runs, of } = faults.find(({ strategy }) => strategy === one.strategy)!;
  if (verdict === "broken") return `  -  ${one.strategy}  known to be wrong elsewhere: not ranked`;
  const here = one.results.filter((result) => result.verdict !== "right").length;
  const where =
    here > 0 ? `in ${here} of ${one.results.length} runs here` : `in ${runs} of ${of} runs in all`;
  return `  -  ${one.strategy}  ${verdict} ${where}: not ranked`;
}

function pointLines(point: Point, varying: readonly string[], faults: readonly Fault[]): string[] {
  const { workload, parameters, ranked, unranked } = point;
  const shown = Object.fromEntries(varying.map((name) => [name, parameters[name]!]));
  return [
    `${workload} ${parametersText(shown)}`.trimEnd(),
    ...rankedLines(ranked),
    ...unranked.map((one) => unrankedLine(one, faults)),
    "",
  ];
}

/** What shows that a run went wrong, in a few words. */
export function evidence({ witness, error }: JobResult): string {
  if (witness === undefined) return error ?? "it gives no reason";
  return `after ${count(witness.ticks)} ticks: ${witness.message}`;
}

function faultLines({ strategy, verdict, runs, of, workloads, first }: Fault): string[] {
  if (verdict === "broken") return [`${strategy}: known to be wrong elsewhere; not caught here`];
  const head = `${strategy}: ${verdict} in ${runs} of ${of} runs (${workloads.join(", ")})`;
  if (verdict === "never flushed") {
    return [`${head}, though what was cached had to go: no such strategy can be right`];
  }
  const { workload, parameters, seed } = first.job;
  return [
    head,
    `  soonest: ${workload} ${parametersText(parameters)}, seed ${seed}`.trimEnd(),
    `  ${oneLine(evidence(first))}`,
    ...(first.witness?.timeline.trimEnd().split("\n") ?? []).map((line) => `    ${line}`),
  ];
}

/** Which places flushed, how often, and how often that was needed. */
export function sitesText({ sites }: Summary): string {
  const head = [
    "workload",
    "strategy",
    "place",
    "operation",
    "times",
    "needed",
    "dropped",
    "stale",
  ];
  const rows = sites.map((row) => [
    row.workload,
    row.strategy,
    row.site,
    row.operation,
    count(row.times),
    row.timesNeeded === 0 ? "never" : count(row.timesNeeded),
    count(row.dropped),
    count(row.droppedStale),
  ]);
  return `${columns([head, ...rows], 4).join("\n")}\n`;
}

export function summaryText({ points, cases, faults }: Summary): string {
  const lines: string[] = [];
  if (faults.length > 0) {
    const head = "not right, and therefore not ranked:";
    lines.push(head, ...faults.flatMap(faultLines).map((line) => `  ${line}`), "");
  }
  for (const workload of new Set(points.map((point) => point.workload))) {
    const own = points.filter((point) => point.workload === workload);
    const varying = varyingParameters(own);
    const fixed = Object.entries(own[0]!.parameters).filter(([name]) => !varying.includes(name));
    lines.push(`${workload} with ${parametersText(Object.fromEntries(fixed)) || "no parameters"}`);
    for (const point of own) lines.push(...pointLines(point, varying, faults));
  }
  const seeds = Math.max(...cases.map(({ results }) => results.length));
  lines.push(
    `cycles are modelled; means of ${seeds} seed${seeds === 1 ? "" : "s"}` +
      (seeds === 1
        ? ", without intervals"
        : ", ± half of the 95 % confidence interval (Student's t)"),
    `blocked: ${COUNTS.notifierBlocked}`,
  );
  return `${lines.join("\n")}\n`;
}
