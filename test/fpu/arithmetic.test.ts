/** The library against exact rational arithmetic, on random operands of every magnitude. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type FpuLibrary, openLibrary } from "./library.ts";
import { op } from "./operations.ts";
import { record } from "./records.ts";
import {
  add,
  divide,
  type Exact,
  type Format,
  multiply,
  type Rounded,
  round,
  scale,
  sqrtExact,
} from "./reference.ts";

let library: FpuLibrary;
beforeAll(async () => {
  library = await openLibrary();
}, 60_000);

const BIAS = 0x3fff;
const MSB = 1n << 63n;
const PRECISIONS = [24, 53, 64];

/** Significands with long runs of equal bits as well as random ones. */
const significand = (bits: number) =>
  fc
    .tuple(fc.bigInt(0n, (1n << BigInt(bits)) - 1n), fc.nat(bits), fc.nat(5), fc.bigInt(0n, 3n))
    .map(([v, n, shape, low]) => {
      const ones = (1n << BigInt(n)) - 1n;
      if (shape === 0) return v & ~ones;
      if (shape === 1) return v | ones;
      if (shape === 2) return (v & ~ones) + low;
      return v;
    })
    .map((v) => BigInt.asUintN(bits, v));

interface Number80 {
  readonly sig: bigint;
  readonly exp: number;
}

const exponent80 = fc.oneof(
  fc.integer({ min: BIAS - 80, max: BIAS + 80 }),
  fc.integer({ min: 0, max: 70 }),
  fc.integer({ min: 0x7f80, max: 0x7ffe }),
  fc.integer({ min: 0, max: 0x7ffe }),
  // Products and quotients of these straddle the ends of the range.
  fc.integer({ min: 0x1fc0, max: 0x2040 }),
  fc.integer({ min: 0x5fc0, max: 0x6040 }),
);

/** Finite and not zero. */
const number80: fc.Arbitrary<Number80> = fc
  .tuple(significand(64), exponent80, fc.boolean())
  .map(([m, e, s]) => ({
    sig: e === 0 ? (m & (MSB - 1n)) | 1n : m | MSB,
    exp: e | (s ? 0x8000 : 0),
  }));

function exact80(v: Number80): Exact {
  return scale(v.sig, Math.max(v.exp & 0x7fff, 1) - BIAS - 63);
}

/** The bits of a rounded result. */
function encode80(r: Rounded, negative: boolean): Number80 {
  const sign = negative ? 0x8000 : 0;
  if (r.infinite) return { sig: MSB, exp: 0x7fff | sign };
  if (r.significand === 0n) return { sig: 0n, exp: sign };
  // The unit of the significand may stand above bit 0 of the register.
  let sig = r.significand;
  let unit = r.exp;
  while (unit > -BIAS + 1 - 63 && sig < MSB) {
    sig <<= 1n;
    unit--;
  }
  while (sig >> 64n !== 0n) {
    sig >>= 1n;
    unit++;
  }
  return { sig, exp: (sig < MSB ? 0 : unit + 63 + BIAS) | sign };
}

function signedSum(a: Exact, aNegative: boolean, b: Exact, bNegative: boolean): Exact {
  return add(
    { num: aNegative ? -a.num : a.num, den: a.den },
    { num: bNegative ? -b.num : b.num, den: b.den },
  );
}

type Operation = "add" | "sub" | "mul" | "div" | "sqrt";

/** Sign and magnitude of the exact result; undefined for an exact zero. */
function exactResult(
  name: Operation,
  a: Exact,
  aNegative: boolean,
  b: Exact,
  bNegative: boolean,
): { value: Exact; negative: boolean } | undefined {
  if (name === "mul") return { value: multiply(a, b), negative: aNegative !== bNegative };
  if (name === "div") return { value: divide(a, b), negative: aNegative !== bNegative };
  if (name === "sqrt") return { value: sqrtExact(a), negative: false };
  const sum = signedSum(a, aNegative, b, name === "sub" ? !bNegative : bNegative);
  if (sum.num === 0n) return undefined;
  return {
    value: { num: sum.num < 0n ? -sum.num : sum.num, den: sum.den },
    negative: sum.num < 0n,
  };
}

const DE = 0x02;
const C1 = 0x200;

describe.each(["add", "sub", "mul", "div", "sqrt"] as const)("f%s", (name) => {
  it("rounds the exact result in every mode and precision", () => {
    const mode = fc.tuple(fc.nat(3), fc.nat(2));
    fc.assert(
      fc.property(number80, number80, mode, (x, b, [rc, pc]) => {
        const a = name === "sqrt" ? { sig: x.sig, exp: x.exp & 0x7fff } : x;
        const precision = PRECISIONS[pc]!;
        const control = 0x7f | ([0, 2, 3][pc]! << 8) | (rc << 10);
        const aNegative = a.exp >= 0x8000;
        const bNegative = b.exp >= 0x8000;
        const got = library.runOne(record(op(`f${name}`), control, a.sig, a.exp, b.sig, b.exp));
        const denormal =
          (a.exp & 0x7fff) === 0 || (name !== "sqrt" && (b.exp & 0x7fff) === 0) ? DE : 0;
        const exact = exactResult(name, exact80(a), aNegative, exact80(b), bNegative);
        if (exact === undefined) {
          expect(got).toMatchObject({ r0: 0n, r0Exp: rc === 1 ? 0x8000 : 0, status: denormal });
          return;
        }
        const format = { precision, minExp: 1 - BIAS, maxExp: BIAS };
        const r = round(exact.value, exact.negative, rc, format);
        const bits = encode80(r, exact.negative);
        const status = r.flags | denormal | (r.up ? C1 : 0);
        expect(got).toMatchObject({ r0: bits.sig, r0Exp: bits.exp, status });
      }),
      { numRuns: 2500, seed: 80 },
    );
  });
});

