/**
 * Writes assembly/generated/decode-tables.ts: the opcode maps as trees of 16-bit cells, and what the
 * decoder must know of each row.
 *
 * A cell is 0 (undefined opcode), row + 1, or 0x8000 + index of a node. A node is a selector
 * followed by one cell for each of its values.
 */
import { FEATURES } from "../../src/tables/features.ts";
import { CONDITIONS } from "../../src/tables/opcodes/general.ts";
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";
import type { SizePolicy } from "../../src/tables/opcodes/row.ts";
import type { GeneratedFile } from "../generate.ts";
import { FUSED_CASES, fuseTable } from "./fused.ts";
import {
  assignCases,
  COLD_VARIANTS,
  caseCount,
  HOT_VARIANTS,
  ROW_CASES,
  SIZES,
  SPECIAL_OPS,
} from "./variants.ts";

export const MAP_NAMES = ["1", "0F", "0F38", "0F3A", "VEX0F", "VEX0F38", "VEX0F3A"] as const;
export const ROW_BYTES = 36;

type Selector = "mode" | "digit" | "form" | "modrm" | "prefix";
const SELECTORS: readonly Selector[] = ["mode", "form", "digit", "modrm", "prefix"];
const SELECTOR_VALUES: Record<Selector, number> = {
  mode: 2,
  form: 2,
  digit: 8,
  modrm: 8,
  prefix: 4,
};
const SELECTOR_CODE: Record<Selector, number> = { mode: 0, form: 1, digit: 2, modrm: 3, prefix: 4 };
const PREFIXES = ["NP", "66", "F3", "F2"];

/** True when `row` says anything about `selector`. */
function constrains(row: OpcodeRow, selector: Selector): boolean {
  switch (selector) {
    case "mode":
      return row.mode !== "any";
    case "form":
      return row.form !== "both" || row.modrm !== undefined;
    case "digit":
      return row.digit !== undefined || row.modrm !== undefined;
    case "modrm":
      return row.modrm !== undefined;
    case "prefix":
      return row.prefix !== "any";
  }
}

/** True when `row` applies where `selector` has value `value`. */
function applies(row: OpcodeRow, selector: Selector, value: number): boolean {
  switch (selector) {
    case "mode":
      return row.mode === "any" || (row.mode === "only64") === (value === 1);
    case "form":
      if (row.modrm !== undefined) return value === 1;
      return row.form === "both" || (row.form === "register") === (value === 1);
    case "digit":
      if (row.modrm !== undefined) return ((row.modrm >> 3) & 7) === value;
      return row.digit === undefined || row.digit === value;
    case "modrm":
      return row.modrm === undefined || (row.modrm & 7) === value;
    case "prefix":
      return row.prefix === "any" || row.prefix === PREFIXES[value];
  }
}

const nodes: number[] = [];

function cellFor(
  rows: readonly OpcodeRow[],
  selectors: readonly Selector[],
  where: string,
): number {
  if (rows.length === 0) return 0;
  const index = selectors.findIndex((s) => rows.some((row) => constrains(row, s)));
  if (index < 0) {
    if (rows.length > 1) {
      throw new Error(`${where}: ${rows.map((r) => `${r.mnemonic} ${r.encoding}`).join(" and ")}`);
    }
    return OPCODES.indexOf(rows[0]!) + 1;
  }
  const selector = selectors[index]!;
  const rest = selectors.slice(index + 1);
  const cells: number[] = [];
  for (let value = 0; value < SELECTOR_VALUES[selector]; value++) {
    let chosen = rows.filter((row) => applies(row, selector, value));
    // A row that names the value goes before one that leaves it open.
    if (chosen.some((row) => constrains(row, selector))) {
      if (selector === "prefix" || selector === "modrm") {
        chosen = chosen.filter((row) => constrains(row, selector));
      }
    }
    cells.push(cellFor(chosen, rest, where));
  }
  if (cells.every((cell) => cell === cells[0])) return cells[0]!;
  const node = nodes.length;
  nodes.push(SELECTOR_CODE[selector], ...cells);
  return 0x8000 + node;
}

function mapCells(): number[] {
  const cells: number[] = [];
  for (const map of MAP_NAMES) {
    for (let opcode = 0; opcode < 256; opcode++) {
      const rows = OPCODES.filter(
        (row) =>
          row.map === map &&
          (row.lowRegister
            ? (row.opcode & 0xf8) === (opcode & 0xf8) && opcode >= row.opcode
            : row.opcode === opcode),
      );
      // 90 is NOP and PAUSE, not XCHG of the accumulator with itself.
      cells.push(cellFor(rows, SELECTORS, `${map} ${opcode.toString(16)}`));
    }
  }
  return cells;
}

const SIZE_POLICY: Record<SizePolicy, number> = {
  b: 0,
  w: 1,
  d: 2,
  q: 3,
  v: 4,
  y: 5,
  z: 6,
  d64: 7,
  f64: 8,
};
const OPERAND_SIZE: Record<string, number> = { b: 0, w: 1, d: 2, q: 3 };
const IMMEDIATES: Record<string, number> = {
  Ib: 1,
  Isb: 2,
  Iw: 3,
  Iz: 4,
  Iv: 5,
  Jb: 6,
  Jz: 7,
  Ap: 8,
  "Iw,Ib": 9,
  Id: 10,
  "Ib,Ib": 11,
};
const ACCESS = { read: 0, write: 1, update: 2, none: 3 };
const JUMPS: Record<string, number> = { jcc: 1, jmp: 2, call: 3, indirect: 4, loop: 5 };
/** Bytes that a vector operand takes in memory. */
const VECTOR_BYTES: Record<string, number> = {
  dq: 16,
  x: 16,
  ps: 16,
  pd: 16,
  t: 10,
  ss: 4,
  sd: 8,
  q: 8,
  d: 4,
  w: 2,
  b: 1,
  "": 8,
};

