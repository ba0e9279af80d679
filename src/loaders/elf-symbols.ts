/** The symbol table of an ELF file, parsed on first use; damage in it makes it empty, no more. */

import type { ImageReader } from "./bytes.ts";
import type { ElfFile } from "./elf-file.ts";
import { ImageError } from "./image.ts";
import type { Address64, SymbolHit, SymbolTable } from "./symbols.ts";

const SECTION_SYMBOLS = 2;
const SECTION_UNDEFINED = 0;
const TYPE_MASK = 0xf;
/** NOTYPE, OBJECT and FUNC; sections, files and thread-local offsets are no addresses. */
const TYPE_NAMES_ADDRESS_MAX = 2;
const TYPE_FUNCTION = 2;
const BIND_GLOBAL_MIN = 1;

/** Larger tables are cut here: a full Linux kernel has about 200,000 symbols. */
export const SYMBOLS_MAX = 1 << 20;
/** Longer names are cut here. */
export const SYMBOL_NAME_BYTES_MAX = 1024;

interface Section {
  readonly type: number;
  readonly offset: number;
  readonly bytes: number;
  readonly link: number;
}

interface RawSymbol extends Address64 {
  readonly nameAt: number;
  readonly size: number;
  /** Order among symbols of one address: the last is the one to show. */
  readonly weight: number;
}

interface Parsed {
  readonly symbols: readonly RawSymbol[];
  readonly names: Uint8Array;
}

const EMPTY: Parsed = { symbols: [], names: new Uint8Array(0) };

/** Gives the table of `elf` without reading it yet. */
export function elfSymbols(elf: ElfFile): SymbolTable {
  let parsed: Parsed | undefined;
  let byName: Map<string, number> | undefined;
  const table = () => {
    parsed ??= parseTolerant(elf);
    return parsed;
  };
  return {
    get count() {
      return table().symbols.length;
    },
    nearest: (address) => nearest(table(), address),
    addressOf: (name) => {
      byName ??= indexNames(table());
      const index = byName.get(name);
      if (index === undefined) return undefined;
      const { hi, lo } = table().symbols[index];
      return { hi, lo };
    },
  };
}

/** A stripped or damaged table must not stop an image that has been found good. */
function parseTolerant(elf: ElfFile): Parsed {
  try {
    return parse(elf);
  } catch (error) {
    if (error instanceof ImageError) return EMPTY;
    throw error;
  }
}

function parse(elf: ElfFile): Parsed {
  const { reader } = elf;
  for (let index = 0; index < elf.sections.count; index += 1) {
    const section = readSection(elf, index);
    if (section.type !== SECTION_SYMBOLS) continue;
    const strings = readSection(elf, section.link);
    const names = reader.slice(strings.offset, strings.bytes, "symbol names");
    reader.need(section.offset, section.bytes, "symbols");
    return { symbols: readSymbols(elf, section, names), names };
  }
  return EMPTY;
}

function readSection(elf: ElfFile, index: number): Section {
  const { reader, sections } = elf;
  if (index >= sections.count) throw new ImageError(`ELF section ${index} does not exist`);
  const at = Number(sections.offset) + index * sections.entryBytes;
  if (elf.bits === 64) {
    return {
      type: reader.u32(at + 4),
      offset: Number(reader.u64(at + 24)),
      bytes: Number(reader.u64(at + 32)),
      link: reader.u32(at + 40),
    };
  }
  return {
    type: reader.u32(at + 4),
    offset: reader.u32(at + 16),
    bytes: reader.u32(at + 20),
    link: reader.u32(at + 24),
  };
}

function readSymbols(elf: ElfFile, section: Section, names: Uint8Array): RawSymbol[] {
  const entryBytes = elf.bits === 64 ? 24 : 16;
  const count = Math.min(Math.floor(section.bytes / entryBytes), SYMBOLS_MAX);
  const symbols: RawSymbol[] = [];
  for (let index = 0; index < count; index += 1) {
    const at = section.offset + index * entryBytes;
    const symbol = elf.bits === 64 ? symbol64(elf.reader, at) : symbol32(elf.reader, at);
    if (symbol !== undefined && symbol.nameAt < names.length && names[symbol.nameAt] !== 0) {
      symbols.push(symbol);
    }
  }
  return symbols.sort((a, b) => a.hi - b.hi || a.lo - b.lo || a.weight - b.weight);
}

function symbol32(reader: ImageReader, at: number): RawSymbol | undefined {
  const weight = weigh(reader.u8(at + 12), reader.u16(at + 14));
  if (weight === undefined) return undefined;
  const size = reader.u32(at + 8);
  return { nameAt: reader.u32(at), hi: 0, lo: reader.u32(at + 4), size, weight };
}

function symbol64(reader: ImageReader, at: number): RawSymbol | undefined {
  const weight = weigh(reader.u8(at + 4), reader.u16(at + 6));
  if (weight === undefined) return undefined;
  const size = Number(reader.u64(at + 16));
  return { nameAt: reader.u32(at), lo: reader.u32(at + 8), hi: reader.u32(at + 12), size, weight };
}

/** Prefers functions, then global names; undefined for what names no address of the image. */
function weigh(info: number, section: number): number | undefined {
  const type = info & TYPE_MASK;
  if (section === SECTION_UNDEFINED || type > TYPE_NAMES_ADDRESS_MAX) return undefined;
  const global = info >> 4 >= BIND_GLOBAL_MIN ? 1 : 0;
  return (type === TYPE_FUNCTION ? 2 : 0) + global;
}

function nearest(parsed: Parsed, address: Address64): SymbolHit | undefined {
  const { symbols } = parsed;
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const symbol = symbols[middle];
    const above = symbol.hi > address.hi || (symbol.hi === address.hi && symbol.lo > address.lo);
    if (above) high = middle;
    else low = middle + 1;
  }
  if (low === 0) return undefined;
  const symbol = symbols[low - 1];
  const offset = (address.hi - symbol.hi) * 0x1_0000_0000 + (address.lo - symbol.lo);
  if (offset >= 0x1_0000_0000) return undefined;
  return { name: nameAt(parsed.names, symbol.nameAt), offset, size: symbol.size };
}

function indexNames(parsed: Parsed): Map<string, number> {
  const index = new Map<string, number>();
  parsed.symbols.forEach((symbol, position) => {
    const name = nameAt(parsed.names, symbol.nameAt);
    if (!index.has(name)) index.set(name, position);
  });
  return index;
}

function nameAt(names: Uint8Array, at: number): string {
  const limit = Math.min(names.length, at + SYMBOL_NAME_BYTES_MAX);
  let end = at;
  while (end < limit && names[end] !== 0) end += 1;
  return new TextDecoder().decode(names.subarray(at, end));
}
