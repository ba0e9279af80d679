/** Results as lines of text: the header that names the plan, and one line for each job. */
import { canonicalJson, type FlushPlan } from "./plan.ts";
import { COUNTS, type CountName, type FlushJob, type JobResult } from "./types.ts";

export const RESULTS_FORMAT = "vmxlab-flush-results";

/** The first line of a file of results. */
export interface ResultsHeader {
  readonly format: typeof RESULTS_FORMAT;
  readonly formatVersion: 1;
  /** Version of vmxlab. */
  readonly version: string;
  readonly plan: FlushPlan;
}

/** A text that is not what it should be; the message says where. */
export class ResultsError extends Error {
  override readonly name = "ResultsError";
}

export function headerLine(version: string, plan: FlushPlan): string {
  const header: ResultsHeader = { format: RESULTS_FORMAT, formatVersion: 1, version, plan };
  return `${canonicalJson(header)}\n`;
}

export function resultLine(result: JobResult): string {
  return `${canonicalJson(result)}\n`;
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

function isStringList(value: unknown): boolean {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}

function isPlan(value: unknown): value is FlushPlan {
  const { seeds, groups, command } = (value ?? {}) as Fields;
  const { first, last } = (seeds ?? {}) as Fields;
  if (!Number.isInteger(first) || !Number.isInteger(last)) return false;
  if (!isStringList(command) || !Array.isArray(groups)) return false;
  return groups.every(
    ({ workload, strategies, points }: Fields) =>
      typeof workload === "string" && isStringList(strategies) && Array.isArray(points),
  );
}

/** @throws ResultsError */
export function parseHeader(line: string): ResultsHeader {
  const fields = fieldsOf(line);
  if (fields?.format !== RESULTS_FORMAT) {
    throw new ResultsError("it is no file of results of vmxlab flush");
  }
  if (fields.formatVersion !== 1) {
    throw new ResultsError(`its format has version ${fields.formatVersion}; this one reads 1`);
  }
  if (typeof fields.version !== "string" || !isPlan(fields.plan)) {
    throw new ResultsError("its first line is damaged");
  }
  return fields as unknown as ResultsHeader;
}

const COUNT_NAMES = Object.keys(COUNTS) as CountName[];
const VERDICTS: readonly unknown[] = ["right", "wrong", "failed"];

function isJob(value: unknown): value is FlushJob {
  const { strategy, workload, parameters, seed } = (value ?? {}) as Fields;
  return (
    typeof strategy === "string" &&
    typeof workload === "string" &&
    typeof parameters === "object" &&
    parameters !== null &&
    Number.isInteger(seed)
  );
}

function isResult(fields: Fields | undefined): boolean {
  if (fields === undefined || fields.format !== 1 || !isJob(fields.job)) return false;
  if (!VERDICTS.includes(fields.verdict) || !Array.isArray(fields.costs)) return false;
  if (!Array.isArray(fields.sites)) return false;
  const counts = fields.counts as Fields | null | undefined;
  return (
    typeof fields.version === "string" &&
    typeof fields.cycles === "number" &&
    COUNT_NAMES.every((name) => typeof counts?.[name] === "number")
  );
}

/** @throws ResultsError that names the line; `number` counts from 1 */
export function parseResult(line: string, number: number): JobResult {
  const fields = fieldsOf(line);
  if (!isResult(fields)) throw new ResultsError(`line ${number} is no result of a job`);
  return fields as unknown as JobResult;
}

/** What a job comes to that gave no result. */
export function failedResult(job: FlushJob, version: string, error: string): JobResult {
  const counts = Object.fromEntries(COUNT_NAMES.map((name) => [name, 0])) as Record<
    CountName,
    number
  >;
  return {
    format: 1,
    version,
    job,
    verdict: "failed",
    counts,
    sites: [],
    costs: [],
    cycles: 0,
    error,
  };
}
