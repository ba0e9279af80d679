/**
 * Results of many seeds brought together and put in order: correctness comes before cost. A strategy that
 * was not right in every run is never ranked, in no workload.
 */
import type { Catalogue } from "./catalogue.ts";
import { caseKey } from "./plan.ts";
import { type Estimate, estimate, ratio } from "./statistics.ts";
import {
  COUNTS,
  type CountName,
  type FlushSiteRow,
  type JobResult,
  type JobVerdict,
  type Parameters,
} from "./types.ts";

/** A strategy in a workload with some parameters, over all seeds. */
export interface Case {
  readonly strategy: string;
  readonly workload: string;
  readonly parameters: Parameters;
  /** Of the seeds: the worst. */
  readonly verdict: JobVerdict;
  /** Results by ascending seed. */
  readonly results: readonly JobResult[];
  readonly cycles: Estimate;
  readonly counts: Readonly<Record<CountName, Estimate>>;
  /** Modelled cycles by event, the dearest first. */
  readonly costs: readonly { readonly event: string; readonly cycles: Estimate }[];
}

/** "broken": known to be wrong somewhere, though not caught in these runs. */
export type FaultKind = "wrong" | "failed" | "never flushed" | "broken";

/** Why a strategy is not ranked. */
export interface Fault {
  readonly strategy: string;
  readonly verdict: FaultKind;
  /** Runs that show it, of all runs of the strategy. */
  readonly runs: number;
  readonly of: number;
  readonly workloads: readonly string[];
  /** The run that shows it soonest. */
  readonly first: JobResult;
}

/** What one place of L0 that flushes has done in all runs of a strategy in a workload. */
export interface SiteSum extends FlushSiteRow {
  readonly strategy: string;
  readonly workload: string;
}

/** All cases of one workload with the same parameters. */
export interface Point {
  readonly workload: string;
  readonly parameters: Parameters;
  /** Right ones, the cheapest first. */
  readonly ranked: readonly Case[];
  /** The others, in the order of the results. */
  readonly unranked: readonly Case[];
}

export interface Summary {
  readonly points: readonly Point[];
  readonly cases: readonly Case[];
  readonly faults: readonly Fault[];
  /** By workload and strategy, in the order of the results; busy places first. */
  readonly sites: readonly SiteSum[];
}

const SEVERITY: readonly JobVerdict[] = ["right", "wrong", "failed"];
const COUNT_NAMES = Object.keys(COUNTS) as CountName[];

