/** Control and debug registers, cache and TLB control, SMSW, LMSW, CLTS, SWAPGS, FS and GS bases. */
import { CR0_PE, CR0_TS, CR4_DE, CR4_FSGSBASE, CR4_PCIDE } from "../cpu/control-bits";
import { movToCr3, setCr0, writeCr0, writeCr4 } from "../cpu/control-registers";
import { breakpointsChanged, DR6_BD, DR6_FIXED, DR7_FIXED, DR7_GD } from "../cpu/debug";
import { raiseDb, raiseGp, raiseUd } from "../cpu/fault";
import {
  AR_UNUSABLE,
  is64BitCode,
  isProtectedMode,
  isVirtual8086,
  SEG_FS,
  segmentAccess,
  segmentBase,
} from "../cpu/mode";
import { getReg } from "../cpu/registers";
import { spendTicks } from "../cpu/time";
import {
  FAULTED,
  NEXT,
  r1Of,
  r2Of,
  SIZE_16,
  SIZE_32,
  SIZE_64,
  segmentOf,
  sizeOf,
} from "../decode/record";
import { FLUSH_INVPCID_ALL_GLOBAL, FLUSH_INVPCID_CONTEXT } from "../generated/flush-operations";
import {
  CPL,
  CR0,
  CR2,
  CR3,
  CR4,
  CTL_PRIMARY,
  CTL_SECONDARY,
  DR,
  GPR,
  SEG_ACCESS,
  SLOT_ES_BASE,
  SLOT_GS_BASE,
  SLOT_KERNEL_GS_BASE,
} from "../generated/state";
import {
  PRIMARY_CR3_STORE_EXITING,
  PRIMARY_CR8_LOAD_EXITING,
  PRIMARY_CR8_STORE_EXITING,
  PRIMARY_INVLPG_EXITING,
  PRIMARY_MOV_DR_EXITING,
  REASON_DR_ACCESS,
  REASON_INVD,
  REASON_INVLPG,
  REASON_INVPCID,
  REASON_WBINVD,
  SECONDARY_ENABLE_INVPCID,
  SECONDARY_WBINVD_EXITING,
} from "../generated/vmx";
import { tprRead, tprWrite } from "../host";
import { isCanonical, isCanonicalBase } from "../paging/walk";
import { Counter, count } from "../tlb/counters";
import {
  invalidateAll,
  invalidateAllButGlobal,
  invalidatePage,
  invalidatePcid,
  invalidatePcidAddress,
} from "../tlb/invalidate";
import { readVirtualCr8, writeVirtualCr8 } from "../vmx/apic-msr";
import { usesTprShadow } from "../vmx/apic-page";
import { displacementOf, memoryInfo, registerInfo } from "../vmx/info";
import {
  CLTS_PLAIN,
  cr0WriteExits,
  cr3WriteExits,
  cr4WriteExits,
  exitLmsw,
  exitMovCr,
  guestClts,
  lmswExits,
  mergedCr0,
  mergedCr4,
  visibleCr0,
  visibleCr4,
} from "../vmx/intercept";
import { exitInstruction, exitWithInfo } from "../vmx/pending";
import { isNonRoot } from "../vmx/vmcs";
import { operandOffset } from "./address";
import { readMemoryOperand, readOperand, setRegSized, writeOperand } from "./operand";
import { registerWidth, umipAllows } from "./segment-registers";

/** Operand width of MOV to and from control and debug registers. @inline */
function moveSize(): u32 {
  return is64BitCode() ? SIZE_64 : SIZE_32;
}

/** True when the instruction is allowed at this level; else #GP(0). */
function isPrivileged(): bool {
  if (load<u32>(CPL) == 0) return true;
  raiseGp(0);
  return false;
}

export function movRyCy(rec: u32): u32 {
  const number = r1Of(rec);
  if (number != 0 && number != 2 && number != 3 && number != 4 && number != 8) return raiseUd();
  if (!isPrivileged()) return FAULTED;
  let value: u64;
  switch (number) {
    case 0:
      value = visibleCr0();
      break;
    case 2:
      value = load<u64>(CR2);
      break;
    case 3:
      if ((load<u32>(CTL_PRIMARY) & PRIMARY_CR3_STORE_EXITING) != 0) return exitMovCr(rec, true);
      value = load<u64>(CR3);
      break;
    case 4:
      value = visibleCr4();
      break;
    default:
      if ((load<u32>(CTL_PRIMARY) & PRIMARY_CR8_STORE_EXITING) != 0) return exitMovCr(rec, true);
      value = usesTprShadow() ? readVirtualCr8() : (tprRead() as u64);
      break;
  }
  setRegSized(r2Of(rec) & 0x78, value, moveSize());
  return NEXT;
}

/**
 * Virtual time that a write of CR0, CR3 or CR4 takes: they wait for all that goes before and drop
 * what was prefetched, in the order of a hundred cycles on processors.
 */
const CONTROL_WRITE_TICKS: i32 = 100;

