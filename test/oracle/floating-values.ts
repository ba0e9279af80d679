/**
 * Operands of floating-point and vector instructions from genes: reals of three formats at the edges
 * of what instructions distinguish, integers, packed decimals. A gene of 0 gives 0.
 */
import { EDGES, mix, mixAgain } from "./values.ts";

/** What a vector register or a memory operand mostly holds. */
export type Lanes = "f32" | "f64" | "int" | "text";

const F32_EDGES = [
  0, 0x80000000, 0x3f800000, 0xbf800000, 1, 0x807fffff, 0x400000, 0x800000, 0x800001, 0x80800000,
  0x1000000, 0x7f7fffff, 0xff7ffffe, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7fc12345,
  0x7f812345, 0xff800001, 0x3f7fffff, 0x3f800001, 0x3f000000, 0x40000000, 0x4effffff, 0x4f000000,
  0xcf000000, 0xcf000001, 0x5f000000, 0xdf000000, 0x4b000000, 0x4b7fffff, 0x3fc00000, 0x40200000,
  0xbfc00000, 0x3effffff, 0x34000000, 0x0c800000, 0x72ffffff,
];

const F64_EDGES = [
  0n,
  0x8000000000000000n,
  0x3ff0000000000000n,
  0xbff0000000000000n,
  1n,
  0x800fffffffffffffn,
  0x8000000000000n,
  0x10000000000000n,
  0x8010000000000001n,
  0x20000000000000n,
  0x7fefffffffffffffn,
  0xffefffffffffffffn,
  0x7ff0000000000000n,
  0xfff0000000000000n,
  0x7ff8000000000000n,
  0xfff8000000000000n,
  0x7ff8123456789abcn,
  0x7ff0123456789abcn,
  0xfff0000000000001n,
  0x3fefffffffffffffn,
  0x3ff0000000000001n,
  0x4000000000000000n,
  0x3fe0000000000000n,
  0x3ff8000000000000n,
  0x4004000000000000n,
  0x41dfffffffc00000n,
  0x41dfffffffe00000n,
  0x41e0000000000000n,
  0xc1e0000000000000n,
  0xc1e0000000200000n,
  0x43e0000000000000n,
  0xc3e0000000000000n,
  0x43dfffffffffffffn,
  0x47efffffe0000000n,
  0x47effffff0000000n,
  0x47f0000000000000n,
  0x380fffffe0000000n,
  0x3810000000000000n,
  0x36a0000000000000n,
  0x3690000000000001n,
  0x4330000000000000n,
  0x433fffffffffffffn,
  0x4320000000000001n,
];

const INTEGER_BIT = 1n << 63n;
const ONES = (1n << 64n) - 1n;

/** Sign with exponent, and significand. */
const F80_EDGES: readonly (readonly [number, bigint])[] = [
  [0, 0n],
  [0x8000, 0n],
  [0x3fff, INTEGER_BIT],
  [0xbfff, INTEGER_BIT],
  [0, 1n],
  [0x8000, INTEGER_BIT - 1n],
  [0, INTEGER_BIT],
  [0, INTEGER_BIT | 5n],
  [0x7fff, INTEGER_BIT],
  [0xffff, INTEGER_BIT],
  [0x7fff, 3n << 62n],
  [0xffff, 3n << 62n],
  [0x7fff, INTEGER_BIT | 1n],
  [0xffff, INTEGER_BIT | 12345n],
  [0x7fff, 0n],
  [0x7fff, 1n << 62n],
  [0x3fff, 1n << 62n],
  [0x4000, INTEGER_BIT],
  [0x3ffe, INTEGER_BIT],
  [0x3ffe, ONES],
  [0x7ffe, ONES],
  [0xfffe, ONES],
  [1, INTEGER_BIT],
  [0x403e, INTEGER_BIT],
  [0xc03e, INTEGER_BIT],
  [0x403d, ONES],
  [0x400d, ONES],
  [0xc00e, INTEGER_BIT],
  [0x401d, ONES],
  [0xc01e, INTEGER_BIT],
  [0x3f81, INTEGER_BIT],
  [0x3c01, INTEGER_BIT],
  [0x407e, ONES],
  [0x43fe, ONES],
  [0x3f6a, INTEGER_BIT],
  [0x3bcd, INTEGER_BIT],
];

