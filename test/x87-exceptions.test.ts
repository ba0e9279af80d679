/** x87 exceptions: where #MF and #NM are raised, unmasked responses, pointers. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { SLOT, STATE } from "../src/generated/state.ts";
import { CODE, DATA } from "./support/bare-core.ts";
import {
  B,
  C0,
  C1,
  C2,
  C3,
  DE,
  DENORMAL,
  ES,
  type F80,
  FpuCore,
  f80,
  IE,
  INFINITY,
  LARGEST,
  OE,
  PE,
  SIGNALING,
  UE,
  VECTOR_MF,
  VECTOR_NM,
  VECTOR_UD,
  ZE,
} from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const CR0 = 0x80000033n;
const CR0_MP = 2n;
const CR0_EM = 4n;
const CR0_TS = 8n;
const CR0_NE = 0x20n;
const SUMMARY = ES | B;

function setCr0(value: bigint): void {
  fpu.cpu.core.setState64(STATE.CR0, value);
}

/** An invalid operation is unmasked and pending. */
function makePending(): void {
  fpu.control = 0x37e;
  fpu.flags = IE | SUMMARY;
}

const WAITING = {
  FLD1: "d9 e8",
  "FLD ST(1)": "d9 c1",
  "FLD m32": "d9 03",
  "FLD m80": "db 2b",
  "FSTP m64": "dd 1b",
  "FISTTP m32": "db 0b",
  FBSTP: "df 33",
  FADD: "d8 c1",
  "FADD m64": "dc 03",
  FCOMPP: "de d9",
  FUCOMI: "db e9",
  FXAM: "d9 e5",
  FSIN: "d9 fe",
  FCMOVB: "da c1",
  FXCH: "d9 c9",
  FFREE: "dd c0",
  FINCSTP: "d9 f7",
  FNOP: "d9 d0",
  FLDCW: "d9 2b",
  FLDENV: "d9 23",
  FRSTOR: "dd 23",
  WAIT: "9b",
};
const MMX = {
  PADDB: "0f fc c1",
  "MOVD r32,mm": "0f 7e c0",
  "MOVQ m64,mm": "0f 7f 03",
  EMMS: "0f 77",
};
const NOT_WAITING = {
  FNINIT: "db e3",
  FNCLEX: "db e2",
  FNSTCW: "d9 3b",
  "FNSTSW m16": "dd 3b",
  "FNSTSW AX": "df e0",
  FNSTENV: "d9 33",
  FNSAVE: "dd 33",
  FNENI: "db e0",
};

describe("#MF", () => {
  it("is raised by the next waiting instruction, at its address", () => {
    fpu.stack(1, 0);
    fpu.control = 0x37b;
    // FDIV ST,ST(1); NOP; FNSTSW AX; FLD1
    const end = fpu.run("d8 f1 90 df e0 d9 e8");
    expect(end).toEqual({ vector: VECTOR_MF, error: 0, rip: BigInt(CODE + 5) });
    expect(fpu.cpu.gpr(0)).toBe(BigInt(ZE | SUMMARY | (6 << 11)));
    expect(fpu.contents()).toEqual([f80(1), f80(0)]);
  });

  it.each(Object.entries({ ...WAITING, ...MMX }))("%s waits", (_, code) => {
    makePending();
    const before = fpu.snapshot();
    expect(fpu.run(code).vector).toBe(VECTOR_MF);
    expect(fpu.snapshot()).toEqual(before);
  });

  it.each(Object.entries(NOT_WAITING))("%s does not wait", (_, code) => {
    makePending();
    expect(fpu.run(code).vector).toBe(-1);
  });

  it("FNCLEX, FNINIT, FNSAVE and FNSTENV end what is pending", () => {
    for (const code of ["db e2", "db e3", "dd 33", "d9 33"]) {
      fpu.reset();
      makePending();
      expect(fpu.run(`${code} d9 e8`).vector).toBe(-1);
      expect(fpu.flags & SUMMARY).toBe(0);
    }
  });

  it("FLDCW that unmasks a flagged exception makes it pending", () => {
    fpu.flags = ZE;
    fpu.view().setUint16(0, 0x37b, true);
    const end = fpu.run("d9 2b 90 d9 d0");
    expect(end.vector).toBe(VECTOR_MF);
    expect(end.rip).toBe(BigInt(CODE + 3));
    expect(fpu.flags).toBe(ZE | SUMMARY);
  });

  it("with CR0.NE clear FERR# is asserted instead, until FNCLEX", () => {
    const ferr = () => fpu.cpu.core.state32(STATE.IGNNE);
    setCr0(CR0 & ~CR0_NE);
    makePending();
    expect(fpu.run("db e0").vector).toBe(-1);
    expect(ferr()).toBe(0);
    expect(fpu.run("d9 e8").vector).toBe(-1);
    expect(ferr()).toBe(1);
    expect(fpu.contents()).toEqual([f80(1)]);
    fpu.run("9b 0f fc c1");
    expect(ferr()).toBe(1);
    fpu.run("db e2");
    expect(ferr()).toBe(0);
  });
});

