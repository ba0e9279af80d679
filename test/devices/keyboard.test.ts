/** The 8042 with keyboard and mouse, port 0x92, and the DMA latches. */
import { describe, expect, it } from "vitest";
import { Dma8237 } from "../../src/devices/dma8237.ts";
import { Keyboard8042 } from "../../src/devices/keyboard.ts";
import { Port92 } from "../../src/devices/port-92.ts";
import { PortBus, TestLine } from "./helpers.ts";

function machine() {
  const irq1 = new TestLine();
  const irq12 = new TestLine();
  const keyboard = new Keyboard8042(irq1, irq12);
  const io = new PortBus(keyboard.ports);
  const events: string[] = [];
  keyboard.onReset = () => events.push("reset");
  keyboard.onA20 = (enabled) => events.push(enabled ? "A20 on" : "A20 off");
  /** Everything that waits to be read, with mouse bytes marked by 0x100. */
  const drain = () => {
    const bytes: number[] = [];
    while ((io.in(0x64) & 1) !== 0) {
      const fromMouse = (io.in(0x64) & 0x20) !== 0 ? 0x100 : 0;
      bytes.push(fromMouse | io.in(0x60));
    }
    return bytes;
  };
  const command = (value: number, ...data: number[]) => {
    io.out(0x64, value);
    io.out(0x60, ...data);
    return drain();
  };
  const toKeyboard = (...bytes: number[]) => {
    io.out(0x60, ...bytes);
    return drain();
  };
  const toMouse = (byte: number) => command(0xd4, byte);
  return { irq1, irq12, keyboard, io, events, drain, command, toKeyboard, toMouse };
}

describe("Keyboard8042", () => {
  it("passes its self-tests and never looks busy", () => {
    const { io, command } = machine();
    expect(command(0xaa)).toEqual([0x55]);
    expect(command(0xab)).toEqual([0x00]);
    expect(command(0xa9)).toEqual([0x00]);
    expect(io.in(0x64) & 0x02).toBe(0);
    expect(io.in(0x64) & 0x08).toBe(0x08);
    expect(command(0xc0)).toEqual([0x80]);
  });

  it("keeps the command byte and its on-off commands", () => {
    const { command } = machine();
    command(0x60, 0x61);
    expect(command(0x20)).toEqual([0x61]);
    command(0xad);
    command(0xa8);
    expect(command(0x20)).toEqual([0x51]);
    command(0xae);
    command(0xa7);
    expect(command(0x20)).toEqual([0x61]);
    command(0x61, 0x99);
    expect(command(0x21)).toEqual([0x99]);
  });

  it("loops bytes back for the keyboard and for the mouse", () => {
    const { command } = machine();
    expect(command(0xd2, 0x5a)).toEqual([0x5a]);
    expect(command(0xd3, 0x5a)).toEqual([0x15a]);
  });

  it("has a keyboard that resets, identifies itself and takes parameters", () => {
    const { toKeyboard } = machine();
    expect(toKeyboard(0xff)).toEqual([0xfa, 0xaa]);
    expect(toKeyboard(0xf2)).toEqual([0xfa, 0xab, 0x83]);
    expect(toKeyboard(0xed, 0x07)).toEqual([0xfa, 0xfa]);
    expect(toKeyboard(0xf0, 0x00)).toEqual([0xfa, 0xfa, 0x02]);
    expect(toKeyboard(0xf0, 0x01)).toEqual([0xfa, 0xfa]);
    expect(toKeyboard(0xf0, 0x00)).toEqual([0xfa, 0xfa, 0x01]);
    expect(toKeyboard(0xee)).toEqual([0xee]);
    expect(toKeyboard(0xf4)).toEqual([0xfa]);
    expect(toKeyboard(0x00)).toEqual([0xfe]);
  });

  it("has a mouse", () => {
    const { toMouse } = machine();
    expect(toMouse(0xff)).toEqual([0x1fa, 0x1aa, 0x100]);
    expect(toMouse(0xf2)).toEqual([0x1fa, 0x100]);
    expect(toMouse(0xf4)).toEqual([0x1fa]);
    expect(toMouse(0xe8)).toEqual([0x1fa]);
    expect(toMouse(0x03)).toEqual([0x1fa]);
    expect(toMouse(0xf3)).toEqual([0x1fa]);
    expect(toMouse(40)).toEqual([0x1fa]);
    expect(toMouse(0xe9)).toEqual([0x1fa, 0x120, 0x103, 0x128]);
    expect(toMouse(0xeb)).toEqual([0x1fa, 0x108, 0x100, 0x100]);
    expect(toMouse(0xf6)).toEqual([0x1fa]);
    expect(toMouse(0xe9)).toEqual([0x1fa, 0x100, 0x102, 0x164]);
  });

  it("interrupts once for every byte, on the line of its device", () => {
    const { io, irq1, irq12, command } = machine();
    command(0x60, 0x47);
    io.out(0x60, 0xf2);
    expect(irq1.level).toBe(true);
    for (let i = 0; i < 3; i++) io.in(0x60);
    expect(irq1.rises).toBe(3);
    expect(irq1.level).toBe(false);
    io.out(0x64, 0xd4);
    io.out(0x60, 0xf2);
    expect([irq1.level, irq12.level]).toEqual([false, true]);
    io.in(0x60);
    io.in(0x60);
    expect(irq12.rises).toBe(2);
    command(0x60, 0x44);
    io.out(0x60, 0xee);
    expect(irq1.level).toBe(false);
  });

  it("resets the processor by pulse and by output port, and gates A20", () => {
    const { keyboard, io, events, command } = machine();
    io.out(0x64, 0xfe);
    io.out(0x64, 0xff);
    expect(events).toEqual(["reset"]);
    const [output] = command(0xd0);
    expect(output & 3).toBe(3);
    command(0xd1, output & ~1);
    expect(events).toEqual(["reset", "reset"]);
    command(0xd1, output & ~2);
    command(0xdd);
    expect(keyboard.a20).toBe(false);
    command(0xdf);
    expect(events.slice(2)).toEqual(["A20 off", "A20 on"]);
    command(0xdd);
    keyboard.reset();
    expect(events.at(-1)).toBe("A20 on");
  });

  it("answers before what the devices have sent, and holds back a device switched off", () => {
    const { io, drain, toMouse } = machine();
    io.out(0x60, 0xf2);
    io.out(0x64, 0xd4);
    io.out(0x60, 0xf2);
    io.out(0x64, 0xa9);
    expect(drain()).toEqual([0xfa, 0x00, 0xab, 0x83, 0x1fa, 0x100]);
    io.out(0x60, 0xf2);
    io.out(0x64, 0xad);
    expect(drain()).toEqual([0xfa]);
    io.out(0x64, 0xae);
    expect(drain()).toEqual([0xab, 0x83]);
    expect(io.in(0x60)).toBe(0);
    io.out(0x60, 0xf2, 0xf2);
    expect(drain()).toEqual([0xfa, 0xfa, 0xab, 0x83]);
    expect(toMouse(0xe1)).toEqual([0x1fe]);
    expect(toMouse(0xe6)).toEqual([0x1fa]);
  });

  it("bounds what waits, and goes on from a snapshot", () => {
    const { keyboard, io, drain } = machine();
    for (let i = 0; i < 1000; i++) {
      io.out(0x60, 0xee);
      io.out(0x64, 0xaa);
    }
    const saved = structuredClone(keyboard.snapshot());
    const all = drain();
    expect(all).toHaveLength(1 + 16 + 1);
    const other = machine();
    other.keyboard.restore(saved);
    expect(other.drain()).toEqual(all);
  });
});

