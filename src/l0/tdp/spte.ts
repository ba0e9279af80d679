/**
 * Entries of EPT01: their bits, and the words in which they lie. An entry is two 32-bit halves; its
 * frame number fits a number.
 */

export const SPTE = {
  read: 1,
  write: 2,
  execute: 4,
  all: 7,
  /** Write-back. */
  memoryType: 6 << 3,
  /** Uncacheable. */
  uncacheable: 0,
  /** Ignore the guest's PAT. */
  ignorePat: 1 << 6,
  large: 1 << 7,
  accessed: 1 << 8,
  dirty: 1 << 9,
} as const;

/** Software bits of the upper half. */
export const SPTE_HI = {
  /** The primary MMU allows writes (EPT_SPTE_HOST_WRITABLE). */
  hostWritable: 1 << 25,
  /** Writes are withheld for logging only (EPT_SPTE_MMU_WRITABLE). */
  mmuWritable: 1 << 26,
  suppressVe: 1 << 31,
  frame: 0xfffff,
} as const;

/** An entry that is being zapped under mmu_lock held for reading (FROZEN_SPTE): not present. */
export const FROZEN_SPTE = 0x5a0;
/** Write and execute without read: always a misconfiguration. */
const MMIO_SPTE = SPTE.write | SPTE.execute;
const TWO_20 = 0x100000;

export function isPresent(lo: number): boolean {
  return (lo & SPTE.all) !== 0 && (lo & SPTE.all) !== MMIO_SPTE;
}

export function isMmio(lo: number): boolean {
  return (lo & SPTE.all) === MMIO_SPTE;
}

export function isLarge(lo: number): boolean {
  return (lo & SPTE.large) !== 0;
}

export function pfnOf(lo: number, hi: number): number {
  return (hi & SPTE_HI.frame) * TWO_20 + (lo >>> 12);
}

/** Lower half of an entry for frame `pfn`. */
export function lowHalf(pfn: number, bits: number): number {
  return (((pfn % TWO_20) << 12) | bits) >>> 0;
}

export function highHalf(pfn: number, bits: number): number {
  return (Math.floor(pfn / TWO_20) | bits) >>> 0;
}

/** Generations that an MMIO entry can hold; they wrap. */
export const MMIO_GENERATIONS = 1 << 19;

/** An MMIO entry for `gfn`: generation bits 7:0 in 10:3, the others in 62:52 (make_mmio_spte). */
export function mmioLow(gfn: number, generation: number): number {
  return lowHalf(gfn, MMIO_SPTE | ((generation & 0xff) << 3));
}

export function mmioHigh(gfn: number, generation: number): number {
  return highHalf(gfn, ((generation >>> 8) & 0x7ff) << 20);
}

/** Generation in an MMIO entry (get_mmio_spte_generation). */
export function mmioGeneration(lo: number, hi: number): number {
  return ((lo >>> 3) & 0xff) | (((hi >>> 20) & 0x7ff) << 8);
}

/** Index in its table of the entry for `gfn` at `level` (1 for 4-KiB pages). */
export function indexOf(gfn: number, level: number): number {
  return Math.floor(gfn / SPANS[level]!) % 512;
}

/** Pages that an entry at `level` spans. */
export function pagesAt(level: number): number {
  return SPANS[level]!;
}

/**
 * Why the right to write is taken: to log the next write, which a fault may give back at once, or for
 * good, as a table of EPT12 lies there. "trusting" does that wrongly: a right that is withheld already
 * counts as none, though its flush may still be due.
 */
export type Protection = "log" | "table" | "trusting";

/** An entry without the right to write; undefined when it has none. `lost` asks for a flush. */
export function withoutWrite(
  lo: number,
  hi: number,
  protection: Protection,
): { lo: number; hi: number; lost: boolean } | undefined {
  const had = (lo & SPTE.write) !== 0;
  const may = (hi & SPTE_HI.mmuWritable) !== 0;
  const bare = (lo & ~SPTE.write) >>> 0;
  if (protection === "log") return had ? { lo: bare, hi, lost: true } : undefined;
  if (!had && !may) return undefined;
  const lost = had || protection === "table";
  return { lo: bare, hi: (hi & ~SPTE_HI.mmuWritable) >>> 0, lost };
}

/** Pages by level; the one above the roots of five levels included. */
const SPANS = [0, 1, 512, 512 ** 2, 512 ** 3, 512 ** 4, 512 ** 5];
