/** Transcendental instructions against series summed to 640 bits. */
import { beforeAll, describe, expect, it } from "vitest";
import { type FpuLibrary, openLibrary } from "./library.ts";
import { op } from "./operations.ts";
import * as precise from "./precise.ts";
import { type FpuRecord, record } from "./records.ts";

let library: FpuLibrary;
beforeAll(async () => {
  library = await openLibrary();
}, 60_000);

const BIAS = 0x3fff;
const MSB = 1n << 63n;
const CASES = 600;

/** xorshift64*: the same operands in every run. */
function generator(seed: bigint): () => bigint {
  let s = seed;
  return () => {
    s ^= s >> 12n;
    s = BigInt.asUintN(64, s ^ (s << 25n));
    s ^= s >> 27n;
    return BigInt.asUintN(64, s * 0x2545f4914f6cdd1dn);
  };
}

function value(sig: bigint, exp: number): bigint {
  const v = precise.fixed(sig, (exp & 0x7fff) - BIAS - 63);
  return exp & 0x8000 ? -v : v;
}

interface Function80 {
  readonly name: string;
  /** Exponents of x and y, relative to the bias: from, to. */
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** True values of r0 and r1, undefined where r1 is not a result. */
  truth(x: bigint, y: bigint): readonly (bigint | undefined)[];
  positive?: boolean;
}

function trig(x: bigint): { sine: bigint; cosine: bigint } {
  const { quarters, rest } = precise.reduce66(x);
  return {
    sine: precise.sinQuarters(quarters, rest),
    cosine: precise.sinQuarters(quarters + 1n, rest),
  };
}

const NONE = [0, 0] as const;

const FUNCTIONS: readonly Function80[] = [
  {
    name: "f2xm1",
    x: [-90, -1],
    y: NONE,
    truth: (x) => [precise.expMinus1(precise.mul(x, precise.LN2))],
  },
  {
    name: "fyl2x",
    x: [-60, 60],
    y: [-20, 20],
    positive: true,
    truth: (x, y) => [precise.div(precise.mul(precise.logPlus1(x - precise.ONE), y), precise.LN2)],
  },
  {
    name: "fyl2x",
    x: [-1, 0],
    y: [-1, 1],
    positive: true,
    truth: (x, y) => [precise.div(precise.mul(precise.logPlus1(x - precise.ONE), y), precise.LN2)],
  },
  {
    name: "fyl2xp1",
    x: [-90, -3],
    y: [-20, 20],
    truth: (x, y) => [precise.div(precise.mul(precise.logPlus1(x), y), precise.LN2)],
  },
  { name: "fpatan", x: [-20, 20], y: [-20, 20], truth: (x, y) => [precise.arctan2(y, x)] },
  { name: "fpatan", x: [-3, 3], y: [-3, 3], truth: (x, y) => [precise.arctan2(y, x)] },
  { name: "fsin", x: [-90, 62], y: NONE, truth: (x) => [trig(x).sine] },
  { name: "fcos", x: [-90, 62], y: NONE, truth: (x) => [trig(x).cosine] },
  { name: "fsin", x: [-2, 4], y: NONE, truth: (x) => [trig(x).sine] },
  { name: "fcos", x: [-2, 4], y: NONE, truth: (x) => [trig(x).cosine] },
  {
    name: "fsincos",
    x: [-20, 62],
    y: NONE,
    truth: (x) => [trig(x).cosine, trig(x).sine],
  },
  {
    name: "fptan",
    x: [-90, 62],
    y: NONE,
    truth: (x) => [undefined, precise.div(trig(x).sine, trig(x).cosine)],
  },
];

/** Error in units of the last place of the true value, times 2^20, toward plus infinity. */
function errorUlps(sig: bigint, exp: number, truth: bigint): number {
  const magnitude = truth < 0n ? -truth : truth;
  // One unit of a 64-bit significand.
  const ulp = 1n << BigInt(magnitude.toString(2).length - 64);
  return Number(((value(sig, exp) - truth) << 20n) / ulp) / 2 ** 20;
}

function operands(f: Function80, next: () => bigint, control: number): FpuRecord {
  const pick = ([from, to]: readonly [number, number], positive: boolean) => {
    const r = next();
    const sig = (r & 7n) === 0n ? MSB | (next() & ~((MSB - 1n) >> (r & 63n))) : MSB | next();
    const exp = BIAS + from + Number((r >> 8n) % BigInt(to - from + 1));
    return {
      sig: BigInt.asUintN(64, sig),
      exp: exp | (!positive && (r & 64n) !== 0n ? 0x8000 : 0),
    };
  };
  const a = pick(f.x, f.positive ?? false);
  const b = pick(f.y, false);
  return record(op(f.name), control, a.sig, a.exp, b.sig, b.exp);
}

