/** FNSTENV, FLDENV, FNSAVE, FRSTOR in their four formats; FXSAVE and FXRSTOR of the same state. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { STATE } from "../src/generated/state.ts";
import { CODE, DATA } from "./support/bare-core.ts";
import {
  B,
  C0,
  C3,
  DENORMAL,
  ES,
  FpuCore,
  f80,
  IE,
  INDEFINITE,
  INFINITY,
  PE,
  SIGNALING,
  VECTOR_MF,
  ZE,
} from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const FIP = 0x1234567812345678n;
const FDP = 0x89abcdef9abcdef0n;
const FOP = 0x7a5;

function setPointers(): void {
  const { core } = fpu.cpu;
  core.setState64(STATE.FIP, FIP);
  core.setState64(STATE.FDP, FDP);
  core.setState32(STATE.FOP, FOP);
}

/** Code of 16 or 32 bits outside 64-bit mode; paging stays off. */
function legacyMode(size: 16 | 32, mode: "protected" | "real" | "virtual-8086"): void {
  const { core } = fpu.cpu;
  core.setState64(STATE.EFER, 0n);
  core.setState64(STATE.CR0, mode === "real" ? 0x32n : 0x33n);
  for (let i = 0; i < 6; i++) {
    const data = i === 1 ? 0x9b : 0x93;
    const access = mode === "virtual-8086" ? 0xf3 : data;
    core.setState32(STATE.SEG_ACCESS + i * 4, access | (size === 32 ? 0xc000 : 0x8000));
  }
  if (mode === "virtual-8086") {
    core.setState32(STATE.CPL, 3);
    core.exports.setFlagsWord(0x20002);
  }
}

/** Prefix that makes the operand size `wanted` in code of `size` bits. */
const operandSize = (size: number, wanted: number) => (size === wanted ? "" : "66 ");
/** ModRM for [EBX] in 16-bit code. */
const addressSize = (size: number) => (size === 32 ? "" : "67 ");

function words(at: number, count: number): number[] {
  const view = new DataView(fpu.memory(at, count * 2).slice().buffer);
  return Array.from({ length: count }, (_, i) => view.getUint16(i * 2, true));
}

function dwords(at: number, count: number): number[] {
  const view = new DataView(fpu.memory(at, count * 4).slice().buffer);
  return Array.from({ length: count }, (_, i) => view.getUint32(i * 4, true));
}

