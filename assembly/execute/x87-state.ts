/**
 * What x87 instructions share: the checks before them, the register stack, the pointers they leave,
 * the status after them.
 *
 * An instruction goes through these steps, so that a fault leaves everything as it was:
 *   1. `startX87`, or `sourceX87` / `targetX87` for a memory operand: #NM, #MF, faults of the operand
 *   2. `stackFault` when a register is empty or full that must not be
 *   3. an operation of assembly/fpu
 *   4. `settleX87`, which updates the status word and tells whether the result may be written
 */
import { CR0_NE } from "../cpu/control-bits";
import { raiseVector, VECTOR_MF, VECTOR_NM } from "../cpu/fault";
import { FERR, FSW_B, FSW_C1, FSW_ES, FSW_SF } from "../cpu/fpu-state";
import { ripOf } from "../cpu/run";
import { imm32Of } from "../decode/record";
import { INDEFINITE_EXP, INDEFINITE_SIG } from "../fpu/f80-operand";
import {
  fpBlocked,
  fpC1,
  fpConditions,
  fpFlags,
  fpMasks,
  fpuBegin,
  IE,
  rExp,
  rSig,
} from "../fpu/status";
import { CR0, FCW, FDP, FIP, FOP, FPR, FPU_TRAP, FSW, FTOP, FTW, IGNNE } from "../generated/state";
import {
  fetchOperand,
  fetchOperand80,
  operandAt,
  placeOperand,
  placeOperand80,
} from "./operand-at";

const SUMMARY: u32 = FSW_ES | FSW_B;

// --- checks ---

/** Checks of a waiting instruction: false with #NM or #MF raised. @inline */
export function waitX87(): bool {
  return (load<u32>(FPU_TRAP) | (load<u32>(FSW) & FSW_ES)) == 0 || mayGoOn();
}

/** Checks of an instruction that does not wait: false with #NM raised. @inline */
export function nowaitX87(): bool {
  if (load<u32>(FPU_TRAP) == 0) return true;
  raiseVector(VECTOR_NM);
  return false;
}

function mayGoOn(): bool {
  if (load<u32>(FPU_TRAP) != 0) {
    raiseVector(VECTOR_NM);
    return false;
  }
  return !raisePending();
}

/**
 * Reports a pending unmasked exception: true with #MF raised. With CR0.NE clear the processor
 * asserts FERR#, which the state word IGNNE shows, and goes on as it does while IGNNE# is asserted.
 */
export function raisePending(): bool {
  if ((load<u32>(FSW) & FSW_ES) == 0) return false;
  if ((load<u64>(CR0) & CR0_NE) != 0) {
    raiseVector(VECTOR_MF);
    return true;
  }
  store<u32>(IGNNE, load<u32>(IGNNE) | FERR);
  return false;
}

/** Begins an instruction without memory operand; false with an exception raised. @inline */
export function startX87(rec: u32): bool {
  if (!waitX87()) return false;
  store<u64>(FIP, ripOf(rec));
  fpuBegin(load<u32>(FCW));
  return true;
}

/** Begins an instruction on the memory operand that `operandAt` names. */
function startMemory(rec: u32): void {
  store<u64>(FIP, ripOf(rec));
  store<u64>(FDP, operandAt);
  fpuBegin(load<u32>(FCW));
}

/** Begins an instruction that reads a T in memory: its pointer, or 0 with an exception raised. */
export function sourceX87<T>(rec: u32): u32 {
  if (!waitX87()) return 0;
  const from = fetchOperand<T>(rec);
  if (from != 0) startMemory(rec);
  return from;
}

/** The same for 10 bytes. */
export function sourceX87Extended(rec: u32): u32 {
  if (!waitX87()) return 0;
  const from = fetchOperand80(rec);
  if (from != 0) startMemory(rec);
  return from;
}

/**
 * Begins an instruction that writes a T to memory: its pointer, or 0 with an exception raised. The
 * store ends with `finishStore`, which does not fault then, or is left out.
 */
export function targetX87<T>(rec: u32): u32 {
  if (!waitX87()) return 0;
  const to = placeOperand<T>(rec);
  if (to != 0) startMemory(rec);
  return to;
}

