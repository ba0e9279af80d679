/** E4, E5, E10, E11, E13, E14: the APIC-access pages of L0 and of L1, and accesses to APICs. */
import { APICV_INHIBIT } from "../../../l0/vm.ts";
import { type Code, halt, instructions, pause, program, read, ready, word } from "../../program.ts";
import type { WorldOptions } from "../../world.ts";
import type { Random } from "../random.ts";
import { walkCode } from "../walker.ts";
import { atRate, type LabRun, type Settings, type Workload } from "../workload.ts";
import { change, changeAt, labWorld, schedulerThreads, walkers, walkOf } from "./guests.ts";
import { hypervisors, NESTED, READ_BYTES, SPARE_BASE } from "./hypervisors.ts";
import { CHANGE, type ChangeKind, COMMON, whole } from "./parameters.ts";

const PAGE = 4096;
const APIC_PAGE = 0xfee00000;
/** The register that tells the APIC's number. */
const APIC_ID = APIC_PAGE + 0x20;
/** L1's memory that it gives L2 as the APIC-access page. */
const L1_APIC_ACCESS = SPARE_BASE + PAGE;
const real = walkCode(16);

const ACCESSES = whole("apic.every", "accesses to memory between two to the APIC", 32, 1, 10_000);
const FLAT = COMMON;
const SIZES = COMMON.filter(({ name }) => name !== "pages");

/** Walks that read the APIC now and then; `extra` behind each. */
function apicUsers(settings: Settings, random: Random, extra: Code = []): Code[] {
  const round = real.round(walkOf(settings));
  const body = [...real.times(settings.number("apic.every"), round), ...read(APIC_ID), ...extra];
  return Array.from({ length: settings.number("vcpus") }, () =>
    program(real.seed(random.below(2 ** 31)), ready, real.forEver(body)),
  );
}

/** The host moves L0's APIC-access page. */
function* moveApicPage(run: LabRun) {
  const { settings, world } = run;
  const kind = settings.text("change") as ChangeKind;
  const { hva } = world.l0.vm.apicAccessSlot()!;
  yield* atRate(run, settings.number("rate"), () => changeAt(world, kind, hva, 1));
}

const WHERE = ["l1", "l2", "halted", "outside"] as const;

function whereWorld(settings: Settings, random: Random): WorldOptions {
  const flat = { ...labWorld(settings), apic: true };
  switch (settings.text("where") as (typeof WHERE)[number]) {
    case "l1":
      return { ...flat, programs: apicUsers(settings, random) };
    case "l2":
      return hypervisors(settings, random, { l1: instructions(32).read(APIC_ID), apic: true });
    case "halted":
      // One more vCPU, which sleeps.
      return { ...flat, programs: [...apicUsers(settings, random), program(ready, halt)] };
    case "outside":
      return { ...flat, programs: walkers(settings, random, walkOf(settings), pause) };
  }
}

export const apicPageOfL0: Workload = {
  name: "E4",
  title: "the host moves L0's APIC-access page",
  text:
    "L1 uses its APIC, or has a guest running, or a vCPU halted, or leaves the guest all the time, while " +
    "the page behind the APIC is migrated or replaced.",
  parameters: [
    ...FLAT,
    ...NESTED,
    ACCESSES,
    { name: "where", text: "what the vCPUs do meanwhile", default: "l1", oneOf: WHERE },
    CHANGE,
  ],
  plan: (settings, random) => ({
    world: whereWorld(settings, random),
    threads: { notifier: moveApicPage, ...schedulerThreads },
    promises: ["I3"],
  }),
};

/** L2 reads its APIC at the end of each stay. */
const READ_APIC: Code = read(APIC_ID);
if (READ_APIC.length !== READ_BYTES) throw new Error("a read of the APIC has another length");

function virtualApics(settings: Settings, random: Random): WorldOptions {
  return hypervisors(settings, random, {
    l2: READ_APIC,
    ept12: { apicPage: L1_APIC_ACCESS },
    apicAccess: L1_APIC_ACCESS,
  });
}

