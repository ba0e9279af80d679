/** The register file: general registers by byte offset, and the slots beside them. */
import { GPR, SLOT_RAX, SLOT_RCX, SLOT_RDX, SLOT_RSP, STACK_MASK } from "../generated/state";

/** Register at byte offset `offset` of the register file, `T` wide. @inline */
export function getReg<T>(offset: u32): T {
  return load<T>(offset, GPR);
}

/** Writes a register; a 32-bit write clears bits 63:32 as in 64-bit mode. @inline */
export function setReg<T>(offset: u32, value: T): void {
  if (sizeof<T>() == 4) store<u64>(offset, value as u32 as u64, GPR);
  else store<T>(offset, value, GPR);
}

/** @inline */
export function rax(): u64 {
  return load<u64>(SLOT_RAX, GPR);
}

/** @inline */
export function rcx(): u64 {
  return load<u64>(SLOT_RCX, GPR);
}

/** @inline */
export function rdx(): u64 {
  return load<u64>(SLOT_RDX, GPR);
}

/** @inline */
export function rsp(): u64 {
  return load<u64>(SLOT_RSP, GPR);
}

/** @inline */
export function setRsp(value: u64): void {
  store<u64>(SLOT_RSP, value, GPR);
}

/** Writes the part of RSP that the stack size covers and keeps the rest. */
export function setStackPointer(value: u64): void {
  const mask = load<u64>(STACK_MASK);
  if (mask == 0xffff) store<u16>(SLOT_RSP, value as u16, GPR);
  else store<u64>(SLOT_RSP, value & mask, GPR);
}
