/**
 * What MMX instructions share: the checks before them, their operands, and the transition of the x87
 * state. An MMX register is the significand of the physical x87 register of its number; every
 * instruction but EMMS makes all tags valid, and a write sets sign and exponent to ones (SDM "Effect
 * of MMX Instructions on the x87 FPU Tag Word").
 */
import { raiseUd, raiseVector, VECTOR_NM } from "../cpu/fault";
import { FSW_ES, TRAP_EM } from "../cpu/fpu-state";
import { isMemory, NEXT, r1Of, r2Of } from "../decode/record";
import { FPR, FPU_TRAP, FSW, FTOP, FTW } from "../generated/state";
import { fetchOperand } from "./operand-at";
import { raisePending } from "./x87-state";

const ALL_VALID: u32 = 0xff;

/** False with #UD (CR0.EM), #NM (CR0.TS) or #MF raised. @inline */
export function readyMmx(): bool {
  return (load<u32>(FPU_TRAP) | (load<u32>(FSW) & FSW_ES)) == 0 || mayUseMmx();
}

function mayUseMmx(): bool {
  const trap = load<u32>(FPU_TRAP);
  if (trap == 0) return !raisePending();
  if ((trap & TRAP_EM) != 0) raiseUd();
  else raiseVector(VECTOR_NM);
  return false;
}

/** The transition from x87 to MMX state. @inline */
export function enterMmx(): void {
  store<u32>(FTOP, 0);
  store<u32>(FTW, ALL_VALID);
}

/** Begins an instruction: pointer to its source Q, or 0 with an exception raised. */
export function sourceMmx(rec: u32): u32 {
  if (!readyMmx()) return 0;
  return isMemory(rec) ? fetchOperand<u64>(rec) : FPR + r2Of(rec);
}

/** The same for a source of which only 32 bits are read in memory. */
export function sourceMmx32(rec: u32): u32 {
  if (!readyMmx()) return 0;
  return isMemory(rec) ? fetchOperand<u32>(rec) : FPR + r2Of(rec);
}

/** The 64 bits at `from`, in the low half of a vector. @inline */
export function loadMmx(from: u32): v128 {
  return v128.load_zero<u64>(from);
}

/** The register P. @inline */
export function destinationMmx(rec: u32): v128 {
  return v128.load_zero<u64>(r1Of(rec), FPR);
}

/** Ends an instruction: writes the low half of `value` to the register P. @inline */
export function setMmx(rec: u32, value: v128): u32 {
  return setMmx64(rec, v128.extract_lane<u64>(value, 0));
}

/** The same for a scalar. @inline */
export function setMmx64(rec: u32, value: u64): u32 {
  writeMmx(r1Of(rec), value);
  enterMmx();
  return NEXT;
}

/** Writes the register at byte offset `register` of FPR. @inline */
export function writeMmx(register: u32, value: u64): void {
  store<u64>(register, value, FPR);
  store<u16>(register, 0xffff, FPR + 8);
}
