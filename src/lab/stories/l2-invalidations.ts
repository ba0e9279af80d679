/** S9, S20, bugs 2, 3, 5, 6, 7, 18: INVEPT and INVVPID of L1, and EPT violations that go to L1. */
import { FIELD } from "../../generated/vmx.ts";
import {
  invept,
  invvpidAddress,
  l1,
  launch,
  resumeBehind,
  resumeBehindCall,
  setField,
} from "../hypervisor-code.ts";
import {
  ept12At,
  eptpOf,
  hypervisorWorld,
  L2_DIRECTORY,
  LINEAR,
  leafFor,
  leafOf,
  pteOf,
} from "../l2-world.ts";
import { halt, program, read, ready, tell, vmcall, write } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, B, beginVmx, DATA, PAGE, tells } from "./common.ts";

const OTHER = DATA + PAGE;
const PRESENT = 3;
const VPID = 7;
const words = { [DATA]: A, [OTHER]: B };
const promises = ["I1", "I2", "I4", "I5", "I7"] as const;
const X = ept12At(0);
const Y = ept12At(1);
const eptp = eptpOf(X);
/** Makes the leaf entry of EPT12 for DATA lead to the other page. */
const repoint = l1.write(leafOf(X, DATA), leafFor(OTHER));
const newEntry = [
  l1.write(pteOf(L2_DIRECTORY), OTHER | PRESENT),
  invvpidAddress(VPID, LINEAR),
  resumeBehindCall,
];
const readLinearTwice = program(read(LINEAR), ready, tell, vmcall, read(LINEAR), tell, vmcall);
const readsNewEntry = tells("L2 reads the page that its tables give at each entry", A, B);

export const invvpidOfL1: Scenario = {
  name: "l1-invvpid",
  ids: ["bug 2", "bug 3", "bug 18"],
  title: "L1 changes its guest's page table and executes INVVPID for the address",
  story:
    "L0 carries it out on the VPID that it has for L2, on the processor where L2's translations are. The " +
    "bug of flushing by EPT context where linear mappings are cached needs an L0 without EPT.",
  world: hypervisorWorld({
    cpus: 2,
    programs: [program(...beginVmx(), launch, ...newEntry, halt)],
    guests: [{ code: readLinearTwice, eptp, vpid: VPID }],
    ept12s: [{}],
    linear: { [L2_DIRECTORY]: [DATA] },
    words,
  }),
  threads: {},
  promises,
  own: [readsNewEntry],
  variants: [
    {
      breaks: ["InvvpidOnVpid01"],
      expect: "value",
      why: "nothing is cached for that address under L1's VPID",
    },
    {
      breaks: ["InvvpidElsewhere"],
      expect: "value",
      why: "what L2 has cached is on the processor where it ran",
    },
    {
      breaks: ["InvvpidByInvept"],
      expect: "nothing",
      why: "with EPT in L0 nothing but combined mappings is cached, which go with the tables of L2",
    },
  ],
};

export const invvpidWithoutEpt12: Scenario = {
  name: "l1-invvpid-without-ept",
  ids: ["bug 6"],
  title: "L1 without EPT of its own executes INVVPID",
  story:
    "An L0 without EPT would have to drop its shadow page tables here. This one has EPT, and flushes the " +
    "VPID of L2 all the same.",
  world: hypervisorWorld({
    programs: [program(...beginVmx(), launch, ...newEntry, halt)],
    guests: [{ code: readLinearTwice, vpid: VPID }],
    linear: { [L2_DIRECTORY]: [DATA] },
    words,
  }),
  threads: {},
  promises,
  own: [readsNewEntry],
  variants: [
    {
      breaks: ["InvvpidIgnored"],
      expect: "value",
      why: "L2 goes on with the translation of its old tables",
    },
  ],
};

export const inveptOfL1: Scenario = {
  name: "l1-invept",
  ids: ["bug 5"],
  title: "L1 changes EPT12 and executes INVEPT",
  story:
    "EPT02 holds what EPT12 said when L2 faulted. INVEPT of L1 concerns that copy as much as what the " +
    "processor has cached from it.",
  world: hypervisorWorld({
    programs: [program(...beginVmx(), launch, repoint, invept(eptp), resumeBehindCall, halt)],
    guests: [
      {
        code: program(read(DATA), ready, tell, vmcall, read(DATA), tell, vmcall),
        eptp,
        vpid: VPID,
      },
    ],
    ept12s: [{}],
    words,
  }),
  threads: {},
  promises,
  own: [tells("L2 reads the page that EPT12 gives behind each INVEPT", A, B)],
  variants: [
    {
      breaks: ["InveptHardwareOnly"],
      expect: "value",
      why: "the processor walks EPT02 anew, which has the old page still",
    },
  ],
};

