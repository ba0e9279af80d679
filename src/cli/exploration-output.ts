/** What `vmxlab explore` prints. */
import type { Exploration } from "../lab/explore.ts";
import { promiseText } from "../lab/run-once.ts";
import type { Scenario } from "../lab/scenario.ts";
import { timeline } from "../lab/timeline.ts";
import { replay } from "./scenario-output.ts";

export function explorationText(
  scenario: Scenario,
  breaks: string,
  preemptions: number,
  { runs, exhausted, byPreemptions, seeds, shrinkRuns, found }: Exploration,
): string {
  const counts = byPreemptions.map((count, i) => `${count} with ${i}`).join(", ");
  const walked = `${scenario.name}${breaks ? ` with ${breaks}` : ""}: ${runs} runs (preemptions: ${counts}`;
  if (found === undefined) {
    const how = exhausted
      ? `every schedule with up to ${preemptions} preemptions was run`
      : "the limit of runs was reached";
    return `${walked}; ${seeds} by seed)\nnothing found; ${how}`;
  }
  const { failure, decisions, preemptions: needed } = found;
  return [
    `${walked}${seeds > 0 ? `; ${seeds} by seed` : ""}), ${shrinkRuns} to shrink it`,
    ...failureLines(scenario, failure),
    `${needed} preemption${needed === 1 ? "" : "s"}, ${decisions.length} steps; * marks a preemption`,
    "",
    ...timeline(decisions),
    "",
    `replay: ${replay(scenario, found, breaks)}`,
  ].join("\n");
}

/** What went wrong, and what was promised. */
export function failureLines(
  scenario: Scenario,
  { caught, message }: { readonly caught: string; readonly message: string },
): string[] {
  const promise = promiseText(scenario, caught);
  return [`${caught}: ${message}`, ...(promise === undefined ? [] : [`  promised: ${promise}`])];
}
