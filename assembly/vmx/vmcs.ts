/**
 * The current VMCS: its data as the processor holds them while it is active (vmcs-cache.ts), at the
 * offsets of generated/vmx.ts; every field has eight bytes there.
 */
import { VMCS_HPA, VMCS_PTR, VMX_OPERATION } from "../generated/state";
import { VMCS_FIELDS, VMX_CAPABILITIES } from "../layout";
import { FRAME_READ_ONLY, frameFlags, frameOf, ramPointer } from "../memory/physical";

/** VMX_OPERATION. */
export const VMX_OUTSIDE: u32 = 0;
export const VMX_ROOT: u32 = 1;
export const VMX_NON_ROOT: u32 = 2;

/** No VMCS, no link. */
export const NO_VMCS: u64 = 0xffffffffffffffff;

// The header of a region.
const REVISION: u32 = 0;
const ABORT: u32 = 4;
const LAUNCH_STATE: u32 = 8;

// VMCS_CHECKED: fields that have passed the VM-entry checks and have not been written since.
export const CHECKED_CONTROLS: u32 = 1;
export const CHECKED_HOST: u32 = 2;
export const CHECKED_GUEST: u32 = 4;

export const SHADOW_INDICATOR: u32 = 0x80000000;

/** First capability MSR. */
export const MSR_VMX_BASIC: u32 = 0x480;
export const MSR_VMX_PIN: u32 = 0x481;
export const MSR_VMX_MISC: u32 = 0x485;
export const MSR_VMX_CR0_FIXED0: u32 = 0x486;
export const MSR_VMX_CR0_FIXED1: u32 = 0x487;
export const MSR_VMX_CR4_FIXED0: u32 = 0x488;
export const MSR_VMX_CR4_FIXED1: u32 = 0x489;
export const MSR_VMX_SECONDARY: u32 = 0x48b;
export const MSR_VMX_EPT_VPID_CAP: u32 = 0x48c;
export const MSR_VMX_TRUE_PIN: u32 = 0x48d;
export const MSR_VMX_TRUE_PRIMARY: u32 = 0x48e;
export const MSR_VMX_TRUE_EXIT: u32 = 0x48f;
export const MSR_VMX_TRUE_ENTRY: u32 = 0x490;
export const MSR_VMX_VMFUNC: u32 = 0x491;
export const MSR_VMX_TERTIARY: u32 = 0x492;
export const MSR_VMX_EXIT2: u32 = 0x493;

/** Value of capability MSR `index`. @inline */
export function capability(index: u32): u64 {
  return load<u64>(VMX_CAPABILITIES + ((index - MSR_VMX_BASIC) << 3));
}

/** True in VMX non-root operation. @inline */
export function isNonRoot(): bool {
  return load<u32>(VMX_OPERATION) == VMX_NON_ROOT;
}

/** Reads a field of the current VMCS, which must be there. @inline */
export function vmcsRead<T>(offset: u32): T {
  return load<T>(load<u32>(VMCS_PTR) + offset);
}

/** The field at `offset` of the current VMCS for the host, 0 without one. */
export function vmcsField(offset: u32): u64 {
  return load<u32>(VMCS_PTR) == 0 ? 0 : vmcsRead<u64>(offset);
}

/** Writes all eight bytes of a field of the current VMCS. @inline */
export function vmcsWrite(offset: u32, value: u64): void {
  store<u64>(load<u32>(VMCS_PTR) + offset, value);
}

/** Revision identifier of this processor. @inline */
export function revisionId(): u32 {
  return (capability(MSR_VMX_BASIC) as u32) & 0x7fffffff;
}

/** Pointer to the region at `hpa`, or 0 where no RAM is. */
export function regionPointer(hpa: u64): u32 {
  const host = ramPointer(hpa);
  if (host == 0 || (frameFlags(frameOf(host)) & FRAME_READ_ONLY) != 0) return 0;
  return host;
}

/** First word of the region at pointer `host`; all ones where no RAM is. */
export function regionRevision(host: u32): u32 {
  return host == 0 ? 0xffffffff : load<u32>(host, REVISION);
}

/** Notes a VMX abort in the region of the current VMCS. */
export function setAbort(code: u32): void {
  const region = regionPointer(load<u64>(VMCS_HPA));
  if (region != 0) store<u32>(region, code, ABORT);
}

/** True when the region at `host` has been launched since it was cleared. */
export function isLaunched(host: u32): bool {
  return load<u32>(host, LAUNCH_STATE) == 1;
}

export function setLaunched(host: u32, launched: bool): void {
  store<u32>(host, u32(launched), LAUNCH_STATE);
}

/** Offset in the region of the field with `encoding` (without the access type), or 0. */
export function offsetOfField(encoding: u64): u32 {
  // Bits 63:15 and 12 are reserved, and no index is above 63.
  if ((encoding & ~0x6c7f) != 0) return 0;
  const bits = encoding as u32;
  const place = (((bits >>> 13) & 3) << 8) | (((bits >>> 10) & 3) << 6) | ((bits >>> 1) & 0x3f);
  return load<u16>(VMCS_FIELDS + (place << 1)) as u32;
}
