/** S15 and bug 28: the frame of a table is used again, for another root or for something else. */
import { runNow, type Task } from "../../l0/scheduler.ts";
import type { Vcpu } from "../../l0/vcpu.ts";
import { l1, launch, resumeBehindCall } from "../hypervisor-code.ts";
import { ept12At, eptpOf, hypervisorWorld, L1_DIRECTORY, pdeOf } from "../l2-world.ts";
import {
  type Code,
  halt,
  pause,
  program,
  read,
  reader,
  ready,
  tell,
  until,
  vmcall,
} from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { APIC_ANSWER, type World } from "../world.ts";
import {
  A,
  addExtraSlot,
  beginVmx,
  DATA,
  deleteAndFree,
  EXTRA,
  EXTRA_SLOT,
  FLAG,
  PAGE,
  reads,
  waitFor,
} from "./common.ts";

const slotOrDevice = reads(
  "the guest reads the slot's memory, or a device behind it",
  A,
  APIC_ANSWER,
  APIC_ANSWER + 1,
);

/** Frames that are freed are the next to be used. */
function reuseFrames(world: World): void {
  const { vm } = world.l0;
  addExtraSlot(world);
  const hva = vm.mm.map(PAGE, false);
  const baseGfn = EXTRA / PAGE + 1;
  runNow(vm.addSlot({ id: SECOND_SLOT, baseGfn, pages: 1, hva, readOnly: false }));
  world.l0.frames.reusesAtOnce = true;
}

export const rootFrameReused: Scenario = {
  name: "root-in-frame-of-old-root",
  ids: ["S15"],
  title: "A new root gets the frame of the one that was torn down",
  story:
    "What is cached by tables is tagged with the address of their root. All memory slots' tables are " +
    "given up when one is deleted, and the new root may lie where the old one lay: whoever loads it " +
    "flushes what is cached by that address.",
  world: { programs: [reader(EXTRA, 3)], prepare: reuseFrames },
  threads: { userspace: deleteAndFree },
  promises: ["I1", "I2", "I5", "I7"],
  own: [slotOrDevice],
  variants: [
    {
      breaks: ["NoFlushOnRootAlloc"],
      expect: "I5",
      why: "nothing is flushed when the old root is torn down, nor when the new one is loaded",
    },
    {
      breaks: ["NoFlush"],
      expect: "nothing",
      why: "nobody is in the guest any more, and the new root flushes its address when it is loaded",
    },
  ],
};

const SECOND_SLOT = EXTRA_SLOT + 1;
const readerBehindFlag = program(read(EXTRA), ready, until(FLAG, pause), read(EXTRA), tell, halt);

export const rootFrameShared: Scenario = {
  name: "root-in-frame-of-old-root-for-two",
  ids: ["S15"],
  title: "The same with two vCPUs on two processors, which share the new root",
  story: "Each vCPU flushes when it loads the root, also one that finds it made by the other.",
  world: {
    cpus: 2,
    programs: [readerBehindFlag, readerBehindFlag],
    words: { [FLAG]: 0 },
    prepare: reuseFrames,
  },
  threads: {
    *userspace(world) {
      const { vm } = world.l0;
      yield* vm.deleteSlot(SECOND_SLOT);
      const hasRoot = ({ root }: Vcpu) => root !== undefined && !root.invalid;
      yield* waitFor("all to have new roots", () => world.l0.vcpus.every(hasRoot));
      yield* deleteAndFree(world);
      yield "the end of the guests' loops";
      world.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I5", "I7"],
  own: [slotOrDevice],
  variants: [
    {
      breaks: ["FlushOnlyByAllocator"],
      expect: "I5",
      why: "the second vCPU comes to the new root with what its processor has cached of the old one",
    },
  ],
};

export const rootFrameOfL2: Scenario = {
  name: "root-in-frame-of-root-of-l2",
  ids: ["S15"],
  title: "A new root gets the frame of another one, while L2 runs",
  story:
    "The slot is deleted while L2 runs: L1's root goes as well as L2's, and each new one may get the " +
    "frame of the other. The flush names the new root, which therefore is loaded first.",
  world: hypervisorWorld({
    programs: [
      program(
        ...[...beginVmx(), launch, l1.read(EXTRA), resumeBehindCall],
        ...[l1.read(EXTRA), l1.tell, resumeBehindCall, halt],
      ),
    ],
    guests: [
      {
        code: program(
          ...[vmcall, read(DATA), ready, read(DATA), pause, read(DATA), pause],
          ...[vmcall, read(DATA), vmcall],
        ),
        eptp: eptpOf(ept12At(0)),
        vpid: 5,
      },
    ],
    ept12s: [{}],
    // L1's own tables lead to the slot, too.
    words: { [DATA]: A, [L1_DIRECTORY + (EXTRA >>> 22) * 4]: EXTRA | 0x83 },
    prepare: reuseFrames,
  }),
  threads: { userspace: deleteAndFree },
  promises: ["I1", "I2", "I5", "I7"],
  own: [slotOrDevice],
  variants: [
    {
      breaks: ["LoadPgdAfterFlush"],
      expect: "nothing",
      why: "L2's tables are freed behind a flush of everything: only what lay there can be in the way",
    },
    {
      breaks: ["NoFlush", "LoadPgdAfterFlush"],
      expect: "I5",
      why: "the flush names the root that was there before, and the frame of the new one was another's",
    },
  ],
};

/** Rights and memory type of an entry. */
const FORGED = 0x37;
/** An entry of EPT12 for memory that L2 does not use. */
const UPPER = pdeOf(ept12At(0), 0x400000);
/** L2 reads one page after the other that it has not read before. */
const readOn: Code = [1, 2].flatMap((n) => [...read(DATA + n * PAGE), ...tell, ...pause]);

/** Gets the frame when it is free, and has there what looks like entries. */
function* neighbour({ l0 }: World, pfn: number): Task {
  const { frames, hw } = l0;
  yield* waitFor("a free frame", () => frames.isFree(pfn));
  while (frames.isFree(pfn)) frames.allocate(true);
  const first = frames.words(pfn);
  for (let i = 0; i < PAGE / 4; i += 2) hw.core.u32[first + i] = pfn * PAGE + FORGED;
  frames.written(pfn);
}

/** Frame of EPT02's leaf table. */
const leafTable = ({ l0 }: World) => [...l0.vm.shadow.all()].find(({ level }) => level === 1)!.pfn;

export const tableFreed: Scenario = {
  name: "table-of-ept02-freed",
  ids: ["bug 28"],
  title: "L0 frees tables of EPT02 while L2 runs",
  story:
    "Another vCPU of L1 writes over the border of two entries of an upper table of EPT12, and L0 gives its " +
    "copy up. L2's processor may have cached the way through it: its frames are free behind the flush. " +
    "Whoever gets them may write there what he likes.",
  world: hypervisorWorld({
    cpus: 2,
    programs: [
      program(...beginVmx(), launch, halt),
      program(l1.read(UPPER), ready, l1.write(UPPER + 6, 0), halt),
    ],
    guests: [
      {
        code: program(read(DATA), ready, readOn, vmcall),
        eptp: eptpOf(ept12At(0)),
        vpid: 5,
      },
    ],
    ept12s: [{}],
  }),
  threads: { neighbour: (world) => neighbour(world, leafTable(world)) },
  promises: ["I1", "I2", "I4", "I5", "I7"],
  own: [reads("L2 reads its memory", 0)],
  variants: [
    {
      breaks: ["FreeBeforeFlush"],
      expect: "unsafe-free",
      why: "L2's next walk begins at a table whose frame is free",
    },
  ],
};
