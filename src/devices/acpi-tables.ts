/** Builds the ACPI tables of the machine as one image for the BIOS area below 1 MiB. */
import { buildDsdtBody, type DsdtOptions } from "./acpi-dsdt.ts";
import { ACPI_DISABLE, ACPI_ENABLE, GPE0_BYTES, PM_OFFSET, SMI_COMMAND_PORT } from "./acpi-pm.ts";
import { TableWriter } from "./acpi-table-writer.ts";
import { CMOS } from "./cmos.ts";
import { RESET_PORT, RESET_VALUE } from "./reset-control.ts";

export const ACPI_TABLES_HPA = 0xe0000;
/** The BIOS area, in which the root pointer is searched, ends here. */
const BIOS_AREA_END_HPA = 0x100000;
const ROOT_POINTER_BYTES = 36;
const FACS_BYTES = 64;
const WAKING_VECTOR_OFFSET = 12;

export interface AcpiTablesOptions {
  /** Where the image will lie; a multiple of 64; default 0xE0000. */
  readonly hpa?: number;
  /** APIC IDs, all below 255, in the order of the processors. */
  readonly apicIds: readonly number[];
  /** Default 0xFEE00000. */
  readonly localApicHpa?: number;
  /** Undefined when there is no I/O APIC; without it there is no MADT. */
  readonly ioApicHpa: number | undefined;
  /** Undefined when there is no HPET. */
  readonly hpetHpa: number | undefined;
  readonly pmBase: number;
  readonly pmTimerBits?: 24 | 32;
  readonly sciIrq?: number;
  readonly pci?: boolean;
  readonly keyboard?: boolean;
  readonly serialPorts?: DsdtOptions["serialPorts"];
  readonly pciWindow?: DsdtOptions["pciWindow"];
}

export interface AcpiTables {
  /** The image, to be put into RAM at `hpa`. */
  readonly bytes: Uint8Array;
  readonly hpa: number;
  readonly rootPointerHpa: number;
  /** Host-physical address of each table by its signature. */
  readonly tables: Readonly<Record<string, number>>;
  /** Where the operating system leaves the real-mode address to start at after S3. */
  readonly wakingVectorHpa: number;
}

/** FADT flags. */
const FADT_FLAGS = {
  wbinvd: 1 << 0,
  halt: 1 << 2,
  noSleepButton: 1 << 5,
  wideTimer: 1 << 8,
  resetRegister: 1 << 10,
} as const;
/** Legacy devices, 8042, no VGA. */
const BOOT_LEGACY = 1 << 0;
const BOOT_KEYBOARD = 1 << 1;
const BOOT_NO_VGA = 1 << 2;
/** Latencies (µs) that say that C2 and C3 do not exist. */
const NO_C2 = 0xfff;
const NO_C3 = 0xfff;
/** Steps of the HPET below which a period loses interrupts. */
const HPET_MINIMUM_STEPS = 100;
const HPET_ID = 0x8086a201;
const MADT_PC_COMPATIBLE = 1;
const ACTIVE_HIGH_LEVEL = 0x000d;

/**
 * Builds RSDP, RSDT, XSDT, FADT, FACS, DSDT, MADT and HPET table.
 * @throws RangeError when an APIC ID does not fit or the image does not fit below 1 MiB.
 */
export function buildAcpiTables(options: AcpiTablesOptions): AcpiTables {
  const hpa = options.hpa ?? ACPI_TABLES_HPA;
  if (options.apicIds.some((id) => id >= 255)) throw new RangeError("APIC IDs must be below 255");
  const tables: Record<string, number> = {};
  const chunks: { readonly hpa: number; readonly bytes: Uint8Array }[] = [];
  let next = hpa + ROOT_POINTER_BYTES;
  const place = (signature: string, bytes: Uint8Array, alignment = 16) => {
    next = Math.ceil(next / alignment) * alignment;
    tables[signature] = next;
    chunks.push({ hpa: next, bytes });
    next += bytes.length;
  };
  place("FACS", facs(), 64);
  place("DSDT", dsdt(options));
  place("FACP", fadt(options, tables.FACS, tables.DSDT));
  if (options.ioApicHpa !== undefined) place("APIC", madt(options, options.ioApicHpa));
  if (options.hpetHpa !== undefined) place("HPET", hpetTable(options.hpetHpa));
  const listed = Object.entries(tables)
    .filter(([signature]) => signature !== "FACS" && signature !== "DSDT")
    .map(([, address]) => address);
  place("RSDT", rootTable("RSDT", listed, 4));
  place("XSDT", rootTable("XSDT", listed, 8));
  chunks.push({ hpa, bytes: rootPointer(tables.RSDT, tables.XSDT) });
  const isInBiosArea = hpa < BIOS_AREA_END_HPA;
  if (isInBiosArea && next > BIOS_AREA_END_HPA) {
    throw new RangeError("the ACPI tables do not fit below 1 MiB");
  }
  const bytes = new Uint8Array(next - hpa);
  for (const chunk of chunks) bytes.set(chunk.bytes, chunk.hpa - hpa);
  const wakingVectorHpa = tables.FACS + WAKING_VECTOR_OFFSET;
  return { bytes, hpa, rootPointerHpa: hpa, tables, wakingVectorHpa };
}

