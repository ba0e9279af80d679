/** The APIC timer: one-shot, periodic, TSC-deadline; changes of mode and divider; bounds. */
import { describe, expect, it } from "vitest";
import { apicMachine, REG } from "./apic-machine.ts";

const VECTOR = 0xee;
const PERIODIC = 0x20000;
const DEADLINE = 0x40000;
const MASKED = 0x10000;

function timerMachine() {
  const tsc = { lo: 0, hi: 0 };
  const { clock, cpus } = apicMachine(1, { tsc });
  const [cpu] = cpus;
  cpu.put(REG.TDCR, 0x0b);
  return { clock, cpu, tsc, pass: (ticks: number) => clock.advanceTo(clock.now() + ticks) };
}

describe("APIC timer counts", () => {
  it("one-shot: reaches 0 after the count, interrupts once and stays at 0", () => {
    const { cpu, pass } = timerMachine();
    cpu.put(REG.LVT_TIMER, VECTOR);
    cpu.put(REG.TMICT, 0x10000);
    pass(0xffff);
    expect(cpu.get(REG.TMCCT)).toBe(1);
    expect(cpu.pins.intr).toBe(false);
    pass(1);
    expect(cpu.get(REG.TMCCT)).toBe(0);
    expect(cpu.serveAll()).toEqual([VECTOR]);
    expect(cpu.hasBit(REG.TMR, VECTOR)).toBe(false);
    pass(1_000_000);
    expect(cpu.serveAll()).toEqual([]);
    expect(cpu.get(REG.TMICT)).toBe(0x10000);
  });

  it("divides by every value of the configuration", () => {
    const divisors: [number, number][] = [
      [0x0, 2],
      [0x1, 4],
      [0x2, 8],
      [0x3, 16],
      [0x8, 32],
      [0x9, 64],
      [0xa, 128],
      [0xb, 1],
    ];
    for (const [code, divisor] of divisors) {
      const { cpu, pass } = timerMachine();
      cpu.put(REG.TDCR, code);
      cpu.put(REG.LVT_TIMER, VECTOR);
      cpu.put(REG.TMICT, 100);
      pass(50 * divisor);
      expect(cpu.get(REG.TMCCT)).toBe(50);
      pass(50 * divisor - 1);
      expect(cpu.pins.intr).toBe(false);
      pass(1);
      expect(cpu.serveAll()).toEqual([VECTOR]);
    }
  });

  it("periodic: interrupts every period and wraps to the initial count", () => {
    const { cpu, pass } = timerMachine();
    cpu.put(REG.LVT_TIMER, PERIODIC | VECTOR);
    cpu.put(REG.TMICT, 5000);
    for (let i = 0; i < 5; i++) {
      pass(4999);
      expect(cpu.pins.intr).toBe(false);
      pass(1);
      expect(cpu.serveAll()).toEqual([VECTOR]);
      expect(cpu.get(REG.TMCCT)).toBe(5000);
    }
    cpu.put(REG.TMICT, 0);
    pass(20_000);
    expect(cpu.serveAll()).toEqual([]);
    expect(cpu.get(REG.TMCCT)).toBe(0);
  });

  it("keeps the count over changes between one-shot and periodic", () => {
    const { cpu, pass } = timerMachine();
    const initial = 0x999999;
    cpu.put(REG.LVT_TIMER, VECTOR);
    cpu.put(REG.TMICT, initial);
    cpu.put(REG.LVT_TIMER, PERIODIC | VECTOR);
    expect(cpu.get(REG.TMICT)).toBe(initial);
    cpu.put(REG.LVT_TIMER, VECTOR);
    pass(initial);
    expect(cpu.get(REG.TMCCT)).toBe(0);
    cpu.put(REG.TMICT, initial);
    pass(initial - 1000);
    cpu.put(REG.LVT_TIMER, PERIODIC | VECTOR);
    expect(cpu.get(REG.TMCCT)).toBe(1000);
    pass(1500);
    expect(cpu.get(REG.TMCCT)).toBe(initial - 500);
    pass(initial - 1000);
    cpu.put(REG.LVT_TIMER, VECTOR);
    expect(cpu.get(REG.TMCCT)).toBe(500);
    pass(500);
    expect(cpu.get(REG.TMCCT)).toBe(0);
    cpu.put(REG.LVT_TIMER, PERIODIC | VECTOR);
    pass(1000);
    expect(cpu.get(REG.TMCCT)).toBe(0);
  });

  it("goes on from its count when the divider changes", () => {
    const { cpu, pass } = timerMachine();
    cpu.put(REG.LVT_TIMER, VECTOR);
    cpu.put(REG.TMICT, 1000);
    pass(600);
    cpu.put(REG.TDCR, 0x3);
    expect(cpu.get(REG.TMCCT)).toBe(400);
    pass(400 * 16 - 1);
    expect(cpu.pins.intr).toBe(false);
    pass(1);
    expect(cpu.pins.intr).toBe(true);
  });

  it("counts on while masked, without an interrupt", () => {
    const { clock, cpu, pass } = timerMachine();
    cpu.put(REG.LVT_TIMER, PERIODIC | MASKED | VECTOR);
    cpu.put(REG.TMICT, 3000);
    pass(7000);
    expect(cpu.get(REG.TMCCT)).toBe(2000);
    expect(clock.pendingCount()).toBe(0);
    cpu.put(REG.LVT_TIMER, PERIODIC | VECTOR);
    expect(cpu.serveAll()).toEqual([]);
    pass(2000);
    expect(cpu.serveAll()).toEqual([VECTOR]);
  });

  it("does not interrupt for a one-shot that ran out while masked", () => {
    const { cpu, pass } = timerMachine();
    cpu.put(REG.LVT_TIMER, MASKED | VECTOR);
    cpu.put(REG.TMICT, 3000);
    pass(3001);
    cpu.put(REG.LVT_TIMER, VECTOR);
    pass(10_000);
    expect(cpu.serveAll()).toEqual([]);
  });

  it("bounds the interrupts of an initial count of 1, with counts read as before", () => {
    const { clock, cpu } = timerMachine();
    cpu.put(REG.LVT_TIMER, PERIODIC | VECTOR);
    cpu.put(REG.TMICT, 1);
    let fired = 0;
    while (clock.nextDeadline() <= 1_000_000) {
      clock.advanceTo(clock.nextDeadline());
      fired += cpu.serveAll().length;
    }
    expect(fired).toBeGreaterThan(900);
    expect(fired).toBeLessThanOrEqual(1001);
    expect(cpu.get(REG.TMCCT)).toBe(1);
  });

  it("holds one timer whatever is written, and none after a reset", () => {
    const { clock, cpu } = timerMachine();
    for (let i = 0; i < 10_000; i++) {
      cpu.put(REG.LVT_TIMER, ((i % 4) << 17) | VECTOR);
      cpu.put(REG.TMICT, 1000 + i);
      cpu.apic.writeTscDeadline(1000 + i, 5);
    }
    expect(clock.pendingCount()).toBeLessThanOrEqual(1);
    cpu.apic.reset();
    expect(clock.pendingCount()).toBe(0);
  });
});

