/** E2, E8, E9, E12: L1 has guests, and the host or L1 changes what they use. */
import { invept, inveptAll, invvpid, invvpidAddress } from "../../hypervisor-code.ts";
import { ept12At, eptpOf, leafFor, leafOf } from "../../l2-world.ts";
import { type Code, word } from "../../program.ts";
import type { ParameterSpec } from "../types.ts";
import { atRate, type LabRun, type Workload } from "../workload.ts";
import { change, schedulerThreads } from "./guests.ts";
import {
  hypervisors,
  L1_BASE,
  L1_PAGES,
  NESTED,
  SHARED_BASE,
  SHARED_PAGES,
  SPARE_BASE,
  shapeOf,
} from "./hypervisors.ts";
import { CHANGE, type ChangeKind, COMMON, power, RANGE } from "./parameters.ts";

const PAGE = 4096;

/** Whose pages change, and where these lie. */
const TARGETS: Readonly<Record<string, (run: LabRun) => { base: number; pages: number }>> = {
  shared: () => ({ base: SHARED_BASE, pages: SHARED_PAGES }),
  private: ({ settings, random }) => {
    const { guests, pages, privateBase } = shapeOf(settings);
    return { base: privateBase(random.below(guests)), pages };
  },
  l1: () => ({ base: L1_BASE, pages: L1_PAGES }),
  edited: () => ({ base: OTHER_PAGE, pages: 1 }),
};
const TARGET: ParameterSpec = {
  name: "target",
  text: "whose pages change: those that all share, of one guest, of L1 alone, the one that L1's edits lead to",
  default: "private",
  oneOf: Object.keys(TARGETS),
};

function* changes(run: LabRun) {
  const { settings, random, world } = run;
  const kind = settings.text("change") as ChangeKind;
  yield* atRate(run, settings.number("rate"), () => {
    const { base, pages } = TARGETS[settings.text("target")]!(run);
    const range = Math.min(pages, settings.number("range"));
    return change(world, kind, base + random.below(pages - range + 1) * PAGE, range);
  });
}

const SIZES = COMMON.filter(({ name }) => name !== "pages");

export const memoryOfL2: Workload = {
  name: "E2",
  title: "the host changes memory that L1's guests use",
  text:
    "L1 runs its guests by turns; the mmu notifier reports changes of pages that EPT02 maps, of one guest " +
    "or of all.",
  parameters: [...SIZES, ...NESTED, TARGET, RANGE, CHANGE],
  plan: (settings, random) => ({
    world: hypervisors(settings, random),
    threads: { notifier: changes, ...schedulerThreads },
  }),
};

const EVERY = power("every", "guests that L1 enters between two events", 8, 1, 65_536);

const FIRST_EPTP = eptpOf(ept12At(0));
const INVALIDATIONS: Readonly<Record<string, Code>> = {
  "invept-single": invept(FIRST_EPTP),
  "invept-all": inveptAll,
  "invvpid-single": invvpid(1),
  "invvpid-address": invvpidAddress(1, SHARED_BASE),
};

export const invalidationsOfL1: Workload = {
  name: "E8",
  title: "L1 executes INVEPT and INVVPID",
  text: "L1 runs its guests by turns and invalidates what it has cached of the first one now and then.",
  parameters: [
    ...SIZES,
    ...NESTED,
    EVERY,
    {
      name: "instruction",
      text: "what L1 executes",
      default: "invept-single",
      oneOf: Object.keys(INVALIDATIONS),
    },
    TARGET,
    RANGE,
    CHANGE,
  ],
  plan: (settings, random) => ({
    world: hypervisors(settings, random, {
      l1: INVALIDATIONS[settings.text("instruction")]!,
      every: settings.number("every"),
    }),
    threads: { notifier: changes, ...schedulerThreads },
  }),
};

export const switchesOfL1: Workload = {
  name: "E9",
  title: "L1 changes between its guests",
  text: "L1 runs its guests by turns, with equal or different EPT roots and VPIDs; the host is quiet.",
  parameters: [...SIZES.filter(({ name }) => name !== "rate"), ...NESTED],
  plan: (settings, random) => ({
    world: hypervisors(settings, random),
    threads: schedulerThreads,
  }),
};

/** Pages between which L1 switches an entry of its EPT12. */
const EDITED = SHARED_BASE;
const OTHER_PAGE = SPARE_BASE;
/** An ignored bit of the entry above the leafs, in its upper half. */
const IGNORED = 0x0010_0000;

/** XOR [address], value. */
const flip = (address: number, value: number): Code => [
  ...[0x81, 0x35, ...word(address), ...word(value)],
];

const EDITS: Readonly<Record<string, Code>> = {
  leaf: flip(leafOf(ept12At(0), EDITED), (leafFor(EDITED) ^ leafFor(OTHER_PAGE)) >>> 0),
  upper: flip(ept12At(0) + 2 * PAGE + 4, IGNORED),
};

export const editsOfEpt12: Workload = {
  name: "E12",
  title: "L1 edits its EPT and executes INVEPT",
  text: "L1 runs its guests by turns, changes an entry of the first one's EPT now and then, and executes INVEPT.",
  parameters: [
    ...SIZES,
    ...NESTED,
    EVERY,
    {
      name: "level",
      text: "which entry: one that maps a page, or one that leads to a table",
      default: "leaf",
      oneOf: Object.keys(EDITS),
    },
    { ...TARGET, default: "edited" },
    RANGE,
    CHANGE,
  ],
  plan: (settings, random) => ({
    world: hypervisors(settings, random, {
      l1: [...EDITS[settings.text("level")]!, ...invept(FIRST_EPTP)],
      every: settings.number("every"),
    }),
    threads: { notifier: changes, ...schedulerThreads },
  }),
};
