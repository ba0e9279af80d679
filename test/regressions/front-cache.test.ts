import { expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.ts";

const ORIGIN = 0x100000;
const TABLES = 0x200000;
const PRESENT_WRITABLE = 3n;
const LARGE = 0x80n;

/** Four pages are read through a 2 MiB translation, which INVLPG drops for all addresses in it. */
test("INVLPG of a large page drops what its small pages have left in the front cache", async () => {
  const machine = await Machine.create({ memory: 64 << 20, tlb: "adversarial" });
  const region = 0x40000000n;
  const offsets = [0n, 0x1000n, 0xff000n, 0x1ff000n];
  const code: number[] = [];
  const load = (address: bigint) => {
    // MOV RBX,address; ADD RAX,[RBX]
    code.push(
      0x48,
      0xbb,
      ...[...Array(8).keys()].map((i) => Number((address >> BigInt(8 * i)) & 255n)),
    );
    code.push(0x48, 0x03, 0x03);
  };
  for (const offset of offsets) load(region + offset);
  // MOV [RSI],RDI changes the directory entry; INVLPG [RBX].
  code.push(0x48, 0x89, 0x3e, 0x0f, 0x01, 0x3b);
  for (const offset of offsets) load(region + offset);
  code.push(0x90);
  machine.load(Uint8Array.from(code), { flat: { address: ORIGIN, mode: "long64" } });
  const cpu = machine.cpus[0]!;
  const entry = (at: number, value: bigint) => {
    machine.memory.write(at, new Uint8Array(BigUint64Array.of(value).buffer));
  };
  entry(TABLES, BigInt(TABLES + 0x1000) | PRESENT_WRITABLE);
  entry(TABLES + 0x1000, BigInt(TABLES + 0x2000) | PRESENT_WRITABLE);
  entry(TABLES + 0x1008, BigInt(TABLES + 0x3000) | PRESENT_WRITABLE);
  entry(TABLES + 0x2000, 0n | PRESENT_WRITABLE | LARGE);
  entry(TABLES + 0x2008, 0x200000n | PRESENT_WRITABLE | LARGE);
  entry(TABLES + 0x3000, 0x1000000n | PRESENT_WRITABLE | LARGE);
  for (const offset of offsets) {
    entry(0x1000000 + Number(offset), 1n);
    entry(0x1200000 + Number(offset), 0x100n);
  }
  cpu.set("cr3", BigInt(TABLES));
  cpu.set("rax", 0n);
  cpu.set("rsi", BigInt(TABLES + 0x3000));
  cpu.set("rdi", 0x1200000n | PRESENT_WRITABLE | LARGE);
  await machine.run({ maxInstructions: 2 * 2 * offsets.length + 3 });
  expect(cpu.get("rax")).toBe(0x404n);
});
