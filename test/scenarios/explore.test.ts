/** The explorer finds the race of the APIC-access page, exhausts what is correct, repeats itself. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { explorationText } from "../../src/cli/exploration-output.ts";
import { CoreLease } from "../../src/lab/core-lease.ts";
import { explore } from "../../src/lab/explore.ts";
import { runOnce } from "../../src/lab/run-once.ts";
import { formatSchedule, parseSchedule, preemptions, scheduleOf } from "../../src/lab/schedule.ts";
import { SCENARIOS } from "../../src/lab/stories/index.ts";

const apicPageMoves = SCENARIOS.find(({ name }) => name === "apic-page-moves")!;
let lease: CoreLease;

beforeAll(async () => {
  lease = await CoreLease.create();
});

describe("explore", () => {
  it("finds the race of the APIC-access page when the retry is left out", async () => {
    const result = explore(lease, apicPageMoves, { preemptions: 3, breaks: ["NoRetry"] });
    const found = result.found!;
    expect(found.failure.caught).toBe("I3");
    expect(found.preemptions).toBe(1);
    // The same thing goes wrong on a core that has run nothing before.
    const again = runOnce(await CoreLease.create(), apicPageMoves, {
      by: { schedule: found.schedule },
      breaks: ["NoRetry"],
      sanitize: true,
    });
    expect(again.failure?.message).toBe(found.failure.message);
    expect(again.decisions).toEqual(found.decisions);
    // With the retry in, the very schedule is harmless.
    const correct = runOnce(lease, apicPageMoves, { by: { schedule: found.schedule } });
    expect(correct.failure).toBeUndefined();
  }, 30_000);

  it("exhausts the same scenario up to 3 preemptions with the retry in", () => {
    const result = explore(lease, apicPageMoves, { preemptions: 3 });
    expect(result.found).toBeUndefined();
    expect(result.exhausted).toBe(true);
    expect(result.byPreemptions.length).toBe(4);
    expect(result.byPreemptions[3]).toBeGreaterThan(500);
  }, 60_000);

  it("says so when the limit of runs ends it", () => {
    const result = explore(lease, apicPageMoves, { preemptions: 3, maxRuns: 10 });
    expect(result.exhausted).toBe(false);
    expect(result.runs).toBe(10);
  });

  it("makes the transcript in docs/explore.md", () => {
    const options = { preemptions: 3, breaks: ["NoRetry"], sanitize: true } as const;
    const text = explorationText(
      apicPageMoves,
      "NoRetry",
      3,
      explore(lease, apicPageMoves, options),
    );
    expect(readFileSync("docs/explore.md", "utf8")).toContain(text);
  }, 30_000);

  it("runs no schedule twice", () => {
    const seen = new Set<string>();
    const scenario = SCENARIOS.find(({ name }) => name === "empty-zap")!;
    const { byPreemptions } = explore(lease, scenario, { preemptions: 1 });
    const [base, one] = byPreemptions;
    const { decisions } = runOnce(lease, scenario, { by: { schedule: [] } });
    for (const [at, { options, actor, preempts }] of decisions.entries()) {
      for (const other of options) {
        if (other === actor || !preempts) continue;
        const run = runOnce(lease, scenario, { by: { schedule: [{ at, actor: other }] } });
        expect(preemptions(run.decisions)).toBe(1);
        seen.add(run.decisions.map((decision) => decision.actor).join());
      }
    }
    expect(base! + one!).toBeGreaterThanOrEqual(seen.size);
    expect(seen.size).toBeGreaterThan(3);
  });
});

describe("schedules", () => {
  it("of a run by seed make the same run", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = runOnce(lease, apicPageMoves, { by: { seed } });
      const schedule = scheduleOf(random.decisions);
      const again = runOnce(lease, apicPageMoves, { by: { schedule } });
      const steps = (run: typeof again) => run.decisions.map(({ actor, step }) => [actor, step]);
      expect(steps(again)).toEqual(steps(random));
    }
  });

  it("are read as they are written", () => {
    const schedule = [
      { at: 3, actor: "notifier" },
      { at: 17, actor: "vcpu0" },
    ];
    expect(formatSchedule(schedule)).toBe("3:notifier,17:vcpu0");
    expect(parseSchedule("3:notifier, 17:vcpu0")).toEqual(schedule);
    expect(parseSchedule("base")).toEqual([]);
    for (const bad of ["", "3", "3:", ":vcpu0", "5:vcpu0,5:vcpu0", "5:vcpu0,4:vcpu0", "-1:a"]) {
      expect(parseSchedule(bad)).toBeUndefined();
    }
  });
});
