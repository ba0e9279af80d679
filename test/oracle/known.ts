/**
 * Differences that are right on both sides: the host's processor is AMD's, the core follows Intel.
 * Each rule is a row of docs/amd-intel.md under the same id.
 */
import type { Mismatch } from "./compare.ts";
import type { Form } from "./forms.ts";

export interface KnownDifference {
  readonly id: string;
  applies(forms: readonly Form[], mismatches: readonly Mismatch[]): boolean;
}

const vectors = (mismatches: readonly Mismatch[], native: RegExp, ours: string): boolean =>
  mismatches.some((m) => m.what === "vector" && native.test(m.native) && m.ours === ours);

export const KNOWN: readonly KnownDifference[] = [
  {
    // Intel checks the target first, AMD pushes the return address first.
    id: "call-target-order",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "CALL" &&
      form!.row.operands[0] === "Ev" &&
      vectors(mismatches, /^(12|14|17)$/, "13"),
  },
  {
    // The segment that holds the number of the host's processor.
    id: "lsl-processor-number",
    applies: ([form], mismatches) =>
      form!.row.mnemonic === "LSL" &&
      mismatches.length === 1 &&
      mismatches[0]!.ours === "0x0" &&
      Number(mismatches[0]!.native) < 0x1000,
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
): KnownDifference | undefined {
  return KNOWN.find((rule) => rule.applies(forms, mismatches));
}