/** The same for 10 bytes. */
export function targetX87Extended(rec: u32): u32 {
  if (!waitX87()) return 0;
  const to = placeOperand80(rec);
  if (to != 0) startMemory(rec);
  return to;
}

// --- register stack ---

/** Pointer to ST(i): the significand, sign and exponent at 8. @inline */
export function st(i: u32): u32 {
  return FPR + (((load<u32>(FTOP) + i) & 7) << 4);
}

/** Significand of ST(i). @inline */
export function stSig(i: u32): u64 {
  return load<u64>(st(i));
}

/** Sign and exponent of ST(i). @inline */
export function stExp(i: u32): u32 {
  return load<u16>(st(i), 8) as u32;
}

/** @inline */
export function isEmptySt(i: u32): bool {
  return ((load<u32>(FTW) >>> ((load<u32>(FTOP) + i) & 7)) & 1) == 0;
}

/** Writes ST(i) and makes it valid. @inline */
export function setSt(i: u32, sig: u64, exp: u32): void {
  const n = (load<u32>(FTOP) + i) & 7;
  store<u64>(FPR + (n << 4), sig);
  store<u16>(FPR + (n << 4), exp as u16, 8);
  store<u32>(FTW, load<u32>(FTW) | (1 << n));
}

/** Writes the real indefinite, the masked response to a stack fault, to ST(i). */
export function setStIndefinite(i: u32): void {
  setSt(i, INDEFINITE_SIG, INDEFINITE_EXP);
}

/** @inline */
export function freeSt(i: u32): void {
  store<u32>(FTW, load<u32>(FTW) & ~(1 << ((load<u32>(FTOP) + i) & 7)));
}

/** Moves TOP by `change` and leaves the tags. @inline */
export function moveTop(change: u32): void {
  store<u32>(FTOP, (load<u32>(FTOP) + change) & 7);
}

/** @inline */
export function popSt(): void {
  freeSt(0);
  moveTop(1);
}

/** @inline */
export function pushSt(sig: u64, exp: u32): void {
  moveTop(7);
  setSt(0, sig, exp);
}

// --- status ---

/** Clears C1, which most instructions do that cannot round. @inline */
export function clearC1(): void {
  store<u32>(FSW, load<u32>(FSW) & ~FSW_C1);
}

/** Clears or sets condition codes: those of `mask` become `codes`. @inline */
export function setCodes(mask: u32, codes: u32): void {
  store<u32>(FSW, (load<u32>(FSW) & ~mask) | codes);
}

/**
 * Notes a stack fault, with C1 as `overflow` (1 for overflow, 0 for underflow). True when the
 * invalid operation is masked, so that the masked response is due; else nothing may change.
 */
export function stackFault(rec: u32, overflow: u32): bool {
  const masked = (load<u32>(FCW) & IE) != 0;
  let fsw = (load<u32>(FSW) & ~FSW_C1) | (IE | FSW_SF) | (overflow << 9);
  if (!masked) {
    fsw |= SUMMARY;
    noteOpcode(rec);
  }
  store<u32>(FSW, fsw);
  return masked;
}

/** FOP changes with unmasked exceptions only (SDM "Fopcode Compatibility Sub-mode"). @inline */
function noteOpcode(rec: u32): void {
  store<u32>(FOP, imm32Of(rec) as u32);
}

/**
 * Merges exceptions, C1 and, of the condition codes in `mask`, those of the operation into the status
 * word. True when the result may be written and the stack may move.
 */
export function settleX87(rec: u32, mask: u32): bool {
  let fsw = (load<u32>(FSW) & ~(FSW_C1 | mask)) | fpFlags | (fpC1 << 9) | (fpConditions & mask);
  if ((fpFlags & ~fpMasks) != 0) {
    fsw |= SUMMARY;
    noteOpcode(rec);
  }
  store<u32>(FSW, fsw);
  return fpBlocked == 0;
}

/** Writes the operation's result to ST(i). @inline */
export function setStResult(i: u32): void {
  setSt(i, rSig, rExp);
}
