/** S3 and bug 4: one page is cached for L1 and for L2, by different tables, and is taken away. */
import { l1, launch, resumeBehindCall } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld } from "../l2-world.ts";
import { halt, pause, program, read, ready, tell, times, vmcall } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, beginVmx, DATA, reads, remap } from "./common.ts";

const oldOrNew = reads("L1 and L2 read the old page or the new one", A, 0);

export const flushWhileL2Runs: Scenario = {
  name: "page-of-both-while-l2-runs",
  ids: ["S3", "bug 4"],
  title: "A page that L1 and L2 have cached is replaced while L2 runs",
  story:
    "EPT01 and EPT02 both map the page, and the processor has cached both translations. A flush of the " +
    "tables in use reaches L2's; L1 finds its own when L2 exits to it.",
  world: hypervisorWorld({
    programs: [
      program(
        // The first load of vmcs02 brings a flush of everything: L1 reads behind it.
        ...[...beginVmx(), launch, l1.read(DATA), resumeBehindCall],
        ...[l1.read(DATA), l1.tell, resumeBehindCall, halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[vmcall, read(DATA), ready, times(2, read(DATA), tell, pause)],
          ...[vmcall, read(DATA), tell, vmcall],
        ),
        eptp: eptpOf(ept12At(0)),
        vpid: 5,
      },
    ],
    ept12s: [{}],
    words: { [DATA]: A },
  }),
  threads: { notifier: (world) => remap(world, DATA) },
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["FlushCurrentOnly"],
      expect: "stale-use",
      why: "only EPT02 is flushed, and L1 goes on with what it had cached by EPT01",
    },
    {
      breaks: ["NotifierSkipsShadow"],
      expect: "I2",
      why: "EPT02 still maps the page, which is free",
    },
  ],
};

export const flushWhileL1Runs: Scenario = {
  name: "page-of-both-while-l1-runs",
  ids: ["S3", "bug 4"],
  title: "A page that L1 and L2 have cached is replaced while L1 runs",
  story: "The same the other way round: what L2 had cached by EPT02 waits for its next entry.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, l1.read(DATA), ready],
        ...[l1.read(DATA), l1.tell, pause, l1.read(DATA), l1.tell, pause],
        ...[resumeBehindCall, halt],
      ),
    ],
    guests: [
      {
        code: program(read(DATA), vmcall, read(DATA), tell, vmcall),
        eptp: eptpOf(ept12At(0)),
        vpid: 5,
      },
    ],
    ept12s: [{}],
    words: { [DATA]: A },
  }),
  threads: { notifier: (world) => remap(world, DATA) },
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["FlushCurrentOnly"],
      expect: "stale-use",
      why: "only EPT01 is flushed, and L2 goes on with what it had cached by EPT02",
    },
  ],
};
