/** A 16550A serial port. Bytes leave at once; arriving ones wait until the FIFO has room. */
import { ByteQueue } from "./byte-queue.ts";
import type { Clock, Device, IrqLine, PortRange, Timer } from "./device.ts";
import { TICKS_PER_SECOND } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { TimerOrder } from "./timer-order.ts";
import { FCR, IER, IIR, LCR, LSR, MCR, MSR, UART_REGISTER as R } from "./uart-registers.ts";
import { initialUartState, type SavedUart } from "./uart-state.ts";

const FIFO_BYTES = 16;
/** Bytes that reach the interrupt threshold, by FCR bits 7:6. */
const TRIGGER_BYTES = [1, 4, 8, 14] as const;
const INPUT_BYTES_DEFAULT = 4096;
/** Input of the divisor: 1.8432 MHz / 16. */
const BASE_BAUD = 115_200;
/** Silence, in characters, after which a FIFO below its threshold asks for service. */
const TIMEOUT_CHARACTERS = 4;
/** A received item holds the byte in bits 7:0 and its LSR error bits above. */
const ERROR_SHIFT = 8;
const RECEIVE_ERRORS = LSR.parityError | LSR.framingError | LSR.breakInterrupt;

export interface UartOptions {
  readonly name?: string;
  /** Number of the port among its kind, for the order of timers. */
  readonly index?: number;
  /** Bytes of host input that are kept while the guest does not read. */
  readonly inputCapacity?: number;
}

export class Uart16550 implements Device {
  readonly ports: PortRange;
  /** A byte leaves the port. All eight bits are passed, whatever the word length in LCR. */
  onTransmit: ((byte: number) => void) | undefined;
  /** The guest begins (true) or ends (false) a break. */
  onBreak: ((active: boolean) => void) | undefined;
  /** There is room for input again after `receive` had to refuse some. */
  onReceiveRoom: ((room: number) => void) | undefined;
  private readonly clock: Clock;
  private readonly irq: IrqLine;
  private readonly order: number;
  private readonly fifo = new ByteQueue(FIFO_BYTES);
  private readonly input: ByteQueue;
  private s = initialUartState();
  private timer: Timer | undefined;
  private refusedInput = false;

  /** `base` is the first of eight ports, 0x3f8 for COM1. */
  constructor(base: number, clock: Clock, irq: IrqLine, options: UartOptions = {}) {
    this.clock = clock;
    this.irq = irq;
    this.order = TimerOrder.uart + (options.index ?? 0);
    this.input = new ByteQueue(options.inputCapacity ?? INPUT_BYTES_DEFAULT);
    this.ports = {
      first: base,
      last: base + 7,
      widest: 1,
      name: options.name ?? "UART",
      readPort: (port) => this.read(port - base),
      writePort: (port, _size, value) => this.write(port - base, value),
    };
  }

