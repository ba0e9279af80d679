/** Symbol look-ups in ELF images. */

import { describe, expect, it } from "vitest";
import { buildElf, pattern, type SymbolSpec } from "./images.ts";
import { load } from "./refusal.ts";

const segments = [{ paddr: 0x20_0000, content: pattern(64) }];

function symbolsOf(symbols: readonly SymbolSpec[], bits: 32 | 64 = 64) {
  const image = buildElf({ bits, entry: 0x20_0000, segments, symbols });
  return { image, table: load({ image }).loaded.symbols! };
}

const three: readonly SymbolSpec[] = [
  { name: "later", value: 0x20_0020, size: 8 },
  { name: "_start", value: 0x20_0000, size: 16 },
  { name: "middle", value: 0x20_0010 },
];

describe.each([32, 64] as const)("symbols of ELF%i", (bits) => {
  it("finds the last symbol at or below an address", () => {
    const { table } = symbolsOf(three, bits);
    const at = (lo: number) => table.nearest({ hi: 0, lo });
    expect(table.count).toBe(3);
    expect(at(0x1f_ffff)).toBeUndefined();
    expect(at(0x20_0000)).toEqual({ name: "_start", offset: 0, size: 16 });
    expect(at(0x20_000f)).toEqual({ name: "_start", offset: 15, size: 16 });
    expect(at(0x20_0010)).toEqual({ name: "middle", offset: 0, size: 0 });
    expect(at(0x9000_0000)).toEqual({ name: "later", offset: 0x8fdf_ffe0, size: 8 });
  });

  it("finds an address by name", () => {
    const { table } = symbolsOf(three, bits);
    expect(table.addressOf("middle")).toEqual({ hi: 0, lo: 0x20_0010 });
    expect(table.addressOf("midd")).toBeUndefined();
    expect(table.addressOf("toString")).toBeUndefined();
  });

  it("leaves out undefined, section, file and nameless symbols", () => {
    const { table } = symbolsOf(
      [
        { name: "undefined_one", value: 1, section: 0 },
        { name: "a_section", value: 2, type: 3 },
        { name: "a_file", value: 3, type: 4, section: 0xfff1 },
        { name: "", value: 4 },
        { name: "real", value: 5 },
      ],
      bits,
    );
    expect(table.count).toBe(1);
    expect(table.nearest({ hi: 0, lo: 9 })?.name).toBe("real");
  });
});

describe("ELF symbols", () => {
  it("prefers a function, then a global name, at one address", () => {
    const { table } = symbolsOf([
      { name: "function", value: 16, type: 2, bind: 0 },
      { name: "label", value: 16, type: 0 },
      { name: "object", value: 32, type: 1, bind: 1 },
      { name: "local", value: 32, type: 1, bind: 0 },
    ]);
    expect(table.nearest({ hi: 0, lo: 20 })?.name).toBe("function");
    expect(table.nearest({ hi: 0, lo: 40 })?.name).toBe("object");
  });

  it("orders addresses by all 64 bits", () => {
    const { table } = symbolsOf([
      { name: "high", value: 0xffff_ffff_8100_0000n },
      { name: "low", value: 0x9000_0000 },
    ]);
    expect(table.nearest({ hi: 0xffff_ffff, lo: 0x8100_0010 })).toMatchObject({
      name: "high",
      offset: 16,
    });
    expect(table.nearest({ hi: 0, lo: 0xa000_0000 })?.name).toBe("low");
    expect(table.addressOf("high")).toEqual({ hi: 0xffff_ffff, lo: 0x8100_0000 });
  });

  it("names nothing that is 4 GiB away", () => {
    const { table } = symbolsOf([{ name: "far", value: 0x1000 }]);
    expect(table.nearest({ hi: 1, lo: 0xfff })?.offset).toBe(0xffff_ffff);
    expect(table.nearest({ hi: 1, lo: 0x1000 })).toBeUndefined();
  });

  it("is empty for a stripped file", () => {
    const image = buildElf({ bits: 64, entry: 0x20_0000, segments });
    const table = load({ image }).loaded.symbols!;
    expect(table.count).toBe(0);
    expect(table.nearest({ hi: 0, lo: 0 })).toBeUndefined();
    expect(table.addressOf("x")).toBeUndefined();
  });

  it("is empty, not an error, when the section headers are cut off", () => {
    const { image } = symbolsOf(three);
    const table = load({ image: image.subarray(0, image.length - 64) }).loaded.symbols!;
    expect(table.count).toBe(0);
  });

  it("cuts names at 1024 bytes", () => {
    const { table } = symbolsOf([{ name: "n".repeat(5000), value: 16 }]);
    expect(table.nearest({ hi: 0, lo: 16 })?.name).toBe("n".repeat(1024));
  });
});
