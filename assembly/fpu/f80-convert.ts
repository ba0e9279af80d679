/** x87 loads and stores of 32-bit, 64-bit and integer memory operands. */

import { packInteger } from "./f80-integer";
import { isInfinity, isNaN80, isNormal, isUnsupported, nExp, normalize, nSig } from "./f80-operand";
import { iInexact, integerMagnitude, iOverflow, iUp } from "./integer-round";
import { roundNarrow } from "./round";
import {
  DE,
  fpBlocked,
  IE,
  markWideDenormal,
  PE,
  RC_ZERO,
  raise,
  raiseBefore,
  setC1,
  setResult,
  setRounding,
  withdraw,
} from "./status";

const MSB: u64 = 0x8000000000000000;
const QUIET: u64 = 0x4000000000000000;
const BIAS: i32 = 0x3fff;

/**
 * Widens a 32-bit operand of FADD m32 and the like without judging it: a signalling NaN stays
 * signalling, and the operation that follows raises the denormal-operand exception.
 */
export function f80WidenF32(bits: u32): void {
  const sign = (bits >> 16) & 0x8000;
  const e = (bits >> 23) & 0xff;
  const fraction = u64(bits & 0x7fffff) << 40;
  if (e == 0) {
    if (fraction == 0) {
      setResult(0, sign);
      return;
    }
    markWideDenormal();
    const n = clz<u64>(fraction);
    setResult(fraction << n, sign | u32(BIAS - 126 - i32(n)));
  } else setResult(MSB | fraction, sign | (e == 0xff ? 0x7fff : e + u32(BIAS - 127)));
}

/** The same for a 64-bit operand. */
export function f80WidenF64(bits: u64): void {
  const sign = u32(bits >> 48) & 0x8000;
  const e = u32(bits >> 52) & 0x7ff;
  const fraction = (bits & 0xfffffffffffff) << 11;
  if (e == 0) {
    if (fraction == 0) {
      setResult(0, sign);
      return;
    }
    markWideDenormal();
    const n = clz<u64>(fraction);
    setResult(fraction << n, sign | u32(BIAS - 1022 - i32(n)));
  } else setResult(MSB | fraction, sign | (e == 0x7ff ? 0x7fff : e + u32(BIAS - 1023)));
}

/**
 * FLD m32fp: exact; quiets a signalling NaN. A denormal operand is noted but loaded even when that
 * exception is unmasked.
 */
export function f80FromF32(bits: u32): void {
  f80WidenF32(bits);
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) settleLoadedNaN(u64(bits & 0x7fffff) << 40, (bits >> 16) & 0x8000);
  else if (magnitude - 1 < 0x7fffff) raise(DE);
}

/** FLD m64fp. */
export function f80FromF64(bits: u64): void {
  f80WidenF64(bits);
  const magnitude = bits & 0x7fffffffffffffff;
  if (magnitude > 0x7ff0000000000000) {
    settleLoadedNaN((bits & 0xfffffffffffff) << 11, u32(bits >> 48) & 0x8000);
  } else if (magnitude - 1 < 0xfffffffffffff) raise(DE);
}

function settleLoadedNaN(fraction: u64, sign: u32): void {
  if ((fraction & QUIET) == 0) raiseBefore(IE);
  setResult(MSB | QUIET | fraction, sign | 0x7fff);
}

/** FILD: exact; a 16- or 32-bit operand is sign-extended by the caller. */
export function f80FromI64(value: i64): void {
  if (value < 0) packInteger(0x8000, 0 - u64(value));
  else packInteger(0, u64(value));
}

/**
 * FST m64fp. Returns the bits; with `fpBlocked` set, memory and stack stay unchanged.
 */
export function f80ToF64(sig: u64, exp: u32): u64 {
  const sign = exp & 0x8000;
  if (isNormal(sig, exp)) return roundStored(sign, i32(exp & 0x7fff), sig, true);
  const signBit = u64(sign) << 48;
  if (isUnsupported(sig, exp)) {
    raiseBefore(IE);
    return 0xfff8000000000000;
  }
  if (isNaN80(sig, exp)) {
    if ((sig & QUIET) == 0) raiseBefore(IE);
    return signBit | 0x7ff8000000000000 | ((sig << 1) >> 12);
  }
  if (isInfinity(sig, exp)) return signBit | 0x7ff0000000000000;
  if (sig == 0) return signBit;
  normalize(sig, exp);
  return roundStored(sign, nExp, nSig, true);
}

/** Rounds for a store; one that does not take place reports no inexact result. */
function roundStored(sign: u32, exp: i32, sig: u64, double: bool): u64 {
  const bits = roundNarrow(sign, exp, sig, 0, double);
  if (fpBlocked != 0) withdraw(PE);
  return bits;
}

/** FST m32fp, likewise. */
export function f80ToF32(sig: u64, exp: u32): u32 {
  const sign = exp & 0x8000;
  if (isNormal(sig, exp)) return u32(roundStored(sign, i32(exp & 0x7fff), sig, false));
  const signBit = sign << 16;
  if (isUnsupported(sig, exp)) {
    raiseBefore(IE);
    return 0xffc00000;
  }
  if (isNaN80(sig, exp)) {
    if ((sig & QUIET) == 0) raiseBefore(IE);
    return signBit | 0x7fc00000 | u32((sig << 1) >> 41);
  }
  if (isInfinity(sig, exp)) return signBit | 0x7f800000;
  if (sig == 0) return signBit;
  normalize(sig, exp);
  return u32(roundStored(sign, nExp, nSig, false));
}

/**
 * FIST and FISTP: rounds to a signed integer of `width` bits (16, 32, 64), which is returned
 * sign-extended. NaN, infinity and what does not fit give the integer indefinite (sign bit only)
 * and the invalid-operation exception.
 */
export function f80ToInteger(sig: u64, exp: u32, width: u32): i64 {
  const sign = exp & 0x8000;
  const limit: u64 = (<u64>1) << (width - 1);
  if ((exp & 0x7fff) != 0x7fff && !isUnsupported(sig, exp)) {
    normalize(sig, exp);
    const magnitude = integerMagnitude(sign, nExp, nSig);
    if (iOverflow == 0 && magnitude < limit + (sign >> 15)) {
      if (iInexact != 0) {
        raise(PE);
        setC1(iUp);
      }
      return sign != 0 ? 0 - i64(magnitude) : i64(magnitude);
    }
  }
  raiseBefore(IE);
  return 0 - i64(limit);
}

/** FISTTP: the same, truncating whatever the rounding control says. */
export function f80ToIntegerTruncated(sig: u64, exp: u32, width: u32): i64 {
  setRounding(RC_ZERO);
  return f80ToInteger(sig, exp, width);
}
