/**
 * Delivery of exceptions and interrupts (SDM "Interrupt and Exception Handling"): the exception
 * noted in the processor state goes through the IDT; what fails on the way may become a double
 * fault or shut the processor down.
 */
import { SIZE_16, SIZE_32, SIZE_64 } from "../decode/record";
import {
  ACTIVITY,
  CPL,
  CR2,
  CR4,
  DELIVERING,
  DR,
  FAULT,
  FAULT_CR2,
  FAULT_ERROR,
  FAULT_KIND,
  FAULT_LENGTH,
  FAULT_VECTOR,
  IDTR_BASE,
  IDTR_LIMIT,
  INJECTING,
  INTERRUPTIBILITY,
  NMI_UNBLOCKED,
  RIP,
} from "../generated/state";
import { REASON_TRIPLE_FAULT } from "../generated/vmx";
import { onException } from "../host";
import { M_HOOKS } from "../layout";
import { readSystem } from "../memory/access";
import { isCanonical } from "../paging/walk";
import { Counter, count } from "../tlb/counters";
import { infoOf, interceptEvent, noteMonitorTrap } from "../vmx/events";
import { carryOutExit, rfOfExit } from "../vmx/exit";
import { noteExit } from "../vmx/pending";
import { isNonRoot } from "../vmx/vmcs";
import { CR4_VME } from "./control-bits";
import {
  clearFault,
  isFaulted,
  KIND_EXCEPTION,
  KIND_EXTERNAL,
  KIND_HAS_ERROR,
  KIND_NMI,
  KIND_SOFTWARE_EXCEPTION,
  KIND_SOFTWARE_INTERRUPT,
  KIND_TRAP,
  KIND_TYPE_MASK,
  KIND_VM_EXIT,
  raiseError,
  raiseGp,
  VECTOR_DB,
  VECTOR_DE,
  VECTOR_DF,
  VECTOR_GP,
  VECTOR_NP,
  VECTOR_PF,
  VECTOR_SS,
  VECTOR_TS,
  VECTOR_VE,
} from "./fault";
import { FLAG_AC, FLAG_IF, FLAG_NT, FLAG_RF, FLAG_TF, FLAG_VM, getFlags } from "./flags";
import { deliver8086, redirectedByBitmap } from "./interrupt-8086";
import {
  AR_DB,
  AR_DPL,
  AR_L,
  AR_P,
  AR_S,
  HOOK_EXCEPTION,
  is64BitCode,
  isLongMode,
  isProtectedMode,
  isVirtual8086,
  SEG_CS,
  SEG_DS,
  SEG_ES,
  SEG_FS,
  SEG_GS,
  SEG_SS,
  setCpl,
  updateCodeMode,
  writeFlags,
} from "./mode";
import { rsp, setRsp, setStackPointer } from "./registers";
import {
  descriptorAccess,
  descriptorBase,
  descriptorLimit,
  linearTable,
  loadCodeSegment,
  loadNullSegment,
  loadRealSegment,
  readDescriptor,
  selectorOf,
  setAccessed,
  setSegment,
} from "./segment";
import { newSp, pushNew, useCurrentStack, useLongStack, useStack } from "./stack";
import { TASK_INTERRUPT, taskSwitch } from "./task";
import { readStackOfLevel, tssSp, tssSs } from "./tss";

export const ACTIVE: u32 = 0;
export const HALTED: u32 = 1;
export const SHUTDOWN: u32 = 2;
export const WAIT_FOR_SIPI: u32 = 3;
export const MWAITING: u32 = 4;

const CLASS_BENIGN: u32 = 0;
const CLASS_CONTRIBUTORY: u32 = 1;
const CLASS_PAGE_FAULT: u32 = 2;

function classOf(vector: u32, kind: u32): u32 {
  if ((kind & KIND_TYPE_MASK) != KIND_EXCEPTION) return CLASS_BENIGN;
  if (vector == VECTOR_PF || vector == VECTOR_VE) return CLASS_PAGE_FAULT;
  if (vector == VECTOR_DE || (vector >= VECTOR_TS && vector <= VECTOR_GP)) {
    return CLASS_CONTRIBUTORY;
  }
  return CLASS_BENIGN;
}

/** True for INT n, INT3 and INTO, which obey the gate's DPL and push the next RIP. */
function isSoftware(kind: u32): bool {
  const type = kind & KIND_TYPE_MASK;
  return type == KIND_SOFTWARE_INTERRUPT || type == KIND_SOFTWARE_EXCEPTION;
}

