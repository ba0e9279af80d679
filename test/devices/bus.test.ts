/** Dispatch of accesses: claims, splitting, what nobody answers, counters. */
import { describe, expect, it } from "vitest";
import { Bus } from "../../src/devices/bus.ts";
import type { AccessSize, MmioRange, PortRange } from "../../src/devices/device.ts";

interface Access {
  readonly at: number;
  readonly size: number;
  readonly value?: number;
}

function ports(name: string, first: number, last: number, widest: AccessSize, log: Access[] = []) {
  const range: PortRange = {
    first,
    last,
    widest,
    name,
    readPort(port, size) {
      log.push({ at: port, size });
      return 0x44332211 + port - first;
    },
    writePort(port, size, value) {
      log.push({ at: port, size, value });
    },
  };
  return range;
}

function memory(name: string, hpa: number, length: number, log: Access[] = []): MmioRange {
  return {
    hpa,
    length,
    name,
    readMmio(offset, size) {
      log.push({ at: offset, size });
      return 0xaabbccdd;
    },
    writeMmio(offset, size, value) {
      log.push({ at: offset, size, value });
    },
  };
}

describe("Bus ports", () => {
  it("reads ones and drops writes where nothing is claimed", () => {
    const bus = new Bus();
    expect(bus.readPort(0x1234, 1)).toBe(0xff);
    expect(bus.readPort(0x1234, 2)).toBe(0xffff);
    expect(bus.readPort(0x1234, 4)).toBe(0xffffffff);
    bus.writePort(0x1234, 4, 7);
    expect(bus.portUse()).toEqual([{ port: 0x1234, name: undefined, reads: 3, writes: 1 }]);
  });

  it("hands a wide access over whole where the device takes it", () => {
    const log: Access[] = [];
    const bus = new Bus();
    bus.addPorts(ports("wide", 0xcf8, 0xcff, 4, log));
    expect(bus.readPort(0xcf8, 4)).toBe(0x44332211);
    expect(bus.readPort(0xcf8, 2)).toBe(0x2211);
    bus.writePort(0xcfc, 2, 0xfffe1234);
    expect(log).toEqual([
      { at: 0xcf8, size: 4 },
      { at: 0xcf8, size: 2 },
      { at: 0xcfc, size: 2, value: 0x1234 },
    ]);
  });

  it("splits an access wider than the device, and one that crosses its end", () => {
    const log: Access[] = [];
    const bus = new Bus();
    bus.addPorts(ports("narrow", 0x60, 0x61, 1, log));
    expect(bus.readPort(0x60, 2)).toBe(0x1211);
    expect(bus.readPort(0x61, 4)).toBe(0xffffff12);
    bus.writePort(0x5f, 4, 0x04030201);
    expect(log.slice(3)).toEqual([
      { at: 0x60, size: 1, value: 2 },
      { at: 0x61, size: 1, value: 3 },
    ]);
  });

  it("lets nothing answer beyond port 0xffff", () => {
    const bus = new Bus();
    bus.addPorts(ports("first", 0, 3, 1));
    bus.addPorts(ports("last", 0xffff, 0xffff, 1));
    expect(bus.readPort(0xffff, 4)).toBe(0xffffff11);
    expect(bus.readPort(0xfffe, 2)).toBe(0x11ff);
    bus.writePort(0xfffd, 4, 0);
  });

  it("refuses overlapping and malformed claims, naming both devices", () => {
    const bus = new Bus();
    bus.addPorts(ports("COM1", 0x3f8, 0x3ff, 1));
    expect(() => bus.addPorts(ports("modem", 0x3ff, 0x400, 1))).toThrow(/modem.*COM1/);
    expect(bus.tryAddPorts(ports("modem", 0x3f0, 0x3f8, 1))).toBe(false);
    expect(() => bus.addPorts(ports("bad", 4, 3, 1))).toThrow(RangeError);
    expect(() => bus.addPorts(ports("bad", 0, 0x10000, 1))).toThrow(RangeError);
  });

  it("frees ports for another device and uses the slot again", () => {
    const bus = new Bus();
    const first = ports("one", 0x100, 0x103, 4);
    bus.addPorts(first);
    expect(bus.removePorts(first)).toBe(true);
    expect(bus.removePorts(first)).toBe(false);
    expect(bus.readPort(0x100, 1)).toBe(0xff);
    expect(bus.tryAddPorts(ports("two", 0x102, 0x105, 4))).toBe(true);
    expect(bus.rangeUse()).toHaveLength(1);
    expect(bus.readPort(0x102, 1)).toBe(0x11);
  });

  it("counts accesses by range and by port", () => {
    const bus = new Bus();
    bus.addPorts(ports("dev", 0x10, 0x1f, 1));
    bus.readPort(0x10, 1);
    bus.readPort(0x11, 1);
    bus.writePort(0x11, 1, 0);
    expect(bus.rangeUse()).toEqual([
      { kind: "port", name: "dev", first: 0x10, last: 0x1f, reads: 2, writes: 1 },
    ]);
    expect(bus.portUse()).toEqual([
      { port: 0x10, name: "dev", reads: 1, writes: 0 },
      { port: 0x11, name: "dev", reads: 1, writes: 1 },
    ]);
    bus.resetCounters();
    expect(bus.portUse()).toEqual([]);
    expect(bus.rangeUse()[0].reads).toBe(0);
  });
});

