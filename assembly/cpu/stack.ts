/**
 * The stack: pushes and pops on the current one, and on one that an interrupt, a call gate or a
 * task switch is about to make current.
 */
import { FAULTED, NEXT, SIZE_16, SIZE_32 } from "../decode/record";
import { CPL, STACK_MASK } from "../generated/state";
import { HOST_LIMIT } from "../layout";
import {
  finishWrite,
  NO_RECORD,
  readPointer,
  STACK_ACCESS,
  writeAs,
  writePointer,
} from "../memory/access";
import { ACCESS_USER, isCanonical } from "../paging/walk";
import { raiseSs } from "./fault";
import {
  AR_DB,
  AR_UNUSABLE,
  is64BitCode,
  SEG_SS,
  segmentAccess,
  segmentBase,
  segmentLimit,
} from "./mode";
import { rsp, setStackPointer } from "./registers";
import { linear, linearize } from "./segment";

/** Value of the last successful pop. */
export let popped: u64 = 0;

/** Linear address of `bytes` at stack offset `offset` in `linear`; false with #SS raised. */
export function stackLinear(offset: u64, bytes: u32, write: bool): bool {
  return linearize(SEG_SS, offset & load<u64>(STACK_MASK), bytes, write);
}

/** Stores `value` at linear address `gla` of the stack. */
function storeStack(gla: u64, value: u64, size: u32): u32 {
  if (size == SIZE_16) {
    const host = writePointer<u16>(gla, NO_RECORD | STACK_ACCESS);
    store<u16>(host, value as u16);
    return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
  }
  if (size == SIZE_32) {
    const host = writePointer<u32>(gla, NO_RECORD | STACK_ACCESS);
    store<u32>(host, value as u32);
    return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
  }
  const host = writePointer<u64>(gla, NO_RECORD | STACK_ACCESS);
  store<u64>(host, value);
  return host < HOST_LIMIT && finishWrite(host) ? FAULTED : NEXT;
}

/** Pushes an operand of `size` (log2 of bytes) in any mode. */
export function push(value: u64, size: u32): u32 {
  const bytes = 1 << size;
  const next = rsp() - (bytes as u64);
  if (!stackLinear(next, bytes, true)) return FAULTED;
  if (storeStack(linear, value, size) != NEXT) return FAULTED;
  setStackPointer(next);
  return NEXT;
}

/** Reads the operand `depth` bytes above the top of the stack into `popped`. */
export function peek(depth: u32, size: u32): u32 {
  const bytes = 1 << size;
  if (!stackLinear(rsp() + (depth as u64), bytes, false)) return FAULTED;
  if (size == SIZE_16) {
    const host = readPointer<u16>(linear, NO_RECORD | STACK_ACCESS);
    if (host == 0) return FAULTED;
    popped = load<u16>(host) as u64;
  } else if (size == SIZE_32) {
    const host = readPointer<u32>(linear, NO_RECORD | STACK_ACCESS);
    if (host == 0) return FAULTED;
    popped = load<u32>(host) as u64;
  } else {
    const host = readPointer<u64>(linear, NO_RECORD | STACK_ACCESS);
    if (host == 0) return FAULTED;
    popped = load<u64>(host);
  }
  return NEXT;
}

/** Pops an operand of `size` into `popped`. */
export function pop(size: u32): u32 {
  if (peek(0, size) != NEXT) return FAULTED;
  setStackPointer(rsp() + ((1 << size) as u64));
  return NEXT;
}

// The stack that a transfer of control is building.
let newBase: u64 = 0;
let newLimit: u32 = 0;
let newAccess: u32 = 0;
let newMask: u64 = 0;
let newCpl: u32 = 0;
let newError: u32 = 0;
let newFlat: bool = false;
/** Its stack pointer. */
export let newSp: u64 = 0;

/** Goes on pushing on the current stack; `error` is the error code of a #SS. */
export function useCurrentStack(error: u32): void {
  newBase = segmentBase(SEG_SS);
  newLimit = segmentLimit(SEG_SS);
  newAccess = segmentAccess(SEG_SS);
  newMask = load<u64>(STACK_MASK);
  newCpl = load<u32>(CPL);
  newError = error;
  newFlat = is64BitCode();
  newSp = rsp();
}

/** Starts a stack in a segment that is not loaded yet. */
export function useStack(base: u64, limit: u32, access: u32, sp: u64, cpl: u32, error: u32): void {
  newBase = base;
  newLimit = limit;
  newAccess = access;
  newMask = (access & AR_DB) != 0 ? 0xffffffff : 0xffff;
  newCpl = cpl;
  newError = error;
  newFlat = false;
  newSp = sp;
}

/** Starts a stack of 64-bit mode. */
export function useLongStack(sp: u64, cpl: u32, error: u32): void {
  newMask = ~(0 as u64);
  newCpl = cpl;
  newError = error;
  newFlat = true;
  newSp = sp;
}

/** Linear address of `bytes` at `offset` of the new stack; false with #SS raised. */
function newLinear(offset: u64, bytes: u32): bool {
  if (newFlat) {
    if (!isCanonical(offset) || !isCanonical(offset + (bytes - 1))) {
      raiseSs(newError);
      return false;
    }
    newAt = offset;
    return true;
  }
  const first = offset as u32;
  const last = first + (bytes - 1);
  let good: bool;
  if ((newAccess & AR_UNUSABLE) != 0) good = false;
  else if ((newAccess & 0xc) == 4) {
    const top: u32 = (newAccess & AR_DB) != 0 ? 0xffffffff : 0xffff;
    good = first > newLimit && last <= top && last >= first;
  } else good = last <= newLimit && last >= first;
  if (!good) {
    raiseSs(newError);
    return false;
  }
  newAt = (newBase + (first as u64)) & 0xffffffff;
  return true;
}

let newAt: u64 = 0;

/** Pushes on the new stack; RSP itself is not touched. */
export function pushNew(value: u64, size: u32): bool {
  const bytes = 1 << size;
  const next = (newSp - (bytes as u64)) & newMask;
  if (!newLinear(next, bytes)) return false;
  const user = newCpl == 3 ? ACCESS_USER : 0;
  const host = writeAs(newAt, bytes, user);
  if (host == 0) return false;
  if (size == SIZE_16) store<u16>(host, value as u16);
  else if (size == SIZE_32) store<u32>(host, value as u32);
  else store<u64>(host, value);
  if (host < HOST_LIMIT && finishWrite(host)) return false;
  newSp = (newSp & ~newMask) | next;
  return true;
}

/** Checks that `bytes` fit below the new stack pointer, without writing. */
export function newStackFits(bytes: u32): bool {
  return newLinear((newSp - (bytes as u64)) & newMask, bytes);
}
