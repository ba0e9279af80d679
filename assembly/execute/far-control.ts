/** Far JMP and CALL through code segments, call gates, task gates and TSSs; far RET. */
import { raiseError, raiseGp, raiseNp, VECTOR_GP, VECTOR_NP, VECTOR_SS } from "../cpu/fault";
import { getFlags } from "../cpu/flags";
import { readInnerStack } from "../cpu/interrupt";
import {
  AR_DB,
  AR_DPL,
  AR_L,
  AR_P,
  AR_S,
  AR_UNUSABLE,
  isLongMode,
  isProtectedMode,
  isVirtual8086,
  SEG_CS,
  SEG_DS,
  SEG_ES,
  SEG_FS,
  SEG_GS,
  SEG_SS,
  segmentAccess,
  segmentLimit,
  setCpl,
  updateCodeMode,
} from "../cpu/mode";
import { rsp, setRsp, setStackPointer } from "../cpu/registers";
import { nextRipOf } from "../cpu/run";
import {
  descriptorAccess,
  descriptorBase,
  descriptorHi,
  descriptorLimit,
  descriptorLo,
  descriptorTop,
  loadCodeSegment,
  loadRealSegment,
  readDescriptor,
  readDescriptorTop,
  selectorOf,
  setAccessed,
  setSegment,
} from "../cpu/segment";
import {
  newSp,
  newStackFits,
  peek,
  popped,
  pushNew,
  useCurrentStack,
  useLongStack,
  useStack,
} from "../cpu/stack";
import { TASK_CALL, TASK_JUMP, taskSwitch } from "../cpu/task";
import { readStackOfLevel, tssSp, tssSs } from "../cpu/tss";
import {
  DONE,
  FAULTED,
  imm32Of,
  immOf,
  lengthOf,
  NEXT,
  SIZE_16,
  SIZE_32,
  SIZE_64,
  sizeOf,
} from "../decode/record";
import { CPL, FAULT_LENGTH, RIP, SEG_ACCESS, SEG_SELECTOR, STACK_MASK } from "../generated/state";
import { isCanonical } from "../paging/walk";
import { farOffset, farSelector, readFarOperand } from "./operand";

/** Offset and selector of the far pointer operand. */
let targetOffset: u64 = 0;
let targetSelector: u32 = 0;

/** Reads a far pointer from memory. */
function readFarPointer(rec: u32): bool {
  if (!readFarOperand(rec, sizeOf(rec))) return false;
  targetOffset = farOffset;
  targetSelector = farSelector;
  return true;
}

/** Takes the far pointer out of the instruction. */
function takeFarPointer(rec: u32): void {
  const value = immOf(rec) as u64;
  targetOffset = sizeOf(rec) == SIZE_16 ? value & 0xffff : value & 0xffffffff;
  targetSelector = (value >> 32) as u32;
}

export function jmpAp(rec: u32): u32 {
  takeFarPointer(rec);
  return jumpFar(rec);
}

export function jmpMp(rec: u32): u32 {
  return readFarPointer(rec) ? jumpFar(rec) : FAULTED;
}

export function callAp(rec: u32): u32 {
  takeFarPointer(rec);
  return callFar(rec);
}

export function callMp(rec: u32): u32 {
  return readFarPointer(rec) ? callFar(rec) : FAULTED;
}

/** Far transfer in real-address and virtual-8086 mode. */
function transferReal(): u32 {
  if (targetOffset > (segmentLimit(SEG_CS) as u64)) return raiseGp(0);
  loadRealSegment(SEG_CS, targetSelector);
  store<u64>(RIP, targetOffset);
  return DONE;
}

/** Checks a code descriptor that a far JMP or CALL names directly. */
function checkDirectCode(access: u32): u32 {
  const error = targetSelector & 0xfffc;
  const cpl = load<u32>(CPL);
  const dpl = (access & AR_DPL) >>> 5;
  if (isLongMode() && (access & (AR_L | AR_DB)) == (AR_L | AR_DB)) return raiseGp(error);
  if ((access & 4) != 0) {
    if (dpl > cpl) return raiseGp(error);
  } else if ((targetSelector & 3) > cpl || dpl != cpl) {
    return raiseGp(error);
  }
  if ((access & AR_P) == 0) return raiseNp(error);
  return NEXT;
}

