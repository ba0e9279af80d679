/**
 * What the two sides of the oracle have in common: the pages and segments that a case sees, and the
 * layout of cases and results in memory (native/protocol.h).
 */

export const PAGE = 4096;

export interface PageRow {
  readonly name: string;
  readonly address: bigint;
  readonly write: boolean;
  readonly execute: boolean;
}

/** The pages of every case; all else is unmapped. */
export const PAGES: readonly PageRow[] = [
  { name: "code", address: 0x10000000n, write: false, execute: true },
  { name: "code2", address: 0x10001000n, write: false, execute: true },
  { name: "data", address: 0x20000000n, write: true, execute: false },
  { name: "data2", address: 0x20001000n, write: true, execute: false },
  { name: "constants", address: 0x20002000n, write: false, execute: false },
  // Reached by 16-bit addresses, as far as the host permits pages that low.
  { name: "low", address: 0xf000n, write: true, execute: false },
  { name: "top32", address: 0xfffff000n, write: true, execute: false },
  { name: "high", address: 0x123456789000n, write: true, execute: false },
];

export const CODE = 0x10000000;
export const DATA = 0x20000000;
/** A case is over when it arrives here; code of 32 bits goes to END32. */
export const END = 0x3a5b7000;
export const END32 = END + 0x800;
/** What a 16-bit stack leaves in bits 31:16 of ESP. */
export const STACK16_HIGH = 0x3b7c;

export const SELECTOR = {
  CODE64: 0x33,
  CODE32: 0x23,
  DATA: 0x2b,
  CODE16: 0x07,
  DATA16: 0x0f,
  LIMITED: 0x17,
  DOWN32: 0x1f,
  DOWN16: 0x27,
  CONSTANT: 0x2f,
  ABSENT: 0x37,
  CODE_ONLY: 0x3f,
} as const;

export interface SegmentRow {
  readonly base: number;
  /** In bytes. */
  readonly limit: number;
  /** Type, S, DPL and P as in bits 15:8 of a descriptor. */
  readonly access: number;
  readonly big: boolean;
}

/** The local descriptor table, in the order of the selectors above. */
export const SEGMENTS: readonly SegmentRow[] = [
  { base: CODE, limit: 0x1fff, access: 0xfb, big: false },
  { base: DATA, limit: 0xffff, access: 0xf3, big: false },
  { base: DATA, limit: 0x17fb, access: 0xf3, big: true },
  { base: DATA, limit: 0x07ff, access: 0xf7, big: true },
  { base: DATA, limit: 0x07ff, access: 0xf7, big: false },
  { base: DATA, limit: 0x2fff, access: 0xf1, big: true },
  { base: DATA, limit: 0xffff, access: 0x73, big: true },
  { base: CODE, limit: 0x1fff, access: 0xf9, big: true },
];

// Offsets in the header.
export const HEADER = {
  STATE: 24,
  FAILURE: 28,
  PAGE_COUNT: 32,
  LDT_COUNT: 36,
  TICK: 40,
  PAGES: 64,
  LDT: 64 + 8 * 16,
  FLOATING: 2048,
} as const;

export const BANKS = 2;
export const CASES_MAX = 512;
export const CASE_BYTES = 2048;
export const RESULT_BYTES = 1024;
const PAGES_MAX = 8;
export const BASE_AT = PAGE;
export const CASES_AT = BASE_AT + 2 * PAGES_MAX * PAGE;
export const RESULTS_AT = CASES_AT + BANKS * CASES_MAX * CASE_BYTES;
export const CHANGED_AT = RESULTS_AT + BANKS * CASES_MAX * RESULT_BYTES;
export const SHARED_BYTES = CHANGED_AT + BANKS * CASES_MAX * PAGES_MAX * PAGE;

// Offsets that cases and results share.
export const GPR_AT = 0;
export const RIP_AT = 128;
export const RFLAGS_AT = 136;
export const FS_BASE_AT = 144;
export const GS_BASE_AT = 152;
/** CS, SS, DS, ES, FS, GS, 16 bits each. */
export const SELECTORS_AT = 160;

// Offsets in a case.
export const PATCH_COUNT_AT = 172;
export const CASE_FLAGS_AT = 174;
/** Length of the instruction under test, for people and for messages. */
export const LENGTH_AT = 176;
/** Shift count of the instruction, before masking. */
export const COUNT_AT = 180;
/** Nonzero when the case meets a difference between AMD and Intel processors: WAIVED_*. */
export const WAIVED_AT = 181;
/** Offset from FS or GS that is not canonical though the linear address is. */
export const WAIVED_OFFSET = 1;
/** An operand that may reach beyond offset 0xffffffff of a segment of 4 GiB. */
export const WAIVED_WRAP = 2;
/** An operand in a page that natively belongs to the worker. */
export const WAIVED_HARNESS = 3;
/** Address of the instruction under test. */
export const START_AT = 184;
export const PATCHES_AT = 192;
export const PATCHES_MAX = 12;
export const BYTES_AT = PATCHES_AT + PATCHES_MAX * 8;
/** Linear address of the memory operand. */
export const OPERAND_AT = 1528;
export const CASE_FLOATING_AT = 1536;
export const OWN_FLOATING = 1;
export const LOAD_SEGMENTS = 2;

// Offsets in a result.
export const ENDING_AT = 176;
export const TRAP_AT = 180;
export const ERROR_AT = 184;
export const CR2_AT = 192;
export const CHANGED_MASK_AT = 208;
export const FLOATING_AT = 256;

/** Why a case ended, beside signal numbers. */
export const ENDED = 0;
export const TIMED_OUT = -1;
export const WORKER_DIED = -2;
/** Our core halted or shut down, which user code cannot make a processor do. */
export const STOPPED = -3;
/** A system call: nothing to compare. */
export const SIGSYS = 31;

/** FXSAVE image of FNINIT and the default MXCSR. */
export function initialFloating(): Uint8Array {
  const image = new Uint8Array(512);
  const view = new DataView(image.buffer);
  view.setUint16(0, 0x37f, true);
  view.setUint32(24, 0x1f80, true);
  view.setUint32(28, 0xffff, true);
  return image;
}

/** What the pages hold before a case changes them: INT3 in code, noise in data. */
export function baseContents(): Uint8Array[] {
  let seed = 0x9e3779b9;
  return PAGES.map((page) => {
    const bytes = new Uint8Array(PAGE);
    if (page.execute) return bytes.fill(0xcc);
    for (let i = 0; i < PAGE; i++) {
      seed ^= seed << 13;
      seed ^= seed >>> 17;
      seed ^= seed << 5;
      bytes[i] = seed >>> 11;
    }
    return bytes;
  });
}
