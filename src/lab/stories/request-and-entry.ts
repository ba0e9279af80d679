/** S8, S11, S17, S18: a mapped page is taken away, and vCPUs are to notice before they use it. */
import { halt, program, read, reader, ready, tell, times } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { A, DATA, NMI_HANDLER, NMI_VECTOR, PAGE, prepareNmi, reads, remap } from "./common.ts";

const oldOrNew = reads("the guest reads the old page or the new one", A, 0);

export const requestMeetsEntry: Scenario = {
  name: "request-meets-entry",
  ids: ["S8"],
  title: "A flush is asked for while the vCPU is about to enter the guest",
  story:
    "The vCPU sets its mode and then looks at its requests; whoever makes a request sets the bit and " +
    "then looks at the mode. One of the two sees the other: the vCPU does not enter, or is interrupted.",
  world: { programs: [reader(DATA, 2)], words: { [DATA]: A } },
  threads: { notifier: (world) => remap(world, DATA) },
  promises: ["I1", "I2", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["CheckBeforeMode"],
      expect: "lost-request",
      why: "the request comes between the test and the mode: nobody sees the other",
    },
    {
      breaks: ["NoWait"],
      expect: "stale-use",
      why: "the page is given back while the interrupt is still on its way",
    },
    {
      breaks: ["BitAfterMode"],
      expect: "stale-use",
      why: "the vCPU enters between the look at its mode and the bit, and is not interrupted",
    },
    {
      breaks: ["NoFlush"],
      expect: "stale-use",
      why: "nothing is flushed at all",
    },
    {
      breaks: ["InvvpidForZap"],
      expect: "wrong-scope",
      why: "INVVPID leaves guest-physical mappings, and the next walk uses one",
    },
    {
      breaks: ["IpiOnlyDelivery"],
      expect: "stale-use",
      why: "outside the guest there is nobody to interrupt, and no bit is left",
    },
  ],
};

export const fastPath: Scenario = {
  name: "request-meets-fast-path",
  ids: ["S8"],
  title: "A flush is asked for while the vCPU handles an exit on the fast path",
  story:
    "Exits that concern nobody else are handled without the thread, and the guest goes on at once. Even " +
    "so the requests are looked at: the exit may have come before the interrupt that was sent.",
  world: {
    programs: [program(read(DATA), ready, times(4, read(DATA), tell), halt)],
    words: { [DATA]: A },
  },
  threads: { notifier: (world) => remap(world, DATA) },
  promises: ["I1", "I2", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["FastpathNoRecheck"],
      expect: "lost-request",
      why: "the vCPU enters again without a look at its requests",
    },
  ],
};

export const haltedVcpu: Scenario = {
  name: "halted-vcpu",
  ids: ["S11"],
  title: "A page is replaced while a vCPU that has it cached sleeps in HLT",
  story:
    "A flush does not wake a vCPU: its bit is set, and it flushes when something else has woken it, " +
    "here an NMI, before it enters the guest.",
  world: {
    programs: [program(read(DATA), ready, halt)],
    words: { [DATA]: A, [NMI_VECTOR]: NMI_HANDLER },
    prepare: (world) => prepareNmi(world, read(DATA), tell, halt),
  },
  threads: {
    *notifier(world) {
      yield* remap(world, DATA);
      yield "NMI";
      world.l0.vcpus[0]!.nmi();
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [
    reads("the guest that wakes reads the new page", 0),
    {
      id: "woken",
      text: "the guest is woken",
      when: "end",
      check: ({ readings }) => (readings.length === 1 ? undefined : "the guest was not woken"),
    },
  ],
  variants: [
    {
      breaks: ["IpiOnlyDelivery"],
      expect: "stale-use",
      why: "nobody is in the guest to be interrupted, and no bit is left for later",
    },
  ],
};

export const flushBehindLock: Scenario = {
  name: "flush-behind-the-lock",
  ids: ["S17"],
  title: "Two callers take the same page away",
  story:
    "Whoever finds no entry relies on it that none is cached: the flush is over before mmu_lock is " +
    "dropped. The second caller gives the page back without a flush of its own.",
  world: { programs: [reader(DATA, 2)], words: { [DATA]: A } },
  threads: {
    first: (world) => remap(world, DATA),
    second: (world) => remap(world, DATA),
  },
  promises: ["I1", "I2", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["FlushAfterUnlock"],
      expect: "stale-use",
      why: "the second caller finds nothing and frees the page before the first has flushed",
    },
  ],
};

export const zapYields: Scenario = {
  name: "zap-yields",
  ids: ["S18", "bug 21"],
  title: "The zap of a long range gives mmu_lock away on the way",
  story:
    "A zap that drops mmu_lock flushes first, since it forgets what it has zapped so far. Here the range " +
    "has three pages, the first of which is mapped, and the lock is dropped behind each.",
  world: { programs: [reader(DATA, 2)], words: { [DATA]: A }, zapBatch: 1 },
  threads: { notifier: (world) => remap(world, DATA, 3) },
  promises: ["I1", "I2", "I7"],
  own: [oldOrNew],
  variants: [
    {
      breaks: ["YieldNoFlush"],
      expect: "stale-use",
      why: "the flush that was due is forgotten with the lock",
    },
  ],
};

export const emptyZap: Scenario = {
  name: "empty-zap",
  ids: ["bug 23"],
  title: "A range in which nothing is mapped is zapped",
  story: "What is not mapped is not cached: a zap that finds nothing needs no flush.",
  world: { programs: [reader(DATA, 2)], words: { [DATA]: A } },
  threads: {
    *userspace({ l0: { vm } }) {
      const first = DATA / PAGE + 16;
      yield* vm.zapRange(first, first + 16);
    },
  },
  promises: ["I1", "I2", "I7"],
  own: [
    reads("the guest reads its page", A),
    {
      id: "no-flush",
      text: "nothing is flushed",
      when: "end",
      check: ({ flushes }) =>
        flushes.length === 0 ? undefined : `${flushes[0]!.site} has flushed`,
    },
  ],
  variants: [
    {
      breaks: ["FlushEmptyZap"],
      expect: "no-flush",
      why: "every vCPU leaves the guest and flushes for nothing",
    },
  ],
};