describe("Bus device memory", () => {
  it("finds ranges by page, also above 4 GiB", () => {
    const log: Access[] = [];
    const bus = new Bus();
    bus.addMmio(memory("low", 0xfec00000, 0x1000, log));
    bus.addMmio(memory("high", 0x40_0000_0000, 0x2000, log));
    expect(bus.readMmio(0xfec00010, 4)).toBe(0xaabbccdd);
    expect(bus.readMmio(0x40_0000_1ffc, 2)).toBe(0xccdd);
    bus.writeMmio(0xfec00000, 1, 0x1ff);
    expect(log).toEqual([
      { at: 0x10, size: 4 },
      { at: 0x1ffc, size: 2 },
      { at: 0, size: 1, value: 0xff },
    ]);
    expect(bus.hasMmio(0xfec00fff)).toBe(true);
    expect(bus.hasMmio(0xfec01000)).toBe(false);
  });

  it("splits an access over the end of a range and reads ones beyond", () => {
    const log: Access[] = [];
    const bus = new Bus();
    bus.addMmio(memory("page", 0x1000, 0x1000, log));
    expect(bus.readMmio(0x1ffe, 4)).toBe(0xffffccdd);
    expect(bus.readMmio(0x5000, 4)).toBe(0xffffffff);
    expect(bus.readMmio(0x5000, 2)).toBe(0xffff);
    bus.writeMmio(0xfff, 2, 0x1234);
    expect(log.at(-1)).toEqual({ at: 0, size: 1, value: 0x12 });
    expect(bus.unclaimedMmio()).toEqual({ reads: 3, writes: 1 });
  });

  it("refuses overlap, misalignment and giant ranges; removes at run time", () => {
    const bus = new Bus();
    const range = memory("hpet", 0xfed00000, 0x1000);
    bus.addMmio(range);
    expect(() => bus.addMmio(memory("bar", 0xfecff000, 0x2000))).toThrow(/bar.*hpet/);
    expect(bus.tryAddMmio(memory("bar", 0xfed00000, 0x1000))).toBe(false);
    expect(() => bus.addMmio(memory("odd", 0x10, 0x1000))).toThrow(RangeError);
    expect(() => bus.addMmio(memory("odd", 0, 0x2_0000_0000))).toThrow(RangeError);
    bus.readMmio(0xfed00000, 4);
    expect(bus.rangeUse()).toEqual([
      { kind: "mmio", name: "hpet", first: 0xfed00000, last: 0xfed00fff, reads: 1, writes: 0 },
    ]);
    expect(bus.removeMmio(range)).toBe(true);
    expect(bus.readMmio(0xfed00000, 4)).toBe(0xffffffff);
    expect(bus.mmioRanges()).toEqual([]);
  });
});