/** True when what is noted is no event but a VM exit. @inline */
function isExitNoted(): bool {
  return (load<u32>(FAULT_KIND) & KIND_TYPE_MASK) == KIND_VM_EXIT;
}

/** Delivers the event noted in the state, or carries out the VM exit noted there. */
export function deliverFault(): void {
  if (isExitNoted()) carryOutExit(0, 0, rfOfExit());
  else deliverEvent();
  store<u32>(INJECTING, 0);
  store<u32>(NMI_UNBLOCKED, 0);
}

function deliverEvent(): void {
  // The event whose delivery failed, as VM exits report it.
  let idtInfo: u32 = 0;
  let idtError: u32 = 0;
  let rf: u32 = 0;
  for (;;) {
    const vector = load<u32>(FAULT_VECTOR);
    const kind = load<u32>(FAULT_KIND);
    const error = load<u32>(FAULT_ERROR);
    const guest = isNonRoot();
    const injected = load<u32>(INJECTING) != 0;
    if (guest && !injected && interceptEvent(vector, kind, error)) {
      const image = idtInfo != 0 ? rf : flagsToPush(vector, kind) & FLAG_RF;
      carryOutExit(idtInfo, idtError, image);
      return;
    }
    if ((load<u32>(M_HOOKS) & HOOK_EXCEPTION) != 0) onException(vector, kind, error);
    countEvent(vector, kind);
    noteCause(vector, kind, injected);
    clearFault();
    if (guest) {
      idtInfo = infoOf(vector, kind);
      idtError = (kind & KIND_HAS_ERROR) != 0 ? error : 0;
      rf = flagsToPush(vector, kind) & FLAG_RF;
    }
    store<u32>(DELIVERING, 1);
    const delivered = deliver(vector, kind, error);
    store<u32>(DELIVERING, 0);
    if (delivered) {
      store<u32>(ACTIVITY, ACTIVE);
      store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) & ~3);
      if (guest) noteMonitorTrap();
      return;
    }
    if (!isFaulted()) return;
    if (guest) {
      store<u32>(INJECTING, 0);
      store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) & ~3);
      if (isExitNoted()) {
        carryOutExit(idtInfo, idtError, rf);
        return;
      }
    }
    const second = load<u32>(FAULT_VECTOR);
    if (guest && interceptEvent(second, load<u32>(FAULT_KIND), load<u32>(FAULT_ERROR))) {
      carryOutExit(idtInfo, idtError, rf);
      return;
    }
    if ((kind & KIND_TYPE_MASK) == KIND_EXCEPTION) {
      const first = classOf(vector, kind);
      const then = classOf(second, load<u32>(FAULT_KIND));
      if (vector == VECTOR_DF && then != CLASS_BENIGN) {
        clearFault();
        if (guest) {
          noteExit(REASON_TRIPLE_FAULT, 0);
          carryOutExit(0, 0, rf);
        } else {
          store<u32>(ACTIVITY, SHUTDOWN);
        }
        return;
      }
      const both =
        (first == CLASS_CONTRIBUTORY && then == CLASS_CONTRIBUTORY) ||
        (first == CLASS_PAGE_FAULT && then != CLASS_BENIGN);
      if (both) {
        raiseError(VECTOR_DF, 0);
        idtInfo = 0;
        idtError = 0;
      }
    }
  }
}

function countEvent(vector: u32, kind: u32): void {
  const type = kind & KIND_TYPE_MASK;
  if (type == KIND_EXTERNAL) count(Counter.EXTERNAL_INTERRUPT);
  else if (type == KIND_NMI) count(Counter.NMI);
  else if (type == KIND_SOFTWARE_INTERRUPT) count(Counter.SOFTWARE_INTERRUPT);
  else count(Counter.EXCEPTION + (vector & 31));
}

/** CR2, DR6 and the blocking of NMIs, which change before the handler is entered. */
function noteCause(vector: u32, kind: u32, injected: bool): void {
  const type = kind & KIND_TYPE_MASK;
  if (type == KIND_NMI) {
    store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) | 8);
  } else if (injected) {
    // What VM entry injects changes neither CR2 nor the debug registers.
    return;
  } else if (type == KIND_EXCEPTION && vector == VECTOR_PF) {
    store<u64>(CR2, load<u64>(FAULT_CR2));
  } else if (type == KIND_EXCEPTION && vector == VECTOR_DB) {
    // Bits 3:0 tell the breakpoints met now; the others stay until software clears them.
    store<u64>(DR + 48, (load<u64>(DR + 48) & ~0xf) | load<u64>(FAULT_CR2));
    // General detect is switched off for the handler.
    store<u64>(DR + 56, load<u64>(DR + 56) & ~0x2000);
  }
}

