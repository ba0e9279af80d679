/** What `Machine.tlb` tells, at a point of a guest whose caches are full of mappings of every kind. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { LAYOUT } from "../../src/core/core.ts";
import { Machine } from "../../src/machine/machine.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";
import type { CacheEntry, ProcessorCaches } from "../../src/tlb/snapshot-types.ts";

const IMAGE = readFileSync(
  fileURLToPath(new URL("../../guests/images/tlb-view.elf", import.meta.url)),
);

async function machineAt(symbol: string, tlb: string): Promise<Machine> {
  const machine = await Machine.create({ memory: 16 << 20, tlb });
  machine.load(IMAGE);
  machine.addBreakpoint(BigInt(machine.symbols!.addressOf(symbol)!.lo));
  expect((await machine.run({ timeoutMs: 20_000 })).kind).toBe("breakpoint");
  return machine;
}

const entriesOf = ({ arrays }: ProcessorCaches) => arrays.flatMap(({ entries }) => entries);
const tagWords = ({ tag }: CacheEntry) => `${tag.kind} ${tag.vpid} ${tag.pcid}`;

describe.each(["adversarial", "skylake", "zen4"])("%s at tlb_is_full", (profile) => {
  let machine: Machine;
  let caches: ProcessorCaches;
  beforeAll(async () => {
    machine = await machineAt("tlb_is_full", profile);
    caches = machine.tlb.processors[0]!;
  });

  test("reading it changes nothing", () => {
    const { buffer } = machine.core.memory;
    const copy = new Uint8Array(buffer, LAYOUT.STATE, 0x200000).slice();
    const first = machine.tlb;
    expect(machine.tlb).toEqual(first);
    expect(Buffer.compare(copy, new Uint8Array(buffer, LAYOUT.STATE, 0x200000))).toBe(0);
  });

  test("every kind and tag of the guest is there", () => {
    const tags = new Set(entriesOf(caches).map(tagWords));
    for (const tag of [
      "linear 0 1",
      "linear 0 2",
      "linear 0 global",
      "combined 1 0",
      "combined 2 0",
      "combined 3 0",
      "guest-physical undefined undefined",
    ]) {
      expect(tags).toContain(tag);
    }
    const roots = entriesOf(caches).flatMap(({ tag }) => tag.ep4ta ?? []);
    expect(new Set(roots).size).toBe(2);
    expect(caches.context).toEqual({
      operation: "VMX root",
      vpid: 0,
      pcid: 1,
      ep4ta: undefined,
    });
  });

  test("entries stand within their array and in the set that their address names", () => {
    const shapes = TLB_PROFILES.find(({ name }) => name === profile)!;
    for (const array of caches.arrays) {
      const { xorShift = 0 } =
        [...shapes.arrays, ...shapes.guestPhysical!].find(({ name }) => name === array.name) ?? {};
      const places = new Set(array.entries.map(({ set, way }) => set * array.ways + way));
      expect(places.size).toBe(array.entries.length);
      for (const entry of array.entries) {
        expect(entry.way).toBeLessThan(array.ways);
        const [address, bytes] =
          entry.type === "translation"
            ? [entry.gla, entry.pageBytes]
            : entry.type === "guest-physical"
              ? [BigInt(entry.gpa), entry.pageBytes]
              : [entry.address, entry.reachBytes];
        const page = address / BigInt(bytes);
        const folded = xorShift === 0 ? page : page ^ (page >> BigInt(xorShift));
        expect(entry.set).toBe(Number(folded & BigInt(array.sets - 1)));
      }
    }
  });

  test("what the processor would use now agrees with a walk", () => {
    let checked = 0;
    for (const entry of entriesOf(caches)) {
      if (!entry.inContext) continue;
      if (entry.type === "translation") {
        const { result } = machine.walk(machine.cpus[0]!, entry.gla);
        expect(result).toMatchObject({
          kind: "page",
          hpa: entry.hpa,
          gpa: entry.gpa,
          global: entry.global,
          write: entry.rights.write,
          execute: entry.rights.execute,
          user: entry.rights.user,
          patType: entry.patType,
        });
        checked++;
      } else if (entry.type === "structure" && entry.tables === "guest") {
        const { steps } = machine.walk(machine.cpus[0]!, entry.address);
        const step = steps.find(({ level }) => level === entry.level)!;
        expect(step).toMatchObject({ entry: entry.entry, pageBytes: 0, target: entry.tableGpa });
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(20);
  });
});

test("guest-physical mappings and EPT entries agree with the EPT in a guest", async () => {
  const machine = await machineAt("touch_in_guest", "adversarial");
  // In the guest, behind some touches.
  machine.removeBreakpoint(BigInt(machine.symbols!.addressOf("touch_in_guest")!.lo));
  await machine.run({ maxInstructions: 500 });
  const caches = machine.tlb.processors[0]!;
  expect(caches.context).toMatchObject({ operation: "VMX non-root", vpid: 1, pcid: 0 });
  const cpu = machine.cpus[0]!;
  let checked = 0;
  for (const entry of entriesOf(caches)) {
    if (!entry.inContext) continue;
    if (entry.type === "translation") {
      const { result } = machine.walk(cpu, entry.gla);
      expect(result).toMatchObject({ kind: "page", hpa: entry.hpa, gpa: entry.gpa });
      expect(entry.tag.kind).toBe("combined");
    } else if (entry.type === "guest-physical") {
      // The guest maps linear addresses to the same guest-physical ones.
      const { result } = machine.walk(cpu, BigInt(entry.gpa));
      expect(result).toMatchObject({ kind: "page", hpa: entry.hpa });
    } else if (entry.tables === "ept") {
      const { steps } = machine.walk(cpu, entry.address);
      const leaf = steps.filter(({ tables, level }) => tables === "ept" && level === entry.level);
      expect(leaf.at(-1)!.target).toBe(entry.tableHpa);
    }
    checked++;
  }
  expect(checked).toBeGreaterThan(100);
});

test("a geometry that keeps nothing has no arrays, and two processors have two parts", async () => {
  const none = await machineAt("tlb_is_full", "none");
  expect(none.tlb.processors.map(({ arrays }) => arrays)).toEqual([[]]);
  const two = await Machine.create({ memory: 16 << 20, cpus: 2, tlb: "skylake" });
  two.load(IMAGE);
  await two.run({ maxInstructions: 20_000 });
  const [first, second] = two.tlb.processors;
  expect(entriesOf(first!).length).toBeGreaterThan(0);
  expect(entriesOf(second!)).toEqual([]);
});

test("what has been flushed is not shown", async () => {
  const machine = await machineAt("tlb_is_full", "adversarial");
  expect(entriesOf(machine.tlb.processors[0]!).length).toBeGreaterThan(500);
  machine.core.exports.dropTranslations();
  expect(entriesOf(machine.tlb.processors[0]!)).toEqual([]);
});
