/** x87 instructions on integer and exponent parts: FRNDINT, FSCALE, FXTRACT, FPREM, FPREM1. */
import {
  denormalBlocks,
  invalidResult,
  isInfinity,
  isZero,
  nanResult1,
  nanResult2,
  nExp,
  normalize,
  nSig,
} from "./f80-operand";
import { iInexact, integerMagnitude, iUp } from "./integer-round";
import { roundF80 } from "./round";
import {
  C0,
  C2,
  C3,
  PE,
  raise,
  raiseBefore,
  rExp,
  rSig,
  setC1,
  setConditions,
  setResult,
  setSecond,
  ZE,
} from "./status";
import { div128by64, wHi, wLo } from "./wide";

const MSB: u64 = 0x8000000000000000;
const BIAS: i32 = 0x3fff;

/** FRNDINT: rounds to an integer by the rounding control. */
export function f80RoundInt(sig: u64, exp: u32): void {
  if (nanResult1(sig, exp)) return;
  const sign = exp & 0x8000;
  if (i32(exp & 0x7fff) >= BIAS + 63 || sig == 0) {
    setResult(sig, exp);
    return;
  }
  if (denormalBlocks(sig, exp, 0, 0)) return;
  normalize(sig, exp);
  const magnitude = integerMagnitude(sign, nExp, nSig);
  if (iInexact != 0) {
    raise(PE);
    setC1(iUp);
  }
  packInteger(sign, magnitude);
}

/** Leaves an integer magnitude as an 80-bit number; exact. */
export function packInteger(sign: u32, magnitude: u64): void {
  if (magnitude == 0) {
    setResult(0, sign);
    return;
  }
  const n = clz<u64>(magnitude);
  setResult(magnitude << n, sign | u32(BIAS + 63 - i32(n)));
}

/** FSCALE: a * 2^trunc(b). */
export function f80Scale(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  if (nanResult2(aSig, aExp, bSig, bExp)) return;
  const sign = aExp & 0x8000;
  const bNegative = (bExp & 0x8000) != 0;
  const aInf = isInfinity(aSig, aExp);
  if (isInfinity(bSig, bExp)) {
    if (bNegative ? aInf : isZero(aSig, aExp)) {
      invalidResult();
      return;
    }
    if (denormalBlocks(aSig, aExp, 0, 0)) return;
    if (bNegative) setResult(0, sign);
    else setResult(MSB, sign | 0x7fff);
    return;
  }
  if (denormalBlocks(aSig, aExp, bSig, bExp)) return;
  if (aInf || isZero(aSig, aExp)) {
    setResult(aSig, aExp);
    return;
  }
  normalize(aSig, aExp);
  const e = i32(bExp & 0x7fff) - BIAS;
  // From 2^16 on the scale exceeds every exponent, also an adjusted one.
  const amount: i32 = e < 0 ? 0 : e >= 16 ? 0x10000 : i32(bSig >> (63 - e));
  roundF80(sign, nExp + (bNegative ? -amount : amount), nSig, 0, 64);
}

/** FXTRACT: exponent in rSig/rExp (replaces ST0), significand in r2Sig/r2Exp (pushed). */
export function f80Extract(sig: u64, exp: u32): void {
  if (nanResult1(sig, exp)) {
    setSecond(rSig, rExp);
    return;
  }
  const sign = exp & 0x8000;
  if (isInfinity(sig, exp)) {
    setResult(MSB, 0x7fff);
    setSecond(sig, exp);
    return;
  }
  if (isZero(sig, exp)) {
    raiseBefore(ZE);
    setResult(MSB, 0xffff);
    setSecond(0, sign);
    return;
  }
  if (denormalBlocks(sig, exp, 0, 0)) return;
  normalize(sig, exp);
  setSecond(nSig, sign | u32(BIAS));
  const e = nExp - BIAS;
  if (e < 0) packInteger(0x8000, u64(-e));
  else packInteger(0, u64(e));
}

/** FPREM: partial remainder, quotient truncated; C2 set when the reduction is incomplete. */
export function f80Rem(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  remainder(aSig, aExp, bSig, bExp, false);
}

