/** VMREAD and VMWRITE, in root operation and, under VMCS shadowing, in non-root operation. */
import { is64BitCode } from "../cpu/mode";
import { getReg } from "../cpu/registers";
import { FAULTED, NEXT, r1Of, SIZE_32, SIZE_64 } from "../decode/record";
import { loadSized, readOperand, writeOperand } from "../execute/operand";
import { CTL_SECONDARY, VMCS_CHECKED, VMCS_PTR } from "../generated/state";
import {
  REASON_VMREAD,
  REASON_VMWRITE,
  SECONDARY_VMCS_SHADOWING,
  V_GUEST_ACTIVITY_STATE,
  V_GUEST_INTERRUPTIBILITY,
  V_GUEST_PENDING_DEBUG,
  V_GUEST_RIP,
  V_GUEST_RSP,
  V_VMCS_LINK_POINTER,
  V_VMENTRY_EXCEPTION_ERROR_CODE,
  V_VMENTRY_INSTRUCTION_LENGTH,
  V_VMENTRY_INTR_INFO,
  V_VMREAD_BITMAP_ADDR,
  V_VMWRITE_BITMAP_ADDR,
} from "../generated/vmx";
import { physicalRead32 } from "../memory/physical";
import { displacementOf, operandInfo, registerInfo } from "./info";
import { isAtLevelZero, isUndefinedHere } from "./instructions";
import { vmFail, vmFailInvalid, vmSucceed } from "./outcome";
import { exitWithInfo } from "./pending";
import {
  CHECKED_CONTROLS,
  CHECKED_GUEST,
  CHECKED_HOST,
  capability,
  isNonRoot,
  MSR_VMX_MISC,
  NO_VMCS,
  offsetOfField,
  regionPointer,
  vmcsRead,
} from "./vmcs";
import { activateVmcs } from "./vmcs-cache";

const ERROR_UNSUPPORTED: u32 = 12;
const ERROR_READ_ONLY: u32 = 13;
const ENCODING_HIGH: u64 = 1;
/** IA32_VMX_MISC: all fields may be written. */
const MISC_WRITES_ALL: u64 = 1 << 29;

const WIDTH_16: u32 = 0;
const WIDTH_64: u32 = 1;
const WIDTH_32: u32 = 2;
const GROUP_READ_ONLY: u32 = 1;
const GROUP_GUEST: u32 = 2;
const GROUP_HOST: u32 = 3;

/** Operand size: 64 bits in 64-bit mode, else 32. @inline */
function operandSize(): u32 {
  return is64BitCode() ? SIZE_64 : SIZE_32;
}

/** The encoding in the register operand. */
function encodingOf(rec: u32): u64 {
  return is64BitCode() ? getReg<u64>(r1Of(rec)) : (getReg<u32>(r1Of(rec)) as u64);
}

/** True when VMREAD or VMWRITE of `encoding` in non-root operation exits. */
function exits(encoding: u64, bitmap: u32): bool {
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_VMCS_SHADOWING) == 0 || encoding >> 15 != 0)
    return true;
  const map = vmcsRead<u64>(bitmap) + ((encoding >> 5) << 2);
  return ((physicalRead32(map) >>> ((encoding as u32) & 31)) & 1) != 0;
}

/** Pointer to the VMCS that is read or written; 0 when there is none. */
function subject(): u32 {
  if (!isNonRoot()) return load<u32>(VMCS_PTR);
  const link = vmcsRead<u64>(V_VMCS_LINK_POINTER);
  return link == NO_VMCS || regionPointer(link) == 0 ? 0 : activateVmcs(link);
}

/** Offset of the field, or 0 where there is none; a high half must be that of a 64-bit field. */
function offsetOf(encoding: u64): u32 {
  const high = (encoding & ENCODING_HIGH) != 0;
  if (high && (encoding as u32) >>> 13 != WIDTH_64) return 0;
  return offsetOfField(encoding & ~ENCODING_HIGH);
}

