/** docs/support-matrix.md: what works, from the tables; throws where they contradict each other. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { FEATURES, NO_LEAF } from "../../src/tables/features.ts";
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";
import {
  DEVICES,
  LOADERS,
  MISSING_INSTRUCTIONS,
  NOT_DEVICES,
  PARTIAL_INSTRUCTIONS,
  PROCESSOR,
  type SupportRow,
} from "../../src/tables/support.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";
import type { GeneratedFile } from "../generate.ts";
import { markdownTable } from "./markdown.ts";
import { vmxSupport } from "./vmx-support.ts";

const PATH = "docs/support-matrix.md";
const DEVICE_FOLDER = "src/devices";

/** Rows by group and section, in the order of the table. */
function instructionGroups(): Map<string, OpcodeRow[]> {
  const groups = new Map<string, OpcodeRow[]>();
  for (const row of OPCODES) {
    const name = ["", row.group].includes(row.section) ? row.group : `${row.group}: ${row.section}`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  return groups;
}

function mnemonicsOf(rows: readonly OpcodeRow[]): string[] {
  return [...new Set(rows.map(({ mnemonic }) => mnemonic))];
}

function checkInstructions(): void {
  const known = new Set(mnemonicsOf(OPCODES));
  for (const { mnemonics } of PARTIAL_INSTRUCTIONS) {
    const gone = mnemonics.find((name) => !known.has(name));
    if (gone) throw new Error(`src/tables/support.ts: no row for ${gone}, which is in part done`);
  }
  for (const { name, mnemonics } of MISSING_INSTRUCTIONS) {
    const there = mnemonics.find((mnemonic) => known.has(mnemonic));
    if (there) throw new Error(`src/tables/support.ts: ${name} is missing, but ${there} has rows`);
  }
}

function instructionTable(): string {
  const rows = [...instructionGroups()].map(([name, opcodes]) => {
    const mnemonics = mnemonicsOf(opcodes);
    const notes = PARTIAL_INSTRUCTIONS.filter((part) =>
      part.mnemonics.some((mnemonic) => mnemonics.includes(mnemonic)),
    ).map((part) => {
      const here = part.mnemonics.filter((mnemonic) => mnemonics.includes(mnemonic));
      return `${here.join(", ")}: ${part.missing}`;
    });
    const state = notes.length > 0 ? "partial" : "done";
    return [name, `${opcodes.length}`, mnemonics.join(" "), state, notes.join("; ")];
  });
  return markdownTable(["group", "rows", "instructions", "state", "what is missing"], rows);
}

function supportTable(rows: readonly SupportRow[]): string {
  for (const { name, source } of rows) {
    if (source !== "" && !existsSync(source)) throw new Error(`${name}: no file ${source}`);
  }
  const cells = rows.map(({ name, state, missing, source }) => [
    name,
    state,
    missing,
    source === "" ? "" : `[${source.split("/").at(-1)}](../${source})`,
  ]);
  return markdownTable(["what", "state", "what is missing", "where"], cells);
}

/** Every class that is a device must be in the table. */
function checkDevices(): void {
  for (const name of readdirSync(DEVICE_FOLDER)) {
    const path = `${DEVICE_FOLDER}/${name}`;
    if (!/ implements Device\b/.test(readFileSync(path, "utf8"))) continue;
    if (NOT_DEVICES.includes(path) || DEVICES.some(({ source }) => source === path)) continue;
    throw new Error(`src/tables/support.ts: ${path} is a device without a row`);
  }
}

function featureTable(): string {
  const reported = FEATURES.filter(({ leaf }) => leaf !== NO_LEAF);
  const rows = reported.map(({ name, leaf, subleaf, register, bit }) => [
    name,
    `${leaf.toString(16).toUpperCase()}H${subleaf > 0 ? `.${subleaf}` : ""} ${register.toUpperCase()} ${bit}`,
    ...CPU_MODELS.map(({ features }) => (features.includes(name) ? "yes" : "")),
  ]);
  return markdownTable(["feature", "CPUID", ...CPU_MODELS.map(({ name }) => name)], rows);
}

function modelTable(): string {
  const rows = CPU_MODELS.map((model) => [
    `\`${model.name}\``,
    model.vendor,
    `${model.physicalAddressBits}`,
    `${model.features.length}`,
    `\`${model.tlb}\``,
  ]);
  return markdownTable(
    ["model", "vendor", "physical address bits", "features", "TLB profile"],
    rows,
  );
}

function tlbTable(): string {
  const rows = TLB_PROFILES.map(({ name, arrays, note }) => [
    `\`${name}\``,
    arrays.map((a) => `${a.name} ${a.sets}x${a.ways}`).join(", ") || "none",
    note,
  ]);
  return markdownTable(["profile", "arrays (sets x ways)", "source"], rows);
}

export function generateSupportMatrix(): GeneratedFile[] {
  checkInstructions();
  checkDevices();
  const count = mnemonicsOf(OPCODES).length;
  const absent = MISSING_INSTRUCTIONS.map(({ name, note }) => [name, "missing", note]);
  const text = `# What works

Written by \`npm run generate\` from src/tables; do not edit. "done": as the manual says. "partial":
works but for what is named. "missing": not there. An instruction that is missing or that the CPU model
does not advertise raises #UD, and the report of the run counts it by address.

## Instructions

${OPCODES.length} rows, ${count} mnemonics. A row is one encoding with one form of operands.

${instructionTable()}

${markdownTable(["not there", "state", "note"], absent)}

## Processor

${supportTable(PROCESSOR)}

## CPU models

${modelTable()}

${featureTable()}

${vmxSupport()}
## TLB profiles

${tlbTable()}

## Devices

${supportTable(DEVICES)}

## Loaders

${supportTable(LOADERS)}
`;
  return [{ path: PATH, text }];
}
