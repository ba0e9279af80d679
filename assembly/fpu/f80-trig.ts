/** FSIN, FCOS, FSINCOS, FPTAN. */
import {
  denormalBlocks,
  invalidResult,
  isInfinity,
  isZero,
  nanResult1,
  nExp,
  normalize,
  nSig,
} from "./f80-operand";
import { C2, rExp, rSig, setConditions, setResult, setSecond } from "./status";
import {
  INVERSE_FACTORIALS,
  PI66_HI,
  PI66_INVERSE_HI,
  PI66_INVERSE_LO,
  PI66_LO,
} from "./transcendental-tables";
import { mul64, mulHigh128, shl128, sub128, wHi, wLo } from "./wide";
import {
  wideAdd,
  wideDiv,
  wideFraction,
  wideMul,
  wideRound,
  wideScale,
  wideSeries,
  wideSet,
  xExp,
  xHi,
  xLo,
} from "./wide-float";

const MSB: u64 = 0x8000000000000000;
const BIAS: i32 = 0x3fff;
/** Significand of pi/4, rounded down. */
const QUARTER_PI: u64 = 0xc90fdaa22168c234;
/** Both words of 1/3 as a fraction of 2^128, and the lower one of 1/12. */
const THIRD: u64 = 0x5555555555555555;
const TWELFTH_HI: u64 = 0x1555555555555555;
/** Below these exponents two terms of the series of tangent or cosine are enough. */
const SMALL_TAN: i32 = BIAS - 40;
const SMALL_COS: i32 = BIAS - 24;
const TERMS_SIN: i32 = 16;
const TERMS_COS: i32 = 17;
/** Bytes from 1/n! to 1/(n + 2)!. */
const EVERY_OTHER: usize = 32;

/** Reduced argument r of magnitude at most pi/4, and the number of quarter turns taken off. */
let reducedSign: u32 = 0;
let reducedExp: i32 = 0;
let reducedHi: u64 = 0;
let reducedLo: u64 = 0;
let quadrant: u32 = 0;
/** r^2 as a fraction of 2^128. */
let squareHi: u64 = 0;
let squareLo: u64 = 0;

/** Takes multiples of pi/2, of 66-bit pi, off a positive number below 2^63. */
function reduce(exp: i32, sig: u64): void {
  if (exp < BIAS - 1 || (exp == BIAS - 1 && sig <= QUARTER_PI)) {
    quadrant = 0;
    wideSet(0, exp, sig, 0);
    reducedSign = 0;
  } else {
    // In units of 2^-65 the argument and pi/2 are integers, so that the remainder is exact.
    shl128(0, sig, u32(exp - BIAS + 2));
    const hi = wHi;
    const lo = wLo;
    mulHigh128(hi, lo, PI66_INVERSE_HI, PI66_INVERSE_LO);
    const q = (wHi + 1) >> 1;
    mul64(q, PI66_LO);
    sub128(hi, lo, wHi + q * PI66_HI, wLo);
    quadrant = u32(q) & 3;
    reducedSign = u32(wHi >> 63) << 15;
    if (reducedSign != 0) sub128(0, 0, wHi, wLo);
    wideSet(0, BIAS + 62, wHi, wLo);
  }
  reducedExp = xExp;
  reducedHi = xHi;
  reducedLo = xLo;
  wideFraction(xExp, xHi, xLo);
  mulHigh128(wHi, wLo, wHi, wLo);
  squareHi = wHi;
  squareLo = wLo;
}

/** x = sign * sin(|r|). */
function sinReduced(sign: u32): void {
  wideSet(sign, reducedExp, reducedHi, reducedLo);
  wideSeries(INVERSE_FACTORIALS + 16, TERMS_SIN, EVERY_OTHER, squareHi, squareLo, true);
  wideScale(wHi, wLo, true);
}

/** x = sign * cos(r). */
function cosReduced(sign: u32): void {
  if (reducedExp < SMALL_COS) {
    // 1 - r^2/2 (1 - r^2/12), with the square as exact as it can be.
    mulHigh128(squareHi, squareLo, TWELFTH_HI, THIRD);
    const hi = wHi;
    const lo = wLo;
    wideMul(0, reducedExp, reducedHi, reducedLo, reducedExp, reducedHi, reducedLo);
    wideScale(hi, lo, true);
    wideAdd(sign, BIAS, MSB, 0, sign ^ 0x8000, xExp - 1, xHi, xLo);
    return;
  }
  wideSeries(INVERSE_FACTORIALS, TERMS_COS, EVERY_OTHER, squareHi, squareLo, true);
  sub128(0, 0, wHi, wLo | u64((wHi | wLo) == 0));
  wideSet(sign, BIAS - 1, wHi, wLo);
}

