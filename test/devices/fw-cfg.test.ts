/** fw_cfg: items by port, the file directory, DMA, and what a hostile guest may ask for. */
import { describe, expect, it } from "vitest";
import { encodeE820, FW_CFG_KEY, FwCfg, type FwCfgMemory } from "../../src/devices/fw-cfg.ts";
import { PortBus } from "./helpers.ts";

const RAM_BYTES = 0x20000;

/** A little RAM whose transfers are counted. */
class TestRam implements FwCfgMemory {
  readonly bytes = new Uint8Array(RAM_BYTES);
  written = 0;

  read(gpa: number, into: Uint8Array): boolean {
    if (gpa + into.length > RAM_BYTES) return false;
    into.set(this.bytes.subarray(gpa, gpa + into.length));
    return true;
  }

  write(gpa: number, bytes: Uint8Array): boolean {
    if (gpa + bytes.length > RAM_BYTES) return false;
    this.bytes.set(bytes, gpa);
    this.written += bytes.length;
    return true;
  }
}

function machine(memory?: FwCfgMemory) {
  const fwCfg = new FwCfg({
    ramBytes: 5 * 2 ** 30,
    processors: 3,
    maxProcessors: 64,
    ...(memory === undefined ? {} : { memory }),
  });
  const io = new PortBus(fwCfg.ports);
  const select = (key: number) => io.bus.writePort(0x510, 2, key);
  const bytes = (count: number) => Array.from({ length: count }, () => io.in(0x511));
  const read = (key: number, count: number) => {
    select(key);
    return bytes(count);
  };
  return { fwCfg, io, select, bytes, read };
}

describe("FwCfg by port", () => {
  it("shows its signature, its interface and the machine", () => {
    const { read } = machine();
    expect(String.fromCharCode(...read(0, 4))).toBe("QEMU");
    expect(read(1, 4)).toEqual([1, 0, 0, 0]);
    expect(read(3, 8)).toEqual([0, 0, 0, 0x40, 1, 0, 0, 0]);
    expect(read(5, 2)).toEqual([3, 0]);
    expect(read(0x0f, 2)).toEqual([64, 0]);
    expect(read(0x11, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
    expect(read(0x8002, 4)).toEqual([1, 0, 0, 0]);
  });

  it("starts over on selection and reads zeros beyond the end", () => {
    const { select, bytes, io } = machine();
    select(5);
    expect(bytes(1)).toEqual([3]);
    select(5);
    expect(bytes(5)).toEqual([3, 0, 0, 0, 0]);
    select(0x4005);
    expect(io.in(0x511)).toBe(3);
    io.bus.writePort(0x510, 1, 0);
    io.bus.writePort(0x511, 1, 0);
    expect(io.in(0x510)).toBe(0xff);
    select(0);
    expect(io.bus.readPort(0x510, 2)).toBe(0x51ff);
  });

  it("lists its files by name, big-endian", () => {
    const { fwCfg, read } = machine();
    fwCfg.addFile("opt/b", Uint8Array.of(1, 2, 3));
    fwCfg.addFile("etc/a", Uint8Array.of(9));
    fwCfg.addFile("opt/b", Uint8Array.of(4, 5));
    const raw = Uint8Array.from(read(FW_CFG_KEY.fileDirectory, 4 + 2 * 64));
    const view = new DataView(raw.buffer);
    const entry = (index: number) => {
      const at = 4 + 64 * index;
      const name = new TextDecoder().decode(raw.subarray(at + 8, at + 64)).replace(/\0+$/, "");
      return { size: view.getUint32(at), key: view.getUint16(at + 4), name };
    };
    expect(view.getUint32(0)).toBe(2);
    expect(entry(0)).toEqual({ size: 1, key: 0x21, name: "etc/a" });
    expect(entry(1)).toEqual({ size: 2, key: 0x20, name: "opt/b" });
    expect(read(0x20, 2)).toEqual([4, 5]);
  });

  it("takes kernels and numbers, and bounds its directory", () => {
    const { fwCfg, read } = machine();
    fwCfg.add(FW_CFG_KEY.kernelData, Uint8Array.of(7));
    fwCfg.addU32(FW_CFG_KEY.kernelAddress, 0x100000);
    expect(read(FW_CFG_KEY.kernelAddress, 4)).toEqual([0, 0, 0x10, 0]);
    expect(read(FW_CFG_KEY.kernelData, 1)).toEqual([7]);
    expect(() => fwCfg.addFile("x".repeat(56), new Uint8Array(1))).toThrow(RangeError);
    for (let i = 0; i < 64; i++) fwCfg.addFile(`f${i}`, new Uint8Array(1));
    expect(() => fwCfg.addFile("one more", new Uint8Array(1))).toThrow(/full/);
  });

  it("encodes a memory map", () => {
    const map = encodeE820([{ gpa: 0x1_0000_0000, length: 0x4000_0000, type: 1 }]);
    expect([...map]).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 1, 0, 0, 0]);
  });

  it("keeps its place over a snapshot", () => {
    const { fwCfg, select, bytes } = machine();
    select(0);
    bytes(2);
    const saved = fwCfg.snapshot();
    fwCfg.reset();
    bytes(3);
    fwCfg.restore(saved);
    expect(String.fromCharCode(...bytes(2))).toBe("MU");
  });
});

