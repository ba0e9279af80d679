/** PCI configuration by mechanism 1, with the few functions that firmware and kernels look for. */
import type { AccessSize, Device, PortRange } from "./device.ts";
import { PCI_CONFIG_BYTES, PciFunction } from "./pci-function.ts";
import type { ResetControl } from "./reset-control.ts";
import { RESET_PORT } from "./reset-control.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

const ADDRESS_PORT = 0xcf8;
const DATA_PORT = 0xcfc;
const ADDRESS_ENABLE = 0x80000000;
const ADDRESS_WRITABLE = 0x80fffffc;
/** Functions of bus 0: 32 devices with 8 functions each. */
const FUNCTIONS = 256;

/** Registers of the host bridge that say who answers for 0xC0000-0xFFFFF. */
const PAM_FIRST = 0x59;
const PAM_COUNT = 7;
const SMRAM = 0x72;

const ISA_SLOT = 1;
const PM_FUNCTION = 3;
const PIRQ_FIRST = 0x60;
const PM_BASE = 0x40;
const PM_BASE_MASK = 0xffc0;
const PM_ENABLE = 0x80;
/** Upper byte of the device-activity register; its bit makes writes to port 0xb2 raise SMI. */
const SMI_ENABLE = 0x5b;
const APM_COMMAND_SMI = 0x02;

export interface PciHostOptions {
  /** PIIX3-like ISA bridge and PIIX4-like power-management function; default true. */
  readonly south?: boolean;
  /** Where the power-management ports lie at power-on; default 0x600. */
  readonly pmBase?: number;
  /** Serves port 0xcf9, which lies in the middle of the address register. */
  readonly resetControl?: ResetControl;
}

interface PciState {
  readonly address: number;
  readonly configs: readonly (Uint8Array | undefined)[];
}

export class PciHost implements Device {
  readonly ports: PortRange;
  readonly hostBridge: PciFunction;
  /** A memory-attribute register (0 to 6, for PCI registers 0x59 to 0x5f) has been written. */
  onPam: ((index: number, value: number) => void) | undefined;
  /** The power-management ports have been moved, or switched on or off. */
  onPmBase: ((base: number, enabled: boolean) => void) | undefined;
  private readonly functions: (PciFunction | undefined)[] = new Array(FUNCTIONS).fill(undefined);
  private readonly resetControl: ResetControl | undefined;
  private readonly powerManagement: PciFunction | undefined;
  private address = 0;

  constructor(options: PciHostOptions = {}) {
    this.resetControl = options.resetControl;
    this.hostBridge = this.makeHostBridge();
    this.addFunction(0, 0, this.hostBridge);
    if (options.south ?? true) {
      this.addFunction(ISA_SLOT, 0, makeIsaBridge());
      this.powerManagement = this.makePowerManagement(options.pmBase ?? 0x600);
      this.addFunction(ISA_SLOT, PM_FUNCTION, this.powerManagement);
    }
    this.ports = {
      first: ADDRESS_PORT,
      last: DATA_PORT + 3,
      widest: 4,
      name: "PCI configuration",
      readPort: (port, size) => this.readPort(port, size),
      writePort: (port, size, value) => this.writePort(port, size, value),
    };
  }

  /**
   * Puts a function on bus 0.
   * @throws RangeError for numbers out of range; Error when the place is taken.
   */
  addFunction(device: number, number: number, fn: PciFunction): void {
    const index = (device << 3) | number;
    if (device < 0 || device > 31 || number < 0 || number > 7) {
      throw new RangeError(`no PCI function ${device}.${number}`);
    }
    if (this.functions[index] !== undefined) {
      throw new Error(`PCI function ${device}.${number} exists already`);
    }
    this.functions[index] = fn.seal();
  }

  removeFunction(device: number, number: number): void {
    this.functions[(device << 3) | number] = undefined;
  }

  reset(): void {
    this.address = 0;
    for (const fn of this.functions) fn?.reset();
    this.announce();
  }

  snapshot(): unknown {
    const state: PciState = {
      address: this.address,
      configs: this.functions.map((fn) => fn?.config),
    };
    return sealSnapshot("pci", 1, state);
  }

  restore(data: unknown): void {
    const state = openSnapshot<PciState>(data, "pci", 1);
    this.address = state.address;
    state.configs.forEach((config, index) => {
      if (config !== undefined) this.functions[index]?.config.set(config);
    });
    this.announce();
  }

