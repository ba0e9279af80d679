/** The MC146818: calendar, formats, update cycle, the three interrupts, CMOS fields. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../src/devices/clock.ts";
import type { RtcOptions } from "../../src/devices/cmos.ts";
import { Mc146818 } from "../../src/devices/rtc.ts";
import { dateOf, secondsOf } from "../../src/devices/rtc-time.ts";
import { PortBus, TestLine } from "./helpers.ts";

const SECOND = 1_000_000_000;
const at = (year: number, month: number, day: number, hour = 0, minute = 0, second = 0) =>
  secondsOf({ year, month, day, hour, minute, second });

function machine(options: RtcOptions = { epochSeconds: at(2026, 1, 1) }) {
  const clock = new VirtualClock();
  const irq = new TestLine();
  const rtc = new Mc146818(clock, irq, options);
  const io = new PortBus(rtc.ports);
  const get = (index: number) => {
    io.out(0x70, index);
    return io.in(0x71);
  };
  const put = (index: number, value: number) => {
    io.out(0x70, index);
    io.out(0x71, value);
  };
  const time = () => [0x32, 9, 8, 7, 4, 2, 0].map((i) => get(i).toString(16)).join(" ");
  return { clock, irq, rtc, io, get, put, time };
}

describe("calendar", () => {
  it("agrees with the Gregorian calendar of the host library", () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_000_000_000, max: 250_000_000_000 }), (seconds) => {
        const date = new Date(seconds * 1000);
        const fields = dateOf(seconds);
        expect(fields).toEqual({
          year: date.getUTCFullYear(),
          month: date.getUTCMonth() + 1,
          day: date.getUTCDate(),
          hour: date.getUTCHours(),
          minute: date.getUTCMinutes(),
          second: date.getUTCSeconds(),
          weekday: date.getUTCDay() + 1,
        });
        expect(secondsOf(fields)).toBe(seconds);
      }),
    );
  });
});

describe("Mc146818", () => {
  it("starts at a fixed date and follows virtual time over the end of a leap February", () => {
    const plain = machine({});
    expect(plain.time()).toBe("20 26 1 1 0 0 0");
    plain.clock.advanceTo(SECOND / 8 - 1);
    expect(plain.time()).toBe("20 26 1 1 0 0 0");
    plain.clock.advanceTo(SECOND / 8);
    expect(plain.time()).toBe("20 26 1 1 0 0 1");
    const { clock, time, get } = machine({ epochSeconds: at(2024, 2, 29, 23, 59, 58) });
    expect(time()).toBe("20 24 2 29 23 59 58");
    expect(get(6)).toBe(5);
    clock.advanceTo(2 * SECOND);
    expect(time()).toBe("20 24 3 1 0 0 0");
    expect(get(6)).toBe(6);
  });

  it("speaks BCD and binary, 24 and 12 hours", () => {
    const { get, put } = machine({ epochSeconds: at(2031, 12, 31, 23, 45, 59) });
    expect([get(4), get(2), get(9)]).toEqual([0x23, 0x45, 0x31]);
    put(0x0b, 0x06);
    expect([get(4), get(2), get(9), get(0x32)]).toEqual([23, 45, 31, 20]);
    put(0x0b, 0x04);
    expect(get(4)).toBe(0x80 | 11);
    put(0x0b, 0x00);
    expect(get(4)).toBe(0x91);
    put(4, 0x12);
    put(0x0b, 0x02);
    expect(get(4)).toBe(0);
  });

  it("takes a new time while SET is 1 and stands still meanwhile", () => {
    const { clock, put, time } = machine();
    put(0x0b, 0x82);
    clock.advanceTo(5 * SECOND);
    expect(time()).toBe("20 26 1 1 0 0 0");
    const bytes: [number, number][] = [
      [0, 0x58],
      [2, 0x59],
      [4, 0x23],
      [7, 0x31],
      [8, 0x12],
      [9, 0x99],
      [0x32, 0x19],
    ];
    for (const [index, value] of bytes) put(index, value);
    expect(time()).toBe("19 99 12 31 23 59 58");
    put(0x0b, 0x02);
    clock.advanceTo(7 * SECOND);
    expect(time()).toBe("20 0 1 1 0 0 0");
  });

  it("keeps a weekday the guest chose, stepping it at midnight", () => {
    const { clock, put, get } = machine({ epochSeconds: at(2026, 1, 3, 23, 59, 59) });
    expect(get(6)).toBe(7);
    put(6, 3);
    expect(get(6)).toBe(3);
    clock.advanceTo(SECOND);
    expect(get(6)).toBe(4);
  });

  it("raises UIP shortly before the second changes", () => {
    const { clock, get } = machine({ epochSeconds: at(2026, 1, 1) + 0.5 });
    expect(get(0x0a)).toBe(0x26);
    clock.advanceTo(SECOND / 2 - 2_228_001);
    expect(get(0x0a)).toBe(0x26);
    clock.advanceTo(SECOND / 2 - 244_000);
    expect(get(0x0a)).toBe(0xa6);
    expect(get(0)).toBe(0);
    clock.advanceTo(SECOND / 2);
    expect(get(0x0a)).toBe(0x26);
    expect(get(0)).toBe(1);
  });

  it("makes the first update half a second after the divider is released", () => {
    const { clock, get, put } = machine();
    put(0x0a, 0x66);
    clock.advanceTo(10 * SECOND + 123);
    expect(get(0)).toBe(0);
    put(0x0a, 0x26);
    clock.advanceTo(10.5 * SECOND + 122);
    expect(get(0)).toBe(0);
    clock.advanceTo(10.5 * SECOND + 123);
    expect(get(0)).toBe(1);
  });

  it("sets flags without interrupts until they are enabled; reading C clears them", () => {
    const { clock, irq, get, put } = machine();
    get(0x0c);
    clock.advanceTo(SECOND);
    expect(irq.level).toBe(false);
    expect(get(0x0c)).toBe(0x50);
    expect(get(0x0c)).toBe(0);
    put(0x0b, 0x12);
    clock.advanceTo(2 * SECOND);
    expect(irq.level).toBe(true);
    expect(get(0x0c)).toBe(0xd0);
    expect(irq.level).toBe(false);
    clock.advanceTo(3 * SECOND);
    expect(irq.rises).toBe(2);
  });

  it("interrupts periodically at the chosen rate, once each time C was read", () => {
    for (const [rate, hz] of [
      [6, 1024],
      [15, 2],
      [3, 8192],
      [1, 256],
    ]) {
      const { clock, irq, get, put } = machine();
      put(0x0a, 0x20 | rate);
      put(0x0b, 0x42);
      let served = 0;
      while (clock.nextDeadline() <= SECOND) {
        clock.advanceTo(clock.nextDeadline());
        expect(irq.level).toBe(true);
        expect(get(0x0c) & 0xc0).toBe(0xc0);
        served++;
      }
      expect(served).toBe(hz);
    }
  });

  it("does not pile up periodic interrupts that nobody serves", () => {
    const { clock, irq, put } = machine();
    put(0x0a, 0x23);
    put(0x0b, 0x42);
    clock.advanceTo(SECOND);
    expect(irq.rises).toBe(1);
    expect(clock.pendingCount()).toBe(0);
  });

  it("matches the alarm, exactly and with bytes that match anything", () => {
    const { clock, irq, get, put } = machine({ epochSeconds: at(2026, 1, 1, 6, 58, 30) });
    put(1, 0x15);
    put(3, 0x00);
    put(5, 0x07);
    put(0x0b, 0x22);
    expect(clock.nextDeadline()).toBe(105 * SECOND);
    clock.advanceTo(105 * SECOND);
    expect(irq.level).toBe(true);
    expect(get(0x0c) & 0xa0).toBe(0xa0);
    expect(clock.nextDeadline()).toBe((86_400 + 105) * SECOND);
    for (const index of [1, 3, 5]) put(index, 0xc0);
    expect(clock.nextDeadline()).toBe(106 * SECOND);
    put(3, 0x77);
    expect(clock.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it("flags an alarm that passed while nobody looked", () => {
    const { clock, get, put } = machine();
    put(1, 0x30);
    put(3, 0xff);
    put(5, 0xff);
    get(0x0c);
    clock.advanceTo(29 * SECOND);
    expect(get(0x0c) & 0x20).toBe(0);
    clock.advanceTo(45 * SECOND);
    expect(get(0x0c) & 0x20).toBe(0x20);
  });

  it("finds the alarm as a second-by-second search does", () => {
    const byte = fc.oneof(fc.constant(0xc0), fc.integer({ min: 0, max: 0x59 }));
    fc.assert(
      fc.property(
        byte,
        byte,
        byte,
        fc.nat(86_399),
        fc.constantFrom(0, 2, 4, 6),
        (s, m, h, start, format) => {
          const { clock, put } = machine({ epochSeconds: at(2026, 5, 5) + start });
          put(1, s);
          put(3, m);
          put(5, h);
          put(0x0b, 0x20 | format);
          const fast = clock.nextDeadline() / SECOND;
          const bcd = (value: number) =>
            (format & 4) !== 0 ? value : (Math.floor(value / 10) << 4) | (value % 10);
          const hourByte = (value: number) =>
            (format & 2) !== 0
              ? bcd(value)
              : bcd(((value + 11) % 12) + 1) | (value > 11 ? 0x80 : 0);
          const fits = (alarm: number, value: number) => alarm >= 0xc0 || alarm === value;
          let slow = Number.POSITIVE_INFINITY;
          for (let wait = 1; wait <= 86_400; wait++) {
            const now = (start + wait) % 86_400;
            const hour = hourByte(Math.floor(now / 3600));
            if (!fits(h, hour) || !fits(m, bcd(Math.floor(now / 60) % 60))) continue;
            if (!fits(s, bcd(now % 60))) continue;
            slow = wait;
            break;
          }
          expect(fast).toBe(slow);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("holds the memory sizes and keeps memory over a reset, but not interrupts", () => {
    const { clock, rtc, irq, get, put } = machine({
      lowRamBytes: 512 * 2 ** 20,
      highRamBytes: 3 * 2 ** 30,
      processors: 4,
    });
    const word = (index: number) => get(index) | (get(index + 1) << 8);
    expect(word(0x15)).toBe(640);
    expect(word(0x17)).toBe(0xffff);
    expect(word(0x30)).toBe(0xffff);
    expect(word(0x34)).toBe((496 * 2 ** 20) / 65_536);
    expect(word(0x5b) | (get(0x5d) << 16)).toBe((3 * 2 ** 30) / 65_536);
    expect(get(0x5f)).toBe(3);
    let sum = 0;
    for (let index = 0x10; index < 0x2e; index++) sum += get(index);
    expect((get(0x2e) << 8) | get(0x2f)).toBe(sum);
    put(0x0f, 0x0a);
    put(0x0b, 0x52);
    clock.advanceTo(SECOND);
    expect(irq.level).toBe(true);
    rtc.reset();
    expect(irq.level).toBe(false);
    expect(get(0x0b)).toBe(0x02);
    expect(get(0x0f)).toBe(0x0a);
  });

  it("has an upper bank, an NMI mask and read-only registers", () => {
    const { io, rtc, get, put } = machine();
    io.out(0x72, 0x7f);
    io.out(0x73, 0x5a);
    expect(io.in(0x73)).toBe(0x5a);
    expect(rtc.readCmos(0xff)).toBe(0x5a);
    expect(get(0x7f)).toBe(0);
    io.out(0x70, 0x80 | 0x0d);
    expect(rtc.nmiMasked).toBe(true);
    expect(io.in(0x71)).toBe(0x80);
    put(0x0d, 0);
    put(0x0c, 0xff);
    expect(get(0x0d)).toBe(0x80);
    expect(rtc.nmiMasked).toBe(false);
  });

  it("goes on from a snapshot", () => {
    const { clock, rtc, irq, put, time } = machine();
    put(0x0b, 0x32);
    clock.advanceTo(1.25 * SECOND);
    const otherClock = new VirtualClock();
    otherClock.restore(clock.snapshot());
    const otherIrq = new TestLine();
    otherIrq.level = irq.level;
    const other = new Mc146818(otherClock, otherIrq);
    other.restore(structuredClone(rtc.snapshot()));
    expect(otherClock.nextDeadline()).toBe(clock.nextDeadline());
    otherClock.advanceTo(100 * SECOND);
    clock.advanceTo(100 * SECOND);
    const io = new PortBus(other.ports);
    const otherTime = [0x32, 9, 8, 7, 4, 2, 0].map((index) => {
      io.out(0x70, index);
      return io.in(0x71).toString(16);
    });
    expect(otherTime.join(" ")).toBe(time());
    expect(() => rtc.restore({ kind: "pit8254", version: 1, state: {} })).toThrow(/pit8254/);
  });
});
