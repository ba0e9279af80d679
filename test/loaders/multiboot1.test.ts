/** Multiboot 1 images: header, information, modules, address fields. */

import { describe, expect, it } from "vitest";
import { e820, GPR, type LoadedImage } from "../../src/loaders/loader.ts";
import { ImageBuilder, multibootElf, multibootHeader, pattern } from "./images.ts";
import type { RecordedRam } from "./recorded-ram.ts";
import { expectRefusal, load } from "./refusal.ts";

const MIB = 1024 * 1024;
const HEADER_AT = 0x40;
const ADDRESSES = 1 << 16;

/** A raw image of 0x200 bytes whose header lies at 0x40 and loads all of it at 1 MiB. */
function rawImage(addresses: Partial<Record<string, number>> = {}): Uint8Array {
  const all = {
    header: MIB + HEADER_AT,
    load: MIB,
    loadEnd: MIB + 0x200,
    bssEnd: MIB + 0x1000,
    entry: MIB + 0x80,
    ...addresses,
  };
  const header = multibootHeader(ADDRESSES, Object.values(all) as number[]);
  return new ImageBuilder(0x200).put(0, pattern(0x200)).put(HEADER_AT, header).bytes;
}

function modulesOf(ram: RecordedRam, loaded: LoadedImage) {
  const info = loaded.start.gpr[GPR.RBX];
  const table = ram.u32(info + 24);
  return Array.from({ length: ram.u32(info + 20) }, (_, index) => ({
    start: ram.u32(table + index * 16),
    end: ram.u32(table + index * 16 + 4),
    string: ram.string(ram.u32(table + index * 16 + 8)),
  }));
}

