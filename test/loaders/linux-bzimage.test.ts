/** Linux bzImages by the 64- and 32-bit boot protocol. */

import { describe, expect, it } from "vitest";
import { e820, GPR } from "../../src/loaders/loader.ts";
import { type BzImageSpec, buildBzImage, pattern } from "./images.ts";
import { expectRefusal, load } from "./refusal.ts";

const MIB = 1024 * 1024;

/** Offsets in the boot parameters, from the Linux boot protocol. */
const BP = {
  oldCommandLineMagic: 0x20,
  oldCommandLineOffset: 0x22,
  rsdp: 0x70,
  altMemKib: 0x1e0,
  e820Entries: 0x1e8,
  sentinel: 0x1ef,
  vidMode: 0x1fa,
  magic: 0x202,
  loader: 0x210,
  loadflags: 0x211,
  code32Start: 0x214,
  ramdiskImage: 0x218,
  ramdiskSize: 0x21c,
  heapEnd: 0x224,
  commandLine: 0x228,
  xloadflags: 0x236,
  e820Table: 0x2d0,
};

function boot(spec: BzImageSpec = {}, options = {}, mib = 64) {
  const { ram, loaded } = load({ image: buildBzImage(spec), options, mib });
  return { ram, loaded, params: loaded.start.gpr[GPR.RSI] };
}

describe("bzImage by the 64-bit protocol", () => {
  it("enters 512 bytes into the kernel in 64-bit mode", () => {
    const { ram, loaded } = boot();
    expect(loaded.format).toBe("bzimage64");
    expect(ram.read(MIB, 0x400)).toEqual(pattern(0x400));
    const { start } = loaded;
    expect(start).toMatchObject({
      mode: "long64",
      rip: MIB + 0x200,
      rflags: 2,
      cr0: 0x8000_0011,
      cr4: 0x20,
      efer: 0x500,
    });
    expect(start.segments.cs).toMatchObject({ selector: 0x10, base: 0, access: 0xa09b });
    for (const name of ["ds", "es", "ss"] as const) {
      expect(start.segments[name]).toMatchObject({ selector: 0x18, access: 0xc093 });
    }
    expect(ram.u64(start.gdtr.base + 0x10)).toBe(0xaf_9b00 * 2 ** 32 + 0xffff);
    expect(ram.u64(start.cr3) % 4096).toBe(3);
  });

  it("hands over a zero page with the setup header, the map and the loader's fields", () => {
    const { ram, params } = boot({}, { cmdline: "console=ttyS0" }, 128);
    expect(params % 4096).toBe(0);
    expect(ram.u32(params + BP.magic)).toBe(0x5372_6448);
    expect(ram.u8(params + BP.sentinel)).toBe(0);
    expect(ram.u8(params + BP.loader)).toBe(0xff);
    expect(ram.u8(params + BP.loadflags)).toBe(0x81);
    expect(ram.u16(params + BP.heapEnd)).toBe(0xde00);
    expect(ram.u16(params + BP.vidMode)).toBe(0xffff);
    expect(ram.u32(params + BP.code32Start)).toBe(MIB);
    expect(ram.u16(params + BP.xloadflags)).toBe(1);
    expect(ram.u32(params + BP.altMemKib)).toBe(127 * 1024);
    expect(ram.string(ram.u32(params + BP.commandLine))).toBe("console=ttyS0");
    expect(ram.u32(params + BP.ramdiskSize)).toBe(0);
    const entries = Array.from({ length: ram.u8(params + BP.e820Entries) }, (_, index) => {
      const at = params + BP.e820Table + index * 20;
      return { base: ram.u64(at), length: ram.u64(at + 8), type: ram.u32(at + 16) };
    });
    expect(entries).toEqual(e820(128 * MIB));
  });

  it("copies the header up to its end and no byte further", () => {
    const image = buildBzImage({ headerEnd: 0x26c });
    image.fill(0x77, 0x268, 0x300);
    const { ram, loaded } = load({ image });
    const params = loaded.start.gpr[GPR.RSI];
    expect([...ram.read(params + 0x26a, 4)]).toEqual([0x77, 0x77, 0, 0]);
    expect(ram.u8(params + 0x1f0)).toBe(0);
  });

  it("prefers the kernel's own address and keeps its memory free", () => {
    const spec = { prefAddress: 16 * MIB, initSize: 8 * MIB };
    const { ram, loaded, params } = boot(spec);
    expect(loaded.start.rip).toBe(16 * MIB + 0x200);
    expect(ram.u32(params + BP.code32Start)).toBe(16 * MIB);
    expect(loaded.regions.find((region) => region.name === "kernel")).toEqual({
      name: "kernel",
      hpa: 16 * MIB,
      length: 8 * MIB,
    });
  });

  it("puts the initrd as high as RAM allows", () => {
    const initrd = pattern(10_000, 5);
    const { ram, params } = boot({}, { initrd });
    const at = ram.u32(params + BP.ramdiskImage);
    expect(at).toBe(64 * MIB - 12288);
    expect(ram.u32(params + BP.ramdiskSize)).toBe(10_000);
    expect(ram.read(at, 10_000)).toEqual(initrd);
  });

  it("puts the initrd no higher than the kernel allows, nor above 3 GiB", () => {
    const initrd = pattern(0x1000);
    const below = boot({ initrdAddrMax: 0x1ff_ffff }, { initrd });
    expect(below.ram.u32(below.params + BP.ramdiskImage)).toBe(0x1ff_f000);
    const much = boot({ initrdAddrMax: 0xffff_ffff }, { initrd }, 8192);
    expect(much.ram.u32(much.params + BP.ramdiskImage)).toBe(0xbfff_f000);
  });

  it("tells where the ACPI root pointer lies from protocol 2.14 on", () => {
    const young = boot({ version: 0x20e }, { rsdpHpa: 0xe_0000 });
    expect(young.ram.u64(young.params + BP.rsdp)).toBe(0xe_0000);
    const old = boot({ version: 0x20d }, { rsdpHpa: 0xe_0000 });
    expect(old.ram.u64(old.params + BP.rsdp)).toBe(0);
  });

  it("loads what the header counts, not what was appended to the file", () => {
    const image = buildBzImage({ kernelBytes: 0x500, syssize: 0x40 });
    expect(load({ image }).ram.read(MIB + 0x3ff, 2)[1]).toBe(0);
  });

  it("accepts a file that ends inside the last 16 bytes", () => {
    expect(boot({ kernelBytes: 0x3f1 }).ram.u8(MIB + 0x3f0)).toBe(pattern(0x3f1)[0x3f0]);
    expectRefusal({ image: buildBzImage({ kernelBytes: 0x3f0, syssize: 0x40 }) }, /truncated/);
  });
});

