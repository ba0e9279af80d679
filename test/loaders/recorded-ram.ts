/** RAM for loader tests: records writes, refuses those outside usable RAM, and can be read back. */

import type { LoadTarget } from "../../src/loaders/loader.ts";

const MIB = 1024 * 1024;
const UNTOUCHED = 0xee;

interface Write {
  readonly hpa: number;
  readonly length: number;
  readonly bytes?: Uint8Array;
  readonly value: number;
}

export class RecordedRam implements LoadTarget {
  readonly ramBytes: number;
  readonly writes: Write[] = [];

  constructor(mib: number) {
    this.ramBytes = mib * MIB;
  }

  write(hpa: number, bytes: Uint8Array): void {
    this.#check(hpa, bytes.length);
    this.writes.push({ hpa, length: bytes.length, bytes: bytes.slice(), value: 0 });
  }

  fill(hpa: number, length: number, value: number): void {
    this.#check(hpa, length);
    this.writes.push({ hpa, length, value });
  }

  /** Memory as the writes left it; what none of them reached reads as 0xEE. */
  read(hpa: number, length: number): Uint8Array {
    const memory = new Uint8Array(length).fill(UNTOUCHED);
    for (const write of this.writes) {
      const start = Math.max(hpa, write.hpa);
      const end = Math.min(hpa + length, write.hpa + write.length);
      if (start >= end) continue;
      if (write.bytes === undefined) memory.fill(write.value, start - hpa, end - hpa);
      else memory.set(write.bytes.subarray(start - write.hpa, end - write.hpa), start - hpa);
    }
    return memory;
  }

  u8(hpa: number): number {
    return this.read(hpa, 1)[0];
  }

  u16(hpa: number): number {
    return this.u8(hpa) + this.u8(hpa + 1) * 256;
  }

  u32(hpa: number): number {
    return this.u16(hpa) + this.u16(hpa + 2) * 65536;
  }

  u64(hpa: number): number {
    return this.u32(hpa) + this.u32(hpa + 4) * 2 ** 32;
  }

  string(hpa: number): string {
    let text = "";
    for (let at = hpa; this.u8(at) !== 0; at += 1) text += String.fromCharCode(this.u8(at));
    return text;
  }

  /** Ordinary errors, not ImageErrors: a loader that gets here is wrong. */
  #check(hpa: number, length: number): void {
    const end = hpa + length;
    const low = Math.min(this.ramBytes, 3072 * MIB);
    const usable: readonly (readonly [number, number])[] = [
      [0, 0x9fc00],
      [MIB, low],
      [4096 * MIB, 4096 * MIB + this.ramBytes - low],
    ];
    const whole = Number.isSafeInteger(hpa) && length > 0;
    if (!whole || !usable.some(([start, limit]) => hpa >= start && end <= limit)) {
      throw new Error(`write of ${length} bytes at ${hpa.toString(16)} outside usable RAM`);
    }
  }
}
