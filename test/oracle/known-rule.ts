/** What a rule about a known difference between processors looks like. */
import type { Mismatch } from "./compare.ts";
import type { Form } from "./forms.ts";

/** The state that a case starts from. */
export interface CaseInput {
  register(number: number): bigint;
  /** Selector in SS. */
  stack(): number;
  /** Linear address of the memory operand, 0 without one. */
  operand(): bigint;
  /** x87 control word. */
  controlWord(): number;
}

export interface KnownDifference {
  readonly id: string;
  /** The SDM's words, and what AMD processors do. */
  readonly reason: string;
  applies(forms: readonly Form[], mismatches: readonly Mismatch[], input: CaseInput): boolean;
}

/** True when the processor's vector matches `native` and the core's `ours` (-1: no exception). */
export function vectors(mismatches: readonly Mismatch[], native: RegExp, ours: string): boolean {
  const own = new RegExp(`^(${ours})$`);
  return mismatches.some((m) => m.what === "vector" && native.test(m.native) && own.test(m.ours));
}
