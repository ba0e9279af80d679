/** PCI configuration: mechanism 1, the functions present, what they steer, the reset register. */
import { describe, expect, it } from "vitest";
import { PciHost } from "../../src/devices/pci.ts";
import { PciFunction } from "../../src/devices/pci-function.ts";
import { ResetControl } from "../../src/devices/reset-control.ts";
import { PortBus } from "./helpers.ts";

function machine(south = true) {
  const resetControl = new ResetControl();
  const resets: string[] = [];
  resetControl.onReset = (kind) => resets.push(kind);
  const pci = new PciHost({ south, resetControl });
  const io = new PortBus(pci.ports);
  const select = (device: number, fn: number, register: number, bus = 0) => {
    const address = 0x80000000 + bus * 0x10000 + device * 0x800 + fn * 0x100 + (register & 0xfc);
    io.bus.writePort(0xcf8, 4, address);
  };
  const get = (device: number, fn: number, register: number, size: 1 | 2 | 4 = 4) => {
    select(device, fn, register);
    return io.bus.readPort(0xcfc + (register & 3), size);
  };
  const put = (device: number, fn: number, register: number, size: 1 | 2 | 4, value: number) => {
    select(device, fn, register);
    io.bus.writePort(0xcfc + (register & 3), size, value);
  };
  return { pci, io, resets, select, get, put };
}

describe("PciHost", () => {
  it("answers for its functions and with ones elsewhere", () => {
    const { get, select, io } = machine();
    expect(get(0, 0, 0)).toBe(0x12378086);
    expect(get(1, 0, 0)).toBe(0x70008086);
    expect(get(1, 3, 0)).toBe(0x71138086);
    expect(get(0, 0, 0x0a, 2)).toBe(0x0600);
    expect(get(1, 0, 0x0e, 1)).toBe(0x80);
    for (const [device, fn] of [
      [1, 1],
      [0, 1],
      [31, 7],
    ]) {
      expect(get(device, fn, 0)).toBe(0xffffffff);
    }
    select(0, 0, 0, 1);
    expect(io.bus.readPort(0xcfc, 2)).toBe(0xffff);
    io.bus.writePort(0xcf8, 4, 0);
    expect(io.bus.readPort(0xcfc, 4)).toBe(0xffffffff);
  });

  it("shows firmware an SMI handler in place, for there is no SMM to install one", () => {
    const { get } = machine();
    expect(get(1, 3, 0x58) & (1 << 25)).not.toBe(0);
  });

  it("takes the address by words only and reads it back without reserved bits", () => {
    const { io } = machine();
    io.bus.writePort(0xcf8, 4, 0xffffffff);
    expect(io.bus.readPort(0xcf8, 4)).toBe(0x80fffffc);
    io.bus.writePort(0xcf8, 1, 0);
    io.bus.writePort(0xcf8, 2, 0);
    expect(io.bus.readPort(0xcf8, 4)).toBe(0x80fffffc);
  });

  it("keeps identity read-only and tells of memory attributes", () => {
    const { pci, get, put } = machine();
    const told: [number, number][] = [];
    pci.onPam = (index, value) => told.push([index, value]);
    put(0, 0, 0, 4, 0);
    expect(get(0, 0, 0)).toBe(0x12378086);
    put(0, 0, 0x58, 4, 0x33221100);
    expect(told).toEqual([
      [0, 0x11],
      [1, 0x22],
      [2, 0x33],
    ]);
    expect(get(0, 0, 0x59, 1)).toBe(0x11);
    put(0, 0, 0x3c, 1, 11);
    expect(get(0, 0, 0x3c, 1)).toBe(11);
  });

  it("tells where the power-management ports lie", () => {
    const { pci, get, put } = machine();
    const told: [number, boolean][] = [];
    pci.onPmBase = (base, enabled) => told.push([base, enabled]);
    expect(get(1, 3, 0x40)).toBe(0x601);
    put(1, 3, 0x40, 4, 0xb03f);
    expect(get(1, 3, 0x40)).toBe(0xb001);
    put(1, 3, 0x80, 1, 0);
    put(1, 3, 0x40, 4, 0);
    put(1, 3, 0x80, 1, 1);
    expect(told).toEqual([
      [0xb000, true],
      [0xb000, false],
      [0, false],
      [0, false],
    ]);
    pci.reset();
    expect(told.at(-1)).toEqual([0x600, true]);
  });

  it("passes byte accesses at 0xcf9 to the reset register", () => {
    const { io, resets, select } = machine();
    select(0, 0, 0);
    io.out(0xcf9, 0, 4);
    expect(resets).toEqual(["init"]);
    io.out(0xcf9, 4);
    expect(resets).toHaveLength(1);
    io.out(0xcf9, 2, 6);
    expect(resets).toEqual(["init", "hard"]);
    expect(io.in(0xcf9)).toBe(6);
    expect(io.bus.readPort(0xcf8, 4)).toBe(0x80000000);
  });

  it("takes further functions and leaves the south bridge out when told", () => {
    const { pci, get } = machine(false);
    expect(get(1, 0, 0)).toBe(0xffffffff);
    const card = new PciFunction({ vendor: 0x1234, device: 0x5678, classCode: 0xff0000 });
    pci.addFunction(5, 0, card);
    expect(get(5, 0, 0)).toBe(0x56781234);
    expect(() => pci.addFunction(5, 0, card)).toThrow(/exists/);
    expect(() => pci.addFunction(32, 0, card)).toThrow(RangeError);
    pci.removeFunction(5, 0);
    expect(get(5, 0, 0)).toBe(0xffffffff);
  });

  it("restores its registers and tells of them", () => {
    const { pci, put } = machine();
    put(0, 0, 0x59, 1, 0x30);
    put(1, 3, 0x40, 4, 0xc001);
    const saved = structuredClone(pci.snapshot());
    const other = machine();
    const bases: number[] = [];
    const attributes: number[] = [];
    other.pci.onPmBase = (base) => bases.push(base);
    other.pci.onPam = (_index, value) => attributes.push(value);
    other.pci.restore(saved);
    expect(bases).toEqual([0xc000]);
    expect(attributes[0]).toBe(0x30);
    expect(other.get(0, 0, 0x59, 1)).toBe(0x30);
  });
});
