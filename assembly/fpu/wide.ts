/** 128-bit integer arithmetic; two-word results are left in wHi and wLo. */

/** Upper word of the last two-word result. */
export let wHi: u64 = 0;
/** Lower word of the last two-word result. */
export let wLo: u64 = 0;

const LOW32: u64 = 0xffffffff;

/** wHi:wLo = a * b. */
export function mul64(a: u64, b: u64): void {
  const al = a & LOW32;
  const ah = a >> 32;
  const bl = b & LOW32;
  const bh = b >> 32;
  const ll = al * bl;
  const mid = ah * bl + (ll >> 32);
  const mid2 = al * bh + (mid & LOW32);
  wHi = ah * bh + (mid >> 32) + (mid2 >> 32);
  wLo = (mid2 << 32) | (ll & LOW32);
}

/** Upper word of a * b. */
export function mulHigh64(a: u64, b: u64): u64 {
  const al = a & LOW32;
  const ah = a >> 32;
  const bl = b & LOW32;
  const bh = b >> 32;
  const mid = ah * bl + ((al * bl) >> 32);
  const mid2 = al * bh + (mid & LOW32);
  return ah * bh + (mid >> 32) + (mid2 >> 32);
}

/**
 * wHi:wLo = bits 255:128 of the 256-bit product of two 128-bit numbers, too small by less than 2.
 */
export function mulHigh128(aHi: u64, aLo: u64, bHi: u64, bLo: u64): void {
  mul64(aHi, bLo);
  const h1 = wHi;
  const l1 = wLo;
  mul64(aLo, bHi);
  const h2 = wHi;
  const sum = l1 + wLo;
  const carry = u64(sum < l1);
  mul64(aHi, bHi);
  add128(wHi, wLo, 0, h1);
  add128(wHi, wLo, 0, h2);
  add128(wHi, wLo, 0, carry);
}

/** wHi:wLo = the sum modulo 2^128. */
export function add128(aHi: u64, aLo: u64, bHi: u64, bLo: u64): void {
  const lo = aLo + bLo;
  wHi = aHi + bHi + u64(lo < aLo);
  wLo = lo;
}

/** wHi:wLo = the difference modulo 2^128. */
export function sub128(aHi: u64, aLo: u64, bHi: u64, bLo: u64): void {
  wHi = aHi - bHi - u64(aLo < bLo);
  wLo = aLo - bLo;
}

/** a < b, unsigned. */
export function less128(aHi: u64, aLo: u64, bHi: u64, bLo: u64): bool {
  return aHi < bHi || (aHi == bHi && aLo < bLo);
}

/** wHi:wLo = hi:lo << n, n below 128. */
export function shl128(hi: u64, lo: u64, n: u32): void {
  if (n == 0) {
    wHi = hi;
    wLo = lo;
  } else if (n < 64) {
    wHi = (hi << n) | (lo >> (64 - n));
    wLo = lo << n;
  } else {
    wHi = lo << (n - 64);
    wLo = 0;
  }
}

/** wHi:wLo = hi:lo >> n for any n; a 1 that falls out stays visible in bit 0 (sticky). */
export function shrSticky128(hi: u64, lo: u64, n: u32): void {
  if (n == 0) {
    wHi = hi;
    wLo = lo;
  } else if (n < 64) {
    wHi = hi >> n;
    wLo = (hi << (64 - n)) | (lo >> n) | u64(lo << (64 - n) != 0);
  } else if (n == 64) {
    wHi = 0;
    wLo = hi | u64(lo != 0);
  } else if (n < 128) {
    wHi = 0;
    wLo = (hi >> (n - 64)) | u64(((hi << (128 - n)) | lo) != 0);
  } else {
    wHi = 0;
    wLo = u64((hi | lo) != 0);
  }
}

/** Number of leading zeros of hi:lo, 0 to 128. */
export function clz128(hi: u64, lo: u64): u32 {
  return hi != 0 ? u32(clz<u64>(hi)) : 64 + u32(clz<u64>(lo));
}

/** Quotient digit of two-word by one-word division in base 2^32; `top` is normalised. */
function digit(rem: u64, next: u64, top: u64, low: u64): u64 {
  let q = rem / top;
  let r = rem - q * top;
  while (q > LOW32 || q * low > ((r << 32) | next)) {
    q--;
    r += top;
    if (r > LOW32) break;
  }
  return q;
}

