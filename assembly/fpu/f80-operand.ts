/** Classes of 80-bit operands, NaN propagation by the x87 rules, FXAM. */
import {
  C0,
  C2,
  C3,
  DE,
  fpBlocked,
  fpWideDenormal,
  IE,
  raiseBefore,
  setConditions,
  setResult,
} from "./status";

const MSB: u64 = 0x8000000000000000;
const QUIET: u64 = 0x4000000000000000;
/** The real indefinite: the default NaN of the x87. */
export const INDEFINITE_SIG: u64 = 0xc000000000000000;
export const INDEFINITE_EXP: u32 = 0xffff;

/** Exponent of the operand last prepared, bias 16383; at most 0 for denormals. */
export let nExp: i32 = 0;
/** Significand of the operand last prepared, bit 63 set unless the operand is zero. */
export let nSig: u64 = 0;

/** Normal finite number: the only class the fast paths take. @inline */
export function isNormal(sig: u64, exp: u32): bool {
  return (exp & 0x7fff) - 1 < 0x7ffe && i64(sig) < 0;
}

/** @inline */
export function isZero(sig: u64, exp: u32): bool {
  return sig == 0 && (exp & 0x7fff) == 0;
}

/** @inline */
export function isInfinity(sig: u64, exp: u32): bool {
  return sig == MSB && (exp & 0x7fff) == 0x7fff;
}

/** Quiet or signalling NaN; the pseudo-NaNs are unsupported encodings instead. @inline */
export function isNaN80(sig: u64, exp: u32): bool {
  return sig > MSB && (exp & 0x7fff) == 0x7fff;
}

/** @inline */
export function isSignaling(sig: u64, exp: u32): bool {
  return isNaN80(sig, exp) && (sig & QUIET) == 0;
}

/** Denormal or pseudo-denormal. @inline */
export function isDenormal(sig: u64, exp: u32): bool {
  return (exp & 0x7fff) == 0 && sig != 0;
}

/** Unnormal, pseudo-infinity or pseudo-NaN: invalid in arithmetic. @inline */
export function isUnsupported(sig: u64, exp: u32): bool {
  return (exp & 0x7fff) != 0 && i64(sig) >= 0;
}

/** Masked response to an invalid operation: the real indefinite. */
export function invalidResult(): void {
  raiseBefore(IE);
  setResult(INDEFINITE_SIG, INDEFINITE_EXP);
}

/**
 * Handles unsupported encodings and NaNs of a one-operand instruction: returns true when the
 * result (quieted NaN or indefinite) is already in rSig and rExp.
 */
export function nanResult1(sig: u64, exp: u32): bool {
  if (isUnsupported(sig, exp)) {
    invalidResult();
    return true;
  }
  if (!isNaN80(sig, exp)) return false;
  if ((sig & QUIET) == 0) raiseBefore(IE);
  setResult(sig | QUIET, exp);
  return true;
}

/**
 * The same for two operands, by SDM table "Rules for Handling NaNs": a QNaN beats an SNaN, of two
 * NaNs of one kind that with the larger significand wins, of equal ones the positive one.
 */
export function nanResult2(aSig: u64, aExp: u32, bSig: u64, bExp: u32): bool {
  if (isUnsupported(aSig, aExp) || isUnsupported(bSig, bExp)) {
    invalidResult();
    return true;
  }
  const aNaN = isNaN80(aSig, aExp);
  const bNaN = isNaN80(bSig, bExp);
  if (!aNaN && !bNaN) return false;
  const aSignals = aNaN && (aSig & QUIET) == 0;
  const bSignals = bNaN && (bSig & QUIET) == 0;
  if (aSignals || bSignals) raiseBefore(IE);
  let takeA = aNaN;
  if (aNaN && bNaN) {
    if (aSignals != bSignals) takeA = bSignals;
    else if (aSig != bSig) takeA = aSig > bSig;
    else takeA = aExp <= bExp;
  }
  if (takeA) setResult(aSig | QUIET, aExp);
  else setResult(bSig | QUIET, bExp);
  return true;
}

/**
 * Raises the denormal-operand exception if one of the operands is denormal, or was before it was
 * widened. Returns true when it is unmasked, so that the operation ends.
 */
export function denormalBlocks(aSig: u64, aExp: u32, bSig: u64, bExp: u32): bool {
  if (isDenormal(aSig, aExp) || isDenormal(bSig, bExp) || fpWideDenormal != 0) {
    raiseBefore(DE);
    return fpBlocked != 0;
  }
  return false;
}

/** Leaves exponent and normalised significand of a finite operand in nExp and nSig. */
export function normalize(sig: u64, exp: u32): void {
  const e = i32(exp & 0x7fff);
  if (e != 0 || sig == 0) {
    nExp = e;
    nSig = sig;
    return;
  }
  const n = i32(clz<u64>(sig));
  nExp = 1 - n;
  nSig = sig << n;
}

/** FXAM: sets C3, C2, C0 to the class and C1, as the return value, to the sign. */
export function f80Examine(sig: u64, exp: u32, empty: bool): u32 {
  const e = exp & 0x7fff;
  let codes: u32;
  if (empty) codes = C3 | C0;
  else if (isUnsupported(sig, exp)) codes = 0;
  else if (e == 0x7fff) codes = sig == MSB ? C2 | C0 : C0;
  else if (e == 0) codes = sig == 0 ? C3 : C3 | C2;
  else codes = C2;
  setConditions(codes);
  return (exp >> 15) & 1;
}