/** Checks the offset against the code segment of the descriptor last read. */
function checkOffset(offset: u64, access: u32): u32 {
  if (isLongMode() && (access & AR_L) != 0) {
    return isCanonical(offset) ? NEXT : raiseGp(0);
  }
  return offset <= (descriptorLimit() as u64) ? NEXT : raiseGp(0);
}

function jumpFar(rec: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) return transferReal();
  if ((targetSelector & 0xfffc) == 0) return raiseGp(0);
  if (!readDescriptor(targetSelector, VECTOR_GP, 0)) return FAULTED;
  const access = descriptorAccess();
  if ((access & AR_S) == 0) return transferToSystem(rec, access, TASK_JUMP);
  if ((access & 8) == 0) return raiseGp(targetSelector & 0xfffc);
  if (checkDirectCode(access) != NEXT) return FAULTED;
  if (checkOffset(targetOffset, access) != NEXT) return FAULTED;
  if (!setAccessed()) return FAULTED;
  loadCodeSegment(targetSelector, load<u32>(CPL));
  store<u64>(RIP, targetOffset);
  return DONE;
}

/** Checks the privilege of a gate or TSS descriptor that the selector names. */
function checkSystemPrivilege(access: u32): u32 {
  const error = targetSelector & 0xfffc;
  const dpl = (access & AR_DPL) >>> 5;
  if (dpl < load<u32>(CPL) || dpl < (targetSelector & 3)) return raiseGp(error);
  return NEXT;
}

/** JMP or CALL (`how`) to a call gate, a task gate or a TSS. */
function transferToSystem(rec: u32, access: u32, how: u32): u32 {
  const type = access & 15;
  const error = targetSelector & 0xfffc;
  if (type == 4 || type == 12) {
    if (isLongMode() && type == 4) return raiseGp(error);
    if (checkSystemPrivilege(access) != NEXT) return FAULTED;
    if ((access & AR_P) == 0) return raiseNp(error);
    return how == TASK_JUMP ? jumpGate(type == 12) : callGate(rec, type == 12);
  }
  if (isLongMode()) return raiseGp(error);
  return switchTask(rec, type, access, how);
}

/** Task switch by JMP or CALL through a TSS descriptor or a task gate. */
function switchTask(rec: u32, type: u32, access: u32, source: u32): u32 {
  const error = targetSelector & 0xfffc;
  let selector = targetSelector;
  if (type != 1 && type != 9 && type != 5) return raiseGp(error);
  if (checkSystemPrivilege(access) != NEXT) return FAULTED;
  if ((access & AR_P) == 0) return raiseNp(error);
  if (type == 5) selector = descriptorLo >>> 16;
  store<u32>(FAULT_LENGTH, lengthOf(rec));
  if (!taskSwitch(selector, source, false, 0, 0, getFlags(), nextRipOf(rec))) {
    // An exception in the new task belongs to the new RIP.
    return selectorOf(7) == (selector & 0xfffc) ? DONE : FAULTED;
  }
  return DONE;
}

// What a call gate says.
let gateSelector: u32 = 0;
let gateOffset: u64 = 0;
let gateParameters: u32 = 0;

