/** Task switches (SDM "Task Switching"). */
import { SIZE_16, SIZE_32 } from "../decode/record";
import { FLUSH_TASK_SWITCH } from "../generated/flush-operations";
import {
  CR0,
  DR,
  EXIT_LENGTH,
  FAULT_LENGTH,
  GPR,
  PENDING_DEBUG,
  RIP,
  SEG_ACCESS,
  SEG_SELECTOR,
} from "../generated/state";
import { REASON_TASK_SWITCH } from "../generated/vmx";
import { SCRATCH } from "../layout";
import { probeRange, readSystemBlock, writeSystemBlock } from "../memory/system-block";
import { ACCESS_IMPLICIT, ACCESS_WRITE } from "../paging/walk";
import { noteExit } from "../vmx/pending";
import { isNonRoot } from "../vmx/vmcs";
import { CR0_TS } from "./control-bits";
import { writeCr3 } from "./control-registers";
import {
  raiseError,
  raiseGp,
  raiseNp,
  raiseTs,
  VECTOR_GP,
  VECTOR_NP,
  VECTOR_SS,
  VECTOR_TS,
} from "./fault";
import { FLAG_NT, FLAGS_ARITHMETIC } from "./flags";
import {
  AR_DPL,
  AR_P,
  AR_S,
  AR_UNUSABLE,
  isPaging,
  isVirtual8086,
  SEG_CS,
  SEG_DS,
  SEG_ES,
  SEG_FS,
  SEG_GS,
  SEG_LDTR,
  SEG_SS,
  SEG_TR,
  segmentBase,
  segmentLimit,
  setCpl,
  updateCodeMode,
  updateMode,
  updateSlowMode,
  writeFlags,
} from "./mode";
import { setStackPointer } from "./registers";
import {
  descriptorAccess,
  descriptorBase,
  descriptorLimit,
  readDescriptor,
  selectorOf,
  setAccessed,
  setSegment,
  updateDescriptor,
} from "./segment";
import { newSp, pushNew, useCurrentStack } from "./stack";

export const TASK_CALL: u32 = 0;
export const TASK_IRET: u32 = 1;
export const TASK_JUMP: u32 = 2;
export const TASK_INTERRUPT: u32 = 3;

const DESCRIPTOR_BUSY: u32 = 0x200;
const TSS_BYTES_32: u32 = 104;
const TSS_BYTES_16: u32 = 44;
const OLD: u32 = SCRATCH;
const NEW: u32 = SCRATCH + 128;
/** All flags that a TSS holds. */
const FLAGS_OF_TSS: u32 = 0x3f7fd5;

/** Raises the exception that a bad TSS selector gives: #TS for IRET, #GP otherwise. */
function badSelector(source: u32, error: u32): bool {
  if (source == TASK_IRET) raiseTs(error);
  else raiseGp(error);
  return false;
}

/** Reads and checks the descriptor of the new TSS; it stays the one last read. */
function readTss(selector: u32, source: u32, ext: u32): bool {
  const error = (selector & 0xfffc) | ext;
  if ((selector & 4) != 0 || (selector & 0xfffc) == 0) return badSelector(source, error);
  if (!readDescriptor(selector, source == TASK_IRET ? VECTOR_TS : VECTOR_GP, ext)) return false;
  const type = descriptorAccess() & 0x1f;
  const busy: u32 = source == TASK_IRET ? 2 : 0;
  if (type != (1 | busy) && type != (9 | busy)) return badSelector(source, error);
  if ((descriptorAccess() & AR_P) == 0) {
    raiseNp(error);
    return false;
  }
  const needed = (type & 8) != 0 ? TSS_BYTES_32 : TSS_BYTES_16;
  if (descriptorLimit() + 1 < needed && descriptorLimit() != 0xffffffff) {
    raiseTs(error);
    return false;
  }
  return true;
}

/**
 * Switches to the task of `selector`. `rip` and `flags` are what the old task is to go on with.
 * Returns false with an exception raised: in the old task when its state is still in the registers,
 * in the new task otherwise.
 */
