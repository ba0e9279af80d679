/**
 * What the counts of a run cost: cycles by the "default" column of the cost model, and rows for what only
 * a hypervisor pays. Walks are billed as they happen, so that no flush carries the price of its refill.
 */
import { COST_PRESETS, type CostEventName } from "../../tables/costs.ts";
import type { CostRow, Counts } from "./types.ts";

const PRESET = COST_PRESETS.find(({ name }) => name === "default")!;

/** Rows that the cost model does not have; estimates all of them. */
export const L0_COSTS = {
  ipi: { cycles: 6000, source: "estimate: interrupt to a running vCPU, until it is acknowledged" },
  "fault-handler": { cycles: 3000, source: "estimate: KVM's software for an EPT violation" },
  note: { cycles: 40, source: "estimate: a line of memory that other processors write as well" },
  retag: { cycles: 40, source: "estimate: VMWRITE of the VPID" },
} as const;

/** Counts from which the rows come, besides those that results show. */
export interface BilledCounts extends Counts {
  readonly secondLevelHits: number;
  readonly faults: number;
}

/** Cycles of one event of the cost model. */
export function cyclesOf(event: CostEventName): number {
  const { cells, references, level } = PRESET;
  const cell = cells[event] ?? references?.[level];
  return cell?.cycles ?? 0;
}

export function bill(counts: BilledCounts): CostRow[] {
  const rows: [string, number, number][] = [
    ["second-level-hit", counts.secondLevelHits, cyclesOf("second-level-hit")],
    ["walk", counts.walks, cyclesOf("data-walk")],
    ["guest-reference", counts.walkReferences, cyclesOf("guest-reference")],
    ["ept-reference", counts.eptReferences, cyclesOf("ept-reference")],
    ["INVEPT_SINGLE", counts.inveptSingle, cyclesOf("INVEPT_SINGLE")],
    ["INVEPT_ALL", counts.inveptAll, cyclesOf("INVEPT_ALL")],
    ["INVVPID_SINGLE", counts.invvpid, cyclesOf("INVVPID_SINGLE")],
    ["vm-exit", counts.vmExits, cyclesOf("vm-exit")],
    ["vm-entry", counts.vmEntries, cyclesOf("vm-entry")],
    ["ipi", counts.ipis, L0_COSTS.ipi.cycles],
    ["fault-handler", counts.faults, L0_COSTS["fault-handler"].cycles],
    ["note", counts.notes, L0_COSTS.note.cycles],
    ["retag", counts.retags, L0_COSTS.retag.cycles],
  ];
  return rows.map(([event, count, cyclesEach]) => {
    return { event, count, cyclesEach, cycles: count * cyclesEach };
  });
}
