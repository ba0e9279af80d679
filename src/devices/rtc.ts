/** The MC146818 time-of-day clock with its CMOS memory, at ports 0x70-0x73. */
import { CMOS, initialCmos, type RtcOptions } from "./cmos.ts";
import type { Clock, Device, IrqLine, PortRange, Timer } from "./device.ts";
import { TICKS_PER_SECOND } from "./device.ts";
import { cyclesAt, timeOfCycle } from "./rate.ts";
import { nextAlarm, RtcFormat } from "./rtc-format.ts";
import { dateOf, secondsOf } from "./rtc-time.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { TimerOrder } from "./timer-order.ts";

/**
 * 2026-01-01 00:00:00.875, in seconds since 1970. The fraction brings the first update soon after
 * power-on: guests that wait for one spend all the time until then in a loop.
 */
const EPOCH_DEFAULT = 1_767_225_600.875;
const CRYSTAL_HZ = 32_768;
/** UIP rises this long before the time changes: 244 µs of notice and 1984 µs of update. */
const UPDATE_TICKS = 2_228_000;

const REG_A_UIP = 0x80;
/** Divider selections with both upper bits hold the clock in reset. */
const REG_A_DIVIDER_RESET = 0x60;
const REG_B_SET = 0x80;
const REG_B_UIE = 0x10;
const REG_B_SQWE = 0x08;
const REG_C_IRQF = 0x80;
const PERIODIC = 0x40;
const ALARM = 0x20;
const UPDATE = 0x10;
const EVENTS = PERIODIC | ALARM | UPDATE;
const REG_D_VALID = 0x80;

interface RtcState {
  cmos: Uint8Array;
  index: number;
  upperIndex: number;
  nmiMasked: boolean;
  regA: number;
  regB: number;
  /** Flags found so far; register C without IRQF. */
  flags: number;
  /** Time up to which `flags` holds every event. */
  flagsUntil: number;
  /** Calendar time, in seconds since 1970, that began at `baseTick`. */
  baseSeconds: number;
  baseTick: number;
  weekdayBias: number;
  /** Register bytes while the time stands still, else undefined. */
  held: Uint8Array | undefined;
}

export class Mc146818 implements Device {
  readonly ports: readonly PortRange[];
  private readonly clock: Clock;
  private readonly irq: IrqLine;
  private s: RtcState;
  private timer: Timer | undefined;

  constructor(clock: Clock, irq: IrqLine, options: RtcOptions = {}) {
    this.clock = clock;
    this.irq = irq;
    this.s = initialState(options, clock.now());
    this.ports = [
      {
        first: 0x70,
        last: 0x73,
        widest: 1,
        name: "CMOS and RTC",
        readPort: (port) => this.read(port),
        writePort: (port, _size, value) => this.write(port, value),
      },
    ];
  }

  /** Whether port 0x70 bit 7 keeps NMI away from the processors. */
  get nmiMasked(): boolean {
    return this.s.nmiMasked;
  }

  /** Calendar time in seconds since 1970. */
  seconds(): number {
    const s = this.s;
    if (s.held !== undefined) return secondsOf(this.format().decode(s.held));
    return s.baseSeconds + Math.floor((this.clock.now() - s.baseTick) / TICKS_PER_SECOND);
  }

  /** Byte `index` (0 to 255) of the memory behind the clock registers, for loaders. */
  readCmos(index: number): number {
    return this.s.cmos[index];
  }

  writeCmos(index: number, value: number): void {
    this.s.cmos[index] = value;
  }

  /** The clock runs on over a reset and the memory keeps its contents; interrupts go off. */
  reset(): void {
    this.collect();
    this.s.regB &= ~(EVENTS | REG_B_SQWE);
    this.s.flags = 0;
    this.s.nmiMasked = false;
    this.changed();
  }

  snapshot(): unknown {
    return sealSnapshot("rtc", 1, this.s);
  }

  restore(data: unknown): void {
    this.s = openSnapshot<RtcState>(data, "rtc", 1);
    this.rearm();
  }

