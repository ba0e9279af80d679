/** Raw binaries without any header, loaded and entered where the user says. */

import { hex } from "./bytes.ts";
import { placeFlatStart } from "./elf.ts";
import {
  type FlatOptions,
  ImageError,
  type LoadedImage,
  type LoadOptions,
  type LoadTarget,
  refuseOptions,
} from "./image.ts";
import { EBDA_START, HIGH_RAM_START, MIB } from "./memory-map.ts";
import { Placement } from "./placement.ts";
import { realStart, type StartState } from "./start-state.ts";

const REAL_STACK_BYTES = 0x800;

/**
 * Loads `bytes` at `options.flat.address`. In mode "real", CS is the address divided by 16 and DS
 * and ES equal it, so that code assembled for offset 0 runs anywhere; 2 KiB of stack lie in
 * conventional memory, just below the image if there is room. The other modes start as
 * ELF files do (see `loadElf`).
 */
export function loadFlat(target: LoadTarget, bytes: Uint8Array, options: LoadOptions): LoadedImage {
  const flat = options.flat;
  if (flat === undefined) {
    throw new ImageError("a flat image needs a load address and a mode: give both");
  }
  refuseOptions("a flat image", options, ["cmdline", "modules", "initrd"]);
  const entry = checkFlat(flat, bytes);
  const placement = new Placement(target.ramBytes);
  placement.addPiece({ name: "image", hpa: flat.address, bytes, memBytes: bytes.length });
  const start =
    flat.mode === "real"
      ? placeRealStart(placement, flat.address, entry)
      : placeFlatStart(placement, flat.mode, entry);
  placement.commit(target);
  return { format: "flat", start, regions: placement.regions, notes: [] };
}

/** Checks the options against the image and gives the entry address. */
function checkFlat(flat: FlatOptions, bytes: Uint8Array): number {
  if (bytes.length === 0) throw new ImageError("the flat image is empty: give a file with code");
  if (!["real", "protected32", "long64"].includes(flat.mode)) {
    throw new ImageError(`flat mode ${flat.mode} is unknown: use real, protected32 or long64`);
  }
  const entry = flat.entry ?? flat.address;
  for (const address of [flat.address, entry]) {
    if (!Number.isSafeInteger(address) || address < 0) {
      throw new ImageError(`flat address ${address} is not an address: give one inside RAM`);
    }
  }
  if (entry < flat.address || entry >= flat.address + bytes.length) {
    throw new ImageError(
      `flat entry ${hex(entry)} is outside the image at ${hex(flat.address)}-` +
        `${hex(flat.address + bytes.length)}: give an address inside it`,
    );
  }
  if (entry >= HIGH_RAM_START) {
    throw new ImageError(`flat entry ${hex(entry)} is not below 4 GiB: load the image lower`);
  }
  return entry;
}

function placeRealStart(placement: Placement, address: number, entry: number): StartState {
  const cs = address >>> 4;
  const ip = entry - cs * 16;
  if (address >= MIB || ip > 0xffff) {
    throw new ImageError(
      `real mode cannot reach ${hex(entry)} from ${hex(address)}: load below 1 MiB and enter ` +
        "within 64 KiB",
    );
  }
  const stack = placement.place(
    "stack",
    REAL_STACK_BYTES,
    { max: address, from: "high" },
    { max: EBDA_START, from: "high" },
  );
  // The segment is chosen so that SP stays as high as possible, as boot code expects: 0:7C00.
  const top = stack + REAL_STACK_BYTES;
  const ss = Math.max(0, top - 0xfff0) >>> 4;
  return realStart(cs, ip, ss, top - ss * 16);
}
