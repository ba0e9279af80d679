/** Every MMX instruction against a reference, from registers and memory. */
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { OPCODES } from "../src/tables/opcodes/index.ts";
import { FpuCore, OPERAND } from "./support/fpu-core.ts";
import { join, lanes, PACKED } from "./support/mmx-reference.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const RUNS = { numRuns: 200, seed: 1997 };
const ROWS = OPCODES.filter((row) => row.group === "mmx");

/** Values with lanes at the edges of their ranges, small counts, and random bits. */
const any = fc.bigInt(0n, (1n << 64n) - 1n);
const edges = (bits: number) =>
  fc
    .array(fc.constantFrom(0, 1, -1, 2 ** (bits - 1), 2 ** (bits - 1) - 1, 2 ** (bits - 1) + 1), {
      minLength: 64 / bits,
      maxLength: 64 / bits,
    })
    .map((values) => join(values, bits));
const value = fc.oneof(any, edges(8), edges(16), edges(32), fc.bigInt(0n, 70n));
const registers = fc.integer({ min: 0, max: 7 });

const hex = (n: number) => n.toString(16).padStart(2, "0");

/** Prefix and opcode of a row as code. */
function opcodeOf(row: (typeof ROWS)[number]): string {
  const map = { "0F": "0f", "0F38": "0f 38", "0F3A": "0f 3a" }[row.map as "0F"];
  const prefix = row.prefix === "NP" ? "" : `${row.prefix} `;
  return `${prefix}${map} ${hex(row.opcode)}`;
}

function opcode(mnemonic: string, operands: string): string {
  const row = ROWS.find((r) => r.mnemonic === mnemonic && r.operands.join(",") === operands);
  if (!row) throw new Error(`no row ${mnemonic} ${operands}`);
  return opcodeOf(row);
}

/** Registers that must hold ones above what was written, and TOP and tags of MMX state. */
function expectMmxState(written: number | undefined): void {
  const exponents = [1, 2, 3, 4, 5, 6, 7, 8];
  if (written !== undefined) exponents[written] = 0xffff;
  const got = exponents.map((_, n) => fpu.exponent(n));
  expect(`${fpu.top} ${fpu.tags} ${got}`).toBe(`0 255 ${exponents}`);
}

function fill(): void {
  fpu.top = 5;
  fpu.tags = 0x21;
  for (let n = 0; n < 8; n++) {
    fpu.setMmx(n, BigInt(n) * 0x0101010101010101n);
    fpu.setExponent(n, n + 1);
  }
}

describe("the table", () => {
  const others = ["MOVD", "MOVQ", "MOVNTQ", "MASKMOVQ", "MOVDQ2Q", "MOVQ2DQ", "EMMS"];
  const scalars = ["PSHUFW", "PINSRW", "PEXTRW", "PMOVMSKB", "PALIGNR"];
  it("has a reference or a test of its own for each instruction", () => {
    for (const { mnemonic } of ROWS) {
      const known =
        mnemonic in PACKED ||
        mnemonic.startsWith("CVT") ||
        others.includes(mnemonic) ||
        scalars.includes(mnemonic);
      expect([mnemonic, known]).toEqual([mnemonic, true]);
    }
  });
});

const binary = ROWS.filter((row) => /^Pq,Q[qd]$/.test(row.operands.join(",")));

describe("destination and source", () => {
  it.each(binary.map((row) => [row.mnemonic, row] as const))("%s", (mnemonic, row) => {
    const f = PACKED[mnemonic]!;
    const code = opcodeOf(row);
    fc.assert(
      fc.property(value, value, registers, registers, (a, b, p, q) => {
        fill();
        fpu.setMmx(p, a);
        if (p !== q) fpu.setMmx(q, b);
        const source = p === q ? a : b;
        fpu.run(`${code} ${hex(0xc0 | (p << 3) | q)}`);
        expect(fpu.mmx(p)).toBe(f(a, source));
        if (p !== q) expect(fpu.mmx(q)).toBe(b);
        expectMmxState(p);
        fill();
        fpu.setMmx(p, a);
        fpu.view().setBigUint64(0, b, true);
        fpu.run(`${code} ${hex((p << 3) | 3)}`);
        expect(fpu.mmx(p)).toBe(f(a, b));
        expectMmxState(p);
      }),
      RUNS,
    );
  });

  it.each(["PUNPCKLBW", "PUNPCKLWD", "PUNPCKLDQ"])("%s reads 32 bits of memory", (mnemonic) => {
    // The last 4 bytes before a page that is not mapped.
    fpu.cpu.setGpr(3, 0x3ffffffcn);
    expect(fpu.run(`${opcode(mnemonic, "Pq,Qd")} 03`).vector).toBe(-1);
  });
});

