/**
 * VMX root operation for a hypervisor that is the embedder of the core (L0): the operations of the
 * VMX instructions, and of the few others that a hypervisor needs, without instruction bytes.
 *
 * Each goes through the very function that the instruction ends in, once its operands are read.
 * L0_HOST says that the host of this processor's VM exits is L0: an exit does all it does for other
 * hosts, loading host state included, and then ends the run loop with STOP_VM_EXIT; the processor
 * executes no host instructions.
 */
import { CR0_PE, CR0_PG, CR4_PAE, CR4_VMXE, EFER_LMA, EFER_LME } from "../cpu/control-bits";
import { clearFault, isFaulted } from "../cpu/fault";
import { FLAG_CF, FLAG_ZF, getFlags } from "../cpu/flags";
import {
  AR_UNUSABLE,
  SEG_CS,
  SEG_ES,
  SEG_GS,
  SEG_LDTR,
  SEG_TR,
  setCpl,
  updateMode,
  updateSlowMode,
  updateSpace,
} from "../cpu/mode";
import { msrValue, readMsr, writeMsr } from "../cpu/msr";
import { setSegment } from "../cpu/segment";
import { FAULTED } from "../decode/record";
import { setPkru, setXcr0 } from "../execute/processor";
import {
  ACTIVITY,
  CR0,
  CR4,
  EFER,
  FEATURE_CONTROL,
  INTERRUPTIBILITY,
  L0_HOST,
  VMCS_PTR,
  VMX_OPERATION,
} from "../generated/state";
import { M_RESULT_HI, M_RESULT_LO } from "../layout";
import { frontRightsLoaded } from "../tlb/front";
import { enterGuest } from "./entry";
import { leaveVmx, mayEnterRoot, vmclearAt, vmptrldAt, vmxonAt } from "./instructions";
import { invept, invvpid, isInveptType, isInvvpidType } from "./invalidation";
import { vmFail, vmFailInvalid } from "./outcome";
import { isNonRoot, VMX_OUTSIDE, VMX_ROOT } from "./vmcs";
import { fieldValue, readField, writeField } from "./vmread";

/** What an operation came to: VMsucceed, VMfailInvalid, VMfailValid. */
const SUCCEED: u32 = 0;
const FAIL_INVALID: u32 = 1;
const FAIL_VALID: u32 = 2;
/** The instruction would have raised an exception. */
const EXCEPTION: u32 = 3;
/** VM entry failed while guest state was loaded: host state is loaded, the exit reason tells. */
const ENTRY_FAILED: u32 = 4;

const ERROR_INVALID_OPERAND: u32 = 28;
const CR0_NE: u64 = 0x20;
const FEATURE_VMXON: u64 = 5;
const CODE_64: u32 = 0xa09b;
const DATA: u32 = 0xc093;
const TSS: u32 = 0x8b;

/** @inline */
function wide(lo: u32, hi: u32): u64 {
  return ((hi as u64) << 32) | (lo as u64);
}

/** The outcome by the flags, or an exception, which is dropped. */
function outcome(status: u32): u32 {
  if (status == FAULTED || isFaulted()) {
    clearFault();
    return EXCEPTION;
  }
  const flags = getFlags();
  if ((flags & FLAG_CF) != 0) return FAIL_INVALID;
  return (flags & FLAG_ZF) != 0 ? FAIL_VALID : SUCCEED;
}

/**
 * Makes L0 the software of this logical processor: 64-bit mode at CPL 0, and VMXON with the region at
 * hpa hi:lo.
 */
export function hostVmxon(lo: u32, hi: u32): u32 {
  store<u64>(CR0, CR0_PE | CR0_PG | CR0_NE | load<u64>(CR0));
  store<u64>(CR4, CR4_PAE | CR4_VMXE);
  store<u64>(EFER, EFER_LME | EFER_LMA);
  setSegment(SEG_CS, 8, 0, 0xffffffff, CODE_64);
  for (let segment = SEG_ES; segment <= SEG_GS; segment++) {
    if (segment != SEG_CS) setSegment(segment, 16, 0, 0xffffffff, DATA);
  }
  setSegment(SEG_TR, 24, 0, 0x67, TSS);
  setSegment(SEG_LDTR, 0, 0, 0, AR_UNUSABLE);
  store<u32>(ACTIVITY, 0);
  store<u32>(INTERRUPTIBILITY, 0);
  updateMode();
  updateSlowMode();
  updateSpace();
  setCpl(0);
  frontRightsLoaded(false);
  store<u64>(FEATURE_CONTROL, load<u64>(FEATURE_CONTROL) | FEATURE_VMXON);
  store<u32>(L0_HOST, 1);
  if (load<u32>(VMX_OPERATION) != VMX_OUTSIDE || !mayEnterRoot()) return EXCEPTION;
  return outcome(vmxonAt(wide(lo, hi)));
}

