/** The constants of the transcendental instructions, computed anew. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { arctan2, div, LN2, ONE, PI, roundedFraction128 } from "./precise.ts";

const source = readFileSync("assembly/fpu/transcendental-tables.ts", "utf8");

/** The 128-bit entries of a table. */
function table(name: string): bigint[] {
  const start = source.indexOf("[", source.indexOf(`${name}: usize`));
  const words = source
    .slice(start, source.indexOf("]", start))
    .match(/0x[0-9a-f]+/g)!
    .map(BigInt);
  return words.flatMap((low, i) => (i % 2 === 0 ? [(words[i + 1]! << 64n) | low] : []));
}

function constant(name: string): bigint {
  const word = (part: string) =>
    BigInt(new RegExp(`${name}_${part}: u64 = (0x[0-9a-f]+)`).exec(source)![1]!);
  return (word("HI") << 64n) | word("LO");
}

it("inverse factorials", () => {
  let factorial = 1n;
  for (const [i, entry] of table("INVERSE_FACTORIALS").entries()) {
    factorial *= BigInt(i + 2);
    expect(entry).toBe(roundedFraction128(ONE / factorial));
  }
});

it("inverse odd numbers", () => {
  const entries = table("INVERSE_ODDS");
  expect(entries).toHaveLength(27);
  for (const [i, entry] of entries.entries()) {
    expect(entry).toBe(roundedFraction128(ONE / BigInt(2 * i + 3)));
  }
});

it("arc tangents of sixteenths", () => {
  const entries = table("ARCTANGENTS");
  expect(entries).toHaveLength(16);
  for (const [i, entry] of entries.entries()) {
    expect(entry).toBe(roundedFraction128(arctan2((ONE * BigInt(i + 1)) / 16n, ONE)));
  }
});

it("ln 2, 2 / ln 2 and pi with 128 bits", () => {
  expect(constant("LN2")).toBe(roundedFraction128(LN2));
  expect(constant("TWO_LOG2E")).toBe(roundedFraction128(div(ONE, LN2) / 2n));
  expect(constant("PI")).toBe(roundedFraction128(PI / 4n));
});

it("66-bit pi and its inverse", () => {
  const pi66 = constant("PI66");
  expect(pi66).toBe((PI << 64n) / ONE);
  expect(pi66.toString(2)).toHaveLength(66);
  expect(constant("PI66_INVERSE")).toBe((1n << 193n) / pi66);
});
