/**
 * The cost model: what happens to translations, one row an event, and what each takes on one kind of
 * machine, one column a preset. A column holds figures of one machine, or none where nobody has
 * published one: figures of different machines and years do not add up, so no column borrows.
 *
 * Keys of sources:
 *   L1 Hansen, "x86: mm: set TLB flush tunable to sane value (33)", linux-mm, February and July 2014
 *   L3 Hansen, "x86 TLB flushing: INVPCID vs. deferred CR3 write", LKML, December 2017
 *   L4 Lutomirski, "If INVPCID is available, use it to flush global mappings", LKML, January 2016
 *   M1 Mynavi News, analysis of Haswell, part 2, page "D-TLB Size", June 2013 (measured)
 *   O1 Intel's optimization manual, Skylake client, as rendered in Chinese
 *   X1 Agesen and others, "Software Techniques for Avoiding Hardware Virtualization Exits", 2012
 *   X3 Linux commit b7ffc44d5b2e, figures of vmexit of kvm-unit-tests
 */
import { FLUSH_OPERATIONS } from "./flush-operations.ts";

/** Where the lines of paging structures are taken to lie: there is no model of data caches. */
export const REFERENCE_LEVELS = ["L1", "L2", "L3", "memory"] as const;
export type ReferenceLevel = (typeof REFERENCE_LEVELS)[number];

const event = <N extends string>(name: N, title: string) => ({ name, title });

/** Instructions and operations that invalidate, of which a figure is known or may be given. */
const FLUSHES = FLUSH_OPERATIONS.filter(({ name }) =>
  /^(?:INVLPG|INVPCID|INVVPID|INVEPT|MOV_CR|TASK_SWITCH|EPTP_SWITCH)/.test(name),
);

/** What is billed. Invalidations have the names of src/tables/flush-operations.ts. */
export const COST_EVENTS = [
  event("second-level-hit", "first-level miss, hit in the second level"),
  event("data-walk", "walk for a load or store, besides its references"),
  event("fetch-walk", "walk for a fetch, besides its references"),
  event("guest-reference", "entry of the guest's tables read by a walk"),
  event("ept-reference", "entry of the EPT read by a walk"),
  ...FLUSHES,
  event("vm-entry", "VM entry"),
  event("vm-exit", "VM exit"),
] as const;
export type CostEventName = (typeof COST_EVENTS)[number]["name"];

export interface CostCell {
  readonly cycles: number;
  /** Who says so; what has been assumed. */
  readonly source: string;
  /** False for figures that nobody has measured in public, or that were computed from others. */
  readonly measured: boolean;
}

export interface CostPreset {
  readonly name: string;
  readonly note: string;
  /** A reference of a walk, by where the entry is found; undefined: it is part of the walk. */
  readonly references: Readonly<Partial<Record<ReferenceLevel, CostCell>>> | undefined;
  /** The level that is taken unless the user names another. */
  readonly level: ReferenceLevel;
  readonly cells: Readonly<Partial<Record<CostEventName, CostCell>>>;
}

const measured = (cycles: number, source: string): CostCell => ({ cycles, source, measured: true });
const assumed = (cycles: number, source: string): CostCell => ({ cycles, source, measured: false });

/** Cells of several events that cost the same. */
function alike<N extends CostEventName>(names: readonly N[], cell: CostCell): Record<N, CostCell> {
  return Object.fromEntries(names.map((name) => [name, cell])) as Record<N, CostCell>;
}

const WALKS = ["data-walk", "fetch-walk"] as const;
const WITHIN_WALK = "part of the walk as measured";

export const COST_PRESETS: readonly CostPreset[] = [
  {
    name: "default",
    note:
      "round figures of a recent Intel server, most of them estimates: for comparing runs with each " +
      "other, not for predicting a machine",
    level: "L2",
    references: {
      L1: assumed(5, "estimate: hit in the first-level data cache"),
      L2: assumed(13, "estimate: hit in the second-level cache"),
      L3: assumed(44, "O1, of Skylake"),
      memory: assumed(220, "estimate: main memory"),
    },
    cells: {
      "second-level-hit": assumed(9, "estimate, of Skylake"),
      ...alike(WALKS, assumed(7, "estimate: start of a walk")),
      INVLPG: assumed(260, "L1: 22,000 cycles are 85 INVLPGs"),
      MOV_CR3: assumed(100, "boot-time timings of Linux, 2014: 96 cycles"),
      INVPCID_ADDRESS: assumed(350, "L3, of Skylake"),
      INVPCID_CONTEXT: assumed(350, "estimate: as for one address"),
      INVPCID_ALL_GLOBAL: assumed(900, "L4: 376 ns, at an assumed 2.4 GHz"),
      INVPCID_ALL_NONGLOBAL: assumed(900, "estimate: as with globals"),
      ...alike(
        ["INVVPID_ADDRESS", "INVVPID_SINGLE", "INVVPID_RETAIN_GLOBALS"],
        assumed(250, "estimate: no public measurement"),
      ),
      INVVPID_ALL: assumed(400, "estimate: no public measurement"),
      INVEPT_SINGLE: assumed(400, "estimate: no public measurement"),
      INVEPT_ALL: assumed(600, "estimate: no public measurement"),
      "vm-entry": assumed(500, "estimate; X3: 1,181 for exit, KVM's handling of VMCALL and entry"),
      "vm-exit": assumed(700, "estimate; see the VM entry"),
    },
  },
  {
    name: "ivy-bridge",
    note: "Ivy Bridge as Linux developers measured it in 2014",
    level: "L2",
    references: undefined,
    cells: {
      "second-level-hit": measured(11, "M1"),
      "data-walk": measured(45, "L1: average of completed walks, references included"),
      "fetch-walk": measured(34, "L1: average of completed walks, references included"),
      "guest-reference": measured(0, WITHIN_WALK),
      INVLPG: assumed(259, "L1: 22,000 cycles are 85 INVLPGs"),
    },
  },
  {
    name: "haswell",
    note: "Haswell as a review measured it in 2013: walks whose entries lie in caches",
    level: "L2",
    references: undefined,
    cells: {
      "second-level-hit": measured(12, "M1: loads; 18 for fetches"),
      "data-walk": measured(20, "M1: walk that hits caches, references included"),
      "guest-reference": measured(0, WITHIN_WALK),
    },
  },
  {
    name: "skylake",
    note: "Skylake by Intel's optimization manual and Linux developers",
    level: "L2",
    references: {
      L1: measured(4, "O1"),
      L2: measured(12, "O1"),
      L3: measured(44, "O1"),
    },
    cells: {
      "second-level-hit": assumed(9, "7-cpu.com, not read again"),
      INVPCID_ADDRESS: measured(350, "L3"),
      INVPCID_ALL_GLOBAL: assumed(900, "L4: 376 ns, at an assumed 2.4 GHz"),
    },
  },
  {
    name: "sandy-bridge",
    note: "Sandy Bridge: the hardware round trip of a VM exit alone",
    level: "L2",
    references: undefined,
    cells: {
      "vm-exit": assumed(784, "X1, table 1, not read again: exit and entry together"),
      "vm-entry": assumed(0, "part of the exit as measured"),
    },
  },
];
