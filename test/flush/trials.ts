/** Runs of the flush lab: every workload, with parameters that tell the strategies apart. */
import type { LabContext } from "../../src/lab/flush/context.ts";
import { runJob } from "../../src/lab/flush/run-job.ts";
import type { JobResult, Parameters } from "../../src/lab/flush/types.ts";
import { defaultsOf } from "../../src/lab/flush/workload.ts";

/** L2 and L1 for a long time each, on two processors in turn, with a host that changes what both use. */
const LONG_STAYS: Parameters = {
  "l2.guests": 1,
  "l2.stay": 150,
  "l1.stay": 150,
  "l2.pages": 64,
  shared: 1,
  target: "shared",
  range: 32,
  rate: 8,
  migrations: 8,
  ticks: 4_000_000,
};
const TWO_VCPUS: Parameters = { vcpus: 2, cpus: 3, migrations: 20 };

/** Beside the defaults of workloads that are not named here. */
const VARIANTS: Readonly<Record<string, readonly Parameters[]>> = {
  E1: [
    {},
    { ...TWO_VCPUS, change: "remap", range: 4 },
    { change: "swap" },
    { change: "age", range: 8 },
    { change: "cow", writes: 0.5 },
    { vcpus: 2, cpus: 1 },
  ],
  E2: [{}, LONG_STAYS, { ...TWO_VCPUS, "l2.guests": 4, target: "shared" }],
  E4: [{}, { where: "l2" }, { where: "halted" }, { where: "outside" }, { change: "remap" }],
  E5: [{}, { change: "remap" }],
  E6: [{}, TWO_VCPUS],
  E7: [{ vcpus: 2, cpus: 3 }],
  E8: ["invept-single", "invept-all", "invvpid-single", "invvpid-address"].map((instruction) => {
    return { instruction, every: 2 };
  }),
  E12: [{}, { vcpus: 2, cpus: 3, every: 2, "l2.guests": 1 }, { level: "upper", every: 2 }],
};

export interface Trial {
  readonly workload: string;
  readonly parameters: Parameters;
}

export function trialsOf({ workloads }: LabContext, ticks: number): Trial[] {
  return [...workloads.values()].flatMap((workload) =>
    (VARIANTS[workload.name] ?? [{}]).map((over) => {
      const parameters = { ...defaultsOf(workload), ticks, ...over };
      return { workload: workload.name, parameters };
    }),
  );
}

/** A pinned page is the guest's no longer when userspace puts another in its place. */
const mayBeWrong = ({ job }: JobResult) =>
  job.strategy === "F15" && job.workload === "E4" && job.parameters.change === "remap";

export interface StrategyOutcome {
  readonly runs: number;
  /** Undefined when the strategy did as it should. */
  readonly fault: string | undefined;
}

/** All trials of one strategy: right ones must be silent, a broken one must be found out once. */
export function judgeStrategy(
  context: LabContext,
  name: string,
  trials: readonly Trial[],
  seeds: number,
): StrategyOutcome {
  const isBroken = context.strategies.get(name)!.status === "broken";
  let runs = 0;
  let caught = 0;
  for (const { workload, parameters } of trials) {
    for (let seed = 1; seed <= seeds; seed++) {
      const result = runJob({ strategy: name, workload, parameters, seed }, context);
      runs++;
      if (result.verdict === "wrong") caught++;
      if (result.verdict === "right" || isBroken || mayBeWrong(result)) continue;
      const what = result.error ?? result.witness?.message;
      return { runs, fault: `${workload} ${JSON.stringify(parameters)} seed ${seed}: ${what}` };
    }
  }
  const missed = isBroken && caught === 0;
  return { runs, fault: missed ? "it is broken, and no run has shown it" : undefined };
}
