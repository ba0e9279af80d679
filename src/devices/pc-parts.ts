/** Makes those parts of a PC that follow from its options alone. */
import { type AcpiTables, buildAcpiTables } from "./acpi-tables.ts";
import { type ApicBus, BUS_APICS_MAX } from "./apic-bus.ts";
import type { ExtIntSource } from "./apic-core.ts";
import type { IrqLine } from "./device.ts";
import { encodeE820, FwCfg } from "./fw-cfg.ts";
import { HPET_HPA } from "./hpet.ts";
import { IOAPIC_HPA, IoApic } from "./ioapic.ts";
import { LocalApic } from "./local-apic.ts";
import { type PcOptions, ramLayout, ramMap } from "./pc-options.ts";
import { Mc146818 } from "./rtc.ts";

export const SCI_IRQ = 9;
export const PM_BASE_DEFAULT = 0x600;
/** I/O APIC inputs of the PCI interrupts, which are high at rest. */
const PCI_PINS = 0xff0000;
const SERIAL = [
  { base: 0x3f8, irq: 4 },
  { base: 0x2f8, irq: 3 },
  { base: 0x3e8, irq: 4 },
  { base: 0x2e8, irq: 3 },
] as const;

/** @throws RangeError when the options do not make a machine. */
export function checkOptions(options: PcOptions): void {
  const { pins, apicIds, serialPorts = 1, ramBytes } = options;
  if (pins.length < 1 || pins.length > BUS_APICS_MAX) {
    throw new RangeError(`a machine has 1 to ${BUS_APICS_MAX} processors`);
  }
  if (apicIds !== undefined && apicIds.length !== pins.length) {
    throw new RangeError("every processor needs one APIC ID");
  }
  if (serialPorts < 0 || serialPorts > SERIAL.length) {
    throw new RangeError(`a machine has 0 to ${SERIAL.length} serial ports`);
  }
  if (!Number.isSafeInteger(ramBytes) || ramBytes <= 0 || ramBytes % 4096 !== 0) {
    throw new RangeError(`${ramBytes} is no number of whole pages of RAM`);
  }
}

/** Base and interrupt of each serial port. */
export function serialSlots(
  options: PcOptions,
): readonly { readonly base: number; readonly irq: number }[] {
  return SERIAL.slice(0, options.serialPorts ?? 1);
}

export function makeLocalApics(
  options: PcOptions,
  bus: ApicBus,
  extInt: ExtIntSource,
): readonly LocalApic[] {
  const { clock, pins, tsc, physicalAddressBits } = options;
  const ids = apicIds(options);
  const make =
    options.makeLocalApic ??
    ((...args: ConstructorParameters<typeof LocalApic>) => new LocalApic(...args));
  return pins.map((pin, index) => {
    const offset = tsc?.[index];
    return make(clock, bus, pin, {
      apicId: ids[index],
      bootstrap: index === 0,
      x2apicAdvertised: options.x2apicAdvertised ?? true,
      tscDeadlineAdvertised: options.tscDeadlineAdvertised ?? true,
      extInt,
      ...(offset === undefined ? {} : { tsc: offset }),
      ...(physicalAddressBits === undefined ? {} : { physicalAddressBits }),
    });
  });
}

export function makeIoApic(options: PcOptions, bus: ApicBus): IoApic {
  return new IoApic(bus, { version: options.ioApicVersion ?? 0x20, idleHigh: PCI_PINS });
}

export function makeRtc(options: PcOptions, irq: IrqLine): Mc146818 {
  const { clock, pins, ramBytes, epochSeconds } = options;
  const { lowBytes, highBytes } = ramLayout(ramBytes);
  return new Mc146818(clock, irq, {
    lowRamBytes: lowBytes,
    highRamBytes: highBytes,
    processors: pins.length,
    ...(epochSeconds === undefined ? {} : { epochSeconds }),
  });
}

export function makeAcpiTables(options: PcOptions): AcpiTables {
  const { parts = {} } = options;
  return buildAcpiTables({
    apicIds: apicIds(options),
    ioApicHpa: (parts.apic ?? true) ? IOAPIC_HPA : undefined,
    hpetHpa: (parts.hpet ?? true) ? HPET_HPA : undefined,
    pmBase: options.pmBase ?? PM_BASE_DEFAULT,
    pmTimerBits: options.pmTimerBits ?? 32,
    sciIrq: SCI_IRQ,
    pci: parts.pci ?? true,
    keyboard: parts.keyboard ?? true,
    serialPorts: serialSlots(options),
  });
}

export function makeFwCfg(options: PcOptions): FwCfg {
  const { pins, ramBytes, memory } = options;
  const fwCfg = new FwCfg({
    ramBytes,
    processors: pins.length,
    ...(memory === undefined ? {} : { memory }),
  });
  fwCfg.addFile("etc/e820", encodeE820(ramMap(ramBytes)));
  return fwCfg;
}

function apicIds(options: PcOptions): readonly number[] {
  return options.apicIds ?? options.pins.map((_, index) => index);
}
