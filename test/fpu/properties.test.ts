/** Laws that the library must keep: against the host's own arithmetic, and among its operations. */
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type FpuLibrary, openLibrary } from "./library.ts";
import { op } from "./operations.ts";
import { type FpuRecord, record } from "./records.ts";

let library: FpuLibrary;
beforeAll(async () => {
  library = await openLibrary();
}, 60_000);

const MXCSR = 0x1f80;
const FCW = 0x37f;
const BIAS = 0x3fff;
const MSB = 1n << 63n;
const C0 = 0x100;
const C1 = 0x200;
const C2 = 0x400;
const C3 = 0x4000;
const words = new DataView(new ArrayBuffer(8));

function bits64(v: number): bigint {
  words.setFloat64(0, v);
  return words.getBigUint64(0);
}

function number64(bits: bigint): number {
  words.setBigUint64(0, bits);
  return words.getFloat64(0);
}

function bits32(v: number): bigint {
  words.setFloat32(0, v);
  return BigInt(words.getUint32(0));
}

const pattern64 = fc.bigInt(0n, (1n << 64n) - 1n);
const double = fc.double();
const single = fc.float();
const isNaN64 = (v: bigint) => (v & (MSB - 1n)) > 0x7ff0000000000000n;

function sse(name: string, a: bigint, b = 0n, mxcsr = MXCSR): FpuRecord {
  return library.runOne(record(op(name), mxcsr, a, 0, b));
}

function x87(name: string, a: bigint, aExp = 0, b = 0n, bExp = 0, fcw = FCW): FpuRecord {
  return library.runOne(record(op(name), fcw, a, aExp, b, bExp));
}

function check(property: fc.IRawProperty<unknown>, numRuns = 2000): void {
  fc.assert(property, { numRuns, seed: 1985 });
}

describe("SSE beside the host's arithmetic", () => {
  const binary: Record<string, (x: number, y: number) => number> = {
    add: (x, y) => x + y,
    sub: (x, y) => x - y,
    mul: (x, y) => x * y,
    div: (x, y) => x / y,
  };
  it.each(Object.keys(binary))("%ssd", (name) => {
    check(
      fc.property(double, double, (x, y) => {
        const want = binary[name]!(x, y);
        const { r0 } = sse(`${name}sd`, bits64(x), bits64(y));
        if (Number.isNaN(want)) expect(isNaN64(r0)).toBe(true);
        else expect(r0).toBe(bits64(want));
      }),
    );
  });
  it.each(Object.keys(binary))("%sss", (name) => {
    check(
      fc.property(single, single, (x, y) => {
        const want = Math.fround(binary[name]!(x, y));
        const { r0 } = sse(`${name}ss`, bits32(x), bits32(y));
        if (Number.isNaN(want)) expect(r0 & 0x7fc00000n).toBe(0x7fc00000n);
        else expect(r0).toBe(bits32(want));
      }),
    );
  });
  it("conversions and rounding", () => {
    check(
      fc.property(double, (x) => {
        if (Number.isNaN(x)) return;
        expect(sse("cvtsd2ss", bits64(x)).r0).toBe(bits32(x));
        expect(sse("cvtss2sd", bits32(x)).r0).toBe(bits64(Math.fround(x)));
        expect(sse("roundsd-1", bits64(x)).r0).toBe(bits64(Math.floor(x)));
        expect(sse("roundsd-2", bits64(x)).r0).toBe(bits64(Math.ceil(x)));
        expect(sse("roundsd-3", bits64(x)).r0).toBe(bits64(Math.trunc(x)));
        const fits = Math.abs(Math.trunc(x)) < 2 ** 63;
        const want = fits ? BigInt.asUintN(64, BigInt(Math.trunc(x))) : MSB;
        expect(sse("cvttsd2si-64", bits64(x)).r0).toBe(want);
      }),
    );
  });
  it("integers to double and back", () => {
    check(
      fc.property(fc.bigInt(-(1n << 63n), (1n << 63n) - 1n), (v) => {
        const r = sse("cvtsi2sd-64", BigInt.asUintN(64, v));
        expect(number64(r.r0)).toBe(Number(v));
        expect(r.status & 0x20).toBe(BigInt(Number(v)) === v ? 0 : 0x20);
      }),
    );
  });
});

