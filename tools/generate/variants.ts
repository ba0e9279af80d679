/**
 * Gives every (row, operand size, operand form) its case in the dispatch switches: hot ones in the
 * main switch, the others behind it.
 */
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";
import type { OperandSize, SizePolicy } from "../../src/tables/opcodes/row.ts";
import { assignFlagless } from "./flag-effects.ts";

export type Form = "register" | "memory" | "memoryBd" | "plain";

export interface Variant {
  readonly id: number;
  readonly row: OpcodeRow;
  readonly size: OperandSize;
  readonly form: Form;
  readonly hot: boolean;
}

/** Operations that are no instruction of the guest. */
export const SPECIAL_OPS = [
  "STALE",
  "PATCH",
  "END_CHAIN",
  "END_LEAVE",
  "EA_LINEAR",
  "EA_OFFSET",
  "UNDEFINED",
  "TOO_LONG",
] as const;

export const SIZES: Record<SizePolicy, readonly OperandSize[]> = {
  b: [8],
  w: [16],
  d: [32],
  q: [64],
  v: [16, 32, 64],
  y: [32, 64],
  z: [16, 32],
  d64: [16, 32, 64],
  f64: [16, 32, 64],
};

/** True when the handler's name says that it takes a register-or-memory operand. */
export function hasForms(row: OpcodeRow): boolean {
  return row.heat !== "cold" && /(E[a-z]|W[a-z]|Q[a-z]|M($|[a-z]))/.test(row.handler);
}

function formsOf(row: OpcodeRow): Form[] {
  if (!hasForms(row)) return ["plain"];
  const absolute = row.operands.some((o) => o.startsWith("O"));
  const hasMemory = row.hasModrm && row.form !== "register";
  const forms: Form[] = [];
  if (!absolute && row.form !== "memory") forms.push("register");
  if (absolute || hasMemory) forms.push("memory");
  if (hasMemory && row.bd) forms.push("memoryBd");
  return forms;
}

/** What distinguishes two variants that may share a case. */
function signature(row: OpcodeRow, size: OperandSize | 0, form: Form): string {
  return [row.handler, row.argument, row.generic ? size : 0, form, row.jump ?? ""].join("|");
}

export const HOT_VARIANTS: Variant[] = [];
export const COLD_VARIANTS: Variant[] = [];
/** Case numbers by row: index size (8, 16, 32, 64) * 3 + form (register, memory, memoryBd). */
export const ROW_CASES = new Map<OpcodeRow, number[]>();

const FORM_INDEX: Record<Form, readonly number[]> = {
  plain: [0, 1, 2],
  register: [0],
  memory: [1, 2],
  memoryBd: [2],
};
const SIZE_INDEX: Record<OperandSize, number> = { 8: 0, 16: 1, 32: 2, 64: 3 };

function assign(): void {
  const hotSeen = new Map<string, Variant>();
  const coldSeen = new Map<string, Variant>();
  const wanted: { row: OpcodeRow; size: OperandSize; form: Form; variant: Variant }[] = [];
  for (const row of OPCODES) {
    for (const size of SIZES[row.size]) {
      for (const form of formsOf(row)) {
        // 16-bit forms are rare enough for the second switch.
        const hot = row.heat === "hot" && !(row.generic && size === 16);
        const seen = hot ? hotSeen : coldSeen;
        const key = signature(row, size, form);
        let variant = seen.get(key);
        if (!variant) {
          variant = { id: 0, row, size, form, hot };
          seen.set(key, variant);
        }
        wanted.push({ row, size, form, variant });
      }
    }
  }
  let id: number = SPECIAL_OPS.length;
  for (const variant of hotSeen.values()) {
    HOT_VARIANTS.push(Object.assign(variant, { id: id++ }));
  }
  // Fused compare-and-jump cases follow; see fused.ts.
  firstFused = id;
  id += fusedCount;
  // Variants without flags come behind; see flag-effects.ts.
  id += assignFlagless(id);
  for (const variant of coldSeen.values()) {
    COLD_VARIANTS.push(Object.assign(variant, { id: id++ }));
  }
  caseCount = id;
  for (const { row, size, form, variant } of wanted) {
    let cases = ROW_CASES.get(row);
    if (!cases) {
      cases = new Array(12).fill(0);
      ROW_CASES.set(row, cases);
    }
    for (const f of FORM_INDEX[form]) cases[SIZE_INDEX[size] * 3 + f] = variant.id;
  }
}

export let firstFused = 0;
export let caseCount = 0;
let fusedCount = 0;

/** To be called once, with the number of fused cases. */
export function assignCases(fused: number): void {
  fusedCount = fused;
  assign();
}
