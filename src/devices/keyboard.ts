/** The 8042 keyboard controller with a keyboard and a mouse on which nobody types or moves. */
import { ByteQueue } from "./byte-queue.ts";
import type { Device, IrqLine, PortRange } from "./device.ts";
import { answerKeyboard, answerMouse, initialPs2, type Ps2State } from "./ps2-devices.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const DATA_PORT = 0x60;
const COMMAND_PORT = 0x64;
/** Bytes that each source can have waiting; more are dropped, as a full device buffer does. */
const QUEUE_BYTES = 16;

/** Status register. */
const STATUS = {
  outputFull: 0x01,
  system: 0x04,
  command: 0x08,
  unlocked: 0x10,
  fromMouse: 0x20,
} as const;

/** Command byte. */
const MODE = {
  keyboardInterrupt: 0x01,
  mouseInterrupt: 0x02,
  system: 0x04,
  keyboardOff: 0x10,
  mouseOff: 0x20,
} as const;
const MODE_AFTER_RESET = MODE.system | MODE.keyboardInterrupt;

/** Output port. */
const OUTPUT = { notReset: 0x01, a20: 0x02, base: 0xcc } as const;
/** Jumpers: keyboard not locked. */
const INPUT_PORT = 0x80;

/** Controller commands. */
const COMMAND = {
  readRam: 0x20,
  writeRam: 0x60,
  mouseOff: 0xa7,
  mouseOn: 0xa8,
  testMouse: 0xa9,
  selfTest: 0xaa,
  testKeyboard: 0xab,
  keyboardOff: 0xad,
  keyboardOn: 0xae,
  readInput: 0xc0,
  readOutput: 0xd0,
  writeOutput: 0xd1,
  fakeKeyboard: 0xd2,
  fakeMouse: 0xd3,
  toMouse: 0xd4,
  a20Off: 0xdd,
  a20On: 0xdf,
  pulse: 0xf0,
} as const;

/** The byte in the output buffer carries this when it comes from the mouse. */
const FROM_MOUSE = 0x100;
const EMPTY = -1;

interface KeyboardState {
  mode: number;
  /** Command whose data byte is expected; 0 when data goes to the keyboard. */
  pending: number;
  /** The last write went to the command port. */
  lastWasCommand: boolean;
  outputPort: number;
  /** The output buffer: a byte, with FROM_MOUSE, or EMPTY. */
  output: number;
  ram: Uint8Array;
  ps2: Ps2State;
}

interface SavedKeyboard {
  readonly state: KeyboardState;
  readonly queues: readonly (readonly number[])[];
}

export class Keyboard8042 implements Device {
  readonly ports: readonly PortRange[];
  /** The A20 bit of the output port has changed. */
  onA20: ((enabled: boolean) => void) | undefined;
  /** The reset line is pulled: the processor is to be reset by INIT. */
  onReset: (() => void) | undefined;
  private readonly keyboardIrq: IrqLine;
  private readonly mouseIrq: IrqLine;
  /** What waits for the output buffer; the controller's own answers go first. */
  private readonly answers = new ByteQueue(QUEUE_BYTES);
  private readonly fromKeyboard = new ByteQueue(QUEUE_BYTES);
  private readonly fromMouse = new ByteQueue(QUEUE_BYTES);
  private s = initialState();

  /** The lines are IRQ 1 and IRQ 12. */
  constructor(keyboardIrq: IrqLine, mouseIrq: IrqLine) {
    this.keyboardIrq = keyboardIrq;
    this.mouseIrq = mouseIrq;
    this.ports = [
      {
        first: DATA_PORT,
        last: DATA_PORT,
        widest: 1,
        name: "keyboard data",
        readPort: () => this.readData(),
        writePort: (_port, _size, value) => this.writeData(value),
      },
      {
        first: COMMAND_PORT,
        last: COMMAND_PORT,
        widest: 1,
        name: "keyboard command",
        readPort: () => this.status(),
        writePort: (_port, _size, value) => this.writeCommand(value),
      },
    ];
  }

  get a20(): boolean {
    return (this.s.outputPort & OUTPUT.a20) !== 0;
  }

  reset(): void {
    const a20 = this.a20;
    this.s = initialState();
    for (const queue of this.queues()) queue.clear();
    this.driveLines();
    if (a20 !== this.a20) this.onA20?.(this.a20);
  }

  snapshot(): unknown {
    const saved: SavedKeyboard = {
      state: this.s,
      queues: this.queues().map((queue) => queue.toArray()),
    };
    return sealSnapshot("keyboard", 1, saved);
  }

  restore(data: unknown): void {
    const saved = openSnapshot<SavedKeyboard>(data, "keyboard", 1);
    this.s = saved.state;
    this.queues().forEach((queue, index) => {
      queue.fill(saved.queues[index]);
    });
  }

  private queues(): readonly ByteQueue[] {
    return [this.answers, this.fromKeyboard, this.fromMouse];
  }

  private status(): number {
    const { mode, lastWasCommand, output } = this.s;
    return (
      STATUS.unlocked |
      (mode & MODE.system) |
      (lastWasCommand ? STATUS.command : 0) |
      (output !== EMPTY ? STATUS.outputFull : 0) |
      (output !== EMPTY && (output & FROM_MOUSE) !== 0 ? STATUS.fromMouse : 0)
    );
  }

  /** Takes the byte in the output buffer; an empty one reads as 0. */
  private readData(): number {
    const { output } = this.s;
    if (output === EMPTY) return 0;
    this.s.output = EMPTY;
    // The line falls with every byte taken, so that the next one makes a new edge.
    this.driveLines();
    this.fillOutput();
    return output & 0xff;
  }

