/** x87 add, subtract, multiply, divide, square root, compare, change of sign. */
import {
  denormalBlocks,
  invalidResult,
  isInfinity,
  isNaN80,
  isNormal,
  isSignaling,
  isUnsupported,
  isZero,
  nanResult1,
  nanResult2,
  nExp,
  normalize,
  nSig,
} from "./f80-operand";
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
import { roundF80 } from "./round";
import {
  C0,
  C2,
  C3,
  fpPrecision,
  fpRc,
  fpWideDenormal,
  IE,
  RC_DOWN,
  raiseBefore,
  setConditions,
  setResult,
  ZE,
} from "./status";

const MSB: u64 = 0x8000000000000000;

/** ST = a + b. */
export function f80Add(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  if (isNormal(aSig, aExp) && isNormal(bSig, bExp) && fpWideDenormal == 0) {
    addNormal(aExp & 0x8000, aExp & 0x7fff, aSig, bExp & 0x8000, bExp & 0x7fff, bSig);
  } else addSpecial(aSig, aExp, bSig, bExp, 0);
}

/** ST = a - b. */
export function f80Sub(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  if (isNormal(aSig, aExp) && isNormal(bSig, bExp) && fpWideDenormal == 0) {
    addNormal(aExp & 0x8000, aExp & 0x7fff, aSig, (bExp & 0x8000) ^ 0x8000, bExp & 0x7fff, bSig);
  } else addSpecial(aSig, aExp, bSig, bExp, 0x8000);
}

function addNormal(aSign: u32, aExp: i32, aSig: u64, bSign: u32, bExp: i32, bSig: u64): void {
  if (aSign == bSign) addMagnitudes(aSign, aExp, aSig, bExp, bSig);
  else {
    subMagnitudes(aSign, aExp, aSig, bExp, bSig);
    if (uHi == 0) {
      setResult(0, fpRc == RC_DOWN ? 0x8000 : 0);
      return;
    }
  }
  roundF80(uSign, uExp, uHi, uLo, fpPrecision);
}

/** Rounds one operand that passes through an addition of zero. */
function roundOperand(sign: u32, sig: u64, exp: u32): void {
  normalize(sig, exp);
  roundF80(sign, nExp, nSig, 0, fpPrecision);
}

function addSpecial(aSig: u64, aExp: u32, bSig: u64, bExp: u32, flip: u32): void {
  if (nanResult2(aSig, aExp, bSig, bExp)) return;
  const aSign = aExp & 0x8000;
  const bSign = (bExp & 0x8000) ^ flip;
  const aInf = isInfinity(aSig, aExp);
  const bInf = isInfinity(bSig, bExp);
  if (aInf && bInf && aSign != bSign) {
    invalidResult();
    return;
  }
  if (denormalBlocks(aSig, aExp, bSig, bExp)) return;
  if (aInf || bInf) {
    setResult(MSB, 0x7fff | (aInf ? aSign : bSign));
    return;
  }
  if (aSig == 0 && bSig == 0) {
    setResult(0, aSign == bSign ? aSign : fpRc == RC_DOWN ? 0x8000 : 0);
    return;
  }
  if (aSig == 0) {
    roundOperand(bSign, bSig, bExp);
    return;
  }
  if (bSig == 0) {
    roundOperand(aSign, aSig, aExp);
    return;
  }
  normalize(aSig, aExp);
  const aE = nExp;
  const aS = nSig;
  normalize(bSig, bExp);
  addNormal(aSign, aE, aS, bSign, nExp, nSig);
}

/** ST = a * b. */
export function f80Mul(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  const sign = (aExp ^ bExp) & 0x8000;
  if (isNormal(aSig, aExp) && isNormal(bSig, bExp) && fpWideDenormal == 0) {
    multiply(sign, aExp & 0x7fff, aSig, bExp & 0x7fff, bSig);
    roundF80(sign, uExp, uHi, uLo, fpPrecision);
    return;
  }
  if (nanResult2(aSig, aExp, bSig, bExp)) return;
  const aInf = isInfinity(aSig, aExp);
  const bInf = isInfinity(bSig, bExp);
  const aZero = isZero(aSig, aExp);
  const bZero = isZero(bSig, bExp);
  if ((aInf && bZero) || (aZero && bInf)) {
    invalidResult();
    return;
  }
  if (denormalBlocks(aSig, aExp, bSig, bExp)) return;
  if (aInf || bInf) setResult(MSB, sign | 0x7fff);
  else if (aZero || bZero) setResult(0, sign);
  else {
    normalize(aSig, aExp);
    const aE = nExp;
    const aS = nSig;
    normalize(bSig, bExp);
    multiply(sign, aE, aS, nExp, nSig);
    roundF80(sign, uExp, uHi, uLo, fpPrecision);
  }
}