describe("multiboot 1", () => {
  it("enters flat 32-bit protected mode with the magic in EAX", () => {
    const { start, format } = load({ image: multibootElf() }).loaded;
    expect(format).toBe("multiboot1");
    expect(start).toMatchObject({
      mode: "protected32",
      rip: MIB + 12,
      rflags: 2,
      cr0: 0x11,
      cr4: 0,
      efer: 0,
    });
    expect(start.gpr[GPR.RAX]).toBe(0x2bad_b002);
    for (const name of ["ds", "es", "fs", "gs", "ss"] as const) {
      expect(start.segments[name]).toMatchObject({ base: 0, limit: 0xffff_ffff, access: 0xc093 });
    }
    expect(start.segments.cs).toMatchObject({ base: 0, limit: 0xffff_ffff, access: 0xc09b });
  });

  it("hands over memory size, map, command line and loader name", () => {
    const options = { name: "kernel.elf", cmdline: "-a b=c" };
    const { ram, loaded } = load({ image: multibootElf(), options, mib: 128 });
    const info = loaded.start.gpr[GPR.RBX];
    expect(ram.u32(info)).toBe(0x24d);
    expect(ram.u32(info + 4)).toBe(639);
    expect(ram.u32(info + 8)).toBe(127 * 1024);
    expect(ram.string(ram.u32(info + 16))).toBe("kernel.elf -a b=c");
    expect(ram.u32(info + 20)).toBe(0);
    expect(ram.string(ram.u32(info + 64))).toBe("vmxlab");
  });

  it("hands over the memory map entry by entry, above 4 GiB too", () => {
    const { ram, loaded } = load({ image: multibootElf(), mib: 5120 });
    const info = loaded.start.gpr[GPR.RBX];
    const map = ram.u32(info + 48);
    const entries = [];
    for (let at = map; at < map + ram.u32(info + 44); at += ram.u32(at) + 4) {
      entries.push({ base: ram.u64(at + 4), length: ram.u64(at + 12), type: ram.u32(at + 20) });
    }
    expect(entries).toEqual(e820(5120 * MIB));
    expect(ram.u32(info + 8)).toBe(3071 * 1024);
  });

  it("keeps the first word of the command line one word", () => {
    const { ram, loaded } = load({ image: multibootElf(), options: { name: "my kernel" } });
    expect(ram.string(ram.u32(loaded.start.gpr[GPR.RBX] + 16))).toBe("my_kernel");
  });

  it("puts modules on pages of their own above the image", () => {
    const modules = [
      { name: "one", bytes: pattern(5000, 3), cmdline: "x y" },
      { name: "empty", bytes: pattern(0) },
      { name: "two", bytes: pattern(10, 4) },
    ];
    const { ram, loaded } = load({ image: multibootElf(1), options: { modules } });
    const placed = modulesOf(ram, loaded);
    expect(placed.map((module) => module.string)).toEqual(["one x y", "empty", "two"]);
    expect(placed.map((module) => module.start)).toEqual([0x10_3000, 0x10_5000, 0x10_6000]);
    expect(placed.map((module) => module.end - module.start)).toEqual([5000, 0, 10]);
    expect(ram.read(placed[0].start, 5000)).toEqual(pattern(5000, 3));
    expect(ram.read(placed[2].start, 10)).toEqual(pattern(10, 4));
  });

  it("keeps information out of the first 64 KiB and off every other region", () => {
    const { loaded } = load({ image: multibootElf() });
    const info = loaded.regions.find((region) => region.name === "multiboot information")!;
    expect(info.hpa).toBeGreaterThanOrEqual(0x1_0000);
    let end = 0;
    for (const region of loaded.regions) {
      expect(region.hpa).toBeGreaterThanOrEqual(end);
      end = region.hpa + region.length;
    }
  });

  it("puts information above 1 MiB when the image fills conventional memory", () => {
    const content = new Uint8Array(0x100).fill(1);
    content.set(multibootHeader(ADDRESSES, [0x1000, 0x1000, 0x1100, 0x9fc00, 0x1000]));
    const { loaded } = load({ image: content });
    expect(loaded.start.gpr[GPR.RBX]).toBeGreaterThanOrEqual(MIB);
  });

  it("remarks that a video mode is not set", () => {
    expect(load({ image: multibootElf(4) }).loaded.notes.join()).toMatch(/video mode/);
    expect(load({ image: multibootElf(3) }).loaded.notes).toEqual([]);
  });

  it("takes an ELF64 file in 32-bit mode and says so", () => {
    const { loaded } = load({ image: multibootElf(0, 64, 64) });
    expect(loaded.start.mode).toBe("protected32");
    expect(loaded.notes.join()).toMatch(/ELF64 image, entered in 32-bit mode/);
  });

  it.each([3, 7, 15])("refuses required feature bit %i", (bit) => {
    expectRefusal(
      { image: multibootElf(1 << bit) },
      new RegExp(`flag bits 0x${(1 << bit).toString(16)}`),
    );
  });

  it("accepts optional feature bits that it does not know", () => {
    expect(load({ image: multibootElf(0x4000_0000) }).loaded.start.rip).toBe(MIB + 12);
  });

  it("tells a wrong checksum from a missing header", () => {
    const image = multibootElf();
    image[0x54 + 8] ^= 1;
    expectRefusal({ image, format: "multiboot1" }, /header at 0x54 has a wrong checksum/);
    expectRefusal({ image: pattern(0x3000), format: "multiboot1" }, /no multiboot 1 header/);
  });

  it("searches 8 KiB at multiples of 4 and no further", () => {
    const at = (offset: number) => {
      const header = multibootHeader(ADDRESSES, [MIB + offset, MIB, 0, 0, MIB]);
      return new ImageBuilder(0x2100).put(offset, header).bytes;
    };
    expect(load({ image: at(8192 - 32) }).loaded.format).toBe("multiboot1");
    expectRefusal({ image: at(8192 - 28), format: "multiboot1" }, /address fields pass the first/);
    expectRefusal({ image: at(8192), format: "multiboot1" }, /no multiboot 1 header/);
    expectRefusal({ image: at(0x102), format: "multiboot1" }, /no multiboot 1 header/);
  });

  it("refuses a command line that is too long or holds a NUL", () => {
    const image = multibootElf();
    expectRefusal({ image, options: { cmdline: "x".repeat(4096) } }, /limit is 4096: shorten/);
    expectRefusal({ image, options: { cmdline: "a\0b" } }, /NUL character/);
    const name = "k";
    const fits = load({ image, options: { name, cmdline: "x".repeat(4094) } });
    expect(fits.ram.string(fits.ram.u32(fits.loaded.start.gpr[GPR.RBX] + 16)).length).toBe(4096);
  });

  it("refuses modules that do not fit, or are too many", () => {
    const big = { name: "big", bytes: new Uint8Array(MIB) };
    expectRefusal(
      { image: multibootElf(), options: { modules: [big] }, mib: 2 },
      /no free RAM for module big/,
    );
    const many = Array.from({ length: 65 }, () => ({ name: "m", bytes: pattern(1) }));
    expectRefusal(
      { image: multibootElf(), options: { modules: many } },
      /65 modules, the limit is 64/,
    );
    const long = { name: "m", bytes: pattern(1), cmdline: "x".repeat(4095) };
    expectRefusal(
      { image: multibootElf(), options: { modules: [long] } },
      /command line of module m/,
    );
  });

  it("keeps its message on one line whatever a module is called", () => {
    const modules = [{ name: "a\n\u001bb", bytes: new Uint8Array(2 * MIB) }];
    expectRefusal({ image: multibootElf(), options: { modules }, mib: 2 }, /module a b /);
  });

  it("refuses an initrd", () => {
    expectRefusal({ image: multibootElf(), options: { initrd: pattern(1) } }, /initrd/);
  });
});

