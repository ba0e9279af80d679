/** The engine of the flush lab: deterministic runs; right strategies are silent, wrong ones are not. */
import { beforeAll, describe, expect, it } from "vitest";
import { LabContext } from "../../src/lab/flush/context.ts";
import { runJob } from "../../src/lab/flush/run-job.ts";
import type { JobResult, Parameters } from "../../src/lab/flush/types.ts";
import { defaultsOf } from "../../src/lab/flush/workload.ts";
import { judgeStrategy, trialsOf } from "./trials.ts";

/** Milliseconds: no limit on speed, machines may be busy. */
const LONG = 120_000;

let context: LabContext;
beforeAll(async () => {
  context = await LabContext.create({ version: "test" });
});

function run(strategy: string, workload: string, over: Parameters = {}, seed = 1): JobResult {
  const parameters = { ...defaultsOf(context.workloads.get(workload)!), ticks: 50_000, ...over };
  return runJob({ strategy, workload, parameters, seed }, context);
}

describe("a run of the flush lab", () => {
  it("gives the same result for the same seed, also behind another run", () => {
    const first = run("F1", "E1");
    run("F3", "E7", { cpus: 3, vcpus: 2 }, 9);
    expect(run("F1", "E1")).toEqual(first);
  });

  it("differs by its seed", () => {
    expect(run("F1", "E1", {}, 2).counts).not.toEqual(run("F1", "E1", {}, 3).counts);
  });

  it("meets the same changes under each strategy", () => {
    const counts = ["F0", "F1", "F3"].map((name) => run(name, "E1").counts.invalidations);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it("flushes nothing for memory that nobody has mapped, unless it always flushes", () => {
    expect(run("F1", "E3").counts).toMatchObject({ invalidationsHit: 0, inveptAll: 0, ipis: 0 });
    expect(run("F0", "E3").counts.inveptAll).toBeGreaterThan(0);
  });

  it("finds a move without a flush wrong, with a witness", () => {
    const result = run("F7x", "E7", { cpus: 3, vcpus: 2, ticks: 200_000 });
    expect(result.verdict).toBe("wrong");
    expect(result.witness?.message).toContain("changed without a flush");
    expect(result.witness?.timeline).toContain("scheduler");
  });

  it("finds a mask of vCPUs wrong where they share what one has cached", () => {
    const verdicts = ["F3b", "F3b-vcpu"].map(
      (name) => run(name, "E7", { cpus: 3, vcpus: 2, ticks: 200_000 }).verdict,
    );
    expect(verdicts).toEqual(["right", "wrong"]);
  });

  it("fails where the guests have no room for their pages", () => {
    const { verdict, error } = run("F1", "E2", { "l2.guests": 8, "l2.pages": 64 });
    expect(verdict).toBe("failed");
    expect(error).toBe("8 guests have no room for l2.pages=64: give 16 at most");
  });

  it("adds its costs up", () => {
    const { costs, cycles } = run("F1", "E1");
    expect(costs.reduce((sum, row) => sum + row.count * row.cyclesEach, 0)).toBe(cycles);
  });
});

describe("strategies on all workloads", () => {
  it.each(["F1", "F3", "F3b", "F7c", "F16", "F17"])(
    "%s is silent",
    (name) => {
      expect(judgeStrategy(context, name, trialsOf(context, 40_000), 1).fault).toBeUndefined();
    },
    LONG,
  );
});