  /** Takes over host input; returns how many bytes fitted. Call again on `onReceiveRoom`. */
  receive(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && this.input.push(bytes[taken])) taken++;
    if (taken < bytes.length) this.refusedInput = true;
    this.fillFifo();
    this.update();
    return taken;
  }

  /** A break arrives: a zero byte with its own status bit. False when the input is full. */
  receiveBreak(): boolean {
    const taken = this.input.push(LSR.breakInterrupt << ERROR_SHIFT);
    this.fillFifo();
    this.update();
    return taken;
  }

  /** Bytes that `receive` would take now. */
  receiveRoom(): number {
    return this.input.room;
  }

  /** Whether the guest has asked for an interrupt when a byte arrives. */
  get interruptsOnInput(): boolean {
    return (this.s.ier & IER.receivedData) !== 0 && (this.s.mcr & MCR.out2) !== 0;
  }

  /** Sets the modem lines that the other end drives. */
  setModemInputs(lines: { cts: boolean; dsr: boolean; ri: boolean; dcd: boolean }): void {
    const inputs =
      (lines.cts ? MSR.cts : 0) |
      (lines.dsr ? MSR.dsr : 0) |
      (lines.ri ? MSR.ri : 0) |
      (lines.dcd ? MSR.dcd : 0);
    const before = this.modemLines();
    this.s.modemInputs = inputs;
    this.noteModemChange(before);
    this.update();
  }

  reset(): void {
    const { modemInputs } = this.s;
    this.s = initialUartState();
    this.s.modemInputs = modemInputs;
    this.fifo.clear();
    this.fillFifo();
    this.update();
  }

  snapshot(): unknown {
    const state: SavedUart = {
      registers: this.s,
      fifo: this.fifo.toArray(),
      input: this.input.toArray(),
    };
    return sealSnapshot("uart16550", 1, state);
  }

  restore(data: unknown): void {
    const state = openSnapshot<SavedUart>(data, "uart16550", 1);
    this.s = state.registers;
    this.fifo.fill(state.fifo);
    this.input.fill(state.input);
    this.armTimeout(this.s.timeoutAt);
  }

  private read(register: number): number {
    const s = this.s;
    switch (register) {
      case R.data:
        return this.isDivisorAccess() ? s.divisor & 0xff : this.readData();
      case R.interruptEnable:
        return this.isDivisorAccess() ? s.divisor >> 8 : s.ier;
      case R.interruptId:
        return this.readInterruptId();
      case R.lineControl:
        return s.lcr;
      case R.modemControl:
        return s.mcr;
      case R.lineStatus:
        return this.readLineStatus();
      case R.modemStatus:
        return this.readModemStatus();
      default:
        return s.scratch;
    }
  }

  private write(register: number, value: number): void {
    const s = this.s;
    switch (register) {
      case R.data:
        if (this.isDivisorAccess()) s.divisor = (s.divisor & 0xff00) | value;
        else this.transmit(value);
        break;
      case R.interruptEnable:
        if (this.isDivisorAccess()) s.divisor = (s.divisor & 0xff) | (value << 8);
        else this.writeInterruptEnable(value);
        break;
      case R.interruptId:
        this.writeFifoControl(value);
        break;
      case R.lineControl:
        this.writeLineControl(value);
        break;
      case R.modemControl:
        this.writeModemControl(value);
        break;
      case R.scratch:
        s.scratch = value;
        break;
      default:
      // LSR and MSR are read-only; writing them is for factory tests.
    }
    this.update();
  }

  private isDivisorAccess(): boolean {
    return (this.s.lcr & LCR.divisorLatch) !== 0;
  }

  private isLoopback(): boolean {
    return (this.s.mcr & MCR.loopback) !== 0;
  }

  private hasFifo(): boolean {
    return (this.s.fcr & FCR.enable) !== 0;
  }

  /** Items the receiver holds: 16 with the FIFO, else the one in RBR. */
  private depth(): number {
    return this.hasFifo() ? FIFO_BYTES : 1;
  }

  private transmit(byte: number): void {
    if (this.isLoopback()) this.loopBack(byte);
    else this.onTransmit?.(byte);
    // The holding register is full for a moment: a controller that waits for edges must see it.
    if (this.s.transmitEmpty) {
      this.s.transmitEmpty = false;
      this.update();
    }
    this.s.transmitEmpty = true;
  }

  private loopBack(item: number): void {
    if (this.fifo.length < this.depth()) {
      this.fifo.push(item);
    } else {
      this.s.overrun = true;
      // Without the FIFO the new byte replaces the one that was not fetched.
      if (!this.hasFifo()) this.fifo.replace(0, item);
    }
    this.noteReceived();
  }

  /** Moves waiting input into the receiver; in loopback the line is cut off. */
  private fillFifo(): void {
    if (this.isLoopback()) return;
    let moved = false;
    while (this.input.length > 0 && this.fifo.length < this.depth()) {
      this.fifo.push(this.input.shift());
      moved = true;
    }
    if (moved) this.noteReceived();
    if (!this.refusedInput || this.input.room < this.input.capacity / 2) return;
    this.refusedInput = false;
    this.onReceiveRoom?.(this.input.room);
  }

  private readData(): number {
    const byte = this.fifo.shift() & 0xff;
    this.s.timedOut = false;
    this.fillFifo();
    this.noteReceived();
    this.update();
    return byte;
  }

  /** Starts the silence timer anew after every arrival and fetch. */
  private noteReceived(): void {
    const s = this.s;
    const running = this.hasFifo() && this.fifo.length > 0 && !this.isOverThreshold();
    this.armTimeout(running ? this.clock.now() + this.timeoutTicks() : 0);
    if (!running) s.timedOut = false;
  }

  private armTimeout(time: number): void {
    this.timer?.cancel();
    this.timer = undefined;
    this.s.timeoutAt = time;
    if (time === 0) return;
    this.timer = this.clock.at(
      time,
      () => {
        this.s.timeoutAt = 0;
        this.s.timedOut = true;
        this.update();
      },
      this.order,
    );
  }

  private timeoutTicks(): number {
    const { lcr, divisor } = this.s;
    const dataBits = 5 + (lcr & LCR.wordLength);
    const parity = (lcr & LCR.parityEnable) !== 0 ? 1 : 0;
    const stopBits = (lcr & LCR.twoStopBits) !== 0 ? 2 : 1;
    const bits = (1 + dataBits + parity + stopBits) * TIMEOUT_CHARACTERS;
    return Math.ceil((bits * (divisor || 1) * TICKS_PER_SECOND) / BASE_BAUD);
  }

  private isOverThreshold(): boolean {
    const needed = this.hasFifo() ? TRIGGER_BYTES[this.s.fcr >> 6] : 1;
    return this.fifo.length >= needed;
  }

  private writeInterruptEnable(value: number): void {
    const s = this.s;
    const risen = value & ~s.ier;
    s.ier = value & IER.all;
    if ((risen & IER.transmitEmpty) !== 0) s.transmitEmpty = true;
  }

  private writeFifoControl(value: number): void {
    const s = this.s;
    const toggled = ((value ^ s.fcr) & FCR.enable) !== 0;
    if (toggled || (value & FCR.clearReceive) !== 0) this.fifo.clear();
    // Other bits are taken only together with the enable bit.
    s.fcr = (value & FCR.enable) !== 0 ? value & FCR.kept : 0;
    this.fillFifo();
    this.noteReceived();
  }

  private writeLineControl(value: number): void {
    const changed = (value ^ this.s.lcr) & LCR.setBreak;
    this.s.lcr = value;
    if (changed === 0) return;
    const active = (value & LCR.setBreak) !== 0;
    if (!this.isLoopback()) this.onBreak?.(active);
    else if (active) this.loopBack(LSR.breakInterrupt << ERROR_SHIFT);
  }

  private writeModemControl(value: number): void {
    const before = this.modemLines();
    this.s.mcr = value & MCR.all;
    this.noteModemChange(before);
    this.fillFifo();
  }

  /** Bits 7:4 of MSR: the cable's lines, or in loopback our own outputs. */
  private modemLines(): number {
    const { mcr, modemInputs } = this.s;
    if ((mcr & MCR.loopback) === 0) return modemInputs;
    return (
      ((mcr & MCR.rts) !== 0 ? MSR.cts : 0) |
      ((mcr & MCR.dtr) !== 0 ? MSR.dsr : 0) |
      ((mcr & MCR.out1) !== 0 ? MSR.ri : 0) |
      ((mcr & MCR.out2) !== 0 ? MSR.dcd : 0)
    );
  }

  private noteModemChange(before: number): void {
    const now = this.modemLines();
    // Each delta bit lies four below its line; that of RI tells of a falling edge only.
    const changed = (now ^ before) & ~(MSR.ri & now);
    this.s.modemDeltas |= changed >> 4;
  }

  private readModemStatus(): number {
    const value = this.modemLines() | this.s.modemDeltas;
    this.s.modemDeltas = 0;
    this.update();
    return value;
  }

  /** The line status; errors are those of the item at the top of the FIFO. */
  private lineStatus(): number {
    const top = this.fifo.peek() >> ERROR_SHIFT;
    const anyError = this.hasFifo() && this.fifo.hasAbove(0xff);
    return (
      LSR.transmitHoldingEmpty |
      LSR.transmitterEmpty |
      (this.fifo.length > 0 ? LSR.dataReady : 0) |
      (this.s.overrun ? LSR.overrun : 0) |
      (top & RECEIVE_ERRORS) |
      (anyError ? LSR.fifoError : 0)
    );
  }

  private readLineStatus(): number {
    const value = this.lineStatus();
    if ((value & ~LSR.quiet) === 0) return value;
    this.s.overrun = false;
    this.fifo.replace(0, this.fifo.peek() & 0xff);
    this.update();
    return value;
  }

  /** The pending interrupt of the highest priority. */
  private interruptId(): number {
    const s = this.s;
    const top = this.fifo.peek() >> ERROR_SHIFT;
    if ((s.ier & IER.lineStatus) !== 0 && (s.overrun || top !== 0)) return IIR.lineStatus;
    if ((s.ier & IER.receivedData) !== 0) {
      if (this.isOverThreshold()) return IIR.receivedData;
      if (s.timedOut) return IIR.timeout;
    }
    if ((s.ier & IER.transmitEmpty) !== 0 && s.transmitEmpty) return IIR.transmitEmpty;
    if ((s.ier & IER.modemStatus) !== 0 && s.modemDeltas !== 0) return IIR.modemStatus;
    return IIR.none;
  }

  private readInterruptId(): number {
    const id = this.interruptId();
    // Seeing the transmitter's interrupt is what clears it.
    if (id === IIR.transmitEmpty) this.s.transmitEmpty = false;
    this.update();
    return id | (this.hasFifo() ? IIR.fifosEnabled : 0);
  }

  private update(): void {
    // On a PC the OUT2 bit opens the way to the interrupt controller, in loopback as well.
    const enabled = (this.s.mcr & MCR.out2) !== 0;
    this.irq.set(enabled && this.interruptId() !== IIR.none);
  }
}