describe("the environment", () => {
  const STATUS = C3 | PE;
  const STATUS_WORD = STATUS | (6 << 11);
  const TAGS = 0x0fff;
  /** In mode, code size, operand size: the words or dwords of the image. */
  const formats: ["protected" | "real" | "virtual-8086", 16 | 32, 16 | 32, number[]][] = [
    [
      "protected",
      32,
      32,
      [
        0xffff0f7f,
        0xffff0000 + STATUS_WORD,
        0xffff0000 + TAGS,
        0x12345678,
        0x07a50000,
        0x9abcdef0,
        0xffff0000,
      ],
    ],
    ["protected", 32, 16, [0x0f7f, STATUS_WORD, TAGS, 0x5678, 0, 0xdef0, 0]],
    ["protected", 16, 16, [0x0f7f, STATUS_WORD, TAGS, 0x5678, 0, 0xdef0, 0]],
    [
      "real",
      16,
      32,
      [
        0xffff0f7f,
        0xffff0000 + STATUS_WORD,
        0xffff0000 + TAGS,
        0xffff5678,
        0x012347a5,
        0xffffdef0,
        0x09abc000,
      ],
    ],
    ["real", 16, 16, [0x0f7f, STATUS_WORD, TAGS, 0x5678, 0x47a5, 0xdef0, 0xc000]],
    ["virtual-8086", 16, 16, [0x0f7f, STATUS_WORD, TAGS, 0x5678, 0x47a5, 0xdef0, 0xc000]],
  ];

  it.each(formats)(
    "FNSTENV in %s mode, %i-bit code, %i-bit operands",
    (mode, size, width, want) => {
      legacyMode(size, mode);
      fpu.stack(1, -2);
      fpu.control = 0xf7f;
      fpu.flags = STATUS;
      setPointers();
      fpu.memory(DATA, 64).fill(0x55);
      fpu.run(`${addressSize(size)}${operandSize(size, width)}d9 33`);
      expect(width === 32 ? dwords(DATA, 7) : words(DATA, 7)).toEqual(want);
      expect(fpu.memory(DATA + want.length * (width / 8), 4)).toEqual(new Uint8Array(4).fill(0x55));
    },
  );

  it.each(formats)("FLDENV in %s mode, %i-bit code, %i-bit operands", (mode, size, width, want) => {
    legacyMode(size, mode);
    const view = fpu.view();
    want.forEach((value, i) => {
      if (width === 32) view.setUint32(i * 4, value, true);
      else view.setUint16(i * 2, value, true);
    });
    fpu.run(`${addressSize(size)}${operandSize(size, width)}d9 23`);
    expect(fpu.control).toBe(0xf7f);
    expect(fpu.status).toBe(STATUS_WORD);
    expect(fpu.tags).toBe(0xc0);
    const real = mode !== "protected";
    const mask = width === 32 ? 0xffffffffn : real ? 0xfffffn : 0xffffn;
    expect(fpu.pointers).toEqual({
      fip: FIP & mask,
      fdp: FDP & mask,
      fop: width === 32 || real ? FOP : 0,
    });
  });

  it("in 64-bit mode has the 32-bit protected format, also with REX.W", () => {
    for (const code of ["d9 33", "48 d9 33", "66 48 d9 33"]) {
      fpu.reset();
      setPointers();
      fpu.run(code);
      const want = [0xffff037f, 0xffff0000, 0xffffffff, 0x12345678, 0x07a50000, 0x9abcdef0];
      expect(dwords(DATA, 7)).toEqual([...want, 0xffff0000]);
    }
    fpu.run("66 d9 73 40");
    expect(words(DATA + 64, 7)).toEqual([0x37f, 0, 0xffff, 0x5678, 0, 0xdef0, 0]);
  });

  it("FNSTENV saves what is pending and masks all exceptions", () => {
    fpu.control = 0x37b;
    fpu.flags = ZE | ES | B;
    expect(fpu.run("d9 33 d9 e8").vector).toBe(-1);
    expect(dwords(DATA, 2)).toEqual([0xffff037b, 0xffff0000 + (ZE | ES | B)]);
    expect(fpu.control).toBe(0x37f);
    expect(fpu.flags).toBe(ZE);
  });

  it("the tag word tells zero, special and valid registers", () => {
    fpu.stack(1, 0, INFINITY, SIGNALING, DENORMAL, { sig: 1n, exp: 0x3fff }, INDEFINITE);
    fpu.run("d9 33");
    // Physical register 0 is empty; 1 to 7 are valid, zero, then special.
    expect(dwords(DATA, 3)[2]).toBe(0xffff0000 + 0b10_10_10_10_10_01_00_11);
  });

  it("FLDENV takes every tag but 11B as not empty and makes flagged exceptions pending", () => {
    const view = fpu.view();
    view.setUint32(0, 0xffff, true);
    view.setUint32(4, ES | B, true);
    view.setUint32(8, 0b00_01_10_11_11_10_01_00, true);
    fpu.run("d9 23");
    expect(fpu.control).toBe(0x1f7f);
    expect(fpu.flags).toBe(0);
    expect(fpu.tags).toBe(0b11100111);
    view.setUint16(0, 0x37b, true);
    view.setUint16(4, ZE, true);
    expect(fpu.run("d9 23 d9 d0")).toMatchObject({ vector: VECTOR_MF, rip: BigInt(CODE + 2) });
    expect(fpu.flags).toBe(ZE | ES | B);
  });
});

