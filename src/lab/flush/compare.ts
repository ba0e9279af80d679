/** Two sets of results beside each other: what has become dearer, cheaper, right or wrong. */
import { caseKey, jobKey } from "./plan.ts";
import { type Estimate, excludes, ratio } from "./statistics.ts";
import { COUNTS, type CountName, type JobResult, type Parameters } from "./types.ts";

/** The second set for one of the first. */
export interface CountChange {
  readonly name: CountName;
  /** Means over the seeds that both sets have. */
  readonly before: number;
  readonly after: number;
  /** NaN where the first set has none. */
  readonly ratio: Estimate;
}

/** The jobs of one case that are right in both sets. */
export interface CaseComparison {
  readonly strategy: string;
  readonly workload: string;
  readonly parameters: Parameters;
  readonly seeds: number;
  readonly cycles: Estimate;
  /** Counts that differ by more than chance. */
  readonly changes: readonly CountChange[];
}

export interface VerdictChange {
  readonly before: JobResult;
  readonly after: JobResult;
}

export interface Comparison {
  readonly cases: readonly CaseComparison[];
  readonly verdicts: readonly VerdictChange[];
  /** Jobs that were right and are no more. */
  readonly worse: number;
  /** Jobs that both sets have, and those that only one has. */
  readonly shared: number;
  readonly onlyBefore: number;
  readonly onlyAfter: number;
}

type Pair = VerdictChange;

function countChange(name: CountName, pairs: readonly Pair[]): CountChange {
  const before = pairs.map((pair) => pair.before.counts[name]);
  const after = pairs.map((pair) => pair.after.counts[name]);
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  return { name, before: mean(before), after: mean(after), ratio: ratio(after, before) };
}

function isChange({ before, after, ratio: change }: CountChange): boolean {
  return Number.isNaN(change.mean) ? before !== after : excludes(change, 1);
}

function compareCase(pairs: readonly Pair[]): CaseComparison {
  const { strategy, workload, parameters } = pairs[0]!.before.job;
  const changes = (Object.keys(COUNTS) as CountName[])
    .map((name) => countChange(name, pairs))
    .filter(isChange);
  const cycles = ratio(
    pairs.map(({ after }) => after.cycles),
    pairs.map(({ before }) => before.cycles),
  );
  return { strategy, workload, parameters, seeds: pairs.length, cycles, changes };
}

const isRight = ({ verdict }: JobResult) => verdict === "right";

/** Results of the same jobs are compared, whatever the order. */
export function compareResults(
  before: readonly JobResult[],
  after: readonly JobResult[],
): Comparison {
  const second = new Map(after.map((result) => [jobKey(result.job), result]));
  const groups = new Map<string, Pair[]>();
  const verdicts: Pair[] = [];
  let shared = 0;
  for (const result of before) {
    const other = second.get(jobKey(result.job));
    if (other === undefined) continue;
    shared++;
    const pair = { before: result, after: other };
    if (result.verdict !== other.verdict) verdicts.push(pair);
    // A run ends where it goes wrong: it has no cost to compare.
    if (!isRight(result) || !isRight(other)) continue;
    const key = caseKey(result.job);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [pair]);
    else group.push(pair);
  }
  return {
    cases: [...groups.values()].map(compareCase),
    verdicts,
    worse: verdicts.filter((v) => isRight(v.before) && !isRight(v.after)).length,
    shared,
    onlyBefore: before.length - shared,
    onlyAfter: after.length - shared,
  };
}
