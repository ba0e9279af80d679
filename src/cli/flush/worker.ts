/** A thread that runs jobs of the flush lab, one after the other, on a core of its own. */

import { VERSION } from "../../generated/version.ts";
import { LabContext } from "../../lab/flush/context.ts";
import { runJob } from "../../lab/flush/run-job.ts";
import type { FlushJob, JobResult } from "../../lab/flush/types.ts";

const context = LabContext.create({ version: VERSION });

export default async function run(job: FlushJob): Promise<JobResult> {
  return runJob(job, await context);
}
