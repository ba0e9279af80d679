/** A few seeds of the whole-machine fuzz. */
import { expect, test } from "vitest";
import { FOUND, modeSeeds } from "./corpus.ts";
import { FuzzMachine } from "./machine.ts";

const TICKS = 10_000;
const machine = await FuzzMachine.create();

test.each([...modeSeeds()])("noise in %s (seed %i) breaks nothing", (_mode, seed) => {
  const before = machine.executed;
  machine.run(seed, TICKS);
  expect(machine.executed).toBeGreaterThan(before);
});

for (const [seed, what] of FOUND) {
  test(`seed ${seed}: ${what}`, () => machine.run(seed, TICKS));
}
