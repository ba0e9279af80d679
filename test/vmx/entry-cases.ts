/**
 * For each VM-entry check a state that holds it for a reason of its own and one that breaks it and no
 * other. States are differences from the base of entry-state.ts.
 */
import type { EntryCase } from "./cases-common.ts";
import { CONTROL_CASES, HOST_CASES, TRANSITION_CASES } from "./cases-controls.ts";
import { MEMORY_CASES, REGISTER_CASES, SEGMENT_CASES, STATE_CASES } from "./cases-guest.ts";

export const ENTRY_CASES: Readonly<Record<string, EntryCase>> = {
  ...CONTROL_CASES,
  ...TRANSITION_CASES,
  ...HOST_CASES,
  ...REGISTER_CASES,
  ...SEGMENT_CASES,
  ...STATE_CASES,
  ...MEMORY_CASES,
};
