import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ARRAY_CELL, COUNTER_CELLS, FLUSH_CELL } from "../../src/machine/counters.ts";

test("the host knows the core's counters by their cells", () => {
  const source = readFileSync(new URL("../../assembly/tlb/counters.ts", import.meta.url), "utf8");
  const cells = [...source.matchAll(/^ {2}([A-Z0-9_]+) = (\d+),$/gm)]
    .filter(([, name]) => !["EXCEPTION", "EXIT_REASON", "ARRAYS", "FLUSHES"].includes(name!))
    .map(([, name, cell]) => [name?.replaceAll("_", "").toLowerCase(), Number(cell)]);
  expect(cells.length).toBeGreaterThan(10);
  expect(COUNTER_CELLS.map((name, cell) => [name.toLowerCase(), cell])).toEqual(cells);
  expect(source).toMatch(/^ {2}EXCEPTION = 32,$/m);
  expect(source).toMatch(/^ {2}EXIT_REASON = 64,$/m);
  expect(source).toContain(`  ARRAYS = ${ARRAY_CELL},\n`);
  expect(source).toContain(`  FLUSHES = ${FLUSH_CELL},\n`);
});
