/** Counts of a run: the core's counters, L0's, the sanitizer's bills of flushes. */
import { type MachineCounters, readCounters } from "../../machine/counters.ts";
import type { LedgerRow } from "../../sanitizer/types.ts";
import { LedgerSum } from "../ledger-sum.ts";
import type { World } from "../world.ts";
import type { BilledCounts } from "./costs.ts";
import { COUNTS, type Counts, type FlushSiteRow } from "./types.ts";

/** What a world has counted until now. */
export interface Reading {
  readonly core: MachineCounters;
  readonly l0: Readonly<Record<string, number>>;
  readonly ledger: readonly LedgerRow[];
  readonly time: number;
  readonly instructions: number;
}

const EPT_VIOLATION = 48;
const EPT_MISCONFIGURATION = 49;
const INVEPT_SINGLE = 1;

export function readWorld(world: World): Reading {
  return {
    core: readCounters(world.core),
    l0: { ...world.l0.vm.stats },
    ledger: world.sanitizer?.ledger ?? [],
    time: world.now,
    instructions: world.instructions,
  };
}

interface Bills {
  readonly dropped: number;
  readonly stale: number;
  readonly refills: number;
  readonly refillReferences: number;
}

/** Sums over the flushes that L0 asked for. */
function sumOf(ledger: readonly LedgerRow[]): Bills {
  const sum = { dropped: 0, stale: 0, refills: 0, refillReferences: 0 };
  for (const row of ledger) {
    if (row.actor === undefined || !row.explicit) continue;
    sum.dropped += row.dropped;
    sum.stale += row.stale;
    sum.refills += row.refills;
    sum.refillReferences += row.refillReferences;
  }
  return sum;
}

/** The counts of a run that did not begin. */
export function emptyCounts(): BilledCounts {
  const zeros = Object.fromEntries(Object.keys(COUNTS).map((name) => [name, 0]));
  return { ...(zeros as Counts), secondLevelHits: 0, faults: 0 };
}

/** The bills of the places in L0 that flush. */
export function sitesOf(world: World): FlushSiteRow[] {
  const sum = new LedgerSum();
  sum.add(world.sanitizer?.ledger ?? []);
  return sum.rows.map(({ actor, operation, times, timesNeeded, dropped, stale }) => {
    return { site: actor, operation, times, timesNeeded, dropped, droppedStale: stale };
  });
}

/** What happened between two readings. */
export function countsBetween(world: World, before: Reading, staleUses: number): BilledCounts {
  const after = readWorld(world);
  const core = (name: keyof MachineCounters) =>
    (after.core[name] as number) - (before.core[name] as number);
  const exits = (reason: number) =>
    after.core.exitReasons[reason]! - before.core.exitReasons[reason]!;
  const l0 = (name: string) => after.l0[name]! - before.l0[name]!;
  const bills = sumOf(after.ledger);
  const early = sumOf(before.ledger);
  const { flushes } = world;
  const invept = flushes.filter(({ instruction }) => instruction === "invept");
  const single = invept.filter(({ type }) => type === INVEPT_SINGLE).length;
  return {
    invalidations: l0("invalidations"),
    invalidationsHit: l0("invalidationsHit"),
    flushRequests: l0("remoteFlushes"),
    inveptSingle: single,
    inveptAll: invept.length - single,
    invvpid: flushes.length - invept.length,
    ipis: l0("ipis"),
    forcedExits: l0("forcedExits"),
    notifierBlocked: l0("blockedTicks"),
    dropped: bills.dropped - early.dropped,
    droppedStale: bills.stale - early.stale,
    refills: bills.refills - early.refills,
    refillReferences: bills.refillReferences - early.refillReferences,
    walks: core("missLoad") + core("missStore") + core("missFetch"),
    walkReferences: core("walkReference"),
    eptReferences: core("eptReference"),
    vmExits: core("vmExit"),
    vmEntries: core("vmEntry"),
    nestedEntries: l0("nestedRuns"),
    reloadSpins: l0("reloadRetries"),
    faultRetries: l0("faultRetries"),
    migrations: l0("migrations"),
    notes: l0("notes"),
    retags: l0("retags"),
    instructions: after.instructions - before.instructions,
    staleUses,
    secondLevelHits: core("tlbHitL2"),
    faults: exits(EPT_VIOLATION) + exits(EPT_MISCONFIGURATION),
  };
}
