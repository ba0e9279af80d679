/** Flat images and firmware. */

import { describe, expect, it } from "vitest";
import { type FlatOptions, GPR } from "../../src/loaders/loader.ts";
import { pattern } from "./images.ts";
import { expectRefusal, load } from "./refusal.ts";

const MIB = 1024 * 1024;
const image = pattern(512);

function flat(options: FlatOptions, mib = 64, bytes = image) {
  return load({ image: bytes, options: { flat: options }, mib });
}

describe("flat image", () => {
  it("starts a boot sector in real mode with its stack below it", () => {
    const { ram, loaded } = flat({ address: 0x7c00, mode: "real" });
    expect(ram.read(0x7c00, 512)).toEqual(image);
    const { start } = loaded;
    expect(start).toMatchObject({ mode: "real", rip: 0, rflags: 2, cr0: 0x10, efer: 0 });
    expect(start.segments.cs).toEqual({
      selector: 0x7c0,
      base: 0x7c00,
      limit: 0xffff,
      access: 0x93,
    });
    expect(start.segments.ds).toEqual(start.segments.cs);
    expect(start.segments.ss.selector).toBe(0);
    expect(start.gpr[GPR.RSP]).toBe(0x7c00);
    expect(start.idtr).toEqual({ base: 0, limit: 0x3ff });
  });

  it("keeps the low four bits of the address in IP", () => {
    const { start } = flat({ address: 0x8005, mode: "real", entry: 0x8010 }).loaded;
    expect([start.segments.cs.selector, start.rip]).toEqual([0x800, 0x10]);
  });

  it("finds a stack elsewhere when there is no room below", () => {
    const { start, regions } = flat({ address: 0x600, mode: "real" }).loaded;
    const stack = regions.find((region) => region.name === "stack")!;
    expect(start.segments.ss.base + start.gpr[GPR.RSP]).toBe(stack.hpa + stack.length);
    expect(start.gpr[GPR.RSP]).toBeLessThanOrEqual(0xffff);
    expect(stack.hpa + stack.length).toBe(0x9fc00);
  });

  it("starts 32-bit and 64-bit code like an ELF file", () => {
    const narrow = flat({ address: MIB, mode: "protected32", entry: MIB + 4 }).loaded.start;
    expect(narrow).toMatchObject({ mode: "protected32", rip: MIB + 4, cr0: 0x33 });
    const wide = flat({ address: 2 * MIB, mode: "long64" }).loaded.start;
    expect(wide).toMatchObject({ mode: "long64", rip: 2 * MIB, cr4: 0x620 });
  });

  it.each([
    ["an empty file", { address: 0x7c00, mode: "real" }, pattern(0), /empty/],
    ["a mode that does not exist", { address: 0x7c00, mode: "virtual" }, image, /mode virtual/],
    ["a negative address", { address: -1, mode: "real" }, image, /not an address/],
    ["half an address", { address: 0.5, mode: "long64" }, image, /not an address/],
    ["no address", { address: Number.NaN, mode: "long64" }, image, /not an address/],
    ["an entry before it", { address: 0x7c00, mode: "real", entry: 0 }, image, /outside the image/],
    ["an entry behind it", { address: 0, mode: "real", entry: 512 }, image, /outside the image/],
    ["a place above RAM", { address: 64 * MIB, mode: "long64" }, image, /outside RAM/],
    ["a place on ACPI tables", { address: 0xe_0000, mode: "long64" }, image, /reserved memory/],
    ["real mode above 1 MiB", { address: MIB, mode: "real" }, image, /real mode cannot reach/],
    [
      "a real-mode entry 64 KiB away",
      { address: 0x1000, mode: "real", entry: 0x1_1000 },
      pattern(0x1_1000),
      /real mode cannot reach 0x11000/,
    ],
    [
      "real mode without room for a stack",
      { address: 0, mode: "real" },
      new Uint8Array(0x9_fb00),
      /no free RAM for stack/,
    ],
    ["an entry above 4 GiB", { address: 2 ** 32, mode: "long64" }, image, /not below 4 GiB/],
  ])("is refused for %s", (_name, options, bytes, message) => {
    expectRefusal({ image: bytes, options: { flat: options as FlatOptions } }, message);
  });

  it("is refused without flat options", () => {
    expectRefusal({ image, format: "flat" }, /needs a load address and a mode/);
  });
});

describe("firmware", () => {
  it("ends at 4 GiB, with its last 128 KiB copied to end at 1 MiB", () => {
    const bytes = pattern(256 * 1024);
    const { ram, loaded } = load({ image: bytes, format: "bios" });
    expect(ram.writes).toEqual([]);
    expect(loaded.firmware!.rom.hpa).toBe(0xfffc_0000);
    expect(loaded.firmware!.rom.bytes).toEqual(bytes);
    expect(loaded.firmware!.lowCopy.hpa).toBe(0xe_0000);
    expect(loaded.firmware!.lowCopy.bytes).toEqual(bytes.subarray(128 * 1024));
  });

  it("copies all of a 64-KiB image", () => {
    const { firmware } = load({ image: pattern(64 * 1024), format: "bios" }).loaded;
    expect(firmware!.rom.hpa).toBe(0xffff_0000);
    expect(firmware!.lowCopy.hpa).toBe(0xf_0000);
    expect(firmware!.lowCopy.bytes.length).toBe(64 * 1024);
  });

  it("starts at the reset vector", () => {
    const { start } = load({ image: pattern(64 * 1024), format: "bios" }).loaded;
    expect(start).toMatchObject({ mode: "reset", rip: 0xfff0, rflags: 2, cr0: 0x6000_0010 });
    expect(start.segments.cs).toEqual({
      selector: 0xf000,
      base: 0xffff_0000,
      limit: 0xffff,
      access: 0x93,
    });
    expect(start.idtr).toEqual({ base: 0, limit: 0xffff });
  });

  it.each([0, 1, 65_535, 65_537, 98_304, 17 * MIB])("is refused at %i bytes", (length) => {
    expectRefusal({ image: new Uint8Array(length).fill(1), format: "bios" }, /multiple of 64 KiB/);
  });

  it.each([0x00, 0xff])("is refused when its reset vector is all %i", (value) => {
    const bytes = pattern(64 * 1024).fill(value, 65_520);
    expectRefusal({ image: bytes, format: "bios" }, /no code at its reset vector/);
  });

  it("takes 16 MiB", () => {
    const bytes = new Uint8Array(16 * MIB).fill(0x90);
    expect(load({ image: bytes, format: "bios" }).loaded.firmware!.rom.hpa).toBe(0xff00_0000);
  });
});
