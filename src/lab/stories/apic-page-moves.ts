/** S4, bug 11: the APIC-access page moves while a vCPU uses it. */
import { PAGE_BYTES } from "../../l0/frames.ts";
import { reader } from "../program.ts";
import type { Scenario } from "../scenario.ts";
import { APIC_ANSWER, type World } from "../world.ts";

const APIC_ID = 0xfee00020;

/** Each access has reached the APIC, none the memory of the page. */
export const reachesApic = {
  id: "apic",
  text: "each access to the APIC's page reaches the APIC",
  when: "step",
  check: ({ readings }: World) => {
    const last = readings.at(-1);
    if (last === undefined || last.value === APIC_ANSWER + last.vcpu) return undefined;
    return `vCPU ${last.vcpu} has read 0x${last.value.toString(16)} from its APIC: plain memory`;
  },
} as const;

export const apicPageMoves: Scenario = {
  name: "apic-page-moves",
  ids: ["S4", "bug 11"],
  title: "The APIC-access page migrates while L1 uses its APIC",
  story:
    "Compaction moves the page behind L1's APIC. The request to reload its address is made at the " +
    "start of the invalidation, when the primary MMU still has the old frame: a vCPU that serves it " +
    "at once must find that an invalidation is in progress, ask again, and not enter the guest.",
  world: { apic: true, programs: [reader(APIC_ID, 2)] },
  threads: {
    *notifier({ l0: { vm } }) {
      const { hva } = vm.apicAccessSlot()!;
      yield* vm.mm.remap(hva, hva + PAGE_BYTES);
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
  ],
};
