/** Dispatch of port and memory-mapped accesses to devices, with a count of every access. */
import type { AccessSize, MmioRange, PortRange } from "./device.ts";
import { MmioMap } from "./mmio-map.ts";
import { PortCounters } from "./port-counters.ts";

const PORT_COUNT = 0x10000;
const NO_SLOT = 0;

/** How often a range was used. */
export interface RangeUse {
  readonly kind: "port" | "mmio";
  readonly name: string;
  /** First and last port, or first and last host-physical address. */
  readonly first: number;
  readonly last: number;
  readonly reads: number;
  readonly writes: number;
}

/** How often a port was used, be it claimed or not. */
export interface PortUse {
  readonly port: number;
  /** Name of the range that claims the port; undefined when nothing does. */
  readonly name: string | undefined;
  readonly reads: number;
  readonly writes: number;
}

interface PortSlot {
  readonly range: PortRange;
  reads: number;
  writes: number;
}

/** All ones of an access; what a read that no device answers returns. */
export function allOnes(size: AccessSize): number {
  return size === 4 ? 0xffffffff : (1 << (size * 8)) - 1;
}

/** `value` reduced to the unsigned number that an access of `size` bytes can carry. */
export function truncate(value: number, size: AccessSize): number {
  return size === 4 ? value >>> 0 : value & ((1 << (size * 8)) - 1);
}

export class Bus {
  private readonly slotOfPort = new Uint16Array(PORT_COUNT);
  /** Slot 0 stays empty: it stands for "unclaimed". */
  private readonly slots: (PortSlot | undefined)[] = [undefined];
  private readonly counters = new PortCounters();
  private readonly mmio = new MmioMap();

  /**
   * Claims the ports of `range`.
   * @throws RangeError when the range is malformed; Error naming both devices when ports of it are
   * claimed already.
   */
  addPorts(range: PortRange): void {
    checkPortRange(range);
    const other = this.portClaimant(range.first, range.last);
    if (other !== undefined) {
      throw new Error(`ports of ${describePorts(range)} are claimed by ${describePorts(other)}`);
    }
    this.claimPorts(range);
  }

  /** Like `addPorts` for ranges that a guest places: false when the ports are taken. */
  tryAddPorts(range: PortRange): boolean {
    checkPortRange(range);
    if (this.portClaimant(range.first, range.last) !== undefined) return false;
    this.claimPorts(range);
    return true;
  }

  /** Gives the ports of `range` back; returns whether they were claimed by it. */
  removePorts(range: PortRange): boolean {
    const slot = this.slots.findIndex((entry) => entry?.range === range);
    if (slot < 1) return false;
    this.slotOfPort.fill(NO_SLOT, range.first, range.last + 1);
    this.slots[slot] = undefined;
    return true;
  }

  /**
   * Claims the addresses of `range`.
   * @throws RangeError when the range is malformed; Error naming both devices when pages of it are
   * claimed already.
   */
  addMmio(range: MmioRange): void {
    this.mmio.add(range);
  }

  /** Like `addMmio` for ranges that a guest places: false when pages are taken. */
  tryAddMmio(range: MmioRange): boolean {
    return this.mmio.tryAdd(range);
  }

  removeMmio(range: MmioRange): boolean {
    return this.mmio.remove(range);
  }

  /** Whether the page at `hpa` belongs to a device. */
  hasMmio(hpa: number): boolean {
    return this.mmio.find(hpa) !== undefined;
  }

  /** All claimed address ranges, in the order of their addresses. */
  mmioRanges(): MmioRange[] {
    return this.mmio.ranges();
  }

  /** Reads `size` bytes at `port`; bytes that no device answers read as ones. */
  readPort(port: number, size: AccessSize): number {
    const slot = this.slotAt(port);
    if (slot === undefined) {
      if (!this.isUnclaimed(port, size)) return this.readSplit(port, size);
      this.counters.countRead(port);
      return allOnes(size);
    }
    const range = slot.range;
    if (size > range.widest || port + size - 1 > range.last) return this.readSplit(port, size);
    slot.reads++;
    this.counters.countRead(port);
    return truncate(range.readPort(port, size), size);
  }