  private read(port: number): number {
    switch (port) {
      case 0x71:
        return this.readRegister(this.s.index);
      case 0x73:
        return this.s.cmos[0x80 | this.s.upperIndex];
      default:
        return 0xff;
    }
  }

  private write(port: number, value: number): void {
    const s = this.s;
    switch (port) {
      case 0x70:
        s.index = value & 0x7f;
        s.nmiMasked = (value & 0x80) !== 0;
        break;
      case 0x71:
        this.writeRegister(s.index, value);
        break;
      case 0x72:
        s.upperIndex = value & 0x7f;
        break;
      default:
        s.cmos[0x80 | s.upperIndex] = value;
    }
  }

  private readRegister(index: number): number {
    const s = this.s;
    switch (index) {
      case CMOS.second:
      case CMOS.minute:
      case CMOS.hour:
      case CMOS.weekday:
      case CMOS.day:
      case CMOS.month:
      case CMOS.year:
      case CMOS.century:
        return this.timeRegisters()[index];
      case CMOS.regA:
        return s.regA | (this.isUpdating() ? REG_A_UIP : 0);
      case CMOS.regB:
        return s.regB;
      case CMOS.regC:
        return this.readFlags();
      case CMOS.regD:
        return REG_D_VALID;
      default:
        return s.cmos[index];
    }
  }

  private writeRegister(index: number, value: number): void {
    this.collect();
    const s = this.s;
    switch (index) {
      case CMOS.second:
      case CMOS.minute:
      case CMOS.hour:
      case CMOS.weekday:
      case CMOS.day:
      case CMOS.month:
      case CMOS.year:
      case CMOS.century:
        this.setTimeRegister(index, value);
        break;
      case CMOS.regA:
        this.writeControl(value & ~REG_A_UIP, s.regB);
        break;
      case CMOS.regB:
        // SET=1 turns the update interrupt off.
        this.writeControl(s.regA, (value & REG_B_SET) !== 0 ? value & ~REG_B_UIE : value);
        break;
      case CMOS.regC:
      case CMOS.regD:
        break;
      default:
        s.cmos[index] = value;
    }
    this.changed();
  }

  /** Register C: reading it clears every flag and the interrupt. */
  private readFlags(): number {
    this.collect();
    const s = this.s;
    const value = s.flags | ((s.flags & s.regB) !== 0 ? REG_C_IRQF : 0);
    s.flags = 0;
    this.changed();
    return value;
  }

  private format(): RtcFormat {
    return new RtcFormat(this.s.regB);
  }

  /** The time registers as the guest reads them, by index. */
  private timeRegisters(): Uint8Array {
    const s = this.s;
    if (s.held !== undefined) return s.held;
    return this.format().encode(dateOf(this.seconds()), s.weekdayBias);
  }

  private setTimeRegister(index: number, value: number): void {
    const registers = this.timeRegisters();
    registers[index] = value;
    if (this.s.held === undefined) this.setTime(registers);
  }

  /** Makes the registers given the present time; the phase of the second stays. */
  private setTime(registers: Uint8Array): void {
    const s = this.s;
    const now = this.clock.now();
    const fields = this.format().decode(registers);
    s.baseTick =
      now - ((((now - s.baseTick) % TICKS_PER_SECOND) + TICKS_PER_SECOND) % TICKS_PER_SECOND);
    s.baseSeconds = secondsOf(fields);
    s.weekdayBias = (((fields.weekday - dateOf(s.baseSeconds).weekday) % 7) + 7) % 7;
  }

  private isHolding(regA: number, regB: number): boolean {
    return (regB & REG_B_SET) !== 0 || (regA & REG_A_DIVIDER_RESET) === REG_A_DIVIDER_RESET;
  }

