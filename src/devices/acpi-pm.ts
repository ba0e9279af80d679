/** ACPI fixed hardware: power-management events, sleep, PM timer, GPE block, SMI command port. */
import type { AccessSize, Clock, Device, IrqLine, PortRange, Timer } from "./device.ts";
import { cyclesAt, timeOfCycle } from "./rate.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { TimerOrder } from "./timer-order.ts";

export const PM_TIMER_HZ = 3_579_545;
export const PM_PORTS = 64;
export const SMI_COMMAND_PORT = 0xb2;
/** What written to the SMI command port switches ACPI on and off. */
export const ACPI_ENABLE = 0xf1;
export const ACPI_DISABLE = 0xf0;

/** Offsets of the register blocks from the base. */
export const PM_OFFSET = { event: 0x00, control: 0x04, timer: 0x08, gpe0: 0x0c } as const;
export const GPE0_BYTES = 4;

/** Sleep types as the _S objects of the tables name them. */
export const SLEEP_TYPE = { s5: 0, s3: 1 } as const;

const EVENT = {
  timer: 1 << 0,
  globalLock: 1 << 5,
  powerButton: 1 << 8,
  sleepButton: 1 << 9,
  rtc: 1 << 10,
  wake: 1 << 15,
} as const;
const STATUS_BITS =
  EVENT.timer | EVENT.globalLock | EVENT.powerButton | EVENT.sleepButton | EVENT.rtc | EVENT.wake;
const ENABLE_BITS = STATUS_BITS & ~EVENT.wake;

const CONTROL = { sciEnable: 1 << 0, typeShift: 10, sleepEnable: 1 << 13, kept: 0x1c03 } as const;

export interface AcpiPmOptions {
  /** First of the 64 ports; a multiple of 64; default 0x600. */
  readonly base?: number;
  /** Width of the timer; default 32. */
  readonly timerBits?: 24 | 32;
}

interface PmState {
  status: number;
  enable: number;
  control: number;
  gpeStatus: number;
  gpeEnable: number;
  smiStatus: number;
  smiCommand: number;
  sleeping: boolean;
  /** Half-period of the timer in which its status bit was last cleared. */
  timerHalf: number;
}

function initialState(): PmState {
  return {
    status: 0,
    enable: 0,
    control: 0,
    gpeStatus: 0,
    gpeEnable: 0,
    smiStatus: 0,
    smiCommand: 0,
    sleeping: false,
    timerHalf: 0,
  };
}

export class AcpiPm implements Device {
  readonly smiPorts: PortRange;
  /** The guest switches the machine off (S5). */
  onPowerOff: (() => void) | undefined;
  /** The guest puts the machine to sleep (S3); `onWake` follows when something wakes it. */
  onSleep: (() => void) | undefined;
  /** A wake event came while the machine slept: start at the FACS waking vector. */
  onWake: (() => void) | undefined;
  private readonly clock: Clock;
  private readonly sci: IrqLine;
  private readonly halfCycles: number;
  private readonly timerMask: number;
  private range: PortRange;
  private s = initialState();
  private timer: Timer | undefined;

  /** `sci` is the level-triggered, active-high interrupt line of ACPI. */
  constructor(clock: Clock, sci: IrqLine, options: AcpiPmOptions = {}) {
    this.clock = clock;
    this.sci = sci;
    const bits = options.timerBits ?? 32;
    this.halfCycles = 2 ** (bits - 1);
    this.timerMask = bits === 32 ? 0xffffffff : 0xffffff;
    this.range = this.portsAt(options.base ?? 0x600);
    this.smiPorts = {
      first: SMI_COMMAND_PORT,
      last: SMI_COMMAND_PORT + 1,
      widest: 1,
      name: "SMI command",
      readPort: (port) => (port === SMI_COMMAND_PORT ? this.s.smiCommand : this.s.smiStatus),
      writePort: (port, _size, value) => this.writeSmi(port, value),
    };
  }

  /** The 64 ports of the registers where they lie now. */
  get ports(): PortRange {
    return this.range;
  }

  /** Moves the registers; returns the ports to be claimed instead of the old ones. */
  moveTo(base: number): PortRange {
    if (base !== this.range.first) this.range = this.portsAt(base);
    return this.range;
  }

  get sleeping(): boolean {
    return this.s.sleeping;
  }

  /** The power button is pressed, which also wakes the machine. */
  pressPowerButton(): void {
    this.raise(EVENT.powerButton);
  }

  /** The RTC's alarm interrupt has risen. */
  rtcAlarm(): void {
    this.raise(EVENT.rtc);
  }

  /** General-purpose event `n`, 0 to 15. */
  raiseGpe(n: number): void {
    this.s.gpeStatus |= 1 << (n & 15);
    if ((this.s.gpeStatus & this.s.gpeEnable) !== 0) this.wake();
    this.update();
  }

  reset(): void {
    this.s = initialState();
    this.s.timerHalf = this.half();
    this.update();
  }

  snapshot(): unknown {
    return sealSnapshot("acpi-pm", 1, this.s);
  }

  /** Where the ports lie is for the owner to restore: the PCI function that places them. */
  restore(data: unknown): void {
    this.s = openSnapshot<PmState>(data, "acpi-pm", 1);
    this.rearm();
  }

  private portsAt(base: number): PortRange {
    return {
      first: base,
      last: base + PM_PORTS - 1,
      widest: 4,
      name: "ACPI power management",
      readPort: (port, size) => this.read(port - base, size),
      writePort: (port, size, value) => this.write(port - base, size, value),
    };
  }

