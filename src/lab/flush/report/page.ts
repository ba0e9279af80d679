/** The report of the flush lab as one HTML page that asks for nothing from elsewhere. */
import type { Catalogue } from "../catalogue.ts";
import { type FlushPlan, seedsText } from "../plan.ts";
import type { Preset } from "../presets.ts";
import type { Estimate } from "../statistics.ts";
import {
  type Case,
  cyclesRatio,
  type Fault,
  type Point,
  type Summary,
  varyingParameters,
} from "../summary.ts";
import type { CountName, Parameters } from "../types.ts";
import { breakEvenRows, breakEvenText } from "./charts.ts";
import type { Drawing } from "./draw.ts";
import { STYLE } from "./style.ts";

export interface ReportInput {
  readonly plan: FlushPlan;
  readonly version: string;
  readonly summary: Summary;
  readonly catalogue: Catalogue;
  readonly preset: Preset | undefined;
}

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

/** Thousands apart; few digits behind the point. */
function number(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const maximumFractionDigits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits });
}

function withInterval({ mean, half }: Estimate, digits?: number): string {
  const text = (value: number) => (digits === undefined ? number(value) : value.toFixed(digits));
  if (Number.isNaN(mean)) return "–";
  const interval = Number.isNaN(half) ? "" : ` <span class="ci">± ${text(half)}</span>`;
  return `${text(mean)}${interval}`;
}

