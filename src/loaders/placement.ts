/** Who gets which part of RAM, and the writes that wait until the whole image is found good. */

import { alignDown, alignUp, hex } from "./bytes.ts";
import { ImageError, type LoadTarget } from "./image.ts";
import { type MemoryRange, PAGE_BYTES, ramRanges, usableRanges } from "./memory-map.ts";

/** A named part of RAM. */
export interface Region {
  readonly name: string;
  readonly hpa: number;
  /** Bytes. */
  readonly length: number;
}

/** Limits for a region that may lie anywhere inside them. */
export interface Where {
  /** Lowest address; page 0 is never given out, whatever this says. */
  readonly min?: number;
  /** Address that the region must not pass. */
  readonly max?: number;
  /** Power of two; 16 unless given. */
  readonly align?: number;
  /** The end from which free memory is searched; low unless given. */
  readonly from?: "low" | "high";
}

/** A piece of an image at its fixed place: bytes of the file, then zeros up to `memBytes`. */
export interface Piece {
  readonly name: string;
  readonly hpa: number;
  readonly bytes: Uint8Array;
  readonly memBytes: number;
}

type Action = { readonly hpa: number; readonly bytes: Uint8Array } | MemoryRange;

/** Below this, guests put trampolines, vectors and their own boot code. */
export const LOW_DATA_MIN = 0x1_0000;

/**
 * Hands out RAM and collects what is to be written. Nothing reaches the target before `commit`,
 * so an image that fails half-way leaves memory untouched.
 */
export class Placement {
  readonly #ramBytes: number;
  readonly #usable: readonly MemoryRange[];
  /** Sorted by address; neighbours never overlap. */
  readonly #regions: Region[] = [];
  readonly #actions: Action[] = [];

  /** Throws an ImageError when `ramBytes` is not a size that RAM can have. */
  constructor(ramBytes: number) {
    this.#ramBytes = ramBytes;
    this.#usable = usableRanges(ramBytes);
  }

  get regions(): readonly Region[] {
    return this.#regions;
  }

  /** Takes a fixed range of at least one byte; throws unless it is usable RAM and still free. */
  claim(name: string, hpa: number, length: number): void {
    const end = hpa + length;
    if (!this.#usable.some((range) => hpa >= range.hpa && end <= range.hpa + range.length)) {
      throw this.#notUsable(name, hpa, length);
    }
    const other = this.#regions.find((region) => overlaps(region, hpa, end));
    if (other !== undefined) {
      throw new ImageError(
        `${name} at ${hex(hpa)}-${hex(end)} overlaps ${other.name} at ` +
          `${hex(other.hpa)}-${hex(other.hpa + other.length)}: link or load it elsewhere`,
      );
    }
    this.#insert({ name, hpa, length });
  }

  /** Takes free RAM inside the first of `choices` that has any; throws when none has. */
  place(name: string, length: number, ...choices: readonly Where[]): number {
    for (const where of choices) {
      const hpa = this.#find(length, where);
      if (hpa !== undefined) {
        this.#insert({ name, hpa, length });
        return hpa;
      }
    }
    const limit = Math.max(...choices.map((where) => where.max ?? Number.POSITIVE_INFINITY));
    const below = Number.isFinite(limit) ? ` below ${hex(limit)}` : "";
    throw new ImageError(
      `no free RAM for ${name} (${length} bytes)${below}: give the machine more RAM`,
    );
  }

  /** Plans a write into a region taken before. `bytes` is kept, not copied. */
  write(hpa: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#checkInside(hpa, bytes.length);
    this.#actions.push({ hpa, bytes });
  }

  /** Plans zeros in a region taken before. */
  zero(hpa: number, length: number): void {
    if (length === 0) return;
    this.#checkInside(hpa, length);
    this.#actions.push({ hpa, length });
  }

  /** Claims the place of a piece of the image and plans its contents. */
  addPiece(piece: Piece): void {
    this.claim(piece.name, piece.hpa, piece.memBytes);
    this.write(piece.hpa, piece.bytes);
    this.zero(piece.hpa + piece.bytes.length, piece.memBytes - piece.bytes.length);
  }

  /** Carries out the planned writes in the order in which they were planned. */
  commit(target: LoadTarget): void {
    for (const action of this.#actions) {
      if ("bytes" in action) target.write(action.hpa, action.bytes);
      else target.fill(action.hpa, action.length, 0);
    }
  }

  #insert(region: Region): void {
    const at = this.#regions.findIndex((other) => other.hpa > region.hpa);
    this.#regions.splice(at < 0 ? this.#regions.length : at, 0, region);
  }

  #find(length: number, where: Where): number | undefined {
    const min = Math.max(where.min ?? 0, PAGE_BYTES);
    const max = where.max ?? Number.POSITIVE_INFINITY;
    const align = where.align ?? 16;
    const high = where.from === "high";
    const gaps = this.#gaps();
    if (high) gaps.reverse();
    for (const gap of gaps) {
      const start = alignUp(Math.max(gap.hpa, min), align);
      const end = Math.min(gap.hpa + gap.length, max);
      const hpa = high ? alignDown(end - length, align) : start;
      if (hpa >= start && hpa + length <= end) return hpa;
    }
    return undefined;
  }

  /** Free parts of usable RAM by ascending address. */
  #gaps(): MemoryRange[] {
    const gaps: MemoryRange[] = [];
    for (const range of this.#usable) {
      const end = range.hpa + range.length;
      let free = range.hpa;
      for (const region of this.#regions) {
        if (!overlaps(region, range.hpa, end)) continue;
        if (region.hpa > free) gaps.push({ hpa: free, length: region.hpa - free });
        free = region.hpa + region.length;
      }
      if (end > free) gaps.push({ hpa: free, length: end - free });
    }
    return gaps;
  }

  #notUsable(name: string, hpa: number, length: number): ImageError {
    const place = `${name} at ${hex(hpa)}-${hex(hpa + length)}`;
    const inRam = ramRanges(this.#ramBytes).some(
      (range) => hpa >= range.hpa && hpa + length <= range.hpa + range.length,
    );
    if (inRam) {
      return new ImageError(`${place} touches reserved memory 0x9fc00-0xfffff: link it elsewhere`);
    }
    const low = ramRanges(this.#ramBytes)[0].length;
    return new ImageError(
      `${place} is outside RAM, which ends at ${hex(low)} below 4 GiB: ` +
        "give the machine more RAM or link it lower",
    );
  }

  /** Guards against a loader that writes where it claimed nothing: a fault of ours, not theirs. */
  #checkInside(hpa: number, length: number): void {
    const inside = this.#regions.some(
      (region) => hpa >= region.hpa && hpa + length <= region.hpa + region.length,
    );
    if (!inside) throw new Error(`write of ${length} bytes at ${hex(hpa)} outside every region`);
  }
}

function overlaps(region: Region, hpa: number, end: number): boolean {
  return region.hpa < end && hpa < region.hpa + region.length;
}