/** The flags image that is pushed. */
function flagsToPush(vector: u32, kind: u32): u32 {
  const flags = getFlags();
  const type = kind & KIND_TYPE_MASK;
  // Faults push RF set, so that an instruction breakpoint does not strike again on return.
  const instructionBreakpoint = vector == VECTOR_DB && (load<u64>(FAULT_CR2) & 0xf) != 0;
  const fault = type == KIND_EXCEPTION && (kind & KIND_TRAP) == 0;
  if (fault && !instructionBreakpoint && load<u32>(INJECTING) == 0) {
    return flags | FLAG_RF;
  }
  return flags;
}

/** One attempt. Returns false with another exception noted, or with nothing after a task switch. */
function deliver(vector: u32, kind: u32, error: u32): bool {
  const hasError = (kind & KIND_HAS_ERROR) != 0 && isProtectedMode();
  const rip = load<u64>(RIP);
  const pushedRip =
    (kind & KIND_TYPE_MASK) >= KIND_SOFTWARE_INTERRUPT
      ? rip + (load<u32>(FAULT_LENGTH) as u64)
      : rip;
  if (!isProtectedMode()) return deliverReal(vector, pushedRip);
  if (isLongMode()) return deliverLong(vector, kind, hasError, error, pushedRip);
  if (isInjectedInto8086(kind)) {
    const redirect = redirectedByBitmap(vector);
    if (redirect < 0) return false;
    if (redirect == 1) return deliver8086(vector, pushedRip);
  }
  return deliverProtected(vector, kind, hasError, error, pushedRip);
}

/** INT n that a VM entry injects: no instruction has asked the TSS where it is to go. */
function isInjectedInto8086(kind: u32): bool {
  if (load<u32>(INJECTING) == 0 || !isVirtual8086()) return false;
  return (kind & KIND_TYPE_MASK) == KIND_SOFTWARE_INTERRUPT && (load<u64>(CR4) & CR4_VME) != 0;
}

function deliverReal(vector: u32, rip: u64): bool {
  if (vector * 4 + 3 > load<u32>(IDTR_LIMIT)) {
    raiseGp(0);
    return false;
  }
  const host = readSystem((load<u64>(IDTR_BASE) + ((vector * 4) as u64)) & 0xffffffff, 4);
  if (host == 0) return false;
  const entry = load<u32>(host);
  useCurrentStack(0);
  if (!pushNew(getFlags() as u64, SIZE_16)) return false;
  if (!pushNew(selectorOf(SEG_CS) as u64, SIZE_16)) return false;
  if (!pushNew(rip, SIZE_16)) return false;
  setStackPointer(newSp);
  writeFlags(0, FLAG_IF | FLAG_TF | FLAG_AC | FLAG_RF);
  loadRealSegment(SEG_CS, entry >>> 16);
  store<u64>(RIP, (entry & 0xffff) as u64);
  return true;
}

/** EXT bit of error codes raised while an event is delivered. */
function extOf(kind: u32): u32 {
  return isSoftware(kind) ? 0 : 1;
}

// The gate being gone through.
let gateSelector: u32 = 0;
let gateOffset: u64 = 0;
let gateType: u32 = 0;
let gateIst: u32 = 0;

/** Reads and checks the gate of `vector`. */
function readGate(vector: u32, kind: u32, long: bool): bool {
  const ext = extOf(kind);
  const error = (vector << 3) | 2 | ext;
  const bytes: u32 = long ? 16 : 8;
  if (vector * bytes + bytes - 1 > load<u32>(IDTR_LIMIT)) {
    raiseGp(error);
    return false;
  }
  const host = readSystem(linearTable(load<u64>(IDTR_BASE) + ((vector * bytes) as u64)), bytes);
  if (host == 0) return false;
  const lo = load<u32>(host);
  const hi = load<u32>(host, 4);
  gateType = (hi >>> 8) & 0x1f;
  gateSelector = lo >>> 16;
  gateIst = hi & 7;
  gateOffset = ((hi & 0xffff0000) | (lo & 0xffff)) as u64;
  if (long) gateOffset |= (load<u32>(host, 8) as u64) << 32;
  const known = gateType == 0xe || gateType == 0xf || (!long && gateType >= 5 && gateType <= 7);
  if (!known) {
    raiseGp(error);
    return false;
  }
  if (isSoftware(kind) && load<u32>(CPL) > ((hi >>> 13) & 3)) {
    raiseGp(error);
    return false;
  }
  if ((hi & 0x8000) == 0) {
    raiseError(VECTOR_NP, error);
    return false;
  }
  return true;
}

