/** Memory slots that come and go while vCPUs run, APICv inhibits, and MMIO entries of old generations. */
import { describe, expect, it } from "vitest";
import type { PolicyStep } from "../../src/l0/policy.ts";
import { bySeed, runNow, type Task } from "../../src/l0/scheduler.ts";
import { L0Harness } from "./l0-harness.ts";

const PAGE = 4096;
/** Behind L1's RAM of 4 MiB. */
const EXTRA_GFN = 0x1000;
const EXTRA_SLOT = 5;
/** MOV EAX, [EXTRA]; JMP back (16-bit code, 32-bit addresses). */
const READER = [0x67, 0x66, 0xa1, 0x00, 0x00, 0x00, 0x01, 0xeb, 0xf7];

function slot(h: L0Harness) {
  const hva = h.l0.vm.mm.map(PAGE, false);
  return { id: EXTRA_SLOT, baseGfn: EXTRA_GFN, pages: 1, hva, readOnly: false };
}

const mappedGfns = (h: L0Harness) =>
  h.l0.vm.tdp.roots.flatMap((root) => [...h.l0.vm.tdp.leafs(root)].map(({ gfn }) => gfn));

async function start(seed: number, leftOut: readonly PolicyStep[] = []) {
  const h = await L0Harness.create({ cpus: 2, leftOut });
  h.startAll(READER);
  h.l0.scheduler.choose = bySeed(seed);
  return h;
}

const steps = (h: L0Harness, count: number) => {
  for (let i = 0; i < count; i++) h.l0.scheduler.stepAny();
};

describe("memory slots", () => {
  it("turn a device into RAM: entries of the old generation do not count", async () => {
    const h = await start(1);
    steps(h, 100);
    expect(mappedGfns(h)).not.toContain(EXTRA_GFN);
    const added = slot(h);
    h.l0.scheduler.complete("userspace", h.l0.vm.addSlot(added));
    h.l0.memory.write(EXTRA_GFN * PAGE, Uint8Array.from([0x11, 0x22, 0x33, 0x44]));
    steps(h, 200);
    expect(mappedGfns(h)).toContain(EXTRA_GFN);
  });

  it("go, and with them every entry and root that knew them", async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const h = await start(seed);
      const added = slot(h);
      runNow(h.l0.vm.addSlot(added));
      steps(h, 120);
      const before = h.l0.vm.tdp.roots.map(({ pfn }) => pfn);
      h.l0.scheduler.complete("userspace", h.l0.vm.deleteSlot(EXTRA_SLOT));
      // Whoever runs now has a new root; the page can go.
      h.l0.scheduler.complete("userspace", h.l0.vm.mm.unmap(added.hva, added.hva + PAGE));
      expect(mappedGfns(h)).not.toContain(EXTRA_GFN);
      steps(h, 120);
      const after = h.l0.vm.tdp.roots.map(({ pfn }) => pfn);
      expect(after).toHaveLength(1);
      expect(before).not.toContain(after[0]);
      expect(h.l0.vm.tdp.tableCount).toBeLessThan(10);
    }
  });

  it("wait for notifiers under way before they change", async () => {
    const h = await start(3);
    const { vm } = h.l0;
    runNow(vm.addSlot(slot(h)));
    steps(h, 60);
    const hva = h.hva(EXTRA_GFN * PAGE);
    const order: string[] = [];
    const notifier = function* (): Task {
      yield* vm.invalidation.invalidateRangeStart(hva, hva + PAGE);
      order.push("start");
      for (let i = 0; i < 40; i++) yield "between start and end";
      order.push("end");
      yield* vm.invalidation.invalidateRangeEnd(hva, hva + PAGE);
    };
    const userspace = function* (): Task {
      while (order.length === 0) yield "before the delete";
      yield* vm.deleteSlot(EXTRA_SLOT);
      order.push("deleted");
    };
    h.l0.scheduler.spawn("notifier", notifier());
    h.l0.scheduler.complete("userspace", userspace());
    expect(order).toEqual(["start", "end", "deleted"]);
    expect(vm.invalidation.inProgress).toBe(0);
  });

  it("refuse what overlaps", async () => {
    const h = await start(1);
    const overlapping = { id: 7, baseGfn: 1, pages: 1, hva: 0, readOnly: false };
    expect(() => runNow(h.l0.vm.addSlot(overlapping))).toThrow(RangeError);
    expect(h.l0.vm.slotsLock.isHeld).toBe(false);
  });
});

describe("zap_all_fast", () => {
  it("needs its request: without, a vCPU runs on tables that are gone", async () => {
    const h = await start(2, ["NoRequest"]);
    runNow(h.l0.vm.addSlot(slot(h)));
    steps(h, 120);
    h.l0.scheduler.complete("userspace", h.l0.vm.deleteSlot(EXTRA_SLOT));
    steps(h, 100);
    expect(h.l0.vcpus.some(({ root }) => root?.invalid)).toBe(true);
  });
});

describe("an APICv inhibit", () => {
  it("zaps the APIC page behind the reasons, so that it is not mapped again", async () => {
    const apicReader = [0x67, 0x66, 0xa1, 0x20, 0x00, 0xe0, 0xfe, 0xeb, 0xf7];
    for (let seed = 1; seed <= 20; seed++) {
      const h = await L0Harness.create({ cpus: 2, apic: true });
      h.startAll(apicReader);
      h.l0.scheduler.choose = bySeed(seed);
      steps(h, 100);
      expect(mappedGfns(h)).toContain(h.l0.vm.apicGfn);
      h.l0.scheduler.complete("userspace", h.l0.vm.setApicvInhibit(1, true));
      expect(mappedGfns(h)).not.toContain(h.l0.vm.apicGfn);
      steps(h, 100);
      expect(mappedGfns(h)).not.toContain(h.l0.vm.apicGfn);
      h.l0.scheduler.complete("userspace", h.l0.vm.setApicvInhibit(1, false));
      steps(h, 100);
      expect(mappedGfns(h)).toContain(h.l0.vm.apicGfn);
    }
  });

  it("maps it again when the zap comes before the reasons", async () => {
    const apicReader = [0x67, 0x66, 0xa1, 0x20, 0x00, 0xe0, 0xfe, 0xeb, 0xf7];
    let mapped = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const h = await L0Harness.create({ cpus: 2, apic: true, leftOut: ["ZapBeforeReasons"] });
      h.startAll(apicReader);
      h.l0.scheduler.choose = bySeed(seed);
      steps(h, 100);
      h.l0.scheduler.complete("userspace", h.l0.vm.setApicvInhibit(1, true));
      steps(h, 60);
      if (mappedGfns(h).includes(h.l0.vm.apicGfn)) mapped++;
    }
    expect(mapped).toBeGreaterThan(0);
  }, 60_000);
});
