/** FBLD and FBSTP: 18-digit packed decimal. */

import { packInteger } from "./f80-integer";
import { isUnsupported, nExp, normalize, nSig } from "./f80-operand";
import { iInexact, integerMagnitude, iOverflow, iUp } from "./integer-round";
import { IE, PE, raise, raiseBefore, setC1, setResult } from "./status";

/** One more than the largest packed decimal. */
const LIMIT: u64 = 1000000000000000000;

/** Bits 79:64 of the packed decimal that `f80ToBcd` returned: sign bit 15, two digits below. */
export let bcdHigh: u32 = 0;

/**
 * FBLD: `low` holds digits 0 to 15, `high` the sign (bit 15) and digits 16 and 17. A nibble above
 * 9 has no defined meaning and counts with its value.
 */
export function f80FromBcd(low: u64, high: u32): void {
  let value: u64 = ((high >> 4) & 15) * 10 + (high & 15);
  for (let shift: i32 = 60; shift >= 0; shift -= 4) value = value * 10 + ((low >> shift) & 15);
  if (value == 0) setResult(0, high & 0x8000);
  else packInteger(high & 0x8000, value);
}

/**
 * FBSTP: returns digits 0 to 15 and leaves the rest in `bcdHigh`. NaN, infinity and what has more
 * than 18 digits give the packed decimal indefinite and the invalid-operation exception.
 */
export function f80ToBcd(sig: u64, exp: u32): u64 {
  const sign = exp & 0x8000;
  if ((exp & 0x7fff) != 0x7fff && !isUnsupported(sig, exp)) {
    normalize(sig, exp);
    let rest = integerMagnitude(sign, nExp, nSig);
    if (iOverflow == 0 && rest < LIMIT) {
      if (iInexact != 0) {
        raise(PE);
        setC1(iUp);
      }
      let low: u64 = 0;
      for (let shift: i32 = 0; shift < 64; shift += 4) {
        const next = rest / 10;
        low |= (rest - next * 10) << shift;
        rest = next;
      }
      const tens = u32(rest) / 10;
      bcdHigh = sign | (tens << 4) | (u32(rest) - tens * 10);
      return low;
    }
  }
  raiseBefore(IE);
  bcdHigh = 0xffff;
  return 0xc000000000000000;
}