export function taskSwitch(
  selector: u32,
  source: u32,
  hasError: bool,
  error: u32,
  ext: u32,
  flags: u32,
  rip: u64,
): bool {
  if (!readTss(selector, source, ext)) return false;
  if (isNonRoot()) {
    noteExit(REASON_TASK_SWITCH, ((selector & 0xffff) | (source << 30)) as u64);
    if (source != TASK_INTERRUPT) store<u32>(EXIT_LENGTH, load<u32>(FAULT_LENGTH));
    return false;
  }
  const newBase = descriptorBase();
  const newLimit = descriptorLimit();
  const newWide = (descriptorAccess() & 8) != 0;
  const oldBase = segmentBase(SEG_TR);
  const oldSelector = selectorOf(SEG_TR);
  const oldWide = (load<u32>(SEG_ACCESS + (SEG_TR << 2)) & 8) != 0;
  const newBytes = newWide ? TSS_BYTES_32 : TSS_BYTES_16;
  const oldBytes = oldWide ? 96 : 42;
  if (!probeRange(oldBase, oldBytes, ACCESS_IMPLICIT | ACCESS_WRITE)) return false;
  if (!probeRange(newBase, newBytes, ACCESS_IMPLICIT)) return false;
  if (!readSystemBlock(newBase, newBytes, NEW)) return false;
  if (source == TASK_JUMP || source == TASK_IRET) {
    if (!setBusy(oldSelector, false)) return false;
  }
  const saved = source == TASK_IRET ? flags & ~FLAG_NT : flags;
  if (!saveTask(oldBase, oldWide, saved, rip)) return false;
  const nested = source == TASK_CALL || source == TASK_INTERRUPT;
  if (nested) {
    store<u16>(OLD, oldSelector as u16);
    if (!writeSystemBlock(newBase, 2, OLD)) return false;
  }
  if (source != TASK_IRET && !setBusy(selector, true)) return false;
  // From here on everything belongs to the new task.
  setSegment(SEG_TR, selector & 0xfffc, newBase, newLimit, newWide ? 0x8b : 0x83);
  store<u64>(CR0, load<u64>(CR0) | CR0_TS);
  store<u64>(DR + 56, load<u64>(DR + 56) & ~0x55);
  updateSlowMode();
  return loadTask(newWide, nested, hasError, error, ext);
}

function setBusy(selector: u32, busy: bool): bool {
  if (!readDescriptor(selector, VECTOR_TS, 0)) return false;
  return updateDescriptor(busy ? DESCRIPTOR_BUSY : 0, busy ? 0 : DESCRIPTOR_BUSY);
}

/** Writes the registers of the old task into its TSS. */
function saveTask(base: u64, wide: bool, flags: u32, rip: u64): bool {
  if (wide) {
    store<u32>(OLD, rip as u32);
    store<u32>(OLD + 4, flags);
    for (let i: u32 = 0; i < 8; i++) {
      store<u32>(OLD + 8 + i * 4, load<u32>(i << 3, GPR));
    }
    for (let i: u32 = 0; i < 6; i++) {
      // The upper half of each selector slot keeps what it holds.
      if (!readSystemBlock(base + ((72 + i * 4) as u64), 4, OLD + 40 + i * 4)) return false;
      store<u16>(OLD + 40 + i * 4, load<u32>(SEG_SELECTOR + (i << 2)) as u16);
    }
    return writeSystemBlock(base + 32, 64, OLD);
  }
  store<u16>(OLD, rip as u16);
  store<u16>(OLD + 2, flags as u16);
  for (let i: u32 = 0; i < 8; i++) store<u16>(OLD + 4 + i * 2, load<u16>(i << 3, GPR));
  for (let i: u32 = 0; i < 4; i++) {
    store<u16>(OLD + 20 + i * 2, load<u32>(SEG_SELECTOR + (i << 2)) as u16);
  }
  return writeSystemBlock(base + 14, 28, OLD);
}

/** Loads the registers of the new task from its TSS image at NEW. */
function loadTask(wide: bool, nested: bool, hasError: bool, error: u32, ext: u32): bool {
  let flags: u32;
  if (wide) {
    if (isPaging()) writeCr3(load<u32>(NEW + 28) as u64, false, FLUSH_TASK_SWITCH);
    store<u64>(RIP, load<u32>(NEW + 32) as u64);
    flags = load<u32>(NEW + 36);
    for (let i: u32 = 0; i < 8; i++) {
      store<u64>(i << 3, load<u32>(NEW + 40 + i * 4) as u64, GPR);
    }
  } else {
    store<u64>(RIP, load<u16>(NEW + 14) as u64);
    flags = load<u16>(NEW + 16) as u32;
    for (let i: u32 = 0; i < 8; i++) {
      store<u64>(i << 3, (load<u16>(NEW + 18 + i * 2) as u64) | 0xffff0000, GPR);
    }
  }
  if (nested) flags |= FLAG_NT;
  const first: u32 = wide ? 72 : 34;
  const step: u32 = wide ? 4 : 2;
  const ldt = load<u16>(NEW + (wide ? 96 : 42)) as u32;
  writeFlags(flags, (FLAGS_OF_TSS & (wide ? 0xffffffff : 0xffff)) | FLAGS_ARITHMETIC);
  // All selectors are in the registers before any of them is checked.
  for (let i: u32 = 0; i < 6; i++) {
    const selector = !wide && i >= 4 ? 0 : (load<u16>(NEW + first + i * step) as u32);
    store<u32>(SEG_SELECTOR + (i << 2), selector);
    store<u32>(SEG_ACCESS + (i << 2), AR_UNUSABLE);
  }
  setSegment(SEG_LDTR, ldt, 0, 0, AR_UNUSABLE | 0x82);
  if (!loadTaskLdt(ldt, ext)) return false;
  if (isVirtual8086()) {
    for (let i: u32 = 0; i < 6; i++) {
      const selector = selectorOf(i);
      setSegment(i, selector, (selector << 4) as u64, 0xffff, 0xf3);
    }
    setCpl(3);
    updateMode();
  } else if (!loadTaskSegments(ext)) {
    updateMode();
    return false;
  }
  updateMode();
  if (wide && (load<u8>(NEW + 100) & 1) != 0) {
    store<u32>(PENDING_DEBUG, load<u32>(PENDING_DEBUG) | 0x8000);
  }
  if (hasError) {
    useCurrentStack(ext);
    if (!pushNew(error as u64, wide ? SIZE_32 : SIZE_16)) return false;
    setStackPointer(newSp);
  }
  if (load<u64>(RIP) > (segmentLimit(SEG_CS) as u64)) {
    raiseGp(ext);
    return false;
  }
  return true;
}

