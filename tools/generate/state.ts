/** Lays out the state of a logical processor and writes its offsets for core and host. */
import { EVENT_BITS, SLOTS, STATE_ROWS, type StateType } from "../../src/tables/state.ts";
import type { GeneratedFile } from "../generate.ts";

const BYTES: Record<StateType, number> = { u8: 1, u16: 2, u32: 4, u64: 8 };
const STATE_BASE = 0x1000;
const STATE_BYTES = 0x1000;

export function generateState(): GeneratedFile[] {
  const core: string[] = [
    '/** Addresses of the current processor\'s state; written by "npm run generate". */',
    "",
  ];
  const host: string[] = [
    '/** Offsets of the processor state; written by "npm run generate". */',
    "",
    "export const STATE = {",
  ];
  let offset = 0;
  for (const row of STATE_ROWS) {
    const bytes = BYTES[row.type];
    offset = Math.ceil(offset / bytes) * bytes;
    if (row.name === "XMM" || row.name === "FPR") offset = Math.ceil(offset / 16) * 16;
    core.push(`/** ${row.note}. */`);
    core.push(`export const ${row.name}: u32 = 0x${(STATE_BASE + offset).toString(16)};`);
    host.push(`  /** ${row.note}; ${row.type}${row.count > 1 ? ` x ${row.count}` : ""}. */`);
    host.push(`  ${row.name}: 0x${offset.toString(16)},`);
    offset += bytes * row.count;
  }
  if (offset > STATE_BYTES) throw new Error(`processor state takes ${offset} bytes`);
  core.push(
    "",
    "/** Bytes of the state in use. */",
    `export const STATE_USED: u32 = 0x${offset.toString(16)};`,
  );
  host.push("} as const;", "", `export const STATE_USED = 0x${offset.toString(16)};`);

  core.push("", "// Slots of GPR, as byte offsets.");
  host.push("", "/** Slots of GPR, as indices. */", "export const SLOT = {");
  SLOTS.forEach((name, index) => {
    core.push(`export const SLOT_${name.replace("SLOT_", "")}: u32 = ${index * 8};`);
    host.push(`  ${name}: ${index},`);
  });
  host.push("} as const;", "", "/** Bits of EVENTS. */", "export const EVENT = {");
  core.push("", "// Bits of EVENTS.");
  for (const [name, bit] of Object.entries(EVENT_BITS)) {
    core.push(`export const EVENT_${name}: u32 = ${bit};`);
    host.push(`  ${name}: ${bit},`);
  }
  host.push("} as const;");
  return [
    { path: "assembly/generated/state.ts", text: `${core.join("\n")}\n` },
    { path: "src/generated/state.ts", text: `${host.join("\n")}\n` },
  ];
}