/** Reads the gate's code segment; the descriptor is left as the one last read. */
function readGateCode(ext: u32, long: bool): bool {
  if ((gateSelector & 0xfffc) == 0) {
    raiseGp(ext);
    return false;
  }
  if (!readDescriptor(gateSelector, VECTOR_GP, ext)) return false;
  const access = descriptorAccess();
  const error = (gateSelector & 0xfffc) | ext;
  if ((access & (AR_S | 8)) != (AR_S | 8) || (access & AR_DPL) >>> 5 > load<u32>(CPL)) {
    raiseGp(error);
    return false;
  }
  if (long && (access & (AR_L | AR_DB)) != AR_L) {
    raiseGp(error);
    return false;
  }
  if ((access & AR_P) == 0) {
    raiseError(VECTOR_NP, error);
    return false;
  }
  return true;
}

/** The flags that a handler starts with. */
function enterFlags(interruptGate: bool): void {
  writeFlags(0, FLAG_TF | FLAG_NT | FLAG_RF | FLAG_VM | (interruptGate ? FLAG_IF : 0));
}

function deliverLong(vector: u32, kind: u32, hasError: bool, error: u32, rip: u64): bool {
  const ext = extOf(kind);
  if (!readGate(vector, kind, true)) return false;
  if (!readGateCode(ext, true)) return false;
  const access = descriptorAccess();
  const conforming = (access & 4) != 0;
  const cpl = load<u32>(CPL);
  const dpl = (access & AR_DPL) >>> 5;
  const level = conforming ? cpl : dpl;
  const inner = level < cpl;
  let sp = rsp();
  if (gateIst != 0) {
    if (!readStackOfLevel(gateIst + 3, ext, true)) return false;
    sp = tssSp;
  } else if (inner) {
    if (!readStackOfLevel(level, ext, true)) return false;
    sp = tssSp;
  } else if (!is64BitCode()) {
    // Same level, from compatibility mode: the old stack pointer is used as it is.
    sp = rsp();
  }
  const base = descriptorBase();
  const limit = descriptorLimit();
  const oldSs = selectorOf(SEG_SS);
  const flags = flagsToPush(vector, kind);
  useLongStack(sp & ~0xf, level, ext);
  if (!pushNew(oldSs as u64, SIZE_64)) return false;
  if (!pushNew(rsp(), SIZE_64)) return false;
  if (!pushNew(flags as u64, SIZE_64)) return false;
  if (!pushNew(selectorOf(SEG_CS) as u64, SIZE_64)) return false;
  if (!pushNew(rip, SIZE_64)) return false;
  if (hasError && !pushNew(error as u64, SIZE_64)) return false;
  if (!isCanonical(gateOffset)) {
    raiseGp(ext);
    return false;
  }
  if (!setAccessed()) return false;
  setSegment(SEG_CS, (gateSelector & 0xfffc) | level, base, limit, descriptorAccess());
  if (inner) {
    setSegment(SEG_SS, level, 0, 0, 0x10000 | (level << 5));
  }
  setRsp(newSp);
  setCpl(level);
  updateCodeMode();
  enterFlags(gateType == 0xe);
  store<u64>(RIP, gateOffset);
  return true;
}

function deliverProtected(vector: u32, kind: u32, hasError: bool, error: u32, rip: u64): bool {
  const ext = extOf(kind);
  if (!readGate(vector, kind, false)) return false;
  if (gateType == 5) {
    const saved = flagsToPush(vector, kind);
    return taskSwitch(gateSelector, TASK_INTERRUPT, hasError, error, ext, saved, rip);
  }
  if (!readGateCode(ext, false)) return false;
  const access = descriptorAccess();
  const cpl = load<u32>(CPL);
  const dpl = (access & AR_DPL) >>> 5;
  const size = gateType >= 8 ? SIZE_32 : SIZE_16;
  const offset = gateType >= 8 ? gateOffset : gateOffset & 0xffff;
  const flags = flagsToPush(vector, kind);
  const v86 = isVirtual8086();
  const error2 = (gateSelector & 0xfffc) | ext;
  if ((access & 4) == 0 && dpl < cpl) {
    if (v86 && dpl != 0) {
      raiseGp(error2);
      return false;
    }
    return deliverInner(dpl, size, offset, flags, rip, hasError, error, ext, v86);
  }
  if (v86) {
    raiseGp(error2);
    return false;
  }
  useCurrentStack(ext);
  if (!pushFrame(size, flags, rip, hasError, error)) return false;
  if (offset > (descriptorLimit() as u64)) {
    raiseGp(ext);
    return false;
  }
  if (!setAccessed()) return false;
  setStackPointer(newSp);
  loadCodeSegment(gateSelector, cpl);
  enterFlags((gateType & 1) == 0);
  store<u64>(RIP, offset);
  return true;
}