/** x = the sine of the reduced angle plus `turns` more quarter turns; `sign` is xored in. */
function sinOfQuadrant(turns: u32, sign: u32): void {
  const n = quadrant + turns;
  const s = sign ^ ((n & 2) << 14);
  if ((n & 1) != 0) cosReduced(s);
  else sinReduced(s ^ reducedSign);
}

/**
 * Handles the operands that need no computing. Returns true when the instruction has ended, with
 * the result (also as second result) in place unless C2 is set or the result is blocked.
 */
function endsEarly(sig: u64, exp: u32): bool {
  if (nanResult1(sig, exp)) {
    setSecond(rSig, rExp);
    return true;
  }
  if (isInfinity(sig, exp)) {
    invalidResult();
    setSecond(rSig, rExp);
    return true;
  }
  if ((exp & 0x7fff) >= u32(BIAS + 63)) {
    // Out of range: C2 tells that the operand is unchanged.
    setConditions(C2);
    setResult(sig, exp);
    return true;
  }
  return denormalBlocks(sig, exp, 0, 0);
}

function prepare(sig: u64, exp: u32): void {
  normalize(sig, exp);
  reduce(nExp, nSig);
}

/** ST = sin(a); |a| of 2^63 and above sets C2 and leaves the operand. */
export function f80Sin(sig: u64, exp: u32): void {
  if (endsEarly(sig, exp)) return;
  if (isZero(sig, exp)) {
    setResult(sig, exp);
    return;
  }
  prepare(sig, exp);
  sinOfQuadrant(0, exp & 0x8000);
  wideRound();
}

/** ST = cos(a), likewise. */
export function f80Cos(sig: u64, exp: u32): void {
  if (endsEarly(sig, exp)) return;
  if (isZero(sig, exp)) {
    setResult(MSB, 0x3fff);
    return;
  }
  prepare(sig, exp);
  sinOfQuadrant(1, 0);
  wideRound();
}

/** Sine in rSig/rExp (replaces ST0), cosine in r2Sig/r2Exp (pushed). */
export function f80SinCos(sig: u64, exp: u32): void {
  if (endsEarly(sig, exp)) return;
  if (isZero(sig, exp)) {
    setResult(sig, exp);
    setSecond(MSB, 0x3fff);
    return;
  }
  prepare(sig, exp);
  sinOfQuadrant(1, 0);
  wideRound();
  setSecond(rSig, rExp);
  sinOfQuadrant(0, exp & 0x8000);
  wideRound();
}

/** Tangent in rSig/rExp (replaces ST0), 1.0 in r2Sig/r2Exp (pushed). */
export function f80Ptan(sig: u64, exp: u32): void {
  if (endsEarly(sig, exp)) return;
  setSecond(MSB, 0x3fff);
  if (isZero(sig, exp)) {
    setResult(sig, exp);
    return;
  }
  prepare(sig, exp);
  // tan r, or -1 / tan r after an odd number of quarter turns.
  const odd = quadrant & 1;
  const sign = (exp & 0x8000) ^ reducedSign ^ (odd << 15);
  if (reducedExp < SMALL_TAN) {
    // r (1 + r^2/3) or 1/r (1 - r^2/3): the quotient below could not tell these from r and 1/r.
    mulHigh128(squareHi, squareLo, THIRD, THIRD);
    const hi = wHi;
    const lo = wLo;
    if (odd != 0) wideDiv(sign, BIAS, MSB, 0, reducedExp, reducedHi, reducedLo);
    else wideSet(sign, reducedExp, reducedHi, reducedLo);
    wideScale(hi, lo, odd != 0);
    wideRound();
    return;
  }
  if (odd != 0) sinReduced(0);
  else cosReduced(0);
  const dExp = xExp;
  const dHi = xHi;
  const dLo = xLo;
  if (odd != 0) cosReduced(0);
  else sinReduced(0);
  wideDiv(sign, xExp, xHi, xLo, dExp, dHi, dLo);
  wideRound();
}
