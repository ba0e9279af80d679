/** What the guest of the system-mode oracle prints, which agrees with other emulators. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GUESTS, runGuest } from "../support/command-line.ts";

test.each([
  ["faults, gates, tasks, ring 3, debugging and paging", "system-checks"],
  ["64-bit mode and compatibility mode", "system-checks64"],
])("%s: what the SDM says", async (_what, guest) => {
  const { stdout } = await runGuest([`${GUESTS}/${guest}.elf`]);
  const expected = readFileSync(new URL(`${guest}.txt`, import.meta.url), "utf8");
  expect(stdout.split("\n")).toEqual(expected.split("\n"));
});
