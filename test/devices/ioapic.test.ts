/** The I/O APIC, after what kvm-unit-tests' ioapic test asks of one. */
import { describe, expect, it } from "vitest";
import { IoApic, type IoApicOptions } from "../../src/devices/ioapic.ts";
import { apicMachine, BASE_X2APIC, REG } from "./apic-machine.ts";

const LEVEL = 0x8000;
const LOGICAL = 0x800;
const ACTIVE_LOW = 0x2000;
const REMOTE_IRR = 0x4000;
const MASKED = 0x10000;
const PIN = 0x0e;

function machine(count = 1, options: IoApicOptions = {}) {
  const { clock, bus, cpus } = apicMachine(count);
  const ioapic = new IoApic(bus, options);
  const get = (index: number) => {
    ioapic.mmio.writeMmio(0, 4, index);
    return ioapic.mmio.readMmio(0x10, 4) >>> 0;
  };
  const put = (index: number, value: number) => {
    ioapic.mmio.writeMmio(0, 4, index);
    ioapic.mmio.writeMmio(0x10, 4, value);
  };
  const redirect = (pin: number, low: number, destination = 0) => {
    put(0x11 + 2 * pin, destination << 24);
    put(0x10 + 2 * pin, low);
  };
  const pulse = (pin: number) => {
    ioapic.setPin(pin, true);
    ioapic.setPin(pin, false);
  };
  const remoteIrr = (pin: number) => (get(0x10 + 2 * pin) & REMOTE_IRR) !== 0;
  return { clock, bus, cpus, cpu: cpus[0], ioapic, get, put, redirect, pulse, remoteIrr };
}

describe("IoApic registers", () => {
  it("has a read-only version, an ID of four bits and an arbitration ID that follows it", () => {
    const { get, put } = machine();
    expect(get(1)).toBe(0x00170020);
    put(1, 0xffffffff);
    expect(get(1)).toBe(0x00170020);
    put(0, 0xffffffff);
    expect(get(0)).toBe(0x0f000000);
    expect(get(2)).toBe(0x0f000000);
    put(2, 0);
    expect(get(2)).toBe(0x0f000000);
  });

  it("starts with every entry masked and keeps status bits read-only", () => {
    const { get, put } = machine();
    for (let index = 0x10; index < 0x40; index += 2) expect(get(index)).toBe(MASKED);
    put(0x10, 0xffffffff);
    put(0x11, 0xffffffff);
    expect(get(0x10)).toBe(0x1afff);
    expect(get(0x11)).toBe(0xff000000);
    expect(get(0x40)).toBe(0);
    put(0x40, 5);
    expect(get(0xff)).toBe(0);
  });

  it("reads bytes of its words and nothing between the registers", () => {
    const { ioapic, get } = machine();
    get(1);
    expect(ioapic.mmio.readMmio(0x12, 1) & 0xff).toBe(0x17);
    expect(ioapic.mmio.readMmio(0x00, 4)).toBe(1);
    expect(ioapic.mmio.readMmio(0x13, 4)).toBe(0);
    expect(ioapic.mmio.readMmio(0x20, 4)).toBe(0);
  });
});

