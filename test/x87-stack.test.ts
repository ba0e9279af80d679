/** The x87 register stack: pushes, pops, tags, stack faults, exchanges, aliases. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { CODE } from "./support/bare-core.ts";
import {
  B,
  C0,
  C1,
  C2,
  C3,
  ES,
  FpuCore,
  f80,
  IE,
  INDEFINITE,
  PE,
  SF,
  VECTOR_UD,
} from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const FULL = [1, 2, 3, 4, 5, 6, 7, 8];
/** Control word with all exceptions but the invalid operation masked. */
const UNMASKED_INVALID = 0x37e;

function expectStack(...values: number[]): void {
  expect(fpu.contents()).toEqual(values.map(f80));
}

describe("loads and pops", () => {
  it("FLD1 and FLDZ push, the first of them into physical register 7", () => {
    expect(fpu.run("d9 e8 d9 ee").vector).toBe(-1);
    expectStack(0, 1);
    expect(fpu.top).toBe(6);
    expect(fpu.tags).toBe(0xc0);
  });

  it("the constants are those of the manual", () => {
    const names = ["e8", "e9", "ea", "eb", "ec", "ed", "ee"];
    fpu.run(names.map((b) => `d9 ${b}`).join(" "));
    const values = fpu.contents().map(({ sig, exp }) => Number(sig) * 2 ** (exp - 0x3fff - 63));
    const want = [0, Math.LN2, Math.log10(2), Math.PI, Math.LOG2E, Math.log2(10), 1];
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(want[i]!, 14);
    });
  });

  it("FLD ST(i) copies, FSTP ST(i) stores and pops", () => {
    fpu.stack(1, 2, 3);
    fpu.run("d9 c2");
    expectStack(3, 1, 2, 3);
    fpu.run("dd db");
    expectStack(1, 2, 3);
    fpu.run("dd d1");
    expectStack(1, 1, 3);
  });

  it("FXCH exchanges", () => {
    fpu.stack(1, 2, 3);
    fpu.flags = C1;
    fpu.run("d9 ca");
    expectStack(3, 2, 1);
    expect(fpu.flags).toBe(0);
  });

  it("FINCSTP and FDECSTP turn the stack and leave the tags", () => {
    fpu.stack(1, 2);
    fpu.flags = C1 | C0;
    fpu.run("d9 f7");
    expect(fpu.top).toBe(7);
    expect(fpu.tags).toBe(0xc0);
    expect(fpu.flags).toBe(C0);
    fpu.run("d9 f6 d9 f6");
    expect(fpu.top).toBe(5);
    expect(fpu.tags).toBe(0xc0);
  });

  it("FFREE empties a register, FFREEP pops as well", () => {
    fpu.stack(1, 2, 3);
    fpu.run("dd c1");
    expect([0, 1, 2].map((i) => fpu.isEmpty(i))).toEqual([false, true, false]);
    fpu.stack(1, 2, 3);
    fpu.run("df c1");
    expect(fpu.top).toBe(6);
    expect([7, 0, 1].map((i) => fpu.isEmpty(i))).toEqual([true, true, false]);
  });
});

describe("stack overflow", () => {
  const pushes = {
    FLD1: "d9 e8",
    "FLD ST(3)": "d9 c3",
    "FLD m32": "d9 03",
    "FLD m64": "dd 03",
    "FLD m80": "db 2b",
    "FILD m16": "df 03",
    "FILD m32": "db 03",
    "FILD m64": "df 2b",
    FBLD: "df 23",
  };
  it.each(Object.entries(pushes))("%s, masked, pushes the indefinite", (_, code) => {
    fpu.stack(...FULL);
    fpu.run(code);
    expect(fpu.contents()).toEqual([INDEFINITE, ...FULL.slice(0, 7).map(f80)]);
    expect(fpu.flags).toBe(IE | SF | C1);
  });
  it.each(Object.entries(pushes))("%s, unmasked, changes nothing", (_, code) => {
    fpu.stack(...FULL);
    fpu.control = UNMASKED_INVALID;
    expect(fpu.run(code).vector).toBe(-1);
    expectStack(...FULL);
    expect(fpu.top).toBe(0);
    expect(fpu.flags).toBe(IE | SF | C1 | ES | B);
  });

  it.each([
    ["FPTAN", "d9 f2"],
    ["FSINCOS", "d9 fb"],
    ["FXTRACT", "d9 f4"],
  ])("%s needs room for its second result", (_, code) => {
    fpu.stack(...FULL);
    fpu.run(code);
    expect(fpu.contents().slice(0, 3)).toEqual([INDEFINITE, INDEFINITE, f80(2)]);
    expect(fpu.flags).toBe(IE | SF | C1);
  });
});

