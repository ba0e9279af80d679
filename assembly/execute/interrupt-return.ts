/** INT n, INT3, INTO, INT1, IRET. */

import { CR4_VME } from "../cpu/control-bits";
import {
  KIND_PRIVILEGED_SOFTWARE,
  KIND_SOFTWARE_EXCEPTION,
  KIND_SOFTWARE_INTERRUPT,
  raiseGp,
  raiseSoftware,
  VECTOR_BP,
  VECTOR_DB,
  VECTOR_OF,
} from "../cpu/fault";
import {
  FLAG_AC,
  FLAG_DF,
  FLAG_ID,
  FLAG_IF,
  FLAG_IOPL,
  FLAG_NT,
  FLAG_RF,
  FLAG_TF,
  FLAG_VIF,
  FLAG_VIP,
  FLAG_VM,
  FLAGS_ARITHMETIC,
  flagsRest,
  getFlags,
  overflowFlag,
} from "../cpu/flags";
import { deliver8086, redirectedByBitmap } from "../cpu/interrupt-8086";
import {
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
  SEG_TR,
  segmentLimit,
  setCpl,
  updateMode,
  writeFlags,
} from "../cpu/mode";
import { rsp, setRsp, setStackPointer } from "../cpu/registers";
import { nextRipOf } from "../cpu/run";
import {
  descriptorAccess,
  descriptorLimit,
  loadCodeSegment,
  loadRealSegment,
  selectorOf,
  setAccessed,
  setSegment,
} from "../cpu/segment";
import { peek, popped } from "../cpu/stack";
import { TASK_IRET, taskLink, taskSwitch } from "../cpu/task";
import { DONE, FAULTED, imm32Of, lengthOf, NEXT, SIZE_16, SIZE_32, sizeOf } from "../decode/record";
import {
  CPL,
  CR4,
  CTL_PIN,
  FAULT_LENGTH,
  INTERRUPTIBILITY,
  NMI_UNBLOCKED,
  RIP,
} from "../generated/state";
import { PIN_NMI_EXITING, PIN_VIRTUAL_NMIS } from "../generated/vmx";
import { SCRATCH } from "../layout";
import { isCanonical } from "../paging/walk";
import { isNonRoot } from "../vmx/vmcs";
import { checkReturnCode, returnOuter } from "./far-control";

export function int3(rec: u32): u32 {
  store<u32>(FAULT_LENGTH, lengthOf(rec));
  return raiseSoftware(VECTOR_BP, KIND_SOFTWARE_EXCEPTION);
}

export function int1(rec: u32): u32 {
  store<u32>(FAULT_LENGTH, lengthOf(rec));
  return raiseSoftware(VECTOR_DB, KIND_PRIVILEGED_SOFTWARE);
}

export function into(rec: u32): u32 {
  if (overflowFlag() == 0) return NEXT;
  store<u32>(FAULT_LENGTH, lengthOf(rec));
  return raiseSoftware(VECTOR_OF, KIND_SOFTWARE_EXCEPTION);
}

export function intIb(rec: u32): u32 {
  const vector = imm32Of(rec) & 0xff;
  if (isVirtual8086()) {
    const iopl = (flagsRest() >>> 12) & 3;
    if ((load<u64>(CR4) & CR4_VME) != 0) {
      const redirect = redirectedByBitmap(vector);
      if (redirect < 0) return FAULTED;
      if (redirect == 1) return deliver8086(vector, nextRipOf(rec)) ? DONE : FAULTED;
    }
    if (iopl < 3) return raiseGp(0);
  }
  store<u32>(FAULT_LENGTH, lengthOf(rec));
  return raiseSoftware(vector, KIND_SOFTWARE_INTERRUPT);
}

export function iret(rec: u32): u32 {
  // IRET ends the blocking of NMIs, even when it faults; not where the host blocks them.
  const pin = load<u32>(CTL_PIN);
  const ends = (pin & PIN_NMI_EXITING) == 0 || (pin & PIN_VIRTUAL_NMIS) != 0;
  if (ends && isNonRoot()) store<u32>(NMI_UNBLOCKED, load<u32>(INTERRUPTIBILITY) & 8);
  const status = returnFromInterrupt(rec);
  if (ends) store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) & ~8);
  if (status != FAULTED) store<u32>(NMI_UNBLOCKED, 0);
  return status;
}

function returnFromInterrupt(rec: u32): u32 {
  const size = sizeOf(rec);
  if (!isProtectedMode()) return returnReal(size);
  if (isVirtual8086()) return returnVirtual(size);
  if ((flagsRest() & FLAG_NT) != 0) {
    if (isLongMode()) return raiseGp(0);
    return returnTask(rec);
  }
  return returnProtected(size);
}

// The frame that IRET pops.
let frameRip: u64 = 0;
let frameCs: u32 = 0;
let frameFlags: u32 = 0;

function readFrame(size: u32): bool {
  if (peek(0, size) != NEXT) return false;
  frameRip = popped;
  if (peek(1 << size, size) != NEXT) return false;
  frameCs = (popped as u32) & 0xffff;
  if (peek(2 << size, size) != NEXT) return false;
  frameFlags = popped as u32;
  return true;
}

/** Bits that an IRET of operand size `size` loads without regard to privilege. */
function plainFlags(size: u32): u32 {
  const base = FLAGS_ARITHMETIC | FLAG_TF | FLAG_DF | FLAG_NT;
  return size == SIZE_16 ? base : base | FLAG_RF | FLAG_AC | FLAG_ID;
}

