/**
 * Checks of vmcs12 at VMLAUNCH and VMRESUME (nested_vmx_check_controls, _host_state, _guest_state).
 * Each has the identifier of its row in src/tables/vmx/entry-checks.ts; the checks of guest state that
 * are not here are those that the processor makes of vmcs02.
 */
import { ENTERING, EXITING, FIELD, PIN, PRIMARY, SECONDARY } from "../../generated/vmx.ts";
import { EFER } from "../vmcs01.ts";
import { isPageAddress } from "./instructions.ts";
import { secondary12 } from "./roots.ts";
import type { Nested } from "./state.ts";
import { SHADOW_VMCS, VMCS12_REVISION } from "./vmcs12.ts";

const CR0_FIXED = 0x80000021n;
const CR0_PG = 0x80000000n;
const CR0_PE = 1n;
const CR4_VMXE = 0x2000n;
const CR4_PAE = 0x20n;
const CR4_PCIDE = 0x20000n;
const INTR = {
  external: 0,
  reserved: 1,
  nmi: 2,
  hard: 3,
  soft: 4,
  privileged: 5,
  softException: 6,
  other: 7,
};
/** Vectors whose exceptions have an error code. */
const HAS_ERROR = (1 << 8) | (1 << 10) | (1 << 11) | (1 << 12) | (1 << 13) | (1 << 14) | (1 << 17);
const NO_LINK = 0xffff_ffff_ffff_ffffn;

/** Canonical for the linear addresses that the processor can have, whether they are on or not. */
function isCanonical({ vcpu }: Nested, value: bigint): boolean {
  const bits = vcpu.msrs.has("LA57") ? 57 : 48;
  return BigInt.asIntN(bits, value) === BigInt.asIntN(64, value);
}

const inWidth = (nested: Nested, value: bigint) =>
  value >> BigInt(nested.vcpu.msrs.physicalAddressBits) === 0n;

/** nested_vmx_check_eptp */
export function isValidEptp(nested: Nested, lo: number, hi: number): boolean {
  const cap = nested.caps.eptVpid;
  const type = lo & 7;
  if (!(type === 0 && (cap & (1n << 8n)) !== 0n) && !(type === 6 && (cap & (1n << 14n)) !== 0n)) {
    return false;
  }
  const levels = ((lo >>> 3) & 7) + 1;
  const has5 = (cap & (1n << 7n)) !== 0n;
  if (levels !== 4 && !(levels === 5 && has5)) return false;
  if ((lo & 0x40) !== 0 && (cap & (1n << 21n)) === 0n) return false;
  if ((lo & 0xf80) !== 0) return false;
  return inWidth(nested, (BigInt(hi) << 32n) | BigInt(lo));
}

/** The identifier of the first check of the controls that fails. */
export function failingControl(nested: Nested): string | undefined {
  return failingExecution(nested) ?? failingExit(nested) ?? failingEntry(nested);
}