/** Passes the outcome of such a write on. */
function spendOnWrite(status: u32): u32 {
  if (status == NEXT) spendTicks(CONTROL_WRITE_TICKS - 1);
  return status;
}

export function movCyRy(rec: u32): u32 {
  const number = r1Of(rec);
  if (number != 0 && number != 2 && number != 3 && number != 4 && number != 8) return raiseUd();
  if (!isPrivileged()) return FAULTED;
  const slot = r2Of(rec) & 0x78;
  const value: u64 = is64BitCode() ? getReg<u64>(slot) : (getReg<u32>(slot) as u64);
  switch (number) {
    case 0:
      if (isNonRoot()) {
        if (cr0WriteExits(value)) return exitMovCr(rec, false);
        return spendOnWrite(writeCr0(mergedCr0(value)));
      }
      return spendOnWrite(writeCr0(value));
    case 2:
      store<u64>(CR2, value);
      return NEXT;
    case 3:
      if (isNonRoot() && cr3WriteExits(value)) return exitMovCr(rec, false);
      return spendOnWrite(movToCr3(value));
    case 4:
      if (isNonRoot()) {
        if (cr4WriteExits(value)) return exitMovCr(rec, false);
        return spendOnWrite(writeCr4(mergedCr4(value)));
      }
      return spendOnWrite(writeCr4(value));
    default:
      if ((load<u32>(CTL_PRIMARY) & PRIMARY_CR8_LOAD_EXITING) != 0) return exitMovCr(rec, false);
      if ((value & ~15) != 0) return raiseGp(0);
      if (usesTprShadow()) return writeVirtualCr8(value);
      tprWrite(value as u32);
      return NEXT;
  }
}

/** True with the exit noted when MOV DR exits, which goes before every fault but an unknown DR. */
function debugMoveExits(rec: u32, from: bool): bool {
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_MOV_DR_EXITING) == 0 || r1Of(rec) > 7) return false;
  const register = (r2Of(rec) >>> 3) & 15;
  const qualification = r1Of(rec) | (from ? 0x10 : 0) | (register << 8);
  exitInstruction(rec, REASON_DR_ACCESS, qualification as u64);
  return true;
}

/** Number of the debug register, with 4 and 5 as aliases of 6 and 7; ~0 after an exception. */
function debugRegister(rec: u32): u32 {
  let number = r1Of(rec);
  if (number > 7) {
    raiseUd();
    return ~0;
  }
  if (number == 4 || number == 5) {
    if ((load<u64>(CR4) & CR4_DE) != 0) {
      raiseUd();
      return ~0;
    }
    number += 2;
  }
  if (!isPrivileged()) return ~0;
  if ((load<u64>(DR + 56) & DR7_GD) != 0) {
    raiseDb(DR6_BD as u64, true);
    return ~0;
  }
  return number;
}

export function movRyDy(rec: u32): u32 {
  if (debugMoveExits(rec, true)) return FAULTED;
  const number = debugRegister(rec);
  if (number == ~0) return FAULTED;
  setRegSized(r2Of(rec) & 0x78, load<u64>(DR + (number << 3)), moveSize());
  return NEXT;
}

export function movDyRy(rec: u32): u32 {
  if (debugMoveExits(rec, false)) return FAULTED;
  const number = debugRegister(rec);
  if (number == ~0) return FAULTED;
  const slot = r2Of(rec) & 0x78;
  let value: u64 = is64BitCode() ? getReg<u64>(slot) : (getReg<u32>(slot) as u64);
  if (number >= 6) {
    if (value >> 32 != 0) return raiseGp(0);
    if (number == 6) value = (value & 0xe00f) | DR6_FIXED;
    else value = (value & 0xffff2bff) | DR7_FIXED;
  }
  store<u64>(DR + (number << 3), value);
  if (number != 6) breakpointsChanged();
  return NEXT;
}

export function clts(rec: u32): u32 {
  if (!isPrivileged()) return FAULTED;
  if (isNonRoot()) {
    const answer = guestClts(rec);
    if (answer != CLTS_PLAIN) return answer;
  }
  setCr0(load<u64>(CR0) & ~CR0_TS);
  return NEXT;
}

export function smswEv(rec: u32): u32 {
  if (!umipAllows()) return FAULTED;
  return writeOperand(rec, visibleCr0(), registerWidth(rec));
}

/** LMSW changes PE, MP, EM and TS, and cannot clear PE. */
export function lmswEw(rec: u32): u32 {
  if (!isPrivileged()) return FAULTED;
  const host = readOperand(rec, SIZE_16);
  if (host == 0) return FAULTED;
  const cr0 = load<u64>(CR0);
  const source = load<u16>(host) as u32;
  const low = (source as u64) & 15;
  if (isNonRoot()) {
    if (lmswExits(source)) return exitLmsw(rec, source);
    return writeCr0(mergedCr0((cr0 & ~0xe) | low | (cr0 & CR0_PE)));
  }
  return writeCr0((cr0 & ~0xe) | low | (cr0 & CR0_PE));
}

