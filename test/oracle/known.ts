/**
 * Differences that are right on both sides: the host's processor is AMD's, the core follows Intel.
 * Each rule is a row of docs/amd-intel.md under the same id.
 */
import type { Mismatch } from "./compare.ts";
import type { Form } from "./forms.ts";
import { KNOWN_FLOATING } from "./known-floating.ts";
import { type CaseInput, type KnownDifference, vectors } from "./known-rule.ts";
import { SELECTOR } from "./layout.ts";

const RSP = 4;

const KNOWN_GENERAL: readonly KnownDifference[] = [
  {
    id: "call-target-order",
    reason:
      "Near CALL whose target is beyond the limit or not canonical: Intel processors check it " +
      "before the push, AMD's push first and report what that meets.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "CALL" &&
      /^(Ev|Jz)$/.test(form!.row.operands[0]!) &&
      vectors(mismatches, /^(12|14|17)$/, "13"),
  },
  {
    id: "lsl-processor-number",
    reason:
      "LSL of the segment in which the host's kernel keeps the processor's number: not a " +
      "difference between processors.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "LSL" &&
      mismatches.length === 1 &&
      (BigInt(mismatches[0]!.ours) ^ BigInt(mismatches[0]!.native)) < 0x1000n,
  },
  {
    id: "return-read-order",
    reason:
      "RET far, IRET: the SDM's operation pops word by word and checks between; AMD " +
      "processors read all words first, in another order.",
    applies: ([form], mismatches) =>
      /^(IRET|RETF)$/.test(form!.row.mnemonic) &&
      (mismatches.every((m) => m.what === "CR2") ||
        vectors(mismatches, /^(12|14|17)$/, "13") ||
        vectors(mismatches, /^12$/, "14") ||
        vectors(mismatches, /^12$/, "17")),
  },
  {
    id: "iret-check-order",
    reason:
      "IRET with both SS and RIP bad: the SDM does not order the checks of different " +
      "operands; AMD processors report the other one.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "IRET" &&
      ((mismatches.length === 1 &&
        mismatches[0]!.what === "error code" &&
        mismatches[0]!.native === "0x0") ||
        vectors(mismatches, /^13$/, "12")),
  },
  {
    id: "far-call-new-stack",
    reason:
      "Far CALL between 64-bit and compatibility mode: the SDM pushes with the stack of the " +
      "old mode; AMD processors truncate RSP as the new mode does.",
    applies: ([form], _mismatches, input) =>
      form!.row.mnemonic === "CALL" &&
      /^(Mp|Ap)$/.test(form!.row.operands[0]!) &&
      (form!.mode === 64 ? input.register(RSP) >= 1n << 32n : input.stack() !== SELECTOR.DATA),
  },
  {
    id: "retf-new-stack",
    reason:
      "RET far imm16 that changes the mode: AMD processors release the parameters with the " +
      "stack size of the new mode.",
    applies: ([form], mismatches, input) =>
      form!.row.mnemonic === "RETF" &&
      form!.mode !== 64 &&
      input.stack() !== SELECTOR.DATA &&
      mismatches.every((m) => m.what === "RSP"),
  },
  {
    id: "push-segment-width",
    reason:
      'PUSH of a segment register: "if the operand size is 32-bits, either a zero-extended ' +
      "value is pushed on the stack or the segment selector is written on the stack using a " +
      "16-bit move. For the last case, all recent Intel Core and Intel Atom processors " +
      'perform a 16-bit move"; AMD processors zero-extend.',
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "PUSH" &&
      /^[CDEFGS]S$/.test(form!.row.operands[0]!) &&
      form!.size === 32 &&
      mismatches.every((m) => /^(memory|vector|error|CR2|CS|RSP|RIP)/.test(m.what)),
  },
  {
    id: "popa-partial",
    reason:
      "POPA that faults in the middle: Intel processors change no register, AMD's those read " +
      "before.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "POPA" && mismatches.every((m) => /^[RE]..$/.test(m.what)),
  },
  {
    id: "arpl-read-first",
    reason:
      "ARPL on a read-only page: AMD processors read before they ask for the right to write, " +
      "so the error code's W bit is clear and other faults go first.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "ARPL" &&
      mismatches.some(
        (m) => /^(error code|RIP)$/.test(m.what) || (m.what === "vector" && m.ours !== "-1"),
      ),
  },
  {
    id: "branch-at-limit",
    reason:
      "A branch to the last byte of a code segment: the SDM checks the target against the " +
      "limit; AMD processors fault when the bytes behind it cannot be fetched.",
    applies: (forms, mismatches) =>
      forms.some((form) => form.row.jump === "jcc" || form.row.jump === "loop") &&
      forms[0]!.mode !== 64 &&
      vectors(mismatches, /^13$/, "3") &&
      mismatches.some((m) => m.what === "RIP" && Number(m.native) >= 0x1ff0),
  },
  {
    id: "mxcsr-mm",
    reason:
      'LDMXCSR: "#GP(0) For an attempt to set reserved bits in MXCSR"; bit 17 is defined on ' +
      "AMD processors (misaligned SSE operands).",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "LDMXCSR" && vectors(mismatches, /^-1$/, "13"),
  },
  {
    id: "lock-mov-cr",
    reason: "LOCK MOV CR0 means MOV CR8 on AMD processors; here LOCK is not allowed: #UD.",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "MOV" &&
      form!.row.operands.includes("Cy") &&
      vectors(mismatches, /^13$/, "6"),
  },
  {
    id: "ud-modrm",
    reason:
      'UD0, UD1: "Some older processors decode the UD0 instruction without a ModR/M byte"; ' +
      "Intel's fetch it and may fault on that, AMD's do not.",
    applies: ([form], mismatches) =>
      /^UD[01]$/.test(form!.row.mnemonic) && vectors(mismatches, /^6$/, "14"),
  },
  {
    id: "ud-length",
    reason: "UD0, UD1: the ModR/M byte makes them longer than 15 bytes: #GP(0) goes before #UD.",
    applies: ([form], mismatches) =>
      /^UD[01]$/.test(form!.row.mnemonic) && vectors(mismatches, /^6$/, "13"),
  },
];

export const KNOWN: readonly KnownDifference[] = [...KNOWN_GENERAL, ...KNOWN_FLOATING];

/** The rule that explains the mismatches of a case, if any. */
export function knownDifference(
  forms: readonly Form[],
  mismatches: readonly Mismatch[],
  input: CaseInput,
): KnownDifference | undefined {
  return KNOWN.find((rule) => rule.applies(forms, mismatches, input));
}
