/** `vmxlab flush list`: what there is to choose from. */
import { valuesOf, type WorkloadInfo } from "../../lab/flush/catalogue.ts";
import { canonicalJson } from "../../lab/flush/plan.ts";
import type { Preset } from "../../lab/flush/presets.ts";
import type { ParameterSpec } from "../../lab/flush/types.ts";
import type { FlushLab } from "./flush-command.ts";
import { listJson } from "./flush-json.ts";
import { columns } from "./flush-text.ts";

/** Parameters that most workloads have, alike in all of them. */
function commonOf(workloads: readonly WorkloadInfo[]): Map<string, ParameterSpec> {
  const uses = new Map<string, { spec: ParameterSpec; count: number }>();
  for (const spec of workloads.flatMap(({ parameters }) => parameters)) {
    const key = canonicalJson(spec);
    uses.set(key, { spec, count: (uses.get(key)?.count ?? 0) + 1 });
  }
  const common = [...uses].filter(([, { count }]) => 2 * count > workloads.length);
  return new Map(common.map(([key, { spec }]) => [key, spec]));
}

function parameterLines(specs: Iterable<ParameterSpec>, indent: string): string[] {
  const rows = [...specs].map((spec) => [
    spec.name,
    `${spec.default}`,
    `${valuesOf(spec)}: ${spec.text}`,
  ]);
  return columns(rows, 3).map((line) => `${indent}${line}`);
}

function workloadLines(
  { name, title, parameters }: WorkloadInfo,
  common: ReadonlyMap<string, ParameterSpec>,
): string[] {
  const own = parameters.filter((spec) => !common.has(canonicalJson(spec)));
  const has = new Set(parameters.map((spec) => spec.name));
  const missing = [...common.values()].filter((spec) => !has.has(spec.name));
  return [
    `  ${name}  ${title}`,
    ...(missing.length === 0
      ? []
      : [`      without ${missing.map((spec) => spec.name).join(", ")}`]),
    ...parameterLines(own, "      "),
  ];
}

function presetRow({ name, title, groups, seeds }: Preset): string[] {
  const strategies = [...new Set(groups.flatMap((group) => group.strategies))].join(",");
  const workloads = [...new Set(groups.map(({ workload }) => workload))].join(",");
  return ["", name, title, `${strategies} in ${workloads}, ${seeds} seeds`];
}

export function printFlushList({ catalogue, presets }: FlushLab, json: boolean): void {
  const print = (text: string) => process.stdout.write(`${text}\n`);
  if (json) {
    print(JSON.stringify(listJson(catalogue, presets.values()), null, 2));
    return;
  }
  const strategies = [...catalogue.strategies.values()].map((strategy) => [
    "",
    strategy.name,
    strategy.status,
    strategy.title,
  ]);
  const workloads = [...catalogue.workloads.values()];
  const common = commonOf(workloads);
  print(
    [
      "strategies:",
      ...columns(strategies, 4),
      "",
      "parameters of workloads, with their defaults:",
      ...parameterLines(common.values(), "  "),
      "",
      "workloads, with what is different:",
      ...workloads.flatMap((workload) => workloadLines(workload, common)),
      "",
      "presets:",
      ...columns([...presets.values()].map(presetRow), 4),
    ].join("\n"),
  );
}