function failingExecution(nested: Nested): string | undefined {
  const { vmcs12, caps, vcpu } = nested;
  const pin = vmcs12.lo(FIELD.pin_based_controls);
  const primary = vmcs12.lo(FIELD.primary_proc_controls);
  const active = (primary & PRIMARY.activate_secondary_controls) !== 0;
  const secondary = secondary12(nested);
  const page = (field: number) => isPageAddress(vcpu, vmcs12.wide(field));
  const inPin = (bit: number) => (pin & bit) !== 0;
  const inPrimary = (bit: number) => (primary & bit) !== 0;
  const inSecondary = (bit: number) => (secondary & bit) !== 0;
  if (!caps.isValid("pin", pin)) return "entry.ctl.pin.reserved";
  if (!caps.isValid("primary", primary)) return "entry.ctl.proc.reserved";
  if (active && !caps.isValid("secondary", secondary)) return "entry.ctl.proc2.reserved";
  const targets = Number((caps.misc >> 16n) & 0x1ffn);
  if (vmcs12.lo(FIELD.cr3_target_count) > targets) return "entry.ctl.cr3target.count";
  if (inPrimary(PRIMARY.use_io_bitmaps)) {
    if (!page(FIELD.io_bitmap_a)) return "entry.ctl.iobitmap.a";
    if (!page(FIELD.io_bitmap_b)) return "entry.ctl.iobitmap.b";
  }
  if (inPrimary(PRIMARY.use_msr_bitmaps) && !page(FIELD.msr_bitmap)) return "entry.ctl.msrbitmap";
  const vid = inSecondary(SECONDARY.virtual_interrupt_delivery);
  if (inPrimary(PRIMARY.use_tpr_shadow)) {
    if (!page(FIELD.virtual_apic_addr)) return "entry.ctl.tpr.vapic.addr";
    const threshold = vmcs12.lo(FIELD.tpr_threshold);
    if (!vid && (threshold & ~15) !== 0) return "entry.ctl.tpr.threshold.reserved";
    if (!vid && !inSecondary(SECONDARY.virtualize_apic_accesses)) {
      const at = vcpu.vm.guestByte(vmcs12.address(FIELD.virtual_apic_addr) + 0x80, false);
      const vtpr = at < 0 ? 0xff : vcpu.hw.core.u8[at]!;
      if (threshold > vtpr >> 4) return "entry.ctl.tpr.threshold.vtpr";
    }
  } else {
    if (inSecondary(SECONDARY.virtualize_x2apic_mode)) return "entry.ctl.tpr.required.x2apic";
    if (inSecondary(SECONDARY.apic_register_virtualization))
      return "entry.ctl.tpr.required.regvirt";
    if (vid) return "entry.ctl.tpr.required.vid";
  }
  if (!inPin(PIN.nmi_exiting) && inPin(PIN.virtual_nmis)) return "entry.ctl.nmi.virtual";
  if (!inPin(PIN.virtual_nmis) && inPrimary(PRIMARY.nmi_window_exiting)) {
    return "entry.ctl.nmi.window";
  }
  if (inSecondary(SECONDARY.virtualize_apic_accesses)) {
    if (!page(FIELD.apic_access_addr)) return "entry.ctl.apicaccess.addr";
    if (inSecondary(SECONDARY.virtualize_x2apic_mode)) return "entry.ctl.x2apic.exclusive";
  }
  if (vid && !inPin(PIN.external_interrupt_exiting)) return "entry.ctl.vid.extint";
  if (inPin(PIN.process_posted_interrupts)) {
    if (!vid) return "entry.ctl.posted.vid";
    const exits = vmcs12.lo(FIELD.vmexit_controls);
    if ((exits & EXITING.acknowledge_interrupt_on_exit) === 0) return "entry.ctl.posted.ack";
    if (vmcs12.lo(FIELD.posted_intr_notification_vector) > 0xff) return "entry.ctl.posted.vector";
    const descriptor = vmcs12.wide(FIELD.posted_intr_desc_addr);
    if ((descriptor & 63n) !== 0n || !inWidth(nested, descriptor)) return "entry.ctl.posted.addr";
  }
  if (inSecondary(SECONDARY.enable_vpid) && vmcs12.lo(FIELD.vpid) === 0) {
    return "entry.ctl.vpid.zero";
  }
  if (inSecondary(SECONDARY.enable_ept)) {
    if (!isValidEptp(nested, vmcs12.lo(FIELD.eptp), vmcs12.hi(FIELD.eptp))) {
      return "entry.ctl.eptp.reserved";
    }
  } else if (inSecondary(SECONDARY.unrestricted_guest)) {
    return "entry.ctl.urg.ept";
  }
  if (inSecondary(SECONDARY.enable_pml)) {
    if (!inSecondary(SECONDARY.enable_ept)) return "entry.ctl.pml.ept";
    if (!page(FIELD.pml_address)) return "entry.ctl.pml.addr";
  }
  if (inSecondary(SECONDARY.enable_vm_functions)) {
    const functions = vmcs12.wide(FIELD.vm_function_controls);
    if ((functions & ~caps.vmFunctions) !== 0n) return "entry.ctl.vmfunc.reserved";
    if ((functions & 1n) !== 0n) {
      if (!inSecondary(SECONDARY.enable_ept)) return "entry.ctl.vmfunc.eptpsw.ept";
      if (!page(FIELD.eptp_list_addr)) return "entry.ctl.vmfunc.eptpsw.addr";
    }
  }
  if (inSecondary(SECONDARY.vmcs_shadowing)) {
    if (!page(FIELD.vmread_bitmap_addr)) return "entry.ctl.shadow.vmread";
    if (!page(FIELD.vmwrite_bitmap_addr)) return "entry.ctl.shadow.vmwrite";
  }
  const scaling = inSecondary(SECONDARY.use_tsc_scaling);
  if (scaling && vmcs12.wide(FIELD.tsc_multiplier) === 0n) return "entry.ctl.tscmul.zero";
  return undefined;
}

