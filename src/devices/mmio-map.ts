/** The device ranges of the host-physical address space, found by page. */
import type { RangeUse } from "./bus.ts";
import type { AccessSize, MmioRange } from "./device.ts";

const PAGE_BYTES = 4096;
/** Pages one range may span: 4 GiB. */
const RANGE_PAGES_MAX = 0x100000;

interface MmioSlot {
  readonly range: MmioRange;
  reads: number;
  writes: number;
}

export class MmioMap {
  private readonly slotOfPage = new Map<number, MmioSlot>();
  private slots: MmioSlot[] = [];
  /** The slot of the last access: devices are polled, so the next one mostly goes there too. */
  private recent: MmioSlot | undefined;
  private unclaimedReads = 0;
  private unclaimedWrites = 0;

  /** @throws RangeError or Error as `Bus.addMmio` says. */
  add(range: MmioRange): void {
    checkRange(range);
    const other = this.claimant(range);
    if (other !== undefined) {
      throw new Error(`addresses of ${describe(range)} are claimed by ${describe(other)}`);
    }
    this.claim(range);
  }

  tryAdd(range: MmioRange): boolean {
    checkRange(range);
    if (this.claimant(range) !== undefined) return false;
    this.claim(range);
    return true;
  }

  remove(range: MmioRange): boolean {
    const slot = this.slots.find((entry) => entry.range === range);
    if (slot === undefined) return false;
    this.slots = this.slots.filter((entry) => entry !== slot);
    const first = range.hpa / PAGE_BYTES;
    for (let page = first; page < first + range.length / PAGE_BYTES; page++) {
      this.slotOfPage.delete(page);
    }
    this.recent = undefined;
    return true;
  }

  find(hpa: number): MmioRange | undefined {
    return this.slotAt(hpa)?.range;
  }

  ranges(): MmioRange[] {
    return this.slots.map((slot) => slot.range);
  }

  read(hpa: number, size: AccessSize): number {
    const slot = this.slotAt(hpa);
    if (slot !== undefined && hpa + size <= slot.range.hpa + slot.range.length) {
      slot.reads++;
      const value = slot.range.readMmio(hpa - slot.range.hpa, size);
      return size === 4 ? value >>> 0 : value & ((1 << (size * 8)) - 1);
    }
    if (slot === undefined && this.slotAt(hpa + size - 1) === undefined) {
      this.unclaimedReads++;
      return size === 4 ? 0xffffffff : (1 << (size * 8)) - 1;
    }
    const half = (size >> 1) as AccessSize;
    return (this.read(hpa, half) | (this.read(hpa + half, half) << (half * 8))) >>> 0;
  }

  write(hpa: number, size: AccessSize, value: number): void {
    const slot = this.slotAt(hpa);
    if (slot !== undefined && hpa + size <= slot.range.hpa + slot.range.length) {
      slot.writes++;
      const data = size === 4 ? value >>> 0 : value & ((1 << (size * 8)) - 1);
      slot.range.writeMmio(hpa - slot.range.hpa, size, data);
      return;
    }
    if (slot === undefined && this.slotAt(hpa + size - 1) === undefined) {
      this.unclaimedWrites++;
      return;
    }
    const half = (size >> 1) as AccessSize;
    this.write(hpa, half, value);
    this.write(hpa + half, half, value >>> (half * 8));
  }

  use(): RangeUse[] {
    return this.slots.map(({ range, reads, writes }) => {
      const last = range.hpa + range.length - 1;
      return { kind: "mmio", name: range.name, first: range.hpa, last, reads, writes };
    });
  }

  unclaimed(): { readonly reads: number; readonly writes: number } {
    return { reads: this.unclaimedReads, writes: this.unclaimedWrites };
  }

  clearCounters(): void {
    this.unclaimedReads = 0;
    this.unclaimedWrites = 0;
    for (const slot of this.slots) {
      slot.reads = 0;
      slot.writes = 0;
    }
  }

  private slotAt(hpa: number): MmioSlot | undefined {
    const recent = this.recent;
    if (recent !== undefined) {
      const offset = hpa - recent.range.hpa;
      if (offset >= 0 && offset < recent.range.length) return recent;
    }
    const slot = this.slotOfPage.get(Math.floor(hpa / PAGE_BYTES));
    if (slot !== undefined) this.recent = slot;
    return slot;
  }

  private claimant(range: MmioRange): MmioRange | undefined {
    const end = range.hpa + range.length;
    const other = this.slots.find(
      (slot) => slot.range.hpa < end && range.hpa < slot.range.hpa + slot.range.length,
    );
    return other?.range;
  }

  private claim(range: MmioRange): void {
    const slot: MmioSlot = { range, reads: 0, writes: 0 };
    this.slots.push(slot);
    this.slots.sort((a, b) => a.range.hpa - b.range.hpa);
    const first = range.hpa / PAGE_BYTES;
    for (let page = first; page < first + range.length / PAGE_BYTES; page++) {
      this.slotOfPage.set(page, slot);
    }
  }
}

function describe(range: MmioRange): string {
  return `${range.name} (hpa 0x${range.hpa.toString(16)}, 0x${range.length.toString(16)} bytes)`;
}

function checkRange(range: MmioRange): void {
  const { hpa, length } = range;
  const whole = Number.isSafeInteger(hpa) && hpa >= 0 && Number.isSafeInteger(hpa + length);
  const pages = length / PAGE_BYTES;
  const aligned = hpa % PAGE_BYTES === 0 && Number.isInteger(pages);
  if (!whole || !aligned || pages < 1 || pages > RANGE_PAGES_MAX) {
    throw new RangeError(`${describe(range)} is no range of whole pages`);
  }
}
