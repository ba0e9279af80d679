/** The guests that are small hypervisors, above L0: what they see of VMX is what a processor shows. */
import { describe, expect, it } from "vitest";
import { Machine } from "../../src/index.ts";
import { expectedText, imageOf, stepsOf, VMX_GUESTS, type VmxGuest } from "../guests/vmx-guests.ts";

/** Steps that need what L1 is not offered, by guest and subject. */
const NOT_OFFERED: Readonly<Record<VmxGuest, readonly string[]>> = {
  "vmx-exits": ["secondary.pause_loop_exiting", "secondary.pause_loop_exiting"],
  "vmx-events": ["event injection"],
  "vmx-memory": [
    "ept_violation",
    "secondary.ept_violation_ve",
    "secondary.ept_violation_ve",
    "secondary.ept_violation_ve",
    "secondary.mode_based_execute_ept",
    "secondary.subpage_write_permissions",
    "spp_event",
    "spp_event",
  ],
  "vmx-apic": [
    "apic_write",
    "primary.activate_tertiary_controls",
    "tertiary.ipi_virtualization",
    "tertiary.ipi_virtualization",
  ],
  "vmx-controls": [],
};

/** VMCALL by L1 is a hypercall, in VMX root operation too: so KVM has it. */
const OTHER_THAN_A_PROCESSOR: Readonly<Partial<Record<VmxGuest, string>>> = {
  "vmx-exits": "VMX root: VMCALL",
};

async function runAsL1(guest: VmxGuest) {
  const machine = await Machine.create({ mode: "l1", memory: 16 << 20, cpus: 2 });
  const pieces: Uint8Array[] = [];
  machine.serial[0]!.onData((bytes) => pieces.push(bytes.slice()));
  machine.load(imageOf(guest), {});
  const stop = await machine.run({ timeoutMs: 60_000 });
  return { text: Buffer.concat(pieces).toString("latin1"), stop };
}

describe("a hypervisor as L1", () => {
  for (const guest of VMX_GUESTS) {
    it(`sees what a processor shows: ${guest}`, async () => {
      const { text, stop } = await runAsL1(guest);
      const other = OTHER_THAN_A_PROCESSOR[guest];
      expect(stop).toMatchObject({ kind: "exit", code: other === undefined ? 0 : 1 });
      const expected = new Map(stepsOf(expectedText(guest)).map((step) => [step.head, step.line]));
      const steps = stepsOf(text);
      expect(steps).toHaveLength(expected.size);
      const missing = steps.filter(({ result }) => result === "not available");
      expect(missing.map(({ subject }) => subject).sort()).toEqual(NOT_OFFERED[guest]);
      for (const step of steps) {
        if (other !== undefined && step.line.startsWith(other)) {
          expect(step.line).toContain("WRONG");
        } else if (step.result !== "not available") expect(step.line).toBe(expected.get(step.head));
      }
    }, 90_000);
  }

  it("finds the format of L0's vmcs12 in IA32_VMX_BASIC", async () => {
    const machine = await Machine.create({ mode: "l1", memory: 4 << 20 });
    // MOV ECX, 0x480; RDMSR; MOV [0x9000], EAX; MOV [0x9004], EDX; MOV AL, 0; OUT 0xf4, AL
    const code = [
      0xb9, 0x80, 4, 0, 0, 0x0f, 0x32, 0x89, 0x04, 0x25, 0, 0x90, 0, 0, 0x89, 0x14, 0x25, 4, 0x90,
      0, 0, 0xb0, 0, 0xe6, 0xf4,
    ];
    machine.load(Uint8Array.from(code), { flat: { address: 0x8000, mode: "long64" } });
    expect(await machine.run()).toMatchObject({ kind: "exit" });
    expect(machine.memory.read32(0x9000)).toBe(0x11e57ed0);
    expect(machine.memory.read32(0x9004) & 0x1fff).toBe(4096);
  });
});
