/**
 * The frames of emulated host-physical memory: allocation by 4-KiB pages and by 2-MiB blocks, references,
 * poison. A freed frame waits in quarantine, so that it is not reused at once unless that is asked for.
 */
import type { Core } from "../core/core.ts";

export const PAGE_BYTES = 4096;
export const HUGE_PAGES = 512;
/** What a freed frame holds. */
export const POISON = 0x6b;
const USED_BEFORE = 1;

/** L0 has no memory left. */
export class OutOfFrames extends Error {
  constructor() {
    super("L0 has no free frame left: give the machine less RAM or move fewer pages");
  }
}

export class Frames {
  readonly count: number;
  /** The frame freed last is handed out first: no quarantine. */
  reusesAtOnce = false;
  /** Told before a frame is poisoned. */
  onFree: ((pfn: number) => void) | undefined;
  /** Told when a frame is handed out. */
  onAllocate: ((pfn: number) => void) | undefined;
  private readonly core: Core;
  private readonly base: number;
  private readonly references: Uint16Array;
  private readonly marks: Uint8Array;
  /** First frames of free blocks; the last is taken first. */
  private readonly blocks: number[] = [];
  private readonly small: number[] = [];
  private readonly quarantine: number[] = [];

  /**
   * @param base pointer of frame 0
   * @param first first frame to hand out
   * @param count frames there are
   */
  constructor(core: Core, base: number, first: number, count: number) {
    this.core = core;
    this.base = base;
    this.count = count;
    this.references = new Uint16Array(count);
    this.marks = new Uint8Array(count);
    const whole = Math.floor(count / HUGE_PAGES);
    const firstBlock = Math.ceil(first / HUGE_PAGES);
    for (let block = whole - 1; block >= firstBlock; block--) this.blocks.push(block * HUGE_PAGES);
    for (let pfn = count - 1; pfn >= whole * HUGE_PAGES; pfn--) this.small.push(pfn);
    const edge = Math.min(firstBlock * HUGE_PAGES, count);
    for (let pfn = edge - 1; pfn >= first; pfn--) this.small.push(pfn);
  }

  /** Index into `Core.u32` of the frame's first word. */
  words(pfn: number): number {
    return (this.base + pfn * PAGE_BYTES) / 4;
  }

  /** Index into `Core.u8` of the frame's first byte. */
  bytes(pfn: number): number {
    return this.base + pfn * PAGE_BYTES;
  }

  /** A zeroed frame with one reference. `reuse` takes the frame freed last. @throws OutOfFrames */
  allocate(reuse = this.reusesAtOnce): number {
    let pfn = (reuse ? this.quarantine.pop() : undefined) ?? this.small.pop();
    if (pfn === undefined && this.split()) pfn = this.small.pop();
    pfn ??= this.quarantine.shift();
    if (pfn === undefined) throw new OutOfFrames();
    this.handOut(pfn);
    return pfn;
  }

  /** The first of 512 zeroed frames in a row, aligned; undefined when there is no such block. */
  allocateHuge(): number | undefined {
    const first = this.blocks.pop();
    if (first === undefined) return undefined;
    for (let pfn = first; pfn < first + HUGE_PAGES; pfn++) this.handOut(pfn);
    return first;
  }

  /** Takes one more reference. */
  get(pfn: number): void {
    if (this.references[pfn] === 0) throw new Error(`frame 0x${pfn.toString(16)} is free`);
    this.references[pfn]!++;
  }

  /** Gives a reference back; the last one frees the frame. */
  put(pfn: number): void {
    const left = this.references[pfn]! - 1;
    if (left < 0) throw new Error(`frame 0x${pfn.toString(16)} is free already`);
    this.references[pfn] = left;
    if (left === 0) this.free(pfn);
  }

  referencesOf(pfn: number): number {
    return this.references[pfn]!;
  }

  isFree(pfn: number): boolean {
    return this.references[pfn] === 0;
  }

  /** To be called after frame contents were written from outside the core. */
  written(pfn: number, offset = 0, bytes = PAGE_BYTES): void {
    this.core.exports.hostWritten(this.bytes(pfn) + offset, bytes);
  }

  /** A copy of the page at index `at` of `Core.u8`. */
  slice(at: number): Uint8Array {
    return this.core.u8.slice(at, at + PAGE_BYTES);
  }

  /** Writes a whole frame. */
  fillFrom(pfn: number, contents: Uint8Array): void {
    this.core.u8.set(contents, this.bytes(pfn));
    this.written(pfn);
  }

  /** Copies a whole frame. */
  copy(from: number, to: number): void {
    const source = this.bytes(from);
    this.core.u8.copyWithin(this.bytes(to), source, source + PAGE_BYTES);
    this.written(to);
  }

  private handOut(pfn: number): void {
    this.references[pfn] = 1;
    if ((this.marks[pfn]! & USED_BEFORE) !== 0) this.fill(pfn, 0);
    this.marks[pfn]! |= USED_BEFORE;
    this.onAllocate?.(pfn);
  }

  private free(pfn: number): void {
    this.onFree?.(pfn);
    this.fill(pfn, POISON);
    this.quarantine.push(pfn);
  }

  private fill(pfn: number, value: number): void {
    const at = this.bytes(pfn);
    this.core.u8.fill(value, at, at + PAGE_BYTES);
    this.written(pfn);
  }

  private split(): boolean {
    const first = this.blocks.shift();
    if (first === undefined) return false;
    for (let pfn = first + HUGE_PAGES - 1; pfn >= first; pfn--) this.small.push(pfn);
    return true;
  }
}
