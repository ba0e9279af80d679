/** How the clock registers spell a date: BCD or binary, 12 or 24 hours; and the alarm's match. */
import { CMOS } from "./cmos.ts";
import { type DateFields, SECONDS_PER_DAY } from "./rtc-time.ts";

const REG_B_BINARY = 0x04;
const REG_B_24_HOURS = 0x02;
const PM = 0x80;
/** Alarm bytes from here on match every value. */
const ANY = 0xc0;
/** Registers 0 to 9 and the century at 0x32. */
const REGISTERS = CMOS.century + 1;

export class RtcFormat {
  private readonly binary: boolean;
  private readonly hours24: boolean;

  constructor(regB: number) {
    this.binary = (regB & REG_B_BINARY) !== 0;
    this.hours24 = (regB & REG_B_24_HOURS) !== 0;
  }

  number(value: number): number {
    return this.binary ? value : ((Math.floor(value / 10) << 4) | (value % 10)) & 0xff;
  }

  value(register: number): number {
    return this.binary ? register : (register >> 4) * 10 + (register & 15);
  }

  hour(hour: number): number {
    if (this.hours24) return this.number(hour);
    return this.number(hour % 12 === 0 ? 12 : hour % 12) | (hour >= 12 ? PM : 0);
  }

  /** Register bytes by index; `weekdayBias` days are added to the true day of the week. */
  encode(date: DateFields, weekdayBias: number): Uint8Array {
    const registers = new Uint8Array(REGISTERS);
    registers[CMOS.second] = this.number(date.second);
    registers[CMOS.minute] = this.number(date.minute);
    registers[CMOS.hour] = this.hour(date.hour);
    registers[CMOS.weekday] = this.number(((date.weekday - 1 + weekdayBias) % 7) + 1);
    registers[CMOS.day] = this.number(date.day);
    registers[CMOS.month] = this.number(date.month);
    registers[CMOS.year] = this.number(((date.year % 100) + 100) % 100);
    registers[CMOS.century] = this.number(Math.floor(date.year / 100) % 100);
    return registers;
  }

  /** The fields spelled by register bytes; nonsense carries over into the neighbouring fields. */
  decode(registers: Uint8Array): DateFields {
    const hourByte = registers[CMOS.hour];
    const hour = this.hours24
      ? this.value(hourByte)
      : (this.value(hourByte & ~PM) % 12) + ((hourByte & PM) !== 0 ? 12 : 0);
    return {
      second: this.value(registers[CMOS.second]),
      minute: this.value(registers[CMOS.minute]),
      hour,
      weekday: this.value(registers[CMOS.weekday]),
      day: this.value(registers[CMOS.day]),
      month: this.value(registers[CMOS.month]),
      year: this.value(registers[CMOS.century]) * 100 + this.value(registers[CMOS.year]),
    };
  }
}

/**
 * First second from `from` on (seconds since 1970) that matches the alarm bytes in `cmos`; Infinity
 * when none ever does.
 */
export function nextAlarm(from: number, format: RtcFormat, cmos: Uint8Array): number {
  const hours = matching(cmos[CMOS.hourAlarm], 24, (value) => format.hour(value));
  const minutes = matching(cmos[CMOS.minuteAlarm], 60, (value) => format.number(value));
  const seconds = matching(cmos[CMOS.secondAlarm], 60, (value) => format.number(value));
  if (hours.length === 0 || minutes.length === 0 || seconds.length === 0) {
    return Number.POSITIVE_INFINITY;
  }
  const midnight = Math.floor(from / SECONDS_PER_DAY) * SECONDS_PER_DAY;
  const start = from - midnight;
  for (const hour of hours) {
    if (hour * 3600 + 3599 < start) continue;
    for (const minute of minutes) {
      const base = hour * 3600 + minute * 60;
      if (base + 59 < start) continue;
      const second = seconds.find((value) => base + value >= start);
      if (second !== undefined) return midnight + base + second;
    }
  }
  return midnight + SECONDS_PER_DAY + hours[0] * 3600 + minutes[0] * 60 + seconds[0];
}

/** Values from 0 to `count` - 1 whose register byte equals `alarm`. */
function matching(alarm: number, count: number, encode: (value: number) => number): number[] {
  const result = [];
  for (let value = 0; value < count; value++) {
    if (alarm >= ANY || encode(value) === alarm) result.push(value);
  }
  return result;
}
