/**
 * Address spaces: the tags of a cached translation, {processor, VPID, PCID, EP4TA}, interned into a
 * small number. Dropping all translations of a space costs nothing: its number is retired, so that
 * no look-up can name it any more, and a new one is given out; retired numbers are swept up when
 * none is left.
 */
import { M_SPACES, SPACE_BYTES, SPACES, SPACES_MAX } from "../layout";
import { clearFront, forgetSpaceNumber } from "./front";
import { sweepRetired } from "./tlb";

const STATE_FREE: u32 = 0;
const STATE_LIVE: u32 = 1;
const STATE_RETIRED: u32 = 2;

const S_STATE: u32 = 0;
const S_CPU: u32 = 4;
const S_VPID: u32 = 8;
const S_PCID: u32 = 12;
const S_EP4TA: u32 = 16;
/** Translations cached under this number. */
const S_COUNT: u32 = 24;

/** So many numbers are given out before the retired ones are swept up: look-ups search them all. */
const BOUND_FIRST: u32 = 64;
let bound: u32 = BOUND_FIRST;

/** In the place of a PCID: translations of global pages. */
export const PCID_GLOBAL: u32 = 0x1000;

/** Counts the times that all numbers were taken back; a parked processor compares it. */
export let spaceEpoch: u32 = 0;

/** @inline */
function spaceRow(id: u32): u32 {
  return SPACES + id * SPACE_BYTES;
}

/** @inline */
export function isLiveSpace(id: u32): bool {
  return load<u32>(spaceRow(id), S_STATE) == STATE_LIVE;
}

/** @inline */
export function spaceVpid(id: u32): u32 {
  return load<u32>(spaceRow(id), S_VPID);
}

/** @inline */
export function spacePcid(id: u32): u32 {
  return load<u32>(spaceRow(id), S_PCID);
}

/** @inline */
export function spaceCpu(id: u32): u32 {
  return load<u32>(spaceRow(id), S_CPU);
}

/** @inline */
export function spaceEp4ta(id: u32): u64 {
  return load<u64>(spaceRow(id), S_EP4TA);
}

/** @inline */
export function spaceCount(id: u32): u32 {
  return load<u32>(spaceRow(id), S_COUNT);
}

/** @inline */
export function addToSpace(id: u32, change: i32): void {
  const row = spaceRow(id);
  store<u32>(row, load<u32>(row, S_COUNT) + change, S_COUNT);
}

/** Highest number given out so far, plus one. @inline */
export function spaceLimit(): u32 {
  return load<u32>(M_SPACES);
}

/** The number for a tuple of tags; the same tuple gives the same number until it is retired. */
export function internSpace(cpu: u32, vpid: u32, pcid: u32, ep4ta: u64): u32 {
  const limit = spaceLimit();
  let free: u32 = SPACES_MAX;
  for (let id: u32 = 0; id < limit; id++) {
    const row = spaceRow(id);
    const state = load<u32>(row, S_STATE);
    if (state == STATE_LIVE) {
      if (
        load<u32>(row, S_PCID) == pcid &&
        load<u32>(row, S_VPID) == vpid &&
        load<u32>(row, S_CPU) == cpu &&
        load<u64>(row, S_EP4TA) == ep4ta
      ) {
        return id;
      }
    } else if (state == STATE_FREE && free == SPACES_MAX) {
      free = id;
    }
  }
  if (free == SPACES_MAX) free = limit < bound ? limit : reclaim();
  if (free == limit) store<u32>(M_SPACES, limit + 1);
  forgetSpaceNumber(free);
  const row = spaceRow(free);
  store<u32>(row, STATE_LIVE, S_STATE);
  store<u32>(row, cpu, S_CPU);
  store<u32>(row, vpid, S_VPID);
  store<u32>(row, pcid, S_PCID);
  store<u64>(row, ep4ta, S_EP4TA);
  store<u32>(row, 0, S_COUNT);
  return free;
}

/** Drops every translation tagged with `id`; the number must not be used again. Returns how many. */
export function retireSpace(id: u32): u32 {
  const row = spaceRow(id);
  if (load<u32>(row, S_STATE) != STATE_LIVE) return 0;
  store<u32>(row, STATE_RETIRED, S_STATE);
  return load<u32>(row, S_COUNT);
}

/**
 * Makes retired numbers usable again and returns one, or with few of them the next that was never
 * given out; when there is none at all, takes every number back.
 */
function reclaim(): u32 {
  const limit = spaceLimit();
  let retired: u32 = 0;
  for (let id: u32 = 0; id < limit; id++) {
    if (load<u32>(spaceRow(id), S_STATE) == STATE_RETIRED) retired++;
  }
  if (retired < limit / 2 && limit < SPACES_MAX - 1) {
    bound = min<u32>(limit * 2, SPACES_MAX - 1);
    return limit;
  }
  if (retired == 0) {
    for (let id: u32 = 0; id < limit; id++) retireSpace(id);
    spaceEpoch++;
  }
  sweepRetired();
  clearFront();
  for (let id: u32 = 0; id < limit; id++) {
    const row = spaceRow(id);
    if (load<u32>(row, S_STATE) == STATE_RETIRED) store<u32>(row, STATE_FREE, S_STATE);
  }
  for (let id: u32 = 0; id < limit; id++) {
    if (load<u32>(spaceRow(id), S_STATE) == STATE_FREE) return id;
  }
  return 0;
}

/** Forgets all numbers; for a machine that starts. */
export function resetSpaces(): void {
  memory.fill(SPACES, 0, SPACES_MAX * SPACE_BYTES);
  store<u32>(M_SPACES, 0);
  bound = BOUND_FIRST;
  spaceEpoch++;
}
