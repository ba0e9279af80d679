/** SSE floating point at the default MXCSR, against JavaScript's doubles and Math.fround. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encode, SseCore, sseRow } from "./support/sse-core.ts";
import { join, lanes } from "./support/sse-reference.ts";

let sse: SseCore;
beforeAll(async () => {
  sse = await SseCore.create();
});
beforeEach(() => sse.reset());

const RUNS = { numRuns: 200, seed: 754 };
const view = new DataView(new ArrayBuffer(8));

/** A format: its width, numbers from and to bits, rounding, and the quiet NaN of an invalid operation. */
interface Format {
  readonly bits: 32 | 64;
  readonly letter: "S" | "D";
  toNumber(bits: bigint): number;
  toBits(value: number): bigint;
  round(value: number): number;
  readonly quiet: bigint;
  readonly indefinite: bigint;
}

const SINGLE: Format = {
  bits: 32,
  letter: "S",
  toNumber: (bits) => {
    view.setUint32(0, Number(bits));
    return view.getFloat32(0);
  },
  toBits: (value) => {
    view.setFloat32(0, value);
    return BigInt(view.getUint32(0));
  },
  round: Math.fround,
  quiet: 1n << 22n,
  indefinite: 0xffc00000n,
};

const DOUBLE: Format = {
  bits: 64,
  letter: "D",
  toNumber: (bits) => {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  },
  toBits: (value) => {
    view.setFloat64(0, value);
    return view.getBigUint64(0);
  },
  round: (value) => value,
  quiet: 1n << 51n,
  indefinite: 0xfff8000000000000n,
};
const FORMATS = [SINGLE, DOUBLE];

/** Bits of numbers: any pattern, small fractions, and the edges of the format. */
function operand({ bits, toBits }: Format): fc.Arbitrary<bigint> {
  const numbers = [
    0,
    -0,
    1,
    -1,
    0.5,
    1.5,
    2 ** -126,
    2 ** -149,
    2 ** -1022,
    5e-324,
    2 ** 127,
    1e38,
  ];
  return fc.oneof(
    fc.bigInt(0n, (1n << BigInt(bits)) - 1n),
    fc.integer({ min: -9999, max: 9999 }).map((n) => toBits(n / 16)),
    fc.constantFrom(...numbers, Infinity, -Infinity, NaN, 1.7976931348623157e308).map(toBits),
  );
}

function vector(format: Format): fc.Arbitrary<bigint> {
  const count = 128 / format.bits;
  return fc
    .array(operand(format), { minLength: count, maxLength: count })
    .map((values) => join(values, format.bits));
}

type Operation = (a: number, b: number) => number;

/** One lane of arithmetic: the first NaN, made quiet, or the rounded result. */
function lane(format: Format, f: Operation, a: bigint, b: bigint): bigint {
  const [x, y] = [format.toNumber(a), format.toNumber(b)];
  if (Number.isNaN(x)) return a | format.quiet;
  if (Number.isNaN(y)) return b | format.quiet;
  const result = format.round(f(x, y));
  return Number.isNaN(result) ? format.indefinite : format.toBits(result);
}

function eachLane(
  format: Format,
  a: bigint,
  b: bigint,
  f: (a: bigint, b: bigint, i: number) => bigint,
) {
  const other = lanes(b, format.bits, false);
  return join(
    lanes(a, format.bits, false).map((x, i) => f(x, other[i]!, i)),
    format.bits,
  );
}

const scalar = (format: Format, a: bigint, low: bigint) =>
  ((a >> BigInt(format.bits)) << BigInt(format.bits)) | low;

const ARITHMETIC: readonly (readonly [string, Operation])[] = [
  ["ADD", (a, b) => a + b],
  ["SUB", (a, b) => a - b],
  ["MUL", (a, b) => a * b],
  ["DIV", (a, b) => a / b],
];

