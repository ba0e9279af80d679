/** Near JMP, CALL, RET, LOOP, JCXZ. */

import { zeroFlag } from "../cpu/flags";
import { getReg, rcx, rsp, setReg, setRsp, setStackPointer } from "../cpu/registers";
import { checkCallTarget, jumpTo, nextRipOf, resolveNear } from "../cpu/run";
import { peek, popped } from "../cpu/stack";
import {
  addressSizeOf,
  DONE,
  FAULTED,
  imm32Of,
  NEXT,
  r2Of,
  SIZE_16,
  SIZE_32,
  SIZE_64,
} from "../decode/record";
import { SLOT_RCX } from "../generated/state";
import { readPointer, STACK_ACCESS } from "../memory/access";
import { isFlat, pushSized } from "./stack";

/** log2 of the operand size T. @inline */
function sizeCode<T>(): u32 {
  return sizeof<T>() == 8 ? SIZE_64 : sizeof<T>() == 4 ? SIZE_32 : SIZE_16;
}

/** JMP rel: the dispatch loop takes the jump. */
export function jmpJz(rec: u32): u32 {
  return NEXT;
}

/** CALL rel: pushes the return address; the dispatch loop takes the jump. @inline */
export function callJz<T>(rec: u32): u32 {
  if (!checkCallTarget(rec)) return FAULTED;
  return pushSized<T>(rec, nextRipOf(rec) as T);
}

/** @inline */
export function jmpEvR<T>(rec: u32): u32 {
  return jumpTo(getReg<T>(r2Of(rec)) as u64, sizeCode<T>());
}

/** @inline */
export function jmpEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  return jumpTo(load<T>(host) as u64, sizeCode<T>());
}

/** @inline */
function callTo<T>(rec: u32, target: T): u32 {
  const next = nextRipOf(rec);
  const before = rsp();
  if (jumpTo(target as u64, sizeCode<T>()) != 0) return FAULTED;
  if (pushSized<T>(rec, next as T) != NEXT) {
    setRsp(before);
    return FAULTED;
  }
  return NEXT;
}

/** @inline */
export function callEvR<T>(rec: u32): u32 {
  return callTo<T>(rec, getReg<T>(r2Of(rec)));
}

/** @inline */
export function callEvM<T>(rec: u32, gla: u64): u32 {
  const host = readPointer<T>(gla, rec);
  if (host == 0) return FAULTED;
  return callTo<T>(rec, load<T>(host));
}

/** @inline */
export function retNear<T>(rec: u32): u32 {
  return returnTo<T>(rec, 0);
}

/** @inline */
export function retNearIw<T>(rec: u32): u32 {
  return returnTo<T>(rec, imm32Of(rec) & 0xffff);
}

/** @inline */
function returnTo<T>(rec: u32, release: u32): u32 {
  if (sizeof<T>() == 8) {
    const sp = rsp();
    const host = readPointer<u64>(sp, rec | STACK_ACCESS);
    if (host == 0) return FAULTED;
    if (jumpTo(load<u64>(host), SIZE_64) != 0) return FAULTED;
    setRsp(sp + 8 + (release as u64));
    return NEXT;
  }
  if (sizeof<T>() == 4 && isFlat()) {
    const sp = rsp();
    const host = readPointer<u32>(sp & 0xffffffff, rec | STACK_ACCESS);
    if (host == 0) return FAULTED;
    if (jumpTo(load<u32>(host) as u64, SIZE_32) != 0) return FAULTED;
    setRsp((sp + 4 + (release as u64)) & 0xffffffff);
    return NEXT;
  }
  const size = sizeCode<T>();
  if (peek(0, size) != NEXT) return FAULTED;
  if (jumpTo(popped, size) != 0) return FAULTED;
  setStackPointer(rsp() + ((1 << size) as u64) + (release as u64));
  return NEXT;
}

/** LOOPNE, LOOPE, LOOP, JCXZ (`kind` 0 to 3); the counter is as wide as the address size. */
export function loopJb(rec: u32, kind: u32): u32 {
  const size = addressSizeOf(rec);
  let count = rcx();
  if (kind != 3) count--;
  let left: bool;
  if (size == SIZE_16) left = (count & 0xffff) != 0;
  else if (size == SIZE_32) left = (count & 0xffffffff) != 0;
  else left = count != 0;
  let taken = left;
  if (kind == 0) taken = left && zeroFlag() == 0;
  else if (kind == 1) taken = left && zeroFlag() != 0;
  else if (kind == 3) taken = !left;
  if (taken && !resolveNear(rec)) return FAULTED;
  if (kind != 3) {
    if (size == SIZE_16) setReg<u16>(SLOT_RCX, count as u16);
    else if (size == SIZE_32) setReg<u32>(SLOT_RCX, count as u32);
    else setReg<u64>(SLOT_RCX, count);
  }
  return taken ? DONE : NEXT;
}