export function rowBytes(row: OpcodeRow): number[] {
  let g = 0;
  let e = 0;
  let gSize = 0xff;
  let eSize = 0xff;
  let memoryBytes = 0;
  let vvvv = false;
  for (const operand of row.operands) {
    const kind = operand[0]!;
    const rest = operand.slice(1);
    if (operand === "AL" || operand === "rAX") {
      if (row.operands.some((o) => o.startsWith("O"))) g = 5;
      else if (row.operands[0] !== operand && row.lowRegister) continue;
      else if (e === 0) e = 6;
    } else if (kind === "G") {
      g = 1;
      gSize = OPERAND_SIZE[rest] ?? 0xff;
    } else if (kind === "V") g = 2;
    else if (kind === "P") g = 3;
    else if (/^(Sw|Cy|Dy)$/.test(operand)) g = 4;
    else if (kind === "E" || kind === "R") {
      e = 1;
      eSize = OPERAND_SIZE[rest] ?? 0xff;
      if (eSize !== 0xff) memoryBytes = 1 << eSize;
    } else if (kind === "M") {
      e = 1;
      memoryBytes = VECTOR_BYTES[rest] ?? 0;
    } else if (kind === "W" || kind === "U") {
      e = 2;
      memoryBytes = VECTOR_BYTES[rest] ?? 16;
    } else if (kind === "Q" || kind === "N") {
      e = 3;
      memoryBytes = rest === "d" ? 4 : 8;
    } else if (operand === "STi") e = 4;
    else if (kind === "Z") e = 5;
    else if (kind === "O") e = 7;
    else if (kind === "B") vvvv = true;
  }
  // Sizes that the policy gives anyway need no override.
  if (eSize !== 0xff && SIZES[row.size].length === 1) memoryBytes = 1 << eSize;
  const immediateText = row.operands.filter((o) => /^(I|J|Ap)/.test(o)).join(",");
  const immediate = immediateText ? IMMEDIATES[immediateText] : 0;
  if (immediate === undefined) throw new Error(`${row.mnemonic}: immediate ${immediateText}`);
  const feature = row.feature ? FEATURES.findIndex((f) => f.name === row.feature) + 1 : 0;
  if (row.feature && feature === 0) throw new Error(`${row.mnemonic}: feature ${row.feature}`);
  const flags =
    (row.lock ? 1 : 0) |
    (row.end ? 2 : 0) |
    (row.hasModrm ? 4 : 0) |
    (row.heat === "cold" && row.jump !== "indirect" ? 8 : 0) |
    (vvvv ? 16 : 0);
  const condition =
    row.jump === "jcc" ? CONDITIONS.indexOf(row.handler.replace("condition", "")) : 0;
  const cases = ROW_CASES.get(row)!;
  return [
    g,
    e,
    immediate,
    SIZE_POLICY[row.size],
    flags,
    eSize,
    gSize,
    memoryBytes,
    ACCESS[row.memoryAccess],
    feature,
    row.jump ? JUMPS[row.jump]! : 0,
    condition,
    ...cases.flatMap((id) => [id & 0xff, id >> 8]),
  ];
}

function data(name: string, note: string, type: "u8" | "u16", values: readonly number[]): string {
  const lines: string[] = [];
  for (let i = 0; i < values.length; i += 24)
    lines.push(`  ${values.slice(i, i + 24).join(", ")},`);
  return `/** ${note} */\nexport const ${name}: usize = memory.data<${type}>([\n${lines.join("\n")}\n]);\n`;
}

export function generateDecodeTables(): GeneratedFile[] {
  assignCases(FUSED_CASES);
  const cells = mapCells();
  const constants = [
    ...SPECIAL_OPS.map((name, i) => `export const OP_${name}: u32 = ${i};`),
    `export const FIRST_COLD_CASE: u32 = ${COLD_VARIANTS[0]!.id};`,
    `export const CASES: u32 = ${caseCount};`,
    `/** ${HOT_VARIANTS.length} hot, ${COLD_VARIANTS.length} others. */`,
    `export const ROW_BYTES: u32 = ${ROW_BYTES};`,
  ];
  const text = [
    '/** Decode tables; written by "npm run generate" from src/tables/opcodes. */',
    "",
    ...constants,
    "",
    data("OPCODE_MAPS", `Cells of ${MAP_NAMES.length} maps of 256 opcodes.`, "u16", cells),
    data("OPCODE_NODES", "Selectors and their cells.", "u16", nodes),
    data("OPCODE_ROWS", "Rows, ROW_BYTES each.", "u8", OPCODES.flatMap(rowBytes)),
    data("FUSE_TABLE", "First fused case for a compare, or 0.", "u16", fuseTable(caseCount)),
  ].join("\n");
  return [{ path: "assembly/generated/decode-tables.ts", text }];
}

export function generateFeatures(): GeneratedFile[] {
  const text = [
    '/** Numbers of the processor features; written by "npm run generate" from src/tables/features. */',
    "",
    ...FEATURES.map((feature, i) => `export const FEATURE_${feature.name}: u32 = ${i};`),
    "",
  ].join("\n");
  return [{ path: "assembly/generated/features.ts", text }];
}
