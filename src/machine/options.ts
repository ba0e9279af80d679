/** The options of a machine and what they come to. */

import { LAYOUT } from "../core/core.ts";
import type { PcParts } from "../devices/pc-options.ts";
import type { PolicyStep } from "../l0/policy.ts";
import type { ApicMode } from "../l0/vmcs01.ts";
import type { SanitizerOptions } from "../sanitizer/sanitizer.ts";
import { CPU_MODELS, type CpuModel, DEFAULT_CPU_MODEL } from "../tables/cpu-models.ts";
import { FEATURES } from "../tables/features.ts";
import { TLB_PROFILES, type TlbProfile } from "../tables/tlb-profiles.ts";
import { CONTROLS, hasControl } from "../tables/vmx/controls.ts";
import { OptionError } from "./errors.ts";
import { checkGeometry } from "./geometry.ts";
import { nearest } from "./nearest.ts";

/** Who is the host: nobody, or L0, which runs the image as L1 in VMX non-root operation. */
export type MachineMode = "bare" | "l1";

export interface MachineOptions {
  /** Default "bare". */
  readonly mode?: MachineMode;
  /** What of the processor's APIC virtualization L0 uses in mode "l1"; default: all there is. */
  readonly l0Apic?: ApicMode;
  /** Whether huge pages back L1's memory in mode "l1". Default true. */
  readonly l0HugePages?: boolean;
  /** Steps of L0 to leave out in mode "l1", by the names in docs/l0.md. */
  readonly l0Break?: readonly PolicyStep[];
  /** RAM in bytes: a multiple of 4096 from 1 MiB to 3840 MiB. Default 256 MiB. */
  readonly memory?: number;
  /** Logical processors, 1 to 64; in mode "l1" those of the image. Default 1. */
  readonly cpus?: number;
  /**
   * Logical processors that L0 has in mode "l1", 1 to `cpus`, whose vCPUs take turns on them. Default:
   * one for each.
   */
  readonly pcpus?: number;
  /** Name of a CPU model; default "sapphire-rapids". "max" is the model with the most features. */
  readonly cpuModel?: string;
  /**
   * Features to add to (+name) or take from (-name) the model, as CPUID names them, or VMX controls
   * by their names in docs/support-matrix.md.
   */
  readonly cpuFeatures?: readonly string[];
  /** Width of physical addresses in bits, 36 to 52. Default: the CPU model's. */
  readonly physicalAddressBits?: number;
  /**
   * Geometry of the TLB: the name of a profile or one of your own. Default: the CPU model's, with the
   * sanitizer "adversarial".
   */
  readonly tlb?: string | TlbProfile;
  /** Follows cached translations and judges the use of stale ones; see `Machine.sanitizer`. */
  readonly sanitizer?: boolean | SanitizerOptions;
  /** Drives the scheduler, TLB replacement and RDRAND; an integer from 0 to 2^53 - 1. Default 1. */
  readonly seed?: number;
  /** A firmware image to be entered at the reset vector. */
  readonly firmware?: Uint8Array;
  /**
   * Whether a reset or a triple fault starts the machine again, as far as there is firmware to start
   * it; otherwise it ends the run. Default true.
   */
  readonly reboot?: boolean;
  /** Devices to leave out or to add. */
  readonly parts?: PcParts;
  /** Serial ports, 0 to 4. Default 2. */
  readonly serialPorts?: number;
  /** Time of day at power-on in seconds since 1970. Default 2026-01-01. */
  readonly epochSeconds?: number;
  /** Port range of the debug exit device. */
  readonly debugExit?: { readonly iobase?: number; readonly iosize?: number };
}

export interface ResolvedOptions {
  readonly mode: MachineMode;
  readonly l0Apic: ApicMode;
  readonly l0HugePages: boolean;
  readonly l0Break: readonly PolicyStep[];
  readonly memory: number;
  readonly cpus: number;
  /** Logical processors that there are: `cpus`, or fewer in mode "l1". */
  readonly pcpus: number;
  /** What the image's CPUID tells. */
  readonly model: CpuModel;
  /** The processor itself: in mode "l1" one with VMX, whatever L1 is told. */
  readonly processor: CpuModel;
  readonly tlb: TlbProfile;
  /** Undefined when there is to be none. */
  readonly sanitizer: SanitizerOptions | undefined;
  readonly seed: number;
  readonly firmware: Uint8Array | undefined;
  readonly reboot: boolean;
  readonly parts: PcParts;
  readonly serialPorts: number;
  readonly epochSeconds: number | undefined;
  readonly debugExit: { readonly iobase?: number; readonly iosize?: number } | undefined;
}

const MIB = 1 << 20;
export const MEMORY_DEFAULT = 256 * MIB;
export const MEMORY_MIN = MIB;
/** The core's address space of 4 GiB holds its own tables as well. */
export const MEMORY_MAX = 3840 * MIB;
const FIRMWARE_MAX = 16 * MIB;
const SERIAL_PORTS_MAX = 4;
/** The architecture's limits; the least that a processor with PAE has is 36. */
const PHYSICAL_BITS = { min: 36, max: 52 } as const;

function integer(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new OptionError(`${name} ${value} is not an integer from ${min} to ${max}`);
  }
  return value;
}