describe("FNSAVE and FRSTOR", () => {
  it.each([
    ["", 28, 108],
    ["66 ", 14, 94],
  ])("with prefix '%s' save %i and 80 bytes, initialise, and restore", (prefix, start, size) => {
    const values = [1, -2, 3, 4, 5].map(f80);
    fpu.stack(...values);
    fpu.control = 0xe7f;
    fpu.flags = C0 | IE;
    fpu.memory(DATA, 128).fill(0x55);
    fpu.run(`${prefix}dd 33`);
    expect(fpu.control).toBe(0x37f);
    expect(fpu.status).toBe(0);
    expect(fpu.tags).toBe(0);
    expect(fpu.memory(DATA + size, 4)).toEqual(new Uint8Array(4).fill(0x55));
    const image = new DataView(fpu.memory(DATA + start, 80).slice().buffer);
    values.forEach((value, i) => {
      const sig = image.getBigUint64(i * 10, true);
      expect({ sig, exp: image.getUint16(i * 10 + 8, true) }).toEqual(value);
    });
    fpu.run("d9 ee");
    fpu.run(`${prefix}dd 23`);
    expect(fpu.control).toBe(0xe7f);
    expect(fpu.status).toBe(C0 | IE | (3 << 11));
    expect(fpu.contents()).toEqual(values);
  });

  it("FRSTOR restores registers that are empty too", () => {
    fpu.stack(7, 8);
    fpu.run("dd 33");
    const view = fpu.view();
    view.setUint16(8, 0xffff, true);
    fpu.run("dd 23");
    expect(fpu.contents()).toEqual([]);
    expect(fpu.st(0)).toEqual(f80(7));
    expect(fpu.st(1)).toEqual(f80(8));
  });
});

describe("FXSAVE and FXRSTOR", () => {
  it("carry the state that x87 instructions leave, pointers in full width with REX.W", () => {
    fpu.stack(1, 0);
    fpu.control = 0x37b;
    // FDIV ST,ST(1); FXSAVE64 [RBX]
    fpu.run("d8 f1 48 0f ae 03");
    const view = fpu.view(512);
    expect(view.getUint16(0, true)).toBe(0x37b);
    expect(view.getUint16(2, true)).toBe(ZE | ES | B | (6 << 11));
    expect(view.getUint8(4)).toBe(0xc0);
    expect(view.getUint16(6, true)).toBe(0xf1);
    expect(view.getBigUint64(8, true)).toBe(BigInt(CODE));
    expect(view.getBigUint64(32, true)).toBe(1n << 63n);
    fpu.reset();
    fpu.cpu.core.setState32(STATE.FCW, 0x37f);
    view.setUint16(0, 0x37b, true);
    view.setUint16(2, ZE | (6 << 11), true);
    view.setUint8(4, 0xc0);
    view.setUint32(24, 0x1f80, true);
    view.setBigUint64(32, 1n << 63n, true);
    view.setUint16(40, 0x3fff, true);
    expect(fpu.run("48 0f ae 0b d9 c0")).toMatchObject({ vector: VECTOR_MF });
    expect(fpu.flags).toBe(ZE | ES | B);
    expect(fpu.st(0)).toEqual(f80(1));
  });

  it("hold no selectors of code and data", () => {
    fpu.memory(DATA, 512).fill(0xff);
    const view = fpu.view(512);
    view.setUint16(0, 0x37f, true);
    view.setUint16(2, 0, true);
    view.setUint32(24, 0x1f80, true);
    // FXRSTOR [RBX]; FXSAVE [RBX]
    fpu.run("0f ae 0b 0f ae 03");
    expect(view.getUint32(8, true)).toBe(0xffffffff);
    expect(view.getUint32(12, true)).toBe(0);
    expect(view.getUint32(16, true)).toBe(0xffffffff);
    expect(view.getUint32(20, true)).toBe(0);
  });

  it("show MMX registers as ST(i) with TOP 0", () => {
    fpu.setMmx(2, 0x0123456789abcdefn);
    fpu.top = 5;
    // PADDB mm2,mm2; FXSAVE64 [RBX]
    fpu.run("0f fc d2 48 0f ae 03");
    const view = fpu.view(512);
    expect(view.getUint16(2, true)).toBe(0);
    expect(view.getUint8(4)).toBe(0xff);
    expect(view.getBigUint64(64, true)).toBe(0x02468ace12569aden);
    expect(view.getUint16(72, true)).toBe(0xffff);
  });
});
