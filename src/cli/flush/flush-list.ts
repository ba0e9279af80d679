/** `vmxlab flush list`: what there is to choose from. */
import { valuesOf, type WorkloadInfo } from "../../lab/flush/catalogue.ts";
import type { Preset } from "../../lab/flush/presets.ts";
import type { FlushLab } from "./flush-command.ts";
import { listJson } from "./flush-json.ts";
import { columns } from "./flush-text.ts";

function workloadLines({ name, title, parameters }: WorkloadInfo): string[] {
  const rows = parameters.map((spec) => [
    "",
    spec.name,
    `${spec.default}`,
    `${valuesOf(spec)}: ${spec.text}`,
  ]);
  return [`  ${name}  ${title}`, ...columns(rows, rows.length).map((line) => `    ${line}`)];
}

function presetLine({ name, title, groups, seeds }: Preset): string[] {
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
  const rows = [...presets.values()].map(presetLine);
  print(
    [
      "strategies:",
      ...columns(strategies, 4),
      "",
      "workloads, with their parameters and defaults:",
      ...[...catalogue.workloads.values()].flatMap(workloadLines),
      "",
      "presets:",
      ...columns(rows, 4),
    ].join("\n"),
  );
}
