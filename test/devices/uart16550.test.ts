/** The 16550A: polled output, interrupts and their priorities, FIFO, loopback, host input. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/devices/clock.ts";
import { Uart16550, type UartOptions } from "../../src/devices/uart16550.ts";
import { PortBus, TestLine } from "./helpers.ts";

const BASE = 0x3f8;
const [DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR] = [0, 1, 2, 3, 4, 5, 6, 7].map((r) => BASE + r);
const OUT2 = 0x08;

function machine(options: UartOptions = {}) {
  const clock = new VirtualClock();
  const irq = new TestLine();
  const uart = new Uart16550(BASE, clock, irq, options);
  const io = new PortBus(uart.ports);
  const sent: number[] = [];
  uart.onTransmit = (byte) => sent.push(byte);
  const host = (...bytes: readonly number[]) => uart.receive(Uint8Array.from(bytes));
  return { clock, irq, uart, io, sent, host };
}

describe("Uart16550", () => {
  it("sends what a polling driver writes, even before the line is set up", () => {
    const { io, sent } = machine();
    for (const byte of [0x41, 0xff]) {
      expect(io.in(LSR) & 0x20).toBe(0x20);
      io.out(DATA, byte);
    }
    expect(sent).toEqual([0x41, 0xff]);
    expect(io.in(LSR)).toBe(0x60);
  });

  it("reaches the divisor through DLAB and keeps the other registers apart", () => {
    const { io, sent } = machine();
    io.out(LCR, 0x80);
    io.out(DATA, 0x01);
    io.out(IER, 0x02);
    expect([io.in(DATA), io.in(IER)]).toEqual([1, 2]);
    io.out(LCR, 0x03);
    expect(io.in(IER)).toBe(0);
    expect(sent).toEqual([]);
    io.out(IER, 0xff);
    io.out(SCR, 0x5a);
    expect([io.in(IER), io.in(SCR), io.in(LCR)]).toEqual([0x0f, 0x5a, 0x03]);
  });

  it("is found to be a 16550A by the usual probe", () => {
    const { io } = machine();
    expect(io.in(IIR)).toBe(0x01);
    io.out(IIR, 0x01);
    expect(io.in(IIR) & 0xc0).toBe(0xc0);
    io.out(IIR, 0x00);
    expect(io.in(IIR) & 0xc0).toBe(0);
  });

  it("interrupts on an empty transmitter: on enabling, after each byte, cleared by IIR", () => {
    const { io, irq } = machine();
    io.out(MCR, OUT2);
    io.out(IER, 0x02);
    expect(irq.level).toBe(true);
    expect(io.in(IIR)).toBe(0x02);
    expect(irq.level).toBe(false);
    expect(io.in(IIR)).toBe(0x01);
    io.out(DATA, 0x41);
    expect(irq.level).toBe(true);
    io.out(DATA, 0x42);
    expect(irq.rises).toBe(3);
    io.out(IER, 0x00);
    expect(irq.level).toBe(false);
    io.out(IER, 0x02);
    expect(irq.level).toBe(true);
  });

  it("keeps the interrupt from the controller while OUT2 is 0", () => {
    const { io, irq } = machine();
    io.out(IER, 0x02);
    expect(irq.level).toBe(false);
    io.out(MCR, OUT2);
    expect(irq.level).toBe(true);
    io.out(MCR, 0);
    expect(irq.level).toBe(false);
  });

  it("passes input one byte at a time without the FIFO, losing none", () => {
    const { io, irq, host } = machine();
    io.out(MCR, OUT2);
    io.out(IER, 0x01);
    host(1, 2, 3);
    for (const byte of [1, 2, 3]) {
      expect(irq.level).toBe(true);
      expect(io.in(IIR)).toBe(0x04);
      expect(io.in(LSR) & 0x03).toBe(0x01);
      expect(io.in(DATA)).toBe(byte);
    }
    expect(irq.level).toBe(false);
    expect(io.in(LSR)).toBe(0x60);
    expect(io.in(DATA)).toBe(0);
  });

  it("interrupts at the trigger level, and by time-out below it", () => {
    const { clock, io, irq, host } = machine();
    io.out(LCR, 0x80);
    io.out(DATA, 1, 0);
    io.out(LCR, 0x03);
    io.out(MCR, OUT2);
    io.out(IIR, 0x81);
    io.out(IER, 0x01);
    host(1, 2, 3, 4, 5, 6, 7);
    expect(irq.level).toBe(false);
    host(8);
    expect(io.in(IIR)).toBe(0xc4);
    io.in(DATA);
    expect(irq.level).toBe(false);
    const characters4 = Math.ceil((40 * 1e9) / 115_200);
    clock.advanceTo(characters4 - 1);
    expect(irq.level).toBe(false);
    clock.advanceTo(characters4);
    expect(io.in(IIR)).toBe(0xcc);
    expect(io.in(DATA)).toBe(2);
    expect(io.in(IIR)).toBe(0xc1);
    clock.advanceTo(2 * characters4);
    expect(io.in(IIR)).toBe(0xcc);
    for (let i = 0; i < 6; i++) io.in(DATA);
    clock.advanceTo(10 * characters4);
    expect(io.in(IIR)).toBe(0xc1);
  });

  it("ranks line status over data over transmitter over modem", () => {
    const { io, uart, host } = machine();
    io.out(MCR, OUT2);
    io.out(IER, 0x0f);
    uart.setModemInputs({ cts: false, dsr: true, ri: false, dcd: true });
    uart.receiveBreak();
    host(0x55);
    expect(io.in(IIR)).toBe(0x06);
    expect(io.in(LSR)).toBe(0x71);
    expect(io.in(LSR)).toBe(0x61);
    expect(io.in(IIR)).toBe(0x04);
    expect([io.in(DATA), io.in(DATA)]).toEqual([0, 0x55]);
    expect(io.in(IIR)).toBe(0x02);
    expect(io.in(IIR)).toBe(0x00);
    expect(io.in(MSR)).toBe(0xa1);
    expect(io.in(IIR)).toBe(0x01);
    expect(io.in(MSR)).toBe(0xa0);
  });

  it("reports a falling ring line only", () => {
    const { io, uart } = machine();
    uart.setModemInputs({ cts: true, dsr: true, ri: true, dcd: true });
    expect(io.in(MSR)).toBe(0xf0);
    uart.setModemInputs({ cts: true, dsr: true, ri: false, dcd: true });
    expect(io.in(MSR)).toBe(0xb4);
  });

  it("marks errors with the byte they belong to and sums them up in bit 7", () => {
    const { io, uart, host } = machine();
    io.out(IIR, 0x01);
    host(1);
    uart.receiveBreak();
    expect(io.in(LSR)).toBe(0xe1);
    io.in(DATA);
    expect(io.in(LSR)).toBe(0xf1);
    expect(io.in(LSR)).toBe(0x61);
  });

  it("loops back data and modem lines and cuts the outside off", () => {
    const { io, irq, sent, host } = machine();
    io.out(MCR, 0x1a);
    expect(io.in(MSR) & 0xf0).toBe(0x90);
    io.out(MCR, 0x15);
    expect(io.in(MSR) & 0xf0).toBe(0x60);
    io.out(MCR, 0x18);
    io.out(IER, 0x05);
    host(9);
    expect(io.in(LSR)).toBe(0x60);
    io.out(DATA, 0x77);
    expect(irq.level).toBe(true);
    expect(io.in(LSR)).toBe(0x61);
    io.out(DATA, 0x78);
    expect(io.in(IIR)).toBe(0x06);
    expect(io.in(LSR)).toBe(0x63);
    expect(io.in(LSR)).toBe(0x61);
    expect(io.in(DATA)).toBe(0x78);
    expect(sent).toEqual([]);
    io.out(MCR, OUT2);
    expect(io.in(DATA)).toBe(9);
  });

  it("overruns the FIFO in loopback without losing what it holds", () => {
    const { io } = machine();
    io.out(MCR, 0x10);
    io.out(IIR, 0x01);
    for (let i = 0; i < 17; i++) io.out(DATA, i);
    expect(io.in(LSR)).toBe(0x63);
    for (let i = 0; i < 16; i++) expect(io.in(DATA)).toBe(i);
    expect(io.in(LSR)).toBe(0x60);
  });

  it("tells the host of a break, or itself in loopback", () => {
    const { io, uart } = machine();
    const breaks: boolean[] = [];
    uart.onBreak = (active) => breaks.push(active);
    io.out(LCR, 0x43);
    io.out(LCR, 0x03);
    expect(breaks).toEqual([true, false]);
    io.out(MCR, 0x10);
    io.out(LCR, 0x43);
    expect(io.in(LSR)).toBe(0x71);
    expect(breaks).toHaveLength(2);
  });

  it("pushes back on the host and calls for more when there is room", () => {
    const { io, uart } = machine({ inputCapacity: 32 });
    const rooms: number[] = [];
    uart.onReceiveRoom = (room) => rooms.push(room);
    const text = Uint8Array.from({ length: 100 }, (_, i) => i);
    let next = uart.receive(text);
    expect(next).toBe(32);
    expect(uart.receiveRoom()).toBe(1);
    next += uart.receive(text.subarray(next));
    expect(next).toBe(33);
    expect(uart.receiveRoom()).toBe(0);
    const got: number[] = [];
    for (let i = 0; i < 100; i++) {
      got.push(io.in(DATA));
      const room = rooms.shift();
      if (room !== undefined && next < 100) next += uart.receive(text.subarray(next));
    }
    expect(got).toEqual([...text]);
  });

  it("clears the FIFO on command and when it is switched", () => {
    const { io, host } = machine();
    io.out(IIR, 0x01);
    host(1, 2, 3);
    io.out(IIR, 0x03);
    expect(io.in(LSR)).toBe(0x60);
    host(4, 5);
    io.out(IIR, 0x00);
    expect(io.in(LSR)).toBe(0x60);
  });

  it("goes on from a snapshot with its FIFO, its input and its time-out", () => {
    const { clock, io, uart, host } = machine();
    io.out(MCR, OUT2);
    io.out(IIR, 0xc1);
    io.out(IER, 0x01);
    host(...Array.from({ length: 20 }, (_, i) => i));
    for (let i = 0; i < 10; i++) io.in(DATA);
    const otherClock = new VirtualClock();
    otherClock.restore(clock.snapshot());
    const irq = new TestLine();
    const other = new Uart16550(BASE, otherClock, irq);
    other.restore(structuredClone(uart.snapshot()));
    expect(otherClock.nextDeadline()).toBe(clock.nextDeadline());
    otherClock.advanceTo(otherClock.nextDeadline());
    expect(irq.level).toBe(true);
    const otherIo = new PortBus(other.ports);
    expect(otherIo.in(IIR)).toBe(0xcc);
    const rest = Array.from({ length: 10 }, () => otherIo.in(DATA));
    expect(rest).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    other.reset();
    expect(otherIo.in(IER)).toBe(0);
    expect(otherClock.pendingCount()).toBe(0);
  });
});
