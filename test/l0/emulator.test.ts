/**
 * L0's emulator against the core: each instruction that it knows, with its operand or its stack in RAM
 * on the core and in device memory above L0, in every mode. `npm run test:emulator` runs more cases.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { EMULATED } from "../../src/l0/emulate/emulator.ts";
import { Comparison, describeFailure } from "./emulator-compare.ts";
import type { Mode } from "./emulator-layout.ts";

const SEED = 7;
const CASES_PER_FORM = 4;
/** What has forms beyond the emulator, and which: SDM names. */
const PARTLY = new Set(["CALL", "JMP", "IRET", "FLD", "FSTP", "FILD"]);
/** Known, but never with an operand in device memory: the line is only named. */
const WITHOUT_ACCESS = new Set(["CLFLUSH", "CLFLUSHOPT", "CLWB"]);
const mnemonicOf = (form: string) => form.split(" ")[1]!;

describe("L0's emulator does what the core does", () => {
  let comparison: Comparison;
  beforeAll(async () => {
    comparison = await Comparison.create();
  });

  for (const mode of [16, 32, 64] as const satisfies readonly Mode[]) {
    it(`in ${mode}-bit code`, () => {
      comparison.run(mode, CASES_PER_FORM, SEED);
      expect(comparison.tally.failures.map(describeFailure)).toEqual([]);
    }, 60_000);
  }

  it("with each instruction that it knows", () => {
    const { tally } = comparison;
    expect(tally.emulated).toBeGreaterThan(5000);
    const seen = new Set<string>();
    for (const [form, count] of tally.forms) if (count > 0) seen.add(mnemonicOf(form));
    const missing = [...EMULATED].filter((name) => !seen.has(name) && !WITHOUT_ACCESS.has(name));
    expect(missing).toEqual([]);
  });

  it("and leaves to others only what the page on L0 says", () => {
    const names = new Set([...comparison.tally.beyond.keys()].map(mnemonicOf));
    expect([...names].filter((name) => !PARTLY.has(name))).toEqual([]);
  });
});
