/** INVEPT and INVVPID (SDM "VMX Instructions"). */
import { CR0_PE } from "../cpu/control-bits";
import { raiseGp, raiseUd } from "../cpu/fault";
import { is64BitCode, isLongMode, isVirtual8086 } from "../cpu/mode";
import { getReg } from "../cpu/registers";
import { FAULTED, NEXT, r1Of } from "../decode/record";
import { readMemoryOperand } from "../execute/operand";
import { CPL, CR0, VMX_OPERATION } from "../generated/state";
import { REASON_INVEPT, REASON_INVVPID } from "../generated/vmx";
import { isCanonicalBase } from "../paging/walk";
import { Counter, count } from "../tlb/counters";
import {
  inveptAll,
  inveptContext,
  invvpidAddress,
  invvpidAll,
  invvpidButGlobal,
  invvpidContext,
} from "../tlb/invalidate";
import { checkEptp } from "./eptp";
import { displacementOf, memoryInfo, registerInfo } from "./info";
import { vmFail, vmSucceed } from "./outcome";
import { exitWithInfo } from "./pending";
import { capability, isNonRoot, MSR_VMX_EPT_VPID_CAP, VMX_OUTSIDE } from "./vmcs";

const ERROR_INVALID_OPERAND: u32 = 28;

// Bits of IA32_VMX_EPT_VPID_CAP.
const CAP_INVEPT: u32 = 20;
const CAP_INVVPID: u32 = 32;
/** Of INVEPT type 0, which no processor has; the others follow. */
const CAP_INVEPT_TYPES: u32 = 24;
const CAP_INVVPID_TYPES: u32 = 40;

const SINGLE_CONTEXT: u64 = 1;
const INVEPT_LAST: u64 = 2;
const INVVPID_ADDRESS: u64 = 0;
const INVVPID_ALL_CONTEXTS: u64 = 2;
const INVVPID_LAST: u64 = 3;

/** @inline */
function hasCapability(bit: u32): bool {
  return ((capability(MSR_VMX_EPT_VPID_CAP) >> (bit as u64)) & 1) != 0;
}

/** What comes before the operands: #UD, VM exit, #GP(0). Returns NEXT to go on. */
function admit(rec: u32, capabilityBit: u32, reason: u32): u32 {
  const compatibility = isLongMode() && !is64BitCode();
  if (load<u32>(VMX_OPERATION) == VMX_OUTSIDE || (load<u64>(CR0) & CR0_PE) == 0) return raiseUd();
  if (isVirtual8086() || compatibility || !hasCapability(capabilityBit)) return raiseUd();
  if (isNonRoot()) {
    return exitWithInfo(rec, reason, displacementOf(rec), memoryInfo(rec) | registerInfo(rec));
  }
  return load<u32>(CPL) != 0 ? raiseGp(0) : NEXT;
}

/** The register operand: the type of invalidation. */
function typeOf(rec: u32): u64 {
  return is64BitCode() ? getReg<u64>(r1Of(rec)) : (getReg<u32>(r1Of(rec)) as u64);
}

export function inveptGyMdq(rec: u32): u32 {
  if (admit(rec, CAP_INVEPT, REASON_INVEPT) == FAULTED) return FAULTED;
  const type = typeOf(rec);
  if (!isInveptType(type)) return vmFail(ERROR_INVALID_OPERAND);
  const host = readMemoryOperand(rec, 16);
  return host == 0 ? FAULTED : invept(type, load<u64>(host), load<u64>(host, 8));
}

/** True when the processor has INVEPT of this type. */
export function isInveptType(type: u64): bool {
  return type != 0 && type <= INVEPT_LAST && hasCapability(CAP_INVEPT_TYPES + (type as u32));
}

/** INVEPT in root operation, of a type that the processor has. */
export function invept(type: u64, eptp: u64, reserved: u64): u32 {
  if (type == SINGLE_CONTEXT) {
    if (checkEptp(eptp) != 0 || reserved != 0) return vmFail(ERROR_INVALID_OPERAND);
    inveptContext(eptp);
  } else {
    inveptAll();
  }
  count(Counter.INVEPT);
  return vmSucceed();
}

export function invvpidGyMdq(rec: u32): u32 {
  if (admit(rec, CAP_INVVPID, REASON_INVVPID) == FAULTED) return FAULTED;
  const type = typeOf(rec);
  if (!isInvvpidType(type)) return vmFail(ERROR_INVALID_OPERAND);
  const host = readMemoryOperand(rec, 16);
  return host == 0 ? FAULTED : invvpid(type, load<u64>(host), load<u64>(host, 8));
}

/** True when the processor has INVVPID of this type. */
export function isInvvpidType(type: u64): bool {
  return type <= INVVPID_LAST && hasCapability(CAP_INVVPID_TYPES + (type as u32));
}

/** INVVPID in root operation, of a type that the processor has. */
export function invvpid(type: u64, descriptor: u64, gla: u64): u32 {
  if (descriptor >> 16 != 0) return vmFail(ERROR_INVALID_OPERAND);
  const vpid = descriptor as u32;
  if (type != INVVPID_ALL_CONTEXTS && vpid == 0) return vmFail(ERROR_INVALID_OPERAND);
  if (type == INVVPID_ADDRESS) {
    if (!isCanonicalBase(gla)) return vmFail(ERROR_INVALID_OPERAND);
    invvpidAddress(vpid, gla);
  } else if (type == SINGLE_CONTEXT) {
    invvpidContext(vpid);
  } else if (type == INVVPID_ALL_CONTEXTS) {
    invvpidAll();
  } else {
    invvpidButGlobal(vpid);
  }
  count(Counter.INVVPID);
  return vmSucceed();
}