function returnReal(size: u32): u32 {
  if (!readFrame(size)) return FAULTED;
  if (frameRip > (segmentLimit(SEG_CS) as u64)) return raiseGp(0);
  setStackPointer(rsp() + ((3 << size) as u64));
  loadRealSegment(SEG_CS, frameCs);
  store<u64>(RIP, frameRip);
  writeFlags(frameFlags, plainFlags(size) | FLAG_IF | FLAG_IOPL);
  return DONE;
}

function returnVirtual(size: u32): u32 {
  const iopl = (flagsRest() >>> 12) & 3;
  const vme = iopl < 3;
  if (vme && (size != SIZE_16 || (load<u64>(CR4) & CR4_VME) == 0)) return raiseGp(0);
  if (!readFrame(size)) return FAULTED;
  if (frameRip > (segmentLimit(SEG_CS) as u64)) return raiseGp(0);
  if (vme) {
    const wantsIf = (frameFlags & FLAG_IF) != 0;
    if ((wantsIf && (flagsRest() & FLAG_VIP) != 0) || (frameFlags & FLAG_TF) != 0) {
      return raiseGp(0);
    }
    setStackPointer(rsp() + 6);
    loadRealSegment(SEG_CS, frameCs);
    store<u64>(RIP, frameRip);
    writeFlags((frameFlags & ~FLAG_VIF) | (wantsIf ? FLAG_VIF : 0), plainFlags(size) | FLAG_VIF);
    return DONE;
  }
  setStackPointer(rsp() + ((3 << size) as u64));
  loadRealSegment(SEG_CS, frameCs);
  store<u64>(RIP, frameRip);
  writeFlags(frameFlags, plainFlags(size) | FLAG_IF);
  return DONE;
}

/** Return to the task that the link field of the TSS names. */
function returnTask(rec: u32): u32 {
  const link = taskLink();
  if (link < 0) return FAULTED;
  const selector = link as u32;
  store<u32>(FAULT_LENGTH, lengthOf(rec));
  if (!taskSwitch(selector, TASK_IRET, false, 0, 0, getFlags(), nextRipOf(rec))) {
    return selectorOf(SEG_TR) == (selector & 0xfffc) ? DONE : FAULTED;
  }
  return DONE;
}

/** Bits that IRET loads at privilege level `cpl`. */
function returnFlags(size: u32, cpl: u32): u32 {
  let mask = plainFlags(size);
  if (cpl == 0) {
    mask |= FLAG_IOPL;
    if (size != SIZE_16) mask |= FLAG_VIF | FLAG_VIP;
  }
  if (cpl <= ((flagsRest() >>> 12) & 3)) mask |= FLAG_IF;
  return mask;
}

function returnProtected(size: u32): u32 {
  if (!readFrame(size)) return FAULTED;
  const cpl = load<u32>(CPL);
  if ((frameFlags & FLAG_VM) != 0 && cpl == 0 && size == SIZE_32 && !isLongMode()) {
    return returnToVirtual();
  }
  const rip = frameRip;
  const cs = frameCs;
  const flags = frameFlags;
  if (checkReturnCode(cs) != NEXT) return FAULTED;
  const mask = returnFlags(size, cpl);
  // 64-bit code always pops SS and RSP.
  if ((cs & 3) == cpl && !is64BitCode()) {
    const access = descriptorAccess();
    const toLong = isLongMode() && (access & 0x2000) != 0;
    if (toLong ? !isCanonical(rip) : rip > (descriptorLimit() as u64)) return raiseGp(0);
    if (!setAccessed()) return FAULTED;
    setStackPointer(rsp() + ((3 << size) as u64));
    loadCodeSegment(cs, cpl);
    store<u64>(RIP, rip);
    writeFlags(flags, mask);
    return DONE;
  }
  if (returnOuter(cs, rip, size, 0, 3, true) != DONE) return FAULTED;
  writeFlags(flags, mask);
  return DONE;
}

/** Return to virtual-8086 mode: nine operands on the stack. */
function returnToVirtual(): u32 {
  const rip = frameRip;
  const cs = frameCs;
  const flags = frameFlags;
  for (let i: u32 = 3; i < 9; i++) {
    if (peek(i << 2, SIZE_32) != NEXT) return FAULTED;
    store<u32>(VIRTUAL_FRAME + (i << 2), popped as u32);
  }
  const all = plainFlags(SIZE_32) | FLAG_IF | FLAG_IOPL | FLAG_VM | FLAG_VIF | FLAG_VIP;
  writeFlags(flags, all);
  setRsp(load<u32>(VIRTUAL_FRAME + 12) as u64);
  loadVirtual(SEG_CS, cs);
  loadVirtual(SEG_SS, load<u32>(VIRTUAL_FRAME + 16));
  loadVirtual(SEG_ES, load<u32>(VIRTUAL_FRAME + 20));
  loadVirtual(SEG_DS, load<u32>(VIRTUAL_FRAME + 24));
  loadVirtual(SEG_FS, load<u32>(VIRTUAL_FRAME + 28));
  loadVirtual(SEG_GS, load<u32>(VIRTUAL_FRAME + 32));
  setCpl(3);
  updateMode();
  store<u64>(RIP, rip & 0xffff);
  return DONE;
}

const VIRTUAL_FRAME: u32 = SCRATCH;

function loadVirtual(segment: u32, selector: u32): void {
  const value = selector & 0xffff;
  setSegment(segment, value, (value << 4) as u64, 0xffff, 0xf3);
}
