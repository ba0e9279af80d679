/** The HPET: main counter, comparators, legacy replacement, level interrupts, bounds. */
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/devices/clock.ts";
import { Hpet } from "../../src/devices/hpet.ts";
import { TestLine } from "./helpers.ts";

const CONFIG = 0x10;
const STATUS = 0x20;
const COUNTER = 0xf0;
const T0 = 0x100;
const T1 = 0x120;
const T2 = 0x140;
const COMPARATOR = 8;
const [LEVEL, ENABLE, PERIODIC, SET_VALUE, NARROW] = [0x02, 0x04, 0x08, 0x40, 0x100];

function machine() {
  const clock = new VirtualClock();
  const pins = Array.from({ length: 32 }, () => new TestLine());
  const legacy = [new TestLine(), new TestLine()] as const;
  const legacyChanges: boolean[] = [];
  const hpet = new Hpet(clock, {
    route: (n) => pins[n],
    legacyIrq: legacy,
    onLegacy: (active) => legacyChanges.push(active),
  });
  const get = (offset: number) => hpet.mmio.readMmio(offset, 4) >>> 0;
  const put = (offset: number, value: number) => hpet.mmio.writeMmio(offset, 4, value);
  const put64 = (offset: number, lo: number, hi: number) => {
    put(offset, lo);
    put(offset + 4, hi);
  };
  const pass = (ticks: number) => clock.advanceTo(clock.now() + ticks);
  return { clock, pins, legacy, legacyChanges, hpet, get, put, put64, pass };
}

