/** S6, S13, S21: memory slots go, and vCPUs change their processors. */

import { runNow, type Task, type Wait } from "../../l0/scheduler.ts";
import { halt, pause, program, read, reader, ready, tell, times, until } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { APIC_ANSWER, type World } from "../world.ts";
import { A, DATA, FLAG, PAGE, reads, remap } from "./common.ts";

/** Behind L1's RAM. */
const EXTRA = 0x1000000;
const EXTRA_SLOT = 5;

function addExtraSlot(world: World): void {
  const { vm } = world.l0;
  const hva = vm.mm.map(PAGE, false);
  const slot = { id: EXTRA_SLOT, baseGfn: EXTRA / PAGE, pages: 1, hva, readOnly: false };
  runNow(vm.addSlot(slot));
  world.poke(EXTRA, A);
}

function* deleteAndFree(world: World): Task {
  const { vm } = world.l0;
  const hva = world.hva(EXTRA);
  yield* vm.deleteSlot(EXTRA_SLOT);
  yield* vm.mm.unmap(hva, hva + PAGE);
}

/** The host's scheduler takes the vCPU to another processor; returns when it is there. */
function* moveTo({ l0 }: World, pcpu: number) {
  const vcpu = l0.vcpus[0]!;
  const target = l0.pcpus[pcpu]!;
  vcpu.moveTo = target;
  vcpu.kick();
  const there: Wait = { why: `vCPU on CPU ${pcpu}`, ready: () => vcpu.pcpu === target };
  while (!there.ready()) yield there;
}

export const vcpuMoves: Scenario = {
  name: "vcpu-changes-processor",
  ids: ["S6"],
  title: "A vCPU goes to another processor and comes back, its page is replaced meanwhile",
  story:
    "The flush is carried out where the vCPU is; what the first processor has cached stays. So each VMCS " +
    "knows on which processor it ran last, and all contexts of a new one are flushed before it runs.",
  world: {
    cpus: 2,
    programs: [
      program(read(DATA), ready, until(FLAG, read(DATA), tell, pause), read(DATA), tell, halt),
    ],
    words: { [DATA]: A, [FLAG]: 0 },
  },
  threads: {
    *scheduler(world) {
      yield* moveTo(world, 1);
      yield* remap(world, DATA);
      yield* moveTo(world, 0);
      yield "the end of the guest's loop";
      world.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I6", "I7"],
  own: [reads("the guest reads the old page or the new one", A, 0)],
  variants: [
    {
      breaks: ["NoFlushOnMigrate"],
      expect: "I6",
      why: "the first processor still has the old page when the vCPU comes back",
    },
    {
      breaks: ["SingleContextOnMigrate"],
      expect: "I6",
      why: "L1 alone would not notice, but other contexts of that processor are not flushed",
    },
  ],
};

export const slotDeleted: Scenario = {
  name: "slot-deleted",
  ids: ["S13"],
  title: "A memory slot is deleted while a vCPU reads it, then userspace frees the memory",
  story:
    "Behind the deletion no notifier finds the slot any more: all roots are given up, every vCPU is made " +
    "to drop its root before it enters again, and the old tables are gone when the call returns.",
  world: {
    programs: [reader(EXTRA, 3)],
    prepare: addExtraSlot,
  },
  threads: { userspace: deleteAndFree },
  promises: ["I1", "I2", "I7"],
  own: [reads("the guest reads the slot's memory, or a device behind it", A, APIC_ANSWER)],
  variants: [
    {
      breaks: ["NoRequest"],
      expect: "progress",
      why: "the vCPU keeps the root that was torn down, in which every fault is too late for ever",
    },
  ],
};

export const slotDeletedInFault: Scenario = {
  name: "slot-deleted-during-fault",
  ids: ["S13"],
  title: "A memory slot is deleted while a vCPU faults on it",
  story:
    "The deletion of a slot is no invalidation of the notifier. A fault that has looked its frame up " +
    "before sees by its root that everything was given up meanwhile.",
  world: {
    programs: [program(ready, times(2, read(EXTRA), tell, pause), halt)],
    prepare: addExtraSlot,
  },
  threads: { userspace: deleteAndFree },
  promises: ["I1", "I2", "I7"],
  own: [reads("the guest reads the slot's memory, or a device behind it", A, APIC_ANSWER)],
  variants: [
    {
      breaks: ["NoStaleRootCheck"],
      expect: "I2",
      why: "a fault puts an entry into a root that was torn down already",
    },
  ],
};

export const slotDeletedAndPageTaken: Scenario = {
  name: "slot-deleted-page-taken",
  ids: ["S13"],
  title: "A page is replaced while the roots of a deleted slot are torn down",
  story:
    "Roots that are being torn down still hold entries for all memory. A notifier zaps those too, since " +
    "it gives the page back when it returns.",
  world: { programs: [reader(DATA, 2)], words: { [DATA]: A }, prepare: addExtraSlot },
  threads: {
    *userspace({ l0: { vm } }) {
      yield* vm.deleteSlot(EXTRA_SLOT);
    },
    notifier: (world) => remap(world, DATA),
  },
  promises: ["I1", "I2", "I7"],
  own: [reads("the guest reads the old page or the new one", A, 0)],
  variants: [
    {
      breaks: ["SkipInvalidRoots"],
      expect: "I2",
      why: "the entry in the dying root leads to a page that is free",
    },
  ],
};

export const slotsSwapped: Scenario = {
  name: "slot-deleted-under-notifier",
  ids: ["S21"],
  title: "A memory slot is deleted between start and end of an invalidation in it",
  story:
    "Start and end of an invalidation must see the same slots, or the count of those in progress never " +
    "comes down again: slots are swapped only when no notifier is between the two.",
  world: { programs: [reader(EXTRA, 2)], prepare: addExtraSlot },
  threads: {
    notifier: (world) => remap(world, EXTRA),
    *userspace({ l0: { vm } }) {
      yield* vm.deleteSlot(EXTRA_SLOT);
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [
    reads(
      "the guest reads the slot's memory, old or new, or a device behind it",
      A,
      0,
      APIC_ANSWER,
    ),
    {
      id: "balance",
      text: "each invalidation that began has ended",
      when: "end",
      check: ({ l0: { vm } }) =>
        vm.invalidation.inProgress === 0
          ? undefined
          : "an invalidation is in progress for ever: faults in its range never end",
    },
  ],
  variants: [
    {
      breaks: ["SwapWithoutWait"],
      expect: "balance",
      why: "the end does not find the slot that the start has found",
    },
  ],
};