describe("APIC timer TSC deadline", () => {
  it("fires when the TSC reaches the deadline and clears it", () => {
    const { clock, cpu, pass } = timerMachine();
    cpu.put(REG.LVT_TIMER, DEADLINE | VECTOR);
    cpu.apic.writeTscDeadline(200_000, 0);
    expect(cpu.apic.readTscDeadline()).toEqual({ lo: 200_000, hi: 0 });
    expect(clock.nextDeadline()).toBe(200_000);
    pass(199_999);
    expect(cpu.pins.intr).toBe(false);
    pass(1);
    expect(cpu.serveAll()).toEqual([VECTOR]);
    expect(cpu.apic.readTscDeadline()).toEqual({ lo: 0, hi: 0 });
  });

  it("fires at once for a deadline that has passed", () => {
    const { cpu, pass } = timerMachine();
    pass(1000);
    cpu.put(REG.LVT_TIMER, DEADLINE | VECTOR);
    cpu.apic.writeTscDeadline(1000, 0);
    expect(cpu.serveAll()).toEqual([VECTOR]);
    expect(cpu.apic.readTscDeadline()).toEqual({ lo: 0, hi: 0 });
  });

  it("is disarmed by 0, by another mode, and takes no initial count", () => {
    const { clock, cpu } = timerMachine();
    cpu.put(REG.LVT_TIMER, DEADLINE | VECTOR);
    cpu.put(REG.TMICT, 500);
    expect([cpu.get(REG.TMICT), cpu.get(REG.TMCCT)]).toEqual([0, 0]);
    cpu.apic.writeTscDeadline(10_000, 0);
    cpu.apic.writeTscDeadline(0, 0);
    expect(clock.pendingCount()).toBe(0);
    cpu.apic.writeTscDeadline(10_000, 0);
    cpu.put(REG.LVT_TIMER, VECTOR);
    expect(cpu.apic.readTscDeadline()).toEqual({ lo: 0, hi: 0 });
    cpu.apic.writeTscDeadline(10_000, 0);
    expect(cpu.apic.readTscDeadline()).toEqual({ lo: 0, hi: 0 });
    expect(clock.pendingCount()).toBe(0);
  });

  it("follows the TSC offset, also over the middle and the end of 64 bits", () => {
    const { clock, cpu, tsc, pass } = timerMachine();
    pass(5000);
    cpu.put(REG.LVT_TIMER, DEADLINE | VECTOR);
    tsc.lo = 0xffffff00;
    tsc.hi = 0x7;
    cpu.apic.writeTscDeadline(0x2000, 0x8);
    expect(clock.nextDeadline()).toBe(0x2100);
    expect(cpu.apic.readTscDeadline()).toEqual({ lo: 0x2000, hi: 0x8 });
    tsc.lo = 0;
    cpu.apic.tscChanged();
    expect(clock.nextDeadline()).toBe(2 ** 32 + 0x2000);
    tsc.hi = 0;
    cpu.apic.writeTscDeadline(0, 0x80000000);
    expect(clock.pendingCount()).toBe(0);
    tsc.lo = 0xffffe000;
    tsc.hi = 0xffffffff;
    cpu.apic.tscChanged();
    expect(cpu.serveAll()).toEqual([VECTOR]);
    cpu.apic.writeTscDeadline(0xffffffff, 0xffffffff);
    expect(clock.nextDeadline()).toBe(0x1fff);
    pass(0x1fff - 5000);
    expect(cpu.serveAll()).toEqual([VECTOR]);
  });

  it("fires at once when the offset moves past the deadline", () => {
    const { cpu, tsc } = timerMachine();
    cpu.put(REG.LVT_TIMER, DEADLINE | VECTOR);
    cpu.apic.writeTscDeadline(0, 0x100);
    tsc.hi = 0x100;
    cpu.apic.tscChanged();
    expect(cpu.serveAll()).toEqual([VECTOR]);
  });

  it("is not there when it is not advertised", () => {
    const { cpus } = apicMachine(1, { tscDeadlineAdvertised: false });
    cpus[0].put(REG.LVT_TIMER, DEADLINE | VECTOR);
    expect(cpus[0].get(REG.LVT_TIMER)).toBe(VECTOR);
    cpus[0].apic.setBase(0xfee00c00, 0);
    expect(cpus[0].apic.writeMsr(0x832, DEADLINE | VECTOR, 0)).toBe(false);
  });
});
