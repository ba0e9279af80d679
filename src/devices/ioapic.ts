/** An I/O APIC of 24 pins (82093AA, or version 0x20 with its own EOI register). */
import type { ApicBus, EoiListener } from "./apic-bus.ts";
import { Delivery } from "./apic-registers.ts";
import type { AccessSize, Device, MmioRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

export const IOAPIC_PINS = 24;
export const IOAPIC_HPA = 0xfec00000;

/** Offsets in the page. */
const SELECT = 0x00;
const WINDOW = 0x10;
const EOI = 0x40;

/** Indices that SELECT chooses. */
const REG_ID = 0;
const REG_VERSION = 1;
const REG_ARBITRATION = 2;
const REG_REDIRECTION = 0x10;

/** Lower half of a redirection entry. */
const ENTRY = {
  logical: 1 << 11,
  activeLow: 1 << 13,
  remoteIrr: 1 << 14,
  level: 1 << 15,
  masked: 1 << 16,
  writable: 0x1afff,
} as const;
const ID_WRITABLE = 0x0f000000;
const DESTINATION_WRITABLE = 0xff000000;

export interface IoApicOptions {
  /** 0x20 has the EOI register, 0x11 is the old chip; default 0x20. */
  readonly version?: 0x11 | 0x20;
  readonly hpa?: number;
  /** Pins that are high at rest, a bit each: active-low lines with a pull-up. */
  readonly idleHigh?: number;
}

interface IoApicState {
  select: number;
  id: number;
  low: Uint32Array;
  high: Uint32Array;
  /** Electrical level of each pin, a bit each. */
  levels: number;
}

export class IoApic implements Device, EoiListener {
  readonly mmio: MmioRange;
  private readonly bus: ApicBus;
  private readonly version: number;
  private readonly idleHigh: number;
  private s: IoApicState;

  constructor(bus: ApicBus, options: IoApicOptions = {}) {
    this.bus = bus;
    this.version = options.version ?? 0x20;
    this.idleHigh = options.idleHigh ?? 0;
    this.s = initialState(this.idleHigh);
    this.mmio = {
      hpa: options.hpa ?? IOAPIC_HPA,
      length: 0x1000,
      name: "I/O APIC",
      readMmio: (offset, size) => this.readMmio(offset, size),
      writeMmio: (offset, _size, value) => this.writeMmio(offset, value),
    };
    bus.attachIoApic(this);
  }

  /** Sets the electrical level of pin `n`; pins beyond the last are not there. */
  setPin(n: number, level: boolean): void {
    if (n < 0 || n >= IOAPIC_PINS) return;
    const s = this.s;
    const was = this.isAsserted(n);
    s.levels = level ? s.levels | (1 << n) : s.levels & ~(1 << n);
    const is = this.isAsserted(n);
    if (is === was) return;
    if ((s.low[n] & ENTRY.level) !== 0) this.serviceLevel(n);
    // An edge while the entry is masked is lost.
    else if (is && (s.low[n] & ENTRY.masked) === 0) this.send(n);
  }

  /** An interrupt with `vector` has been served: level-triggered pins may ask again. */
  endOfInterrupt(vector: number): void {
    const { low } = this.s;
    for (let n = 0; n < IOAPIC_PINS; n++) {
      const waits = (low[n] & (ENTRY.level | ENTRY.remoteIrr)) === (ENTRY.level | ENTRY.remoteIrr);
      if (!waits || (low[n] & 0xff) !== vector) continue;
      low[n] &= ~ENTRY.remoteIrr;
      this.serviceLevel(n);
    }
  }

  /** Redirection entry `n` as two words, for reports. */
  entry(n: number): { readonly lo: number; readonly hi: number } {
    return { lo: this.s.low[n], hi: this.s.high[n] };
  }

  reset(): void {
    const { levels } = this.s;
    this.s = initialState(this.idleHigh);
    this.s.levels = levels;
  }

  snapshot(): unknown {
    return sealSnapshot("ioapic", 1, this.s);
  }

  restore(data: unknown): void {
    this.s = openSnapshot<IoApicState>(data, "ioapic", 1);
  }

  /** Registers are words at multiples of 16; the bytes of a word can be read one by one. */
  private readMmio(offset: number, size: AccessSize): number {
    const shift = (offset & 3) * 8;
    if (shift / 8 + size > 4) return 0;
    switch (offset & ~3) {
      case SELECT:
        return this.s.select >>> shift;
      case WINDOW:
        return this.readRegister() >>> shift;
      default:
        return 0;
    }
  }

  private writeMmio(offset: number, value: number): void {
    switch (offset) {
      case SELECT:
        this.s.select = value & 0xff;
        break;
      case WINDOW:
        this.writeRegister(value);
        break;
      case EOI:
        if (this.version >= 0x20) this.endOfInterrupt(value & 0xff);
        break;
      default:
    }
  }

  private readRegister(): number {
    const s = this.s;
    switch (s.select) {
      case REG_ID:
      case REG_ARBITRATION:
        return s.id;
      case REG_VERSION:
        return this.version | ((IOAPIC_PINS - 1) << 16);
      default: {
        const n = (s.select - REG_REDIRECTION) >> 1;
        if (n < 0 || n >= IOAPIC_PINS) return 0;
        return (s.select & 1) === 0 ? s.low[n] : s.high[n];
      }
    }
  }

  private writeRegister(value: number): void {
    const s = this.s;
    if (s.select === REG_ID) {
      s.id = value & ID_WRITABLE;
      return;
    }
    const n = (s.select - REG_REDIRECTION) >> 1;
    if (n < 0 || n >= IOAPIC_PINS) return;
    if ((s.select & 1) === 1) {
      s.high[n] = value & DESTINATION_WRITABLE;
    } else {
      // Turning an entry to edge clears its remote IRR; system software uses that as an EOI.
      const kept = (value & ENTRY.level) !== 0 ? s.low[n] & ENTRY.remoteIrr : 0;
      s.low[n] = (value & ENTRY.writable) | kept;
    }
    this.serviceLevel(n);
  }

  private isAsserted(n: number): boolean {
    const high = ((this.s.levels >>> n) & 1) !== 0;
    return high !== ((this.s.low[n] & ENTRY.activeLow) !== 0);
  }

  /** Sends a level-triggered interrupt that is asserted, unmasked and not under way. */
  private serviceLevel(n: number): void {
    const low = this.s.low;
    if ((low[n] & ENTRY.level) === 0 || (low[n] & (ENTRY.masked | ENTRY.remoteIrr)) !== 0) return;
    if (!this.isAsserted(n)) return;
    // Remote IRR goes up before the message: the EOI may come while it is delivered.
    low[n] |= ENTRY.remoteIrr;
    if (!this.send(n)) low[n] &= ~ENTRY.remoteIrr;
  }

  /** Sends the message of an entry; false when no local APIC took a fixed interrupt. */
  private send(n: number): boolean {
    const low = this.s.low[n];
    const mode = (low >>> 8) & 7;
    if (mode === 3 || mode === Delivery.startup) return false;
    const fixed = mode === Delivery.fixed || mode === Delivery.lowestPriority;
    const level = fixed && (low & ENTRY.level) !== 0;
    const destination = this.s.high[n] >>> 24;
    const logical = (low & ENTRY.logical) !== 0;
    const accepted = this.bus.send(destination, false, logical, mode, low & 0xff, level);
    // Only fixed interrupts are ended by an EOI, so only they may hold the entry.
    return fixed && accepted > 0;
  }
}

function initialState(idleHigh: number): IoApicState {
  return {
    select: 0,
    id: 0,
    low: new Uint32Array(IOAPIC_PINS).fill(ENTRY.masked),
    high: new Uint32Array(IOAPIC_PINS),
    levels: idleHigh,
  };
}
