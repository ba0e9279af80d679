/** S16, bug 25 and what belongs to them: L1 writes to the tables of EPT12, and EPT02 follows. */
import { invept, l1, launch, resumeBehindCall } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld, leafFor, leafOf, pdeOf } from "../l2-world.ts";
import { type Code, halt, pause, program, read, ready, tell, vmcall } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, B, beginVmx, DATA, FLAG, PAGE, tells } from "./common.ts";

const OTHER = DATA + PAGE;
const C = 0xcccc_cccc;
const THIRD = DATA + 2 * PAGE;
const X = ept12At(0);
const eptp = eptpOf(X);
const vpid = 5;
const ALL = 7;
/** L2's memory behind its first 2 MiB, and the tables that L1 has for it. */
const HIGH = 0x200000;
const TABLE = 0x60000;
const TABLE_2 = 0x61000;
const promises = ["I1", "I2", "I4", "I5", "I7"] as const;
const words = { [DATA]: A, [OTHER]: B, [THIRD]: C };
/** HIGH is DATA by one table, and OTHER by the other. */
const highWords = {
  ...words,
  [pdeOf(X, HIGH)]: TABLE + ALL,
  [TABLE]: leafFor(DATA),
  [TABLE_2]: leafFor(OTHER),
};
const lead = (page: number) => l1.write(leafOf(X, DATA), leafFor(page));
const readAndTell = (gpa: number): Code => [...read(gpa), ...tell];

export const unsyncMark: Scenario = {
  name: "unsync-mark-and-right-to-write",
  ids: ["S16"],
  title: "Two vCPUs of L1 write to one table of EPT12 for the first time",
  story:
    "The first write faults: L0 marks its copy of the table as out of step, and grants the right to " +
    "write. Whoever can write has to find the mark, when INVEPT asks what is to be compared.",
  world: hypervisorWorld({
    cpus: 2,
    // L1 comes from its write to its VMRESUME in one stay.
    sliceTicks: 6000,
    programs: [
      program(...beginVmx(), launch, ready, lead(OTHER), invept(eptp), resumeBehindCall, halt),
      program(ready, l1.write(leafOf(X, THIRD), leafFor(THIRD)), halt),
    ],
    guests: [{ code: program(read(DATA), vmcall, read(DATA), tell, vmcall), eptp, vpid }],
    ept12s: [{}],
    words,
  }),
  threads: {},
  promises,
  own: [tells("behind INVEPT L2 reads the new page", B)],
  variants: [
    {
      breaks: ["NoUnsyncBarrier"],
      expect: "value",
      why: "the other vCPU writes by the right that is there already, and finds no mark at its INVEPT",
    },
    {
      breaks: ["NoSync"],
      expect: "value",
      why: "the table is marked, and nobody compares it",
    },
  ],
};

export const syncBehindProtection: Scenario = {
  name: "table-synced-twice",
  ids: ["S16"],
  title: "L1 writes to a table of EPT12 again when it has been compared",
  story:
    "L0 compares the table behind its write protection, so that the next write of L1 faults and marks it " +
    "anew.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, lead(OTHER), invept(eptp), resumeBehindCall],
        ...[lead(THIRD), invept(eptp), resumeBehindCall, halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[ready, readAndTell(DATA), vmcall, readAndTell(DATA), vmcall],
          ...[readAndTell(DATA), vmcall],
        ),
        eptp,
        vpid,
      },
    ],
    ept12s: [{}],
    words,
  }),
  threads: {},
  promises,
  own: [tells("L2 reads the page that EPT12 gives behind each INVEPT", A, B, C)],
  variants: [
    {
      breaks: ["SyncWithoutProtect"],
      expect: "value",
      why: "the second write does not fault, and leaves no mark",
    },
    {
      breaks: ["NoSync"],
      expect: "value",
      why: "nobody compares the table",
    },
  ],
};

const readHighTwice = program(ready, readAndTell(HIGH), vmcall, readAndTell(HIGH), vmcall);

export const upperTable: Scenario = {
  name: "upper-table-of-ept12-changed",
  ids: ["S9"],
  title: "L1 lets an entry of an upper table of EPT12 lead to another table",
  story:
    "Upper tables stay write-protected: L0 carries each write out and lets go of what hangs below the " +
    "old entry.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, l1.write(pdeOf(X, HIGH), TABLE_2 + ALL), invept(eptp)],
        ...[resumeBehindCall, halt],
      ),
    ],
    guests: [{ code: readHighTwice, eptp, vpid }],
    ept12s: [{}],
    words: highWords,
  }),
  threads: {},
  promises,
  own: [tells("L2 reads the page that EPT12 gives behind each INVEPT", A, B)],
  variants: [
    {
      breaks: ["NoWriteProtect"],
      expect: "value",
      why: "EPT02 follows the old table still: only leaf tables are compared",
    },
  ],
};

export const tableLinkedAgain: Scenario = {
  name: "table-of-ept12-linked-again",
  ids: ["bug 25"],
  title: "L1 changes a table of EPT12 that nothing leads to, and links it",
  story:
    "What was absent is not cached, so that L1 flushes nothing when it links the table. L0 finds the copy " +
    "that it has of it, and has to compare all of it before L2 can come to it: the fault that links it " +
    "puts one entry right, not the others.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, l1.write(pdeOf(X, HIGH), 0), invept(eptp)],
        ...[l1.write(TABLE + 8, leafFor(OTHER)), l1.write(pdeOf(X, HIGH), TABLE + ALL)],
        ...[resumeBehindCall, halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[ready, readAndTell(HIGH + PAGE), vmcall],
          ...[read(HIGH), readAndTell(HIGH + PAGE), vmcall],
        ),
        eptp,
        vpid,
      },
    ],
    ept12s: [{}],
    words: { ...highWords, [TABLE + 8]: leafFor(DATA) },
  }),
  threads: {},
  promises,
  own: [tells("L2 reads the page that the table has when it is linked", A, B)],
  variants: [
    {
      breaks: ["NoSyncBeforeLink"],
      expect: "value",
      why: "L2 comes to the copy as it was before",
    },
  ],
};

export const changedDuringFault: Scenario = {
  name: "ept12-changed-during-fault",
  ids: ["S16"],
  title: "Another vCPU changes an upper table of EPT12 while L2 faults through it",
  story:
    "The fault has walked EPT12, and maps some steps later. An entry that has changed meanwhile must not " +
    "be followed: L0 has seen that write, and will not look at the entry again.",
  world: hypervisorWorld({
    cpus: 2,
    programs: [
      program(
        ...[...beginVmx(), launch, l1.until(FLAG, pause), invept(eptp)],
        ...[resumeBehindCall, halt],
      ),
      program(ready, l1.write(pdeOf(X, HIGH), TABLE_2 + ALL), l1.write(FLAG, 1), halt),
    ],
    guests: [{ code: readHighTwice, eptp, vpid }],
    ept12s: [{}],
    words: { ...highWords, [FLAG]: 0 },
  }),
  threads: {},
  promises,
  own: [
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
      breaks: ["NoGpteRecheck"],
      expect: "new",
      why: "the fault links the old table behind the write that should have taken it away",
    },
  ],
};
