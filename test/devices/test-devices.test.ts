/** The devices test images talk to: exit ports, debug consoles, the kvm-unit-tests device. */
import { describe, expect, it } from "vitest";
import type { Bus } from "../../src/devices/bus.ts";
import { DebugConsole } from "../../src/devices/debug-console.ts";
import { DebugExit, exitStatus } from "../../src/devices/debug-exit.ts";
import { TestDevice } from "../../src/devices/test-device.ts";
import { PortBus, TestLine } from "./helpers.ts";

describe("DebugExit", () => {
  function machine(options = {}) {
    const exit = new DebugExit(options);
    const codes: [number, number][] = [];
    let shutdowns = 0;
    exit.onExit = (code, size) => codes.push([code, size]);
    exit.onShutdown = () => shutdowns++;
    return { exit, io: new PortBus(exit.ports), codes, shutdowns: () => shutdowns };
  }

  it("reports codes of every width", () => {
    const { io, codes } = machine();
    io.bus.writePort(0xf4, 4, 0x12345678);
    io.bus.writePort(0xf4, 2, 0x26);
    io.out(0xf4, 1);
    expect(codes).toEqual([
      [0x12345678, 4],
      [0x26, 2],
      [1, 1],
    ]);
    expect([0, 1, 38, 63].map(exitStatus)).toEqual([1, 3, 77, 127]);
  });

  it("can be placed elsewhere and be narrow", () => {
    const { io, codes } = machine({ iobase: 0x501, iosize: 1 });
    io.bus.writePort(0x501, 4, 0x31);
    io.out(0xf4, 9);
    expect(codes).toEqual([[0x31, 1]]);
  });

  it("recognises the shutdown word, also after a false start", () => {
    const { io, shutdowns, exit } = machine();
    const say = (text: string) => io.out(0x8900, ...[...text].map((c) => c.charCodeAt(0)));
    say("ShutSShutdow");
    expect(shutdowns()).toBe(0);
    const saved = exit.snapshot();
    exit.reset();
    say("n");
    expect(shutdowns()).toBe(0);
    exit.restore(saved);
    say("n");
    expect(shutdowns()).toBe(1);
    say("shutdownShutdown");
    expect(shutdowns()).toBe(2);
  });
});

describe("DebugConsole", () => {
  it("passes bytes on from both ports and says that it is there", () => {
    const log = new DebugConsole();
    const seen: [number, number][] = [];
    log.onByte = (byte, port) => seen.push([byte, port]);
    const io = new PortBus(log.ports);
    io.out(0xe9, 0x41);
    io.bus.writePort(0x402, 2, 0x4342);
    expect(seen).toEqual([
      [0x41, 0xe9],
      [0x42, 0x402],
    ]);
    expect([io.in(0xe9), io.in(0x402)]).toEqual([0xe9, 0xe9]);
  });
});

describe("TestDevice", () => {
  function machine() {
    const lines = Array.from({ length: 24 }, () => new TestLine());
    const device = new TestDevice(lines);
    const io = new PortBus(device.ports);
    io.bus.addMmio(device.mmio);
    return { device, io, lines, bus: io.bus as Bus };
  }

  it("latches bytes, half-words and words, seen through both windows", () => {
    const { bus } = machine();
    bus.writePort(0xe0, 4, 0x44332211);
    expect(bus.readPort(0xe0, 4)).toBe(0x44332211);
    expect(bus.readPort(0xe2, 2)).toBe(0x4433);
    expect(bus.readPort(0xe1, 1)).toBe(0x22);
    bus.writePort(0xe1, 2, 0xbbaa);
    expect(bus.readPort(0xe0, 4)).toBe(0x44bbaa11);
    expect(bus.readPort(0xe8, 4)).toBe(0x44bbaa11);
    bus.writePort(0xeb, 1, 0xff);
    expect(bus.readPort(0xe3, 1)).toBe(0xff);
  });

  it("sets interrupt lines by writes of any width, up to the last", () => {
    const { bus, lines } = machine();
    bus.writePort(0x200b, 4, 1);
    bus.writePort(0x2017, 4, 0x100);
    bus.writePort(0x200e, 1, 1);
    const high = () => lines.flatMap((line, n) => (line.level ? [n] : []));
    expect(high()).toEqual([11, 14, 23]);
    bus.writePort(0x200b, 4, 0);
    bus.writePort(0x2018, 1, 1);
    expect(high()).toEqual([14, 23]);
  });

  it("asks for a page to be flushed by a word alone", () => {
    const { bus, device } = machine();
    const flushed: number[] = [];
    device.onFlush = (gpa) => flushed.push(gpa);
    bus.writePort(0xe4, 4, 0xfffff000);
    bus.writePort(0xe4, 1, 1);
    expect(flushed).toEqual([0xfffff000]);
  });

  it("has 64 KiB of RAM that survives a snapshot but not a reset", () => {
    const { bus, device } = machine();
    bus.writeMmio(0xff00fffc, 4, 0x89abcdef);
    bus.writeMmio(0xff000001, 2, 0x1234);
    expect(bus.readMmio(0xff00fffd, 2)).toBe(0xabcd);
    expect(bus.readMmio(0xff000000, 4)).toBe(0x00123400);
    const saved = structuredClone(device.snapshot());
    device.reset();
    expect(bus.readMmio(0xff00fffc, 4)).toBe(0);
    device.restore(saved);
    expect(bus.readMmio(0xff00fffc, 4)).toBe(0x89abcdef);
  });
});
