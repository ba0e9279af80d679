/** The 8254: modes, counts computed from virtual time, read-back, gate and port 0x61. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/devices/clock.ts";
import { PIT_HZ, Pit8254 } from "../../src/devices/pit8254.ts";
import { timeOfCycle } from "../../src/devices/rate.ts";
import { PortBus, TestLine } from "./helpers.ts";

const CONTROL = 0x43;

function machine() {
  const clock = new VirtualClock();
  const irq = new TestLine();
  const pit = new Pit8254(clock, irq);
  const io = new PortBus(pit.ports);
  /** Moves to the first tick of PIT cycle `cycle`, counted from power-on. */
  const toCycle = (cycle: number) => clock.advanceTo(timeOfCycle(cycle, PIT_HZ));
  const program = (channel: number, mode: number, count: number) => {
    io.out(CONTROL, (channel << 6) | 0x30 | (mode << 1));
    io.out(0x40 + channel, count & 0xff, count >> 8);
  };
  const latched = (channel: number) => {
    io.out(CONTROL, channel << 6);
    return io.in(0x40 + channel) | (io.in(0x40 + channel) << 8);
  };
  const status = (channel: number) => {
    io.out(CONTROL, 0xe0 | (2 << channel));
    return io.in(0x40 + channel);
  };
  return { clock, irq, pit, io, toCycle, program, latched, status };
}

