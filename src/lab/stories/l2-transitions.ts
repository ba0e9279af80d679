/** S7, S19, bugs 1, 13, 14, 15, 17, 19: VPIDs of L2, and flushes that a nested switch must not lose. */
import { FIELD } from "../../generated/vmx.ts";
import type { Vcpu } from "../../l0/vcpu.ts";
import {
  l1,
  launch,
  resume,
  resumeBehindCall,
  resumeBehindExit,
  setField,
  tellReason,
  vmxoff,
} from "../hypervisor-code.ts";
import {
  ept12At,
  eptpOf,
  hypervisorWorld,
  L2_DIRECTORY,
  L2_DIRECTORY_2,
  LINEAR,
  pteOf,
} from "../l2-world.ts";
import { type Code, halt, pause, program, read, ready, tell, vmcall, write } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, B, beginVmx, DATA, FLAG, PAGE, reads, takeOff, tells, waitFor } from "./common.ts";

const OTHER = DATA + PAGE;
const PRESENT = 3;
const words = { [DATA]: A, [OTHER]: B };
const eptp = eptpOf(ept12At(0));
/** L2 reads and tells, L1 does something, L2 reads and tells again. */
const readTwice = program(read(LINEAR), ready, tell, vmcall, read(LINEAR), tell, vmcall);
/** Two directories of L2 that lead to two pages. */
const twoDirectories = { [L2_DIRECTORY]: [DATA], [L2_DIRECTORY_2]: [OTHER] };

export const noVpids: Scenario = {
  name: "l2-without-vpid",
  ids: ["S19", "bug 1"],
  title: "L1 changes its guest's page table; it uses no VPIDs for it",
  story:
    "Without VPIDs each VM entry and exit drops what the guest's tables gave. L0 runs L2 under L1's own " +
    "VPID and flushes that at each nested switch, so that L2 sees the entry that L1 has written.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, l1.write(pteOf(L2_DIRECTORY), OTHER | PRESENT)],
        ...[resumeBehindCall, halt],
      ),
    ],
    guests: [{ code: readTwice, eptp }],
    ept12s: [{}],
    linear: { [L2_DIRECTORY]: [DATA] },
    words,
  }),
  threads: {},
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [tells("L2 reads the page that its tables give at each entry", A, B)],
  variants: [
    {
      breaks: ["NoTransitionFlush"],
      expect: "value",
      why: "L2 goes on with the translation of its old tables",
    },
    {
      breaks: ["FlushOldContext"],
      expect: "value",
      why: "what L2 has cached is tagged by its own tables, not by those of L1",
    },
  ],
};

export const newVpid: Scenario = {
  name: "l2-with-another-vpid",
  ids: ["S19", "bug 15"],
  title: "L1 gives another VPID to another address space of L2",
  story:
    "One VPID of L0's stands for all VPIDs of L1: when another one of those is used it must be as empty " +
    "as that would be on a processor.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, setField(FIELD.vpid, 2)],
        ...[setField(FIELD.guest_cr3, L2_DIRECTORY_2), resumeBehindCall, halt],
      ),
    ],
    guests: [{ code: readTwice, eptp, vpid: 1 }],
    ept12s: [{}],
    linear: twoDirectories,
    words,
  }),
  threads: {},
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [tells("under each VPID L2 reads its own page", A, B)],
  variants: [
    {
      breaks: ["CompareOnlyNonzero"],
      expect: "value",
      why: "L2 under the second VPID uses what it has cached under the first",
    },
  ],
};

const MSR_LIST = 0x26000;
/** FS base, which no list may load. */
const FORBIDDEN_MSR = 0xc0000100;

export const failedEntry: Scenario = {
  name: "failed-entry-with-another-vpid",
  ids: ["bug 19"],
  title: "An entry with another VPID fails, and is made again",
  story:
    "The flush that another VPID brings is asked for before L1's MSR list is loaded. When that fails, " +
    "it must be carried out all the same: the next entry finds the VPID to be the one of the last.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, setField(FIELD.vpid, 2)],
        ...[setField(FIELD.guest_cr3, L2_DIRECTORY_2), setField(FIELD.vmentry_msr_load_count, 1)],
        ...[resumeBehindCall, setField(FIELD.vmentry_msr_load_count, 0), resume, halt],
      ),
    ],
    guests: [
      { code: readTwice, eptp, vpid: 1, fields: { [FIELD.vmentry_msr_load_addr]: MSR_LIST } },
    ],
    ept12s: [{}],
    linear: twoDirectories,
    words: { ...words, [MSR_LIST]: FORBIDDEN_MSR },
  }),
  threads: {},
  promises: ["I1", "I2", "I5", "I7"],
  own: [tells("under each VPID L2 reads its own page", A, B)],
  variants: [
    {
      breaks: ["LoseFlushOnFailedEntry"],
      expect: "lost-request",
      why: "L1's VPID is flushed in place of L2's",
    },
  ],
};