  /** Bytes of all registers in one row; wide reads may span two registers. */
  private read(offset: number, size: AccessSize): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = (value << 8) | this.readByte(offset + i);
    return value >>> 0;
  }

  private readByte(offset: number): number {
    if (offset >= PM_OFFSET.timer && offset < PM_OFFSET.timer + 4) {
      return (this.timerValue() >>> ((offset & 3) * 8)) & 0xff;
    }
    return (this.readHalf(offset & ~1) >> ((offset & 1) * 8)) & 0xff;
  }

  private readHalf(offset: number): number {
    const s = this.s;
    switch (offset) {
      case PM_OFFSET.event:
        this.noteTimer();
        return s.status;
      case PM_OFFSET.event + 2:
        return s.enable;
      case PM_OFFSET.control:
        return s.control;
      case PM_OFFSET.gpe0:
        return s.gpeStatus;
      case PM_OFFSET.gpe0 + 2:
        return s.gpeEnable;
      default:
        return 0;
    }
  }

  /** Registers take their bytes one by one, so that writes of any width and place work. */
  private write(offset: number, size: AccessSize, value: number): void {
    this.noteTimer();
    for (let i = 0; i < size; i++) this.writeByte(offset + i, (value >>> (8 * i)) & 0xff);
    this.update();
  }

  private writeByte(offset: number, byte: number): void {
    const s = this.s;
    const shift = (offset & 1) * 8;
    const bits = byte << shift;
    const merge = (old: number) => (old & ~(0xff << shift)) | bits;
    switch (offset & ~1) {
      case PM_OFFSET.event:
        s.status &= ~(bits & STATUS_BITS);
        if ((bits & EVENT.timer) !== 0) s.timerHalf = this.half();
        break;
      case PM_OFFSET.event + 2:
        s.enable = merge(s.enable) & ENABLE_BITS;
        break;
      case PM_OFFSET.control:
        this.writeControl(merge(s.control), bits);
        break;
      case PM_OFFSET.gpe0:
        s.gpeStatus &= ~bits;
        break;
      case PM_OFFSET.gpe0 + 2:
        s.gpeEnable = merge(s.gpeEnable);
        break;
      default:
    }
  }

  private writeControl(value: number, written: number): void {
    const s = this.s;
    // SCI_EN belongs to the firmware side of the SMI command port.
    s.control = (value & CONTROL.kept & ~CONTROL.sciEnable) | (s.control & CONTROL.sciEnable);
    if ((written & CONTROL.sleepEnable) === 0) return;
    const type = (value >> CONTROL.typeShift) & 7;
    if (type === SLEEP_TYPE.s5) {
      this.onPowerOff?.();
    } else if (type === SLEEP_TYPE.s3) {
      s.sleeping = true;
      this.onSleep?.();
      this.wakeIfPending();
    }
  }

  private writeSmi(port: number, value: number): void {
    const s = this.s;
    if (port !== SMI_COMMAND_PORT) {
      s.smiStatus = value;
      return;
    }
    s.smiCommand = value;
    if (value === ACPI_ENABLE) s.control |= CONTROL.sciEnable;
    else if (value === ACPI_DISABLE) s.control &= ~CONTROL.sciEnable;
    this.update();
  }

  private raise(event: number): void {
    this.s.status |= event;
    if ((this.s.enable & event) !== 0) this.wake();
    this.update();
  }

  private wakeIfPending(): void {
    const { status, enable, gpeStatus, gpeEnable } = this.s;
    const wakers = EVENT.powerButton | EVENT.sleepButton | EVENT.rtc;
    if ((status & enable & wakers) !== 0 || (gpeStatus & gpeEnable) !== 0) this.wake();
  }

  private wake(): void {
    if (!this.s.sleeping) return;
    this.s.sleeping = false;
    this.s.status |= EVENT.wake;
    this.onWake?.();
  }

  private timerValue(): number {
    const cycles = cyclesAt(this.clock.now(), PM_TIMER_HZ);
    // ToUint32 takes the value modulo 2^32.
    return (cycles & this.timerMask) >>> 0;
  }

  /** Number of the half-period: it changes when the timer's top bit does. */
  private half(): number {
    return Math.floor(cyclesAt(this.clock.now(), PM_TIMER_HZ) / this.halfCycles);
  }

  /** Sets the timer's status bit when its top bit has changed since the bit was cleared. */
  private noteTimer(): void {
    const half = this.half();
    if (half === this.s.timerHalf) return;
    this.s.timerHalf = half;
    this.s.status |= EVENT.timer;
  }

  private update(): void {
    this.noteTimer();
    const s = this.s;
    const pending = (s.status & s.enable) !== 0 || (s.gpeStatus & s.gpeEnable) !== 0;
    this.sci.set(pending && (s.control & CONTROL.sciEnable) !== 0);
    this.rearm();
  }

  /** Waits for the top bit to change, if that would interrupt. */
  private rearm(): void {
    this.timer?.cancel();
    this.timer = undefined;
    const s = this.s;
    const wanted = (s.enable & ~s.status & EVENT.timer) !== 0;
    if (!wanted || (s.control & CONTROL.sciEnable) === 0) return;
    const time = timeOfCycle((this.half() + 1) * this.halfCycles, PM_TIMER_HZ);
    this.timer = this.clock.at(time, () => this.update(), TimerOrder.acpiPm);
  }
}
