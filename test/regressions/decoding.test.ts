/** What bytes mean, and how many of them are fetched to find out. */
import { expect, test } from "vitest";
import { runUser } from "../support/user-program.ts";

const CODE = 0x10000800n;
const PAGE_END = 0x10002000n;
const UD = 6;
const BP = 3;
const GP = 13;
const PF = 14;

test("VEX.vvvv names a register that RORX has not: #UD", async () => {
  const code = [0xc4, 0xe3, 0x73, 0xf0, 0xc0, 0x00, 0xcc];
  const end = await runUser({ mode: 64, rip: CODE, memory: [[CODE, code]] });
  expect([end.vector, end.rip]).toEqual([UD, CODE]);
});

test("MOV to a control register takes a register whatever ModRM.mod says", async () => {
  // In user mode that is #GP, and no memory operand is looked at.
  const code = [0x0f, 0x22, 0x00, 0xcc];
  const end = await runUser({ mode: 64, rip: CODE, memory: [[CODE, code]] });
  expect([end.vector, end.rip]).toEqual([GP, CODE]);
});

test("a group opcode whose ModRM lies in a missing page: the page fault comes first", async () => {
  const rip = PAGE_END - 2n;
  const end = await runUser({ mode: 64, rip, memory: [[rip, [0x0f, 0xba]]] });
  expect([end.vector, end.cr2, end.error]).toEqual([PF, PAGE_END, 0x14]);
});

test("an undefined VEX.L is found after the instruction has been fetched", async () => {
  // SHLX with VEX.L, whose displacement reaches into a missing page.
  const code = [0xc4, 0xe2, 0xfd, 0xf7, 0x84, 0xd0, 0x00, 0x00, 0x00];
  const rip = PAGE_END - BigInt(code.length);
  const end = await runUser({ mode: 64, rip, memory: [[rip, code]] });
  expect([end.vector, end.cr2]).toEqual([PF, PAGE_END]);
});

test("F2 90 is a NOP and leaves the upper half of RAX", async () => {
  const end = await runUser({
    mode: 64,
    rip: CODE,
    registers: { RAX: 0xffffffffffffff1dn },
    memory: [[CODE, [0xf2, 0x90, 0xcc]]],
  });
  expect([end.vector, end.registers.RAX]).toEqual([BP, 0xffffffffffffff1dn]);
});

test("an instruction beyond the limit of CS is #GP though its next page is missing, too", async () => {
  const rip = PAGE_END - 2n;
  const end = await runUser({
    mode: 32,
    rip: 0x1ffen,
    selectors: [0x3f, 0x2b, 0x2b, 0x2b, 0x2b, 0x2b],
    memory: [[rip, [0x80, 0xf8]]],
  });
  expect([end.vector, end.error, end.rip]).toEqual([GP, 0, 0x1ffen]);
});

test("RIP behind the limit of CS is #GP and no page fault", async () => {
  const rip = PAGE_END - 2n;
  const end = await runUser({
    mode: 32,
    rip: 0x1ffen,
    selectors: [0x3f, 0x2b, 0x2b, 0x2b, 0x2b, 0x2b],
    memory: [[rip, [0xf3, 0x90]]],
  });
  expect([end.vector, end.error, end.rip]).toEqual([GP, 0, 0x2000n]);
});

test("prefixes and an undefined group opcode of more than 15 bytes are #GP", async () => {
  const code = [...new Array<number>(8).fill(0x2e), 0x66, 0x2e, 0x2e, 0x2e, 0x40, 0x0f, 0xba, 0xc0];
  const end = await runUser({ mode: 64, rip: CODE, memory: [[CODE, code]] });
  expect([end.vector, end.error]).toEqual([GP, 0]);
});
