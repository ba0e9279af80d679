/** docs/support-matrix.md says of every VMX control and every exit reason whether it works. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONTROLS, VMX_GENERATIONS } from "../../src/tables/vmx/controls.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";

const PAGE = readFileSync(new URL("../../docs/support-matrix.md", import.meta.url), "utf8");

/** Cells of the rows of the table below a heading, without its head. */
function rowsBelow(heading: string): string[][] {
  const section = PAGE.slice(PAGE.indexOf(`\n${heading}\n`) + 1).split(/\n##+ /)[0]!;
  const rows = section.split("\n").filter((line) => line.startsWith("| ") && line.includes("`"));
  return rows.map((line) => line.split("|").map((cell) => cell.trim()));
}

test("every bit of the VMX controls stands there with the models that have it", () => {
  const rows = rowsBelow("### VMX controls").map(([, control, bit, ...models]) => {
    const first = VMX_GENERATIONS.find((_, i) => models[i] === "yes");
    return `${control} ${bit} ${first}`;
  });
  const expected = CONTROLS.map(({ word, name, bit, since }) => {
    return `\`${word}.${name}\` ${bit} ${since ?? undefined}`;
  });
  expect(rows).toEqual(expected);
});

test("every exit reason stands there with whether it is built", () => {
  const rows = rowsBelow("### VM exits").map(([, number, name, built]) => [number, name, built]);
  expect(rows).toEqual(
    EXIT_REASONS.map(({ number, name, built }) => [`${number}`, `\`${name}\``, built ? "yes" : ""]),
  );
  expect(rows.length).toBeGreaterThan(70);
});
