/**
 * x87 arithmetic in all its forms against JavaScript. With precision
 * control at 53 bits and operands whose results stay in the range of normal doubles, the x87 gives
 * exactly what JavaScript does.
 */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { C0, C1, C2, C3, FpuCore, f80, IE, PE, ZE } from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const DOUBLE_PRECISION = 0x27f;
const RUNS = { numRuns: 300, seed: 1980 };
const CODES = C0 | C2 | C3;

/** Doubles between 2^-200 and 2^200 in magnitude. */
const moderate = fc
  .record({
    fraction: fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }),
    exponent: fc.integer({ min: -200, max: 200 }),
    negative: fc.boolean(),
  })
  .map(({ fraction, exponent, negative }) => (negative ? -1 : 1) * fraction * 2 ** exponent);
const single = fc.float({
  min: Math.fround(2 ** -100),
  max: Math.fround(2 ** 100),
  noNaN: true,
  noDefaultInfinity: true,
});
const i16 = fc.integer({ min: -0x8000, max: 0x7fff });
const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

const compute: Record<string, (a: number, b: number) => number> = {
  ADD: (a, b) => a + b,
  MUL: (a, b) => a * b,
  SUB: (a, b) => a - b,
  SUBR: (a, b) => b - a,
  DIV: (a, b) => a / b,
  DIVR: (a, b) => b / a,
};
/** ModRM.reg of each operation, and that of its form with the destination ST(i). */
const DIGITS: Record<string, [number, number]> = {
  ADD: [0, 0],
  MUL: [1, 1],
  SUB: [4, 5],
  SUBR: [5, 4],
  DIV: [6, 7],
  DIVR: [7, 6],
};
const hex = (n: number) => n.toString(16).padStart(2, "0");
const names = Object.keys(compute);

describe("FADD, FMUL, FSUB, FSUBR, FDIV, FDIVR", () => {
  it.each(names)("F%s of registers", (name) => {
    const [plain, mirrored] = DIGITS[name]!;
    fc.assert(
      fc.property(moderate, moderate, fc.integer({ min: 1, max: 7 }), (a, b, i) => {
        const stack = [a, ...new Array<number>(6).fill(9), 9];
        stack[i] = b;
        const f = compute[name]!;
        fpu.stack(...stack);
        fpu.control = DOUBLE_PRECISION;
        fpu.run(`d8 ${hex(0xc0 | (plain << 3) | i)}`);
        expect(fpu.st(0)).toEqual(f80(f(a, b)));
        expect(fpu.st(i)).toEqual(f80(b));
        fpu.stack(...stack);
        fpu.run(`dc ${hex(0xc0 | (mirrored << 3) | i)}`);
        expect(fpu.st(0)).toEqual(f80(a));
        expect(fpu.st(i)).toEqual(f80(f(b, a)));
        fpu.stack(...stack);
        fpu.run(`de ${hex(0xc0 | (mirrored << 3) | i)}`);
        expect(fpu.st(i - 1)).toEqual(f80(f(b, a)));
        expect(fpu.contents()).toHaveLength(7);
      }),
      RUNS,
    );
  });

  it.each(names)("F%s of memory", (name) => {
    const modrm = hex((DIGITS[name]![0] << 3) | 3);
    const f = compute[name]!;
    fc.assert(
      fc.property(moderate, single, moderate, i16, i32, (a, s, d, w, l) => {
        const view = fpu.view();
        const check = (opcode: string, b: number) => {
          fpu.stack(a);
          fpu.flags = 0;
          fpu.control = DOUBLE_PRECISION;
          fpu.run(`${opcode} ${modrm}`);
          const byZero = b === 0 && name === "DIV";
          expect(fpu.flags & ~(PE | C1)).toBe(byZero ? ZE : 0);
          expect(fpu.contents()).toEqual([f80(f(a, b))]);
        };
        view.setFloat32(0, s, true);
        check("d8", s);
        view.setFloat64(0, d, true);
        check("dc", d);
        view.setInt16(0, w, true);
        check("de", w);
        view.setInt32(0, l, true);
        check("da", l);
      }),
      RUNS,
    );
  });

  it("precision control rounds to 24, 53 and 64 bits", () => {
    const third = [0xaaaaab0000000000n, 0xaaaaaaaaaaaaa800n, 0xaaaaaaaaaaaaaaabn];
    [0x07f, 0x27f, 0x37f].forEach((control, i) => {
      fpu.stack(1, 3);
      fpu.control = control;
      fpu.run("d8 f1");
      expect(fpu.st(0).sig).toBe(third[i]);
    });
  });

  it("rounding control chooses the neighbour, C1 tells that it is the larger", () => {
    const [down, up] = [0xaaaaaaaaaaaaaaaan, 0xaaaaaaaaaaaaaaabn];
    const want: [number, bigint, number][] = [
      [0x37f, up, C1],
      [0x77f, down, 0],
      [0xb7f, up, C1],
      [0xf7f, down, 0],
    ];
    for (const [control, sig, c1] of want) {
      fpu.stack(1, 3);
      fpu.flags = 0;
      fpu.control = control;
      fpu.run("d8 f1");
      expect(fpu.st(0).sig).toBe(sig);
      expect(fpu.flags).toBe(PE | c1);
    }
  });
});

