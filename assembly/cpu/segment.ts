/** Segment registers: checks of memory references, descriptor reading, loads (SDM "Protection"). */

import { FAULTED, NEXT } from "../decode/record";
import {
  ADDR_MASK,
  CODE_SIZE,
  CPL,
  GDTR_BASE,
  GDTR_LIMIT,
  GPR,
  SEG_ACCESS,
  SEG_LIMIT,
  SEG_SELECTOR,
  SLOT_ES_BASE,
} from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readSystem, writeSystem } from "../memory/access";
import { raiseError, raiseGp, raiseNp, raiseSs, VECTOR_GP } from "./fault";
import {
  AR_DB,
  AR_DPL,
  AR_G,
  AR_L,
  AR_P,
  AR_S,
  AR_UNUSABLE,
  is64BitCode,
  isLongMode,
  isProtectedMode,
  isVirtual8086,
  SEG_CS,
  SEG_FS,
  SEG_LDTR,
  SEG_SS,
  segmentAccess,
  segmentBase,
  segmentLimit,
  setCpl,
  updateCodeMode,
} from "./mode";

/** Linear address that `linearize` computed. */
export let linear: u64 = 0;

function segmentFault(segment: u32): bool {
  if (segment == SEG_SS) raiseSs(0);
  else raiseGp(0);
  return false;
}

/**
 * Checks a reference of `bytes` at `offset` in a segment and leaves its linear address in `linear`.
 * Returns false with #GP or #SS raised.
 */
export function linearize(segment: u32, offset: u64, bytes: u32, write: bool): bool {
  if (is64BitCode()) {
    linear = segment >= SEG_FS ? offset + segmentBase(segment) : offset;
    return true;
  }
  const access = segmentAccess(segment);
  if ((access & AR_UNUSABLE) != 0) return segmentFault(segment);
  const last = (offset as u32) + (bytes - 1);
  const limit = segmentLimit(segment);
  if (isProtectedMode() && !isVirtual8086()) {
    if ((access & 8) != 0) {
      if (write || (access & 2) == 0) return segmentFault(segment);
    } else {
      if (write && (access & 2) == 0) return segmentFault(segment);
    }
  }
  if ((access & 0xc) == 4) {
    // Expand-down: what the limit covers is outside.
    const top: u32 = (access & AR_DB) != 0 ? 0xffffffff : 0xffff;
    if ((offset as u32) <= limit || last > top || last < (offset as u32)) {
      return segmentFault(segment);
    }
  } else if (last > limit || last < (offset as u32)) {
    return segmentFault(segment);
  }
  linear = (segmentBase(segment) + (offset as u32 as u64)) & 0xffffffff;
  return true;
}

/** Selector of a segment register. @inline */
export function selectorOf(segment: u32): u32 {
  return load<u32>(SEG_SELECTOR + (segment << 2));
}

/** Sets the hidden and visible parts of a segment register. */
export function setSegment(segment: u32, selector: u32, base: u64, limit: u32, access: u32): void {
  store<u32>(SEG_SELECTOR + (segment << 2), selector);
  store<u64>(SLOT_ES_BASE + (segment << 3), base, GPR);
  store<u32>(SEG_LIMIT + (segment << 2), limit);
  store<u32>(SEG_ACCESS + (segment << 2), access);
}

// The descriptor last read.
/** Its two halves. */
export let descriptorLo: u32 = 0;
export let descriptorHi: u32 = 0;
/** Upper base bits of a 16-byte descriptor. */
export let descriptorTop: u32 = 0;
let descriptorAddress: u64 = 0;

/** Base of the descriptor last read. @inline */
export function descriptorBase(): u64 {
  return ((descriptorLo >>> 16) |
    ((descriptorHi & 0xff) << 16) |
    (descriptorHi & 0xff000000)) as u64;
}

/** Limit in bytes of the descriptor last read. @inline */
export function descriptorLimit(): u32 {
  const raw = (descriptorLo & 0xffff) | (descriptorHi & 0xf0000);
  return (descriptorHi & 0x800000) != 0 ? (raw << 12) | 0xfff : raw;
}

