/** E6: userspace deletes a memory slot and adds it again. */
import { runNow, type Task } from "../../../l0/scheduler.ts";
import type { World } from "../../world.ts";
import { atRate, type LabRun, type Workload } from "../workload.ts";
import { labWorld, schedulerThreads, walkers, walkOf } from "./guests.ts";
import { COMMON } from "./parameters.ts";

const PAGE = 4096;
/** Guest-physical address of the slot, behind the other memory. */
const SLOT_BASE = 0x1000000;
const SLOT = 5;

function slotOf(world: World, hva: number, pages: number) {
  const slot = { id: SLOT, baseGfn: SLOT_BASE / PAGE, pages, hva, readOnly: false };
  return world.l0.vm.addSlot(slot);
}

/** Deleted, its memory given back, and added again with other memory. */
function* replaceSlot({ world, settings }: LabRun): Task {
  const { vm } = world.l0;
  const { pages } = walkOf(settings);
  const hva = world.hva(SLOT_BASE);
  yield* vm.deleteSlot(SLOT);
  yield* vm.mm.unmap(hva, hva + pages * PAGE);
  yield* slotOf(world, vm.mm.map(pages * PAGE, false), pages);
}

export const slots: Workload = {
  name: "E6",
  title: "userspace replaces a memory slot",
  text: "L1 walks through memory in a slot of its own, which userspace deletes and adds again.",
  parameters: COMMON.map((spec) => (spec.name === "rate" ? { ...spec, default: 2 } : spec)),
  plan: (settings, random) => {
    const walk = walkOf(settings, SLOT_BASE);
    return {
      world: {
        ...labWorld(settings),
        programs: walkers(settings, random, walk),
        prepare: (world) => {
          const hva = world.l0.vm.mm.map(walk.pages * PAGE, false);
          runNow(slotOf(world, hva, walk.pages));
        },
      },
      threads: {
        userspace: (run) => atRate(run, settings.number("rate"), () => replaceSlot(run)),
        ...schedulerThreads,
      },
    };
  },
};
