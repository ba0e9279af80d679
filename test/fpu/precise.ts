/**
 * Elementary functions in fixed point with 640 fraction bits, from their series: the truth that
 * the transcendental instructions are measured by. Good for arguments not below 2^-200.
 */

const BITS = 640;
const W = BigInt(BITS);
export const ONE = 1n << W;

/** sig * 2^exp in fixed point. */
export function fixed(sig: bigint, exp: number): bigint {
  const shift = BITS + exp;
  return shift >= 0 ? sig << BigInt(shift) : sig >> BigInt(-shift);
}

export function mul(a: bigint, b: bigint): bigint {
  return (a * b) >> W;
}

export function div(a: bigint, b: bigint): bigint {
  return (a << W) / b;
}

function sqrt(a: bigint): bigint {
  const v = a << W;
  let x = 1n << BigInt((v.toString(2).length + 1) >> 1);
  for (;;) {
    const y = (x + v / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** Sum of odd powers s + s^3/3 + s^5/5 ..., alternating for the arc tangent. */
function oddPowers(s: bigint, alternating: boolean): bigint {
  const square = mul(s, s);
  let power = s;
  let sum = 0n;
  for (let n = 1n; power !== 0n && power !== -1n; n += 2n) {
    sum += alternating && (n & 2n) !== 0n ? -power / n : power / n;
    power = mul(power, square);
  }
  return sum;
}

export const LN2 = 2n * oddPowers(ONE / 3n, false);
export const PI = 16n * oddPowers(ONE / 5n, true) - 4n * oddPowers(ONE / 239n, true);

/** e^t - 1 for |t| below 1. */
export function expMinus1(t: bigint): bigint {
  let term = t;
  let sum = 0n;
  for (let n = 2n; term !== 0n && term !== -1n; n++) {
    sum += term;
    term = mul(term, t) / n;
  }
  return sum;
}

/** ln(1 + x) for x above -1. */
export function logPlus1(x: bigint): bigint {
  let v = ONE + x;
  if (x < ONE / 2n && x > -ONE / 2n) return 2n * oddPowers(div(x, 2n * ONE + x), false);
  let k = 0n;
  while (v >= 2n * ONE) {
    v >>= 1n;
    k++;
  }
  while (v < ONE) {
    v <<= 1n;
    k--;
  }
  return 2n * oddPowers(div(v - ONE, v + ONE), false) + k * LN2;
}

/** arctan(y / x) in its quadrant, for x and y not zero. */
export function arctan2(y: bigint, x: bigint): bigint {
  const ay = y < 0n ? -y : y;
  const ax = x < 0n ? -x : x;
  const steep = ay > ax;
  let t = steep ? div(ax, ay) : div(ay, ax);
  // Halving the angle three times makes the series short.
  for (let i = 0; i < 3; i++) t = div(t, ONE + sqrt(ONE + mul(t, t)));
  let angle = 8n * oddPowers(t, true);
  if (steep) angle = PI / 2n - angle;
  if (x < 0n) angle = PI - angle;
  return y < 0n ? -angle : angle;
}

export function sin(r: bigint): bigint {
  return circular(r, 1n);
}

export function cos(r: bigint): bigint {
  return circular(ONE, 0n, mul(r, r));
}

function circular(first: bigint, start: bigint, square = mul(first, first)): bigint {
  let term = first;
  let sum = 0n;
  for (let n = start; term !== 0n && term !== -1n; n += 2n) {
    sum += term;
    term = -mul(term, square) / ((n + 1n) * (n + 2n));
  }
  return sum;
}

/** Half of the processor's 66-bit pi. */
const HALF_PI66 = fixed(0x3243f6a8885a308d3n, -65);

/** Takes quarter turns of 66-bit pi off; nothing is taken off up to pi/4. */
export function reduce66(x: bigint): { quarters: bigint; rest: bigint } {
  const magnitude = x < 0n ? -x : x;
  if (magnitude <= PI / 4n) return { quarters: 0n, rest: x };
  const n = (2n * magnitude + HALF_PI66) / (2n * HALF_PI66);
  const rest = magnitude - n * HALF_PI66;
  return x < 0n ? { quarters: -n, rest: -rest } : { quarters: n, rest };
}

/** Sine of the reduced angle plus `quarters` quarter turns. */
export function sinQuarters(quarters: bigint, rest: bigint): bigint {
  const n = BigInt.asUintN(2, quarters);
  const v = (n & 1n) !== 0n ? cos(rest) : sin(rest);
  return (n & 2n) !== 0n ? -v : v;
}

/** 1 / n! as a fraction of 2^128, rounded. */
export function roundedFraction128(v: bigint): bigint {
  return (v + (1n << (W - 129n))) >> (W - 128n);
}
