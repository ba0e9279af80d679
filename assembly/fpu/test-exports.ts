/**
 * Entry of the test build: executes operations by number on 64-byte records in linear memory,
 * either to fill in the result or to compare it with the one a processor gave.
 *
 * Record: u32 operation, u32 control (FCW or MXCSR), u64 a, u64 b, u32 a exponent, u32 b exponent,
 * u64 r0, u64 r1, u32 r0 exponent, u32 r1 exponent, u32 status (FSW or MXCSR), u32 trapped.
 * For x87 operations a is ST0 or the memory operand of a load, b is ST1 or the memory operand of
 * an arithmetic instruction; r0 and r1 are ST0 and ST1 afterwards, or r0 is what was stored.
 */

import { isPlainF32, isPlainF64, isPlainResultF32, isPlainResultF64 } from "./sse-operand";
import { raise, sseClear, sseExceptions } from "./status";
import { sseOperation } from "./test-sse";
import { x87Operation } from "./test-x87";

const RECORD_BYTES: usize = 64;
/** First number of an SSE operation. */
const SSE_FIRST: u32 = 64;
/** Exception flags, C0 to C3: the bits of the status word that an operation decides. */
const FSW_MASK: u32 = 0x473f;

/** Executes the record at `source`; writes r0 to `trapped` of the record at `target`. */
export function runRecord(source: usize, target: usize): void {
  if (load<u32>(source) < SSE_FIRST) x87Operation(source, target);
  else sseOperation(source, target);
}

/** Executes `count` records in place. */
export function runRecords(base: usize, count: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    const record = base + usize(i) * RECORD_BYTES;
    runRecord(record, record);
  }
}

function sameResult(x: usize, y: usize): bool {
  const mask: u32 = load<u32>(x) < SSE_FIRST ? FSW_MASK : 0xffffffff;
  return (
    load<u64>(x, 32) == load<u64>(y, 32) &&
    load<u64>(x, 40) == load<u64>(y, 40) &&
    load<u64>(x, 48) == load<u64>(y, 48) &&
    (load<u32>(x, 56) & mask) == (load<u32>(y, 56) & mask) &&
    load<u32>(x, 60) == load<u32>(y, 60)
  );
}

/**
 * Executes `count` records and compares. Returns the number of mismatches; the indices of the
 * first `badMax` are written as u32 at `bad`, each result at `scratch`.
 */
export function compareRecords(
  base: usize,
  count: u32,
  scratch: usize,
  bad: usize,
  badMax: u32,
): u32 {
  let mismatches: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const record = base + usize(i) * RECORD_BYTES;
    runRecord(record, scratch);
    if (!sameResult(record, scratch)) {
      if (mismatches < badMax) store<u32>(bad + (usize(mismatches) << 2), i);
      mismatches++;
    }
  }
  return mismatches;
}

/** Executes one record over and over: for measuring. */
export function repeatRecord(source: usize, target: usize, times: u32): void {
  for (let i: u32 = 0; i < times; i++) runRecord(source, target);
}

/** 1 if both operands and the result are plain, so that only PE can have been raised. */
export function isPlainOperation(a: u64, b: u64, result: u64, double: bool): bool {
  if (double) return isPlainF64(a) && isPlainF64(b) && isPlainResultF64(result);
  return isPlainF32(u32(a)) && isPlainF32(u32(b)) && isPlainResultF32(u32(result));
}

/** What lanes that raised `flags` leave in MXCSR. */
export function laneExceptions(flags: u32, mxcsr: u32): u32 {
  sseClear();
  raise(flags);
  return sseExceptions(mxcsr);
}