export function hostVmxoff(): u32 {
  if (load<u32>(VMX_OPERATION) != VMX_ROOT) return EXCEPTION;
  return outcome(leaveVmx());
}

/** True in root operation, which L0 is in whenever it acts. @inline */
function isRoot(): bool {
  return load<u32>(VMX_OPERATION) == VMX_ROOT;
}

export function hostVmclear(lo: u32, hi: u32): u32 {
  return isRoot() ? outcome(vmclearAt(wide(lo, hi))) : EXCEPTION;
}

export function hostVmptrld(lo: u32, hi: u32): u32 {
  return isRoot() ? outcome(vmptrldAt(wide(lo, hi))) : EXCEPTION;
}

/** VMREAD; the value is left in RESULT. */
export function hostVmread(encoding: u32): u32 {
  if (!isRoot()) return EXCEPTION;
  if (readField(load<u32>(VMCS_PTR), encoding as u64) == FAULTED) return outcome(0);
  store<u32>(M_RESULT_LO, fieldValue as u32);
  store<u32>(M_RESULT_HI, (fieldValue >> 32) as u32);
  return SUCCEED;
}

export function hostVmwrite(encoding: u32, lo: u32, hi: u32): u32 {
  if (!isRoot()) return EXCEPTION;
  const vmcs = load<u32>(VMCS_PTR);
  if (vmcs == 0) return outcome(vmFailInvalid());
  return outcome(writeField(vmcs, encoding as u64, wide(lo, hi)));
}

function enter(launch: bool): u32 {
  if (!isRoot()) return EXCEPTION;
  const status = enterGuest(launch);
  if (!isRoot()) return SUCCEED;
  const result = outcome(status);
  return result == SUCCEED ? ENTRY_FAILED : result;
}

/** VMLAUNCH. On success the processor is in the guest: `runLoop` goes on with it. */
export function hostVmlaunch(): u32 {
  return enter(true);
}

export function hostVmresume(): u32 {
  return enter(false);
}

export function hostInvept(type: u32, lo: u32, hi: u32): u32 {
  if (!isRoot()) return EXCEPTION;
  if (!isInveptType(type as u64)) return outcome(vmFail(ERROR_INVALID_OPERAND));
  return outcome(invept(type as u64, wide(lo, hi), 0));
}

export function hostInvvpid(type: u32, vpid: u32, glaLo: u32, glaHi: u32): u32 {
  if (!isRoot()) return EXCEPTION;
  if (!isInvvpidType(type as u64)) return outcome(vmFail(ERROR_INVALID_OPERAND));
  return outcome(invvpid(type as u64, vpid as u64, wide(glaLo, glaHi)));
}

/** RDMSR; the value is left in RESULT. */
export function hostRdmsr(index: u32): u32 {
  if (isNonRoot() || !readMsr(index)) return outcome(FAULTED);
  store<u32>(M_RESULT_LO, msrValue as u32);
  store<u32>(M_RESULT_HI, (msrValue >> 32) as u32);
  return SUCCEED;
}

export function hostWrmsr(index: u32, lo: u32, hi: u32): u32 {
  if (isNonRoot() || !writeMsr(index, wide(lo, hi))) return outcome(FAULTED);
  return SUCCEED;
}

/** XSETBV of XCR0. */
export function hostXsetbv(lo: u32, hi: u32): u32 {
  if (isNonRoot()) return EXCEPTION;
  return setXcr0(wide(lo, hi)) ? SUCCEED : EXCEPTION;
}

export function hostWrpkru(value: u32): void {
  setPkru(value);
}
