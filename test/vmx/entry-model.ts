/**
 * A second reading of the VM-entry checks, to hold the core's against: one condition a row, written
 * from the manual ("Checks on VMX Controls and Host-State Area", "Checking and Loading Guest State").
 * It is made to be compared with the manual by eye, not to be fast.
 */
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import type { EntryState, Processor } from "./entry-state.ts";
import { CONTROL_CONDITIONS } from "./model-controls.ts";
import { Entry } from "./model-entry.ts";
import { GUEST_CONDITIONS } from "./model-guest.ts";

const CONDITIONS = new Map([...CONTROL_CONDITIONS, ...GUEST_CONDITIONS]);

/** Rows that the model has a condition for. */
export const MODELLED: ReadonlySet<string> = new Set(CONDITIONS.keys());

const CHECKED = ENTRY_CHECKS.filter(({ phase, built }) => built && phase !== "msr");

/** Every row whose condition does not hold, in the order of the table. */
export function failingChecks(state: EntryState, processor: Processor): string[] {
  const entry = new Entry(state, processor);
  return CHECKED.filter(({ id }) => !CONDITIONS.get(id)!(entry)).map(({ id }) => id);
}

export interface Verdict {
  /** 0 for an entry that may go on to load guest state. */
  readonly outcome: 0 | 7 | 8 | 33;
  readonly qualification: number;
  readonly check: string | undefined;
}

/** What the entry comes to: the first row that fails decides. */
export function judge(state: EntryState, processor: Processor): Verdict {
  const entry = new Entry(state, processor);
  const row = CHECKED.find(({ id }) => !CONDITIONS.get(id)!(entry));
  if (row === undefined) return { outcome: 0, qualification: 0, check: undefined };
  const { outcome, qualification, id } = row;
  return { outcome: outcome as 7 | 8 | 33, qualification, check: id };
}
