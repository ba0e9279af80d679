/** Writes what describes a machine into the core, before the core is started. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import { FEATURES } from "../tables/features.ts";
import type { TlbArray, TlbProfile } from "../tables/tlb-profiles.ts";
import { cpuidRows } from "./cpuid.ts";
import { OptionError } from "./errors.ts";
import type { ResolvedOptions } from "./options.ts";
import { writeVmx } from "./vmx-capabilities.ts";

const PAGE_BITS = { "4K": 1, "2M": 2, "4M": 4, "1G": 8 } as const;
const KIND_BITS = { data: 1, instruction: 2, unified: 3 } as const;

/** Writes the rows of the TLB's geometry where `configure` reads them. */
function writeGeometry(core: Core, profile: TlbProfile): void {
  profile.arrays.forEach((array: TlbArray, i) => {
    const sizes = array.pages.reduce((mask, page) => mask | PAGE_BITS[page], 0);
    const row = [
      0,
      array.sets,
      array.ways,
      sizes,
      KIND_BITS[array.kind],
      array.level,
      array.xorShift,
      array.replacement === "fifo" ? 0 : 1,
      0,
    ];
    core.u32.set(row, (LAYOUT.TLB_ARRAYS + i * LAYOUT.TLB_ARRAY_BYTES) >> 2);
  });
}

/**
 * Places everything in the core's memory and describes the machine there. Returns the pointer of the
 * first frame. @throws OptionError when it does not fit.
 */
export function configureCore(core: Core, options: ResolvedOptions): number {
  const { memory, cpus, firmware, tlb } = options;
  const romFrames = firmware ? Math.ceil(firmware.length / 4096) : 0;
  writeGeometry(core, tlb);
  core.setMachine32(MACHINE_WORD.SANITIZE, Number(options.sanitizer !== undefined));
  const base = core.exports.configure(memory / 4096 + romFrames, cpus, tlb.arrays.length);
  if (base === 0) {
    throw new OptionError(`memory of ${memory} bytes and ${cpus} processors do not fit into 4 GiB`);
  }
  core.refreshViews();
  writeModel(core, options);
  return base;
}

/** Writes the features and CPUID leaves of the CPU model. */
function writeModel(core: Core, options: ResolvedOptions): void {
  const { model } = options;
  core.setMachine32(MACHINE_WORD.PHYS_BITS, model.physicalAddressBits);
  FEATURES.forEach((feature, i) => {
    if (!model.features.includes(feature.name)) return;
    const word = MACHINE_WORD.FEATURES + (i >> 5) * 4;
    core.setMachine32(word, (core.machine32(word) | (1 << (i & 31))) >>> 0);
  });
  writeVmx(core, model);
  const rows = cpuidRows(model, options.cpus);
  rows.forEach((row, i) => {
    const at = (LAYOUT.CPUID_TABLE + i * LAYOUT.CPUID_ROW_BYTES) >> 2;
    core.u32.set([row.leaf, row.subleaf, row.eax, row.ebx, row.ecx, row.edx], at);
  });
  core.setMachine32(MACHINE_WORD.CPUID_ROWS, rows.length);
  core.setMachine32(MACHINE_WORD.SEED, options.seed % 0x100000000);
  core.setMachine32(MACHINE_WORD.SEED + 4, Math.floor(options.seed / 0x100000000));
}
