/** Conversions between integers, singles and doubles. */
import { raiseSseTrap } from "../cpu/fault";
import { SSE_ANY, SSE_TRAPPED } from "../cpu/mxcsr";
import { getReg, setReg } from "../cpu/registers";
import { FAULTED, NEXT, r1Of, r2Of, SIZE_64, sizeOf } from "../decode/record";
import {
  f32ToF64,
  f32ToI32,
  f32ToI32Truncated,
  f32ToI64,
  f32ToI64Truncated,
  f64ToF32,
  f64ToI32,
  f64ToI32Truncated,
  f64ToI64,
  f64ToI64Truncated,
  i32ToF32,
  i64ToF32,
  i64ToF64,
} from "../fpu/sse-convert";
import { sseClear } from "../fpu/status";
import { MXCSR, SSE_FAST, XMM } from "../generated/state";
import { SCRATCH } from "../layout";
import { readPointer } from "../memory/access";
import {
  dest,
  generalSource,
  isSseTrapped,
  put,
  putF32,
  putF64,
  source,
  sourceOf,
} from "./sse-access";
import { settle } from "./sse-exceptions";

// --- scalars: integer to floating point ---

/** CVTSI2SD; from 32 bits it is exact. @inline */
function cvtsi2sd<T>(rec: u32, value: T): u32 {
  if (sizeof<T>() == 4) {
    if (load<u32>(SSE_FAST) != SSE_TRAPPED) return putF64(rec, f64(value as i32));
    return raiseSseTrap();
  }
  if (load<u32>(SSE_FAST) == SSE_ANY) return putF64(rec, f64(value as i64));
  return cvtsi2sdSlow(rec, value as i64);
}

function cvtsi2sdSlow(rec: u32, value: i64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  sseClear();
  const result = i64ToF64(value, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  return put(rec, i64x2.replace_lane(dest(rec), 0, result));
}

/** @inline */
export function cvtsi2sdVsdEyR<T>(rec: u32): u32 {
  return cvtsi2sd<T>(rec, getReg<T>(r2Of(rec)));
}

/** @inline */
export function cvtsi2sdVsdEyM<T>(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<T>(gla, rec);
  return host == 0 ? FAULTED : cvtsi2sd<T>(rec, load<T>(host));
}

/** CVTSI2SS. */
export function cvtsi2ssVss(rec: u32): u32 {
  const wide = sizeOf(rec) == SIZE_64;
  const from = wide ? generalSource<u64>(rec) : generalSource<u32>(rec);
  if (from == 0) return FAULTED;
  const value: i64 = wide ? load<i64>(from) : (load<i32>(from) as i64);
  if (load<u32>(SSE_FAST) == SSE_ANY) return putF32(rec, f32(value));
  sseClear();
  const result = i64ToF32(value, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  return put(rec, i32x4.replace_lane(dest(rec), 0, result));
}

// --- scalars: floating point to integer ---

/**
 * CVTTSD2SI. Where the host's truncation has a value, only inexactness can arise.
 * @inline
 */
function cvttsd2si<T>(rec: u32, from: u32): u32 {
  const x = load<f64>(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    if (sizeof<T>() == 4) {
      if (abs<f64>(x) < 2147483648.0) {
        setReg<u32>(r1Of(rec), i32(x) as u32);
        return NEXT;
      }
    } else if (abs<f64>(x) < 9223372036854775808.0) {
      setReg<u64>(r1Of(rec), i64(x) as u64);
      return NEXT;
    }
  }
  return toGeneralF64(rec, load<u64>(from), true, sizeof<T>() == 8);
}

/** @inline */
export function cvttsd2siGyWsdR<T>(rec: u32): u32 {
  return cvttsd2si<T>(rec, XMM + r2Of(rec));
}

/** @inline */
export function cvttsd2siGyWsdM<T>(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u64>(gla, rec);
  return host == 0 ? FAULTED : cvttsd2si<T>(rec, host);
}

/** A double to the general register of ModRM.reg. */
function toGeneralF64(rec: u32, bits: u64, truncate: bool, wide: bool): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  let result: u64;
  if (wide) result = truncate ? f64ToI64Truncated(bits, mxcsr) : f64ToI64(bits, mxcsr);
  else result = u32(truncate ? f64ToI32Truncated(bits, mxcsr) : f64ToI32(bits, mxcsr));
  if (settle() != NEXT) return FAULTED;
  setReg<u64>(r1Of(rec), result);
  return NEXT;
}

/** CVTSD2SI. */
export function cvtsd2siGy(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  return from == 0 ? FAULTED : toGeneralF64(rec, load<u64>(from), false, sizeOf(rec) == SIZE_64);
}

/** CVTSS2SI and, with `truncate`, CVTTSS2SI. */
export function cvtss2siGy(rec: u32, truncate: bool): u32 {
  const from = sourceOf<u32>(rec);
  if (from == 0) return FAULTED;
  const bits = load<u32>(from);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  let result: u64;
  if (sizeOf(rec) == SIZE_64) {
    result = truncate ? f32ToI64Truncated(bits, mxcsr) : f32ToI64(bits, mxcsr);
  } else {
    result = u32(truncate ? f32ToI32Truncated(bits, mxcsr) : f32ToI32(bits, mxcsr));
  }
  if (settle() != NEXT) return FAULTED;
  setReg<u64>(r1Of(rec), result);
  return NEXT;
}

// --- scalars: between the formats ---

/** CVTSS2SD; exact for normal numbers. @inline */
function cvtss2sd(rec: u32, from: u32): u32 {
  const bits = load<u32>(from);
  if ((bits & 0x7fffffff) - 0x800000 < 0x7f000000) {
    if (load<u32>(SSE_FAST) != SSE_TRAPPED) return putF64(rec, f64(load<f32>(from)));
  }
  return cvtss2sdSlow(rec, bits);
}

function cvtss2sdSlow(rec: u32, bits: u32): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  sseClear();
  const result = f32ToF64(bits, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  return put(rec, i64x2.replace_lane(dest(rec), 0, result));
}

/** @inline */
export function cvtss2sdVsdWssR(rec: u32): u32 {
  return cvtss2sd(rec, XMM + r2Of(rec));
}

/** @inline */
export function cvtss2sdVsdWssM(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u32>(gla, rec);
  return host == 0 ? FAULTED : cvtss2sd(rec, host);
}

/** CVTSD2SS; magnitudes from 2^-100 up to below 2^100 stay normal. @inline */
function cvtsd2ss(rec: u32, from: u32): u32 {
  const hi = load<u32>(from, 4) & 0x7fffffff;
  if (hi - (923 << 20) < 200 << 20) {
    if (load<u32>(SSE_FAST) == SSE_ANY) return putF32(rec, f32(load<f64>(from)));
  }
  return cvtsd2ssSlow(rec, load<u64>(from));
}

function cvtsd2ssSlow(rec: u32, bits: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  sseClear();
  const result = f64ToF32(bits, load<u32>(MXCSR));
  if (settle() != NEXT) return FAULTED;
  return put(rec, i32x4.replace_lane(dest(rec), 0, result));
}

/** @inline */
export function cvtsd2ssVssWsdR(rec: u32): u32 {
  return cvtsd2ss(rec, XMM + r2Of(rec));
}

/** @inline */
export function cvtsd2ssVssWsdM(rec: u32, gla: u64): u32 {
  if (isSseTrapped()) return raiseSseTrap();
  const host = readPointer<u64>(gla, rec);
  return host == 0 ? FAULTED : cvtsd2ss(rec, host);
}

// --- packed ---

/** CVTDQ2PD; exact. */
export function cvtdq2pdVpd(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  if (from == 0) return FAULTED;
  return put(rec, f64x2.convert_low_i32x4_s(v128.load64_zero(from)));
}

/** CVTDQ2PS. */
export function cvtdq2psVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) return put(rec, f32x4.convert_i32x4_s(b));
  const mxcsr = load<u32>(MXCSR);
  v128.store(SCRATCH, b);
  sseClear();
  for (let at = SCRATCH; at < SCRATCH + 16; at += 4) {
    store<u32>(at, i32ToF32(load<i32>(at), mxcsr));
  }
  return settle() != NEXT ? FAULTED : put(rec, v128.load(SCRATCH));
}

