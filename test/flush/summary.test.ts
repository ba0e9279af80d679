import { expect, test } from "vitest";
import { comparisonText } from "../../src/cli/flush/compare-text.ts";
import { sitesText, summaryText } from "../../src/cli/flush/flush-text.ts";
import { planFrom } from "../../src/cli/flush/plan-flags.ts";
import { breakEven } from "../../src/lab/flush/break-even.ts";
import { compareResults } from "../../src/lab/flush/compare.ts";
import { jobsOf } from "../../src/lab/flush/plan.ts";
import { failedResult } from "../../src/lab/flush/results.ts";
import { estimate, excludes, ratio, t95 } from "../../src/lab/flush/statistics.ts";
import { summarize } from "../../src/lab/flush/summary.ts";
import type { FlushStrategy, JobResult } from "../../src/lab/flush/types.ts";
import { CATALOGUE, fakeResult, PRESETS } from "./support.ts";

type Flags = Parameters<typeof planFrom>[0];
const results = (flags: Flags): JobResult[] =>
  jobsOf(planFrom(flags, CATALOGUE, PRESETS)).map(fakeResult);
const summary = (list: readonly JobResult[]) => summarize(list, CATALOGUE.strategies);

test("the interval of a mean is Student's", () => {
  // The example of a sample of five in many a textbook: mean 3, standard deviation sqrt(2.5).
  const { mean, half, n } = estimate([1, 2, 3, 4, 5]);
  expect([mean, n]).toEqual([3, 5]);
  expect(half).toBeCloseTo(2.776 * Math.sqrt(2.5 / 5), 3);
  expect(estimate([7]).half).toBeNaN();
  expect(estimate([7, 7, 7]).half).toBe(0);
  // From tables: 2.0395 for 31, 2.0003 for 60, 1.9799 for 120 degrees of freedom.
  expect(t95(31)).toBeCloseTo(2.0395, 3);
  expect(t95(60)).toBeCloseTo(2.0003, 3);
  expect(t95(120)).toBeCloseTo(1.9799, 3);
});

test("a ratio pairs the seeds: what they have in common does not widen its interval", () => {
  const before = [100, 200, 300, 400];
  const after = before.map((value) => value * 1.1);
  const paired = ratio(after, before);
  expect(paired.mean).toBeCloseTo(1.1, 12);
  expect(paired.half).toBeCloseTo(0, 9);
  expect(excludes(paired, 1)).toBe(true);
  const crossed = ratio(after.toReversed(), before);
  expect(crossed.half).toBeGreaterThan(0.5);
  expect(excludes(crossed, 1)).toBe(false);
  expect(ratio([0, 2], [0, 0]).mean).toBeNaN();
});

test("right strategies are ranked by cycles; a wrong one is not, however cheap", () => {
  const { points, faults } = summary(results({ strategies: "all", workload: "E1", seeds: "4" }));
  expect(points.length).toBe(1);
  expect(points[0]!.ranked.map(({ strategy }) => strategy)).toEqual(["F3", "F1", "F0"]);
  expect(points[0]!.unranked.map(({ strategy }) => strategy)).toEqual(["F2x", "lazy"]);
  const [wrong, lazy] = faults;
  expect(wrong).toMatchObject({ strategy: "F2x", verdict: "wrong", runs: 2, of: 4 });
  // The soonest of its failing runs.
  expect(wrong!.first.job.seed).toBe(4);
  expect(lazy).toMatchObject({ strategy: "lazy", verdict: "never flushed" });
});

test("a strategy that is wrong in one workload is ranked in none", () => {
  const list = results({ strategies: "F1,F3", workload: "E1,E2", seeds: "2" }).map((result) =>
    result.job.strategy === "F3" && result.job.workload === "E2" && result.job.seed === 2
      ? { ...result, verdict: "wrong" as const }
      : result,
  );
  const { points } = summary(list);
  expect(points.map(({ ranked }) => ranked.map(({ strategy }) => strategy))).toEqual([
    ["F1"],
    ["F1"],
  ]);
  expect(summaryText(summary(list))).toContain("-  F3  wrong in 1 of 4 runs in all: not ranked");
});

test("one failed run of many keeps a strategy out, and its cost of 0 is not a low cost", () => {
  const list = results({ strategies: "F1,F3", workload: "E1", seeds: "5" }).map((result) =>
    result.job.strategy === "F3" && result.job.seed === 5
      ? failedResult(result.job, "1", "it threw")
      : result,
  );
  const { faults, points } = summary(list);
  expect(points[0]!.ranked.map(({ strategy }) => strategy)).toEqual(["F1"]);
  expect(faults).toMatchObject([{ strategy: "F3", verdict: "failed", runs: 1, of: 5 }]);
  expect(summaryText(summary(list))).toContain("it threw");
});