/** Its access rights in the VMX format. @inline */
export function descriptorAccess(): u32 {
  return (descriptorHi >>> 8) & 0xf0ff;
}

/**
 * Reads the descriptor that `selector` names. Returns false with `vector` (#GP, #TS or #NP class)
 * and the selector as error code raised when it lies outside its table.
 */
export function readDescriptor(selector: u32, vector: u32, ext: u32): bool {
  let base = load<u64>(GDTR_BASE);
  let limit = load<u32>(GDTR_LIMIT);
  if ((selector & 4) != 0) {
    if ((segmentAccess(SEG_LDTR) & AR_UNUSABLE) != 0) {
      raiseError(vector, (selector & 0xfffc) | ext);
      return false;
    }
    base = segmentBase(SEG_LDTR);
    limit = segmentLimit(SEG_LDTR);
  }
  const index = selector & 0xfff8;
  if (index + 7 > limit) {
    raiseError(vector, (selector & 0xfffc) | ext);
    return false;
  }
  descriptorAddress = linearTable(base + (index as u64));
  const host = readSystem(descriptorAddress, 8);
  if (host == 0) return false;
  descriptorLo = load<u32>(host);
  descriptorHi = load<u32>(host, 4);
  return true;
}

/** Addresses of tables wrap at 32 bits outside IA-32e mode. @inline */
export function linearTable(gla: u64): u64 {
  return isLongMode() ? gla : gla & 0xffffffff;
}

/**
 * Reads the second half of a 16-byte system descriptor after `readDescriptor`; only in IA-32e mode.
 * Its type field must be 0.
 */
export function readDescriptorTop(selector: u32, vector: u32, ext: u32): bool {
  const limit = (selector & 4) != 0 ? segmentLimit(SEG_LDTR) : load<u32>(GDTR_LIMIT);
  if ((selector & 0xfff8) + 15 > limit) {
    raiseError(vector, (selector & 0xfffc) | ext);
    return false;
  }
  const host = readSystem(descriptorAddress + 8, 8);
  if (host == 0) return false;
  descriptorTop = load<u32>(host);
  if ((load<u32>(host, 4) & 0x1f00) != 0) {
    raiseError(vector, (selector & 0xfffc) | ext);
    return false;
  }
  return true;
}

/** Sets bits in the second dword of the descriptor last read, in memory. False after a fault. */
export function updateDescriptor(set: u32, clear: u32): bool {
  const next = (descriptorHi | set) & ~clear;
  if (next == descriptorHi) return true;
  descriptorHi = next;
  const host = writeSystem(descriptorAddress + 4, 4);
  if (host == 0) return false;
  store<u32>(host, next);
  return !(host < HOST_LIMIT && finishWrite(host));
}

/** Sets the accessed bit of the descriptor last read. @inline */
export function setAccessed(): bool {
  return updateDescriptor(0x100, 0);
}

/** Loads a segment register as real-address or virtual-8086 mode does. */
export function loadRealSegment(segment: u32, selector: u32): void {
  if (isVirtual8086()) {
    setSegment(segment, selector, (selector << 4) as u64, 0xffff, 0xf3);
  } else {
    // Limit and attributes stay, so that a limit set in protected mode survives ("unreal").
    store<u32>(SEG_SELECTOR + (segment << 2), selector);
    store<u64>(SLOT_ES_BASE + (segment << 3), (selector << 4) as u64, GPR);
    const kept = segmentAccess(segment) & (AR_DB | AR_G);
    store<u32>(SEG_ACCESS + (segment << 2), kept | (segment == SEG_CS ? 0x9b : 0x93));
  }
  updateCodeMode();
}

