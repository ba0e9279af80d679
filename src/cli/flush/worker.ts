/** A thread that runs jobs of the flush lab, one after the other, on a core of its own. */
import { LabContext } from "../../lab/flush/context.ts";
import { runJob } from "../../lab/flush/run-job.ts";
import type { FlushJob, JobResult } from "../../lab/flush/types.ts";
import { version } from "../version.ts";

const context = LabContext.create({ version: version() });

export default async function run(job: FlushJob): Promise<JobResult> {
  return runJob(job, await context);
}
