/** The contents of the DSDT: sleep states, processors, the PCI root and the ISA devices. */
import {
  type Aml,
  amlDevice,
  amlEisaId,
  amlInteger,
  amlName,
  amlPackage,
  amlResources,
  amlRootScope,
  amlString,
  busNumbers,
  ioPorts,
  isaIrq,
  memoryWindow,
  portWindow,
} from "./acpi-aml.ts";
import { SLEEP_TYPE } from "./acpi-pm.ts";

export interface DsdtOptions {
  readonly processors: number;
  /** There is a PCI host bridge. */
  readonly pci: boolean;
  /** PCI interrupts reach an I/O APIC. */
  readonly ioApic: boolean;
  /** First ports of the serial ports, with their interrupts. */
  readonly serialPorts: readonly { readonly base: number; readonly irq: number }[];
  readonly keyboard: boolean;
  /** Addresses below 4 GiB where PCI devices can be placed. */
  readonly pciWindow: { readonly first: number; readonly last: number };
}

/** First of the eight I/O APIC inputs that PCI interrupts use. */
export const PCI_GSI_FIRST = 16;
const PCI_GSIS = 8;
const PCI_DEVICES = 32;
const PCI_PINS = 4;
const ALL_FUNCTIONS = 0xffff;

/** The I/O APIC input of a PCI interrupt: `pin` 0 is INTA. Neighbours use different inputs. */
export function pciGsi(device: number, pin: number): number {
  return PCI_GSI_FIRST + ((device + pin) % PCI_GSIS);
}

/** The definition block behind the table header. */
export function buildDsdtBody(options: DsdtOptions): Uint8Array {
  const isa = isaDevices(options);
  const pci = options.pci ? [pciRoot(options, isa)] : isa;
  const body = [
    sleepState("_S3", SLEEP_TYPE.s3),
    sleepState("_S5", SLEEP_TYPE.s5),
    amlRootScope("_SB", ...processors(options.processors), ...pci),
  ];
  return Uint8Array.from(body.flat());
}

function sleepState(name: string, type: number): Aml {
  return amlName(
    name,
    amlPackage(amlInteger(type), amlInteger(type), amlInteger(0), amlInteger(0)),
  );
}

function processors(count: number): Aml[] {
  return Array.from({ length: count }, (_, index) =>
    amlDevice(
      `C${index.toString(16).toUpperCase().padStart(3, "0")}`,
      amlName("_HID", amlString("ACPI0007")),
      amlName("_UID", amlInteger(index)),
    ),
  );
}

function pciRoot(options: DsdtOptions, isa: readonly Aml[]): Aml {
  const { first, last } = options.pciWindow;
  const windows = amlResources(
    busNumbers(0x00, 0xff),
    ioPorts(0xcf8, 8),
    portWindow(0x0000, 0x0cf7),
    portWindow(0x0d00, 0xffff),
    memoryWindow(first, last),
  );
  const routing = options.ioApic ? [amlName("_PRT", amlPackage(...routes()))] : [];
  return amlDevice(
    "PCI0",
    amlName("_HID", amlEisaId("PNP0A03")),
    amlName("_UID", amlInteger(0)),
    amlName("_ADR", amlInteger(0)),
    amlName("_CRS", windows),
    ...routing,
    amlDevice("ISA", amlName("_ADR", amlInteger(0x00010000)), ...isa),
  );
}

function routes(): Aml[] {
  const result: Aml[] = [];
  for (let device = 1; device < PCI_DEVICES; device++) {
    for (let pin = 0; pin < PCI_PINS; pin++) {
      const address = device * 0x10000 + ALL_FUNCTIONS;
      const route = [address, pin, 0, pciGsi(device, pin)].map(amlInteger);
      result.push(amlPackage(...route));
    }
  }
  return result;
}

function isaDevices(options: DsdtOptions): Aml[] {
  const device = (name: string, id: string, uid: number | undefined, ...resources: Aml[]) =>
    amlDevice(
      name,
      amlName("_HID", amlEisaId(id)),
      ...(uid === undefined ? [] : [amlName("_UID", amlInteger(uid))]),
      amlName("_CRS", amlResources(...resources)),
    );
  const devices = [device("RTC", "PNP0B00", undefined, ioPorts(0x70, 4), isaIrq(8))];
  options.serialPorts.forEach(({ base, irq }, index) => {
    devices.push(device(`COM${index + 1}`, "PNP0501", index + 1, ioPorts(base, 8), isaIrq(irq)));
  });
  if (options.keyboard) {
    devices.push(
      device("KBD", "PNP0303", undefined, ioPorts(0x60, 1), ioPorts(0x64, 1), isaIrq(1)),
      device("MOU", "PNP0F13", undefined, isaIrq(12)),
    );
  }
  return devices;
}
