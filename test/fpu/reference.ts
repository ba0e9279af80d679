/**
 * Binary floating point by the book, in exact rational arithmetic: a second opinion on rounding,
 * tininess and overflow that shares nothing with the library.
 */

/** A format: bits of significand, range of exponents of normal numbers. */
export interface Format {
  readonly precision: number;
  readonly minExp: number;
  readonly maxExp: number;
}

export const IE = 0x01;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;

/** A positive rational number, or one whose root is wanted. */
export interface Exact {
  readonly num: bigint;
  readonly den: bigint;
}

export interface Rounded {
  /** The value is significand * 2^exp; both 0 for zero. */
  readonly significand: bigint;
  readonly exp: number;
  readonly infinite: boolean;
  readonly flags: number;
  /** True if the magnitude was rounded up. */
  readonly up: boolean;
}

export function bitLength(v: bigint): number {
  return v === 0n ? 0 : v.toString(2).length;
}

export function scale(v: bigint, exp: number): Exact {
  return exp >= 0 ? { num: v << BigInt(exp), den: 1n } : { num: v, den: 1n << BigInt(-exp) };
}

export function multiply(a: Exact, b: Exact): Exact {
  return { num: a.num * b.num, den: a.den * b.den };
}

export function divide(a: Exact, b: Exact): Exact {
  return { num: a.num * b.den, den: a.den * b.num };
}

export function add(a: Exact, b: Exact): Exact {
  return { num: a.num * b.den + b.num * a.den, den: a.den * b.den };
}

/** The largest e with 2^e not above the number. */
function exponentOf(x: Exact): number {
  const e = bitLength(x.num) - bitLength(x.den);
  const p = scale(1n, e);
  return p.num * x.den > x.num * p.den ? e - 1 : e;
}

/** Rounds to a multiple of 2^unit; `negative` and `rc` (0 nearest, 1 down, 2 up, 3 zero) direct. */
function roundAt(
  x: Exact,
  unit: number,
  negative: boolean,
  rc: number,
): { q: bigint; inexact: boolean; up: boolean } {
  const num = unit < 0 ? x.num << BigInt(-unit) : x.num;
  const den = unit < 0 ? x.den : x.den << BigInt(unit);
  const q = num / den;
  const twice = (num - q * den) * 2n;
  if (twice === 0n) return { q, inexact: false, up: false };
  let up = false;
  if (rc === 0) up = twice > den || (twice === den && (q & 1n) === 1n);
  else if (rc !== 3) up = (rc === 2) !== negative;
  return { q: up ? q + 1n : q, inexact: true, up };
}

/**
 * Rounds a positive number (of the sign given) with masked responses. Tininess is judged after
 * rounding with an unbounded exponent.
 */
export function round(x: Exact, negative: boolean, rc: number, format: Format): Rounded {
  const { precision, minExp, maxExp } = format;
  const e = exponentOf(x);
  const free = roundAt(x, e - precision + 1, negative, rc);
  const freeExp = bitLength(free.q) > precision ? e + 1 : e;
  if (freeExp > maxExp) {
    const toInfinity = rc === 0 || (rc !== 3 && (rc === 2) !== negative);
    return {
      significand: toInfinity ? 0n : (1n << BigInt(precision)) - 1n,
      exp: toInfinity ? 0 : maxExp - precision + 1,
      infinite: toInfinity,
      flags: OE | PE,
      up: toInfinity,
    };
  }
  const tiny = freeExp < minExp;
  const unit = Math.max(e, minExp) - precision + 1;
  const r = roundAt(x, unit, negative, rc);
  const flags = r.inexact ? (tiny ? UE | PE : PE) : 0;
  return { significand: r.q, exp: r.q === 0n ? 0 : unit, infinite: false, flags, up: r.up };
}

/** Floor of the square root. */
function isqrt(v: bigint): bigint {
  if (v < 2n) return v;
  let x = 1n << BigInt((bitLength(v) + 1) >> 1);
  for (;;) {
    const y = (x + v / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** A rational that rounds in every way as the square root does. */
export function sqrtExact(x: Exact): Exact {
  const bits = 4 * 80 + bitLength(x.den);
  const shifted = (x.num << BigInt(2 * bits)) / x.den;
  const root = isqrt(shifted);
  const exact = root * root === shifted && (x.num << BigInt(2 * bits)) % x.den === 0n;
  return exact
    ? { num: root, den: 1n << BigInt(bits) }
    : { num: 2n * root + 1n, den: 2n << BigInt(bits) };
}
