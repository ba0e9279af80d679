import { expect, test } from "vitest";
import { Machine, readLinear, translate } from "../../src/index.ts";

/** Runs `code` at 0x1000 in the given mode up to its HLT and gives the machine. */
async function run(mode: "protected32" | "long64", code: readonly number[]): Promise<Machine> {
  const machine = await Machine.create({ memory: 8 << 20 });
  machine.load(Uint8Array.from(code), { flat: { address: 0x1000, mode } });
  expect(await machine.run({ maxInstructions: 1000 })).toEqual({ kind: "dead-halt" });
  return machine;
}

function write32(machine: Machine, hpa: number, value: number): void {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  machine.memory.write(hpa, bytes);
}

test("without paging a linear address is the physical one", async () => {
  const machine = await run("protected32", [0xf4]);
  const cpu = machine.cpus[0]!;
  expect(translate(machine.memory, cpu, 0x12345n)).toBe(0x12345);
  expect([...readLinear(machine.memory, cpu, 0x1000n, 2)]).toEqual([0xf4, 0]);
  expect(readLinear(machine.memory, cpu, (8n << 20n) - 3n, 16)).toHaveLength(3);
});

test("32-bit paging with small and large pages", async () => {
  // MOV EAX, 0x10000; MOV CR3, EAX; CR4.PSE; CR0.PG; HLT
  const machine = await Machine.create({ memory: 8 << 20 });
  const code = [
    ...[0xb8, 0x00, 0x00, 0x01, 0x00, 0x0f, 0x22, 0xd8, 0x0f, 0x20, 0xe0, 0x83, 0xc8, 0x10],
    ...[0x0f, 0x22, 0xe0, 0x0f, 0x20, 0xc0, 0x0d, 0x00, 0x00, 0x00, 0x80, 0x0f, 0x22, 0xc0, 0xf4],
  ];
  machine.load(Uint8Array.from(code), { flat: { address: 0x1000, mode: "protected32" } });
  write32(machine, 0x10000, 0x83); // 4 MiB at 0
  write32(machine, 0x10004, 0x11003); // a table for 4-8 MiB
  write32(machine, 0x11000 + 5 * 4, 0x00123003);
  expect(await machine.run({ maxInstructions: 100 })).toEqual({ kind: "dead-halt" });
  const cpu = machine.cpus[0]!;
  expect(translate(machine.memory, cpu, 0x234567n)).toBe(0x234567);
  expect(translate(machine.memory, cpu, 0x405abcn)).toBe(0x123abc);
  expect(translate(machine.memory, cpu, 0x406000n)).toBeUndefined();
  expect(translate(machine.memory, cpu, 0x800000n)).toBeUndefined();
  // Reading leaves no accessed bit behind.
  expect(machine.memory.read32(0x11000 + 5 * 4)).toBe(0x00123003);
  machine.memory.write(0x123ffe, Uint8Array.of(1, 2));
  expect([...readLinear(machine.memory, cpu, 0x405ffen, 8)]).toEqual([1, 2]);
});

test("4-level paging agrees with the core's own walk", async () => {
  const machine = await run("long64", [0xf4]);
  const cpu = machine.cpus[0]!;
  for (const gla of [0n, 0x1000n, 0x3fffffn, 0x7f1234n, 0xfee00010n]) {
    const found = machine.core.exports.translateLinear(Number(gla), 0);
    expect(found).toBe(1);
    expect(translate(machine.memory, cpu, gla)).toBe(machine.core.result().lo >>> 0);
  }
  expect(translate(machine.memory, cpu, 0x1_0000_0000n)).toBeUndefined();
  expect(readLinear(machine.memory, cpu, 0xfee00000n, 4)).toHaveLength(0);
});
