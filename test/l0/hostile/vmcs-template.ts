/** vmcs12 regions of the hostile L1: ones that a processor enters, with fields broken at random. */
import { ENTERING, EXITING, FIELD, PIN, PRIMARY, SECONDARY } from "../../../src/generated/vmx.ts";
import type { NestedCapabilities } from "../../../src/l0/nested/capabilities.ts";
import { VMCS12_BYTES, VMCS12_REVISION } from "../../../src/l0/nested/vmcs12.ts";
import { fieldOffset, VMCS_FIELDS } from "../../../src/tables/vmx/fields.ts";
import {
  APIC_ACCESS,
  CODE64,
  DATA64,
  DISPATCH,
  EPT,
  GDT,
  IDT,
  IO_BITMAPS,
  L2_CODE,
  L2_PROGRAM_BYTES,
  L2_PROGRAMS,
  L2_STACK,
  MSR_BITMAP,
  MSR_LISTS,
  PLAYGROUND,
  PLAYGROUND_PAGES,
  PML,
  POSTED,
  page,
  STACKS,
  VIRTUAL_APIC,
} from "./memory-map.ts";
import type { Random } from "./random.ts";

type Fields = Map<number, bigint>;
/** What a template needs to know of the processor that L1 sees. */
export interface Seen {
  readonly caps: NestedCapabilities;
  readonly cr3: number;
  readonly cr0: bigint;
  readonly cr4: bigint;
  readonly efer: bigint;
}

const FIELDS = VMCS_FIELDS.filter(({ built }) => built);
const CONTROLS_WITH_ADDRESS = [
  FIELD.io_bitmap_a,
  FIELD.msr_bitmap,
  FIELD.virtual_apic_addr,
  FIELD.apic_access_addr,
  FIELD.posted_intr_desc_addr,
  FIELD.eptp,
  FIELD.vmexit_msr_store_addr,
  FIELD.vmexit_msr_load_addr,
  FIELD.vmentry_msr_load_addr,
  FIELD.pml_address,
  FIELD.vmcs_link_pointer,
];

/** Addresses that a hypervisor should not use, and some that it may. */
export function anyAddress(random: Random): bigint {
  return random.weighted<() => bigint>([
    [8, () => BigInt(PLAYGROUND + random.below(PLAYGROUND_PAGES) * 4096)],
    [2, () => BigInt(PLAYGROUND + random.below(PLAYGROUND_PAGES * 4096))],
    [2, () => 0xfee00000n],
    [1, () => 0xfec00000n],
    [2, () => BigInt(random.below(0x900) * 4096)],
    [1, () => 0x4000_0000n + BigInt(random.below(20) * 4096)],
    [1, () => random.wide()],
    [1, () => random.wide() & 0x3f_ffff_ffff_f000n],
    [1, () => 0n],
    [1, () => 0xffff_ffff_ffff_ffffn],
  ])();
}

const controlMsr = { pin: 0x48d, primary: 0x48e, exit: 0x48f, entry: 0x490, secondary: 0x48b };

/** Lower half: bits that must be one; upper half: bits that may be. */
function controls(caps: NestedCapabilities, word: keyof typeof controlMsr, wanted: number): bigint {
  const value = caps.read(controlMsr[word]) ?? 0n;
  const may = Number(value >> 32n);
  return BigInt(((Number(value & 0xffffffffn) | wanted) & may) >>> 0);
}

