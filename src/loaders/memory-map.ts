/** Where RAM lies in host-physical memory, and the map of it that boot protocols hand over. */

import { ImageError } from "./image.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
export const PAGE_BYTES = 4096;

/** RAM below 4 GiB ends here at most; devices lie above. */
export const LOW_RAM_END_MAX = 3 * GIB;
/** RAM that does not fit below LOW_RAM_END_MAX goes on here. */
export const HIGH_RAM_START = 4 * GIB;

/** The extended BIOS data area: the end of conventional memory as PC software knows it. */
export const EBDA_START = 0x9_fc00;
export const EBDA_END = 0xa_0000;

/** Where ACPI tables and firmware lie, up to 1 MiB. */
const FIRMWARE_START = 0xe_0000;

export interface MemoryRange {
  readonly hpa: number;
  /** Bytes; never 0. */
  readonly length: number;
}

/** Address-range types (ACPI, "System Address Map Interfaces"). */
export const E820_USABLE = 1;
export const E820_RESERVED = 2;

export interface E820Entry {
  readonly base: number;
  readonly length: number;
  readonly type: typeof E820_USABLE | typeof E820_RESERVED;
}

function checkRamBytes(ramBytes: number): void {
  if (!Number.isSafeInteger(ramBytes) || ramBytes < MIB || ramBytes % PAGE_BYTES !== 0) {
    throw new ImageError(
      `RAM of ${ramBytes} bytes: give a multiple of 4096 bytes and at least 1 MiB`,
    );
  }
}

/** The ranges of host-physical memory that `ramBytes` of RAM occupy; one or two of them. */
export function ramRanges(ramBytes: number): MemoryRange[] {
  checkRamBytes(ramBytes);
  const low = Math.min(ramBytes, LOW_RAM_END_MAX);
  const ranges: MemoryRange[] = [{ hpa: 0, length: low }];
  if (ramBytes > low) ranges.push({ hpa: HIGH_RAM_START, length: ramBytes - low });
  return ranges;
}

/**
 * The memory map of a machine with `ramBytes` of RAM, by ascending base and without overlap.
 * 0xA0000-0xDFFFF is in no entry: a PC has no RAM for software there. Behind it lie the platform's
 * ACPI tables and the firmware.
 */
export function e820(ramBytes: number): E820Entry[] {
  const [low, high] = ramRanges(ramBytes);
  const map: E820Entry[] = [
    { base: 0, length: EBDA_START, type: E820_USABLE },
    { base: EBDA_START, length: EBDA_END - EBDA_START, type: E820_RESERVED },
    { base: FIRMWARE_START, length: MIB - FIRMWARE_START, type: E820_RESERVED },
  ];
  if (low.length > MIB) map.push({ base: MIB, length: low.length - MIB, type: E820_USABLE });
  // The I/O APIC's page, and the megabyte to which message-signalled interrupts are written.
  map.push({ base: 0xfec0_0000, length: PAGE_BYTES, type: E820_RESERVED });
  map.push({ base: 0xfee0_0000, length: MIB, type: E820_RESERVED });
  if (high !== undefined) map.push({ base: high.hpa, length: high.length, type: E820_USABLE });
  return map;
}

/** The ranges in which an image and the data handed to it may lie. */
export function usableRanges(ramBytes: number): MemoryRange[] {
  return e820(ramBytes)
    .filter((entry) => entry.type === E820_USABLE)
    .map((entry) => ({ hpa: entry.base, length: entry.length }));
}

/** KiB of RAM between 1 MiB and the first hole above it, as BIOS calls report it. */
export function upperMemoryKib(ramBytes: number): number {
  return (ramRanges(ramBytes)[0].length - MIB) / KIB;
}