describe("shifts by an immediate", () => {
  const rows = ROWS.filter((row) => row.operands.join(",") === "Nq,Ib");
  it.each(rows.map((row) => [row.mnemonic, row] as const))("%s", (mnemonic, row) => {
    const f = PACKED[mnemonic]!;
    fc.assert(
      fc.property(value, registers, fc.integer({ min: 0, max: 255 }), (a, n, count) => {
        fill();
        fpu.setMmx(n, a);
        fpu.run(`${opcodeOf(row)} ${hex(0xc0 | (row.digit! << 3) | n)} ${hex(count)}`);
        expect(fpu.mmx(n)).toBe(f(a, BigInt(count)));
        expectMmxState(n);
      }),
      RUNS,
    );
  });
});

describe("words and bytes", () => {
  const imm = fc.integer({ min: 0, max: 255 });

  it("PSHUFW", () => {
    fc.assert(
      fc.property(value, imm, (b, order) => {
        fill();
        fpu.setMmx(1, b);
        fpu.run(`${opcode("PSHUFW", "Pq,Qq,Ib")} c1 ${hex(order)}`);
        const words = lanes(b, 16, false);
        const want = [0, 2, 4, 6].map((at) => words[(order >> at) & 3]!);
        expect(fpu.mmx(0)).toBe(join(want, 16));
        expectMmxState(0);
      }),
      RUNS,
    );
  });

  it("PINSRW from a register and from 16 bits of memory", () => {
    fc.assert(
      fc.property(value, any, imm, (a, word, place) => {
        const words = lanes(a, 16, false);
        words[place & 3] = Number(word & 0xffffn);
        for (const modrm of ["c1", "03"]) {
          fill();
          fpu.setMmx(0, a);
          fpu.cpu.setGpr(1, word);
          fpu.view().setBigUint64(0, word, true);
          fpu.run(`${opcode("PINSRW", "Pq,Ew,Ib")} ${modrm} ${hex(place)}`);
          expect(fpu.mmx(0)).toBe(join(words, 16));
          expectMmxState(0);
        }
      }),
      RUNS,
    );
  });

  it("PEXTRW and PMOVMSKB write 32 bits, zero-extended", () => {
    fc.assert(
      fc.property(value, imm, (a, place) => {
        fill();
        fpu.setMmx(1, a);
        fpu.cpu.setGpr(0, -1n);
        fpu.cpu.setGpr(2, -1n);
        const extract = opcode("PEXTRW", "Gd,Nq,Ib");
        fpu.run(`${extract} c1 ${hex(place)} ${opcode("PMOVMSKB", "Gd,Nq")} d1`);
        expect(fpu.cpu.gpr(0)).toBe(BigInt(lanes(a, 16, false)[place & 3]!));
        const signs = lanes(a, 8, false).map((byte, i) => (byte >> 7) << i);
        expect(fpu.cpu.gpr(2)).toBe(BigInt(signs.reduce((all, bit) => all | bit, 0)));
        expectMmxState(undefined);
      }),
      RUNS,
    );
  });

  it("PALIGNR", () => {
    fc.assert(
      fc.property(value, value, fc.integer({ min: 0, max: 20 }), (a, b, count) => {
        fill();
        fpu.setMmx(0, a);
        fpu.setMmx(1, b);
        fpu.run(`${opcode("PALIGNR", "Pq,Qq,Ib")} c1 ${hex(count)}`);
        const both = (a << 64n) | b;
        expect(fpu.mmx(0)).toBe(BigInt.asUintN(64, both >> BigInt(count * 8)));
        expectMmxState(0);
      }),
      RUNS,
    );
  });
});

