/** What can never be stale, though it looks as if it could: no step of L0 is needed for these. */
import { FIELD } from "../../generated/vmx.ts";
import { invept, l1, launch, resume, resumeBehindCall, setField } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld, L2_CODE, leafFor, leafOf } from "../l2-world.ts";
import {
  CODE_BYTES,
  halt,
  pause,
  program,
  read,
  reader,
  ready,
  tell,
  times,
  vmcall,
  write,
} from "../program.ts";
import type { OwnPromise, Scenario } from "../scenario.ts";
import { moveApicPage } from "./apic-page-moves.ts";
import { A, APIC_ID, B, beginVmx, DATA, FLAG, PAGE, reachesApic, reads, tells } from "./common.ts";

const OTHER = DATA + PAGE;
const X = ept12At(0);
/** Code of L1's second guest: what the first does behind INVEPT. */
const AFTER = L2_CODE + CODE_BYTES;

/** Nothing has been flushed since the guests were ready. */
const noFlush: OwnPromise = {
  id: "no-flush",
  text: "nothing is flushed",
  when: "end",
  check: ({ flushes }) => (flushes.length === 0 ? undefined : `${flushes[0]!.site} has flushed`),
};

export const apicPageOfTwo: Scenario = {
  name: "apic-page-moves-under-two-vcpus",
  ids: ["S4", "7.4"],
  title: "The APIC-access page migrates under two vCPUs that share EPT01",
  story:
    "One vCPU may be back in the guest and have mapped the new frame while the other still goes round " +
    "with its reload. The other cannot use that entry: it does not enter before it has the new address.",
  world: { cpus: 2, apic: true, programs: [reader(APIC_ID, 1), reader(APIC_ID, 1)] },
  threads: { notifier: moveApicPage },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["NoRetry"],
      expect: "I3",
      why: "the handler finds the old frame, writes it, and nobody asks again",
    },
  ],
};

export const rightsRaised: Scenario = {
  name: "right-to-write-given",
  ids: ["7.4"],
  title: "L2 writes to a page that it has read before",
  story:
    "With dirty flags in EPT12 a page that is clean is mapped without the right to write. The first " +
    "write faults, and gets the right: what is cached without it can do no harm, and drops itself by " +
    "the fault.",
  world: hypervisorWorld({
    programs: [program(...beginVmx(), launch, resumeBehindCall, halt)],
    guests: [
      {
        code: program(read(DATA), ready, write(DATA, B), read(DATA), tell, vmcall, halt),
        eptp: eptpOf(X, true),
        vpid: 5,
      },
    ],
    ept12s: [{}],
    words: { [DATA]: A },
  }),
  threads: {},
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [tells("L2 reads what it has written", B), noFlush],
  variants: [
    {
      breaks: ["FlushOnRaise"],
      expect: "no-flush",
      why: "L2's tables are flushed for an entry that nobody could use wrongly",
    },
  ],
};

export const staleBeforeInvept: Scenario = {
  name: "ept12-changed-before-invept",
  ids: ["7.4"],
  title: "Another vCPU of L1 changes EPT12 while L2 runs, and no INVEPT has been executed",
  story:
    "Until INVEPT L2 may be led by the old entry or by the new one, as on a processor. What lies behind " +
    "either must be memory of L1's all the same. Behind INVEPT only the new entry counts.",
  world: hypervisorWorld({
    cpus: 2,
    programs: [
      program(
        ...[...beginVmx(), launch, l1.until(FLAG, pause), invept(eptpOf(X))],
        ...[setField(FIELD.guest_rip, AFTER), resume, halt],
      ),
      program(ready, l1.write(leafOf(X, DATA), leafFor(OTHER)), l1.write(FLAG, 1), halt),
    ],
    guests: [
      {
        code: program(read(DATA), ready, times(2, read(DATA), tell, pause), vmcall),
        eptp: eptpOf(X),
        vpid: 5,
      },
      { code: program(read(DATA), tell, halt) },
    ],
    ept12s: [{}],
    words: { [DATA]: A, [OTHER]: B, [FLAG]: 0 },
  }),
  threads: {},
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [
    reads("L2 reads the old page or the new one", A, B),
    {
      id: "new",
      text: "behind INVEPT L2 reads the new page",
      when: "end",
      check: ({ readings }) =>
        readings.at(-1)?.value === B ? undefined : "L2 has read the old page",
    },
  ],
  variants: [
    {
      breaks: ["InveptHardwareOnly"],
      expect: "new",
      why: "EPT02 keeps the old entry",
    },
  ],
};