describe("Hpet", () => {
  it("describes itself: Intel, three 64-bit comparators, 10 ns", () => {
    const { get } = machine();
    expect(get(0)).toBe(0x8086a201);
    expect(get(4)).toBe(10_000_000);
    expect(get(T2) & 0x30).toBe(0x30);
    expect(get(T2 + 4)).toBe(0x00ffffff);
    expect(get(0x160)).toBe(0);
  });

  it("counts only while enabled, without going back", () => {
    const { get, put, pass } = machine();
    pass(1000);
    expect(get(COUNTER)).toBe(0);
    put(CONFIG, 1);
    pass(1005);
    expect(get(COUNTER)).toBe(100);
    put(CONFIG, 0);
    pass(500);
    expect(get(COUNTER)).toBe(100);
    put(CONFIG, 1);
    pass(20);
    expect(get(COUNTER)).toBe(102);
  });

  it("carries into the upper word of the counter", () => {
    const { get, put64, put, pass } = machine();
    put64(COUNTER, 0xfffffff0, 0x12);
    put(CONFIG, 1);
    pass(200);
    expect([get(COUNTER + 4), get(COUNTER)]).toEqual([0x13, 4]);
  });

  it("one-shot: matches once, by the edge of the chosen line", () => {
    const { pins, get, put, put64, pass } = machine();
    put(CONFIG, 1);
    put(T2, ENABLE | (21 << 9));
    put64(T2 + COMPARATOR, 500, 0);
    pass(4999);
    expect(pins[21].rises).toBe(0);
    pass(1);
    expect(pins[21].rises).toBe(1);
    expect(pins[21].level).toBe(false);
    pass(1_000_000);
    expect(pins[21].rises).toBe(1);
    expect(get(STATUS)).toBe(0);
  });

  it("periodic: as Linux programs it, value then period", () => {
    const { pins, get, put, pass } = machine();
    put(CONFIG, 1);
    pass(10_000);
    put(T0, ENABLE | PERIODIC | SET_VALUE | NARROW | (20 << 9));
    put(T0 + COMPARATOR, 1500);
    put(T0 + COMPARATOR, 1000);
    pass(5000);
    expect(pins[20].rises).toBe(1);
    expect(get(T0 + COMPARATOR)).toBe(2500);
    pass(100_000);
    expect(pins[20].rises).toBe(11);
  });

  it("periodic: one write after the value-set bit sets both, in 64 bits too", () => {
    const { pins, put, put64, pass } = machine();
    put(T0, ENABLE | PERIODIC | SET_VALUE | (20 << 9));
    put64(T0 + COMPARATOR, 200, 0);
    put(CONFIG, 1);
    pass(20_000);
    expect(pins[20].rises).toBe(10);
  });

  it("narrow comparators match at the wrap of the lower word", () => {
    const { pins, put, put64, pass } = machine();
    put64(COUNTER, 0xffffff00, 0);
    put(T1, ENABLE | NARROW | (4 << 9));
    put(T1 + COMPARATOR, 0x10);
    put(CONFIG, 1);
    pass(0x110 * 10 - 1);
    expect(pins[4].rises).toBe(0);
    pass(1);
    expect(pins[4].rises).toBe(1);
  });

  it("follows a rewritten counter", () => {
    const { pins, put, put64, pass } = machine();
    put(CONFIG, 1);
    put(T2, ENABLE | (3 << 9));
    put64(T2 + COMPARATOR, 0x1000, 0);
    put(COUNTER, 0xff0);
    pass(159);
    expect(pins[3].rises).toBe(0);
    pass(1);
    expect(pins[3].rises).toBe(1);
  });

  it("level: holds the line and the status bit until it is written", () => {
    const { pins, get, put, put64, pass } = machine();
    put(CONFIG, 1);
    put(T1, ENABLE | LEVEL | (5 << 9));
    put64(T1 + COMPARATOR, 100, 0);
    pass(1000);
    expect(pins[5].level).toBe(true);
    expect(get(STATUS)).toBe(2);
    put(STATUS, 1);
    expect(pins[5].level).toBe(true);
    put(T1, ENABLE | LEVEL | (6 << 9));
    expect([pins[5].level, pins[6].level]).toEqual([false, true]);
    put(STATUS, 2);
    expect([pins[6].level, get(STATUS)]).toEqual([false, 0]);
  });

  it("takes the lines of PIT and RTC in legacy replacement", () => {
    const { legacy, legacyChanges, pins, put, put64, pass } = machine();
    for (const timer of [T0, T1, T2]) {
      put(timer, ENABLE | (7 << 9));
      put64(timer + COMPARATOR, 100, 0);
    }
    put(CONFIG, 3);
    pass(1000);
    expect(legacyChanges).toEqual([true]);
    expect([legacy[0].rises, legacy[1].rises, pins[7].rises]).toEqual([1, 1, 1]);
    put(CONFIG, 1);
    expect(legacyChanges).toEqual([true, false]);
  });

  it("makes no interrupt without the enable bit", () => {
    const { clock, pins, put, put64, pass } = machine();
    put(CONFIG, 1);
    put(T0, 7 << 9);
    put64(T0 + COMPARATOR, 100, 0);
    pass(10_000);
    expect(pins[7].rises).toBe(0);
    expect(clock.pendingCount()).toBe(0);
  });

  it("bounds the interrupts of a period of 10 ns, keeping the comparator ahead", () => {
    const { pins, get, put, pass } = machine();
    put(T0, ENABLE | PERIODIC | SET_VALUE | (2 << 9));
    put(T0 + COMPARATOR, 1);
    put(T0 + COMPARATOR + 4, 0);
    put(CONFIG, 1);
    pass(1_000_000);
    expect(pins[2].rises).toBeGreaterThan(900);
    expect(pins[2].rises).toBeLessThanOrEqual(1001);
    expect(get(T0 + COMPARATOR)).toBeGreaterThan(get(COUNTER));
    put(T0, ENABLE | PERIODIC | SET_VALUE | (2 << 9));
    put(T0 + COMPARATOR, 0);
    pass(100_000_000);
  });

  it("ignores narrow writes and reads parts of words", () => {
    const { hpet, get } = machine();
    hpet.mmio.writeMmio(CONFIG, 1, 1);
    expect(get(CONFIG)).toBe(0);
    expect(hpet.mmio.readMmio(2, 2) & 0xffff).toBe(0x8086);
    expect(hpet.mmio.readMmio(2, 4)).toBe(0);
  });

  it("goes on from a snapshot", () => {
    const { clock, pins, hpet, get, put, pass } = machine();
    put(T0, ENABLE | PERIODIC | SET_VALUE | NARROW | (20 << 9));
    put(T0 + COMPARATOR, 333);
    put(CONFIG, 1);
    pass(10_001);
    const other = machine();
    other.clock.restore(clock.snapshot());
    other.hpet.restore(structuredClone(hpet.snapshot()));
    const before = pins[20].rises;
    expect(other.clock.nextDeadline()).toBe(clock.nextDeadline());
    pass(1_000_000);
    other.pass(1_000_000);
    expect(other.pins[20].rises).toBe(pins[20].rises - before);
    expect(other.get(COUNTER)).toBe(get(COUNTER));
    other.hpet.reset();
    expect(other.get(COUNTER)).toBe(0);
    expect(other.clock.pendingCount()).toBe(0);
  });
});
