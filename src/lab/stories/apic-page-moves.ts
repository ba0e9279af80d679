/** S4, S4b, S22, bugs 8 and 11: the APIC-access page moves, or is given up, while a vCPU uses it. */
import type { Vcpu } from "../../l0/vcpu.ts";
import { halt, pause, program, read, reader, ready, tell, times } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";
import {
  APIC_ID,
  NMI_HANDLER,
  NMI_VECTOR,
  PAGE,
  prepareNmi,
  reachesApic,
  takeOff,
  waitFor,
} from "./common.ts";

const RELOAD = "vmx_set_apic_access_page_addr";

export function* moveApicPage({ l0: { vm } }: World) {
  const { hva } = vm.apicAccessSlot()!;
  yield* vm.mm.migrate(hva, hva + PAGE);
}

export const apicPageMoves: Scenario = {
  name: "apic-page-moves",
  ids: ["S4", "bug 8", "bug 11"],
  title: "The APIC-access page migrates while L1 uses its APIC",
  story:
    "Compaction moves the page behind L1's APIC. The request to reload its address is made at the " +
    "start of the invalidation, when the primary MMU still has the old frame: a vCPU that serves it " +
    "at once must find that an invalidation is in progress, ask again, and not enter the guest.",
  world: { apic: true, programs: [reader(APIC_ID, 2)] },
  threads: { notifier: moveApicPage },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["NoRetry"],
      expect: "I3",
      why: "the handler finds the old frame, writes it, and nobody asks again",
    },
    {
      breaks: ["NoApicPageRequest"],
      expect: "I3",
      why: "nobody tells the vCPU that the page moves",
    },
    {
      breaks: ["CheckOutsideLock"],
      expect: "nothing",
      why: "a start between test and write asks again, and the vCPU does not enter before",
    },
    {
      breaks: ["CheckOutsideLock", "ClearBitAfterHandler"],
      expect: "I3",
      why: "the request of a start between test and write is wiped with the one that was served",
    },
    {
      breaks: ["NoFlush"],
      expect: "stale-use",
      why: "the old translation leads past the APIC-access page",
    },
    {
      breaks: ["FlushOnReload"],
      expect: "redundant-flush",
      site: RELOAD,
      why: "what was zapped has been flushed when the address is written: the extra flush finds nothing",
    },
  ],
};

export const apicPageReplaced: Scenario = {
  name: "apic-page-replaced",
  ids: ["S4"],
  title: "Userspace replaces the APIC-access page while L1 uses its APIC",
  story:
    "Migration leaves a page alone on which L0 holds a reference at that moment; munmap does not. The " +
    "look-up may find the old frame, and the test may come when the invalidation is over: only the " +
    "number of invalidations that have ended tells then.",
  world: { apic: true, programs: [reader(APIC_ID, 2)] },
  threads: {
    userspace: ({ l0: { vm } }) => {
      const { hva } = vm.apicAccessSlot()!;
      return vm.mm.remap(hva, hva + PAGE);
    },
  },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["NoRetry"],
      expect: "I3",
      why: "the handler finds the old frame, writes it, and nobody asks again",
    },
    {
      breaks: ["CheckInProgressOnly"],
      expect: "I3",
      why: "the look-up falls between start and change, the test behind the end",
    },
    {
      breaks: ["SnapshotAfterLookup"],
      expect: "I3",
      why: "the number is read when the invalidation is over, and has not changed since",
    },
  ],
};

export const apicPageUnmapped: Scenario = {
  name: "apic-page-unmapped",
  ids: ["S4b"],
  title: "The APIC-access page migrates before EPT01 maps it",
  story:
    "The address in the VMCS is there even where no entry of EPT01 leads to the page: the request is " +
    "made whether something was zapped or not.",
  world: {
    apic: true,
    programs: [program(ready, times(2, read(APIC_ID), tell, pause), halt)],
  },
  threads: { notifier: moveApicPage },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["RequestIfZapped"],
      expect: "I3",
      why: "nothing was zapped, so nobody reloads the address",
    },
    {
      breaks: ["FlushOnReload"],
      expect: "redundant-flush",
      site: RELOAD,
      why: "nothing was cached for the page",
    },
  ],
};

