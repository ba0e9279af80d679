/** The dirty log that userspace reads while guests write. */
import { clearDirtyLog, getDirtyLog, setDirtyLogging } from "../../l0/dirty-log.ts";
import { PAGE_BYTES } from "../../l0/frames.ts";
import type { Task } from "../../l0/scheduler.ts";
import { halt, pause, program, ready, times, write } from "../program.ts";
import type { OwnPromise, Scenario } from "../scenario.ts";
import type { World } from "../world.ts";
import { A, B, DATA } from "./common.ts";

const GFN = DATA / PAGE_BYTES;
const RAM_SLOT = 0;

/** What the threads of a world have seen, by world: scenarios are data, and run many times. */
const copies = new WeakMap<World, { copy: number; isProtected: boolean }>();

function notesOf(world: World) {
  let notes = copies.get(world);
  if (notes === undefined) {
    notes = { copy: A, isProtected: false };
    copies.set(world, notes);
  }
  return notes;
}

const wordAt = (world: World) => world.l0.memory.read32(DATA);

/** Migration: the page is copied each time the log has it. */
function* copyDirty(world: World): Task {
  const { vm } = world.l0;
  const notes = notesOf(world);
  yield* setDirtyLogging(vm, RAM_SLOT, true);
  notes.copy = wordAt(world);
  for (let round = 0; round < 2; round++) {
    const written = yield* getDirtyLog(vm, RAM_SLOT);
    yield "copy what is dirty";
    if (written.includes(GFN)) notes.copy = wordAt(world);
  }
}

const copiedOrLogged: OwnPromise = {
  id: "lost-write",
  text: "what was written is copied, or still in the log",
  when: "end",
  check: (world) => {
    const { copy } = notesOf(world);
    const dirty = world.l0.vm.memslots[0]!.byId(RAM_SLOT)!.dirty;
    if (copy === wordAt(world) || dirty?.has(GFN)) return undefined;
    return `the page holds 0x${wordAt(world).toString(16)}, the copy 0x${copy.toString(16)}, the log nothing`;
  },
};

export const dirtyLogMisses: Scenario = {
  name: "dirty-log-read",
  ids: ["dirty log"],
  title: "Userspace reads the dirty log while a guest writes",
  story:
    "A page that is reported loses the right to write, so that the next write is noted. What the guest " +
    "may still do by its cached right must be over before userspace copies the page.",
  world: {
    programs: [
      program(
        write(DATA, A),
        ready,
        ...[1, 2, 3, 4].map((n) => [...write(DATA, n), ...pause]),
        halt,
      ),
    ],
    words: { [DATA]: A },
  },
  threads: { migration: copyDirty },
  promises: ["I1", "I2", "I7"],
  own: [copiedOrLogged],
  variants: [
    {
      breaks: ["NoDirtyLogFlush"],
      expect: "lost-write",
      why: "the guest writes by its cached right, and nobody notes it",
    },
  ],
};

/** Begins the log, then reads it; mmu_lock is free between the protection and its flush. */
function* readLog(world: World): Task {
  const { vm } = world.l0;
  yield* setDirtyLogging(vm, RAM_SLOT, true);
  const written = yield* getDirtyLog(vm, RAM_SLOT, true);
  yield* clearDirtyLog(vm, RAM_SLOT, written);
}

/** A table of EPT12 comes to lie in the page: no write to it may be missed (kvm_mmu_get_page). */
function* protectTable(world: World): Task {
  const { vm } = world.l0;
  yield "kvm_mmu_get_page";
  yield* vm.mmuLock.lockWrite();
  if (vm.shadow.writeProtect(GFN)) yield* vm.flushRemoteTlbs("kvm_mmu_get_page");
  vm.mmuLock.unlockWrite();
  notesOf(world).copy = wordAt(world);
  notesOf(world).isProtected = true;
}

/** Some entry lets a guest write to the page: a fault has given the right back. */
function isWritable(world: World): boolean {
  const { vm } = world.l0;
  return vm.tdp.roots.some((root) => (vm.tdp.walk(root, GFN).lo & 2) !== 0);
}

export const dirtyLogMeetsTable: Scenario = {
  name: "dirty-log-meets-table",
  ids: ["bug 24"],
  title: "A page is protected for the dirty log and as a table at once",
  story:
    "The log takes the right to write and flushes behind mmu_lock. Who protects the page as a table " +
    "meanwhile finds no right to write, and has to flush all the same: the right is only withheld.",
  world: {
    programs: [program(write(DATA, A), ready, times(3, write(DATA, B), pause), halt)],
    words: { [DATA]: A },
  },
  threads: { userspace: readLog, shadow: protectTable },
  promises: ["I1", "I2", "I7"],
  own: [
    {
      id: "missed-write",
      text: "no write to the protected page goes without a fault",
      when: "step",
      check: (world) => {
        const { isProtected, copy } = notesOf(world);
        if (!isProtected || isWritable(world) || wordAt(world) === copy) {
          if (isProtected && isWritable(world)) notesOf(world).isProtected = false;
          return undefined;
        }
        return "the guest has written to a page that was protected as a table";
      },
    },
  ],
  variants: [
    {
      breaks: ["TrustClearedWrite"],
      expect: "missed-write",
      why: "the table counts as protected while the guest's cached right is not flushed yet",
    },
  ],
};
