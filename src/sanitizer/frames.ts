/**
 * The frames of memory that are watched: those that hold paging-structure entries from which
 * something cached was made, and those that stale entries lead to. Of each there is a copy as it
 * was, so that a store can be told from what was there before.
 */
import type { CoreFeed } from "./feed.ts";
import type { Entry, Step } from "./records.ts";
import type { Site } from "./types.ts";

const PAGE = 4096;
const SLOT_BYTES = 8;
const IDLE_STORES_MAX = 64;

/** One half of a 64-bit entry has been stored, so far without the other. */
export interface HalfStore {
  readonly site: Site;
  /** Bit 0 the lower half, bit 1 the upper. */
  readonly halves: number;
  readonly beforeLo: number;
  readonly beforeHi: number;
  readonly midLo: number;
  readonly midHi: number;
  /** The first record that was made from the half-written entry. */
  reader: Entry | undefined;
}

export interface WatchedFrame {
  readonly hpa: number;
  readonly words: Uint32Array;
  /** The words as they were, once the frame has turned out to hold paging-structure entries. */
  copy: Uint32Array | undefined;
  /** By slot of 8 bytes: what was made from the entries there. */
  readonly dependents: Map<number, Map<Entry, Step>>;
  /** Stale records that lead to this frame. */
  readonly targets: Set<Entry>;
  readonly halves: Map<number, HalfStore>;
  /** Last store by slot, while stale records make that interesting. */
  readonly stores: Map<number, Site>;
  /** Stores since anything depended on the frame. */
  idleStores: number;
  /** It held paging-structure entries already when it became a target. */
  wasTable: boolean;
}

export class Frames {
  private readonly feed: CoreFeed;
  private readonly frames = new Map<number, WatchedFrame>();

  constructor(feed: CoreFeed) {
    this.feed = feed;
  }

  get(hpa: number): WatchedFrame | undefined {
    return this.frames.get(Math.floor(hpa / PAGE));
  }

  /** The frame at `hpa`, watched from now on; undefined where no RAM is. */
  watch(hpa: number): WatchedFrame | undefined {
    const number = Math.floor(hpa / PAGE);
    const known = this.frames.get(number);
    if (known) return known;
    const words = this.feed.frameWords(number * PAGE);
    if (!words) return undefined;
    const frame: WatchedFrame = {
      hpa: number * PAGE,
      words,
      copy: undefined,
      dependents: new Map(),
      targets: new Set(),
      halves: new Map(),
      stores: new Map(),
      idleStores: 0,
      wasTable: false,
    };
    this.frames.set(number, frame);
    this.feed.watchFrame(frame.hpa, true);
    return frame;
  }

  /**
   * Lets go of a frame that has been stored to several times while nothing depended on it. Not at
   * once: between two flushes a table is in use although nothing is cached.
   */
  releaseIdle(frame: WatchedFrame): void {
    if (frame.dependents.size > 0 || frame.targets.size > 0) return;
    if (++frame.idleStores < IDLE_STORES_MAX) return;
    this.frames.delete(frame.hpa / PAGE);
    this.feed.watchFrame(frame.hpa, false);
  }

  depend(entry: Entry, step: Step): void {
    if (step.register) return;
    const frame = this.watch(step.hpa);
    if (!frame) return;
    const slot = slotOf(step.hpa);
    frame.idleStores = 0;
    frame.copy ??= frame.words.slice();
    let dependents = frame.dependents.get(slot);
    if (!dependents) {
      dependents = new Map();
      frame.dependents.set(slot, dependents);
    }
    dependents.set(entry, step);
    addFlags(frame, step);
    const half = frame.halves.get(slot);
    if (half && half.midLo === step.lo && half.midHi === step.hi) half.reader ??= entry;
  }

  /** Removes what `depend` and `aim` have entered. Frames stay watched until the next store. */
  forget(entry: Entry): void {
    for (const step of entry.steps) {
      if (step.register) continue;
      const frame = this.get(step.hpa);
      const slot = slotOf(step.hpa);
      const dependents = frame?.dependents.get(slot);
      if (dependents?.delete(entry) && dependents.size === 0) frame!.dependents.delete(slot);
    }
    if (entry.stale) this.leave(entry);
  }

  /** Watches the frames that a stale record leads to, for signs that they are used anew. */
  aim(entry: Entry): void {
    for (let i = 0; i < framesOf(entry); i++) {
      const frame = this.watch(entry.hpa + i * PAGE);
      if (!frame) continue;
      if (frame.targets.size === 0) frame.wasTable = frame.copy !== undefined;
      frame.targets.add(entry);
    }
  }

  leave(entry: Entry): void {
    for (let i = 0; i < framesOf(entry); i++) {
      const frame = this.get(entry.hpa + i * PAGE);
      if (!frame?.targets.delete(entry)) continue;
      if (frame.targets.size === 0) frame.stores.clear();
    }
  }
}

const GUEST_FLAGS = 0x60;
const EPT_FLAGS = 0x300;

/** A walk notes entries before it sets flags in them; what it has set is no change by software. */
function addFlags(frame: WatchedFrame, step: Step): void {
  if (step.stale) return;
  const word = (step.hpa % PAGE) >>> 2;
  const flags = frame.words[word]! & (step.ept ? EPT_FLAGS : GUEST_FLAGS);
  step.lo = (step.lo | flags) >>> 0;
  const { copy } = frame;
  if (copy) copy[word] = (copy[word]! | flags) >>> 0;
}

/** A 1 GiB page has too many frames to watch them all: the first 512 stand for it. */
const TARGET_FRAMES_MAX = 1024;

function framesOf(entry: Entry): number {
  if (entry.structure) return 1;
  return Math.min(2 ** (entry.sizeLog - 12), TARGET_FRAMES_MAX);
}

export function slotOf(hpa: number): number {
  return Math.floor((hpa % PAGE) / SLOT_BYTES);
}