  /** Writes `size` bytes at `port`; bytes that no device takes are dropped. */
  writePort(port: number, size: AccessSize, value: number): void {
    const slot = this.slotAt(port);
    if (slot === undefined) {
      if (this.isUnclaimed(port, size)) this.counters.countWrite(port);
      else this.writeSplit(port, size, value);
      return;
    }
    const range = slot.range;
    if (size > range.widest || port + size - 1 > range.last) {
      this.writeSplit(port, size, value);
      return;
    }
    slot.writes++;
    this.counters.countWrite(port);
    range.writePort(port, size, truncate(value, size));
  }

  /** Reads device memory; all ones where no device is. An access may lie across two ranges. */
  readMmio(hpa: number, size: AccessSize): number {
    return this.mmio.read(hpa, size);
  }

  writeMmio(hpa: number, size: AccessSize, value: number): void {
    this.mmio.write(hpa, size, value);
  }

  /** Every claimed range with its accesses, ports first, in the order of their addresses. */
  rangeUse(): RangeUse[] {
    const ports: RangeUse[] = [];
    for (const slot of this.slots) {
      if (slot === undefined) continue;
      const { first, last, name } = slot.range;
      ports.push({ kind: "port", name, first, last, reads: slot.reads, writes: slot.writes });
    }
    ports.sort((a, b) => a.first - b.first);
    return [...ports, ...this.mmio.use()];
  }

  /** Every port that was used, in ascending order. */
  portUse(): PortUse[] {
    return this.counters.list().map(({ port, reads, writes }) => {
      const name = this.slots[this.slotOfPort[port]]?.range.name;
      return { port, name, reads, writes };
    });
  }

  /** Reads and writes of device memory that no device answered. */
  unclaimedMmio(): { readonly reads: number; readonly writes: number } {
    return this.mmio.unclaimed();
  }

  resetCounters(): void {
    this.counters.clear();
    this.mmio.clearCounters();
    for (const slot of this.slots) {
      if (slot === undefined) continue;
      slot.reads = 0;
      slot.writes = 0;
    }
  }

  /** An access at port 0xffff may reach beyond the last port; nothing answers there. */
  private slotAt(port: number): PortSlot | undefined {
    return port < PORT_COUNT ? this.slots[this.slotOfPort[port]] : undefined;
  }

  private isUnclaimed(port: number, size: AccessSize): boolean {
    for (let offset = 0; offset < size; offset++) {
      if (this.slotAt(port + offset) !== undefined) return false;
    }
    return true;
  }

  private portClaimant(first: number, last: number): PortRange | undefined {
    for (let port = first; port <= last; port++) {
      const slot = this.slots[this.slotOfPort[port]];
      if (slot !== undefined) return slot.range;
    }
    return undefined;
  }

  private claimPorts(range: PortRange): void {
    let slot = this.slots.indexOf(undefined, 1);
    if (slot < 0) slot = this.slots.length;
    this.slots[slot] = { range, reads: 0, writes: 0 };
    this.slotOfPort.fill(slot, range.first, range.last + 1);
  }

  /** Halves an access that no device takes as a whole; two levels at most. */
  private readSplit(port: number, size: AccessSize): number {
    const half = (size >> 1) as AccessSize;
    const low = this.readPort(port, half);
    const high = this.readPort(port + half, half);
    return (low | (high << (half * 8))) >>> 0;
  }

  private writeSplit(port: number, size: AccessSize, value: number): void {
    const half = (size >> 1) as AccessSize;
    this.writePort(port, half, truncate(value, half));
    this.writePort(port + half, half, truncate(value >>> (half * 8), half));
  }
}

function describePorts(range: PortRange): string {
  return `${range.name} (0x${range.first.toString(16)}-0x${range.last.toString(16)})`;
}

function checkPortRange(range: PortRange): void {
  const { first, last } = range;
  const ordered = Number.isInteger(first) && Number.isInteger(last) && first <= last;
  if (!ordered || first < 0 || last >= PORT_COUNT) {
    throw new RangeError(`${describePorts(range)} is no range of ports`);
  }
}