/** A list of MSRs: 16-byte entries at an aligned address within the width. */
function failingList(nested: Nested, id: string, address: number, count: number) {
  const entries = BigInt(nested.vmcs12.lo(count));
  if (entries === 0n) return undefined;
  const gpa = nested.vmcs12.wide(address);
  if ((gpa & 15n) !== 0n) return `${id}.align`;
  if (!inWidth(nested, gpa)) return `${id}.pa`;
  return inWidth(nested, gpa + entries * 16n - 1n) ? undefined : `${id}.last`;
}

function failingExit(nested: Nested): string | undefined {
  const { vmcs12, caps } = nested;
  const exit = vmcs12.lo(FIELD.vmexit_controls);
  if (!caps.isValid("exit", exit)) return "entry.exit.reserved";
  const timer = (vmcs12.lo(FIELD.pin_based_controls) & PIN.activate_preemption_timer) !== 0;
  if (!timer && (exit & EXITING.save_preemption_timer) !== 0) return "entry.exit.preempt.save";
  const { vmexit_msr_store_addr: store, vmexit_msr_load_addr: load } = FIELD;
  return (
    failingList(nested, "entry.exit.msrstore", store, FIELD.vmexit_msr_store_count) ??
    failingList(nested, "entry.exit.msrload", load, FIELD.vmexit_msr_load_count)
  );
}

function failingEntry(nested: Nested): string | undefined {
  const { vmcs12, caps } = nested;
  if (!caps.isValid("entry", vmcs12.lo(FIELD.vmentry_controls))) return "entry.entry.reserved";
  return (
    failingInjection(nested) ??
    failingList(
      nested,
      "entry.entry.msrload",
      FIELD.vmentry_msr_load_addr,
      FIELD.vmentry_msr_load_count,
    )
  );
}

function failingInjection(nested: Nested): string | undefined {
  const { vmcs12, caps } = nested;
  const info = vmcs12.lo(FIELD.vmentry_intr_info);
  if ((info & 0x80000000) === 0) return undefined;
  const vector = info & 0xff;
  const type = (info >>> 8) & 7;
  const withError = (info & 0x800) !== 0;
  const unrestricted = (secondary12(nested) & SECONDARY.unrestricted_guest) !== 0;
  const protectedMode = !unrestricted || (vmcs12.lo(FIELD.guest_cr0) & 1) !== 0;
  if (type === INTR.reserved) return "entry.inj.type.reserved";
  if (type === INTR.nmi && vector !== 2) return "entry.inj.vector.nmi";
  if (type === INTR.hard && vector > 31) return "entry.inj.vector.hwexc";
  if (type === INTR.other && vector !== 0) return "entry.inj.vector.other";
  if (withError && type !== INTR.hard) return "entry.inj.ec.type";
  if (withError && !protectedMode) return "entry.inj.ec.realmode";
  const anyError = ((caps.read(0x480) ?? 0n) & (1n << 56n)) !== 0n;
  if (!anyError && type === INTR.hard && protectedMode) {
    if (withError !== ((HAS_ERROR >>> vector) & 1) > 0) return "entry.inj.ec.required";
  }
  if ((info & 0x7ffff000) !== 0) return "entry.inj.reserved";
  if (withError && vmcs12.lo(FIELD.vmentry_exception_error_code) >>> 16 !== 0) {
    return "entry.inj.ec.upper";
  }
  if (type >= INTR.soft && type <= INTR.softException) {
    const length = vmcs12.lo(FIELD.vmentry_instruction_length);
    const zero = (caps.misc & (1n << 30n)) !== 0n;
    if (length > 15 || (length === 0 && !zero)) return "entry.inj.length";
  }
  return undefined;
}

const isPat = (value: bigint) =>
  [0n, 8n, 16n, 24n, 32n, 40n, 48n, 56n].every((shift) => {
    const type = (value >> shift) & 0xffn;
    return type <= 7n && type !== 2n && type !== 3n;
  });

/**
 * The identifier of the first check of the host-state area that fails. What a state that is `restored`
 * has to do with the mode of L1 is not known: its registers come by other ways.
 */
