/** Loading of boot images: one entry for all formats. Works on bytes, wherever they come from. */

import { loadBios } from "./bios.ts";
import { loadElf } from "./elf.ts";
import { isElf, readElf } from "./elf-file.ts";
import { loadFlat } from "./flat.ts";
import {
  ImageError,
  type ImageFormat,
  type LoadedImage,
  type LoadOptions,
  type LoadTarget,
} from "./image.ts";
import { loadBzImage } from "./linux-bzimage.ts";
import { findPvhEntry, loadPvh } from "./linux-pvh.ts";
import { isBzImage } from "./linux-setup-header.ts";
import { loadMultiboot1 } from "./multiboot1.ts";
import { findMultibootHeader } from "./multiboot1-header.ts";

export type {
  BootModule,
  Firmware,
  FlatOptions,
  ImageFormat,
  LinuxProtocol,
  LoadedImage,
  LoadOptions,
  LoadTarget,
} from "./image.ts";
export { ImageError } from "./image.ts";
export { type E820Entry, e820, type MemoryRange, ramRanges } from "./memory-map.ts";
export type { Region } from "./placement.ts";
export type { SegmentName, SegmentState, StartState, TableState } from "./start-state.ts";
export { GPR } from "./start-state.ts";
export type { Address64, SymbolHit, SymbolTable } from "./symbols.ts";

type Loader = (target: LoadTarget, bytes: Uint8Array, options: LoadOptions) => LoadedImage;

const LOADERS: Readonly<Record<ImageFormat, Loader>> = {
  multiboot1: loadMultiboot1,
  elf: loadElf,
  bzimage: loadBzImage,
  pvh: loadPvh,
  flat: loadFlat,
  bios: (_target, bytes, options) => loadBios(bytes, options),
};

/**
 * Finds out the format of an image and loads it. A flat image is loaded only when `options.flat`
 * is given, firmware only by `loadAs`. `bytes`, modules and initrd must not change while the
 * result's symbols are in use. Throws an ImageError, having written nothing, when the image or an
 * option is bad.
 */
export function loadImage(
  target: LoadTarget,
  bytes: Uint8Array,
  options: LoadOptions = {},
): LoadedImage {
  return loadAs(detectFormat(bytes, options), target, bytes, options);
}

/** Loads an image as the given format, whatever it looks like. Errors as for `loadImage`. */
export function loadAs(
  format: ImageFormat,
  target: LoadTarget,
  bytes: Uint8Array,
  options: LoadOptions = {},
): LoadedImage {
  if (!Object.hasOwn(LOADERS, format)) {
    const known = Object.keys(LOADERS).join(", ");
    throw new ImageError(`unknown image format ${format}: use one of ${known}`);
  }
  const { rsdpHpa } = options;
  if (rsdpHpa !== undefined && !(Number.isSafeInteger(rsdpHpa) && rsdpHpa >= 0)) {
    throw new ImageError(`ACPI root pointer ${rsdpHpa} is not an address: give one in memory`);
  }
  return LOADERS[format](target, bytes, options);
}

/**
 * The format as which `loadImage` would load these bytes. In an ELF file, a multiboot header wins
 * over a PVH note, unless `options.protocol` asks for PVH. Throws an ImageError for unknown ones.
 */
export function detectFormat(bytes: Uint8Array, options: LoadOptions = {}): ImageFormat {
  if (options.flat !== undefined) return "flat";
  if (isElf(bytes)) return detectElf(bytes, options);
  if (isBzImage(bytes)) return "bzimage";
  if (options.protocol !== undefined) {
    throw new ImageError(
      `the image is no Linux kernel, so protocol ${options.protocol} does not apply: leave it out`,
    );
  }
  if (findMultibootHeader(bytes) !== undefined) return "multiboot1";
  throw new ImageError(`unknown image format${hint(bytes)}`);
}

function detectElf(bytes: Uint8Array, options: LoadOptions): ImageFormat {
  const { protocol } = options;
  if (protocol === "pvh") return "pvh";
  if (protocol !== undefined) {
    throw new ImageError(`an ELF file is not a bzImage: use protocol pvh instead of ${protocol}`);
  }
  if (findMultibootHeader(bytes) !== undefined) return "multiboot1";
  return findPvhEntry(readElf(bytes)) === undefined ? "elf" : "pvh";
}

/** What a file of no known format may be, and what to do with it. */
function hint(bytes: Uint8Array): string {
  if (bytes.length === 0) return ": the file is empty";
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return ": it is compressed by gzip, unpack it first";
  if (bytes[0] === 0x4d && bytes[1] === 0x5a) return ": EFI and DOS programs are not supported";
  if (bytes.length >= 512 && bytes[510] === 0x55 && bytes[511] === 0xaa) {
    return ": it looks like a boot sector, load it flat at 0x7c00 in real mode";
  }
  return ": give a multiboot, ELF or Linux image, or an address to load it flat";
}
