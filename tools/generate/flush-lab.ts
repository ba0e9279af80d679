/** docs/flush-strategies.md: strategies and workloads of the flush lab, from their registries. */
import { L0_COSTS } from "../../src/lab/flush/costs.ts";
import { STRATEGIES } from "../../src/lab/flush/strategies/index.ts";
import { COUNTS, type FlushStrategy, type ParameterSpec } from "../../src/lab/flush/types.ts";
import { WORKLOADS } from "../../src/lab/flush/workloads/index.ts";
import type { GeneratedFile } from "../generate.ts";

const STATUS: Readonly<Record<FlushStrategy["status"], string>> = {
  exists: "in a kernel today",
  historical: "was in a kernel",
  discussed: "discussed, never merged",
  comparison: "for comparison",
  broken: "wrong, kept to be found out",
};

const cell = (text: string) => text.replaceAll("|", "\\|");

function range({ min, max, oneOf, default: value }: ParameterSpec): string {
  if (oneOf !== undefined) return oneOf.map((one) => `\`${one}\``).join(", ");
  if (typeof value === "boolean") return "`true`, `false`";
  return `${min ?? ""} to ${max ?? ""}`;
}

function parameterRows(): string[] {
  const users = new Map<string, { spec: ParameterSpec; workloads: string[] }>();
  for (const { name, parameters } of WORKLOADS) {
    for (const spec of parameters) {
      const known = users.get(spec.name) ?? { spec, workloads: [] };
      known.workloads.push(name);
      users.set(spec.name, known);
    }
  }
  return [...users.values()].map(({ spec, workloads }) => {
    const who = workloads.length === WORKLOADS.length ? "all" : workloads.join(", ");
    return `| \`${spec.name}\` | ${cell(spec.text)} | ${range(spec)} | \`${spec.default}\` | ${who} |`;
  });
}

export function generateFlushLab(): GeneratedFile[] {
  const lines = [
    "# Strategies and workloads of the flush lab",
    "",
    "<!-- Written by `npm run generate`; do not edit. -->",
    "",
    "How to run them and what came out is in [flush-lab.md](flush-lab.md). Each strategy is a class in",
    "`src/lab/flush/strategies` that overrides what it decides otherwise than KVM; KVM's own rules are the",
    "methods of `StrategyHooks` in `src/l0/flush-strategy.ts`. A number alone (`F5`) is KVM's rule where KVM",
    "has one, and runs as F1 does; the strategies it is to be compared with stand beside it.",
    "",
    "## Strategies",
    "",
    "| name | what it does | no stale translation is used as long as | what it costs | status |",
    "|---|---|---|---|---|",
    ...STRATEGIES.map(
      ({ name, title, condition, cost, status }) =>
        `| ${name} | ${cell(title)} | ${cell(condition)} | ${cell(cost)} | ${STATUS[status]} |`,
    ),
    "",
    "## Workloads",
    "",
    "| name | what happens | how |",
    "|---|---|---|",
    ...WORKLOADS.map(({ name, title, text }) => `| ${name} | ${cell(title)} | ${cell(text)} |`),
    "",
    "E15 of the list that the numbers are from, a vCPU in SMM, is missing: the core has no SMM.",
    "",
    "## Parameters",
    "",
    "Defaults may differ in some workloads: `vmxlab flush list` has those.",
    "",
    "| name | meaning | values | default | workloads |",
    "|---|---|---|---|---|",
    ...parameterRows(),
    "",
    "## Counts",
    "",
    "| name | what is counted |",
    "|---|---|",
    ...Object.entries(COUNTS).map(([name, text]) => `| \`${name}\` | ${cell(text)} |`),
    "",
    "## Costs",
    "",
    'Cycles are counts times the "default" column of the cost model ([tlb.md](tlb.md)), with entries of tables',
    "in the second-level cache, and these rows:",
    "",
    "| event | cycles | source |",
    "|---|---|---|",
    ...Object.entries(L0_COSTS).map(
      ([name, { cycles, source }]) => `| ${name} | ${cycles} | ${cell(source)} |`,
    ),
    "",
    "Walks are billed as they happen, so that no flush carries the price of its refills: they show as walks and",
    "references.",
    "",
  ];
  return [{ path: "docs/flush-strategies.md", text: lines.join("\n") }];
}
