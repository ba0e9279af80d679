/**
 * Floating-point numbers with 128 bits of significand, in which the transcendental instructions
 * are computed. A number is hi:lo * 2^(exp - 16383 - 127) with bit 63 of hi set; each operation is
 * off by less than two units of the last place. Results stand in xSign, xExp, xHi and xLo.
 */
import { roundF80 } from "./round";
import {
  add128,
  clz128,
  divFraction128,
  less128,
  mulHigh128,
  shl128,
  shrSticky128,
  sub128,
  wHi,
  wLo,
} from "./wide";

const MSB: u64 = 0x8000000000000000;

/** Sign of the result: 0 or 0x8000. */
export let xSign: u32 = 0;
/** Exponent, bias 16383. */
export let xExp: i32 = 0;
export let xHi: u64 = 0;
export let xLo: u64 = 0;

/** Normalises; a zero keeps hi = lo = 0. */
export function wideSet(sign: u32, exp: i32, hi: u64, lo: u64): void {
  const n = clz128(hi, lo);
  xSign = sign;
  if (n == 128) {
    xExp = exp;
    xHi = 0;
    xLo = 0;
    return;
  }
  shl128(hi, lo, n);
  xExp = exp - i32(n);
  xHi = wHi;
  xLo = wLo;
}

export function wideMul(
  sign: u32,
  aExp: i32,
  aHi: u64,
  aLo: u64,
  bExp: i32,
  bHi: u64,
  bLo: u64,
): void {
  mulHigh128(aHi, aLo, bHi, bLo);
  wideSet(sign, aExp + bExp - 0x3fff + 1, wHi, wLo);
}

export function wideDiv(
  sign: u32,
  aExp: i32,
  aHi: u64,
  aLo: u64,
  bExp: i32,
  bHi: u64,
  bLo: u64,
): void {
  xSign = sign;
  xExp = aExp - bExp + 0x3fff;
  // What the quotient leaves shows in its last bit.
  if (less128(aHi, aLo, bHi, bLo)) {
    const rest = divFraction128(aHi, aLo, bHi, bLo);
    xExp--;
    xHi = wHi;
    xLo = wLo | rest;
  } else {
    // The quotient is 1 and a fraction.
    sub128(aHi, aLo, bHi, bLo);
    const rest = divFraction128(wHi, wLo, bHi, bLo);
    xHi = MSB | (wHi >> 1);
    xLo = (wHi << 63) | (wLo >> 1) | (wLo & 1) | rest;
  }
}

export function wideAdd(
  aSign: u32,
  aExp: i32,
  aHi: u64,
  aLo: u64,
  bSign: u32,
  bExp: i32,
  bHi: u64,
  bLo: u64,
): void {
  if (aExp < bExp || (aExp == bExp && less128(aHi, aLo, bHi, bLo))) {
    addOrdered(bSign, bExp, bHi, bLo, aSign, aExp, aHi, aLo);
  } else addOrdered(aSign, aExp, aHi, aLo, bSign, bExp, bHi, bLo);
}

/** Adds b, which is not larger, to a. */
function addOrdered(
  aSign: u32,
  aExp: i32,
  aHi: u64,
  aLo: u64,
  bSign: u32,
  bExp: i32,
  bHi: u64,
  bLo: u64,
): void {
  shrSticky128(bHi, bLo, u32(aExp - bExp));
  if (aSign != bSign) {
    sub128(aHi, aLo, wHi, wLo);
    wideSet(aSign, aExp, wHi, wLo);
    return;
  }
  add128(aHi, aLo, wHi, wLo);
  xSign = aSign;
  if (wHi < aHi || (wHi == aHi && wLo < aLo)) {
    xExp = aExp + 1;
    xHi = MSB | (wHi >> 1);
    xLo = (wHi << 63) | (wLo >> 1);
  } else {
    xExp = aExp;
    xHi = wHi;
    xLo = wLo;
  }
}

/**
 * The result times (1 + f) or (1 - f), with the fraction f = hi:lo / 2^128. One unit is taken off
 * in the second case where f is too small to show, so that the result stays below.
 */
export function wideScale(hi: u64, lo: u64, down: bool): void {
  mulHigh128(xHi, xLo, hi, lo);
  const pHi = wHi;
  const pLo = wLo;
  if (down) {
    sub128(xHi, xLo, pHi, pLo | u64((pHi | pLo) == 0));
    wideSet(xSign, xExp, wHi, wLo);
  } else addOrdered(xSign, xExp, xHi, xLo, xSign, xExp, pHi, pLo);
}

/** wHi:wLo = a number below 1 as a fraction of 2^128. */
export function wideFraction(exp: i32, hi: u64, lo: u64): void {
  shrSticky128(hi, lo, u32(0x3ffe - exp));
}

/**
 * wHi:wLo = z * (c0 + z * (c1 + z * (c2 ...))), with `subtract` z * (c0 - z * (c1 - ...)): Horner's
 * rule on fractions of 2^128.
 *
 * @param table first coefficient: lower word, upper word
 * @param count number of coefficients
 * @param stride bytes from one to the next
 */
export function wideSeries(
  table: usize,
  count: i32,
  stride: usize,
  zHi: u64,
  zLo: u64,
  subtract: bool,
): void {
  let at = table + stride * usize(count - 1);
  let hi = load<u64>(at, 8);
  let lo = load<u64>(at);
  for (let i = 1; i < count; i++) {
    at -= stride;
    mulHigh128(zHi, zLo, hi, lo);
    if (subtract) sub128(load<u64>(at, 8), load<u64>(at), wHi, wLo);
    else add128(load<u64>(at, 8), load<u64>(at), wHi, wLo);
    hi = wHi;
    lo = wLo;
  }
  mulHigh128(zHi, zLo, hi, lo);
}

/** Rounds the result, which is never exact, to the 80-bit format; precision control is ignored. */
export function wideRound(): void {
  roundF80(xSign, xExp, xHi, xLo | 1, 64);
}
