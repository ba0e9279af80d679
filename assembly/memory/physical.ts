/** Host-physical memory: the map from addresses to RAM, ROM and devices, and accesses by address. */
import { A20_MASKED } from "../generated/state";
import { mmioRead, mmioWrite } from "../host";
import {
  M_FRAME_BLOCKS,
  M_FRAME_CODE,
  M_FRAME_FLAGS,
  M_RAM_BASE,
  M_RANGES,
  PHYSICAL_RANGE_BYTES,
  PHYSICAL_RANGES,
} from "../layout";
import { noteFlagStore, noteStore } from "./code";

/** Frame flags. */
export const FRAME_HAS_CODE: u32 = 1;
export const FRAME_READ_ONLY: u32 = 2;
/** The host asks to be told of stores (tlb/provenance.ts). */
export const FRAME_WATCHED: u32 = 4;

/** Stores into the frame must be looked at. */
export const FRAME_NOTED: u32 = FRAME_HAS_CODE | FRAME_WATCHED;

/** Address as the memory system sees it: bit 20 is lost while A20 is masked. @inline */
export function maskA20(hpa: u64): u64 {
  return load<u32>(A20_MASKED) != 0 ? hpa & ~0x100000 : hpa;
}

/** Pointer to the byte at `hpa`, or 0 when no RAM or ROM lies there. */
export function ramPointer(hpa: u64): u32 {
  const ranges = load<u32>(M_RANGES);
  for (let i: u32 = 0; i < ranges; i++) {
    const range = PHYSICAL_RANGES + i * PHYSICAL_RANGE_BYTES;
    const first = load<u64>(range);
    if (hpa >= first && hpa < load<u64>(range, 8)) {
      return load<u32>(range, 16) + ((hpa - first) as u32);
    }
  }
  return 0;
}

/** Number of the frame that holds RAM pointer `host`. @inline */
export function frameOf(host: u32): u32 {
  return (host - load<u32>(M_RAM_BASE)) >>> 12;
}

/** @inline */
export function frameFlags(frame: u32): u32 {
  return load<u8>(load<u32>(M_FRAME_FLAGS) + frame);
}

/** @inline */
export function setFrameFlags(frame: u32, flags: u32): void {
  store<u8>(load<u32>(M_FRAME_FLAGS) + frame, flags as u8);
}

/** Address of the bitmap of 64-byte granules of `frame` that hold decoded code. @inline */
export function frameCodeMap(frame: u32): u32 {
  return load<u32>(M_FRAME_CODE) + (frame << 3);
}

/** Address of the head of the list of blocks decoded from `frame`. @inline */
export function frameBlocks(frame: u32): u32 {
  return load<u32>(M_FRAME_BLOCKS) + (frame << 2);
}

/** Reads 4 bytes that do not cross a page. */
export function physicalRead32(address: u64): u32 {
  const hpa = maskA20(address);
  const host = ramPointer(hpa);
  if (host != 0) return load<u32>(host);
  return mmioRead(hpa as u32, (hpa >> 32) as u32, 4);
}

/** Reads 8 bytes that do not cross a page. */
export function physicalRead64(address: u64): u64 {
  const hpa = maskA20(address);
  const host = ramPointer(hpa);
  if (host != 0) return load<u64>(host);
  const lo = mmioRead(hpa as u32, (hpa >> 32) as u32, 4);
  const hi = mmioRead((hpa as u32) + 4, (hpa >> 32) as u32, 4);
  return ((hi as u64) << 32) | (lo as u64);
}

/** Writes 4 bytes that do not cross a page. */
export function physicalWrite32(address: u64, value: u32): void {
  const hpa = maskA20(address);
  const host = ramPointer(hpa);
  if (host == 0) {
    mmioWrite(hpa as u32, (hpa >> 32) as u32, 4, value);
  } else if ((frameFlags(frameOf(host)) & FRAME_READ_ONLY) == 0) {
    store<u32>(host, value);
    noteStore(host, 4);
  }
}

/** Writes 8 bytes that do not cross a page. */
export function physicalWrite64(address: u64, value: u64): void {
  const hpa = maskA20(address);
  const host = ramPointer(hpa);
  if (host == 0) {
    mmioWrite(hpa as u32, (hpa >> 32) as u32, 4, value as u32);
    mmioWrite((hpa as u32) + 4, (hpa >> 32) as u32, 4, (value >> 32) as u32);
  } else if ((frameFlags(frameOf(host)) & FRAME_READ_ONLY) == 0) {
    store<u64>(host, value);
    noteStore(host, 8);
  }
}

/** `physicalWrite32` of an entry in which a walk sets flags. */
export function setEntryFlags32(address: u64, value: u32): void {
  const host = ramPointer(maskA20(address));
  if (host == 0) {
    physicalWrite32(address, value);
  } else if ((frameFlags(frameOf(host)) & FRAME_READ_ONLY) == 0) {
    store<u32>(host, value);
    noteFlagStore(host, 4);
  }
}

/** The same for an entry of 8 bytes. */
export function setEntryFlags64(address: u64, value: u64): void {
  const host = ramPointer(maskA20(address));
  if (host == 0) {
    physicalWrite64(address, value);
  } else if ((frameFlags(frameOf(host)) & FRAME_READ_ONLY) == 0) {
    store<u64>(host, value);
    noteFlagStore(host, 8);
  }
}
