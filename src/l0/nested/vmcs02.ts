/** vmcs02 made from L0's needs and vmcs12 (prepare_vmcs02), and vmcs12 brought up to date from it. */
import { ENTERING, EXITING, FIELD, PIN, PRIMARY, SECONDARY } from "../../generated/vmx.ts";
import { PAGE_BYTES } from "../frames.ts";
import { hvaOf } from "../memslots.ts";
import { VECTOR } from "../pcpu.ts";
import { CR0, CR0_GUEST_OWNED, CR4_GUEST_OWNED, EFER, EXCEPTIONS, initHost } from "../vmcs01.ts";
import { secondary12 } from "./roots.ts";
import type { Nested } from "./state.ts";
import { timerValue } from "./timer.ts";

/** Guest state that L1 seldom writes: copied to vmcs02 only when it did. */
const RARE_GUEST: readonly number[] = [
  ...["es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"].flatMap((name) => {
    const at = name as "es";
    return [
      FIELD[`guest_${at}_selector`],
      FIELD[`guest_${at}_base`],
      FIELD[`guest_${at}_limit`],
      FIELD[`guest_${at}_ar`],
    ];
  }),
  FIELD.guest_gdtr_base,
  FIELD.guest_gdtr_limit,
  FIELD.guest_idtr_base,
  FIELD.guest_idtr_limit,
  FIELD.guest_ia32_sysenter_cs,
  FIELD.guest_ia32_sysenter_esp,
  FIELD.guest_ia32_sysenter_eip,
  FIELD.guest_pending_debug,
];
const FREQUENT_GUEST: readonly number[] = [
  FIELD.guest_rip,
  FIELD.guest_rsp,
  FIELD.guest_rflags,
  FIELD.guest_interruptibility,
];
const AR_OF_ALWAYS = [FIELD.guest_cs_ar, FIELD.guest_ss_ar];
const PDPTES = [FIELD.guest_pdpte0, FIELD.guest_pdpte1, FIELD.guest_pdpte2, FIELD.guest_pdpte3];
const CR3_TARGETS = [FIELD.cr3_target0, FIELD.cr3_target1, FIELD.cr3_target2, FIELD.cr3_target3];
const EOI_EXITS = [
  FIELD.eoi_exit_bitmap0,
  FIELD.eoi_exit_bitmap1,
  FIELD.eoi_exit_bitmap2,
  FIELD.eoi_exit_bitmap3,
];
/** Exit information that vmcs12 takes over from vmcs02. */
export const EXIT_INFORMATION = [
  FIELD.exit_intr_info,
  FIELD.exit_intr_error_code,
  FIELD.exit_instruction_length,
  FIELD.exit_instruction_info,
] as const;

const MTRR_WINDOWS = PRIMARY.interrupt_window_exiting | PRIMARY.nmi_window_exiting;
const X2APIC_FIRST_BYTE = 0x100;
const X2APIC_BYTES = 0x20;
const WRITES = 0x800;
/** Interruption information of the type "other event", vector 0. */
const OTHER_EVENT = 0x80000700;
const SCALE_BITS = 48n;

function copy(nested: Nested, fields: readonly number[]): void {
  const { vmcs12, vcpu } = nested;
  for (const field of fields) vcpu.hw.write(field, vmcs12.lo(field), vmcs12.hi(field));
}

/** Fields that are the same for every vmcs12. */
function setUp(nested: Nested): void {
  const { hw, config, vm } = nested.vcpu;
  if (nested.isVmcs02SetUp) return;
  nested.isVmcs02SetUp = true;
  initHost(hw);
  hw.write(FIELD.vmcs_link_pointer, 0xffffffff, 0xffffffff);
  hw.writeAddress(FIELD.msr_bitmap, nested.msrBitmap * PAGE_BYTES);
  // No VM function is executed without an exit to L0.
  if (nested.caps.vmFunctions !== 0n) hw.write(FIELD.vm_function_controls, 0);
  if (config.postedInterrupts) {
    hw.write(FIELD.posted_intr_notification_vector, VECTOR.nestedPostedInterrupt);
  }
  vm.frames.written(nested.msrBitmap);
  nested.dirty = true;
}

