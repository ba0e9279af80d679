/** VMXON to VMWRITE as L1 executes them (handle_vmxon and its like), with KVM's order of checks. */
import { FIELD, SECONDARY } from "../../generated/vmx.ts";
import { readCr0, readCr4 } from "../control-registers.ts";
import { readLinear } from "../emulate/memory.ts";
import { queueException, VECTOR_GP, VECTOR_UD } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import {
  firstRegister,
  isRegisterOperand,
  operandAddress,
  readPointer,
  register,
  secondRegister,
  writeOperand,
} from "./operands.ts";
import { fail, failInvalid, permitted, succeed, VM_ERROR } from "./outcome.ts";
import { freeShadowRoots } from "./roots.ts";
import type { Nested } from "./state.ts";
import { fieldOf, LAUNCH_STATE, SHADOW_VMCS, VMCS12_REVISION, type Vmcs12 } from "./vmcs12.ts";

const CR0_FIXED = 0x80000021n;
const CR4_VMXE = 0x2000n;
const FEATURE_VMXON = 5;
const READ_ONLY_GROUP = 1;
const VMWRITE_ANY_FIELD = 1n << 29n;

/** Fields that L1 writes at most entries; others make vmcs02 be prepared in full. */
const FREQUENT: ReadonlySet<number> = new Set([
  FIELD.guest_rip,
  FIELD.guest_rsp,
  FIELD.guest_rflags,
  FIELD.guest_cr0,
  FIELD.guest_cr3,
  FIELD.guest_cr4,
  FIELD.guest_cs_ar,
  FIELD.guest_ss_ar,
  FIELD.guest_interruptibility,
  FIELD.guest_activity_state,
  FIELD.guest_interrupt_status,
  FIELD.pin_based_controls,
  FIELD.primary_proc_controls,
  FIELD.exception_bitmap,
  FIELD.vmentry_intr_info,
  FIELD.vmentry_exception_error_code,
  FIELD.vmentry_instruction_length,
  FIELD.tpr_threshold,
  FIELD.vmx_preemption_timer_value,
  FIELD.cr0_guest_host_mask,
  FIELD.cr0_read_shadow,
  FIELD.cr4_read_shadow,
  FIELD.host_fs_selector,
  FIELD.host_gs_selector,
  FIELD.host_fs_base,
  FIELD.host_gs_base,
]);

/** Bits of segment access rights that there are; the others are dropped. */
const ACCESS_RIGHTS = 0x1f0ffn;
const isAccessRights = (field: number) => field >= FIELD.guest_es_ar && field <= FIELD.guest_tr_ar;

/** A page-aligned address within the physical-address width (page_address_valid). */
export function isPageAddress(vcpu: Vcpu, gpa: bigint): boolean {
  return (gpa & 0xfffn) === 0n && gpa >> BigInt(vcpu.msrs.physicalAddressBits) === 0n;
}

function readRevision(vcpu: Vcpu, gpa: number): number | undefined {
  const bytes = new Uint8Array(4);
  if (!vcpu.vm.readGuest(gpa, bytes)) return undefined;
  return new DataView(bytes.buffer).getUint32(0, true);
}

export function handleVmxon(vcpu: Vcpu): boolean {
  const { nested } = vcpu;
  if (nested === undefined || (readCr4(vcpu) & CR4_VMXE) === 0n) {
    queueException(vcpu, VECTOR_UD);
    return true;
  }
  if (vcpu.cpl !== 0) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  if (nested.vmxon) return fail(vcpu, nested, VM_ERROR.vmxonInRoot);
  const cr0 = readCr0(vcpu);
  const allowed = (cr0 & CR0_FIXED) === CR0_FIXED;
  if (!allowed || (nested.featureControl & FEATURE_VMXON) !== FEATURE_VMXON) {
    queueException(vcpu, VECTOR_GP, 0);
    return true;
  }
  const pointer = readPointer(vcpu);
  if (pointer === undefined) return true;
  if (!isPageAddress(vcpu, pointer)) return failInvalid(vcpu);
  if (readRevision(vcpu, Number(pointer)) !== VMCS12_REVISION) return failInvalid(vcpu);
  nested.enterOperation(Number(pointer));
  return succeed(vcpu);
}

export function handleVmxoff(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  nested.release();
  nested.leaveOperation();
  return succeed(vcpu);
}

export function handleVmclear(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const pointer = readPointer(vcpu);
  if (pointer === undefined) return true;
  if (!isPageAddress(vcpu, pointer)) return fail(vcpu, nested, VM_ERROR.vmclearAddress);
  const gpa = Number(pointer);
  if (gpa === nested.vmxonRegion) return fail(vcpu, nested, VM_ERROR.vmclearVmxon);
  if (gpa === nested.current) nested.release();
  vcpu.vm.writeGuest(gpa + LAUNCH_STATE, new Uint8Array(4));
  return succeed(vcpu);
}