/** CVTPS2DQ and, with `truncate`, CVTTPS2DQ. */
export function cvtps2dqVdq(rec: u32, truncate: bool): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const rounded = truncate ? b : f32x4.nearest(b);
    const small = f32x4.lt(f32x4.abs(rounded), f32x4.splat(2147483648.0));
    if (i32x4.all_true(small)) return put(rec, i32x4.trunc_sat_f32x4_s(rounded));
  }
  const mxcsr = load<u32>(MXCSR);
  v128.store(SCRATCH, b);
  sseClear();
  for (let at = SCRATCH; at < SCRATCH + 16; at += 4) {
    const bits = load<u32>(at);
    store<i32>(at, truncate ? f32ToI32Truncated(bits, mxcsr) : f32ToI32(bits, mxcsr));
  }
  return settle() != NEXT ? FAULTED : put(rec, v128.load(SCRATCH));
}

/** CVTPD2DQ and, with `truncate`, CVTTPD2DQ. */
export function cvtpd2dqVq(rec: u32, truncate: bool): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  if (load<u32>(SSE_FAST) == SSE_ANY) {
    const rounded = truncate ? b : f64x2.nearest(b);
    const small = f64x2.lt(f64x2.abs(rounded), f64x2.splat(2147483648.0));
    if (i64x2.all_true(small)) return put(rec, i32x4.trunc_sat_f64x2_s_zero(rounded));
  }
  const mxcsr = load<u32>(MXCSR);
  const low = i64x2.extract_lane(b, 0);
  const high = i64x2.extract_lane(b, 1);
  sseClear();
  const r0 = truncate ? f64ToI32Truncated(low, mxcsr) : f64ToI32(low, mxcsr);
  const r1 = truncate ? f64ToI32Truncated(high, mxcsr) : f64ToI32(high, mxcsr);
  return settle() != NEXT ? FAULTED : putPair(rec, r0, r1);
}

/** CVTPD2PS. */
export function cvtpd2psVps(rec: u32): u32 {
  const from = source(rec);
  if (from == 0) return FAULTED;
  const b = v128.load(from);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  const low = f64ToF32(i64x2.extract_lane(b, 0), mxcsr);
  const high = f64ToF32(i64x2.extract_lane(b, 1), mxcsr);
  return settle() != NEXT ? FAULTED : putPair(rec, low, high);
}

/** CVTPS2PD. */
export function cvtps2pdVpd(rec: u32): u32 {
  const from = sourceOf<u64>(rec);
  if (from == 0) return FAULTED;
  const a = load<u32>(from);
  const b = load<u32>(from, 4);
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  const low = f32ToF64(a, mxcsr);
  const high = f32ToF64(b, mxcsr);
  if (settle() != NEXT) return FAULTED;
  return put(rec, i64x2.replace_lane(i64x2.splat(low), 1, high));
}

/** Two 32-bit lanes below 64 bits of zeros. @inline */
function putPair(rec: u32, low: u32, high: u32): u32 {
  return put(rec, i32x4.replace_lane(i32x4.replace_lane(i32x4.splat(0), 0, low), 1, high));
}
