/** Operands: sizes, alignment, permissions. */
import { expect, test } from "vitest";
import { runUser } from "../support/user-program.ts";

const CODE = 0x10000800n;
const BP = 3;
const GP = 13;
const PF = 14;
const AC = 17;

test("MOVSXD without REX.W moves 32 bits and clears the upper half", async () => {
  const end = await runUser({
    mode: 64,
    rip: CODE,
    registers: { RCX: 0xffffffffffffff3an },
    memory: [[CODE, [0x63, 0xc9, 0xcc]]],
  });
  expect([end.vector, end.registers.RCX]).toEqual([BP, 0xffffff3an]);
});

test("REP MOVS and REP STOS check the alignment of their elements", async () => {
  const registers = { RCX: 0x37n, RSI: 0x20000ff1n, RDI: 0x20000801n, RSP: 0x20000800n };
  for (const opcode of [0xa5, 0xab]) {
    const end = await runUser({
      mode: 64,
      rip: CODE,
      registers,
      flags: 0x40202,
      memory: [[CODE, [0xf3, opcode, 0xcc]]],
    });
    expect([end.vector, end.registers.RCX, end.rip]).toEqual([AC, 0x37n, CODE]);
  }
});

test("REP OUTS that has nothing to do still needs the right to the port", async () => {
  const end = await runUser({ mode: 64, rip: CODE, memory: [[CODE, [0xf3, 0x6f, 0xcc]]] });
  expect([end.vector, end.error, end.rip]).toEqual([GP, 0, CODE]);
});

test("BOUND reads its two bounds one by one", async () => {
  // The lower bound at offset fffd lies in a missing page; the upper one would exceed the limit.
  const end = await runUser({
    mode: 16,
    rip: 0x800n,
    registers: { RBX: 0xfffdn, RSP: 0x3b7c0800n },
    memory: [[CODE, [0x62, 0x00]]],
  });
  expect([end.vector, end.cr2]).toEqual([PF, 0x2000fffdn]);
});

test("CLFLUSHOPT may name execute-only code, a read may not", async () => {
  const common = {
    mode: 32,
    rip: 0x800n,
    registers: { RAX: 0x230n },
    selectors: [0x3f, 0x2b, 0x2b, 0x2b, 0x2b, 0x2b],
  } as const;
  const flush = await runUser({
    ...common,
    memory: [[CODE, [0x2e, 0x66, 0x0f, 0xae, 0x38, 0xcc]]],
  });
  expect([flush.vector, flush.rip]).toEqual([BP, 0x806n]);
  const read = await runUser({ ...common, memory: [[CODE, [0x2e, 0x8b, 0x00, 0xcc]]] });
  expect([read.vector, read.error, read.rip]).toEqual([GP, 0, 0x800n]);
});
