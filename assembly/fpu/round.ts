/** Rounds unpacked results to the 80-bit, 64-bit and 32-bit formats, with all their exceptions. */
import {
  block,
  fpFtz,
  fpMasks,
  fpRc,
  OE,
  PE,
  RC_NEAREST,
  RC_UP,
  RC_ZERO,
  raise,
  setC1,
  setResult,
  UE,
} from "./status";
import { shrSticky128, wHi, wLo } from "./wide";

const MSB: u64 = 0x8000000000000000;
/** What an unmasked overflow or underflow adds to or takes from the exponent of an 80-bit result. */
const BIAS_ADJUST: i32 = 24576;
const MAX_EXP80: i32 = 0x7ffe;

/**
 * 1 if a magnitude is rounded up: `odd` is its lowest kept bit, `rest` the 64 bits below.
 */
export function roundsUp(sign: u32, odd: u64, rest: u64): u64 {
  if (rest == 0) return 0;
  if (fpRc == RC_NEAREST) return (rest >> 63) & (u64(rest << 1 != 0) | odd);
  if (fpRc == RC_ZERO) return 0;
  return u64((fpRc == RC_UP) == (sign == 0));
}

/**
 * Rounds to the 80-bit format and leaves the result in rSig and rExp.
 *
 * @param sign 0 or 0x8000
 * @param exp exponent with bias 16383, of any size
 * @param hi significand, bit 63 set
 * @param lo what lies below, bit 0 sticky
 * @param precision bits of significand: 64, 53 or 24
 */
export function roundF80(sign: u32, exp: i32, hi: u64, lo: u64, precision: u32): void {
  if (precision == 64 && u32(exp - 1) < u32(MAX_EXP80 - 1)) {
    if (lo == 0) {
      setResult(hi, u32(exp) | sign);
      return;
    }
    const up = roundsUp(sign, hi & 1, lo);
    const sig = hi + up;
    raise(PE);
    setC1(u32(up));
    if (sig == 0) setResult(MSB, u32(exp + 1) | sign);
    else setResult(sig, u32(exp) | sign);
    return;
  }
  roundF80General(sign, exp, hi, lo, precision);
}

function roundF80General(sign: u32, exp: i32, hi: u64, lo: u64, precision: u32): void {
  if (exp <= 0 && isTinyF80(sign, exp, hi, lo, precision)) {
    if ((fpMasks & UE) != 0) {
      roundDenormalF80(sign, exp, hi, lo, precision);
      return;
    }
    raise(UE);
    if (exp + BIAS_ADJUST <= 0) {
      // Only FSCALE gets here: too small even for the adjusted exponent.
      raise(PE);
      setC1(0);
      setResult(0, sign);
      return;
    }
    roundNormalF80(sign, exp + BIAS_ADJUST, hi, lo, precision, false);
    return;
  }
  roundNormalF80(sign, exp, hi, lo, precision, true);
}

/** Tininess is found after rounding, as if the exponent had no lower bound. */
function isTinyF80(sign: u32, exp: i32, hi: u64, lo: u64, precision: u32): bool {
  if (exp < 0) return true;
  const sig = roundedSig(sign, hi, lo, precision);
  return sig != 0;
}

/** The significand rounded to `precision` bits; 0 when it carries into the next binade. */
function roundedSig(sign: u32, hi: u64, lo: u64, precision: u32): u64 {
  if (precision == 64) return hi + roundsUp(sign, hi & 1, lo);
  const unit: u64 = (<u64>1) << (64 - precision);
  const rest = (hi << precision) | u64(lo != 0);
  const up = roundsUp(sign, (hi >> (64 - precision)) & 1, rest);
  return (hi & ~(unit - 1)) + (up != 0 ? unit : 0);
}

/** 1 if bits below the precision are set. */
function isInexact(hi: u64, lo: u64, precision: u32): bool {
  return lo != 0 || (precision != 64 && hi << precision != 0);
}