  /** Moves the next byte into the output buffer; a device that is switched off keeps its bytes. */
  private fillOutput(): void {
    const s = this.s;
    if (s.output !== EMPTY) return;
    if (this.answers.length > 0) s.output = this.answers.shift();
    else if (this.fromKeyboard.length > 0 && (s.mode & MODE.keyboardOff) === 0) {
      s.output = this.fromKeyboard.shift();
    } else if (this.fromMouse.length > 0 && (s.mode & MODE.mouseOff) === 0) {
      s.output = this.fromMouse.shift() | FROM_MOUSE;
    }
    this.driveLines();
  }

  private writeData(value: number): void {
    const s = this.s;
    const { pending } = s;
    s.pending = 0;
    s.lastWasCommand = false;
    if (pending >= COMMAND.writeRam && pending < COMMAND.writeRam + 0x20) {
      const index = pending - COMMAND.writeRam;
      if (index === 0) this.setMode(value);
      else s.ram[index] = value;
      return;
    }
    switch (pending) {
      case COMMAND.writeOutput:
        this.writeOutputPort(value);
        break;
      case COMMAND.fakeKeyboard:
        this.put(value);
        break;
      case COMMAND.fakeMouse:
        this.put(value | FROM_MOUSE);
        break;
      case COMMAND.toMouse:
        this.setMode(s.mode & ~MODE.mouseOff);
        this.send(this.fromMouse, answerMouse(s.ps2, value));
        break;
      default:
        // Talking to the keyboard turns its clock on.
        this.setMode(s.mode & ~MODE.keyboardOff);
        this.send(this.fromKeyboard, answerKeyboard(s.ps2, value));
    }
  }

  private writeCommand(value: number): void {
    const s = this.s;
    s.pending = 0;
    s.lastWasCommand = true;
    if (value >= COMMAND.pulse) {
      // Bit 0 low pulses the reset line; the other lines lead nowhere.
      if ((value & OUTPUT.notReset) === 0) this.onReset?.();
      return;
    }
    if (value >= COMMAND.readRam && value < COMMAND.readRam + 0x20) {
      const index = value - COMMAND.readRam;
      this.put(index === 0 ? s.mode : s.ram[index]);
      return;
    }
    if (value >= COMMAND.writeRam && value < COMMAND.writeRam + 0x20) {
      s.pending = value;
      return;
    }
    switch (value) {
      case COMMAND.mouseOff:
        this.setMode(s.mode | MODE.mouseOff);
        break;
      case COMMAND.mouseOn:
        this.setMode(s.mode & ~MODE.mouseOff);
        break;
      case COMMAND.testMouse:
      case COMMAND.testKeyboard:
        this.put(0x00);
        break;
      case COMMAND.selfTest:
        this.setMode(s.mode | MODE.system);
        this.put(0x55);
        break;
      case COMMAND.keyboardOff:
        this.setMode(s.mode | MODE.keyboardOff);
        break;
      case COMMAND.keyboardOn:
        this.setMode(s.mode & ~MODE.keyboardOff);
        break;
      case COMMAND.readInput:
        this.put(INPUT_PORT);
        break;
      case COMMAND.readOutput:
        this.put(s.outputPort);
        break;
      case COMMAND.writeOutput:
      case COMMAND.fakeKeyboard:
      case COMMAND.fakeMouse:
      case COMMAND.toMouse:
        s.pending = value;
        break;
      case COMMAND.a20Off:
        this.setA20(false);
        break;
      case COMMAND.a20On:
        this.setA20(true);
        break;
      default:
      // Unknown commands are ignored, as the chip's firmware does.
    }
  }

  private writeOutputPort(value: number): void {
    this.setA20((value & OUTPUT.a20) !== 0);
    if ((value & OUTPUT.notReset) === 0) this.onReset?.();
  }

  private setA20(enabled: boolean): void {
    const s = this.s;
    if (enabled === this.a20) return;
    s.outputPort = enabled ? s.outputPort | OUTPUT.a20 : s.outputPort & ~OUTPUT.a20;
    this.onA20?.(enabled);
  }

  private setMode(mode: number): void {
    this.s.mode = mode;
    this.fillOutput();
    this.driveLines();
  }

  /** A device answers; what it had left to send of an earlier answer it gives up. */
  private send(queue: ByteQueue, bytes: readonly number[]): void {
    queue.clear();
    for (const byte of bytes) queue.push(byte);
    this.fillOutput();
  }

  /** An answer of the controller itself, or a byte made up to look like a device's. */
  private put(item: number): void {
    this.answers.push(item);
    this.fillOutput();
  }

  private driveLines(): void {
    const { mode, output } = this.s;
    const full = output !== EMPTY;
    const fromMouse = full && (output & FROM_MOUSE) !== 0;
    this.keyboardIrq.set(full && !fromMouse && (mode & MODE.keyboardInterrupt) !== 0);
    this.mouseIrq.set(fromMouse && (mode & MODE.mouseInterrupt) !== 0);
  }
}

function initialState(): KeyboardState {
  return {
    mode: MODE_AFTER_RESET,
    pending: 0,
    lastWasCommand: false,
    // A20 is on from the start, as boot loaders that enter images directly promise.
    outputPort: OUTPUT.base | OUTPUT.notReset | OUTPUT.a20,
    output: EMPTY,
    ram: new Uint8Array(0x20),
    ps2: initialPs2(),
  };
}
