/** guests/lib/vmx-tables.h: names and numbers of VMX for the guests that use it. */
import { CONTROL_WORDS, CONTROLS } from "../../src/tables/vmx/controls.ts";
import { EXIT_REASONS } from "../../src/tables/vmx/exit-reasons.ts";
import { VMCS_FIELDS } from "../../src/tables/vmx/fields.ts";
import type { GeneratedFile } from "../generate.ts";

const constant = (text: string) => text.toUpperCase().replaceAll(".", "_");
const wordIndex = (word: string) => CONTROL_WORDS.findIndex((row) => row.word === word);
const hex = (value: number) => `0x${value.toString(16)}`;

export function generateVmxGuest(): GeneratedFile[] {
  const controls = CONTROLS.filter(({ since }) => since !== null);
  const lines = [
    '/* Names and numbers of VMX; written by "npm run generate" from src/tables/vmx. */',
    "#ifndef VMX_TABLES_H",
    "#define VMX_TABLES_H",
    "",
    "enum vmcs_field {",
    ...VMCS_FIELDS.filter(({ built }) => built).map(
      ({ name, encoding }) => `    ${constant(name)} = ${hex(encoding)},`,
    ),
    "};",
    "",
    "enum exit_reason {",
    ...EXIT_REASONS.map(({ name, number }) => `    REASON_${constant(name)} = ${number},`),
    "};",
    "",
    "#define EXIT_REASON_NAMES \\",
    ...EXIT_REASONS.map(({ name, number }) => `    [${number}] = "${name}", \\`),
    "",
    "enum control_word {",
    ...CONTROL_WORDS.map(({ word }, index) => `    WORD_${constant(word)} = ${index},`),
    "};",
    "",
    "/* MSR, and the MSR that tells which of the default1 bits may be 0; 0 where there is none. */",
    "#define CONTROL_WORD_MSRS \\",
    ...CONTROL_WORDS.map(({ msr, trueMsr }) => `    {${hex(msr)}, ${hex(trueMsr ?? 0)}}, \\`),
    "",
    "/* Word times 64 plus bit. */",
    "enum control {",
    ...controls.map(
      ({ word, bit, name }) =>
        `    ${constant(`${word}.${name}`)} = ${wordIndex(word) * 64 + bit},`,
    ),
    "};",
    "",
    "#define CONTROL_NAMES \\",
    ...controls.map(
      ({ word, name }) => `    [${constant(`${word}.${name}`)}] = "${word}.${name}", \\`,
    ),
    "",
    "#endif",
    "",
  ];
  return [{ path: "guests/lib/vmx-tables.h", text: lines.join("\n") }];
}
