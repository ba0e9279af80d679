/** Names of scenarios, variants and steps as the command line has them. */
import { POLICY_STEPS, type PolicyStep } from "../l0/policy.ts";
import type { Scenario } from "../lab/scenario.ts";
import { parseSchedule, type Schedule } from "../lab/schedule.ts";
import { SCENARIOS } from "../lab/stories/index.ts";
import { UNBUILT } from "../lab/stories/unbuilt.ts";
import { nearest } from "../machine/nearest.ts";
import { UsageError } from "./errors.ts";

/** A scenario by its name or by its number in the lists ("S4"). @throws UsageError */
export function scenarioNamed(name: string): Scenario {
  const lower = name.toLowerCase();
  const known = SCENARIOS.find(
    (scenario) => scenario.name === lower || scenario.ids.some((id) => id.toLowerCase() === lower),
  );
  if (known !== undefined) return known;
  const unbuilt = UNBUILT.find(({ id }) => id.toLowerCase() === lower);
  if (unbuilt !== undefined) {
    throw new UsageError(`scenario "${name}" is not built yet: ${unbuilt.reason}`);
  }
  const names = SCENARIOS.map((scenario) => scenario.name);
  throw new UsageError(`unknown scenario "${name}"${nearest(name, names)}: see "scenario list"`);
}

/** Steps joined by "+" or commas. @throws UsageError */
export function stepsNamed(text: string): PolicyStep[] {
  const names = Object.keys(POLICY_STEPS);
  return text.split(/[+,]/).map((word) => {
    const name = word.trim();
    const known = names.find((step) => step.toLowerCase() === name.toLowerCase());
    if (known === undefined) {
      throw new UsageError(
        `--break "${name}": unknown step${nearest(name, names)}: use ${names.join(", ")}`,
      );
    }
    return known as PolicyStep;
  });
}

/** @throws UsageError */
export function scheduleFrom(text: string, scenario: Scenario): Schedule {
  const schedule = parseSchedule(text);
  if (schedule === undefined) {
    throw new UsageError(
      `--schedule "${text}": write base, or STEP:THREAD,STEP:THREAD with growing steps`,
    );
  }
  const threads = [
    ...Object.keys(scenario.threads),
    ...scenario.world.programs.map((_, i) => `vcpu${i}`),
  ];
  for (const { actor } of schedule) {
    if (threads.includes(actor)) continue;
    throw new UsageError(
      `--schedule "${text}": no thread ${actor}${nearest(actor, threads)}: ` +
        `there are ${threads.join(", ")}`,
    );
  }
  return schedule;
}
