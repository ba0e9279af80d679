/**
 * Raising exceptions. A raise function notes the exception in the processor state and returns
 * FAULTED, so that an execute function can end with `return raiseGp(0)`; the run loop delivers it.
 */
import { FAULTED } from "../decode/record";
import {
  FAULT,
  FAULT_CR2,
  FAULT_ERROR,
  FAULT_KIND,
  FAULT_VECTOR,
  SSE_TRAP,
} from "../generated/state";

export const VECTOR_DE: u32 = 0;
export const VECTOR_DB: u32 = 1;
export const VECTOR_NMI: u32 = 2;
export const VECTOR_BP: u32 = 3;
export const VECTOR_OF: u32 = 4;
export const VECTOR_BR: u32 = 5;
export const VECTOR_UD: u32 = 6;
export const VECTOR_NM: u32 = 7;
export const VECTOR_DF: u32 = 8;
export const VECTOR_TS: u32 = 10;
export const VECTOR_NP: u32 = 11;
export const VECTOR_SS: u32 = 12;
export const VECTOR_GP: u32 = 13;
export const VECTOR_PF: u32 = 14;
export const VECTOR_MF: u32 = 16;
export const VECTOR_AC: u32 = 17;
export const VECTOR_XM: u32 = 19;
export const VECTOR_VE: u32 = 20;

/** FAULT_KIND: event types as VMX numbers them, and two flags. */
export const KIND_EXTERNAL: u32 = 0;
export const KIND_NMI: u32 = 2;
export const KIND_EXCEPTION: u32 = 3;
export const KIND_SOFTWARE_INTERRUPT: u32 = 4;
export const KIND_PRIVILEGED_SOFTWARE: u32 = 5;
export const KIND_SOFTWARE_EXCEPTION: u32 = 6;
/** Not an event: a VM exit, see vmx/pending.ts. */
export const KIND_VM_EXIT: u32 = 7;
export const KIND_TYPE_MASK: u32 = 7;
export const KIND_HAS_ERROR: u32 = 0x10;
/** A trap: RIP already points behind the instruction and RF is pushed as it is. */
export const KIND_TRAP: u32 = 0x20;

/** Page-fault error code bits. */
export const PF_PRESENT: u32 = 1;
export const PF_WRITE: u32 = 2;
export const PF_USER: u32 = 4;
export const PF_RESERVED: u32 = 8;
export const PF_FETCH: u32 = 16;
export const PF_KEY: u32 = 32;

function raise(vector: u32, kind: u32, error: u32): u32 {
  store<u32>(FAULT, 1);
  store<u32>(FAULT_VECTOR, vector);
  store<u32>(FAULT_KIND, kind);
  store<u32>(FAULT_ERROR, error);
  return FAULTED;
}

/** Exception with an error code. */
export function raiseError(vector: u32, error: u32): u32 {
  return raise(vector, KIND_EXCEPTION | KIND_HAS_ERROR, error);
}

/** Exception without an error code. */
export function raiseVector(vector: u32): u32 {
  return raise(vector, KIND_EXCEPTION, 0);
}

export function raiseGp(error: u32): u32 {
  return raiseError(VECTOR_GP, error);
}

export function raiseSs(error: u32): u32 {
  return raiseError(VECTOR_SS, error);
}

export function raiseTs(error: u32): u32 {
  return raiseError(VECTOR_TS, error);
}

export function raiseNp(error: u32): u32 {
  return raiseError(VECTOR_NP, error);
}

export function raiseUd(): u32 {
  return raiseVector(VECTOR_UD);
}

export function raisePf(gla: u64, error: u32): u32 {
  store<u64>(FAULT_CR2, gla);
  return raiseError(VECTOR_PF, error);
}

/** Debug exception; `dr6` holds the bits to merge into DR6. A trap unless `fault`. */
export function raiseDb(dr6: u64, fault: bool): u32 {
  store<u64>(FAULT_CR2, dr6);
  return raise(VECTOR_DB, fault ? KIND_EXCEPTION : KIND_EXCEPTION | KIND_TRAP, 0);
}

/** INT n, INT3, INTO and INT1; `kind` tells which. */
export function raiseSoftware(vector: u32, kind: u32): u32 {
  return raise(vector, kind | KIND_TRAP, 0);
}

/**
 * #UD or #NM of an SSE instruction, when SSE_TRAP is nonzero: #UD for CR0.EM or without
 * CR4.OSFXSR, else #NM for CR0.TS.
 */
export function raiseSseTrap(): u32 {
  const trap = load<u32>(SSE_TRAP);
  return (trap & 5) != 0 ? raiseUd() : raiseVector(VECTOR_NM);
}

/** True while an exception waits for delivery. @inline */
export function isFaulted(): bool {
  return load<u32>(FAULT) != 0;
}

/** @inline */
export function clearFault(): void {
  store<u32>(FAULT, 0);
}