describe("operations on the top of the stack", () => {
  it("FCHS, FABS, FSQRT, FRNDINT", () => {
    fc.assert(
      fc.property(moderate, (a) => {
        const unary = (code: string) => {
          fpu.stack(a);
          fpu.control = DOUBLE_PRECISION;
          fpu.run(code);
          return fpu.st(0);
        };
        expect(unary("d9 e0")).toEqual(f80(-a));
        expect(unary("d9 e1")).toEqual(f80(Math.abs(a)));
        if (a > 0) expect(unary("d9 fa")).toEqual(f80(Math.sqrt(a)));
        const truncated = Math.trunc(a);
        fpu.stack(a);
        fpu.control = 0xf7f;
        fpu.run("d9 fc");
        expect(fpu.st(0)).toEqual(f80(truncated === 0 && a < 0 ? -0 : truncated));
      }),
      RUNS,
    );
  });

  it("FXTRACT and FSCALE take a number apart and put it together", () => {
    fc.assert(
      fc.property(moderate, (a) => {
        fpu.stack(a);
        fpu.run("d9 f4");
        const exponent = Math.floor(Math.log2(Math.abs(a)));
        const parts = fpu.contents();
        expect([exponent - 1, exponent, exponent + 1].map(f80)).toContainEqual(parts[1]);
        expect(parts[0]!.exp & 0x7fff).toBe(0x3fff);
        fpu.run("d9 fd dd d9");
        expect(fpu.contents()).toEqual([f80(a)]);
      }),
      RUNS,
    );
  });

  it("FPREM reduces in steps, C2 telling of more, and gives the low bits of the quotient", () => {
    fc.assert(
      fc.property(moderate, moderate, (a, b) => {
        fpu.stack(a, b);
        // again: FPREM; FNSTSW AX; TEST AH,4; JNZ again
        fpu.run("d9 f8 df e0 f6 c4 04 75 f7");
        expect(fpu.st(0)).toEqual(f80(a % b));
        // All bits of moderate numbers lie above 2^-252.
        const scaled = (x: number) => BigInt(Math.abs(x) * 2 ** 252);
        const low = Number((scaled(a) / scaled(b)) & 7n);
        const codes = (low & 4 ? C0 : 0) | (low & 2 ? C3 : 0) | (low & 1 ? C1 : 0);
        expect(fpu.flags & (CODES | C1)).toBe(codes);
      }),
      RUNS,
    );
  });

  it("FPREM1 rounds the quotient to nearest", () => {
    fpu.stack(7, 4);
    fpu.run("d9 f5");
    expect(fpu.st(0)).toEqual(f80(-1));
    expect(fpu.flags).toBe(C3);
  });

  it("an invalid remainder keeps C0 and C3", () => {
    fpu.stack(1, 0);
    fpu.flags = CODES | C1;
    fpu.run("d9 f8");
    expect(fpu.flags).toBe(IE | C0 | C3);
  });
});

describe("transcendental functions", () => {
  const value = () => {
    const { sig, exp } = fpu.st(0);
    return (exp & 0x8000 ? -1 : 1) * Number(sig) * 2 ** ((exp & 0x7fff) - 0x3fff - 63);
  };
  const angle = fc.double({ min: -1000, max: 1000, noNaN: true });
  const close = (got: number, want: number) =>
    expect(Math.abs(got - want)).toBeLessThanOrEqual(Math.abs(want) * 1e-13 + 1e-15);

  it("FSIN, FCOS, FSINCOS, FPTAN", () => {
    fc.assert(
      fc.property(angle, (a) => {
        fpu.stack(a);
        fpu.run("d9 fe");
        close(value(), Math.sin(a));
        fpu.stack(a);
        fpu.run("d9 ff");
        close(value(), Math.cos(a));
        fpu.stack(a);
        fpu.run("d9 fb");
        close(value(), Math.cos(a));
        fpu.run("dd d8");
        close(value(), Math.sin(a));
        if (Math.abs(Math.cos(a)) < 1e-3) return;
        fpu.stack(a);
        fpu.run("d9 f2");
        expect(fpu.contents()[0]).toEqual(f80(1));
        fpu.run("dd d8");
        close(value(), Math.tan(a));
      }),
      RUNS,
    );
  });

  it.each([
    ["FSIN", "d9 fe"],
    ["FCOS", "d9 ff"],
    ["FSINCOS", "d9 fb"],
    ["FPTAN", "d9 f2"],
  ])("%s leaves an operand of 2^63 and sets C2", (_, code) => {
    fpu.stack(2 ** 63);
    fpu.run(code);
    expect(fpu.contents()).toEqual([f80(2 ** 63)]);
    expect(fpu.flags).toBe(C2);
  });

  it("F2XM1, FYL2X, FYL2XP1, FPATAN", () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), moderate, (x, y) => {
        fpu.stack(x);
        fpu.run("d9 f0");
        close(value(), Math.expm1(x * Math.LN2));
        fpu.stack(Math.abs(y), 2);
        fpu.run("d9 f1");
        close(value(), 2 * Math.log2(Math.abs(y)));
        fpu.stack(x / 4, 3);
        fpu.run("d9 f9");
        close(value(), (3 * Math.log1p(x / 4)) / Math.LN2);
        fpu.stack(x, 1);
        fpu.run("d9 f3");
        close(value(), Math.atan2(1, x));
        expect(fpu.contents()).toHaveLength(1);
      }),
      RUNS,
    );
  });
});
