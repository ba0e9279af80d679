/** What a loader takes and gives: the target memory, the options, the loaded image, its errors. */

import type { Region } from "./placement.ts";
import type { StartState } from "./start-state.ts";
import type { SymbolTable } from "./symbols.ts";

/** An image or an option that cannot be used; the message is one line and says what to do. */
export class ImageError extends Error {
  override readonly name = "ImageError";

  constructor(message: string) {
    // Names of modules and the like come from outside and may hold line ends or escapes.
    super(message.replace(/\p{Cc}+/gu, " "));
  }
}

/**
 * The RAM that an image is loaded into. Addresses are host-physical; on the bare machine they are
 * the addresses that the guest sees. See `ramRanges` for where RAM lies.
 */
export interface LoadTarget {
  /** RAM in bytes: a multiple of 4096, at least 1 MiB. */
  readonly ramBytes: number;
  /** Writes `bytes` at `hpa`; loaders stay inside one range of RAM. */
  write(hpa: number, bytes: Uint8Array): void;
  /** Sets `length` bytes from `hpa` to `value` (0-255). */
  fill(hpa: number, length: number, value: number): void;
}

/** A file handed to the image beside its command line. */
export interface BootModule {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Follows the name, after a space, in the module's own string. */
  readonly cmdline?: string | undefined;
}

/** Where a raw binary goes and how it is entered. */
export interface FlatOptions {
  /** Host-physical address of the first byte. */
  readonly address: number;
  readonly mode: "real" | "protected32" | "long64";
  /** Host-physical address of the first instruction; the first byte unless given. */
  readonly entry?: number | undefined;
}

export type LinuxProtocol = "bzimage64" | "bzimage32" | "pvh";

export type ImageFormat = "multiboot1" | "elf" | "bzimage" | "pvh" | "flat" | "bios";

export interface LoadOptions {
  /** File name of the image: the first word of a multiboot command line. */
  readonly name?: string | undefined;
  /** Command line for the image. */
  readonly cmdline?: string | undefined;
  /** Multiboot or PVH modules. */
  readonly modules?: readonly BootModule[] | undefined;
  /** Initial RAM disk of a Linux kernel. */
  readonly initrd?: Uint8Array | undefined;
  /** Asks for the flat format. */
  readonly flat?: FlatOptions | undefined;
  /** Linux boot protocol; chosen from the image unless given. */
  readonly protocol?: LinuxProtocol | undefined;
  /** Host-physical address of the ACPI root pointer, for protocols that carry it. */
  readonly rsdpHpa?: number | undefined;
}

/** A firmware image, which the machine maps instead of finding it in RAM. */
export interface Firmware {
  /** The whole image, ending at 4 GiB. */
  readonly rom: { readonly hpa: number; readonly bytes: Uint8Array };
  /** The last 128 KiB of the image or less, to be copied so that they end at 1 MiB. */
  readonly lowCopy: { readonly hpa: number; readonly bytes: Uint8Array };
}

export interface LoadedImage {
  /** multiboot1, elf32, elf64, bzimage64, bzimage32, pvh, flat or bios. */
  readonly format: string;
  /** How the boot processor starts. */
  readonly start: StartState;
  /** Symbols of the image's own section table; absent for formats that have none. */
  readonly symbols?: SymbolTable;
  /** Present for a firmware image only. */
  readonly firmware?: Firmware;
  /** What lies where in RAM after loading, by ascending address. */
  readonly regions: readonly Region[];
  /** Remarks for the user, one line each: what was ignored or chosen for this image. */
  readonly notes: readonly string[];
}

/** Options that only some formats understand. */
type Handed = "cmdline" | "modules" | "initrd";

const HANDED_NAMES: Readonly<Record<Handed, string>> = {
  cmdline: "a command line",
  modules: "modules",
  initrd: "an initrd",
};

/** Refuses options that `format` has no way to hand to the image, rather than dropping them. */
export function refuseOptions(format: string, options: LoadOptions, refused: readonly Handed[]) {
  for (const key of refused) {
    const value = options[key];
    if (value !== undefined && value.length > 0) {
      throw new ImageError(`${format} cannot hand over ${HANDED_NAMES[key]}: leave it out`);
    }
  }
}
