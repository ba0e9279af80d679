/** Compare-and-jump pairs that the decoder joins into one record. */
import { CONDITIONS } from "../../src/tables/opcodes/general.ts";
import { firstFused, HOT_VARIANTS } from "./variants.ts";

export interface FusedKind {
  readonly name: string;
  /** Handler, argument and form of the variant that is joined with the jump. */
  readonly handler: string;
  readonly argument: string;
  readonly size: 8 | 32 | 64;
  /** How the operands are fetched, as source text. */
  readonly operands: readonly [string, string];
  readonly operation: "sub" | "and";
}

const kinds: FusedKind[] = [];
for (const size of [8, 32, 64] as const) {
  const T = `u${size}`;
  const register = `getReg<${T}>(r2Of(rec))`;
  const other = `getReg<${T}>(r1Of(rec))`;
  const immediate = `imm32Of(rec) as i64 as ${T}`;
  const pair = (handler: string, argument: string, second: string, operation: "sub" | "and") =>
    kinds.push({
      name: `${handler}${size}`,
      handler,
      argument,
      size,
      operands: [register, second],
      operation,
    });
  pair("aluEvIv", "ALU_CMP", immediate, "sub");
  pair("testEvIv", "", immediate, "and");
  pair("testEvGv", "", other, "and");
  if (size !== 8) pair("aluEvGv", "ALU_CMP", other, "sub");
}

export const FUSED_KINDS: readonly FusedKind[] = kinds;
/** Conditions that are joined; parity and overflow are rare. */
export const FUSED_CONDITIONS = CONDITIONS.map((name, code) => ({ name, code })).filter(
  ({ name }) => !["O", "NO", "P", "NP"].includes(name),
);
export const FUSED_CASES = FUSED_KINDS.length * 16;

/** Case of kind `kind` with condition code `code`. */
export function fusedCase(kind: number, code: number): number {
  return firstFused + kind * 16 + code;
}

/** First fused case for each hot case, or 0. */
export function fuseTable(caseCount: number): number[] {
  const table = new Array<number>(caseCount).fill(0);
  FUSED_KINDS.forEach((kind, index) => {
    for (const variant of HOT_VARIANTS) {
      const { row } = variant;
      if (
        row.handler === kind.handler &&
        row.argument === kind.argument &&
        variant.size === kind.size &&
        variant.form === "register"
      ) {
        table[variant.id] = fusedCase(index, 0);
      }
    }
  });
  return table;
}

/** Source text of the condition of a fused case, over `a`, `b` and `r`. */
export function fusedCondition(kind: FusedKind, condition: string): string {
  const signed = `i${kind.size}`;
  const negate = condition.startsWith("N");
  const base = negate ? condition.slice(1) : condition;
  const compare: Record<string, string> = {
    B: "a < b",
    Z: "a == b",
    BE: "a <= b",
    S: `(r as ${signed}) < 0`,
    L: `(a as ${signed}) < (b as ${signed})`,
    LE: `(a as ${signed}) <= (b as ${signed})`,
  };
  const logic: Record<string, string> = {
    B: "false",
    Z: "r == 0",
    BE: "r == 0",
    S: `(r as ${signed}) < 0`,
    L: `(r as ${signed}) < 0`,
    LE: `(r as ${signed}) <= 0`,
  };
  const text = (kind.operation === "sub" ? compare : logic)[base]!;
  return negate ? `!(${text})` : text;
}
