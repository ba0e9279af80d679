/**
 * The VMX capability MSRs that L1 reads (nested_vmx_setup_ctls_msrs): what L0 can back, as far as the
 * processor has it.
 */
import { ENTERING, EXITING, PIN, PRIMARY, SECONDARY } from "../../generated/vmx.ts";
import { CONTROL_WORDS, type ControlRow, type ControlWord } from "../../tables/vmx/controls.ts";
import { fieldExists, VMCS_FIELDS } from "../../tables/vmx/fields.ts";
import type { Hardware } from "../hardware.ts";
import { fieldOf, VMCS12_BYTES, VMCS12_REVISION } from "./vmcs12.ts";

export const VMX_MSR = {
  basic: 0x480,
  misc: 0x485,
  cr0Fixed0: 0x486,
  cr0Fixed1: 0x487,
  cr4Fixed0: 0x488,
  cr4Fixed1: 0x489,
  vmcsEnum: 0x48a,
  secondary: 0x48b,
  eptVpid: 0x48c,
  vmfunc: 0x491,
  last: 0x493,
} as const;

/** Controls that L0 can back for L1. What is not here is not offered. */
const OFFERED: Readonly<Record<string, number>> = {
  pin:
    PIN.external_interrupt_exiting |
    PIN.nmi_exiting |
    PIN.virtual_nmis |
    PIN.activate_preemption_timer |
    PIN.process_posted_interrupts,
  primary:
    PRIMARY.interrupt_window_exiting |
    PRIMARY.use_tsc_offsetting |
    PRIMARY.hlt_exiting |
    PRIMARY.invlpg_exiting |
    PRIMARY.mwait_exiting |
    PRIMARY.rdpmc_exiting |
    PRIMARY.rdtsc_exiting |
    PRIMARY.cr3_load_exiting |
    PRIMARY.cr3_store_exiting |
    PRIMARY.cr8_load_exiting |
    PRIMARY.cr8_store_exiting |
    PRIMARY.use_tpr_shadow |
    PRIMARY.nmi_window_exiting |
    PRIMARY.mov_dr_exiting |
    PRIMARY.unconditional_io_exiting |
    PRIMARY.use_io_bitmaps |
    PRIMARY.monitor_trap_flag |
    PRIMARY.use_msr_bitmaps |
    PRIMARY.monitor_exiting |
    PRIMARY.pause_exiting |
    PRIMARY.activate_secondary_controls,
  secondary:
    SECONDARY.virtualize_apic_accesses |
    SECONDARY.enable_ept |
    SECONDARY.descriptor_table_exiting |
    SECONDARY.enable_rdtscp |
    SECONDARY.virtualize_x2apic_mode |
    SECONDARY.enable_vpid |
    SECONDARY.wbinvd_exiting |
    SECONDARY.unrestricted_guest |
    SECONDARY.apic_register_virtualization |
    SECONDARY.virtual_interrupt_delivery |
    SECONDARY.rdrand_exiting |
    SECONDARY.enable_invpcid |
    SECONDARY.rdseed_exiting |
    SECONDARY.enable_xsaves_xrstors |
    SECONDARY.enable_vm_functions |
    SECONDARY.use_tsc_scaling,
  exit:
    EXITING.save_debug_controls |
    EXITING.host_address_space_size |
    EXITING.acknowledge_interrupt_on_exit |
    EXITING.save_ia32_pat |
    EXITING.load_ia32_pat |
    EXITING.save_ia32_efer |
    EXITING.load_ia32_efer |
    EXITING.save_preemption_timer,
  entry:
    ENTERING.load_debug_controls |
    ENTERING.ia32e_mode_guest |
    ENTERING.load_ia32_pat |
    ENTERING.load_ia32_efer,
};

/** IA32_VMX_EPT_VPID_CAP: without advanced exit information and five levels. */
const EPT_VPID_OFFERED =
  (1n << 0n) |
  (1n << 6n) |
  (1n << 7n) |
  (1n << 8n) |
  (1n << 14n) |
  (1n << 16n) |
  (1n << 17n) |
  (1n << 20n) |
  (1n << 21n) |
  (1n << 25n) |
  (1n << 26n) |
  (0xf01n << 32n);
/** IA32_VMX_VMFUNC: EPTP switching, which L0 carries out itself. */
const VMFUNC_OFFERED = 1n;
const EPT_ACCESSED_DIRTY = 1n << 21n;
/** MISC: timer rate, LMA stored, HLT and wait-for-SIPI, CR3 targets, VMWRITE to all, length 0. */
const MISC_OFFERED = 0x1fn | (1n << 5n) | (5n << 6n) | (0x1ffn << 16n) | (3n << 29n);
/** VMWRITE to every field, for shadow VMCSs of L1, which L0 carries out. */
const MISC_EMULATED = 1n << 29n;
/** BASIC: write-back, INS/OUTS information, true controls, error codes not checked. */
const BASIC_OFFERED = (0xfn << 50n) | (1n << 54n) | (1n << 55n) | (1n << 56n);

function wide(hw: Hardware, msr: number): bigint {
  const lo = hw.rdmsr(msr);
  return lo === undefined ? 0n : (BigInt(hw.hi) << 32n) | BigInt(lo);
}