function groupBy<T>(items: readonly T[], key: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

function costsOf(results: readonly JobResult[]): Case["costs"] {
  const events = [...new Set(results.flatMap(({ costs }) => costs.map(({ event }) => event)))];
  return events
    .map((event) => {
      const cycles = results.map(({ costs }) =>
        costs.reduce((sum, row) => sum + (row.event === event ? row.cycles : 0), 0),
      );
      return { event, cycles: estimate(cycles) };
    })
    .sort((a, b) => b.cycles.mean - a.cycles.mean);
}

function caseOf(unordered: readonly JobResult[]): Case {
  const results = unordered.toSorted((a, b) => a.job.seed - b.job.seed);
  const { strategy, workload, parameters } = results[0]!.job;
  const worst = Math.max(...results.map(({ verdict }) => SEVERITY.indexOf(verdict)));
  const counts = COUNT_NAMES.map((name) => [name, estimate(results.map((r) => r.counts[name]))]);
  return {
    strategy,
    workload,
    parameters,
    verdict: SEVERITY[worst]!,
    results,
    cycles: estimate(results.map(({ cycles }) => cycles)),
    counts: Object.fromEntries(counts),
    costs: costsOf(results),
  };
}

/** Work for which a flush is needed was done, and not one flush or new tag. */
function neverFlushed(results: readonly JobResult[]): boolean {
  const sum = (name: CountName) => results.reduce((total, r) => total + r.counts[name], 0);
  const flushes = sum("inveptSingle") + sum("inveptAll") + sum("invvpid") + sum("retags");
  return flushes === 0 && sum("invalidationsHit") > 0;
}

/** Ticks until the run went wrong; a run that failed has no such point. */
function soonness({ witness }: JobResult): number {
  return witness?.ticks ?? Number.POSITIVE_INFINITY;
}

function faultOf(
  strategy: string,
  results: readonly JobResult[],
  isBroken: boolean,
): Fault | undefined {
  const failed = results.filter(({ verdict }) => verdict === "failed");
  const wrong = results.filter(({ verdict }) => verdict === "wrong");
  const shown = wrong.length > 0 ? wrong : failed;
  const base = { strategy, of: results.length };
  if (shown.length === 0) {
    if (!isBroken && !neverFlushed(results)) return undefined;
    const workloads = [...new Set(results.map(({ job }) => job.workload))];
    const verdict = isBroken ? "broken" : "never flushed";
    return { ...base, verdict, runs: results.length, workloads, first: results[0]! };
  }
  const first = shown.reduce((a, b) => (soonness(b) < soonness(a) ? b : a));
  const workloads = [...new Set(shown.map(({ job }) => job.workload))];
  const verdict = wrong.length > 0 ? "wrong" : "failed";
  return { ...base, verdict, runs: shown.length, workloads, first };
}

/**
 * Results in the order of their plan, each job once. `strategies` tells which are known to be broken:
 * they are not ranked even where nothing has caught them.
 */
export function summarize(
  results: readonly JobResult[],
  strategies: Catalogue["strategies"],
): Summary {
  const faults = groupBy(results, ({ job }) => job.strategy).flatMap((group) => {
    const name = group[0]!.job.strategy;
    const fault = faultOf(name, group, strategies.get(name)?.status === "broken");
    return fault === undefined ? [] : [fault];
  });
  const faulty = new Set(faults.map(({ strategy }) => strategy));
  const cases = groupBy(results, ({ job }) => caseKey(job)).map(caseOf);
  const pointKey = (c: Case) => caseKey({ ...c, strategy: "", seed: 0 });
  const points = groupBy(cases, pointKey).map((group) => ({
    workload: group[0]!.workload,
    parameters: group[0]!.parameters,
    ranked: group
      .filter(({ strategy }) => !faulty.has(strategy))
      .sort((a, b) => a.cycles.mean - b.cycles.mean),
    unranked: group.filter(({ strategy }) => faulty.has(strategy)),
  }));
  return { points, cases, faults, sites: sitesOf(results) };
}

function addSites(a: FlushSiteRow, b: FlushSiteRow): FlushSiteRow {
  return {
    ...a,
    times: a.times + b.times,
    timesNeeded: a.timesNeeded + b.timesNeeded,
    dropped: a.dropped + b.dropped,
    droppedStale: a.droppedStale + b.droppedStale,
  };
}

/** Runs that went wrong end early, but what they flushed until then counts as well. */
function sitesOf(results: readonly JobResult[]): SiteSum[] {
  const groups = groupBy(results, ({ job }) => `${job.workload} ${job.strategy}`);
  return groups.flatMap((group) => {
    const { strategy, workload } = group[0]!.job;
    const rows = groupBy(
      group.flatMap(({ sites }) => sites),
      ({ site, operation }) => `${site} ${operation}`,
    );
    return rows
      .map((own) => ({ ...own.reduce(addSites), strategy, workload }))
      .sort((a, b) => b.times - a.times);
  });
}

/** What `one` costs for a cycle of `other`, by the seeds that both have. NaN when there are none. */
export function cyclesRatio(one: Case, other: Case): Estimate {
  const bySeed = new Map(other.results.map((result) => [result.job.seed, result.cycles]));
  const shared = one.results.filter(({ job }) => bySeed.has(job.seed));
  return ratio(
    shared.map(({ cycles }) => cycles),
    shared.map(({ job }) => bySeed.get(job.seed)!),
  );
}

/** Parameters with more than one value among `points`. */
export function varyingParameters(
  points: readonly { readonly parameters: Parameters }[],
): string[] {
  const names = new Set(points.flatMap(({ parameters }) => Object.keys(parameters)));
  return [...names].filter(
    (name) => new Set(points.map(({ parameters }) => parameters[name])).size > 1,
  );
}
