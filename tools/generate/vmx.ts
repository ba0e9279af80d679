/** Writes the constants of VMX for the core: field offsets, control bits, exit reasons, checks. */
import { CONTROLS } from "../../src/tables/vmx/controls.ts";
import { ENTRY_CHECKS } from "../../src/tables/vmx/entry-checks.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";
import { fieldOffset, VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import type { GeneratedFile } from "../generate.ts";

const constant = (text: string) => text.toUpperCase().replaceAll(".", "_");

/** `exit` and `entry` name exits and entries themselves, too. */
const WORD_PREFIX = {
  pin: "PIN",
  primary: "PRIMARY",
  secondary: "SECONDARY",
  tertiary: "TERTIARY",
  exit: "EXITING",
  exit2: "EXITING2",
  entry: "ENTERING",
} as const;

/** Exit qualifications of the checks whose failure ends in exit reason 33. */
function qualificationFunction(): string[] {
  const cases = ENTRY_CHECKS.flatMap(({ built, qualification }, index) =>
    built && qualification !== 0
      ? [`    case ${index + 1}:`, `      return ${qualification};`]
      : [],
  );
  return [
    "/** Exit qualification when guest-state check `check` fails. */",
    "export function checkQualification(check: u32): u32 {",
    "  switch (check) {",
    ...cases,
    "    default:",
    "      return 0;",
    "  }",
    "}",
  ];
}

export function generateVmx(): GeneratedFile[] {
  const lines = ['/** Constants of VMX; written by "npm run generate". */', ""];
  lines.push("// Offsets of VMCS fields in the region.");
  for (const field of VMCS_FIELDS) {
    if (!field.built) continue;
    lines.push(
      `export const V_${constant(field.name)}: u32 = 0x${fieldOffset(field).toString(16)};`,
    );
  }
  lines.push("", "// Control bits.");
  for (const { word, bit, name } of CONTROLS) {
    const mask = (2 ** bit).toString(16);
    lines.push(`export const ${WORD_PREFIX[word]}_${constant(name)}: u32 = 0x${mask};`);
  }
  lines.push("", "// Basic exit reasons.");
  for (const { number, name } of EXIT_REASONS) {
    lines.push(`export const REASON_${constant(name)}: u32 = ${number};`);
  }
  lines.push("", "// VM-entry checks: the place in the table plus one.");
  ENTRY_CHECKS.forEach(({ id, built }, index) => {
    if (!built) return;
    lines.push(`export const CHECK_${constant(id.slice("entry.".length))}: u32 = ${index + 1};`);
  });
  lines.push("", ...qualificationFunction());
  return [{ path: "assembly/generated/vmx.ts", text: `${lines.join("\n")}\n` }, hostConstants()];
}

/** Encodings of fields, control bits and exit reasons by name, for a hypervisor in TypeScript. */
function hostConstants(): GeneratedFile {
  const lines = ['/** VMX by name, for L0; written by "npm run generate". */', ""];
  lines.push("/** Encodings of the VMCS fields. */", "export const FIELD = {");
  for (const { name, encoding, built } of VMCS_FIELDS) {
    if (built) lines.push(`  ${name}: 0x${encoding.toString(16)},`);
  }
  lines.push("} as const;");
  for (const [word, prefix] of Object.entries(WORD_PREFIX)) {
    lines.push("", `export const ${prefix} = {`);
    for (const row of CONTROLS) {
      const value = 2 ** row.bit;
      if (row.word === word) lines.push(`  ${row.name}: 0x${value.toString(16)},`);
    }
    lines.push("} as const;");
  }
  lines.push("", "/** Basic exit reasons. */", "export const REASON = {");
  for (const { number, name } of EXIT_REASONS) lines.push(`  ${name}: ${number},`);
  lines.push("} as const;");
  return { path: "src/generated/vmx.ts", text: `${lines.join("\n")}\n` };
}
