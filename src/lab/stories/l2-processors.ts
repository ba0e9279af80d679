/** S6b, S6c: a vCPU with translations of L1 and of L2 changes its processor. */
import { l1, launch, resumeBehindCall } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld } from "../l2-world.ts";
import { halt, pause, program, read, ready, tell, vmcall } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";
import { A, beginVmx, DATA, FLAG, moveTo, reads, remap } from "./common.ts";

/** L1 and L2 have read the page; L1 waits for the word, then enters L2 again. */
const world = hypervisorWorld({
  cpus: 2,
  programs: [
    program(
      ...[...beginVmx(), launch, l1.read(DATA), ready, l1.until(FLAG, pause)],
      ...[resumeBehindCall, l1.read(DATA), l1.tell, halt],
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
  words: { [DATA]: A, [FLAG]: 0 },
});
const oldOrNew = reads("L1 and L2 read the old page or the new one", A, 0);

export const l2LeftBehind: Scenario = {
  name: "l2-left-behind-on-processor",
  ids: ["S6b"],
  title: "A vCPU in L1 goes to another processor and comes back, and enters L2 then",
  story:
    "The page is replaced while the vCPU is away. The processor to which it comes back has L2's old " +
    "translation as well as L1's: all contexts are flushed there, not only the one in use.",
  world,
  threads: {
    *scheduler(made: World) {
      yield* moveTo(made, 1);
      yield* remap(made, DATA);
      yield* moveTo(made, 0);
      yield "the end of L1's loop";
      made.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["SingleContextOnMigrate"],
      expect: "stale-use",
      why: "only L1's tables are flushed, and L2 goes on with its old translation",
    },
    {
      breaks: ["NoFlushOnMigrate"],
      expect: "stale-use",
      why: "nothing is flushed where the vCPU comes back to",
    },
    {
      breaks: ["TrackVcpuNotVmcs"],
      expect: "nothing",
      why: "L1's VMCS has brought a flush of all contexts, which serves L2's",
    },
  ],
};

export const vmcs02OnOtherProcessor: Scenario = {
  name: "vmcs02-on-another-processor",
  ids: ["S6c"],
  title: "A vCPU goes to another processor in L1, and enters L2 there",
  story:
    "vmcs02 was last loaded where the vCPU came from. Each VMCS knows its processor for itself: it is " +
    "cleared there, and all contexts are flushed, when it is loaded on this one.",
  world,
  threads: {
    *scheduler(made: World) {
      yield* moveTo(made, 1);
      yield* remap(made, DATA);
      yield "the end of L1's loop";
      made.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I6", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["TrackVcpuNotVmcs"],
      expect: "progress",
      why: "vmcs02 stays in the first processor, and the second finds one that was never launched",
    },
    {
      breaks: ["SingleContextOnMigrate"],
      expect: "I6",
      why: "what other contexts have left on the new processor stays",
    },
  ],
};
