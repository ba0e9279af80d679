/** Near and far transfers of control. */
import { expect, test } from "vitest";
import { runUser } from "../support/user-program.ts";

const CODE = 0x10000800n;
const GP = 13;
const PF = 14;
const AC = 17;
const FLAG_AC = 0x40202;

test("CALL with a 16-bit displacement jumps, to 16 bits of EIP", async () => {
  const end = await runUser({
    mode: 32,
    rip: CODE,
    registers: { RSP: 0x20000800n },
    memory: [[CODE, [0x66, 0xe8, 0x00, 0xf8]]],
  });
  expect([end.vector, end.cr2, end.rip]).toEqual([PF, 4n, 4n]);
  expect(end.memory(0x200007fen, 2)).toEqual([0x04, 0x08]);
});

test("a jump joined to its compare faults with RIP at the jump", async () => {
  // TEST AL, 0x32; JNBE beyond the limit of CS.
  const end = await runUser({
    mode: 16,
    rip: 0x800n,
    registers: { RAX: 0x32n, RSP: 0x3b7c0800n },
    memory: [[CODE, [0xf6, 0xc0, 0x32, 0x66, 0x0f, 0x87, 0x00, 0x40, 0x00, 0x00]]],
  });
  expect([end.vector, end.error, end.rip]).toEqual([GP, 0, 0x803n]);
});

test("a far pointer m16:32 must be aligned to 4 bytes, m16:16 to 2", async () => {
  const registers = { RAX: 0x20000ffan, RSP: 0x20000800n };
  const wide = await runUser({
    mode: 64,
    rip: CODE,
    registers,
    flags: FLAG_AC,
    memory: [
      [0x20000ffan, [0x00, 0x01, 0x00, 0x10, 0x33, 0x00]],
      [CODE, [0xff, 0x28]],
    ],
  });
  expect([wide.vector, wide.rip]).toEqual([AC, CODE]);
  const narrow = await runUser({
    mode: 64,
    rip: CODE,
    registers,
    flags: FLAG_AC,
    memory: [
      [0x20000ffan, [0x00, 0x01, 0x33, 0x00]],
      [CODE, [0x66, 0xff, 0x28]],
    ],
  });
  expect([narrow.vector, narrow.rip]).toEqual([PF, 0x100n]);
});

test("a far pointer wraps within 16-bit addresses", async () => {
  const end = await runUser({
    mode: 32,
    rip: CODE,
    registers: { RBX: 0xfffcn, RSP: 0x20000800n },
    memory: [
      [0xfffcn, [0x00, 0x01, 0x00, 0x10]],
      [CODE, [0x67, 0xff, 0x28]],
    ],
  });
  expect([end.vector, end.cr2]).toEqual([PF, 0n]);
});

test("a far call checks the alignment of what it pushes", async () => {
  const end = await runUser({
    mode: 64,
    rip: CODE,
    registers: { RAX: 0x20000100n, RSP: 0x20001013n },
    flags: FLAG_AC,
    memory: [
      [0x20000100n, [0x00, 0x01, 0x33, 0x00]],
      [CODE, [0x66, 0xff, 0x18]],
    ],
  });
  expect([end.vector, end.rip, end.registers.RSP]).toEqual([AC, CODE, 0x20001013n]);
});