export function handleVmptrld(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const pointer = readPointer(vcpu);
  if (pointer === undefined) return true;
  if (!isPageAddress(vcpu, pointer)) return fail(vcpu, nested, VM_ERROR.vmptrldAddress);
  const gpa = Number(pointer);
  if (gpa === nested.vmxonRegion) return fail(vcpu, nested, VM_ERROR.vmptrldVmxon);
  if (gpa !== nested.current) {
    // What is not backed by memory reads as all ones, whose revision is wrong.
    const revision = readRevision(vcpu, gpa) ?? 0xffffffff;
    const shadow = (revision & SHADOW_VMCS) !== 0;
    const knows = nested.caps.allows("secondary", SECONDARY.vmcs_shadowing);
    if ((revision & ~SHADOW_VMCS) !== VMCS12_REVISION || (shadow && !knows)) {
      return fail(vcpu, nested, VM_ERROR.vmptrldRevision);
    }
    nested.release();
    freeShadowRoots(nested);
    vcpu.vm.readGuest(gpa, nested.vmcs12.bytes);
    nested.setCurrent(gpa);
  }
  return succeed(vcpu);
}

export function handleVmptrst(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const pointer = BigInt.asUintN(64, BigInt(nested.current));
  return writeOperand(vcpu, info, pointer, 8) ? succeed(vcpu) : true;
}

/** Value of a field by any encoding; the high access of a 64-bit field is its upper half. */
function accessedValue(vmcs12: Vmcs12, encoding: number): bigint {
  return (encoding & 1) !== 0 ? BigInt(vmcs12.hi(encoding & ~1)) : vmcs12.wide(encoding);
}

/** The encoding of full access, or -1 when L1 has no such field. */
function accessed(vcpu: Vcpu, encoding: bigint): number {
  if (encoding >> 15n !== 0n) return -1;
  const value = Number(encoding);
  const full = value & ~1;
  if (!vcpu.nested!.caps.hasField(full)) return -1;
  return (value & 1) !== 0 && fieldOf(full)!.width !== 64 ? -1 : value;
}

/** The vmcs12 that VMREAD and VMWRITE hit: the current one, and the one that it links to for L2. */
function accessedVmcs12(vcpu: Vcpu, nested: Nested): Vmcs12 | undefined {
  if (!vcpu.guestMode) return nested.hasCurrent ? nested.vmcs12 : undefined;
  return nested.hasShadow12 ? nested.shadow12 : undefined;
}

export function handleVmread(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const vmcs12 = accessedVmcs12(vcpu, nested);
  if (vmcs12 === undefined) return failInvalid(vcpu);
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const encoding = accessed(vcpu, register(vcpu, secondRegister(info)));
  if (encoding < 0) return fail(vcpu, nested, VM_ERROR.unsupportedField);
  const value = accessedValue(vmcs12, encoding);
  const bytes = vcpu.is64BitCode ? 8 : 4;
  if (isRegisterOperand(info)) {
    vcpu.setGpr(firstRegister(info), bytes === 8 ? value : value & 0xffffffffn);
  } else if (!writeOperand(vcpu, info, value, bytes)) {
    return true;
  }
  return succeed(vcpu);
}

export function handleVmwrite(vcpu: Vcpu): boolean {
  const nested = permitted(vcpu);
  if (nested === undefined) return true;
  const vmcs12 = accessedVmcs12(vcpu, nested);
  if (vmcs12 === undefined) return failInvalid(vcpu);
  const info = vcpu.hw.read(FIELD.exit_instruction_info);
  const bytes = vcpu.is64BitCode ? 8 : 4;
  let value: bigint | undefined;
  if (isRegisterOperand(info)) {
    value = register(vcpu, firstRegister(info));
  } else {
    const gla = operandAddress(vcpu, info, false, bytes);
    value = gla === undefined ? undefined : readLinear(vcpu, gla, bytes);
  }
  if (value === undefined) return true;
  const encoding = accessed(vcpu, register(vcpu, secondRegister(info)));
  if (encoding < 0) return fail(vcpu, nested, VM_ERROR.unsupportedField);
  const isReadOnly = ((encoding >> 10) & 3) === READ_ONLY_GROUP;
  if (isReadOnly && (nested.caps.misc & VMWRITE_ANY_FIELD) === 0n) {
    return fail(vcpu, nested, VM_ERROR.readOnlyField);
  }
  const full = encoding & ~1;
  const { width } = fieldOf(full)!;
  if (isAccessRights(full)) value &= ACCESS_RIGHTS;
  if ((encoding & 1) !== 0) vmcs12.set(full, vmcs12.lo(full), Number(value & 0xffffffffn));
  else if (width === 16) vmcs12.set(full, Number(value & 0xffffn));
  else if (width === 32) vmcs12.set(full, Number(value & 0xffffffffn));
  else vmcs12.setWide(full, value);
  if (vcpu.guestMode) return succeed(vcpu);
  nested.shadow?.wrote(full, vmcs12);
  if (!FREQUENT.has(full)) nested.dirty = true;
  return succeed(vcpu);
}
