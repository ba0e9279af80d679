/**
 * `npm run test:oracle`: every form of the opcode table that user mode can run, on the host
 * processor and on our core. Options: --cases N a form, --seed N, --only REGEX, --modes 64,32,16,
 * --sequences N, --show N failures in full. Ends with 1 when something does not agree.
 */

import { allForms, EXCLUSIONS, type Mode } from "./forms.ts";
import { describeFailure } from "./report.ts";
import { genesFor, nameOf, OracleRun } from "./run.ts";
import { sequences } from "./sequences.ts";

function option(name: string, fallback: string): string {
  const at = process.argv.indexOf(`--${name}`);
  return at >= 0 ? (process.argv[at + 1] ?? fallback) : fallback;
}

const cases = Number(option("cases", "2000"));
const seed = Number(option("seed", "1"));
const only = new RegExp(option("only", ""));
const modes = option("modes", "64,32,16").split(",").map(Number) as Mode[];
const sequenceCount = Number(option("sequences", "150"));
const show = Number(option("show", "10"));

const run = await OracleRun.open();
if (!run) {
  console.log("no native oracle: skipped (npm run build:native)");
  process.exit(0);
}
const usable = modes.filter((mode) => mode === 64 || run.oracle.hasSegments);
const forms = allForms(usable)
  .map((form) => [form])
  .concat(sequences(usable, sequenceCount, seed))
  .filter((list) => only.test(nameOf(list)));
const started = performance.now();
for (const list of forms) {
  const genes = genesFor(seed, nameOf(list));
  for (let i = 0; i < cases; i++) run.add(list, genes);
}
run.flush();
const seconds = (performance.now() - started) / 1000;

let total = 0;
let faults = 0;
let undefinedEqual = 0;
let undefinedDiffer = 0;
let endless = 0;
for (const tally of run.tallies.values()) {
  total += tally.cases;
  faults += tally.faults;
  undefinedEqual += tally.undefinedEqual;
  undefinedDiffer += tally.undefinedDiffer;
  endless += tally.endless;
}
let shown = 0;
for (const failure of [...run.failures.values()].sort((a, b) => b.count - a.count)) {
  const name = nameOf(failure.forms);
  if (shown++ < show) console.log(describeFailure(run, failure));
  else
    console.log(`${name}: ${failure.count}, ${failure.mismatches.map((m) => m.what).join(", ")}`);
}
let mismatches = 0;
for (const failure of run.failures.values()) mismatches += failure.count;
console.log(
  `forms ${forms.length}, cases ${total} (${faults} faults, ${endless} endless), seed ${seed}`,
);
if (process.argv.includes("--undefined")) {
  const byMnemonic = new Map<string, [number, number]>();
  for (const [name, tally] of run.tallies) {
    const mnemonic = name.split(" ")[1]!;
    const sum = byMnemonic.get(mnemonic) ?? [0, 0];
    byMnemonic.set(mnemonic, [sum[0] + tally.undefinedEqual, sum[1] + tally.undefinedDiffer]);
  }
  for (const [mnemonic, [equal, differ]] of byMnemonic) {
    if (equal + differ > 0) console.log(`  ${mnemonic}: ${equal} alike, ${differ} not`);
  }
}
console.log(
  `undefined flags alike in ${undefinedEqual} of ${undefinedEqual + undefinedDiffer} cases`,
);
const known = [...run.known].map(([id, count]) => `${id} ${count}`);
console.log(`known differences: ${known.join(", ") || "none"}`);
console.log(`excluded: ${EXCLUSIONS.map((e) => e.mnemonics.join(" ")).join(" ")}`);
console.log(`mismatches ${mismatches} in ${run.failures.size} forms; ${seconds.toFixed(1)} s`);
run.close();
process.exit(mismatches > 0 ? 1 : 0);
