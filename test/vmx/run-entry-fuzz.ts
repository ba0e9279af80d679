/**
 * `npm run test:vmx-fuzz [-- ENTRIES SEED]`: many VM entries broken at random. Prints the checks that
 * no entry failed first, and ends with `N passed, N failed` as .ci/run wants it.
 */
import { fuzzEntries } from "./entry-fuzz.ts";
import { MODELLED } from "./entry-model.ts";

const [entries = "1000000", seed = "7"] = process.argv.slice(2);
const { seen, disagreements } = await fuzzEntries(Number(entries), Number(seed));
for (const line of disagreements) console.error(line);
const unseen = [...MODELLED].filter((id) => !seen.has(id));
console.log(`${entries} VM entries, seed ${seed}: ${seen.get("pass") ?? 0} went through`);
console.log(
  `checks that failed first: ${seen.size - 1} of ${MODELLED.size}; not: ${unseen.join(" ")}`,
);
const failed = disagreements.length > 0 ? 1 : 0;
console.log(`${1 - failed} passed, ${failed} failed`);
process.exitCode = failed;