describe("bzImage by the 32-bit protocol", () => {
  it("enters the kernel's first byte in flat protected mode", () => {
    const { ram, loaded } = boot({ xloadflags: 0 });
    expect(loaded.format).toBe("bzimage32");
    const { start } = loaded;
    expect(start).toMatchObject({ mode: "protected32", rip: MIB, cr0: 0x11, cr4: 0, efer: 0 });
    expect(start.segments.cs).toMatchObject({ selector: 0x10, access: 0xc09b });
    expect(start.segments.ds).toMatchObject({ selector: 0x18, access: 0xc093 });
    expect(ram.u64(start.gdtr.base + 0x10)).toBe(0xcf_9b00 * 2 ** 32 + 0xffff);
    expect(start.gdtr.limit).toBe(31);
    expect([GPR.RBX, GPR.RBP, GPR.RDI].map((index) => start.gpr[index])).toEqual([0, 0, 0]);
  });

  it("is used when asked for, or when the protocol is older than 2.12", () => {
    expect(boot({}, { protocol: "bzimage32" }).loaded.format).toBe("bzimage32");
    expect(boot({ version: 0x20b }).loaded.format).toBe("bzimage32");
    expectRefusal(
      { image: buildBzImage({ version: 0x20b }), options: { protocol: "bzimage64" } },
      /no 64-bit entry: use the protocol bzimage32/,
    );
  });

  it("takes four setup sectors when the header says 0", () => {
    expect(boot({ setupSects: 0 }).ram.read(MIB, 16)).toEqual(pattern(16));
  });

  it("speaks protocol 2.00, with the command line above 0x90000", () => {
    const spec = { version: 0x200, headerEnd: 0x224, prefAddress: 5, initSize: 0x7000_0000 };
    const { ram, params, loaded } = boot(spec, { cmdline: "root=/dev/ram" });
    expect(loaded.start.rip).toBe(MIB);
    expect(ram.u16(params + BP.oldCommandLineMagic)).toBe(0xa33f);
    const offset = ram.u16(params + BP.oldCommandLineOffset);
    expect(ram.string(0x9_0000 + offset)).toBe("root=/dev/ram");
    expect(ram.u32(params + BP.commandLine)).toBe(0);
  });

  it("gives a kernel older than 2.06 a command line of 255 bytes at most", () => {
    const image = buildBzImage({ version: 0x205 });
    expect(load({ image, options: { cmdline: "x".repeat(255) } }).loaded.format).toBe("bzimage32");
    expectRefusal({ image, options: { cmdline: "x".repeat(256) } }, /256 bytes long.*255/);
  });

  it("keeps an initrd for a kernel older than 2.03 below 0x38000000", () => {
    const spec = { version: 0x202, headerEnd: 0x22c };
    const { ram, params } = boot(spec, { initrd: pattern(16) }, 2048);
    expect(ram.u32(params + BP.ramdiskImage)).toBe(0x37ff_f000);
  });

  /** Header fields as memtest86+ 6.10 has them: protocol 2.12, not relocatable, 512-byte sectors. */
  it("starts an image with the header of memtest86+", () => {
    const spec = {
      version: 0x20c,
      headerEnd: 0x268,
      xloadflags: 0x9,
      cmdlineSize: 255,
      initrdAddrMax: 0xffff_ffff,
      initSize: 0x6_acf8,
      kernelBytes: 0x608,
    };
    const { ram, loaded, params } = boot(spec, { cmdline: "console=ttyS0,115200" });
    expect(loaded.format).toBe("bzimage64");
    expect(loaded.start.rip).toBe(0x10_0200);
    expect(ram.u32(params + BP.code32Start)).toBe(0x10_0000);
    expect(ram.string(ram.u32(params + BP.commandLine))).toBe("console=ttyS0,115200");
  });
});