/** Reads the call gate last read as a descriptor, and then its code descriptor. */
function readCallGate(wide: bool): bool {
  const error = targetSelector & 0xfffc;
  gateSelector = descriptorLo >>> 16;
  gateOffset = (descriptorLo & 0xffff) as u64;
  if (wide) gateOffset |= (descriptorHi & 0xffff0000) as u64;
  gateParameters = descriptorHi & 31;
  if (isLongMode()) {
    if (!readDescriptorTop(targetSelector, VECTOR_GP, 0)) return false;
    gateOffset |= (descriptorTop as u64) << 32;
  }
  if ((gateSelector & 0xfffc) == 0) {
    raiseGp(0);
    return false;
  }
  if (!readDescriptor(gateSelector, VECTOR_GP, 0)) return false;
  const access = descriptorAccess();
  const codeError = gateSelector & 0xfffc;
  if (
    (access & (AR_S | 8)) != (AR_S | 8) ||
    (access & AR_DPL) >>> 5 > load<u32>(CPL) ||
    (isLongMode() && (access & (AR_L | AR_DB)) != AR_L)
  ) {
    raiseGp(codeError);
    return false;
  }
  if ((access & AR_P) == 0) {
    raiseNp(codeError);
    return false;
  }
  return error >= 0;
}

function jumpGate(wide: bool): u32 {
  if (!readCallGate(wide)) return FAULTED;
  const access = descriptorAccess();
  const cpl = load<u32>(CPL);
  // A jump never changes the privilege level.
  if ((access & 4) == 0 && (access & AR_DPL) >>> 5 != cpl) {
    return raiseGp(gateSelector & 0xfffc);
  }
  if (checkOffset(gateOffset, access) != NEXT) return FAULTED;
  if (!setAccessed()) return FAULTED;
  loadCodeSegment(gateSelector, cpl);
  store<u64>(RIP, gateOffset);
  return DONE;
}

/** Pushes CS and the return address on the stack that has been chosen. */
function pushReturn(rec: u32, size: u32): bool {
  if (!pushNew(selectorOf(SEG_CS) as u64, size)) return false;
  return pushNew(nextRipOf(rec), size);
}

function callFar(rec: u32): u32 {
  const size = sizeOf(rec);
  if (!isProtectedMode() || isVirtual8086()) {
    useCurrentStack(0);
    if (targetOffset > (segmentLimit(SEG_CS) as u64)) return raiseGp(0);
    if (!pushReturn(rec, size)) return FAULTED;
    setStackPointer(newSp);
    return transferReal();
  }
  if ((targetSelector & 0xfffc) == 0) return raiseGp(0);
  if (!readDescriptor(targetSelector, VECTOR_GP, 0)) return FAULTED;
  const access = descriptorAccess();
  if ((access & AR_S) == 0) return transferToSystem(rec, access, TASK_CALL);
  if ((access & 8) == 0) return raiseGp(targetSelector & 0xfffc);
  if (checkDirectCode(access) != NEXT) return FAULTED;
  useCurrentStack(0);
  if (!pushReturn(rec, size)) return FAULTED;
  if (checkOffset(targetOffset, access) != NEXT) return FAULTED;
  if (!setAccessed()) return FAULTED;
  setStackPointer(newSp);
  loadCodeSegment(targetSelector, load<u32>(CPL));
  store<u64>(RIP, targetOffset);
  return DONE;
}

function callGate(rec: u32, wide: bool): u32 {
  if (!readCallGate(wide)) return FAULTED;
  const access = descriptorAccess();
  const cpl = load<u32>(CPL);
  const dpl = (access & AR_DPL) >>> 5;
  const long = isLongMode();
  const size = long ? SIZE_64 : wide ? SIZE_32 : SIZE_16;
  if ((access & 4) == 0 && dpl < cpl) return callInner(rec, dpl, size);
  if (long) useLongStack(rsp(), cpl, 0);
  else useCurrentStack(0);
  if (!pushReturn(rec, size)) return FAULTED;
  if (checkOffset(gateOffset, access) != NEXT) return FAULTED;
  if (!setAccessed()) return FAULTED;
  if (long) setRsp(newSp);
  else setStackPointer(newSp);
  loadCodeSegment(gateSelector, cpl);
  store<u64>(RIP, gateOffset);
  return DONE;
}

