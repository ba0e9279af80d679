/** L1's memory as loaders, devices and embedders reach it: through the memory slots. */
import type { Vm } from "./vm.ts";

const FILL_BYTES = 1 << 16;

export class GuestMemory {
  readonly ramBytes: number;
  private readonly vm: Vm;

  constructor(vm: Vm, ramBytes: number) {
    this.vm = vm;
    this.ramBytes = ramBytes;
  }

  /** True when memory lies at every byte of the range. */
  has(gpa: number, length: number): boolean {
    for (let at = gpa; at < gpa + length; at = (Math.floor(at / 4096) + 1) * 4096) {
      const slot = this.vm.slotOf(Math.floor(at / 4096));
      if (slot === undefined || slot.invalid || slot === this.vm.apicAccessSlot()) return false;
    }
    return length > 0;
  }

  /** A copy of `length` bytes. Throws RangeError where there is no memory. */
  read(gpa: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    if (!this.has(gpa, length) || !this.vm.readGuest(gpa, bytes)) throw missing(gpa, length);
    return bytes;
  }

  /** The same: guest memory does not lie in one piece. */
  view(gpa: number, length: number): Uint8Array {
    return this.read(gpa, length);
  }

  write(gpa: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const { vm } = this;
    // A device writes for a thread, which copies shared pages itself; else nobody is in the way.
    if (!vm.scheduler.isStepping && vm.isShared(gpa, bytes.length)) {
      vm.scheduler.complete("userspace", vm.makeWritable(gpa, bytes.length), true);
    }
    if (!this.has(gpa, bytes.length) || !vm.writeGuest(gpa, bytes)) {
      throw missing(gpa, bytes.length);
    }
  }

  fill(gpa: number, length: number, value: number): void {
    const piece = new Uint8Array(Math.min(length, FILL_BYTES)).fill(value);
    for (let done = 0; done < length; done += piece.length) {
      this.write(gpa + done, piece.subarray(0, Math.min(piece.length, length - done)));
    }
  }

  read32(gpa: number): number {
    const b = this.read(gpa, 4);
    return (b[0]! | (b[1]! << 8) | (b[2]! << 16) | (b[3]! << 24)) >>> 0;
  }

  read64(gpa: number): bigint {
    return (BigInt(this.read32(gpa + 4)) << 32n) | BigInt(this.read32(gpa));
  }

  /** Read-only memory at `gpa`: a slot of its own. */
  addRom(gpa: number, bytes: Uint8Array): void {
    this.vm.addRom(gpa, bytes);
  }
}

function missing(gpa: number, length: number): RangeError {
  return new RangeError(`no memory at 0x${gpa.toString(16)}, ${length} bytes`);
}
