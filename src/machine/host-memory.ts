/** How much host-physical memory a machine has: the image's RAM, and in mode "l1" what L0 needs. */
import { OptionError } from "./errors.ts";
import { MEMORY_MAX, type ResolvedOptions } from "./options.ts";

const MIB = 1 << 20;
/** What L0 has besides L1's RAM: tables, VMCSs, room to move pages to. */
const OVERHEAD_BYTES = 32 * MIB;
const BLOCK_BYTES = 2 * MIB;

/** Memory below the core, firmware not counted in. @throws OptionError when there is not so much. */
export function hostMemoryBytes({ mode, memory, firmware }: ResolvedOptions): number {
  if (mode === "bare") return memory;
  const wanted = memory + Math.floor(memory / 8) + OVERHEAD_BYTES + (firmware?.length ?? 0);
  const bytes = Math.ceil(wanted / BLOCK_BYTES) * BLOCK_BYTES;
  if (bytes > MEMORY_MAX) {
    throw new OptionError(`memory of ${memory} bytes is too much for a guest of L0`);
  }
  return bytes;
}
