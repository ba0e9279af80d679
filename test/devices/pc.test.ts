/** The assembled PC: how devices are wired, what is left out, sequences that test images run. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/devices/clock.ts";
import { PcPlatform } from "../../src/devices/pc.ts";
import {
  LOW_RAM_END_MAX,
  type PcOptions,
  ramLayout,
  ramMap,
} from "../../src/devices/pc-options.ts";
import { REG } from "./apic-machine.ts";
import { TestPins } from "./helpers.ts";

const SECOND = 1_000_000_000;
const APIC_HPA = 0xfee00000;
const IOAPIC = 0xfec00000;
const MIB = 2 ** 20;

function machine(options: Partial<PcOptions> = {}, processors = 1) {
  const clock = new VirtualClock();
  const pins = Array.from({ length: processors }, () => new TestPins());
  const pc = new PcPlatform({ clock, pins, ramBytes: 128 * MIB, ...options });
  const events: string[] = [];
  pc.onReset = (kind) => events.push(`reset ${kind}`);
  pc.onPowerOff = () => events.push("off");
  pc.onSleep = () => events.push("sleep");
  pc.onWake = () => events.push("wake");
  pc.onExit = (code, size) => events.push(`exit ${code} ${size}`);
  pc.onShutdown = () => events.push("shutdown");
  pc.onA20 = (enabled) => events.push(`A20 ${enabled}`);
  const out = (port: number, ...values: number[]) => {
    for (const value of values) pc.bus.writePort(port, 1, value);
  };
  const inb = (port: number) => pc.bus.readPort(port, 1);
  const redirect = (pin: number, low: number, destination = 0) => {
    for (const [index, value] of [
      [0x11 + 2 * pin, destination << 24],
      [0x10 + 2 * pin, low],
    ]) {
      pc.bus.writeMmio(IOAPIC, 4, index);
      pc.bus.writeMmio(IOAPIC + 0x10, 4, value);
    }
  };
  const cmos = (index: number, value?: number) => {
    out(0x70, index);
    if (value !== undefined) out(0x71, value);
    return inb(0x71);
  };
  const enableApics = () => {
    for (let cpu = 0; cpu < processors; cpu++) pc.writeMmio(cpu, APIC_HPA + REG.SVR, 4, 0x1ff);
  };
  return { clock, pins, pc, events, out, inb, redirect, cmos, enableApics };
}

describe("PcPlatform interrupts", () => {
  it("brings ISA interrupts through the 8259 and virtual wire to the first processor", () => {
    const { pc, pins, out } = machine({}, 2);
    out(0x21, 0x00);
    out(0x3fc, 0x08);
    out(0x3f9, 0x02);
    expect(pins.map((pin) => pin.intr)).toEqual([true, false]);
    expect(pc.acknowledge(0)).toBe(0x0c);
    expect(pins[0].intr).toBe(false);
  });

  it("brings the timer to I/O APIC input 2 and to 8259 input 0", () => {
    const { clock, pc, pins, out, redirect, enableApics } = machine();
    enableApics();
    redirect(2, 0x30);
    out(0x43, 0x34);
    out(0x40, 0xa9, 0x04);
    pc.acknowledge(0);
    pc.localApics[0].endOfInterrupt();
    clock.advanceTo(1_100_000);
    expect(pins[0].intr).toBe(true);
    expect(pc.acknowledge(0)).toBe(0x30);
    pc.localApics[0].endOfInterrupt();
    out(0x21, 0xfe);
    expect(pc.acknowledge(0)).toBe(0x08);
  });

  it("lets the HPET take over the timer's and the clock's lines", () => {
    const { clock, pc, pins, out, redirect, enableApics } = machine();
    enableApics();
    redirect(2, 0x30);
    out(0x43, 0x34);
    out(0x40, 0xa9, 0x04);
    pc.acknowledge(0);
    pc.localApics[0].endOfInterrupt();
    pc.bus.writeMmio(0xfed00010, 4, 3);
    clock.advanceTo(5_000_000);
    expect(pins[0].intr).toBe(false);
    pc.bus.writeMmio(0xfed00100, 4, 4);
    pc.bus.writeMmio(0xfed00108, 4, 600_000);
    pc.bus.writeMmio(0xfed0010c, 4, 0);
    clock.advanceTo(6_000_000);
    expect(pc.acknowledge(0)).toBe(0x30);
    pc.localApics[0].endOfInterrupt();
    pc.bus.writeMmio(0xfed00010, 4, 0);
    clock.advanceTo(8_000_000);
    expect(pins[0].intr).toBe(true);
  });

  it("shares lines between devices, and asserts PCI lines low", () => {
    const { pc, pins, redirect, enableApics } = machine();
    enableApics();
    const [first, second] = [pc.pciLine(3, 0), pc.pciLine(11, 0)];
    redirect(19, 0xa050);
    expect(pins[0].intr).toBe(false);
    first.set(true);
    second.set(true);
    expect(pc.acknowledge(0)).toBe(0x50);
    first.set(false);
    pc.localApics[0].endOfInterrupt();
    expect(pc.acknowledge(0)).toBe(0x50);
    second.set(false);
    pc.localApics[0].endOfInterrupt();
    expect(pins[0].intr).toBe(false);
    pc.isaLine(10).set(true);
    expect(() => pc.isaLine(16)).toThrow(RangeError);
  });

  it("drives the processor straight from the 8259 when there are no APICs", () => {
    const { pc, pins } = machine({ parts: { apic: false } });
    const line = pc.isaLine(11);
    line.set(true);
    line.set(false);
    expect(pins[0].intr).toBe(true);
    expect(pc.acknowledge(0)).toBe(0x73);
    expect(pins[0].intr).toBe(false);
    pc.raiseNmi();
    expect(pins[0].nmis).toBe(1);
  });

  it("delivers NMI by LINT1 unless the CMOS port masks it", () => {
    const { pc, pins, out, enableApics } = machine({}, 2);
    enableApics();
    pc.writeMmio(0, APIC_HPA + REG.LVT_LINT1, 4, 0x400);
    pc.raiseNmi();
    out(0x70, 0x80);
    pc.raiseNmi();
    expect(pins.map((pin) => pin.nmis)).toEqual([1, 0]);
  });
});

describe("PcPlatform local APIC pages", () => {
  it("shows each processor its own, by whole registers or bytes", () => {
    const { pc } = machine({}, 3);
    expect(pc.readMmio(2, APIC_HPA + REG.ID, 4)).toBe(0x02000000);
    expect(pc.readMmio(2, APIC_HPA + REG.ID + 3, 1)).toBe(2);
    expect(pc.readMmio(1, APIC_HPA + REG.VERSION, 2)).toBe(0x14);
    pc.writeMmio(1, APIC_HPA + REG.TPR, 4, 0x50);
    pc.writeMmio(1, APIC_HPA + REG.TPR, 1, 0x20);
    expect(pc.localApics.map((apic) => apic.getCr8())).toEqual([0, 5, 0]);
    expect(pc.isMmio(0, APIC_HPA + 0xfff)).toBe(true);
  });

  it("follows IA32_APIC_BASE and reads ones when switched off", () => {
    const { pc } = machine();
    const [apic] = pc.localApics;
    apic.setBase(0xfed40900, 0);
    expect(pc.readMmio(0, 0xfed40000 + REG.VERSION, 4)).toBe(0x01050014);
    expect(pc.readMmio(0, APIC_HPA + REG.VERSION, 4)).toBe(0xffffffff);
    expect(pc.isMmio(0, APIC_HPA)).toBe(false);
    apic.setBase(0xfee00900, 0);
    apic.setBase(0xfee00d00, 0);
    expect(pc.readMmio(0, APIC_HPA + REG.TPR, 4)).toBe(0xffffffff);
    pc.writeMmio(0, APIC_HPA + REG.TPR, 4, 0);
  });

  it("starts the other processors as kvm-unit-tests does", () => {
    const { pc, pins } = machine({}, 4);
    pc.writeMmio(0, APIC_HPA + REG.SVR, 4, 0x1ff);
    pc.writeMmio(0, APIC_HPA + REG.ICR, 4, 0xc4500);
    pc.writeMmio(0, APIC_HPA + REG.ICR, 4, 0xc0600);
    expect(pins.map((pin) => [pin.inits, pin.startups.length])).toEqual([
      [0, 0],
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });
});

describe("PcPlatform sequences of test images", () => {
  it("s3: sleeps with the RTC alarm armed and wakes by it", () => {
    const { clock, pc, events, cmos, inb } = machine();
    const { acpiTables } = pc;
    expect(acpiTables?.wakingVectorHpa).toBeGreaterThan(0xe0000);
    pc.bus.writePort(0x602, 2, 0x400);
    while ((cmos(0x0a) & 0x80) === 0) clock.advanceTo(clock.now() + 100_000);
    while ((cmos(0x0a) & 0x80) !== 0) clock.advanceTo(clock.now() + 100_000);
    cmos(0x0c);
    for (const index of [1, 3, 5]) cmos(index, 0xc0);
    cmos(0x0b, cmos(0x0b) | 0x20);
    pc.bus.writePort(0x604, 2, 0x2400);
    expect(events).toEqual(["sleep"]);
    clock.advanceTo(clock.nextDeadline());
    expect(events).toEqual(["sleep", "wake"]);
    expect(clock.now()).toBe(SECOND / 8 + SECOND);
    expect(inb(0x601) & 0x84).toBe(0x84);
  });

  it("init: every way to reset", () => {
    const { events, out, inb, pc } = machine();
    out(0x92, inb(0x92) & ~1);
    out(0x92, inb(0x92) | 1);
    out(0x64, 0xfe);
    out(0x64, 0xd0);
    const output = inb(0x60);
    out(0x64, 0xd1);
    out(0x60, output & ~1);
    out(0xcf9, 0, 4);
    expect(events).toEqual(Array(4).fill("reset init"));
    expect(inb(0x92) & 1).toBe(1);
    out(0xcf9, 0, 6);
    expect(events.at(-1)).toBe("reset hard");
    pc.reset();
    expect(inb(0x92) & 1).toBe(0);
  });

  it("ends the run by exit port, shutdown word and ACPI", () => {
    const { events, pc, out } = machine();
    pc.bus.writePort(0xf4, 4, 0);
    out(0xf4, 1);
    out(0x8900, ...[..."Shutdown"].map((c) => c.charCodeAt(0)));
    pc.bus.writePort(0x604, 2, 0x2000);
    expect(events).toEqual(["exit 0 4", "exit 1 1", "shutdown", "off"]);
  });

  it("realmode: IRQ 11 set and cleared by the test device reaches vector 0x73", () => {
    const { pc, pins } = machine({ parts: { testDevice: true } });
    pc.bus.writePort(0x200b, 4, 1);
    pc.bus.writePort(0x200b, 4, 0);
    expect(pins[0].intr).toBe(true);
    expect(pc.acknowledge(0)).toBe(0x73);
  });

  it("ioapic: the test device's lines are the inputs", () => {
    const { pc, pins, redirect, enableApics } = machine({ parts: { testDevice: true } });
    enableApics();
    redirect(0x0e, 0x76);
    redirect(20, 0x87);
    pc.bus.writePort(0x200e, 1, 1);
    expect(pc.acknowledge(0)).toBe(0x76);
    pc.bus.writePort(0x2014, 1, 0);
    pc.bus.writePort(0x2014, 1, 1);
    expect(pc.acknowledge(0)).toBe(0x87);
    expect(pins[0].intr).toBe(false);
  });

  it("tells firmware of processors and memory", () => {
    const { pc, cmos } = machine({ ramBytes: 5 * 2 ** 30 }, 4);
    pc.bus.writePort(0x510, 2, 5);
    expect(pc.bus.readPort(0x511, 1)).toBe(4);
    pc.bus.writePort(0x510, 2, 3);
    const size = Array.from({ length: 8 }, () => pc.bus.readPort(0x511, 1));
    expect(size).toEqual([0, 0, 0, 0x40, 1, 0, 0, 0]);
    expect(cmos(0x5c)).toBe(0x80);
    expect(ramLayout(5 * 2 ** 30).lowBytes).toBe(LOW_RAM_END_MAX);
    expect(ramMap(128 * MIB)).toEqual([{ gpa: 0, length: 128 * MIB, type: 1 }]);
    expect(ramMap(4 * 2 ** 30)[1]).toEqual({ gpa: 2 ** 32, length: 2 ** 30, type: 1 });
  });

  it("raises the ACPI interrupt at I/O APIC input 9, by level", () => {
    const { pc, redirect, enableApics, out } = machine();
    enableApics();
    redirect(9, 0x8060);
    out(0xb2, 0xf1);
    pc.bus.writePort(0x602, 2, 0x100);
    pc.acpiPm?.pressPowerButton();
    expect(pc.acknowledge(0)).toBe(0x60);
    pc.bus.writePort(0x600, 2, 0x100);
    pc.localApics[0].endOfInterrupt();
    expect(pc.localApics[0].requestedVector()).toBe(-1);
  });

  it("combines the two A20 gates", () => {
    const { pc, events, out } = machine();
    out(0x64, 0xdd);
    expect(pc.a20).toBe(false);
    out(0x92, 2);
    out(0x64, 0xdf);
    out(0x92, 0);
    expect(pc.a20).toBe(true);
    expect(events).toEqual(["A20 false", "A20 true"]);
  });
});

describe("PcPlatform configuration", () => {
  it("leaves parts out", () => {
    const { pc } = machine({
      serialPorts: 0,
      parts: {
        apic: false,
        hpet: false,
        pci: false,
        acpi: false,
        keyboard: false,
        fwCfg: false,
        debugConsole: false,
        debugExit: false,
      },
    });
    for (const port of [0x3f8, 0x60, 0x64, 0xcf8, 0x600, 0xb2, 0x511, 0xe9, 0xf4, 0x2000]) {
      expect(pc.bus.readPort(port, 1)).toBe(0xff);
    }
    expect(pc.bus.mmioRanges()).toEqual([]);
    expect(pc.acpiTables).toBeUndefined();
    expect(pc.a20).toBe(true);
    expect(pc.localApics).toEqual([]);
  });

  it("keeps the reset register without PCI", () => {
    const { events, out } = machine({ parts: { pci: false } });
    out(0xcf9, 0, 6);
    expect(events).toEqual(["reset hard"]);
  });

  it("can leave the interrupt controllers as hardware does", () => {
    const { inb } = machine({ firmwareState: false });
    expect([inb(0x21), inb(0xa1)]).toEqual([0, 0]);
    const set = machine();
    expect([set.inb(0x21), set.inb(0xa1)]).toEqual([0xfb, 0xf7]);
  });

  it("moves the ACPI ports where a guest puts them, but not upon another device", () => {
    const { pc } = machine();
    const move = (base: number) => {
      pc.bus.writePort(0xcf8, 4, 0x80000b40);
      pc.bus.writePort(0xcfc, 4, base);
    };
    move(0xb000);
    expect(pc.bus.readPort(0x604, 2)).toBe(0xffff);
    expect(pc.bus.readPort(0xb004, 2)).toBe(0);
    move(0x3c0);
    expect(pc.bus.readPort(0xb004, 2)).toBe(0xffff);
    expect(pc.bus.readPort(0x3fd, 1)).toBe(0x60);
    move(0x600);
    expect(pc.bus.readPort(0x604, 2)).toBe(0);
  });

  it("refuses options that make no machine", () => {
    expect(() => machine({}, 0)).toThrow(/processors/);
    expect(() => machine({}, 65)).toThrow(/processors/);
    expect(() => machine({ apicIds: [1, 2] })).toThrow(/APIC ID/);
    expect(() => machine({ serialPorts: 5 })).toThrow(/serial/);
    expect(() => machine({ ramBytes: 1000 })).toThrow(/RAM/);
  });

  it("passes the serial ports their lines and names their use", () => {
    const { pc } = machine({ serialPorts: 4 });
    const text: number[][] = pc.serial.map(() => []);
    pc.serial.forEach((port, index) => {
      port.onTransmit = (byte) => text[index].push(byte);
    });
    [0x3f8, 0x2f8, 0x3e8, 0x2e8].forEach((port, index) => {
      pc.bus.writePort(port, 1, index);
    });
    expect(text).toEqual([[0], [1], [2], [3]]);
    const used = pc.bus.rangeUse().filter((range) => range.writes > 0);
    expect(used.map((range) => range.name)).toEqual(["COM4", "COM2", "COM3", "COM1"]);
  });

  it("refuses a snapshot of a machine with other devices", () => {
    const { pc } = machine();
    const other = machine({ parts: { hpet: false } }).pc;
    expect(() => other.restore(pc.snapshot())).toThrow(/other devices/);
    expect(() => pc.restore({})).toThrow(TypeError);
  });
});
