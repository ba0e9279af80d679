/**
 * vmcs01: the VMCS that L0 uses for L1. Its controls follow from the capability MSRs (setup_vmcs_config,
 * init_vmcs).
 */
import { ENTERING, EXITING, FIELD, PIN, PRIMARY, SECONDARY } from "../generated/vmx.ts";
import type { Hardware } from "./hardware.ts";

const MSR = {
  basic: 0x480,
  cr0Fixed0: 0x486,
  cr4Fixed1: 0x489,
  secondary: 0x48b,
  eptVpid: 0x48c,
  truePin: 0x48d,
  truePrimary: 0x48e,
  trueExit: 0x48f,
  trueEntry: 0x490,
  plain: 0x481,
} as const;
const HAS_TRUE_CONTROLS = 1 << 23;

/** Bits of IA32_VMX_EPT_VPID_CAP. */
const EPT_AD = 1 << 21;

export const CR0 = {
  PE: 1,
  MP: 2,
  EM: 4,
  TS: 8,
  ET: 0x10,
  NE: 0x20,
  WP: 0x10000,
  AM: 0x40000,
  NW: 0x20000000,
  CD: 0x40000000,
  PG: 0x80000000,
} as const;
export const CR4 = {
  VME: 1,
  PVI: 2,
  TSD: 4,
  DE: 8,
  PSE: 0x10,
  PAE: 0x20,
  MCE: 0x40,
  PGE: 0x80,
  PCE: 0x100,
  OSFXSR: 0x200,
  OSXMMEXCPT: 0x400,
  UMIP: 0x800,
  LA57: 0x1000,
  VMXE: 0x2000,
  FSGSBASE: 0x10000,
  PCIDE: 0x20000,
  OSXSAVE: 0x40000,
  SMEP: 0x100000,
  SMAP: 0x200000,
  PKE: 0x400000,
} as const;
export const EFER = { SCE: 1, LME: 0x100, LMA: 0x400, NX: 0x800 } as const;

/** What a guest may change without an exit. */
export const CR0_GUEST_OWNED = CR0.TS | CR0.WP;
export const CR4_GUEST_OWNED =
  CR4.PVI | CR4.DE | CR4.PCE | CR4.OSFXSR | CR4.OSXMMEXCPT | CR4.PGE | CR4.TSD | CR4.FSGSBASE;
/** Machine-check exceptions are L0's. */
export const EXCEPTIONS = 1 << 18;
const UNDEFINED_OPCODE = 1 << 6;

/** What the processor can do and L0 uses (struct vmcs_config, enable_* variables). */
export interface VmcsConfig {
  readonly revision: number;
  readonly pin: number;
  readonly primary: number;
  readonly secondary: number;
  readonly exit: number;
  readonly entry: number;
  readonly eptAccessedDirty: boolean;
  /** VIRTUALIZE_APIC_ACCESSES and a TPR shadow. */
  readonly flexpriority: boolean;
  /** APIC-register virtualization and virtual-interrupt delivery. */
  readonly apicv: boolean;
  readonly postedInterrupts: boolean;
  readonly cr4Permitted: number;
}

/** How much of the processor's APIC virtualization L0 uses. */
export type ApicMode = "emulated" | "flexpriority" | "apicv";

/** The processor lacks what L0 cannot do without. */
export class MissingFeature extends Error {}

/** Controls that must be one, those wanted as far as they may be. */
function controls(hw: Hardware, msr: number, needed: number, wanted: number): number {
  const must = hw.rdmsr(msr);
  if (must === undefined) return 0;
  const may = hw.hi;
  const missing = (needed & ~may) >>> 0;
  if (missing !== 0) {
    throw new MissingFeature(`the processor has no VMX controls 0x${missing.toString(16)}`);
  }
  return (must | needed | (wanted & may)) >>> 0;
}

