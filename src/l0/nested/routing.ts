/** Whose a VM exit of L2 is: L0's first, then L1's by its controls (nested_vmx_reflect_vmexit). */
import { FIELD, PIN, PRIMARY, REASON, SECONDARY } from "../../generated/vmx.ts";
import type { Vcpu } from "../vcpu.ts";
import { register, secondRegister } from "./operands.ts";
import { secondary12 } from "./roots.ts";
import type { Nested } from "./state.ts";

const TYPE_NMI = 2;
const VECTOR_MC = 18;
const IO_IN_SECOND = 0x8000;

/** True for an exit that L1 gets. */
export function isForL1(vcpu: Vcpu, nested: Nested, reason: number): boolean {
  return !l0Wants(vcpu, reason) && l1Wants(vcpu, nested, reason);
}

function l0Wants(vcpu: Vcpu, reason: number): boolean {
  switch (reason) {
    case REASON.exception_or_nmi: {
      const info = vcpu.hw.read(FIELD.exit_intr_info);
      return ((info >>> 8) & 7) === TYPE_NMI;
    }
    case REASON.external_interrupt:
    case REASON.ept_violation:
    case REASON.ept_misconfiguration:
    case REASON.vmfunc:
      return true;
    default:
      return false;
  }
}

function l1Wants(vcpu: Vcpu, nested: Nested, reason: number): boolean {
  const { vmcs12 } = nested;
  const primary = (bit: number) => (vmcs12.lo(FIELD.primary_proc_controls) & bit) !== 0;
  const secondary = (bit: number) => (secondary12(nested) & bit) !== 0;
  switch (reason) {
    case REASON.exception_or_nmi: {
      const vector = vcpu.hw.read(FIELD.exit_intr_info) & 0xff;
      return vector !== VECTOR_MC || (vmcs12.lo(FIELD.exception_bitmap) & (1 << vector)) !== 0;
    }
    case REASON.interrupt_window:
      return primary(PRIMARY.interrupt_window_exiting);
    case REASON.nmi_window:
      return primary(PRIMARY.nmi_window_exiting);
    case REASON.hlt:
      return primary(PRIMARY.hlt_exiting);
    case REASON.rdpmc:
      return primary(PRIMARY.rdpmc_exiting);
    case REASON.mwait:
      return primary(PRIMARY.mwait_exiting);
    case REASON.monitor:
      return primary(PRIMARY.monitor_exiting);
    case REASON.wbinvd:
      return secondary(SECONDARY.wbinvd_exiting);
    case REASON.vmread:
      return wantsVmcsAccess(vcpu, nested, FIELD.vmread_bitmap_addr);
    case REASON.vmwrite:
      return wantsVmcsAccess(vcpu, nested, FIELD.vmwrite_bitmap_addr);
    case REASON.cr_access:
      return wantsCr(vcpu, nested);
    case REASON.io_instruction:
      return wantsIo(vcpu, nested);
    case REASON.rdmsr:
    case REASON.wrmsr:
      return wantsMsr(vcpu, nested, reason === REASON.wrmsr);
    case REASON.tpr_below_threshold:
      return primary(PRIMARY.use_tpr_shadow);
    case REASON.preemption_timer:
      return (vmcs12.lo(FIELD.pin_based_controls) & PIN.activate_preemption_timer) !== 0;
    default:
      return true;
  }
}

function wantsCr(vcpu: Vcpu, nested: Nested): boolean {
  const { hw } = vcpu;
  const { vmcs12 } = nested;
  const qualification = hw.read(FIELD.exit_qualification);
  const register = qualification & 15;
  const primary = vmcs12.lo(FIELD.primary_proc_controls);
  const value = () => vcpu.gpr((qualification >>> 8) & 15);
  switch ((qualification >>> 4) & 3) {
    case 0:
      if (register === 0 || register === 4) {
        const isCr0 = register === 0;
        const mask = vmcs12.wide(isCr0 ? FIELD.cr0_guest_host_mask : FIELD.cr4_guest_host_mask);
        const shadow = vmcs12.wide(isCr0 ? FIELD.cr0_read_shadow : FIELD.cr4_read_shadow);
        return (mask & (value() ^ shadow)) !== 0n;
      }
      if (register === 3) return (primary & PRIMARY.cr3_load_exiting) !== 0;
      return (primary & PRIMARY.cr8_load_exiting) !== 0;
    case 1:
      if (register === 3) return (primary & PRIMARY.cr3_store_exiting) !== 0;
      return (primary & PRIMARY.cr8_store_exiting) !== 0;
    case 2: {
      const both = vmcs12.lo(FIELD.cr0_guest_host_mask) & vmcs12.lo(FIELD.cr0_read_shadow);
      return (both & 8) !== 0;
    }
    default: {
      const source = qualification >>> 16;
      const mask = vmcs12.lo(FIELD.cr0_guest_host_mask);
      const differs = source ^ vmcs12.lo(FIELD.cr0_read_shadow);
      if ((mask & 0xe & differs) !== 0) return true;
      // PE cannot be cleared by it.
      return (mask & 1) !== 0 && (vmcs12.lo(FIELD.cr0_read_shadow) & 1) === 0 && (source & 1) !== 0;
    }
  }
}

function wantsIo(vcpu: Vcpu, { vmcs12 }: Nested): boolean {
  const primary = vmcs12.lo(FIELD.primary_proc_controls);
  if ((primary & PRIMARY.use_io_bitmaps) === 0) {
    return (primary & PRIMARY.unconditional_io_exiting) !== 0;
  }
  const qualification = vcpu.hw.read(FIELD.exit_qualification);
  const first = qualification >>> 16;
  const size = (qualification & 7) + 1;
  for (let port = first; port < first + size; port++) {
    if (port > 0xffff) return true;
    const bitmap = port < IO_IN_SECOND ? FIELD.io_bitmap_a : FIELD.io_bitmap_b;
    const at = vcpu.vm.guestByte(vmcs12.address(bitmap) + ((port & 0x7fff) >> 3), false);
    if (at < 0 || (vcpu.hw.core.u8[at]! & (1 << (port & 7))) !== 0) return true;
  }
  return false;
}

function wantsMsr(vcpu: Vcpu, { vmcs12 }: Nested, write: boolean): boolean {
  if ((vmcs12.lo(FIELD.primary_proc_controls) & PRIMARY.use_msr_bitmaps) === 0) return true;
  const index = vcpu.regs[2]!;
  const high = index >= 0xc0000000;
  const bit = high ? index - 0xc0000000 : index;
  if (bit > 0x1fff) return true;
  const offset = (high ? 1024 : 0) + (write ? 2048 : 0) + (bit >> 3);
  const at = vcpu.vm.guestByte(vmcs12.address(FIELD.msr_bitmap) + offset, false);
  return at < 0 || (vcpu.hw.core.u8[at]! & (1 << (bit & 7))) !== 0;
}

/** VMREAD or VMWRITE of L2: L1's bitmap decides, where it has given L2 a shadow VMCS. */
function wantsVmcsAccess(vcpu: Vcpu, nested: Nested, bitmap: number): boolean {
  if ((secondary12(nested) & SECONDARY.vmcs_shadowing) === 0) return true;
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const encoding = register(vcpu, secondRegister(info));
  if (encoding >> 15n !== 0n) return true;
  const field = Number(encoding);
  const at = vcpu.vm.guestByte(nested.vmcs12.address(bitmap) + (field >> 3), false);
  return at < 0 || (vcpu.hw.core.u8[at]! & (1 << (field & 7))) !== 0;
}
