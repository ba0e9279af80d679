/** PUSH, POP, PUSHA, POPA, PUSHF, POPF, ENTER, LEAVE. */

import { CR4_VME } from "../cpu/control-bits";
import { raiseGp } from "../cpu/fault";
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
} from "../cpu/flags";
import { isProtectedMode, isVirtual8086, SEG_SS, writeFlags } from "../cpu/mode";
import { getReg, rsp, setReg, setRsp, setStackPointer } from "../cpu/registers";
import { linear, linearize, loadDataSegment, selectorOf } from "../cpu/segment";
import { peek, pop, popped, push, stackLinear } from "../cpu/stack";
import { MODE_FLAT } from "../decode/decoder";
import {
  FAULTED,
  imm32Of,
  immOf,
  isMemory,
  NEXT,
  r2Of,
  SIZE_16,
  SIZE_32,
  segmentOf,
  sizeOf,
} from "../decode/record";
import {
  CODE_KEY,
  CPL,
  CR4,
  GPR,
  INTERRUPTIBILITY,
  SHADOW_NEW,
  SLOT_RBP,
  SLOT_RSP,
  STACK_MASK,
} from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readPointer, STACK_ACCESS, writePointer, writeSlow } from "../memory/access";
import { operandOffset } from "./address";
import {
  finishStore,
  getRegSized,
  loadSized,
  readOperand,
  setRegSized,
  storeSized,
} from "./operand";

/** True in 32-bit code with flat segments: the stack needs no segment check. @inline */
export function isFlat(): bool {
  return (((load<u64>(CODE_KEY) >> 52) as u32) & MODE_FLAT) != 0;
}

/** Pushes on a stack whose accesses need no segment check, else by the general path. @inline */
export function pushSized<T>(rec: u32, value: T): u32 {
  // In 64-bit mode the size is 64 bits; elsewhere the segment must be checked.
  if (sizeof<T>() == 8) {
    const next = rsp() - 8;
    const host = writePointer<u64>(next, rec | STACK_ACCESS);
    store<u64>(host, value as u64);
    if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
    setRsp(next);
    return NEXT;
  }
  if (sizeof<T>() == 4 && isFlat()) {
    const next = (rsp() - 4) & 0xffffffff;
    const host = writePointer<u32>(next, rec | STACK_ACCESS);
    store<u32>(host, value as u32);
    if (host < HOST_LIMIT && finishWrite(host)) return FAULTED;
    setRsp(next);
    return NEXT;
  }
  return push(value as u64, sizeof<T>() == 4 ? SIZE_32 : SIZE_16);
}

/** @inline */
export function pushZv<T>(rec: u32): u32 {
  return pushSized<T>(rec, getReg<T>(r2Of(rec)));
}

/** @inline */
export function pushIz<T>(rec: u32): u32 {
  return pushSized<T>(rec, immOf(rec) as T);
}

/** @inline */
export function popZv<T>(rec: u32): u32 {
  if (sizeof<T>() == 8) {
    const sp = rsp();
    const host = readPointer<u64>(sp, rec | STACK_ACCESS);
    if (host == 0) return FAULTED;
    const value = load<u64>(host);
    setRsp(sp + 8);
    setReg<u64>(r2Of(rec), value);
    return NEXT;
  }
  if (sizeof<T>() == 4 && isFlat()) {
    const sp = rsp();
    const host = readPointer<u32>(sp & 0xffffffff, rec | STACK_ACCESS);
    if (host == 0) return FAULTED;
    const value = load<u32>(host);
    setRsp((sp + 4) & 0xffffffff);
    setReg<u32>(r2Of(rec), value);
    return NEXT;
  }
  if (pop(sizeof<T>() == 4 ? SIZE_32 : SIZE_16) != NEXT) return FAULTED;
  setReg<T>(r2Of(rec), popped as T);
  return NEXT;
}

export function pushEv(rec: u32): u32 {
  const size = sizeOf(rec);
  const host = readOperand(rec, size);
  if (host == 0) return FAULTED;
  return push(loadSized(host, size), size);
}