/** Reads what the processor has. @throws MissingFeature when it cannot carry L0. */
export function setUpVmcsConfig(hw: Hardware, apicMode: ApicMode): VmcsConfig {
  const revision = hw.rdmsr(MSR.basic);
  if (revision === undefined) throw new MissingFeature("the processor has no VMX");
  const offset = (hw.hi & HAS_TRUE_CONTROLS) !== 0 ? MSR.truePin - MSR.plain : 0;
  const at = (trueMsr: number) => trueMsr - (MSR.truePin - MSR.plain) + offset;
  const virtual = apicMode !== "emulated";
  const apicv = apicMode === "apicv";
  const pin = controls(
    hw,
    at(MSR.truePin),
    PIN.external_interrupt_exiting | PIN.nmi_exiting,
    PIN.virtual_nmis | (apicv ? PIN.process_posted_interrupts : 0),
  );
  let primary = controls(
    hw,
    at(MSR.truePrimary),
    PRIMARY.hlt_exiting |
      PRIMARY.use_tsc_offsetting |
      PRIMARY.mwait_exiting |
      PRIMARY.monitor_exiting |
      PRIMARY.rdpmc_exiting |
      PRIMARY.unconditional_io_exiting |
      PRIMARY.use_msr_bitmaps |
      PRIMARY.activate_secondary_controls,
    virtual ? PRIMARY.use_tpr_shadow : 0,
  );
  // With EPT neither CR3 nor INVLPG concerns L0.
  primary &= ~(PRIMARY.cr3_load_exiting | PRIMARY.cr3_store_exiting | PRIMARY.invlpg_exiting);
  if ((primary & PRIMARY.use_tpr_shadow) === 0) {
    primary |= PRIMARY.cr8_load_exiting | PRIMARY.cr8_store_exiting;
  }
  const secondary = controls(
    hw,
    MSR.secondary,
    SECONDARY.enable_ept | SECONDARY.unrestricted_guest | SECONDARY.wbinvd_exiting,
    SECONDARY.enable_vpid |
      SECONDARY.enable_rdtscp |
      SECONDARY.enable_invpcid |
      SECONDARY.enable_xsaves_xrstors |
      SECONDARY.vmcs_shadowing |
      (virtual ? SECONDARY.virtualize_apic_accesses : 0) |
      (apicv
        ? SECONDARY.virtualize_x2apic_mode |
          SECONDARY.apic_register_virtualization |
          SECONDARY.virtual_interrupt_delivery
        : 0),
  );
  const exit = controls(
    hw,
    at(MSR.trueExit),
    EXITING.host_address_space_size |
      EXITING.acknowledge_interrupt_on_exit |
      EXITING.save_debug_controls |
      EXITING.load_ia32_efer |
      EXITING.save_ia32_pat |
      EXITING.load_ia32_pat,
    0,
  );
  const entry = controls(
    hw,
    at(MSR.trueEntry),
    ENTERING.load_debug_controls | ENTERING.load_ia32_efer | ENTERING.load_ia32_pat,
    0,
  );
  const flexpriority =
    (secondary & SECONDARY.virtualize_apic_accesses) !== 0 &&
    (primary & PRIMARY.use_tpr_shadow) !== 0;
  const both = SECONDARY.apic_register_virtualization | SECONDARY.virtual_interrupt_delivery;
  const hasApicv = flexpriority && (secondary & both) === both;
  return {
    revision,
    pin,
    primary: primary >>> 0,
    secondary,
    exit,
    entry,
    eptAccessedDirty: ((hw.rdmsr(MSR.eptVpid) ?? 0) & EPT_AD) !== 0,
    flexpriority,
    apicv: hasApicv,
    postedInterrupts: hasApicv && (pin & PIN.process_posted_interrupts) !== 0,
    cr4Permitted: hw.rdmsr(MSR.cr4Fixed1) ?? 0,
  };
}

/** Frames that a vmcs01 names. */
export interface Vmcs01Frames {
  readonly msrBitmap: number;
  readonly virtualApic: number;
  readonly postedInterruptDescriptor: number;
}

/** What the guest is told that it has. */
export interface GuestFeatures {
  readonly cr4Allowed: number;
  readonly has: (feature: string) => boolean;
}

/** Without APIC virtualization, and without instructions that the guest's CPUID does not name. */
function secondaryFor(config: VmcsConfig, guest: GuestFeatures): number {
  let off: number =
    SECONDARY.virtualize_apic_accesses |
    SECONDARY.virtualize_x2apic_mode |
    SECONDARY.apic_register_virtualization |
    SECONDARY.virtual_interrupt_delivery |
    SECONDARY.vmcs_shadowing;
  if (!guest.has("RDTSCP") && !guest.has("RDPID")) off |= SECONDARY.enable_rdtscp;
  if (!guest.has("INVPCID")) off |= SECONDARY.enable_invpcid;
  if (!guest.has("XSAVES")) off |= SECONDARY.enable_xsaves_xrstors;
  return (config.secondary & ~off) >>> 0;
}

