/** The cost model: its columns, and the bills made from counters. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseCosts } from "../../src/cli/costs-file.ts";
import { Machine } from "../../src/machine/machine.ts";
import { COST_EVENTS, COST_PRESETS } from "../../src/tables/costs.ts";
import { modelCycles } from "../../src/tlb/costs.ts";
import { GUESTS, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();

test("every figure says where it comes from, and belongs to an event", () => {
  const events = new Set<string>(COST_EVENTS.map(({ name }) => name));
  expect(events.size).toBe(COST_EVENTS.length);
  for (const { name, note, references, level, cells } of COST_PRESETS) {
    expect(note.length, name).toBeGreaterThan(10);
    if (references) expect(references[level], name).toBeDefined();
    for (const [event, cell] of Object.entries({ ...cells })) {
      expect(events).toContain(event);
      expect(cell.cycles).toBeGreaterThanOrEqual(0);
    }
    for (const { source } of [...Object.values(cells), ...Object.values(references ?? {})]) {
      expect(source.length, name).toBeGreaterThan(1);
    }
  }
  expect(new Set(COST_PRESETS.map(({ name }) => name)).size).toBe(COST_PRESETS.length);
});

test("no column mixes machines: what another machine lends is an estimate", () => {
  for (const { name, cells, references } of COST_PRESETS) {
    const all = [...Object.values(cells), ...Object.values(references ?? {})];
    if (name === "default") expect(all.filter(({ measured }) => measured)).toEqual([]);
    for (const { source, measured } of all) {
      if (/estimate|assumed|not read again/.test(source)) expect(measured, source).toBe(false);
    }
  }
});

async function countersOfGuest() {
  const machine = await Machine.create({ memory: 16 << 20, tlb: "skylake" });
  machine.load(readFileSync(join(GUESTS, "tlb-view.elf")));
  await machine.run({ timeoutMs: 20_000 });
  return machine.counters;
}

test("a bill is counts times cycles; what has no figure is named and not billed", async () => {
  const counters = await countersOfGuest();
  const bill = modelCycles(counters, COST_PRESETS[0]!);
  const cycles = (event: string) => bill.events.find((row) => row.event === event)?.cycles;
  expect(cycles("ept-reference")).toBe(counters.eptReference * 13);
  expect(cycles("guest-reference")).toBe(counters.walkReference * 13);
  expect(cycles("data-walk")).toBe((counters.missLoad + counters.missStore) * 7);
  expect(cycles("vm-entry")).toBe(3 * 500);
  expect(cycles("vm-exit")).toBe(3 * 700);
  expect(cycles("INVEPT_ALL")).toBe(600);
  expect(bill.total).toBe(bill.events.reduce((sum, row) => sum + (row.cycles ?? 0), 0));
  expect(bill.unpriced).toEqual(["MOV_CR0", "MOV_CR4"]);
  const far = modelCycles(counters, COST_PRESETS[0]!, "memory");
  expect(far.total - bill.total).toBe(
    (counters.walkReference + counters.eptReference) * (220 - 13),
  );
  const ivy = COST_PRESETS.find(({ name }) => name === "ivy-bridge")!;
  expect(modelCycles(counters, ivy)).toMatchObject({ referenceLevel: null });
  expect(modelCycles(counters, ivy).unpriced).toContain("vm-exit");
});

function file(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

test("a table of one's own, over a preset or not", () => {
  const own = parseCosts(
    file("own.json", {
      name: "mine",
      base: "skylake",
      level: "L1",
      references: { L1: 3, L3: { cycles: 50, source: "a book" } },
      cells: { INVLPG: 200, "vm-exit": { cycles: 1000, source: "my bench" } },
    }),
  );
  expect(own.level).toBe("L1");
  expect(own.preset.name).toBe("mine");
  expect(own.preset.cells.INVLPG?.cycles).toBe(200);
  expect(own.preset.cells["vm-exit"]?.source).toBe("my bench");
  expect(own.preset.cells.INVPCID_ADDRESS?.cycles).toBe(350);
  expect(own.preset.references).toMatchObject({ L1: { cycles: 3 }, L3: { source: "a book" } });
  expect(parseCosts("default:L3").level).toBe("L3");
  expect(parseCosts(`${file("bare.json", { cells: { INVLPG: 1 } })}`).preset.references).toBe(
    undefined,
  );
});

test.each<[unknown, RegExp]>([
  ["{", /not JSON/],
  [[], /write \{"name"/],
  [{ cells: { invlpg: 1 } }, /unknown event "invlpg"/],
  [{ cells: { INVLPG: -1 } }, /"INVLPG" must be cycles/],
  [{ cells: { INVLPG: "1" } }, /"INVLPG" must be cycles/],
  [{ cells: [] }, /"cells" must be an object/],
  [{ base: "pentium" }, /base: no such preset/],
  [{ base: 1 }, /"base" must name a preset/],
  [{ level: "L4" }, /a level of references is one of/],
  [{ references: { L9: 1 } }, /a level of references is one of/],
  [{ references: 5 }, /"references" must be an object/],
])("a bad table %j is refused in one line", (value, message) => {
  expect(() => parseCosts(file("bad.json", value))).toThrow(message);
});

test.each<[string, RegExp]>([
  ["skylak", /no such preset.*skylake/],
  ["skylake:memory", /has no cycles of a reference that is found in memory/],
  ["ivy-bridge:L1", /has no cycles of a reference/],
  ["./missing.json", /no such file/],
])("--costs %s is refused", (text, message) => {
  expect(() => parseCosts(text)).toThrow(message);
});
