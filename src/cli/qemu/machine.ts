/** The options -machine, -accel, -smp, -m, -device, -global: the machine that they make. */
import type { MachineOptions } from "../../machine/options.ts";
import { UsageError } from "../errors.ts";
import { parseInteger, parseMoment, parseSize } from "../parse.ts";
import { tlbOption } from "../tlb-file.ts";
import { type Property, properties, type QemuArguments, switchValue } from "./arguments.ts";
import { parseQemuCpu, QEMU_CPU_DEFAULT } from "./cpu.ts";

const MEMORY_DEFAULT = "128M";
const CPUS_MAX = 64;
const PORT_MAX = 0xffff;

export const QEMU_MACHINES: readonly string[] = ["pc", "pc-i440fx-*"];
/** Devices that -device help lists. */
export const QEMU_DEVICES: readonly string[] = ["isa-debug-exit", "pc-testdev"];
const ACCELERATORS: readonly string[] = ["tcg", "kvm"];

/** Properties of a machine or accelerator that make no difference to the guest. */
const MEANINGLESS = new Set([
  "kernel-irqchip",
  "kernel_irqchip",
  "thread",
  "tb-size",
  "graphics",
  "usb",
  "dump-guest-core",
  "mem-merge",
]);

export interface QemuMachine {
  readonly options: MachineOptions;
  readonly warnings: readonly string[];
}

/** @throws UsageError that names what is not supported. */
export function qemuMachine(args: QemuArguments): QemuMachine {
  const cpu = parseQemuCpu(args.last("cpu") ?? QEMU_CPU_DEFAULT);
  const warnings = [...cpu.warnings];
  const board = parseBoard(args, warnings);
  for (const text of args.all("accel")) parseAccelerator(text);
  for (const text of args.all("global")) checkGlobal(text);
  for (const text of args.all("overcommit")) checkOvercommit(text);
  const devices = parseDevices(args.all("device"), warnings);
  const rtc = args.last("rtc");
  const tlb = args.last("tlb");
  return {
    options: {
      memory: parseMemory(args.last("m") ?? MEMORY_DEFAULT),
      cpus: parseSmp(args.last("smp") ?? "1"),
      cpuModel: cpu.model,
      cpuFeatures: cpu.features,
      ...(cpu.physicalAddressBits === undefined
        ? {}
        : { physicalAddressBits: cpu.physicalAddressBits }),
      parts: {
        hpet: board.hpet && !args.has("no-hpet"),
        acpi: board.acpi && !args.has("no-acpi"),
        testDevice: devices.testDevice,
        debugExit: devices.debugExit !== undefined,
      },
      ...(devices.debugExit === undefined ? {} : { debugExit: devices.debugExit }),
      ...(rtc === undefined ? {} : parseRtc(rtc)),
      ...(tlb === undefined ? {} : { tlb: tlbOption("-tlb", tlb) }),
    },
    warnings,
  };
}

function parseBoard(args: QemuArguments, warnings: string[]) {
  const board = { hpet: true, acpi: true };
  for (const text of args.all("machine", "M")) {
    for (const property of properties(text)) {
      const { key, value } = property;
      if (value === undefined || key === "type") checkMachineName(value ?? key);
      else if (key === "accel") parseAccelerator(value);
      else if (key === "hpet") board.hpet = switchValue("-machine", property);
      else if (key === "acpi") board.acpi = switchValue("-machine", property);
      else if (key === "pit") {
        if (!switchValue("-machine", property)) warnings.push("pit=off: the timer stays");
      } else if (key === "vmport" || key === "smm") {
        if (value === "on") throw new UsageError(`-machine ${key}=on is not supported`);
      } else if (!MEANINGLESS.has(key)) {
        throw new UsageError(`-machine ${key}=${value} is not supported`);
      }
    }
  }
  return board;
}

function checkMachineName(name: string): void {
  if (name === "pc" || name.startsWith("pc-i440fx-")) return;
  throw new UsageError(`machine "${name}" is not supported: use ${QEMU_MACHINES.join(" or ")}`);
}

/** The emulator takes the place of whatever accelerator is asked for. */
function parseAccelerator(text: string): void {
  const [first, ...rest] = properties(text);
  for (const name of (first?.key ?? "").split(":")) {
    if (!ACCELERATORS.includes(name)) {
      throw new UsageError(`accelerator "${name}" is not supported`);
    }
  }
  for (const { key } of rest) {
    if (!MEANINGLESS.has(key)) throw new UsageError(`-accel ${key} is not supported`);
  }
}

