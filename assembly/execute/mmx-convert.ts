/** Conversions between packed integers in MMX registers and packed floats in XMM registers. */
import { CR4_OSXMMEXCPT } from "../cpu/control-bits";
import { raiseGp, raiseSseTrap, raiseUd, raiseVector, VECTOR_XM } from "../cpu/fault";
import { updateSseMode } from "../cpu/mxcsr";
import { linear, linearize } from "../cpu/segment";
import { FAULTED, isMemory, NEXT, r1Of, r2Of, segmentOf } from "../decode/record";
import {
  f32ToI32,
  f32ToI32Truncated,
  f64ToI32,
  f64ToI32Truncated,
  i32ToF32,
  i32ToF64,
} from "../fpu/sse-convert";
import { sseClear, sseExceptions } from "../fpu/status";
import { CR4, FPR, MXCSR, SSE_TRAP, XMM } from "../generated/state";
import { readPointer } from "../memory/access";
import { operandOffset } from "./address";
import { enterMmx, writeMmx } from "./mmx-state";
import { readyMmxSse } from "./mmx-transfer";
import { fetchOperand } from "./operand-at";

/**
 * Merges the exceptions of the conversions into MXCSR. True when the result may be written; else
 * #XM, or #UD without CR4.OSXMMEXCPT, has been raised.
 */
function settleConversion(mxcsr: u32): bool {
  const flags = sseExceptions(mxcsr);
  if (flags == 0) return true;
  store<u32>(MXCSR, mxcsr | flags);
  updateSseMode();
  if ((flags & ~(mxcsr >>> 7)) == 0) return true;
  if ((load<u64>(CR4) & CR4_OSXMMEXCPT) != 0) raiseVector(VECTOR_XM);
  else raiseUd();
  return false;
}

/**
 * Pointer to the integers. Only a register makes the transition to MMX state and meets pending x87
 * exceptions.
 */
function integerSource(rec: u32): u32 {
  if (isMemory(rec)) {
    if (load<u32>(SSE_TRAP) == 0) return fetchOperand<u64>(rec);
    raiseSseTrap();
    return 0;
  }
  if (!readyMmxSse()) return 0;
  enterMmx();
  return FPR + r2Of(rec);
}

export function cvtpi2psVpsQq(rec: u32): u32 {
  const from = integerSource(rec);
  if (from == 0) return FAULTED;
  const mxcsr = load<u32>(MXCSR);
  sseClear();
  const low = i32ToF32(load<i32>(from), mxcsr);
  const high = i32ToF32(load<i32>(from, 4), mxcsr);
  if (!settleConversion(mxcsr)) return FAULTED;
  store<u32>(r1Of(rec), low, XMM);
  store<u32>(r1Of(rec), high, XMM + 4);
  return NEXT;
}

/** Exact: no exceptions. */
export function cvtpi2pdVpdQq(rec: u32): u32 {
  const from = integerSource(rec);
  if (from == 0) return FAULTED;
  const low = i32ToF64(load<i32>(from));
  const high = i32ToF64(load<i32>(from, 4));
  store<u64>(r1Of(rec), low, XMM);
  store<u64>(r1Of(rec), high, XMM + 8);
  return NEXT;
}

/** Writes two integers to P; the transition takes place also when an exception was unmasked. */
function finishIntegers(rec: u32, mxcsr: u32, low: i32, high: i32): u32 {
  enterMmx();
  if (!settleConversion(mxcsr)) return FAULTED;
  writeMmx(r1Of(rec), (low as u32 as u64) | ((high as u32 as u64) << 32));
  return NEXT;
}

/** CVTPS2PI, and with `truncate` CVTTPS2PI. */
export function cvtps2piPqWq(rec: u32, truncate: bool): u32 {
  if (!readyMmxSse()) return FAULTED;
  const from = isMemory(rec) ? fetchOperand<u64>(rec) : XMM + r2Of(rec);
  if (from == 0) return FAULTED;
  const mxcsr = load<u32>(MXCSR);
  const a = load<u32>(from);
  const b = load<u32>(from, 4);
  sseClear();
  const low = truncate ? f32ToI32Truncated(a, mxcsr) : f32ToI32(a, mxcsr);
  const high = truncate ? f32ToI32Truncated(b, mxcsr) : f32ToI32(b, mxcsr);
  return finishIntegers(rec, mxcsr, low, high);
}

/** Pointer to the 16 bytes of the operand, which must be aligned in memory. */
function alignedSource(rec: u32): u32 {
  if (!isMemory(rec)) return XMM + r2Of(rec);
  if (!linearize(segmentOf(rec), operandOffset(rec), 16, false)) return 0;
  if ((linear & 15) != 0) {
    raiseGp(0);
    return 0;
  }
  return readPointer<v128>(linear, rec);
}

/** CVTPD2PI, and with `truncate` CVTTPD2PI. */
export function cvtpd2piPqWpd(rec: u32, truncate: bool): u32 {
  if (!readyMmxSse()) return FAULTED;
  const from = alignedSource(rec);
  if (from == 0) return FAULTED;
  const mxcsr = load<u32>(MXCSR);
  const a = load<u64>(from);
  const b = load<u64>(from, 8);
  sseClear();
  const low = truncate ? f64ToI32Truncated(a, mxcsr) : f64ToI32(a, mxcsr);
  const high = truncate ? f64ToI32Truncated(b, mxcsr) : f64ToI32(b, mxcsr);
  return finishIntegers(rec, mxcsr, low, high);
}
