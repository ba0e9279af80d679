/** Everything that a view of the caches of translations shows, gathered once for all its forms. */

import type { SymbolTable } from "../loaders/symbols.ts";
import type { MachineCounters } from "../machine/counters.ts";
import type { Machine } from "../machine/machine.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import { type CycleBill, modelCycles } from "../tlb/costs.ts";
import type { TlbSnapshot } from "../tlb/snapshot-types.ts";
import type { Walk, WalkAccess } from "../tlb/walk-types.ts";
import type { CostChoice } from "./costs-file.ts";
import { hexAddress, nameOf } from "./symbols.ts";
import { type TagRow, tagRows } from "./tlb-words.ts";

/** The address to be walked: known when the machine is there, for it may be a symbol. */
export interface WalkRequest {
  readonly gla: bigint;
  readonly cpu: number | undefined;
  readonly access: WalkAccess;
}

export interface TlbView {
  readonly image: string;
  /** The point as the user named it, and whether the run came to it. */
  readonly point: string;
  readonly reached: boolean;
  readonly instructions: number;
  readonly virtualTimeNs: number;
  readonly cpuModel: string;
  readonly snapshot: TlbSnapshot;
  /** Where each processor of the snapshot is. */
  readonly places: readonly string[];
  readonly tags: readonly TagRow[];
  readonly counters: MachineCounters;
  readonly bill: CycleBill;
  readonly walk: Walk | undefined;
}

export interface ViewRequest {
  readonly image: string;
  readonly point: string;
  readonly reached: boolean;
  readonly symbols: SymbolTable | undefined;
  readonly costs: CostChoice;
  /** Show this processor alone. */
  readonly cpu: number | undefined;
  readonly walk: WalkRequest | undefined;
}

export function gatherView(machine: Machine, request: ViewRequest): TlbView {
  const { image, point, reached, symbols, costs, walk } = request;
  const all = machine.tlb;
  const processors = all.processors.filter(
    ({ cpu }) => request.cpu === undefined || cpu === request.cpu,
  );
  const snapshot = { ...all, processors };
  const { counters } = machine;
  return {
    image,
    point,
    reached,
    instructions: machine.instructions,
    virtualTimeNs: machine.time,
    cpuModel: machine.options.model.name,
    snapshot,
    places: processors.map(({ cpu }) => placeOf(machine, machine.cpus[cpu]!, symbols)),
    tags: tagRows(snapshot),
    counters,
    bill: modelCycles(counters, costs.preset, costs.level),
    walk: walk && machine.walk(walkedCpu(machine, walk), walk.gla, walk.access),
  };
}

function walkedCpu(machine: Machine, { cpu }: WalkRequest): LogicalProcessor {
  return cpu === undefined ? machine.currentCpu : machine.cpus[cpu]!;
}

function placeOf(
  machine: Machine,
  cpu: LogicalProcessor,
  symbols: SymbolTable | undefined,
): string {
  const address = machine.linearRip(cpu);
  const name = nameOf(symbols, address);
  return `${hexAddress(address)}${name === undefined ? "" : ` <${name}>`}`;
}
