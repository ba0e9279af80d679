/** Memory of L1 that moves while L2 runs: EPT02 and the pages that vmcs02 names follow it. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";
import { hvaOf } from "../../src/l0/memslots.ts";
import type { Task } from "../../src/l0/scheduler.ts";
import { expectedText, imageOf, stepsOf, type VmxGuest } from "../guests/vmx-guests.ts";

const PAUSE_TICKS = 20_000;
const FIRST_PAGE = 0x100;
const PAGES = 0x40;

async function runWhileMoving(guest: VmxGuest) {
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
    for (;;) {
      const due = machine.time + PAUSE_TICKS;
      yield { why: "pause", ready: () => machine.time >= due };
      const count = yield* vm.mm.migrate(start, start + PAGES * 4096);
      moved += count;
      pinned = Math.max(pinned, PAGES - count);
    }
  }
  machine.l1!.hypervisor.scheduler.spawn("kcompactd", mover());
  const pieces: Uint8Array[] = [];
  machine.serial[0]!.onData((bytes) => pieces.push(bytes.slice()));
  machine.load(imageOf(guest), {});
  const stop = await machine.run({ timeoutMs: 15_000 });
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
});
