/** HLT, PAUSE, MONITOR, MWAIT, CPUID, time stamps, MSRs, random numbers, XCR0, PKRU, CMPXCHG8B. */
import { CR4_OSXSAVE, CR4_PCE, CR4_PKE, CR4_TSD } from "../cpu/control-bits";
import { cpuidEax, cpuidEbx, cpuidEcx, cpuidEdx, queryCpuid, supportedXcr0 } from "../cpu/cpuid";
import { raiseGp, raiseUd } from "../cpu/fault";
import { hasFeature } from "../cpu/features";
import { FLAG_CF, FLAG_ZF, getArithmeticFlags, setArithmeticFlags } from "../cpu/flags";
import { HALTED } from "../cpu/interrupt";
import { MSR_TSC, msrValue, readMsr, writeMsr } from "../cpu/msr";
import { getReg, setReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import { spendTicks } from "../cpu/time";
import {
  addressSizeOf,
  FAULTED,
  isMemory,
  NEXT,
  r2Of,
  SIZE_16,
  SIZE_64,
  segmentOf,
  sizeOf,
} from "../decode/record";
import { FEATURE_CX16 } from "../generated/features";
import {
  ACTIVITY,
  CPL,
  CR4,
  CTL_PRIMARY,
  CTL_SECONDARY,
  EVENT_RESCHEDULE,
  EVENTS,
  PKRU,
  RNG_STATE,
  SLOT_RAX,
  SLOT_RBX,
  SLOT_RCX,
  SLOT_RDX,
  TSC_AUX,
  XCR0,
} from "../generated/state";
import {
  PRIMARY_HLT_EXITING,
  PRIMARY_MONITOR_EXITING,
  PRIMARY_MWAIT_EXITING,
  PRIMARY_RDPMC_EXITING,
  PRIMARY_RDTSC_EXITING,
  REASON_CPUID,
  REASON_HLT,
  REASON_MONITOR,
  REASON_MWAIT,
  REASON_PAUSE,
  REASON_RDMSR,
  REASON_RDPMC,
  REASON_RDRAND,
  REASON_RDSEED,
  REASON_RDTSC,
  REASON_RDTSCP,
  REASON_WRMSR,
  REASON_XSETBV,
  SECONDARY_ENABLE_RDTSCP,
  SECONDARY_RDRAND_EXITING,
  SECONDARY_RDSEED_EXITING,
} from "../generated/vmx";
import { M_OTHERS_RUNNABLE } from "../layout";
import { readSlow, writeSlow } from "../memory/access";
import { clearFront } from "../tlb/front";
import {
  VIRTUAL_MSR_DONE,
  VIRTUAL_MSR_NATIVE,
  virtualMsrRead,
  virtualMsrValue,
  virtualMsrWrite,
} from "../vmx/apic-msr";
import { msrAccessExits } from "../vmx/intercept";
import { exitInstruction, exitWithInfo } from "../vmx/pending";
import { pauseExits, visibleTimeStamp } from "../vmx/timer";
import { isNonRoot } from "../vmx/vmcs";
import { addressSizeMask, operandOffset } from "./address";
import { finishStore, setRegSized, updateMemoryOperand } from "./operand";
import { xstateInUse } from "./state-save";

/** Sets EDX:EAX. */
function setEdxEax(value: u64): void {
  setReg<u32>(SLOT_RAX, value as u32);
  setReg<u32>(SLOT_RDX, (value >> 32) as u32);
}

/** EDX:EAX. */
function edxEax(): u64 {
  return ((getReg<u32>(SLOT_RDX) as u64) << 32) | (getReg<u32>(SLOT_RAX) as u64);
}

export function hlt(rec: u32): u32 {
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_HLT_EXITING) != 0) {
    return exitInstruction(rec, REASON_HLT, 0);
  }
  store<u32>(ACTIVITY, HALTED);
  return NEXT;
}

/** Virtual time that PAUSE takes; about what processors since Skylake take, in ticks. */
const PAUSE_TICKS: i32 = 100;

/** A spinning processor spends time, and lets the others go on. */
export function pause(rec: u32): u32 {
  if (isNonRoot() && pauseExits()) return exitInstruction(rec, REASON_PAUSE, 0);
  spendTicks(PAUSE_TICKS - 1);
  yieldToOthers();
  return NEXT;
}

/** Ends the slice when another processor has something to do. */
function yieldToOthers(): void {
  if (load<u32>(M_OTHERS_RUNNABLE) == 0) return;
  store<u32>(EVENTS, load<u32>(EVENTS) | EVENT_RESCHEDULE);
}

/** MONITOR: the address is checked; the line is not watched, see MWAIT. */
export function monitor(rec: u32): u32 {
  if (load<u32>(CPL) != 0) return raiseUd();
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_MONITOR_EXITING) != 0) {
    return exitInstruction(rec, REASON_MONITOR, 0);
  }
  if (getReg<u32>(SLOT_RCX) != 0) return raiseGp(0);
  const offset = getReg<u64>(SLOT_RAX) & addressSizeMask(addressSizeOf(rec));
  if (!linearize(segmentOf(rec), offset, 1, false)) return FAULTED;
  return readSlow(linear, 1, rec) == 0 ? FAULTED : NEXT;
}