describe("laws", () => {
  it("a + b = b + a and a * b = b * a, flags included, unless one is a NaN", () => {
    check(
      fc.property(pattern64, pattern64, fc.nat(3), fc.nat(3), (a, b, rc, flush) => {
        if (isNaN64(a) || isNaN64(b)) return;
        const mxcsr = MXCSR | (rc << 13) | ((flush & 1) << 6) | ((flush & 2) << 14);
        for (const name of ["addsd", "mulsd"]) {
          const ab = sse(name, a, b, mxcsr);
          const ba = sse(name, b, a, mxcsr);
          expect([ab.r0, ab.status]).toEqual([ba.r0, ba.status]);
        }
      }),
    );
  });
  it("sqrt(x * x) = |x| while x * x neither overflows nor underflows", () => {
    const magnitude = fc.double({ min: 2 ** -500, max: 2 ** 500, noNaN: true });
    check(
      fc.property(magnitude, (x) => {
        const square = sse("mulsd", bits64(x), bits64(x)).r0;
        expect(number64(sse("sqrtsd", square).r0)).toBe(x);
      }),
    );
  });
  it("rounding down is rounding up of the negation", () => {
    check(
      fc.property(double, double, (x, y) => {
        if (Number.isNaN(x) || Number.isNaN(y)) return;
        const down = sse("divsd", bits64(x), bits64(y), MXCSR | 0x2000);
        const up = sse("divsd", bits64(-x), bits64(y), MXCSR | 0x4000);
        if (isNaN64(down.r0)) expect(isNaN64(up.r0)).toBe(true);
        else expect(up.r0).toBe(down.r0 ^ MSB);
        expect(up.status & 0x3f).toBe(down.status & 0x3f);
      }),
    );
  });
  it("plain operands and result mean that nothing but PE was raised", () => {
    let plain = 0;
    check(
      fc.property(pattern64, pattern64, fc.nat(3), (a, b, k) => {
        const wide = sse(["addsd", "subsd", "mulsd", "divsd"][k]!, a, b);
        if (library.isPlainOperation(a, b, wide.r0, true)) {
          plain++;
          expect(wide.status & 0x1f).toBe(0);
        }
        const [p, q] = [a & 0xffffffffn, b & 0xffffffffn];
        const narrow = sse(["addss", "subss", "mulss", "divss"][k]!, p, q);
        if (library.isPlainOperation(p, q, narrow.r0, false)) {
          plain++;
          expect(narrow.status & 0x1f).toBe(0);
        }
      }),
      5000,
    );
    expect(plain).toBeGreaterThan(4000);
  });
  it("an unmasked exception found before computing hides what other lanes computed", () => {
    expect(library.laneExceptions(0x24, 0x1f80)).toBe(0x24);
    expect(library.laneExceptions(0x24, 0x1d80)).toBe(0x04);
    expect(library.laneExceptions(0x2a, 0x1e80)).toBe(0x02);
    expect(library.laneExceptions(0x2a, 0x1b80)).toBe(0x2a);
  });
});

/** An 80-bit number near 1 to 2^64, as significand and exponent. */
const number80 = fc
  .tuple(fc.bigInt(MSB, (1n << 64n) - 1n), fc.integer({ min: BIAS - 5, max: BIAS + 70 }))
  .map(([sig, exp]) => ({ sig, exp }));

