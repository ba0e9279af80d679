/** Bills what the counters have counted by a column of the cost model. */
import type { MachineCounters } from "../machine/counters.ts";
import {
  COST_EVENTS,
  type CostCell,
  type CostEventName,
  type CostPreset,
  type ReferenceLevel,
} from "../tables/costs.ts";

export interface BilledEvent {
  readonly event: CostEventName;
  readonly title: string;
  /** How often it has happened. */
  readonly count: number;
  /** Cycles of one, and of all; null where the preset has no figure. */
  readonly cyclesEach: number | null;
  readonly cycles: number | null;
  readonly source: string | null;
  readonly measured: boolean;
}

/**
 * Cycles spent on translation, as if nothing overlapped: an upper bound on machines that hide part of
 * them. What the instructions themselves cost is not in it.
 */
export interface CycleBill {
  readonly preset: string;
  /** Where the entries that walks read are taken to lie; null when that is part of the walk. */
  readonly referenceLevel: ReferenceLevel | null;
  /** Events that have happened, in the order of COST_EVENTS. */
  readonly events: readonly BilledEvent[];
  /** Sum over the events that have a figure. */
  readonly total: number;
  /** Events that have happened but have no figure. */
  readonly unpriced: readonly CostEventName[];
}

/** Bills the events of `counters` by `preset`; `level` instead of the preset's own. */
export function modelCycles(
  counters: MachineCounters,
  preset: CostPreset,
  level: ReferenceLevel = preset.level,
): CycleBill {
  const counts = countsOf(counters);
  const events = COST_EVENTS.flatMap(({ name, title }): BilledEvent[] => {
    const count = counts.get(name) ?? 0;
    if (count === 0) return [];
    const cell = cellOf(preset, name, level);
    return [
      {
        event: name,
        title,
        count,
        cyclesEach: cell?.cycles ?? null,
        cycles: cell === undefined ? null : cell.cycles * count,
        source: cell?.source ?? null,
        measured: cell?.measured ?? false,
      },
    ];
  });
  return {
    preset: preset.name,
    referenceLevel: preset.references === undefined ? null : level,
    events,
    total: events.reduce((sum, { cycles }) => sum + (cycles ?? 0), 0),
    unpriced: events.filter(({ cycles }) => cycles === null).map(({ event }) => event),
  };
}

function cellOf(
  preset: CostPreset,
  name: CostEventName,
  level: ReferenceLevel,
): CostCell | undefined {
  const { references, cells } = preset;
  const isReference = name === "guest-reference" || name === "ept-reference";
  return cells[name] ?? (isReference ? references?.[level] : undefined);
}

function countsOf(counters: MachineCounters): Map<CostEventName, number> {
  const counts = new Map<CostEventName, number>([
    ["second-level-hit", counters.tlbHitL2],
    ["data-walk", counters.missLoad + counters.missStore],
    ["fetch-walk", counters.missFetch],
    ["guest-reference", counters.walkReference],
    ["ept-reference", counters.eptReference],
    ["vm-entry", counters.vmEntry],
    ["vm-exit", counters.vmExit],
  ]);
  const billed = new Set<string>(COST_EVENTS.map(({ name }) => name));
  for (const { operation, times } of counters.flushes) {
    if (billed.has(operation)) counts.set(operation as CostEventName, times);
  }
  return counts;
}