/** EFLAGS, CS, EIP and the error code. */
function pushFrame(size: u32, flags: u32, rip: u64, hasError: bool, error: u32): bool {
  if (!pushNew(flags as u64, size)) return false;
  if (!pushNew(selectorOf(SEG_CS) as u64, size)) return false;
  if (!pushNew(rip, size)) return false;
  return !hasError || pushNew(error as u64, size);
}

/** Delivery to an inner privilege level, on the stack that the TSS names. */
function deliverInner(
  dpl: u32,
  size: u32,
  offset: u64,
  flags: u32,
  rip: u64,
  hasError: bool,
  error: u32,
  ext: u32,
  v86: bool,
): bool {
  const codeBase = descriptorBase();
  const codeLimit = descriptorLimit();
  // The accessed bit is set while the code descriptor is still the one last read.
  if (!setAccessed()) return false;
  const codeAccess = descriptorAccess();
  if (!readStackOfLevel(dpl, ext, false)) return false;
  if (!readInnerStack(tssSs, dpl, ext)) return false;
  const ssSelector = tssSs;
  const ssBase = descriptorBase();
  const ssLimit = descriptorLimit();
  const ssAccess = descriptorAccess() | 1;
  useStack(ssBase, ssLimit, ssAccess, tssSp, dpl, (ssSelector & 0xfffc) | ext);
  if (v86) {
    if (!pushNew(selectorOf(SEG_GS) as u64, size)) return false;
    if (!pushNew(selectorOf(SEG_FS) as u64, size)) return false;
    if (!pushNew(selectorOf(SEG_DS) as u64, size)) return false;
    if (!pushNew(selectorOf(SEG_ES) as u64, size)) return false;
  }
  if (!pushNew(selectorOf(SEG_SS) as u64, size)) return false;
  if (!pushNew(rsp(), size)) return false;
  if (!pushFrame(size, flags, rip, hasError, error)) return false;
  if (offset > (codeLimit as u64)) {
    raiseGp(ext);
    return false;
  }
  if (!readDescriptor(ssSelector, VECTOR_TS, ext) || !setAccessed()) return false;
  const sp = newSp;
  enterFlags((gateType & 1) == 0);
  setSegment(SEG_CS, (gateSelector & 0xfffc) | dpl, codeBase, codeLimit, codeAccess);
  setSegment(SEG_SS, (ssSelector & 0xfffc) | dpl, ssBase, ssLimit, ssAccess);
  if (v86) {
    loadNullSegment(SEG_GS, 0);
    loadNullSegment(SEG_FS, 0);
    loadNullSegment(SEG_DS, 0);
    loadNullSegment(SEG_ES, 0);
  }
  setCpl(dpl);
  updateCodeMode();
  setStackPointer(sp);
  store<u64>(RIP, offset);
  return true;
}

/** Reads and checks the descriptor of the stack segment of an inner level. */
export function readInnerStack(selector: u32, dpl: u32, ext: u32): bool {
  const error = (selector & 0xfffc) | ext;
  if ((selector & 0xfffc) == 0) {
    raiseError(VECTOR_TS, ext);
    return false;
  }
  if (!readDescriptor(selector, VECTOR_TS, ext)) return false;
  const access = descriptorAccess();
  if (
    (selector & 3) != dpl ||
    (access & AR_DPL) >>> 5 != dpl ||
    (access & (AR_S | 0xa)) != (AR_S | 2)
  ) {
    raiseError(VECTOR_TS, error);
    return false;
  }
  if ((access & AR_P) == 0) {
    raiseError(VECTOR_SS, error);
    return false;
  }
  return true;
}

/** Notes an external interrupt or NMI for delivery. */
export function raiseEvent(vector: u32, kind: u32): void {
  store<u32>(FAULT, 1);
  store<u32>(FAULT_VECTOR, vector);
  store<u32>(FAULT_KIND, kind);
  store<u32>(FAULT_ERROR, 0);
}
