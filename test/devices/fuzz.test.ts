/** A hostile guest on the whole PC: nothing throws, grows or floods; a restored machine agrees. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allOnes } from "../../src/devices/bus.ts";
import { VirtualClock } from "../../src/devices/clock.ts";
import type { AccessSize, Timer } from "../../src/devices/device.ts";
import { PcPlatform } from "../../src/devices/pc.ts";
import { TestPins } from "./helpers.ts";

const PROCESSORS = 2;
/** Timers the whole machine may hold: PIT, RTC, three of the HPET, ACPI, COM1, two APICs. */
const TIMERS_MAX = 9;
/** Sources that fire again and again by themselves: PIT, RTC, three of the HPET, two APICs. */
const PERIODIC_SOURCES = 7;

/** Counts what fires. */
class CountingClock extends VirtualClock {
  fired = 0;

  override at(time: number, action: () => void, order = 0): Timer {
    const counted = () => {
      this.fired++;
      action();
    };
    return super.at(time, counted, order);
  }
}

type Step =
  | { kind: "in"; port: number; size: AccessSize }
  | { kind: "out"; port: number; size: AccessSize; value: number }
  | { kind: "read"; cpu: number; hpa: number; size: AccessSize }
  | { kind: "write"; cpu: number; hpa: number; size: AccessSize; value: number }
  | { kind: "rdmsr"; cpu: number; index: number }
  | { kind: "wrmsr"; cpu: number; index: number; lo: number; hi: number }
  | { kind: "base"; cpu: number; lo: number; hi: number }
  | { kind: "deadline"; cpu: number; lo: number; hi: number }
  | { kind: "cr8"; cpu: number; value: number }
  | { kind: "intr"; cpu: number }
  | { kind: "eoi"; cpu: number }
  | { kind: "input"; bytes: number }
  | { kind: "pass"; ticks: number };

class Machine {
  readonly clock = new CountingClock();
  readonly pins = Array.from({ length: PROCESSORS }, () => new TestPins());
  readonly ram = new Uint8Array(0x10000);
  readonly pc = new PcPlatform({
    clock: this.clock,
    pins: this.pins,
    ramBytes: 64 * 2 ** 20,
    parts: { testDevice: true },
    memory: {
      read: (gpa, into) => {
        if (gpa + into.length > this.ram.length) return false;
        into.set(this.ram.subarray(gpa, gpa + into.length));
        return true;
      },
      write: (gpa, bytes) => {
        if (gpa + bytes.length > this.ram.length) return false;
        this.ram.set(bytes, gpa);
        return true;
      },
    },
  });

  /** Runs one step; what the guest would see of it. */
  run(step: Step): unknown {
    const { pc, clock } = this;
    switch (step.kind) {
      case "in":
        return pc.bus.readPort(step.port, step.size);
      case "out":
        return pc.bus.writePort(step.port, step.size, step.value);
      case "read":
        return pc.readMmio(step.cpu, step.hpa, step.size);
      case "write":
        return pc.writeMmio(step.cpu, step.hpa, step.size, step.value);
      case "rdmsr": {
        const value = pc.localApics[step.cpu].readMsr(step.index);
        return value && { ...value };
      }
      case "wrmsr":
        return pc.localApics[step.cpu].writeMsr(step.index, step.lo, step.hi);
      case "base":
        return pc.localApics[step.cpu].setBase(step.lo, step.hi);
      case "deadline":
        return pc.localApics[step.cpu].writeTscDeadline(step.lo, step.hi);
      case "cr8":
        return pc.localApics[step.cpu].setCr8(step.value);
      case "intr":
        return this.pins[step.cpu].intr ? pc.acknowledge(step.cpu) : -1;
      case "eoi":
        return pc.localApics[step.cpu].endOfInterrupt();
      case "input":
        return pc.serial[0].receive(new Uint8Array(step.bytes));
      case "pass":
        return clock.advanceTo(clock.now() + step.ticks);
    }
  }
}

const template = new Machine();
const claimedPorts = template.pc.bus
  .rangeUse()
  .filter((range) => range.kind === "port")
  .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
const pages = [
  0xfee00000,
  0xfed40000,
  0xff000000,
  ...template.pc.bus.mmioRanges().map((range) => range.hpa),
];

const cpu = fc.nat(PROCESSORS - 1);
const size = fc.constantFrom<AccessSize>(1, 2, 4);
/** Values as drivers write them, and anything. */
const value = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 0xff, 0x11, 0x20, 0x34, 0xffff, 0xf1f1f1f1, 0xffffffff),
  fc.nat(0xff),
  fc.nat(0x3ffff),
  fc.integer({ min: 0, max: 0xffffffff }),
);
const port = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...claimedPorts) },
  { weight: 1, arbitrary: fc.nat(0xffff) },
);
const hpa = fc
  .tuple(
    fc.constantFrom(...pages),
    fc.oneof(
      fc.nat(0x3f).map((n) => n * 16),
      fc.nat(0x3f).map((n) => n * 8),
      fc.nat(0x1002),
    ),
  )
  .map(([page, offset]) => page + offset);