function chosenControls(random: Random, seen: Seen, fields: Fields): void {
  const { caps } = seen;
  const some = (bit: number, count = 3) => (random.oneIn(count) ? bit : 0);
  let pin = some(PIN.external_interrupt_exiting) | some(PIN.activate_preemption_timer, 5);
  if (random.oneIn(2)) pin |= PIN.nmi_exiting | some(PIN.virtual_nmis, 2);
  let primary =
    PRIMARY.activate_secondary_controls |
    some(PRIMARY.hlt_exiting, 2) |
    some(PRIMARY.invlpg_exiting) |
    some(PRIMARY.cr3_load_exiting) |
    some(PRIMARY.cr3_store_exiting) |
    some(PRIMARY.mov_dr_exiting, 6) |
    some(PRIMARY.unconditional_io_exiting) |
    some(PRIMARY.use_io_bitmaps) |
    some(PRIMARY.use_msr_bitmaps, 2) |
    some(PRIMARY.pause_exiting, 6) |
    some(PRIMARY.monitor_trap_flag, 12) |
    some(PRIMARY.interrupt_window_exiting, 8) |
    some(PRIMARY.use_tsc_offsetting, 6);
  if ((pin & PIN.virtual_nmis) !== 0) primary |= some(PRIMARY.nmi_window_exiting, 8);
  let secondary =
    some(SECONDARY.enable_vpid, 2) |
    some(SECONDARY.enable_rdtscp) |
    some(SECONDARY.enable_invpcid, 2) |
    some(SECONDARY.descriptor_table_exiting, 6) |
    some(SECONDARY.wbinvd_exiting, 4) |
    some(SECONDARY.use_tsc_scaling, 8);
  if (!random.oneIn(4)) secondary |= SECONDARY.enable_ept | some(SECONDARY.unrestricted_guest);
  let exit =
    EXITING.host_address_space_size |
    some(EXITING.save_ia32_efer) |
    some(EXITING.load_ia32_efer) |
    some(EXITING.save_ia32_pat) |
    some(EXITING.load_ia32_pat) |
    some(EXITING.save_debug_controls) |
    some(EXITING.acknowledge_interrupt_on_exit);
  if (random.oneIn(3)) {
    primary |= PRIMARY.use_tpr_shadow;
    if (random.oneIn(3)) secondary |= SECONDARY.virtualize_x2apic_mode;
    else secondary |= some(SECONDARY.virtualize_apic_accesses, 2);
    secondary |= some(SECONDARY.apic_register_virtualization, 2);
    if (random.oneIn(2)) {
      secondary |= SECONDARY.virtual_interrupt_delivery;
      pin |= PIN.external_interrupt_exiting;
      if (random.oneIn(2)) {
        pin |= PIN.process_posted_interrupts;
        exit |= EXITING.acknowledge_interrupt_on_exit;
      }
    }
  } else {
    secondary |= some(SECONDARY.virtualize_apic_accesses, 4);
  }
  const entry =
    ENTERING.ia32e_mode_guest |
    some(ENTERING.load_ia32_efer) |
    some(ENTERING.load_ia32_pat) |
    some(ENTERING.load_debug_controls);
  fields.set(FIELD.pin_based_controls, controls(caps, "pin", pin));
  fields.set(FIELD.primary_proc_controls, controls(caps, "primary", primary));
  fields.set(FIELD.secondary_proc_controls, controls(caps, "secondary", secondary));
  fields.set(FIELD.vmexit_controls, controls(caps, "exit", exit));
  fields.set(FIELD.vmentry_controls, controls(caps, "entry", entry));
}

function addresses(random: Random, fields: Fields): void {
  const at = (field: number, index: number) => fields.set(field, BigInt(page(index)));
  at(FIELD.io_bitmap_a, IO_BITMAPS[0]);
  at(FIELD.io_bitmap_b, IO_BITMAPS[1]);
  at(FIELD.msr_bitmap, MSR_BITMAP);
  at(FIELD.virtual_apic_addr, VIRTUAL_APIC);
  at(FIELD.apic_access_addr, random.oneIn(6) ? EPT.pml4 : APIC_ACCESS);
  at(FIELD.posted_intr_desc_addr, POSTED);
  at(FIELD.pml_address, PML);
  at(FIELD.vmexit_msr_store_addr, MSR_LISTS[0]);
  at(FIELD.vmexit_msr_load_addr, MSR_LISTS[1]);
  at(FIELD.vmentry_msr_load_addr, MSR_LISTS[1]);
  const root = random.oneIn(3) ? EPT.otherPml4 : EPT.pml4;
  const flags = 6n | (3n << 3n) | (random.oneIn(2) ? 0x40n : 0n);
  fields.set(FIELD.eptp, BigInt(page(root)) | flags);
  fields.set(FIELD.vpid, BigInt(1 + random.below(3)));
  fields.set(FIELD.posted_intr_notification_vector, BigInt(random.pick([0x40, 0xf2, 0x21])));
  fields.set(FIELD.vmcs_link_pointer, 0xffff_ffff_ffff_ffffn);
  fields.set(FIELD.tsc_multiplier, 1n << 48n);
  fields.set(FIELD.vmx_preemption_timer_value, BigInt(random.below(2000)));
  if (random.oneIn(6)) fields.set(FIELD.vmexit_msr_store_count, BigInt(random.below(3)));
  if (random.oneIn(6)) fields.set(FIELD.vmentry_msr_load_count, BigInt(random.below(3)));
  if (random.oneIn(4)) fields.set(FIELD.exception_bitmap, BigInt(random.next()));
  if (random.oneIn(6)) fields.set(FIELD.cr0_guest_host_mask, random.wide());
  if (random.oneIn(6)) fields.set(FIELD.cr4_guest_host_mask, random.wide());
  if (random.oneIn(8))
    fields.set(
      FIELD.vmentry_intr_info,
      0x80000000n |
        BigInt(random.pick([0x20, 0x30, 0x202, 0x306, 0x403, 0x603, 0x30d | 0x800, 0x700])),
    );
  if (random.oneIn(12)) fields.set(FIELD.guest_activity_state, BigInt(random.below(4)));
}