describe("x87", () => {
  it("FBSTP writes the decimal digits and FBLD reads them back", () => {
    check(
      fc.property(fc.bigInt(-(10n ** 18n) + 1n, 10n ** 18n - 1n), (v) => {
        const loaded = x87("fild-m64", BigInt.asUintN(64, v));
        const bcd = x87("fbstp", loaded.r0, loaded.r0Exp);
        const digits = (v < 0n ? -v : v).toString().padStart(18, "0");
        expect(bcd.r0).toBe(BigInt(`0x${digits.slice(2)}`));
        expect(bcd.r0Exp).toBe(Number.parseInt(digits.slice(0, 2), 16) | (v < 0n ? 0x8000 : 0));
        const again = x87("fbld", bcd.r0, bcd.r0Exp);
        expect([again.r0, again.r0Exp]).toEqual([loaded.r0, loaded.r0Exp]);
      }),
    );
  });
  it("64-bit integers and doubles pass through a register unchanged", () => {
    check(
      fc.property(fc.bigInt(0n, (1n << 64n) - 1n), (v) => {
        const integer = x87("fild-m64", v);
        expect(x87("fistp-m64", integer.r0, integer.r0Exp)).toMatchObject({ r0: v, status: 0 });
        if (isNaN64(v)) return;
        const real = x87("fld-m64", v);
        expect(x87("fst-m64", real.r0, real.r0Exp)).toMatchObject({ r0: v, status: 0 });
      }),
    );
  });
  it.each(["fprem", "fprem1"])("%s, repeated until C2 clears, is the remainder", (name) => {
    const wide = fc
      .tuple(fc.bigInt(MSB, (1n << 64n) - 1n), fc.integer({ min: BIAS, max: BIAS + 300 }))
      .map(([sig, exp]) => ({ sig, exp }));
    check(
      fc.property(wide, number80, (a, b) => {
        let r = x87(name, a.sig, a.exp, b.sig, b.exp);
        for (let steps = 0; (r.status & C2) !== 0; steps++) {
          expect(steps).toBeLessThan(12);
          // Each step takes at least 32 binary digits off.
          r = x87(name, r.r0, r.r0Exp, b.sig, b.exp);
        }
        const unit = BIAS - 5;
        const A = a.sig << BigInt(a.exp - unit);
        const B = b.sig << BigInt(b.exp - unit);
        let q = A / B;
        let rest = A - q * B;
        const away = 2n * rest > B || (2n * rest === B && (q & 1n) === 1n);
        if (name === "fprem1" && away) {
          q++;
          rest -= B;
        }
        const magnitude = r.r0 << BigInt((r.r0Exp & 0x7fff) + 200 - unit);
        const got = r.r0Exp & 0x8000 ? -magnitude : magnitude;
        if (rest === 0n) expect(r.r0).toBe(0n);
        else expect(got).toBe(rest << 200n);
        const low = Number(q & 7n);
        const codes = (low & 4 ? C0 : 0) | (low & 2 ? C3 : 0) | (low & 1 ? C1 : 0);
        expect(r.status).toBe(codes);
      }),
    );
  });
  it("FXTRACT and FSCALE take a number apart and put it together", () => {
    check(
      fc.property(number80, fc.boolean(), (v, negative) => {
        const exp = v.exp | (negative ? 0x8000 : 0);
        const { r0, r0Exp, r1, r1Exp } = x87("fxtract", v.sig, exp);
        const whole = x87("fscale", r0, r0Exp, r1, r1Exp);
        expect([whole.r0, whole.r0Exp]).toEqual([v.sig, exp]);
      }),
    );
  });
  it("FSCALE beyond every exponent gives zero or infinity, masked or not", () => {
    const far = [0xc000000000000000n, BIAS + 16] as const;
    expect(x87("fscale", MSB, BIAS, ...far)).toMatchObject({ r0: MSB, r0Exp: 0x7fff });
    expect(x87("fscale", MSB, BIAS, far[0], far[1] | 0x8000)).toMatchObject({ r0: 0n, r0Exp: 0 });
    expect(x87("fscale", MSB, BIAS, ...far, 0x340)).toMatchObject({ r0: MSB, r0Exp: 0x7fff });
  });
});