describe.each(FORMATS)("of $bits bits", (format) => {
  const mask = (1n << BigInt(format.bits)) - 1n;

  it.each(ARITHMETIC)("%s works on all lanes, or on the lowest alone", (name, f) => {
    fc.assert(
      fc.property(vector(format), vector(format), fc.boolean(), (a, b, memory) => {
        const packed = sse.binary(sseRow(`${name}P${format.letter}`), a, b, memory);
        expect(packed).toBe(eachLane(format, a, b, (x, y) => lane(format, f, x, y)));
        const single = sse.binary(sseRow(`${name}S${format.letter}`), a, b, memory);
        expect(single).toBe(scalar(format, a, lane(format, f, a & mask, b & mask)));
      }),
      RUNS,
    );
  });

  it("ADD, SUB, MUL, DIV in a row give the same with PE set as without", () => {
    fc.assert(
      fc.property(operand(format), operand(format), fc.constantFrom(...ARITHMETIC), (a, b, row) => {
        for (const mxcsr of [0x1f80, 0x1fa0]) {
          sse.mxcsr = mxcsr;
          const found = sse.binary(sseRow(`${row[0]}S${format.letter}`), a, b, false);
          expect(found).toBe(lane(format, row[1], a, b));
        }
      }),
      RUNS,
    );
  });

  it("SQRT rounds correctly, and keeps the sign of zero", () => {
    fc.assert(
      fc.property(vector(format), vector(format), (a, b) => {
        const root = (y: bigint) => lane(format, (_x, v) => Math.sqrt(v), 0n, y);
        const packed = sse.binary(sseRow(`SQRTP${format.letter}`), a, b, false);
        expect(packed).toBe(eachLane(format, a, b, (_x, y) => root(y)));
        const single = sse.binary(sseRow(`SQRTS${format.letter}`), a, b, false);
        expect(single).toBe(scalar(format, a, root(b & mask)));
      }),
      RUNS,
    );
  });

  it.each(["MIN", "MAX"])("%s returns the second operand for NaNs and equal zeros", (name) => {
    fc.assert(
      fc.property(vector(format), vector(format), (a, b) => {
        const choose = (x: bigint, y: bigint) => {
          const [m, n] = [format.toNumber(x), format.toNumber(y)];
          return (name === "MIN" ? m < n : m > n) ? x : y;
        };
        const packed = sse.binary(sseRow(`${name}P${format.letter}`), a, b, false);
        expect(packed).toBe(eachLane(format, a, b, choose));
        const single = sse.binary(sseRow(`${name}S${format.letter}`), a, b, false);
        expect(single).toBe(scalar(format, a, choose(a & mask, b & mask)));
      }),
      RUNS,
    );
  });

  it("CMP gives ones or zeros for its eight predicates", () => {
    const holds = [
      (x: number, y: number) => x === y,
      (x: number, y: number) => x < y,
      (x: number, y: number) => x <= y,
      (x: number, y: number) => Number.isNaN(x) || Number.isNaN(y),
      (x: number, y: number) => x !== y,
      (x: number, y: number) => !(x < y),
      (x: number, y: number) => !(x <= y),
      (x: number, y: number) => !(Number.isNaN(x) || Number.isNaN(y)),
    ];
    fc.assert(
      fc.property(vector(format), vector(format), fc.nat(7), (a, b, predicate) => {
        const judge = (x: bigint, y: bigint) =>
          holds[predicate]!(format.toNumber(x), format.toNumber(y)) ? mask : 0n;
        const packed = sse.binary(sseRow(`CMPP${format.letter}`), a, b, false, predicate);
        expect(packed).toBe(eachLane(format, a, b, judge));
      }),
      RUNS,
    );
  });

  it.each(["COMIS", "UCOMIS"])("%s says in ZF, PF and CF how the operands compare", (name) => {
    fc.assert(
      fc.property(operand(format), operand(format), (a, b) => {
        sse.cpu.core.exports.setFlagsWord(0x8d5);
        sse.binary(sseRow(`${name}${format.letter}`), a, b, false);
        const [x, y] = [format.toNumber(a), format.toNumber(b)];
        const unordered = Number.isNaN(x) || Number.isNaN(y);
        const expected = unordered ? 0x45 : x < y ? 1 : x === y ? 0x40 : 0;
        expect(sse.cpu.core.exports.readFlags() & 0x8d5).toBe(expected);
      }),
      RUNS,
    );
  });

  it("HADD, HSUB and ADDSUB pair their lanes", () => {
    fc.assert(
      fc.property(vector(format), vector(format), (a, b) => {
        const all = [...lanes(a, format.bits, false), ...lanes(b, format.bits, false)];
        const pairs = (f: Operation) =>
          join(
            Array.from({ length: all.length / 2 }, (_, i) =>
              lane(format, f, all[2 * i]!, all[2 * i + 1]!),
            ),
            format.bits,
          );
        const p = `P${format.letter}`;
        expect(sse.binary(sseRow(`HADD${p}`), a, b, false)).toBe(pairs((x, y) => x + y));
        expect(sse.binary(sseRow(`HSUB${p}`), a, b, false)).toBe(pairs((x, y) => x - y));
        const alternating = eachLane(format, a, b, (x, y, i) =>
          lane(format, (m, n) => (i % 2 === 0 ? m - n : m + n), x, y),
        );
        expect(sse.binary(sseRow(`ADDSUB${p}`), a, b, false)).toBe(alternating);
      }),
      RUNS,
    );
  });

  it("ROUND knows four directions, whatever MXCSR says", () => {
    const even = (x: number) => {
      const low = Math.floor(x);
      const rest = x - low;
      if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
      return low % 2 === 0 ? low : low + 1;
    };
    const directions = [even, Math.floor, Math.ceil, Math.trunc];
    fc.assert(
      fc.property(vector(format), fc.nat(3), (a, direction) => {
        const rounded = eachLane(format, a, a, (x) => {
          const value = format.toNumber(x);
          if (Number.isNaN(value)) return x | format.quiet;
          const result = directions[direction]!(value);
          // The sign of a zero is the operand's.
          return format.toBits(result === 0 && x >> BigInt(format.bits - 1) !== 0n ? -0 : result);
        });
        expect(sse.binary(sseRow(`ROUNDP${format.letter}`), 0n, a, false, direction)).toBe(rounded);
      }),
      RUNS,
    );
  });
});