test("a strategy known to be broken is not ranked where nothing catches it", () => {
  const list = results({ strategies: "F1,F2x", workload: "E1", seeds: "1" });
  expect(list.every(({ verdict }) => verdict === "right")).toBe(true);
  const text = summaryText(summary(list));
  expect(text).toContain("F2x: known to be wrong elsewhere; not caught here");
  expect(text).toContain("-  F2x  known to be wrong elsewhere: not ranked");
  const good = new Map<string, FlushStrategy>(CATALOGUE.strategies);
  good.set("F2x", { ...good.get("F2x")!, status: "discussed" });
  expect(summarize(list, good).points[0]!.ranked.length).toBe(2);
});

test("the text shows faults first, then each point with its intervals", () => {
  const text = summaryText(summary(results({ preset: "small" })));
  const place = (part: string) => {
    expect(text).toContain(part);
    return text.indexOf(part);
  };
  expect(place("not right, and therefore not ranked:")).toBe(0);
  expect(place("F2x: wrong in 4 of 12 runs (E1)")).toBeLessThan(place("E1 with rate=100"));
  place("   1           | guest <stale>");
  place("E1 locality=0.2 l2.guests=2");
  place("means of 3 seeds, ± half of the 95 % confidence interval (Student's t)");
  expect(text).toMatch(/1 {2}F3 +\d+,\d+ +± [\d.]+/);
});

test("places that flush are added up over the runs of a strategy", () => {
  const own = summary(results({ strategies: "F1,lazy", workload: "E1", seeds: "4" }));
  expect(own.sites).toEqual([
    {
      ...{ strategy: "F1", workload: "E1", site: "flush_all", operation: "INVEPT all" },
      ...{ times: 50, timesNeeded: 2, dropped: 150, droppedStale: 4 },
    },
  ]);
  expect(sitesText(own)).toMatch(/E1 +F1 +flush_all +INVEPT all +50 +2 +150 +4/);
});

test("the break-even point is interpolated, with where the interval crosses", () => {
  const at = (x: number, mean: number, half: number) => ({ x, y: { mean, half, n: 5 } });
  const crossing = breakEven([at(0, 0.8, 0.1), at(1, 1.2, 0.1)]);
  expect(crossing).toMatchObject({ kind: "crossing", cheaper: "below" });
  if (crossing.kind !== "crossing") throw new Error("no crossing");
  expect(crossing.at).toBeCloseTo(0.5, 9);
  expect(crossing.low).toBeCloseTo(0.25, 9);
  expect(crossing.high).toBeCloseTo(0.75, 9);
  const wide = breakEven([at(0, 0.9, 0.5), at(1, 1.2, 0.1)]);
  expect(wide).toMatchObject({ kind: "crossing", low: undefined });
  expect(breakEven([at(0, 0.8, 0.1), at(1, 0.7, 0.1)])).toEqual({ kind: "cheaper" });
  expect(breakEven([at(0, 1.3, 0.1), at(1, 1.2, 0.1)])).toEqual({ kind: "dearer" });
  expect(breakEven([at(0, 0.99, 0.1), at(1, 0.98, 0.1)])).toEqual({ kind: "no difference" });
});

test("a comparison pairs jobs by what they are, and counts what was right and is no more", () => {
  const before = results({ strategies: "F1,F3", workload: "E1", seeds: "4" });
  const same = compareResults(before, before.toReversed());
  expect(same).toMatchObject({ verdicts: [], worse: 0, onlyBefore: 0, onlyAfter: 0 });
  expect(same.cases.map(({ cycles, changes }) => [cycles.mean, changes.length])).toEqual([
    [1, 0],
    [1, 0],
  ]);
  const after = before.slice(1).map((result): JobResult => {
    if (result.job.strategy === "F1") return { ...result, cycles: result.cycles * 2 };
    if (result.job.seed === 3) return { ...result, verdict: "wrong", cycles: 1 };
    return { ...result, counts: { ...result.counts, ipis: result.counts.ipis * 3, retags: 2 } };
  });
  const other = compareResults(before, after);
  expect(other).toMatchObject({ worse: 1, onlyBefore: 1, onlyAfter: 0 });
  expect(other.cases[0]).toMatchObject({ strategy: "F1", seeds: 3 });
  expect(other.cases[0]!.cycles.mean).toBeCloseTo(2, 9);
  expect(other.cases[1]).toMatchObject({ strategy: "F3", seeds: 3, cycles: { mean: 1 } });
  expect(other.cases[1]!.changes.map(({ name }) => name)).toEqual(["ipis", "retags"]);
  const text = comparisonText(other);
  expect(text).toContain("seed 3: right -> wrong");
  expect(text).toContain("changed verdicts: 1, from right: 1");
  expect(compareResults(after, before).worse).toBe(0);
});
