/** `npm run test:vmx-fuzz [-- ENTRIES SEED]`: many VM entries broken at random. */
import { fuzzEntries } from "./entry-fuzz.ts";

const [entries = "1000000", seed = "7"] = process.argv.slice(2);
const { seen, disagreements } = await fuzzEntries(Number(entries), Number(seed));
for (const line of disagreements) console.error(line);
console.log(`${entries} VM entries, seed ${seed}: ${seen.get("pass") ?? 0} pass`);
console.log(`${seen.size} outcomes by check, ${disagreements.length} disagreements`);
if (process.env.VMX_FUZZ_VERBOSE) {
  for (const [id, count] of [...seen].sort(([, a], [, b]) => a - b)) console.log(count, id);
}
process.exitCode = disagreements.length > 0 ? 1 : 0;