describe("conversions", () => {
  const INDEFINITE_32 = 0x80000000n;
  const INDEFINITE_64 = 1n << 63n;

  function toInteger(value: number, bits: 32 | 64, truncate: boolean): bigint {
    const limit = 2 ** (bits - 1);
    let whole = Math.trunc(value);
    if (!truncate) {
      const low = Math.floor(value);
      const rest = value - low;
      whole = rest > 0.5 || (rest === 0.5 && low % 2 !== 0) ? low + 1 : low;
    }
    if (!(whole >= -limit && whole < limit)) return bits === 32 ? INDEFINITE_32 : INDEFINITE_64;
    return BigInt.asUintN(bits, BigInt(whole));
  }

  it.each([
    ["CVTTSD2SI", DOUBLE, true],
    ["CVTSD2SI", DOUBLE, false],
    ["CVTTSS2SI", SINGLE, true],
    ["CVTSS2SI", SINGLE, false],
  ] as const)("%s to 32 and 64 bits", (mnemonic, format, truncate) => {
    fc.assert(
      fc.property(operand(format), fc.boolean(), (a, wide) => {
        sse.setXmm(2, a);
        sse.run(encode(sseRow(mnemonic), false, undefined, wide));
        expect(sse.cpu.gpr(1)).toBe(toInteger(format.toNumber(a), wide ? 64 : 32, truncate));
      }),
      RUNS,
    );
  });

  it.each([
    ["CVTSI2SD", DOUBLE],
    ["CVTSI2SS", SINGLE],
  ] as const)("%s from 32 bits", (mnemonic, format) => {
    fc.assert(
      fc.property(fc.integer(), fc.bigInt(0n, (1n << 128n) - 1n), (n, before) => {
        sse.setXmm(1, before);
        sse.cpu.setGpr(2, BigInt(n));
        sse.run(encode(sseRow(mnemonic), false));
        expect(sse.xmm(1)).toBe(scalar(format, before, format.toBits(n)));
      }),
      RUNS,
    );
  });

  it("CVTSI2SD from 64 bits rounds to nearest even", () => {
    fc.assert(
      fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (n) => {
        sse.setXmm(1, 0n);
        sse.cpu.setGpr(2, n);
        sse.run(encode(sseRow("CVTSI2SD"), false, undefined, true));
        expect(sse.xmm(1)).toBe(DOUBLE.toBits(Number(n)));
      }),
      RUNS,
    );
  });

  it("packed conversions between integers, singles and doubles", () => {
    fc.assert(
      fc.property(vector(SINGLE), vector(DOUBLE), (s, d) => {
        const singles = lanes(s, 32, false);
        const doubles = lanes(d, 64, false);
        const run = (mnemonic: string, from: bigint) =>
          sse.binary(sseRow(mnemonic), 0n, from, false);
        for (const [mnemonic, truncate] of [
          ["CVTPS2DQ", false],
          ["CVTTPS2DQ", true],
        ] as const) {
          const expected = singles.map((x) => toInteger(SINGLE.toNumber(x), 32, truncate));
          expect(run(mnemonic, s)).toBe(join(expected, 32));
        }
        for (const [mnemonic, truncate] of [
          ["CVTPD2DQ", false],
          ["CVTTPD2DQ", true],
        ] as const) {
          const expected = doubles.map((x) => toInteger(DOUBLE.toNumber(x), 32, truncate));
          expect(run(mnemonic, d)).toBe(join(expected, 32));
        }
        const integers = lanes(s, 32, true).map(Number);
        expect(run("CVTDQ2PS", s)).toBe(join(integers.map(SINGLE.toBits), 32));
        expect(run("CVTDQ2PD", s)).toBe(join(integers.slice(0, 2).map(DOUBLE.toBits), 64));
      }),
      RUNS,
    );
  });

  it("singles widen exactly and doubles round; NaNs keep their sign and upper payload", () => {
    const widen = (x: bigint) => {
      if (!Number.isNaN(SINGLE.toNumber(x))) return DOUBLE.toBits(SINGLE.toNumber(x));
      return ((x >> 31n) << 63n) | 0x7ff8000000000000n | ((x & 0x7fffffn) << 29n);
    };
    const narrow = (x: bigint) => {
      if (!Number.isNaN(DOUBLE.toNumber(x))) return SINGLE.toBits(DOUBLE.toNumber(x));
      return ((x >> 63n) << 31n) | 0x7fc00000n | ((x >> 29n) & 0x7fffffn);
    };
    fc.assert(
      fc.property(vector(SINGLE), vector(DOUBLE), (s, d) => {
        const singles = lanes(s, 32, false).slice(0, 2);
        expect(sse.binary(sseRow("CVTPS2PD"), 0n, s, false)).toBe(join(singles.map(widen), 64));
        const doubles = lanes(d, 64, false);
        expect(sse.binary(sseRow("CVTPD2PS"), 0n, d, false)).toBe(join(doubles.map(narrow), 32));
        expect(sse.binary(sseRow("CVTSS2SD"), d, s, false)).toBe(
          scalar(DOUBLE, d, widen(singles[0]!)),
        );
        expect(sse.binary(sseRow("CVTSD2SS"), s, d, false)).toBe(
          scalar(SINGLE, s, narrow(doubles[0]!)),
        );
      }),
      RUNS,
    );
  });
});

