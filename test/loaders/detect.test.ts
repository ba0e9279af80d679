/** Which format an image is taken for, and the advice for those of none. */

import { describe, expect, it } from "vitest";
import { detectFormat, type ImageFormat, type LoadOptions } from "../../src/loaders/loader.ts";
import {
  buildBzImage,
  buildElf,
  ImageBuilder,
  multibootElf,
  multibootHeader,
  pattern,
  pvhElf,
  pvhNotes,
} from "./images.ts";
import { expectRefusal } from "./refusal.ts";

const plainElf = buildElf({
  bits: 64,
  entry: 0x20_0000,
  segments: [{ paddr: 0x20_0000, content: pattern(16) }],
});

/** An ELF file with both a multiboot header and a PVH note. */
const bothElf = buildElf({
  bits: 64,
  entry: 0x20_0000,
  segments: [
    { paddr: 0x20_0000, content: multibootHeader() },
    { type: 4, content: pvhNotes(0x20_0000) },
  ],
});

describe("format detection", () => {
  const found: readonly (readonly [string, Uint8Array, LoadOptions, ImageFormat])[] = [
    ["a multiboot ELF32", multibootElf(), {}, "multiboot1"],
    ["a multiboot ELF64", multibootElf(0, 8, 64), {}, "multiboot1"],
    ["a raw multiboot image", multibootHeader(1 << 16, [0, 0, 0, 0, 0]), {}, "multiboot1"],
    ["an ELF without a protocol", plainElf, {}, "elf"],
    ["an ELF with a PVH note", pvhElf(), {}, "pvh"],
    ["an ELF with both", bothElf, {}, "multiboot1"],
    ["an ELF with both and PVH asked for", bothElf, { protocol: "pvh" }, "pvh"],
    ["a bzImage", buildBzImage(), {}, "bzimage"],
    ["anything with flat options", plainElf, { flat: { address: 0, mode: "real" } }, "flat"],
  ];
  it.each(found)("knows %s", (_name, image, options, format) => {
    expect(detectFormat(image, options)).toBe(format);
  });

  const sector = new ImageBuilder(512).u16(510, 0xaa55).bytes;
  it.each([
    ["an empty file", pattern(0), /the file is empty/],
    ["gzip", Uint8Array.of(0x1f, 0x8b, 8, 0), /compressed by gzip, unpack it first/],
    ["an EFI program", Uint8Array.of(0x4d, 0x5a, 0, 0), /EFI and DOS programs/],
    ["a boot sector", sector, /boot sector, load it flat at 0x7c00/],
    ["text", new TextEncoder().encode("hello"), /give a multiboot, ELF or Linux image/],
  ])("refuses %s with advice", (_name, image, message) => {
    expectRefusal({ image }, message);
  });

  it("refuses a protocol that does not fit the file", () => {
    expectRefusal({ image: plainElf, options: { protocol: "bzimage64" } }, /use protocol pvh/);
    expectRefusal({ image: plainElf, options: { protocol: "pvh" } }, /no PVH entry note/);
    expectRefusal({ image: pattern(99), options: { protocol: "pvh" } }, /no Linux kernel/);
  });

  it("refuses a format that does not exist", () => {
    for (const format of ["a.out", "toString"]) {
      expectRefusal({ image: plainElf, format: format as ImageFormat }, /unknown image format/);
    }
  });

  it("refuses every format on a machine with too little RAM", () => {
    for (const image of [multibootElf(), plainElf, pvhElf(), buildBzImage()]) {
      expectRefusal({ image, mib: 0 }, /RAM of 0 bytes/);
    }
  });
});
