/** The configuration space of one PCI function: 256 bytes, and masks of what can be written. */
import type { AccessSize } from "./device.ts";

export const PCI_CONFIG_BYTES = 256;

export interface PciIdentity {
  readonly vendor: number;
  readonly device: number;
  /** Class, subclass and programming interface as one number of 24 bits. */
  readonly classCode: number;
  readonly revision?: number;
  /** Other functions share the device number. */
  readonly multiFunction?: boolean;
}

const COMMAND = 0x04;
const REVISION = 0x08;
const HEADER_TYPE = 0x0e;
const INTERRUPT_LINE = 0x3c;

export class PciFunction {
  readonly config = new Uint8Array(PCI_CONFIG_BYTES);
  readonly writable = new Uint8Array(PCI_CONFIG_BYTES);
  /** Called after a write that touched bytes `offset` to `offset + size - 1`. */
  onWrite: ((offset: number, size: AccessSize) => void) | undefined;
  private readonly initial = new Uint8Array(PCI_CONFIG_BYTES);

  constructor(identity: PciIdentity) {
    this.setWord(0x00, identity.vendor | (identity.device << 16));
    this.setWord(REVISION, (identity.classCode << 8) | (identity.revision ?? 0));
    this.config[HEADER_TYPE] = identity.multiFunction ? 0x80 : 0;
    this.writable[COMMAND] = 0x07;
    this.writable[COMMAND + 1] = 0x05;
    this.writable[INTERRUPT_LINE] = 0xff;
  }

  /** Makes the present contents the ones that `reset` returns to. */
  seal(): this {
    this.initial.set(this.config);
    return this;
  }

  /** Bytes beyond the space read as ones. */
  read(offset: number, size: AccessSize): number {
    let value = 0;
    for (let i = size - 1; i >= 0; i--) value = (value << 8) | (this.config[offset + i] ?? 0xff);
    return value >>> 0;
  }

  write(offset: number, size: AccessSize, value: number): void {
    for (let i = 0; i < size && offset + i < PCI_CONFIG_BYTES; i++) {
      const mask = this.writable[offset + i];
      const byte = value >>> (8 * i);
      this.config[offset + i] = (this.config[offset + i] & ~mask) | (byte & mask);
    }
    this.onWrite?.(offset, size);
  }

  /** Sets a word of the space whatever its mask says. */
  setWord(offset: number, value: number): void {
    for (let i = 0; i < 4; i++) this.config[offset + i] = value >>> (8 * i);
  }

  reset(): void {
    this.config.set(this.initial);
  }
}