describe("multiboot 1 with address fields", () => {
  it("loads a raw image where its header says", () => {
    const { ram, loaded } = load({ image: rawImage() });
    expect(ram.read(MIB, 0x200)).toEqual(rawImage());
    expect(ram.read(MIB + 0x200, 0xe00).every((byte) => byte === 0)).toBe(true);
    expect(ram.u8(MIB + 0x1000)).toBe(0xee);
    expect(loaded.start.rip).toBe(MIB + 0x80);
  });

  it("loads from the middle of the file when load_addr says so", () => {
    const image = rawImage({ header: MIB, loadEnd: 0 });
    const { ram } = load({ image });
    expect(ram.read(MIB, 0x1c0)).toEqual(image.subarray(HEADER_AT));
  });

  it("loads to the end of the file and clears nothing when the ends are 0", () => {
    const { ram } = load({ image: rawImage({ loadEnd: 0, bssEnd: 0 }) });
    expect(ram.read(MIB + 0x1ff, 2)[1]).toBe(0xee);
    expect(ram.u8(MIB + 0x1ff)).toBe(pattern(0x200)[0x1ff]);
  });

  it.each([
    ["load_addr above header_addr", { load: MIB + 0x44 }, /header_addr .* correct them/],
    ["a start before the file", { header: MIB + 0x44 }, /do not fit the header/],
    ["load_end_addr at load_addr", { loadEnd: MIB }, /load_end_addr .* not above/],
    ["load_end_addr past the file", { loadEnd: MIB + 0x201 }, /truncated image/],
    ["bss_end_addr inside the image", { bssEnd: MIB + 0x1ff }, /bss_end_addr .* below the end/],
    ["bss_end_addr above RAM", { bssEnd: 0xf000_0000 }, /outside RAM/],
    ["an entry before the image", { entry: MIB - 1 }, /entry_addr/],
    ["an entry behind the image", { entry: MIB + 0x200 }, /entry_addr/],
    [
      "an image on reserved memory",
      { header: 0xa_0040, load: 0xa_0000, loadEnd: 0, bssEnd: 0, entry: 0xa_0000 },
      /reserved memory/,
    ],
  ])("refuses %s", (_name, addresses, message) => {
    expectRefusal({ image: rawImage(addresses) }, message);
  });

  it("is refused when cut at any byte", () => {
    const image = rawImage();
    for (let length = 0; length < image.length; length += 1) {
      expectRefusal(
        { image: image.subarray(0, length), format: "multiboot1" },
        /truncated image|no multiboot 1 header/,
      );
    }
  });

  it("refuses a raw image without address fields", () => {
    const image = new ImageBuilder(0x100).put(0, multibootHeader()).bytes;
    expectRefusal({ image }, /no ELF file and its header has no addresses/);
  });
});
