import { expect, test } from "vitest";
import { planFrom } from "../../src/cli/flush/plan-flags.ts";
import { parametersOf } from "../../src/lab/flush/catalogue.ts";
import { isSamePlan, jobKey, jobsOf } from "../../src/lab/flush/plan.ts";
import { PRESETS as OWN_PRESETS } from "../../src/lab/flush/presets.ts";
import { STRATEGIES } from "../../src/lab/flush/strategies/index.ts";
import { WORKLOADS } from "../../src/lab/flush/workloads/index.ts";
import { CATALOGUE, PRESETS } from "./support.ts";

type Flags = Parameters<typeof planFrom>[0];
const plan = (flags: Flags) => planFrom(flags, CATALOGUE, PRESETS);
const F1 = { strategies: "F1", workload: "E1" };

test("a plan has every strategy in every point of the sweep with every seed, in a fixed order", () => {
  const own = plan({
    strategies: "F3,f1",
    workload: "e2,E1",
    set: ["rate=7"],
    sweep: ["l2.guests=1,2", "huge=false,true"],
    seeds: "2-3",
  });
  const jobs = jobsOf(own);
  // E2 has only the rate.
  expect(jobs.length).toBe(2 * 2 + 2 * 4 * 2);
  expect(new Set(jobs.map(jobKey)).size).toBe(jobs.length);
  expect(jobs[0]).toEqual({ strategy: "F3", workload: "E2", parameters: { rate: 7 }, seed: 2 });
  expect(jobs[4]!.parameters).toEqual({
    rate: 7,
    locality: 0.5,
    "l2.guests": 1,
    ms: 0,
    change: "migrate",
    huge: false,
    fault: "none",
    scratch: "",
  });
  expect(own.command.join(" ")).toBe(
    "--strategies F3,F1 --workload E2,E1 --set rate=7 --sweep l2.guests=1,2 " +
      "--sweep huge=false,true --seeds 2-3",
  );
});

test("the command that a plan names gives the same plan", () => {
  const own = plan({ preset: "small", set: ["locality=0.4"], strategies: "all", seeds: "7-9" });
  const { command } = own;
  const value = (name: string) => command[command.indexOf(name) + 1]!;
  const again = plan({
    preset: value("--preset"),
    set: [value("--set")],
    strategies: value("--strategies"),
    seeds: value("--seeds"),
  });
  expect(again).toEqual(own);
  expect(isSamePlan(again, own)).toBe(true);
  expect(isSamePlan(plan({ preset: "small" }), own)).toBe(false);
});

test("a job's key does not depend on the order of its parameters", () => {
  const job = { strategy: "F1", workload: "E1", seed: 1 };
  expect(jobKey({ ...job, parameters: { b: 1, a: 2 } })).toBe(
    jobKey({ ...job, parameters: { a: 2, b: 1 } }),
  );
  expect(jobKey({ ...job, parameters: { a: "2" } })).not.toBe(
    jobKey({ ...job, parameters: { a: 2 } }),
  );
});

test("a preset has its own seeds, and what is set replaces its sweep", () => {
  expect(jobsOf(plan({ preset: "small" })).length).toBe(3 * 4 * 3 + 3);
  const set = jobsOf(plan({ preset: "SMALL", set: ["locality=0.4"] }));
  expect(set.length).toBe(3 * 2 * 3 + 3);
  expect(set[0]!.parameters).toMatchObject({ locality: 0.4, rate: 100 });
});

/** Options, and what the message must say. */
const REFUSED: readonly (readonly [Flags, RegExp])[] = [
  [{}, /give --preset, or --strategies and --workload/],
  [{ strategies: "F1" }, /--workload/],
  [{ workload: "E1" }, /--strategies/],
  [
    { ...F1, strategies: "F22" },
    /unknown strategy "F22" \(did you mean "F2x"\?\): there are F0, F1/,
  ],
  [{ ...F1, strategies: "F1," }, /--strategies "F1,"/],
  [{ ...F1, workload: "E11" }, /unknown workload "E11" \(did you mean "E1"\?\): there are E1, E2/],
  [{ preset: "smal" }, /unknown preset "smal" \(did you mean "small"\?\)/],
  [{ preset: "small", workload: "E1" }, /--preset brings its own workloads/],
  [{ preset: "small", set: ["l2.gests=1"] }, /"l2.gests" .*did you mean "l2.guests"/],
  [{ ...F1, set: ["ratte=1"] }, /unknown parameter "ratte" of E1 \(did you mean "rate"\?\)/],
  [{ ...F1, workload: "E2", sweep: ["locality=0,1"] }, /unknown parameter "locality" of E2/],
  [{ ...F1, set: ["rate"] }, /--set "rate": write NAME=VALUE/],
  [{ ...F1, set: ["=1"] }, /--set "=1": write NAME=VALUE/],
  [{ ...F1, set: ["rate=1", "rate=2"] }, /--set rate: given twice/],
  [{ ...F1, set: ["rate=1"], sweep: ["rate=2,3"] }, /parameter rate: set or sweep it/],
  [{ ...F1, set: ["rate=fast"] }, /parameter rate "fast": give a number from 0 to 1000/],
  [{ ...F1, set: ["rate=NaN"] }, /parameter rate "NaN"/],
  [{ ...F1, set: ["rate=0x10"] }, /parameter rate "0x10"/],
  [{ ...F1, set: ["rate=1001"] }, /parameter rate "1001"/],
  [{ ...F1, set: ["l2.guests=1.5"] }, /l2.guests "1.5": give a whole number from 0 to 8/],
  [{ ...F1, set: ["huge=yes"] }, /huge "yes": give true or false/],
  [{ ...F1, set: ["change=swop"] }, /change "swop" \(did you mean "swap"\?\): give one of migrate/],
  [{ ...F1, sweep: ["rate=1,2,"] }, /--sweep "1,2,"/],
  [{ ...F1, seeds: "0" }, /--seeds "0"/],
  [{ ...F1, seeds: "5-2" }, /--seeds "2"/],
  [{ ...F1, seeds: "many" }, /--seeds "many"/],
  [{ ...F1, seeds: "4294967295" }, /more than 1000000 jobs/],
];

test.each(REFUSED)("%j is refused", (flags, message) => {
  expect(() => plan(flags)).toThrow(message);
});

test("each preset of the lab makes a plan", () => {
  const named = <T extends { name: string }>(items: readonly T[]) =>
    new Map(items.map((item) => [item.name, item]));
  const catalogue = { strategies: named(STRATEGIES), workloads: named(WORKLOADS) };
  expect(OWN_PRESETS.length).toBeGreaterThan(0);
  for (const { name } of OWN_PRESETS) {
    const jobs = jobsOf(planFrom({ preset: name }, catalogue, named(OWN_PRESETS)));
    expect(jobs.length).toBeGreaterThan(0);
  }
});

test("a number of guests, pages or rounds that is no power of two is refused, not rounded", () => {
  const memoryOfL2 = WORKLOADS.find(({ name }) => name === "E2")!;
  const invalidations = WORKLOADS.find(({ name }) => name === "E8")!;
  const refusal = "give a power of two from";
  expect(() => parametersOf(memoryOfL2, { "l2.guests": 3 })).toThrow(`${refusal} 1 to 8`);
  expect(() => parametersOf(memoryOfL2, { "l2.pages": 24 })).toThrow(`${refusal} 1 to 64`);
  expect(() => parametersOf(invalidations, { every: 6 })).toThrow(refusal);
  expect(parametersOf(memoryOfL2, { "l2.guests": 4 })["l2.guests"]).toBe(4);
});