const wide = (gene: number): bigint => (BigInt(mixAgain(gene)) << 32n) | BigInt(mix(gene));

/** A single: an edge, anything, near 1, or with an exponent at the end of the range. */
export function singleFrom(gene: number): number {
  const detail = gene >>> 4;
  const noise = mix(gene);
  const sign = (gene & 0x80000000) >>> 0;
  const fraction = noise & 0x7fffff;
  switch (gene & 15) {
    case 8:
      return noise;
    case 9:
    case 10:
      return (sign | ((120 + (detail & 15)) << 23) | fraction) >>> 0;
    case 11:
      return (sign | ((140 + (detail % 24)) << 23) | fraction) >>> 0;
    case 12:
    case 13:
      return (sign | ([0, 1, 2, 253, 254][detail % 5]! << 23) | fraction) >>> 0;
    case 14: {
      const few = [0, 1, 0x7fffff, 0x400000, 0x3fffff][detail % 5]!;
      return (sign | ((noise & 0xff) << 23) | few) >>> 0;
    }
    case 15:
      // A small number with a short fraction.
      return (sign | ((127 + (detail & 7)) << 23) | (fraction & 0x7f0000)) >>> 0;
    default:
      return F32_EDGES[detail % F32_EDGES.length]!;
  }
}

/** A double, of the same kinds. */
export function doubleFrom(gene: number): bigint {
  const detail = gene >>> 4;
  const sign = BigInt(gene >>> 31) << 63n;
  const fraction = wide(gene) & 0xfffffffffffffn;
  const make = (exponent: number, f: bigint): bigint => sign | (BigInt(exponent) << 52n) | f;
  switch (gene & 15) {
    case 8:
      return wide(gene);
    case 9:
    case 10:
      return make(1016 + (detail & 15), fraction);
    case 11:
      return make(1051 + (detail % 40), fraction & ~((1n << BigInt(mix(gene) % 53)) - 1n));
    case 12:
    case 13: {
      const ends = [0, 1, 2, 2045, 2046, 896, 897, 874, 873, 1150, 1151];
      return make(ends[detail % ends.length]!, fraction);
    }
    case 14: {
      const few = [0n, 1n, 0xfffffffffffffn, 0x8000000000000n, 0x7ffffffffffffn];
      return make(mix(gene) & 0x7ff, few[detail % 5]!);
    }
    case 15:
      return make(1023 + (detail & 7), fraction & 0xff00000000000n);
    default:
      return F64_EDGES[detail % F64_EDGES.length]!;
  }
}

/** Sign and exponent of the extended real that the last `extendedFrom` returned. */
export let extendedHead = 0;

/** An extended real: returns the significand, leaves sign and exponent in `extendedHead`. */
export function extendedFrom(gene: number): bigint {
  const detail = gene >>> 4;
  const sign = (gene >>> 31) << 15;
  const noise = wide(gene);
  const cut = ONES << BigInt(detail & 63);
  switch (gene & 15) {
    case 6:
    case 7:
      extendedHead = sign | (0x3fff - 20 + (detail % 90));
      return noise | INTEGER_BIT;
    case 8: {
      // An integer.
      let value = BigInt(1 + (detail & 0xfffff));
      let exponent = 0x3fff + 63;
      for (; (value & INTEGER_BIT) === 0n; exponent--) value <<= 1n;
      extendedHead = sign | exponent;
      return value;
    }
    case 9:
      extendedHead = mix(gene) & 0xffff;
      return noise;
    case 10:
      extendedHead = sign | ((mix(gene) & 0x7fff) % 0x7fff);
      return noise | INTEGER_BIT;
    case 11:
    case 12:
      extendedHead = sign | (0x3fff - 3 + (detail % 6));
      return (noise | INTEGER_BIT) & cut;
    case 13:
      // Around the ends of the double's range, or the single's.
      extendedHead =
        sign | ((gene & 16) !== 0 ? 0x3c00 + (mix(gene) % 0x810) : 0x3f60 + (mix(gene) % 0x130));
      return (noise | INTEGER_BIT) & cut;
    case 14:
      extendedHead = sign | ((gene & 16) !== 0 ? detail % 70 : 0x7fff - (detail % 70));
      return noise | INTEGER_BIT;
    default: {
      const edge = F80_EDGES[detail % F80_EDGES.length]!;
      extendedHead = edge[0];
      return edge[1];
    }
  }
}

