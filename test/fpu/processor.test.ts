/**
 * The library against a processor: outcomes that x87 and SSE instructions gave on hardware.
 *
 * vectors/samples.csv holds operations with their outcome. vectors/digests.json holds, for every
 * operation and control word, one hash a row of special operands (see operands.ts), so that each
 * combination of operation, rounding, precision, mask and pair of operands is covered.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { type FpuLibrary, openLibrary } from "./library.ts";
import { controls, rowsOf } from "./operands.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import { type FpuRecord, record } from "./records.ts";

const directory = new URL("./vectors/", import.meta.url);
const DIGEST_CHARACTERS = 6;

/** What hardware gave, beside a record still to be run. */
interface Sample {
  readonly line: string;
  readonly input: FpuRecord;
  readonly expected: FpuRecord;
}

function parseNumber(text: string): { exp: number; bits: bigint } {
  const colon = text.indexOf(":");
  if (text === "") return { exp: 0, bits: 0n };
  const exp = colon < 0 ? 0 : Number.parseInt(text.slice(0, colon), 16);
  return { exp, bits: BigInt(`0x${text.slice(colon + 1)}`) };
}

function parseSample(line: string, operation: Operation): Sample {
  const fields = line.split(",");
  const control = Number.parseInt(fields[1]!, 16);
  const [a, b, r0, r1] = fields.slice(2, 6).map(parseNumber);
  const make = () => record(operation.number, control, a!.bits, a!.exp, b!.bits, b!.exp);
  const expected = make();
  expected.r0 = r0!.bits;
  expected.r0Exp = r0!.exp;
  expected.r1 = r1!.bits;
  expected.r1Exp = r1!.exp;
  expected.status = Number.parseInt(fields[6]!, 16);
  expected.trapped = Number(fields[7]);
  return { line, input: make(), expected };
}

const C1 = 0x200;

/** Distance of two 80-bit numbers of one sign in units of the last place. */
function ulps(aExp: number, a: bigint, bExp: number, b: bigint): bigint {
  const place = (exp: number, sig: bigint) =>
    (BigInt(exp & 0x7fff) << 63n) | BigInt.asUintN(63, sig);
  const d = place(aExp, a) - place(bExp, b);
  return (aExp ^ bExp) & 0x8000 ? 1n << 80n : d < 0n ? -d : d;
}

let library: FpuLibrary;
const samples = new Map<string, Sample[]>();
const digests = JSON.parse(readFileSync(new URL("digests.json", directory), "utf8")) as Record<
  string,
  Record<string, string>
>;

beforeAll(async () => {
  library = await openLibrary();
}, 60_000);

for (const line of readFileSync(new URL("samples.csv", directory), "utf8").trim().split("\n")) {
  const name = line.slice(0, line.indexOf(","));
  const operation = OPERATIONS.find((row) => row.name === name);
  if (operation === undefined) continue;
  const list = samples.get(name) ?? [];
  list.push(parseSample(line, operation));
  samples.set(name, list);
}

describe.each(OPERATIONS.filter((o) => !o.transcendental))("$name", (operation) => {
  it("gives what the processor gave on the samples", () => {
    const list = samples.get(operation.name) ?? [];
    expect(list.length).toBeGreaterThan(0);
    for (const { line, input, expected } of list) {
      expect(library.runOne(input), line).toEqual(expected);
    }
  });

  it("gives what the processor gave on all special operands under every control word", () => {
    const expected = digests[operation.name]!;
    expect(Object.keys(expected)).toHaveLength(new Set(controls(operation.control)).size);
    for (const control of controls(operation.control)) {
      const digest = expected[control.toString(16)]!;
      const rows = [...rowsOf(operation, control)];
      expect(digest).toHaveLength(rows.length * DIGEST_CHARACTERS);
      for (const [i, row] of rows.entries()) {
        const hash = library.hash(row).toString(16).padStart(8, "0").slice(-DIGEST_CHARACTERS);
        const at = i * DIGEST_CHARACTERS;
        const where = `control ${control.toString(16)}, a ${row[0]!.aExp.toString(16)}:${row[0]!.a.toString(16)}`;
        expect(hash, where).toBe(digest.slice(at, at + DIGEST_CHARACTERS));
      }
    }
  });
});

describe.each(OPERATIONS.filter((o) => o.transcendental))("$name", (operation) => {
  it("has the processor's flags and differs from its result by one unit at most", () => {
    const list = samples.get(operation.name) ?? [];
    expect(list.length).toBeGreaterThan(100);
    let different = 0;
    for (const { line, input, expected } of list) {
      const r = library.runOne(input);
      // C1 tells how the last bit was rounded, which the processor does from less accuracy.
      expect(r.status & ~C1, line).toBe(expected.status & ~C1);
      const d0 = ulps(r.r0Exp, r.r0, expected.r0Exp, expected.r0);
      const d1 = ulps(r.r1Exp, r.r1, expected.r1Exp, expected.r1);
      expect(Number(d0), line).toBeLessThanOrEqual(1);
      expect(Number(d1), line).toBeLessThanOrEqual(1);
      if (d0 + d1 !== 0n) different++;
    }
    expect(different).toBeLessThan(list.length / 10);
  });
});
