/** The bills of L0's flushes, added up over runs. */
import type { LedgerRow } from "../sanitizer/types.ts";

export interface SiteSum {
  readonly operation: string;
  /** The function of L0. */
  readonly actor: string;
  times: number;
  /** Times at which something that had to go was there. */
  timesNeeded: number;
  dropped: number;
  stale: number;
}

export class LedgerSum {
  private readonly sites = new Map<string, SiteSum>();

  /** Adds the rows that are L0's own. */
  add(rows: readonly LedgerRow[]): void {
    for (const { operation, actor, times, timesNeeded, dropped, stale, explicit } of rows) {
      if (actor === undefined || !explicit) continue;
      const key = `${operation} ${actor}`;
      let sum = this.sites.get(key);
      if (sum === undefined) {
        sum = { operation, actor, times: 0, timesNeeded: 0, dropped: 0, stale: 0 };
        this.sites.set(key, sum);
      }
      sum.times += times;
      sum.timesNeeded += timesNeeded;
      sum.dropped += dropped;
      sum.stale += stale;
    }
  }

  merge(other: LedgerSum): void {
    for (const site of other.rows) {
      this.add([
        { ...site, explicit: true, rip: 0n, refills: 0, refillReferences: 0, verdict: "needed" },
      ]);
    }
  }

  get rows(): readonly SiteSum[] {
    return [...this.sites.values()].sort((a, b) => a.actor.localeCompare(b.actor));
  }

  /** True when flushes at `site` were made and never needed. */
  isRedundant(site: string): boolean {
    const there = this.rows.filter(({ actor, times }) => actor === site && times > 0);
    return there.length > 0 && there.every(({ timesNeeded }) => timesNeeded === 0);
  }
}
