/** Randomly damaged images load soundly or end in an ImageError that leaves memory untouched. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ImageError,
  type ImageFormat,
  type LoadedImage,
  type LoadOptions,
  loadAs,
  loadImage,
} from "../../src/loaders/loader.ts";
import {
  buildBzImage,
  buildElf,
  multibootElf,
  multibootHeader,
  pattern,
  pvhElf,
} from "./images.ts";
import { RecordedRam } from "./recorded-ram.ts";

const symbols = [
  { name: "_start", value: 0x20_0000 },
  { name: "end", value: 0x20_0040 },
];
const segments = [
  { paddr: 0x20_0000, content: pattern(64), memBytes: 0x100 },
  { paddr: 0x30_0000, content: pattern(32), memBytes: 0x40 },
];
const rawMultiboot = new Uint8Array(96);
rawMultiboot.set(multibootHeader(1 << 16, [0x10_0000, 0x10_0000, 0, 0x10_1000, 0x10_0020]));

const seeds: readonly (readonly [string, ImageFormat, Uint8Array])[] = [
  ["multiboot ELF32", "multiboot1", multibootElf()],
  ["multiboot ELF64", "multiboot1", multibootElf(1, 32, 64)],
  ["raw multiboot", "multiboot1", rawMultiboot],
  ["ELF32", "elf", buildElf({ bits: 32, entry: 0x20_0000, segments, symbols })],
  ["ELF64", "elf", buildElf({ bits: 64, entry: 0x20_0000, segments, symbols })],
  ["PVH", "pvh", pvhElf()],
  ["bzImage", "bzimage", buildBzImage({ setupSects: 1 })],
  ["firmware", "bios", pattern(64 * 1024)],
];

/** Bytes that break bounds more often than random ones do. */
const nastyByte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255));

/** A value that is absent half of the time. */
function maybe<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(value, { nil: undefined, freq: 2 });
}

/** Headers decide, so half of the changes go there; some images are cut. */
const damage = fc.record({
  changes: fc.array(
    fc.record({
      at: fc.oneof(fc.nat(0x280), fc.nat(0xffff)),
      width: fc.constantFrom(1, 2, 4, 8),
      byte: nastyByte,
    }),
    { minLength: 1, maxLength: 6 },
  ),
  cut: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, fc.nat(0xffff)),
});

const optionsOf = fc.record({
  cmdline: maybe(fc.string({ maxLength: 300 })),
  modules: maybe(
    fc.array(fc.record({ name: fc.string(), bytes: fc.uint8Array({ maxLength: 9000 }) }), {
      maxLength: 3,
    }),
  ),
  initrd: maybe(fc.uint8Array({ maxLength: 9000 })),
});

function apply(image: Uint8Array, { changes, cut }: { changes: readonly Change[]; cut: Cut }) {
  const bytes = image.slice(0, cut === null ? image.length : cut % (image.length + 1));
  for (const { at, width, byte } of changes) {
    const start = at % (bytes.length + 1);
    bytes.fill(byte, start, start + width);
  }
  return bytes;
}

type Cut = number | null;
interface Change {
  readonly at: number;
  readonly width: number;
  readonly byte: number;
}

/** Runs a load that may fail, and checks what holds either way. Gives the image if it loaded. */
function tryLoad(run: (ram: RecordedRam) => LoadedImage): LoadedImage | undefined {
  const ram = new RecordedRam(32);
  let loaded: LoadedImage;
  try {
    loaded = run(ram);
  } catch (error) {
    expect(error).toBeInstanceOf(ImageError);
    expect((error as ImageError).message).not.toContain("\n");
    expect(ram.writes).toEqual([]);
    return undefined;
  }
  checkLoaded(loaded, ram);
  return loaded;
}

function checkLoaded(loaded: LoadedImage, ram: RecordedRam): void {
  let end = 0;
  for (const region of loaded.regions) {
    expect(region.hpa).toBeGreaterThanOrEqual(end);
    end = region.hpa + region.length;
  }
  expect(end).toBeLessThanOrEqual(ram.ramBytes);
  for (const value of [loaded.start.rip, ...loaded.start.gpr]) {
    expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
  }
  if (loaded.symbols) {
    expect(loaded.symbols.count).toBeLessThan(100);
    loaded.symbols.nearest({ hi: 0, lo: 0x20_0010 });
    loaded.symbols.addressOf("_start");
  }
}

describe("a damaged image", () => {
  it.each(seeds)("%s: loads soundly or ends in an ImageError", (_name, format, image) => {
    let loadedCount = 0;
    let refusedCount = 0;
    fc.assert(
      fc.property(damage, optionsOf, fc.boolean(), (harm, options: LoadOptions, forced) => {
        const bytes = apply(image, harm);
        const loaded = tryLoad((ram) =>
          forced ? loadAs(format, ram, bytes, options) : loadImage(ram, bytes, options),
        );
        if (loaded) loadedCount += 1;
        else refusedCount += 1;
      }),
      { numRuns: 400, seed: 20_260_801 },
    );
    // Damage that never loads, or never fails, would test one half only.
    expect(refusedCount).toBeGreaterThan(0);
    expect(loadedCount).toBeGreaterThan(0);
  });

  it("flat options of any kind load soundly or end in an ImageError", () => {
    const address = fc.oneof(fc.nat(0x80_0000), fc.integer(), fc.double());
    const flat = fc.record({
      address,
      mode: fc.constantFrom("real", "protected32", "long64"),
      entry: maybe(address),
    });
    fc.assert(
      fc.property(flat, fc.uint8Array({ maxLength: 100 }), (options, bytes) => {
        tryLoad((ram) => loadImage(ram, bytes, { flat: options as LoadOptions["flat"] }));
      }),
      { numRuns: 500, seed: 7 },
    );
  });

  it("random bytes of any format end in an ImageError or load soundly", () => {
    const formats = fc.constantFrom<ImageFormat>("multiboot1", "elf", "bzimage", "pvh", "bios");
    fc.assert(
      fc.property(formats, fc.uint8Array({ maxLength: 700 }), (format, bytes) => {
        tryLoad((ram) => loadAs(format, ram, bytes));
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});
