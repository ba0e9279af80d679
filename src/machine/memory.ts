/** Host-physical memory as the host reads and writes it; on the bare machine also the guest's. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import { HIGH_RAM_HPA, ramLayout } from "../devices/pc-options.ts";

const TWO_32 = 0x1_0000_0000;
const FRAME_READ_ONLY = 2;

interface Range {
  readonly first: number;
  readonly end: number;
  /** Pointer of the first byte. */
  readonly host: number;
}

export class PhysicalMemory {
  readonly ramBytes: number;
  private readonly core: Core;
  private readonly ranges: Range[] = [];
  private readonly base: number;

  /** `base` is the pointer of the first frame, as `configure` returned it. */
  constructor(core: Core, base: number, ramBytes: number) {
    this.core = core;
    this.base = base;
    this.ramBytes = ramBytes;
    const { lowBytes, highBytes } = ramLayout(ramBytes);
    this.addRange(0, lowBytes, base);
    if (highBytes > 0) this.addRange(HIGH_RAM_HPA, highBytes, base + lowBytes);
  }

  /** Maps `bytes` as read-only memory at `hpa`; they take the frames behind RAM. */
  addRom(hpa: number, bytes: Uint8Array): void {
    const host = this.base + this.ramBytes;
    this.core.u8.set(bytes, host);
    const flags = this.core.u32[(LAYOUT.MACHINE + 0x08) >> 2]!;
    const firstFrame = this.ramBytes / 4096;
    this.core.u8.fill(
      FRAME_READ_ONLY,
      flags + firstFrame,
      flags + firstFrame + Math.ceil(bytes.length / 4096),
    );
    this.addRange(hpa, bytes.length, host);
  }

  private addRange(first: number, bytes: number, host: number): void {
    const index = this.ranges.length;
    this.ranges.push({ first, end: first + bytes, host });
    const row = LAYOUT.PHYSICAL_RANGES + index * LAYOUT.PHYSICAL_RANGE_BYTES;
    this.core.u64[row >> 3] = BigInt(first);
    this.core.u64[(row >> 3) + 1] = BigInt(first + bytes);
    this.core.u32[(row + 16) >> 2] = host;
    this.core.setMachine32(MACHINE_WORD.RANGES, this.ranges.length);
  }

  /** Range that holds all of [hpa, hpa + length), or undefined. */
  private find(hpa: number, length: number): Range | undefined {
    return this.ranges.find((r) => hpa >= r.first && hpa + length <= r.end);
  }

  /** True when memory lies at every byte of the range. */
  has(hpa: number, length: number): boolean {
    return this.find(hpa, length) !== undefined;
  }

  /** A copy of `length` bytes at `hpa`. Throws RangeError where there is no memory. */
  read(hpa: number, length: number): Uint8Array {
    return this.view(hpa, length).slice();
  }

  /**
   * The bytes themselves, for reading. A store through the view is not noticed by the cache of
   * decoded instructions: use `write`. Throws RangeError where there is no memory.
   */
  view(hpa: number, length: number): Uint8Array {
    const range = this.find(hpa, length);
    if (!range) throw new RangeError(`no memory at 0x${hpa.toString(16)}, ${length} bytes`);
    const host = range.host + (hpa - range.first);
    return this.core.u8.subarray(host, host + length);
  }

  /** Writes as a device would: decoded code there is dropped. Throws RangeError without memory. */
  write(hpa: number, bytes: Uint8Array): void {
    const target = this.view(hpa, bytes.length);
    target.set(bytes);
    this.core.exports.hostWritten(target.byteOffset, bytes.length);
  }

  /** Sets `length` bytes from `hpa` to `value`. */
  fill(hpa: number, length: number, value: number): void {
    const target = this.view(hpa, length);
    target.fill(value);
    this.core.exports.hostWritten(target.byteOffset, length);
  }

  /** 32-bit little-endian word at `hpa`. */
  read32(hpa: number): number {
    const b = this.view(hpa, 4);
    return (b[0]! | (b[1]! << 8) | (b[2]! << 16) | (b[3]! << 24)) >>> 0;
  }

  /** 64-bit little-endian word at `hpa`. */
  read64(hpa: number): bigint {
    return (BigInt(this.read32(hpa + 4)) << 32n) | BigInt(this.read32(hpa));
  }
}

/** Guest-physical memory: RAM itself on the bare machine, what L0 gives L1 in mode "l1". */
export type GuestPhysicalMemory = Pick<
  PhysicalMemory,
  "ramBytes" | "has" | "read" | "view" | "write" | "fill" | "read32" | "read64" | "addRom"
>;

/** Address hi:lo as a number; exact, for physical addresses have at most 52 bits. */
export function addressOf(lo: number, hi: number): number {
  return (hi >>> 0) * TWO_32 + (lo >>> 0);
}