describe("stack underflow", () => {
  const replacing = {
    FCHS: "d9 e0",
    FABS: "d9 e1",
    FSQRT: "d9 fa",
    FRNDINT: "d9 fc",
    F2XM1: "d9 f0",
    FSIN: "d9 fe",
    FCOS: "d9 ff",
    "FADD m32": "d8 03",
    "FSUBR m64": "dc 2b",
    "FIMUL m16": "de 0b",
    "FIDIV m32": "da 33",
    "FADD ST,ST(1)": "d8 c1",
    FSCALE: "d9 fd",
    FPREM: "d9 f8",
    FPREM1: "d9 f5",
  };
  it.each(Object.entries(replacing))("%s writes the indefinite to ST(0)", (_, code) => {
    fpu.flags = C1;
    fpu.run(code);
    expect(fpu.contents()).toEqual([INDEFINITE]);
    expect(fpu.flags).toBe(IE | SF);
    expect(fpu.top).toBe(0);
  });
  it.each(Object.entries(replacing))("%s, unmasked, writes nothing", (_, code) => {
    fpu.control = UNMASKED_INVALID;
    fpu.run(code);
    expect(fpu.contents()).toEqual([]);
    expect(fpu.flags).toBe(IE | SF | ES | B);
  });

  it.each([
    ["FYL2X", "d9 f1"],
    ["FYL2XP1", "d9 f9"],
    ["FPATAN", "d9 f3"],
    ["FADDP", "de c1"],
    ["FDIVRP", "de f1"],
  ])("%s pops after writing the indefinite to ST(1)", (_, code) => {
    fpu.stack(5);
    fpu.run(code);
    expect(fpu.contents()).toEqual([INDEFINITE]);
    expect(fpu.top).toBe(0);
  });

  it.each([
    ["FST m32", "d9 13", "0000c0ff", 0],
    ["FSTP m32", "d9 1b", "0000c0ff", 1],
    ["FST m64", "dd 13", "000000000000f8ff", 0],
    ["FSTP m64", "dd 1b", "000000000000f8ff", 1],
    ["FSTP m80", "db 3b", "00000000000000c0ffff", 1],
    ["FIST m16", "df 13", "0080", 0],
    ["FISTP m16", "df 1b", "0080", 1],
    ["FIST m32", "db 13", "00000080", 0],
    ["FISTP m32", "db 1b", "00000080", 1],
    ["FISTP m64", "df 3b", "0000000000000080", 1],
    ["FISTTP m16", "df 0b", "0080", 1],
    ["FISTTP m32", "db 0b", "00000080", 1],
    ["FISTTP m64", "dd 0b", "0000000000000080", 1],
    ["FBSTP", "df 33", "00000000000000c0ffff", 1],
  ])("%s stores the indefinite when masked, nothing when not", (_, code, bytes, top) => {
    const length = bytes.length / 2;
    fpu.run(code);
    expect(Buffer.from(fpu.memory(0x20000, length)).toString("hex")).toBe(bytes);
    expect(fpu.memory(0x20000 + length, 4)).toEqual(new Uint8Array(4));
    expect(fpu.status).toBe(IE | SF | (top << 11));
    fpu.reset();
    fpu.control = UNMASKED_INVALID;
    fpu.run(code);
    expect(fpu.memory(0x20000, length)).toEqual(new Uint8Array(length));
    expect(fpu.status).toBe(IE | SF | ES | B);
  });

  it("FXCH fills empty registers before it exchanges them", () => {
    fpu.stack(1);
    fpu.run("d9 c9");
    expect(fpu.contents()).toEqual([INDEFINITE, f80(1)]);
    expect(fpu.flags).toBe(IE | SF);
  });

  it("FLD ST(i) of an empty register is no overflow even when the stack is full otherwise", () => {
    fpu.stack(...FULL);
    fpu.tags &= ~(1 << 3);
    fpu.run("d9 c3");
    expect(fpu.st(0)).toEqual(INDEFINITE);
    expect(fpu.flags).toBe(IE | SF);
  });

  it.each([
    ["FCOM", "d8 d1", C0 | C2 | C3],
    ["FUCOM", "dd e1", C0 | C2 | C3],
    ["FCOM m32", "d8 13", C0 | C2 | C3],
    ["FICOM m16", "de 13", C0 | C2 | C3],
    ["FTST", "d9 e4", C0 | C2 | C3],
  ])("%s is unordered", (_, code, codes) => {
    fpu.run(code);
    expect(fpu.flags).toBe(IE | SF | codes);
  });

  it("FXAM tells an empty register and its sign without a fault", () => {
    fpu.setSt(0, f80(-1));
    fpu.tags = 0;
    fpu.run("d9 e5");
    expect(fpu.flags).toBe(C3 | C0 | C1);
  });
});

