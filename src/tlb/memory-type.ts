/** Memory types by IA32_PAT (SDM "Page Attribute Table (PAT)"). */
import { STATE } from "../generated/state.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import type { MemoryType } from "./walk-types.ts";

const TYPES: readonly MemoryType[] = ["UC", "WC", "reserved", "reserved", "WT", "WP", "WB", "UC-"];

/** The type at place `index`, 0 to 7, of the processor's IA32_PAT as it is now. */
export function memoryType(cpu: LogicalProcessor, index: number): MemoryType {
  return TYPES[Number((cpu.wide(STATE.PAT) >> BigInt(index * 8)) & 7n)]!;
}
