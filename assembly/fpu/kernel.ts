/**
 * The four operations and the square root on unpacked finite non-zero numbers, before rounding.
 *
 * An operand is an exponent (bias 16383, any i32) and a significand with bit 63 set. The exact
 * result stands in uSign, uExp and uHi:uLo with bit 63 of uHi set; what lies below uLo is or-ed
 * into its bit 0, which is enough for every rounding. uHi is 0 for an exact zero.
 */
import { div128by64, mul64, shrSticky128, sqrt128, wHi, wLo } from "./wide";

const MSB: u64 = 0x8000000000000000;

/** Sign of the result: 0 or 0x8000. */
export let uSign: u32 = 0;
/** Exponent of the result, bias 16383. */
export let uExp: i32 = 0;
/** Significand of the result, bit 63 set unless the result is zero. */
export let uHi: u64 = 0;
/** The 64 bits below uHi, bit 0 sticky. */
export let uLo: u64 = 0;

/** Adds two magnitudes; `sign` is that of the result. */
export function addMagnitudes(sign: u32, aExp: i32, aSig: u64, bExp: i32, bSig: u64): void {
  uSign = sign;
  let exp = aExp;
  let hi = aSig;
  let small = bSig;
  let distance = aExp - bExp;
  if (distance < 0) {
    distance = -distance;
    exp = bExp;
    hi = bSig;
    small = aSig;
  }
  let lo: u64 = 0;
  if (distance < 64) {
    if (distance != 0) {
      lo = small << (64 - distance);
      small >>= distance;
    }
  } else {
    shrSticky128(small, 0, u32(distance));
    small = 0;
    lo = wLo;
  }
  const sum = hi + small;
  if (sum < hi) {
    uLo = (sum << 63) | (lo >> 1) | (lo & 1);
    uHi = (sum >> 1) | MSB;
    uExp = exp + 1;
  } else {
    uLo = lo;
    uHi = sum;
    uExp = exp;
  }
}

/** Subtracts b's magnitude from a's; `sign` is a's and turns round if b is the larger. */
export function subMagnitudes(sign: u32, aExp: i32, aSig: u64, bExp: i32, bSig: u64): void {
  let exp = aExp;
  let hi = aSig;
  let small = bSig;
  let distance = aExp - bExp;
  let s = sign;
  if (distance < 0 || (distance == 0 && aSig < bSig)) {
    distance = -distance;
    exp = bExp;
    hi = bSig;
    small = aSig;
    s ^= 0x8000;
  }
  let lo: u64 = 0;
  if (distance < 64) {
    if (distance != 0) {
      lo = small << (64 - distance);
      small >>= distance;
    }
  } else {
    shrSticky128(small, 0, u32(distance));
    small = 0;
    lo = wLo;
  }
  hi = hi - small - u64(lo != 0);
  lo = 0 - lo;
  uSign = s;
  if (hi >> 63 == 0) {
    if (hi == 0) {
      // Only for a distance of 0 or 1, where at most one bit has gone to lo.
      hi = lo;
      lo = 0;
      exp -= 64;
      if (hi == 0) {
        uHi = 0;
        uLo = 0;
        return;
      }
    }
    const n = u64(clz<u64>(hi));
    if (n != 0) {
      hi = (hi << n) | (lo >> (64 - n));
      lo <<= n;
      exp -= i32(n);
    }
  }
  uHi = hi;
  uLo = lo;
  uExp = exp;
}

/** Multiplies. */
export function multiply(sign: u32, aExp: i32, aSig: u64, bExp: i32, bSig: u64): void {
  mul64(aSig, bSig);
  uSign = sign;
  const exp = aExp + bExp - 0x3fff;
  if (wHi >> 63 == 0) {
    uHi = (wHi << 1) | (wLo >> 63);
    uLo = wLo << 1;
    uExp = exp;
  } else {
    uHi = wHi;
    uLo = wLo;
    uExp = exp + 1;
  }
}

/** Divides a by b. */
export function divide(sign: u32, aExp: i32, aSig: u64, bExp: i32, bSig: u64): void {
  let exp = aExp - bExp + 0x3fff;
  if (aSig >= bSig) div128by64(aSig >> 1, aSig << 63, bSig);
  else {
    div128by64(aSig, 0, bSig);
    exp--;
  }
  uSign = sign;
  uExp = exp;
  uHi = wHi;
  // A remainder is never exactly half the divisor: a 65-bit quotient times b has over 64 bits.
  uLo = wLo == 0 ? 0 : wLo > bSig - wLo ? MSB | 1 : 1;
}

/** Square root of a positive number. */
export function squareRoot(aExp: i32, aSig: u64): void {
  const e = aExp - 0x3fff;
  const odd = e & 1;
  const root = odd != 0 ? sqrt128(aSig, 0) : sqrt128(aSig >> 1, aSig << 63);
  uSign = 0;
  uExp = ((e - odd) >> 1) + 0x3fff;
  uHi = root;
  // The root lies above the middle between two neighbours when the remainder exceeds the root.
  uLo = (wHi | wLo) == 0 ? 0 : wHi != 0 || wLo > root ? MSB | 1 : 1;
}