function taskFault(vector: u32, selector: u32, ext: u32): bool {
  raiseError(vector, (selector & 0xfffc) | ext);
  return false;
}

function loadTaskLdt(selector: u32, ext: u32): bool {
  if ((selector & 0xfffc) == 0) return true;
  if ((selector & 4) != 0) return taskFault(VECTOR_TS, selector, ext);
  if (!readDescriptor(selector, VECTOR_TS, ext)) return false;
  const access = descriptorAccess();
  if ((access & 0x1f) != 2 || (access & AR_P) == 0) return taskFault(VECTOR_TS, selector, ext);
  setSegment(SEG_LDTR, selector, descriptorBase(), descriptorLimit(), access);
  return true;
}

/** CS first, which gives the privilege level, then SS and the data segments. */
function loadTaskSegments(ext: u32): bool {
  const cs = selectorOf(SEG_CS);
  const cpl = cs & 3;
  setCpl(cpl);
  if ((cs & 0xfffc) == 0) return taskFault(VECTOR_TS, 0, ext);
  if (!readDescriptor(cs, VECTOR_TS, ext)) return false;
  let access = descriptorAccess();
  let dpl = (access & AR_DPL) >>> 5;
  if ((access & (AR_S | 8)) != (AR_S | 8)) return taskFault(VECTOR_TS, cs, ext);
  if ((access & 4) != 0 ? dpl > cpl : dpl != cpl) return taskFault(VECTOR_TS, cs, ext);
  if ((access & AR_P) == 0) return taskFault(VECTOR_NP, cs, ext);
  if (!setAccessed()) return false;
  setSegment(SEG_CS, cs, descriptorBase(), descriptorLimit(), descriptorAccess());

  const ss = selectorOf(SEG_SS);
  if ((ss & 0xfffc) == 0) return taskFault(VECTOR_TS, 0, ext);
  if (!readDescriptor(ss, VECTOR_TS, ext)) return false;
  access = descriptorAccess();
  dpl = (access & AR_DPL) >>> 5;
  if ((access & (AR_S | 0xa)) != (AR_S | 2) || dpl != cpl || (ss & 3) != cpl) {
    return taskFault(VECTOR_TS, ss, ext);
  }
  if ((access & AR_P) == 0) return taskFault(VECTOR_SS, ss, ext);
  if (!setAccessed()) return false;
  setSegment(SEG_SS, ss, descriptorBase(), descriptorLimit(), descriptorAccess());
  updateCodeMode();
  return (
    loadTaskData(SEG_DS, cpl, ext) &&
    loadTaskData(SEG_ES, cpl, ext) &&
    loadTaskData(SEG_FS, cpl, ext) &&
    loadTaskData(SEG_GS, cpl, ext)
  );
}

function loadTaskData(segment: u32, cpl: u32, ext: u32): bool {
  const selector = selectorOf(segment);
  if ((selector & 0xfffc) == 0) {
    setSegment(segment, selector, 0, 0, AR_UNUSABLE);
    return true;
  }
  if (!readDescriptor(selector, VECTOR_TS, ext)) return false;
  const access = descriptorAccess();
  const dpl = (access & AR_DPL) >>> 5;
  if ((access & AR_S) == 0 || (access & 0xa) == 8) return taskFault(VECTOR_TS, selector, ext);
  if ((access & 0xc) != 0xc && ((selector & 3) > dpl || cpl > dpl)) {
    return taskFault(VECTOR_TS, selector, ext);
  }
  if ((access & AR_P) == 0) return taskFault(VECTOR_NP, selector, ext);
  if (!setAccessed()) return false;
  setSegment(segment, selector, descriptorBase(), descriptorLimit(), descriptorAccess());
  return true;
}

/** Selector of the task to return to when IRET finds NT set; 0 with the exception raised. */
export function taskLink(): i32 {
  if (!readSystemBlock(segmentBase(SEG_TR), 2, NEW)) return -1;
  return load<u16>(NEW) as i32;
}