/**
 * wHi = (hi:lo) / d, wLo = the remainder. Requires hi < d and bit 63 of d set.
 * Knuth's algorithm D with two 32-bit digits.
 */
export function div128by64(hi: u64, lo: u64, d: u64): void {
  const top = d >> 32;
  const low = d & LOW32;
  const q1 = digit(hi, lo >> 32, top, low);
  const r1 = ((hi << 32) | (lo >> 32)) - q1 * d;
  const q0 = digit(r1, lo & LOW32, top, low);
  wHi = (q1 << 32) | q0;
  wLo = ((r1 << 32) | (lo & LOW32)) - q0 * d;
}

/** One 64-bit digit of (rHi:rLo:0) / (bHi:bLo) for r < b; the remainder is left in wHi:wLo. */
function digit128(rHi: u64, rLo: u64, bHi: u64, bLo: u64): u64 {
  let q: u64;
  if (rHi >= bHi) q = ~(<u64>0);
  else {
    div128by64(rHi, rLo, bHi);
    q = wHi;
  }
  // The estimate is too large by at most 2. The remainder is computed modulo 2^192.
  mul64(q, bLo);
  const pHi = wHi;
  const pLo = wLo;
  mul64(q, bHi);
  add128(wHi, wLo, 0, pHi);
  let r2 = rHi - wHi - u64(rLo < wLo);
  let r1 = rLo - wLo;
  let r0: u64 = 0;
  if (pLo != 0) {
    r0 -= pLo;
    if (r1 == 0) r2--;
    r1--;
  }
  while (r2 != 0) {
    q--;
    const s0 = r0 + bLo;
    const carry = u64(s0 < r0);
    const t = r1 + bHi;
    const s1 = t + carry;
    r2 += u64(t < r1) + u64(s1 < t);
    r1 = s1;
    r0 = s0;
  }
  wHi = r1;
  wLo = r0;
  return q;
}

/**
 * wHi:wLo = floor(a * 2^128 / b) for a < b, with bit 127 of b set; returns 1 if a remainder is
 * left, else 0.
 */
export function divFraction128(aHi: u64, aLo: u64, bHi: u64, bLo: u64): u64 {
  const q1 = digit128(aHi, aLo, bHi, bLo);
  const q0 = digit128(wHi, wLo, bHi, bLo);
  const rest = u64((wHi | wLo) != 0);
  wHi = q1;
  wLo = q0;
  return rest;
}

/**
 * Integer square root of hi:lo, with hi at least 2^62: returns floor(sqrt) with bit 63 set and
 * leaves the remainder, which may need 65 bits, in wHi:wLo.
 */
export function sqrt128(hi: u64, lo: u64): u64 {
  // 53 bits from the host's square root; one Newton step gives the rest.
  const guess = sqrt<f64>(f64(hi)) * 4294967296.0;
  let s: u64 = guess >= 18446744073709551615.0 ? ~(<u64>0) : u64(guess);
  if (s < 0x8000000000000000) s = 0x8000000000000000;
  mul64(s, s);
  let over = less128(hi, lo, wHi, wLo);
  if (over) sub128(wHi, wLo, hi, lo);
  else sub128(hi, lo, wHi, wLo);
  // |error| is below 2^117, so the step (error / 2s) fits one division of 128 by 64 bits.
  shrSticky128(wHi, wLo, 1);
  div128by64(wHi, wLo, s);
  const step = wHi;
  s = over ? s - step : s + step;
  if (s < 0x8000000000000000) s = over ? 0x8000000000000000 : ~(<u64>0);
  return settleRoot(hi, lo, s);
}

/** Moves a root that is off by a few units to the floor; the remainder goes to wHi:wLo. */
function settleRoot(hi: u64, lo: u64, guess: u64): u64 {
  let s = guess;
  mul64(s, s);
  while (less128(hi, lo, wHi, wLo)) {
    s--;
    mul64(s, s);
  }
  sub128(hi, lo, wHi, wLo);
  // The root is the floor when the remainder is at most 2s.
  while (wHi > 1 || (wHi == s >> 63 && wLo > s << 1)) {
    const rHi = wHi;
    const rLo = wLo;
    sub128(rHi, rLo, s >> 63, (s << 1) | 1);
    s++;
  }
  return s;
}