/** Controls of the current VMCS, which is vmcs02 (prepare_vmcs02_early). */
export function prepareControls(nested: Nested): void {
  const { vcpu, vmcs12 } = nested;
  const { hw, config } = vcpu;
  hw.at("prepare_vmcs02");
  setUp(nested);
  const pin12 = vmcs12.lo(FIELD.pin_based_controls);
  const pin =
    (config.pin & ~PIN.process_posted_interrupts) | pin12 | (config.pin & PIN.virtual_nmis);
  hw.write(FIELD.pin_based_controls, pin >>> 0);
  hw.write(FIELD.vmexit_controls, config.exit);
  let primary =
    (config.primary & ~(MTRR_WINDOWS | PRIMARY.use_tpr_shadow)) |
    vmcs12.lo(FIELD.primary_proc_controls);
  if ((primary & PRIMARY.use_tpr_shadow) === 0) {
    primary |= PRIMARY.cr8_load_exiting | PRIMARY.cr8_store_exiting;
  }
  primary |= PRIMARY.unconditional_io_exiting | PRIMARY.use_msr_bitmaps;
  primary = (primary & ~PRIMARY.use_io_bitmaps) | PRIMARY.activate_secondary_controls;
  hw.write(FIELD.primary_proc_controls, primary >>> 0);
  hw.write(FIELD.secondary_proc_controls, secondaryControls(nested));
  const long = (vmcs12.lo(FIELD.vmentry_controls) & ENTERING.ia32e_mode_guest) !== 0;
  const entry = config.entry & ~ENTERING.ia32e_mode_guest;
  hw.write(FIELD.vmentry_controls, (long ? entry | ENTERING.ia32e_mode_guest : entry) >>> 0);
  // A state that was restored injects by the vCPU's own events, unless L2 had not been entered yet.
  const info = nested.runPending ? vmcs12.lo(FIELD.vmentry_intr_info) : 0;
  // A trap flag to be injected is an exit that follows the entry at once.
  nested.mtfPending = info === OTHER_EVENT;
  hw.write(FIELD.vmentry_intr_info, nested.mtfPending ? 0 : info);
  if ((info & 0x80000000) !== 0) {
    copy(nested, [FIELD.vmentry_exception_error_code, FIELD.vmentry_instruction_length]);
  }
  if (vcpu.vpid01 !== 0) {
    const own = (secondary12(nested) & SECONDARY.enable_vpid) !== 0;
    hw.write(FIELD.vpid, own ? nested.vpid02 : vcpu.vpid01);
  }
}

function secondaryControls(nested: Nested): number {
  const { config } = nested.vcpu;
  const own12 = secondary12(nested);
  const from12 =
    SECONDARY.virtualize_apic_accesses |
    SECONDARY.virtualize_x2apic_mode |
    SECONDARY.apic_register_virtualization |
    SECONDARY.virtual_interrupt_delivery |
    SECONDARY.enable_invpcid |
    SECONDARY.enable_rdtscp |
    SECONDARY.enable_xsaves_xrstors |
    SECONDARY.enable_vm_functions |
    SECONDARY.descriptor_table_exiting |
    SECONDARY.unrestricted_guest;
  const mixed = (config.secondary & ~from12) | own12;
  // The log and the shadow VMCS of L1 are L0's business.
  return (mixed & ~(SECONDARY.enable_pml | SECONDARY.vmcs_shadowing)) >>> 0;
}

/** Guest state and the rest of the controls. `before` in `nested` has what L1 had at its VMLAUNCH. */
export function prepareGuest(nested: Nested): void {
  const { vcpu, vmcs12, before } = nested;
  const { hw } = vcpu;
  copy(nested, FREQUENT_GUEST);
  if (nested.dirty) {
    copy(nested, RARE_GUEST);
    prepareRare(nested);
    nested.dirty = false;
  } else {
    copy(nested, AR_OF_ALWAYS);
  }
  hw.write(FIELD.guest_activity_state, 0);
  const entry = vmcs12.lo(FIELD.vmentry_controls);
  // A state that was restored has its registers beside vmcs12, unless L2 had not been entered yet.
  const { runPending } = nested;
  const ownDebug = runPending && (entry & ENTERING.load_debug_controls) !== 0;
  hw.writeWide(FIELD.guest_dr7, ownDebug ? vmcs12.wide(FIELD.guest_dr7) : before.dr7);
  const debugctl = ownDebug ? vmcs12.wide(FIELD.guest_ia32_debugctl) : before.debugctl;
  hw.writeWide(FIELD.guest_ia32_debugctl, debugctl);
  const ownPat = runPending && (entry & ENTERING.load_ia32_pat) !== 0;
  hw.writeWide(FIELD.guest_ia32_pat, ownPat ? vmcs12.wide(FIELD.guest_ia32_pat) : before.pat);
  hw.write(FIELD.guest_ia32_efer, efer(nested));
  prepareControlRegisters(nested);
  hw.write(FIELD.exception_bitmap, (vmcs12.lo(FIELD.exception_bitmap) | EXCEPTIONS) >>> 0);
  prepareTsc(nested);
  preparePages(nested);
}

