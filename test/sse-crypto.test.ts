/** AES, SHA and carry-less multiplication against other implementations of the same standards. */
import { createCipheriv, createDecipheriv, createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, beforeEach, expect, it } from "vitest";
import { encode, SseCore, sseRow } from "./support/sse-core.ts";

let sse: SseCore;
beforeAll(async () => {
  sse = await SseCore.create();
});
beforeEach(() => sse.reset());

const block = fc.uint8Array({ minLength: 16, maxLength: 16 });
const toBig = (bytes: Uint8Array) => bytes.reduceRight((all, b) => (all << 8n) | BigInt(b), 0n);
const toBytes = (value: bigint) =>
  Uint8Array.from({ length: 16 }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn));

function run(mnemonic: string, a: bigint, b: bigint, immediate?: number): bigint {
  return sse.binary(sseRow(mnemonic), a, b, false, immediate);
}

/** The eleven round keys of AES-128, by AESKEYGENASSIST as FIPS 197 expands them. */
function expandKey(key: bigint): bigint[] {
  const keys = [key];
  let constant = 1;
  for (let round = 0; round < 10; round++) {
    const last = keys[round]!;
    const assist = run("AESKEYGENASSIST", 0n, last, constant) >> 96n;
    let next = last;
    for (const shift of [32n, 64n, 96n]) next ^= BigInt.asUintN(128, last << shift);
    keys.push(next ^ (assist * 0x1000000010000000100000001n));
    constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0);
  }
  return keys;
}

it("AESENC, AESENCLAST and AESKEYGENASSIST make AES-128", () => {
  fc.assert(
    fc.property(block, block, (key, text) => {
      const keys = expandKey(toBig(key));
      let state = toBig(text) ^ keys[0]!;
      for (let round = 1; round < 10; round++) state = run("AESENC", state, keys[round]!);
      state = run("AESENCLAST", state, keys[10]!);
      const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
      expect(toBytes(state)).toEqual(Uint8Array.from(cipher.update(text)));
    }),
    { numRuns: 20, seed: 197 },
  );
});

it("AESDEC, AESDECLAST and AESIMC undo it", () => {
  fc.assert(
    fc.property(block, block, (key, text) => {
      const keys = expandKey(toBig(key));
      let state = toBig(text) ^ keys[10]!;
      for (let round = 9; round > 0; round--) {
        state = run("AESDEC", state, run("AESIMC", 0n, keys[round]!));
      }
      state = run("AESDECLAST", state, keys[0]!);
      const plain = createDecipheriv("aes-128-ecb", key, null).setAutoPadding(false);
      expect(toBytes(state)).toEqual(Uint8Array.from(plain.update(text)));
    }),
    { numRuns: 20, seed: 198 },
  );
});

/** A message of less than 56 bytes as one padded block of 16 big-endian words. */
function padded(message: Uint8Array): bigint[] {
  const bytes = new Uint8Array(64);
  bytes.set(message);
  bytes[message.length] = 0x80;
  const view = new DataView(bytes.buffer);
  view.setUint32(60, message.length * 8);
  return Array.from({ length: 16 }, (_, i) => BigInt(view.getUint32(i * 4)));
}

const word = (value: bigint, i: number) => (value >> BigInt(32 * i)) & 0xffffffffn;
const four = (d: bigint, c: bigint, b: bigint, a: bigint) =>
  (d << 96n) | (c << 64n) | (b << 32n) | a;
const add = (a: bigint, b: bigint) =>
  four(
    BigInt.asUintN(32, word(a, 3) + word(b, 3)),
    BigInt.asUintN(32, word(a, 2) + word(b, 2)),
    BigInt.asUintN(32, word(a, 1) + word(b, 1)),
    BigInt.asUintN(32, word(a, 0) + word(b, 0)),
  );
const hexWords = (words: readonly bigint[]) =>
  words.map((w) => w.toString(16).padStart(8, "0")).join("");