export class NestedCapabilities {
  private readonly values = new Map<number, bigint>();
  private readonly allowed: Readonly<Record<string, number>>;
  private readonly required: Readonly<Record<string, number>>;
  private readonly has: (control: ControlRow) => boolean;
  private readonly processorHas: (control: ControlRow) => boolean;

  /** @param cr4Allowed bits of CR4 that L1 may set. */
  constructor(hw: Hardware, cr4Allowed: number, has: (feature: string) => boolean) {
    const allowed: Record<string, number> = {};
    const required: Record<string, number> = {};
    let offered = { ...OFFERED };
    const without = (word: ControlWord, bit: number) => {
      offered = { ...offered, [word]: offered[word]! & ~bit };
    };
    if (!has("RDTSCP") && !has("RDPID")) without("secondary", SECONDARY.enable_rdtscp);
    if (!has("INVPCID")) without("secondary", SECONDARY.enable_invpcid);
    if (!has("XSAVES")) without("secondary", SECONDARY.enable_xsaves_xrstors);
    if (!has("RDRAND")) without("secondary", SECONDARY.rdrand_exiting);
    if (!has("RDSEED")) without("secondary", SECONDARY.rdseed_exiting);
    const eptVpid = wide(hw, VMX_MSR.eptVpid) & EPT_VPID_OFFERED;
    // L0 carries these out whether the processor has them or not.
    let emulated: number = SECONDARY.vmcs_shadowing;
    if ((eptVpid & EPT_ACCESSED_DIRTY) !== 0n) emulated |= SECONDARY.enable_pml;
    const processor: Record<string, number> = {};
    for (const { word, msr, trueMsr, default1, clearable } of CONTROL_WORDS) {
      const mask = offered[word];
      if (mask === undefined) continue;
      const may = Number(wide(hw, msr) >> 32n);
      processor[word] = may;
      allowed[word] = (default1 | (mask & may) | (word === "secondary" ? emulated : 0)) >>> 0;
      required[word] = (default1 & ~clearable) >>> 0;
      const high = BigInt(allowed[word]!) << 32n;
      this.values.set(msr, high | BigInt(default1 >>> 0));
      if (trueMsr !== undefined) this.values.set(trueMsr, high | BigInt(required[word]!));
    }
    this.allowed = allowed;
    this.required = required;
    this.has = ({ word, bit }) => ((allowed[word] ?? 0) & (1 << bit)) !== 0;
    this.processorHas = ({ word, bit }) => ((processor[word] ?? 0) & (1 << bit)) !== 0;
    const basic = wide(hw, VMX_MSR.basic) & BASIC_OFFERED;
    const region = BigInt(VMCS12_BYTES) << 32n;
    this.values.set(VMX_MSR.basic, basic | (1n << 55n) | region | BigInt(VMCS12_REVISION));
    this.values.set(VMX_MSR.misc, (wide(hw, VMX_MSR.misc) & MISC_OFFERED) | MISC_EMULATED);
    this.values.set(VMX_MSR.cr0Fixed0, 0x80000021n);
    this.values.set(VMX_MSR.cr0Fixed1, 0xffffffffn);
    this.values.set(VMX_MSR.cr4Fixed0, 0x2000n);
    this.values.set(VMX_MSR.cr4Fixed1, BigInt(cr4Allowed >>> 0));
    const indexes = VMCS_FIELDS.map(({ encoding }) => encoding).filter((at) => this.hasField(at));
    this.values.set(VMX_MSR.vmcsEnum, BigInt(Math.max(...indexes.map((at) => at & 0x3fe))));
    this.values.set(VMX_MSR.eptVpid, eptVpid);
    if (this.allows("secondary", SECONDARY.enable_vm_functions)) {
      this.values.set(VMX_MSR.vmfunc, wide(hw, VMX_MSR.vmfunc) & VMFUNC_OFFERED);
    }
  }

  /** RDMSR of a capability MSR; undefined for those that L1 does not have. */
  read(msr: number): bigint | undefined {
    return this.values.get(msr);
  }

  /** Whether L1 may set a control. */
  allows(word: ControlWord, bit: number): boolean {
    return (this.allowed[word]! & bit) !== 0;
  }

  get eptVpid(): bigint {
    return this.values.get(VMX_MSR.eptVpid)!;
  }

  get misc(): bigint {
    return this.values.get(VMX_MSR.misc)!;
  }

  /** Whether a control word has all bits that must be one, and none that must be zero. */
  isValid(word: ControlWord, value: number): boolean {
    const { allowed, required } = this;
    return (value & ~allowed[word]!) === 0 && (~value & required[word]!) === 0;
  }

  /** Whether L1 has the field of an encoding of full access. */
  hasField(encoding: number): boolean {
    const field = fieldOf(encoding);
    return field !== undefined && fieldExists(field, this.has);
  }

  /** Whether the processor has it, too. */
  processorHasField(encoding: number): boolean {
    const field = fieldOf(encoding);
    return field !== undefined && fieldExists(field, this.processorHas);
  }

  /** VM functions that L1 may enable. */
  get vmFunctions(): bigint {
    return this.values.get(VMX_MSR.vmfunc) ?? 0n;
  }
}