describe("#NM and #UD", () => {
  const all = { ...WAITING, ...NOT_WAITING };
  it.each(Object.entries(all).filter(([name]) => name !== "WAIT"))(
    "%s raises #NM for CR0.TS and CR0.EM, before #MF",
    (_, code) => {
      for (const bit of [CR0_TS, CR0_EM]) {
        makePending();
        setCr0(CR0 | bit);
        const before = fpu.snapshot();
        expect(fpu.run(code).vector).toBe(VECTOR_NM);
        expect(fpu.snapshot()).toEqual(before);
      }
    },
  );

  it("WAIT looks at MP and TS together, and not at EM", () => {
    setCr0((CR0 & ~CR0_MP) | CR0_TS);
    expect(fpu.run("9b").vector).toBe(-1);
    setCr0(CR0 | CR0_TS | CR0_MP);
    expect(fpu.run("9b").vector).toBe(VECTOR_NM);
    setCr0(CR0 | CR0_EM);
    expect(fpu.run("9b").vector).toBe(-1);
  });

  it.each(Object.entries(MMX))("%s raises #UD for EM, #NM for TS", (_, code) => {
    makePending();
    setCr0(CR0 | CR0_TS);
    expect(fpu.run(code).vector).toBe(VECTOR_NM);
    setCr0(CR0 | CR0_TS | CR0_EM);
    expect(fpu.run(code).vector).toBe(VECTOR_UD);
  });
});

describe("unmasked responses", () => {
  /** Unmasks one exception. */
  const unmask = (flag: number) => 0x37f & ~flag;
  const kept: [string, string, F80[], number][] = [
    ["FSUB of infinities", "d8 e1", [INFINITY, INFINITY], IE],
    ["FADD of a signalling NaN", "d8 c1", [f80(1), SIGNALING], IE],
    ["FADDP of a signalling NaN", "de c1", [f80(1), SIGNALING], IE],
    ["FSQRT of a negative number", "d9 fa", [f80(-1)], IE],
    ["FDIV by zero", "d8 f1", [f80(1), f80(0)], ZE],
    ["FDIVP by zero", "de f9", [f80(0), f80(1)], ZE],
    ["FXTRACT of zero", "d9 f4", [f80(0)], ZE],
    ["FYL2X of zero", "d9 f1", [f80(0), f80(1)], ZE],
    ["FMUL of a denormal", "d8 c9", [f80(1), DENORMAL], DE],
    ["FSIN of infinity", "d9 fe", [INFINITY], IE],
    ["FPTAN of a denormal", "d9 f2", [DENORMAL], DE],
    ["FSTP m32 of too large a number", "d9 1b", [LARGEST], OE],
    ["FSTP m64 of too small a number", "dd 1b", [{ sig: 3n << 62n, exp: 1 }], UE],
    ["FSTP m32 of a signalling NaN", "d9 1b", [SIGNALING], IE],
    ["FISTP m16 of 32768", "df 1b", [f80(32768)], IE],
    ["FISTTP m32 of a NaN", "db 0b", [SIGNALING], IE],
    ["FBSTP of 10^18", "df 33", [f80(1e18)], IE],
    ["FCOMP with a NaN", "d8 d9", [f80(1), { sig: 3n << 62n, exp: 0x7fff }], IE],
    ["FUCOMPP with a signalling NaN", "da e9", [f80(1), SIGNALING], IE],
    ["FCOMPP with a denormal", "de d9", [f80(1), DENORMAL], DE],
  ];
  it.each(kept)("%s leaves operands, stack and memory", (_, code, values, flag) => {
    fpu.stack(...values);
    fpu.control = unmask(flag);
    const top = fpu.top;
    fpu.memory(DATA, 16).fill(0x55);
    expect(fpu.run(code).vector).toBe(-1);
    expect(fpu.contents()).toEqual(values);
    expect(fpu.top).toBe(top);
    expect(fpu.flags & ~(C0 | C1 | C2 | C3)).toBe(flag | SUMMARY);
    expect(fpu.memory(DATA, 16)).toEqual(new Uint8Array(16).fill(0x55));
  });

  it("overflow in a register delivers the result with an exponent 24576 lower", () => {
    fpu.stack(LARGEST, LARGEST);
    fpu.control = unmask(OE);
    fpu.run("de c1");
    expect(fpu.contents()).toEqual([{ sig: LARGEST.sig, exp: 0x7fff - 24576 }]);
    expect(fpu.flags).toBe(OE | SUMMARY);
  });

  it("underflow in a register delivers the result with an exponent 24576 higher", () => {
    const tiny: F80 = { sig: 1n << 63n, exp: 1 };
    fpu.stack(tiny, 0.5);
    fpu.control = unmask(UE);
    fpu.run("d8 c9");
    expect(fpu.st(0)).toEqual({ sig: 1n << 63n, exp: 24576 });
    expect(fpu.flags).toBe(UE | SUMMARY);
  });

  it("an inexact result is delivered", () => {
    fpu.stack(1, 3);
    fpu.control = unmask(PE);
    fpu.run("de f1");
    expect(fpu.contents()).toEqual([{ sig: 0xaaaaaaaaaaaaaaabn, exp: 0x3ffd }]);
    expect(fpu.flags).toBe(PE | C1 | SUMMARY);
  });

  it("a denormal is loaded all the same", () => {
    fpu.control = unmask(DE);
    fpu.view().setUint32(0, 1, true);
    fpu.run("d9 03");
    expect(fpu.contents()).toEqual([f80(2 ** -149)]);
    expect(fpu.flags).toBe(DE | SUMMARY);
  });

  it("comparisons leave condition codes and flags when the invalid operation is unmasked", () => {
    fpu.stack(1, SIGNALING);
    fpu.control = unmask(IE);
    fpu.flags = C0 | C1;
    fpu.run("d8 d1");
    expect(fpu.flags).toBe(IE | SUMMARY | C0);
    fpu.flags = C3;
    fpu.run("dd e1");
    expect(fpu.flags).toBe(IE | SUMMARY | C3);
    fpu.flags = 0;
    fpu.cpu.core.exports.setFlagsWord(0x8d7);
    fpu.run("df f1");
    expect(fpu.cpu.core.exports.readFlags() & 0x8d5).toBe(0x8d5);
    expect(fpu.contents()).toHaveLength(2);
  });

  it("a masked exception beside an unmasked one is flagged", () => {
    fpu.stack(LARGEST, LARGEST);
    fpu.control = unmask(PE) & ~0x300;
    fpu.run("d8 c9");
    expect(fpu.flags & 0x3f).toBe(OE | PE);
    expect(fpu.st(0)).toEqual(INFINITY);
    expect(fpu.flags & SUMMARY).toBe(SUMMARY);
  });
});