export function vmreadEyGy(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  const encoding = encodingOf(rec);
  if (isNonRoot() && exits(encoding, V_VMREAD_BITMAP_ADDR)) {
    const info = operandInfo(rec) | registerInfo(rec);
    return exitWithInfo(rec, REASON_VMREAD, displacementOf(rec), info);
  }
  if (!isAtLevelZero()) return FAULTED;
  if (readField(subject(), encoding) == FAULTED) return NEXT;
  if (writeOperand(rec, fieldValue, operandSize()) != NEXT) return FAULTED;
  return vmSucceed();
}

/** Value that `readField` found. */
export let fieldValue: u64 = 0;

/**
 * VMREAD of `encoding` from the VMCS whose data stand at pointer `vmcs`. FAULTED means VMfail, which
 * is done then; else NEXT, the outcome being the caller's.
 */
export function readField(vmcs: u32, encoding: u64): u32 {
  if (vmcs == 0) {
    vmFailInvalid();
    return FAULTED;
  }
  const offset = offsetOf(encoding);
  if (offset == 0) {
    vmFail(ERROR_UNSUPPORTED);
    return FAULTED;
  }
  const value = load<u64>(vmcs + offset);
  fieldValue = (encoding & ENCODING_HIGH) != 0 ? value >> 32 : value;
  return NEXT;
}

/** Cuts a value to the width of the field. */
function truncated(encoding: u64, value: u64): u64 {
  const width = ((encoding as u32) >>> 13) & 3;
  if (width == WIDTH_16) return value & 0xffff;
  return width == WIDTH_32 ? value & 0xffffffff : value;
}

/** Notes that the field of `group` at `offset` must be checked again at the next VM entry. */
function forgetChecks(group: u32, offset: u32): void {
  switch (offset) {
    // These are checked at each VM entry.
    case V_VMENTRY_INTR_INFO:
    case V_VMENTRY_EXCEPTION_ERROR_CODE:
    case V_VMENTRY_INSTRUCTION_LENGTH:
    case V_GUEST_INTERRUPTIBILITY:
    case V_GUEST_ACTIVITY_STATE:
    case V_GUEST_PENDING_DEBUG:
    case V_GUEST_RIP:
    case V_GUEST_RSP:
      return;
    default:
      break;
  }
  let kept: u32 = 0;
  if (group == GROUP_READ_ONLY) return;
  if (group == GROUP_GUEST) kept = CHECKED_CONTROLS | CHECKED_HOST;
  if (group == GROUP_HOST) kept = CHECKED_CONTROLS | CHECKED_GUEST;
  store<u32>(VMCS_CHECKED, load<u32>(VMCS_CHECKED) & kept);
}

export function vmwriteGyEy(rec: u32): u32 {
  if (isUndefinedHere()) return FAULTED;
  const encoding = encodingOf(rec);
  if (isNonRoot() && exits(encoding, V_VMWRITE_BITMAP_ADDR)) {
    const info = operandInfo(rec) | registerInfo(rec);
    return exitWithInfo(rec, REASON_VMWRITE, displacementOf(rec), info);
  }
  if (!isAtLevelZero()) return FAULTED;
  const vmcs = subject();
  if (vmcs == 0) return vmFailInvalid();
  const host = readOperand(rec, operandSize());
  if (host == 0) return FAULTED;
  return writeField(vmcs, encoding, loadSized(host, operandSize()));
}

/** VMWRITE of `value` to the field `encoding` of the VMCS whose data stand at pointer `vmcs`. */
export function writeField(vmcs: u32, encoding: u64, value: u64): u32 {
  const offset = offsetOf(encoding);
  if (offset == 0) return vmFail(ERROR_UNSUPPORTED);
  const readOnly = (((encoding as u32) >>> 10) & 3) == GROUP_READ_ONLY;
  if (readOnly && (capability(MSR_VMX_MISC) & MISC_WRITES_ALL) == 0) return vmFail(ERROR_READ_ONLY);
  if ((encoding & ENCODING_HIGH) != 0) store<u32>(vmcs + offset, value as u32, 4);
  else store<u64>(vmcs + offset, truncated(encoding, value));
  forgetChecks(((encoding as u32) >>> 10) & 3, offset);
  return vmSucceed();
}
