/** Multiboot 1 images: ELF files or raw images whose header carries its own addresses. */

import { hex } from "./bytes.ts";
import { addPieces, entryHpa, isElf, loadablePieces, readElf } from "./elf-file.ts";
import { elfSymbols } from "./elf-symbols.ts";
import {
  ImageError,
  type LoadedImage,
  type LoadOptions,
  type LoadTarget,
  refuseOptions,
} from "./image.ts";
import { HIGH_RAM_START } from "./memory-map.ts";
import {
  addressedImage,
  FLAG_VIDEO,
  type MultibootHeader,
  requireMultibootHeader,
} from "./multiboot1-header.ts";
import { placeMultibootInfo } from "./multiboot1-info.ts";
import { type Piece, Placement } from "./placement.ts";
import { flat32Start, GPR, registers } from "./start-state.ts";
import type { SymbolTable } from "./symbols.ts";

const BOOTLOADER_MAGIC = 0x2bad_b002;

interface Executable {
  readonly pieces: readonly Piece[];
  readonly entry: number;
  readonly symbols?: SymbolTable;
  readonly notes: readonly string[];
}

/**
 * Loads a multiboot 1 image and starts it in flat 32-bit protected mode with EAX = 0x2BADB002 and
 * EBX = the information structure. A video mode asked for by header flag 2 is not set, since there
 * is no display; the image is started all the same and `notes` says so. An ELF64 image is taken
 * when its entry point lies below 4 GiB; it too starts in 32-bit mode.
 */
export function loadMultiboot1(
  target: LoadTarget,
  bytes: Uint8Array,
  options: LoadOptions,
): LoadedImage {
  refuseOptions("multiboot", options, ["initrd"]);
  const header = requireMultibootHeader(bytes);
  const executable = readExecutable(bytes, header, target.ramBytes);
  const placement = new Placement(target.ramBytes);
  addPieces(placement, executable.pieces);
  const info = placeMultibootInfo(placement, target.ramBytes, options);
  const gpr = registers({ [GPR.RAX]: BOOTLOADER_MAGIC, [GPR.RBX]: info });
  placement.commit(target);
  const notes = [...executable.notes];
  if (header.flags & FLAG_VIDEO) notes.push("multiboot: the video mode asked for is not set");
  const start = flat32Start(executable.entry, gpr);
  const loaded = { format: "multiboot1", start, regions: placement.regions, notes };
  return executable.symbols ? { ...loaded, symbols: executable.symbols } : loaded;
}

/** The header's own addresses win over an ELF header, as the specification says. */
function readExecutable(bytes: Uint8Array, header: MultibootHeader, ramBytes: number): Executable {
  if (header.hasAddresses) {
    const { piece, entryHpa: entry } = addressedImage(bytes, header);
    const symbols = isElf(bytes) ? symbolsIfAny(bytes) : undefined;
    return { pieces: [piece], entry, notes: [], ...(symbols ? { symbols } : {}) };
  }
  if (!isElf(bytes)) {
    throw new ImageError(
      "multiboot image is no ELF file and its header has no addresses: set flag bit 16 or link ELF",
    );
  }
  const elf = readElf(bytes);
  const pieces = loadablePieces(elf, ramBytes);
  const entry = entryHpa(elf, pieces);
  if (entry >= HIGH_RAM_START) {
    throw new ImageError(`multiboot entry point ${hex(entry)} is not below 4 GiB: link it lower`);
  }
  const notes = elf.bits === 64 ? ["multiboot: ELF64 image, entered in 32-bit mode"] : [];
  return { pieces, entry, symbols: elfSymbols(elf), notes };
}

/** An ELF header that is not used for loading may be odd; then there are just no symbols. */
function symbolsIfAny(bytes: Uint8Array): SymbolTable | undefined {
  try {
    return elfSymbols(readElf(bytes));
  } catch (error) {
    if (error instanceof ImageError) return undefined;
    throw error;
  }
}