export const apicPageOfL1: Workload = {
  name: "E5",
  title: "the host moves the APIC-access page that L1 gives L2",
  text: "L2's accesses to its APIC exit to L1, while the page that vmcs12 names moves or is replaced.",
  parameters: [...SIZES, ...NESTED, CHANGE],
  plan: (settings, random) => ({
    world: virtualApics(settings, random),
    threads: {
      notifier: (run) =>
        atRate(run, settings.number("rate"), () =>
          change(run.world, settings.text("change") as ChangeKind, L1_APIC_ACCESS, 1),
        ),
      ...schedulerThreads,
    },
  }),
};

export const virtualApicOfL2: Workload = {
  name: "E14",
  title: "L2 uses the APIC that L1 virtualizes for it",
  text: "As E5, with a quiet host.",
  parameters: [...SIZES.filter(({ name }) => name !== "rate"), ...NESTED],
  plan: (settings, random) => ({
    world: virtualApics(settings, random),
    threads: schedulerThreads,
  }),
};

export const passedThroughApic: Workload = {
  name: "E13",
  title: "L2 uses the APIC that L1 passes through",
  text: "L1's EPT leads L2 to L1's own APIC: L0 traps and emulates, while it moves its own APIC-access page.",
  parameters: [...SIZES, ...NESTED, CHANGE],
  plan: (settings, random) => ({
    world: hypervisors(settings, random, {
      l2: READ_APIC,
      ept12: { apicPage: APIC_PAGE },
      apic: true,
    }),
    threads: { notifier: moveApicPage, ...schedulerThreads },
    promises: ["I3"],
  }),
};

const APIC_BASE_MSR = 0x1b;
const ENABLED = 0x800;
const X2APIC = 0x400;
const BOOTSTRAP = 0x100;

/** WRMSR of IA32_APIC_BASE, in 16-bit code. */
const setBase = (flags: number): Code => [
  ...[0x66, 0xb9, ...word(APIC_BASE_MSR)],
  ...[0x66, 0xb8, ...word((APIC_PAGE | flags) >>> 0)],
  ...[0x66, 0xba, ...word(0), 0x0f, 0x30],
];

export const apicModes: Workload = {
  name: "E10",
  title: "L1 changes the mode of its APIC",
  text: "xAPIC, x2APIC, disabled, xAPIC again: in each mode L1 walks and reads where the APIC's page is.",
  parameters: [...FLAT.filter(({ name }) => name !== "vcpus"), ACCESSES, CHANGE],
  plan: (settings, random) => {
    const one = [
      ...real.times(settings.number("apic.every"), real.round(walkOf(settings))),
      ...read(APIC_ID),
    ];
    const modes = [ENABLED | X2APIC, 0, ENABLED].flatMap((flags) => [
      ...setBase(flags | BOOTSTRAP),
      ...one,
    ]);
    const seed = random.below(2 ** 31);
    return {
      world: {
        ...labWorld(settings),
        apic: true,
        programs: [program(real.seed(seed), ready, real.forEver(modes))],
      },
      threads: { notifier: moveApicPage, ...schedulerThreads },
      promises: ["I3"],
    };
  },
};

/** An inhibit that comes and goes. */
function* inhibits(run: LabRun) {
  const { vm } = run.world.l0;
  let set = false;
  yield* atRate(run, run.settings.number("rate"), () => {
    set = !set;
    return vm.setApicvInhibit(APICV_INHIBIT.apicBaseModified, set);
  });
}

export const apicvInhibits: Workload = {
  name: "E11",
  title: "APICv is inhibited and allowed again",
  text: "L1 walks and uses its APIC; a reason to switch APICv off comes and goes.",
  parameters: [...FLAT, ACCESSES],
  plan: (settings, random) => ({
    world: { ...labWorld(settings), apic: true, programs: apicUsers(settings, random) },
    threads: { userspace: inhibits, ...schedulerThreads },
  }),
};
