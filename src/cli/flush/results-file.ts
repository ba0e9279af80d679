/**
 * The file of results of one run of the flush lab: what is finished is in it at once and stays there,
 * and a run that was cut goes on with it. When all is done its lines are put in the order of the plan.
 */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { type FlushPlan, isSamePlan, jobKey, jobsOf } from "../../lab/flush/plan.ts";
import {
  headerLine,
  parseHeader,
  parseResult,
  type ResultsHeader,
  resultLine,
} from "../../lab/flush/results.ts";
import type { JobResult } from "../../lab/flush/types.ts";
import { describeFileError, OutputError, oneLine, UsageError } from "../errors.ts";
import { readInput } from "../input-file.ts";
import { checkWritable } from "../output-file.ts";

/** Results are with the kernel at once and on the disk after so long at most, or when so many. */
const SYNC_MS = 1000;
const SYNC_RESULTS = 64;

/** What a file of results holds. */
export interface StoredResults {
  readonly header: ResultsHeader;
  /** Each job once. */
  readonly results: readonly JobResult[];
  /** Bytes of the whole lines; behind them may be a torn one. */
  readonly wholeBytes: number;
}

/** @throws UsageError that calls the file by `what` */
export function readResults(what: string, path: string): StoredResults {
  const bytes = Buffer.from(readInput(what, path));
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString("utf8", 0, wholeBytes).split("\n").slice(0, -1);
  try {
    const header = parseHeader(lines[0] ?? "");
    const results = new Map<string, JobResult>();
    for (const [i, line] of lines.entries()) {
      if (i === 0) continue;
      const result = parseResult(line, i + 1);
      const key = jobKey(result.job);
      if (!results.has(key)) results.set(key, result);
    }
    return { header, results: [...results.values()], wholeBytes };
  } catch (error) {
    throw new UsageError(`${what} "${oneLine(path)}": ${(error as Error).message}`);
  }
}

export interface ResultsFileOptions {
  /** The option that names the file, for messages. */
  readonly option: string;
  readonly path: string;
  readonly plan: FlushPlan;
  readonly version: string;
  /** Begins anew, whatever is there. */
  readonly overwrite: boolean;
}

export class ResultsFile {
  readonly path: string;
  /** By key of the job. */
  readonly results: Map<string, JobResult>;
  private readonly plan: FlushPlan;
  private readonly version: string;
  private readonly fd: number;
  private length: number;
  private unsynced = 0;
  private syncedAt = 0;

  private constructor(options: ResultsFileOptions, stored: StoredResults | undefined) {
    const { option, path, plan, version } = options;
    this.path = path;
    this.plan = plan;
    this.version = version;
    this.results = new Map(stored?.results.map((result) => [jobKey(result.job), result]));
    try {
      this.fd = openSync(path, stored === undefined ? "w" : "r+");
    } catch (error) {
      throw new UsageError(`${option} "${oneLine(path)}": ${describeFileError(error)}`);
    }
    this.length = stored?.wholeBytes ?? 0;
    // What a cut run left of its last line.
    if (stored !== undefined) ftruncateSync(this.fd, this.length);
    else this.write(headerLine(version, plan));
  }

  /** Makes the file, or takes up what is in it. @throws UsageError when it has another plan */
  static open(options: ResultsFileOptions): ResultsFile {
    const { option, path, plan, version, overwrite } = options;
    checkWritable(option, path);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (overwrite || size === 0) return new ResultsFile(options, undefined);
    const stored = readResults(option, path);
    const refuse = (why: string) =>
      new UsageError(
        `${option} "${oneLine(path)}": ${why}; give another file, or --overwrite to lose what is in it`,
      );
    if (stored.header.version !== version) {
      throw refuse(`its results are of vmxlab ${stored.header.version}, this is ${version}`);
    }
    if (!isSamePlan(stored.header.plan, plan)) {
      const { command } = stored.header.plan;
      throw refuse(`its results are of another plan (vmxlab flush ${command.join(" ")})`);
    }
    return new ResultsFile(options, stored);
  }

  /** Keeps a result; a job that has one already is left alone. @throws OutputError */
  append(result: JobResult): void {
    const key = jobKey(result.job);
    if (this.results.has(key)) return;
    this.write(resultLine(result));
    this.results.set(key, result);
    this.unsynced++;
    const now = performance.now();
    if (this.unsynced >= SYNC_RESULTS || now - this.syncedAt >= SYNC_MS) {
      this.sync();
      this.syncedAt = now;
    }
  }

  /** All or nothing. @throws OutputError */
  private write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length; ) {
        at += writeSync(this.fd, bytes, at, bytes.length - at, this.length + at);
      }
      this.length += bytes.length;
    } catch (error) {
      throw this.failure(error);
    }
  }

  private sync(): void {
    try {
      fsyncSync(this.fd);
      this.unsynced = 0;
    } catch (error) {
      // Not every file can be forced to a disk.
      if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw this.failure(error);
    }
  }

  private failure(error: unknown): OutputError {
    try {
      ftruncateSync(this.fd, this.length);
    } catch {
      // A torn line is dropped when the file is read.
    }
    const kept = `${this.results.size} finished jobs are in it, and the same command goes on with them`;
    return new OutputError(
      `cannot write "${oneLine(this.path)}": ${describeFileError(error)}; ${kept}`,
    );
  }

  /** Closes the file as it is, to go on another time. */
  close(): void {
    this.sync();
    closeSync(this.fd);
  }

  /**
   * Writes the results in the order of the plan under another name, then renames: the same jobs give the
   * same bytes, however often the run was cut.
   */
  finish(): void {
    const lines = [headerLine(this.version, this.plan)];
    for (const job of jobsOf(this.plan)) {
      const result = this.results.get(jobKey(job));
      if (result !== undefined) lines.push(resultLine(result));
    }
    const text = lines.join("");
    this.close();
    if (readFileSync(this.path, "utf8") === text) return;
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      const fd = openSync(temporary, "wx");
      try {
        const bytes = Buffer.from(text);
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        if (fstatSync(fd).isFile()) fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, this.path);
    } catch (error) {
      try {
        unlinkSync(temporary);
      } catch {
        // It was never made.
      }
      throw new OutputError(
        `cannot put "${oneLine(this.path)}" in order: ${describeFileError(error)}; ` +
          "all results are in it, in the order in which they came",
      );
    }
  }
}