export function failingHost(nested: Nested, restored = false): string | undefined {
  const { vmcs12, vcpu, caps } = nested;
  const exit = vmcs12.lo(FIELD.vmexit_controls);
  const host64 = (exit & EXITING.host_address_space_size) !== 0;
  const entry = vmcs12.lo(FIELD.vmentry_controls);
  if (!restored && host64 !== vcpu.isLongMode) return "entry.host.size.long.host";
  if (!host64 && (entry & ENTERING.ia32e_mode_guest) !== 0) return "entry.host.size32.guest";
  const cr0 = vmcs12.wide(FIELD.host_cr0);
  const cr4 = vmcs12.wide(FIELD.host_cr4);
  if ((cr0 & CR0_FIXED) !== CR0_FIXED || cr0 >> 32n !== 0n) return "entry.host.cr0.fixed";
  if ((cr4 & CR4_VMXE) === 0n || (cr4 & ~(caps.read(0x489) ?? 0n)) !== 0n) {
    return "entry.host.cr4.fixed";
  }
  if (!inWidth(nested, vmcs12.wide(FIELD.host_cr3))) return "entry.host.cr3.pa";
  if (!isCanonical(nested, vmcs12.wide(FIELD.host_ia32_sysenter_esp)))
    return "entry.host.sysenter.esp";
  if (!isCanonical(nested, vmcs12.wide(FIELD.host_ia32_sysenter_eip)))
    return "entry.host.sysenter.eip";
  if ((exit & EXITING.load_ia32_pat) !== 0 && !isPat(vmcs12.wide(FIELD.host_ia32_pat))) {
    return "entry.host.pat";
  }
  if ((exit & EXITING.load_ia32_efer) !== 0) {
    const efer = vmcs12.wide(FIELD.host_ia32_efer);
    if ((efer & ~BigInt(vcpu.msrs.eferAllowed)) !== 0n) return "entry.host.efer.reserved";
    if (((efer & BigInt(EFER.LMA)) !== 0n) !== host64) return "entry.host.efer.lma";
    if (((efer & BigInt(EFER.LME)) !== 0n) !== host64) return "entry.host.efer.lme";
  }
  return failingHostSegment(nested, host64, cr4);
}

function failingHostSegment(nested: Nested, host64: boolean, cr4: bigint): string | undefined {
  const { vmcs12 } = nested;
  for (const name of ["es", "cs", "ss", "ds", "fs", "gs", "tr"] as const) {
    if ((vmcs12.lo(FIELD[`host_${name}_selector`]) & 7) !== 0) return `entry.host.sel.${name}`;
  }
  if (vmcs12.lo(FIELD.host_cs_selector) === 0) return "entry.host.cs.null";
  if (vmcs12.lo(FIELD.host_tr_selector) === 0) return "entry.host.tr.null";
  if (!host64 && vmcs12.lo(FIELD.host_ss_selector) === 0) return "entry.host.ss.null";
  for (const name of ["fs", "gs", "gdtr", "idtr", "tr"] as const) {
    if (!isCanonical(nested, vmcs12.wide(FIELD[`host_${name}_base`])))
      return `entry.host.${name}.base`;
  }
  const rip = vmcs12.wide(FIELD.host_rip);
  if (!host64) {
    if ((cr4 & CR4_PCIDE) !== 0n) return "entry.host.size32.pcide";
    return rip >> 32n === 0n ? undefined : "entry.host.size32.rip";
  }
  if ((cr4 & CR4_PAE) === 0n) return "entry.host.size64.pae";
  return isCanonical(nested, rip) ? undefined : "entry.host.size64.rip";
}

export interface GuestFailure {
  readonly id: string;
  readonly qualification: number;
}

