/** The device kvm-unit-tests look for: port latch, interrupt lines, page flush, 64 KiB of RAM. */
import type { AccessSize, Device, IrqLine, MmioRange, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const LATCH_PORT = 0xe0;
const FLUSH_PORT = 0xe4;
const BYTE_PORT = 0xe8;
const IRQ_PORT = 0x2000;
export const TEST_IRQS = 24;
export const TEST_RAM_HPA = 0xff000000;
export const TEST_RAM_BYTES = 0x10000;

interface TestState {
  latch: number;
  ram: Uint8Array;
}

export class TestDevice implements Device {
  readonly ports: readonly PortRange[];
  readonly mmio: MmioRange;
  /** The guest asks for its page at the given address to be dropped and mapped again. */
  onFlush: ((gpa: number) => void) | undefined;
  private s: TestState = { latch: 0, ram: new Uint8Array(TEST_RAM_BYTES) };

  /** `lines` are the inputs 0 to 23 of the interrupt controllers. */
  constructor(lines: readonly IrqLine[]) {
    this.ports = [
      // The latch is seen through two windows: one of any width, one of bytes.
      this.latchPorts("test latch", LATCH_PORT, 4),
      this.latchPorts("test byte port", BYTE_PORT, 1),
      {
        first: FLUSH_PORT,
        last: FLUSH_PORT + 3,
        widest: 4,
        name: "test page flush",
        readPort: () => 0,
        writePort: (_port, size, value) => {
          if (size === 4) this.onFlush?.(value);
        },
      },
      {
        first: IRQ_PORT,
        // A word written to the last line must not be cut in two.
        last: IRQ_PORT + TEST_IRQS + 2,
        widest: 4,
        name: "test interrupt lines",
        readPort: () => 0,
        writePort: (port, _size, value) => lines[port - IRQ_PORT]?.set(value !== 0),
      },
    ];
    this.mmio = {
      hpa: TEST_RAM_HPA,
      length: TEST_RAM_BYTES,
      name: "test RAM",
      readMmio: (offset, size) => this.readRam(offset, size),
      writeMmio: (offset, size, value) => this.writeRam(offset, size, value),
    };
  }

  reset(): void {
    this.s = { latch: 0, ram: new Uint8Array(TEST_RAM_BYTES) };
  }

  snapshot(): unknown {
    return sealSnapshot("test-device", 1, this.s);
  }

  restore(data: unknown): void {
    this.s = openSnapshot<TestState>(data, "test-device", 1);
  }

  private latchPorts(name: string, first: number, widest: AccessSize): PortRange {
    return {
      first,
      last: first + 3,
      widest,
      name,
      readPort: (port) => this.s.latch >>> ((port - first) * 8),
      writePort: (port, size, value) => {
        const shift = (port - first) * 8;
        const mask = (size === 4 ? 0xffffffff : (1 << (size * 8)) - 1) << shift;
        this.s.latch = ((this.s.latch & ~mask) | ((value << shift) & mask)) >>> 0;
      },
    };
  }

  private readRam(offset: number, size: AccessSize): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = (value << 8) | this.s.ram[offset + i];
    return value >>> 0;
  }

  private writeRam(offset: number, size: AccessSize, value: number): void {
    for (let i = 0; i < size; i++) this.s.ram[offset + i] = value >>> (8 * i);
  }
}
