/** The documented lists of differences are those that the oracles allow. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { DIFFERENCES } from "./decoder-names.ts";
import { EXCLUSIONS } from "./forms.ts";
import { KNOWN } from "./known.ts";
import { SYSTEM_DIFFERENCES } from "./known-system.ts";
import { VMX_DIFFERENCES } from "./known-vmx.ts";

const page = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

test("docs/amd-intel.md lists each rule with its reason, and no other", () => {
  const text = page("amd-intel.md");
  const listed = [...text.matchAll(/^\| `([\w-]+)` \| (.*) \|$/gm)];
  const rows = listed.map(([, id, reason]) => [id, reason!.replaceAll("\\|", "|")]);
  expect(rows).toEqual(KNOWN.map(({ id, reason }) => [id, reason]));
});

test("docs/oracle.md lists what is left out and the other differences", () => {
  const text = page("oracle.md");
  for (const { reason } of [...EXCLUSIONS, ...DIFFERENCES, ...SYSTEM_DIFFERENCES]) {
    expect(text).toContain(`| ${reason} |`);
  }
});

test("docs/vmx-guests.md lists the differences from Bochs, and no other", () => {
  const section = page("vmx-guests.md")
    .split(/^## /m)
    .find((text) => text.startsWith("Under Bochs"))!;
  const rows = [...section.matchAll(/^\| (?!step|---)(.*) \|$/gm)].map(([, row]) => row);
  expect(rows).toEqual(
    VMX_DIFFERENCES.map((d) => [d.step, d.ours, d.theirs, d.kind, d.reason].join(" | ")),
  );
});
