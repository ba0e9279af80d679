/** The floating-point library's settings, exception flags and result registers. */

// Exception flags, at their place in the x87 status word and in MXCSR.
export const IE: u32 = 0x01;
export const DE: u32 = 0x02;
export const ZE: u32 = 0x04;
export const OE: u32 = 0x08;
export const UE: u32 = 0x10;
export const PE: u32 = 0x20;

// Rounding control, as encoded in FCW bits 11:10 and MXCSR bits 14:13.
export const RC_NEAREST: u32 = 0;
export const RC_DOWN: u32 = 1;
export const RC_UP: u32 = 2;
export const RC_ZERO: u32 = 3;

// Condition codes, at their place in the x87 status word.
export const C0: u32 = 0x0100;
export const C2: u32 = 0x0400;
export const C3: u32 = 0x4000;

/** Exceptions since the last `fpuBegin` or `sseClear`, in status-word positions. */
export let fpFlags: u32 = 0;
/** 1 if the last x87 result was rounded away from zero (C1), else 0. */
export let fpC1: u32 = 0;
/** C0, C2, C3 of the comparisons, FPREM, FXAM and trigonometric range checks. */
export let fpConditions: u32 = 0;
/** 1: an unmasked exception leaves the destination and the register stack as they were. */
export let fpBlocked: u32 = 0;

/** Exception masks of the running operation: bit set = masked. */
export let fpMasks: u32 = 0x3f;
/** Rounding control, RC_*. */
export let fpRc: u32 = RC_NEAREST;
/** Bits of significand that precision control asks for: 24, 53 or 64. */
export let fpPrecision: u32 = 64;
/** 1: masked underflow delivers zero (MXCSR.FTZ). */
export let fpFtz: u32 = 0;
/** 1: a memory operand widened since `fpuBegin` was denormal in its own format. */
export let fpWideDenormal: u32 = 0;

/** Result: significand. */
export let rSig: u64 = 0;
/** Result: bit 15 sign, bits 14:0 exponent. */
export let rExp: u32 = 0;
/** Second result, the one that is pushed (FXTRACT, FSINCOS, FPTAN). */
export let r2Sig: u64 = 0;
export let r2Exp: u32 = 0;

/**
 * Starts one x87 operation: takes masks, precision and rounding from the control word and clears
 * flags, C1 and condition codes. The reserved precision control 01B acts as 64 bits.
 */
export function fpuBegin(fcw: u32): void {
  fpMasks = fcw & 0x3f;
  fpRc = (fcw >> 10) & 3;
  const pc = (fcw >> 8) & 3;
  fpPrecision = pc == 0 ? 24 : pc == 2 ? 53 : 64;
  fpFlags = 0;
  fpC1 = 0;
  fpConditions = 0;
  fpBlocked = 0;
  fpWideDenormal = 0;
  fpFtz = 0;
}

/** Clears the flags that SSE operations accumulate. */
export function sseClear(): void {
  fpFlags = 0;
}

/** Takes masks, rounding control and flush-to-zero from MXCSR for one SSE operation. */
export function sseSettings(mxcsr: u32): void {
  fpMasks = (mxcsr >> 7) & 0x3f;
  fpRc = (mxcsr >> 13) & 3;
  // Flush-to-zero has effect only while underflow is masked (SDM "Flush-To-Zero").
  fpFtz = (mxcsr >> 15) & (mxcsr >> 11) & 1;
}

/**
 * The exceptions that an SSE instruction leaves in MXCSR after all its lanes have run: one found
 * before the computation of any lane, unmasked, hides what the computations found (SDM "SIMD
 * Floating-Point Exception Conditions"). No lane is written when one of these is unmasked.
 */
export function sseExceptions(mxcsr: u32): u32 {
  const before = fpFlags & (IE | DE | ZE);
  return (before & ~(mxcsr >> 7)) != 0 ? before : fpFlags;
}

/** @inline */
export function raise(flags: u32): void {
  fpFlags |= flags;
}

/** Takes flags back that this operation raised. @inline */
export function withdraw(flags: u32): void {
  fpFlags &= ~flags;
}

/** Records an exception that is found before the computation; unmasked, it blocks the result. */
export function raiseBefore(flag: u32): void {
  fpFlags |= flag;
  if ((flag & ~fpMasks) != 0) fpBlocked = 1;
}

/** @inline */
export function block(): void {
  fpBlocked = 1;
}

/** @inline */
export function setC1(up: u32): void {
  fpC1 = up;
}

/** @inline */
export function setConditions(codes: u32): void {
  fpConditions = codes;
}

/** @inline */
export function setResult(sig: u64, exp: u32): void {
  rSig = sig;
  rExp = exp;
}

/** @inline */
export function setSecond(sig: u64, exp: u32): void {
  r2Sig = sig;
  r2Exp = exp;
}

/** @inline */
export function markWideDenormal(): void {
  fpWideDenormal = 1;
}

/** Overrides the rounding control for the rest of the operation (truncating conversions). */
export function setRounding(rc: u32): void {
  fpRc = rc;
}
