/** What the guest of the system-mode oracle prints, which agrees with other emulators. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GUESTS, runGuest } from "../support/command-line.ts";

test("faults, gates, tasks, ring 3, debugging and paging do what the SDM says", async () => {
  const { stdout } = await runGuest([`${GUESTS}/system-checks.elf`]);
  const expected = readFileSync(new URL("system-checks.txt", import.meta.url), "utf8");
  expect(stdout.split("\n")).toEqual(expected.split("\n"));
});
