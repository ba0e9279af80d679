/** Every VM-entry check has a state that holds it and one that breaks it alone. */
import { describe, expect, test } from "vitest";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { NEWEST } from "./cases-common.ts";
import { ENTRY_CASES } from "./entry-cases.ts";
import { entryCore } from "./entry-core.ts";
import { failingChecks, judge, MODELLED } from "./entry-model.ts";
import { type Changes, changed } from "./entry-state.ts";

const ROWS = ENTRY_CHECKS.filter(({ built, phase }) => built && phase !== "msr");

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
  return { verdict: core.check(), state, core };
}

describe.each(ROWS.map((row) => [row.id, row] as const))("%s", (id, row) => {
  test(`holds: ${row.condition}`, async () => {
    const { verdict, state, core } = await run(id, ENTRY_CASES[id]!.pass);
    expect(failingChecks(state, core.processor)).toEqual([]);
    expect(verdict).toEqual({ outcome: 0, qualification: 0, check: undefined });
  });

  test("broken", async () => {
    const { fail, also = [] } = ENTRY_CASES[id]!;
    const { verdict, state, core } = await run(id, fail);
    const expected = ROWS.filter((other) => other.id === id || also.includes(other.id));
    expect(failingChecks(state, core.processor)).toEqual(expected.map((other) => other.id));
    const first = expected[0]!;
    expect(verdict).toEqual({
      outcome: first.outcome,
      qualification: first.qualification,
      check: first.id,
    });
    expect(judge(state, core.processor)).toEqual(verdict);
  });
});
