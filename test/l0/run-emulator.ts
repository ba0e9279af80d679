/**
 * Compares L0's emulator with the core on many cases:
 *
 *   npm run test:emulator -- [--cases N] [--seed N] [--mode 16|32|64] [--only REGEXP]
 *
 * N cases for each form of the opcode table that the emulator knows; default 40.
 */
import { parseArgs } from "node:util";
import { Comparison, describeFailure } from "./emulator-compare.ts";
import type { Mode } from "./emulator-layout.ts";

const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "40" },
    seed: { type: "string", default: "1" },
    mode: { type: "string" },
    only: { type: "string" },
  },
});
const SHOWN = 20;

const comparison = await Comparison.create();
const modes: readonly Mode[] =
  values.mode === undefined ? [16, 32, 64] : [Number(values.mode) as Mode];
for (const mode of modes) {
  const only = values.only === undefined ? undefined : new RegExp(values.only);
  comparison.run(mode, Number(values.cases), Number(values.seed), only);
}
const { tally } = comparison;
for (const failure of tally.failures.slice(0, SHOWN)) console.log(describeFailure(failure));
const never = [...tally.forms].filter(([, count]) => count === 0).map(([name]) => name);
console.log(
  `${tally.cases} cases of ${tally.forms.size} forms, ${tally.emulated} emulated, ` +
    `${[...tally.beyond.values()].reduce((sum, count) => sum + count, 0)} beyond the emulator`,
);
if (never.length > 0) console.log(`never emulated: ${never.join("; ")}`);
console.log(`${tally.cases - tally.failures.length} passed, ${tally.failures.length} failed`);
process.exitCode = tally.failures.length > 0 ? 1 : 0;
