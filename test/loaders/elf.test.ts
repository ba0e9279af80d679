/** ELF executables by their entry point: placement, start state, refusals. */

import { describe, expect, it } from "vitest";
import { GPR } from "../../src/loaders/loader.ts";
import { buildElf, type ElfSpec, pattern, type SegmentSpec } from "./images.ts";
import { expectRefusal, load } from "./refusal.ts";

const MIB = 1024 * 1024;

function elf(segments: readonly SegmentSpec[], rest: Partial<ElfSpec> = {}): Uint8Array {
  return buildElf({ bits: 64, entry: 0x20_0000, segments, ...rest });
}

const code = { paddr: 0x20_0000, content: pattern(100), memBytes: 0x1800 };

describe.each([32, 64] as const)("ELF%i by its entry point", (bits) => {
  it("puts segments at their physical addresses and clears the rest", () => {
    const data = { paddr: 0x30_0000, vaddr: 0x80_0000, content: pattern(10, 2), memBytes: 20 };
    const { ram, loaded } = load({ image: elf([code, data], { bits }) });
    expect(loaded.format).toBe(`elf${bits}`);
    expect(ram.read(0x20_0000, 100)).toEqual(pattern(100));
    expect(ram.read(0x20_0064, 0x1800 - 100).every((byte) => byte === 0)).toBe(true);
    expect(ram.u8(0x20_1800)).toBe(0xee);
    expect(ram.read(0x30_0000, 10)).toEqual(pattern(10, 2));
    expect(ram.read(0x30_000a, 11)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xee));
  });

  it("turns a linear entry point into a physical one", () => {
    const linked = { ...code, vaddr: 0xc000_0000 };
    const { loaded } = load({ image: elf([linked], { bits, entry: 0xc000_0010 }) });
    expect(loaded.start.rip).toBe(0x20_0010);
  });

  it("takes linear addresses when the file has no physical ones", () => {
    const linear = { ...code, paddr: 0, vaddr: 0x20_0000 };
    const { ram, loaded } = load({ image: elf([linear], { bits }) });
    expect(ram.read(0x20_0000, 100)).toEqual(pattern(100));
    expect(loaded.start.rip).toBe(0x20_0000);
  });

  it("gives a stack in free RAM, aligned", () => {
    const { loaded } = load({ image: elf([code], { bits }) });
    const stack = loaded.regions.find((region) => region.name === "stack")!;
    expect(loaded.start.gpr[GPR.RSP]).toBe(stack.hpa + stack.length);
    expect(loaded.start.gpr[GPR.RSP] % 16).toBe(0);
    expect(stack.length).toBe(64 * 1024);
  });

  it("finds room in conventional memory when RAM is 1 MiB", () => {
    const low = { paddr: 0x1000, content: pattern(64) };
    const { loaded } = load({ image: elf([low], { bits, entry: 0x1000 }), mib: 1 });
    expect(Math.max(...loaded.regions.map((r) => r.hpa + r.length))).toBe(0x9fc00);
  });

  it("is refused when cut at any byte", () => {
    const image = elf([code], { bits });
    for (let length = 0; length < image.length; length += 1) {
      expectRefusal(
        { image: image.subarray(0, length), format: "elf" },
        /truncated image|not an ELF/,
      );
    }
  });

  const refusals: readonly (readonly [string, readonly SegmentSpec[], Partial<ElfSpec>, RegExp])[] =
    [
      ["has no segments", [], {}, /no program headers/],
      ["has no loadable segment", [{ ...code, type: 4 }], {}, /no loadable segment/],
      [
        "has only empty segments",
        [{ ...code, content: pattern(0), memBytes: 0 }],
        {},
        /no loadable/,
      ],
      [
        "has memsz below filesz",
        [{ ...code, memBytes: 99 }],
        {},
        /0x64 bytes in the file but 0x63/,
      ],
      ["lies above RAM", [{ ...code, paddr: 64 * MIB }], {}, /outside RAM.*more RAM/],
      ["reaches out of RAM", [{ ...code, memBytes: 0x7000_0000 }], {}, /outside RAM/],
      ["lies on the ACPI tables", [{ ...code, paddr: 0xe_0000 }], {}, /reserved memory/],
      ["crosses into the EBDA", [{ ...code, paddr: 0x9_fb00 }], {}, /reserved memory/],
      ["lies in the device hole", [{ ...code, paddr: 0xfee0_0000 }], {}, /outside RAM/],
      ["points outside the file", [{ ...code, offset: 0x8000 }], {}, /truncated image: segment 0/],
      [
        "has an entry in no segment",
        [code],
        { entry: 0x20_0064 },
        /entry point 0x200064 lies in no/,
      ],
      ["is position-independent", [code], { type: 3 }, /-no-pie/],
      ["is an object file", [code], { type: 1 }, /not an executable/],
      ["is for another processor", [code], { machine: 40 }, /machine 40 is not x86/],
      ["wraps around", [{ ...code, paddr: 0xffff_f000 }], {}, /wraps around|outside RAM/],
      [
        "overlaps by one byte",
        [code, { paddr: 0x20_17ff, content: pattern(4) }],
        {},
        /segment 1 at 0x2017ff-0x201803 overlaps segment 0/,
      ],
    ];
  it.each(refusals)("is refused when it %s", (_name, segments, rest, message) => {
    expectRefusal({ image: elf(segments, { bits, ...rest }), format: "elf" }, message);
  });

  it("is refused when it has 257 program headers", () => {
    const segments = Array.from({ length: 257 }, () => ({ type: 0 }));
    expectRefusal({ image: elf(segments, { bits }) }, /257 program headers, the limit is 256/);
  });

  it.each([
    ["command line", { cmdline: "x" }, /cannot hand over a command line/],
    ["modules", { modules: [{ name: "m", bytes: pattern(1) }] }, /cannot hand over modules/],
    ["initrd", { initrd: pattern(1) }, /cannot hand over an initrd/],
  ])("refuses a %s, which it cannot hand over", (_name, options, message) => {
    expectRefusal({ image: elf([code], { bits }), options }, message);
  });
});

