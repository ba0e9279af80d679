/** What `vmxlab scenario` prints. */
import type { Found } from "../lab/explore.ts";
import type { ScenarioResult } from "../lab/judgement.ts";
import type { SiteSum } from "../lab/ledger-sum.ts";
import { type Scenario, variantName } from "../lab/scenario.ts";
import { formatSchedule } from "../lab/schedule.ts";
import { SCENARIOS } from "../lab/stories/index.ts";
import { UNBUILT } from "../lab/stories/unbuilt.ts";

export function listText(): string {
  const width = Math.max(...SCENARIOS.map(({ name }) => name.length));
  const built = SCENARIOS.flatMap(({ name, ids, title, variants }) => [
    `  ${name.padEnd(width)}  ${title} (${ids.join(", ")})`,
    ...variants.map((variant) => `  ${"".padEnd(width)}    --break ${variantName(variant)}`),
  ]);
  const unbuilt = UNBUILT.map(({ id, title, reason }) => `  ${id.padEnd(7)} ${title}: ${reason}`);
  return ["Scenarios:", ...built, "", "Not built yet:", ...unbuilt, ""].join("\n");
}

export function listJson() {
  return {
    scenarios: SCENARIOS.map(({ name, ids, title, story, promises, own, variants }) => ({
      name,
      ids,
      title,
      story,
      promises: [...promises, ...(own ?? []).map(({ id }) => id)],
      variants: variants.map((variant) => ({
        name: variantName(variant),
        breaks: variant.breaks,
        expect: variant.expect,
        why: variant.why,
      })),
    })),
    unbuilt: UNBUILT,
  };
}

/** Some lines for one scenario. */
export function resultText({ scenario, isOk, correct, variants }: ScenarioResult): string {
  const lines = [`${isOk ? "ok  " : "FAIL"} ${scenario.name} (${scenario.ids.join(", ")})`];
  if (correct !== undefined) {
    const { failure, runs } = correct;
    lines.push(
      failure === undefined
        ? `     correct: nothing in ${runs} schedules`
        : `     correct: ${failure.failure.caught}: ${failure.failure.message}`,
    );
    if (failure !== undefined) lines.push(`     ${replay(scenario, failure)}`);
    lines.push(...ledgerLines(correct.ledger.rows));
  }
  for (const { name, isOk: fine, expected, caught, runs, found } of variants) {
    const what = caught === "nothing" ? `nothing in ${runs} schedules` : `${caught} in run ${runs}`;
    const verdict = fine ? "" : `, EXPECTED ${expected}`;
    lines.push(`     ${name}: ${what}${verdict}`);
    if (found !== undefined) {
      lines.push(`       ${found.failure.message}`, `       ${replay(scenario, found, name)}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The command that makes the same run again. */
export function replay({ name }: Scenario, { schedule }: Found, breaks?: string): string {
  const left = breaks ? ` --break ${breaks}` : "";
  return `vmxlab scenario run ${name}${left} --schedule ${formatSchedule(schedule)}`;
}

function ledgerLines(rows: readonly SiteSum[]): string[] {
  return rows.map(
    ({ operation, actor, times, timesNeeded, stale }) =>
      `     flush ${actor}: ${operation}, ${times} times, needed ${timesNeeded}, ${stale} stale gone`,
  );
}

/** The shape that `scenario run --json` prints. */
export function resultJson({ scenario, isOk, correct, variants }: ScenarioResult) {
  return {
    name: scenario.name,
    ids: scenario.ids,
    ok: isOk,
    correct:
      correct === undefined
        ? null
        : {
            ok: correct.isOk,
            runs: correct.runs,
            failure: foundJson(correct.failure),
            ledger: correct.ledger.rows,
          },
    variants: variants.map(({ name, isOk: ok, expected, caught, runs, found, ledger }) => ({
      name,
      ok,
      expected,
      caught,
      runs,
      failure: foundJson(found),
      ledger: ledger.rows,
    })),
  };
}

export function foundJson(found: Found | undefined) {
  if (found === undefined) return null;
  const { failure, schedule, decisions, preemptions } = found;
  return {
    caught: failure.caught,
    message: failure.message,
    schedule: formatSchedule(schedule),
    preemptions,
    steps: decisions.map(({ actor, step }) => ({ actor, step })),
  };
}
