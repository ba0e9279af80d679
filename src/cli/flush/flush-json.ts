/** What `vmxlab flush` and its list print with --json. */
import type { Catalogue } from "../../lab/flush/catalogue.ts";
import type { FlushPlan } from "../../lab/flush/plan.ts";
import type { Preset } from "../../lab/flush/presets.ts";
import type { Estimate } from "../../lab/flush/statistics.ts";
import type { Case, Summary } from "../../lab/flush/summary.ts";

/** JSON has no NaN. */
function estimateJson({ mean, half, n }: Estimate) {
  return { mean, half: Number.isNaN(half) ? null : half, n };
}

function caseJson({ strategy, verdict, cycles, counts, costs }: Case) {
  return {
    strategy,
    verdict,
    cycles: estimateJson(cycles),
    counts: Object.fromEntries(
      Object.entries(counts).map(([name, value]) => [name, estimateJson(value)]),
    ),
    costs: costs.map((row) => ({ event: row.event, cycles: estimateJson(row.cycles) })),
  };
}

export function summaryJson(plan: FlushPlan, version: string, { points, faults, sites }: Summary) {
  return {
    format: "vmxlab-flush-summary",
    formatVersion: 1,
    version,
    plan,
    faults: faults.map(({ strategy, verdict, runs, of, workloads, first }) => ({
      strategy,
      verdict,
      runs,
      of,
      workloads,
      first: { job: first.job, witness: first.witness ?? null, error: first.error ?? null },
    })),
    sites,
    points: points.map(({ workload, parameters, ranked, unranked }) => ({
      workload,
      parameters,
      ranked: ranked.map(caseJson),
      unranked: unranked.map(caseJson),
    })),
  };
}

export function listJson({ strategies, workloads }: Catalogue, presets: Iterable<Preset>) {
  return {
    strategies: [...strategies.values()].map(({ name, title, condition, cost, status }) => ({
      name,
      title,
      condition,
      cost,
      status,
    })),
    workloads: [...workloads.values()].map(({ name, title, text, parameters }) => ({
      name,
      title,
      text,
      parameters,
    })),
    presets: [...presets],
  };
}
