/** SSE instructions on integers, shuffles and logic, against references on BigInts. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encode, SseCore, sseRow } from "./support/sse-core.ts";
import { join, lanes, PACKED, WITH_IMMEDIATE } from "./support/sse-reference.ts";

let sse: SseCore;
beforeAll(async () => {
  sse = await SseCore.create();
});
beforeEach(() => sse.reset());

const RUNS = { numRuns: 150, seed: 1999 };
const edges = (bits: number) =>
  fc
    .array(fc.constantFrom(0n, 1n, -1n, 1n << BigInt(bits - 1), (1n << BigInt(bits - 1)) - 1n), {
      minLength: 128 / bits,
      maxLength: 128 / bits,
    })
    .map((values) => join(values, bits));
const any = fc.bigInt(0n, (1n << 128n) - 1n);
const value = fc.oneof(any, edges(8), edges(16), edges(32), edges(64), fc.bigInt(0n, 70n));
const byte = fc.integer({ min: 0, max: 255 });
const FIRST = /^[V]/;

describe.each(Object.entries(PACKED))("%s", (mnemonic, reference) => {
  it("computes its lanes, from a register and from memory", () => {
    const row = sseRow(mnemonic, FIRST);
    fc.assert(
      fc.property(value, value, fc.boolean(), (a, b, memory) => {
        expect(sse.binary(row, a, b, memory)).toBe(reference(a, b));
      }),
      RUNS,
    );
  });
});

describe.each(Object.entries(WITH_IMMEDIATE))("%s", (mnemonic, reference) => {
  it("computes its lanes for every immediate, from a register and from memory", () => {
    const row = sseRow(mnemonic, FIRST);
    fc.assert(
      fc.property(value, value, byte, fc.boolean(), (a, b, immediate, memory) => {
        // A memory operand of INSERTPS is one single: its place in the immediate means nothing.
        const used = mnemonic === "INSERTPS" && memory ? immediate & 0x3f : immediate;
        expect(sse.binary(row, a, b, memory, immediate)).toBe(reference(a, b, used));
      }),
      { ...RUNS, numRuns: 600 },
    );
  });
});

describe.each([
  ["PSRLDQ", (a: bigint, n: bigint) => a >> (8n * n)],
  ["PSLLDQ", (a: bigint, n: bigint) => BigInt.asUintN(128, a << (8n * n))],
] as const)("%s", (mnemonic, reference) => {
  it("shifts by bytes, and all of them out from 16 on", () => {
    const row = sseRow(mnemonic);
    fc.assert(
      fc.property(any, byte, (a, immediate) => {
        sse.setXmm(2, a);
        sse.run(encode(row, false, immediate));
        expect(sse.xmm(2)).toBe(reference(a, BigInt(Math.min(immediate, 16))));
      }),
      RUNS,
    );
  });
});

describe.each([
  ["PSRLW", "PSRLW", 16],
  ["PSRLD", "PSRLD", 32],
  ["PSRLQ", "PSRLQ", 64],
  ["PSLLW", "PSLLW", 16],
  ["PSLLD", "PSLLD", 32],
  ["PSLLQ", "PSLLQ", 64],
  ["PSRAW", "PSRAW", 16],
  ["PSRAD", "PSRAD", 32],
] as const)("%s by an immediate", (mnemonic, by, _bits) => {
  it("does what it does by a register", () => {
    const row = sseRow(mnemonic, /^U/);
    fc.assert(
      fc.property(value, byte, (a, immediate) => {
        sse.setXmm(2, a);
        sse.run(encode(row, false, immediate));
        expect(sse.xmm(2)).toBe(PACKED[by]!(a, BigInt(immediate)));
      }),
      RUNS,
    );
  });
});

describe.each([
  ["BLENDVPS", 32],
  ["BLENDVPD", 64],
  ["PBLENDVB", 8],
] as const)("%s", (mnemonic, bits) => {
  it("chooses by the signs in XMM0", () => {
    const row = sseRow(mnemonic);
    fc.assert(
      fc.property(value, value, value, (a, b, mask) => {
        sse.setXmm(0, mask);
        const signs = lanes(mask, bits, true);
        const [x, y] = [lanes(a, bits, false), lanes(b, bits, false)];
        const expected = join(
          x.map((lane, i) => (signs[i]! < 0n ? y[i]! : lane)),
          bits,
        );
        expect(sse.binary(row, a, b, false)).toBe(expected);
      }),
      RUNS,
    );
  });
});

describe("between XMM and general registers", () => {
  it.each([
    ["MOVMSKPS", 32],
    ["MOVMSKPD", 64],
    ["PMOVMSKB", 8],
  ] as const)("%s collects the signs and clears the rest", (mnemonic, bits) => {
    const row = sseRow(mnemonic);
    fc.assert(
      fc.property(value, (a) => {
        sse.setXmm(2, a);
        sse.cpu.setGpr(1, -1n);
        sse.run(encode(row, false));
        const signs = lanes(a, bits, true).map((lane): bigint => (lane < 0n ? 1n : 0n));
        expect(sse.cpu.gpr(1)).toBe(signs.reduceRight((all: bigint, s) => (all << 1n) | s, 0n));
      }),
      RUNS,
    );
  });

  it.each([
    ["PEXTRB", 8, 15],
    ["PEXTRW", 16, 7],
    ["PEXTRD", 32, 3],
  ] as const)(
    "%s takes the lane that its immediate names, zero-extended",
    (mnemonic, bits, mask) => {
      const row = sseRow(mnemonic, /^[RGE]/);
      fc.assert(
        fc.property(any, byte, (a, immediate) => {
          // PEXTRW of SSE2 has the vector in ModRM.rm, the others in ModRM.reg.
          const destination = row.operands[0]!.startsWith("G") ? 1 : 2;
          sse.setXmm(3 - destination, a);
          sse.cpu.setGpr(destination, -1n);
          sse.run(encode(row, false, immediate));
          expect(sse.cpu.gpr(destination)).toBe(lanes(a, bits, false)[immediate & mask]!);
        }),
        RUNS,
      );
    },
  );

  it.each([
    ["PINSRB", 8, 15],
    ["PINSRW", 16, 7],
    ["PINSRD", 32, 3],
  ] as const)("%s replaces the lane that its immediate names", (mnemonic, bits, mask) => {
    const row = sseRow(mnemonic);
    fc.assert(
      fc.property(any, fc.bigInt(0n, (1n << 64n) - 1n), byte, (a, b, immediate) => {
        sse.setXmm(1, a);
        sse.cpu.setGpr(2, b);
        sse.run(encode(row, false, immediate));
        const expected = lanes(a, bits, false);
        expected[immediate & mask] = b;
        expect(sse.xmm(1)).toBe(join(expected, bits));
      }),
      RUNS,
    );
  });

  it("PTEST sets ZF and CF alone", () => {
    const row = sseRow("PTEST");
    fc.assert(
      fc.property(value, value, (a, b) => {
        sse.cpu.core.exports.setFlagsWord(0x8d5);
        sse.binary(row, a, b, false);
        const zero = (a & b) === 0n ? 0x40 : 0;
        const carry = PACKED.PANDN!(a, b) === 0n ? 1 : 0;
        expect(sse.cpu.core.exports.readFlags() & 0x8d5).toBe(zero | carry);
      }),
      RUNS,
    );
  });

  it("MOVD and MOVQ clear what lies above", () => {
    sse.setXmm(1, -1n);
    sse.cpu.setGpr(2, 0x123456789abcdef0n);
    sse.run([0x66, 0x0f, 0x6e, 0xca]);
    expect(sse.xmm(1)).toBe(0x9abcdef0n);
    sse.run([0x66, 0x48, 0x0f, 0x6e, 0xca]);
    expect(sse.xmm(1)).toBe(0x123456789abcdef0n);
  });
});
