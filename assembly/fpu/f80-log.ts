/** FYL2X and FYL2XP1. */

import { packInteger } from "./f80-integer";
import {
  denormalBlocks,
  invalidResult,
  isInfinity,
  isZero,
  nanResult2,
  nExp,
  normalize,
  nSig,
} from "./f80-operand";
import { multiply, uExp, uHi, uLo } from "./kernel";
import { roundF80 } from "./round";
import { PE, raise, raiseBefore, rExp, rSig, setResult, UE, ZE } from "./status";
import { INVERSE_ODDS, TWO_LOG2E_HI, TWO_LOG2E_LO } from "./transcendental-tables";
import { mulHigh128, wHi, wLo } from "./wide";
import {
  wideAdd,
  wideDiv,
  wideFraction,
  wideMul,
  wideRound,
  wideScale,
  wideSeries,
  xExp,
  xHi,
  xLo,
  xSign,
} from "./wide-float";

const MSB: u64 = 0x8000000000000000;
const BIAS: i32 = 0x3fff;
/** The significand of the square root of 2, rounded down. */
const SQRT2: u64 = 0xb504f333f9de6484;
/** Terms of artanh(s) / s - 1 = s^2/3 + s^4/5 + ..., for |s| up to (sqrt 2 - 1)/(sqrt 2 + 1). */
const TERMS: i32 = 26;

/** x = (2 / ln 2) artanh(x): the base-2 logarithm of (1 + x) / (1 - x). */
function log2FromRatio(): void {
  const sign = xSign;
  wideFraction(xExp, xHi, xLo);
  mulHigh128(wHi, wLo, wHi, wLo);
  wideSeries(INVERSE_ODDS, TERMS, 16, wHi, wLo, false);
  const hi = wHi;
  const lo = wLo;
  wideMul(sign, xExp, xHi, xLo, BIAS + 1, TWO_LOG2E_HI, TWO_LOG2E_LO);
  wideScale(hi, lo, false);
}

/** x = log2 of a positive number that is no power of two. */
function log2Wide(exp: i32, hi: u64, lo: u64): void {
  // m between sqrt(1/2) and sqrt(2), so that its logarithm never cancels against k.
  const above = hi > SQRT2;
  const k = exp - BIAS + i32(above);
  const mExp = above ? BIAS - 1 : BIAS;
  wideAdd(0, mExp, hi, lo, 0x8000, BIAS, MSB, 0);
  const sign = xSign;
  const nE = xExp;
  const nHi = xHi;
  const nLo = xLo;
  wideAdd(0, mExp, hi, lo, 0, BIAS, MSB, 0);
  wideDiv(sign, nE, nHi, nLo, xExp, xHi, xLo);
  log2FromRatio();
  if (k != 0) {
    packInteger(k < 0 ? 0x8000 : 0, u64(k < 0 ? -k : k));
    wideAdd(xSign, xExp, xHi, xLo, rExp & 0x8000, i32(rExp & 0x7fff), rSig, 0);
  }
}

/** Rounds x times the finite non-zero factor y. */
function finishProduct(ySig: u64, yExp: u32): void {
  normalize(ySig, yExp);
  wideMul((xSign ^ yExp) & 0x8000, xExp, xHi, xLo, nExp, nSig, 0);
  wideRound();
}

/** ST1 = y * log2(x), for x = ST0 and y = ST1 (SDM table "FYL2X Results"). */
export function f80Yl2x(xs: u64, xe: u32, ys: u64, ye: u32): void {
  if (nanResult2(xs, xe, ys, ye)) return;
  const ySign = ye & 0x8000;
  const yZero = isZero(ys, ye);
  if (isZero(xs, xe)) {
    if (yZero) invalidResult();
    else if (isInfinity(ys, ye)) setResult(ys, ye ^ 0x8000);
    else {
      raiseBefore(ZE);
      setResult(MSB, 0x7fff | (ySign ^ 0x8000));
    }
    return;
  }
  if ((xe & 0x8000) != 0) {
    invalidResult();
    return;
  }
  const xInf = isInfinity(xs, xe);
  const isOne = xs == MSB && xe == 0x3fff;
  if ((xInf && yZero) || (isOne && isInfinity(ys, ye))) {
    invalidResult();
    return;
  }
  if (denormalBlocks(xs, xe, ys, ye)) return;
  normalize(xs, xe);
  // The logarithm is negative below 1.
  const sign = ySign ^ (nExp < BIAS ? 0x8000 : 0);
  if (xInf) setResult(MSB, ySign | 0x7fff);
  else if (isInfinity(ys, ye)) setResult(MSB, sign | 0x7fff);
  else if (yZero || isOne) setResult(0, sign);
  else if (nSig == MSB) timesPowerExponent(nExp - BIAS, sign, ys, ye);
  else {
    log2Wide(nExp, nSig, 0);
    finishProduct(ys, ye);
  }
}

/**
 * y * k for x = 2^k. The result may be exact; processors report it as inexact all the same, and
 * so as an underflow when it is denormal.
 */
function timesPowerExponent(k: i32, sign: u32, ys: u64, ye: u32): void {
  packInteger(0, u64(k < 0 ? -k : k));
  const kExp = i32(rExp);
  const kSig = rSig;
  normalize(ys, ye);
  multiply(sign, kExp, kSig, nExp, nSig);
  raise(PE);
  roundF80(sign, uExp, uHi, uLo, 64);
  if ((rExp & 0x7fff) == 0) raise(UE);
}

/**
 * ST1 = y * log2(x + 1), for x = ST0 and y = ST1 (SDM table "FYL2XP1 Results"). The manual defines
 * it for |x| below 1 - sqrt(1/2); here it goes on to larger x, and x at or below -1 comes back.
 */
export function f80Yl2xp1(xs: u64, xe: u32, ys: u64, ye: u32): void {
  if (nanResult2(xs, xe, ys, ye)) return;
  const xSign0 = xe & 0x8000;
  const sign = (xe ^ ye) & 0x8000;
  const yInf = isInfinity(ys, ye);
  const yZero = isZero(ys, ye);
  const xZero = isZero(xs, xe);
  const xInf = isInfinity(xs, xe);
  if ((xInf && (xSign0 != 0 || yZero)) || (xZero && yInf)) {
    invalidResult();
    return;
  }
  if (denormalBlocks(xs, xe, ys, ye)) return;
  if (xInf || yInf) {
    setResult(MSB, sign | 0x7fff);
    return;
  }
  if (xZero || yZero) {
    setResult(0, sign);
    return;
  }
  normalize(xs, xe);
  const e = nExp;
  if (xSign0 != 0 && e >= BIAS) {
    raise(PE);
    setResult(xs, xe);
    return;
  }
  if (e < BIAS - 2) {
    wideAdd(0, BIAS + 1, MSB, 0, xSign0, e, nSig, 0);
    wideDiv(xSign0, e, nSig, 0, xExp, xHi, xLo);
    log2FromRatio();
    finishProduct(ys, ye);
    return;
  }
  wideAdd(0, BIAS, MSB, 0, xSign0, e, nSig, 0);
  if (xHi == MSB && xLo == 0) timesPowerExponent(xExp - BIAS, sign, ys, ye);
  else {
    log2Wide(xExp, xHi, xLo);
    finishProduct(ys, ye);
  }
}