describe("IoApic interrupts", () => {
  it("edge: one interrupt an edge, TMR clear", () => {
    const { cpu, redirect, pulse, ioapic } = machine();
    redirect(PIN, 0x76);
    pulse(PIN);
    expect(cpu.hasBit(REG.TMR, 0x76)).toBe(false);
    expect(cpu.serveAll()).toEqual([0x76]);
    ioapic.setPin(PIN, true);
    ioapic.setPin(PIN, true);
    expect(cpu.serveAll()).toEqual([0x76]);
  });

  it("level: remote IRR from delivery to EOI, TMR set", () => {
    const { cpu, redirect, ioapic, remoteIrr } = machine();
    redirect(PIN, LEVEL | 0x77);
    ioapic.setPin(PIN, true);
    expect(remoteIrr(PIN)).toBe(true);
    expect(cpu.apic.acknowledge()).toBe(0x77);
    expect(cpu.hasBit(REG.TMR, 0x77)).toBe(true);
    ioapic.setPin(PIN, false);
    expect(remoteIrr(PIN)).toBe(true);
    cpu.put(REG.EOI, 0);
    expect(remoteIrr(PIN)).toBe(false);
    expect(cpu.pins.intr).toBe(false);
  });

  it("level: asks again after EOI while the line is high, once for several rises", () => {
    const { cpu, redirect, ioapic } = machine();
    redirect(PIN, LEVEL | 0x9a);
    ioapic.setPin(PIN, true);
    cpu.apic.acknowledge();
    ioapic.setPin(PIN, false);
    ioapic.setPin(PIN, true);
    cpu.put(REG.EOI, 0);
    expect(cpu.apic.acknowledge()).toBe(0x9a);
    ioapic.setPin(PIN, false);
    cpu.put(REG.EOI, 0);
    expect(cpu.pins.intr).toBe(false);
  });

  it("delivers simultaneous edges by priority", () => {
    const { cpu, redirect, pulse } = machine();
    redirect(0x0e, 0x78);
    redirect(0x0f, 0x66);
    pulse(0x0f);
    pulse(0x0e);
    expect(cpu.serveAll()).toEqual([0x78, 0x66]);
  });

  it("loses edges while masked, but serves a level on unmasking", () => {
    const { cpu, redirect, pulse, ioapic } = machine();
    redirect(PIN, MASKED | 0x81);
    pulse(PIN);
    redirect(PIN, 0x81);
    expect(cpu.serveAll()).toEqual([]);
    ioapic.setPin(PIN, true);
    expect(cpu.serveAll()).toEqual([0x81]);
    ioapic.setPin(PIN, false);
    redirect(PIN, MASKED | LEVEL | 0x82);
    ioapic.setPin(PIN, true);
    expect(cpu.serveAll()).toEqual([]);
    redirect(PIN, LEVEL | 0x82);
    expect(cpu.apic.acknowledge()).toBe(0x82);
  });

  it("retriggers after the handler masked, ended and unmasked", () => {
    const { cpu, redirect, ioapic } = machine();
    redirect(PIN, LEVEL | 0x83);
    ioapic.setPin(PIN, true);
    cpu.apic.acknowledge();
    redirect(PIN, MASKED | LEVEL | 0x83);
    cpu.put(REG.EOI, 0);
    expect(cpu.pins.intr).toBe(false);
    redirect(PIN, LEVEL | 0x83);
    expect(cpu.apic.acknowledge()).toBe(0x83);
  });

  it("clears remote IRR when an entry is turned to edge, or by its EOI register", () => {
    const { cpu, redirect, ioapic, remoteIrr, get } = machine();
    redirect(PIN, LEVEL | 0x79);
    ioapic.setPin(PIN, true);
    ioapic.setPin(PIN, false);
    redirect(PIN, LEVEL | 0x79);
    expect(remoteIrr(PIN)).toBe(true);
    redirect(PIN, 0x79);
    redirect(PIN, LEVEL | 0x79);
    expect(remoteIrr(PIN)).toBe(false);
    ioapic.setPin(PIN, true);
    ioapic.setPin(PIN, false);
    ioapic.mmio.writeMmio(0x40, 4, 0x78);
    expect(remoteIrr(PIN)).toBe(true);
    ioapic.mmio.writeMmio(0x40, 4, 0x79);
    expect(remoteIrr(PIN)).toBe(false);
    expect(get(0x10 + 2 * PIN)).toBe(LEVEL | 0x79);
    expect(cpu.serveAll()).toEqual([0x79]);
  });

  it("has no EOI register in version 0x11", () => {
    const { redirect, ioapic, remoteIrr, get } = machine(1, { version: 0x11 });
    expect(get(1)).toBe(0x00170011);
    redirect(PIN, LEVEL | 0x79);
    ioapic.setPin(PIN, true);
    ioapic.mmio.writeMmio(0x40, 4, 0x79);
    expect(remoteIrr(PIN)).toBe(true);
  });

  it("keeps remote IRR while the local APIC suppresses EOI broadcasts", () => {
    const { cpu, redirect, ioapic, remoteIrr } = machine();
    cpu.put(REG.SVR, 0x11ff);
    redirect(PIN, LEVEL | 0x79);
    ioapic.setPin(PIN, true);
    ioapic.setPin(PIN, false);
    cpu.serveAll();
    expect(remoteIrr(PIN)).toBe(true);
    ioapic.mmio.writeMmio(0x40, 4, 0x79);
    expect(remoteIrr(PIN)).toBe(false);
  });

  it("clears remote IRR of a service that was begun before the destination changed", () => {
    const { cpus, redirect, put, ioapic, remoteIrr } = machine(2);
    redirect(0x0d, LEVEL | 0x64);
    redirect(0x0e, LEVEL | 0x84);
    ioapic.setPin(0x0d, true);
    expect(cpus[0].apic.acknowledge()).toBe(0x64);
    ioapic.setPin(0x0e, true);
    for (const pin of [0x0e, 0x0d]) {
      ioapic.setPin(pin, false);
      expect(remoteIrr(pin)).toBe(true);
      put(0x11 + 2 * pin, 0x01000000);
    }
    expect(cpus[0].apic.acknowledge()).toBe(0x84);
    cpus[0].put(REG.EOI, 0);
    cpus[0].put(REG.EOI, 0);
    expect([remoteIrr(0x0d), remoteIrr(0x0e)]).toEqual([false, false]);
    expect(cpus[1].pins.intr).toBe(false);
  });

  it("treats active-low pins by their polarity", () => {
    const { cpu, redirect, ioapic } = machine(1, { idleHigh: 1 << 20 });
    redirect(20, LEVEL | ACTIVE_LOW | 0x90);
    expect(cpu.pins.intr).toBe(false);
    ioapic.setPin(20, false);
    expect(cpu.apic.acknowledge()).toBe(0x90);
    ioapic.setPin(20, true);
    cpu.put(REG.EOI, 0);
    expect(cpu.pins.intr).toBe(false);
  });
});

