/** `vmxlab flush compare`: two files of results beside each other. */
import { compareResults } from "../../lab/flush/compare.ts";
import { jobsOf } from "../../lab/flush/plan.ts";
import { oneLine, UsageError } from "../errors.ts";
import { EXIT } from "../exit-status.ts";
import { comparisonText } from "./compare-text.ts";
import { readResults, type StoredResults } from "./results-file.ts";

/** Says so when a run was cut: what it has is compared all the same. */
function noteIncomplete(path: string, { header, results }: StoredResults): void {
  const jobs = jobsOf(header.plan).length;
  if (results.length === jobs) return;
  const has = `"${oneLine(path)}" has results of ${results.length} of its ${jobs} jobs`;
  process.stderr.write(`vmxlab: ${has}\n`);
}

/** The status of the process: 1 when a job was right and is no more. @throws UsageError */
export function compareFiles(before: string, after: string, json: boolean): number {
  const first = readResults("results", before);
  const second = readResults("results", after);
  noteIncomplete(before, first);
  noteIncomplete(after, second);
  const comparison = compareResults(first.results, second.results);
  if (comparison.shared === 0) {
    throw new UsageError(
      `"${oneLine(before)}" and "${oneLine(after)}" have no job in common: nothing can be compared`,
    );
  }
  if (json) {
    const format = { format: "vmxlab-flush-comparison", formatVersion: 1 };
    // A NaN, which stands for "no interval", becomes null.
    process.stdout.write(`${JSON.stringify({ ...format, ...comparison }, null, 2)}\n`);
  } else {
    process.stdout.write(comparisonText(comparison));
  }
  return comparison.worse > 0 ? EXIT.found : EXIT.ok;
}
