/** MMX and x87 state, undefined forms, conversions between MMX and XMM with their exceptions. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { STATE } from "../src/generated/state.ts";
import { CODE } from "./support/bare-core.ts";
import {
  B,
  C0,
  C1,
  ES,
  FpuCore,
  f80,
  IE,
  PE,
  VECTOR_GP,
  VECTOR_MF,
  VECTOR_NM,
  VECTOR_UD,
  VECTOR_XM,
} from "./support/fpu-core.ts";
import { join, lanes } from "./support/mmx-reference.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const RUNS = { numRuns: 300, seed: 1999 };
const CR0 = 0x80000033n;
const CR4 = 0x40620n;
const CR4_OSFXSR = 0x200n;
const CR4_OSXMMEXCPT = 0x400n;
const INDEFINITE = -0x80000000;

describe("x87 and MMX state", () => {
  it("an MMX register is the significand of the physical register of its number", () => {
    fpu.stack(1, 2, 3);
    fpu.flags = C0 | C1;
    // MOVQ mm6,mm5: ST(1), ST(0) of a stack with TOP 5.
    fpu.run("0f 6f f5");
    expect(fpu.mmx(6)).toBe(f80(1).sig);
    expect(fpu.exponent(6)).toBe(0xffff);
    expect(fpu.exponent(5)).toBe(0x3fff);
    expect(fpu.status).toBe(C0 | C1);
    expect(fpu.tags).toBe(0xff);
  });

  it("EMMS empties all registers and leaves TOP 0", () => {
    fpu.stack(1, 2);
    fpu.flags = C0 | PE;
    fpu.run("0f 77");
    expect(fpu.status).toBe(C0 | PE);
    expect(fpu.tags).toBe(0);
    expect(fpu.st(6)).toEqual(f80(1));
    fpu.run("d9 e8");
    expect(fpu.contents()).toEqual([f80(1)]);
  });

  it("x87 loads overflow until EMMS", () => {
    fpu.run("0f ef c0 d9 e8");
    expect(fpu.flags & 0x41).toBe(0x41);
  });

  it.each([
    ["66 EMMS", "66 0f 77"],
    ["F3 PADDB", "f3 0f fc c1"],
    ["F2 PADDB", "f2 0f fc c1"],
    ["LOCK PADDB", "f0 0f fc 03"],
    ["PSRLW of memory", "0f 71 13 01"],
    ["PSRLW /3", "0f 71 d9 01"],
    ["PSRAQ", "0f 73 e1 01"],
    ["PSRLDQ", "0f 73 d9 01"],
    ["PEXTRW of memory", "0f c5 03 01"],
    ["PMOVMSKB of memory", "0f d7 03"],
    ["MOVNTQ of a register", "0f e7 c1"],
    ["MASKMOVQ of memory", "0f f7 03"],
    ["MOVQ2DQ of memory", "f3 0f d6 03"],
    ["PUNPCKLQDQ", "0f 6c c1"],
  ])("%s is undefined", (_, code) => {
    expect(fpu.run(code)).toEqual({ vector: VECTOR_UD, error: 0, rip: BigInt(CODE) });
  });

  it("the upper registers of 64-bit mode do not exist here", () => {
    fpu.setMmx(1, 7n);
    fpu.run("4f 0f 6f c1");
    expect(fpu.mmx(0)).toBe(7n);
  });
});

/** A single-precision number as its bits. */
const single = (x: number) => new Uint32Array(new Float32Array([x]).buffer)[0]!;
const double = (x: number) => new BigUint64Array(new Float64Array([x]).buffer)[0]!;
const two = (low: number, high: number) => (BigInt(high) << 32n) | BigInt(low);

function nearestEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The integer that a conversion gives, and the exceptions it raises. */
function toInteger(x: number, truncate: boolean): { value: number; flags: number } {
  const value = truncate ? Math.trunc(x) : nearestEven(x);
  if (!(value >= -0x80000000 && value <= 0x7fffffff)) return { value: INDEFINITE, flags: IE };
  return { value, flags: value === x ? 0 : PE };
}

