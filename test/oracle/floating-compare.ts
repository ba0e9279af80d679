/** Compares the x87, MMX and SSE state behind a case, word by word, and names what differs. */
import type { Mismatch } from "./compare.ts";

// In words of an FXSAVE image.
const MXCSR = 6;
const STACK = 8;
const VECTORS = 40;
const END = 104;

/** Sign and exponent, and significand, of ST(i) as one number. */
function extended(words: Uint32Array, at: number): bigint {
  const head = BigInt(words[at + 2]! & 0xffff);
  return (head << 64n) | (BigInt(words[at + 1]!) << 32n) | BigInt(words[at]!);
}

function vector(words: Uint32Array, at: number): bigint {
  return (
    (BigInt(words[at + 3]!) << 96n) |
    (BigInt(words[at + 2]!) << 64n) |
    (BigInt(words[at + 1]!) << 32n) |
    BigInt(words[at]!)
  );
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

/**
 * Adds to `found` what differs between the images at word `native` of `words` and word `at` of `ours`.
 * FOP, FIP and FDP stay out of it: AMD processors keep them only while an exception is pending.
 * `vectors` is the number of XMM registers that the mode has.
 */
export function compareFloating(
  words: Uint32Array,
  native: number,
  ours: Uint32Array,
  at: number,
  vectors: number,
  found: Mismatch[],
): void {
  const note = (what: string, theirs: number | bigint, own: number | bigint) =>
    found.push({ what, native: hex(theirs), ours: hex(own) });
  if (words[native] !== ours[at]) {
    const [n, o] = [words[native]!, ours[at]!];
    if ((n ^ o) & 0xffff) note("FCW", n & 0xffff, o & 0xffff);
    if ((n ^ o) >>> 16) note("FSW", n >>> 16, o >>> 16);
  }
  const tags = words[native + 1]! & 0xff;
  if (tags !== (ours[at + 1]! & 0xff)) note("FTW", tags, ours[at + 1]! & 0xff);
  if (words[native + MXCSR] !== ours[at + MXCSR]) {
    note("MXCSR", words[native + MXCSR]!, ours[at + MXCSR]!);
  }
  for (let i = STACK; i < VECTORS; i += 4) {
    const same =
      words[native + i] === ours[at + i] &&
      words[native + i + 1] === ours[at + i + 1] &&
      ((words[native + i + 2]! ^ ours[at + i + 2]!) & 0xffff) === 0;
    if (!same) note(`ST${(i - STACK) >> 2}`, extended(words, native + i), extended(ours, at + i));
  }
  const end = VECTORS + vectors * 4;
  for (let i = VECTORS; i < end && i < END; i++) {
    if (words[native + i] === ours[at + i]) continue;
    const first = i & ~3;
    note(`XMM${(i - VECTORS) >> 2}`, vector(words, native + first), vector(ours, at + first));
    i |= 3;
  }
}