/** Completes and checks options. Throws OptionError. */
export function resolveOptions(options: MachineOptions): ResolvedOptions {
  const memory = options.memory ?? MEMORY_DEFAULT;
  if (!Number.isInteger(memory) || memory < MEMORY_MIN || memory > MEMORY_MAX) {
    throw new OptionError(`memory of ${memory} bytes: give 1 MiB to ${MEMORY_MAX / MIB} MiB`);
  }
  if (memory % 4096 !== 0)
    throw new OptionError(`memory of ${memory} bytes is no multiple of 4096`);
  const { firmware } = options;
  if (firmware && (firmware.length > FIRMWARE_MAX || firmware.length % 4096 !== 0)) {
    throw new OptionError(
      `a firmware image has a multiple of 4096 bytes up to 16 MiB, not ${firmware.length}`,
    );
  }
  const named = resolveModel(options.cpuModel ?? DEFAULT_CPU_MODEL, options.cpuFeatures ?? []);
  const { min, max } = PHYSICAL_BITS;
  const bits = options.physicalAddressBits ?? named.physicalAddressBits;
  const physicalAddressBits = integer("width of physical addresses", bits, min, max);
  const model = { ...named, physicalAddressBits };
  const mode = options.mode ?? "bare";
  const cpus = integer("number of processors", options.cpus ?? 1, 1, LAYOUT.CPUS_MAX);
  return {
    mode,
    processor: mode === "l1" ? processorForL0(model) : model,
    l0Apic: options.l0Apic ?? "apicv",
    l0HugePages: options.l0HugePages ?? true,
    l0Break: options.l0Break ?? [],
    memory,
    cpus,
    pcpus: resolvePcpus(options.pcpus, mode, cpus),
    model,
    tlb: resolveTlb(options.tlb ?? (options.sanitizer ? "adversarial" : model.tlb)),
    sanitizer: options.sanitizer === true ? {} : options.sanitizer || undefined,
    seed: integer("seed", options.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    firmware,
    reboot: options.reboot ?? true,
    parts: options.parts ?? {},
    serialPorts: integer("number of serial ports", options.serialPorts ?? 2, 0, SERIAL_PORTS_MAX),
    epochSeconds: options.epochSeconds,
    debugExit: options.debugExit,
  };
}

function resolvePcpus(pcpus: number | undefined, mode: MachineMode, cpus: number): number {
  if (pcpus === undefined) return cpus;
  if (mode === "bare") throw new OptionError('processors of L0 need the mode "l1"');
  return integer("number of processors of L0", pcpus, 1, cpus);
}

function resolveModel(name: string, changes: readonly string[]): CpuModel {
  const wanted = name === "max" ? CPU_MODELS.at(-1)!.name : name;
  const model = CPU_MODELS.find((m) => m.name === wanted);
  if (!model) {
    const names = [...CPU_MODELS.map((m) => m.name), "max"];
    throw new OptionError(
      `unknown CPU model "${name}"${nearest(name, names)}: use one of ${names.join(", ")}`,
    );
  }
  const known = new Set(CPU_MODELS.flatMap((m) => m.features));
  const features = new Set(model.features);
  const without = new Set<string>();
  for (const change of changes) {
    const sign = change[0];
    const feature = change.slice(1).toUpperCase();
    if (sign !== "+" && sign !== "-") {
      throw new OptionError(`CPU feature "${change}": write +NAME to add or -NAME to remove one`);
    }
    const control = feature.toLowerCase();
    if (CONTROLS.some((row) => row.name === control)) {
      if (sign === "-") without.add(control);
      else addControl(model, control, without);
    } else if (sign === "-" && FEATURES.some((f) => f.name === feature)) {
      features.delete(feature);
    } else if (sign === "+" && known.has(feature)) {
      features.add(feature);
    } else if (FEATURES.some((f) => f.name === feature)) {
      throw new OptionError(`CPU feature "${feature}" is not implemented`);
    } else {
      throw new OptionError(`unknown CPU feature "${feature}"${nearest(feature, [...known])}`);
    }
  }
  const { vmx = "penryn", ...rest } = model;
  if (!features.has("VMX")) return { ...rest, features: [...features] };
  if (model.vendor !== "GenuineIntel") throw new OptionError(`CPU model ${model.name} has no VMX`);
  return { ...rest, vmx, vmxWithout: [...without], features: [...features] };
}

/** The model itself where it has VMX, else the default one with the same addresses. */
function processorForL0(model: CpuModel): CpuModel {
  if (model.features.includes("VMX")) return model;
  const able = CPU_MODELS.find(({ name }) => name === DEFAULT_CPU_MODEL)!;
  return { ...able, physicalAddressBits: model.physicalAddressBits };
}

/** VMX controls come with the model: one can be taken away and given back, not added. */
function addControl(model: CpuModel, name: string, without: Set<string>): void {
  const { vmx } = model;
  const has = CONTROLS.some((row) => row.name === name && vmx && hasControl(row, vmx));
  if (!has) throw new OptionError(`CPU model ${model.name} has no VMX control "${name}"`);
  without.delete(name);
}

function resolveTlb(tlb: string | TlbProfile): TlbProfile {
  if (typeof tlb !== "string") return checkGeometry(tlb);
  const profile = TLB_PROFILES.find((p) => p.name === tlb);
  if (profile) return profile;
  const names = TLB_PROFILES.map((p) => p.name);
  throw new OptionError(
    `unknown TLB profile "${tlb}"${nearest(tlb, names)}: use one of ${names.join(", ")}`,
  );
}