/** A call gate to an inner level: the parameters move to the stack of that level. */
function callInner(rec: u32, dpl: u32, size: u32): u32 {
  const long = size == SIZE_64;
  const codeAccess = descriptorAccess();
  const codeBase = descriptorBase();
  const codeLimit = descriptorLimit();
  if (!readStackOfLevel(dpl, 0, long)) return FAULTED;
  let ssBase: u64 = 0;
  let ssLimit: u32 = 0;
  let ssAccess: u32 = 0;
  const ssSelector = long ? dpl : tssSs;
  if (long) {
    useLongStack(tssSp, dpl, 0);
  } else {
    if (!readInnerStack(ssSelector, dpl, 0)) return FAULTED;
    ssBase = descriptorBase();
    ssLimit = descriptorLimit();
    ssAccess = descriptorAccess() | 1;
    useStack(ssBase, ssLimit, ssAccess, tssSp, dpl, ssSelector & 0xfffc);
    const words = 4 + gateParameters;
    if (!newStackFits(words << size)) return FAULTED;
  }
  if (!pushNew(selectorOf(SEG_SS) as u64, size) || !pushNew(rsp(), size)) return FAULTED;
  if (!long) {
    for (let i = gateParameters; i > 0; i--) {
      if (peek((i - 1) << size, size) != NEXT) return FAULTED;
      if (!pushNew(popped, size)) return FAULTED;
    }
  }
  if (!pushReturn(rec, size)) return FAULTED;
  if (long ? !isCanonical(gateOffset) : gateOffset > (codeLimit as u64)) return raiseGp(0);
  const sp = newSp;
  if (!long && (!readDescriptor(ssSelector, VECTOR_GP, 0) || !setAccessed())) return FAULTED;
  if (!readDescriptor(gateSelector, VECTOR_GP, 0) || !setAccessed()) return FAULTED;
  setSegment(SEG_CS, (gateSelector & 0xfffc) | dpl, codeBase, codeLimit, codeAccess | 1);
  if (long) setSegment(SEG_SS, dpl, 0, 0, 0x10000 | (dpl << 5));
  else setSegment(SEG_SS, (ssSelector & 0xfffc) | dpl, ssBase, ssLimit, ssAccess);
  setCpl(dpl);
  updateCodeMode();
  if (long) setRsp(sp);
  else setStackPointer(sp);
  store<u64>(RIP, gateOffset);
  return DONE;
}

/** Far RET, with and without release of parameters. */
export function retFar(rec: u32): u32 {
  const size = sizeOf(rec);
  const release = imm32Of(rec) & 0xffff;
  const bytes: u32 = 1 << size;
  if (peek(bytes, size) != NEXT) return FAULTED;
  const selector = (popped as u32) & 0xffff;
  if (peek(0, size) != NEXT) return FAULTED;
  const rip = popped;
  if (!isProtectedMode() || isVirtual8086()) {
    if (rip > (segmentLimit(SEG_CS) as u64)) return raiseGp(0);
    setStackPointer(rsp() + ((bytes * 2 + release) as u64));
    loadRealSegment(SEG_CS, selector);
    store<u64>(RIP, rip);
    return DONE;
  }
  if (checkReturnCode(selector) != NEXT) return FAULTED;
  if ((selector & 3) == load<u32>(CPL)) {
    if (checkOffset(rip, descriptorAccess()) != NEXT) return FAULTED;
    if (!setAccessed()) return FAULTED;
    setStackPointer(rsp() + ((bytes * 2 + release) as u64));
    loadCodeSegment(selector, selector & 3);
    store<u64>(RIP, rip);
    return DONE;
  }
  return returnOuter(selector, rip, size, release, 2, true);
}

/** Checks the code segment that a far RET or IRET returns to; it stays the descriptor last read. */
export function checkReturnCode(selector: u32): u32 {
  const error = selector & 0xfffc;
  const cpl = load<u32>(CPL);
  const rpl = selector & 3;
  if (error == 0) return raiseGp(0);
  if (!readDescriptor(selector, VECTOR_GP, 0)) return FAULTED;
  const access = descriptorAccess();
  const dpl = (access & AR_DPL) >>> 5;
  if ((access & (AR_S | 8)) != (AR_S | 8) || rpl < cpl) return raiseGp(error);
  if (isLongMode() && (access & (AR_L | AR_DB)) == (AR_L | AR_DB)) return raiseGp(error);
  if ((access & 4) != 0 ? dpl > rpl : dpl != rpl) return raiseGp(error);
  if ((access & AR_P) == 0) return raiseError(VECTOR_NP, error);
  return NEXT;
}