describe("conversions", () => {
  const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });
  const number = fc.oneof(
    fc.double({ min: -3e9, max: 3e9, noNaN: true }),
    fc.integer({ min: -4000, max: 4000 }).map((n) => n / 2),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 2147483647, 2147483648, -2147483648),
  );
  const MASKED = 0x1f80;

  it("CVTPI2PS and CVTPI2PD", () => {
    fc.assert(
      fc.property(i32, i32, (a, b) => {
        for (const form of ["c9", "0b"]) {
          fpu.reset();
          fpu.setMmx(1, join([a, b], 32));
          fpu.view().setBigUint64(0, join([a, b], 32), true);
          fpu.setXmm(1, 1n, 2n);
          fpu.run(`0f 2a ${form}`);
          expect(fpu.xmm(1, 0)).toBe(two(single(a), single(b)));
          expect(fpu.xmm(1, 1)).toBe(2n);
          const exact = Math.fround(a) === a && Math.fround(b) === b;
          expect(fpu.mxcsr).toBe(MASKED | (exact ? 0 : PE));
          fpu.run(`66 0f 2a ${form}`);
          expect([fpu.xmm(1, 0), fpu.xmm(1, 1)]).toEqual([double(a), double(b)]);
        }
      }),
      RUNS,
    );
  });

  it.each([
    ["CVTPS2PI", "0f 2d", false, false],
    ["CVTTPS2PI", "0f 2c", false, true],
    ["CVTPD2PI", "66 0f 2d", true, false],
    ["CVTTPD2PI", "66 0f 2c", true, true],
  ])("%s", (_, code, wide, truncate) => {
    fc.assert(
      fc.property(number, number, (x, y) => {
        const [a, b] = wide ? [x, y] : [Math.fround(x), Math.fround(y)];
        const parts = [toInteger(a, truncate), toInteger(b, truncate)];
        for (const form of ["d1", "13"]) {
          fpu.reset();
          const low = wide ? double(a) : two(single(a), single(b));
          const high = wide ? double(b) : 0n;
          fpu.setXmm(1, low, high);
          fpu.view().setBigUint64(0, low, true);
          fpu.view().setBigUint64(8, high, true);
          fpu.top = 3;
          fpu.run(`${code} ${form}`);
          expect(lanes(fpu.mmx(2), 32, true)).toEqual(parts.map(({ value }) => value + 0));
          expect(fpu.exponent(2)).toBe(0xffff);
          expect(fpu.mxcsr).toBe(MASKED | parts[0]!.flags | parts[1]!.flags);
          expect([fpu.top, fpu.tags]).toEqual([0, 0xff]);
        }
      }),
      RUNS,
    );
  });

  it("rounding follows MXCSR", () => {
    const want: [number, number[]][] = [
      [0x0000, [2, -2]],
      [0x2000, [2, -3]],
      [0x4000, [3, -2]],
      [0x6000, [2, -2]],
    ];
    for (const [rc, values] of want) {
      fpu.mxcsr = MASKED | rc;
      fpu.setXmm(0, two(single(2.5), single(-2.5)), 0n);
      fpu.run("0f 2d c8");
      expect(lanes(fpu.mmx(1), 32, true)).toEqual(values);
    }
  });

  it("an unmasked exception raises #XM after the transition, without a result", () => {
    fpu.stack(1, 2);
    fpu.mxcsr = 0x0f80;
    fpu.setXmm(0, two(single(0.5), single(1)), 0n);
    const old = fpu.mmx(6);
    expect(fpu.run("0f 2d f0").vector).toBe(VECTOR_XM);
    expect(fpu.mmx(6)).toBe(old);
    expect(fpu.mxcsr).toBe(0x0f80 | PE);
    expect([fpu.top, fpu.tags]).toEqual([0, 0xff]);
    fpu.setMmx(1, 0x7fffffffn);
    fpu.setXmm(0, 1n, 2n);
    expect(fpu.run("0f 2a c1").vector).toBe(VECTOR_XM);
    expect([fpu.xmm(0, 0), fpu.xmm(0, 1)]).toEqual([1n, 2n]);
  });

  it("without CR4.OSXMMEXCPT it raises #UD", () => {
    fpu.cpu.core.setState64(STATE.CR4, CR4 & ~CR4_OSXMMEXCPT);
    fpu.mxcsr = 0x0f80;
    fpu.setXmm(0, BigInt(single(0.5)), 0n);
    expect(fpu.run("0f 2d c8").vector).toBe(VECTOR_UD);
  });

  it("integers in memory make no transition and wait for no x87 exception", () => {
    fpu.stack(1, 2);
    fpu.control = 0x37e;
    fpu.flags = IE | ES | B;
    for (const code of ["0f 2a 03", "66 0f 2a 03"]) {
      expect(fpu.run(code).vector).toBe(-1);
      expect([fpu.top, fpu.tags]).toEqual([6, 0xc0]);
    }
  });

  const crossing = {
    "CVTPI2PS xmm,mm": "0f 2a c1",
    "CVTPI2PD xmm,mm": "66 0f 2a c1",
    "CVTPS2PI mm,m64": "0f 2d 03",
    "CVTTPD2PI mm,xmm": "66 0f 2c c1",
    MOVQ2DQ: "f3 0f d6 c1",
    MOVDQ2Q: "f2 0f d6 c1",
  };
  it.each(Object.entries(crossing))("%s waits, and needs the state of SSE", (_, code) => {
    const { core } = fpu.cpu;
    fpu.control = 0x37e;
    fpu.flags = IE | ES | B;
    const vector = () => fpu.run(code).vector;
    expect(vector()).toBe(VECTOR_MF);
    core.setState64(STATE.CR0, CR0 | 8n);
    expect(vector()).toBe(VECTOR_NM);
    core.setState64(STATE.CR0, CR0 | 12n);
    expect(vector()).toBe(VECTOR_UD);
    core.setState64(STATE.CR0, CR0);
    core.setState64(STATE.CR4, CR4 & ~CR4_OSFXSR);
    expect(vector()).toBe(VECTOR_UD);
  });

  it("MMX instructions do not need the state of SSE", () => {
    fpu.cpu.core.setState64(STATE.CR4, CR4 & ~CR4_OSFXSR);
    expect(fpu.run("0f 70 c1 1b 0f f6 c1 0f d4 c1 0f 38 00 c1").vector).toBe(-1);
  });

  it("CVTPD2PI needs an aligned operand", () => {
    const before = fpu.snapshot();
    expect(fpu.run("66 0f 2d 43 08").vector).toBe(VECTOR_GP);
    expect(fpu.snapshot()).toEqual(before);
  });
});
