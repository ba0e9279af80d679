/** E1, E3, E7, E16: the host changes L1's memory while L1 runs. */
import type { Task } from "../../../l0/scheduler.ts";
import type { Random } from "../random.ts";
import {
  atRate,
  type LabRun,
  type Settings,
  type Workload,
  type WorkloadPlan,
} from "../workload.ts";
import {
  change,
  IDLE_BASE,
  labWorld,
  schedulerThreads,
  WALK_BASE,
  walkers,
  walkOf,
} from "./guests.ts";
import { CHANGE, type ChangeKind, COMMON, MIGRATIONS, RANGE } from "./parameters.ts";

const PAGE = 4096;

/** Changes at random places of `pages` pages from `base` on, at the rate. */
function* changes(run: LabRun, base: number, pages: number): Task {
  const { settings, random, world } = run;
  const range = Math.min(pages, settings.number("range"));
  const kind = settings.text("change") as ChangeKind;
  yield* atRate(run, settings.number("rate"), () => {
    const first = random.below(pages - range + 1);
    return change(world, kind, base + first * PAGE, range);
  });
}

function plan(settings: Settings, random: Random, threads: WorkloadPlan["threads"]): WorkloadPlan {
  const walk = walkOf(settings);
  return {
    world: { ...labWorld(settings), programs: walkers(settings, random, walk) },
    threads: { ...threads, ...schedulerThreads },
  };
}

const inWalk = (run: LabRun) => changes(run, WALK_BASE, walkOf(run.settings).pages);

export const memoryOfL1: Workload = {
  name: "E1",
  title: "the host changes memory that L1 uses",
  text: "L1 walks through its memory; the mmu notifier reports changes of pages that it walks through.",
  parameters: [...COMMON, RANGE, CHANGE],
  plan: (settings, random) => plan(settings, random, { notifier: inWalk }),
};

export const memoryOfNobody: Workload = {
  name: "E3",
  title: "the host changes memory that nobody has mapped",
  text: "As E1, but for pages that no guest has touched: nothing is zapped.",
  parameters: [...COMMON, RANGE, CHANGE],
  plan: (settings, random) =>
    plan(settings, random, {
      notifier: (run) => changes(run, IDLE_BASE, walkOf(run.settings).pages / 2),
    }),
};

export const movingVcpus: Workload = {
  name: "E7",
  title: "vCPUs change their processors while the host changes L1's memory",
  text: "As E1, with moves of vCPUs to processors that are free.",
  parameters: [
    ...COMMON.filter((spec) => spec !== MIGRATIONS),
    { ...MIGRATIONS, default: 50 },
    RANGE,
    CHANGE,
  ],
  plan: (settings, random) => plan(settings, random, { notifier: inWalk }),
};

export const overlappingChanges: Workload = {
  name: "E16",
  title: "two changes of L1's memory at a time",
  text: "As E1, by two threads, so that invalidations begin while others are in progress.",
  parameters: [...COMMON, RANGE, CHANGE],
  plan: (settings, random) => plan(settings, random, { first: inWalk, second: inWalk }),
};