/**
 * Returns to an outer level (or, in 64-bit mode by IRET, to any): SS and RSP lie `depth` operands
 * above the top of the stack. The code descriptor is the one last read. `release` bytes are dropped
 * from both stacks.
 */
export function returnOuter(
  selector: u32,
  rip: u64,
  size: u32,
  release: u32,
  depth: u32,
  nullSegments: bool,
): u32 {
  const rpl = selector & 3;
  const codeAccess = descriptorAccess();
  const codeBase = descriptorBase();
  const codeLimit = descriptorLimit();
  if (peek((depth << size) + release, size) != NEXT) return FAULTED;
  const newRsp = popped;
  if (peek(((depth + 1) << size) + release, size) != NEXT) return FAULTED;
  const ss = (popped as u32) & 0xffff;
  const toLong = isLongMode() && (codeAccess & AR_L) != 0;
  let ssUsable = true;
  if ((ss & 0xfffc) == 0) {
    // A null SS is allowed for 64-bit code outside level 3.
    if (!toLong || rpl == 3 || (ss & 3) != rpl) return raiseGp(0);
    ssUsable = false;
  } else {
    const error = ss & 0xfffc;
    if (!readDescriptor(ss, VECTOR_GP, 0)) return FAULTED;
    const access = descriptorAccess();
    if (
      (ss & 3) != rpl ||
      (access & (AR_S | 0xa)) != (AR_S | 2) ||
      (access & AR_DPL) >>> 5 != rpl
    ) {
      return raiseGp(error);
    }
    if ((access & AR_P) == 0) return raiseError(VECTOR_SS, error);
    if (!setAccessed()) return FAULTED;
  }
  const ssBase = descriptorBase();
  const ssLimit = descriptorLimit();
  const ssAccess = descriptorAccess();
  if (toLong ? !isCanonical(rip) : rip > (codeLimit as u64)) return raiseGp(0);
  if (!readDescriptor(selector, VECTOR_GP, 0) || !setAccessed()) return FAULTED;
  setSegment(SEG_CS, selector, codeBase, codeLimit, codeAccess | 1);
  if (ssUsable) setSegment(SEG_SS, ss, ssBase, ssLimit, ssAccess);
  else setSegment(SEG_SS, ss, 0, 0, 0x10000 | (rpl << 5));
  const outer = rpl > load<u32>(CPL);
  setCpl(rpl);
  updateCodeMode();
  const sp = newRsp + (release as u64);
  if (toLong) setRsp(sp);
  else if (load<u64>(STACK_MASK) == 0xffff && size == SIZE_32) {
    // The upper half of ESP is loaded although only SP is used.
    setRsp((newRsp & 0xffff0000) | (sp & 0xffff));
  } else setStackPointer(sp);
  if (outer && nullSegments) dropInnerSegments();
  store<u64>(RIP, rip);
  return DONE;
}

/** Makes data segments that are more privileged than the current level unusable. */
export function dropInnerSegments(): void {
  dropInnerSegment(SEG_ES);
  dropInnerSegment(SEG_DS);
  dropInnerSegment(SEG_FS);
  dropInnerSegment(SEG_GS);
  updateCodeMode();
}

function dropInnerSegment(segment: u32): void {
  const access = segmentAccess(segment);
  // A null segment keeps its base, which 64-bit code may have set; conforming code stays.
  if ((access & 0x10000) != 0 || (access & 0xc) == 0xc) return;
  if ((access & AR_DPL) >>> 5 >= load<u32>(CPL)) return;
  // The register becomes invalid; its base stays as it is.
  store<u32>(SEG_SELECTOR + (segment << 2), 0);
  store<u32>(SEG_ACCESS + (segment << 2), access | AR_UNUSABLE);
}
