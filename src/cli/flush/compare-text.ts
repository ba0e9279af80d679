/** What `vmxlab flush compare` prints. */
import type { CaseComparison, Comparison, VerdictChange } from "../../lab/flush/compare.ts";
import { varyingParameters } from "../../lab/flush/summary.ts";
import { oneLine } from "../errors.ts";
import { columns, count, evidence, parametersText, ratioText } from "./flush-text.ts";

function verdictLine({ before, after }: VerdictChange): string {
  const { strategy, workload, parameters, seed } = before.job;
  const where = `${strategy} in ${workload} ${parametersText(parameters)} seed ${seed}`;
  const why = after.verdict === "right" ? "" : `: ${oneLine(evidence(after))}`;
  return `  ${where}: ${before.verdict} -> ${after.verdict}${why}`;
}

function caseRow(one: CaseComparison, varying: readonly string[]): string[] {
  const shown = varying
    .filter((name) => one.parameters[name] !== undefined)
    .map((name) => [name, one.parameters[name]!]);
  const changes = one.changes.map(({ name, before, after, ratio }) =>
    Number.isNaN(ratio.mean)
      ? `${name} ${count(before)} -> ${count(after)}`
      : `${name} × ${ratioText(ratio)}`,
  );
  return [
    one.strategy,
    one.workload,
    parametersText(Object.fromEntries(shown)),
    `${one.seeds}`,
    ratioText(one.cycles),
    changes.length === 0 ? "counts as before" : changes.join(", "),
  ];
}

export function comparisonText(comparison: Comparison): string {
  const { cases, verdicts, worse, onlyBefore, onlyAfter } = comparison;
  const lines: string[] = [];
  if (verdicts.length > 0) lines.push("changed verdicts:", ...verdicts.map(verdictLine), "");
  const varying = varyingParameters(cases);
  const rows = [
    [
      "strategy",
      "workload",
      "parameters",
      "seeds",
      "cycles ×",
      "counts that differ by more than chance",
    ],
    ...cases.map((one) => caseRow(one, varying)),
  ];
  lines.push(...columns(rows, rows[0]!.length), "");
  lines.push(
    "× is the second file for one of the first, ± half of the 95 % confidence interval over seeds",
    "(ratio of the means, linearised, Student's t)",
  );
  if (onlyBefore + onlyAfter > 0) {
    lines.push(
      `not compared: ${onlyBefore} jobs of the first file alone, ${onlyAfter} of the second`,
    );
  }
  lines.push(
    verdicts.length === 0
      ? "no verdict has changed"
      : `changed verdicts: ${verdicts.length}, from right: ${worse}`,
  );
  return `${lines.join("\n")}\n`;
}
