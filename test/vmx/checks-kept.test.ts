/**
 * A VM entry leaves out the checks of what has passed before and has not been written since. No check
 * is lost by that: each failing case of the table, reached by VMWRITE from a state that has passed.
 */
import { expect, test } from "vitest";
import { STATE } from "../../src/generated/state.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { NEWEST } from "./cases-common.ts";
import { ENTRY_CASES } from "./entry-cases.ts";
import { changed, type EntryState } from "./entry-state.ts";
import { launchCore } from "./launch-core.ts";

const ROWS = ENTRY_CHECKS.filter(({ built, phase }) => built && phase !== "msr");

const fits = (value: bigint | undefined) => (value ?? 0n) < 1n << 32n;

/** VMWRITE in 32-bit code reaches no upper half of a field of natural width. */
function isReachable(before: EntryState, after: EntryState): boolean {
  if (before.efer !== after.efer) return false;
  if ((after.efer & 0x500n) === 0x500n) return true;
  return Object.entries(after.fields).every(
    ([name, value]) => value === before.fields[name] || (fits(value) && fits(before.fields[name])),
  );
}

test.each(ROWS.map(({ id }) => [id] as const))("%s fails behind VMWRITE", async (id) => {
  const { model = NEWEST, setup = [], pass, fail } = ENTRY_CASES[id]!;
  const launcher = await launchCore(model);
  const before = changed(launcher.base, ...setup, pass);
  const after = changed(launcher.base, ...setup, fail);
  if (!isReachable(before, after)) return;
  const expected = launcher.launch(after);
  expect(expected.outcome).not.toBe(0);
  expect(launcher.relaunch(before, after)).toEqual(expected);
});

test("a VM entry that passes leaves checks to spare", async () => {
  const launcher = await launchCore(NEWEST);
  launcher.launch(launcher.base);
  expect(launcher.entry.bare.core.state32(STATE.VMCS_CHECKED)).toBe(7);
  expect(launcher.relaunch(launcher.base, launcher.base).outcome).toBe(0);
});
