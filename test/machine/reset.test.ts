/** Resets: by which ways a guest asks for one, and what the machine does with and without firmware. */
import { describe, expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.ts";
import type { MachineOptions } from "../../src/machine/options.ts";

const FIRMWARE_BYTES = 0x10000;
/** Where the firmware counts its starts; RAM keeps it over resets. */
const COUNT = 0x500;
/** Where it leaves the lower half of the time-stamp counter. */
const STAMP = 0x504;
const SMALL = { memory: 1 << 20 };

/** What a guest does to be reset, in real mode with DS 0. */
const WAYS = {
  "the reset control register": [0xba, 0xf9, 0x0c, 0xb0, 0x06, 0xee],
  "port 0x92": [0xb0, 0x01, 0xe6, 0x92],
  "the keyboard controller": [0xb0, 0xfe, 0xe6, 0x64],
  // LIDT with zeros from RAM, then UD2.
  "a triple fault": [0x0f, 0x01, 0x1e, 0x10, 0x05, 0x0f, 0x0b],
} as const;

/** Counts its starts, exits at the third, otherwise spoils its copy in low memory and resets. */
function firmware(way: readonly number[]): Uint8Array {
  const image = new Uint8Array(FIRMWARE_BYTES);
  image.set([
    // XOR AX, AX; MOV DS, AX; RDTSC; MOV [STAMP], EAX
    ...[0x31, 0xc0, 0x8e, 0xd8, 0x0f, 0x31, 0x66, 0xa3, STAMP & 0xff, STAMP >> 8],
    // INC BYTE [COUNT]; MOV AL, [COUNT]; CMP AL, 3; JB over the exit
    ...[0xfe, 0x06, COUNT & 0xff, COUNT >> 8, 0xa0, COUNT & 0xff, COUNT >> 8, 0x3c, 0x03],
    ...[0x72, 0x04, 0xe6, 0xf4, 0xeb, 0xfe],
    // MOV BYTE [CS:0], HLT; A20 off
    ...[0x2e, 0xc6, 0x06, 0x00, 0x00, 0xf4, 0xb0, 0xdd, 0xe6, 0x64],
    ...way,
    ...[0xeb, 0xfe],
  ]);
  // JMP F000:0000
  image.set([0xea, 0x00, 0x00, 0x00, 0xf0], FIRMWARE_BYTES - 16);
  return image;
}

const boot = (way: readonly number[], options: MachineOptions = {}) =>
  Machine.create({ ...SMALL, firmware: firmware(way), ...options });

describe.each(Object.entries(WAYS))("a reset by %s", (name, way) => {
  test("starts the machine again through its firmware", async () => {
    const machine = await boot(way, { cpus: 2 });
    expect(await machine.run({ maxInstructions: 10_000 })).toMatchObject({ kind: "exit", code: 3 });
    expect(machine.memory.read(COUNT, 1)[0]).toBe(3);
    // The time-stamp counter has started from 0 while virtual time went on.
    expect(machine.memory.read32(STAMP)).toBeLessThan(20);
    expect(machine.time).toBeGreaterThan(30);
    expect(machine.platform.a20).toBe(true);
  });

  const stop = name === "a triple fault" ? "triple-fault" : "reset";

  test("ends the run where the options forbid to start again", async () => {
    const machine = await boot(way, { reboot: false });
    expect((await machine.run({ maxInstructions: 10_000 })).kind).toBe(stop);
    expect(machine.memory.read(COUNT, 1)[0]).toBe(1);
  });

  test("ends the run without firmware", async () => {
    const machine = await Machine.create(SMALL);
    const code = Uint8Array.of(0x31, 0xc0, 0x8e, 0xd8, ...way, 0xeb, 0xfe);
    machine.load(code, { flat: { address: 0x7c00, mode: "real" } });
    expect((await machine.run({ maxInstructions: 10_000 })).kind).toBe(stop);
  });
});

test("a machine that resets for ever can be ended, and its hooks stay", async () => {
  const machine = await boot([0xc6, 0x06, 0x00, 0x05, 0x00, ...WAYS["port 0x92"]]);
  let resets = 0;
  machine.setHooks({
    onPort: (_cpu, { address, write }) => {
      if (address === 0x92 && write) resets++;
    },
    onInstruction: () => false,
  });
  expect(await machine.run({ maxInstructions: 100_000 })).toEqual({ kind: "instruction-limit" });
  expect(machine.instructions).toBe(100_000);
  expect(resets).toBeGreaterThan(1000);
  expect((await machine.run({ timeoutMs: 20 })).kind).toBe("time-limit");
});

test("INIT resets the local APIC of the processor that acts on it", async () => {
  const machine = await Machine.create({ ...SMALL, cpus: 2 });
  // MOV DWORD [FEE00300h], INIT to all others; a loop.
  const init = [0xc7, 0x05, 0x00, 0x03, 0xe0, 0xfe, 0x00, 0x45, 0x0c, 0x00, 0xeb, 0xfe];
  machine.load(Uint8Array.from(init), { flat: { address: 0x8000, mode: "protected32" } });
  const [boot, other] = machine.platform.localApics;
  for (const apic of [boot, other]) {
    apic?.writeMmio(0xf0, 0x1ff);
    apic?.writeMmio(0x80, 0x20);
  }
  await machine.run({ maxInstructions: 10_000 });
  expect(other?.readMmio(0xf0)).toBe(0xff);
  expect(other?.readMmio(0x80)).toBe(0);
  expect(boot?.readMmio(0xf0)).toBe(0x1ff);
  expect(boot?.readMmio(0x80)).toBe(0x20);
});
