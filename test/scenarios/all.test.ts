/** Every scenario: the correct run is silent, variants are caught as expected, the table is current. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { CoreLease } from "../../src/lab/core-lease.ts";
import { judgeScenario, type ScenarioResult } from "../../src/lab/judgement.ts";
import { variantName } from "../../src/lab/scenario.ts";
import { SCENARIOS } from "../../src/lab/stories/index.ts";
import { UNBUILT } from "../../src/lab/stories/unbuilt.ts";
import { SCENARIOS_DOC, scenariosDoc } from "../../tools/scenario-docs.ts";

let lease: CoreLease;
const results: ScenarioResult[] = [];

beforeAll(async () => {
  lease = await CoreLease.create();
});

describe("scenarios", () => {
  it.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
    "%s",
    (_name, scenario) => {
      const result = judgeScenario(lease, scenario);
      results.push(result);
      expect(result.correct!.failure?.failure).toBeUndefined();
      const caught = result.variants.map(({ name, caught }) => [name, caught]);
      expect(caught).toEqual(scenario.variants.map((v) => [variantName(v), v.expect]));
    },
    60_000,
  );

  it("have a table in docs/ that is current", () => {
    expect(readFileSync(SCENARIOS_DOC, "utf8")).toBe(scenariosDoc(results));
  });

  it("have names and numbers of their own, and hide none of the lists", () => {
    const names = SCENARIOS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const ids = [...SCENARIOS.flatMap((scenario) => scenario.ids), ...UNBUILT.map(({ id }) => id)];
    const numbers = Array.from({ length: 23 }, (_, i) => `S${i + 1}`);
    const bugs = Array.from({ length: 28 }, (_, i) => `bug ${i + 1}`);
    for (const id of [...numbers, "S4b", "S6b", "S6c", ...bugs]) expect(ids).toContain(id);
  });

  it.each([
    ["L1 runs", "apic-page-moves"],
    ["L2 runs", "apic-page-moves-under-l2"],
    ["L2 runs with an APIC of L1's", "apic-page-moves-under-l2-with-apic"],
    ["the vCPU is halted", "apic-page-moves-under-halted-vcpu"],
    ["the vCPU is off its processor", "apic-page-moves-under-vcpu-outside"],
  ])(
    "show the flush of a reload as redundant, and that of the notifier as needed: %s",
    (_, name) => {
      const result = results.find(({ scenario }) => scenario.name === name)!;
      const { ledger } = result.variants.find(({ name }) => name === "FlushOnReload")!;
      expect(ledger.isRedundant("vmx_set_apic_access_page_addr")).toBe(true);
      expect(ledger.isRedundant("kvm_vcpu_flush_tlb_all")).toBe(false);
      const reload = ledger.rows.find(({ actor }) => actor === "vmx_set_apic_access_page_addr")!;
      expect(reload.times).toBeGreaterThan(20);
    },
  );
});
