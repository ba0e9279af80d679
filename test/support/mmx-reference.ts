/** What MMX instructions compute, written lane by lane on JavaScript numbers. */

/** Lanes of `bits` bits of a 64-bit value, lowest first. */
export function lanes(value: bigint, bits: number, signed: boolean): number[] {
  const width = BigInt(bits);
  return Array.from({ length: 64 / bits }, (_, i) => {
    const lane = value >> (BigInt(i) * width);
    return Number(signed ? BigInt.asIntN(bits, lane) : BigInt.asUintN(bits, lane));
  });
}

/** The 64-bit value with these lanes, each cut off to `bits` bits. */
export function join(values: readonly number[], bits: number): bigint {
  return values.reduce(
    (all, lane, i) => all | (BigInt.asUintN(bits, BigInt(lane)) << BigInt(i * bits)),
    0n,
  );
}

type Binary = (a: bigint, b: bigint) => bigint;

/** Each lane from the lanes of both operands at its place. */
function each(bits: number, signed: boolean, f: (a: number, b: number) => number): Binary {
  return (a, b) => {
    const other = lanes(b, bits, signed);
    return join(
      lanes(a, bits, signed).map((lane, i) => f(lane, other[i]!)),
      bits,
    );
  };
}

/** Each lane from two neighbours: those of the destination, then those of the source. */
function pairs(bits: number, f: (even: number, odd: number) => number): Binary {
  return (a, b) => {
    const all = [...lanes(a, bits, true), ...lanes(b, bits, true)];
    return join(
      Array.from({ length: all.length / 2 }, (_, i) => f(all[2 * i]!, all[2 * i + 1]!)),
      bits,
    );
  };
}

const clamp = (low: number, high: number) => (x: number) => Math.min(Math.max(x, low), high);
const toI8 = clamp(-0x80, 0x7f);
const toU8 = clamp(0, 0xff);
const toI16 = clamp(-0x8000, 0x7fff);
const toU16 = clamp(0, 0xffff);

/** Lanes of both operands, destination first, in half the width. */
function pack(bits: number, saturate: (x: number) => number): Binary {
  return (a, b) => join([...lanes(a, bits, true), ...lanes(b, bits, true)].map(saturate), bits / 2);
}

/** Lanes of the low or high halves of both operands in turn. */
function interleave(bits: number, high: boolean): Binary {
  return (a, b) => {
    const [x, y] = [lanes(a, bits, false), lanes(b, bits, false)];
    const half = x.length / 2;
    const from = high ? half : 0;
    return join(
      Array.from({ length: x.length }, (_, i) => (i & 1 ? y : x)[from + (i >> 1)]!),
      bits,
    );
  };
}

/** All lanes shifted by one 64-bit count. */
function shift(bits: number, kind: "left" | "logical" | "arithmetic"): Binary {
  return (a, count) => {
    const n = count >= BigInt(bits) ? bits : Number(count);
    const width = BigInt(bits);
    let result = 0n;
    for (let i = 0n; i < 64n / width; i++) {
      const lane = a >> (i * width);
      const value =
        kind === "left"
          ? BigInt.asUintN(bits, lane) << BigInt(n)
          : kind === "logical"
            ? BigInt.asUintN(bits, lane) >> BigInt(n)
            : BigInt.asIntN(bits, lane) >> BigInt(n);
      result |= BigInt.asUintN(bits, value) << (i * width);
    }
    return result;
  };
}

const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const sign = (a: number, b: number) => (b < 0 ? -a : b === 0 ? 0 : a);
const mask = (holds: boolean) => (holds ? -1 : 0);

/** Products of neighbouring words, summed. */
const multiplyAdd: Binary = (a, b) => {
  const [x, y] = [lanes(a, 16, true), lanes(b, 16, true)];
  return join([x[0]! * y[0]! + x[1]! * y[1]!, x[2]! * y[2]! + x[3]! * y[3]!], 32);
};

const multiplyAddBytes: Binary = (a, b) => {
  const [x, y] = [lanes(a, 8, false), lanes(b, 8, true)];
  const products = x.map((lane, i) => lane * y[i]!);
  return join(
    [0, 2, 4, 6].map((i) => toI16(products[i]! + products[i + 1]!)),
    16,
  );
};

const sumOfDifferences: Binary = (a, b) => {
  const y = lanes(b, 8, false);
  return BigInt(sum(lanes(a, 8, false).map((lane, i) => Math.abs(lane - y[i]!))));
};

const shuffleBytes: Binary = (a, b) => {
  const bytes = lanes(a, 8, false);
  return join(
    lanes(b, 8, false).map((order) => (order & 0x80 ? 0 : bytes[order & 7]!)),
    8,
  );
};

