/** Accessed flags that the host's reclaim clears: what it learns, and what it costs to flush for it. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LabContext } from "../../src/lab/flush/context.ts";
import { runJob } from "../../src/lab/flush/run-job.ts";
import { walkCode } from "../../src/lab/flush/walker.ts";
import type { LabRun, Workload } from "../../src/lab/flush/workload.ts";
import { program, read, ready } from "../../src/lab/program.ts";
import { SCENARIO_TLB } from "../../src/lab/tlb.ts";

const PAGE = 4096;
const USED = 0x100000;
const UNUSED = 0x180000;
const { forEver } = walkCode(16);

/** What each look has found, in order. */
const found: boolean[] = [];

function* look({ world }: LabRun, gpa: number) {
  const hva = world.hva(gpa);
  found.push(yield* world.l0.vm.mm.age(hva, hva + PAGE));
}

/** A guest reads one page for ever; the host looks at times at that one, or at one that is not used. */
const aging: Workload = {
  name: "aging",
  title: "",
  text: "",
  parameters: [{ name: "ticks", text: "length", default: 40_000 }],
  plan: () => ({
    world: {
      programs: [program(ready, forEver(read(USED)))],
      sliceTicks: 50,
      exactTime: true,
      tlb: SCENARIO_TLB,
    },
    threads: {
      *reclaim(run) {
        yield run.until(10_000);
        yield* look(run, USED);
        yield* look(run, USED);
        yield* look(run, UNUSED);
        yield run.until(20_000);
        yield* look(run, USED);
      },
    },
  }),
};

let context: LabContext;
beforeAll(async () => {
  context = await LabContext.create({ workloads: [aging] });
});
beforeEach(() => {
  found.length = 0;
});

const run = (strategy: string) =>
  runJob({ strategy, workload: "aging", parameters: { ticks: 40_000 }, seed: 1 }, context);

describe("ageing", () => {
  it("without a flush: a page whose translation stays cached looks old afterwards", () => {
    const { verdict, counts } = run("F11");
    expect(verdict).toBe("right");
    expect(found).toEqual([true, false, false, false]);
    expect(counts).toMatchObject({ flushRequests: 0, inveptAll: 0, ipis: 0 });
  });

  it("with a flush: its use is seen, for two flushes that drop nothing that was wrong", () => {
    const { verdict, counts } = run("F11-flush");
    expect(verdict).toBe("right");
    expect(found.at(0)).toBe(true);
    expect(found.slice(2)).toEqual([false, true]);
    const looks = found.filter(Boolean).length;
    expect(counts).toMatchObject({ flushRequests: looks, inveptAll: looks, droppedStale: 0 });
  });
});