const redundantReload = {
  breaks: ["FlushOnReload"],
  expect: "redundant-flush",
  site: RELOAD,
  why: "the vCPU has flushed all contexts before, as the notifier has asked it to",
} as const;

export const apicPageMovesHalted: Scenario = {
  name: "apic-page-moves-under-halted-vcpu",
  ids: ["S4"],
  title: "The APIC-access page migrates while the vCPU sleeps in HLT",
  story:
    "Neither the flush nor the reload wakes it. Both wait for it, and it serves them before it is in " +
    "the guest again: here behind an NMI.",
  world: {
    apic: true,
    programs: [program(read(APIC_ID), ready, halt)],
    words: { [NMI_VECTOR]: NMI_HANDLER },
    prepare: (world) => prepareNmi(world, read(APIC_ID), tell, halt),
  },
  threads: {
    *notifier(world) {
      yield* moveApicPage(world);
      yield "NMI";
      world.l0.vcpus[0]!.nmi();
    },
  },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["IpiOnlyDelivery"],
      expect: "I3",
      why: "nobody is in the guest to be interrupted, and no bit is left for later",
    },
    redundantReload,
  ],
};

export const apicPageMovesOutside: Scenario = {
  name: "apic-page-moves-under-vcpu-outside",
  ids: ["S4"],
  title: "The APIC-access page migrates while another vCPU has the processor",
  story:
    "A vCPU whose thread waits for its processor is outside the guest: the requests stand until it is " +
    "back, whoever has used the processor meanwhile.",
  world: {
    apic: true,
    programs: [reader(APIC_ID, 1), reader(APIC_ID, 1)],
  },
  threads: {
    *host(world) {
      const [first, second] = world.l0.vcpus as [Vcpu, Vcpu];
      world.putOn(first);
      yield* moveApicPage(world);
      yield* waitFor("the end of vCPU 0", () => world.isFinished(first));
      yield* takeOff(world, 0);
      world.putOn(second);
    },
  },
  promises: ["I1", "I2", "I3", "I7"],
  own: [reachesApic],
  variants: [
    {
      breaks: ["IpiOnlyDelivery"],
      expect: "I3",
      why: "a vCPU that is off its processor is not in the guest, and no bit is left for later",
    },
    redundantReload,
  ],
};

export const apicvInhibited: Scenario = {
  name: "apicv-inhibited",
  ids: ["S22"],
  title: "APICv is inhibited while a vCPU faults on the APIC's page",
  story:
    "The reason is stored first, and then the page is zapped by an invalidation: a fault that still " +
    "saw APICv active finds that an invalidation has ended, and is taken again.",
  world: {
    apic: true,
    programs: [program(ready, times(2, read(APIC_ID), tell, pause), halt)],
  },
  threads: {
    *userspace({ l0: { vm } }) {
      yield* vm.setApicvInhibit(1, true);
    },
  },
  promises: ["I1", "I2", "I3", "I7"],
  own: [
    reachesApic,
    {
      id: "unmapped",
      text: "with APICv inhibited no entry of EPT01 leads to the APIC-access page",
      when: "end",
      check: ({ l0: { vm } }) => {
        for (const root of vm.tdp.roots) {
          for (const { gfn } of vm.tdp.leafs(root)) {
            if (gfn === vm.apicGfn) return "the APIC-access page is mapped although APICv is off";
          }
        }
        return undefined;
      },
    },
  ],
  variants: [
    {
      breaks: ["ZapBeforeReasons"],
      expect: "unmapped",
      why: "the fault comes behind the zap and before the reason is stored",
    },
  ],
};