describe("FwCfg by DMA", () => {
  const DESCRIPTOR = 0x1000;
  const [READ, SKIP, SELECT, WRITE] = [2, 4, 8, 16];

  function dmaMachine() {
    const ram = new TestRam();
    const made = machine(ram);
    const view = new DataView(ram.bytes.buffer);
    /** Runs a request; returns the control word the device leaves. */
    const request = (control: number, length: number, gpa: number) => {
      view.setUint32(DESCRIPTOR, control);
      view.setUint32(DESCRIPTOR + 4, length);
      view.setUint32(DESCRIPTOR + 8, Math.floor(gpa / 2 ** 32));
      view.setUint32(DESCRIPTOR + 12, gpa >>> 0);
      made.io.bus.writePort(0x514, 4, 0);
      made.io.bus.writePort(0x518, 4, 0x00100000);
      return view.getUint32(DESCRIPTOR);
    };
    return { ...made, ram, request };
  }

  it("is announced by its feature bit and its own signature", () => {
    const { read, io } = dmaMachine();
    expect(read(1, 4)).toEqual([3, 0, 0, 0]);
    const text = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => String.fromCharCode(io.in(0x514 + i)));
    expect(text.join("")).toBe("QEMU CFG");
    expect(io.bus.readPort(0x514, 4)).toBe(0x554d4551);
    expect(machine().io.bus.readPort(0x514, 4)).toBe(0xffffffff);
  });

  it("selects, skips and reads, filling up with zeros", () => {
    const { fwCfg, ram, request } = dmaMachine();
    fwCfg.addFile("file", Uint8Array.of(1, 2, 3, 4, 5));
    ram.bytes.fill(0xee, 0x2000, 0x2010);
    expect(request((0x20 << 16) | SELECT | SKIP, 2, 0)).toBe(0);
    expect(request(READ, 2, 0x2000)).toBe(0);
    expect(request(READ, 4, 0x2004)).toBe(0);
    expect([...ram.bytes.subarray(0x2000, 0x2009)]).toEqual([3, 4, 0xee, 0xee, 5, 0, 0, 0, 0xee]);
  });

  it("ends in an error outside RAM, for writes, and for absurd lengths", () => {
    const { ram, request, io } = dmaMachine();
    expect(request(SELECT | READ, 4, RAM_BYTES - 2)).toBe(1);
    expect(request(SELECT | READ, 4, 2 ** 52)).toBe(1);
    expect(request(SELECT | WRITE, 4, 0x2000)).toBe(1);
    const before = ram.written;
    expect(request(SELECT | READ, 0xffffffff, 0)).toBe(1);
    expect(ram.written - before).toBe(4);
    expect(request(SELECT | SKIP, 0xffffffff, 0)).toBe(0);
    io.bus.writePort(0x514, 4, 0xffffffff);
    io.bus.writePort(0x518, 4, 0xffffffff);
    io.bus.writePort(0x518, 2, 1);
  });
});
