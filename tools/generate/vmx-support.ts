/** docs/vmx-fields.md, and the controls and exit reasons of docs/support-matrix.md. */
import { CONTROLS, VMX_GENERATIONS } from "../../src/tables/vmx/controls.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import type { GeneratedFile } from "../generate.ts";
import { markdownTable } from "./markdown.ts";

const PATH = "docs/vmx-fields.md";

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

/** The part of docs/support-matrix.md about VMX. */
export function vmxSupport(): string {
  return `## VMX

What is not built is not advertised either: its control cannot be set, its field does not exist.
[vmx-fields.md](vmx-fields.md) has the VMCS fields (${built(VMCS_FIELDS)} are built),
[vmx-entry-checks.md](vmx-entry-checks.md) the VM-entry checks (${built(ENTRY_CHECKS)}),
[vmx-capabilities.md](vmx-capabilities.md) what the capability MSRs read.

### VMX controls

By the first CPU model that has them; later ones have what the earlier have. \`--cpu-model
skylake,-NAME\` takes a control away. Without any "yes": no model has it.

${controlTable()}

### VM exits

${built(EXIT_REASONS)} exit reasons are built.

${exitTable()}
`;
}

export function generateVmxFields(): GeneratedFile[] {
  const text = `# VMCS fields

Written by \`npm run generate\` from src/tables/vmx; do not edit. ${built(VMCS_FIELDS)} are built. "with":
controls any of which brings the field into being; [support-matrix.md](support-matrix.md) says which CPU
model has them.

${fieldTable()}
`;
  return [{ path: PATH, text }];
}