function rootPointer(rsdt: number, xsdt: number): Uint8Array {
  const out = new TableWriter();
  out.text("RSD PTR ").u8(0).text("VMXLAB").u8(2).u32(rsdt);
  out.u32(ROOT_POINTER_BYTES).u64(xsdt).u32(0);
  const bytes = out.raw();
  // The first checksum covers the 20 bytes of version 1, the second all.
  bytes[8] = checksum(bytes.subarray(0, 20));
  bytes[32] = checksum(bytes);
  return bytes;
}

function rootTable(signature: string, addresses: readonly number[], width: 4 | 8): Uint8Array {
  const out = new TableWriter(signature, 1);
  for (const address of addresses) {
    if (width === 4) out.u32(address);
    else out.u64(address);
  }
  return out.table();
}

/** The firmware control structure has no checksum; the guest writes into it. */
function facs(): Uint8Array {
  const out = new TableWriter();
  return out.text("FACS").u32(FACS_BYTES).u32(0).u32(0).u32(0).u32(0).u64(0).u8(1).zeros(31).raw();
}

function dsdt(options: AcpiTablesOptions): Uint8Array {
  const body = buildDsdtBody({
    processors: options.apicIds.length,
    pci: options.pci ?? true,
    ioApic: options.ioApicHpa !== undefined,
    serialPorts: options.serialPorts ?? [{ base: 0x3f8, irq: 4 }],
    keyboard: options.keyboard ?? true,
    pciWindow: options.pciWindow ?? { first: 0xe0000000, last: 0xfebfffff },
  });
  // Revision 2: integers have 64 bits.
  return new TableWriter("DSDT", 2).bytes(body).table();
}

function fadt(options: AcpiTablesOptions, facsHpa: number, dsdtHpa: number): Uint8Array {
  const base = options.pmBase;
  const event = base + PM_OFFSET.event;
  const control = base + PM_OFFSET.control;
  const timer = base + PM_OFFSET.timer;
  const gpe0 = base + PM_OFFSET.gpe0;
  const wide = (options.pmTimerBits ?? 32) === 32 ? FADT_FLAGS.wideTimer : 0;
  const { wbinvd, halt, noSleepButton, resetRegister } = FADT_FLAGS;
  const flags = wbinvd | halt | noSleepButton | resetRegister | wide;
  const keyboard = (options.keyboard ?? true) ? BOOT_KEYBOARD : 0;
  const out = new TableWriter("FACP", 3);
  out
    .u32(facsHpa)
    .u32(dsdtHpa)
    .u8(0)
    .u8(0)
    .u16(options.sciIrq ?? 9);
  out.u32(SMI_COMMAND_PORT).u8(ACPI_ENABLE).u8(ACPI_DISABLE).u8(0).u8(0);
  out.u32(event).u32(0).u32(control).u32(0).u32(0).u32(timer).u32(gpe0).u32(0);
  // Lengths: PM1 events, PM1 control, PM2 control, timer, GPE0, GPE1, first GPE1 event, C-states.
  out.u8(4).u8(2).u8(0).u8(4).u8(GPE0_BYTES).u8(0).u8(0).u8(0);
  // C-state latencies, cache flush parameters, duty cycle.
  out.u16(NO_C2).u16(NO_C3).u16(0).u16(0).u8(0).u8(0);
  // Day and month alarm do not exist; the century does.
  out.u8(0).u8(0).u8(CMOS.century);
  out
    .u16(BOOT_LEGACY | BOOT_NO_VGA | keyboard)
    .u8(0)
    .u32(flags);
  out.port(RESET_PORT, 8).u8(RESET_VALUE).zeros(3);
  // The 64-bit FACS address stays 0: it would take precedence, and guests write through the other.
  out.u64(0).u64(dsdtHpa);
  out.port(event, 32).port(0, 0).port(control, 16).port(0, 0).port(0, 0).port(timer, 32);
  out.port(gpe0, GPE0_BYTES * 8).port(0, 0);
  return out.table();
}

function madt(options: AcpiTablesOptions, ioApicHpa: number): Uint8Array {
  const out = new TableWriter("APIC", 3);
  out.u32(options.localApicHpa ?? 0xfee00000).u32(MADT_PC_COMPATIBLE);
  options.apicIds.forEach((apicId, index) => {
    out.u8(0).u8(8).u8(index).u8(apicId).u32(1);
  });
  out.u8(1).u8(12).u8(0).u8(0).u32(ioApicHpa).u32(0);
  // ISA interrupt 0 arrives at input 2; the ACPI interrupt is level-triggered and active high.
  out.u8(2).u8(10).u8(0).u8(0).u32(2).u16(0);
  const sci = options.sciIrq ?? 9;
  out.u8(2).u8(10).u8(0).u8(sci).u32(sci).u16(ACTIVE_HIGH_LEVEL);
  // LINT1 of every processor is NMI.
  out.u8(4).u8(6).u8(0xff).u16(0).u8(1);
  return out.table();
}

function hpetTable(hpa: number): Uint8Array {
  const out = new TableWriter("HPET", 1);
  return out.u32(HPET_ID).memory(hpa, 64).u8(0).u16(HPET_MINIMUM_STEPS).u8(0).table();
}

function checksum(bytes: Uint8Array): number {
  return -bytes.reduce((sum, byte) => sum + byte, 0) & 0xff;
}
