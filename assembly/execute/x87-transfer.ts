/** FLD, FST, FSTP, FILD, FIST, FISTTP, FBLD, FBSTP, the constants, FXCH, FCMOVcc. */
import { FAULTED, NEXT, r2Of } from "../decode/record";
import { bcdHigh, f80FromBcd, f80ToBcd } from "../fpu/f80-bcd";
import { f80Constant } from "../fpu/f80-constants";
import {
  f80FromF32,
  f80FromF64,
  f80FromI64,
  f80ToF32,
  f80ToF64,
  f80ToInteger,
  f80ToIntegerTruncated,
} from "../fpu/f80-convert";
import { INDEFINITE_EXP, INDEFINITE_SIG } from "../fpu/f80-operand";
import { rExp, rSig } from "../fpu/status";
import { finishStore } from "./operand";
import {
  clearC1,
  isEmptySt,
  popSt,
  pushSt,
  setSt,
  setStIndefinite,
  settleX87,
  sourceX87,
  sourceX87Extended,
  stackFault,
  startX87,
  stExp,
  stSig,
  targetX87,
  targetX87Extended,
} from "./x87-state";

// --- loads ---

/** Stack overflow: where masked, the indefinite is pushed over what was there. */
function overflow(rec: u32): u32 {
  if (stackFault(rec, 1)) pushSt(INDEFINITE_SIG, INDEFINITE_EXP);
  return NEXT;
}

/** Pushes the operation's result. */
function pushResult(rec: u32): u32 {
  if (settleX87(rec, 0)) pushSt(rSig, rExp);
  return NEXT;
}

export function fldSti(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  // Of both faults, underflow is reported.
  if (isEmptySt(i)) {
    if (stackFault(rec, 0)) pushSt(INDEFINITE_SIG, INDEFINITE_EXP);
    return NEXT;
  }
  if (!isEmptySt(7)) return overflow(rec);
  clearC1();
  pushSt(stSig(i), stExp(i));
  return NEXT;
}

export function fldF32(rec: u32): u32 {
  const from = sourceX87<u32>(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80FromF32(load<u32>(from));
  return pushResult(rec);
}

export function fldF64(rec: u32): u32 {
  const from = sourceX87<u64>(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80FromF64(load<u64>(from));
  return pushResult(rec);
}

/** FLD m80fp: no operand is invalid. */
export function fldF80(rec: u32): u32 {
  const from = sourceX87Extended(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  clearC1();
  pushSt(load<u64>(from), load<u16>(from, 8) as u32);
  return NEXT;
}

export function fildI16(rec: u32): u32 {
  const from = sourceX87<u16>(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80FromI64(load<i16>(from) as i64);
  return pushResult(rec);
}

export function fildI32(rec: u32): u32 {
  const from = sourceX87<u32>(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80FromI64(load<i32>(from) as i64);
  return pushResult(rec);
}

export function fildI64(rec: u32): u32 {
  const from = sourceX87<u64>(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80FromI64(load<i64>(from));
  return pushResult(rec);
}

export function fbld(rec: u32): u32 {
  const from = sourceX87Extended(rec);
  if (from == 0) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80FromBcd(load<u64>(from), load<u16>(from, 8) as u32);
  return pushResult(rec);
}

/** FLD1 (0) to FLDZ (6). */
export function fldConstant(rec: u32, index: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  if (!isEmptySt(7)) return overflow(rec);
  f80Constant(index);
  return pushResult(rec);
}

// --- stores; memory is checked before anything changes ---

export function fstF32(rec: u32, pops: u32): u32 {
  const to = targetX87<u32>(rec);
  if (to == 0) return FAULTED;
  let bits: u32 = 0xffc00000;
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
  } else {
    bits = f80ToF32(stSig(0), stExp(0));
    if (!settleX87(rec, 0)) return NEXT;
  }
  store<u32>(to, bits);
  return finishPop(to, pops);
}

export function fstF64(rec: u32, pops: u32): u32 {
  const to = targetX87<u64>(rec);
  if (to == 0) return FAULTED;
  let bits: u64 = 0xfff8000000000000;
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
  } else {
    bits = f80ToF64(stSig(0), stExp(0));
    if (!settleX87(rec, 0)) return NEXT;
  }
  store<u64>(to, bits);
  return finishPop(to, pops);
}

/** FSTP m80fp. */
export function fstpF80(rec: u32): u32 {
  const to = targetX87Extended(rec);
  if (to == 0) return FAULTED;
  let sig = stSig(0);
  let exp = stExp(0);
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
    sig = INDEFINITE_SIG;
    exp = INDEFINITE_EXP;
  } else clearC1();
  store<u64>(to, sig);
  store<u16>(to, exp as u16, 8);
  return finishPop(to, 1);
}

/** FIST and FISTP; with `truncate` FISTTP, which always pops. */
function roundToInteger(width: u32, truncate: bool): i64 {
  if (truncate) return f80ToIntegerTruncated(stSig(0), stExp(0), width);
  return f80ToInteger(stSig(0), stExp(0), width);
}

export function fistI16(rec: u32, pops: u32, truncate: bool): u32 {
  const to = targetX87<u16>(rec);
  if (to == 0) return FAULTED;
  let value: i64 = 0x8000;
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
  } else {
    value = roundToInteger(16, truncate);
    if (!settleX87(rec, 0)) return NEXT;
  }
  store<u16>(to, value as u16);
  return finishPop(to, pops);
}

export function fistI32(rec: u32, pops: u32, truncate: bool): u32 {
  const to = targetX87<u32>(rec);
  if (to == 0) return FAULTED;
  let value: i64 = 0x80000000;
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
  } else {
    value = roundToInteger(32, truncate);
    if (!settleX87(rec, 0)) return NEXT;
  }
  store<u32>(to, value as u32);
  return finishPop(to, pops);
}

export function fistpI64(rec: u32, truncate: bool): u32 {
  const to = targetX87<u64>(rec);
  if (to == 0) return FAULTED;
  let value: i64 = i64.MIN_VALUE;
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
  } else {
    value = roundToInteger(64, truncate);
    if (!settleX87(rec, 0)) return NEXT;
  }
  store<u64>(to, value as u64);
  return finishPop(to, 1);
}

