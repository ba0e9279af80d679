/**
 * `npm run test:flush`: every strategy of the flush lab on every workload, over some seeds. Prints one
 * line a strategy, and the count last.
 */
import { parseArgs } from "node:util";
import { LabContext } from "../../src/lab/flush/context.ts";
import { judgeStrategy, trialsOf } from "./trials.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1" },
    ticks: { type: "string", default: "300000" },
  },
});
const context = await LabContext.create();
const trials = trialsOf(context, Number(values.ticks));
let runs = 0;
let failed = 0;
for (const [name, { status }] of context.strategies) {
  const outcome = judgeStrategy(context, name, trials, Number(values.seeds));
  runs += outcome.runs;
  if (outcome.fault !== undefined) failed++;
  const verdict = outcome.fault ?? (status === "broken" ? "found wrong" : "silent");
  console.log(`${name.padEnd(13)} ${String(outcome.runs).padStart(4)} runs  ${verdict}`);
}
console.log(`${runs} runs`);
console.log(`${context.strategies.size - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
