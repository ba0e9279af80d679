/**
 * Pieces of large pages: where the EPT maps a guest's large page by smaller ones, the page stands in
 * the TLB in pieces. What invalidates an address must then drop them all (SDM "Operations that
 * Invalidate TLBs": multiple TLB entries for a page). A filter tells which pages may be in pieces.
 */
import { FRAGMENT_FILTER, M_TLB_ARRAYS } from "../layout";
import { arrayRow, currentBase, ENTRY_BYTES, entriesBytes, firstEntry } from "./array";
import { dropFront } from "./front";
import {
  carries,
  dropEntry,
  GPA_PIECE,
  GPA_PIECE_SHIFT,
  sizeLogOf,
  T_GPA,
  T_SPACE,
  T_TAG,
} from "./tlb";

/** Number of the bit of FRAGMENT_FILTER for the page of size `code` at `gla`. @inline */
function fragmentBit(gla: u64, code: u32): u32 {
  const page = (gla >> (sizeLogOf(code) as u64)) as u32;
  return ((page * 0x9e3779b1) >>> 22) ^ (code << 8);
}

/** Notes that a piece of the guest's page of size `code` at `gla` is cached. */
export function noteFragment(gla: u64, code: u32): void {
  const bit = fragmentBit(gla, code);
  const at = FRAGMENT_FILTER + (bit >>> 3);
  store<u8>(at, load<u8>(at) | (1 << ((bit & 7) as u8)));
}

/** False when no piece of the guest's page of size `code` at `gla` can be cached. @inline */
function mayBeFragmented(gla: u64, code: u32): bool {
  const bit = fragmentBit(gla, code);
  return ((load<u8>(FRAGMENT_FILTER + (bit >>> 3)) >>> ((bit & 7) as u8)) & 1) != 0;
}

/**
 * The same as `dropAddressOf` for all pieces of the guest's larger pages around `gla`. Returns how
 * many entries went.
 */
export function dropPiecesOf(gla: u64, vpid: u32, pcid: u32, globals: bool): u32 {
  let dropped: u32 = 0;
  for (let code: u32 = 1; code < 4; code++) {
    if (mayBeFragmented(gla, code)) dropped += dropPieces(gla, code, vpid, pcid, globals);
  }
  return dropped;
}

/** Those of one size of page. */
function dropPieces(gla: u64, code: u32, vpid: u32, pcid: u32, globals: bool): u32 {
  const arrays = load<u32>(M_TLB_ARRAYS);
  const base = currentBase();
  const sizeLog = sizeLogOf(code) as u64;
  let dropped: u32 = 0;
  for (let i: u32 = 0; i < arrays; i++) {
    const row = arrayRow(i);
    let entry = firstEntry(base, row);
    const end = entry + entriesBytes(row);
    for (; entry < end; entry += ENTRY_BYTES) {
      const tag = load<u64>(entry, T_TAG);
      if ((tag & 1) == 0 || (tag ^ gla) >> sizeLog != 0) continue;
      if ((load<u32>(entry, T_GPA) & GPA_PIECE) >>> GPA_PIECE_SHIFT != code) continue;
      if (!carries(load<u32>(entry, T_SPACE), vpid, pcid, globals)) continue;
      dropEntry(entry);
      dropped++;
    }
  }
  if (dropped != 0) dropFront(gla, sizeLog as u32);
  return dropped;
}
