/** Counts of the flush lab against calculations by hand, on worlds small enough for that. */
import { beforeAll, describe, expect, it } from "vitest";
import { LabContext } from "../../src/lab/flush/context.ts";
import { runJob } from "../../src/lab/flush/run-job.ts";
import type { JobResult, Parameters } from "../../src/lab/flush/types.ts";
import { walkCode } from "../../src/lab/flush/walker.ts";
import { defaultsOf, type LabRun, type Workload } from "../../src/lab/flush/workload.ts";
import { hypervisors, SHARED_BASE, shapeOf } from "../../src/lab/flush/workloads/hypervisors.ts";
import { memoryOfL2 } from "../../src/lab/flush/workloads/nested.ts";
import { type Code, halt, program, read, ready } from "../../src/lab/program.ts";
import { SCENARIO_TLB } from "../../src/lab/tlb.ts";

const PAGE = 4096;
const BASE = 0x100000;
const TICKS = { name: "ticks", text: "length of the run", default: 20_000 };
/** By then everybody has read everything. */
const MIDDLE = 10_000;
const { forEver } = walkCode(16);
const pageAt = (index: number) => BASE + index * PAGE;
/** Reads these pages for ever. */
const reads = (...pages: number[]): Code =>
  program(ready, forEver(...pages.map((page) => read(pageAt(page)))));

/** One page migrates, once. */
function* migrate({ world, until }: LabRun, gpa: number, at = MIDDLE) {
  yield until(at);
  const hva = world.hva(gpa);
  yield* world.l0.vm.mm.migrate(hva, hva + PAGE);
}

const flat = (name: string, cpus: number, programs: Code[]): Workload => ({
  name,
  title: "page 0 migrates",
  text: "",
  parameters: [TICKS],
  plan: () => ({
    world: { cpus, programs, sliceTicks: 50, exactTime: true, tlb: SCENARIO_TLB },
    threads: { notifier: (run) => migrate(run, pageAt(0)) },
  }),
});

const LONG: Parameters = { ...defaultsOf(memoryOfL2), "l2.guests": 1, tlb: "scenario" };

/** L1 with one guest; a page of the guest alone or of both migrates. */
const nested = (name: string, of: "guest" | "both"): Workload => ({
  ...memoryOfL2,
  name,
  plan: (settings, random) => {
    const gpa = of === "both" ? SHARED_BASE : shapeOf(settings).privateBase(0);
    return {
      world: hypervisors(settings, random),
      threads: { notifier: (run) => migrate(run, gpa, 300_000) },
    };
  },
});

let context: LabContext;
beforeAll(async () => {
  context = await LabContext.create({
    workloads: [
      flat("one vCPU", 1, [reads(0, 1, 2)]),
      flat("two vCPUs", 2, [reads(0, 1), reads(2)]),
      flat("one asleep", 2, [reads(0, 1), program(read(pageAt(2)), ready, halt)]),
      nested("page of L2", "guest"),
      nested("page of both", "both"),
    ],
  });
});

function run(strategy: string, workload: string, parameters: Parameters): JobResult {
  const result = runJob({ strategy, workload, parameters, seed: 1 }, context);
  expect(result.error ?? result.witness).toBeUndefined();
  return result;
}

const SINGLE = { inveptSingle: 1, inveptAll: 0 };

describe.each(["F1", "F3", "F3b"])("with %s", (strategy) => {
  const parameters = { ticks: 20_000 };
  /** INVEPT of everything or of one root, `times` times. */
  const invept = (times: number) =>
    strategy === "F1"
      ? { inveptAll: times, inveptSingle: 0 }
      : { inveptAll: 0, inveptSingle: times * SINGLE.inveptSingle };

  it("a page of one vCPU costs it what it has cached, once", () => {
    const { counts } = run(strategy, "one vCPU", parameters);
    const retries = counts.faultRetries;
    // Code and three pages, each as a combined and as a guest-physical mapping; three levels of the EPT
    // above them, which all have in common. Stale is page 0 in both forms; the others are walked again.
    expect(counts).toMatchObject({ dropped: 4 + 4 + 3, droppedStale: 2, refills: 2 * 3 });
    expect(counts).toMatchObject({ invalidations: 1, invalidationsHit: 1, flushRequests: 1 });
    expect(counts).toMatchObject({ ipis: 1, forcedExits: 1, ...invept(1) });
    // Three violations at the beginning, the interrupt, the violation behind it and its retries.
    expect(counts.vmExits).toBe(3 + 1 + 1 + retries);
    // Each violation is a walk that fails and one that succeeds; behind the flush code and two pages.
    expect(counts.walks).toBe(3 * 2 + 3 + 2 + retries);
    // A walk that fails reads the last entry, or all four behind another failure, which drops the upper
    // ones; so does the one that succeeds. Behind the flush: code 4, then one each, and page 0 as above.
    expect(counts.eptReferences).toBe(3 * (1 + 4) + 4 + 1 + 1 + (1 + 4 * retries + 4));
  });

  it("a page of two vCPUs costs both what they have cached", () => {
    const { counts } = run(strategy, "two vCPUs", parameters);
    // Code and two pages there, code and one here.
    expect(counts.dropped).toBe(3 + 3 + 3 + (2 + 2 + 3));
    expect(counts).toMatchObject({ droppedStale: 2, refills: 2 * 2 + 2 * 2 });
    expect(counts).toMatchObject({ ipis: 2, forcedExits: 2, ...invept(2) });
  });

  it("a vCPU that is halted is left alone", () => {
    const { counts } = run(strategy, "one asleep", parameters);
    expect(counts).toMatchObject({ dropped: 3 + 3 + 3, ipis: 1, forcedExits: 1, ...invept(1) });
  });
});

describe("a page that L1's guest has mapped", () => {
  const times = (strategy: string, workload: string, site: string) =>
    run(strategy, workload, LONG).sites.find((row) => row.site === site)?.times ?? 0;

  it("costs one INVEPT of everything, or one of L2's root", () => {
    // One more at the beginning, when the VMCSs come to their processor: vmcs01 and vmcs02.
    expect(times("F1", "page of L2", "kvm_vcpu_flush_tlb_all")).toBe(2 + 1);
    expect(times("F3", "page of L2", "kvm_vcpu_flush_tlb_all")).toBe(2);
    expect(times("F3", "page of L2", "kvm_vcpu_flush_tlb_roots")).toBe(1);
  });

  it("costs two when L1 has mapped it too, one for each root", () => {
    expect(times("F1", "page of both", "kvm_vcpu_flush_tlb_all")).toBe(2 + 1);
    expect(times("F3", "page of both", "kvm_vcpu_flush_tlb_roots")).toBe(2);
  });
});
