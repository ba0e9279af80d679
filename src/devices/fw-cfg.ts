/** The firmware configuration device of QEMU: numbered items and named files, by port or by DMA. */
import type { AccessSize, Device, PortRange } from "./device.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const SELECTOR_PORT = 0x510;
const DMA_PORT = 0x514;

/** Keys of the items that have a number of their own. */
export const FW_CFG_KEY = {
  signature: 0x00,
  id: 0x01,
  uuid: 0x02,
  ramSize: 0x03,
  noGraphic: 0x04,
  processors: 0x05,
  machineId: 0x06,
  kernelAddress: 0x07,
  kernelSize: 0x08,
  kernelCommandLine: 0x09,
  initrdAddress: 0x0a,
  initrdSize: 0x0b,
  numa: 0x0d,
  bootMenu: 0x0e,
  maxProcessors: 0x0f,
  kernelEntry: 0x10,
  kernelData: 0x11,
  initrdData: 0x12,
  commandLineAddress: 0x13,
  commandLineSize: 0x14,
  commandLineData: 0x15,
  setupAddress: 0x16,
  setupSize: 0x17,
  setupData: 0x18,
  fileDirectory: 0x19,
  firstFile: 0x20,
  irq0Override: 0x8002,
} as const;

const FILES_MAX = 64;
const FILE_NAME_BYTES = 56;
const DIRECTORY_ENTRY_BYTES = 64;
/** Keys without the bits that choose the write channel. */
const KEY_MASK = 0xbfff;

const ID_TRADITIONAL = 0x01;
const ID_DMA = 0x02;
/** "QEMU CFG", which reading the DMA register returns. */
const DMA_SIGNATURE_HIGH = 0x51454d55;
const DMA_SIGNATURE_LOW = 0x20434647;
const DMA_CONTROL = { error: 0x01, read: 0x02, skip: 0x04, select: 0x08, write: 0x10 } as const;
const DMA_DESCRIPTOR_BYTES = 16;
/** Bytes a transfer may ask for beyond the end of its item; more ends in an error. */
const DMA_EXCESS_BYTES_MAX = 0x100000;
/** Bytes handed to memory at a time, so that a transfer needs no buffer of its size. */
const DMA_CHUNK_BYTES = 0x10000;

/** The guest's memory as the DMA interface needs it. Both return false outside RAM. */
export interface FwCfgMemory {
  read(gpa: number, into: Uint8Array): boolean;
  write(gpa: number, bytes: Uint8Array): boolean;
}

export interface FwCfgOptions {
  readonly ramBytes: number;
  readonly processors: number;
  readonly maxProcessors?: number;
  /** With it the DMA interface is advertised. */
  readonly memory?: FwCfgMemory;
}

interface FwCfgState {
  key: number;
  offset: number;
  /** Upper half of the address of the DMA request to come. */
  dmaHigh: number;
}

export class FwCfg implements Device {
  readonly ports: readonly PortRange[];
  private readonly items = new Map<number, Uint8Array>();
  private readonly files = new Map<string, number>();
  private readonly memory: FwCfgMemory | undefined;
  private s: FwCfgState = { key: 0, offset: 0, dmaHigh: 0 };

  constructor(options: FwCfgOptions) {
    this.memory = options.memory;
    const features = ID_TRADITIONAL | (options.memory === undefined ? 0 : ID_DMA);
    this.items.set(FW_CFG_KEY.signature, new TextEncoder().encode("QEMU"));
    this.items.set(FW_CFG_KEY.id, littleEndian(features, 4));
    this.items.set(FW_CFG_KEY.uuid, new Uint8Array(16));
    this.items.set(FW_CFG_KEY.ramSize, littleEndian(options.ramBytes, 8));
    this.items.set(FW_CFG_KEY.noGraphic, littleEndian(1, 2));
    this.items.set(FW_CFG_KEY.processors, littleEndian(options.processors, 2));
    const maxProcessors = options.maxProcessors ?? options.processors;
    this.items.set(FW_CFG_KEY.maxProcessors, littleEndian(maxProcessors, 2));
    this.items.set(FW_CFG_KEY.numa, new Uint8Array(8));
    this.items.set(FW_CFG_KEY.bootMenu, littleEndian(0, 2));
    // The timer interrupt arrives at I/O APIC input 2.
    this.items.set(FW_CFG_KEY.irq0Override, littleEndian(1, 4));
    this.updateDirectory();
    const ports: PortRange[] = [
      {
        first: SELECTOR_PORT,
        last: SELECTOR_PORT + 1,
        widest: 2,
        name: "fw_cfg",
        readPort: (port, size) => this.readPort(port, size),
        writePort: (port, size, value) => {
          if (port === SELECTOR_PORT && size === 2) this.select(value);
        },
      },
    ];
    if (this.memory !== undefined) ports.push(this.dmaPorts());
    this.ports = ports;
  }

  /** Sets the contents of a numbered item. */
  add(key: number, bytes: Uint8Array): void {
    this.items.set(key & KEY_MASK, bytes);
  }

  /** Sets a numbered item to a value of 4 bytes. */
  addU32(key: number, value: number): void {
    this.add(key, littleEndian(value, 4));
  }

  /**
   * Adds or replaces a named file.
   * @throws RangeError when the name is too long or the directory is full.
   */
  addFile(name: string, bytes: Uint8Array): void {
    if (name.length >= FILE_NAME_BYTES) throw new RangeError(`fw_cfg file name too long: ${name}`);
    let key = this.files.get(name);
    if (key === undefined) {
      if (this.files.size === FILES_MAX) throw new RangeError("the fw_cfg directory is full");
      key = FW_CFG_KEY.firstFile + this.files.size;
      this.files.set(name, key);
    }
    this.items.set(key, bytes);
    this.updateDirectory();
  }

