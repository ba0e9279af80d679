/** RCPSS and RSQRTSS: every table entry of the hardware follows from the rule, in exact integers. */
import { beforeAll, expect, it } from "vitest";
import { type FpuLibrary, openLibrary } from "./library.ts";
import { record } from "./records.ts";

const RCPSS = 176;
const RSQRTSS = 177;

let library: FpuLibrary;
beforeAll(async () => {
  library = await openLibrary();
}, 60_000);

function run(op: number, bits: number): number {
  const r = library.runOne(record(op, 0x1f80, BigInt(bits)));
  expect(r.status).toBe(0x1f80);
  return Number(r.r0);
}

const word = new DataView(new ArrayBuffer(4));
function float(bits: number): number {
  word.setUint32(0, bits);
  return word.getFloat32(0);
}

it("RCPSS gives 1 / 1.yyyyyyyyyyy1 rounded to 12 bits", () => {
  for (let i = 0; i < 2048; i++) {
    // 2 / (1 + (2i + 1) / 4096) in units of 2^-12, rounded by adding a half.
    const d = 4096 + 2 * i + 1;
    const units = Math.floor((2 * 8192 * 4096 + d) / (2 * d));
    const low = (i * 0x9e37) & 0xfff;
    const bits = 0x3f800000 | (i << 12) | low;
    expect(run(RCPSS, bits)).toBe(0x3f000000 + ((units - 4096) << 11));
    expect(Math.abs(float(run(RCPSS, bits)) * float(bits) - 1)).toBeLessThan(1.5 * 2 ** -12);
  }
});

it("RSQRTSS gives 1 / sqrt(1.yyyyyyyyyy1) rounded to 12 bits", () => {
  for (const exp of [0x7f, 0x80]) {
    for (let i = 0; i < 1024; i++) {
      const bits = (exp << 23) | (i << 13) | ((i * 0x9e37) & 0x1fff);
      const got = run(RSQRTSS, bits);
      expect(got & 0x7ff).toBe(0);
      // Nearest: the squares of the points half a unit away enclose the middle's inverse.
      const d = BigInt(2048 + 2 * i + 1) * (exp === 0x80 ? 2n : 1n);
      const units = BigInt(((got & 0x7fffff) >> 11) + 4096);
      const square = (v: bigint) => v * v * d;
      const target = 4n * 4n * 4096n * 4096n * 2048n;
      expect(square(2n * units - 1n) < target && target < square(2n * units + 1n)).toBe(true);
      expect(got >> 23).toBe(0x7e);
      expect(Math.abs(float(got) * Math.sqrt(float(bits)) - 1)).toBeLessThan(1.5 * 2 ** -12);
    }
  }
});

it("special operands", () => {
  const rows: readonly (readonly [number, number, number])[] = [
    [0, 0x7f800000, 0x7f800000],
    [0x80000000, 0xff800000, 0xff800000],
    [0x00000001, 0x7f800000, 0x7f800000],
    [0x807fffff, 0xff800000, 0xff800000],
    [0x7f800000, 0, 0],
    [0xff800000, 0x80000000, 0xffc00000],
    [0x7f800001, 0x7fc00001, 0x7fc00001],
    [0xffc00123, 0xffc00123, 0xffc00123],
    [0xbf800000, 0xbf7ff000, 0xffc00000],
    [0x7f7fffff, 0, 0x1f800800],
  ];
  for (const [a, rcp, rsqrt] of rows) {
    expect(run(RCPSS, a), a.toString(16)).toBe(rcp);
    expect(run(RSQRTSS, a), a.toString(16)).toBe(rsqrt);
  }
});
