/** Builders of tiny boot images for loader tests. */

/** A growing little-endian file. */
export class ImageBuilder {
  bytes: Uint8Array;

  constructor(length: number) {
    this.bytes = new Uint8Array(length);
  }

  u8(at: number, value: number): this {
    this.bytes[at] = value;
    return this;
  }

  u16(at: number, value: number): this {
    return this.u8(at, value & 0xff).u8(at + 1, (value >>> 8) & 0xff);
  }

  u32(at: number, value: number): this {
    return this.u16(at, value & 0xffff).u16(at + 2, value >>> 16);
  }

  u64(at: number, value: bigint | number): this {
    const big = BigInt.asUintN(64, BigInt(value));
    return this.u32(at, Number(big & 0xffff_ffffn)).u32(at + 4, Number(big >> 32n));
  }

  put(at: number, bytes: Uint8Array | readonly number[]): this {
    this.bytes.set(bytes, at);
    return this;
  }

  text(at: number, text: string): this {
    return this.put(at, new TextEncoder().encode(text));
  }
}

/** `length` bytes that differ from their neighbours, so that a shifted copy shows. */
export function pattern(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + seed * 13 + 1) & 0xff);
}

export interface SegmentSpec {
  readonly type?: number;
  readonly vaddr?: bigint | number;
  readonly paddr?: bigint | number;
  readonly content?: Uint8Array;
  readonly fileBytes?: bigint | number;
  readonly memBytes?: bigint | number;
  readonly offset?: bigint | number;
  readonly flags?: number;
  readonly align?: number;
}

export interface SymbolSpec {
  readonly name: string;
  readonly value: bigint | number;
  readonly size?: number;
  /** 0 NOTYPE, 1 OBJECT, 2 FUNC, 3 SECTION; */
  readonly type?: number;
  readonly bind?: number;
  readonly section?: number;
}

export interface ElfSpec {
  readonly bits: 32 | 64;
  readonly entry: bigint | number;
  readonly segments: readonly SegmentSpec[];
  readonly symbols?: readonly SymbolSpec[];
  readonly type?: number;
  readonly machine?: number;
}

/** Builds an ELF executable: headers, segment contents, then symbols and section headers. */
export function buildElf(spec: ElfSpec): Uint8Array {
  const wide = spec.bits === 64;
  const headerBytes = wide ? 64 : 52;
  const entryBytes = wide ? 56 : 32;
  const contents = spec.segments.map((segment) => segment.content ?? new Uint8Array(0));
  const dataAt = headerBytes + entryBytes * spec.segments.length;
  const dataBytes = contents.reduce((sum, content) => sum + content.length, 0);
  const symbols = buildSymbols(spec, dataAt + dataBytes);
  const elf = new ImageBuilder(dataAt + dataBytes + symbols.bytes.length);
  elf.put(0, [0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, 1, 1]);
  elf
    .u16(16, spec.type ?? 2)
    .u16(18, spec.machine ?? (wide ? 62 : 3))
    .u32(20, 1);
  if (wide) {
    elf.u64(24, spec.entry).u64(32, headerBytes).u64(40, symbols.headersAt);
    elf.u16(52, headerBytes).u16(54, entryBytes).u16(56, spec.segments.length);
    elf.u16(58, 64).u16(60, symbols.count);
  } else {
    elf.u32(24, Number(spec.entry)).u32(28, headerBytes).u32(32, symbols.headersAt);
    elf.u16(40, headerBytes).u16(42, entryBytes).u16(44, spec.segments.length);
    elf.u16(46, 40).u16(48, symbols.count);
  }
  let offset = dataAt;
  spec.segments.forEach((segment, index) => {
    const at = headerBytes + index * entryBytes;
    if (wide) segmentHeader64(elf, at, segment, offset);
    else segmentHeader32(elf, at, segment, offset);
    elf.put(offset, contents[index]);
    offset += contents[index].length;
  });
  return elf.put(dataAt + dataBytes, symbols.bytes).bytes;
}