function guestState(random: Random, seen: Seen, fields: Fields): void {
  const program = random.below(L2_PROGRAMS);
  fields.set(FIELD.guest_rip, BigInt(L2_CODE + program * L2_PROGRAM_BYTES));
  fields.set(FIELD.guest_rsp, BigInt(L2_STACK));
  fields.set(FIELD.guest_rflags, random.oneIn(4) ? 0x202n : 2n);
  fields.set(FIELD.guest_cr0, seen.cr0);
  fields.set(FIELD.guest_cr4, seen.cr4);
  fields.set(FIELD.guest_cr3, BigInt(seen.cr3));
  fields.set(FIELD.guest_ia32_efer, seen.efer);
  fields.set(FIELD.guest_ia32_pat, 0x0007040600070406n);
  fields.set(FIELD.guest_dr7, 0x400n);
  for (const name of ["es", "cs", "ss", "ds", "fs", "gs", "ldtr", "tr"] as const) {
    fields.set(FIELD[`guest_${name}_limit`], 0xffffffffn);
    fields.set(FIELD[`guest_${name}_ar`], 0xc093n);
  }
  fields.set(FIELD.guest_cs_ar, 0xa09bn);
  fields.set(FIELD.guest_cs_selector, BigInt(CODE64));
  fields.set(FIELD.guest_ldtr_ar, 0x10000n);
  fields.set(FIELD.guest_tr_ar, 0x8bn);
  fields.set(FIELD.guest_tr_limit, 0x67n);
  fields.set(FIELD.guest_gdtr_base, BigInt(GDT));
  fields.set(FIELD.guest_gdtr_limit, 0x3fn);
  fields.set(FIELD.guest_idtr_base, BigInt(IDT));
  fields.set(FIELD.guest_idtr_limit, 0xfffn);
}

function hostState(seen: Seen, fields: Fields): void {
  fields.set(FIELD.host_cr0, seen.cr0);
  fields.set(FIELD.host_cr4, seen.cr4);
  fields.set(FIELD.host_cr3, BigInt(seen.cr3));
  fields.set(FIELD.host_ia32_efer, seen.efer);
  fields.set(FIELD.host_ia32_pat, 0x0007040600070406n);
  fields.set(FIELD.host_rip, BigInt(DISPATCH));
  fields.set(FIELD.host_rsp, BigInt(STACKS));
  fields.set(FIELD.host_cs_selector, BigInt(CODE64));
  for (const name of ["es", "ss", "ds", "fs", "gs"] as const) {
    fields.set(FIELD[`host_${name}_selector`], BigInt(DATA64));
  }
  fields.set(FIELD.host_tr_selector, 0x20n);
  fields.set(FIELD.host_gdtr_base, BigInt(GDT));
  fields.set(FIELD.host_idtr_base, BigInt(IDT));
}

/** A value of a field that nobody expects. */
export function oddValue(random: Random, encoding: number): bigint {
  if (CONTROLS_WITH_ADDRESS.includes(encoding as never)) return anyAddress(random);
  return random.weighted<() => bigint>([
    [3, () => 1n << BigInt(random.below(64))],
    [2, () => BigInt(random.below(8))],
    [2, () => random.wide()],
    [1, () => 0n],
    [1, () => 0xffff_ffff_ffff_ffffn],
    [1, () => anyAddress(random)],
  ])();
}

export function anyField(random: Random): number {
  return random.pick(FIELDS).encoding;
}

/** A region with `mutations` fields broken, in the format of vmcs12. */
export function vmcsRegion(random: Random, seen: Seen, mutations: number): Uint8Array {
  const bytes = new Uint8Array(VMCS12_BYTES);
  const view = new DataView(bytes.buffer);
  const fields: Fields = new Map();
  chosenControls(random, seen, fields);
  addresses(random, fields);
  guestState(random, seen, fields);
  hostState(seen, fields);
  for (let i = 0; i < mutations; i++) {
    const encoding = anyField(random);
    const old = fields.get(encoding) ?? 0n;
    const flip = random.oneIn(2) ? old ^ (1n << BigInt(random.below(64))) : undefined;
    fields.set(encoding, flip ?? oddValue(random, encoding));
  }
  for (const [encoding, value] of fields) {
    const field = FIELDS.find((row) => row.encoding === encoding);
    if (field === undefined) continue;
    const bits = field.width === "natural" ? 64 : field.width;
    view.setBigUint64(fieldOffset(field), BigInt.asUintN(bits, value), true);
  }
  const revision = random.oneIn(40) ? random.next() : VMCS12_REVISION;
  view.setUint32(0, revision, true);
  return bytes;
}

/** A region of nothing but chance behind a good revision identifier. */
export function randomRegion(random: Random): Uint8Array {
  const bytes = new Uint8Array(VMCS12_BYTES);
  const view = new DataView(bytes.buffer);
  for (let at = 16; at < 2000; at += 4)
    view.setUint32(at, random.oneIn(3) ? 0 : random.next(), true);
  view.setUint32(0, VMCS12_REVISION, true);
  return bytes;
}
