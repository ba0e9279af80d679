/** Arithmetic on 64-bit values kept as two unsigned halves. */

export interface Pair {
  lo: number;
  hi: number;
}

const TWO_32 = 0x100000000;

/** Adds a whole number from 0 to 2^53 - 1 to `value`, modulo 2^64, and returns `value`. */
export function addTo(value: Pair, amount: number): Pair {
  const lo = value.lo + (amount % TWO_32);
  const carry = lo >= TWO_32 ? 1 : 0;
  value.lo = lo >>> 0;
  value.hi = (value.hi + Math.floor(amount / TWO_32) + carry) >>> 0;
  return value;
}

/** `a` - `b` modulo 2^64 as a number, exact below 2^53 and about right above. */
export function distance(a: Readonly<Pair>, b: Readonly<Pair>): number {
  const borrow = a.lo < b.lo ? 1 : 0;
  return ((a.hi - b.hi - borrow) >>> 0) * TWO_32 + ((a.lo - b.lo) >>> 0);
}

/** The value as a number, exact below 2^53. */
export function toNumber(value: Readonly<Pair>): number {
  return value.hi * TWO_32 + value.lo;
}
