/** FPATAN. */
import {
  denormalBlocks,
  isInfinity,
  isZero,
  nanResult2,
  nExp,
  normalize,
  nSig,
} from "./f80-operand";
import { setResult } from "./status";
import { ARCTANGENTS, INVERSE_ODDS, PI_HI, PI_LO } from "./transcendental-tables";
import { add128, mul64, mulHigh128, shl128, sub128, wHi, wLo } from "./wide";
import {
  wideAdd,
  wideDiv,
  wideFraction,
  wideRound,
  wideScale,
  wideSeries,
  wideSet,
  xExp,
  xHi,
  xLo,
  xSign,
} from "./wide-float";

const BIAS: i32 = 0x3fff;
/** Terms of 1 - arctan(t) / t = t^2/3 - t^4/5 + ..., for |t| up to 1/32. */
const TERMS: i32 = 13;

/** x = arctan(x), for |x| up to 1/32. */
function arctanSmall(): void {
  const sign = xSign;
  wideFraction(xExp, xHi, xLo);
  mulHigh128(wHi, wLo, wHi, wLo);
  wideSeries(INVERSE_ODDS, TERMS, 16, wHi, wLo, true);
  wideScale(wHi, wLo, true);
  wideSet(sign, xExp, xHi, xLo);
}

/** x = arctan(n / d) for positive n not above d. */
function arctanRatio(nE: i32, nS: u64, dE: i32, dS: u64): void {
  const distance = dE - nE;
  let i: u64 = 0;
  if (distance < 6) {
    const ratio = f64(nS) / f64(dS) / f64(1 << distance);
    i = u64(nearest<f64>(ratio * 16.0));
  }
  if (i == 0) {
    wideDiv(0, nE, nS, 0, dE, dS, 0);
    arctanSmall();
    return;
  }
  // arctan(n/d) = arctan(i/16) + arctan((16 n - i d) / (16 d + i n)); both terms are exact here.
  shl128(0, dS, u32(distance));
  const dHi = wHi;
  const dLo = wLo;
  mul64(dLo, i);
  const idHi = wHi + dHi * i;
  const idLo = wLo;
  shl128(0, nS, 4);
  const nHi = wHi;
  const negative = nHi < idHi || (nHi == idHi && wLo < idLo);
  if (negative) sub128(idHi, idLo, wHi, wLo);
  else sub128(wHi, wLo, idHi, idLo);
  wideSet(negative ? 0x8000 : 0, BIAS, wHi, wLo);
  const sign = xSign;
  const numeratorExp = xExp;
  const numeratorHi = xHi;
  const numeratorLo = xLo;
  mul64(nS, i);
  const inHi = wHi;
  const inLo = wLo;
  shl128(dHi, dLo, 4);
  add128(wHi, wLo, inHi, inLo);
  wideSet(0, BIAS, wHi, wLo);
  if (numeratorHi != 0) {
    wideDiv(sign, numeratorExp, numeratorHi, numeratorLo, xExp, xHi, xLo);
    arctanSmall();
    addTable(xSign, xExp, xHi, xLo, i);
  } else addTable(0, 0, 0, 0, i);
}

/** x = the number given + arctan(i / 16). */
function addTable(sign: u32, exp: i32, hi: u64, lo: u64, i: u64): void {
  const row = ARCTANGENTS + (usize(i - 1) << 4);
  wideSet(0, BIAS - 1, load<u64>(row, 8), load<u64>(row));
  if (hi != 0) wideAdd(xSign, xExp, xHi, xLo, sign, exp, hi, lo);
}

/** Rounds pi * 2^halvings times `quarters`, a small integer, with the given sign. */
function piMultiple(sign: u32, quarters: u64): void {
  mulHigh128(PI_HI, PI_LO, quarters << 61, 0);
  wideSet(sign, BIAS + 2, wHi, wLo);
  wideRound();
}

/**
 * ST1 = arctan(y / x) in the quadrant of (x, y), for x = ST0 and y = ST1 (SDM table "FPATAN
 * Results").
 */
export function f80Patan(xs: u64, xe: u32, ys: u64, ye: u32): void {
  if (nanResult2(xs, xe, ys, ye)) return;
  const sign = ye & 0x8000;
  const left = (xe & 0x8000) != 0;
  if (denormalBlocks(xs, xe, ys, ye)) return;
  const xInf = isInfinity(xs, xe);
  if (isInfinity(ys, ye)) {
    piMultiple(sign, xInf ? (left ? 3 : 1) : 2);
    return;
  }
  if (isZero(ys, ye) || xInf) {
    if (left) piMultiple(sign, 4);
    else setResult(0, sign);
    return;
  }
  if (isZero(xs, xe)) {
    piMultiple(sign, 2);
    return;
  }
  normalize(xs, xe);
  const xE = nExp;
  const xS = nSig;
  normalize(ys, ye);
  const steep = nExp > xE || (nExp == xE && nSig > xS);
  if (steep) arctanRatio(xE, xS, nExp, nSig);
  else arctanRatio(nExp, nSig, xE, xS);
  if (steep) {
    // pi/2 - arctan(x/y) on the right, pi/2 + arctan on the left.
    wideAdd(0, BIAS, PI_HI, PI_LO, left ? 0 : 0x8000, xExp, xHi, xLo);
  } else if (left) wideAdd(0, BIAS + 1, PI_HI, PI_LO, 0x8000, xExp, xHi, xLo);
  wideSet(sign, xExp, xHi, xLo);
  wideRound();
}
