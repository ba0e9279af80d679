/** The 8254 interval timer of a PC and port 0x61 (gate of channel 2, speaker, refresh toggle). */
import type { Clock, Device, IrqLine, PortRange, Timer } from "./device.ts";
import { PitChannel, type PitChannelState } from "./pit-channel.ts";
import { cyclesAt, PERIOD_TICKS_MIN, timeOfCycle } from "./rate.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { TimerOrder } from "./timer-order.ts";

/** Rate of the counters. */
export const PIT_HZ = 1_193_182;

const CONTROL_PORT = 0x43;
const SPEAKER_CHANNEL = 2;
const READ_BACK = 3;

/** Port 0x61. */
const GATE2 = 0x01;
const WRITABLE_61 = 0x0f;
const REFRESH_TOGGLE = 0x10;
const OUT2 = 0x20;
/** Ticks between memory refresh requests, at each of which bit 4 toggles. */
const REFRESH_TICKS = 15_085;

interface PitState {
  readonly channels: readonly PitChannelState[];
  readonly port61: number;
}

export class Pit8254 implements Device {
  readonly ports: readonly PortRange[];
  private readonly clock: Clock;
  private readonly irq: IrqLine;
  private readonly channels = [new PitChannel(true), new PitChannel(true), new PitChannel(false)];
  private port61 = 0;
  private timer: Timer | undefined;

  /** `irq` is the OUT pin of channel 0. */
  constructor(clock: Clock, irq: IrqLine) {
    this.clock = clock;
    this.irq = irq;
    this.ports = [
      {
        first: 0x40,
        last: CONTROL_PORT,
        widest: 1,
        name: "PIT",
        readPort: (port) => this.read(port),
        writePort: (port, _size, value) => this.write(port, value),
      },
      {
        first: 0x61,
        last: 0x61,
        widest: 1,
        name: "port 61",
        readPort: () => this.read61(),
        writePort: (_port, _size, value) => this.write61(value),
      },
    ];
  }

  reset(): void {
    this.channels.forEach((_, index) => {
      this.channels[index] = new PitChannel(index !== SPEAKER_CHANNEL);
    });
    this.port61 = 0;
    this.rearm();
    this.irq.set(false);
  }

  snapshot(): unknown {
    const state: PitState = { channels: this.channels.map((c) => c.state), port61: this.port61 };
    return sealSnapshot("pit8254", 1, state);
  }

  restore(data: unknown): void {
    const state = openSnapshot<PitState>(data, "pit8254", 1);
    state.channels.forEach((channel, index) => {
      this.channels[index].state = channel;
    });
    this.port61 = state.port61;
    this.rearm();
  }

  private cycle(): number {
    return cyclesAt(this.clock.now(), PIT_HZ);
  }

  private read(port: number): number {
    if (port === CONTROL_PORT) return 0xff;
    return this.channels[port & 3].readByte(this.cycle());
  }

  private write(port: number, value: number): void {
    const cycle = this.cycle();
    if (port === CONTROL_PORT) {
      const index = value >> 6;
      if (index === READ_BACK) this.readBack(value, cycle);
      else this.channels[index].writeControl(value, cycle);
      if (index === 0) this.channelZeroChanged();
      return;
    }
    this.channels[port & 3].writeByte(value, cycle);
    if ((port & 3) === 0) this.channelZeroChanged();
  }

  /** Bits 5 and 4 are low to latch count and status, bits 3:1 choose the channels. */
  private readBack(value: number, cycle: number): void {
    this.channels.forEach((channel, index) => {
      if ((value & (2 << index)) === 0) return;
      if ((value & 0x20) === 0) channel.latchCount(cycle);
      if ((value & 0x10) === 0) channel.latchStatus(cycle);
    });
  }

  private read61(): number {
    const refresh = Math.floor(this.clock.now() / REFRESH_TICKS) % 2 === 1 ? REFRESH_TOGGLE : 0;
    const output = this.channels[SPEAKER_CHANNEL].output(this.cycle()) ? OUT2 : 0;
    return this.port61 | refresh | output;
  }

  private write61(value: number): void {
    this.port61 = value & WRITABLE_61;
    this.channels[SPEAKER_CHANNEL].setGate((value & GATE2) !== 0, this.cycle());
  }

  private channelZeroChanged(): void {
    this.irq.set(this.channels[0].output(this.cycle()));
    this.rearm();
  }

  /** Arms the timer for the next rising edge of channel 0, not before `earliest`. */
  private rearm(earliest = 0): void {
    this.timer?.cancel();
    this.timer = undefined;
    const rise = this.channels[0].nextRise(this.cycle());
    if (rise === Number.POSITIVE_INFINITY) return;
    const time = Math.max(timeOfCycle(rise, PIT_HZ), earliest);
    this.timer = this.clock.at(time, () => this.fire(), TimerOrder.pit);
  }

  private fire(): void {
    // The low phase before the edge is not worth a timer of its own.
    this.irq.set(false);
    this.irq.set(true);
    // See PERIOD_TICKS_MIN: a count of 1 would fire every 838 ticks.
    const periodic = this.channels[0].isPeriodic();
    this.rearm(periodic ? this.clock.now() + PERIOD_TICKS_MIN : 0);
  }
}