/** Instructions of the form Pq,Qq by mnemonic: the result from destination and source. */
export const PACKED: Readonly<Record<string, Binary>> = {
  PADDB: each(8, false, (a, b) => a + b),
  PADDW: each(16, false, (a, b) => a + b),
  PADDD: each(32, false, (a, b) => a + b),
  PADDQ: (a, b) => BigInt.asUintN(64, a + b),
  PADDSB: each(8, true, (a, b) => toI8(a + b)),
  PADDSW: each(16, true, (a, b) => toI16(a + b)),
  PADDUSB: each(8, false, (a, b) => toU8(a + b)),
  PADDUSW: each(16, false, (a, b) => toU16(a + b)),
  PSUBB: each(8, false, (a, b) => a - b),
  PSUBW: each(16, false, (a, b) => a - b),
  PSUBD: each(32, false, (a, b) => a - b),
  PSUBQ: (a, b) => BigInt.asUintN(64, a - b),
  PSUBSB: each(8, true, (a, b) => toI8(a - b)),
  PSUBSW: each(16, true, (a, b) => toI16(a - b)),
  PSUBUSB: each(8, false, (a, b) => toU8(a - b)),
  PSUBUSW: each(16, false, (a, b) => toU16(a - b)),
  PMULLW: each(16, true, (a, b) => a * b),
  PMULHW: each(16, true, (a, b) => Math.floor((a * b) / 0x10000)),
  PMULHUW: each(16, false, (a, b) => Math.floor((a * b) / 0x10000)),
  PMULUDQ: (a, b) => BigInt.asUintN(32, a) * BigInt.asUintN(32, b),
  PMADDWD: multiplyAdd,
  PSADBW: sumOfDifferences,
  PAVGB: each(8, false, (a, b) => (a + b + 1) >> 1),
  PAVGW: each(16, false, (a, b) => (a + b + 1) >> 1),
  PMAXUB: each(8, false, Math.max),
  PMAXSW: each(16, true, Math.max),
  PMINUB: each(8, false, Math.min),
  PMINSW: each(16, true, Math.min),
  PCMPEQB: each(8, false, (a, b) => mask(a === b)),
  PCMPEQW: each(16, false, (a, b) => mask(a === b)),
  PCMPEQD: each(32, false, (a, b) => mask(a === b)),
  PCMPGTB: each(8, true, (a, b) => mask(a > b)),
  PCMPGTW: each(16, true, (a, b) => mask(a > b)),
  PCMPGTD: each(32, true, (a, b) => mask(a > b)),
  PAND: (a, b) => a & b,
  PANDN: (a, b) => BigInt.asUintN(64, ~a) & b,
  POR: (a, b) => a | b,
  PXOR: (a, b) => a ^ b,
  PSLLW: shift(16, "left"),
  PSLLD: shift(32, "left"),
  PSLLQ: shift(64, "left"),
  PSRLW: shift(16, "logical"),
  PSRLD: shift(32, "logical"),
  PSRLQ: shift(64, "logical"),
  PSRAW: shift(16, "arithmetic"),
  PSRAD: shift(32, "arithmetic"),
  PACKSSWB: pack(16, toI8),
  PACKUSWB: pack(16, toU8),
  PACKSSDW: pack(32, toI16),
  PUNPCKLBW: interleave(8, false),
  PUNPCKLWD: interleave(16, false),
  PUNPCKLDQ: interleave(32, false),
  PUNPCKHBW: interleave(8, true),
  PUNPCKHWD: interleave(16, true),
  PUNPCKHDQ: interleave(32, true),
  PHADDW: pairs(16, (a, b) => a + b),
  PHADDD: pairs(32, (a, b) => a + b),
  PHADDSW: pairs(16, (a, b) => toI16(a + b)),
  PHSUBW: pairs(16, (a, b) => a - b),
  PHSUBD: pairs(32, (a, b) => a - b),
  PHSUBSW: pairs(16, (a, b) => toI16(a - b)),
  PSIGNB: each(8, true, sign),
  PSIGNW: each(16, true, sign),
  PSIGND: each(32, true, sign),
  PABSB: each(8, true, (_, b) => Math.abs(b)),
  PABSW: each(16, true, (_, b) => Math.abs(b)),
  PABSD: each(32, true, (_, b) => Math.abs(b)),
  PSHUFB: shuffleBytes,
  PMADDUBSW: multiplyAddBytes,
  PMULHRSW: each(16, true, (a, b) => (((a * b) >> 14) + 1) >> 1),
  MOVQ: (_, b) => b,
};