describe("Port92", () => {
  it("gates A20 and resets on the rising bit", () => {
    const port = new Port92();
    const events: string[] = [];
    port.onA20 = (enabled) => events.push(`A20 ${enabled}`);
    port.onReset = () => events.push("reset");
    const io = new PortBus(port.ports);
    io.out(0x92, 0x02, 0x03, 0x03, 0x00);
    expect(events).toEqual(["A20 true", "reset", "A20 false"]);
    io.out(0x92, 0x01);
    expect(io.in(0x92)).toBe(0x01);
    const saved = port.snapshot();
    port.reset();
    expect(io.in(0x92)).toBe(0);
    port.restore(saved);
    expect(io.in(0x92)).toBe(1);
  });
});

describe("Dma8237", () => {
  it("latches addresses and counts of both controllers through the flip-flop", () => {
    const dma = new Dma8237();
    const io = new PortBus(dma.ports);
    for (const [first, shift] of [
      [0x00, 0],
      [0xc0, 1],
    ]) {
      const port = (register: number) => first + (register << shift);
      io.out(port(0x0c), 0);
      io.out(port(3), 0x34, 0x12);
      expect([io.in(port(3)), io.in(port(3))]).toEqual([0x34, 0x12]);
      io.in(port(3));
      io.out(port(0x0c), 0);
      expect(io.in(port(3))).toBe(0x34);
      io.out(port(0x0d), 0);
      expect(io.in(port(0x0f))).toBe(0x0f);
      io.out(port(0x0a), 0x02);
      expect(io.in(port(0x0f))).toBe(0x0b);
      io.out(port(0x0e), 0);
      expect(io.in(port(0x0f))).toBe(0);
      expect(io.in(port(0x08))).toBe(0);
    }
  });

  it("passes POST codes on and keeps page registers over a reset", () => {
    const dma = new Dma8237();
    const codes: number[] = [];
    dma.onPostCode = (code) => codes.push(code);
    const io = new PortBus(dma.ports);
    io.out(0x80, 0x42);
    io.out(0x87, 0x55);
    const saved = structuredClone(dma.snapshot());
    dma.reset();
    expect(codes).toEqual([0x42]);
    expect([io.in(0x80), io.in(0x87)]).toEqual([0x42, 0x55]);
    const other = new Dma8237();
    other.restore(saved);
    expect(new PortBus(other.ports).in(0x87)).toBe(0x55);
  });
});