  reset(): void {
    this.s = { key: 0, offset: 0, dmaHigh: 0 };
  }

  /** The items are part of the machine's configuration and not saved. */
  snapshot(): unknown {
    return sealSnapshot("fw-cfg", 1, this.s);
  }

  restore(data: unknown): void {
    this.s = openSnapshot<FwCfgState>(data, "fw-cfg", 1);
  }

  private select(key: number): void {
    this.s.key = key & KEY_MASK;
    this.s.offset = 0;
  }

  /** The byte port is 0x511; a half-word read at the selector shows it in its upper byte. */
  private readPort(port: number, size: AccessSize): number {
    if (port === SELECTOR_PORT && size === 1) return 0xff;
    const byte = this.nextByte();
    return port === SELECTOR_PORT ? 0xff | (byte << 8) : byte;
  }

  /** The next byte of the selected item; zeros beyond its end, and for unknown keys. */
  private nextByte(): number {
    const s = this.s;
    const item = this.items.get(s.key);
    if (item === undefined || s.offset >= item.length) return 0;
    return item[s.offset++];
  }

  private updateDirectory(): void {
    const names = [...this.files.keys()].sort();
    const directory = new Uint8Array(4 + names.length * DIRECTORY_ENTRY_BYTES);
    const view = new DataView(directory.buffer);
    view.setUint32(0, names.length);
    names.forEach((name, index) => {
      const key = this.files.get(name)!;
      const entry = 4 + index * DIRECTORY_ENTRY_BYTES;
      view.setUint32(entry, this.items.get(key)!.length);
      view.setUint16(entry + 4, key);
      new TextEncoder().encodeInto(name, directory.subarray(entry + 8));
    });
    this.items.set(FW_CFG_KEY.fileDirectory, directory);
  }

  /** The DMA address register: 64 bits big-endian, started by its lower half. */
  private dmaPorts(): PortRange {
    return {
      first: DMA_PORT,
      last: DMA_PORT + 7,
      widest: 4,
      name: "fw_cfg DMA",
      readPort: (port) => {
        const word = port < DMA_PORT + 4 ? DMA_SIGNATURE_HIGH : DMA_SIGNATURE_LOW;
        // The register is big-endian: its first port holds the most significant byte.
        return byteSwap(word) >>> ((port & 3) * 8);
      },
      writePort: (port, size, value) => {
        if (size !== 4) return;
        if (port === DMA_PORT) this.s.dmaHigh = byteSwap(value);
        else if (port === DMA_PORT + 4) this.startDma(byteSwap(value));
      },
    };
  }

  private startDma(low: number): void {
    const gpa = this.s.dmaHigh * 0x100000000 + low;
    this.s.dmaHigh = 0;
    const memory = this.memory!;
    const descriptor = new Uint8Array(DMA_DESCRIPTOR_BYTES);
    if (!memory.read(gpa, descriptor)) return;
    const view = new DataView(descriptor.buffer);
    const control = view.getUint32(0);
    const length = view.getUint32(4);
    const target = view.getUint32(8) * 0x100000000 + view.getUint32(12);
    if ((control & DMA_CONTROL.select) !== 0) this.select(control >>> 16);
    const done = this.transfer(memory, control, target, length);
    const answer = new Uint8Array(4);
    new DataView(answer.buffer).setUint32(0, done ? 0 : DMA_CONTROL.error);
    memory.write(gpa, answer);
  }

  private transfer(memory: FwCfgMemory, control: number, gpa: number, length: number): boolean {
    if ((control & DMA_CONTROL.read) !== 0) {
      return this.readToMemory(memory, gpa, length);
    }
    // No item can be written.
    if ((control & DMA_CONTROL.write) !== 0) return false;
    if ((control & DMA_CONTROL.skip) !== 0) {
      const item = this.items.get(this.s.key);
      this.s.offset = Math.min(this.s.offset + length, item?.length ?? 0);
    }
    return true;
  }

  private readToMemory(memory: FwCfgMemory, gpa: number, length: number): boolean {
    const s = this.s;
    const item = this.items.get(s.key) ?? new Uint8Array(0);
    if (length > Math.max(0, item.length - s.offset) + DMA_EXCESS_BYTES_MAX) return false;
    const zeros = new Uint8Array(DMA_CHUNK_BYTES);
    for (let done = 0; done < length; ) {
      const wanted = Math.min(DMA_CHUNK_BYTES, length - done);
      const available = Math.min(wanted, item.length - s.offset);
      const chunk =
        available > 0 ? item.subarray(s.offset, s.offset + available) : zeros.subarray(0, wanted);
      if (!memory.write(gpa + done, chunk)) return false;
      if (available > 0) s.offset += available;
      done += chunk.length;
    }
    return true;
  }
}

/** `value`, a whole number below 2^53, as `length` bytes. */
function littleEndian(value: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = 0; i < length; i++) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function byteSwap(value: number): number {
  return (
    ((value << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0
  );
}

/** One stretch of the memory map. */
export interface MemoryMapEntry {
  readonly gpa: number;
  readonly length: number;
  /** 1 is RAM, 2 reserved, 3 ACPI tables, 4 ACPI storage. */
  readonly type: number;
}

/** The memory map as the file "etc/e820" holds it. */
export function encodeE820(entries: readonly MemoryMapEntry[]): Uint8Array {
  const bytes = new Uint8Array(entries.length * 20);
  entries.forEach(({ gpa, length, type }, index) => {
    bytes.set(littleEndian(gpa, 8), index * 20);
    bytes.set(littleEndian(length, 8), index * 20 + 8);
    bytes.set(littleEndian(type, 4), index * 20 + 16);
  });
  return bytes;
}