/** What depends on pages of L1's. */
export function preparePages(nested: Nested): void {
  prepareApic(nested);
  mergeMsrBitmap(nested);
}

function prepareRare(nested: Nested): void {
  copy(nested, [FIELD.pf_error_code_mask, FIELD.pf_error_code_match, FIELD.cr3_target_count]);
  copy(nested, CR3_TARGETS);
  const secondary = secondary12(nested);
  if ((secondary & SECONDARY.enable_ept) !== 0) copy(nested, PDPTES);
  if ((secondary & SECONDARY.enable_xsaves_xrstors) !== 0) copy(nested, [FIELD.xss_exiting_bitmap]);
  if ((secondary & SECONDARY.virtual_interrupt_delivery) !== 0) copy(nested, EOI_EXITS);
}

/** EFER of L2 (nested_vmx_calc_efer). */
function efer(nested: Nested): number {
  const { vmcs12, before } = nested;
  if (!nested.runPending) return before.efer;
  const entry = vmcs12.lo(FIELD.vmentry_controls);
  if ((entry & ENTERING.load_ia32_efer) !== 0) return vmcs12.lo(FIELD.guest_ia32_efer);
  const both = EFER.LMA | EFER.LME;
  const long = (entry & ENTERING.ia32e_mode_guest) !== 0;
  if (long) return (before.efer | both) >>> 0;
  const paging = (vmcs12.lo(FIELD.guest_cr0) & CR0.PG) !== 0;
  return (paging ? before.efer & ~both : before.efer & ~EFER.LMA) >>> 0;
}

function prepareControlRegisters(nested: Nested): void {
  const { vcpu, vmcs12 } = nested;
  const { hw } = vcpu;
  const mask0 = vmcs12.wide(FIELD.cr0_guest_host_mask);
  const mask4 = vmcs12.wide(FIELD.cr4_guest_host_mask);
  const cr0 = vmcs12.wide(FIELD.guest_cr0);
  const cr4 = vmcs12.wide(FIELD.guest_cr4);
  hw.writeWide(FIELD.cr0_guest_host_mask, ~(BigInt(CR0_GUEST_OWNED) & ~mask0));
  const owned4 = BigInt(CR4_GUEST_OWNED & vcpu.msrs.cr4Allowed);
  hw.writeWide(FIELD.cr4_guest_host_mask, ~(owned4 & ~mask4));
  hw.writeWide(FIELD.guest_cr0, realCr0(cr0));
  hw.writeWide(FIELD.guest_cr4, cr4 | 0x2000n);
  const shadow0 = (cr0 & ~mask0) | (vmcs12.wide(FIELD.cr0_read_shadow) & mask0);
  const shadow4 = (cr4 & ~mask4) | (vmcs12.wide(FIELD.cr4_read_shadow) & mask4);
  hw.writeWide(FIELD.cr0_read_shadow, shadow0);
  hw.writeWide(FIELD.cr4_read_shadow, shadow4);
  hw.write(FIELD.guest_cr3, vmcs12.lo(FIELD.guest_cr3), vmcs12.hi(FIELD.guest_cr3));
}

/** CR0 with which the processor runs L2. */
export function realCr0(cr0: bigint): bigint {
  return (cr0 & ~BigInt(CR0.NW | CR0.CD)) | BigInt(CR0.NE);
}

function prepareTsc(nested: Nested): void {
  const { vcpu, vmcs12 } = nested;
  const { hw, tscOffset } = vcpu;
  const l1 = BigInt.asIntN(64, (BigInt(tscOffset.hi) << 32n) | BigInt(tscOffset.lo));
  const offsets = (vmcs12.lo(FIELD.primary_proc_controls) & PRIMARY.use_tsc_offsetting) !== 0;
  const scales = offsets && (secondary12(nested) & SECONDARY.use_tsc_scaling) !== 0;
  let offset = l1;
  if (scales) {
    const multiplier = vmcs12.wide(FIELD.tsc_multiplier);
    hw.writeWide(FIELD.tsc_multiplier, multiplier);
    offset = (l1 * multiplier) >> SCALE_BITS;
  }
  if (offsets) offset += vmcs12.wide(FIELD.tsc_offset);
  hw.writeWide(FIELD.tsc_offset, BigInt.asUintN(64, offset));
}