/** MWAIT may end at any time (SDM "MWAIT"): here at once, after the others have had their turn. */
export function mwait(rec: u32): u32 {
  if (load<u32>(CPL) != 0) return raiseUd();
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_MWAIT_EXITING) != 0) {
    return exitInstruction(rec, REASON_MWAIT, 0);
  }
  if ((getReg<u32>(SLOT_RCX) & ~1) != 0) return raiseGp(0);
  spendTicks(PAUSE_TICKS - 1);
  yieldToOthers();
  return NEXT;
}

export function cpuid(rec: u32): u32 {
  if (isNonRoot()) return exitInstruction(rec, REASON_CPUID, 0);
  queryCpuid(getReg<u32>(SLOT_RAX), getReg<u32>(SLOT_RCX));
  setReg<u32>(SLOT_RAX, cpuidEax);
  setReg<u32>(SLOT_RBX, cpuidEbx);
  setReg<u32>(SLOT_RCX, cpuidEcx);
  setReg<u32>(SLOT_RDX, cpuidEdx);
  return NEXT;
}

/** True in non-root operation when the control that lends the instruction to guests is 0. */
function isDisabledInGuest(control: u32): bool {
  return isNonRoot() && (load<u32>(CTL_SECONDARY) & control) == 0;
}

/** False with #GP(0) raised when CR4.TSD keeps the time stamp from this level. */
function timeAllowed(): bool {
  if (load<u32>(CPL) == 0 || (load<u64>(CR4) & CR4_TSD) == 0) return true;
  raiseGp(0);
  return false;
}

export function rdtsc(rec: u32): u32 {
  if (!timeAllowed()) return FAULTED;
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_RDTSC_EXITING) != 0) {
    return exitInstruction(rec, REASON_RDTSC, 0);
  }
  setEdxEax(visibleTimeStamp());
  return NEXT;
}

export function rdtscp(rec: u32): u32 {
  if (isDisabledInGuest(SECONDARY_ENABLE_RDTSCP)) return raiseUd();
  if (!timeAllowed()) return FAULTED;
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_RDTSC_EXITING) != 0) {
    return exitInstruction(rec, REASON_RDTSCP, 0);
  }
  setEdxEax(visibleTimeStamp());
  setReg<u32>(SLOT_RCX, load<u32>(TSC_AUX));
  return NEXT;
}

export function rdpidRy(rec: u32): u32 {
  if (isDisabledInGuest(SECONDARY_ENABLE_RDTSCP)) return raiseUd();
  const size = sizeOf(rec);
  setRegSized(r2Of(rec), load<u64>(TSC_AUX), size == SIZE_64 ? SIZE_64 : size);
  return NEXT;
}

/** There are no performance counters. */
export function rdpmc(rec: u32): u32 {
  if (load<u32>(CPL) != 0 && (load<u64>(CR4) & CR4_PCE) == 0) return raiseGp(0);
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_RDPMC_EXITING) != 0) {
    return exitInstruction(rec, REASON_RDPMC, 0);
  }
  return raiseGp(0);
}

export function rdmsr(rec: u32): u32 {
  if (load<u32>(CPL) != 0) return raiseGp(0);
  const index = getReg<u32>(SLOT_RCX);
  if (isNonRoot() && msrAccessExits(index, false)) return exitInstruction(rec, REASON_RDMSR, 0);
  if (index == MSR_TSC) {
    setEdxEax(visibleTimeStamp());
    return NEXT;
  }
  if (isNonRoot() && virtualMsrRead(index) == VIRTUAL_MSR_DONE) {
    setEdxEax(virtualMsrValue);
    return NEXT;
  }
  if (!readMsr(index)) return raiseGp(0);
  setEdxEax(msrValue);
  return NEXT;
}

export function wrmsr(rec: u32): u32 {
  if (load<u32>(CPL) != 0) return raiseGp(0);
  const index = getReg<u32>(SLOT_RCX);
  if (isNonRoot() && msrAccessExits(index, true)) return exitInstruction(rec, REASON_WRMSR, 0);
  if (isNonRoot()) {
    const outcome = virtualMsrWrite(index, edxEax());
    if (outcome != VIRTUAL_MSR_NATIVE) return outcome == VIRTUAL_MSR_DONE ? NEXT : raiseGp(0);
  }
  if (!writeMsr(index, edxEax())) return raiseGp(0);
  return NEXT;
}

/** The next number of the processor's generator (xorshift128+), which starts from the seed. */
function nextRandom(): u64 {
  let s1 = load<u64>(RNG_STATE);
  const s0 = load<u64>(RNG_STATE + 8);
  const result = s0 + s1;
  store<u64>(RNG_STATE, s0);
  s1 ^= s1 << 23;
  store<u64>(RNG_STATE + 8, s1 ^ s0 ^ (s1 >> 18) ^ (s0 >> 5));
  return result;
}