/** The first check of guest state that fails, of those that vmcs02 does not show. */
export function failingGuest(nested: Nested): GuestFailure | undefined {
  const { vmcs12, vcpu, caps } = nested;
  const failure = (id: string, qualification = 0) => ({ id, qualification });
  const cr0 = vmcs12.wide(FIELD.guest_cr0);
  const cr4 = vmcs12.wide(FIELD.guest_cr4);
  if (!isValidL2Cr0(nested, cr0)) return failure("entry.guest.cr0.fixed");
  if ((cr0 & CR0_PG) !== 0n && (cr0 & CR0_PE) === 0n) return failure("entry.guest.cr0.pg_pe");
  if ((cr4 & CR4_VMXE) === 0n || (cr4 & ~(caps.read(0x489) ?? 0n)) !== 0n) {
    return failure("entry.guest.cr4.fixed");
  }
  const entry = vmcs12.lo(FIELD.vmentry_controls);
  if ((entry & ENTERING.load_debug_controls) !== 0) {
    if ((vmcs12.wide(FIELD.guest_ia32_debugctl) & ~3n) !== 0n)
      return failure("entry.guest.debugctl");
    if (vmcs12.hi(FIELD.guest_dr7) !== 0) return failure("entry.guest.dr7");
  }
  const long = (entry & ENTERING.ia32e_mode_guest) !== 0;
  if (long && (cr0 & CR0_PG) === 0n) return failure("entry.guest.ia32e.pg");
  if (long && (cr4 & CR4_PAE) === 0n) return failure("entry.guest.ia32e.pae");
  if (!inWidth(nested, vmcs12.wide(FIELD.guest_cr3))) return failure("entry.guest.cr3.pa");
  if ((entry & ENTERING.load_ia32_pat) !== 0 && !isPat(vmcs12.wide(FIELD.guest_ia32_pat))) {
    return failure("entry.guest.pat");
  }
  if ((entry & ENTERING.load_ia32_efer) !== 0) {
    const efer = vmcs12.wide(FIELD.guest_ia32_efer);
    const lma = (efer & BigInt(EFER.LMA)) !== 0n;
    const lme = (efer & BigInt(EFER.LME)) !== 0n;
    if ((efer & ~BigInt(vcpu.msrs.eferAllowed)) !== 0n) return failure("entry.guest.efer.reserved");
    if (lma !== long) return failure("entry.guest.efer.lma");
    if ((cr0 & CR0_PG) !== 0n && lma !== lme) return failure("entry.guest.efer.lme");
  }
  const activity = vmcs12.lo(FIELD.guest_activity_state);
  if (activity !== 0 && activity !== 1 && activity !== 3)
    return failure("entry.guest.activity.range");
  const failing = activity === 0 ? undefined : failingActivity(nested, activity);
  return failing === undefined ? failingLink(nested) : failure(failing);
}

/** L0 runs L2 in the active state always: what the processor would check of the others. */
function failingActivity({ vmcs12 }: Nested, activity: number): string | undefined {
  const info = vmcs12.lo(FIELD.vmentry_intr_info);
  const injects = (info & 0x80000000) !== 0;
  const type = (info >>> 8) & 7;
  const vector = info & 0xff;
  const dpl = (vmcs12.lo(FIELD.guest_ss_ar) >>> 5) & 3;
  if (activity === 1 && dpl !== 0) return "entry.guest.activity.hlt_dpl";
  if ((vmcs12.lo(FIELD.guest_interruptibility) & 3) !== 0) return "entry.guest.activity.blocking";
  if (!injects) return undefined;
  if (activity === 3) return "entry.guest.activity.inject.sipi";
  const wakes =
    type === INTR.external ||
    type === INTR.nmi ||
    type === INTR.other ||
    (type === INTR.hard && (vector === 1 || vector === 18));
  return wakes ? undefined : "entry.guest.activity.inject.hlt";
}

function failingLink(nested: Nested): GuestFailure | undefined {
  const { vmcs12, vcpu } = nested;
  const link = vmcs12.wide(FIELD.vmcs_link_pointer);
  if (link === NO_LINK) return undefined;
  const failure = (id: string) => ({ id, qualification: 4 });
  if (!isPageAddress(vcpu, link)) return failure("entry.guest.link.addr");
  const bytes = new Uint8Array(4);
  const read = vcpu.vm.readGuest(Number(link), bytes);
  const revision = new DataView(bytes.buffer).getUint32(0, true);
  if (!read || (revision & ~SHADOW_VMCS) !== VMCS12_REVISION) {
    return failure("entry.guest.link.revision");
  }
  const shadowing = (secondary12(nested) & SECONDARY.vmcs_shadowing) !== 0;
  const isShadow = (revision & SHADOW_VMCS) !== 0;
  return isShadow === shadowing ? undefined : failure("entry.guest.link.shadow");
}

/** Fixed bits of CR0 for L2; PE and PG are free in an unrestricted guest (nested_guest_cr0_valid). */
export function isValidL2Cr0(nested: Nested, cr0: bigint): boolean {
  const unrestricted = (secondary12(nested) & SECONDARY.unrestricted_guest) !== 0;
  const fixed = unrestricted ? CR0_FIXED & ~(CR0_PE | CR0_PG) : CR0_FIXED;
  return (cr0 & fixed) === fixed && cr0 >> 32n === 0n;
}