/** The address of a memory destination is computed after RSP has moved. */
export function popEv(rec: u32): u32 {
  const size = sizeOf(rec);
  if (!isMemory(rec)) {
    if (pop(size) != NEXT) return FAULTED;
    setRegSized(r2Of(rec), popped, size);
    return NEXT;
  }
  if (peek(0, size) != NEXT) return FAULTED;
  const value = popped;
  const before = rsp();
  const next = before + ((1 << size) as u64);
  setStackPointer(next);
  const offset = operandOffset(rec);
  store<u64>(SLOT_RSP, before, GPR);
  if (!linearize(segmentOf(rec), offset, 1 << size, true)) return FAULTED;
  const host = writeSlow(linear, 1 << size, rec, false);
  storeSized(host, value, size);
  if (finishStore(host) != NEXT) return FAULTED;
  setStackPointer(next);
  return NEXT;
}

/** A segment register is pushed as 16 bits; the rest of a wider slot keeps what it holds. */
export function pushSeg(rec: u32, segment: u32): u32 {
  const size = sizeOf(rec);
  const next = rsp() - ((1 << size) as u64);
  if (size != SIZE_32) return push(selectorOf(segment) as u64, size);
  if (!stackLinear(next, 4, true)) return FAULTED;
  const host = writeSlow(linear, 2, rec | STACK_ACCESS, false);
  store<u16>(host, selectorOf(segment) as u16);
  if (finishStore(host) != NEXT) return FAULTED;
  setStackPointer(next);
  return NEXT;
}

export function popSeg(rec: u32, segment: u32): u32 {
  const size = sizeOf(rec);
  if (peek(0, size) != NEXT) return FAULTED;
  const next = rsp() + ((1 << size) as u64);
  const mask = load<u64>(STACK_MASK);
  if (loadDataSegment(segment, (popped as u32) & 0xffff) != NEXT) return FAULTED;
  // The stack pointer moves by the width that the stack had before SS changed.
  if (mask == 0xffff) setReg<u16>(SLOT_RSP, next as u16);
  else setRsp(next & mask);
  if (segment == SEG_SS) shadowStackLoad();
  return NEXT;
}

/** Interrupts and debug traps wait for the instruction behind a load of SS. */
export function shadowStackLoad(): void {
  store<u32>(INTERRUPTIBILITY, load<u32>(INTERRUPTIBILITY) | 2);
  store<u32>(SHADOW_NEW, 1);
}

export function pusha(rec: u32): u32 {
  const size = sizeOf(rec);
  const bytes = 1 << size;
  const before = rsp();
  for (let i: u32 = 0; i < 8; i++) {
    const value = i == 4 ? before : getReg<u64>(i << 3);
    if (push(value, size) != NEXT) {
      store<u64>(SLOT_RSP, before, GPR);
      return FAULTED;
    }
  }
  setStackPointer(before - ((bytes * 8) as u64));
  return NEXT;
}

export function popa(rec: u32): u32 {
  const size = sizeOf(rec);
  const bytes = 1 << size;
  // All eight words are read before a register changes.
  for (let i: u32 = 0; i < 8; i++) {
    if (peek(i * bytes, size) != NEXT) return FAULTED;
  }
  const before = rsp();
  for (let i: u32 = 0; i < 8; i++) {
    if (peek(i * bytes, size) != NEXT) return FAULTED;
    if (i != 3) setRegSized((7 - i) << 3, popped, size);
  }
  setStackPointer(before + ((bytes * 8) as u64));
  return NEXT;
}

/** I/O privilege level. @inline */
function iopl(): u32 {
  return (flagsRest() >>> 12) & 3;
}

export function pushf(rec: u32): u32 {
  const size = sizeOf(rec);
  let flags = getFlags() & ~(FLAG_VM | FLAG_RF);
  if (isVirtual8086() && iopl() < 3) {
    if (size != SIZE_16 || (load<u64>(CR4) & CR4_VME) == 0) return raiseGp(0);
    // With VME the virtual interrupt flag stands for IF.
    flags |= FLAG_IOPL;
    flags = (flags & ~FLAG_IF) | ((flags & FLAG_VIF) != 0 ? FLAG_IF : 0);
  }
  return push(flags as u64, size);
}

