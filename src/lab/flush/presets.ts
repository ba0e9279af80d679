/** Plans with a name: the questions for which the flush lab was built. */
import type { ParameterValue } from "./types.ts";

/** One workload of a preset. */
export interface PresetGroup {
  readonly workload: string;
  readonly strategies: readonly string[];
  readonly set?: Readonly<Record<string, ParameterValue>>;
  readonly sweep?: Readonly<Record<string, readonly ParameterValue[]>>;
}

export interface Preset {
  readonly name: string;
  readonly title: string;
  /** What the result answers. */
  readonly question: string;
  /** Seeds 1 to this. */
  readonly seeds: number;
  readonly groups: readonly PresetGroup[];
}

export const PRESETS: readonly Preset[] = [
  {
    name: "migration",
    title: "vCPUs that move between processors",
    question: "What must be flushed when a vCPU comes to another processor?",
    seeds: 20,
    groups: [
      {
        workload: "E7",
        strategies: ["F7", "F7b", "F7c"],
        sweep: { migrations: [10, 50, 250], locality: [0.2, 0.5, 0.8, 0.95] },
      },
    ],
  },
];