function segmentHeader32(elf: ImageBuilder, at: number, segment: SegmentSpec, offset: number) {
  const size = segment.content?.length ?? 0;
  elf.u32(at, segment.type ?? 1).u32(at + 4, Number(segment.offset ?? offset));
  elf.u32(at + 8, Number(segment.vaddr ?? segment.paddr ?? 0));
  elf.u32(at + 12, Number(segment.paddr ?? 0)).u32(at + 16, Number(segment.fileBytes ?? size));
  elf.u32(at + 20, Number(segment.memBytes ?? size)).u32(at + 24, segment.flags ?? 5);
  elf.u32(at + 28, segment.align ?? 4);
}

function segmentHeader64(elf: ImageBuilder, at: number, segment: SegmentSpec, offset: number) {
  const size = segment.content?.length ?? 0;
  elf.u32(at, segment.type ?? 1).u32(at + 4, segment.flags ?? 5);
  elf.u64(at + 8, segment.offset ?? offset).u64(at + 16, segment.vaddr ?? segment.paddr ?? 0);
  elf.u64(at + 24, segment.paddr ?? 0).u64(at + 32, segment.fileBytes ?? size);
  elf.u64(at + 40, segment.memBytes ?? size).u64(at + 48, segment.align ?? 4);
}

/** Symbols, their names and three section headers (null, symbols, names), to stand at `base`. */
function buildSymbols(spec: ElfSpec, base: number) {
  if (spec.symbols === undefined) return { bytes: new Uint8Array(0), headersAt: 0, count: 0 };
  const wide = spec.bits === 64;
  const entryBytes = wide ? 24 : 16;
  const names = `\0${spec.symbols.map((symbol) => `${symbol.name}\0`).join("")}`;
  const namesAt = entryBytes * (spec.symbols.length + 1);
  const headersAt = namesAt + names.length;
  const sectionBytes = wide ? 64 : 40;
  const part = new ImageBuilder(headersAt + 3 * sectionBytes);
  let nameAt = 1;
  spec.symbols.forEach((symbol, index) => {
    const at = entryBytes * (index + 1);
    const info = (symbol.bind ?? 1) * 16 + (symbol.type ?? 2);
    part.u32(at, nameAt);
    nameAt += symbol.name.length + 1;
    if (wide) {
      part.u8(at + 4, info).u16(at + 6, symbol.section ?? 1);
      part.u64(at + 8, symbol.value).u64(at + 16, symbol.size ?? 0);
    } else {
      part.u32(at + 4, Number(symbol.value)).u32(at + 8, symbol.size ?? 0);
      part.u8(at + 12, info).u16(at + 14, symbol.section ?? 1);
    }
  });
  part.text(namesAt, names);
  const section = (index: number, type: number, offset: number, size: number, link: number) => {
    const at = headersAt + index * sectionBytes;
    part.u32(at + 4, type);
    if (wide)
      part
        .u64(at + 24, offset)
        .u64(at + 32, size)
        .u32(at + 40, link);
    else
      part
        .u32(at + 16, offset)
        .u32(at + 20, size)
        .u32(at + 24, link);
  };
  section(1, 2, base, namesAt, 2);
  section(2, 3, base + namesAt, names.length, 0);
  return { bytes: part.bytes, headersAt: base + headersAt, count: 3 };
}

export const MULTIBOOT_MAGIC = 0x1bad_b002;

/** A multiboot 1 header; `addresses` are header, load, load end, bss end and entry. */
export function multibootHeader(flags = 0, addresses: readonly number[] = []): Uint8Array {
  const header = new ImageBuilder(12 + addresses.length * 4);
  header
    .u32(0, MULTIBOOT_MAGIC)
    .u32(4, flags)
    .u32(8, -(MULTIBOOT_MAGIC + flags) >>> 0);
  addresses.forEach((address, index) => {
    header.u32(12 + index * 4, address);
  });
  return header.bytes;
}