/** Fills the current VMCS (init_vmcs). @param vpid 0 without VPIDs. */
export function initVmcs(
  hw: Hardware,
  config: VmcsConfig,
  frames: Vmcs01Frames,
  vpid: number,
  notificationVector: number,
  guest: GuestFeatures,
): void {
  hw.at("init_vmcs");
  hw.write(FIELD.pin_based_controls, config.pin & ~PIN.process_posted_interrupts);
  hw.write(FIELD.primary_proc_controls, config.primary);
  hw.write(FIELD.secondary_proc_controls, secondaryFor(config, guest));
  hw.write(FIELD.vmexit_controls, config.exit);
  hw.write(FIELD.vmentry_controls, config.entry);
  // SYSCALL of AMD's processors outside 64-bit code is undefined on Intel's.
  const emulated = guest.has("SYSCALL_LEGACY") ? UNDEFINED_OPCODE : 0;
  hw.write(FIELD.exception_bitmap, EXCEPTIONS | emulated);
  hw.writeAddress(FIELD.msr_bitmap, frames.msrBitmap * 4096);
  if ((config.primary & PRIMARY.use_tpr_shadow) !== 0) {
    hw.writeAddress(FIELD.virtual_apic_addr, frames.virtualApic * 4096);
    hw.write(FIELD.tpr_threshold, 0);
  }
  if (config.postedInterrupts) {
    hw.writeAddress(FIELD.posted_intr_desc_addr, frames.postedInterruptDescriptor * 4096);
    hw.write(FIELD.posted_intr_notification_vector, notificationVector);
  }
  if ((config.secondary & SECONDARY.enable_vpid) !== 0) hw.write(FIELD.vpid, vpid);
  hw.write(FIELD.vmcs_link_pointer, 0xffffffff, 0xffffffff);
  hw.write(FIELD.cr0_guest_host_mask, ~CR0_GUEST_OWNED >>> 0, 0xffffffff);
  const ownedCr4 = CR4_GUEST_OWNED & guest.cr4Allowed;
  hw.write(FIELD.cr4_guest_host_mask, ~ownedCr4 >>> 0, 0xffffffff);
  initHost(hw);
}

/** The host-state area: L0's own state, which no instruction of the guest sees. */
export function initHost(hw: Hardware): void {
  hw.write(FIELD.host_cr0, (CR0.PE | CR0.NE | CR0.PG) >>> 0);
  hw.write(FIELD.host_cr3, 0);
  hw.write(FIELD.host_cr4, CR4.PAE | CR4.VMXE | CR4.OSXSAVE);
  hw.write(FIELD.host_ia32_efer, EFER.LME | EFER.LMA | EFER.SCE | EFER.NX);
  hw.write(FIELD.host_ia32_pat, 0x00070406, 0x00070406);
  hw.write(FIELD.host_cs_selector, 8);
  hw.write(FIELD.host_tr_selector, 24);
}

/** MSRs that a guest reads and writes by itself (vmx_possible_passthrough_msrs and user-return ones). */
const PASSED_THROUGH = [
  0x174, 0x175, 0x176, 0xc0000081, 0xc0000082, 0xc0000083, 0xc0000084, 0xc0000100, 0xc0000101,
  0xc0000102, 0xc0000103,
];
const MSR_TSC = 0x10;

/** Fills the MSR bitmap: everything exits but what the guest has for itself. */
export function initMsrBitmap(bitmap: Uint8Array, hasMsr: (index: number) => boolean): void {
  bitmap.fill(0xff);
  for (const index of PASSED_THROUGH) {
    if (!hasMsr(index)) continue;
    setMsrIntercept(bitmap, index, "read", false);
    setMsrIntercept(bitmap, index, "write", false);
  }
  setMsrIntercept(bitmap, MSR_TSC, "read", false);
}

/** Whether RDMSR or WRMSR of `index` exits. */
export function setMsrIntercept(
  bitmap: Uint8Array,
  index: number,
  access: "read" | "write",
  exits: boolean,
): void {
  const high = index >= 0xc0000000;
  const bit = index & 0x1fff;
  const at = (high ? 1024 : 0) + (access === "write" ? 2048 : 0) + (bit >> 3);
  const mask = 1 << (bit & 7);
  bitmap[at] = exits ? bitmap[at]! | mask : bitmap[at]! & ~mask;
}
