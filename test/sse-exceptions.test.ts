/** SSE exceptions: MXCSR flags and masks, rounding, DAZ and FTZ, alignment, and what gates SSE. */
import { beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { STATE } from "../src/generated/state.ts";
import { encode, OPERAND, SseCore, sseRow } from "./support/sse-core.ts";

let sse: SseCore;
beforeAll(async () => {
  sse = await SseCore.create();
});
beforeEach(() => sse.reset());

const UD = 6;
const NM = 7;
const GP = 13;
const PF = 14;
const XM = 19;
const IE = 1;
const DE = 2;
const ZE = 4;
const OE = 8;
const UE = 16;
const PE = 32;
const MASKED = 0x1f80;

const ONE = 0x3f800000n;
const TWO = 0x40000000n;
const THREE = 0x40400000n;
const LARGEST = 0x7f7fffffn;
const SMALLEST_NORMAL = 0x00800000n;
const DENORMAL = 0x00000001n;
const INFINITY = 0x7f800000n;
const SIGNALING = 0x7f800001n;
const QUIET = 0x7fc00000n;

/** Operation, operands, flags raised, and the result with all exceptions masked. */
const CASES: readonly (readonly [string, bigint, bigint, number, bigint])[] = [
  ["ADDSS", ONE, ONE, 0, TWO],
  ["DIVSS", ONE, THREE, PE, 0x3eaaaaabn],
  ["DIVSS", ONE, 0n, ZE, INFINITY],
  ["DIVSS", 0n, 0n, IE, 0xffc00000n],
  ["SUBSS", INFINITY, INFINITY, IE, 0xffc00000n],
  ["MULSS", LARGEST, TWO, OE | PE, INFINITY],
  ["MULSS", SMALLEST_NORMAL, 0x3f000000n, 0, 0x00400000n],
  ["MULSS", SMALLEST_NORMAL, 0x3eaaaaabn, UE | PE, 0x002aaaabn],
  ["ADDSS", DENORMAL, ONE, DE | PE, ONE],
  ["ADDSS", SIGNALING, ONE, IE, 0x7fc00001n],
  ["ADDSS", QUIET, ONE, 0, QUIET],
  ["SQRTSS", 0n, 0xbf800000n, IE, 0xffc00000n],
  ["SQRTSS", 0n, TWO, PE, 0x3fb504f3n],
  ["MINSS", ONE, QUIET, IE, QUIET],
  ["CVTSD2SS", 0n, 0x7fefffffffffffffn, OE | PE, INFINITY],
  ["CVTTSS2SI", 0n, INFINITY, IE, 0n],
  ["CVTSS2SI", 0n, 0x3fc00000n, PE, 0n],
];

describe.each(CASES)("%s of %s and %s", (mnemonic, a, b, flags, result) => {
  const toInteger = mnemonic.endsWith("SI");

  it("raises its flags and gives the masked result", () => {
    const found = sse.binary(sseRow(mnemonic), a, b, false);
    expect(sse.mxcsr).toBe(MASKED | flags);
    if (!toInteger) expect(found).toBe(result);
  });

  it("keeps flags that are set already", () => {
    sse.mxcsr = MASKED | 0x3f;
    sse.binary(sseRow(mnemonic), a, b, false);
    expect(sse.mxcsr).toBe(MASKED | 0x3f);
  });

  it("raises #XM for the unmasked ones, writes nothing and sets the flags", () => {
    for (let bit = 1; bit <= PE; bit <<= 1) {
      sse.reset();
      sse.mxcsr = MASKED & ~(bit << 7);
      sse.setXmm(1, a);
      sse.setXmm(2, b);
      sse.cpu.setGpr(1, 0x1234n);
      const { vector } = sse.attempt(encode(sseRow(mnemonic), false));
      expect(vector).toBe((flags & bit) !== 0 ? XM : bit === UE && isTiny(result) ? XM : -1);
      if (vector < 0) continue;
      expect(sse.xmm(1)).toBe(a);
      if (toInteger) expect(sse.cpu.gpr(1)).toBe(0x1234n);
    }
  });

  /** A tiny result raises UE when it is unmasked, even an exact one. */
  function isTiny(bits: bigint): boolean {
    return !toInteger && bits > 0n && bits < SMALLEST_NORMAL && mnemonic === "MULSS";
  }
});

test("pre-computation exceptions go before those of the result", () => {
  // One lane divides by zero, another is inexact: with ZE unmasked PE is not reported.
  sse.mxcsr = MASKED & ~(ZE << 7);
  sse.setXmm(1, (ONE << 32n) | ONE | (ONE << 64n) | (ONE << 96n));
  sse.setXmm(2, (THREE << 32n) | (ONE << 64n) | (ONE << 96n));
  expect(sse.attempt(encode(sseRow("DIVPS"), false)).vector).toBe(XM);
  expect(sse.mxcsr & 0x3f).toBe(ZE);
});

describe("rounding control", () => {
  const third = [0x3eaaaaabn, 0x3eaaaaaan, 0x3eaaaaabn, 0x3eaaaaaan];
  it.each([0, 1, 2, 3])("direction %i", (rc) => {
    sse.mxcsr = MASKED | (rc << 13);
    expect(sse.binary(sseRow("DIVSS"), ONE, THREE, false)).toBe(third[rc]);
    const negative = sse.binary(sseRow("DIVSS"), ONE | 0x80000000n, THREE, false);
    expect(negative).toBe(third[[0, 2, 1, 3][rc]!]! | 0x80000000n);
    // An exact difference of 0 is -0 when rounding down.
    expect(sse.binary(sseRow("SUBSS"), ONE, ONE, false)).toBe(rc === 1 ? 0x80000000n : 0n);
    const overflow = sse.binary(sseRow("MULSS"), LARGEST, TWO, false);
    expect(overflow).toBe(rc === 1 || rc === 3 ? LARGEST : INFINITY);
  });
});

test("DAZ makes denormal operands zeros, without DE", () => {
  sse.mxcsr = MASKED | 0x40;
  expect(sse.binary(sseRow("ADDSS"), DENORMAL | 0x80000000n, 0x80000000n, false)).toBe(0x80000000n);
  expect(sse.mxcsr).toBe(MASKED | 0x40);
  expect(sse.binary(sseRow("DIVSS"), ONE, DENORMAL, false)).toBe(INFINITY);
  expect(sse.mxcsr).toBe(MASKED | 0x40 | ZE);
});

test("FTZ makes tiny results zeros while underflow is masked", () => {
  sse.mxcsr = MASKED | 0x8000;
  const tiny = [SMALLEST_NORMAL | 0x80000000n, 0x3eaaaaabn] as const;
  expect(sse.binary(sseRow("MULSS"), tiny[0], tiny[1], false)).toBe(0x80000000n);
  expect(sse.mxcsr & 0x3f).toBe(UE | PE);
});

test("comparisons: only the signaling ones report quiet NaNs", () => {
  for (const [mnemonic, immediate, flags] of [
    ["UCOMISS", undefined, 0],
    ["COMISS", undefined, IE],
    ["CMPSS", 0, 0],
    ["CMPSS", 1, IE],
    ["CMPSS", 2, IE],
    ["CMPSS", 3, 0],
  ] as const) {
    sse.mxcsr = MASKED;
    sse.binary(sseRow(mnemonic), ONE, QUIET, false, immediate);
    expect(sse.mxcsr & 0x3f).toBe(flags);
  }
});

describe("alignment and memory", () => {
  const aligned = ["MOVAPS", "ADDPS", "PADDB", "PSHUFD", "CVTDQ2PS", "PCMPEQQ", "PMULLD", "SHUFPS"];
  it.each(aligned)("%s of a misaligned operand raises #GP(0)", (mnemonic) => {
    const row = sseRow(mnemonic, /^V/);
    const immediate = row.operands.includes("Ib") ? 0 : undefined;
    sse.cpu.setGpr(3, BigInt(OPERAND + 1));
    const { vector, error } = sse.attempt(encode(row, true, immediate));
    expect([vector, error]).toEqual([GP, 0]);
  });

  it.each(["MOVNTPS", "MOVNTDQ"])("%s stores to aligned addresses only", (mnemonic) => {
    sse.setXmm(1, 0x1234n);
    sse.run(encode(sseRow(mnemonic, /^M/), true));
    expect(sse.operand).toBe(0x1234n);
    sse.cpu.setGpr(3, BigInt(OPERAND + 8));
    expect(sse.attempt(encode(sseRow(mnemonic, /^M/), true)).vector).toBe(GP);
  });

  const free = [
    "MOVUPS",
    "MOVDQU",
    "LDDQU",
    "ADDSS",
    "CVTDQ2PD",
    "PMOVSXBW",
    "PCMPISTRM",
    "MOVDDUP",
  ];
  it.each(free)("%s takes any address", (mnemonic) => {
    const row = sseRow(mnemonic, /^V/);
    const immediate = row.operands.includes("Ib") ? 0 : undefined;
    sse.cpu.setGpr(3, BigInt(OPERAND + 1));
    expect(sse.attempt(encode(row, true, immediate)).vector).toBe(-1);
  });

  it("a store across the end of the mapping reports the page that is missing", () => {
    const last = 0x3ffffff8;
    sse.setXmm(1, -1n);
    sse.cpu.setGpr(3, BigInt(last));
    const { vector } = sse.attempt(encode(sseRow("MOVUPS", /^W/), true));
    expect([vector, sse.cpu.core.state64(STATE.CR2)]).toEqual([PF, 0x40000000n]);
  });
});

describe("gates", () => {
  const CR0 = 0x80000033n;
  const CR4 = 0x40620n;
  const add = encode(sseRow("ADDPS"), false);
  const move = encode(sseRow("MOVDQA", /^V/), false);
  const setControl = (cr0: bigint, cr4: bigint) => {
    sse.cpu.core.setState64(STATE.CR0, cr0);
    sse.cpu.core.setState64(STATE.CR4, cr4);
  };
  it.each([
    ["CR0.EM", CR0 | 4n, CR4, UD],
    ["CR0.TS", CR0 | 8n, CR4, NM],
    ["CR4.OSFXSR clear", CR0, CR4 & ~0x200n, UD],
    ["CR0.EM goes before CR0.TS", CR0 | 12n, CR4, UD],
    ["CR4.OSFXSR goes before CR0.TS", CR0 | 8n, CR4 & ~0x200n, UD],
    ["nothing", CR0, CR4, -1],
  ])("%s", (_name, cr0, cr4, vector) => {
    setControl(cr0, cr4);
    for (const code of [add, move]) expect(sse.attempt(code).vector).toBe(vector);
    expect(sse.attempt([0xf3, 0x0f, 0x58, 0xca]).vector).toBe(vector);
  });

  it("an unmasked exception is #UD without CR4.OSXMMEXCPT", () => {
    setControl(CR0, CR4 & ~0x400n);
    sse.mxcsr = MASKED & ~(ZE << 7);
    sse.setXmm(1, ONE);
    sse.setXmm(2, 0n);
    expect(sse.attempt(encode(sseRow("DIVSS"), false)).vector).toBe(UD);
  });

  it("LDMXCSR refuses reserved bits", () => {
    sse.operand = 0x10000n;
    expect(sse.attempt([0x0f, 0xae, 0x13]).vector).toBe(GP);
    expect(sse.mxcsr).toBe(MASKED);
    sse.operand = 0xffffn;
    sse.run([0x0f, 0xae, 0x13]);
    expect(sse.mxcsr).toBe(0xffff);
  });
});