  private readPort(port: number, size: AccessSize): number {
    if (port >= DATA_PORT) return this.readConfig(port - DATA_PORT, size);
    if (port === ADDRESS_PORT && size === 4) return this.address;
    if (port === RESET_PORT && size === 1)
      return this.resetControl?.ports.readPort(port, 1) ?? 0xff;
    return 0xffffffff;
  }

  private writePort(port: number, size: AccessSize, value: number): void {
    if (port >= DATA_PORT) this.writeConfig(port - DATA_PORT, size, value);
    else if (port === ADDRESS_PORT && size === 4) this.address = (value & ADDRESS_WRITABLE) >>> 0;
    else if (port === RESET_PORT && size === 1) this.resetControl?.ports.writePort(port, 1, value);
  }

  /** The function that the address names; only bus 0 has any. */
  private selected(): PciFunction | undefined {
    if ((this.address & ADDRESS_ENABLE) === 0 || (this.address & 0xff0000) !== 0) return undefined;
    return this.functions[(this.address >>> 8) & 0xff];
  }

  private readConfig(byte: number, size: AccessSize): number {
    const fn = this.selected();
    if (fn === undefined) return 0xffffffff;
    return fn.read((this.address & (PCI_CONFIG_BYTES - 4)) + byte, size);
  }

  private writeConfig(byte: number, size: AccessSize, value: number): void {
    this.selected()?.write((this.address & (PCI_CONFIG_BYTES - 4)) + byte, size, value);
  }

  private makeHostBridge(): PciFunction {
    const fn = new PciFunction({
      vendor: 0x8086,
      device: 0x1237,
      classCode: 0x060000,
      revision: 2,
    });
    fn.writable.fill(0xff, PAM_FIRST, PAM_FIRST + PAM_COUNT);
    fn.writable[SMRAM] = 0x7f;
    fn.config[SMRAM] = 0x02;
    fn.onWrite = (offset, size) => {
      for (let i = offset; i < offset + size; i++) {
        const index = i - PAM_FIRST;
        if (index >= 0 && index < PAM_COUNT) this.onPam?.(index, fn.config[i]);
      }
    };
    return fn;
  }

  private makePowerManagement(base: number): PciFunction {
    const fn = new PciFunction({
      vendor: 0x8086,
      device: 0x7113,
      classCode: 0x068000,
      revision: 3,
    });
    // Bit 0 says that it is an I/O address. It is set up from the start: there may be no firmware.
    fn.setWord(PM_BASE, base | 1);
    fn.writable[PM_BASE] = 0xc0;
    fn.writable[PM_BASE + 1] = 0xff;
    fn.writable[PM_ENABLE] = 0x01;
    fn.config[PM_ENABLE] = 0x01;
    fn.config[0x3c] = 9;
    // SMI control and chip-set registers that firmware sets up.
    for (const offset of [0x58, 0x59, 0x5a, 0x5b, 0x90, 0x91, 0xd2, 0xd6]) {
      fn.writable[offset] = 0xff;
    }
    // There is no SMM: firmware that finds its SMI handler in place does not wait for one.
    fn.config[SMI_ENABLE] = APM_COMMAND_SMI;
    fn.onWrite = (offset, size) => {
      const touches = (register: number) => offset <= register && register < offset + size;
      if (touches(PM_BASE) || touches(PM_BASE + 1) || touches(PM_ENABLE)) this.announcePm();
    };
    return fn;
  }

  private announcePm(): void {
    const fn = this.powerManagement;
    if (fn === undefined) return;
    const base = fn.read(PM_BASE, 2) & PM_BASE_MASK;
    this.onPmBase?.(base, (fn.config[PM_ENABLE] & 1) !== 0 && base !== 0);
  }

  /** Tells of everything that registers steer, after they have changed as a whole. */
  private announce(): void {
    for (let index = 0; index < PAM_COUNT; index++) {
      this.onPam?.(index, this.hostBridge.config[PAM_FIRST + index]);
    }
    this.announcePm();
  }
}

function makeIsaBridge(): PciFunction {
  const fn = new PciFunction({
    vendor: 0x8086,
    device: 0x7000,
    classCode: 0x060100,
    multiFunction: true,
  });
  // PIRQ routes: bit 7 set means that the line leads nowhere.
  fn.config.fill(0x80, PIRQ_FIRST, PIRQ_FIRST + 4);
  fn.writable.fill(0x8f, PIRQ_FIRST, PIRQ_FIRST + 4);
  for (const offset of [0x4c, 0x4e, 0x4f, 0x69, 0x82]) fn.writable[offset] = 0xff;
  return fn;
}
