/**
 * Every VM-entry check has a state that holds it and one that breaks it alone: by the check itself,
 * by VMLAUNCH, and by the model.
 */
import { describe, expect, test } from "vitest";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import { ABSENT_CASES } from "./cases-absent.ts";
import { NEWEST } from "./cases-common.ts";
import { MSR_ABSENT_CASES, MSR_CASES } from "./cases-msr.ts";
import { ENTRY_CASES } from "./entry-cases.ts";
import { entryCore } from "./entry-core.ts";
import { failingChecks, judge, MODELLED } from "./entry-model.ts";
import { type Changes, changed } from "./entry-state.ts";
import { launchCore } from "./launch-core.ts";

const ROWS = ENTRY_CHECKS.filter(({ built, phase }) => built && phase !== "msr");

test("no row of the table is without cases, and none has them twice", () => {
  const cases = [ENTRY_CASES, MSR_CASES, ABSENT_CASES, MSR_ABSENT_CASES].flatMap((table) =>
    Object.keys(table),
  );
  expect(cases.sort()).toEqual(ENTRY_CHECKS.map(({ id }) => id).sort());
  const absent = ENTRY_CHECKS.filter(({ built }) => !built).map(({ id }) => id);
  expect(Object.keys({ ...ABSENT_CASES, ...MSR_ABSENT_CASES }).sort()).toEqual(absent.sort());
});

test("every row names a VMCS field, and one that is built if the row is", () => {
  const fields = new Map(VMCS_FIELDS.map((field) => [field.name, field]));
  const bad = ENTRY_CHECKS.filter(({ field, built }) => built && !fields.get(field)?.built);
  expect(bad).toEqual([]);
  expect(ENTRY_CHECKS.filter(({ field }) => !fields.has(field))).toEqual([]);
});

test("every row has its cases and its condition in the model, and no other has", () => {
  const ids = ROWS.map(({ id }) => id).sort();
  expect(Object.keys(ENTRY_CASES).sort()).toEqual(ids);
  expect([...MODELLED].sort()).toEqual(ids);
});

async function run(id: string, changes: Changes) {
  const { model = NEWEST, setup = [] } = ENTRY_CASES[id]!;
  const core = await entryCore(model);
  const state = changed(core.base, ...setup, changes);
  core.write(state);
  const launcher = await launchCore(model);
  const launched = launcher.launch(changed(launcher.base, ...setup, changes));
  return { verdict: core.check(), launched, launcher, state, core };
}

describe.each(ROWS.map((row) => [row.id, row] as const))("%s", (id, row) => {
  test(`holds: ${row.condition}`, async () => {
    const { verdict, launched, state, core } = await run(id, ENTRY_CASES[id]!.pass);
    expect(failingChecks(state, core.processor)).toEqual([]);
    expect(verdict).toEqual({ outcome: 0, qualification: 0, check: undefined });
    expect(launched).toEqual(verdict);
  });

  test("broken", async () => {
    const { fail, also = [] } = ENTRY_CASES[id]!;
    const { verdict, launched, launcher, state, core } = await run(id, fail);
    const expected = ROWS.filter((other) => other.id === id || also.includes(other.id));
    expect(failingChecks(state, core.processor)).toEqual(expected.map((other) => other.id));
    const first = expected[0]!;
    expect(verdict).toEqual({
      outcome: first.outcome,
      qualification: first.qualification,
      check: first.id,
    });
    expect(launched).toEqual(verdict);
    expect(judge(state, core.processor)).toEqual(verdict);
    const { outcome, qualification } = first;
    const failure = launcher.failure(outcome, qualification);
    // The first of the four PDPTEs stands in the row for all of them.
    const field = id === "entry.guest.pdpte.ept" ? "guest_pdpte2" : first.field;
    expect(failure).toMatchObject({ check: first.id, section: row.section, qualification, field });
    expect(failure.value).toBe(state.fields[field]);
  });
});

describe.each(Object.entries(ABSENT_CASES))(
  "%s, which no model has",
  (_id, { asks, refusedBy }) => {
    test("what would bring it in is refused", async () => {
      const core = await entryCore(NEWEST);
      const state = changed(core.base, asks);
      core.write(state);
      const verdict = core.check();
      const row = ENTRY_CHECKS.find(({ id }) => id === refusedBy);
      expect(verdict).toEqual({
        outcome: row?.outcome ?? 0,
        qualification: row?.qualification ?? 0,
        check: row?.id,
      });
      const launcher = await launchCore(NEWEST);
      expect(launcher.launch(changed(launcher.base, asks))).toEqual(verdict);
    });
  },
);
