/** Reading of ELF executables for x86: headers, segments and where they go in physical memory. */

import { hex, ImageReader } from "./bytes.ts";
import { ImageError } from "./image.ts";
import { ramRanges } from "./memory-map.ts";
import type { Piece, Placement } from "./placement.ts";

const MAGIC = 0x464c_457f;
const CLASS_32 = 1;
const CLASS_64 = 2;
const LITTLE_ENDIAN = 1;
const TYPE_EXECUTABLE = 2;
const TYPE_SHARED = 3;
const MACHINE_386 = 3;
const MACHINE_X86_64 = 62;
const FLAG_EXECUTE = 1;

export const PT_LOAD = 1;
export const PT_NOTE = 4;

/** More program headers than this is taken for damage. */
const SEGMENTS_MAX = 256;

export interface ElfSegment {
  readonly index: number;
  readonly type: number;
  readonly executable: boolean;
  readonly offset: number;
  readonly vaddr: bigint;
  readonly paddr: bigint;
  readonly fileBytes: number;
  readonly memBytes: number;
  readonly align: number;
}

/** Where the section headers lie; nothing in it has been checked. */
export interface SectionTable {
  readonly offset: bigint;
  readonly entryBytes: number;
  readonly count: number;
}

export interface ElfFile {
  readonly reader: ImageReader;
  readonly bits: 32 | 64;
  /** Entry point as the header gives it: a linear address. */
  readonly entry: bigint;
  readonly segments: readonly ElfSegment[];
  readonly sections: SectionTable;
}

/** A loadable segment at its physical address. */
export interface ElfPiece extends Piece {
  readonly vaddr: bigint;
  readonly executable: boolean;
}

export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new ImageReader(bytes).u32(0) === MAGIC;
}

/** Reads the headers; throws an ImageError for anything but an x86 executable at fixed addresses. */
export function readElf(bytes: Uint8Array): ElfFile {
  const reader = new ImageReader(bytes);
  reader.need(0, 52, "the ELF header");
  if (reader.u32(0) !== MAGIC) {
    throw new ImageError("not an ELF file: name another format or give an ELF executable");
  }
  const elfClass = reader.u8(4);
  if (elfClass !== CLASS_32 && elfClass !== CLASS_64) {
    throw new ImageError(`ELF class ${elfClass} is unknown: give an ELF32 or ELF64 file`);
  }
  if (reader.u8(5) !== LITTLE_ENDIAN) {
    throw new ImageError("ELF file is not little-endian: build it for x86");
  }
  const bits = elfClass === CLASS_64 ? 64 : 32;
  if (bits === 64) reader.need(0, 64, "the ELF64 header");
  checkTypeAndMachine(reader, bits);
  return bits === 64 ? readElf64(reader) : readElf32(reader);
}

function checkTypeAndMachine(reader: ImageReader, bits: 32 | 64): void {
  const type = reader.u16(16);
  if (type === TYPE_SHARED) {
    throw new ImageError("ELF file is position-independent: link it with -no-pie -static");
  }
  if (type !== TYPE_EXECUTABLE) {
    throw new ImageError(`ELF type ${type} is not an executable: link the image first`);
  }
  const machine = reader.u16(18);
  if (machine !== (bits === 64 ? MACHINE_X86_64 : MACHINE_386)) {
    throw new ImageError(`ELF${bits} machine ${machine} is not x86: build it for this processor`);
  }
}

function readElf32(reader: ImageReader): ElfFile {
  const offset = reader.u32(28);
  const table = programHeaders(reader, offset, reader.u16(42), reader.u16(44), 32);
  const segments = table.map((at, index) => ({
    index,
    type: reader.u32(at),
    offset: reader.u32(at + 4),
    vaddr: BigInt(reader.u32(at + 8)),
    paddr: BigInt(reader.u32(at + 12)),
    fileBytes: reader.u32(at + 16),
    memBytes: reader.u32(at + 20),
    executable: (reader.u32(at + 24) & FLAG_EXECUTE) !== 0,
    align: reader.u32(at + 28),
  }));
  const sections = {
    offset: BigInt(reader.u32(32)),
    entryBytes: reader.u16(46),
    count: reader.u16(48),
  };
  return { reader, bits: 32, entry: BigInt(reader.u32(24)), segments, sections };
}

function readElf64(reader: ImageReader): ElfFile {
  const offset = toSafe(reader.u64(32), "program header offset");
  const table = programHeaders(reader, offset, reader.u16(54), reader.u16(56), 56);
  const segments = table.map((at, index) => ({
    index,
    type: reader.u32(at),
    executable: (reader.u32(at + 4) & FLAG_EXECUTE) !== 0,
    offset: toSafe(reader.u64(at + 8), `file offset of segment ${index}`),
    vaddr: reader.u64(at + 16),
    paddr: reader.u64(at + 24),
    fileBytes: toSafe(reader.u64(at + 32), `file size of segment ${index}`),
    memBytes: toSafe(reader.u64(at + 40), `memory size of segment ${index}`),
    align: Number(reader.u64(at + 48)),
  }));
  const sections = {
    offset: reader.u64(40),
    entryBytes: reader.u16(58),
    count: reader.u16(60),
  };
  return { reader, bits: 64, entry: reader.u64(24), segments, sections };
}

