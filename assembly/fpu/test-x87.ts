/** Part of the test build: x87 operations on records. */
import {
  f80Abs,
  f80Add,
  f80ChangeSign,
  f80Compare,
  f80Div,
  f80Mul,
  f80Sqrt,
  f80Sub,
} from "./f80-arith";
import { f80Patan } from "./f80-atan";
import { bcdHigh, f80FromBcd, f80ToBcd } from "./f80-bcd";
import { f80Constant } from "./f80-constants";
import {
  f80FromF32,
  f80FromF64,
  f80FromI64,
  f80ToF32,
  f80ToF64,
  f80ToInteger,
  f80ToIntegerTruncated,
  f80WidenF32,
  f80WidenF64,
} from "./f80-convert";
import { f80TwoToXMinus1 } from "./f80-exp";
import { f80Extract, f80Rem, f80Rem1, f80RoundInt, f80Scale } from "./f80-integer";
import { f80Yl2x, f80Yl2xp1 } from "./f80-log";
import { f80Examine } from "./f80-operand";
import { f80Cos, f80Ptan, f80Sin, f80SinCos } from "./f80-trig";
import {
  C2,
  fpBlocked,
  fpC1,
  fpConditions,
  fpFlags,
  fpuBegin,
  r2Exp,
  r2Sig,
  rExp,
  rSig,
  setC1,
} from "./status";

// What an operation does to the register stack.
const REPLACE: u32 = 0;
const PUSH: u32 = 1;
const LOAD: u32 = 2;
const STORE: u32 = 3;
const COMPARE: u32 = 4;

let storedLow: u64 = 0;
let storedHigh: u32 = 0;

/** What the memory operand of a store holds beforehand: bytes 0xAA. */
const UNTOUCHED: u64 = 0xaaaaaaaaaaaaaaaa;

/** Bytes of `value` over an untouched memory operand. */
function stored(value: u64, bytes: u64): u32 {
  const mask: u64 = bytes == 8 ? ~(<u64>0) : ((<u64>1) << (bytes * 8)) - 1;
  storedLow = fpBlocked ? UNTOUCHED : (value & mask) | (UNTOUCHED & ~mask);
  storedHigh = 0xaaaa;
  return STORE;
}

function storedBcd(low: u64): u32 {
  storedLow = fpBlocked ? UNTOUCHED : low;
  storedHigh = fpBlocked ? 0xaaaa : bcdHigh;
  return STORE;
}

/** Operations 0 to 20: arithmetic on registers, constants. */
function arithmetic(op: u32, as: u64, ae: u32, bs: u64, be: u32): u32 {
  switch (op) {
    case 0:
      f80Add(as, ae, bs, be);
      return REPLACE;
    case 1:
      f80Sub(as, ae, bs, be);
      return REPLACE;
    case 2:
      f80Mul(as, ae, bs, be);
      return REPLACE;
    case 3:
      f80Div(as, ae, bs, be);
      return REPLACE;
    case 4:
      f80Sqrt(as, ae);
      return REPLACE;
    case 5:
      f80Compare(as, ae, bs, be, false);
      return COMPARE;
    case 6:
      f80Compare(as, ae, bs, be, true);
      return COMPARE;
    case 7:
      f80Rem(as, ae, bs, be);
      return REPLACE;
    case 8:
      f80Rem1(as, ae, bs, be);
      return REPLACE;
    case 9:
      f80RoundInt(as, ae);
      return REPLACE;
    case 10:
      f80Scale(as, ae, bs, be);
      return REPLACE;
    case 11:
      f80Extract(as, ae);
      return PUSH;
    case 12:
      f80ChangeSign(as, ae);
      return REPLACE;
    case 13:
      f80Abs(as, ae);
      return REPLACE;
    default:
      f80Constant(op - 14);
      return LOAD;
  }
}

