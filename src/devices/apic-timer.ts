/** The local APIC's timer: one-shot, periodic and TSC-deadline, computed from virtual time. */
import type { Clock, Timer } from "./device.ts";
import { PERIOD_TICKS_MIN } from "./rate.ts";

/** LVT timer bits 18:17. */
export const TimerMode = { oneShot: 0, periodic: 1, tscDeadline: 2, reserved: 3 } as const;

/**
 * What to add to virtual time, modulo 2^64, to get the processor's TSC; two unsigned halves that
 * may change. Tell the APIC of a change with `tscChanged`.
 */
export interface TscOffset {
  readonly lo: number;
  readonly hi: number;
}

const TWO_32 = 0x100000000;
/** Waits of this many ticks in the upper half lie beyond what the clock can reach. */
const WAIT_HI_MAX = 1 << 20;

export interface ApicTimerState {
  mode: number;
  masked: boolean;
  initial: number;
  divide: number;
  /** Counting towards 0; false once a one-shot count has run out. */
  running: boolean;
  /** Virtual time at which the count was (or would have been) `initial`. */
  phaseStart: number;
  /** IA32_TSC_DEADLINE; 0 while disarmed. */
  deadlineLo: number;
  deadlineHi: number;
}

function initialState(): ApicTimerState {
  return {
    mode: TimerMode.oneShot,
    masked: true,
    initial: 0,
    divide: 0,
    running: false,
    phaseStart: 0,
    deadlineLo: 0,
    deadlineHi: 0,
  };
}

export class ApicTimer {
  private s = initialState();
  private timer: Timer | undefined;
  private readonly clock: Clock;
  private readonly tsc: TscOffset;
  private readonly order: number;
  private readonly expire: () => void;

  /** `expire` delivers the LVT timer interrupt; the mask is the caller's to look at. */
  constructor(clock: Clock, tsc: TscOffset, order: number, expire: () => void) {
    this.clock = clock;
    this.tsc = tsc;
    this.order = order;
    this.expire = expire;
  }

  get initial(): number {
    return this.s.initial;
  }

  get divide(): number {
    return this.s.divide;
  }

  get deadlineLo(): number {
    return this.s.deadlineLo;
  }

  get deadlineHi(): number {
    return this.s.deadlineHi;
  }

  get mode(): number {
    return this.s.mode;
  }

  /** Takes over mode and mask from the LVT entry. */
  configure(mode: number, masked: boolean): void {
    const s = this.s;
    if (mode === s.mode && masked === s.masked) return;
    this.settle();
    if (isCounting(mode) !== isCounting(s.mode)) {
      // Changing to or from TSC-deadline mode disarms the timer.
      s.running = false;
      s.initial = 0;
      s.deadlineLo = 0;
      s.deadlineHi = 0;
    }
    s.mode = mode;
    s.masked = masked;
    this.arm(0);
  }

  /** Writes the initial count, which starts the timer; ignored in TSC-deadline mode. */
  start(count: number): void {
    const s = this.s;
    if (!isCounting(s.mode)) return;
    s.initial = count;
    s.running = count !== 0;
    s.phaseStart = this.clock.now();
    this.arm(0);
  }

  /** Writes the divide configuration; the count goes on from where it is. */
  setDivide(value: number): void {
    const s = this.s;
    const count = this.currentCount();
    s.divide = value;
    s.phaseStart = this.clock.now() - (s.initial - count) * this.divisor();
    this.arm(0);
  }

  currentCount(): number {
    this.settle();
    const s = this.s;
    if (!s.running) return 0;
    return s.initial - Math.floor((this.clock.now() - s.phaseStart) / this.divisor());
  }

  /** Writes IA32_TSC_DEADLINE; ignored in the other modes. */
  setDeadline(lo: number, hi: number): void {
    if (this.s.mode !== TimerMode.tscDeadline) return;
    this.s.deadlineLo = lo;
    this.s.deadlineHi = hi;
    this.arm(0);
  }

  /** The TSC offset has changed: a deadline now comes at another time. */
  tscChanged(): void {
    if (this.s.mode === TimerMode.tscDeadline) this.arm(0);
  }

  reset(): void {
    this.s = initialState();
    this.arm(0);
  }

  save(): ApicTimerState {
    // Equal machines save equal states, however far each has looked at its timer.
    this.settle();
    return { ...this.s };
  }

  load(state: ApicTimerState): void {
    this.s = { ...state };
    this.arm(0);
  }

  private divisor(): number {
    const code = (this.s.divide & 3) | ((this.s.divide >> 1) & 4);
    return code === 7 ? 1 : 2 << code;
  }

  /** Brings `phaseStart` into the present period and notices a one-shot count that has run out. */
  private settle(): void {
    const s = this.s;
    if (!s.running) return;
    const period = s.initial * this.divisor();
    const elapsed = this.clock.now() - s.phaseStart;
    if (elapsed < period) return;
    if (s.mode === TimerMode.oneShot) s.running = false;
    else s.phaseStart += Math.floor(elapsed / period) * period;
  }

  /** Waits for the next expiry, but not before `earliest`. */
  private arm(earliest: number): void {
    this.timer?.cancel();
    this.timer = undefined;
    const s = this.s;
    if (s.mode === TimerMode.tscDeadline) {
      this.armDeadline();
      return;
    }
    this.settle();
    // A masked timer counts without anybody noticing: no need to wake up for it.
    if (!s.running || s.masked) return;
    const time = Math.max(s.phaseStart + s.initial * this.divisor(), earliest);
    this.timer = this.clock.at(time, () => this.countExpired(), this.order);
  }

  private countExpired(): void {
    this.timer = undefined;
    this.settle();
    this.expire();
    // See PERIOD_TICKS_MIN: an initial count of 1 would fire every tick.
    this.arm(this.clock.now() + PERIOD_TICKS_MIN);
  }

  private armDeadline(): void {
    const { deadlineLo, deadlineHi } = this.s;
    if (deadlineLo === 0 && deadlineHi === 0) return;
    const now = this.clock.now();
    const sum = (now >>> 0) + this.tsc.lo;
    const tscLo = sum >>> 0;
    const carry = sum >= TWO_32 ? 1 : 0;
    const tscHi = (Math.floor(now / TWO_32) + this.tsc.hi + carry) >>> 0;
    if (tscHi > deadlineHi || (tscHi === deadlineHi && tscLo >= deadlineLo)) {
      this.deadlineReached();
      return;
    }
    const borrow = deadlineLo < tscLo ? 1 : 0;
    const waitHi = deadlineHi - tscHi - borrow;
    if (waitHi >= WAIT_HI_MAX) return;
    const wait = waitHi * TWO_32 + ((deadlineLo - tscLo) >>> 0);
    this.timer = this.clock.at(now + wait, () => this.deadlineReached(), this.order);
  }

  private deadlineReached(): void {
    this.timer = undefined;
    this.s.deadlineLo = 0;
    this.s.deadlineHi = 0;
    this.expire();
  }
}

function isCounting(mode: number): boolean {
  return mode === TimerMode.oneShot || mode === TimerMode.periodic;
}
