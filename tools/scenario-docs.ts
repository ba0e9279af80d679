/**
 * Writes docs/scenarios.md: runs every scenario with all its variants, and tells what caught each.
 * `--check` fails when the file is stale.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { CoreLease } from "../src/lab/core-lease.ts";
import { judgeScenario, type ScenarioResult } from "../src/lab/judgement.ts";
import { SCENARIOS } from "../src/lab/stories/index.ts";
import {
  invariantLines,
  scenarioTable,
  stepLines,
  storyLines,
  unbuiltLines,
} from "../src/lab/table.ts";

export const SCENARIOS_DOC = "docs/scenarios.md";

export function scenariosDoc(results: readonly ScenarioResult[]): string {
  return [
    "# Scenarios of L0",
    "",
    "<!-- Written by `npm run generate:scenarios`; do not edit. -->",
    "",
    "```sh",
    "npx vmxlab scenario list",
    "npx vmxlab scenario run apic-page-moves",
    "npx vmxlab scenario run --all",
    "```",
    "",
    "A scenario is a race: one or two vCPUs with guests of a few instructions, threads that change the",
    "host's memory, slots or processors at the same time, and promises. The guest may be a hypervisor, L1,",
    "whose own guest, L2, is part of the story. With all steps of L0 in, no schedule may break a promise and",
    "the sanitizer ([sanitizer.md](sanitizer.md)) must have nothing to say. Each variant leaves a step out",
    "(`--break`) and must be caught, by a broken promise or by a report.",
    "",
    "`scenario run` runs the correct scenario on all schedules with up to one preemption and on 20 by seed,",
    "and each variant on schedules with up to two preemptions, then by seed, until something is wrong. The",
    "status is 0 only when everything went as it should. [explore.md](explore.md) goes further.",
    "",
    "`scenario run NAME --schedule S` makes one run and shows it as a time line, `--trace-json FILE` writes it",
    "for Perfetto: one track for each thread, one microsecond for each step.",
    "",
    "## What catches what",
    "",
    ...scenarioTable(results),
    "",
    "`progress`: somebody waits or goes round for ever. `nothing`: the step can be left out alone.",
    "`redundant-flush`: over all runs the flush has never removed anything that had changed; nothing else is",
    "wrong. The other words are promises of the scenario below, or kinds of reports.",
    "",
    "## Promises that several share",
    "",
    ...invariantLines(),
    "",
    "## Stories",
    "",
    ...storyLines(),
    "## Steps that can be left out",
    "",
    ...stepLines(),
    "",
    "## To add a scenario",
    "",
    "A scenario is an object in a file of src/lab/stories, listed in index.ts there: guests from the",
    "instructions in src/lab/program.ts (each tells by `ready` that the race may begin, and halts at its",
    "end), threads as generators, promises, variants. `hypervisorWorld` in src/lab/l2-world.ts makes worlds",
    "with an L2: it puts vmcs12s, EPT12s and page tables into L1's memory, and L1 is a program from",
    "src/lab/hypervisor-code.ts that launches its guests and answers their exits. A step that a variant",
    "leaves out is a name in src/l0/policy.ts, asked for where L0 makes the step. `scenario run NAME` shows",
    "what catches the variants; `npm run generate:scenarios` writes this page.",
    "",
    "## Not built yet",
    "",
    ...unbuiltLines(),
    "",
  ].join("\n");
}

export async function runAll(): Promise<ScenarioResult[]> {
  const lease = await CoreLease.create();
  return SCENARIOS.map((scenario) => judgeScenario(lease, scenario));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const text = scenariosDoc(await runAll());
  if (!process.argv.includes("--check")) {
    writeFileSync(SCENARIOS_DOC, text);
  } else if (readFileSync(SCENARIOS_DOC, "utf8") !== text) {
    console.error(`${SCENARIOS_DOC} is stale: run "npm run generate:scenarios"`);
    process.exit(1);
  }
}