describe.each(["mul", "div"] as const)("f%s with unmasked overflow and underflow", (name) => {
  it("delivers the result with its exponent adjusted by 24576", () => {
    const BIAS_ADJUST = 24576;
    const ends = fc
      .tuple(significand(64), fc.integer({ min: 0, max: 200 }), fc.boolean())
      .map(([m, e, low]) => ({ sig: m | MSB, exp: low ? 1 + e : 0x7ffe - e }));
    let adjusted = 0;
    fc.assert(
      fc.property(ends, ends, fc.nat(3), (a, b, rc) => {
        const got = library.runOne(
          record(op(`f${name}`), 0x367 | (rc << 10), a.sig, a.exp, b.sig, b.exp),
        );
        const exact = exactResult(name, exact80(a), false, exact80(b), false)!.value;
        const unbounded = { precision: 64, minExp: -100000, maxExp: 100000 };
        const r = round(exact, false, rc, unbounded);
        const exp = r.exp + 63 + BIAS;
        if (exp > 0 && exp < 0x7fff) return;
        adjusted++;
        const over = exp > 0;
        expect(got.r0).toBe(r.significand >> BigInt(r.significand >> 64n ? 1 : 0));
        expect(got.r0Exp).toBe(over ? exp - BIAS_ADJUST : exp + BIAS_ADJUST);
        expect(got.status).toBe((over ? 0x08 : 0x10) | r.flags | (r.up ? C1 : 0));
      }),
      { numRuns: 2000, seed: 81 },
    );
    expect(adjusted).toBeGreaterThan(300);
  });
});

interface Narrow {
  readonly suffix: string;
  readonly format: Format;
  readonly fraction: number;
  readonly exponents: number;
}

const NARROW: readonly Narrow[] = [
  {
    suffix: "sd",
    format: { precision: 53, minExp: -1022, maxExp: 1023 },
    fraction: 52,
    exponents: 2047,
  },
  {
    suffix: "ss",
    format: { precision: 24, minExp: -126, maxExp: 127 },
    fraction: 23,
    exponents: 255,
  },
];

describe.each(NARROW)("scalar arithmetic, $suffix", ({ suffix, format, fraction, exponents }) => {
  const F = BigInt(fraction);
  const signBit = BigInt(exponents + 1) << F;
  /** Finite, not zero; exponents crowd at the ends and in the middle. */
  const operand = fc
    .tuple(
      significand(fraction),
      fc.oneof(
        fc.integer({ min: 0, max: exponents - 1 }),
        fc.integer({ min: 0, max: fraction + 4 }),
        fc.integer({ min: exponents - 9, max: exponents - 1 }),
        fc.integer({ min: (exponents >> 1) - fraction, max: (exponents >> 1) + fraction }),
      ),
      fc.boolean(),
    )
    .map(([m, e, s]) => (BigInt(e) << F) | (e === 0 ? m | 1n : m) | (s ? signBit : 0n));
  const exact = (bits: bigint): Exact => {
    const e = Number((bits & (signBit - 1n)) >> F);
    const m = bits & ((1n << F) - 1n);
    return scale(e === 0 ? m : m | (1n << F), Math.max(e, 1) - (exponents >> 1) - fraction);
  };
  const encode = (r: Rounded, negative: boolean): bigint => {
    const sign = negative ? signBit : 0n;
    if (r.infinite) return sign | (BigInt(exponents) << F);
    let m = r.significand;
    let unit = r.exp;
    if (m >> BigInt(fraction + 1) !== 0n) {
      m >>= 1n;
      unit++;
    }
    if (m >> F === 0n) return sign | m;
    return sign | (BigInt(unit + fraction + (exponents >> 1)) << F) | (m & ((1n << F) - 1n));
  };
  const isDenormal = (bits: bigint) => (bits & (signBit - 1n)) >> F === 0n;

  it.each(["add", "sub", "mul", "div", "sqrt"] as const)("%s rounds the exact result", (name) => {
    fc.assert(
      fc.property(operand, operand, fc.nat(3), fc.boolean(), (x, b, rc, ftz) => {
        const a = name === "sqrt" ? x & (signBit - 1n) : x;
        const mxcsr = 0x1f80 | (rc << 13) | (ftz ? 0x8000 : 0);
        const got = library.runOne(record(op(name + suffix), mxcsr, a, 0, b));
        const denormal = isDenormal(a) || (name !== "sqrt" && isDenormal(b)) ? DE : 0;
        const aNegative = (a & signBit) !== 0n;
        const result = exactResult(name, exact(a), aNegative, exact(b), (b & signBit) !== 0n);
        if (result === undefined) {
          expect(got.r0).toBe(rc === 1 ? signBit : 0n);
          expect(got.status).toBe(mxcsr | denormal);
          return;
        }
        const r = round(result.value, result.negative, rc, format);
        const unbounded = { ...format, minExp: -10000 };
        const free = round(result.value, result.negative, rc, unbounded);
        const tiny = free.significand < scaleOf(format.minExp - free.exp);
        if (ftz && tiny) {
          expect(got.r0).toBe(result.negative ? signBit : 0n);
          expect(got.status).toBe(mxcsr | denormal | 0x30);
          return;
        }
        expect(got.r0).toBe(encode(r, result.negative));
        expect(got.status).toBe(mxcsr | denormal | r.flags);
      }),
      { numRuns: 2500, seed: 64 },
    );
  });
});

/** 2^n as an integer, 0 for negative n. */
function scaleOf(n: number): bigint {
  return n < 0 ? 0n : 1n << BigInt(n);
}
