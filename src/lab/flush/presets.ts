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

const LOCALITIES = [0.2, 0.5, 0.8, 0.95];

export const PRESETS: readonly Preset[] = [
  {
    name: "apic-page",
    title: "The host moves the APIC-access page",
    question:
      "Which flush is necessary when L0's APIC-access page moves, which is redundant, and what would " +
      "tracking by root save?",
    seeds: 20,
    groups: [
      {
        workload: "E4",
        strategies: ["F1", "F2x", "F3", "F13-flush", "F15"],
        sweep: { rate: [5, 20, 80], where: ["l1", "l2"] },
      },
      { workload: "E13", strategies: ["F1", "F3", "F13-flush", "F15"] },
    ],
  },
  {
    name: "nesting",
    title: "Would tracking by root pay, outside nesting and inside?",
    question:
      "What do F3 and F3b save against flushing everything, without guests of L1 and with 1, 2, 4 and 8?",
    seeds: 20,
    groups: [
      { workload: "E1", strategies: ["F1", "F3", "F3b"], sweep: { locality: LOCALITIES } },
      {
        workload: "E2",
        strategies: ["F1", "F3", "F3b"],
        sweep: { locality: LOCALITIES, "l2.guests": [1, 2, 4, 8] },
      },
    ],
  },
  {
    name: "migration",
    title: "vCPUs that move between processors",
    question: "What must be flushed when a vCPU comes to another processor, and what does it cost?",
    seeds: 20,
    groups: [
      {
        workload: "E7",
        strategies: ["F7", "F7b", "F7x", "F7c"],
        sweep: { migrations: [10, 50, 250], locality: LOCALITIES },
      },
      {
        workload: "E2",
        strategies: ["F7", "F7b", "F7c"],
        // Long stays in L1 and in L2: a vCPU leaves a processor and comes back while it is in L1.
        set: {
          "l2.guests": 1,
          "l2.stay": 150,
          "l1.stay": 150,
          "l2.pages": 64,
          shared: 1,
          target: "shared",
          range: 32,
          rate: 8,
          ticks: 2_000_000,
        },
        sweep: { migrations: [4, 8, 16] },
      },
    ],
  },
];
