/** The VMX operations of L0: a guest of a few bytes, driven from TypeScript. */
import { beforeEach, describe, expect, it } from "vitest";
import { SLOT, STATE } from "../../src/generated/state.ts";
import {
  ENTERING,
  EXITING,
  FIELD,
  PIN,
  PRIMARY,
  REASON,
  SECONDARY,
} from "../../src/generated/vmx.ts";
import { Hardware, INVVPID, STOP, VMX_OUTCOME, VmxError } from "../../src/l0/hardware.ts";
import { VMCS_REVISION } from "../../src/machine/vmx-capabilities.ts";
import { BareCore } from "../support/bare-core.ts";

const VMXON = 0x100000;
const VMCS = 0x101000;
const OTHER_VMCS = 0x102000;
const EPT = 0x110000;
const GUEST = 0x200000;
/** IA32_VMX_TRUE_* capability MSRs and the secondary one: lower half must be 1. */
const TRUE_PIN = 0x48d;
const TRUE_PRIMARY = 0x48e;
const TRUE_EXIT = 0x48f;
const TRUE_ENTRY = 0x490;
const EPTP = EPT | 0x1e;

describe("L0's hardware", () => {
  let bare: BareCore;
  let hw: Hardware;

  const word = (hpa: number) => (bare.ram + hpa) >> 2;

  /** Guest-physical 0 to 2 MiB at GUEST, by 4-KiB pages; pages from `pages` on are missing. */
  function buildEpt(pages: number): void {
    const { u32 } = bare.core;
    u32[word(EPT)] = (EPT + 0x1000) | 7;
    u32[word(EPT + 0x1000)] = (EPT + 0x2000) | 7;
    u32[word(EPT + 0x2000)] = (EPT + 0x3000) | 7;
    for (let i = 0; i < 512; i++) {
      u32[word(EPT + 0x3000 + i * 8)] = i < pages ? (GUEST + i * 4096) | 0x37 : 0;
    }
  }

  const capability = (msr: number) => {
    const must = hw.rdmsr(msr)!;
    return { must, may: hw.hi };
  };
  const control = (msr: number, wanted: number) => {
    const { must, may } = capability(msr);
    expect((wanted & ~may) >>> 0).toBe(0);
    return (wanted | must) >>> 0;
  };

  /** A VMCS for an unrestricted guest in real-address mode at 0:0x1000. */
  function setUpVmcs(): void {
    hw.vmclear(VMCS);
    hw.vmptrld(VMCS);
    hw.write(FIELD.pin_based_controls, control(TRUE_PIN, PIN.external_interrupt_exiting));
    hw.write(
      FIELD.primary_proc_controls,
      control(TRUE_PRIMARY, PRIMARY.hlt_exiting | PRIMARY.activate_secondary_controls),
    );
    hw.write(
      FIELD.secondary_proc_controls,
      SECONDARY.enable_ept | SECONDARY.unrestricted_guest | SECONDARY.enable_vpid,
    );
    const exit = EXITING.host_address_space_size | EXITING.load_ia32_efer | EXITING.save_ia32_efer;
    hw.write(FIELD.vmexit_controls, control(TRUE_EXIT, exit));
    hw.write(FIELD.vmentry_controls, control(TRUE_ENTRY, ENTERING.load_ia32_efer));
    hw.write(FIELD.vpid, 1);
    hw.write(FIELD.eptp, EPTP);
    hw.write(FIELD.vmcs_link_pointer, 0xffffffff, 0xffffffff);
    hw.write(FIELD.host_cr0, 0x80000021);
    hw.write(FIELD.host_cr3, 0x1000);
    hw.write(FIELD.host_cr4, 0x2020);
    hw.write(FIELD.host_ia32_efer, 0x500);
    hw.write(FIELD.host_cs_selector, 8);
    hw.write(FIELD.host_tr_selector, 24);
    hw.write(FIELD.guest_cr0, 0x30);
    hw.write(FIELD.guest_cr4, 0x2000);
    hw.write(FIELD.guest_dr7, 0x400);
    hw.write(FIELD.guest_rflags, 2);
    hw.write(FIELD.guest_rip, 0x1000);
    for (let i = 0; i < 8; i++) {
      hw.write(FIELD.guest_es_limit + 2 * i, 0xffff);
      hw.write(FIELD.guest_es_ar + 2 * i, [0x93, 0x9b, 0x93, 0x93, 0x93, 0x93, 0x82, 0x8b][i]!);
    }
  }

  function code(bytes: readonly number[]): void {
    bare.core.u8.set(bytes, bare.ram + GUEST + 0x1000);
    bare.core.exports.hostWritten(bare.ram + GUEST + 0x1000, bytes.length);
  }

  beforeEach(async () => {
    bare = await BareCore.create("sapphire-rapids");
    hw = new Hardware(bare.core);
    for (const hpa of [VMXON, VMCS, OTHER_VMCS]) bare.core.u32[word(hpa)] = VMCS_REVISION;
    buildEpt(16);
    hw.vmxon(VMXON);
  });

  it("reads and writes fields of the current VMCS, and says why it cannot", () => {
    expect(() => hw.read(FIELD.guest_rip)).toThrow(VmxError);
    hw.vmclear(VMCS);
    hw.vmptrld(VMCS);
    hw.write(FIELD.guest_rip, 0x12345678, 0x9abc);
    expect(hw.read(FIELD.guest_rip)).toBe(0x12345678);
    expect(hw.hi).toBe(0x9abc);
    expect(hw.readWide(FIELD.guest_rip)).toBe(0x9abc12345678n);
    expect(() => hw.read(0x6ffe)).toThrow(/failValid, VM-instruction error 12/);
    hw.vmptrld(OTHER_VMCS);
    expect(hw.read(FIELD.guest_rip)).toBe(0);
    hw.vmptrld(VMCS);
    expect(hw.read(FIELD.guest_rip)).toBe(0x12345678);
  });

  it("refuses what the instructions refuse", () => {
    hw.vmclear(VMCS);
    hw.vmptrld(VMCS);
    expect(() => hw.vmptrld(VMXON)).toThrow(/error 10/);
    expect(() => hw.vmptrld(0x103000)).toThrow(/error 11/);
    expect(() => hw.vmclear(VMCS + 8)).toThrow(/error 2/);
    expect(() => hw.vmxon(VMXON)).toThrow(/exception/);
    expect(hw.enter(true)).toBe(VMX_OUTCOME.failValid);
    expect(hw.instructionError(VMX_OUTCOME.failValid)).toBe(5);
    expect(hw.enter(false)).toBe(VMX_OUTCOME.failValid);
    expect(hw.instructionError(VMX_OUTCOME.failValid)).toBe(7);
  });

  it("enters the guest, which exits by CPUID and by HLT", () => {
    setUpVmcs();
    // MOV EAX, 0x1234 (16-bit); CPUID; HLT
    code([0x66, 0xb8, 0x34, 0x12, 0, 0, 0x0f, 0xa2, 0xf4]);
    bare.core.exports.beginSlice(0, 100_000);
    expect(hw.enter(false)).toBe(VMX_OUTCOME.succeed);
    expect(hw.run()).toBe(STOP.VM_EXIT);
    expect(hw.read(FIELD.exit_reason)).toBe(REASON.cpuid);
    expect(hw.read(FIELD.guest_rip)).toBe(0x1006);
    expect(hw.gpr[SLOT.RAX * 2]).toBe(0x1234);
    hw.write(FIELD.guest_rip, 0x1006 + hw.read(FIELD.exit_instruction_length));
    expect(hw.enter(false)).toBe(VMX_OUTCOME.failValid);
    expect(hw.enter(true)).toBe(VMX_OUTCOME.succeed);
    expect(hw.run()).toBe(STOP.VM_EXIT);
    expect(hw.read(FIELD.exit_reason)).toBe(REASON.hlt);
    // The processor is L0's again: root operation, and what the host-state area says.
    expect(bare.core.state32(STATE.VMX_OPERATION)).toBe(1);
    expect(bare.core.state32(STATE.CR3)).toBe(0x1000);
  });

  it("tells of a VM entry that fails in the guest-state checks", () => {
    setUpVmcs();
    hw.write(FIELD.guest_rflags, 0);
    expect(hw.enter(false)).toBe(VMX_OUTCOME.entryFailed);
    expect(hw.read(FIELD.exit_reason)).toBe(0x80000021);
    hw.write(FIELD.guest_rflags, 2);
    code([0xf4]);
    bare.core.exports.beginSlice(0, 1000);
    expect(hw.enter(false)).toBe(VMX_OUTCOME.succeed);
    expect(hw.run()).toBe(STOP.VM_EXIT);
  });

  it("is interrupted by the end of a slice and by interrupts of the processor", () => {
    setUpVmcs();
    code([0xeb, 0xfe]);
    bare.core.exports.beginSlice(0, 10_000);
    hw.enter(false);
    expect(hw.run()).toBe(STOP.SLICE);
    bare.core.exports.beginSlice(10_000, 10_000);
    hw.raiseInterrupt(0, true);
    expect(hw.run()).toBe(STOP.VM_EXIT);
    expect(hw.read(FIELD.exit_reason)).toBe(REASON.external_interrupt);
  });

  it("sees EPT violations, and changes of EPT only after INVEPT", () => {
    setUpVmcs();
    buildEpt(2);
    // MOV AX, [0x2000]; HLT, again and again
    code([0xa1, 0x00, 0x20, 0xf4, 0xeb, 0xfa]);
    const { u32 } = bare.core;
    const go = (launched: boolean) => {
      bare.core.exports.beginSlice(0, 100_000);
      expect(hw.enter(launched)).toBe(VMX_OUTCOME.succeed);
      expect(hw.run()).toBe(STOP.VM_EXIT);
      return hw.read(FIELD.exit_reason);
    };
    expect(go(false)).toBe(REASON.ept_violation);
    expect(hw.readAddress(FIELD.guest_physical_address)).toBe(0x2000);
    u32[word(GUEST + 0x2000)] = 0x1111;
    u32[word(GUEST + 0x5000)] = 0x5555;
    u32[word(EPT + 0x3000 + 16)] = (GUEST + 0x2000) | 0x37;
    expect(go(true)).toBe(REASON.hlt);
    expect(hw.gpr[0]! & 0xffff).toBe(0x1111);
    u32[word(EPT + 0x3000 + 16)] = (GUEST + 0x5000) | 0x37;
    hw.write(FIELD.guest_rip, 0x1000);
    expect(go(true)).toBe(REASON.hlt);
    expect(hw.gpr[0]! & 0xffff).toBe(0x1111);
    // Linear and combined mappings of another VPID, and guest-physical ones, are not the point here.
    hw.invvpid(INVVPID.single, 2);
    hw.write(FIELD.guest_rip, 0x1000);
    go(true);
    expect(hw.gpr[0]! & 0xffff).toBe(0x1111);
    const notes: string[] = [];
    hw.onFlush = ({ instruction, tag, site }) => notes.push(`${instruction} ${tag} ${site}`);
    hw.at("test").inveptSingle(EPTP);
    hw.write(FIELD.guest_rip, 0x1000);
    go(true);
    expect(hw.gpr[0]! & 0xffff).toBe(0x5555);
    expect(notes).toEqual([`invept ${EPT} test`]);
    expect(() => hw.invvpid(INVVPID.single, 0)).toThrow(/error 28/);
  });

  it("leaves VMX operation, and enters it again", () => {
    hw.vmxoff();
    expect(() => hw.vmclear(VMCS)).toThrow(/exception/);
    hw.vmxon(VMXON);
    hw.vmclear(VMCS);
  });
});