/** L2 reads a page, gives its linear address to another one, and makes the processor forget the old. */
const CR4_SMEP = 0x100000;
const setSmep: Code = [
  ...[0x0f, 0x20, 0xe0],
  ...[0x66, 0x0d, 0, 0, (CR4_SMEP >>> 16) & 0xff, 0],
  ...[0x0f, 0x22, 0xe0],
];
const changeOwnTables = [
  read(LINEAR),
  write(pteOf(L2_DIRECTORY), OTHER | PRESENT),
  ready,
  setSmep,
  read(LINEAR),
  tell,
];

export const flushOfL2: Scenario = {
  name: "l2-writes-cr4",
  ids: ["bug 13"],
  title: "L2 writes CR4 and so flushes its own translations",
  story: "L0 carries out the write for L2, and the flush that belongs to it: under the VPID of L2.",
  world: hypervisorWorld({
    programs: [program(...beginVmx(), launch, halt)],
    guests: [{ code: program(...changeOwnTables, vmcall), eptp, vpid: 1 }],
    ept12s: [{}],
    linear: { [L2_DIRECTORY]: [DATA] },
    words,
  }),
  threads: {},
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [tells("L2 reads the page of its new entry", B)],
  variants: [
    {
      breaks: ["GuestFlushOnVpid01"],
      expect: "value",
      why: "L1's VPID is flushed, and L2 goes on with its old entry",
    },
  ],
};

const EXTERNAL_INTERRUPTS = 1;
const DEFAULT_PIN = 0x16;

export const flushBeforeNestedExit: Scenario = {
  name: "l2-writes-cr4-before-interrupt",
  ids: ["S7", "bug 14"],
  title: "An interrupt takes L2 out to L1 with a flush of L2's waiting",
  story:
    "L2 writes CR4, and L0 is to flush its translations before the next entry. An interrupt comes first: " +
    "L2 exits to L1. What waits is carried out before, for a flush names the context in use.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, tellReason, l1.until(FLAG, pause)],
        ...[resumeBehindExit, halt],
      ),
    ],
    guests: [
      {
        code: program(...changeOwnTables, vmcall, halt),
        eptp,
        vpid: 1,
        fields: { [FIELD.pin_based_controls]: DEFAULT_PIN | EXTERNAL_INTERRUPTS },
      },
    ],
    ept12s: [{}],
    linear: { [L2_DIRECTORY]: [DATA] },
    words: { ...words, [FLAG]: 0 },
  }),
  threads: {
    *device(world) {
      const vcpu = world.l0.vcpus[0]!;
      yield "INTR";
      vcpu.setIntr(true);
      yield* waitFor("L1 to be told", () => world.readings.some(({ level }) => level === 1));
      vcpu.setIntr(false);
      world.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I5", "I7"],
  own: [reads("L2 reads the page of its new entry, L1 an exit's reason", B, 1, 18)],
  variants: [
    {
      breaks: ["ServeLate"],
      expect: "lost-request",
      why: "L1's VPID is flushed in place of L2's",
    },
    {
      breaks: ["DropOnSwitch"],
      expect: "lost-request",
      why: "L1 is entered, and nothing was flushed for L2",
    },
    {
      breaks: ["EscalateToAll"],
      expect: "nothing",
      why: "everything of the processor goes, L2's translations with it: it only costs more",
    },
  ],
};

export const recycledVpid: Scenario = {
  name: "vpid-of-another-vcpu",
  ids: ["bug 17"],
  title: "L2 gets a VPID of L0's that another vCPU has used meanwhile",
  story:
    "VMXOFF gives the VPID back that L0 has for L2, VMXON takes one again. What the other vCPU's guest " +
    "has left under it on the processor must go, though L1's own number for it is the same as before.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, vmxoff, ready],
        ...[...beginVmx(), resumeBehindCall, halt],
      ),
      program(ready, ...beginVmx(1, 1), launch, vmxoff, halt),
    ],
    guests: [
      { code: program(read(LINEAR), vmcall, read(LINEAR), tell, vmcall), vpid: 5 },
      { code: program(read(LINEAR), tell, vmcall), vpid: 5, cr3: L2_DIRECTORY_2, vcpu: 1 },
    ],
    linear: twoDirectories,
    words,
  }),
  threads: {
    *host(world) {
      const [first, second] = world.l0.vcpus as [Vcpu, Vcpu];
      world.putOn(second);
      yield* waitFor("the end of vCPU 1", () => world.isFinished(second));
      yield* takeOff(world, 1);
      world.putOn(first);
    },
  },
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [
    {
      id: "value",
      text: "the guest of each vCPU reads its own page",
      when: "step",
      check: ({ readings }) => {
        const wrong = readings.find(({ vcpu, value }) => value !== (vcpu === 0 ? A : B));
        return wrong && `the guest of vCPU ${wrong.vcpu} has read 0x${wrong.value.toString(16)}`;
      },
    },
  ],
  variants: [
    {
      breaks: ["KeepLastVpid"],
      expect: "value",
      why: "the guest uses the translation of the other vCPU's",
    },
  ],
};
