/** What need not agree: flags and results that the SDM leaves undefined, seen case by case. */
import { undefinedFlags } from "./compare.ts";
import type { Form } from "./forms.ts";
import { COUNT_AT, OPERAND_AT, WAIVED_AT } from "./layout.ts";

const CF = 1;
const OF = 0x800;
const SHIFT = /^(ROL|ROR|RCL|RCR|SHL|SHR|SAR)$/;
const LOGICAL_SHIFT = /^(SHL|SHR)$/;
const DOUBLE_SHIFT = /^SH[LR]D$/;

export interface Lenience {
  /** Mask of flags that the case leaves undefined. */
  flags: number;
  /** True when the result itself is undefined. */
  result: boolean;
  /** First and end offset, pair by pair, of stored bytes that processors differ in. */
  unstored: readonly number[];
  /** Linear address of the memory operand, from which those offsets count. */
  operand: bigint;
}

const NOTHING: readonly number[] = [];

/**
 * FOP, FIP and FDP, which AMD processors keep only while an exception is pending, and what their
 * FXSAVE says of MXCSR and leaves of its reserved bytes.
 */
function unstoredBytes({ row, size }: Form): readonly number[] {
  switch (row.mnemonic) {
    case "FNSTENV":
    case "FNSAVE":
      return size === 16 ? [6, 14] : [12, 28];
    case "FXSAVE":
      return [6, 24, 28, 32];
    default:
      return NOTHING;
  }
}

/** Judges the case of `forms` at `at` of `memory`; fills and returns `into`. */
export function lenienceOf(
  forms: readonly Form[],
  memory: Uint8Array,
  at: number,
  into: Lenience,
): Lenience {
  into.flags = 0;
  into.result = false;
  for (const form of forms) into.flags |= undefinedFlags(form.row);
  into.result = memory[at + WAIVED_AT] !== 0;
  into.unstored = unstoredBytes(forms[0]!);
  if (into.unstored.length > 0) {
    into.operand = new DataView(memory.buffer, memory.byteOffset).getBigUint64(
      at + OPERAND_AT,
      true,
    );
  }
  if (forms.length > 1) return into;
  const { row, size } = forms[0]!;
  const shift = SHIFT.test(row.mnemonic);
  const double = DOUBLE_SHIFT.test(row.mnemonic);
  if (shift || double) {
    const count = memory[at + COUNT_AT]! & (size === 64 ? 63 : 31);
    if (count === 0) into.flags = 0;
    // OF is defined for shifts by one place.
    if (count === 1) into.flags &= ~OF;
    if (LOGICAL_SHIFT.test(row.mnemonic) && count >= size) into.flags |= CF;
    if (double && count > size) into.result = true;
  } else if (row.mnemonic === "BSWAP" && size === 16) {
    into.result = true;
  }
  return into;
}
