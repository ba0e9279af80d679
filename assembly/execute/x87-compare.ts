/** FCOM, FUCOM, FICOM, FCOMI, FUCOMI with their popping forms, FTST, FXAM. */
import { FLAG_CF, FLAG_PF, FLAG_ZF, setArithmeticFlags } from "../cpu/flags";
import { FSW_C1 } from "../cpu/fpu-state";
import { FAULTED, NEXT, r2Of } from "../decode/record";
import { f80Compare } from "../fpu/f80-arith";
import { f80FromI64, f80WidenF32, f80WidenF64 } from "../fpu/f80-convert";
import { f80Examine } from "../fpu/f80-operand";
import { C0, C2, C3, fpConditions, fpFlags, fpMasks, IE, rExp, rSig } from "../fpu/status";
import {
  isEmptySt,
  popSt,
  setCodes,
  settleX87,
  sourceX87,
  stackFault,
  startX87,
  stExp,
  stSig,
} from "./x87-state";

const CODES: u32 = C0 | C2 | C3;

/** An unmasked invalid operation leaves the condition codes and flags (SDM "FCOM"). @inline */
function comparesUnmaskedInvalid(): bool {
  return (fpFlags & IE & ~fpMasks) != 0;
}

function popTimes(pops: u32): void {
  for (let i: u32 = 0; i < pops; i++) popSt();
}

/** Stack underflow: unordered where it is masked. */
function compareUnderflow(rec: u32, pops: u32): u32 {
  if (!stackFault(rec, 0)) return NEXT;
  setCodes(CODES, CODES);
  popTimes(pops);
  return NEXT;
}

/** Compares ST(0) with b. */
function compareWith(rec: u32, bSig: u64, bExp: u32, quiet: bool, pops: u32): u32 {
  f80Compare(stSig(0), stExp(0), bSig, bExp, quiet);
  if (settleX87(rec, comparesUnmaskedInvalid() ? 0 : CODES)) popTimes(pops);
  return NEXT;
}

/** FCOM and its aliases, FCOMP, FCOMPP: `pops` times a pop. */
export function fcomSti(rec: u32, pops: u32): u32 {
  return compareSti(rec, false, pops);
}

export function fucomSti(rec: u32, pops: u32): u32 {
  return compareSti(rec, true, pops);
}

function compareSti(rec: u32, quiet: bool, pops: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0) || isEmptySt(i)) return compareUnderflow(rec, pops);
  return compareWith(rec, stSig(i), stExp(i), quiet, pops);
}

/** Compares ST(0) with the memory operand that was widened into the result registers. */
function compareMemory(rec: u32, pops: u32): u32 {
  if (isEmptySt(0)) return compareUnderflow(rec, pops);
  return compareWith(rec, rSig, rExp, false, pops);
}

export function fcomF32(rec: u32, pops: u32): u32 {
  const from = sourceX87<u32>(rec);
  if (from == 0) return FAULTED;
  f80WidenF32(load<u32>(from));
  return compareMemory(rec, pops);
}

export function fcomF64(rec: u32, pops: u32): u32 {
  const from = sourceX87<u64>(rec);
  if (from == 0) return FAULTED;
  f80WidenF64(load<u64>(from));
  return compareMemory(rec, pops);
}

export function ficomI16(rec: u32, pops: u32): u32 {
  const from = sourceX87<u16>(rec);
  if (from == 0) return FAULTED;
  f80FromI64(load<i16>(from) as i64);
  return compareMemory(rec, pops);
}

export function ficomI32(rec: u32, pops: u32): u32 {
  const from = sourceX87<u32>(rec);
  if (from == 0) return FAULTED;
  f80FromI64(load<i32>(from) as i64);
  return compareMemory(rec, pops);
}

/** FCOMI and FUCOMI (`quiet`): the result goes to ZF, PF and CF; OF, SF and AF are cleared. */
function compareFlags(rec: u32, quiet: bool, pops: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0) || isEmptySt(i)) {
    if (!stackFault(rec, 0)) return NEXT;
    setArithmeticFlags(FLAG_ZF | FLAG_PF | FLAG_CF);
    popTimes(pops);
    return NEXT;
  }
  f80Compare(stSig(0), stExp(0), stSig(i), stExp(i), quiet);
  // C3, C2 and C0 lie 8 bits above ZF, PF and CF.
  if (!comparesUnmaskedInvalid()) setArithmeticFlags(fpConditions >>> 8);
  if (settleX87(rec, 0)) popTimes(pops);
  return NEXT;
}

export function fcomi(rec: u32, pops: u32): u32 {
  return compareFlags(rec, false, pops);
}

export function fucomi(rec: u32, pops: u32): u32 {
  return compareFlags(rec, true, pops);
}

/** FTST: compares ST(0) with 0.0. */
export function ftst(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (isEmptySt(0)) return compareUnderflow(rec, 0);
  return compareWith(rec, 0, 0, false, 0);
}

/** FXAM: C1 is the sign also of an empty register. */
export function fxam(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const sign = f80Examine(stSig(0), stExp(0), isEmptySt(0));
  setCodes(CODES | FSW_C1, fpConditions | (sign << 9));
  return NEXT;
}
