/** The 64-byte records by which the tests and the test build exchange operations. */

/** One operation with its operands and, after running, its outcome; see assembly/fpu/test-exports. */
export interface FpuRecord {
  op: number;
  /** x87 control word or MXCSR. */
  control: number;
  a: bigint;
  aExp: number;
  b: bigint;
  bExp: number;
  r0: bigint;
  r0Exp: number;
  r1: bigint;
  r1Exp: number;
  status: number;
  trapped: number;
}

export const RECORD_BYTES = 64;
/** First operation number that belongs to SSE. */
export const SSE_FIRST = 64;
/** Exception flags and condition codes: what an x87 operation decides of the status word. */
export const FSW_MASK = 0x473f;

export function record(
  op: number,
  control: number,
  a: bigint,
  aExp = 0,
  b = 0n,
  bExp = 0,
): FpuRecord {
  const outcome = { r0: 0n, r0Exp: 0, r1: 0n, r1Exp: 0, status: 0, trapped: 0 };
  return { op, control, a, aExp, b, bExp, ...outcome };
}

export function writeInput(view: DataView, at: number, r: FpuRecord): void {
  view.setUint32(at, r.op, true);
  view.setUint32(at + 4, r.control, true);
  view.setBigUint64(at + 8, r.a, true);
  view.setBigUint64(at + 16, r.b, true);
  view.setUint32(at + 24, r.aExp, true);
  view.setUint32(at + 28, r.bExp, true);
}

export function readOutcome(view: DataView, at: number, r: FpuRecord): void {
  r.r0 = view.getBigUint64(at + 32, true);
  r.r1 = view.getBigUint64(at + 40, true);
  r.r0Exp = view.getUint32(at + 48, true);
  r.r1Exp = view.getUint32(at + 52, true);
  const status = view.getUint32(at + 56, true);
  r.status = r.op < SSE_FIRST ? status & FSW_MASK : status;
  r.trapped = view.getUint32(at + 60, true);
}

/** Mixes the outcome of one record into a hash (FNV-1a over 32-bit words). */
export function hashOutcome(view: DataView, at: number, hash: number): number {
  const mask = view.getUint32(at, true) < SSE_FIRST ? FSW_MASK : 0xffffffff;
  let h = hash;
  for (let offset = 32; offset < 64; offset += 4) {
    const word = view.getUint32(at + offset, true) & (offset === 56 ? mask : 0xffffffff);
    h = Math.imul(h ^ word, 0x01000193);
    h ^= h >>> 15;
  }
  return h >>> 0;
}

export const HASH_START = 0x811c9dc5;
