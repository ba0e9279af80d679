/** The memory map of a machine and the placement of regions in it. */

import { describe, expect, it } from "vitest";
import { e820, ramRanges } from "../../src/loaders/loader.ts";
import { Placement } from "../../src/loaders/placement.ts";
import { RecordedRam } from "./recorded-ram.ts";

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;

describe("memory map", () => {
  it("keeps RAM up to 3 GiB in one range", () => {
    expect(ramRanges(512 * MIB)).toEqual([{ hpa: 0, length: 512 * MIB }]);
    expect(ramRanges(3 * GIB)).toEqual([{ hpa: 0, length: 3 * GIB }]);
  });

  it("moves what is above 3 GiB to 4 GiB", () => {
    expect(ramRanges(5 * GIB)).toEqual([
      { hpa: 0, length: 3 * GIB },
      { hpa: 4 * GIB, length: 2 * GIB },
    ]);
  });

  it("lists usable and reserved memory by ascending address", () => {
    expect(e820(5 * GIB)).toEqual([
      { base: 0, length: 0x9fc00, type: 1 },
      { base: 0x9fc00, length: 0x400, type: 2 },
      { base: 0xe0000, length: 0x20000, type: 2 },
      { base: MIB, length: 3 * GIB - MIB, type: 1 },
      { base: 0xfec00000, length: 0x1000, type: 2 },
      { base: 0xfee00000, length: 0x100000, type: 2 },
      { base: 4 * GIB, length: 2 * GIB, type: 1 },
    ]);
  });

  it("has no upper memory with 1 MiB of RAM", () => {
    expect(e820(MIB).filter((entry) => entry.type === 1)).toEqual([
      { base: 0, length: 0x9fc00, type: 1 },
    ]);
  });

  it.each([0, -4096, MIB - 4096, MIB + 1, 1.5 * MIB + 0.5, Number.NaN, 2 ** 60])(
    "refuses RAM of %d bytes",
    (bytes) => {
      expect(() => ramRanges(bytes)).toThrow(/multiple of 4096 bytes and at least 1 MiB/);
    },
  );
});

describe("placement", () => {
  it("never gives out page 0 or reserved memory", () => {
    const placement = new Placement(MIB);
    expect(placement.place("low", 16, {})).toBe(0x1000);
    expect(placement.place("high", 16, { from: "high" })).toBe(0x9fbf0);
    expect(() => placement.place("much", 0x9f000, {})).toThrow(/no free RAM for much/);
  });

  it("fills gaps between claims exactly", () => {
    const placement = new Placement(2 * MIB);
    placement.claim("a", MIB, 0x1000);
    placement.claim("b", MIB + 0x2000, 0xfe000);
    expect(placement.place("gap", 0x1000, { min: MIB })).toBe(MIB + 0x1000);
    expect(() => placement.place("more", 1, { min: MIB })).toThrow(/no free RAM/);
  });

  it("aligns downwards when it searches from the high end", () => {
    const placement = new Placement(2 * MIB);
    placement.claim("top", 2 * MIB - 0x1800, 0x1800);
    const hpa = placement.place("x", 0x1000, { min: MIB, align: 0x1000, from: "high" });
    expect(hpa).toBe(2 * MIB - 0x3000);
  });

  it("tries its choices in turn and keeps to their limits", () => {
    const placement = new Placement(4 * MIB);
    const choices = [{ min: 0x8000, max: 0x9000 }, { min: MIB }] as const;
    expect(placement.place("one", 0x1000, ...choices)).toBe(0x8000);
    expect(placement.place("two", 0x1000, ...choices)).toBe(MIB);
  });

  it("keeps regions sorted and refuses overlap by a single byte", () => {
    const placement = new Placement(4 * MIB);
    placement.claim("second", 0x3000, 0x1000);
    placement.claim("first", 0x1000, 0x2000);
    expect(placement.regions.map((region) => region.name)).toEqual(["first", "second"]);
    expect(() => placement.claim("third", 0x3fff, 1)).toThrow(/third .* overlaps second/);
    expect(() => placement.claim("fourth", 0xfff, 2)).toThrow(/fourth .* overlaps first/);
  });

  it("claims usable memory to its last byte and not one more", () => {
    const placement = new Placement(2 * MIB);
    expect(() => placement.claim("a", 0x9f000, 0xc01)).toThrow(/reserved memory/);
    expect(() => placement.claim("b", 2 * MIB - 1, 2)).toThrow(/outside RAM/);
    expect(() => placement.claim("c", MIB - 1, 2)).toThrow(/reserved memory/);
    placement.claim("d", 0x9f000, 0xc00);
    placement.claim("e", MIB, MIB);
    expect(placement.regions.map((region) => region.name)).toEqual(["d", "e"]);
  });

  it("refuses a write outside all regions as a fault of the loader", () => {
    const placement = new Placement(4 * MIB);
    placement.claim("a", 0x1000, 0x1000);
    expect(() => placement.write(0x1fff, new Uint8Array(2))).toThrow(/outside every region/);
  });

  it("writes nothing before it commits", () => {
    const ram = new RecordedRam(4);
    const placement = new Placement(ram.ramBytes);
    placement.addPiece({ name: "p", hpa: 0x2000, bytes: Uint8Array.of(1, 2), memBytes: 4 });
    expect(ram.writes).toEqual([]);
    placement.commit(ram);
    expect([...ram.read(0x1fff, 6)]).toEqual([0xee, 1, 2, 0, 0, 0xee]);
  });
});