function parametersText(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} = ${value}`)
    .join(", ");
}

/** Cells are HTML; those from `numeric` on are numbers. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numeric: number,
): string {
  const line = (cells: readonly string[], tag: "td" | "th") =>
    cells.map((cell, i) => `<${tag}${i >= numeric ? ' class="n"' : ""}>${cell}</${tag}>`).join("");
  const body = rows.map((row) => `<tr>${line(row, "td")}</tr>`).join("\n");
  return `<div class="wide"><table><thead><tr>${line(head, "th")}</tr></thead><tbody>\n${body}\n</tbody></table></div>`;
}

function verdictCell(cases: readonly Case[]): string {
  const results = cases.flatMap((one) => one.results);
  if (results.length === 0) return "";
  const of = (verdict: string) => results.filter((result) => result.verdict === verdict).length;
  const bad = (["wrong", "failed"] as const).filter((verdict) => of(verdict) > 0);
  if (bad.length === 0) return `<span class="right">right</span> ${results.length}`;
  return bad
    .map((verdict) => `<span class="bad">${verdict}</span> ${of(verdict)} of ${results.length}`)
    .join(", ");
}

function verdictSection({ summary, catalogue }: ReportInput): string {
  const { cases, points } = summary;
  const workloads = [...new Set(points.map(({ workload }) => workload))];
  const strategies = [...new Set(cases.map(({ strategy }) => strategy))];
  const rows = strategies.map((strategy) => {
    const known = catalogue.strategies.get(strategy);
    const own = cases.filter((one) => one.strategy === strategy);
    return [
      `<b>${escapeText(strategy)}</b>`,
      escapeText(known?.title ?? ""),
      escapeText(known?.status ?? ""),
      ...workloads.map((name) => verdictCell(own.filter(({ workload }) => workload === name))),
    ];
  });
  return [
    "<h2>Verdicts</h2>",
    "<p>A run is wrong when a translation was used that had to be gone. Numbers are runs.</p>",
    table(["strategy", "", "status", ...workloads.map(escapeText)], rows, 99),
  ].join("\n");
}

function faultArticle({ strategy, verdict, runs, of, workloads, first }: Fault): string {
  if (verdict === "broken") {
    const why = "It is known to be wrong in other workloads; none of these runs has caught it.";
    return `<article><h3>${escapeText(strategy)}: not caught</h3><p>${why}</p></article>`;
  }
  const { job, witness, error } = first;
  const where = `${job.workload} with ${parametersText(job.parameters)}, seed ${job.seed}`;
  const when = witness === undefined ? "" : ` after ${number(witness.ticks)} ticks`;
  return [
    `<article><h3>${escapeText(strategy)}: ${verdict} in ${number(runs)} of ${number(of)} runs</h3>`,
    `<p>In ${escapeText(workloads.join(", "))}. Soonest${when}: ${escapeText(where)}.</p>`,
    `<p class="bad">${escapeText(witness?.message ?? error ?? "it never flushed")}</p>`,
    witness === undefined ? "" : `<pre>${escapeText(witness.timeline.trimEnd())}</pre>`,
    "</article>",
  ].join("\n");
}

function faultsSection({ faults }: Summary): string {
  if (faults.length === 0) return "";
  return [
    "<h2>Why some are not right</h2>",
    "<p>Each with its shortest failing run: a line for each step, a column for each thread.</p>",
    ...faults.map(faultArticle),
  ].join("\n");
}

function chartsSection(charts: readonly Drawing[]): string {
  const figures = charts.map(
    ({ name, title, text, svg }) =>
      `<figure class="chart" role="img" aria-label="${escapeText(title)}">${svg}` +
      `<figcaption>${escapeText(text)} <a href="${name}.svg">${name}.svg</a></figcaption></figure>`,
  );
  return ["<h2>Charts</h2>", ...figures].join("\n");
}

function breakEvenSection(summary: Summary): string {
  const rows = breakEvenRows(summary);
  if (rows.length === 0) return "";
  const workloads = [...new Set(rows.map(({ workload }) => workload))];
  const lists = workloads.map((workload) => {
    const own = rows.filter((row) => row.workload === workload);
    const items = own.map((row) => `<li>${escapeText(breakEvenText(row))}</li>`);
    return `<h3>${escapeText(workload)}</h3><ul>${items.join("\n")}</ul>`;
  });
  const how =
    "Interpolated between the values of the sweep, from the ratio of the cycles with the same seeds; " +
    "the interval is where the confidence interval of that ratio crosses 1.";
  return ["<h2>Break-even points</h2>", `<p>${how}</p>`, ...lists].join("\n");
}

function sitesSection({ sites }: Summary): string {
  const workloads = [...new Set(sites.map(({ workload }) => workload))];
  const parts = workloads.map((name) => {
    const rows = sites
      .filter(({ workload }) => workload === name)
      .map((row) => [
        `<b>${escapeText(row.strategy)}</b>`,
        `<code>${escapeText(row.site)}</code>`,
        escapeText(row.operation),
        number(row.times),
        row.timesNeeded === 0 ? '<span class="ci">never</span>' : number(row.timesNeeded),
        number(row.dropped),
        number(row.droppedStale),
      ]);
    const head = ["strategy", "place in L0", "operation", "times", "needed", "dropped", "stale"];
    return `<details><summary>${escapeText(name)}</summary>${table(head, rows, 3)}</details>`;
  });
  const how =
    "Over all runs of a strategy in a workload. Needed: a translation that had to go was there. A place " +
    "that was never needed is redundant in these runs, no more. Dropped: translations; stale: those that " +
    "had to go.";
  return ["<h2>Which flushes were needed</h2>", `<p>${how}</p>`, ...parts].join("\n");
}

const COLUMNS: readonly (readonly [string, CountName])[] = [
  ["INVEPT single", "inveptSingle"],
  ["INVEPT all", "inveptAll"],
  ["INVVPID", "invvpid"],
  ["IPIs", "ipis"],
  ["forced exits", "forcedExits"],
  ["blocked", "notifierBlocked"],
  ["dropped", "dropped"],
  ["stale", "droppedStale"],
  ["refills", "refills"],
  ["refill reads", "refillReferences"],
];

function pointTable({ ranked, unranked }: Point): string {
  const row = (one: Case, place: string, cost: readonly string[]) => [
    place,
    `<b>${escapeText(one.strategy)}</b>`,
    ...cost,
    ...COLUMNS.map(([, name]) => number(one.counts[name].mean)),
  ];
  const rows = [
    ...ranked.map((one, i) =>
      row(one, `${i + 1}`, [
        withInterval(one.cycles),
        i === 0 ? "1" : withInterval(cyclesRatio(one, ranked[0]!), 3),
      ]),
    ),
    ...unranked.map((one) => row(one, "–", ["not ranked", ""])),
  ];
  const head = ["", "strategy", "modelled cycles", "of the first"];
  return table([...head, ...COLUMNS.map(([title]) => title)], rows, 2);
}

function tablesSection({ points }: Summary): string {
  const workloads = [...new Set(points.map(({ workload }) => workload))];
  const parts = workloads.flatMap((workload) => {
    const own = points.filter((point) => point.workload === workload);
    const varying = varyingParameters(own);
    return own.map((point) => {
      const shown = Object.fromEntries(varying.map((name) => [name, point.parameters[name]!]));
      const title = [workload, parametersText(shown)].filter((part) => part !== "").join(": ");
      return `<details${own.length === 1 ? " open" : ""}><summary>${escapeText(title)}</summary>${pointTable(point)}</details>`;
    });
  });
  const how =
    "Means over seeds, ± half of the 95 % confidence interval by Student's t. Right strategies are " +
    "ranked by modelled cycles; the others are not ranked. Blocked: ticks for which callers of the " +
    "notifier waited. Refills: translations dropped although right, and walked for again.";
  return ["<h2>Numbers</h2>", `<p>${how}</p>`, ...parts].join("\n");
}

function parametersSection({ plan, catalogue }: ReportInput): string {
  const parts = plan.groups.map(({ workload, strategies, points }) => {
    const known = catalogue.workloads.get(workload);
    const names = [...new Set(points.flatMap((point) => Object.keys(point)))];
    const rows = names.map((name) => {
      const values = [...new Set(points.map((point) => `${point[name]}`))];
      const text = known?.parameters.find((spec) => spec.name === name)?.text ?? "";
      return [`<code>${escapeText(name)}</code>`, escapeText(values.join(", ")), escapeText(text)];
    });
    return [
      `<h3>${escapeText(workload)}: ${escapeText(known?.title ?? "")}</h3>`,
      `<p>${escapeText(known?.text ?? "")} Strategies: ${escapeText(strategies.join(", "))}.</p>`,
      table(["parameter", "values", ""], rows, 99),
    ].join("\n");
  });
  return ["<h2>Workloads and parameters</h2>", ...parts].join("\n");
}

/** Quoted where a shell would take it apart. */
function word(text: string): string {
  return /^[\w.,:=/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

export function reportPage(input: ReportInput, charts: readonly Drawing[]): string {
  const { plan, version, summary, preset } = input;
  const title = preset === undefined ? "Flush strategies side by side" : preset.title;
  const runs = summary.cases.reduce((n, { results }) => n + results.length, 0);
  const command = ["vmxlab", "flush", ...plan.command].map(word).join(" ");
  const parts = [
    `<h1>${escapeText(title)}</h1>`,
    preset === undefined ? "" : `<p class="lead">${escapeText(preset.question)}</p>`,
    `<p class="soft">${number(runs)} runs, seeds ${seedsText(plan.seeds).replace(/^(\d+)$/, "1-$1")}, ` +
      `vmxlab ${escapeText(version)}. The same command gives the same numbers:</p>`,
    `<pre class="command">${escapeText(command)}</pre>`,
    verdictSection(input),
    chartsSection(charts),
    breakEvenSection(summary),
    faultsSection(summary),
    sitesSection(summary),
    tablesSection(summary),
    parametersSection(input),
  ];
  return (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">' +
    `<title>${escapeText(title)}</title>\n<style>${STYLE}</style></head>\n<body>\n` +
    `${parts.filter((part) => part !== "").join("\n")}\n</body></html>\n`
  );
}
