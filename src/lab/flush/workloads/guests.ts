/** Worlds of L1 guests that walk through their memory, and the host's scheduler beside them. */
import type { Task, Wait } from "../../../l0/scheduler.ts";
import { TLB_PROFILES, type TlbProfile } from "../../../tables/tlb-profiles.ts";
import type { Code } from "../../program.ts";
import { SCENARIO_TLB } from "../../tlb.ts";
import type { World, WorldOptions } from "../../world.ts";
import type { Random } from "../random.ts";
import type { Walk } from "../walker.ts";
import { walker } from "../walker.ts";
import { atRate, type LabRun, type Settings } from "../workload.ts";
import type { ChangeKind } from "./parameters.ts";

const MIB = 1 << 20;
/** Guest-physical address of the pages that guests walk through. */
export const WALK_BASE = MIB;
/** Pages that nobody touches. */
export const IDLE_BASE = 3 * MIB;
const GUEST_BYTES = 4 * MIB;
const HOST_BYTES = 12 * MIB;
const HOT_PART = 8;
/** Ticks for which a vCPU keeps a processor that it shares. */
const TURN_TICKS = 2000;

export function walkOf(settings: Settings, base = WALK_BASE): Walk {
  const pages = settings.number("pages");
  return {
    base,
    pages,
    hot: Math.max(1, pages / HOT_PART),
    locality: settings.number("locality"),
    writes: settings.number("writes"),
  };
}

export function tlbOf(settings: Settings): TlbProfile {
  const name = settings.text("tlb");
  return TLB_PROFILES.find((profile) => profile.name === name) ?? SCENARIO_TLB;
}

/** What all worlds of the lab have; without programs. */
export function labWorld(settings: Settings): Omit<WorldOptions, "programs"> {
  return {
    cpus: settings.number("cpus"),
    exactTime: true,
    reusesFrames: settings.flag("reuse"),
    sliceTicks: settings.number("slice"),
    hostBytes: HOST_BYTES,
    guestBytes: GUEST_BYTES,
    tlb: tlbOf(settings),
  };
}

/** Each vCPU walks; `extra` is done behind each access. */
export function walkers(settings: Settings, random: Random, walk: Walk, extra?: Code): Code[] {
  return Array.from({ length: settings.number("vcpus") }, () =>
    walker(walk, random.below(2 ** 31), extra),
  );
}

/** The host's scheduler: moves at the rate "migrations", and turns where processors are shared. */
export const schedulerThreads = {
  scheduler: (run: LabRun) => schedule(run),
};

function* schedule(run: LabRun): Task {
  const { vcpus, pcpus } = run.world.l0;
  if (vcpus.length > pcpus.length) yield* takeTurns(run);
  else yield* atRate(run, run.settings.number("migrations"), () => moveOne(run));
}

/** A vCPU at random goes to a processor that is free. */
function* moveOne({ world, random }: LabRun): Task {
  const { vcpus, pcpus } = world.l0;
  const free = pcpus.filter((pcpu) => pcpu.vcpu === undefined);
  if (free.length === 0) return;
  const vcpu = random.pick(vcpus);
  const target = random.pick(free);
  vcpu.moveTo = target;
  vcpu.kick();
  const there: Wait = { why: "migration", ready: () => vcpu.moveTo === undefined };
  while (!there.ready()) yield there;
  const arrived: Wait = { why: "migration", ready: () => vcpu.pcpu === target };
  while (!arrived.ready()) yield arrived;
}

/** The vCPUs of each processor run one after the other, a turn each. */
function* takeTurns(run: LabRun): Task {
  const { world } = run;
  const { vcpus, pcpus } = world.l0;
  const rounds = Math.ceil(vcpus.length / pcpus.length);
  for (let turn = 0; ; turn = (turn + 1) % rounds) {
    const these = vcpus.filter(({ index }) => Math.floor(index / pcpus.length) === turn);
    for (const vcpu of these) world.putOn(vcpu);
    yield run.until(world.now + TURN_TICKS);
    for (const vcpu of these) {
      world.takeOff(vcpu);
      const gone: Wait = { why: "end of the turn", ready: () => vcpu.pcpu === undefined };
      while (!gone.ready()) yield gone;
    }
    if (run.isOver) return;
  }
}

/** A change of the host's memory behind `pages` pages from guest-physical `gpa` on. */
export function change(world: World, kind: ChangeKind, gpa: number, pages: number): Task {
  return changeAt(world, kind, world.hva(gpa), pages);
}

/** The same by the userspace address. */
export function* changeAt(world: World, kind: ChangeKind, hva: number, pages: number): Task {
  const { mm } = world.l0.vm;
  const end = hva + pages * 4096;
  if (kind === "remap") yield* mm.remap(hva, end);
  else if (kind === "age") yield* mm.age(hva, end);
  else if (kind === "migrate") yield* mm.migrate(hva, end);
  else {
    for (let page = hva; page < end; page += 4096) {
      if (kind === "swap") yield* mm.swapOut(page);
      else yield* mm.share(page);
    }
  }
}
