/** The virtual clock: order of timers, their own time, cost of re-arming. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/devices/clock.ts";
import type { Timer } from "../../src/devices/device.ts";
import { cyclesAt, RATE_MAX, timeOfCycle } from "../../src/devices/rate.ts";

describe("VirtualClock", () => {
  it("fires timers in order of time, then order, then arming, each at its own time", () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const note = (name: string) => () => seen.push(`${name}@${clock.now()}`);
    clock.at(20, note("late"));
    clock.at(10, note("second"), 1);
    clock.at(10, note("third"), 1);
    clock.at(10, note("first"), 0);
    clock.advanceTo(15);
    expect(seen).toEqual(["first@10", "second@10", "third@10"]);
    expect(clock.now()).toBe(15);
    expect(clock.nextDeadline()).toBe(20);
    clock.advanceTo(20);
    expect(seen[3]).toBe("late@20");
    expect(clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it("fires timers that an action arms within the stretch being advanced over", () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const tick = () => {
      times.push(clock.now());
      if (times.length < 5) clock.at(clock.now() + 7, tick);
    };
    clock.at(7, tick);
    clock.advanceTo(100);
    expect(times).toEqual([7, 14, 21, 28, 35]);
  });

  it("runs an action at once when its time has passed", () => {
    const clock = new VirtualClock();
    clock.advanceTo(50);
    let ran = 0;
    clock.at(50, () => ran++).cancel();
    clock.at(3, () => ran++);
    expect(ran).toBe(2);
    expect(clock.pendingCount()).toBe(0);
  });

  it("does not grow when one timer is armed a million times", () => {
    const clock = new VirtualClock();
    let timer: Timer | undefined;
    for (let i = 0; i < 1_000_000; i++) {
      timer?.cancel();
      timer = clock.at(1000 + (i % 977), () => {});
    }
    expect(clock.pendingCount()).toBe(1);
  });

  it("tells of a deadline that is earlier than all others", () => {
    const clock = new VirtualClock();
    const told: number[] = [];
    clock.onEarlierDeadline = (time) => told.push(time);
    clock.at(100, () => {});
    clock.at(200, () => {});
    clock.at(50, () => {});
    expect(told).toEqual([100, 50]);
  });

  it("refuses to go back, to be advanced by an action, and times that are no numbers", () => {
    const clock = new VirtualClock();
    clock.advanceTo(10);
    expect(() => clock.advanceTo(9)).toThrow(RangeError);
    expect(() => clock.advanceTo(10.5)).toThrow(RangeError);
    expect(() => clock.at(Number.NaN, () => {})).toThrow(RangeError);
    clock.at(20, () => clock.advanceTo(30));
    expect(() => clock.advanceTo(20)).toThrow(/must not advance/);
    clock.at(Number.POSITIVE_INFINITY, () => {});
    expect(clock.pendingCount()).toBe(0);
  });

  it("restores its time and drops its timers", () => {
    const clock = new VirtualClock();
    clock.advanceTo(1234);
    const saved = clock.snapshot();
    const other = new VirtualClock();
    let ran = false;
    const stale = other.at(5, () => {
      ran = true;
    });
    other.restore(saved);
    stale.cancel();
    other.advanceTo(2000);
    expect(ran).toBe(false);
    expect(() => other.restore({ kind: "rtc" })).toThrow(TypeError);
  });

  it("agrees with a sorted list under random arming and cancelling", () => {
    const step = fc.record({
      time: fc.integer({ min: 1, max: 200 }),
      order: fc.integer({ min: 0, max: 3 }),
      cancel: fc.option(fc.nat(60), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new VirtualClock();
        const fired: number[] = [];
        const timers: Timer[] = [];
        const model = new Map<number, { time: number; order: number }>();
        steps.forEach(({ time, order, cancel }, id) => {
          timers.push(clock.at(time, () => fired.push(id), order));
          model.set(id, { time, order });
          if (cancel !== undefined && cancel < timers.length) {
            timers[cancel].cancel();
            model.delete(cancel);
          }
        });
        clock.advanceTo(300);
        const expected = [...model.entries()]
          .sort(([i, a], [j, b]) => a.time - b.time || a.order - b.order || i - j)
          .map(([id]) => id);
        expect(fired).toEqual(expected);
      }),
    );
  });
});

describe("cyclesAt and timeOfCycle", () => {
  it("are exact inverses for any rate and late times", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: RATE_MAX }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        (hz, cycle) => {
          const time = timeOfCycle(cycle, hz);
          fc.pre(Number.isSafeInteger(time));
          expect(cyclesAt(time, hz)).toBe(cycle);
          if (time > 0) expect(cyclesAt(time - 1, hz)).toBe(cycle - 1);
        },
      ),
    );
  });

  it("agree with exact arithmetic", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 52 }), (ticks) => {
        const exact = (BigInt(ticks) * 1193182n) / 1_000_000_000n;
        expect(BigInt(cyclesAt(ticks, 1193182))).toBe(exact);
      }),
    );
  });
});
