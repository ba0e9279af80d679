/** ELF kernels with a PVH entry point, as Linux's vmlinux has one (Xen "x86/HVM direct boot ABI"). */

import { alignUp, cString, hex, StructWriter } from "./bytes.ts";
import {
  addPieces,
  type ElfFile,
  type ElfSegment,
  holdsCode,
  loadablePieces,
  PT_NOTE,
  readElf,
} from "./elf-file.ts";
import { elfSymbols } from "./elf-symbols.ts";
import { ImageError, type LoadedImage, type LoadOptions, type LoadTarget } from "./image.ts";
import { EBDA_START, e820, LOW_RAM_END_MAX, MIB, PAGE_BYTES } from "./memory-map.ts";
import { MODULES_MAX } from "./multiboot1-info.ts";
import { LOW_DATA_MIN, Placement } from "./placement.ts";
import { flat32Start, GPR, registers } from "./start-state.ts";

/** Linux cuts the command line at 2048 bytes; other kernels may take more. */
export const PVH_CMDLINE_BYTES_MAX = 4096;

const NOTE_OWNER = "Xen";
const NOTE_PHYS32_ENTRY = 18;
const START_MAGIC = 0x336e_c578;
const START_VERSION = 1;
const START_BYTES = 56;
const MODULE_BYTES = 32;
const MEMORY_BYTES = 24;

interface Handed {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly cmdline: string;
}

/**
 * Loads an ELF kernel and starts it at the address in its PHYS32_ENTRY note, in flat 32-bit
 * protected mode with EBX = the start information (version 1). The initrd is module 0, further
 * modules follow; all lie as high as possible below 3 GiB.
 */
export function loadPvh(target: LoadTarget, bytes: Uint8Array, options: LoadOptions): LoadedImage {
  const elf = readElf(bytes);
  const entry = findPvhEntry(elf);
  if (entry === undefined) {
    throw new ImageError("ELF file has no PVH entry note: build the kernel with CONFIG_PVH");
  }
  const pieces = loadablePieces(elf, target.ramBytes);
  if (!pieces.some((piece) => holdsCode(piece, entry))) {
    throw new ImageError(
      `PVH entry point ${hex(entry)} lies in no segment: the file is damaged, build it again`,
    );
  }
  const placement = new Placement(target.ramBytes);
  addPieces(placement, pieces);
  const info = placeStartInfo(placement, target.ramBytes, options);
  const start = flat32Start(entry, registers({ [GPR.RBX]: info }));
  placement.commit(target);
  return {
    format: "pvh",
    start,
    symbols: elfSymbols(elf),
    regions: placement.regions,
    notes: [],
  };
}

/** Physical entry point from the notes of an ELF file; undefined when it has no such note. */
export function findPvhEntry(elf: ElfFile): number | undefined {
  for (const segment of elf.segments) {
    if (segment.type !== PT_NOTE) continue;
    const entry = entryInNotes(elf, segment);
    if (entry !== undefined) return entry;
  }
  return undefined;
}

function entryInNotes(elf: ElfFile, segment: ElfSegment): number | undefined {
  const { reader } = elf;
  reader.need(segment.offset, segment.fileBytes, `note segment ${segment.index}`);
  const align = segment.align === 8 ? 8 : 4;
  const end = segment.offset + segment.fileBytes;
  let at = segment.offset;
  while (at + 12 <= end) {
    const nameBytes = reader.u32(at);
    const descBytes = reader.u32(at + 4);
    const type = reader.u32(at + 8);
    const desc = at + alignUp(12 + nameBytes, align);
    if (desc + descBytes > end) return undefined;
    const isEntry = type === NOTE_PHYS32_ENTRY && isXen(reader.bytes, at + 12, nameBytes);
    // Kernels of both widths store the address as a pointer; 32 bits of it count.
    if (isEntry && descBytes >= 4) return reader.u32(desc);
    at = desc + alignUp(descBytes, align);
  }
  return undefined;
}

function isXen(bytes: Uint8Array, at: number, length: number): boolean {
  if (length !== NOTE_OWNER.length + 1) return false;
  return new TextDecoder().decode(bytes.subarray(at, at + length)) === `${NOTE_OWNER}\0`;
}

function modulesOf(options: LoadOptions): Handed[] {
  const modules = (options.modules ?? []).map((module) => ({
    name: `module ${module.name}`,
    bytes: module.bytes,
    cmdline: module.cmdline ?? "",
  }));
  if (modules.length > MODULES_MAX) {
    throw new ImageError(`${modules.length} modules, the limit is ${MODULES_MAX}: leave some out`);
  }
  const { initrd } = options;
  if (initrd === undefined || initrd.length === 0) return modules;
  return [{ name: "initrd", bytes: initrd, cmdline: "" }, ...modules];
}

/** Places modules, strings and the start information; gives the address of the latter. */
function placeStartInfo(placement: Placement, ramBytes: number, options: LoadOptions): number {
  const modules = modulesOf(options);
  const moduleHpas = modules.map((module) => placeModule(placement, module));
  const cmdline = cString(options.cmdline ?? "", PVH_CMDLINE_BYTES_MAX, "the command line");
  const lines = modules.map((module) =>
    cString(module.cmdline, PVH_CMDLINE_BYTES_MAX, `the command line of ${module.name}`),
  );
  const memory = e820(ramBytes);
  const modulesAt = alignUp(START_BYTES, 16);
  const memoryAt = modulesAt + modules.length * MODULE_BYTES;
  const cmdlineAt = memoryAt + memory.length * MEMORY_BYTES;
  const length = lines.reduce((sum, line) => sum + line.length, cmdlineAt + cmdline.length);
  const hpa = placement.place(
    "start information",
    length,
    { min: LOW_DATA_MIN, max: EBDA_START },
    { min: MIB, max: LOW_RAM_END_MAX },
  );

  const info = new StructWriter(length);
  info.u32(0, START_MAGIC);
  info.u32(4, START_VERSION);
  info.u32(12, modules.length);
  info.u64(16, modules.length > 0 ? hpa + modulesAt : 0);
  info.u64(24, hpa + cmdlineAt);
  info.u64(32, options.rsdpHpa ?? 0);
  info.u64(40, hpa + memoryAt);
  info.u32(48, memory.length);
  info.bytes.set(cmdline, cmdlineAt);
  let lineAt = cmdlineAt + cmdline.length;
  modules.forEach((module, index) => {
    const at = modulesAt + index * MODULE_BYTES;
    info.u64(at, moduleHpas[index]);
    info.u64(at + 8, module.bytes.length);
    info.u64(at + 16, module.cmdline === "" ? 0 : hpa + lineAt);
    info.bytes.set(lines[index], lineAt);
    lineAt += lines[index].length;
  });
  memory.forEach((entry, index) => {
    const at = memoryAt + index * MEMORY_BYTES;
    info.u64(at, entry.base);
    info.u64(at + 8, entry.length);
    info.u32(at + 16, entry.type);
  });
  placement.write(hpa, info.bytes);
  return hpa;
}

function placeModule(placement: Placement, module: Handed): number {
  const length = alignUp(Math.max(module.bytes.length, 1), PAGE_BYTES);
  const hpa = placement.place(module.name, length, {
    min: MIB,
    max: LOW_RAM_END_MAX,
    align: PAGE_BYTES,
    from: "high",
  });
  placement.write(hpa, module.bytes);
  return hpa;
}
