/** docs/vmx-support.md: controls by CPU model, exit reasons, entry checks and VMCS fields. */
import { CONTROLS, VMX_GENERATIONS } from "../../src/tables/vmx/controls.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import type { GeneratedFile } from "../generate.ts";
import { markdownTable } from "./markdown.ts";

const PATH = "docs/vmx-support.md";

const yes = (condition: boolean) => (condition ? "yes" : "");

/** How many of `rows` are built, in words. */
function built(rows: readonly { readonly built: boolean }[]): string {
  return `${rows.filter((row) => row.built).length} of ${rows.length}`;
}

function controlTable(): string {
  const rows = CONTROLS.map(({ word, bit, name, since }) => [
    `\`${word}.${name}\``,
    `${bit}`,
    ...VMX_GENERATIONS.map((_, i) => yes(since !== null && VMX_GENERATIONS.indexOf(since) <= i)),
  ]);
  return markdownTable(["control", "bit", ...VMX_GENERATIONS], rows);
}

function exitTable(): string {
  const rows = EXIT_REASONS.map((row) => [`${row.number}`, `\`${row.name}\``, yes(row.built)]);
  return markdownTable(["number", "exit reason", "built"], rows);
}

function checkTable(): string {
  const rows = ENTRY_CHECKS.map((row) => [
    `\`${row.id}\``,
    row.section,
    row.condition.replaceAll("|", "\\|"),
    `${row.outcome}`,
    yes(row.built),
  ]);
  return markdownTable(["check", "section of the manual", "must hold", "outcome", "built"], rows);
}

function fieldTable(): string {
  const rows = VMCS_FIELDS.map((row) => [
    `0x${row.encoding.toString(16).padStart(4, "0")}`,
    `\`${row.name}\``,
    row.group,
    `${row.width}`,
    row.controls.map(({ word, name }) => `\`${word}.${name}\``).join(", "),
    yes(row.built),
  ]);
  return markdownTable(["encoding", "field", "group", "width", "with", "built"], rows);
}

export function generateVmxSupport(): GeneratedFile[] {
  const text = `# VMX, row by row

Written by \`npm run generate\` from src/tables/vmx; do not edit. Capability MSRs, the layout of the VMCS and
the constants of the core come from the same rows. What is not built is not advertised either: its
control cannot be set, its field does not exist.

## Controls

By the first CPU model that has them; later ones have what the earlier have. \`--cpu-model
skylake,-NAME\` takes a control away. Without any "yes": no model has it.

${controlTable()}

## Exit reasons

${built(EXIT_REASONS)} are built.

${exitTable()}

## VM-entry checks

${built(ENTRY_CHECKS)} are built. The outcome is the VM-instruction error (7, 8) or the exit reason (33, 34).

${checkTable()}

## VMCS fields

${built(VMCS_FIELDS)} are built. "with": controls any of which brings the field into being.

${fieldTable()}
`;
  return [{ path: PATH, text }];
}
