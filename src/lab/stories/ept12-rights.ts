/** What L1 sees of L2's accesses: rights, dirty flags, addresses of faults. */
import { FIELD } from "../../generated/vmx.ts";
import { getField, l1, launch, resumeBehindCall, tellReason } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld, leafFor, leafOf, pdeOf } from "../l2-world.ts";
import { type Code, halt, program, read, ready, vmcall, word, write } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, B, beginVmx, DATA, PAGE, tells } from "./common.ts";

const X = ept12At(0);
const vpid = 5;
const HIGH = 0x200000;
const TABLE = 0x60000;
const READ_ONLY = 5;
const EPT_VIOLATION = 48;
const ACCESSED = 0x100;
const DIRTY = 0x200;
const promises = ["I1", "I2", "I4", "I5", "I7"] as const;

export const rightsAccumulate: Scenario = {
  name: "right-denied-by-upper-table",
  ids: ["3.9"],
  title: "An upper table of EPT12 denies what the leaf entry allows",
  story:
    "Rights of all entries on the way count together. L1 is told of the write that it has denied.",
  world: hypervisorWorld({
    programs: [program(...beginVmx(), launch, tellReason, halt)],
    guests: [{ code: program(read(HIGH), ready, write(HIGH, B), vmcall), eptp: eptpOf(X), vpid }],
    ept12s: [{}],
    words: { [DATA]: A, [pdeOf(X, HIGH)]: TABLE + READ_ONLY, [TABLE]: leafFor(DATA) },
  }),
  threads: {},
  promises,
  own: [tells("L2 exits with an EPT violation", EPT_VIOLATION)],
  variants: [
    {
      breaks: ["NoAccessAccumulation"],
      expect: "value",
      why: "L2 writes by the right of the leaf entry, and its next exit is another one",
    },
  ],
};

export const dirtyFlag: Scenario = {
  name: "dirty-flag-of-ept12",
  ids: ["3.9"],
  title: "L2 writes to a page that it has read, and L1 looks for the dirty flag",
  story:
    "L0 sets the flags of EPT12, for which it has to see the first write: a clean page is mapped without " +
    "the right to write.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, l1.read(leafOf(X, DATA)), l1.tell],
        ...[resumeBehindCall, l1.read(leafOf(X, DATA)), l1.tell, halt],
      ),
    ],
    guests: [
      {
        code: program(ready, read(DATA), vmcall, write(DATA, B), vmcall),
        eptp: eptpOf(X, true),
        vpid,
      },
    ],
    ept12s: [{}],
    words: { [DATA]: A },
  }),
  threads: {},
  promises,
  own: [
    tells(
      "the entry of EPT12 has the accessed flag behind the read, the dirty flag behind the write",
      leafFor(DATA) | ACCESSED,
      leafFor(DATA) | ACCESSED | DIRTY,
    ),
  ],
  variants: [
    {
      breaks: ["NoProtectClean"],
      expect: "value",
      why: "the write does not fault, and L1 does not learn that the page has changed",
    },
  ],
};

/** MOV ESI, from; MOV EDI, to; MOVSD. */
const copyWord = (from: number, to: number): Code => [
  ...[0x66, 0xbe, ...word(from)],
  ...[0x66, 0xbf, ...word(to)],
  ...[0x67, 0x66, 0xa5],
];
/** L1 has nothing there. */
const NOWHERE = 0x3000000;

export const addressOfFault: Scenario = {
  name: "fault-of-an-emulated-instruction",
  ids: ["3.9"],
  title: "L0 emulates an instruction of L2 whose second operand EPT12 does not map",
  story:
    "L2 copies from a device to memory. The processor has exited for the first address, and L0 finds " +
    "that the second one is L1's to answer: that is the one L1 is told.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, tellReason],
        ...[getField(FIELD.guest_physical_address), l1.tell, halt],
      ),
    ],
    guests: [
      {
        code: program(ready, copyWord(DATA, DATA + PAGE), vmcall),
        eptp: eptpOf(X),
        vpid,
      },
    ],
    ept12s: [{ pages: { [DATA]: NOWHERE, [DATA + PAGE]: 0 } }],
  }),
  threads: {},
  promises,
  own: [tells("L1 is told of a violation at the second address", EPT_VIOLATION, DATA + PAGE)],
  variants: [
    {
      breaks: ["GpaBeforeVmexit"],
      expect: "value",
      why: "vmcs02 still has the address for which the processor has exited",
    },
  ],
};
