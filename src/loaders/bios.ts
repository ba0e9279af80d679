/** Firmware images, entered by the processor's reset. */

import {
  type Firmware,
  ImageError,
  type LoadedImage,
  type LoadOptions,
  refuseOptions,
} from "./image.ts";
import { HIGH_RAM_START, KIB, MIB } from "./memory-map.ts";
import { resetStart } from "./start-state.ts";

const BIOS_GRAIN_BYTES = 64 * KIB;
const BIOS_BYTES_MAX = 16 * MIB;
const LOW_COPY_BYTES_MAX = 128 * KIB;
/** The first instruction lies this far below the end of the image. */
const RESET_VECTOR_BYTES = 16;

/**
 * Checks a firmware image and says where the machine must map it: the whole image ending at 4 GiB,
 * its last 128 KiB copied so that they end at 1 MiB. Writes nothing itself.
 * Throws an ImageError unless the size is a multiple of 64 KiB between 64 KiB and 16 MiB.
 */
export function loadBios(bytes: Uint8Array, options: LoadOptions): LoadedImage {
  refuseOptions("a firmware image", options, ["cmdline", "modules", "initrd"]);
  const { length } = bytes;
  if (length === 0 || length > BIOS_BYTES_MAX || length % BIOS_GRAIN_BYTES !== 0) {
    throw new ImageError(
      `firmware of ${length} bytes: give an image of 64 KiB to 16 MiB, a multiple of 64 KiB`,
    );
  }
  const vector = bytes.subarray(length - RESET_VECTOR_BYTES);
  if (vector.every((byte) => byte === 0xff) || vector.every((byte) => byte === 0)) {
    throw new ImageError("firmware has no code at its reset vector: the file is cut or blank");
  }
  const low = bytes.subarray(Math.max(0, length - LOW_COPY_BYTES_MAX));
  const firmware: Firmware = {
    rom: { hpa: HIGH_RAM_START - length, bytes },
    lowCopy: { hpa: MIB - low.length, bytes: low },
  };
  return { format: "bios", start: resetStart(), firmware, regions: [], notes: [] };
}
