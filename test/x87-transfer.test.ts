/** x87 loads and stores of all formats against JavaScript. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { C1, FpuCore, f80, IE, PE } from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const RUNS = { numRuns: 300, seed: 1980 };
const i16 = fc.integer({ min: -0x8000, max: 0x7fff });
const i32 = fc.integer({ min: -0x80000000, max: 0x7fffffff });

describe("loads and stores", () => {
  it("FLD and FSTP of the three float formats are exact", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.float({ noNaN: true }), (d, s) => {
        const view = fpu.view();
        fpu.stack();
        view.setFloat64(0, d, true);
        view.setFloat32(8, s, true);
        // FLD m64; FSTP m64; FLD m32; FSTP m32; FLD m64; FSTP m80; FLD m80
        fpu.run("dd 03 dd 5b 10 d9 43 08 d9 5b 18 dd 03 db 7b 20 db 6b 20");
        expect(view.getFloat64(16, true)).toBe(d);
        expect(view.getFloat32(24, true)).toBe(s);
        expect(fpu.contents()).toEqual([f80(d)]);
      }),
      RUNS,
    );
  });

  it("FST m32 rounds as Math.fround does", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (d) => {
        fpu.stack(d);
        fpu.run("d9 13");
        expect(fpu.view().getFloat32(0, true)).toBe(Math.fround(d));
        expect(fpu.contents()).toHaveLength(1);
      }),
      RUNS,
    );
  });

  it("FILD and FISTP of 16, 32 and 64 bits", () => {
    const wide = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    fc.assert(
      fc.property(i16, i32, wide, (w, l, q) => {
        const view = fpu.view();
        fpu.stack();
        view.setInt16(0, w, true);
        view.setInt32(8, l, true);
        view.setBigInt64(16, q, true);
        fpu.run("df 03 db 43 08 df 6b 10 df 7b 30 db 5b 28 df 5b 20");
        expect(view.getInt16(32, true)).toBe(w);
        expect(view.getInt32(40, true)).toBe(l);
        expect(view.getBigInt64(48, true)).toBe(q);
        expect(fpu.flags).toBe(0);
      }),
      RUNS,
    );
  });

  it("FIST rounds by the rounding control, FISTTP truncates whatever it says", () => {
    const values = [0.5, 1.5, 2.5, -0.5, -1.5, 1.25, -1.75, 30000.5];
    const round = [
      (x: number) => {
        const floor = Math.floor(x);
        if (x - floor !== 0.5) return Math.round(x);
        return floor % 2 === 0 ? floor : floor + 1;
      },
      Math.floor,
      Math.ceil,
      Math.trunc,
    ];
    round.forEach((f, rc) => {
      for (const x of values) {
        fpu.stack(x);
        fpu.control = 0x37f | (rc << 10);
        fpu.run("df 13 db 53 08 df 4b 10");
        expect(fpu.view().getInt16(0, true)).toBe(f(x) + 0);
        expect(fpu.view().getInt32(8, true)).toBe(f(x) + 0);
        expect(fpu.view().getInt16(16, true)).toBe(Math.trunc(x) + 0);
        expect(fpu.flags & ~C1).toBe(PE);
      }
    });
  });

  it.each([
    ["FIST m16", "df 13", 32767.5, "0080"],
    ["FIST m32", "db 13", 2147483648, "00000080"],
    ["FISTP m64", "df 3b", 2 ** 63, "0000000000000080"],
    ["FISTTP m16", "df 0b", -32769, "0080"],
    ["FIST m16", "df 13", Number.NEGATIVE_INFINITY, "0080"],
  ])("%s of what does not fit gives the indefinite", (_, code, value, bytes) => {
    fpu.stack(value);
    fpu.run(code);
    expect(Buffer.from(fpu.memory(0x20000, bytes.length / 2)).toString("hex")).toBe(bytes);
    expect(fpu.flags).toBe(IE);
  });

  it("FBLD and FBSTP carry 18 decimal digits", () => {
    const limit = 10n ** 18n - 1n;
    fc.assert(
      fc.property(fc.bigInt({ min: -limit, max: limit }), (n) => {
        const magnitude = n < 0n ? -n : n;
        const image = BigInt(`0x${magnitude}`) | (n < 0n ? 1n << 79n : 0n);
        const view = fpu.view();
        view.setBigUint64(0, image & 0xffffffffffffffffn, true);
        view.setUint16(8, Number(image >> 64n), true);
        fpu.stack();
        // FBLD; FLD ST(0); FBSTP [RBX+16]; FISTP m64 [RBX+32]
        fpu.run("df 23 d9 c0 df 73 10 df 7b 20");
        expect(fpu.memory(0x20010, 10)).toEqual(fpu.memory(0x20000, 10));
        expect(view.getBigInt64(32, true)).toBe(n);
      }),
      RUNS,
    );
  });
});