export function popf(rec: u32): u32 {
  const size = sizeOf(rec);
  if (isVirtual8086() && iopl() < 3) return popfVirtual(size);
  if (pop(size) != NEXT) return FAULTED;
  const cpl = load<u32>(CPL);
  let mask = FLAGS_ARITHMETIC | FLAG_TF | FLAG_DF | FLAG_NT;
  if (size != SIZE_16) mask |= FLAG_AC | FLAG_ID | FLAG_RF;
  if (!isProtectedMode() || cpl == 0) mask |= FLAG_IOPL;
  if (!isProtectedMode() || cpl <= iopl()) mask |= FLAG_IF;
  // RF comes out clear whatever the image says.
  writeFlags((popped as u32) & ~FLAG_RF, mask);
  return NEXT;
}

/** POPF in virtual-8086 mode with IOPL below 3: only with VME, and then on VIF. */
function popfVirtual(size: u32): u32 {
  if (size != SIZE_16 || (load<u64>(CR4) & CR4_VME) == 0) return raiseGp(0);
  if (peek(0, size) != NEXT) return FAULTED;
  const value = popped as u32;
  const pending = (flagsRest() & FLAG_VIP) != 0 && (value & FLAG_IF) != 0;
  if (pending || (value & FLAG_TF) != 0) return raiseGp(0);
  setStackPointer(rsp() + 2);
  const vif = (value & FLAG_IF) != 0 ? FLAG_VIF : 0;
  writeFlags((value & ~FLAG_VIF) | vif, FLAGS_ARITHMETIC | FLAG_TF | FLAG_DF | FLAG_NT | FLAG_VIF);
  return NEXT;
}

export function enter(rec: u32): u32 {
  const size = sizeOf(rec);
  const bytes = (1 << size) as u64;
  const frame = (imm32Of(rec) & 0xffff) as u64;
  const level = (imm32Of(rec) >>> 16) & 31;
  const mask = load<u64>(STACK_MASK);
  const before = rsp();
  if (push(getRegSized(SLOT_RBP, size), size) != NEXT) return FAULTED;
  const framePointer = rsp();
  for (let i = 1; i < level; i++) {
    const from = (getReg<u64>(SLOT_RBP) - (i as u64) * bytes) & mask;
    if (!copyFramePointer(rec, from, size)) return undoStack(before);
  }
  if (level > 0 && push(framePointer, size) != NEXT) return undoStack(before);
  const next = (rsp() - frame) & mask;
  // The last byte of the new frame must be writable; nothing is written there.
  if (!stackLinear(next, 1 << size, true)) return undoStack(before);
  if (writeSlow(linear, 1 << size, rec | STACK_ACCESS, true) == 0) return undoStack(before);
  setRegSized(SLOT_RBP, framePointer, size);
  setStackPointer(next);
  return NEXT;
}

/** @inline */
function undoStack(before: u64): u32 {
  store<u64>(SLOT_RSP, before, GPR);
  return FAULTED;
}

/** Pushes the frame pointer stored at stack offset `from`. */
function copyFramePointer(rec: u32, from: u64, size: u32): bool {
  if (!linearize(SEG_SS, from, 1 << size, false)) return false;
  let value: u64;
  if (size == SIZE_16) {
    const host = readPointer<u16>(linear, rec | STACK_ACCESS);
    if (host == 0) return false;
    value = load<u16>(host) as u64;
  } else if (size == SIZE_32) {
    const host = readPointer<u32>(linear, rec | STACK_ACCESS);
    if (host == 0) return false;
    value = load<u32>(host) as u64;
  } else {
    const host = readPointer<u64>(linear, rec | STACK_ACCESS);
    if (host == 0) return false;
    value = load<u64>(host);
  }
  return push(value, size) == NEXT;
}

export function leaveFrame(rec: u32): u32 {
  const size = sizeOf(rec);
  const before = rsp();
  setStackPointer(getReg<u64>(SLOT_RBP));
  if (pop(size) != NEXT) return undoStack(before);
  setRegSized(SLOT_RBP, popped, size);
  return NEXT;
}
