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
  /** One cell for each of the 32 exception vectors. */
  EXCEPTION = 32,
}

/** Adds one to a counter. @inline */
export function count(counter: u32): void {
  const cell = M_COUNTERS + (counter << 3);
  store<u64>(cell, load<u64>(cell) + 1);
}

/** Value of a counter. @inline */
export function counterOf(counter: u32): u64 {
  return load<u64>(M_COUNTERS + (counter << 3));
}

/** @inline */
export function setCounter(counter: u32, value: u64): void {
  store<u64>(M_COUNTERS + (counter << 3), value);
}