describe("a bad bzImage", () => {
  const refusals: readonly (readonly [string, BzImageSpec, RegExp])[] = [
    ["an old protocol", { version: 0x1ff }, /older than 2.00/],
    ["a zImage", { loadflags: 0 }, /zImage/],
    ["a short header", { headerEnd: 0x263 }, /too early for protocol 0x20f/],
    ["a kernel of 0 bytes", { syssize: 0 }, /kernel of 0 bytes/],
    ["a truncated kernel", { syssize: 0x41 }, /truncated image: the kernel/],
    ["no 64-bit code", { kernelBytes: 0x200 }, /ends before its 64-bit entry/],
    ["a load address in low memory", { prefAddress: 0x9_0000 }, /not between 1 MiB and 4 GiB/],
    ["a load address beyond 4 GiB", { prefAddress: 2n ** 63n }, /not between 1 MiB and 4 GiB/],
    ["a load address above RAM", { prefAddress: 64 * MIB }, /outside RAM/],
    ["a load address in the device hole", { prefAddress: 0xfee0_0000 }, /outside RAM/],
    ["memory needs above RAM", { initSize: 0x7000_0000 }, /kernel at .* outside RAM.*more RAM/],
  ];
  it.each(refusals)("is refused for %s", (_name, spec, message) => {
    expectRefusal({ image: buildBzImage(spec) }, message);
  });

  it("is refused for options that cannot be met", () => {
    const image = buildBzImage();
    const refuse = (options: object, message: RegExp) => expectRefusal({ image, options }, message);
    refuse({ cmdline: "x".repeat(2048) }, /2048 bytes long, the limit is 2047/);
    refuse({ cmdline: "a\0" }, /NUL/);
    refuse({ initrd: new Uint8Array(63 * MIB) }, /no free RAM for initrd/);
    refuse({ modules: [{ name: "m", bytes: pattern(1) }] }, /modules/);
    refuse({ protocol: "pvh" }, /no PVH entry/);
    refuse({ rsdpHpa: -1 }, /ACPI root pointer/);
  });

  it("is refused when cut at any byte", () => {
    const image = buildBzImage({ setupSects: 1, kernelBytes: 0x300 });
    // The size is counted in units of 16 bytes, so only the last of them may be incomplete.
    for (let length = 0; length <= image.length - 16; length += 1) {
      expectRefusal({ image: image.subarray(0, length), format: "bzimage" }, /truncated image/);
    }
  });
});
