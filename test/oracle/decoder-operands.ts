/** Operand forms: what iced-x86 says of an instruction's operands against the row's operand letters. */
import { type Code, CodeExt, OpCodeOperandKind } from "iced-x86";
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";

const GENERAL_REGISTER_OR_MEMORY = "r(8|16|32|64)_(or_mem|rm)";
const ANY_SIZE = "(16|32|64)";

/** Operand letters, and the kinds of iced-x86 that they stand for. */
const KINDS: readonly (readonly [RegExp, RegExp])[] = [
  [/^Eb$/, /^(r8_or_mem|mem)$/],
  [/^E[vywd]$/, new RegExp(`^${GENERAL_REGISTER_OR_MEMORY}$`)],
  [/^Gb$/, /^r8_reg$/],
  [/^G[vywd]$/, new RegExp(`^r${ANY_SIZE}_reg$`)],
  [/^R[vyd]$/, new RegExp(`^r${ANY_SIZE}_(rm|or_mem)$`)],
  [/^B[y]$/, new RegExp(`^r${ANY_SIZE}_vvvv$`)],
  [/^Zb$/, /^r8_opcode$/],
  [/^Z[vy]$/, new RegExp(`^r${ANY_SIZE}_opcode$`)],
  // PEXTRB, PEXTRW and PINSRW have a row for each form, iced-x86 one for both.
  [/^M[bw]$/, /^(mem|r(32|64)_or_mem)$/],
  [/^M/, /^mem$/],
  [/^O/, /^mem_offs$/],
  [/^V/, /^xmm_reg$/],
  [/^W/, /^xmm_or_mem$/],
  [/^U/, /^xmm_rm$/],
  [/^P/, /^mm_reg$/],
  [/^Q/, /^mm_or_mem$/],
  [/^N/, /^mm_rm$/],
  [/^Cy$/, /^cr_reg$/],
  [/^Dy$/, /^dr_reg$/],
  [/^Sw$/, /^seg_reg$/],
  [/^Ib$/, /^imm8$/],
  [/^Isb$/, /^imm8sex(16|32|64)$/],
  [/^Iw$/, /^imm16$/],
  [/^Iz$/, /^imm(16|32|32sex64)$/],
  [/^Iv$/, /^imm(16|32|64)$/],
  [/^Jb$/, /^br(16|32|64)_1$/],
  [/^Jz$/, /^br(16_2|32_4|64_4)$/],
  [/^Ap$/, /^farbr(2_2|4_2)$/],
  [/^1$/, /^imm8_const_1$/],
  [/^ST$/, /^st0$/],
  [/^STi$/, /^sti_opcode$/],
  [/^rAX$/, /^[er]?ax$/],
  [/^(AL|AX|CL|DX|[CDEFGS]S)$/, /^(al|ax|cl|dx|[cdefgs]s)$/],
];

/** Rows that leave out, or spell out, operands that the opcode implies. */
const IMPLIED = /^(INS|OUTS|MOVS|CMPS|STOS|LODS|SCAS|XLAT|FXCH\d?|FU?COMPP|[LMS]FENCE|MASKMOV.*)$/;
/** Letters whose operand has the operand size of the record, as log2 of bytes. */
const SIZED = /^[EGZ]v$/;
const RECORD_SIZES: Record<string, number> = { "16": 1, "32": 2, "64": 3 };

function kindsOf(code: Code): string[] {
  const info = CodeExt.opCode(code);
  const kinds = [info.op0Kind, info.op1Kind, info.op2Kind, info.op3Kind, info.op4Kind];
  const names = kinds.slice(0, info.opCount).map((kind) => OpCodeOperandKind[kind]!);
  info.free();
  return names;
}

function fits(row: OpcodeRow, size: number, kinds: readonly string[]): boolean {
  if (kinds.length !== row.operands.length) return IMPLIED.test(row.mnemonic);
  return row.operands.every((letter, i) => {
    const kind = kinds[i]!;
    const rule = KINDS.find(([letters]) => letters.test(letter));
    if (!rule?.[1].test(kind)) return false;
    if (!SIZED.test(letter) || row.mnemonic === "ARPL") return true;
    const bits = /^r(16|32|64)_/.exec(kind)?.[1];
    return bits === undefined || RECORD_SIZES[bits] === size;
  });
}

const judged = new Map<number, boolean>();

/** True when the operands of row number `row`, decoded with `size`, are those of `code`. */
export function operandsAgree(row: number, size: number, code: Code): boolean {
  const key = (row * 8192 + code) * 4 + size;
  let agree = judged.get(key);
  if (agree === undefined) {
    agree = fits(OPCODES[row]!, size, kindsOf(code));
    judged.set(key, agree);
  }
  return agree;
}

/** Combinations of row, operand size and iced-x86's code met so far. */
export function operandFormsSeen(): number {
  return judged.size;
}