function checkGlobal(text: string): void {
  // How a hypervisor makes up for lost ticks; none are lost here.
  if (/^kvm-pit\.lost_tick_policy=/.test(text)) return;
  throw new UsageError(`-global ${text} is not supported`);
}

function checkOvercommit(text: string): void {
  for (const { key, value } of properties(text)) {
    if (key !== "cpu-pm" && key !== "mem-lock") {
      throw new UsageError(`-overcommit ${key}=${value ?? ""} is not supported`);
    }
  }
}

interface Devices {
  testDevice: boolean;
  debugExit: { iobase?: number; iosize?: number } | undefined;
}

function parseDevices(texts: readonly string[], warnings: string[]): Devices {
  const devices: Devices = { testDevice: false, debugExit: undefined };
  for (const text of texts) {
    const [first, ...rest] = properties(text);
    const name = first?.value ?? first?.key ?? "";
    if (name === "isa-debug-exit") devices.debugExit = exitPort(rest);
    else if (name === "pc-testdev") devices.testDevice = true;
    else if (name === "pci-testdev") warnings.push("there is no PCI test device");
    else throw new UsageError(`device "${name}" is not supported: use ${QEMU_DEVICES.join(", ")}`);
    const extra = rest.find(({ key }) => key !== "id" && name !== "isa-debug-exit");
    if (extra) throw new UsageError(`-device ${name},${extra.key} is not supported`);
  }
  return devices;
}

/** QEMU's own defaults for the device are ports 0x501 and 0x502. */
function exitPort(list: readonly Property[]): { iobase: number; iosize: number } {
  const port = { iobase: 0x501, iosize: 2 };
  for (const { key, value = "" } of list) {
    if (key === "iobase" || key === "iosize") {
      port[key] = parseInteger(`-device isa-debug-exit,${key}`, value, 1, PORT_MAX);
    } else if (key !== "id") {
      throw new UsageError(`-device isa-debug-exit,${key} is not supported`);
    }
  }
  return port;
}

/** MiB unless a unit is given. */
function parseMemory(text: string): number {
  let size = "";
  for (const { key, value } of properties(text)) {
    if (value === undefined) size = key;
    else if (key === "size") size = value;
    else throw new UsageError(`-m ${key}=${value} is not supported`);
  }
  return parseSize("-m", /^\d+$/.test(size) ? `${size}M` : size);
}

function parseSmp(text: string): number {
  const counts = new Map<string, number>();
  for (const { key, value } of properties(text)) {
    const name = value === undefined ? "cpus" : key;
    if (!["cpus", "maxcpus", "sockets", "dies", "cores", "threads"].includes(name)) {
      throw new UsageError(`-smp ${key} is not supported`);
    }
    counts.set(name, parseInteger(`-smp ${name}`, value ?? key, 1, 1024));
  }
  const of = (name: string) => counts.get(name) ?? 1;
  const cpus = counts.get("cpus") ?? of("sockets") * of("dies") * of("cores") * of("threads");
  if ((counts.get("maxcpus") ?? cpus) !== cpus) {
    throw new UsageError(`-smp maxcpus=${counts.get("maxcpus")}: all processors are there at once`);
  }
  if (cpus > CPUS_MAX) {
    // In these words, with the number last, because scripts look for them.
    throw new UsageError(`Invalid SMP CPUs ${cpus}. The max CPUs supported is ${CPUS_MAX}`);
  }
  return cpus;
}

function parseRtc(text: string): { epochSeconds?: number } {
  let result: { epochSeconds?: number } = {};
  for (const { key, value = "" } of properties(text)) {
    if (key === "base" && (value === "utc" || value === "localtime")) {
      const local = value === "localtime" ? new Date().getTimezoneOffset() * 60 : 0;
      result = { epochSeconds: Math.floor(Date.now() / 1000) - local };
    } else if (key === "base") {
      const zoned = /[TZ]/.test(value) && !value.endsWith("Z") ? `${value}Z` : value;
      result = { epochSeconds: parseMoment("-rtc base", zoned) };
    } else if (!(key === "clock" && value === "vm")) {
      throw new UsageError(`-rtc ${key}=${value} is not supported`);
    }
  }
  return result;
}
