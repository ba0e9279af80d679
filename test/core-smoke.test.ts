import { expect, test } from "vitest";
import { BareCore } from "./support/bare-core.ts";

test("a bare core adds two registers and stops at HLT", async () => {
  const cpu = await BareCore.create();
  cpu.setGpr(0, 40n);
  cpu.setGpr(1, 2n);
  const end = cpu.run([0x48, 0x01, 0xc8]);
  expect(end.vector).toBe(-1);
  expect(cpu.gpr(0)).toBe(42n);
});

test("an undefined opcode raises #UD at its own address", async () => {
  const cpu = await BareCore.create();
  const end = cpu.run([0x90, 0x0f, 0x0b]);
  expect(end).toEqual({ vector: 6, error: 0, rip: 0x10001n });
});
