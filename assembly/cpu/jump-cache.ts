/**
 * The jump cache: from the linear address of an indirect jump's target straight to its records, past
 * the translation and the look-up of the block. An entry:
 *
 *   0 u64 rip   8 u64 context   16 u64 host-physical address of the page   24 u32 record
 *
 * An entry is good as long as nothing it rests on has changed: the context holds the decode mode, the
 * address space and privilege, and an epoch that moves on when a fetch translation or a decoded
 * block is dropped.
 */
import { MODE_FLAT_CODE } from "../decode/decoder";
import {
  CODE_HPA,
  CODE_KEY,
  FETCH_VALID,
  FRONT_CTX_CODE,
  GPR,
  JUMP_CTX,
  SLOT_PAGE_LINEAR,
  SLOW_MODE,
} from "../generated/state";
import { JUMP_CACHE, JUMP_CACHE_ENTRIES, M_TLB_ARRAYS } from "../layout";

/** A context that no entry carries. */
const CONTEXT_NEVER: u64 = 0xffffffffffffffff;
const EPOCH_MASK: u64 = 0x000ffffffffff000;
const EPOCH_STEP: u64 = 0x1000;

let epoch: u64 = 0;

/** @inline */
function entryOf(rip: u64): u32 {
  const mixed = (rip as u32) ^ ((rip >> 12) as u32);
  return JUMP_CACHE + ((mixed & (JUMP_CACHE_ENTRIES - 1)) << 5);
}

/** Recomputes JUMP_CTX; after a change of mode, address space, privilege or slow mode. */
export function updateJumpContext(): void {
  const key = load<u64>(CODE_KEY);
  // Without a TLB every fetch must be translated.
  const usable =
    load<u32>(M_TLB_ARRAYS) != 0 &&
    load<u32>(SLOW_MODE) == 0 &&
    (((key >> 52) as u32) & MODE_FLAT_CODE) != 0;
  const context = (load<u64>(FRONT_CTX_CODE) & 0xfff) | (epoch & EPOCH_MASK) | key;
  store<u64>(JUMP_CTX, usable ? context : CONTEXT_NEVER);
}

/** Makes look-ups fail until `updateJumpContext`. @inline */
export function suspendJumpCache(): void {
  store<u64>(JUMP_CTX, CONTEXT_NEVER);
}

/** Makes every entry useless. */
export function forgetJumps(): void {
  epoch += EPOCH_STEP;
  updateJumpContext();
}

/** Record at `rip` with the code page made current, or 0 when the cache does not know it. @inline */
export function lookupJump(rip: u64): u32 {
  const entry = entryOf(rip);
  if (load<u64>(entry) != rip || load<u64>(entry, 8) != load<u64>(JUMP_CTX)) return 0;
  store<u64>(SLOT_PAGE_LINEAR, rip & ~0xfff, GPR);
  store<u64>(CODE_HPA, load<u64>(entry, 16));
  store<u32>(FETCH_VALID, 1);
  return load<u32>(entry, 24);
}

/** Remembers that `rip`, in the current code page, leads to `rec`. */
export function rememberJump(rip: u64, rec: u32): void {
  const context = load<u64>(JUMP_CTX);
  // A translation that is marked stale is looked up anew each time.
  if (context == CONTEXT_NEVER || load<u32>(FETCH_VALID) == 0) return;
  const entry = entryOf(rip);
  store<u64>(entry, rip);
  store<u64>(entry, context, 8);
  store<u64>(entry, load<u64>(CODE_HPA), 16);
  store<u32>(entry, rec, 24);
}
