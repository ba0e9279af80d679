/** Event counters of the machine: 64-bit cells that the host reads by index. */
import { M_COUNTERS } from "../layout";

export enum Counter {
  TLB_HIT_L1 = 0,
  TLB_HIT_L2 = 1,
  TLB_MISS = 2,
  TLB_FILL = 3,
  TLB_EVICTION = 4,
  WALK_REFERENCE = 5,
  INVLPG = 6,
  INVPCID = 7,
  CR3_FLUSH = 8,
  CR3_KEEP = 9,
  FLUSH_ALL = 10,
  BLOCK_DECODED = 11,
  BLOCK_INVALIDATED = 12,
  ARENA_FLUSH = 13,
  EXTERNAL_INTERRUPT = 14,
  NMI = 15,
  SOFTWARE_INTERRUPT = 16,
  VM_ENTRY = 17,
  VM_EXIT = 18,
  VM_ENTRY_FAILURE = 19,
  INVEPT = 20,
  INVVPID = 21,
  EPT_REFERENCE = 22,
  GUEST_PHYSICAL_HIT = 23,
  TRANSITION_FLUSH = 24,
  /** Misses by kind of access: loads, stores, fetches. */
  MISS_LOAD = 25,
  MISS_STORE = 26,
  MISS_FETCH = 27,
  FILL_COMBINED = 28,
  GUEST_PHYSICAL_FILL = 29,
  /** One cell for each of the 32 exception vectors. */
  EXCEPTION = 32,
  /** One cell for each of 128 basic exit reasons. */
  EXIT_REASON = 64,
  /** Four cells for each row of TLB_ARRAYS: EVENT_*. */
  ARRAYS = 192,
  /** Two cells for each FLUSH_*: how often, and how many entries went. */
  FLUSHES = 320,
}

// Events of one array of the TLB or of the other caches of translations.
export const EVENT_HIT: u32 = 0;
export const EVENT_FILL: u32 = 1;
export const EVENT_EVICTION: u32 = 2;

/** Adds one to a counter. @inline */
export function count(counter: u32): void {
  const cell = M_COUNTERS + (counter << 3);
  store<u64>(cell, load<u64>(cell) + 1);
}

/** Counts an event of row `row` of TLB_ARRAYS. @inline */
export function countArray(row: u32, event: u32): void {
  count(Counter.ARRAYS + (row << 2) + event);
}

/** Counts an invalidation that has dropped so many entries. */
export function countFlush(operation: u32, dropped: u32): void {
  const cell = M_COUNTERS + ((Counter.FLUSHES + (operation << 1)) << 3);
  store<u64>(cell, load<u64>(cell) + 1);
  store<u64>(cell, load<u64>(cell, 8) + (dropped as u64), 8);
}

/** Value of a counter. @inline */
export function counterOf(counter: u32): u64 {
  return load<u64>(M_COUNTERS + (counter << 3));
}

/** @inline */
export function setCounter(counter: u32, value: u64): void {
  store<u64>(M_COUNTERS + (counter << 3), value);
}
