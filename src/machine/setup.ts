/** Writes what describes a machine into the core, before the core is started. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import { FEATURES } from "../tables/features.ts";
import { cpuidRows } from "./cpuid.ts";
import { OptionError } from "./errors.ts";
import { writeGeometry } from "./geometry.ts";
import { hostMemoryBytes } from "./host-memory.ts";
import type { ResolvedOptions } from "./options.ts";
import { writeVmx } from "./vmx-capabilities.ts";

/**
 * Places everything in the core's memory and describes the machine there. Returns the pointer of the
 * first frame. @throws OptionError when it does not fit.
 */
export function configureCore(core: Core, options: ResolvedOptions): number {
  const { memory, cpus, firmware, tlb } = options;
  // L0 puts firmware into memory of its own.
  const romFrames = firmware && options.mode === "bare" ? Math.ceil(firmware.length / 4096) : 0;
  const frames = hostMemoryBytes(options) / 4096;
  writeGeometry(core, tlb);
  core.setMachine32(MACHINE_WORD.SANITIZE, Number(options.sanitizer !== undefined));
  const base = core.exports.configure(frames + romFrames, cpus, tlb.arrays.length);
  if (base === 0) {
    throw new OptionError(`memory of ${memory} bytes and ${cpus} processors do not fit into 4 GiB`);
  }
  core.refreshViews();
  writeModel(core, options);
  return base;
}

/** Writes the features and CPUID leaves of the CPU model. */
function writeModel(core: Core, options: ResolvedOptions): void {
  const { processor: model } = options;
  core.setMachine32(MACHINE_WORD.PHYS_BITS, model.physicalAddressBits);
  FEATURES.forEach((feature, i) => {
    if (!model.features.includes(feature.name)) return;
    const word = MACHINE_WORD.FEATURES + (i >> 5) * 4;
    core.setMachine32(word, (core.machine32(word) | (1 << (i & 31))) >>> 0);
  });
  writeVmx(core, model);
  const rows = cpuidRows(model, options.pcpus);
  rows.forEach((row, i) => {
    const at = (LAYOUT.CPUID_TABLE + i * LAYOUT.CPUID_ROW_BYTES) >> 2;
    core.u32.set([row.leaf, row.subleaf, row.eax, row.ebx, row.ecx, row.edx], at);
  });
  core.setMachine32(MACHINE_WORD.CPUID_ROWS, rows.length);
  core.setMachine32(MACHINE_WORD.SEED, options.seed % 0x100000000);
  core.setMachine32(MACHINE_WORD.SEED + 4, Math.floor(options.seed / 0x100000000));
}