/** Operations 21 to 35: loads and stores. */
function conversion(op: u32, as: u64, ae: u32): u32 {
  switch (op) {
    case 21:
      f80FromF32(u32(as));
      return LOAD;
    case 22:
      f80FromF64(as);
      return LOAD;
    case 23:
      return stored(f80ToF32(as, ae), 4);
    case 24:
      return stored(f80ToF64(as, ae), 8);
    case 25:
      f80FromI64(i64(i16(as)));
      return LOAD;
    case 26:
      f80FromI64(i64(i32(as)));
      return LOAD;
    case 27:
      f80FromI64(i64(as));
      return LOAD;
    case 28:
      return stored(u64(f80ToInteger(as, ae, 16)), 2);
    case 29:
      return stored(u64(f80ToInteger(as, ae, 32)), 4);
    case 30:
      return stored(u64(f80ToInteger(as, ae, 64)), 8);
    case 31:
      return stored(u64(f80ToIntegerTruncated(as, ae, 16)), 2);
    case 32:
      return stored(u64(f80ToIntegerTruncated(as, ae, 32)), 4);
    case 33:
      return stored(u64(f80ToIntegerTruncated(as, ae, 64)), 8);
    case 34:
      f80FromBcd(as, ae);
      return LOAD;
    default:
      return storedBcd(f80ToBcd(as, ae));
  }
}

/** Operations 36 to 45: transcendentals, FXAM, FTST. */
function transcendental(op: u32, as: u64, ae: u32, bs: u64, be: u32): u32 {
  switch (op) {
    case 36:
      f80TwoToXMinus1(as, ae);
      return REPLACE;
    case 37:
      f80Yl2x(as, ae, bs, be);
      return REPLACE;
    case 38:
      f80Yl2xp1(as, ae, bs, be);
      return REPLACE;
    case 39:
      f80Ptan(as, ae);
      return fpConditions & C2 ? COMPARE : PUSH;
    case 40:
      f80Patan(as, ae, bs, be);
      return REPLACE;
    case 41:
      f80Sin(as, ae);
      return fpConditions & C2 ? COMPARE : REPLACE;
    case 42:
      f80Cos(as, ae);
      return fpConditions & C2 ? COMPARE : REPLACE;
    case 43:
      f80SinCos(as, ae);
      return fpConditions & C2 ? COMPARE : PUSH;
    case 44:
      setC1(f80Examine(as, ae, false));
      return COMPARE;
    default:
      f80Compare(as, ae, 0, 0, false);
      return COMPARE;
  }
}

/** Operations 46 to 54: arithmetic with a 32-bit or 64-bit memory operand. */
function memoryArithmetic(op: u32, as: u64, ae: u32, bits: u64): u32 {
  if (op < 50) f80WidenF32(u32(bits));
  else f80WidenF64(bits);
  switch (op) {
    case 46:
    case 50:
      f80Add(as, ae, rSig, rExp);
      return REPLACE;
    case 47:
    case 51:
      f80Mul(as, ae, rSig, rExp);
      return REPLACE;
    case 48:
    case 52:
      f80Div(as, ae, rSig, rExp);
      return REPLACE;
    case 49:
    case 53:
      f80Compare(as, ae, rSig, rExp, false);
      return COMPARE;
    default:
      f80Div(rSig, rExp, as, ae);
      return REPLACE;
  }
}

function write(target: usize, s0: u64, e0: u32, s1: u64, e1: u32): void {
  store<u64>(target, s0, 32);
  store<u64>(target, s1, 40);
  store<u32>(target, e0, 48);
  store<u32>(target, e1, 52);
}

/** Executes the x87 record at `source` and writes the outcome to that at `target`. */
export function x87Operation(source: usize, target: usize): void {
  const op = load<u32>(source);
  const as = load<u64>(source, 8);
  const bs = load<u64>(source, 16);
  const ae = load<u32>(source, 24);
  const be = load<u32>(source, 28);
  fpuBegin(load<u32>(source, 4));
  let effect: u32;
  if (op < 21) effect = arithmetic(op, as, ae, bs, be);
  else if (op < 36) effect = conversion(op, as, ae);
  else if (op < 46) effect = transcendental(op, as, ae, bs, be);
  else effect = memoryArithmetic(op, as, ae, bs);
  if (effect == STORE) write(target, storedLow, storedHigh, 0, 0);
  else if (effect == LOAD && fpBlocked) write(target, 0xc000000000000000, 0xffff, 0, 0);
  else if (effect == COMPARE || fpBlocked) write(target, as, ae, 0, 0);
  else if (effect == PUSH) write(target, r2Sig, r2Exp, rSig, rExp);
  else write(target, rSig, rExp, 0, 0);
  store<u32>(target, fpFlags | fpConditions | (fpC1 << 9), 56);
  store<u32>(target, 0, 60);
}
