import { expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.ts";

const ORIGIN = 0x100000;
const TABLES = 0x200000;
const PRESENT_WRITABLE = 3n;
const LARGE = 0x80n;
const RESERVED_BIT_FAULT = 9;

/** Reads the leaf 80000008h, then through a 2 MiB page at 1 GiB whose entry has bit 36 set. */
async function run(physicalAddressBits: number) {
  const machine = await Machine.create({ memory: 4 << 20, physicalAddressBits });
  // MOV EAX,80000008h; CPUID; MOV ESI,EAX; MOV EAX,40000000h; MOV EAX,[RAX]
  const code = [0xb8, 8, 0, 0, 0x80, 0x0f, 0xa2, 0x89, 0xc6, 0xb8, 0, 0, 0, 0x40, 0x8b, 0x00];
  machine.load(Uint8Array.from(code), { flat: { address: ORIGIN, mode: "long64" } });
  const entry = (hpa: number, value: bigint) =>
    machine.memory.write(hpa, new Uint8Array(BigUint64Array.of(value).buffer));
  entry(TABLES, BigInt(TABLES + 0x1000) | PRESENT_WRITABLE);
  entry(TABLES + 0x1000, BigInt(TABLES + 0x2000) | PRESENT_WRITABLE);
  entry(TABLES + 0x1008, BigInt(TABLES + 0x3000) | PRESENT_WRITABLE);
  entry(TABLES + 0x2000, PRESENT_WRITABLE | LARGE);
  entry(TABLES + 0x3000, (1n << 36n) | PRESENT_WRITABLE | LARGE);
  const cpu = machine.cpus[0]!;
  cpu.set("cr3", BigInt(TABLES));
  const faults: number[] = [];
  machine.setHooks({
    onException: (_cpu, vector, _kind, error) => {
      if (vector === 14) faults.push(error);
    },
  });
  await machine.run({ maxInstructions: 5 });
  return { reported: Number(cpu.get("rsi") & 0xffn), fault: faults[0] };
}

test("bits above the width that is asked for are reserved in paging-structure entries", async () => {
  expect(await run(36)).toEqual({ reported: 36, fault: RESERVED_BIT_FAULT });
  expect(await run(37)).toEqual({ reported: 37, fault: undefined });
});

test("a width outside the architecture is refused", async () => {
  await expect(Machine.create({ physicalAddressBits: 53 })).rejects.toThrow(/53/);
  await expect(Machine.create({ physicalAddressBits: 35 })).rejects.toThrow(/35/);
});
