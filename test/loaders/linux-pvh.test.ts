/** ELF kernels by their PVH entry. */

import { describe, expect, it } from "vitest";
import { e820, GPR } from "../../src/loaders/loader.ts";
import { buildElf, elfNote, ImageBuilder, pattern, pvhElf } from "./images.ts";
import { expectRefusal, load } from "./refusal.ts";

const MIB = 1024 * 1024;

describe("PVH", () => {
  it("enters flat 32-bit protected mode at the address in the note", () => {
    const { ram, loaded } = load({ image: pvhElf() });
    expect(loaded.format).toBe("pvh");
    expect(loaded.start).toMatchObject({
      mode: "protected32",
      rip: 0x100_0010,
      rflags: 2,
      cr0: 0x11,
      cr4: 0,
    });
    expect(loaded.start.segments.tr).toEqual({ selector: 0, base: 0, limit: 0x67, access: 0x8b });
    expect(ram.read(0x100_0000, 96)).toEqual(pattern(96));
  });

  it("hands over start information of version 1", () => {
    const options = { cmdline: "console=ttyS0", rsdpHpa: 0xe_0010 };
    const { ram, loaded } = load({ image: pvhElf(), options, mib: 4096 });
    const info = loaded.start.gpr[GPR.RBX];
    expect(ram.u32(info)).toBe(0x336e_c578);
    expect(ram.u32(info + 4)).toBe(1);
    expect(ram.u32(info + 8)).toBe(0);
    expect(ram.u32(info + 12)).toBe(0);
    expect(ram.u64(info + 16)).toBe(0);
    expect(ram.string(ram.u64(info + 24))).toBe("console=ttyS0");
    expect(ram.u64(info + 32)).toBe(0xe_0010);
    const map = ram.u64(info + 40);
    const entries = Array.from({ length: ram.u32(info + 48) }, (_, index) => {
      const at = map + index * 24;
      return { base: ram.u64(at), length: ram.u64(at + 8), type: ram.u32(at + 16) };
    });
    expect(entries).toEqual(e820(4096 * MIB));
  });

  it("hands over the initrd as the first module", () => {
    const modules = [{ name: "other", bytes: pattern(20, 9), cmdline: "for xen" }];
    const initrd = pattern(5000, 8);
    const { ram, loaded } = load({ image: pvhElf(), options: { initrd, modules } });
    const info = loaded.start.gpr[GPR.RBX];
    expect(ram.u32(info + 12)).toBe(2);
    const list = ram.u64(info + 16);
    const [first, second] = [ram.u64(list), ram.u64(list + 32)];
    expect(ram.u64(list + 8)).toBe(5000);
    expect(first).toBe(64 * MIB - 8192);
    expect(ram.read(first, 5000)).toEqual(initrd);
    expect(ram.u64(list + 16)).toBe(0);
    expect(ram.read(second, 20)).toEqual(pattern(20, 9));
    expect(ram.string(ram.u64(list + 48))).toBe("for xen");
  });

  it("reads notes padded to 8 bytes and addresses of 4 bytes", () => {
    const desc = new ImageBuilder(4).u32(0, 0x100_0008).bytes;
    const other = elfNote("GNU", 5, pattern(12), 8);
    const entry = elfNote("Xen", 18, desc, 8);
    const content = new ImageBuilder(other.length + entry.length);
    content.put(0, other).put(other.length, entry);
    const image = buildElf({
      bits: 32,
      entry: 0x100_0000,
      segments: [
        { paddr: 0x100_0000, content: pattern(32) },
        { type: 4, content: content.bytes, align: 8 },
      ],
    });
    expect(load({ image }).loaded.start.rip).toBe(0x100_0008);
  });

  it.each([
    ["another owner", elfNote("Xem", 18, pattern(8))],
    ["another type", elfNote("Xen", 17, pattern(8))],
    ["too short an address", elfNote("Xen", 18, pattern(3))],
    ["a length beyond the segment", elfNote("Xen", 18, pattern(8)).subarray(0, 20)],
    ["a huge name", new ImageBuilder(32).u32(0, 0xffff_ffff).u32(4, 8).u32(8, 18).bytes],
  ])("does not take a note with %s for an entry", (_name, note) => {
    expect(load({ image: pvhElf(0x100_0010, note) }).loaded.format).toBe("elf64");
    expectRefusal({ image: pvhElf(0x100_0010, note), format: "pvh" }, /no PVH entry note/);
  });

  it("refuses an entry outside the image", () => {
    expectRefusal({ image: pvhElf(0x100_0060) }, /PVH entry point 0x1000060 lies in no segment/);
  });

  it("refuses what does not fit", () => {
    const image = pvhElf();
    const refuse = (options: object, message: RegExp) => expectRefusal({ image, options }, message);
    refuse({ cmdline: "x".repeat(4097) }, /limit is 4096/);
    refuse({ initrd: new Uint8Array(63 * MIB) }, /no free RAM for initrd/);
    refuse({ modules: [{ name: "m", bytes: pattern(1), cmdline: "a\0" }] }, /NUL/);
    refuse(
      { modules: Array.from({ length: 65 }, () => ({ name: "m", bytes: pattern(1) })) },
      /limit is 64/,
    );
    expectRefusal({ image, mib: 16 }, /segment 0 .* outside RAM/);
  });

  it("is refused when cut at any byte", () => {
    const image = pvhElf();
    for (let length = 0; length < image.length; length += 1) {
      expectRefusal({ image: image.subarray(0, length), format: "pvh" }, /truncated|not an ELF/);
    }
  });
});
