/** The 8259 pair: initialisation, priorities, EOI forms, modes, spurious interrupts. */
import { describe, expect, it } from "vitest";
import { Pic8259Pair } from "../../src/devices/pic8259.ts";
import { PortBus, TestLine } from "./helpers.ts";

const MASTER = 0x20;
const SLAVE = 0xa0;

function machine(icw1 = 0x11, icw4 = 0x01) {
  const output = new TestLine();
  const pic = new Pic8259Pair(output);
  const io = new PortBus(pic.ports);
  io.out(MASTER, icw1);
  io.out(MASTER + 1, 0x20, 0x04, icw4);
  io.out(SLAVE, icw1);
  io.out(SLAVE + 1, 0x28, 0x02, icw4 & ~0x10);
  const pulse = (irq: number) => {
    pic.setIrq(irq, true);
    pic.setIrq(irq, false);
  };
  return { output, pic, io, pulse };
}

describe("Pic8259Pair", () => {
  it("delivers by priority and lets a higher request interrupt a lower service", () => {
    const { output, pic, io, pulse } = machine();
    pulse(5);
    pulse(3);
    expect(output.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x23);
    expect(output.level).toBe(false);
    pulse(1);
    expect(output.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x21);
    io.out(MASTER, 0x20);
    expect(output.level).toBe(false);
    io.out(MASTER, 0x20);
    expect(pic.acknowledge()).toBe(0x25);
    io.out(MASTER, 0x0b);
    expect(io.in(MASTER)).toBe(0x20);
    io.out(MASTER, 0x65);
    expect(io.in(MASTER)).toBe(0);
  });

  it("cascades the slave, which ranks at input 2", () => {
    const { output, pic, io, pulse } = machine();
    pulse(3);
    pulse(14);
    pulse(8);
    expect(pic.acknowledge()).toBe(0x28);
    io.out(SLAVE, 0x20);
    io.out(MASTER, 0x20);
    expect(output.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x2e);
    io.out(SLAVE, 0x20);
    io.out(MASTER, 0x62);
    expect(pic.acknowledge()).toBe(0x23);
  });

  it("latches edges while masked and drops nothing on unmasking", () => {
    const { output, pic, io, pulse } = machine();
    io.out(MASTER + 1, 0xff);
    pulse(4);
    expect(output.level).toBe(false);
    io.out(MASTER, 0x0a);
    expect(io.in(MASTER)).toBe(0x10);
    io.out(MASTER + 1, 0xef);
    expect(io.in(MASTER + 1)).toBe(0xef);
    expect(pic.acknowledge()).toBe(0x24);
  });

  it("asks once per edge, but as long as a level-triggered line is high", () => {
    const { output, pic, io } = machine();
    pic.setIrq(4, true);
    pic.acknowledge();
    io.out(MASTER, 0x20);
    expect(output.level).toBe(false);
    io.out(0x4d0, 0xff);
    io.out(0x4d1, 0xff);
    expect(io.in(0x4d0)).toBe(0xf8);
    expect(io.in(0x4d1)).toBe(0xde);
    expect(output.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x24);
    io.out(MASTER, 0x20);
    expect(output.level).toBe(true);
    pic.setIrq(4, false);
    expect(output.level).toBe(false);
  });

  it("answers a request that went away with IRQ 7, without putting it into service", () => {
    const { output, pic, io } = machine();
    io.out(0x4d0, 0x20);
    pic.setIrq(5, true);
    pic.setIrq(5, false);
    expect(output.level).toBe(false);
    expect(pic.acknowledge()).toBe(0x27);
    io.out(MASTER, 0x0b);
    expect(io.in(MASTER)).toBe(0);
  });

  it("answers IRQ 15 when the slave's request went away, with the master in service", () => {
    const { pic, io } = machine();
    io.out(0x4d1, 0x08);
    pic.setIrq(11, true);
    pic.setIrq(11, false);
    expect(pic.acknowledge()).toBe(0x2f);
    io.out(SLAVE, 0x0b);
    expect(io.in(SLAVE)).toBe(0);
    io.out(MASTER, 0x0b);
    expect(io.in(MASTER)).toBe(0x04);
  });

  it("ends interrupts by itself in automatic EOI mode, rotating when told to", () => {
    const { output, pic, io, pulse } = machine(0x11, 0x03);
    pulse(3);
    expect(pic.acknowledge()).toBe(0x23);
    pulse(3);
    expect(output.level).toBe(true);
    io.out(MASTER, 0x80);
    expect(pic.acknowledge()).toBe(0x23);
    pulse(3);
    pulse(4);
    expect(pic.acknowledge()).toBe(0x24);
    expect(pic.acknowledge()).toBe(0x23);
  });

  it("serves several requests of an automatic-EOI slave one after the other", () => {
    const { output, pic, pulse } = machine(0x11, 0x03);
    pulse(9);
    pulse(10);
    expect(pic.acknowledge()).toBe(0x29);
    expect(output.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x2a);
    expect(output.level).toBe(false);
  });

  it("rotates priorities on EOI and by the set-priority command", () => {
    const { pic, io, pulse } = machine();
    io.out(MASTER, 0xc0 | 4);
    pulse(3);
    pulse(6);
    expect(pic.acknowledge()).toBe(0x26);
    io.out(MASTER, 0xa0);
    pulse(6);
    expect(pic.acknowledge()).toBe(0x23);
    io.out(MASTER, 0xe0 | 3);
    expect(pic.acknowledge()).toBe(0x26);
  });

  it("lets masked services be overtaken in special mask mode", () => {
    const { output, pic, io, pulse } = machine();
    pulse(1);
    pic.acknowledge();
    pulse(5);
    expect(output.level).toBe(false);
    io.out(MASTER + 1, 0x02);
    expect(output.level).toBe(false);
    io.out(MASTER, 0x68);
    expect(output.level).toBe(true);
    expect(pic.acknowledge()).toBe(0x25);
    io.out(MASTER, 0x20);
    io.out(MASTER, 0x0b);
    expect(io.in(MASTER)).toBe(0x02);
    io.out(MASTER, 0x48);
    io.out(MASTER, 0x20);
    expect(io.in(MASTER)).toBe(0);
  });

  it("lets the slave interrupt its own service in special fully nested mode", () => {
    const nested = machine(0x11, 0x11);
    nested.pulse(12);
    expect(nested.pic.acknowledge()).toBe(0x2c);
    nested.pulse(9);
    expect(nested.output.level).toBe(true);
    expect(nested.pic.acknowledge()).toBe(0x29);
    const plain = machine();
    plain.pulse(12);
    plain.pic.acknowledge();
    plain.pulse(9);
    expect(plain.output.level).toBe(false);
  });

  it("is acknowledged by a read in poll mode", () => {
    const { output, io, pulse } = machine();
    io.out(MASTER, 0x0c);
    expect(io.in(MASTER)).toBe(0);
    pulse(4);
    io.out(MASTER, 0x0c);
    expect(io.in(MASTER)).toBe(0x84);
    expect(output.level).toBe(false);
    io.out(MASTER, 0x0b);
    expect(io.in(MASTER)).toBe(0x10);
  });

  it("forgets requests and services on ICW1 and needs a new edge", () => {
    const { output, pic, io } = machine();
    pic.setIrq(3, true);
    io.out(MASTER, 0x11);
    io.out(MASTER + 1, 0x40, 0x04, 0x01);
    expect(output.level).toBe(false);
    pic.setIrq(3, false);
    pic.setIrq(3, true);
    expect(pic.acknowledge()).toBe(0x43);
  });

  it("expects neither ICW3 nor ICW4 when ICW1 says so", () => {
    const { io } = machine();
    io.out(MASTER, 0x12);
    io.out(MASTER + 1, 0x40, 0x5a);
    expect(io.in(MASTER + 1)).toBe(0x5a);
    io.out(SLAVE, 0x10);
    io.out(SLAVE + 1, 0x48, 0x02, 0xa5);
    expect(io.in(SLAVE + 1)).toBe(0xa5);
  });

  it("is set up by the loader as firmware would, and restores from a snapshot", () => {
    const output = new TestLine();
    const pic = new Pic8259Pair(output);
    pic.initialize(0x08, 0x70, 0x8fb8);
    pic.setIrq(12, true);
    expect(pic.hasInterrupt()).toBe(true);
    const other = new Pic8259Pair(new TestLine());
    other.restore(structuredClone(pic.snapshot()));
    expect(other.hasInterrupt()).toBe(true);
    expect(other.acknowledge()).toBe(0x74);
    expect(pic.acknowledge()).toBe(0x74);
    pic.reset();
    expect(pic.hasInterrupt()).toBe(false);
  });
});