/** A one-segment multiboot ELF: header first, then `code` bytes of pattern, entry at the code. */
export function multibootElf(flags = 0, codeBytes = 64, bits: 32 | 64 = 32): Uint8Array {
  const header = multibootHeader(flags);
  const content = new Uint8Array(header.length + codeBytes);
  content.set(header);
  content.set(pattern(codeBytes), header.length);
  const segments = [{ paddr: 0x10_0000, content, memBytes: content.length + 0x2000 }];
  return buildElf({ bits, entry: 0x10_0000 + header.length, segments });
}

export interface BzImageSpec {
  readonly version?: number;
  readonly setupSects?: number;
  readonly kernelBytes?: number;
  readonly loadflags?: number;
  readonly xloadflags?: number;
  readonly prefAddress?: bigint | number;
  readonly initSize?: number;
  readonly initrdAddrMax?: number;
  readonly cmdlineSize?: number;
  readonly headerEnd?: number;
  readonly syssize?: number;
}

/** A bzImage with a patterned kernel; protocol 2.15, 64-bit entry and 1 MiB unless told. */
export function buildBzImage(spec: BzImageSpec = {}): Uint8Array {
  const version = spec.version ?? 0x20f;
  const sectors = spec.setupSects ?? 2;
  const kernelBytes = spec.kernelBytes ?? 0x400;
  const offset = ((sectors || 4) + 1) * 512;
  const image = new ImageBuilder(offset + kernelBytes);
  image.u8(0x1f1, sectors).u32(0x1f4, spec.syssize ?? Math.ceil(kernelBytes / 16));
  image.u16(0x1f8, 0x1234).u16(0x1fe, 0xaa55);
  image.put(0x200, [0xeb, (spec.headerEnd ?? 0x26c) - 0x202]).text(0x202, "HdrS");
  image
    .u16(0x206, version)
    .u8(0x211, spec.loadflags ?? 1)
    .u32(0x214, 0x10_0000);
  image
    .u32(0x22c, spec.initrdAddrMax ?? 0x7fff_ffff)
    .u32(0x230, 0x20_0000)
    .u8(0x234, 1);
  image.u16(0x236, spec.xloadflags ?? 1).u32(0x238, spec.cmdlineSize ?? 0x7ff);
  image.u64(0x258, spec.prefAddress ?? 0x10_0000).u32(0x260, spec.initSize ?? 0x8_0000);
  return image.put(offset, pattern(kernelBytes)).bytes;
}

/** One ELF note, padded to `align`. */
export function elfNote(name: string, type: number, desc: Uint8Array, align = 4): Uint8Array {
  const up = (value: number) => Math.ceil(value / align) * align;
  const descAt = up(12 + name.length + 1);
  const note = new ImageBuilder(up(descAt + desc.length));
  note
    .u32(0, name.length + 1)
    .u32(4, desc.length)
    .u32(8, type)
    .text(12, name);
  return note.put(descAt, desc).bytes;
}

/** An ELF64 kernel linked high, with a PVH entry 16 bytes into its only segment at 16 MiB. */
export function pvhElf(entry = 0x100_0010, note = pvhNotes(entry)): Uint8Array {
  const segments = [
    { vaddr: 0xffff_ffff_8100_0000n, paddr: 0x100_0000, content: pattern(96), memBytes: 0x3000 },
    { type: 4, vaddr: 0, paddr: 0, content: note },
  ];
  return buildElf({ bits: 64, entry: 0xffff_ffff_8100_0000n, segments });
}

export function pvhNotes(entry: number): Uint8Array {
  const other = elfNote("GNU", 3, pattern(20));
  const pvh = elfNote("Xen", 18, new ImageBuilder(8).u64(0, entry).bytes);
  return new ImageBuilder(other.length + pvh.length).put(0, other).put(other.length, pvh).bytes;
}
