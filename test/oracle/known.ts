/**
 * Differences that are right on both sides: the host's processor is AMD's, the core follows Intel.
 * Each rule is a row of docs/amd-intel.md under the same id.
 */
import type { Mismatch } from "./compare.ts";
import type { Form } from "./forms.ts";
import { SELECTOR } from "./layout.ts";

/** The state that a case starts from. */
export interface CaseInput {
  register(number: number): bigint;
  /** Selector in SS. */
  stack(): number;
}

const RSP = 4;

export interface KnownDifference {
  readonly id: string;
  applies(forms: readonly Form[], mismatches: readonly Mismatch[], input: CaseInput): boolean;
}

const vectors = (mismatches: readonly Mismatch[], native: RegExp, ours: string): boolean =>
  mismatches.some((m) => m.what === "vector" && native.test(m.native) && m.ours === ours);

export const KNOWN: readonly KnownDifference[] = [
  {
    // Intel checks the target first, AMD pushes the return address first.
    id: "call-target-order",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "CALL" &&
      /^(Ev|Jz)$/.test(form!.row.operands[0]!) &&
      vectors(mismatches, /^(12|14|17)$/, "13"),
  },
  {
    // The segment that holds the number of the host's processor.
    id: "lsl-processor-number",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "LSL" &&
      mismatches.length === 1 &&
      (BigInt(mismatches[0]!.ours) ^ BigInt(mismatches[0]!.native)) < 0x1000n,
  },
  {
    // AMD processors read the words of the frame in another order, and all before they look at one.
    id: "return-read-order",
    applies: ([form], mismatches) =>
      /^(IRET|RETF)$/.test(form!.row.mnemonic) &&
      (mismatches.every((m) => m.what === "CR2") ||
        vectors(mismatches, /^(12|14|17)$/, "13") ||
        vectors(mismatches, /^12$/, "14") ||
        vectors(mismatches, /^12$/, "17")),
  },
  {
    // SS and RIP both bad: which one is reported.
    id: "iret-check-order",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "IRET" &&
      ((mismatches.length === 1 &&
        mismatches[0]!.what === "error code" &&
        mismatches[0]!.native === "0x0") ||
        vectors(mismatches, /^13$/, "12")),
  },
  {
    // A far call between 64-bit and compatibility mode: AMD processors push as the new mode does.
    id: "far-call-new-stack",
    applies: ([form], _mismatches, input) =>
      form!.row.mnemonic === "CALL" &&
      /^(Mp|Ap)$/.test(form!.row.operands[0]!) &&
      (form!.mode === 64 ? input.register(RSP) >= 1n << 32n : input.stack() !== SELECTOR.DATA),
  },
  {
    // RETF that ends in another mode: AMD processors release parameters as the new mode does.
    id: "retf-new-stack",
    applies: ([form], mismatches, input) =>
      form!.row.mnemonic === "RETF" &&
      form!.mode !== 64 &&
      input.stack() !== SELECTOR.DATA &&
      mismatches.every((m) => m.what === "RSP"),
  },
  {
    // Recent Intel processors leave the upper half of a 32-bit slot as it is, AMD's clear it.
    id: "push-segment-width",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "PUSH" &&
      /^[CDEFGS]S$/.test(form!.row.operands[0]!) &&
      form!.size === 32 &&
      mismatches.every((m) => /^(memory|vector|error|CR2|CS|RSP|RIP)/.test(m.what)),
  },
  {
    // AMD processors load registers one by one before a later word faults.
    id: "popa-partial",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "POPA" && mismatches.every((m) => /^[RE]..$/.test(m.what)),
  },
  {
    // AMD processors read the destination before they ask for the right to write it.
    id: "arpl-read-first",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "ARPL" &&
      mismatches.some((m) => m.what === "error code" || (m.what === "vector" && m.ours !== "-1")),
  },
  {
    // A taken branch that ends at the limit of the code segment faults on AMD processors.
    id: "branch-at-limit",
    applies: (forms, mismatches) =>
      forms.some((form) => form.row.jump === "jcc" || form.row.jump === "loop") &&
      forms[0]!.mode !== 64 &&
      vectors(mismatches, /^13$/, "3") &&
      mismatches.some((m) => m.what === "RIP" && Number(m.native) >= 0x1ff0),
  },
  {
    // AMD processors have one bit more in MXCSR (misaligned SSE operands).
    id: "mxcsr-mm",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "LDMXCSR" && vectors(mismatches, /^-1$/, "13"),
  },
  {
    // AMD processors take LOCK before MOV CR0 as a way to say CR8; here it is #UD.
    id: "lock-mov-cr",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "MOV" &&
      form!.row.operands.includes("Cy") &&
      vectors(mismatches, /^13$/, "6"),
  },
  {
    // UD0 and UD1 take a ModRM byte on Intel processors and none on AMD's.
    id: "ud-modrm",
    applies: ([form], mismatches) =>
      /^UD[01]$/.test(form!.row.mnemonic) && vectors(mismatches, /^6$/, "14"),
  },
  {
    id: "ud-length",
    applies: ([form], mismatches) =>
      /^UD[01]$/.test(form!.row.mnemonic) && vectors(mismatches, /^6$/, "13"),
  },
];

/** The rule that explains the mismatches of a case, if any. */
export function knownDifference(
  forms: readonly Form[],
  mismatches: readonly Mismatch[],
  input: CaseInput,
): KnownDifference | undefined {
  return KNOWN.find((rule) => rule.applies(forms, mismatches, input));
}
