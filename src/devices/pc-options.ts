/** What a PC is put together from: its options, and how its RAM lies in the address space. */
import type { ApicBus } from "./apic-bus.ts";
import type { TscOffset } from "./apic-timer.ts";
import type { DebugExitOptions } from "./debug-exit.ts";
import type { Clock, ProcessorPins } from "./device.ts";
import type { FwCfgMemory, MemoryMapEntry } from "./fw-cfg.ts";
import type { LocalApic, LocalApicOptions } from "./local-apic.ts";

const GIB = 0x40000000;
/** RAM below 4 GiB ends here at the latest; device addresses follow. */
export const LOW_RAM_END_MAX = 3 * GIB;
export const HIGH_RAM_HPA = 4 * GIB;
const RAM_TYPE = 1;

/** Which devices there are; everything but the test device is there unless left out. */
export interface PcParts {
  /** Local APICs and the I/O APIC. Without them the 8259 drives the first processor directly. */
  readonly apic?: boolean;
  readonly hpet?: boolean;
  readonly pci?: boolean;
  /** ACPI registers and tables, and the reset register. */
  readonly acpi?: boolean;
  readonly keyboard?: boolean;
  readonly fwCfg?: boolean;
  /** Ports 0xe9 and 0x402; the former gives way to the test device. */
  readonly debugConsole?: boolean;
  readonly debugExit?: boolean;
  /** The device of kvm-unit-tests; default false. */
  readonly testDevice?: boolean;
}

export interface PcOptions {
  readonly clock: Clock;
  /** Pins of the processors, the bootstrap processor first; 1 to 64. */
  readonly pins: readonly ProcessorPins[];
  /** All RAM in bytes, a multiple of 4096. */
  readonly ramBytes: number;
  readonly parts?: PcParts;
  /** Initial APIC IDs; default 0, 1, 2 … */
  readonly apicIds?: readonly number[];
  /** What makes each processor's TSC out of virtual time. */
  readonly tsc?: readonly TscOffset[];
  readonly x2apicAdvertised?: boolean;
  readonly tscDeadlineAdvertised?: boolean;
  readonly physicalAddressBits?: number;
  readonly ioApicVersion?: 0x11 | 0x20;
  /** Number of serial ports, 0 to 4; default 1. */
  readonly serialPorts?: number;
  /** Time of day at power-on in seconds since 1970. */
  readonly epochSeconds?: number;
  readonly pmBase?: number;
  readonly pmTimerBits?: 24 | 32;
  readonly debugExit?: DebugExitOptions;
  /** Guest memory, for the DMA interface of fw_cfg. */
  readonly memory?: FwCfgMemory;
  /**
   * Leave the interrupt controllers as firmware does, because an image is entered without any: 8259
   * vectors 0x08 and 0x70 with all lines masked but the cascade and IRQ 11. Default true.
   */
  readonly firmwareState?: boolean;
  /** Makes the local APICs; default: plain ones. */
  readonly makeLocalApic?: (
    clock: Clock,
    bus: ApicBus,
    pins: ProcessorPins,
    options: LocalApicOptions,
  ) => LocalApic;
}

/** How `ramBytes` are divided around the device addresses below 4 GiB. */
export function ramLayout(ramBytes: number): {
  readonly lowBytes: number;
  readonly highBytes: number;
} {
  const lowBytes = Math.min(ramBytes, LOW_RAM_END_MAX);
  return { lowBytes, highBytes: ramBytes - lowBytes };
}

/** The stretches of RAM, as fw_cfg tells firmware. */
export function ramMap(ramBytes: number): MemoryMapEntry[] {
  const { lowBytes, highBytes } = ramLayout(ramBytes);
  const map = [{ gpa: 0, length: lowBytes, type: RAM_TYPE }];
  if (highBytes > 0) map.push({ gpa: HIGH_RAM_HPA, length: highBytes, type: RAM_TYPE });
  return map;
}
