/** Faults of the memory operands of x87 and MMX instructions: they leave everything as it was. */
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { STATE } from "../src/generated/state.ts";
import { CODE } from "./support/bare-core.ts";
import {
  C0,
  C1,
  C2,
  C3,
  DENORMAL,
  FpuCore,
  LARGEST,
  SIGNALING,
  VECTOR_AC,
  VECTOR_GP,
  VECTOR_PF,
} from "./support/fpu-core.ts";

let fpu: FpuCore;
beforeAll(async () => {
  fpu = await FpuCore.create();
});
beforeEach(() => fpu.reset());

const CR0 = 0x80000033n;
const CR0_WP = 0x10000n;
const CR0_AM = 0x40000n;

function setCr0(value: bigint): void {
  fpu.cpu.core.setState64(STATE.CR0, value);
}

describe("faults of memory operands", () => {
  const operations: [string, string][] = [];
  for (let opcode = 0xd8; opcode <= 0xdf; opcode++) {
    for (let digit = 0; digit < 8; digit++) {
      const modrm = (digit << 3) | 3;
      const missing = ["d9/1", "db/4", "db/6", "dd/5"];
      const name = `${opcode.toString(16)}/${digit}`;
      if (!missing.includes(name)) operations.push([name, `${opcode.toString(16)} ${hex(modrm)}`]);
    }
  }
  const mmx: [string, string][] = [
    ["PADDB", "0f fc 03"],
    ["MOVD mm,m32", "0f 6e 03"],
    ["MOVD m32,mm", "0f 7e 03"],
    ["MOVQ m64,mm", "0f 7f 03"],
    ["MOVNTQ", "0f e7 03"],
    ["PINSRW", "0f c4 03 01"],
    ["PUNPCKLBW", "0f 60 03"],
    ["PSHUFB", "0f 38 00 03"],
    ["CVTPI2PS", "0f 2a 03"],
    ["CVTPS2PI", "0f 2d 03"],
    ["CVTPD2PI", "66 0f 2d 03"],
    ["MASKMOVQ", "0f f7 c1"],
  ];
  function hex(n: number): string {
    return n.toString(16).padStart(2, "0");
  }

  /** State in which almost every instruction would change something. */
  function prepare(address: bigint): void {
    fpu.stack(SIGNALING, LARGEST, DENORMAL);
    fpu.flags = C0 | C1 | C2 | C3;
    fpu.cpu.setGpr(3, address);
    fpu.cpu.setGpr(7, address);
  }

  it.each([...operations, ...mmx])("%s: a page fault leaves all state", (_, code) => {
    prepare(0x40000000n);
    const before = fpu.snapshot();
    const end = fpu.run(code);
    expect(end).toMatchObject({ vector: VECTOR_PF, rip: BigInt(CODE) });
    expect(fpu.snapshot()).toEqual(before);
  });

  it.each([...operations, ...mmx])("%s: so does a non-canonical address", (_, code) => {
    prepare(0x800000000000n);
    const before = fpu.snapshot();
    expect(fpu.run(code)).toEqual({ vector: VECTOR_GP, error: 0, rip: BigInt(CODE) });
    expect(fpu.snapshot()).toEqual(before);
  });

  it.each(operations)("%s: so does an operand of an empty stack", (_, code) => {
    fpu.cpu.setGpr(3, 0x40000000n);
    fpu.control = 0x340;
    const before = fpu.snapshot();
    expect(fpu.run(code).vector).toBe(VECTOR_PF);
    expect(fpu.snapshot()).toEqual(before);
  });

  /** Pages of 4 KiB, of which that at 0x31000 is missing and that at 0x33000 read-only. */
  function mapPages(): void {
    const { core, ram } = fpu.cpu;
    const at = (gpa: number, index: number, entry: number) => {
      core.u64[((ram + gpa) >> 3) + index] = BigInt(entry);
    };
    at(0x40000, 0, 0x41007);
    at(0x41000, 0, 0x42007);
    at(0x42000, 0, 0x43007);
    for (let page = 0; page < 512; page++) at(0x43000, page, (page << 12) | 7);
    at(0x43000, 0x31, 0);
    at(0x43000, 0x33, 0x33005);
    core.setState64(STATE.CR3, 0x40000n);
    setCr0(CR0 | CR0_WP);
  }

  it.each([
    ["FSTP m80", "db 3b", 10],
    ["FSTP m64", "dd 1b", 8],
    ["FISTP m32", "db 1b", 4],
    ["FBSTP", "df 33", 10],
    ["FNSTCW", "d9 3b", 2],
    ["FNSTENV", "d9 33", 28],
    ["FNSAVE", "dd 33", 108],
    ["MOVQ m64,mm", "0f 7f 03", 8],
    ["MASKMOVQ", "0f f7 c1", 8],
  ])("%s across a page that cannot be written stores nothing", (_, code, bytes) => {
    mapPages();
    for (const page of [0x31000, 0x33000]) {
      fpu.stack(1, 2);
      const address = page - bytes + 1;
      fpu.cpu.setGpr(3, BigInt(address));
      fpu.cpu.setGpr(7, BigInt(address));
      fpu.memory(page - 128, 256).fill(0x55);
      const before = fpu.snapshot();
      expect(fpu.run(code).vector).toBe(VECTOR_PF);
      expect(fpu.snapshot()).toEqual(before);
      expect(fpu.memory(page - 128, 256)).toEqual(new Uint8Array(256).fill(0x55));
      fpu.cpu.setGpr(3, BigInt(address - 1));
      fpu.cpu.setGpr(7, BigInt(address - 1));
      expect(fpu.run(code).vector).toBe(-1);
    }
  });

  it("a store that an unmasked exception stops still faults", () => {
    mapPages();
    fpu.control = 0x37e;
    fpu.cpu.setGpr(3, 0x33000n);
    const before = fpu.snapshot();
    expect(fpu.run("d9 1b").vector).toBe(VECTOR_PF);
    expect(fpu.snapshot()).toEqual(before);
  });

  it("an 80-bit operand across two pages is read and written whole", () => {
    const [low, high] = [0x123456789abcdef0n, 0x4321];
    fpu.stack({ sig: low, exp: high });
    fpu.cpu.setGpr(3, 0x30ffbn);
    fpu.run("db 3b db 2b");
    expect(fpu.contents()).toEqual([{ sig: low, exp: high }]);
    expect(Buffer.from(fpu.memory(0x30ffb, 10)).toString("hex")).toBe("f0debc9a785634122143");
  });

  it.each([
    ["FLD m64", "dd 43 04", VECTOR_AC],
    ["FLD m32", "d9 43 04", -1],
    ["FLD m80", "db 6b 04", VECTOR_AC],
    ["FSTP m80", "db 7b 04", VECTOR_AC],
    ["FLD m80, aligned", "db 6b 08", -1],
    ["FNSTENV", "d9 73 02", VECTOR_AC],
    ["FNSTENV, aligned", "d9 73 04", -1],
    ["FNSTENV m14byte", "66 d9 73 02", -1],
    ["FNSTENV m14byte", "66 d9 73 01", VECTOR_AC],
    ["MOVQ", "0f 6f 43 04", VECTOR_AC],
  ])("%s checks alignment at level 3", (_, code, vector) => {
    const { core } = fpu.cpu;
    setCr0(CR0 | CR0_AM);
    core.exports.setFlagsWord(0x40002);
    core.setState32(STATE.CPL, 3);
    // What follows the instruction, HLT, faults at this level.
    expect(fpu.run(code).vector).toBe(vector < 0 ? VECTOR_GP : vector);
  });
});