function prepareApic(nested: Nested): void {
  const { vcpu, vmcs12, pinned, blankPage } = nested;
  const { hw } = vcpu;
  const page = (pfn: number | undefined) => (pfn ?? blankPage) * PAGE_BYTES;
  const secondary = secondary12(nested);
  if ((vmcs12.lo(FIELD.primary_proc_controls) & PRIMARY.use_tpr_shadow) !== 0) {
    hw.writeAddress(FIELD.virtual_apic_addr, page(pinned.virtualApic));
    hw.write(FIELD.tpr_threshold, vmcs12.lo(FIELD.tpr_threshold));
  }
  if ((secondary & SECONDARY.virtualize_apic_accesses) !== 0) {
    hw.at("nested_get_vmcs12_pages");
    hw.writeAddress(FIELD.apic_access_addr, page(pinned.apicAccess));
    if (vcpu.vm.policy.skips("FlushOnTransition")) vcpu.flushCurrent("nested_get_vmcs12_pages");
  }
  if ((secondary & SECONDARY.virtual_interrupt_delivery) !== 0) {
    hw.write(FIELD.guest_interrupt_status, vmcs12.lo(FIELD.guest_interrupt_status));
  }
  if ((vmcs12.lo(FIELD.pin_based_controls) & PIN.process_posted_interrupts) === 0) return;
  if (pinned.postedInterrupt === undefined) {
    hw.change(FIELD.pin_based_controls, 0, PIN.process_posted_interrupts);
    return;
  }
  const offset = vmcs12.address(FIELD.posted_intr_desc_addr) % PAGE_BYTES;
  hw.writeAddress(FIELD.posted_intr_desc_addr, pinned.postedInterrupt * PAGE_BYTES + offset);
}

/** An MSR exits from L2 if L0 or L1 wants that (nested_vmx_prepare_msr_bitmap). */
function mergeMsrBitmap(nested: Nested): void {
  const { vcpu, vmcs12, msrBitmap } = nested;
  const { vm, hw } = vcpu;
  const { u32, u8 } = hw.core;
  const to = vm.frames.words(msrBitmap);
  const uses = (vmcs12.lo(FIELD.primary_proc_controls) & PRIMARY.use_msr_bitmaps) !== 0;
  const from = uses ? vm.guestByte(vmcs12.address(FIELD.msr_bitmap), false) : -1;
  if (from < 0) {
    u32.fill(0xffffffff, to, to + PAGE_BYTES / 4);
    vm.frames.written(msrBitmap);
    return;
  }
  const l0 = vm.frames.words(vcpu.msrBitmap);
  const l1 = from >>> 2;
  for (let i = 0; i < PAGE_BYTES / 4; i++) u32[to + i] = u32[l0 + i]! | u32[l1 + i]!;
  const bytes = vm.frames.bytes(msrBitmap);
  const secondary = secondary12(nested);
  const x2apic = bytes + X2APIC_FIRST_BYTE;
  u8.fill(0xff, x2apic, x2apic + X2APIC_BYTES);
  u8.fill(0xff, x2apic + WRITES, x2apic + WRITES + X2APIC_BYTES);
  if ((secondary & SECONDARY.virtualize_x2apic_mode) !== 0) {
    const own = (at: number) => u8[from + X2APIC_FIRST_BYTE + at]!;
    const pass = (at: number, bit: number) => {
      u8[x2apic + at]! &= ~(1 << bit) | (own(at) & (1 << bit));
    };
    if ((secondary & SECONDARY.apic_register_virtualization) !== 0) {
      for (let i = 0; i < X2APIC_BYTES; i++) u8[x2apic + i] = own(i);
    }
    pass(1, 0);
    pass(WRITES + 1, 0);
    if ((secondary & SECONDARY.virtual_interrupt_delivery) !== 0) {
      pass(WRITES + 1, 3);
      pass(WRITES + 7, 7);
    }
  }
  vm.frames.written(msrBitmap);
}

/** A page that vmcs12 names, with a reference; undefined where L1 has none, or where it is L0's own. */
function pin(nested: Nested, gpa: number): number | undefined {
  const { vm } = nested.vcpu;
  const gfn = Math.floor(gpa / PAGE_BYTES);
  const slot = vm.slotOf(gfn);
  if (slot === undefined || slot.invalid || slot === vm.apicAccessSlot()) return undefined;
  if (vm.guestByte(gpa, true) < 0) return undefined;
  const page = vm.mm.faultIn(hvaOf(slot, gfn), true);
  if (page === undefined) return undefined;
  if (!vm.policy.skips("NoRef")) vm.frames.get(page.pfn);
  return page.pfn;
}

