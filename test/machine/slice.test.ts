/** Slices: how far a processor runs before devices and limits are looked at. */
import { expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.ts";

const APIC = 0xfee00000;

/** MOV DWORD [FEE00000h + register], value */
function apicWrite(register: number, value: number): number[] {
  const bytes = new DataView(new ArrayBuffer(8));
  bytes.setUint32(0, APIC + register, true);
  bytes.setUint32(4, value, true);
  return [0xc7, 0x05, ...new Uint8Array(bytes.buffer)];
}

test("a timer that is moved far away does not lengthen the slice under way", async () => {
  const machine = await Machine.create({ memory: 1 << 20 });
  const code = [
    ...apicWrite(0xf0, 0x1ff),
    ...apicWrite(0x320, 0x30),
    // First soon, then 2^32 - 1 counts of 128 ticks.
    ...apicWrite(0x380, 0x1000),
    ...apicWrite(0x3e0, 0x0a),
    ...apicWrite(0x380, 0xffffffff),
    ...[0xeb, 0xfe],
  ];
  machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "protected32" } });
  expect(await machine.run({ maxInstructions: 1000 })).toEqual({ kind: "instruction-limit" });
  expect(machine.instructions).toBe(1000);
  expect(machine.time).toBe(1000);
});

test("a timer that comes due within the slice ends it in time", async () => {
  const machine = await Machine.create({ memory: 1 << 20 });
  const code = [
    ...apicWrite(0xf0, 0x1ff),
    ...apicWrite(0x320, 0x30),
    ...apicWrite(0x3e0, 0x0b),
    ...apicWrite(0x380, 100),
    ...[0xeb, 0xfe],
  ];
  machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "protected32" } });
  await machine.run({ maxInstructions: 102 });
  expect(machine.platform.localApics[0]?.readMmio(0x210)).toBe(0);
  await machine.run({ maxInstructions: 2 });
  expect(machine.platform.localApics[0]?.readMmio(0x210)).toBe(1 << 16);
});
