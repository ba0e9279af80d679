/** FADD, FSUB, FMUL, FDIV in all their forms; FCHS to FSCALE: arithmetic on ST(0) and ST(1). */
import { FAULTED, NEXT, r2Of } from "../decode/record";
import { f80Abs, f80Add, f80ChangeSign, f80Div, f80Mul, f80Sqrt, f80Sub } from "../fpu/f80-arith";
import { f80FromI64, f80WidenF32, f80WidenF64 } from "../fpu/f80-convert";
import { f80Extract, f80Rem, f80Rem1, f80RoundInt, f80Scale } from "../fpu/f80-integer";
import { C0, C2, C3, fpBlocked, r2Exp, r2Sig, rExp, rSig } from "../fpu/status";
import {
  isEmptySt,
  popSt,
  pushSt,
  setCodes,
  setSt,
  setStIndefinite,
  setStResult,
  settleX87,
  sourceX87,
  stackFault,
  startX87,
  stExp,
  stSig,
} from "./x87-state";

// Operations, as ModRM.reg numbers them.
export const X87_ADD: u32 = 0;
export const X87_MUL: u32 = 1;
export const X87_SUB: u32 = 4;
export const X87_SUBR: u32 = 5;
export const X87_DIV: u32 = 6;
export const X87_DIVR: u32 = 7;

/** Computes a `op` b; the reversed operations exchange the operands. */
function operateX87(op: u32, aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  switch (op) {
    case X87_ADD:
      f80Add(aSig, aExp, bSig, bExp);
      break;
    case X87_MUL:
      f80Mul(aSig, aExp, bSig, bExp);
      break;
    case X87_SUB:
      f80Sub(aSig, aExp, bSig, bExp);
      break;
    case X87_SUBR:
      f80Sub(bSig, bExp, aSig, aExp);
      break;
    case X87_DIV:
      f80Div(aSig, aExp, bSig, bExp);
      break;
    default:
      f80Div(bSig, bExp, aSig, aExp);
      break;
  }
}

/** ST(0) = ST(0) op ST(i). */
export function x87StSti(rec: u32, op: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0) || isEmptySt(i)) return underflow(rec, 0, 0);
  operateX87(op, stSig(0), stExp(0), stSig(i), stExp(i));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

/** ST(i) = ST(i) op ST(0), with `pops` 1 followed by a pop. */
export function x87StiSt(rec: u32, op: u32, pops: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0) || isEmptySt(i)) return underflow(rec, i, pops);
  operateX87(op, stSig(i), stExp(i), stSig(0), stExp(0));
  if (!settleX87(rec, 0)) return NEXT;
  setStResult(i);
  if (pops != 0) popSt();
  return NEXT;
}

/** Stack underflow of an operation that writes ST(i). */
function underflow(rec: u32, i: u32, pops: u32): u32 {
  if (!stackFault(rec, 0)) return NEXT;
  setStIndefinite(i);
  if (pops != 0) popSt();
  return NEXT;
}

/** ST(0) = ST(0) op the memory operand that was widened into the result registers. */
function operateMemory(rec: u32, op: u32): u32 {
  if (isEmptySt(0)) return underflow(rec, 0, 0);
  operateX87(op, stSig(0), stExp(0), rSig, rExp);
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

export function x87StF32(rec: u32, op: u32): u32 {
  const from = sourceX87<u32>(rec);
  if (from == 0) return FAULTED;
  f80WidenF32(load<u32>(from));
  return operateMemory(rec, op);
}

export function x87StF64(rec: u32, op: u32): u32 {
  const from = sourceX87<u64>(rec);
  if (from == 0) return FAULTED;
  f80WidenF64(load<u64>(from));
  return operateMemory(rec, op);
}

export function x87StI16(rec: u32, op: u32): u32 {
  const from = sourceX87<u16>(rec);
  if (from == 0) return FAULTED;
  f80FromI64(load<i16>(from) as i64);
  return operateMemory(rec, op);
}

export function x87StI32(rec: u32, op: u32): u32 {
  const from = sourceX87<u32>(rec);
  if (from == 0) return FAULTED;
  f80FromI64(load<i32>(from) as i64);
  return operateMemory(rec, op);
}

// --- one operand ---

export function fchs(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return underflow(rec, 0, 0);
  f80ChangeSign(stSig(0), stExp(0));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

export function fabs(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return underflow(rec, 0, 0);
  f80Abs(stSig(0), stExp(0));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

export function fsqrt(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return underflow(rec, 0, 0);
  f80Sqrt(stSig(0), stExp(0));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

export function frndint(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return underflow(rec, 0, 0);
  f80RoundInt(stSig(0), stExp(0));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

/** FXTRACT: the exponent replaces ST(0), the significand is pushed. */
export function fxtract(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0) || !isEmptySt(7)) return pushFault(rec);
  f80Extract(stSig(0), stExp(0));
  if (settleX87(rec, 0)) pushSecondResult();
  return NEXT;
}

/** Stack fault of an instruction that replaces ST(0) and pushes: the masked response writes both. */
export function pushFault(rec: u32): u32 {
  if (!stackFault(rec, u32(!isEmptySt(0)))) return NEXT;
  setStIndefinite(0);
  pushSt(stSig(0), stExp(0));
  return NEXT;
}

/** Replaces ST(0) by the first result and pushes the second. */
export function pushSecondResult(): void {
  setSt(0, rSig, rExp);
  pushSt(r2Sig, r2Exp);
}

// --- ST(0) and ST(1) ---

export function fscale(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0) || isEmptySt(1)) return underflow(rec, 0, 0);
  f80Scale(stSig(0), stExp(0), stSig(1), stExp(1));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

export function fprem(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0) || isEmptySt(1)) return remainderUnderflow(rec);
  f80Rem(stSig(0), stExp(0), stSig(1), stExp(1));
  return settleRemainder(rec);
}

export function fprem1(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0) || isEmptySt(1)) return remainderUnderflow(rec);
  f80Rem1(stSig(0), stExp(0), stSig(1), stExp(1));
  return settleRemainder(rec);
}

function remainderUnderflow(rec: u32): u32 {
  setCodes(C2, 0);
  return underflow(rec, 0, 0);
}

/** Without a remainder there is no quotient to tell of: C0 and C3 stay. */
function settleRemainder(rec: u32): u32 {
  const none = fpBlocked != 0 || (rExp & 0x7fff) == 0x7fff;
  if (settleX87(rec, none ? C2 : C0 | C2 | C3)) setStResult(0);
  return NEXT;
}
