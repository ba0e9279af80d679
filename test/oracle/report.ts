/** The text of a failure: the shrunken case, what differs, and a regression test of it. */
import { readCase, regressionTest } from "./describe.ts";
import { type Failure, nameOf, type OracleRun } from "./run.ts";

export function describeFailure(run: OracleRun, failure: Failure): string {
  const { mismatches } = run.shrink(failure);
  if (mismatches.length === 0) return unrepeatable(run, failure);
  const state = readCase(run.oracle.memory, run.oracle.caseAt(0, 0));
  const code = state.memory.findLast((p) => p.address >> 16n === 0x1000n);
  const bytes = code ? Buffer.from(code.bytes).toString("hex") : "?";
  return [
    `--- ${nameOf(failure.forms)}: ${failure.count} cases, bytes ${bytes}`,
    ...mismatches.map((m) => `    ${m.what}: processor ${m.native}, core ${m.ours}`),
    regressionTest(failure.forms, state, mismatches),
  ].join("\n");
}

/** A case that fails only behind the cases before it: some state has survived. */
function unrepeatable(run: OracleRun, failure: Failure): string {
  run.runOne(failure.forms, failure.genes);
  const state = readCase(run.oracle.memory, run.oracle.caseAt(0, 0));
  return [
    `--- ${nameOf(failure.forms)}: ${failure.count} cases, not by itself`,
    ...failure.mismatches.map((m) => `    ${m.what}: processor ${m.native}, core ${m.ours}`),
    regressionTest(failure.forms, state, failure.mismatches),
  ].join("\n");
}
