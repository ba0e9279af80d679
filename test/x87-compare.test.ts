/** x87 comparisons against JavaScript, and FXAM. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { C0, C1, C2, C3, type F80, FpuCore, IE, SIGNALING } from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const RUNS = { numRuns: 300, seed: 1980 };
const CODES = C0 | C2 | C3;
const i16 = fc.integer({ min: -0x8000, max: 0x7fff });
const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

describe("comparisons", () => {
  const relation = (a: number, b: number) =>
    Number.isNaN(a) || Number.isNaN(b) ? CODES : a < b ? C0 : a === b ? C3 : 0;
  const any = fc.oneof(
    fc.double(),
    fc.constantFrom(0, -0, 1, -1, Number.POSITIVE_INFINITY, Number.NaN),
  );

  it("FCOM, FUCOM and their popping forms", () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        const nan = Number.isNaN(a) || Number.isNaN(b);
        const forms: [string, number, boolean][] = [
          ["d8 d1", 2, false],
          ["d8 d9", 1, false],
          ["de d9", 0, false],
          ["dd e1", 2, true],
          ["dd e9", 1, true],
          ["da e9", 0, true],
        ];
        for (const [code, left, quiet] of forms) {
          fpu.stack(a, b);
          fpu.flags = C1;
          fpu.run(code);
          expect(fpu.flags).toBe(relation(a, b) | (nan && !quiet ? IE : 0));
          expect(fpu.contents()).toHaveLength(left);
        }
      }),
      RUNS,
    );
  });

  it("FCOMI and FUCOMI set ZF, PF and CF and clear the others", () => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        for (const [code, left] of [
          ["db f1", 2],
          ["df f1", 1],
          ["db e9", 2],
          ["df e9", 1],
        ] as const) {
          fpu.stack(a, b);
          fpu.flags = CODES | C1;
          fpu.cpu.core.exports.setFlagsWord(0x8d7);
          fpu.run(code);
          expect(fpu.cpu.core.exports.readFlags() & 0x8d5).toBe(relation(a, b) >> 8);
          expect(fpu.flags & (CODES | C1)).toBe(CODES);
          expect(fpu.contents()).toHaveLength(left);
        }
      }),
      RUNS,
    );
  });

  it("FCOM of memory, FICOM, FTST", () => {
    fc.assert(
      fc.property(any, fc.float(), any, i16, i32, (a, s, d, w, l) => {
        const view = fpu.view();
        const check = (code: string, b: number) => {
          fpu.stack(a);
          fpu.flags = 0;
          fpu.run(code);
          expect(fpu.flags & CODES).toBe(relation(a, b));
        };
        view.setFloat32(0, s, true);
        check("d8 13", s);
        check("d8 1b", s);
        view.setFloat64(0, d, true);
        check("dc 13", d);
        check("dc 1b", d);
        view.setInt16(0, w, true);
        check("de 13", w);
        check("de 1b", w);
        view.setInt32(0, l, true);
        check("da 13", l);
        check("da 1b", l);
        check("d9 e4", 0);
      }),
      RUNS,
    );
  });

  it("FUCOM minds signalling NaNs only", () => {
    fpu.stack(1, Number.NaN);
    fpu.run("dd e1");
    expect(fpu.flags).toBe(CODES);
    fpu.stack(1, SIGNALING);
    fpu.run("dd e1");
    expect(fpu.flags).toBe(CODES | IE);
  });

  it("FXAM tells the class and sign", () => {
    const classes: [F80 | number, number][] = [
      [{ sig: 1n, exp: 0x3fff }, 0],
      [Number.NaN, C0],
      [1, C2],
      [-1, C2 | C1],
      [Number.NEGATIVE_INFINITY, C2 | C0 | C1],
      [0, C3],
      [-0, C3 | C1],
      [{ sig: 1n, exp: 0 }, C3 | C2],
    ];
    for (const [value, codes] of classes) {
      fpu.stack(value);
      fpu.flags = 0;
      fpu.run("d9 e5");
      expect(fpu.flags).toBe(codes);
    }
  });
});
