/** PCMPISTRx and PCMPESTRx against the SDM's description, aggregation by aggregation. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encode, SseCore, sseRow } from "./support/sse-core.ts";
import { join, lanes } from "./support/sse-reference.ts";

let sse: SseCore;
beforeAll(async () => {
  sse = await SseCore.create();
});
beforeEach(() => sse.reset());

interface Outcome {
  /** IntRes2. */
  readonly bits: number;
  readonly flags: number;
  readonly count: number;
}

/** `la` and `lb` are the numbers of valid elements. */
function reference(a: bigint, b: bigint, la: number, lb: number, control: number): Outcome {
  const bits = (control & 1) !== 0 ? 16 : 8;
  const count = 128 / bits;
  const signed = (control & 2) !== 0;
  const [x, y] = [lanes(a, bits, signed), lanes(b, bits, signed)];
  const equal = (j: number, i: number) => x[j] === y[i];
  let result = 0;
  for (let i = 0; i < count; i++) {
    let hit = false;
    switch ((control >> 2) & 3) {
      case 0: // equal any: y[i] is one of x
        for (let j = 0; j < la; j++) hit ||= i < lb && equal(j, i);
        break;
      case 1: // ranges: pairs of bounds
        for (let j = 0; j + 1 < la; j += 2) hit ||= i < lb && x[j]! <= y[i]! && y[i]! <= x[j + 1]!;
        break;
      case 2: // equal each
        hit = i < la && i < lb ? equal(i, i) : i >= la && i >= lb;
        break;
      default: // equal ordered: x begins at i
        hit = true;
        for (let j = 0; j < la && i + j < count; j++) hit &&= i + j < lb && equal(j, i + j);
    }
    if (hit) result |= 1 << i;
  }
  const all = (1 << count) - 1;
  const polarity = (control >> 4) & 3;
  if (polarity === 1) result ^= all;
  else if (polarity === 3) result ^= (1 << lb) - 1;
  let flags = result === 0 ? 0 : 1;
  if (lb < count) flags |= 0x40;
  if (la < count) flags |= 0x80;
  if ((result & 1) !== 0) flags |= 0x800;
  return { bits: result, flags, count };
}

function index({ bits, count }: Outcome, highest: boolean): bigint {
  if (bits === 0) return BigInt(count);
  return BigInt(highest ? 31 - Math.clz32(bits) : 31 - Math.clz32(bits & -bits));
}

function mask({ bits, count }: Outcome, expand: boolean): bigint {
  if (!expand) return BigInt(bits);
  const ones = Array.from({ length: count }, (_, i) => ((bits >> i) & 1 ? -1n : 0n));
  return join(ones, 128 / count);
}

/** Elements before the first zero. */
function implicitLength(value: bigint, control: number): number {
  const all = lanes(value, (control & 1) !== 0 ? 16 : 8, false);
  const end = all.indexOf(0n);
  return end < 0 ? all.length : end;
}

const text = fc
  .array(fc.constantFrom(0n, 0x61n, 0x62n, 0x63n, 0x7fn, 0x80n, 0xffn), {
    minLength: 16,
    maxLength: 16,
  })
  .map((bytes) => join(bytes, 8));
const value = fc.oneof(text, fc.bigInt(0n, (1n << 128n) - 1n));
const RUNS = { numRuns: 1500, seed: 42 };

function check(outcome: Outcome, toIndex: boolean, control: number): void {
  const high = (control & 0x40) !== 0;
  if (toIndex) expect(sse.cpu.gpr(1)).toBe(index(outcome, high));
  else expect(sse.xmm(0)).toBe(mask(outcome, high));
  expect(sse.cpu.core.exports.readFlags() & 0x8d5).toBe(outcome.flags);
}

describe.each([
  ["PCMPISTRI", true],
  ["PCMPISTRM", false],
])("%s", (mnemonic, toIndex) => {
  it("ends its strings at zeros", () => {
    fc.assert(
      fc.property(value, value, fc.nat(127), (a, b, control) => {
        sse.cpu.setGpr(1, -1n);
        sse.binary(sseRow(mnemonic), a, b, false, control);
        const lengths = [implicitLength(a, control), implicitLength(b, control)] as const;
        check(reference(a, b, ...lengths, control), toIndex, control);
      }),
      RUNS,
    );
  });
});

describe.each([
  ["PCMPESTRI", true],
  ["PCMPESTRM", false],
])("%s", (mnemonic, toIndex) => {
  it("takes lengths from EAX and EDX, whose signs and excess do not matter", () => {
    const length = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.integer());
    fc.assert(
      fc.property(value, value, length, length, fc.nat(127), (a, b, la, lb, control) => {
        sse.cpu.setGpr(0, BigInt(la));
        sse.cpu.setGpr(2, BigInt(lb));
        sse.setXmm(1, a);
        sse.setXmm(2, b);
        sse.run(encode(sseRow(mnemonic), false, control));
        const count = (control & 1) !== 0 ? 8 : 16;
        const limit = (n: number) => Math.min(Math.abs(n), count);
        check(reference(a, b, limit(la), limit(lb), control), toIndex, control);
      }),
      RUNS,
    );
  });
});
