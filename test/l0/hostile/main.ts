/**
 * `npm run test:l0-fuzz -- --actions N --seed S`: a hostile L1 against L0. Ends with
 * `N passed, N failed`, counted in cases.
 */
import { fuzz } from "./fuzz.ts";

function option(name: string, fallback: number): number {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
}

const result = await fuzz({
  actions: option("actions", 200_000),
  seed: option("seed", 1),
  ...(process.argv.includes("--only") ? { only: option("only", 0) } : {}),
  shrinks: !process.argv.includes("--whole"),
  log: (line) => console.log(line),
});
console.log(result.summary);
console.log(`${result.passed} passed, ${result.failed} failed`);
process.exitCode = result.failed === 0 ? 0 : 1;