function roundNormalF80(
  sign: u32,
  exponent: i32,
  hi: u64,
  lo: u64,
  precision: u32,
  mayOverflow: bool,
): void {
  let exp = exponent;
  let sig = roundedSig(sign, hi, lo, precision);
  const inexact = isInexact(hi, lo, precision);
  const up = sig != (precision == 64 ? hi : hi & ~(((<u64>1) << (64 - precision)) - 1));
  if (sig == 0) {
    sig = MSB;
    exp++;
  }
  if (mayOverflow && exp > MAX_EXP80) {
    if ((fpMasks & OE) != 0) {
      overflowF80(sign, precision);
      return;
    }
    raise(OE);
    exp -= BIAS_ADJUST;
    if (exp > MAX_EXP80) {
      // Only FSCALE gets here: too large even for the adjusted exponent.
      raise(PE);
      setC1(1);
      setResult(MSB, sign | 0x7fff);
      return;
    }
  }
  if (inexact) {
    raise(PE);
    setC1(u32(up));
  }
  setResult(sig, u32(exp) | sign);
}

/** Masked overflow: infinity or the largest finite number, as the rounding direction says. */
function overflowF80(sign: u32, precision: u32): void {
  raise(OE | PE);
  if (fpRc == RC_NEAREST || (fpRc != RC_ZERO && (fpRc == RC_UP) == (sign == 0))) {
    setC1(1);
    setResult(MSB, sign | 0x7fff);
    return;
  }
  setC1(0);
  const ones = ~(<u64>0);
  setResult(precision == 64 ? ones : ones << (64 - precision), sign | u32(MAX_EXP80));
}

/** Masked underflow: a denormal, rounded at the same bit of the register as a normal number. */
function roundDenormalF80(sign: u32, exp: i32, hi: u64, lo: u64, precision: u32): void {
  shrSticky128(hi, lo, u32(1 - exp));
  const dHi = wHi;
  const dLo = wLo;
  const sig = roundedSig(sign, dHi, dLo, precision);
  if (isInexact(dHi, dLo, precision)) {
    raise(UE | PE);
    setC1(u32(sig > dHi));
  }
  setResult(sig, sign | u32(sig >> 63));
}

/**
 * Rounds to the 64-bit (`double`) or 32-bit format and returns the bits. Unmasked overflow and
 * underflow block the result: FST leaves memory and stack unchanged, SSE its destination.
 * Parameters as for `roundF80`.
 */
export function roundNarrow(sign: u32, exp80: i32, hi: u64, lo: u64, double: bool): u64 {
  const bits: u32 = double ? 53 : 24;
  const maxExp: i32 = double ? 0x7fe : 0xfe;
  const signBit: u64 = u64(sign >> 15) << (double ? 63 : 31);
  let exp = exp80 - 0x3fff + (double ? 0x3ff : 0x7f);
  let kept = hi >> (64 - bits);
  let rest = (hi << bits) | u64(lo != 0);
  let up = roundsUp(sign, kept & 1, rest);
  if (exp <= 0) {
    const tiny = exp < 0 || kept + up != (<u64>1) << bits;
    if (tiny) {
      if ((fpMasks & UE) == 0) {
        raise(rest != 0 ? UE | PE : UE);
        block();
        return 0;
      }
      if (fpFtz != 0) {
        raise(UE | PE);
        return signBit;
      }
    }
    shrSticky128(hi, lo, u32(1 - exp));
    kept = wHi >> (64 - bits);
    rest = (wHi << bits) | u64(wLo != 0);
    up = roundsUp(sign, kept & 1, rest);
    if (rest != 0) {
      raise(tiny ? UE | PE : PE);
      setC1(u32(up));
    }
    // A carry into the hidden bit makes the smallest normal number by itself.
    return signBit | (kept + up);
  }
  kept += up;
  if (kept >> bits != 0) {
    kept >>= 1;
    exp++;
  }
  if (exp > maxExp) return overflowNarrow(sign, signBit, rest != 0, double);
  if (rest != 0) {
    raise(PE);
    setC1(u32(up));
  }
  const fraction = kept & (((<u64>1) << (bits - 1)) - 1);
  return signBit | (u64(exp) << (bits - 1)) | fraction;
}

function overflowNarrow(sign: u32, signBit: u64, inexact: bool, double: bool): u64 {
  if ((fpMasks & OE) == 0) {
    raise(inexact ? OE | PE : OE);
    block();
    return 0;
  }
  raise(OE | PE);
  const infinity: u64 = double ? 0x7ff0000000000000 : 0x7f800000;
  if (fpRc == RC_NEAREST || (fpRc != RC_ZERO && (fpRc == RC_UP) == (sign == 0))) {
    setC1(1);
    return signBit | infinity;
  }
  setC1(0);
  return signBit | (infinity - 1);
}
