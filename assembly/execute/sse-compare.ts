/** COMIS, UCOMIS, CMP, MIN and MAX of singles and doubles. */
import { raiseSseTrap } from "../cpu/fault";
import { setArithmeticFlags } from "../cpu/flags";
import { FAULTED, imm32Of, NEXT, r1Of, r2Of } from "../decode/record";
import { comiF32 } from "../fpu/sse-f32";
import { comiF64 } from "../fpu/sse-f64";
import { sseClear } from "../fpu/status";
import { LF_AUX, LF_RES, MXCSR, XMM } from "../generated/state";
import { frontPointer, isFrontReadable, readPointer } from "../memory/access";
import { dest, isSseTrapped, put, source, sourceOf } from "./sse-access";
import { settle } from "./sse-exceptions";
import {
  CMP,
  isCleanF32,
  isCleanF64,
  MAX,
  MIN,
  packedF32,
  packedF64,
  scalarF32,
  scalarF64,
} from "./sse-lanes";

/** In the row of COMIS: quiet NaNs signal too. */
export const COMI_SIGNALING: u32 = 0;
export const COMI_QUIET: u32 = 1;

// --- ordered comparison into the flags ---

// Flags of an ordered comparison in LF_AUX; PF, OF, SF and AF are clear, so that a result of 0 needs
// its parity turned, and CF alone stands as carry without overflow.
const EQUAL: u32 = 0x100;
const BELOW: u32 = 0xc0000000;

/** Not denormal; NaNs fall out by the comparison itself. @inline */
function isNotDenormal64(bits: u64): bool {
  return (bits << 1) - 1 >= 0x1fffffffffffff;
}

/** @inline */
function isNotDenormal32(bits: u32): bool {
  return (bits << 1) - 1 >= 0xffffff;
}

/** @inline */
function comisd(rec: u32, from: u32, quiet: u32): u32 {
  const slot = r1Of(rec);
  const b = load<u64>(from);
  if (isNotDenormal64(load<u64>(slot, XMM))) {
    if (isNotDenormal64(b)) {
      if (!isSseTrapped()) {
        const x = load<f64>(slot, XMM);
        const y = reinterpret<f64>(b);
        if (x > y) {
          store<i64>(LF_RES, 1);
          store<u32>(LF_AUX, 0);
          return NEXT;
        }
        if (x < y) {
          store<i64>(LF_RES, 1);
          store<u32>(LF_AUX, BELOW);
          return NEXT;
        }
        if (x == y) {
          store<i64>(LF_RES, 0);
          store<u32>(LF_AUX, EQUAL);
          return NEXT;
        }
      }
    }
  }
  return comiSlow64(rec, b, quiet);
}

/** @inline */
function comiss(rec: u32, from: u32, quiet: u32): u32 {
  const slot = r1Of(rec);
  const b = load<u32>(from);
  if (isNotDenormal32(load<u32>(slot, XMM))) {
    if (isNotDenormal32(b)) {
      if (!isSseTrapped()) {
        const x = load<f32>(slot, XMM);
        const y = reinterpret<f32>(b);
        if (x > y) {
          store<i64>(LF_RES, 1);
          store<u32>(LF_AUX, 0);
          return NEXT;
        }
        if (x < y) {
          store<i64>(LF_RES, 1);
          store<u32>(LF_AUX, BELOW);
          return NEXT;
        }
        if (x == y) {
          store<i64>(LF_RES, 0);
          store<u32>(LF_AUX, EQUAL);
          return NEXT;
        }
      }
    }
  }
  return comiSlow32(rec, b, quiet);
}

function comiMemory64(rec: u32, gla: u64, quiet: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u64>(gla, rec);
  return host == 0 ? FAULTED : comiSlow64(rec, load<u64>(host), quiet);
}

