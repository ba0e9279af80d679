/** Uses of stale translations: whether they do harm, and the report of those that do. */
import { describeAccess } from "./accesses.ts";
import { ACCESS, EPT_ACCESS } from "./feed.ts";
import { slotOf } from "./frames.ts";
import { type Finding, judge, whyMissed } from "./judge.ts";
import { ancestorAt, type Entry, type Staleness, type Step } from "./records.ts";
import { describeEntry, describeFlush } from "./reports.ts";
import { missOf } from "./rules.ts";
import { pageOf, type SanitizerState } from "./state.ts";
import type { AccessDescription, Site } from "./types.ts";

/** Judges the use of `entry`, which is stale, and reports it; windows too when `windows` asks. */
export function judgeUse(
  state: SanitizerState,
  windows: boolean,
  entry: Entry,
  address: bigint,
  access: number,
  site: Site,
): void {
  const { feed, totals } = state;
  const stale = entry.stale!;
  const now = probe(state, entry, address, access);
  const cached = pageOf(entry.hpa) + (pageOf(address) - entry.page);
  if (now !== undefined && pageOf(now) === cached) {
    totals.harmlessUses++;
    return;
  }
  noteApicAccess(state, stale, cached, now, site);
  const current = {
    vpid: feed.context().vpid,
    glaPage: entry.linear ? pageOf(address) : undefined,
  };
  const known = leadsThere(state, entry, address, access, cached)
    ? { ...stale, reuse: undefined }
    : stale;
  const finding = judge(entry, known, state.log.since(entry.cpu, stale.order), current);
  if (finding.kind === "stale-window") {
    totals.windowUses++;
    if (!windows) return;
  } else {
    totals.errorUses++;
  }
  const description = describeAccess(feed, entry, address, access, now, site);
  report(state, finding, entry, known, description);
}

/** Page to which the structures lead now. */
function probe(state: SanitizerState, { linear }: Entry, address: bigint, access: number) {
  const { feed } = state;
  if (linear) return feed.probeWalk(address, access);
  return feed.probeGuestPhysical(Number(address), access);
}

/** True when only rights are gone: the page still belongs there, so that its use tells nothing. */
function leadsThere(
  state: SanitizerState,
  entry: Entry,
  address: bigint,
  access: number,
  cached: number,
): boolean {
  const read = entry.linear ? access & ~(ACCESS.WRITE | ACCESS.FETCH) : EPT_ACCESS.READ;
  const now = probe(state, entry, address, read);
  return now !== undefined && pageOf(now) === cached;
}

/**
 * A page that the VMCS names is in force since the last VM entry: no time is left for a flush. Where the
 * page has only been taken out, and nothing else is there yet, its accesses are still virtualized.
 */
function noteApicAccess(
  { feed }: SanitizerState,
  stale: Staleness,
  cached: number,
  now: number | undefined,
  site: Site,
): void {
  const page = feed.apicAccessPage();
  if (page === undefined || now === undefined || stale.reuse || !stale.store.ept) return;
  const meant = pageOf(page) === cached || pageOf(page) === pageOf(now);
  if (meant) stale.reuse = { how: "apic-access", site, hpa: page };
}

/** A stale structure-cache entry that a walk has used, and the first entry read behind it. */
export interface Passage {
  readonly entry: Entry;
  step: Step | undefined;
}

/**
 * A walk has gone through a stale upper-level entry: was what it met there still a table? Returns
 * whether it was not, and is reported.
 */
export function checkPassage(
  state: SanitizerState,
  reached: Entry,
  { entry: upper, step }: Passage,
  access: number,
  site: Site,
): boolean {
  const { stale } = upper;
  if (!step || !stale) return false;
  const stored = state.frames.get(step.hpa)?.stores.get(slotOf(step.hpa));
  if (!stored || stored.time < stale.store.site.time) return false;
  const reuse = { how: "written", site: stored, hpa: step.hpa } as const;
  const known = { ...stale, reuse };
  const nothing = { vpid: 0, glaPage: undefined };
  const finding = judge({ ...upper, stale: known }, known, [], nothing);
  state.totals.errorUses++;
  const now = probe(state, reached, reached.address, access);
  const used = describeAccess(state.feed, reached, reached.address, access, now, site);
  report(state, finding, upper, known, used);
  return true;
}

function report(
  { log, list }: SanitizerState,
  finding: Finding,
  entry: Entry,
  stale: Staleness,
  access: AccessDescription,
): void {
  const flushes = log
    .allSince(stale.order)
    .filter(({ scope }) => scope.rule.name !== "EPT_VIOLATION")
    .flatMap((event) => {
      const miss = missOf(event.scope, ancestorAt(entry, event.order));
      return miss === undefined ? [] : [describeFlush(event, miss, whyMissed(miss, event, entry))];
    });
  const { store, reuse } = stale;
  list.add(
    {
      kind: finding.kind,
      level: finding.kind === "stale-window" ? "note" : "error",
      message: finding.message,
      sdm: finding.sdm,
      access,
      entry: describeEntry(entry),
      store,
      reuse,
      flushes,
    },
    `${store.site.rip}/${store.site.actor ?? ""}/${access.site.rip}`,
  );
}
