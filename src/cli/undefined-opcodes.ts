/** Remembers the undefined opcodes of a run with their bytes, which may be gone at its end. */
import { readLinear } from "../machine/linear-memory.ts";
import type { Machine } from "../machine/machine.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import { type CodeBits, INSTRUCTION_BYTES_MAX } from "./disassembler.ts";

/** A guest that runs through garbage must not fill the host's memory. */
const ADDRESSES_MAX = 10_000;

export interface UndefinedOpcode {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly bits: CodeBits;
}

export class UndefinedOpcodes {
  private readonly machine: Machine;
  private readonly seen = new Map<bigint, UndefinedOpcode>();

  constructor(machine: Machine) {
    this.machine = machine;
  }

  note(cpu: LogicalProcessor, address: bigint): void {
    if (this.seen.has(address) || this.seen.size >= ADDRESSES_MAX) return;
    const bytes = readLinear(this.machine.memory, cpu, address, INSTRUCTION_BYTES_MAX);
    this.seen.set(address, { address, bytes, bits: cpu.codeBits });
  }

  /** By address, each with how often it was executed. */
  list(): readonly (UndefinedOpcode & { readonly count: number })[] {
    return [...this.seen.values()]
      .sort((a, b) => (a.address < b.address ? -1 : 1))
      .map((entry) => ({ ...entry, count: this.machine.undefinedOpcodes.get(entry.address) ?? 0 }));
  }
}