/** File offsets of the program headers. */
function programHeaders(
  reader: ImageReader,
  offset: number,
  entryBytes: number,
  count: number,
  entryBytesMin: number,
): number[] {
  if (count === 0) {
    throw new ImageError("ELF file has no program headers: link it as an executable");
  }
  if (count > SEGMENTS_MAX) {
    throw new ImageError(`ELF file has ${count} program headers, the limit is ${SEGMENTS_MAX}`);
  }
  if (entryBytes < entryBytesMin) {
    throw new ImageError(`ELF program headers of ${entryBytes} bytes are damaged: link it again`);
  }
  reader.need(offset, entryBytes * count, "the ELF program headers");
  return Array.from({ length: count }, (_, index) => offset + index * entryBytes);
}

/** Values that cannot index a file or memory are damage, whatever they were meant to be. */
function toSafe(value: bigint, what: string): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw new ImageError(`ELF ${what} ${hex(value)} is absurd: the file is damaged, link it again`);
  }
  return Number(value);
}

/**
 * The loadable segments at their physical addresses. Linkers that know no physical addresses leave
 * them all 0; then linear addresses serve if they lie in RAM.
 */
export function loadablePieces(elf: ElfFile, ramBytes: number): ElfPiece[] {
  const loads = elf.segments.filter((s) => s.type === PT_LOAD && (s.memBytes || s.fileBytes) > 0);
  if (loads.length === 0) {
    throw new ImageError("ELF file has no loadable segment: link it with code in it");
  }
  for (const segment of loads) checkSegment(elf, segment);
  const byLinear = loads.every((s) => s.paddr === 0n) && loads.some((s) => s.vaddr !== 0n);
  if (byLinear) checkLinearInRam(loads, ramBytes);
  return loads.map((segment) => ({
    name: `segment ${segment.index}`,
    hpa: toSafe(byLinear ? segment.vaddr : segment.paddr, `address of segment ${segment.index}`),
    bytes: elf.reader.slice(segment.offset, segment.fileBytes, `segment ${segment.index}`),
    memBytes: segment.memBytes,
    vaddr: segment.vaddr,
    executable: segment.executable,
  }));
}

function checkSegment(elf: ElfFile, segment: ElfSegment): void {
  const { index, fileBytes, memBytes, vaddr, paddr } = segment;
  if (memBytes < fileBytes) {
    throw new ImageError(
      `ELF segment ${index} has ${hex(fileBytes)} bytes in the file but ${hex(memBytes)} in ` +
        "memory: the file is damaged, link it again",
    );
  }
  const limit = 1n << BigInt(elf.bits);
  if (vaddr + BigInt(memBytes) > limit || paddr + BigInt(memBytes) > limit) {
    throw new ImageError(
      `ELF segment ${index} wraps around the end of the address space: link it lower`,
    );
  }
}

function checkLinearInRam(loads: readonly ElfSegment[], ramBytes: number): void {
  const top = Math.max(...ramRanges(ramBytes).map((range) => range.hpa + range.length));
  const outside = loads.find((s) => s.vaddr + BigInt(s.memBytes) > BigInt(top));
  if (outside === undefined) return;
  throw new ImageError(
    `ELF segments have no physical addresses and segment ${outside.index} is linked at ` +
      `${hex(outside.vaddr)}, outside RAM: set load addresses with AT() in the linker script`,
  );
}

/**
 * Physical address of the entry point. The header holds a linear address, so a segment whose
 * linear range holds it decides, executable ones first; else it is taken as physical already.
 */
export function entryHpa(elf: ElfFile, pieces: readonly ElfPiece[]): number {
  const { entry } = elf;
  const ordered = [...pieces.filter((p) => p.executable), ...pieces.filter((p) => !p.executable)];
  for (const piece of ordered) {
    const offset = entry - piece.vaddr;
    if (offset >= 0n && offset < BigInt(piece.bytes.length)) return piece.hpa + Number(offset);
  }
  if (pieces.some((piece) => holdsCode(piece, Number(entry)))) return Number(entry);
  throw new ImageError(
    `ELF entry point ${hex(entry)} lies in no segment: link with a start symbol`,
  );
}

/** Whether `hpa` is within the bytes that the file gives for `piece`. */
export function holdsCode(piece: Piece, hpa: number): boolean {
  return hpa >= piece.hpa && hpa < piece.hpa + piece.bytes.length;
}

/** Claims and plans all segments. */
export function addPieces(placement: Placement, pieces: readonly Piece[]): void {
  for (const piece of pieces) placement.addPiece(piece);
}