describe("pointers", () => {
  it("FIP is the address of the instruction with its prefixes", () => {
    fpu.run("90 66 48 d9 e8 90");
    expect(fpu.pointers).toEqual({ fip: BigInt(CODE + 1), fdp: 0n, fop: 0 });
  });

  it("FDP is the offset of the memory operand and survives register forms", () => {
    fpu.run("d8 43 10 d9 e8");
    expect(fpu.pointers.fdp).toBe(BigInt(DATA + 16));
    fpu.cpu.core.setState64(STATE.GPR + SLOT.FS_BASE * 8, BigInt(DATA));
    fpu.cpu.setGpr(3, 8n);
    fpu.run("64 dd 1b");
    expect(fpu.pointers.fdp).toBe(8n);
    fpu.cpu.setGpr(3, 0xff00000000000000n + BigInt(DATA));
    fpu.run("67 d9 1b");
    expect(fpu.pointers.fdp).toBe(BigInt(DATA));
  });

  it("FOP is that of the last unmasked exception", () => {
    fpu.run("d8 43 10");
    expect(fpu.pointers.fop).toBe(0);
    fpu.reset();
    fpu.control = 0x37e;
    fpu.run("dc 43 10");
    expect(fpu.pointers.fop).toBe(0x443);
    fpu.run("db e2 dd c1");
    expect(fpu.pointers.fop).toBe(0x443);
    fpu.run("db e2 de d9");
    expect(fpu.pointers.fop).toBe(0x6d9);
  });

  it.each([
    ["FNCLEX", "db e2"],
    ["FLDCW", "d9 2b"],
    ["FNSTCW", "d9 3b"],
    ["FNSTSW", "dd 3b"],
    ["FNSTSW AX", "df e0"],
    ["FNSTENV", "d9 33"],
    ["WAIT", "9b"],
    ["FNENI", "db e0"],
    ["PADDB", "0f fc c1"],
    ["EMMS", "0f 77"],
  ])("%s leaves them", (_, code) => {
    fpu.view().setUint16(0, 0x37f, true);
    fpu.run("d8 43 10");
    const before = fpu.pointers;
    expect(before.fip).toBe(BigInt(CODE));
    fpu.run(`90 ${code}`);
    expect(fpu.pointers).toEqual(before);
  });

  it.each([
    ["FNOP", "d9 d0"],
    ["FFREE", "dd c0"],
    ["FINCSTP", "d9 f7"],
    ["FXAM", "d9 e5"],
    ["FLDZ", "d9 ee"],
  ])("%s sets FIP", (_, code) => {
    fpu.run(`90 ${code}`);
    expect(fpu.pointers.fip).toBe(BigInt(CODE + 1));
  });
});