const msr = fc.oneof(
  fc.integer({ min: 0x800, max: 0x83f }),
  fc.integer({ min: 0x7f0, max: 0x910 }),
);
const base = fc.constantFrom(
  0xfee00800,
  0xfee00900,
  0xfee00c00,
  0xfee00000,
  0xfed40800,
  0xffffffff,
);
const ticks = fc.oneof(fc.nat(100), fc.nat(100_000), fc.nat(3_000_000));

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("in" as const), port, size }) },
  { weight: 14, arbitrary: fc.record({ kind: fc.constant("out" as const), port, size, value }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("read" as const), cpu, hpa, size }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant("write" as const),
      cpu,
      hpa,
      size: fc.oneof(fc.constant<AccessSize>(4), size),
      value,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("rdmsr" as const), cpu, index: msr }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("wrmsr" as const),
      cpu,
      index: msr,
      lo: value,
      hi: fc.oneof(fc.constant(0), value),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("base" as const),
      cpu,
      lo: base,
      hi: fc.constantFrom(0, 0xffffffff),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("deadline" as const),
      cpu,
      lo: value,
      hi: fc.constantFrom(0, 1, 0xffffffff),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cr8" as const), cpu, value: fc.nat(15) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("intr" as const), cpu }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("eoi" as const), cpu }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("input" as const), bytes: fc.nat(10_000) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), ticks }) },
);

/** Registers set so that every periodic source runs as fast as a guest can make it. */
const FASTEST: Step[] = [
  { kind: "out", port: 0x43, size: 1, value: 0x14 },
  { kind: "out", port: 0x40, size: 1, value: 1 },
  { kind: "out", port: 0x70, size: 1, value: 0x0a },
  { kind: "out", port: 0x71, size: 1, value: 0x23 },
  { kind: "out", port: 0x70, size: 1, value: 0x0b },
  { kind: "out", port: 0x71, size: 1, value: 0x72 },
  ...[0, 1].flatMap((index): Step[] => [
    { kind: "write", cpu: index, hpa: 0xfee000f0, size: 4, value: 0x1ff },
    { kind: "write", cpu: index, hpa: 0xfee003e0, size: 4, value: 0x0b },
    { kind: "write", cpu: index, hpa: 0xfee00320, size: 4, value: 0x20050 },
    { kind: "write", cpu: index, hpa: 0xfee00380, size: 4, value: 1 },
  ]),
  ...[0, 1, 2].flatMap((index): Step[] => [
    {
      kind: "write",
      cpu: 0,
      hpa: 0xfed00100 + 32 * index,
      size: 4,
      value: 0x14c | (0x2800 * index),
    },
    { kind: "write", cpu: 0, hpa: 0xfed00108 + 32 * index, size: 4, value: 1 },
  ]),
  { kind: "write", cpu: 0, hpa: 0xfed00010, size: 4, value: 1 },
];

/** Deep equality by a fast way; the slow one only words the difference. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

describe("a hostile guest", () => {
  it("gets values of the width it asked for, and never more timers than there are sources", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 400 }), (steps) => {
        const machine = new Machine();
        for (const one of steps) {
          const seen = machine.run(one);
          if (one.kind === "in" || one.kind === "read") {
            const number = seen as number;
            const fits = Number.isInteger(number) && number >= 0 && number <= allOnes(one.size);
            expectSame([one, seen, fits], [one, seen, true]);
          }
          const timers = machine.clock.pendingCount();
          if (timers > TIMERS_MAX) expect([one, timers]).toEqual([one, TIMERS_MAX]);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("cannot make the host do more than one firing per source and 1000 ticks", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const machine = new Machine();
        for (const one of FASTEST) machine.run(one);
        for (const one of steps) {
          if (one.kind !== "pass") machine.run(one);
        }
        const { clock } = machine;
        for (const span of [10_000, 1_000_000, 7_654_321]) {
          const before = clock.fired;
          clock.advanceTo(clock.now() + span);
          const allowed = PERIODIC_SOURCES * (span / 1000 + 1) + TIMERS_MAX;
          expect(clock.fired - before).toBeLessThanOrEqual(allowed);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("does reach that bound, so that the one above means something", () => {
    const machine = new Machine();
    for (const one of FASTEST) machine.run(one);
    const before = machine.clock.fired;
    machine.clock.advanceTo(machine.clock.now() + 1_000_000);
    // All but the RTC, whose interrupt waits for register C to be read.
    expect(machine.clock.fired - before).toBeGreaterThan((PERIODIC_SOURCES - 1) * 900);
  });

  it("sees the same from a machine restored in the middle", () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 20, maxLength: 200 }),
        fc.array(step, { minLength: 20, maxLength: 200 }),
        (before, after) => {
          const original = new Machine();
          for (const one of before) original.run(one);
          const copy = new Machine();
          copy.clock.restore(structuredClone(original.clock.snapshot()));
          copy.ram.set(original.ram);
          original.pins.forEach((pin, index) => {
            copy.pins[index].intr = pin.intr;
          });
          copy.pc.restore(structuredClone(original.pc.snapshot()));
          expect(copy.clock.nextDeadline()).toBe(original.clock.nextDeadline());
          const intr = (machine: Machine) => machine.pins.map((pin) => pin.intr);
          for (const one of after) {
            const seen = [one, copy.run(one), intr(copy)];
            expectSame(seen, [one, original.run(one), intr(original)]);
          }
          expectSame(copy.pc.snapshot(), original.pc.snapshot());
        },
      ),
      { numRuns: 150 },
    );
  });

  it("sees every device as after power-on once the machine is reset", () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200 }), (steps) => {
        const machine = new Machine();
        for (const one of steps) machine.run(one);
        machine.pc.reset();
        expect(machine.pins.map((pin) => pin.intr)).toEqual([false, false]);
        expect(machine.pc.localApics.map((apic) => apic.apicBaseLo)).toEqual([
          0xfee00900, 0xfee00800,
        ]);
        expect(machine.pc.bus.readPort(0x604, 2)).toBe(0);
        expect(machine.pc.bus.readPort(0x3fa, 1)).toBe(0x01);
        expect(machine.pc.bus.readMmio(0xfed00010, 4)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
