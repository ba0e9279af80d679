/** Bug 22: a fault puts another frame into an entry of EPT02 that others have cached. */
import { l1, launch, resumeBehindCall } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld, leafFor, leafOf } from "../l2-world.ts";
import { halt, pause, program, read, ready, tell, until, vmcall, write } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, B, beginVmx, DATA, FLAG, PAGE, remap, waitFor } from "./common.ts";

/** L2's address, the pages of L1 behind it first and then, and what L2 writes there. */
const SHOWN = DATA;
const FIRST = DATA + PAGE;
const SECOND = DATA + 2 * PAGE;
const WRITTEN = 0xcccc_cccc;
const READ_ONLY = 1;
const ROOT = ept12At(0);
const eptp = eptpOf(ROOT);

export const entryReplaced: Scenario = {
  name: "entry-replaced-by-fault",
  ids: ["bug 22"],
  title: "A fault of L2 replaces an entry of EPT02, and the old page is taken away",
  story:
    "Two vCPUs run L2 by one EPT of L1's. L1 lets an entry lead to another page; the write of one vCPU " +
    "faults, and L0 puts the new page into the table of EPT02 that both share. When the host takes the old " +
    "page, no entry leads to it any more: what the other vCPU has cached must have been flushed before.",
  world: hypervisorWorld({
    cpus: 2,
    programs: [
      program(
        ...[...beginVmx(0), launch, l1.write(leafOf(ROOT, SHOWN), leafFor(SECOND))],
        ...[resumeBehindCall, halt],
      ),
      program(...[...beginVmx(1, 1), launch, halt]),
    ],
    guests: [
      {
        code: program(read(SHOWN), ready, vmcall, write(SHOWN, WRITTEN), read(SHOWN), tell, vmcall),
        eptp,
        vpid: 5,
      },
      {
        code: program(read(SHOWN), ready, until(FLAG, pause), read(SHOWN), tell, vmcall),
        eptp,
        vpid: 6,
      },
    ],
    ept12s: [{ pages: { [SHOWN]: FIRST }, rights: { [SHOWN]: READ_ONLY } }],
    words: { [FIRST]: A, [SECOND]: B, [FLAG]: 0 },
  }),
  threads: {
    *notifier(world) {
      yield* waitFor("the write of L2", () => world.readings.some(({ vcpu }) => vcpu === 0));
      yield* remap(world, FIRST);
      world.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [
    {
      id: "value",
      text: "both vCPUs read what was written to the new page",
      when: "step",
      check: ({ readings }) => {
        const last = readings.at(-1);
        if (last === undefined || last.value === WRITTEN) return undefined;
        return `vCPU ${last.vcpu} has read 0x${last.value.toString(16)}`;
      },
    },
  ],
  variants: [
    {
      breaks: ["NoFlushOnReplace"],
      expect: "stale-use",
      why: "the other vCPU goes on with the page that the host has given away",
    },
  ],
};