/** ST = a / b. */
export function f80Div(aSig: u64, aExp: u32, bSig: u64, bExp: u32): void {
  const sign = (aExp ^ bExp) & 0x8000;
  if (isNormal(aSig, aExp) && isNormal(bSig, bExp) && fpWideDenormal == 0) {
    divide(sign, aExp & 0x7fff, aSig, bExp & 0x7fff, bSig);
    roundF80(sign, uExp, uHi, uLo, fpPrecision);
    return;
  }
  if (nanResult2(aSig, aExp, bSig, bExp)) return;
  const aInf = isInfinity(aSig, aExp);
  const bInf = isInfinity(bSig, bExp);
  const aZero = isZero(aSig, aExp);
  const bZero = isZero(bSig, bExp);
  if ((aInf && bInf) || (aZero && bZero)) {
    invalidResult();
    return;
  }
  // Zero divide ranks above a denormal operand and hides it.
  if (bZero && !aInf) {
    raiseBefore(ZE);
    setResult(MSB, sign | 0x7fff);
    return;
  }
  if (denormalBlocks(aSig, aExp, bSig, bExp)) return;
  if (aInf) setResult(MSB, sign | 0x7fff);
  else if (aZero || bInf) setResult(0, sign);
  else {
    normalize(aSig, aExp);
    const aE = nExp;
    const aS = nSig;
    normalize(bSig, bExp);
    divide(sign, aE, aS, nExp, nSig);
    roundF80(sign, uExp, uHi, uLo, fpPrecision);
  }
}

/** ST = square root of a. */
export function f80Sqrt(sig: u64, exp: u32): void {
  if (nanResult1(sig, exp)) return;
  if (isZero(sig, exp)) {
    setResult(sig, exp);
    return;
  }
  if ((exp & 0x8000) != 0) {
    invalidResult();
    return;
  }
  if (denormalBlocks(sig, exp, 0, 0)) return;
  if (isInfinity(sig, exp)) {
    setResult(sig, exp);
    return;
  }
  normalize(sig, exp);
  squareRoot(nExp, nSig);
  roundF80(0, uExp, uHi, uLo, fpPrecision);
}

/**
 * Compares a with b and sets C3, C2, C0: FCOM and FCOMI for `quiet` false (any NaN is invalid),
 * FUCOM and FUCOMI for true (only a signalling NaN is).
 */
export function f80Compare(aSig: u64, aExp: u32, bSig: u64, bExp: u32, quiet: bool): void {
  const bad = isUnsupported(aSig, aExp) || isUnsupported(bSig, bExp);
  if (bad || isNaN80(aSig, aExp) || isNaN80(bSig, bExp)) {
    if (bad || !quiet || isSignaling(aSig, aExp) || isSignaling(bSig, bExp)) raiseBefore(IE);
    setConditions(C3 | C2 | C0);
    return;
  }
  // The codes are set even when the denormal operand is unmasked.
  denormalBlocks(aSig, aExp, bSig, bExp);
  setConditions(relation(aSig, aExp, bSig, bExp));
}

/** Condition codes of two numbers that are not NaN. */
function relation(aSig: u64, aExp: u32, bSig: u64, bExp: u32): u32 {
  if (aSig == 0 && bSig == 0) return C3;
  const aSign = aExp & 0x8000;
  if (aSign != (bExp & 0x8000)) return aSign != 0 ? C0 : 0;
  // A pseudo-denormal has the weight of exponent 1.
  const ae = max<u32>(aExp & 0x7fff, 1);
  const be = max<u32>(bExp & 0x7fff, 1);
  if (ae == be && aSig == bSig) return C3;
  // A zero is the smallest also where its exponent ties with that of a denormal.
  const less = ae < be || (ae == be && aSig < bSig);
  return less == (aSign == 0) ? C0 : 0;
}

/** ST = |a|, for every encoding. @inline */
export function f80Abs(sig: u64, exp: u32): void {
  setResult(sig, exp & 0x7fff);
}

/** ST = -a, for every encoding. @inline */
export function f80ChangeSign(sig: u64, exp: u32): void {
  setResult(sig, exp ^ 0x8000);
}
