/** The bill of each place in the program that flushes. */
import type { FlushRule } from "./rules.ts";
import type { LedgerRow, Site, Verdict } from "./types.ts";

export interface FlushSite {
  readonly rule: FlushRule;
  readonly rip: bigint;
  readonly actor: string | undefined;
  times: number;
  timesNeeded: number;
  dropped: number;
  stale: number;
  refills: number;
  refillReferences: number;
  last: Site;
}

const SITES_MAX = 65536;

export class Ledger {
  private readonly sites = new Map<string, Map<bigint, FlushSite>>();
  private count = 0;

  /** The bill for a flush by `rule` at `where`; undefined when there are too many. */
  siteOf(rule: FlushRule, where: Site): FlushSite | undefined {
    const key = where.actor === undefined ? rule.name : `${rule.name} ${where.actor}`;
    let byRip = this.sites.get(key);
    if (!byRip) {
      byRip = new Map();
      this.sites.set(key, byRip);
    }
    let site = byRip.get(where.rip);
    if (!site) {
      if (this.count >= SITES_MAX) return undefined;
      this.count++;
      site = {
        rule,
        rip: where.rip,
        actor: where.actor,
        times: 0,
        timesNeeded: 0,
        dropped: 0,
        stale: 0,
        refills: 0,
        refillReferences: 0,
        last: where,
      };
      byRip.set(where.rip, site);
    }
    return site;
  }

  all(): readonly FlushSite[] {
    return [...this.sites.values()].flatMap((byRip) => [...byRip.values()]);
  }

  /** The places with the most flushes first. */
  rows(): LedgerRow[] {
    return [...this.all()].sort((a, b) => b.times - a.times || (a.rip < b.rip ? -1 : 1)).map(rowOf);
  }
}

function rowOf(site: FlushSite): LedgerRow {
  const { rule, rip, actor, times, timesNeeded, dropped, stale, refills, refillReferences } = site;
  return {
    operation: rule.text,
    rip,
    actor,
    explicit: rule.explicit,
    times,
    timesNeeded,
    dropped,
    stale,
    refills,
    refillReferences,
    verdict: verdictOf(site),
  };
}

export function verdictOf({ times, timesNeeded }: FlushSite): Verdict {
  if (timesNeeded === 0) return "needless";
  return timesNeeded === times ? "needed" : "sometimes";
}
