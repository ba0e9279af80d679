/**
 * The forms of the opcode table: a row in a mode, with an operand size, with a register or memory
 * operand. Rows that user mode cannot compare are listed with the reason.
 */
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";
import type { SizePolicy } from "../../src/tables/opcodes/row.ts";

export type Mode = 16 | 32 | 64;
export type Size = 8 | 16 | 32 | 64;

export interface Form {
  readonly row: OpcodeRow;
  /** Place in OPCODES. */
  readonly index: number;
  readonly mode: Mode;
  readonly size: Size;
  readonly memory: boolean;
  readonly name: string;
}

export interface Exclusion {
  readonly mnemonics: readonly string[];
  readonly mode?: Mode;
  readonly size?: Size;
  readonly memory?: boolean;
  /** First operand. */
  readonly operand?: string;
  readonly reason: string;
}

/** What is not compared, and why. */
export const EXCLUSIONS: readonly Exclusion[] = [
  {
    mnemonics: ["SYSCALL", "SYSENTER"],
    reason: "enters the host's kernel, whose filter answers in place of the processor",
  },
  {
    mnemonics: ["INT1"],
    reason: "hypervisors on AMD processors inject its #DB with RIP not moved on",
  },
  {
    mnemonics: ["PREFETCHW"],
    memory: false,
    reason: "AMD processors raise #UD for the register form, Intel processors do nothing",
  },
  {
    mnemonics: ["CALL", "JMP"],
    operand: "Mp",
    size: 64,
    reason: "AMD processors have no far pointers with offsets of 64 bits",
  },
  {
    mnemonics: ["LSS", "LFS", "LGS"],
    size: 64,
    reason: "AMD processors have no far pointers with offsets of 64 bits",
  },
  {
    mnemonics: ["MOVSXD"],
    size: 16,
    memory: true,
    reason: "AMD processors read 32 bits, Intel processors 16",
  },
  {
    mnemonics: ["VMCALL"],
    reason: "goes to the host's hypervisor, which answers as it likes",
  },
  { mnemonics: ["CPUID"], reason: "reports the host's model" },
  { mnemonics: ["XGETBV"], reason: "reports the host's XCR0" },
  { mnemonics: ["RDTSC", "RDTSCP"], reason: "reads the host's time" },
  { mnemonics: ["RDRAND", "RDSEED"], reason: "returns random numbers" },
  { mnemonics: ["RDPID"], reason: "returns the number of the host's processor" },
  {
    mnemonics: ["SGDT", "SIDT", "SLDT", "STR", "SMSW"],
    reason: "the host's kernel emulates what UMIP forbids",
  },
  {
    mnemonics: ["XSAVE", "XRSTOR", "XSAVEOPT", "XSAVEC"],
    reason: "the image depends on the state components that the host has enabled",
  },
];

const SIZES: Record<SizePolicy, readonly Size[]> = {
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

/** Operand sizes that the row can have in `mode`. */
function sizesOf(row: OpcodeRow, mode: Mode): readonly Size[] {
  const sizes = SIZES[row.size];
  const by66 = row.prefix === "NP" || row.prefix === "66";
  return sizes.filter((size) => {
    if (mode !== 64) {
      if (size === 64) return false;
      // A mandatory prefix fixes what 66 would choose.
      if (by66 && (row.size === "v" || row.size === "z")) {
        return size === ((mode === 32) === (row.prefix === "66") ? 16 : 32);
      }
      return true;
    }
    if (row.size === "d64") return size !== 32;
    // The prefix 66 before a near branch: AMD processors truncate RIP, Intel processors ignore it.
    if (row.size === "f64") return size === 64;
    if (by66 && (row.size === "v" || row.size === "z") && size !== 64) {
      return size === (row.prefix === "66" ? 16 : 32);
    }
    return true;
  });
}

function isExcluded(row: OpcodeRow, mode: Mode, size: Size, memory: boolean): boolean {
  return EXCLUSIONS.some(
    (e) =>
      e.mnemonics.includes(row.mnemonic) &&
      (e.mode === undefined || e.mode === mode) &&
      (e.size === undefined || e.size === size) &&
      (e.operand === undefined || e.operand === row.operands[0]) &&
      (e.memory === undefined || e.memory === memory),
  );
}

function canBeMemory(row: OpcodeRow): boolean {
  return (
    row.operands.some((o) => o.startsWith("O")) || (takesOperand(row) && row.form !== "register")
  );
}

function canBeRegister(row: OpcodeRow): boolean {
  if (row.operands.some((o) => o.startsWith("O"))) return false;
  return !row.hasModrm || row.form !== "memory";
}

/** False where a whole ModRM byte is part of the opcode. */
function takesOperand(row: OpcodeRow): boolean {
  return row.hasModrm && row.modrm === undefined;
}

/** All forms of the given modes, in the order of the table; with `excluded` also those above. */
export function allForms(modes: readonly Mode[], excluded = false): Form[] {
  const forms: Form[] = [];
  for (const mode of modes) {
    OPCODES.forEach((row, index) => {
      if (row.mode === "only64" && mode !== 64) return;
      if (row.mode === "not64" && mode === 64) return;
      for (const size of sizesOf(row, mode)) {
        for (const memory of [false, true]) {
          if (!excluded && isExcluded(row, mode, size, memory)) continue;
          if (memory ? !canBeMemory(row) : !canBeRegister(row)) continue;
          const kind = takesOperand(row) ? (memory ? " memory" : " register") : "";
          const operands = row.operands.join(",");
          const name = `${mode}: ${row.mnemonic} ${operands} ${row.encoding} ${size}${kind}`;
          forms.push({ row, index, mode, size, memory, name });
        }
      }
    });
  }
  return forms;
}