  private writeControl(regA: number, regB: number): void {
    const s = this.s;
    const registers = this.timeRegisters();
    const wasInReset = (s.regA & REG_A_DIVIDER_RESET) === REG_A_DIVIDER_RESET;
    const isInReset = (regA & REG_A_DIVIDER_RESET) === REG_A_DIVIDER_RESET;
    s.regA = regA;
    s.regB = regB;
    if (this.isHolding(regA, regB)) {
      s.held = registers;
    } else if (s.held !== undefined) {
      s.held = undefined;
      this.setTime(registers);
    }
    // The first update follows half a second after the divider chain is released.
    if (wasInReset && !isInReset) s.baseTick = this.clock.now() - TICKS_PER_SECOND / 2;
  }

  private isUpdating(): boolean {
    const s = this.s;
    if (s.held !== undefined) return false;
    const phase = (this.clock.now() - s.baseTick) % TICKS_PER_SECOND;
    return phase >= TICKS_PER_SECOND - UPDATE_TICKS;
  }

  /** Cycles of the crystal between periodic interrupts; 0 when they are off. */
  private periodicCycles(): number {
    const rate = this.s.regA & 15;
    if (rate === 0) return 0;
    return rate <= 2 ? 1 << (rate + 6) : 1 << (rate - 1);
  }

  /** Adds to the flags what has happened since the last look. */
  private collect(): void {
    const s = this.s;
    const now = this.clock.now();
    const since = s.flagsUntil;
    if (now === since) return;
    s.flagsUntil = now;
    const period = this.periodicCycles();
    if (period !== 0) {
      const before = Math.floor(cyclesAt(since, CRYSTAL_HZ) / period);
      if (Math.floor(cyclesAt(now, CRYSTAL_HZ) / period) !== before) s.flags |= PERIODIC;
    }
    if (s.held !== undefined) return;
    const second = (time: number) => Math.floor((time - s.baseTick) / TICKS_PER_SECOND);
    if (second(now) === second(since)) return;
    s.flags |= UPDATE;
    const first = s.baseSeconds + second(since) + 1;
    if (nextAlarm(first, this.format(), s.cmos) <= s.baseSeconds + second(now)) s.flags |= ALARM;
  }

  /** Drives the interrupt line and waits for the next event that would raise it. */
  private changed(): void {
    this.irq.set((this.s.flags & this.s.regB & EVENTS) !== 0);
    this.rearm();
  }

  private rearm(): void {
    this.timer?.cancel();
    this.timer = undefined;
    const time = this.nextEvent();
    if (time === Number.POSITIVE_INFINITY) return;
    this.timer = this.clock.at(
      time,
      () => {
        this.collect();
        this.changed();
      },
      TimerOrder.rtc,
    );
  }

  /** Time of the next enabled event whose flag is not set already. */
  private nextEvent(): number {
    const s = this.s;
    const now = this.clock.now();
    const wanted = s.regB & ~s.flags;
    let time = Number.POSITIVE_INFINITY;
    const period = this.periodicCycles();
    if ((wanted & PERIODIC) !== 0 && period !== 0) {
      const next = (Math.floor(cyclesAt(now, CRYSTAL_HZ) / period) + 1) * period;
      time = timeOfCycle(next, CRYSTAL_HZ);
    }
    if (s.held !== undefined) return time;
    const second = Math.floor((now - s.baseTick) / TICKS_PER_SECOND) + 1;
    const tickOf = (count: number) => s.baseTick + count * TICKS_PER_SECOND;
    if ((wanted & UPDATE) !== 0) time = Math.min(time, tickOf(second));
    if ((wanted & ALARM) !== 0) {
      const alarm = nextAlarm(s.baseSeconds + second, this.format(), s.cmos);
      time = Math.min(time, tickOf(alarm - s.baseSeconds));
    }
    return time;
  }
}

function initialState(options: RtcOptions, now: number): RtcState {
  const epoch = options.epochSeconds ?? EPOCH_DEFAULT;
  const whole = Math.floor(epoch);
  return {
    cmos: initialCmos(options),
    index: 0,
    upperIndex: 0,
    nmiMasked: false,
    regA: 0x26,
    regB: 0x02,
    flags: 0,
    flagsUntil: now,
    baseSeconds: whole,
    baseTick: now - Math.round((epoch - whole) * TICKS_PER_SECOND),
    weekdayBias: 0,
    held: undefined,
  };
}
