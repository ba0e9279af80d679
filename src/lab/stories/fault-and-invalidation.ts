/** S1 and S2: a fault on a page that is taken away at the same time. */
import { halt, pause, program, read, ready, tell, times } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, DATA, PAGE, reads, remap } from "./common.ts";

export const faultAndInvalidation: Scenario = {
  name: "fault-meets-invalidation",
  ids: ["S1", "S2"],
  title: "A page is replaced while a vCPU faults on it",
  story:
    "The fault looks the frame up, and maps it some steps later. If an invalidation began or ended in " +
    "between, what was looked up may be gone: the fault is taken again. The number of invalidations " +
    "that have ended tells of those that came and went, the count of those in progress of the others.",
  world: {
    programs: [program(ready, times(2, read(DATA), tell, pause), halt)],
    words: { [DATA]: A },
  },
  threads: { notifier: (world) => remap(world, DATA) },
  promises: ["I1", "I2", "I7"],
  own: [reads("the guest reads the old page or the new one", A, 0)],
  variants: [
    {
      breaks: ["NoSeqCheck"],
      expect: "I2",
      why: "an invalidation that began and ended behind the look-up is not noticed",
    },
    {
      breaks: ["SnapshotAfterLookup"],
      expect: "I2",
      why: "the number is read when the invalidation is over, and has not changed since",
    },
    {
      breaks: ["NoInProgress"],
      expect: "I2",
      why: "between start and end the primary MMU still has the old frame",
    },
    {
      breaks: ["SeqAfterInProgress"],
      expect: "nothing",
      why: "both change under mmu_lock, and the test that counts is made under it",
    },
  ],
};

export const twoInvalidations: Scenario = {
  name: "two-invalidations",
  ids: ["S2"],
  title: "Two pages are replaced at the same time, and a vCPU faults on the first",
  story:
    "While several invalidations are in progress one box holds all their ranges. It grows with each, " +
    "and is only forgotten when none is left.",
  world: {
    programs: [program(ready, times(2, read(DATA), tell, pause), halt)],
    words: { [DATA]: A, [DATA + 4 * PAGE]: A },
  },
  threads: {
    first: (world) => remap(world, DATA),
    second: (world) => remap(world, DATA + 4 * PAGE),
  },
  promises: ["I1", "I2", "I7"],
  own: [reads("the guest reads the old page or the new one", A, 0)],
  variants: [
    {
      breaks: ["BoxNotUnion"],
      expect: "I2",
      why: "the second box replaces the first, whose page is let through",
    },
  ],
};
