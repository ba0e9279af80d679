/** F2XM1, FYL2X, FYL2XP1, FPTAN, FPATAN, FSIN, FCOS, FSINCOS. */
import { FAULTED, NEXT } from "../decode/record";
import { f80Patan } from "../fpu/f80-atan";
import { f80TwoToXMinus1 } from "../fpu/f80-exp";
import { f80Yl2x, f80Yl2xp1 } from "../fpu/f80-log";
import { f80Cos, f80Ptan, f80Sin, f80SinCos } from "../fpu/f80-trig";
import { C2, fpConditions } from "../fpu/status";
import { pushFault, pushSecondResult } from "./x87-arithmetic";
import {
  isEmptySt,
  popSt,
  setCodes,
  setStIndefinite,
  setStResult,
  settleX87,
  stackFault,
  startX87,
  stExp,
  stSig,
} from "./x87-state";

export function f2xm1(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) {
    if (stackFault(rec, 0)) setStIndefinite(0);
    return NEXT;
  }
  f80TwoToXMinus1(stSig(0), stExp(0));
  if (settleX87(rec, 0)) setStResult(0);
  return NEXT;
}

/** Begins an instruction that combines ST(1) with ST(0): true when both are there. */
function startPair(rec: u32): bool {
  if (!isEmptySt(0) && !isEmptySt(1)) return true;
  if (stackFault(rec, 0)) {
    setStIndefinite(1);
    popSt();
  }
  return false;
}

/** Ends it: the result goes to ST(1), which the pop makes ST(0). */
function settlePair(rec: u32): u32 {
  if (settleX87(rec, 0)) {
    setStResult(1);
    popSt();
  }
  return NEXT;
}

export function fyl2x(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (!startPair(rec)) return NEXT;
  f80Yl2x(stSig(0), stExp(0), stSig(1), stExp(1));
  return settlePair(rec);
}

export function fyl2xp1(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (!startPair(rec)) return NEXT;
  f80Yl2xp1(stSig(0), stExp(0), stSig(1), stExp(1));
  return settlePair(rec);
}

export function fpatan(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (!startPair(rec)) return NEXT;
  f80Patan(stSig(0), stExp(0), stSig(1), stExp(1));
  return settlePair(rec);
}

/** Stack underflow of FSIN and FCOS, which leaves C2 clear. */
function angleUnderflow(rec: u32): u32 {
  setCodes(C2, 0);
  if (stackFault(rec, 0)) setStIndefinite(0);
  return NEXT;
}

export function fsin(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return angleUnderflow(rec);
  f80Sin(stSig(0), stExp(0));
  if (settleX87(rec, C2)) setStResult(0);
  return NEXT;
}

export function fcos(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return angleUnderflow(rec);
  f80Cos(stSig(0), stExp(0));
  if (settleX87(rec, C2)) setStResult(0);
  return NEXT;
}

/** Ends FSINCOS and FPTAN; an operand out of range (C2) stays, and nothing is pushed. */
function settleAngle(rec: u32): u32 {
  if (settleX87(rec, C2) && (fpConditions & C2) == 0) pushSecondResult();
  return NEXT;
}

export function fsincos(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0) || !isEmptySt(7)) {
    setCodes(C2, 0);
    return pushFault(rec);
  }
  f80SinCos(stSig(0), stExp(0));
  return settleAngle(rec);
}

export function fptan(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0) || !isEmptySt(7)) {
    setCodes(C2, 0);
    return pushFault(rec);
  }
  f80Ptan(stSig(0), stExp(0));
  return settleAngle(rec);
}
