/** ELF executables entered at their entry point, without a boot protocol. */

import { hex } from "./bytes.ts";
import { addPieces, entryHpa, loadablePieces, readElf } from "./elf-file.ts";
import { elfSymbols } from "./elf-symbols.ts";
import {
  ImageError,
  type LoadedImage,
  type LoadOptions,
  type LoadTarget,
  refuseOptions,
} from "./image.ts";
import { placeGdt, placeIdentityTables } from "./long-mode.ts";
import { HIGH_RAM_START } from "./memory-map.ts";
import { Placement } from "./placement.ts";
import {
  GPR,
  gdt32Start,
  HIGH_DATA,
  long64Start,
  placeStack,
  registers,
  type StartState,
  withSse,
} from "./start-state.ts";

/**
 * Loads an ELF executable and starts it at its entry point: ELF32 in flat 32-bit protected mode,
 * ELF64 in 64-bit mode with linear 0-4 GiB mapped onto the same physical addresses. A stack of
 * 64 KiB, a GDT (code 0x10, data 0x18) and the page tables lie at the top of RAM below 4 GiB.
 * SSE is enabled, interrupts are off and there is no IDT. Nothing is handed to the image.
 */
export function loadElf(target: LoadTarget, bytes: Uint8Array, options: LoadOptions): LoadedImage {
  const elf = readElf(bytes);
  const format = `elf${elf.bits}`;
  refuseOptions("an ELF file without a boot protocol", options, ["cmdline", "modules", "initrd"]);
  const pieces = loadablePieces(elf, target.ramBytes);
  const placement = new Placement(target.ramBytes);
  addPieces(placement, pieces);
  const entry = entryHpa(elf, pieces);
  if (entry >= HIGH_RAM_START) {
    throw new ImageError(`ELF entry point ${hex(entry)} is not below 4 GiB: link it lower`);
  }
  const start = placeFlatStart(placement, elf.bits === 64 ? "long64" : "protected32", entry);
  placement.commit(target);
  return { format, start, symbols: elfSymbols(elf), regions: placement.regions, notes: [] };
}

/** Takes RAM for stack, GDT and page tables and gives the state that enters code at `entry`. */
export function placeFlatStart(
  placement: Placement,
  mode: "protected32" | "long64",
  entry: number,
): StartState {
  const gpr = registers({ [GPR.RSP]: placeStack(placement) });
  if (mode === "protected32") {
    return withSse(gdt32Start(entry, gpr, placeGdt(placement, "code32", ...HIGH_DATA)));
  }
  const gdt = placeGdt(placement, "code64", ...HIGH_DATA);
  const cr3 = placeIdentityTables(placement, ...HIGH_DATA);
  return withSse(long64Start(entry, gpr, gdt, cr3));
}
