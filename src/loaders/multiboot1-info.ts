/** The information structure, command line and modules that a multiboot 1 image is handed. */

import { alignUp, cString, StructWriter } from "./bytes.ts";
import { type BootModule, ImageError, type LoadOptions } from "./image.ts";
import {
  EBDA_START,
  e820,
  HIGH_RAM_START,
  KIB,
  MIB,
  PAGE_BYTES,
  upperMemoryKib,
} from "./memory-map.ts";
import { LOW_DATA_MIN, type Placement } from "./placement.ts";

/** Bytes of a command line, the image's own or a module's, without the closing NUL. */
export const MULTIBOOT_CMDLINE_BYTES_MAX = 4096;
export const MODULES_MAX = 64;

const INFO_BYTES = 120;
const MODULE_BYTES = 16;
const MMAP_BYTES = 24;

const INFO_MEMORY = 1 << 0;
const INFO_CMDLINE = 1 << 2;
const INFO_MODULES = 1 << 3;
const INFO_MMAP = 1 << 6;
const INFO_LOADER_NAME = 1 << 9;

interface PlacedModule {
  readonly start: number;
  readonly end: number;
  readonly string: Uint8Array;
}

/**
 * Places modules and information and gives the address of the information. Modules get pages of
 * their own, above the image where there is room; the information lies in conventional memory,
 * above the first 64 KiB that guests use for their trampolines.
 */
export function placeMultibootInfo(
  placement: Placement,
  ramBytes: number,
  options: LoadOptions,
): number {
  const modules = placeModules(placement, options.modules ?? []);
  // The first word is the image's name; a blank in it would shift the words that follow.
  const name = (options.name || "image").replace(/\s/g, "_");
  const line = options.cmdline ? `${name} ${options.cmdline}` : name;
  const cmdline = cString(line, MULTIBOOT_CMDLINE_BYTES_MAX, "the command line");
  const loaderName = cString("vmxlab", 16, "the loader name");
  const mmap = e820(ramBytes);

  const modulesAt = INFO_BYTES;
  const mmapAt = modulesAt + modules.length * MODULE_BYTES;
  const stringsAt = mmapAt + mmap.length * MMAP_BYTES;
  const strings = [cmdline, loaderName, ...modules.map((module) => module.string)];
  const length = strings.reduce((sum, text) => sum + text.length, stringsAt);
  const hpa = placement.place(
    "multiboot information",
    length,
    { min: LOW_DATA_MIN, max: EBDA_START },
    { min: MIB, max: HIGH_RAM_START },
  );

  const info = new StructWriter(length);
  const addresses = writeStrings(info, stringsAt, strings).map((offset) => hpa + offset);
  info.u32(0, INFO_MEMORY | INFO_CMDLINE | INFO_MODULES | INFO_MMAP | INFO_LOADER_NAME);
  info.u32(4, Math.floor(EBDA_START / KIB));
  info.u32(8, upperMemoryKib(ramBytes));
  info.u32(16, addresses[0]);
  info.u32(20, modules.length);
  info.u32(24, hpa + modulesAt);
  info.u32(44, mmap.length * MMAP_BYTES);
  info.u32(48, hpa + mmapAt);
  info.u32(64, addresses[1]);
  modules.forEach((module, index) => {
    const at = modulesAt + index * MODULE_BYTES;
    info.u32(at, module.start);
    info.u32(at + 4, module.end);
    info.u32(at + 8, addresses[2 + index]);
  });
  mmap.forEach((entry, index) => {
    const at = mmapAt + index * MMAP_BYTES;
    info.u32(at, MMAP_BYTES - 4);
    info.u64(at + 4, entry.base);
    info.u64(at + 12, entry.length);
    info.u32(at + 20, entry.type);
  });
  placement.write(hpa, info.bytes);
  return hpa;
}

/** Copies the strings one after the other and gives the offset of each. */
function writeStrings(info: StructWriter, at: number, strings: readonly Uint8Array[]): number[] {
  let offset = at;
  return strings.map((text) => {
    const here = offset;
    info.bytes.set(text, here);
    offset += text.length;
    return here;
  });
}

function placeModules(placement: Placement, modules: readonly BootModule[]): PlacedModule[] {
  if (modules.length > MODULES_MAX) {
    throw new ImageError(`${modules.length} modules, the limit is ${MODULES_MAX}: leave some out`);
  }
  const below4Gib = placement.regions.filter((region) => region.hpa < HIGH_RAM_START);
  const imageEnd = Math.max(MIB, ...below4Gib.map((region) => region.hpa + region.length));
  return modules.map((module) => {
    const what = `module ${module.name}`;
    const line = module.cmdline ? `${module.name} ${module.cmdline}` : module.name;
    const string = cString(line, MULTIBOOT_CMDLINE_BYTES_MAX, `the command line of ${what}`);
    const length = alignUp(Math.max(module.bytes.length, 1), PAGE_BYTES);
    const start = placement.place(
      what,
      length,
      { min: imageEnd, max: HIGH_RAM_START, align: PAGE_BYTES },
      { min: MIB, max: HIGH_RAM_START, align: PAGE_BYTES },
    );
    placement.write(start, module.bytes);
    return { start, end: start + module.bytes.length, string };
  });
}
