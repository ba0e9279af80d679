/** A short run of the whole-machine fuzz as a part of `npm run test:oracle`. */
import { fuzz } from "../fuzz/run.ts";

/** Runs and prints; true when nothing failed. */
export async function fuzzPart(seed: number, instructions: number): Promise<boolean> {
  const started = performance.now();
  const report = await fuzz(seed, { instructions, seconds: 600, threads: 2 });
  for (const failure of report.failures) console.log(`--- seed ${failure.seed}: ${failure.text}`);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `whole machine: ${report.seeds} seeds from ${seed}, ${report.instructions} instructions, ` +
      `${report.failures.length} failures; ${seconds} s`,
  );
  return report.failures.length === 0;
}
