/** Images that run above L0: the same output as on the bare machine, in every mode of the APIC. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Machine, type MachineOptions } from "../../src/index.ts";
import { ftraceLine, type KvmEvent } from "../../src/l0/trace.ts";

const image = (name: string) =>
  readFileSync(new URL(`../../guests/images/${name}`, import.meta.url));

async function outputOf(name: string, options: MachineOptions = {}) {
  const machine = await Machine.create({ memory: 64 << 20, ...options });
  const pieces: Uint8Array[] = [];
  machine.serial[0]!.onData((bytes) => pieces.push(bytes.slice()));
  machine.load(image(name));
  const stop = await machine.run({ timeoutMs: 60_000 });
  return { machine, stop, text: Buffer.concat(pieces).toString("latin1") };
}

const lines = (text: string) => text.trim().split("\n");

describe("an image above L0", () => {
  for (const name of ["protected32.elf", "self-modifying.elf", "system-checks64.elf"]) {
    it(`prints what it prints on the bare machine: ${name}`, async () => {
      const bare = await outputOf(name);
      const l1 = await outputOf(name, { mode: "l1" });
      expect(l1.stop).toEqual(bare.stop);
      expect(lines(l1.text)).toEqual(lines(bare.text));
    }, 60_000);
  }

  for (const l0Apic of ["emulated", "flexpriority", "apicv"] as const) {
    it(`sees a processor whose interrupts, faults and translations are right: ${l0Apic}`, async () => {
      const { text, stop } = await outputOf("tour.elf", { mode: "l1", l0Apic });
      expect(stop).toMatchObject({ kind: "exit", code: 0 });
      expect(text).toMatch(/The tour is over: everything was as it should be\./);
      expect(text).not.toMatch(/WRONG|wrong/);
    }, 60_000);

    it(`runs on two processors: ${l0Apic}`, async () => {
      const { text } = await outputOf("smp-hello.elf", { mode: "l1", cpus: 2, l0Apic });
      expect(text).toMatch(/processor 0 says hello/);
      expect(text).toMatch(/processor 1 says hello/);
      expect(text).toMatch(/counted 4000 with a lock and 4000 atomically, 2000 each/);
    }, 60_000);
  }

  it("runs the same way each time", async () => {
    const runs = await Promise.all(
      [1, 2].map(() => outputOf("smp-hello.elf", { mode: "l1", cpus: 2, seed: 5 })),
    );
    const [first, second] = runs.map(({ machine, text }) => ({
      text,
      time: machine.time,
      instructions: machine.instructions,
      exits: machine.l1!.vcpus.map(({ exits }) => exits),
    }));
    expect(first).toEqual(second);
  });

  it("without VMX finds none in CPUID, on which VMX instructions are undefined", async () => {
    const machine = await Machine.create({ mode: "l1", memory: 4 << 20, cpuFeatures: ["-VMX"] });
    // MOV EAX, 1; CPUID; MOV [0x9000], ECX; VMXOFF: #UD, no IDT, triple fault
    const code = [0xb8, 1, 0, 0, 0, 0x0f, 0xa2, 0x89, 0x0c, 0x25, 0, 0x90, 0, 0, 0x0f, 0x01, 0xc4];
    machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "long64" } });
    expect(await machine.run()).toEqual({ kind: "triple-fault", cpu: 0 });
    expect(machine.memory.read32(0x9000) & (1 << 5)).toBe(0);
  });

  it("runs under any CPU model that L1 may be told, but not without EPT", async () => {
    const told = await outputOf("protected32.elf", { mode: "l1", cpuModel: "qemu64" });
    expect(told.stop.kind).toBe("exit");
    await expect(Machine.create({ mode: "l1", cpuModel: "penryn" })).rejects.toThrow(
      /mode l1: CPU model penryn: the processor has no VMX controls/,
    );
  });

  it("names the bytes of an instruction that the emulator cannot carry out", async () => {
    const machine = await Machine.create({ mode: "l1", memory: 4 << 20 });
    // ADD of an XMM register with device memory: ADDPS XMM0, [0xfec00000]
    const code = [0xbb, 0, 0, 0xc0, 0xfe, 0x0f, 0x58, 0x03];
    machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "long64" } });
    const stop = await machine.run();
    expect(stop).toMatchObject({ kind: "internal-error", cpu: 0, suberror: "emulation" });
    expect(stop).toMatchObject({ trail: expect.arrayContaining(["L1 EPT_VIOLATION rip 0x8005"]) });
    expect(stop).toMatchObject({ message: expect.stringMatching(/ADDPS .*\(0f 58 03\)/) });
    expect(machine.linearRip(machine.cpus[0]!)).toBe(0x8005n);
    // Nothing is lost: the next run tries again, and goes on where the instruction is another one.
    expect(await machine.run()).toMatchObject({ ...stop, trail: expect.anything() });
    machine.memory.write(0x8005, Uint8Array.of(0xb0, 0, 0xe6, 0xf4));
    expect(await machine.run()).toMatchObject({ kind: "exit", code: 0 });
  });

  it("tells what L0 does in the words of the kernel's trace", async () => {
    const machine = await Machine.create({ mode: "l1", memory: 4 << 20 });
    const events: KvmEvent[] = [];
    machine.l1!.trace((event) => events.push(event));
    // XOR EAX, EAX; CPUID; MOV AL, 0; OUT 0xf4, AL
    const code = [0x31, 0xc0, 0x0f, 0xa2, 0xb0, 0, 0xe6, 0xf4];
    machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "long64" } });
    await machine.run();
    const kinds = new Set(["kvm_cpuid", "kvm_pio", "kvm_page_fault"]);
    const names = events.map(({ name }) => name).filter((name) => kinds.has(name));
    expect(names.filter((name) => name !== "kvm_page_fault")).toEqual(["kvm_cpuid", "kvm_pio"]);
    expect(names[0]).toBe("kvm_page_fault");
    expect(
      events.map(ftraceLine).some((line) => /kvm_exit: vcpu 0 reason CPUID rip 0x8002/.test(line)),
    ).toBe(true);
  });
});
