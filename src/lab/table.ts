/** The table scenario × variant × what catches it, for docs/scenarios.md. */
import { POLICY_STEPS } from "../l0/policy.ts";
import { INVARIANTS } from "./invariants.ts";
import type { ScenarioResult } from "./judgement.ts";
import { SCENARIOS } from "./stories/index.ts";
import { UNBUILT } from "./stories/unbuilt.ts";

/** Lines of Markdown. `results` are those of all scenarios. */
export function scenarioTable(results: readonly ScenarioResult[]): string[] {
  const lines = [
    "| scenario | from | variant | caught by | schedules until then | why |",
    "|---|---|---|---|---|---|",
  ];
  for (const { scenario, correct, variants } of results) {
    const { name, ids } = scenario;
    const silent = correct?.isOk ? "nothing" : "FAILS";
    lines.push(`| \`${name}\` | ${ids.join(", ")} | correct | ${silent} | ${correct?.runs} | |`);
    variants.forEach(({ name: variant, caught, runs, found }, i) => {
      const until = found === undefined ? `none of ${runs}` : `${runs}`;
      const { why } = scenario.variants[i]!;
      lines.push(`| | | \`${variant}\` | ${caught} | ${until} | ${why} |`);
    });
  }
  return lines;
}

export function storyLines(): string[] {
  return SCENARIOS.flatMap(({ name, ids, title, story, promises, own = [] }) => [
    `### ${name}`,
    "",
    ...wrap(`${title} (${ids.join(", ")}). ${story}`),
    "",
    ...wrap(`Promises: ${[...promises, ...own.map(({ text }) => text)].join("; ")}.`),
    "",
  ]);
}

const COLUMNS = 106;

function wrap(text: string): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines.at(-1)!;
    if (last !== "" && last.length + 1 + word.length > COLUMNS) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}

export function invariantLines(): string[] {
  return [
    "| name | promise |",
    "|---|---|",
    ...Object.entries(INVARIANTS).map(([id, text]) => `| ${id} | ${text} |`),
  ];
}

export function stepLines(): string[] {
  return [
    "| step | what is left out or done wrongly | scenarios |",
    "|---|---|---|",
    ...Object.entries(POLICY_STEPS).map(([step, text]) => {
      const users = SCENARIOS.filter(({ variants }) =>
        variants.some(({ breaks }) => (breaks as readonly string[]).includes(step)),
      );
      const names = users.map(({ name }) => `\`${name}\``).join(", ") || "none yet";
      return `| \`${step}\` | ${text} | ${names} |`;
    }),
  ];
}

export function unbuiltLines(): string[] {
  return [
    "| from | what | reason |",
    "|---|---|---|",
    ...UNBUILT.map(({ id, title, reason }) => `| ${id} | ${title} | ${reason} |`),
  ];
}