export function fbstp(rec: u32): u32 {
  const to = targetX87Extended(rec);
  if (to == 0) return FAULTED;
  // The packed decimal indefinite.
  let low: u64 = 0xc000000000000000;
  let high: u32 = 0xffff;
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
  } else {
    low = f80ToBcd(stSig(0), stExp(0));
    high = bcdHigh;
    if (!settleX87(rec, 0)) return NEXT;
  }
  store<u64>(to, low);
  store<u16>(to, high as u16, 8);
  return finishPop(to, 1);
}

/** Ends a store to memory, and pops. */
function finishPop(to: u32, pops: u32): u32 {
  finishStore(to);
  if (pops != 0) popSt();
  return NEXT;
}

/** FST and FSTP to a register, with the aliases of FSTP. */
export function fstSti(rec: u32, pops: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0)) {
    if (!stackFault(rec, 0)) return NEXT;
    setStIndefinite(i);
  } else {
    clearC1();
    setSt(i, stSig(0), stExp(0));
  }
  if (pops != 0) popSt();
  return NEXT;
}

/** D9 /3: FSTP that does not mind an empty ST(0), which it pops without storing it. */
export function fstpQuiet(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  clearC1();
  if (!isEmptySt(0)) setSt(r2Of(rec), stSig(0), stExp(0));
  popSt();
  return NEXT;
}

// --- exchange and conditional move ---

/** Where masked, an empty register becomes the indefinite before the exchange. */
export function fxchSti(rec: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0) || isEmptySt(i)) {
    if (!stackFault(rec, 0)) return NEXT;
    if (isEmptySt(0)) setStIndefinite(0);
    if (isEmptySt(i)) setStIndefinite(i);
  } else clearC1();
  const sig = stSig(0);
  const exp = stExp(0);
  setSt(0, stSig(i), stExp(i));
  setSt(i, sig, exp);
  return NEXT;
}

/** FCMOVcc: an empty register is a fault whatever the condition. */
export function fcmovStSti(rec: u32, condition: u32): u32 {
  if (!startX87(rec)) return FAULTED;
  const i = r2Of(rec);
  if (isEmptySt(0) || isEmptySt(i)) {
    if (stackFault(rec, 0)) setStIndefinite(0);
  } else if (condition != 0) setSt(0, stSig(i), stExp(i));
  return NEXT;
}