describe("Pit8254", () => {
  it("mode 2 interrupts once a period, for any length of time", () => {
    const { clock, irq, program } = machine();
    program(0, 2, 1193);
    const start = irq.rises;
    clock.advanceTo(10_000_000_000);
    expect(irq.rises - start).toBe(Math.floor((PIT_HZ * 10 - 1) / 1193));
  });

  it("mode 3 with count 0 makes the 18.2 Hz tick", () => {
    const { clock, irq, program } = machine();
    program(0, 3, 0);
    const start = irq.rises;
    clock.advanceTo(1_000_000_000);
    expect(irq.rises - start).toBe(18);
  });

  it("mode 0 interrupts once, count + 1 cycles after the write, and counts on", () => {
    const { irq, toCycle, program, latched, status } = machine();
    program(0, 0, 100);
    expect(irq.level).toBe(false);
    toCycle(100);
    expect(irq.rises).toBe(0);
    expect(latched(0)).toBe(1);
    expect(status(0) & 0x80).toBe(0);
    toCycle(101);
    expect(irq.rises).toBe(1);
    expect(status(0) & 0x80).toBe(0x80);
    toCycle(103);
    expect(latched(0)).toBe(0xfffe);
    toCycle(200_000);
    expect(irq.rises).toBe(1);
  });

  it("mode 4 strobes once at the end of the count", () => {
    const { irq, toCycle, program, status } = machine();
    program(0, 4, 50);
    const start = irq.rises;
    toCycle(51);
    expect(status(0) & 0x80).toBe(0);
    toCycle(52);
    expect(status(0) & 0x80).toBe(0x80);
    expect(irq.rises - start).toBe(1);
    toCycle(100_000);
    expect(irq.rises - start).toBe(1);
  });

  it("mode 3 counts down by two and shows the half period at OUT", () => {
    const { toCycle, program, latched, status } = machine();
    program(0, 3, 100);
    toCycle(1);
    expect(latched(0)).toBe(100);
    toCycle(11);
    expect(latched(0)).toBe(80);
    expect(status(0)).toBe(0x80 | 0x30 | 0x06);
    toCycle(51);
    expect(status(0) & 0x80).toBe(0);
    expect(latched(0)).toBe(100);
    toCycle(100);
    expect(latched(0)).toBe(2);
    toCycle(101);
    expect(status(0) & 0x80).toBe(0x80);
  });

  it("takes a new count of a periodic mode at the end of the period", () => {
    const { toCycle, io, irq, program, latched, status } = machine();
    program(0, 2, 1000);
    const start = irq.rises;
    toCycle(500);
    io.out(0x40, 100, 0);
    expect(status(0) & 0x40).toBe(0x40);
    expect(latched(0)).toBe(501);
    toCycle(1001);
    expect(irq.rises - start).toBe(1);
    expect(status(0) & 0x40).toBe(0);
    toCycle(1051);
    expect(latched(0)).toBe(50);
    toCycle(1201);
    expect(irq.rises - start).toBe(3);
  });

  it("latches a count until both bytes are read", () => {
    const { toCycle, io, program } = machine();
    program(0, 2, 0x1234);
    toCycle(0x11);
    io.out(CONTROL, 0x00);
    toCycle(0x500);
    io.out(CONTROL, 0x00);
    expect(io.in(0x40)).toBe(0x24);
    expect(io.in(0x40)).toBe(0x12);
    expect(io.in(0x40)).toBe((0x1234 - 0x4ff) & 0xff);
  });

  it("reads back status and count of several channels at once, status first", () => {
    const { toCycle, io, program } = machine();
    program(0, 2, 0x200);
    program(1, 3, 0x100);
    toCycle(1);
    io.out(CONTROL, 0xc0 | 0x06);
    toCycle(0x40);
    expect(io.in(0x40)).toBe(0x80 | 0x34);
    expect(io.in(0x40)).toBe(0x00);
    expect(io.in(0x40)).toBe(0x02);
    expect(io.in(0x41)).toBe(0x80 | 0x36);
    expect(io.in(0x41)).toBe(0x00);
    expect(io.in(0x41)).toBe(0x01);
  });

  it("counts in decimal when asked to", () => {
    const { toCycle, io, latched } = machine();
    io.out(CONTROL, 0x35);
    io.out(0x40, 0x00, 0x10);
    toCycle(2);
    expect(latched(0)).toBe(0x0999);
    io.out(CONTROL, 0x31);
    io.out(0x40, 0x00, 0x00);
    toCycle(4);
    expect(latched(0)).toBe(0x9999);
  });

  it("honours one-byte access modes", () => {
    const { toCycle, io } = machine();
    io.out(CONTROL, 0x14);
    io.out(0x40, 0x80);
    toCycle(1);
    expect(io.in(0x40)).toBe(0x80);
    toCycle(2);
    expect(io.in(0x40)).toBe(0x7f);
    io.out(CONTROL, 0x24);
    io.out(0x40, 0x01);
    toCycle(5);
    expect(io.in(0x40)).toBe(0x00);
  });

  it("stops in mode 0 between the two bytes of a count", () => {
    const { irq, io, toCycle, program } = machine();
    program(0, 0, 100);
    toCycle(50);
    io.out(0x40, 10);
    toCycle(500);
    expect(irq.rises).toBe(0);
    io.out(0x40, 0);
    toCycle(511);
    expect(irq.rises).toBe(1);
  });

  it("gates channel 2 by port 0x61 and shows its output in bit 5", () => {
    const { io, toCycle, program, latched } = machine();
    program(2, 0, 100);
    toCycle(50);
    expect(latched(2)).toBe(100);
    expect(io.in(0x61) & 0x2f).toBe(0);
    io.out(0x61, 0x01);
    toCycle(90);
    expect(latched(2)).toBe(60);
    io.out(0x61, 0x00);
    toCycle(1000);
    expect(latched(2)).toBe(60);
    io.out(0x61, 0x01);
    toCycle(1059);
    expect(io.in(0x61) & 0x20).toBe(0);
    toCycle(1060);
    expect(io.in(0x61) & 0x2f).toBe(0x21);
  });

  it("triggers modes 1 and 5 by the rising gate, again and again", () => {
    const { io, toCycle, program, status } = machine();
    program(2, 1, 20);
    toCycle(10);
    expect(status(2) & 0x80).toBe(0x80);
    io.out(0x61, 0x01);
    toCycle(11);
    expect(status(2) & 0x80).toBe(0);
    toCycle(25);
    io.out(0x61, 0x00);
    io.out(0x61, 0x01);
    toCycle(45);
    expect(status(2) & 0x80).toBe(0);
    toCycle(46);
    expect(status(2) & 0x80).toBe(0x80);
    program(2, 5, 20);
    io.out(0x61, 0x00);
    io.out(0x61, 0x01);
    toCycle(66);
    expect(status(2) & 0x80).toBe(0x80);
    toCycle(67);
    expect(status(2) & 0x80).toBe(0);
    toCycle(68);
    expect(status(2) & 0x80).toBe(0x80);
  });

  it("toggles the refresh bit", () => {
    const { clock, io } = machine();
    const seen = new Set<number>();
    for (let i = 0; i < 4; i++) {
      clock.advanceTo(clock.now() + 15_085);
      seen.add(io.in(0x61) & 0x10);
    }
    expect(seen.size).toBe(2);
  });

  it("bounds the interrupts of a count of 1", () => {
    const { clock, irq, program } = machine();
    for (const mode of [2, 3]) {
      program(0, mode, 1);
      const start = irq.rises;
      clock.advanceTo(clock.now() + 1_000_000);
      expect(irq.rises - start).toBeGreaterThan(100);
      expect(irq.rises - start).toBeLessThanOrEqual(1000);
    }
  });

  it("goes on from a snapshot as the original does", () => {
    const { clock, pit, irq, toCycle, program, latched } = machine();
    program(0, 2, 1000);
    program(2, 0, 500);
    toCycle(300);
    const otherClock = new VirtualClock();
    const otherIrq = new TestLine();
    otherIrq.level = irq.level;
    otherClock.restore(clock.snapshot());
    const other = new Pit8254(otherClock, otherIrq);
    other.restore(structuredClone(pit.snapshot()));
    const before = irq.rises;
    clock.advanceTo(5_000_000);
    otherClock.advanceTo(5_000_000);
    expect(otherIrq.rises).toBe(irq.rises - before);
    const io = new PortBus(other.ports);
    io.out(CONTROL, 0);
    expect(io.in(0x40) | (io.in(0x40) << 8)).toBe(latched(0));
    other.reset();
    expect(otherClock.pendingCount()).toBe(0);
  });
});