function comiSlow64(rec: u32, b: u64, quiet: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  sseClear();
  const flags = comiF64(load<u64>(r1Of(rec), XMM), b, quiet != 0, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  setArithmeticFlags(flags);
  return NEXT;
}

function comiMemory32(rec: u32, gla: u64, quiet: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u32>(gla, rec);
  return host == 0 ? FAULTED : comiSlow32(rec, load<u32>(host), quiet);
}

function comiSlow32(rec: u32, b: u32, quiet: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  sseClear();
  const flags = comiF32(load<u32>(r1Of(rec), XMM), b, quiet != 0, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  setArithmeticFlags(flags);
  return NEXT;
}

/** COMISD, UCOMISD. @inline */
export function comisdVsdWsdR(rec: u32, quiet: u32): u32 {
  return comisd(rec, XMM + r2Of(rec), quiet);
}

/** @inline */
export function comisdVsdWsdM(rec: u32, gla: u64, quiet: u32): u32 {
  if (!isFrontReadable<u64>(gla)) return comiMemory64(rec, gla, quiet);
  return comisd(rec, frontPointer(gla), quiet);
}

/** COMISS, UCOMISS. @inline */
export function comissVssWssR(rec: u32, quiet: u32): u32 {
  return comiss(rec, XMM + r2Of(rec), quiet);
}

/** @inline */
export function comissVssWssM(rec: u32, gla: u64, quiet: u32): u32 {
  if (!isFrontReadable<u32>(gla)) return comiMemory32(rec, gla, quiet);
  return comiss(rec, frontPointer(gla), quiet);
}

// --- MIN and MAX ---

/** MINPS. The host's pseudo-minimum takes its second operand only when that is less. */
export function minpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (isCleanF32(a, b)) return put(rec, f32x4.pmin(b, a));
  return packedF32(rec, MIN, a, b);
}

/** MAXPS. */
export function maxpsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (isCleanF32(a, b)) return put(rec, f32x4.pmax(b, a));
  return packedF32(rec, MAX, a, b);
}

/** MINPD. */
export function minpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (isCleanF64(a, b)) return put(rec, f64x2.pmin(b, a));
  return packedF64(rec, MIN, a, b);
}

/** MAXPD. */
export function maxpdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  if (isCleanF64(a, b)) return put(rec, f64x2.pmax(b, a));
  return packedF64(rec, MAX, a, b);
}

/** MINSS, MAXSS, by `op`. */
export function extremumVss(rec: u32, op: u32): u32 {
  const from = sourceOf<u32>(rec);
  return from == 0 ? FAULTED : scalarF32(rec, op, load<u32>(from));
}

/** MINSD, MAXSD, by `op`. */
export function extremumVsd(rec: u32, op: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : scalarF64(rec, op, load<u64>(from));
}

// --- comparison into masks ---

/** Predicates of CMP: EQ, LT, LE, UNORD, NEQ, NLT, NLE, ORD. */
function predicateF32(a: v128, b: v128, predicate: u32): v128 {
  switch (predicate) {
    case 0:
      return f32x4.eq(a, b);
    case 1:
      return f32x4.lt(a, b);
    case 2:
      return f32x4.le(a, b);
    case 4:
      return f32x4.ne(a, b);
    case 5:
      return f32x4.ge(a, b);
    case 6:
      return f32x4.gt(a, b);
    default:
      // No NaN is among the operands.
      return i32x4.splat(predicate == 7 ? -1 : 0);
  }
}

function predicateF64(a: v128, b: v128, predicate: u32): v128 {
  switch (predicate) {
    case 0:
      return f64x2.eq(a, b);
    case 1:
      return f64x2.lt(a, b);
    case 2:
      return f64x2.le(a, b);
    case 4:
      return f64x2.ne(a, b);
    case 5:
      return f64x2.ge(a, b);
    case 6:
      return f64x2.gt(a, b);
    default:
      return i32x4.splat(predicate == 7 ? -1 : 0);
  }
}

/** CMPPS. */
export function cmppsVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const predicate = imm32Of(rec) & 7;
  if (isCleanF32(a, b)) return put(rec, predicateF32(a, b, predicate));
  return packedF32(rec, CMP + predicate, a, b);
}

/** CMPPD. */
export function cmppdVpd(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const a = dest(rec);
  const b = v128.load(from);
  const predicate = imm32Of(rec) & 7;
  if (isCleanF64(a, b)) return put(rec, predicateF64(a, b, predicate));
  return packedF64(rec, CMP + predicate, a, b);
}

/** CMPSS. */
export function cmpssVss(rec: u32): u32 {
  const from = sourceOf<u32>(rec);
  if (from == 0) return FAULTED;
  return scalarF32(rec, CMP + (imm32Of(rec) & 7), load<u32>(from));
}

/** CMPSD. */
export function cmpsdVsd(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  if (from == 0) return FAULTED;
  return scalarF64(rec, CMP + (imm32Of(rec) & 7), load<u64>(from));
}