describe("IoApic destinations and delivery modes", () => {
  it("reaches physical, logical, broadcast and x2APIC destinations", () => {
    const { cpus, redirect, pulse } = machine(4);
    const got = () => cpus.map((cpu) => cpu.serveAll().length);
    redirect(PIN, 0x85, 1);
    pulse(PIN);
    expect(got()).toEqual([0, 1, 0, 0]);
    redirect(PIN, 0x85, 0xff);
    pulse(PIN);
    expect(got()).toEqual([1, 1, 1, 1]);
    for (const cpu of cpus) {
      cpu.apic.setBase(BASE_X2APIC, 0);
    }
    redirect(PIN, LOGICAL | LEVEL | 0x86, 0x0d);
    pulse(PIN);
    expect(got()).toEqual([1, 0, 1, 1]);
    redirect(PIN, LOGICAL | 0x100 | 0x86, 0x0f);
    pulse(PIN);
    expect(got().reduce((sum, count) => sum + count)).toBe(1);
  });

  it("delivers NMI, SMI, INIT and ExtINT", () => {
    const { cpu, redirect, pulse } = machine();
    for (const mode of [2, 4, 5, 7, 3, 6]) {
      redirect(PIN, mode << 8);
      pulse(PIN);
    }
    expect(cpu.pins).toMatchObject({ smis: 1, nmis: 1, inits: 1, intr: true });
    expect(cpu.apic.hasExtInt()).toBe(true);
    cpu.apic.acknowledge();
    expect(cpu.pins.intr).toBe(false);
  });

  it("tries again later when no local APIC accepts", () => {
    const { cpu, redirect, ioapic, remoteIrr } = machine();
    cpu.put(REG.SVR, 0xff);
    redirect(PIN, LEVEL | 0x50);
    ioapic.setPin(PIN, true);
    expect(remoteIrr(PIN)).toBe(false);
    cpu.put(REG.SVR, 0x1ff);
    redirect(PIN, LEVEL | 0x50);
    expect(cpu.apic.acknowledge()).toBe(0x50);
  });

  it("ignores pins it does not have, and goes on from a snapshot", () => {
    const { redirect, ioapic, bus, cpu } = machine();
    ioapic.setPin(24, true);
    ioapic.setPin(-1, true);
    redirect(PIN, LEVEL | 0x50);
    ioapic.setPin(PIN, true);
    const saved = structuredClone(ioapic.snapshot());
    ioapic.reset();
    expect(ioapic.entry(PIN)).toEqual({ lo: MASKED, hi: 0 });
    const other = new IoApic(bus);
    other.restore(saved);
    cpu.apic.acknowledge();
    cpu.put(REG.EOI, 0);
    expect(cpu.apic.acknowledge()).toBe(0x50);
    other.setPin(PIN, false);
    cpu.put(REG.EOI, 0);
    expect(cpu.pins.intr).toBe(false);
  });
});
