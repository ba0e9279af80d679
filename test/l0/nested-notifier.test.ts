/** Memory of L1 that moves while L2 runs: EPT02 and the pages that vmcs02 names follow it. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";
import { hvaOf } from "../../src/l0/memslots.ts";
import type { Task } from "../../src/l0/scheduler.ts";
import { expectedText, imageOf, stepsOf, type VmxGuest } from "../guests/vmx-guests.ts";

const PAUSE_TICKS = 20_000;
/**
 * Time between two migrations in which the guest still gets on: an instruction of L2 needs up to nine
 * faults of 800 ticks each before all its pages and tables are there again.
 */
const SHORT_PAUSE_TICKS = 8_000;
const FIRST_PAGE = 0x100;
const PAGES = 0x40;

interface Pace {
  /** Ticks between two migrations; 0 for one behind the other. */
  readonly pause: number;
  /** Migrations until the mover stops; default: it never does. */
  readonly rounds?: number;
  readonly timeoutMs?: number;
}

async function runWhileMoving(guest: VmxGuest, pace: Pace = { pause: PAUSE_TICKS }) {
  const { pause, rounds = Number.POSITIVE_INFINITY, timeoutMs = 15_000 } = pace;
  const machine = await Machine.create({
    mode: "l1",
    memory: 16 << 20,
    cpus: 2,
    l0HugePages: false,
  });
  const { vm } = machine.l1!.hypervisor;
  let moved = 0;
  let pinned = 0;
  function* mover(): Task {
    const slot = vm.slotOf(FIRST_PAGE)!;
    const start = hvaOf(slot, FIRST_PAGE);
    for (let round = 0; round < rounds; round++) {
      const due = machine.time + pause;
      if (pause === 0) yield "the next migration";
      else yield { why: "pause", ready: () => machine.time >= due };
      const count = yield* vm.mm.migrate(start, start + PAGES * 4096);
      moved += count;
      pinned = Math.max(pinned, PAGES - count);
    }
  }
  machine.l1!.hypervisor.scheduler.spawn("kcompactd", mover());
  const pieces: Uint8Array[] = [];
  machine.serial[0]!.onData((bytes) => pieces.push(bytes.slice()));
  machine.load(imageOf(guest), {});
  const stop = await machine.run({ timeoutMs });
  return { text: Buffer.concat(pieces).toString("latin1"), stop, moved, pinned };
}

describe("L1's memory that moves under L2", () => {
  for (const guest of ["vmx-memory", "vmx-apic"] as const) {
    it(`changes nothing of what is seen: ${guest}`, async () => {
      const { text, stop, moved, pinned } = await runWhileMoving(guest);
      expect(stop).toMatchObject({ kind: "exit", code: 0 });
      expect(moved).toBeGreaterThan(2 * PAGES);
      // Pages that vmcs02 names have references, and stay.
      if (guest === "vmx-apic") expect(pinned).toBeGreaterThan(0);
      const expected = new Map(stepsOf(expectedText(guest)).map((step) => [step.head, step.line]));
      for (const step of stepsOf(text)) {
        if (step.result !== "not available") expect(step.line).toBe(expected.get(step.head));
      }
    }, 120_000);
  }

  it("gets on as soon as one migration behind the other comes to an end", async () => {
    const { stop, moved } = await runWhileMoving("vmx-memory", { pause: 0, rounds: 3000 });
    expect(stop).toMatchObject({ kind: "exit", code: 0 });
    expect(moved).toBeGreaterThan(3000);
  }, 60_000);

  it("gets on between migrations that leave time for the faults of one instruction", async () => {
    const { stop } = await runWhileMoving("vmx-memory", { pause: SHORT_PAUSE_TICKS });
    expect(stop).toMatchObject({ kind: "exit", code: 0 });
  }, 60_000);

  it("does not keep a run from its end when it never pauses", async () => {
    const { stop } = await runWhileMoving("vmx-memory", { pause: 0, timeoutMs: 500 });
    expect(stop).toEqual({ kind: "time-limit" });
  }, 60_000);
});
