/** The setup header of a Linux bzImage (Linux "The Linux/x86 Boot Protocol"). */

import { hex, ImageReader } from "./bytes.ts";
import { ImageError } from "./image.ts";
import { MIB } from "./memory-map.ts";

/** Offsets in the file, and in the boot parameters too. */
export const HDR = {
  START: 0x1f1,
  SETUP_SECTS: 0x1f1,
  SYSSIZE: 0x1f4,
  VID_MODE: 0x1fa,
  BOOT_FLAG: 0x1fe,
  JUMP: 0x200,
  MAGIC: 0x202,
  VERSION: 0x206,
  TYPE_OF_LOADER: 0x210,
  LOADFLAGS: 0x211,
  CODE32_START: 0x214,
  RAMDISK_IMAGE: 0x218,
  RAMDISK_SIZE: 0x21c,
  HEAP_END_PTR: 0x224,
  CMD_LINE_PTR: 0x228,
  INITRD_ADDR_MAX: 0x22c,
  XLOADFLAGS: 0x236,
  CMDLINE_SIZE: 0x238,
  PREF_ADDRESS: 0x258,
  INIT_SIZE: 0x260,
} as const;

export const LOADED_HIGH = 1 << 0;
export const CAN_USE_HEAP = 1 << 7;
export const XLF_KERNEL_64 = 1 << 0;

const BOOT_FLAG = 0xaa55;
const MAGIC = 0x5372_6448;
const SECTOR_BYTES = 512;
const PARAGRAPH_BYTES = 16;
/** The boot parameters have room for a header up to here. */
const HEADER_END_MAX = 0x290;
/** End of the header in the youngest version that this loader reads fields of. */
const HEADER_BYTES_READ = 0x268;
const CMDLINE_BYTES_OLD = 255;
const CMDLINE_BYTES_MAX = 65535;
const INITRD_ADDR_MAX_OLD = 0x37ff_ffff;

/** First protocol versions that have a field, and the end of the header with it. */
const HEADER_ENDS: readonly (readonly [version: number, end: number])[] = [
  [0x20a, 0x264],
  [0x206, 0x23c],
  [0x203, 0x230],
  [0x202, 0x22c],
  [0x200, 0x224],
];

export interface SetupHeader {
  /** Boot protocol, major in the upper byte. */
  readonly version: number;
  /** The header itself, for the boot parameters: bytes from HDR.START on. */
  readonly copy: Uint8Array;
  /** The protected-mode part of the kernel. */
  readonly kernel: Uint8Array;
  /** Where the kernel wants to be loaded. */
  readonly loadHpa: number;
  /** Memory that the kernel needs from `loadHpa` on before it reads the memory map. */
  readonly initBytes: number;
  readonly has64BitEntry: boolean;
  readonly loadflags: number;
  readonly cmdlineBytesMax: number;
  /** Highest address that the last byte of an initrd may have. */
  readonly initrdAddrMax: number;
}

export function isBzImage(bytes: Uint8Array): boolean {
  if (bytes.length < HDR.VERSION) return false;
  const reader = new ImageReader(bytes);
  return reader.u16(HDR.BOOT_FLAG) === BOOT_FLAG && reader.u32(HDR.MAGIC) === MAGIC;
}

/** Reads and checks the header; throws an ImageError that names what is wrong with the file. */
export function readSetupHeader(bytes: Uint8Array): SetupHeader {
  const reader = new ImageReader(bytes);
  reader.need(0, HEADER_BYTES_READ, "the Linux setup header");
  if (!isBzImage(bytes)) {
    throw new ImageError("not a Linux bzImage (no HdrS header): give arch/x86/boot/bzImage");
  }
  const version = reader.u16(HDR.VERSION);
  if (version < 0x200) {
    throw new ImageError(`Linux boot protocol ${hex(version)} is older than 2.00: use a newer one`);
  }
  const loadflags = reader.u8(HDR.LOADFLAGS);
  if ((loadflags & LOADED_HIGH) === 0) {
    throw new ImageError("Linux image is a zImage, which loads low: build a bzImage");
  }
  return {
    version,
    copy: headerCopy(reader, version),
    kernel: protectedModeKernel(reader, version),
    ...placeWanted(reader, version),
    has64BitEntry: version >= 0x20c && (reader.u16(HDR.XLOADFLAGS) & XLF_KERNEL_64) !== 0,
    loadflags,
    cmdlineBytesMax: cmdlineBytesMax(reader, version),
    initrdAddrMax: version >= 0x203 ? reader.u32(HDR.INITRD_ADDR_MAX) : INITRD_ADDR_MAX_OLD,
  };
}

/** The jump at 0x200 leaps over the header, so its distance tells where the header ends. */
function headerCopy(reader: ImageReader, version: number): Uint8Array {
  const end = HDR.MAGIC + reader.u8(HDR.JUMP + 1);
  const least = HEADER_ENDS.find(([since]) => version >= since);
  if (least !== undefined && end < least[1]) {
    throw new ImageError(
      `Linux setup header ends at ${hex(end)}, too early for protocol ${hex(version)}: ` +
        "the file is damaged, fetch it again",
    );
  }
  const length = Math.min(end, HEADER_END_MAX) - HDR.START;
  return reader.slice(HDR.START, length, "the Linux setup header");
}

function protectedModeKernel(reader: ImageReader, version: number): Uint8Array {
  const sectors = reader.u8(HDR.SETUP_SECTS) || 4;
  const offset = (sectors + 1) * SECTOR_BYTES;
  reader.need(offset, 1, "the protected-mode kernel");
  const available = reader.length - offset;
  // Before 2.04 the field has 16 bits and is too small for a bzImage.
  if (version < 0x204) return reader.slice(offset, available, "the kernel");
  const stated = reader.u32(HDR.SYSSIZE) * PARAGRAPH_BYTES;
  if (stated === 0) {
    throw new ImageError("Linux setup header gives a kernel of 0 bytes: the file is damaged");
  }
  // The size is rounded up, so a file may end inside the last paragraph.
  if (available <= stated - PARAGRAPH_BYTES) reader.need(offset, stated, "the kernel");
  return reader.slice(offset, Math.min(available, stated), "the kernel");
}

/** Address and memory. Loaded where it prefers to be, a relocatable kernel is not moved either. */
function placeWanted(reader: ImageReader, version: number) {
  const code32 = reader.u32(HDR.CODE32_START);
  const preferred = version >= 0x20a ? reader.u64(HDR.PREF_ADDRESS) : 0n;
  const loadHpa = preferred === 0n ? code32 : Number(preferred);
  if (loadHpa < MIB || loadHpa > 0xffff_ffff) {
    throw new ImageError(
      `Linux kernel wants to be loaded at ${hex(loadHpa)}, not between 1 MiB and 4 GiB: ` +
        "the file is damaged, fetch it again",
    );
  }
  return { loadHpa, initBytes: version >= 0x20a ? reader.u32(HDR.INIT_SIZE) : 0 };
}

function cmdlineBytesMax(reader: ImageReader, version: number): number {
  const stated = version >= 0x206 ? reader.u32(HDR.CMDLINE_SIZE) : 0;
  return Math.min(stated || CMDLINE_BYTES_OLD, CMDLINE_BYTES_MAX);
}