describe("approximations and products", () => {
  it.each([
    ["RCP", (x: number) => 1 / x],
    ["RSQRT", (x: number) => 1 / Math.sqrt(x)],
  ] as const)("%sSS has a relative error of at most 1.5 * 2^-12", (name, exact) => {
    fc.assert(
      fc.property(fc.integer({ min: 0x01000000, max: 0x7d000000 }), (bits) => {
        const found = sse.binary(sseRow(`${name}SS`), 0n, BigInt(bits), false);
        const truth = exact(SINGLE.toNumber(BigInt(bits)));
        const error = Math.abs(SINGLE.toNumber(found & 0xffffffffn) - truth) / truth;
        expect(error).toBeLessThanOrEqual(1.5 * 2 ** -12);
      }),
      { ...RUNS, numRuns: 2000 },
    );
  });

  it("DPPS and DPPD multiply and add the chosen lanes in pairs", () => {
    const numbers = (format: Format, count: number) =>
      fc
        .array(fc.integer({ min: -999, max: 999 }), { minLength: count, maxLength: count })
        .map((list) =>
          join(
            list.map((n) => format.toBits(n / 8)),
            format.bits,
          ),
        );
    fc.assert(
      fc.property(numbers(SINGLE, 4), numbers(SINGLE, 4), fc.nat(255), (a, b, immediate) => {
        const [x, y] = [a, b].map((v) => lanes(v, 32, false).map(SINGLE.toNumber)) as [
          number[],
          number[],
        ];
        const products = x.map((n, i) => ((immediate >> (4 + i)) & 1 ? Math.fround(n * y[i]!) : 0));
        const f = Math.fround;
        const sum = f(f(products[0]! + products[1]!) + f(products[2]! + products[3]!));
        const expected = [0, 1, 2, 3].map((i) => ((immediate >> i) & 1 ? SINGLE.toBits(sum) : 0n));
        const found = sse.binary(sseRow("DPPS"), a, b, false, immediate);
        // A sum of zeros may be -0.
        expect(
          lanes(found, 32, false)
            .map(SINGLE.toNumber)
            .map((n) => n + 0),
        ).toEqual(expected.map(SINGLE.toNumber).map((n) => n + 0));
      }),
      RUNS,
    );
    fc.assert(
      fc.property(numbers(DOUBLE, 2), numbers(DOUBLE, 2), fc.nat(255), (a, b, immediate) => {
        const [x, y] = [a, b].map((v) => lanes(v, 64, false).map(DOUBLE.toNumber)) as [
          number[],
          number[],
        ];
        const products = x.map((n, i) => ((immediate >> (4 + i)) & 1 ? n * y[i]! : 0));
        const sum = products[0]! + products[1]!;
        const found = sse.binary(sseRow("DPPD"), a, b, false, immediate);
        expect(
          lanes(found, 64, false)
            .map(DOUBLE.toNumber)
            .map((n) => n + 0),
        ).toEqual([0, 1].map((i) => ((immediate >> i) & 1 ? sum + 0 : 0)));
      }),
      RUNS,
    );
  });
});
