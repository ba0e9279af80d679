/** The pair of 8259A interrupt controllers of a PC, with the edge/level registers. */
import type { Device, IrqLine, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

/** Input of the master to which the slave's INT output is wired. */
const CASCADE_IRQ = 2;
/** What an 8259 answers when the request went away before it was acknowledged. */
const SPURIOUS_IRQ = 7;
const NO_IRQ = -1;

const ICW1_SELECT = 0x10;
const ICW1_LEVEL_TRIGGERED = 0x08;
const ICW1_SINGLE = 0x02;
const ICW1_NEEDS_ICW4 = 0x01;
const ICW4_SPECIAL_FULLY_NESTED = 0x10;
const ICW4_AUTO_EOI = 0x02;
const OCW3_SELECT = 0x08;

/** IRQs whose trigger mode is fixed to edge: timer, keyboard, cascade; RTC, coprocessor. */
const ELCR_WRITABLE = [0xf8, 0xde] as const;

/** Which byte the next write to the odd port is. */
const Expect = { mask: 0, icw2: 2, icw3: 3, icw4: 4 } as const;

interface ChipState {
  /** Levels of the eight inputs. */
  lines: number;
  irr: number;
  isr: number;
  imr: number;
  elcr: number;
  vectorBase: number;
  icw1: number;
  icw3: number;
  icw4: number;
  expect: number;
  /** The input that has the lowest priority now. */
  lowest: number;
  readIsr: boolean;
  poll: boolean;
  specialMask: boolean;
  rotateOnAutoEoi: boolean;
}

function powerOnState(): ChipState {
  return {
    lines: 0,
    irr: 0,
    isr: 0,
    imr: 0,
    elcr: 0,
    vectorBase: 0,
    icw1: ICW1_NEEDS_ICW4,
    icw3: 0,
    icw4: 0,
    expect: Expect.mask,
    lowest: 7,
    readIsr: false,
    poll: false,
    specialMask: false,
    rotateOnAutoEoi: false,
  };
}

/** One 8259A. */
class Chip {
  state = powerOnState();
  private readonly isMaster: boolean;

  constructor(isMaster: boolean) {
    this.isMaster = isMaster;
  }

  setLine(irq: number, level: boolean): void {
    const s = this.state;
    const bit = 1 << irq;
    const rose = level && (s.lines & bit) === 0;
    s.lines = level ? s.lines | bit : s.lines & ~bit;
    // A request seen at an edge stays until it is acknowledged, as in the chipsets that
    // integrate the 8259; only a level-triggered one goes away with its line.
    if (this.isLevel(bit)) s.irr = level ? s.irr | bit : s.irr & ~bit;
    else if (rose) s.irr |= bit;
  }

  /** The input to be served next, or NO_IRQ. */
  pending(): number {
    const s = this.state;
    const requests = s.irr & ~s.imr;
    if (requests === 0) return NO_IRQ;
    const request = this.rankOfHighest(requests);
    const inService = s.specialMask ? s.isr & ~s.imr : s.isr;
    const serving = this.rankOfHighest(inService);
    if (request < serving) return this.irqOfRank(request);
    // In special fully nested mode the slave may interrupt its own service with a higher request.
    const nested = this.isMaster && (s.icw4 & ICW4_SPECIAL_FULLY_NESTED) !== 0;
    if (nested && request === serving && this.irqOfRank(request) === CASCADE_IRQ) {
      return CASCADE_IRQ;
    }
    return NO_IRQ;
  }

  /** What INTA does to the request and service registers. */
  serve(irq: number): void {
    const s = this.state;
    const bit = 1 << irq;
    if (!this.isLevel(bit)) s.irr &= ~bit;
    if ((s.icw4 & ICW4_AUTO_EOI) === 0) s.isr |= bit;
    else if (s.rotateOnAutoEoi) s.lowest = irq;
  }

  read(odd: boolean): number {
    const s = this.state;
    if (s.poll) {
      s.poll = false;
      const irq = this.pending();
      if (irq === NO_IRQ) return 0;
      this.serve(irq);
      return 0x80 | irq;
    }
    if (odd) return s.imr;
    return s.readIsr ? s.isr : s.irr;
  }

  write(odd: boolean, value: number): void {
    if (odd) this.writeOdd(value);
    else if ((value & ICW1_SELECT) !== 0) this.writeIcw1(value);
    else if ((value & OCW3_SELECT) !== 0) this.writeOcw3(value);
    else this.writeOcw2(value);
  }

  writeElcr(value: number): void {
    const s = this.state;
    s.elcr = value & ELCR_WRITABLE[this.isMaster ? 0 : 1];
    s.irr = (s.irr & ~s.elcr) | (s.lines & s.elcr);
  }

  private isLevel(bit: number): boolean {
    const s = this.state;
    return (s.elcr & bit) !== 0 || (s.icw1 & ICW1_LEVEL_TRIGGERED) !== 0;
  }

  private writeIcw1(value: number): void {
    const s = this.state;
    s.icw1 = value;
    s.imr = 0;
    s.isr = 0;
    // The edge detectors start afresh: a line that is high now must fall first.
    const level = (value & ICW1_LEVEL_TRIGGERED) !== 0 ? 0xff : s.elcr;
    s.irr = s.lines & level;
    s.lowest = 7;
    s.readIsr = false;
    s.poll = false;
    s.specialMask = false;
    s.rotateOnAutoEoi = false;
    s.icw4 = 0;
    s.expect = Expect.icw2;
  }

  private writeOdd(value: number): void {
    const s = this.state;
    const icw4Follows = (s.icw1 & ICW1_NEEDS_ICW4) !== 0 ? Expect.icw4 : Expect.mask;
    switch (s.expect) {
      case Expect.icw2:
        s.vectorBase = value & 0xf8;
        s.expect = (s.icw1 & ICW1_SINGLE) !== 0 ? icw4Follows : Expect.icw3;
        break;
      case Expect.icw3:
        s.icw3 = value;
        s.expect = icw4Follows;
        break;
      case Expect.icw4:
        s.icw4 = value;
        s.expect = Expect.mask;
        break;
      default:
        s.imr = value;
    }
  }

  private writeOcw3(value: number): void {
    const s = this.state;
    if ((value & 0x04) !== 0) s.poll = true;
    if ((value & 0x02) !== 0) s.readIsr = (value & 0x01) !== 0;
    if ((value & 0x40) !== 0) s.specialMask = (value & 0x20) !== 0;
  }

  private writeOcw2(value: number): void {
    const s = this.state;
    const irq = value & 7;
    switch (value >> 5) {
      case 0:
        s.rotateOnAutoEoi = false;
        break;
      case 1:
        this.endOfInterrupt(this.highestInService());
        break;
      case 3:
        this.endOfInterrupt(irq);
        break;
      case 4:
        s.rotateOnAutoEoi = true;
        break;
      case 5: {
        const served = this.highestInService();
        this.endOfInterrupt(served);
        if (served !== NO_IRQ) s.lowest = served;
        break;
      }
      case 6:
        s.lowest = irq;
        break;
      case 7:
        this.endOfInterrupt(irq);
        s.lowest = irq;
        break;
      default:
      // 2: no operation.
    }
  }

  /** In special mask mode a non-specific EOI leaves masked inputs alone. */
  private highestInService(): number {
    const s = this.state;
    const candidates = s.specialMask ? s.isr & ~s.imr : s.isr;
    return candidates === 0 ? NO_IRQ : this.irqOfRank(this.rankOfHighest(candidates));
  }

  private endOfInterrupt(irq: number): void {
    if (irq !== NO_IRQ) this.state.isr &= ~(1 << irq);
  }

  /** 0 for the input of the highest priority, 8 when `bits` is empty. */
  private rankOfHighest(bits: number): number {
    const turn = (this.state.lowest + 1) & 7;
    const rotated = ((bits >> turn) | (bits << (8 - turn))) & 0xff;
    return rotated === 0 ? 8 : 31 - Math.clz32(rotated & -rotated);
  }

  private irqOfRank(rank: number): number {
    return (rank + this.state.lowest + 1) & 7;
  }
}

interface PairState {
  readonly master: ChipState;
  readonly slave: ChipState;
  readonly outputLevel: boolean;
}

export class Pic8259Pair implements Device {
  readonly ports: readonly PortRange[];
  private readonly master = new Chip(true);
  private readonly slave = new Chip(false);
  private readonly output: IrqLine;
  private outputLevel = false;

  /** `output` is the INT pin of the master. */
  constructor(output: IrqLine) {
    this.output = output;
    this.ports = [
      this.commandPorts("PIC master", 0x20, this.master),
      this.commandPorts("PIC slave", 0xa0, this.slave),
      this.elcrPorts(),
    ];
  }

  /** Sets the level of ISA interrupt line `irq`, 0 to 15; line 2 is the cascade and ignored. */
  setIrq(irq: number, level: boolean): void {
    if (irq === CASCADE_IRQ) return;
    if (irq < 8) this.master.setLine(irq, level);
    else this.slave.setLine(irq - 8, level);
    this.update();
  }

  /** Answers INTA: the vector of the interrupt to serve, which goes into service. */
  acknowledge(): number {
    const irq = this.master.pending();
    if (irq === NO_IRQ) {
      this.update();
      return this.master.state.vectorBase | SPURIOUS_IRQ;
    }
    this.master.serve(irq);
    let vector = this.master.state.vectorBase | irq;
    if (irq === CASCADE_IRQ) {
      const slaveIrq = this.slave.pending();
      if (slaveIrq !== NO_IRQ) this.slave.serve(slaveIrq);
      vector = this.slave.state.vectorBase | (slaveIrq === NO_IRQ ? SPURIOUS_IRQ : slaveIrq);
      // INT of the slave falls during INTA, so that a further request makes a new edge.
      this.master.setLine(CASCADE_IRQ, false);
    }
    this.update();
    return vector;
  }

  /** Whether an unmasked interrupt waits for INTA. */
  hasInterrupt(): boolean {
    return this.outputLevel;
  }

  /**
   * Initialises both chips as firmware does: vector bases, cascade wiring, masks. `masks` holds the
   * slave's in its upper byte.
   */
  initialize(masterBase: number, slaveBase: number, masks: number): void {
    const bytes: readonly (readonly [Chip, number, number, number])[] = [
      [this.master, masterBase, 1 << CASCADE_IRQ, masks & 0xff],
      [this.slave, slaveBase, CASCADE_IRQ, masks >> 8],
    ];
    for (const [chip, base, wiring, mask] of bytes) {
      chip.write(false, ICW1_SELECT | ICW1_NEEDS_ICW4);
      for (const value of [base, wiring, 0x01, mask]) chip.write(true, value & 0xff);
    }
    this.update();
  }

  reset(): void {
    for (const chip of [this.master, this.slave]) {
      const lines = chip.state.lines;
      chip.state = powerOnState();
      chip.state.lines = lines;
    }
    this.update();
  }

  snapshot(): unknown {
    const state: PairState = {
      master: this.master.state,
      slave: this.slave.state,
      outputLevel: this.outputLevel,
    };
    return sealSnapshot("pic8259", 1, state);
  }

  restore(data: unknown): void {
    const state = openSnapshot<PairState>(data, "pic8259", 1);
    this.master.state = state.master;
    this.slave.state = state.slave;
    this.outputLevel = state.outputLevel;
  }

  private update(): void {
    this.master.setLine(CASCADE_IRQ, this.slave.pending() !== NO_IRQ);
    const level = this.master.pending() !== NO_IRQ;
    if (level === this.outputLevel) return;
    this.outputLevel = level;
    this.output.set(level);
  }

  private commandPorts(name: string, first: number, chip: Chip): PortRange {
    return {
      first,
      last: first + 1,
      widest: 1,
      name,
      readPort: (port) => {
        const value = chip.read(port !== first);
        this.update();
        return value;
      },
      writePort: (port, _size, value) => {
        chip.write(port !== first, value);
        this.update();
      },
    };
  }

  private elcrPorts(): PortRange {
    const chipAt = (port: number) => (port === 0x4d0 ? this.master : this.slave);
    return {
      first: 0x4d0,
      last: 0x4d1,
      widest: 1,
      name: "PIC edge/level",
      readPort: (port) => chipAt(port).state.elcr,
      writePort: (port, _size, value) => {
        chipAt(port).writeElcr(value);
        this.update();
      },
    };
  }
}
