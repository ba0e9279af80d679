/** Bug 20: userspace gives the vCPU another CR3. */
import { CODE, halt, pause, program, read, ready, tell, until } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { paged } from "../start-states.ts";
import type { World } from "../world.ts";
import { A, B, FLAG, reads } from "./common.ts";

/** Page directories: the first 4 MiB as they are, the next 4 MiB by a table of each one's own. */
const FIRST = 0x30000;
const SECOND = 0x31000;
const TABLE_OF = { [FIRST]: 0x32000, [SECOND]: 0x33000 } as const;
const PAGE_OF = { [FIRST]: 0x34000, [SECOND]: 0x35000 } as const;
/** Linear address that the two directories lead to different pages. */
const LINEAR = 0x400000;
const PRESENT = 3;
const LARGE = 0x83;
/** Code that runs with the second directory, behind the first part. */
const BEHIND = CODE + 0x80;

function* setCr3({ l0 }: World) {
  const vcpu = l0.vcpus[0]!;
  yield "KVM_SET_SREGS";
  vcpu.start = paged(BEHIND, SECOND);
  vcpu.kick();
}

export const userspaceSetsCr3: Scenario = {
  name: "userspace-sets-cr3",
  ids: ["bug 20"],
  title: "Userspace sets another CR3 by KVM_SET_SREGS",
  story:
    "L1 does not execute MOV to CR3, so its processor flushes nothing: L0 flushes what was cached under " +
    "the vCPU's VPID. The same linear address must then lead where the new tables say.",
  world: {
    programs: [program(read(LINEAR), ready, until(FLAG, pause), halt)],
    words: {
      [FIRST]: LARGE,
      [FIRST + 4]: TABLE_OF[FIRST] | PRESENT,
      [TABLE_OF[FIRST]]: PAGE_OF[FIRST] | PRESENT,
      [PAGE_OF[FIRST]]: A,
      [SECOND]: LARGE,
      [SECOND + 4]: TABLE_OF[SECOND] | PRESENT,
      [TABLE_OF[SECOND]]: PAGE_OF[SECOND] | PRESENT,
      [PAGE_OF[SECOND]]: B,
      [FLAG]: 0,
    },
    start: (code) => paged(code, FIRST),
    prepare: ({ l0 }) => {
      l0.memory.write(BEHIND, Uint8Array.from(program(read(LINEAR), tell, halt)));
    },
  },
  threads: { userspace: setCr3 },
  promises: ["I1", "I2", "I7"],
  own: [
    reads("the guest reads the page of its new tables", B),
    {
      id: "told",
      text: "the guest goes on with the new tables",
      when: "end",
      check: ({ readings }) => (readings.length === 1 ? undefined : "the guest has read nothing"),
    },
  ],
  variants: [
    {
      breaks: ["NoFlushOnSetSregs"],
      expect: "value",
      why: "the translation of the old tables is still cached under the vCPU's VPID",
    },
  ],
};