describe("moves", () => {
  const view = () => fpu.view();

  it("MOVD and MOVQ between general and MMX registers and memory", () => {
    fc.assert(
      fc.property(any, (a) => {
        const low = a & 0xffffffffn;
        const forms: [string, bigint][] = [
          ["0f 6e c9", low],
          ["48 0f 6e c9", a],
          ["41 0f 6e c9", low],
          ["0f 6e 0b", low],
          ["48 0f 6e 0b", a],
          ["0f 6f 0b", a],
        ];
        for (const [code, want] of forms) {
          fill();
          fpu.cpu.setGpr(1, a);
          fpu.cpu.setGpr(9, a);
          view().setBigUint64(0, a, true);
          fpu.run(code);
          expect(fpu.mmx(1)).toBe(want);
          expectMmxState(1);
        }
      }),
      RUNS,
    );
  });

  it("MOVD and MOVQ to general registers and memory", () => {
    fc.assert(
      fc.property(any, (a) => {
        const low = a & 0xffffffffn;
        fill();
        fpu.setMmx(1, a);
        fpu.cpu.setGpr(1, -1n);
        fpu.run("0f 7e c9 48 0f 7e ca");
        expect(fpu.cpu.gpr(1)).toBe(low);
        expect(fpu.cpu.gpr(2)).toBe(a);
        expectMmxState(undefined);
        for (const [code, want] of [
          ["0f 7e 0b", low],
          ["48 0f 7e 0b", a],
          ["0f 7f 0b", a],
          ["0f e7 0b", a],
        ] as const) {
          fill();
          fpu.setMmx(1, a);
          view().setBigUint64(0, 0n, true);
          fpu.run(code);
          expect(view().getBigUint64(0, true)).toBe(want);
          expectMmxState(undefined);
        }
      }),
      RUNS,
    );
  });

  it("MOVQ writes the register that ModRM.rm names", () => {
    fill();
    fpu.run("0f 7f ca");
    expect(fpu.mmx(2)).toBe(fpu.mmx(1));
    expectMmxState(2);
  });

  it("MASKMOVQ stores the bytes whose mask is negative to DS:RDI", () => {
    fc.assert(
      fc.property(any, value, (data, mask) => {
        fill();
        fpu.setMmx(0, data);
        fpu.setMmx(1, mask);
        fpu.memory(OPERAND, 16).fill(0x55);
        fpu.cpu.setGpr(7, BigInt(OPERAND));
        fpu.run("0f f7 c1");
        const select = lanes(mask, 8, true);
        const want = lanes(data, 8, false).map((byte, i) => (select[i]! < 0 ? byte : 0x55));
        expect([...fpu.memory(OPERAND, 8)]).toEqual(want);
        expect(fpu.memory(OPERAND + 8, 8)).toEqual(new Uint8Array(8).fill(0x55));
        expectMmxState(undefined);
      }),
      RUNS,
    );
  });

  it("MASKMOVQ takes segment and address size from the prefixes", () => {
    fpu.setMmx(0, 0x1122334455667788n);
    fpu.setMmx(1, -1n & 0xffffffffffffffffn);
    fpu.cpu.setGpr(7, 0xabcd00000000n + BigInt(OPERAND));
    fpu.run("67 0f f7 c1");
    expect(view().getBigUint64(0, true)).toBe(0x1122334455667788n);
  });

  it("MOVDQ2Q and MOVQ2DQ", () => {
    fill();
    fpu.setXmm(3, 0x0123456789abcdefn, 0xfedcba9876543210n);
    fpu.run("f2 0f d6 d3");
    expect(fpu.mmx(2)).toBe(0x0123456789abcdefn);
    expectMmxState(2);
    fill();
    fpu.setXmm(4, 5n, 6n);
    fpu.run("f3 0f d6 e6");
    expect([fpu.xmm(4, 0), fpu.xmm(4, 1)]).toEqual([fpu.mmx(6), 0n]);
    expectMmxState(undefined);
    fpu.run("f3 44 0f d6 e6 f2 41 0f d6 fc");
    expect(fpu.xmm(12, 0)).toBe(fpu.mmx(6));
    expect(fpu.mmx(7)).toBe(fpu.mmx(6));
  });
});
