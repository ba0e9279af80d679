/**
 * Which stores must be noted. One into decoded code makes the decoded records of that page stale at
 * once, whoever stores and through whichever address; one into a frame that the host watches is told
 * to it (tlb/provenance.ts).
 */
import { invalidateFrameCode } from "../decode/cache";
import { reportStore } from "../tlb/provenance";
import { FRAME_HAS_CODE, FRAME_WATCHED, frameCodeMap, frameFlags, frameOf } from "./physical";

/** Bits of the granules that `bytes` bytes at page offset `offset` touch. @inline */
export function granuleBits(offset: u32, bytes: u32): u64 {
  const first = offset >>> 6;
  const last = (offset + bytes - 1) >>> 6;
  return (~(0 as u64) >> ((63 - (last - first)) as u64)) << (first as u64);
}

/** True when a store of `bytes` at `host` (within one page) must be noted. */
export function mustNote(host: u32, bytes: u32): bool {
  return (frameFlags(frameOf(host)) & FRAME_WATCHED) != 0 || touchesCode(host, bytes);
}

/** True when it may touch decoded code. */
function touchesCode(host: u32, bytes: u32): bool {
  const frame = frameOf(host);
  if ((frameFlags(frame) & FRAME_HAS_CODE) == 0) return false;
  return (load<u64>(frameCodeMap(frame)) & granuleBits(host & 0xfff, bytes)) != 0;
}

/** To be called after `bytes` bytes at `host` (within one page) have been stored. */
export function noteStore(host: u32, bytes: u32): void {
  noteFlagStore(host, bytes);
  if ((frameFlags(frameOf(host)) & FRAME_WATCHED) != 0) reportStore(host, bytes);
}

/** The same for accessed and dirty flags that a walk has set, which are no changes by software. */
export function noteFlagStore(host: u32, bytes: u32): void {
  if (touchesCode(host, bytes)) invalidateFrameCode(frameOf(host), host & 0xfff, bytes);
}

/** The same for a range of any length. */
export function noteStoreRange(host: u32, bytes: u32): void {
  let at = host;
  let rest = bytes;
  while (rest > 0) {
    const part = min<u32>(rest, 0x1000 - (at & 0xfff));
    noteStore(at, part);
    at += part;
    rest -= part;
  }
}