export const previousRoots: Scenario = {
  name: "l1-invept-of-another-eptp",
  ids: ["S9", "bug 5", "bug 16"],
  title: "L1 executes INVEPT for an EPTP that is not the current one",
  story:
    "L0 keeps the roots that L1 has used before. INVEPT names one of them by the address of its tables: " +
    "the rest of the operand, accessed and dirty flags among it, tells nothing apart. L0 with EPT keeps " +
    "no page roots of L2's, so that bug 16 is this one here.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, setField(FIELD.eptp, eptpOf(Y)), resumeBehindCall],
        ...[repoint, invept(eptpOf(X, true)), setField(FIELD.eptp, eptp), resumeBehindCall, halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[read(DATA), ready, tell, vmcall, read(DATA), tell, vmcall, read(DATA), tell, vmcall],
        ),
        eptp,
        vpid: VPID,
      },
    ],
    ept12s: [{}, {}],
    words,
  }),
  threads: {},
  promises,
  own: [tells("L2 reads the page that EPT12 gives behind each INVEPT", A, A, B)],
  variants: [
    {
      breaks: ["OnlyCurrentRoot"],
      expect: "value",
      why: "the root that was used before still has the old page",
    },
    {
      breaks: ["FullEptpCompare"],
      expect: "value",
      why: "the root was made for an EPTP with other flags than the operand",
    },
  ],
};

const READ_ONLY = 5;
const WRITE_BYTES = write(0, 0).length;
/** L1's answer to the violation: another page, with the right to write, and no INVEPT. */
const copyOnWrite = [repoint, resumeBehind(WRITE_BYTES)];

export const violationOfL1: Scenario = {
  name: "l1-gets-ept-violation",
  ids: ["bug 7"],
  title: "L1 answers an EPT violation with another page and executes no INVEPT",
  story:
    "A violation drops what the processor has cached for its address, so that L1 may go on without " +
    "INVEPT. EPT02 has to forget that address, too.",
  world: hypervisorWorld({
    programs: [program(...beginVmx(), launch, ...copyOnWrite, halt)],
    guests: [
      {
        code: program(read(DATA), tell, ready, write(DATA, 0), read(DATA), tell, vmcall),
        eptp,
        vpid: VPID,
      },
    ],
    ept12s: [{ rights: { [DATA]: READ_ONLY } }],
    words,
  }),
  threads: {},
  promises,
  own: [tells("behind the violation L2 reads the new page", B)],
  variants: [
    {
      breaks: ["NoSyncOnInject"],
      expect: "value",
      why: "a read is still allowed by the entry for the old page",
    },
  ],
};

export const siblingRoots: Scenario = {
  name: "l1-gets-ept-violation-with-sibling",
  ids: ["S20"],
  title: "The same with a second EPTP for the same tables",
  story:
    "Two EPTPs of L1 that differ in the use of accessed and dirty flags have one EP4TA, and a root of L0 " +
    "for each. The violation under one of them concerns the other as well.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, setField(FIELD.eptp, eptpOf(X, true)), resumeBehindCall],
        ...[setField(FIELD.eptp, eptp), resumeBehindCall],
        // The violation.
        ...[repoint, setField(FIELD.eptp, eptpOf(X, true)), resumeBehind(WRITE_BYTES), halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[read(DATA), vmcall, read(DATA), ready, vmcall],
          ...[write(DATA, 0), read(DATA), tell, vmcall],
        ),
        eptp,
        vpid: VPID,
      },
    ],
    ept12s: [{ rights: { [DATA]: READ_ONLY } }],
    words,
  }),
  threads: {},
  promises,
  own: [tells("behind the violation L2 reads the new page", B)],
  variants: [
    {
      breaks: ["NoInvalidateOnInject"],
      expect: "value",
      why: "the other root still has the entry for the old page",
    },
  ],
};