describe("ELF32 start state", () => {
  it("is flat 32-bit protected mode with SSE", () => {
    const { ram, loaded } = load({ image: elf([code], { bits: 32 }) });
    const { start } = loaded;
    expect([start.mode, start.cr0, start.cr4, start.efer]).toEqual(["protected32", 0x33, 0x600, 0]);
    expect(start.segments.cs).toEqual({
      selector: 0x10,
      base: 0,
      limit: 0xffff_ffff,
      access: 0xc09b,
    });
    expect(ram.u64(start.gdtr.base + 0x10)).toBe(0xcf_9b00 * 2 ** 32 + 0xffff);
    expect(ram.u64(start.gdtr.base + 0x18)).toBe(0xcf_9300 * 2 ** 32 + 0xffff);
  });

  it("refuses a segment that wraps at 4 GiB", () => {
    const wrapping = { ...code, vaddr: 0xffff_f000 };
    expectRefusal({ image: elf([wrapping], { bits: 32 }) }, /wraps around/);
  });
});

describe("ELF64 start state", () => {
  it("is 64-bit mode with SSE", () => {
    const { start } = load({ image: elf([code]) }).loaded;
    expect([start.mode, start.cr0, start.cr4, start.efer]).toEqual([
      "long64",
      0x8000_0033,
      0x620,
      0x500,
    ]);
    expect(start.segments.cs).toMatchObject({ selector: 0x10, access: 0xa09b });
    expect(start.segments.ss).toMatchObject({ selector: 0x18, base: 0, access: 0xc093 });
    expect(start.rflags).toBe(2);
  });

  it("maps linear 0-4 GiB onto the same physical addresses", () => {
    const { ram, loaded } = load({ image: elf([code]) });
    const table = (entry: number) => Math.floor(entry / 4096) * 4096;
    const walk = (gla: number) => {
      const pml4e = ram.u64(loaded.start.cr3);
      const pdpte = ram.u64(table(pml4e) + Math.floor(gla / 2 ** 30) * 8);
      const pde = ram.u64(table(pdpte) + (Math.floor(gla / 2 ** 21) % 512) * 8);
      expect([pml4e % 4096, pdpte % 4096, pde % 4096]).toEqual([3, 3, 0x83]);
      return table(pde) + (gla % 2 ** 21);
    };
    for (const gla of [0, 0x20_0000, 0x7fff_ffff, 0x8000_0000, 0xc123_4567, 0xffff_ffff]) {
      expect(walk(gla)).toBe(gla);
    }
    expect(ram.u64(loaded.start.cr3 + 8)).toBe(0);
    expect(loaded.start.cr3 % 4096).toBe(0);
  });

  it("loads above 4 GiB but does not start there", () => {
    const high = { paddr: 2 ** 32, content: pattern(16) };
    const { ram } = load({ image: elf([code, high]), mib: 4096 });
    expect(ram.read(2 ** 32, 16)).toEqual(pattern(16));
    const image = elf([high], { entry: 2 ** 32 });
    expectRefusal({ image, mib: 4096 }, /entry point 0x100000000 is not below 4 GiB/);
  });

  it.each([
    ["physical", { paddr: 2n ** 64n - 1n, vaddr: 0 }],
    ["linear", { vaddr: 2n ** 64n - 1n }],
  ])("refuses a segment whose %s range wraps", (_name, addresses) => {
    expectRefusal({ image: elf([{ ...code, ...addresses }]) }, /wraps around/);
  });

  it.each(["offset", "fileBytes", "memBytes", "paddr"])("refuses an absurd %s", (field) => {
    const segment = { ...code, [field]: 2n ** 62n };
    expectRefusal({ image: elf([segment]) }, /is absurd/);
  });

  it("asks for load addresses when a high image has none", () => {
    const high = { ...code, paddr: 0, vaddr: 0xffff_ffff_8000_0000n };
    const image = elf([high], { entry: 0xffff_ffff_8000_0000n });
    expectRefusal({ image }, /no physical addresses.*AT\(\)/);
  });
});
