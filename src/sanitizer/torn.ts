/**
 * Paging-structure entries of 64 bits that are stored in two halves. A program may change one half
 * alone; an entry is torn when the same processor stores both halves with neighbouring instructions
 * and a walk of another processor uses the value in between.
 */
import type { WatchedFrame } from "./frames.ts";
import type { Entry } from "./records.ts";
import type { Site } from "./types.ts";

/** Distance in bytes within which two instructions are taken to write one entry. */
const NEIGHBOURS = 64n;

export interface Torn {
  readonly reader: Entry;
  readonly first: Site;
  readonly before: bigint;
  readonly mid: bigint;
}

/** A slot of 8 bytes before and after a store. */
export interface Change {
  readonly beforeLo: number;
  readonly beforeHi: number;
  readonly lo: number;
  readonly hi: number;
}

const wide = (hi: number, lo: number) => (BigInt(hi) << 32n) | BigInt(lo);

/** Takes note of a store to `slot`; tells what it completes if the entry was torn meanwhile. */
export function tornBy(
  frame: WatchedFrame,
  slot: number,
  site: Site,
  halves: number,
  { beforeLo, beforeHi, lo, hi }: Change,
): Torn | undefined {
  const { halves: pending } = frame;
  const half = pending.get(slot);
  pending.delete(slot);
  if (halves === 3) return undefined;
  const completes =
    half !== undefined &&
    half.halves !== halves &&
    half.site.cpu === site.cpu &&
    half.site.actor === site.actor &&
    isNear(half.site.rip, site.rip);
  if (!completes) {
    pending.set(slot, {
      site,
      halves,
      beforeLo,
      beforeHi,
      midLo: lo,
      midHi: hi,
      reader: undefined,
    });
    return undefined;
  }
  const { reader } = half;
  if (!reader || reader.filled.cpu === site.cpu) return undefined;
  const first = half.site;
  return {
    reader,
    first,
    before: wide(half.beforeHi, half.beforeLo),
    mid: wide(half.midHi, half.midLo),
  };
}

function isNear(a: bigint, b: bigint): boolean {
  const distance = a > b ? a - b : b - a;
  return distance <= NEIGHBOURS;
}
