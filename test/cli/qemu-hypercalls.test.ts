import { expect, test } from "vitest";
import { answerHypercall } from "../../src/cli/qemu/hypercalls.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { GprName } from "../../src/machine/processor.ts";

/** VMCALL, then HLT. */
const CODE = Uint8Array.of(0x0f, 0x01, 0xc1, 0xf4);
const ORIGIN = 0x10000;

/** Makes one call with these registers; the machine is left behind it. */
async function call(registers: Partial<Record<GprName, bigint>>, mode: "long64" | "protected32") {
  const machine = await Machine.create({ memory: 1 << 21, cpus: 3 });
  machine.setHooks({ onHypercall: (cpu) => answerHypercall(machine, cpu) });
  machine.load(CODE, { flat: { address: ORIGIN, mode } });
  const cpu = machine.cpus[0]!;
  for (const [name, value] of Object.entries(registers)) cpu.set(name as GprName, value);
  await machine.step();
  return { machine, result: cpu.get("rax"), rip: cpu.get("rip") };
}

test("a call that there is not gives -1000 in RAX, and in EAX outside 64-bit mode", async () => {
  const wide = await call({ rax: 77n }, "long64");
  expect(wide.result).toBe(BigInt.asUintN(64, -1000n));
  expect(wide.rip).toBe(BigInt(ORIGIN + 3));
  const narrow = await call({ rax: 77n }, "protected32");
  expect(narrow.result).toBe(BigInt.asUintN(32, -1000n));
});

test("a call to send an interrupt reaches the processors of the mask", async () => {
  const enable = (machine: Machine) =>
    machine.platform.localApics.forEach((apic) => {
      apic.writeMmio(0xf0, 0x1ff);
    });
  const machine = await Machine.create({ memory: 1 << 21, cpus: 3 });
  enable(machine);
  machine.setHooks({ onHypercall: (cpu) => answerHypercall(machine, cpu) });
  machine.load(CODE, { flat: { address: ORIGIN, mode: "long64" } });
  const cpu = machine.cpus[0]!;
  // Bits 0, 1 and 63 from APIC ID 1 on: processors 1 and 2, and one that is not there.
  cpu.set("rax", 10n);
  cpu.set("rbx", 0x8000000000000003n);
  cpu.set("rcx", 0n);
  cpu.set("rdx", 1n);
  cpu.set("rsi", 0x41n);
  await machine.step();
  expect(cpu.get("rax")).toBe(2n);
  const pending = machine.platform.localApics.map((apic) => apic.readMmio(0x220));
  expect(pending).toEqual([0, 2, 2]);
});

test("a logical destination is refused, and no APIC ID from the first on is no error", async () => {
  const logical = await call({ rax: 10n, rbx: 1n, rcx: 0n, rdx: 0n, rsi: 0x841n }, "long64");
  expect(logical.result).toBe(BigInt.asUintN(64, -22n));
  const nobody = await call({ rax: 10n, rbx: 1n, rcx: 0n, rdx: 0xffffffffn, rsi: 0n }, "long64");
  expect(nobody.result).toBe(0n);
});
