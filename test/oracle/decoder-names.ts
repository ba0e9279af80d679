/** Names of instructions as iced-x86 and as the opcode table spell them, and where the two differ. */
import { Code, Mnemonic } from "iced-x86";
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";

const CONDITIONS: Record<string, string> = {
  AE: "NB",
  A: "NBE",
  E: "Z",
  NE: "NZ",
  GE: "NL",
  G: "NLE",
};

/** One spelling for operations that the table does not tell apart by size. */
const SAME: Record<string, string> = {
  MOVSB: "MOVS",
  MOVSW: "MOVS",
  MOVSD: "MOVS",
  MOVSQ: "MOVS",
  XLATB: "XLAT",
  ICEBP: "INT1",
};

function spell(name: string): string {
  const same = SAME[name];
  if (same) return same;
  const string = /^(CMPS|STOS|LODS|SCAS|INS|OUTS)[BWDQ]$/.exec(name);
  if (string) return string[1]!;
  const condition = /^(J|SET|CMOV)(AE|A|E|NE|GE|G)$/.exec(name);
  if (condition) return condition[1]! + CONDITIONS[condition[2]!]!;
  if (/^(CBW|CWDE|CDQE)$/.test(name)) return "CBW";
  if (/^(CWD|CDQ|CQO)$/.test(name)) return "CWD";
  if (/^IRET[DQ]?$/.test(name)) return "IRET";
  if (/^(PUSHF|POPF)[DQ]$/.test(name)) return name.slice(0, -1);
  if (/^(PUSHA|POPA)D$/.test(name)) return name.slice(0, -1);
  if (/^J[ER]?CXZ$/.test(name)) return "JCXZ";
  if (name === "CMPXCHG16B") return "CMPXCHG8B";
  if (name === "SAL") return "SHL";
  const wide = /^(PEXTR|PINSR)Q$/.exec(name);
  if (wide) return `${wide[1]!}D`;
  if (/^PCMPESTR[IM]64$/.test(name)) return name.slice(0, -2);
  if (/^(SYSRET|SYSEXIT)Q$/.test(name)) return name.slice(0, -1);
  if (/^(FXSAVE|FXRSTOR|XSAVE|XRSTOR|XSAVEOPT|XSAVEC|XSAVES|XRSTORS)64$/.test(name)) {
    return name.slice(0, -2);
  }
  return name;
}

const names = new Map<Code, string>();

/** The table's spelling of what iced-x86 decoded; "" for an invalid instruction. */
export function icedName(code: Code, mnemonic: Mnemonic): string {
  let name = names.get(code);
  if (name === undefined) {
    const own = code === Code.INVALID ? "" : Mnemonic[mnemonic]!.toUpperCase();
    // MOVSD and CMPSD are also instructions on vectors.
    const vector = /^(MOVSD|CMPSD)$/.test(own) && Code[code]!.includes("xmm");
    name = vector ? own : spell(own);
    // With REX.W; but MOVQ between registers of 64 bits and memory is a row of its own.
    if (/^Movq_(x?mm_rm64|rm64_x?mm)$/.test(Code[code]!)) name = "MOVD";
    names.set(code, name);
  }
  return name;
}

/** The table's names of aliases in the x87 map, which iced-x86 names after what they do. */
const ALIASES: Record<string, string> = {
  FSTP1: "FSTPNCE",
  FSTP8: "FSTP",
  FSTP9: "FSTP",
  FXCH4: "FXCH",
  FXCH7: "FXCH",
  FCOM2: "FCOM",
  FCOMP3: "FCOMP",
  FCOMP5: "FCOMP",
};
const ourNames = OPCODES.map((row) => ALIASES[row.mnemonic] ?? row.mnemonic);

/** Name of row number `row`, as `icedName` spells it. */
export function ourName(row: number): string {
  return ourNames[row]!;
}

export const OURS: ReadonlySet<string> = new Set(OPCODES.map((row) => row.mnemonic));

export interface KnownDecoding {
  readonly id: string;
  readonly reason: string;
  /** `iced` is "" for bytes that iced-x86 calls invalid. */
  applies(ours: OpcodeRow | undefined, iced: string, mode: number): boolean;
}

/** Differences that are meant; each is also in docs/amd-intel.md. Lengths agree in all of them. */
export const DIFFERENCES: readonly KnownDecoding[] = [
  {
    id: "hint",
    reason:
      "prefetches, reserved NOPs and CET instructions without CET are one row: they do nothing",
    applies: (ours, iced) =>
      /^(NOP|PREFETCHW)$/.test(ours?.mnemonic ?? "") &&
      /^(RESERVEDNOP|PREFETCH|CLDEMOTE|RDSSP|ENDBR|NOP)/.test(iced),
  },
  {
    id: "syscall-outside-64",
    reason: "SYSCALL and SYSRET outside 64-bit mode exist on AMD processors alone",
    applies: (ours, iced, mode) => !ours && mode !== 64 && /^SYS(CALL|RET)$/.test(iced),
  },
  {
    id: "register-number",
    reason: "control, debug and segment registers that do not exist raise #UD when executed",
    applies: (ours, iced) =>
      ours?.mnemonic === "MOV" && iced === "" && /[CDS]/.test(ours.operands.join()),
  },
  {
    id: "wbnoinvd",
    reason: "WBNOINVD is WBINVD on a processor without it",
    applies: (ours, iced) => ours?.mnemonic === "WBINVD" && iced === "WBNOINVD",
  },
  {
    id: "monitor-prefix",
    reason: "iced-x86 wants no prefix before MONITOR and MWAIT, the SDM says nothing of it",
    applies: (ours, iced) => /^(MONITOR|MWAIT)$/.test(ours?.mnemonic ?? "") && iced === "",
  },
  {
    id: "pause-rex-b",
    reason: "F3 REX.B 90 exchanges with R8, as processors do; iced-x86 calls it PAUSE",
    applies: (ours, iced) => ours?.mnemonic === "XCHG" && iced === "PAUSE",
  },
];
