/** F2XM1. */
import {
  denormalBlocks,
  isInfinity,
  isZero,
  nanResult1,
  nExp,
  normalize,
  nSig,
} from "./f80-operand";
import { PE, raise, setResult } from "./status";
import { INVERSE_FACTORIALS, LN2_HI, LN2_LO } from "./transcendental-tables";
import { wHi, wLo } from "./wide";
import {
  wideFraction,
  wideMul,
  wideRound,
  wideScale,
  wideSeries,
  xExp,
  xHi,
  xLo,
} from "./wide-float";

/** Terms after the first of e^t - 1 = t (1 + t/2! + t^2/3! + ...), for t up to ln 2. */
const TERMS: i32 = 32;

/**
 * ST = 2^a - 1, correctly rounded for -1 < a < 1. The result for other operands is undefined in
 * the manual; they come back unchanged, -1 as -1/2.
 */
export function f80TwoToXMinus1(sig: u64, exp: u32): void {
  if (nanResult1(sig, exp)) return;
  const sign = exp & 0x8000;
  if (isZero(sig, exp)) {
    setResult(sig, exp);
    return;
  }
  if (isInfinity(sig, exp)) {
    if (sign != 0) setResult(sig, 0xbfff);
    else setResult(sig, exp);
    return;
  }
  if (denormalBlocks(sig, exp, 0, 0)) return;
  if ((exp & 0x7fff) >= 0x3fff) {
    raise(PE);
    if (exp == 0xbfff && sig == 0x8000000000000000) setResult(sig, 0xbffe);
    else setResult(sig, exp);
    return;
  }
  normalize(sig, exp);
  wideMul(sign, nExp, nSig, 0, 0x3ffe, LN2_HI, LN2_LO);
  wideFraction(xExp, xHi, xLo);
  wideSeries(INVERSE_FACTORIALS, TERMS, 16, wHi, wLo, sign != 0);
  wideScale(wHi, wLo, sign != 0);
  wideRound();
}
