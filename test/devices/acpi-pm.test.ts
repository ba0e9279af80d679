/** ACPI registers: enabling, timer, events and SCI, sleep and wake, power-off. */
import { describe, expect, it } from "vitest";
import { ACPI_DISABLE, ACPI_ENABLE, AcpiPm } from "../../src/devices/acpi-pm.ts";
import { VirtualClock } from "../../src/devices/clock.ts";
import { cyclesAt } from "../../src/devices/rate.ts";
import { PortBus, TestLine } from "./helpers.ts";

const [STATUS, ENABLE, CONTROL, TIMER, GPE] = [0x600, 0x602, 0x604, 0x608, 0x60c];
const SECOND = 1_000_000_000;
const RTC = 0x400;
const POWER = 0x100;

function machine(timerBits: 24 | 32 = 32) {
  const clock = new VirtualClock();
  const sci = new TestLine();
  const pm = new AcpiPm(clock, sci, { timerBits });
  const io = new PortBus(pm.ports, pm.smiPorts);
  const events: string[] = [];
  pm.onPowerOff = () => events.push("off");
  pm.onSleep = () => events.push("sleep");
  pm.onWake = () => events.push("wake");
  const get = (port: number) => io.bus.readPort(port, 2);
  const put = (port: number, value: number) => io.bus.writePort(port, 2, value);
  return { clock, sci, pm, io, events, get, put };
}

describe("AcpiPm", () => {
  it("is switched on and off by the SMI command port only", () => {
    const { io, get, put } = machine();
    put(CONTROL, 1);
    expect(get(CONTROL)).toBe(0);
    io.out(0xb2, ACPI_ENABLE);
    expect(get(CONTROL)).toBe(1);
    put(CONTROL, 0x1c00);
    expect(get(CONTROL)).toBe(0x1c01);
    io.out(0xb3, 0x55);
    expect([io.in(0xb2), io.in(0xb3)]).toEqual([ACPI_ENABLE, 0x55]);
    io.out(0xb2, ACPI_DISABLE);
    expect(get(CONTROL)).toBe(0x1c00);
  });

  it("counts 3.579545 MHz in 24 or 32 bits", () => {
    for (const bits of [24, 32] as const) {
      const { clock, io } = machine(bits);
      for (const seconds of [1, 7, 1500]) {
        clock.advanceTo(seconds * SECOND + 12_345);
        const expected = cyclesAt(clock.now(), 3_579_545) % 2 ** bits;
        expect(io.bus.readPort(TIMER, 4)).toBe(expected);
        expect(io.bus.readPort(TIMER + 1, 1)).toBe(Math.floor(expected / 256) % 256);
      }
    }
  });

  it("flags and interrupts when the timer's top bit changes", () => {
    const { clock, sci, io, get, put } = machine(24);
    io.out(0xb2, ACPI_ENABLE);
    clock.advanceTo(2 * SECOND);
    expect(get(STATUS)).toBe(0);
    clock.advanceTo(3 * SECOND);
    expect(get(STATUS)).toBe(1);
    put(STATUS, 1);
    expect(get(STATUS)).toBe(0);
    put(ENABLE, 1);
    expect(sci.level).toBe(false);
    const due = clock.nextDeadline();
    expect(due / SECOND).toBeCloseTo(2 ** 24 / 3_579_545, 5);
    clock.advanceTo(due);
    expect(sci.level).toBe(true);
    expect(clock.pendingCount()).toBe(0);
    put(STATUS, 1);
    expect(sci.level).toBe(false);
    expect(clock.pendingCount()).toBe(1);
    put(ENABLE, 0);
    expect(clock.pendingCount()).toBe(0);
  });

  it("raises SCI by level for enabled events while ACPI is on", () => {
    const { sci, pm, io, get, put } = machine();
    pm.pressPowerButton();
    expect(get(STATUS)).toBe(POWER);
    put(ENABLE, 0xffff);
    expect(get(ENABLE)).toBe(0x0721);
    expect(sci.level).toBe(false);
    io.out(0xb2, ACPI_ENABLE);
    expect(sci.level).toBe(true);
    io.out(STATUS + 1, POWER >> 8);
    expect(sci.level).toBe(false);
    pm.raiseGpe(3);
    expect(sci.level).toBe(false);
    put(GPE + 2, 0x08);
    expect(sci.level).toBe(true);
    put(GPE, 0x08);
    expect(sci.level).toBe(false);
  });

  it("powers off by S5, also by the word that exit code writes without asking", () => {
    const { events, put } = machine();
    put(CONTROL, 0x2000);
    expect(events).toEqual(["off"]);
    put(CONTROL, 0x3c00);
    expect(events).toEqual(["off"]);
  });

  it("sleeps and is woken by the RTC alarm, as kvm-unit-tests' s3 does it", () => {
    const { pm, events, get, put } = machine();
    put(ENABLE, RTC);
    put(CONTROL, 0x2400);
    expect(events).toEqual(["sleep"]);
    expect(pm.sleeping).toBe(true);
    pm.rtcAlarm();
    expect(events).toEqual(["sleep", "wake"]);
    expect(pm.sleeping).toBe(false);
    expect(get(STATUS)).toBe(0x8000 | RTC);
    pm.rtcAlarm();
    expect(events).toHaveLength(2);
  });

  it("does not wake by what is not enabled, but at once by what came before", () => {
    const { pm, events, put } = machine();
    put(CONTROL, 0x2400);
    pm.rtcAlarm();
    pm.raiseGpe(0);
    expect(events).toEqual(["sleep"]);
    put(ENABLE, POWER);
    pm.pressPowerButton();
    expect(events).toEqual(["sleep", "wake"]);
    put(CONTROL, 0x2400);
    expect(events).toEqual(["sleep", "wake", "sleep", "wake"]);
  });

  it("moves, resets and goes on from a snapshot", () => {
    const { clock, pm, io, put, get } = machine(24);
    io.out(0xb2, ACPI_ENABLE);
    put(ENABLE, 1);
    clock.advanceTo(SECOND);
    const saved = structuredClone(pm.snapshot());
    const deadline = clock.nextDeadline();
    const old = pm.ports;
    expect(pm.moveTo(0xb000).first).toBe(0xb000);
    expect(pm.moveTo(0xb000)).toBe(pm.ports);
    expect(pm.ports).not.toBe(old);
    pm.reset();
    expect(clock.pendingCount()).toBe(0);
    expect(get(ENABLE)).toBe(0);
    pm.restore(saved);
    expect(clock.nextDeadline()).toBe(deadline);
    expect(get(ENABLE)).toBe(1);
  });
});
