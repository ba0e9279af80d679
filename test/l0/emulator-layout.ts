/**
 * Memory and segments for the comparison of L0's emulator with the core: what lies where, and the
 * descriptors that emulated loads of segments find.
 */

/** Device memory above L0, RAM on the bare core. */
export const DEVICE = 0x300000;
export const DEVICE_BYTES = 0x4000;
/** Middle of it, where operands lie. */
export const OPERAND = DEVICE + 0x2000;
export const RAM_BYTES = 0x300000;

export const IDT = 0;
export const PAGE_TABLES = 0x1000;
export const GDT = 0x8000;
export const LDT = 0x9000;
/** The task at hand, and behind it one of 32 and one of 16 bits. */
export const TSS = 0xa000;
export const TSS_32 = TSS + 0x100;
export const TSS_16 = TSS + 0x200;
export const CODE = 0x10000;
export const STACK = 0x20800;
export const DATA = 0x28000;
/** Pages of RAM that instructions may change. */
export const PAGES = [IDT, GDT, LDT, TSS, CODE, STACK & ~0xfff, DATA] as const;
/** Base of data segments outside 64-bit mode: offsets of 16 bits reach the device memory. */
export const SEGMENT_BASE = DEVICE - 0x8000;
export const STACK_BASE = 0x18000;

/** Bytes of an FXSAVE image that registers fill. */
export const FLOATING_BYTES = 416;

export type Mode = 16 | 32 | 64;

export interface SegmentState {
  readonly selector: number;
  readonly base: number;
  readonly limit: number;
  readonly access: number;
}

const FLAT = 0xffffffff;
/** Descriptors 1 to 14 of the GDT, in the rights format of VMX. */
const ROWS: readonly Omit<SegmentState, "selector">[] = [
  { base: 0, limit: FLAT, access: 0xa09b },
  { base: 0, limit: FLAT, access: 0xc093 },
  { base: 0, limit: FLAT, access: 0xc09b },
  { base: 0x1000, limit: 0xffff, access: 0x92 },
  // Conforming code, execute-only code, absent data, absent code, read-only data, level 3.
  { base: 0, limit: FLAT, access: 0xc09e },
  { base: 0, limit: FLAT, access: 0xc098 },
  { base: 0, limit: 0xfff, access: 0x13 },
  { base: 0, limit: FLAT, access: 0xc01b },
  { base: 0, limit: 0xfffff, access: 0x4090 },
  { base: 0, limit: FLAT, access: 0xc0f2 },
  { base: 0, limit: FLAT, access: 0xc0fa },
  // A short code segment; 16-bit and 32-bit task-state segments.
  { base: 0, limit: 0xff, access: 0x409a },
  { base: TSS_16, limit: 0x2b, access: 0x81 },
  { base: TSS_32, limit: 0x67, access: 0x89 },
];
/** Selectors of those two, and of the task at hand. */
export const SELECTOR = { tss16: 0x68, tss32: 0x70, task: 0xa0 } as const;
/** Behind them: LDT and TSS with upper halves of zero, a busy TSS, an absent LDT, a call gate. */
const SYSTEM: readonly Omit<SegmentState, "selector">[] = [
  { base: LDT, limit: 0x3f, access: 0x82 },
  { base: TSS, limit: 0x67, access: 0x89 },
  { base: TSS, limit: 0x67, access: 0x8b },
  { base: LDT, limit: 0x3f, access: 0x02 },
  { base: 0x10, limit: 0x1234, access: 0x8c },
];
const SYSTEM_FIRST = 16;

/** Selectors that memory operands hold: of all descriptors, of none, of the LDT, beyond the table. */
export const SELECTORS: readonly number[] = [
  ...ROWS.map((_, i) => (i + 1) * 8),
  ...SYSTEM.map((_, i) => (SYSTEM_FIRST + i * 2) * 8),
  0,
  3,
  0x0b,
  0x13,
  0x53,
  0x5b,
  0x0c,
  0x14,
  0x44,
  0x1fc,
  0x208,
  0xfff8,
];
export const GDT_LIMIT = 0x1ff;

function writeDescriptor(table: DataView, index: number, row: Omit<SegmentState, "selector">) {
  const paged = row.limit > 0xfffff;
  const limit = paged ? row.limit >>> 12 : row.limit;
  table.setUint32(index * 8, ((limit & 0xffff) | (row.base << 16)) >>> 0, true);
  const high =
    ((row.base >>> 16) & 0xff) |
    ((row.access & 0x70ff) << 8) |
    (limit & 0xf0000) |
    (paged ? 0x800000 : 0) |
    (row.base & 0xff000000);
  table.setUint32(index * 8 + 4, high >>> 0, true);
}

/** What the pages of PAGES hold at the start of each case, code apart. */
export function pageContents(): Uint8Array[] {
  return PAGES.map((page) => {
    const bytes = new Uint8Array(0x1000);
    const view = new DataView(bytes.buffer);
    if (page === GDT) {
      ROWS.forEach((row, i) => {
        writeDescriptor(view, i + 1, row);
      });
      SYSTEM.forEach((row, i) => {
        writeDescriptor(view, SYSTEM_FIRST + i * 2, row);
      });
    } else if (page === LDT) {
      ROWS.slice(0, 8).forEach((row, i) => {
        writeDescriptor(view, i, row);
      });
    } else if (page !== CODE && page !== IDT) {
      for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 37 + page) & 0xff;
    }
    return bytes;
  });
}

/** ES, CS, SS, DS, FS, GS, LDTR, TR of a mode. */
export function segmentsOf(mode: Mode): SegmentState[] {
  const isReal = mode === 16;
  const data = {
    selector: isReal ? 0x2000 : 0x10,
    base: mode === 64 ? 0 : SEGMENT_BASE,
    limit: isReal ? 0xffff : FLAT,
    access: isReal ? 0x93 : 0xc093,
  };
  const code = isReal
    ? { selector: 0x1000, base: CODE, limit: 0xffff, access: 0x9b }
    : mode === 32
      ? { selector: 0x18, base: 0, limit: FLAT, access: 0xc09b }
      : { selector: 8, base: 0, limit: FLAT, access: 0xa09b };
  const stack = { ...data, base: mode === 64 ? 0 : STACK_BASE };
  const ldt = { selector: 0x80, base: LDT, limit: 0x3f, access: 0x82 };
  const task = { selector: SELECTOR.task, base: TSS, limit: 0x67, access: 0x8b };
  return [data, code, stack, data, data, data, ldt, task];
}

/** CR0, CR4 and EFER of a mode. */
export const CONTROL: Readonly<Record<Mode, readonly [number, number, number]>> = {
  16: [0x30, 0x40600, 0],
  32: [0x31, 0x40600, 0],
  64: [0x80000031, 0x40620, 0xd00],
};

/** Writes tables that map the first GiB to itself; `put` writes 64 bits. */
export function writePageTables(put: (gpa: number, value: bigint) => void): void {
  put(PAGE_TABLES, BigInt(PAGE_TABLES + 0x1000) | 7n);
  put(PAGE_TABLES + 0x1000, BigInt(PAGE_TABLES + 0x2000) | 7n);
  for (let i = 0; i < 512; i++) {
    put(PAGE_TABLES + 0x2000 + i * 8, (BigInt(i) << 21n) | 0xe7n);
  }
}