/** Makes a data segment register unusable, as loading a null selector does. */
export function loadNullSegment(segment: u32, selector: u32): void {
  store<u32>(SEG_SELECTOR + (segment << 2), selector);
  store<u32>(SEG_ACCESS + (segment << 2), segmentAccess(segment) | AR_UNUSABLE);
  if (!isLongMode()) return;
  store<u64>(SLOT_ES_BASE + (segment << 3), 0, GPR);
  store<u32>(SEG_LIMIT + (segment << 2), 0);
}

/**
 * Loads ES, SS, DS, FS or GS in any mode (SDM MOV to a segment register). Returns NEXT, or FAULTED.
 * `stackVector` is #SS for instructions, #TS inside a task switch.
 */
export function loadDataSegment(segment: u32, selector: u32): u32 {
  if (!isProtectedMode() || isVirtual8086()) {
    loadRealSegment(segment, selector);
    return NEXT;
  }
  return segment == SEG_SS ? loadStackSegment(selector) : loadOtherSegment(segment, selector);
}

function loadStackSegment(selector: u32): u32 {
  const cpl = load<u32>(CPL);
  if ((selector & 0xfffc) == 0) {
    if (!is64BitCode() || cpl == 3 || (selector & 3) != cpl) return raiseGp(0);
    loadNullSegment(SEG_SS, selector);
    // The DPL of an unusable SS still tells the privilege level.
    store<u32>(SEG_ACCESS + (SEG_SS << 2), AR_UNUSABLE | (cpl << 5));
    updateCodeMode();
    return NEXT;
  }
  if (!readDescriptor(selector, VECTOR_GP, 0)) return FAULTED;
  const access = descriptorAccess();
  const error = selector & 0xfffc;
  if ((selector & 3) != cpl) return raiseGp(error);
  // A writable data segment of the current privilege level.
  if ((access & (AR_S | 0xa)) != (AR_S | 2)) return raiseGp(error);
  if ((access & AR_DPL) >>> 5 != cpl) return raiseGp(error);
  if ((access & AR_P) == 0) return raiseSs(error);
  if (!setAccessed()) return FAULTED;
  setSegment(SEG_SS, selector, descriptorBase(), descriptorLimit(), descriptorAccess());
  updateCodeMode();
  return NEXT;
}

function loadOtherSegment(segment: u32, selector: u32): u32 {
  if ((selector & 0xfffc) == 0) {
    loadNullSegment(segment, selector);
    updateCodeMode();
    return NEXT;
  }
  if (!readDescriptor(selector, VECTOR_GP, 0)) return FAULTED;
  const access = descriptorAccess();
  const error = selector & 0xfffc;
  // A data segment or a readable code segment.
  if ((access & AR_S) == 0 || (access & 0xa) == 8) return raiseGp(error);
  if ((access & 0xc) != 0xc) {
    const dpl = (access & AR_DPL) >>> 5;
    if ((selector & 3) > dpl || load<u32>(CPL) > dpl) return raiseGp(error);
  }
  if ((access & AR_P) == 0) return raiseNp(error);
  if (!setAccessed()) return FAULTED;
  setSegment(segment, selector, descriptorBase(), descriptorLimit(), descriptorAccess());
  updateCodeMode();
  return NEXT;
}

/** Loads CS from the descriptor last read, with `rpl` as the new privilege level. */
export function loadCodeSegment(selector: u32, rpl: u32): void {
  setSegment(
    SEG_CS,
    (selector & 0xfffc) | rpl,
    descriptorBase(),
    descriptorLimit(),
    descriptorAccess() | 1,
  );
  setCpl(rpl);
  updateCodeMode();
}

/** True when `rip` may be executed in code with these attributes: within the limit, or canonical. */
export function isCodeAddress(rip: u64, limit: u32, access: u32): bool {
  if (isLongMode() && (access & AR_L) != 0) return true;
  return rip <= (limit as u64);
}

/** Size of code as CODE_SIZE numbers it. @inline */
export function codeSize(): u32 {
  return load<u32>(CODE_SIZE);
}

/** @inline */
export function addressMask(): u64 {
  return load<u64>(ADDR_MASK);
}
