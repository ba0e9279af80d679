/** The commands `scenario` and `explore`: statuses, names, files. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UsageError } from "../../src/cli/errors.ts";
import { exploreScenario, listScenarios, runScenarios } from "../../src/cli/scenario-command.ts";
import { SCENARIOS } from "../../src/lab/stories/index.ts";
import { UNBUILT } from "../../src/lab/stories/unbuilt.ts";

let output = "";

beforeEach(() => {
  output = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += text;
    return true;
  });
});

afterEach(() => vi.restoreAllMocks());

describe("vmxlab scenario list", () => {
  it("names what there is and what there is not, with the reason", () => {
    listScenarios(false);
    for (const { name } of SCENARIOS) expect(output).toContain(name);
    for (const { title, reason } of UNBUILT) expect(output).toContain(`${title}: ${reason}`);
  });

  it("has the same as JSON", () => {
    listScenarios(true);
    const list = JSON.parse(output);
    expect(list.scenarios.length).toBe(SCENARIOS.length);
    expect(list.unbuilt.length).toBe(UNBUILT.length);
  });
});

describe("vmxlab scenario run", () => {
  it("ends with 0 when everything is as it should be", async () => {
    expect(await runScenarios("S11", { json: true })).toBe(0);
    const [result] = JSON.parse(output);
    expect(result).toMatchObject({ name: "halted-vcpu", ok: true });
    expect(result.variants[0]).toMatchObject({ name: "IpiOnlyDelivery", caught: "stale-use" });
  });

  it("runs one variant", async () => {
    expect(await runScenarios("zap-yields", { break: "YieldNoFlush" })).toBe(0);
    expect(output).toContain("YieldNoFlush: stale-use");
    expect(output).not.toContain("correct");
  });

  it("replays a schedule: status 1 when something is wrong, 0 when not", async () => {
    const schedule = "16:vcpu0";
    const broken = { break: "NoRetry", schedule };
    expect(await runScenarios("apic-page-moves", broken)).toBe(1);
    expect(output).toContain("I3: vCPU 0 enters with APIC_ACCESS_ADDR");
    expect(await runScenarios("apic-page-moves", { schedule })).toBe(0);
    expect(output).toContain("nothing is wrong");
  });

  it("writes a trace with one track for each thread", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "vmxlab-")), "trace.json");
    expect(await runScenarios("apic-page-moves", { seed: "3", traceJson: path })).toBe(0);
    const { traceEvents } = JSON.parse(readFileSync(path, "utf8"));
    const tracks = traceEvents.filter((event: { name: string }) => event.name === "thread_name");
    const names = tracks.map(({ args }: { args: { name: string } }) => args.name);
    expect(names.sort()).toEqual(["notifier", "vcpu0"]);
    const ids = new Set(tracks.map(({ tid }: { tid: number }) => tid));
    const steps = traceEvents.filter((event: { ph: string }) => event.ph === "X");
    expect(steps.length).toBeGreaterThan(20);
    for (const { tid, ts, dur } of steps) {
      expect(ids).toContain(tid);
      expect(ts).toBeGreaterThanOrEqual(0);
      expect(dur).toBe(1);
    }
    expect(traceEvents.some((event: { name: string }) => event.name === "kvm_entry")).toBe(true);
  });

  it.each([
    ["apic-page-move", {}, /did you mean "apic-page-moves"/],
    ["bug 26", {}, /not built yet: out of scope/],
    ["S4", { break: "NoRetri" }, /did you mean "NoRetry"/],
    ["S4", { break: "NoWait" }, /has no such variant: NoRetry/],
    ["S4", { schedule: "3:vcpu9" }, /no thread vcpu9/],
    ["S4", { schedule: "3-vcpu0" }, /write base/],
    ["S4", { schedule: "base", seed: "1" }, /not both/],
    ["S4", { all: true }, /NAME of a scenario, or --all/],
    [undefined, {}, /NAME of a scenario, or --all/],
    [undefined, { all: true, seed: "1" }, /takes only --json/],
  ])("refuses %s %o", async (name, flags, message) => {
    await expect(runScenarios(name, flags)).rejects.toThrow(UsageError);
    await expect(runScenarios(name, flags)).rejects.toThrow(message);
  });
});

describe("vmxlab explore", () => {
  it("ends with 1 when it has found something, and prints how to replay it", async () => {
    expect(await exploreScenario("S4", { break: "NoRetry", preemptions: "1" })).toBe(1);
    expect(output).toMatch(
      /replay: vmxlab scenario run apic-page-moves --break NoRetry --schedule/,
    );
  });

  it("ends with 0 when all schedules are harmless, with 12 at the limit", async () => {
    const flags = { preemptions: "1", seeds: "0", json: true };
    expect(await exploreScenario("S4", flags)).toBe(0);
    expect(JSON.parse(output)).toMatchObject({ exhausted: true, found: null });
    expect(await exploreScenario("S4", { ...flags, maxRuns: "5" })).toBe(12);
  });

  it("refuses bad numbers", async () => {
    await expect(exploreScenario("S4", { preemptions: "9" })).rejects.toThrow(UsageError);
  });
});