describe.each(FUNCTIONS)("$name for exponents $x", (f) => {
  it("is the nearest number, and the next in the direction asked for", () => {
    const next = generator(0x9e3779b97f4a7c15n);
    let worst = 0;
    for (let i = 0; i < CASES; i++) {
      const rc = i % 3 === 0 ? Math.floor(i / 3) % 4 : 0;
      const r = library.runOne(operands(f, next, 0x37f | (rc << 10)));
      const truth = f.truth(value(r.a, r.aExp), value(r.b, r.bExp));
      const results = [
        { sig: r.r0, exp: r.r0Exp },
        { sig: r.r1, exp: r.r1Exp },
      ];
      for (const [k, v] of truth.entries()) {
        if (v === undefined || v === 0n) continue;
        const { sig, exp } = results[k]!;
        const error = errorUlps(sig, exp, v);
        const where = `${r.aExp.toString(16)}:${r.a.toString(16)} rc ${rc}: ${error}`;
        expect(r.status & 0x3f, where).toBe(0x20);
        if (rc === 0) {
          worst = Math.max(worst, Math.abs(error));
          continue;
        }
        const outward = rc === 3 ? (v < 0n ? error : -error) : rc === 2 ? error : -error;
        expect(outward, where).toBeGreaterThanOrEqual(0);
        expect(outward, where).toBeLessThan(1);
      }
    }
    expect(worst).toBeGreaterThan(0.4);
    expect(worst).toBeLessThanOrEqual(0.500001);
  });
});

describe("special operands", () => {
  const one = { sig: MSB, exp: BIAS };

  it("sine and tangent of tiny angles are the angle, cosine is 1, all inexact", () => {
    for (const exp of [1, 200, BIAS - 200, BIAS - 70]) {
      const run = (name: string, rc: number) =>
        library.runOne(record(op(name), 0x37f | (rc << 10), 0xc000000000000001n, exp));
      expect(run("fsin", 0)).toMatchObject({ r0: 0xc000000000000001n, r0Exp: exp, status: 0x220 });
      expect(run("fsin", 3)).toMatchObject({ r0: 0xc000000000000000n, r0Exp: exp, status: 0x20 });
      expect(run("fptan", 0)).toMatchObject({ r1: 0xc000000000000001n, r1Exp: exp, status: 0x20 });
      expect(run("fptan", 2)).toMatchObject({ r1: 0xc000000000000002n, r1Exp: exp, status: 0x220 });
      expect(run("fcos", 0)).toMatchObject({ r0: MSB, r0Exp: BIAS, status: 0x220 });
      expect(run("fcos", 1)).toMatchObject({ r0: 2n ** 64n - 1n, r0Exp: BIAS - 1, status: 0x20 });
    }
  });

  it("rounds by what lies far behind the last bit", () => {
    const run = (name: string, sig: bigint, exp: number, rc: number) =>
      library.runOne(record(op(name), 0x37f | (rc << 10), sig, exp));
    const ones = 2n ** 64n - 1n;
    // x^2/2 is 2^-64 and a 2^63rd part of it.
    const root2 = 0xb504f333f9de6485n;
    expect(run("fcos", root2, BIAS - 32, 3)).toMatchObject({ r0: ones - 1n, r0Exp: BIAS - 1 });
    expect(run("fcos", root2, BIAS - 32, 2)).toMatchObject({ r0: ones, r0Exp: BIAS - 1 });
    expect(run("fcos", root2 - 1n, BIAS - 32, 3)).toMatchObject({ r0: ones, r0Exp: BIAS - 1 });
    // This is 2^-66 more than half of 66-bit pi: the tangent is all but a power of two.
    const halfPi = 0xc90fdaa22168c235n;
    expect(run("fptan", halfPi, BIAS, 3)).toMatchObject({ r1: ones, r1Exp: 0x8000 | (BIAS + 64) });
    expect(run("fptan", halfPi, BIAS, 1)).toMatchObject({ r1: MSB, r1Exp: 0x8000 | (BIAS + 65) });
  });

  it("angles of 2^63 and more set C2 and come back", () => {
    for (const name of ["fsin", "fcos", "fptan", "fsincos"]) {
      const r = library.runOne(record(op(name), 0x37f, 0xfedcba9876543210n, BIAS + 63));
      expect(r).toMatchObject({ r0: 0xfedcba9876543210n, r0Exp: BIAS + 63, status: 0x400 });
    }
  });

  it("logarithms of powers of two are exact", () => {
    for (let k = -16382; k <= 16383; k += 17) {
      const r = library.runOne(record(op("fyl2x"), 0x37f, MSB, BIAS + k, one.sig, one.exp));
      const n = BigInt(Math.abs(k));
      const size = n === 0n ? 0 : n.toString(2).length;
      expect(r.r0).toBe(n << BigInt(64 - size));
      expect(r.r0Exp).toBe(k === 0 ? 0 : (BIAS + size - 1) | (k < 0 ? 0x8000 : 0));
    }
  });

  it("2^x - 1 of a denormal is a denormal that underflows", () => {
    const r = library.runOne(record(op("f2xm1"), 0x37f, 5n, 0x8000));
    expect(r).toMatchObject({ r0: 3n, r0Exp: 0x8000, status: 0x32 });
  });
});
