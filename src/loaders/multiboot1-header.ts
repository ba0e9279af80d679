/** The multiboot 1 header inside an image, and the image that its address fields describe. */

import { hex, ImageReader } from "./bytes.ts";
import { ImageError } from "./image.ts";
import type { Piece } from "./placement.ts";

const HEADER_MAGIC = 0x1bad_b002;
/** The whole header lies in this many bytes from the start of the file. */
const SEARCH_BYTES = 8192;
const HEADER_BYTES = 12;
const HEADER_BYTES_WITH_ADDRESSES = 32;

const FLAG_ADDRESSES = 1 << 16;
/** Bits 0-15 that a loader must refuse when it does not know them; 0-2 are known. */
const UNKNOWN_REQUIREMENTS = 0xfff8;
export const FLAG_VIDEO = 1 << 2;

export interface MultibootHeader {
  /** File offset. */
  readonly offset: number;
  readonly flags: number;
  /** The header says itself where the image goes, whatever an ELF header says. */
  readonly hasAddresses: boolean;
}

/** Finds the first good header; undefined when there is none. */
export function findMultibootHeader(bytes: Uint8Array): MultibootHeader | undefined {
  const reader = new ImageReader(bytes);
  const end = Math.min(bytes.length, SEARCH_BYTES) - HEADER_BYTES;
  for (let offset = 0; offset <= end; offset += 4) {
    if (reader.u32(offset) !== HEADER_MAGIC) continue;
    const flags = reader.u32(offset + 4);
    if ((HEADER_MAGIC + flags + reader.u32(offset + 8)) % 0x1_0000_0000 !== 0) continue;
    return { offset, flags, hasAddresses: (flags & FLAG_ADDRESSES) !== 0 };
  }
  return undefined;
}

/** The same, but throws an ImageError that tells a damaged header from none at all. */
export function requireMultibootHeader(bytes: Uint8Array): MultibootHeader {
  const header = findMultibootHeader(bytes);
  if (header === undefined) throw noHeader(bytes);
  const unknown = header.flags & UNKNOWN_REQUIREMENTS;
  if (unknown !== 0) {
    throw new ImageError(
      `multiboot header requires unknown features (flag bits ${hex(unknown)}): clear them`,
    );
  }
  return header;
}

function noHeader(bytes: Uint8Array): ImageError {
  const reader = new ImageReader(bytes);
  const end = Math.min(bytes.length, SEARCH_BYTES) - HEADER_BYTES;
  for (let offset = 0; offset <= end; offset += 4) {
    if (reader.u32(offset) === HEADER_MAGIC) {
      return new ImageError(
        `multiboot header at ${hex(offset)} has a wrong checksum: magic, flags and checksum ` +
          "must add up to 0",
      );
    }
  }
  return new ImageError(
    "no multiboot 1 header in the first 8 KiB: link the section that holds it first",
  );
}

/** The one piece that the header's address fields describe, and its entry point. */
export interface AddressedImage {
  readonly piece: Piece;
  readonly entryHpa: number;
}

/** Reads the address fields (flag bit 16) and checks them against the file. */
export function addressedImage(bytes: Uint8Array, header: MultibootHeader): AddressedImage {
  const reader = new ImageReader(bytes);
  if (header.offset + HEADER_BYTES_WITH_ADDRESSES > SEARCH_BYTES) {
    throw new ImageError("multiboot address fields pass the first 8 KiB: link the header earlier");
  }
  reader.need(header.offset, HEADER_BYTES_WITH_ADDRESSES, "the multiboot address fields");
  const field = (index: number) => reader.u32(header.offset + HEADER_BYTES + index * 4);
  const [headerHpa, loadHpa, loadEnd, bssEnd, entryHpa] = [0, 1, 2, 3, 4].map(field);
  const offset = header.offset - (headerHpa - loadHpa);
  if (headerHpa < loadHpa || offset < 0) {
    throw new ImageError(
      `multiboot header_addr ${hex(headerHpa)} and load_addr ${hex(loadHpa)} do not fit the ` +
        `header at file offset ${hex(header.offset)}: correct them`,
    );
  }
  const length = (loadEnd === 0 ? loadHpa + reader.length - offset : loadEnd) - loadHpa;
  if (length <= 0) {
    throw new ImageError(
      `multiboot load_end_addr ${hex(loadEnd)} is not above load_addr: correct it`,
    );
  }
  const image = reader.slice(offset, length, "the image that the multiboot header describes");
  const memBytes = bssEnd === 0 ? length : bssEnd - loadHpa;
  if (memBytes < length) {
    throw new ImageError(
      `multiboot bss_end_addr ${hex(bssEnd)} is below the end of the image: correct it`,
    );
  }
  if (entryHpa < loadHpa || entryHpa >= loadHpa + length) {
    throw new ImageError(
      `multiboot entry_addr ${hex(entryHpa)} is outside the image: set it to the start code`,
    );
  }
  return { piece: { name: "image", hpa: loadHpa, bytes: image, memBytes }, entryHpa };
}