const BYTES = [0, 1, 0x7f, 0x80, 0xff, 0xfe, 0x81, 2, 16, 15, 8, 31, 32, 63, 64];
const WORDS = [0, 1, 0x7fff, 0x8000, 0xffff, 0x8001, 0xff, 0x100, 0x0f, 0x10];
const DOUBLEWORDS = [
  0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x8000, 0x7fff, 0xffff8000, 0xffff7fff, 0x10000, 31, 32,
];

/** The `index`th gene made from `gene`; all are 0 for 0. */
function part(gene: number, index: number): number {
  return mix(Math.imul(gene, 0x9e3779b1 + index * 2));
}

function integers(view: DataView, at: number, bytes: number, gene: number): void {
  const kind = (gene >>> 4) % 5;
  for (let i = 0; i < bytes; i++) {
    const g = part(gene, i);
    if (kind === 0) view.setUint8(at + i, (g & 15) < 6 ? 0 : BYTES[(g >>> 4) % BYTES.length]!);
    else if (kind === 4) view.setUint8(at + i, g >>> 8);
    else if (kind === 1 && (i & 1) === 0) {
      view.setUint16(at + i, (g & 7) === 7 ? g >>> 9 : WORDS[(g >>> 4) % WORDS.length]!, true);
    } else if (kind === 2 && (i & 3) === 0) {
      view.setUint32(at + i, (g & 7) === 7 ? mix(g) : DOUBLEWORDS[(g >>> 4) % 12]!, true);
    } else if (kind === 3 && (i & 7) === 0) {
      const value = (g & 7) === 7 ? wide(g) : EDGES[(g >>> 4) % EDGES.length]!;
      view.setBigUint64(at + i, value, true);
    }
  }
}

/** Few different characters, so that strings have something in common. */
function text(view: DataView, at: number, bytes: number, gene: number): void {
  for (let i = 0; i < bytes; i++) {
    const g = part(gene, i);
    view.setUint8(at + i, g % 6 === 0 ? 0 : 0x61 + ((g >>> 8) & 3));
  }
}

/** Fills `bytes` (4, 8, 16 or 32) at `at` of `view` with lanes of a kind, now and then another. */
export function fillLanes(
  view: DataView,
  at: number,
  bytes: number,
  lanes: Lanes,
  gene: number,
): void {
  const kinds = ["f32", "f64", "int"] as const;
  const kind = (gene & 15) === 15 ? kinds[(gene >>> 8) % 3]! : lanes;
  if (kind === "f32") {
    for (let i = 0; i + 4 <= bytes; i += 4) {
      view.setUint32(at + i, singleFrom(part(gene, i)), true);
    }
  } else if (kind === "f64") {
    for (let i = 0; i + 8 <= bytes; i += 8) {
      view.setBigUint64(at + i, doubleFrom(part(gene, i)), true);
    }
    if (bytes === 4) view.setUint32(at, singleFrom(gene), true);
  } else if (kind === "text" && (gene & 15) < 12) text(view, at, bytes, gene);
  else integers(view, at, bytes, gene);
}

/** Ten bytes of packed decimal digits, mostly good ones. */
export function fillDecimal(view: DataView, at: number, gene: number): void {
  for (let i = 0; i < 9; i++) {
    const g = part(gene, i);
    const digits = ((g % 10) << 4) | (mix(g) % 10);
    view.setUint8(at + i, (gene & 0xf0) === 0xf0 && i === gene % 9 ? g : digits);
  }
  view.setUint8(at + 9, (gene & 0x700) === 0x700 ? mix(gene) : (gene & 0x800) >>> 4);
}
