import { expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.ts";

const ORIGIN = 0x10000;

/** A machine in 64-bit mode in front of `code`. */
async function machineAt(...code: number[]): Promise<Machine> {
  const machine = await Machine.create({ memory: 1 << 21 });
  machine.load(Uint8Array.from(code), { flat: { address: ORIGIN, mode: "long64" } });
  return machine;
}

test("an access to a port takes a microsecond of virtual time and counts as one instruction", async () => {
  // IN AL,80h; OUT 80h,AL; NOP
  const machine = await machineAt(0xe4, 0x80, 0xe6, 0x80, 0x90);
  await machine.run({ maxInstructions: 3 });
  expect(machine.instructions).toBe(3);
  expect(machine.time).toBe(2001);
  expect(machine.cpus[0]!.get("rip")).toBe(BigInt(ORIGIN + 5));
});

test("each element of a repeated string access takes its microsecond", async () => {
  // REP INSB of three elements, NOP
  const machine = await machineAt(0xf3, 0x6c, 0x90);
  const cpu = machine.cpus[0]!;
  cpu.set("rcx", 3n);
  cpu.set("rdx", 0x80n);
  cpu.set("rdi", 0x20000n);
  await machine.run({ maxInstructions: 2 });
  expect(cpu.get("rcx")).toBe(0n);
  expect(machine.time).toBeGreaterThanOrEqual(3000);
  expect(machine.instructions).toBe(2);
});

test.each([
  ["PAUSE", [0xf3, 0x90]],
  ["IN AL,80h", [0xe4, 0x80]],
])("an instruction breakpoint behind %s, which takes time, is met", async (_name, bytes) => {
  // MOV EAX,target; MOV DR0,RAX; MOV EAX,402h; MOV DR7,RAX; the instruction; NOP
  const target = ORIGIN + 16 + bytes.length;
  const machine = await machineAt(
    ...[0xb8, target & 0xff, (target >> 8) & 0xff, target >> 16, 0, 0x0f, 0x23, 0xc0],
    ...[0xb8, 0x02, 0x04, 0, 0, 0x0f, 0x23, 0xf8],
    ...bytes,
    0x90,
  );
  const vectors: number[] = [];
  machine.setHooks({ onException: (_cpu, vector) => void vectors.push(vector) });
  await machine.run({ maxInstructions: 6 });
  expect(vectors[0]).toBe(1);
});
