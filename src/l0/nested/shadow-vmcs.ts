/**
 * The shadow VMCS with which the processor executes VMREAD and VMWRITE of L1 for the fields that an L1
 * uses at each exit (enable_shadow_vmcs, vmcs_shadow_fields.h).
 */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import { PAGE_BYTES } from "../frames.ts";
import type { Vcpu } from "../vcpu.ts";
import { fieldOf, type Vmcs12 } from "./vmcs12.ts";

const SHADOW_INDICATOR = 0x80000000;
const NO_LINK = 0xffffffff;

/** Fields that L1 reads without an exit: exit information, and access rights that it seldom writes. */
export const SHADOW_READ_ONLY: readonly number[] = [
  FIELD.exit_reason,
  FIELD.exit_intr_info,
  FIELD.exit_instruction_length,
  FIELD.exit_intr_error_code,
  FIELD.idt_vectoring_info,
  FIELD.idt_vectoring_error_code,
  FIELD.exit_instruction_info,
  FIELD.guest_cs_ar,
  FIELD.guest_ss_ar,
  FIELD.exit_qualification,
  FIELD.guest_linear_address,
  FIELD.guest_physical_address,
];

/** Fields that it also writes without an exit. Each entry looks at them all. */
export const SHADOW_READ_WRITE: readonly number[] = [
  FIELD.guest_interrupt_status,
  FIELD.pml_index,
  FIELD.host_fs_selector,
  FIELD.host_gs_selector,
  FIELD.pin_based_controls,
  FIELD.primary_proc_controls,
  FIELD.exception_bitmap,
  FIELD.vmentry_intr_info,
  FIELD.vmentry_exception_error_code,
  FIELD.vmentry_instruction_length,
  FIELD.tpr_threshold,
  FIELD.guest_interruptibility,
  FIELD.vmx_preemption_timer_value,
  FIELD.guest_rip,
  FIELD.guest_rsp,
  FIELD.guest_rflags,
  FIELD.guest_cr0,
  FIELD.guest_cr3,
  FIELD.guest_cr4,
  FIELD.cr0_guest_host_mask,
  FIELD.cr0_read_shadow,
  FIELD.cr4_read_shadow,
  FIELD.host_fs_base,
  FIELD.host_gs_base,
];

/** A page of ones with zeros for the fields that do not exit. */
function fillBitmap(bitmap: Uint8Array, fields: readonly number[]): void {
  bitmap.fill(0xff);
  for (const encoding of fields) {
    const accesses = fieldOf(encoding)!.width === 64 ? [encoding, encoding | 1] : [encoding];
    for (const access of accesses) bitmap[access >> 3]! &= ~(1 << (access & 7));
  }
}

export class ShadowVmcs {
  private readonly vcpu: Vcpu;
  private readonly readOnly: readonly number[];
  private readonly readWrite: readonly number[];
  private readonly hpa: number;
  private readonly readBitmap: number;
  private readonly writeBitmap: number;
  private isMade = false;
  /** vmcs12 has changed since it was copied here (need_vmcs12_to_shadow_sync). */
  isStale = false;

  /** @param hasField whether L1 has a field. */
  constructor(vcpu: Vcpu, hasField: (encoding: number) => boolean) {
    const { frames, hw } = vcpu.vm;
    this.vcpu = vcpu;
    this.readOnly = SHADOW_READ_ONLY.filter(hasField);
    this.readWrite = SHADOW_READ_WRITE.filter(hasField);
    const region = frames.allocate();
    hw.core.u32[frames.words(region)] = (vcpu.config.revision | SHADOW_INDICATOR) >>> 0;
    this.hpa = region * PAGE_BYTES;
    this.readBitmap = frames.allocate();
    this.writeBitmap = frames.allocate();
    const bitmap = (frame: number) => {
      const at = frames.bytes(frame);
      return hw.core.u8.subarray(at, at + PAGE_BYTES);
    };
    fillBitmap(bitmap(this.readBitmap), [...this.readOnly, ...this.readWrite]);
    fillBitmap(bitmap(this.writeBitmap), this.readWrite);
    for (const frame of [region, this.readBitmap, this.writeBitmap]) frames.written(frame);
  }

  /** There is a current vmcs12: its fields are to be had (set_current_vmptr). */
  enable(): void {
    const { hw, vmcs01 } = this.vcpu;
    if (!this.isMade) {
      this.isMade = true;
      hw.writeAddress(FIELD.vmread_bitmap_addr, this.readBitmap * PAGE_BYTES);
      hw.writeAddress(FIELD.vmwrite_bitmap_addr, this.writeBitmap * PAGE_BYTES);
    }
    vmcs01.shadow = this.hpa;
    hw.change(FIELD.secondary_proc_controls, SECONDARY.vmcs_shadowing);
    hw.writeAddress(FIELD.vmcs_link_pointer, this.hpa);
    this.isStale = true;
  }

  /** There is none any more (vmx_disable_shadow_vmcs). */
  disable(): void {
    const { hw, vmcs01 } = this.vcpu;
    hw.change(FIELD.secondary_proc_controls, 0, SECONDARY.vmcs_shadowing);
    hw.write(FIELD.vmcs_link_pointer, NO_LINK, NO_LINK);
    vmcs01.shadow = undefined;
    this.isStale = false;
  }

  /** What L1 has written, to vmcs12 (copy_shadow_to_vmcs12). */
  copyTo(vmcs12: Vmcs12): void {
    // Not yet copied here: vmcs12 is what counts.
    if (this.isStale) return;
    const { hw } = this.vcpu;
    this.withShadow("copy_shadow_to_vmcs12", () => {
      for (const field of this.readWrite) {
        const lo = hw.read(field);
        vmcs12.set(field, lo, hw.hi);
      }
    });
  }

  /** vmcs12 as L1 is to find it (copy_vmcs12_to_shadow). */
  copyFrom(vmcs12: Vmcs12): void {
    const { hw } = this.vcpu;
    this.isStale = false;
    this.withShadow("copy_vmcs12_to_shadow", () => {
      for (const field of this.readOnly) hw.write(field, vmcs12.lo(field), vmcs12.hi(field));
      for (const field of this.readWrite) hw.write(field, vmcs12.lo(field), vmcs12.hi(field));
    });
  }

  /** A write with an exit to a field that is read without one. */
  wrote(field: number, vmcs12: Vmcs12): void {
    if (this.isStale || !this.readOnly.includes(field)) return;
    this.withShadow("handle_vmwrite", () => {
      this.vcpu.hw.write(field, vmcs12.lo(field), vmcs12.hi(field));
    });
  }

  /** Makes the shadow VMCS the current one meanwhile; the processor keeps nothing of it. */
  private withShadow(site: string, action: () => void): void {
    const { hw, vmcs01 } = this.vcpu;
    hw.at(site).vmptrld(this.hpa);
    action();
    hw.vmclear(this.hpa);
    hw.vmptrld(vmcs01.hpa);
  }
}
