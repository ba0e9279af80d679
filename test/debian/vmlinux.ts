/** Gets the ELF kernel out of a bzImage, whose real-mode header says where it lies. */
import * as zlib from "node:zlib";
import { LZ4_LEGACY_MAGIC, unpackLz4Legacy } from "./lz4.ts";
import { outputOf, Unavailable } from "./packages.ts";

/** Fields of the setup header (Linux, "The Linux/x86 Boot Protocol"). */
const HEADER = { setupSectors: 0x1f1, payloadOffset: 0x248, payloadLength: 0x24c } as const;
const SECTOR_BYTES = 512;
const ELF_MAGIC = 0x464c457f;

type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

/** How each packer is recognised, and undone. The size stands behind the payload. */
const PACKERS: readonly { readonly magic: readonly number[]; readonly unpack: Unpack }[] = [
  { magic: bytesOf(LZ4_LEGACY_MAGIC), unpack: unpackLz4Legacy },
  { magic: [0x1f, 0x8b], unpack: (packed) => zlib.gunzipSync(packed) },
  { magic: [0x28, 0xb5, 0x2f, 0xfd], unpack: unpackZstd },
  {
    magic: [0xfd, 0x37, 0x7a, 0x58, 0x5a],
    unpack: (packed) => outputOf("xz", ["-dcq", "--single-stream"], { input: packed }),
  },
];

function bytesOf(word: number): number[] {
  return [0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff);
}

/** Newer versions of Node know the format themselves. */
function unpackZstd(packed: Uint8Array): Uint8Array {
  const own = (zlib as { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array })
    .zstdDecompressSync;
  return own ? own(packed) : outputOf("zstd", ["-dcq"], { input: packed });
}

/** @throws Unavailable when the payload is packed in a way that cannot be undone here. */
export function vmlinuxOf(image: Uint8Array): Uint8Array {
  const view = new DataView(image.buffer, image.byteOffset, image.length);
  const code = (image[HEADER.setupSectors]! + 1) * SECTOR_BYTES;
  const start = code + view.getUint32(HEADER.payloadOffset, true);
  const end = start + view.getUint32(HEADER.payloadLength, true);
  const size = view.getUint32(end - 4, true);
  const packed = image.subarray(start, end - 4);
  const packer = PACKERS.find(({ magic }) => magic.every((byte, i) => packed[i] === byte));
  if (packer === undefined) throw new Unavailable("the kernel is packed in an unknown way");
  const kernel = packer.unpack(packed, size);
  if (new DataView(kernel.buffer, kernel.byteOffset).getUint32(0, true) !== ELF_MAGIC) {
    throw new Error("what was unpacked is no ELF file");
  }
  return kernel;
}