/** Round constants of SHA-256: fractions of the cube roots of the first 64 primes. */
function constants256(): bigint[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes.map((p) => {
    // floor(2^32 * cube root) by bisection.
    const target = BigInt(p) << 96n;
    let [low, high] = [0n, 8n << 32n];
    while (high - low > 1n) {
      const middle = (low + high) >> 1n;
      if (middle ** 3n <= target) low = middle;
      else high = middle;
    }
    return low & 0xffffffffn;
  });
}

function sha256(message: Uint8Array): string {
  const k = constants256();
  const [a, b, c, d, e, f, g, h] = [
    0x6a09e667n,
    0xbb67ae85n,
    0x3c6ef372n,
    0xa54ff53an,
    0x510e527fn,
    0x9b05688cn,
    0x1f83d9abn,
    0x5be0cd19n,
  ] as const;
  const first = four(a, b, e, f);
  const second = four(c, d, g, h);
  let [abef, cdgh] = [first, second];
  const input = padded(message);
  const w = [0, 4, 8, 12].map((i) => four(input[i + 3]!, input[i + 2]!, input[i + 1]!, input[i]!));
  for (let group = 0; group < 16; group++) {
    if (group >= 4) {
      const n = w.length;
      let next = run("SHA256MSG1", w[n - 4]!, w[n - 3]!);
      next = add(next, BigInt.asUintN(128, ((w[n - 1]! << 128n) | w[n - 2]!) >> 32n));
      w.push(run("SHA256MSG2", next, w[n - 1]!));
    }
    const i = group * 4;
    const sum = add(w[group]!, four(k[i + 3]!, k[i + 2]!, k[i + 1]!, k[i]!));
    sse.setXmm(0, sum);
    cdgh = run("SHA256RNDS2", cdgh, abef);
    sse.setXmm(0, sum >> 64n);
    abef = run("SHA256RNDS2", abef, cdgh);
  }
  const [x, y] = [add(abef, first), add(cdgh, second)];
  return hexWords([
    word(x, 3),
    word(x, 2),
    word(y, 3),
    word(y, 2),
    word(x, 1),
    word(x, 0),
    word(y, 1),
    word(y, 0),
  ]);
}

it("the SHA-256 instructions hash as everybody does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 55 }), (message) => {
      expect(sha256(message)).toBe(createHash("sha256").update(message).digest("hex"));
    }),
    { numRuns: 20, seed: 256 },
  );
});

function sha1(message: Uint8Array): string {
  const input = padded(message);
  // The first word of each group of four stands in the highest lane.
  const w = [0, 4, 8, 12].map((i) => four(input[i]!, input[i + 1]!, input[i + 2]!, input[i + 3]!));
  for (let n = 4; n < 20; n++) {
    const sum = run("SHA1MSG1", w[n - 4]!, w[n - 3]!) ^ w[n - 2]!;
    w.push(run("SHA1MSG2", sum, w[n - 1]!));
  }
  const start = four(0x67452301n, 0xefcdab89n, 0x98badcfen, 0x10325476n);
  let abcd = start;
  let e = add(0xc3d2e1f0n << 96n, w[0]!);
  for (let group = 0; group < 20; group++) {
    const before = abcd;
    abcd = run("SHA1RNDS4", abcd, e, Math.floor(group / 5));
    if (group < 19) e = run("SHA1NEXTE", before, w[group + 1]!);
    else e = run("SHA1NEXTE", before, 0xc3d2e1f0n << 96n);
  }
  const sum = add(abcd, start);
  return hexWords([word(sum, 3), word(sum, 2), word(sum, 1), word(sum, 0), word(e, 3)]);
}

it("the SHA-1 instructions hash as everybody does", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 55 }), (message) => {
      expect(sha1(message)).toBe(createHash("sha1").update(message).digest("hex"));
    }),
    { numRuns: 20, seed: 1 },
  );
});

it("a misaligned operand raises #GP", () => {
  sse.cpu.setGpr(3, sse.cpu.gpr(3) + 8n);
  for (const mnemonic of ["AESENC", "SHA256MSG1", "SHA1NEXTE"]) {
    expect(sse.attempt(encode(sseRow(mnemonic), true)).vector).toBe(13);
  }
});