describe("FCMOVcc", () => {
  const CF = 1;
  const PF = 4;
  const ZF = 0x40;
  it.each([
    ["B", "da c1", CF],
    ["E", "da c9", ZF],
    ["BE", "da d1", CF],
    ["BE", "da d1", ZF],
    ["U", "da d9", PF],
  ])("FCMOV%s moves with its flag, FCMOVN%s without", (_, code, flag) => {
    const negated = code.replace("da", "db");
    for (const set of [true, false]) {
      fpu.reset();
      fpu.stack(1, 2);
      fpu.cpu.core.exports.setFlagsWord(set ? flag | 2 : 2);
      fpu.run(code);
      expectStack(set ? 2 : 1, 2);
      fpu.stack(1, 2);
      fpu.run(negated);
      expectStack(set ? 1 : 2, 2);
    }
  });

  it("an empty source is a fault even when the condition does not hold", () => {
    fpu.stack(1);
    fpu.run("da c1");
    expect(fpu.contents()).toEqual([INDEFINITE]);
    expect(fpu.flags).toBe(IE | SF);
  });
});

describe("aliases that processors execute", () => {
  it("FXCH4 and FXCH7", () => {
    for (const code of ["dd c9", "df c9"]) {
      fpu.stack(1, 2);
      fpu.run(code);
      expectStack(2, 1);
    }
  });

  it("FCOM2, FCOMP3 and FCOMP5", () => {
    for (const [code, left] of [
      ["dc d1", 2],
      ["dc d9", 1],
      ["de d1", 1],
    ] as const) {
      fpu.stack(1, 2);
      fpu.run(code);
      expect(fpu.flags).toBe(C0);
      expect(fpu.contents()).toHaveLength(left);
    }
  });

  it("FSTP8 and FSTP9 are FSTP, FSTP1 does not mind an empty ST(0)", () => {
    for (const code of ["df d1", "df d9", "d9 d9"]) {
      fpu.stack(1, 2);
      fpu.run(code);
      expectStack(1);
      expect(fpu.flags).toBe(0);
    }
    for (const code of ["df d1", "df d9"]) {
      fpu.reset();
      fpu.run(code);
      expect(fpu.flags).toBe(IE | SF);
    }
    fpu.reset();
    fpu.stack(1, 2);
    fpu.run("dd c0 d9 d9");
    expect(fpu.flags).toBe(0);
    expectStack(2);
  });

  it("FNENI, FNDISI and FNSETPM do nothing, also with an exception pending", () => {
    fpu.control = UNMASKED_INVALID;
    fpu.flags = IE | ES | B;
    expect(fpu.run("db e0 db e1 db e4").vector).toBe(-1);
    expect(fpu.status).toBe(IE | ES | B);
    expect(fpu.pointers.fip).toBe(0n);
  });
});

describe("the opcode space", () => {
  /** ModRM bytes that name no instruction, by opcode. */
  function isUndefined(opcode: number, modrm: number): boolean {
    const digit = (modrm >> 3) & 7;
    if (modrm < 0xc0) {
      if (opcode === 0xd9) return digit === 1;
      if (opcode === 0xdb) return digit === 4 || digit === 6;
      if (opcode === 0xdd) return digit === 5;
      return false;
    }
    switch (opcode) {
      case 0xd9:
        return (modrm > 0xd0 && modrm < 0xd8) || [0xe2, 0xe3, 0xe6, 0xe7, 0xef].includes(modrm);
      case 0xda:
        return modrm >= 0xe0 && modrm !== 0xe9;
      case 0xdb:
        return (modrm >= 0xe5 && modrm < 0xe8) || modrm >= 0xf8;
      case 0xdd:
        return modrm >= 0xf0;
      case 0xde:
        return modrm >= 0xd8 && modrm < 0xe0 && modrm !== 0xd9;
      case 0xdf:
        return (modrm > 0xe0 && modrm < 0xe8) || modrm >= 0xf8;
      default:
        return false;
    }
  }

  it("every encoding is an instruction or #UD, as the manual's opcode map has it", () => {
    for (let opcode = 0xd8; opcode <= 0xdf; opcode++) {
      for (let modrm = 0; modrm < 256; modrm++) {
        // Only [RBX] among the memory operands.
        if (modrm < 0xc0 && (modrm & 0xc7) !== 3) continue;
        fpu.reset();
        fpu.stack(1, 2, 3);
        const { vector, rip } = fpu.cpu.run([opcode, modrm]);
        const name = `${opcode.toString(16)} ${modrm.toString(16)}`;
        expect([name, vector]).toEqual([name, isUndefined(opcode, modrm) ? VECTOR_UD : -1]);
        expect(rip).toBe(BigInt(isUndefined(opcode, modrm) ? CODE : CODE + 3));
      }
    }
  });

  it("LOCK is undefined, the other prefixes mean nothing", () => {
    fpu.stack(1, 2);
    expect(fpu.run("f0 d8 c1").vector).toBe(VECTOR_UD);
    for (const prefix of ["66", "f2", "f3", "2e", "48", "4f"]) {
      fpu.stack(1, 2);
      expect(fpu.run(`${prefix} d8 c1`).vector).toBe(-1);
      expectStack(3, 2);
    }
    expect(fpu.flags & PE).toBe(0);
  });
});
