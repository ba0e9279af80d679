/** More vCPUs than logical processors: threads of L0 take turns on them in virtual time. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Machine, type MachineOptions } from "../../src/index.ts";
import { imageOf } from "../guests/vmx-guests.ts";

const smpHello = readFileSync(new URL("../../guests/images/smp-hello.elf", import.meta.url));

async function run(image: Uint8Array, options: MachineOptions) {
  const machine = await Machine.create({ mode: "l1", memory: 32 << 20, ...options });
  const pieces: Uint8Array[] = [];
  machine.serial[0]!.onData((bytes) => pieces.push(bytes.slice()));
  machine.load(image);
  const stop = await machine.run({ timeoutMs: 60_000 });
  return { machine, stop, text: Buffer.concat(pieces).toString("latin1") };
}

/** Two processors that count for ever, each in a word of its own (64-bit code, by its APIC ID). */
async function countersOf(pcpus: number) {
  const machine = await Machine.create({ mode: "l1", memory: 4 << 20, cpus: 3, pcpus });
  // MOV EAX, 1; CPUID; SHR EBX, 24; again: INC QWORD [RBX * 8 + 0x9000]; JMP again
  const code = [
    ...[0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0xc1, 0xeb, 24],
    ...[0x48, 0xff, 0x04, 0xdd, 0, 0x90, 0, 0, 0xeb, 0xf6],
  ];
  const flat = { address: 0x8000, mode: "long64" } as const;
  const { start } = machine.load(Uint8Array.from(code), { flat });
  for (const vcpu of machine.l1!.vcpus) vcpu.start = start;
  for (const vcpu of machine.l1!.vcpus.slice(1)) vcpu.requestReset(undefined);
  await machine.run({ maxInstructions: 3_000_000 });
  return [0, 1, 2].map((i) => Number(machine.memory.read64(0x9000 + i * 8)));
}

describe("vCPUs that share logical processors", () => {
  for (const pcpus of [1, 2, 3]) {
    it(`run as on processors of their own: 4 on ${pcpus}`, async () => {
      const { stop, text, machine } = await run(smpHello, { cpus: 4, pcpus });
      expect(stop).toMatchObject({ kind: "exit", code: 0 });
      expect(text).toMatch(/counted 8000 with a lock and 8000 atomically, 2000 each/);
      expect(machine.cpus).toHaveLength(pcpus);
    }, 60_000);
  }

  it("get equal parts of the time", async () => {
    const counts = await countersOf(1);
    const sum = counts.reduce((a, b) => a + b);
    for (const count of counts) {
      expect(count / sum).toBeGreaterThan(0.25);
      expect(count / sum).toBeLessThan(0.42);
    }
  });

  it("do the same each time", async () => {
    const [first, second] = await Promise.all(
      [1, 2].map(async () => {
        const { machine, text } = await run(smpHello, { cpus: 4, pcpus: 2, seed: 9 });
        const exits = machine.l1!.vcpus.map((vcpu) => vcpu.exits);
        return { text, exits, time: machine.time };
      }),
    );
    expect(first).toEqual(second);
  }, 60_000);

  it("bring vmcs01 and vmcs02 along when L2 is taken off its processor", async () => {
    const { stop } = await run(imageOf("vmx-apic"), { cpus: 2, pcpus: 1, sanitizer: true });
    expect(stop).toMatchObject({ kind: "exit", code: 0 });
  }, 60_000);

  it("are refused on the bare machine, and where there would be more processors", async () => {
    await expect(Machine.create({ cpus: 2, pcpus: 1 })).rejects.toThrow(/mode "l1"/);
    await expect(Machine.create({ mode: "l1", cpus: 2, pcpus: 3 })).rejects.toThrow(/1 to 2/);
  });
});

it("VMX operands may lie at linear addresses of 57 bits", async () => {
  const machine = await Machine.create({ mode: "l1", memory: 4 << 20 });
  const [pml5, region, pointer] = [0x9000, 0xa000, 0xb000];
  // MOV ECX, 0x3a; MOV EAX, 5; XOR EDX, EDX; WRMSR; MOV RBX, address; VMXON [RBX]; SETBE AL; OUT 0xf4
  const code = [
    ...[0xb9, 0x3a, 0, 0, 0, 0xb8, 5, 0, 0, 0, 0x31, 0xd2, 0x0f, 0x30],
    ...[0x48, 0xbb, 0, 0xb0, 0, 0, 0, 0, 0xa0, 0xff, 0xf3, 0x0f, 0xc7, 0x33],
    ...[0x0f, 0x96, 0xc0, 0xe6, 0xf4],
  ];
  const { start } = machine.load(Uint8Array.from(code), {
    flat: { address: 0x8000, mode: "long64" },
  });
  const wide = (value: bigint) => new Uint8Array(new BigUint64Array([value]).buffer);
  for (const index of [0, 0x1a0]) {
    machine.memory.write(pml5 + index * 8, wide(BigInt(start.cr3) | 3n));
  }
  machine.memory.write(region, wide(0x11e57ed0n));
  machine.memory.write(pointer, wide(BigInt(region)));
  const cr4 = start.cr4 | 0x3000;
  machine.l1!.vcpus[0]!.start = { ...start, cr3: pml5, cr4, cr0: start.cr0 | 0x20 };
  expect(await machine.run()).toMatchObject({ kind: "exit", code: 0 });
});
