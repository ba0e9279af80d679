/**
 * SSE add, subtract, multiply, divide and square root in integer arithmetic, for every operand and
 * rounding mode; `double` chooses the 64-bit or the 32-bit format.
 *
 * Priority of exceptions (SDM "Priority Among Simultaneous Exceptions and Interrupts", SIMD):
 * invalid for an SNaN, QNaN, other invalid and zero divide, denormal operand, then overflow,
 * underflow and inexact. An unmasked exception found before the computation ends it.
 */
import {
  addMagnitudes,
  divide,
  multiply,
  squareRoot,
  subMagnitudes,
  uExp,
  uHi,
  uLo,
  uSign,
} from "./kernel";
import { roundNarrow } from "./round";
import {
  cExp,
  classify,
  cSig,
  cSign,
  DENORMAL,
  INFINITY,
  QNAN,
  SNAN,
  sseBlocked,
  ZERO,
} from "./sse-operand";
import { DE, fpRc, IE, RC_DOWN, raise, sseSettings, ZE } from "./status";

export const ADD: u32 = 0;
export const SUB: u32 = 1;
export const MUL: u32 = 2;
export const DIV: u32 = 3;

/** The quiet bit of the format. @inline */
function quietBit(double: bool): u64 {
  return double ? 0x8000000000000 : 0x400000;
}

/** Default NaN: negative, quiet, no payload. @inline */
export function defaultNaN(double: bool): u64 {
  return double ? 0xfff8000000000000 : 0xffc00000;
}

/** @inline */
function signBit(sign: u32, double: bool): u64 {
  return double ? u64(sign) << 48 : u64(sign) << 16;
}

/** @inline */
function infinity(sign: u32, double: bool): u64 {
  return signBit(sign, double) | (double ? 0x7ff0000000000000 : 0x7f800000);
}

function invalid(double: bool): u64 {
  raise(IE);
  return defaultNaN(double);
}

/** Rounds the kernel's result. */
function pack(double: bool): u64 {
  return roundNarrow(uSign, uExp, uHi, uLo, double);
}

/**
 * Computes a OP b. The value is meaningless when it leaves an unmasked exception in fpFlags.
 */
export function softBinary(op: u32, a: u64, b: u64, mxcsr: u32, double: bool): u64 {
  sseSettings(mxcsr);
  const ac = classify(a, mxcsr, double);
  const aSign = cSign;
  const aExp = cExp;
  const aSig = cSig;
  const bc = classify(b, mxcsr, double);
  if (ac >= QNAN || bc >= QNAN) {
    // The first operand wins if it is a NaN, whatever kind the second is.
    if (ac == SNAN || bc == SNAN) raise(IE);
    return (ac >= QNAN ? a : b) | quietBit(double);
  }
  const bSign = op == SUB ? cSign ^ 0x8000 : cSign;
  const sign = (aSign ^ cSign) & 0x8000;
  let special = ac == INFINITY || bc == INFINITY || ac == ZERO || bc == ZERO;
  if (special) {
    if (op <= SUB) {
      if (ac == INFINITY && bc == INFINITY && aSign != bSign) return invalid(double);
    } else if (op == MUL) {
      if (ac + bc == INFINITY && (ac == ZERO || bc == ZERO)) return invalid(double);
    } else {
      if (ac == bc) return invalid(double);
      if (bc == ZERO && ac != INFINITY) {
        raise(ZE);
        return infinity(sign, double);
      }
    }
  }
  if (ac == DENORMAL || bc == DENORMAL) {
    raise(DE);
    if (sseBlocked()) return 0;
  }
  if (special) {
    if (op == MUL) {
      return ac == INFINITY || bc == INFINITY ? infinity(sign, double) : signBit(sign, double);
    }
    if (op == DIV) return ac == INFINITY ? infinity(sign, double) : signBit(sign, double);
    if (ac == INFINITY) return infinity(aSign, double);
    if (bc == INFINITY) return infinity(bSign, double);
    if (ac == ZERO && bc == ZERO) {
      return signBit(aSign == bSign ? aSign : fpRc == RC_DOWN ? 0x8000 : 0, double);
    }
    if (ac == ZERO) return roundNarrow(bSign, cExp, cSig, 0, double);
    return roundNarrow(aSign, aExp, aSig, 0, double);
  }
  if (op == MUL) multiply(sign, aExp, aSig, cExp, cSig);
  else if (op == DIV) divide(sign, aExp, aSig, cExp, cSig);
  else if (aSign == bSign) addMagnitudes(aSign, aExp, aSig, cExp, cSig);
  else {
    subMagnitudes(aSign, aExp, aSig, cExp, cSig);
    if (uHi == 0) return signBit(fpRc == RC_DOWN ? 0x8000 : 0, double);
  }
  return pack(double);
}

/** Square root. */
export function softSqrt(a: u64, mxcsr: u32, double: bool): u64 {
  sseSettings(mxcsr);
  const ac = classify(a, mxcsr, double);
  if (ac >= QNAN) {
    if (ac == SNAN) raise(IE);
    return a | quietBit(double);
  }
  if (ac == ZERO) return signBit(cSign, double);
  if (cSign != 0) return invalid(double);
  if (ac == INFINITY) return a;
  if (ac == DENORMAL) {
    raise(DE);
    if (sseBlocked()) return 0;
  }
  squareRoot(cExp, cSig);
  return pack(double);
}