export function rdrandRv(rec: u32): u32 {
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_RDRAND_EXITING) != 0) {
    return exitWithInfo(rec, REASON_RDRAND, 0, randomInfo(rec));
  }
  return random(rec);
}

/** Register and operand size of RDRAND and RDSEED, as VM exits report them. */
function randomInfo(rec: u32): u32 {
  return ((r2Of(rec) >>> 3) << 3) | ((sizeOf(rec) - SIZE_16) << 11);
}

function random(rec: u32): u32 {
  setRegSized(r2Of(rec), nextRandom(), sizeOf(rec));
  setArithmeticFlags(FLAG_CF);
  return NEXT;
}

export function rdseedRv(rec: u32): u32 {
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_RDSEED_EXITING) != 0) {
    return exitWithInfo(rec, REASON_RDSEED, 0, randomInfo(rec));
  }
  return random(rec);
}

export function xgetbv(rec: u32): u32 {
  if ((load<u64>(CR4) & CR4_OSXSAVE) == 0) return raiseUd();
  const index = getReg<u32>(SLOT_RCX);
  if (index > 1) return raiseGp(0);
  setEdxEax(index == 0 ? load<u64>(XCR0) : load<u64>(XCR0) & xstateInUse());
  return NEXT;
}

export function xsetbv(rec: u32): u32 {
  if ((load<u64>(CR4) & CR4_OSXSAVE) == 0) return raiseUd();
  const value = edxEax();
  if (load<u32>(CPL) != 0) return raiseGp(0);
  if (isNonRoot()) return exitInstruction(rec, REASON_XSETBV, 0);
  if (getReg<u32>(SLOT_RCX) != 0) return raiseGp(0);
  return setXcr0(value) ? NEXT : raiseGp(0);
}

/** XSETBV of XCR0; false for a value that it cannot have. */
export function setXcr0(value: u64): bool {
  if ((value & 1) == 0 || (value & ~supportedXcr0()) != 0) return false;
  store<u64>(XCR0, value);
  return true;
}

export function rdpkru(rec: u32): u32 {
  if ((load<u64>(CR4) & CR4_PKE) == 0) return raiseUd();
  if (getReg<u32>(SLOT_RCX) != 0) return raiseGp(0);
  setEdxEax(load<u32>(PKRU) as u64);
  return NEXT;
}

export function wrpkru(rec: u32): u32 {
  if ((load<u64>(CR4) & CR4_PKE) == 0) return raiseUd();
  if (getReg<u32>(SLOT_RCX) != 0 || getReg<u32>(SLOT_RDX) != 0) return raiseGp(0);
  setPkru(getReg<u32>(SLOT_RAX));
  return NEXT;
}

/** Sets PKRU; translations in the front cache were judged by the old rights. */
export function setPkru(value: u32): void {
  if (load<u32>(PKRU) == value) return;
  store<u32>(PKRU, value);
  clearFront();
}

/** CMPXCHG8B and CMPXCHG16B. */
export function cmpxchg8b(rec: u32): u32 {
  if (!isMemory(rec)) return raiseUd();
  return sizeOf(rec) == SIZE_64 ? compareExchange16(rec) : compareExchange8(rec);
}

function setZero(zf: bool): void {
  const flags = getArithmeticFlags() & ~FLAG_ZF;
  setArithmeticFlags(zf ? flags | FLAG_ZF : flags);
}

function compareExchange8(rec: u32): u32 {
  const host = updateMemoryOperand(rec, 8);
  const value = load<u64>(host);
  const equal = value == edxEax();
  const next = ((getReg<u32>(SLOT_RCX) as u64) << 32) | (getReg<u32>(SLOT_RBX) as u64);
  store<u64>(host, equal ? next : value);
  if (finishStore(host) != NEXT) return FAULTED;
  if (!equal) setEdxEax(value);
  setZero(equal);
  return NEXT;
}

function compareExchange16(rec: u32): u32 {
  if (!hasFeature(FEATURE_CX16)) return raiseUd();
  if (!linearize(segmentOf(rec), operandOffset(rec), 16, true)) return FAULTED;
  // The operand must be aligned; the check goes before the access.
  if ((linear & 15) != 0) return raiseGp(0);
  const host = writeSlow(linear, 16, rec, true);
  const low = load<u64>(host);
  const high = load<u64>(host, 8);
  const equal = low == getReg<u64>(SLOT_RAX) && high == getReg<u64>(SLOT_RDX);
  if (equal) {
    store<u64>(host, getReg<u64>(SLOT_RBX));
    store<u64>(host, getReg<u64>(SLOT_RCX), 8);
  }
  if (finishStore(host) != NEXT) return FAULTED;
  if (!equal) {
    setReg<u64>(SLOT_RAX, low);
    setReg<u64>(SLOT_RDX, high);
  }
  setZero(equal);
  return NEXT;
}