/** References for the pages that vmcs02 will name (nested_get_vmcs12_pages). */
export function pinPages(nested: Nested): void {
  const { vmcs12, pinned } = nested;
  const secondary = secondary12(nested);
  // An entry that had to begin anew behind the copy of a shared page has left some.
  unpinPages(nested);
  if ((secondary & SECONDARY.virtualize_apic_accesses) !== 0) {
    pinned.apicAccess = pin(nested, vmcs12.address(FIELD.apic_access_addr));
  }
  if ((vmcs12.lo(FIELD.primary_proc_controls) & PRIMARY.use_tpr_shadow) !== 0) {
    pinned.virtualApic = pin(nested, vmcs12.address(FIELD.virtual_apic_addr));
  }
  if ((vmcs12.lo(FIELD.pin_based_controls) & PIN.process_posted_interrupts) !== 0) {
    pinned.postedInterrupt = pin(nested, vmcs12.address(FIELD.posted_intr_desc_addr));
  }
}

const PINNED = [
  ["apicAccess", FIELD.apic_access_addr],
  ["virtualApic", FIELD.virtual_apic_addr],
  ["postedInterrupt", FIELD.posted_intr_desc_addr],
] as const;

/** Gives them back; vmcs02 is no longer loaded. The processor may have written to them. */
export function unpinPages({ pinned, vcpu, vmcs12 }: Nested): void {
  for (const [name, field] of PINNED) {
    const pfn = pinned[name];
    if (pfn === undefined) continue;
    pinned[name] = undefined;
    const gfn = Math.floor(vmcs12.address(field) / PAGE_BYTES);
    vcpu.vm.slotOf(gfn)?.dirty?.add(gfn);
    if (!vcpu.vm.policy.skips("NoRef")) vcpu.vm.frames.put(pfn);
  }
}

/** Guest state of vmcs02 to vmcs12 (sync_vmcs02_to_vmcs12). */
export function syncGuest(nested: Nested): void {
  const { vcpu, vmcs12 } = nested;
  const { hw } = vcpu;
  hw.at("sync_vmcs02_to_vmcs12");
  const take = (field: number) => {
    const lo = hw.read(field);
    vmcs12.set(field, lo, hw.hi);
  };
  FREQUENT_GUEST.forEach(take);
  RARE_GUEST.forEach(take);
  const mask0 = vmcs12.wide(FIELD.cr0_guest_host_mask);
  const mask4 = vmcs12.wide(FIELD.cr4_guest_host_mask);
  const mix = (real: number, shadow: number, mask: bigint, owned: bigint) => {
    const free = owned & ~mask;
    const own = hw.readWide(real) & free;
    return own | (vmcs12.wide(real) & mask) | (hw.readWide(shadow) & ~(mask | free));
  };
  const owned4 = BigInt(CR4_GUEST_OWNED & vcpu.msrs.cr4Allowed);
  const cr0 = mix(FIELD.guest_cr0, FIELD.cr0_read_shadow, mask0, BigInt(CR0_GUEST_OWNED));
  vmcs12.setWide(FIELD.guest_cr0, cr0);
  vmcs12.setWide(FIELD.guest_cr4, mix(FIELD.guest_cr4, FIELD.cr4_read_shadow, mask4, owned4));
  take(FIELD.guest_cr3);
  const secondary = secondary12(nested);
  if ((secondary & SECONDARY.enable_ept) !== 0) PDPTES.forEach(take);
  if ((secondary & SECONDARY.virtual_interrupt_delivery) !== 0) take(FIELD.guest_interrupt_status);
  const exit = vmcs12.lo(FIELD.vmexit_controls);
  if ((exit & EXITING.save_debug_controls) !== 0) {
    take(FIELD.guest_dr7);
    take(FIELD.guest_ia32_debugctl);
  }
  if ((exit & EXITING.save_ia32_pat) !== 0) take(FIELD.guest_ia32_pat);
  if ((exit & EXITING.save_ia32_efer) !== 0) take(FIELD.guest_ia32_efer);
  if ((exit & EXITING.save_preemption_timer) !== 0) {
    vmcs12.set(FIELD.vmx_preemption_timer_value, timerValue(nested));
  }
  const entry = vmcs12.lo(FIELD.vmentry_controls) & ~ENTERING.ia32e_mode_guest;
  const long = (hw.read(FIELD.guest_ia32_efer) & EFER.LMA) !== 0;
  vmcs12.set(FIELD.vmentry_controls, (long ? entry | ENTERING.ia32e_mode_guest : entry) >>> 0);
}
