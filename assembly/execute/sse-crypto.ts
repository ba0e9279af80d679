/** PCLMULQDQ, and the SHA extensions (FIPS 180-4). */
import { FAULTED, imm32Of, r1Of } from "../decode/record";
import { XMM } from "../generated/state";
import { dest, put, source } from "./sse-access";

/** PCLMULQDQ: imm8 bits 0 and 4 choose the halves of destination and source. */
export function pclmulqdqVdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const imm = imm32Of(rec) as u32;
  let a = load<u64>(XMM + r1Of(rec) + ((imm & 1) << 3));
  const b = load<u64>(from + ((imm & 0x10) >>> 1));
  let low: u64 = 0;
  let high: u64 = 0;
  // One partial product for each bit of `a` that is set.
  while (a != 0) {
    const place = ctz<u64>(a);
    low ^= b << place;
    // In two steps, since a shift by 64 would be one by 0.
    high ^= (b >> 1) >> (63 - place);
    a &= a - 1;
  }
  return put(rec, i64x2.replace_lane(i64x2.splat(low), 1, high));
}

// --- SHA-1; lane 3 holds the first of four words ---

/** @inline */
function choose(x: u32, y: u32, z: u32): u32 {
  return (x & y) ^ (~x & z);
}

/** @inline */
function parity(x: u32, y: u32, z: u32): u32 {
  return x ^ y ^ z;
}

/** @inline */
function majority(x: u32, y: u32, z: u32): u32 {
  return (x & y) ^ (x & z) ^ (y & z);
}

/** Four lanes from the highest to the lowest. @inline */
function lanes(w3: u32, w2: u32, w1: u32, w0: u32): v128 {
  let r = i32x4.splat(w0);
  r = i32x4.replace_lane(r, 1, w1);
  r = i32x4.replace_lane(r, 2, w2);
  return i32x4.replace_lane(r, 3, w3);
}

/** SHA1RNDS4: four rounds of the function that imm8[1:0] names. */
export function sha1rnds4Vdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const state = dest(rec);
  const words = v128.load(from);
  const kind = imm32Of(rec) & 3;
  let a = i32x4.extract_lane(state, 3);
  let b = i32x4.extract_lane(state, 2);
  let c = i32x4.extract_lane(state, 1);
  let d = i32x4.extract_lane(state, 0);
  // The caller has added E to the first word.
  let e: u32 = 0;
  const constant: u32 =
    kind == 0 ? 0x5a827999 : kind == 1 ? 0x6ed9eba1 : kind == 2 ? 0x8f1bbcdc : 0xca62c1d6;
  for (let round = 0; round < 4; round++) {
    const word: u32 =
      round == 0
        ? i32x4.extract_lane(words, 3)
        : round == 1
          ? i32x4.extract_lane(words, 2)
          : round == 2
            ? i32x4.extract_lane(words, 1)
            : i32x4.extract_lane(words, 0);
    const f = kind == 0 ? choose(b, c, d) : kind == 2 ? majority(b, c, d) : parity(b, c, d);
    const next = f + rotl<u32>(a, 5) + word + e + constant;
    e = d;
    d = c;
    c = rotl<u32>(b, 30);
    b = a;
    a = next;
  }
  return put(rec, lanes(a, b, c, d));
}

/** SHA1NEXTE. */
export function sha1nexteVdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const words = v128.load(from);
  const e = rotl<u32>(i32x4.extract_lane(dest(rec), 3), 30);
  return put(rec, i32x4.replace_lane(words, 3, i32x4.extract_lane(words, 3) + e));
}

/** SHA1MSG1. */
export function sha1msg1Vdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  return put(rec, v128.xor(a, i64x2.shuffle(v128.load(from), a, 1, 2)));
}

/** SHA1MSG2. */
export function sha1msg2Vdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const w16 = rotl<u32>(i32x4.extract_lane(a, 3) ^ i32x4.extract_lane(b, 2), 1);
  const w17 = rotl<u32>(i32x4.extract_lane(a, 2) ^ i32x4.extract_lane(b, 1), 1);
  const w18 = rotl<u32>(i32x4.extract_lane(a, 1) ^ i32x4.extract_lane(b, 0), 1);
  return put(rec, lanes(w16, w17, w18, rotl<u32>(i32x4.extract_lane(a, 0) ^ w16, 1)));
}

// --- SHA-256 ---

/** @inline */
function smallSigma0(x: u32): u32 {
  return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >>> 3);
}

/** @inline */
function smallSigma1(x: u32): u32 {
  return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >>> 10);
}

/** SHA256RNDS2: two rounds with the words and constants in XMM0. */
export function sha256rnds2Vdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const cdgh = dest(rec);
  const abef = v128.load(from);
  let a = i32x4.extract_lane(abef, 3);
  let b = i32x4.extract_lane(abef, 2);
  let c = i32x4.extract_lane(cdgh, 3);
  let d = i32x4.extract_lane(cdgh, 2);
  let e = i32x4.extract_lane(abef, 1);
  let f = i32x4.extract_lane(abef, 0);
  let g = i32x4.extract_lane(cdgh, 1);
  let h = i32x4.extract_lane(cdgh, 0);
  for (let at: u32 = XMM; at < XMM + 8; at += 4) {
    const sum1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const t1 = choose(e, f, g) + sum1 + load<u32>(at) + h;
    const sum0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = majority(a, b, c) + sum0;
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  return put(rec, lanes(a, b, e, f));
}

/** SHA256MSG1. */
export function sha256msg1Vdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const w4 = load<u32>(from);
  const sigmas = lanes(
    smallSigma0(w4),
    smallSigma0(i32x4.extract_lane(a, 3)),
    smallSigma0(i32x4.extract_lane(a, 2)),
    smallSigma0(i32x4.extract_lane(a, 1)),
  );
  return put(rec, i32x4.add(a, sigmas));
}

/** SHA256MSG2. */
export function sha256msg2Vdq(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const w16 = i32x4.extract_lane(a, 0) + smallSigma1(i32x4.extract_lane(b, 2));
  const w17 = i32x4.extract_lane(a, 1) + smallSigma1(i32x4.extract_lane(b, 3));
  const w18 = i32x4.extract_lane(a, 2) + smallSigma1(w16);
  return put(rec, lanes(i32x4.extract_lane(a, 3) + smallSigma1(w17), w18, w17, w16));
}