/** FPREM1: partial remainder, quotient rounded to nearest even. */
export function f80Rem1(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  remainder(aSig, aExp, bSig, bExp, true);
}

function remainder(aSig: u64, aExp: u32, bSig: u64, bExp: u32, nearest: bool): void {
  if (nanResult2(aSig, aExp, bSig, bExp)) return;
  if (isInfinity(aSig, aExp) || isZero(bSig, bExp)) {
    invalidResult();
    return;
  }
  if (denormalBlocks(aSig, aExp, bSig, bExp)) return;
  if (isZero(aSig, aExp)) {
    setResult(aSig, aExp);
    return;
  }
  const sign = aExp & 0x8000;
  normalize(aSig, aExp);
  const aE = nExp;
  const aS = nSig;
  if (isInfinity(bSig, bExp)) {
    roundF80(sign, aE, aS, 0, 64);
    return;
  }
  normalize(bSig, bExp);
  const distance = aE - nExp;
  const unreduced = nearest ? -1 : 0;
  if (distance < unreduced) roundF80(sign, aE, aS, 0, 64);
  else if (distance < 64) completeRemainder(sign, distance, aS, nearest);
  else partialRemainder(sign, aE, aS, distance);
}

/** Packs a remainder whose unit is 2^(exp - 63); exact unless it underflows unmasked. */
function packRemainder(sign: u32, exp: i32, rest: u64): void {
  if (rest == 0) {
    setResult(0, sign);
    return;
  }
  const n = clz<u64>(rest);
  roundF80(sign, exp - i32(n), rest << n, 0, 64);
}

/** Reduces the exponent by 32 to 63, so that each step leaves a difference divisible by 32. */
function partialRemainder(sign: u32, aE: i32, aS: u64, distance: i32): void {
  const n = (distance & 31) | 32;
  const b = nSig;
  // a / 2^(distance - n) modulo b: n bits of quotient at once.
  shiftedRemainder(aS, b, n);
  packRemainder(sign, aE - n, wLo);
  setConditions(C2);
}

/** The quotient bit that `shiftedRemainder` found ahead of the 64 bits in wHi. */
let quotientTop: u64 = 0;

/** wLo = (a << n) mod b, quotientTop + wHi = the quotient; n below 64, b normalised. */
function shiftedRemainder(a: u64, b: u64, n: i32): void {
  const top = u64(a >= b);
  const rest = top != 0 ? a - b : a;
  quotientTop = top << n;
  if (n == 0) div128by64(0, rest, b);
  else div128by64(rest >> (64 - n), rest << n, b);
}

function completeRemainder(sign: u32, distance: i32, aS: u64, nearest: bool): void {
  const bE = nExp;
  const b = nSig;
  let s = sign;
  let q: u64 = 0;
  let rest: u64;
  if (distance < 0) {
    // |a| is between a quarter of |b| and |b|: only rounding the quotient up can change it.
    // In units of half of b's, a is aS and b is twice bS.
    if (aS > b) {
      q = 1;
      // 2b - a, at most b since a exceeds b in these units.
      rest = b - (aS - b);
      packRemainder(s ^ 0x8000, bE - 1, rest);
    } else {
      roundF80(s, bE - 1, aS, 0, 64);
    }
    setQuotient(q);
    return;
  }
  shiftedRemainder(aS, b, distance);
  q = wHi + quotientTop;
  rest = wLo;
  if (nearest) {
    const other = b - rest;
    if (rest > other || (rest == other && (q & 1) != 0)) {
      rest = other;
      q++;
      s ^= 0x8000;
    }
  }
  if (rest == 0) s = sign;
  packRemainder(s, bE, rest);
  setQuotient(q);
}

/** Low three bits of the quotient: Q2 to C0, Q1 to C3, Q0 to C1. */
function setQuotient(q: u64): void {
  const low = u32(q) & 7;
  setConditions((low & 4 ? C0 : 0) | (low & 2 ? C3 : 0));
  setC1(low & 1);
}