export function invd(rec: u32): u32 {
  if (!isPrivileged()) return FAULTED;
  return isNonRoot() ? exitInstruction(rec, REASON_INVD, 0) : NEXT;
}

/** Virtual time that WBINVD takes: writing back caches is slow, even when they are clean. */
const WBINVD_TICKS: i32 = 10000;

export function wbinvd(rec: u32): u32 {
  if (!isPrivileged()) return FAULTED;
  if ((load<u32>(CTL_SECONDARY) & SECONDARY_WBINVD_EXITING) != 0) {
    return exitInstruction(rec, REASON_WBINVD, 0);
  }
  spendTicks(WBINVD_TICKS - 1);
  return NEXT;
}

/** CLFLUSH, CLFLUSHOPT, CLWB: no cache to flush, but the address must be readable. */
export function clflushMb(rec: u32): u32 {
  const segment = segmentOf(rec);
  // Execute-only code may be flushed, too: as far as a read goes it is like a readable segment.
  const access = segmentAccess(segment);
  const executeOnly = !is64BitCode() && (access & (AR_UNUSABLE | 0xa)) == 8;
  if (executeOnly) store<u32>(SEG_ACCESS + (segment << 2), access | 2);
  const host = readMemoryOperand(rec, 1);
  if (executeOnly) store<u32>(SEG_ACCESS + (segment << 2), access);
  return host == 0 ? FAULTED : NEXT;
}

export function invlpgM(rec: u32): u32 {
  if (!isPrivileged()) return FAULTED;
  const offset = operandOffset(rec);
  const gla = is64BitCode()
    ? segmentOf(rec) >= SEG_FS
      ? offset + segmentBase(segmentOf(rec))
      : offset
    : (offset + segmentBase(segmentOf(rec))) & 0xffffffff;
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_INVLPG_EXITING) != 0) {
    return exitInstruction(rec, REASON_INVLPG, gla);
  }
  // A non-canonical address invalidates nothing and faults not.
  if (isCanonical(gla)) invalidatePage(gla);
  return NEXT;
}

export function invpcid(rec: u32): u32 {
  if (isNonRoot() && (load<u32>(CTL_SECONDARY) & SECONDARY_ENABLE_INVPCID) == 0) return raiseUd();
  if (!isProtectedMode()) {
    // Real-address mode has no PCIDs but allows the instruction.
  } else if (isVirtual8086()) {
    return raiseGp(0);
  }
  if (!isPrivileged()) return FAULTED;
  if ((load<u32>(CTL_PRIMARY) & PRIMARY_INVLPG_EXITING) != 0) {
    const info = memoryInfo(rec) | registerInfo(rec);
    return exitWithInfo(rec, REASON_INVPCID, displacementOf(rec), info);
  }
  const type: u64 = is64BitCode() ? getReg<u64>(r1Of(rec)) : (getReg<u32>(r1Of(rec)) as u64);
  if (type > 3) return raiseGp(0);
  const host = readMemoryOperand(rec, 16);
  if (host == 0) return FAULTED;
  const descriptor = load<u64>(host);
  const gla = load<u64>(host, 8);
  if ((descriptor & ~0xfff) != 0) return raiseGp(0);
  const pcid = descriptor as u32;
  if (type <= 1 && pcid != 0 && (load<u64>(CR4) & CR4_PCIDE) == 0) return raiseGp(0);
  if (type == 0 && !isCanonicalBase(gla)) return raiseGp(0);
  count(Counter.INVPCID);
  if (type == 0) invalidatePcidAddress(gla, pcid);
  else if (type == 1) invalidatePcid(pcid, FLUSH_INVPCID_CONTEXT);
  else if (type == 2) invalidateAll(FLUSH_INVPCID_ALL_GLOBAL);
  else invalidateAllButGlobal();
  return NEXT;
}

export function swapgs(rec: u32): u32 {
  if (!isPrivileged()) return FAULTED;
  const base = load<u64>(SLOT_GS_BASE, GPR);
  store<u64>(SLOT_GS_BASE, load<u64>(SLOT_KERNEL_GS_BASE, GPR), GPR);
  store<u64>(SLOT_KERNEL_GS_BASE, base, GPR);
  return NEXT;
}

export function rdbaseRy(rec: u32, segment: u32): u32 {
  if ((load<u64>(CR4) & CR4_FSGSBASE) == 0) return raiseUd();
  setRegSized(r2Of(rec), segmentBase(segment), sizeOf(rec));
  return NEXT;
}

export function wrbaseRy(rec: u32, segment: u32): u32 {
  if ((load<u64>(CR4) & CR4_FSGSBASE) == 0) return raiseUd();
  const value: u64 =
    sizeOf(rec) == SIZE_64 ? getReg<u64>(r2Of(rec)) : (getReg<u32>(r2Of(rec)) as u64);
  if (!isCanonicalBase(value)) return raiseGp(0);
  store<u64>(SLOT_ES_BASE + (segment << 3), value, GPR);
  return NEXT;
}
