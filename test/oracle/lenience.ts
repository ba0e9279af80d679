/** What need not agree: flags and results that the SDM leaves undefined, seen case by case. */
import { undefinedFlags } from "./compare.ts";
import type { Form } from "./forms.ts";
import { COUNT_AT, WAIVED_AT } from "./layout.ts";

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
