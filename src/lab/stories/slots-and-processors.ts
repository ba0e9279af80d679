/** S6, S13, S21: memory slots go, and vCPUs change their processors. */

import { REQ } from "../../l0/requests.ts";
import type { Vcpu } from "../../l0/vcpu.ts";
import { halt, pause, program, read, reader, ready, tell, times, until } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { APIC_ANSWER } from "../world.ts";
import {
  A,
  addExtraSlot,
  DATA,
  deleteAndFree,
  EXTRA,
  EXTRA_SLOT,
  FLAG,
  moveTo,
  PAGE,
  reads,
  remap,
  takeOff,
  waitFor,
} from "./common.ts";

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

const OTHER = DATA + 4 * PAGE;

export const processorShared: Scenario = {
  name: "processor-shared",
  ids: ["S23"],
  title: "Two vCPUs take turns on one processor, with one root",
  story:
    "What one vCPU has cached on a processor, the other can use: both have the same root, and VPIDs do " +
    "not tag guest-physical mappings. Who was not in the guest itself has to flush all the same.",
  world: {
    programs: [
      program(read(OTHER), ready, read(DATA), tell, halt),
      program(ready, read(DATA), tell, pause, read(DATA), tell, halt),
    ],
    words: { [DATA]: A, [OTHER]: A },
  },
  threads: {
    *host(world) {
      const { readings, l0 } = world;
      const [first, second] = l0.vcpus as [Vcpu, Vcpu];
      yield* remap(world, OTHER);
      // The first vCPU flushes, and has to go before it is in the guest, or behind it.
      world.putOn(first);
      yield* waitFor("vCPU 0 has flushed", () => (first.requests & REQ.tlbFlush) === 0);
      yield* takeOff(world, 0);
      world.putOn(second);
      yield* waitFor("vCPU 1 has read", () => readings.some(({ vcpu }) => vcpu === 1));
      yield* takeOff(world, 1);
      yield* remap(world, DATA);
      world.putOn(first);
      yield* waitFor("vCPU 0 has read", () => readings.some(({ vcpu }) => vcpu === 0));
      yield* takeOff(world, 0);
      world.putOn(second);
      yield* waitFor("the end of vCPU 1", () => world.isFinished(second));
      yield* takeOff(world, 1);
      world.putOn(first);
    },
  },
  promises: ["I1", "I2", "I6", "I7"],
  own: [reads("the guests read the old page or the new one", A, 0)],
  variants: [
    {
      breaks: ["FlushRunnersOnly"],
      expect: "stale-use",
      why: "the vCPU that has cached nothing itself uses what the other one has left there",
    },
  ],
};

export const slotAdded: Scenario = {
  name: "slot-added-over-device",
  ids: ["3.9"],
  title: "A memory slot is added where the guest has found a device",
  story:
    "The entry that says that nothing but a device is there carries the generation of the slots: with " +
    "new slots it counts no longer, without a zap or a flush.",
  world: {
    programs: [program(read(EXTRA), ready, until(FLAG, pause), read(EXTRA), tell, halt)],
    words: { [FLAG]: 0 },
  },
  threads: {
    *userspace(world) {
      yield "KVM_SET_USER_MEMORY_REGION";
      addExtraSlot(world);
      world.poke(FLAG, 1);
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [
    reads("behind the call the guest reads the slot's memory", A),
    {
      id: "mapped",
      text: "the guest comes to the memory itself",
      when: "end",
      check: ({ l0: { vm } }) => {
        const mapped = vm.tdp.roots.some((root) =>
          [...vm.tdp.leafs(root)].some(({ gfn }) => gfn === EXTRA / PAGE),
        );
        return mapped ? undefined : "each access to the slot is still emulated";
      },
    },
  ],
  variants: [
    {
      breaks: ["NoMmioGeneration"],
      expect: "mapped",
      why: "each access exits as one of the device that was there; the emulator finds the memory",
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
      expect: "stale-use",
      why: "the vCPU keeps the root that was torn down, whose tables are freed without a flush",
    },
    {
      breaks: ["AsyncTeardown"],
      expect: "I2",
      why: "the memory is free, and the roots that still map it are out of the notifier's reach",
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
    {
      breaks: ["RequestAfterUnlock"],
      expect: "nothing",
      why: "every root here is marked itself; KVM has roots whose only mark is the request",
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
