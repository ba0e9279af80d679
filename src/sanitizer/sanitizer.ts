/**
 * The TLB sanitizer: keeps a record of each cached translation with the paging-structure entries it
 * was made from, learns of the stores that make it stale and of the flushes that remove it, and
 * judges each use of a stale one and each flush.
 */
import type { FlushOperationName } from "../tables/flush-operations.ts";
import { describeAccess } from "./accesses.ts";
import { changeOf } from "./entries.ts";
import {
  ACCESS,
  type CoreFeed,
  EPT_ACCESS,
  ID_MASK,
  RIGHT,
  STALE_MARK,
  STEP,
  type WalkStep,
} from "./feed.ts";
import { type FlushEvent, FlushLog } from "./flush-log.ts";
import { Frames, slotOf, type WatchedFrame } from "./frames.ts";
import { type Finding, judge, SDM, whyMissed } from "./judge.ts";
import { type FlushSite, Ledger } from "./ledger.ts";
import { ancestorAt, type Entry, Records, type Staleness, type Step } from "./records.ts";
import { redundantFlushes } from "./redundant.ts";
import { describeEntry, describeFlush, ReportList } from "./reports.ts";
import { Requests } from "./requests.ts";
import { missOf, ruleOf } from "./rules.ts";
import { type Change, type Torn, tornBy } from "./torn.ts";
import {
  type AccessDescription,
  type LedgerRow,
  type Reuse,
  SanitizerFault,
  type SanitizerReport,
  type Site,
} from "./types.ts";

export interface SanitizerOptions {
  /** Also reports uses that the architecture allows, as notes of the kind "stale-window". */
  readonly windows?: boolean;
}

export interface SanitizerCounts {
  readonly fills: number;
  /** Translations that a store has made stale. */
  readonly staled: number;
  /** Uses of a stale translation that gave what a fresh walk gives. */
  readonly harmlessUses: number;
  /** Uses within the time that the architecture leaves for the flush. */
  readonly windowUses: number;
  readonly errorUses: number;
  readonly flushes: number;
  /** Fills that could not be followed because every number was in use. */
  readonly untracked: number;
}

/** One flush as the core tells it. Addresses are linear, guest-physical for an EPT violation. */
export interface FlushCall {
  readonly operation: FlushOperationName;
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: number | undefined;
  readonly gla: bigint | undefined;
  readonly gpa: number | undefined;
  /** Entries of the TLB that went. */
  readonly dropped: number;
}

const pageOf = (address: bigint | number) =>
  typeof address === "bigint" ? Number(address >> 12n) : Math.floor(address / 4096);

export class Sanitizer {
  /** Name of the function of the host's hypervisor that is at work: stores and flushes are its. */
  actor: string | undefined;

  private readonly feed: CoreFeed;
  private readonly frames: Frames;
  private readonly records: Records;
  private readonly log = new FlushLog();
  private readonly bills = new Ledger();
  private readonly requests = new Requests();
  private readonly list: ReportList;
  private readonly windows: boolean;
  private order = 0;
  /** A write through a stale entry is on its way: it is no sign of reuse. */
  private passing: { readonly entry: Entry; readonly time: number } | undefined;
  private totals = {
    fills: 0,
    staled: 0,
    harmlessUses: 0,
    windowUses: 0,
    errorUses: 0,
    flushes: 0,
  };

  constructor(feed: CoreFeed, options: SanitizerOptions = {}) {
    this.feed = feed;
    this.windows = options.windows ?? false;
    this.frames = new Frames(feed);
    this.list = new ReportList();
    this.records = new Records(
      (id) => feed.references(id),
      (entry) => this.frames.forget(entry),
    );
  }

  /**
   * What was found: errors and windows in the order in which they were found first, then the places
   * whose flushes have never been needed so far.
   */
  get reports(): readonly SanitizerReport[] {
    // Where nothing is cached every flush is needless, which says nothing of the program.
    if (this.totals.fills === 0) return this.list.reports;
    return [...this.list.reports, ...redundantFlushes(this.bills)];
  }

  /** Number of different errors. */
  get errors(): number {
    return this.list.errors;
  }

  get counts(): SanitizerCounts {
    return { ...this.totals, untracked: this.records.untracked };
  }

  /** The bills of all places that flush. */
  get ledger(): readonly LedgerRow[] {
    return this.bills.rows();
  }

  /** Called for each new report. */
  set onReport(listener: ((report: SanitizerReport) => void) | undefined) {
    this.list.onReport = listener;
  }

  private site(): Site {
    const { cpu, rip, layer, time } = this.feed.where();
    if (this.actor === undefined) return { cpu, rip, layer, time, actor: undefined };
    return { cpu, rip, layer: "host", time, actor: this.actor };
  }

  // --- fills ---

  /** The core enters a translation. Returns its provenance word. */
  fill(what: number, space: number, address: bigint, sizeLog: number): number {
    const { feed, records } = this;
    this.totals.fills++;
    const details = feed.fillDetails();
    const raw = feed.walkSteps();
    const { steps, source, through } = this.flatten(raw);
    const group = records.groupOf(space, feed.spaceTags(space));
    const site = this.site();
    const entry = records.add(what, group, address, sizeLog, details, steps, site);
    if (!entry) return 0;
    for (const step of steps) this.frames.depend(entry, step);
    const ghost = records.takeGhost(group, what, address, sizeLog);
    if (ghost) {
      ghost.refills++;
      ghost.refillReferences += raw.filter(({ kind }) => (kind & STEP.REFERENCE) === 0).length;
    }
    this.noteMapping(entry);
    if (through) this.checkPath(entry, through, site);
    if (!source) return entry.id;
    entry.stale = source.stale;
    entry.source = { entry: source, order: ++this.order };
    this.frames.aim(entry);
    // The use of a guest-physical mapping has been judged in this walk; that of a step has not.
    if (source.structure && !entry.structure) this.judgeUse(entry, address, details.access, site);
    return (entry.id | STALE_MARK) >>> 0;
  }

  /** The steps of a walk with those of the cached entries that it has used. */
  private flatten(raw: readonly WalkStep[]) {
    const steps: Step[] = [];
    let stale: Entry | undefined;
    /** The last stale structure-cache entry on the way, and the first own step behind it. */
    let through: { entry: Entry; step: Step | undefined } | undefined;
    for (const { hpa, lo, hi, kind } of raw) {
      if ((kind & STEP.REFERENCE) !== 0) {
        const source = this.known(lo & ID_MASK, true);
        if (!source) continue;
        for (const step of source.steps) steps.push({ ...step });
        if (source.stale) {
          stale ??= source;
          if (source.structure) through = { entry: source, step: undefined };
        }
        continue;
      }
      const step = {
        hpa,
        lo,
        hi,
        ept: (kind & STEP.EPT) !== 0,
        narrow: (kind & STEP.NARROW) !== 0,
        level: kind & STEP.LEVEL,
        register: (kind & STEP.REGISTER) !== 0,
        stale: false,
      };
      steps.push(step);
      if (through && !through.step) {
        if (pageOf(through.entry.hpa) === pageOf(hpa)) through.step = step;
      }
    }
    return { steps, source: stale, through };
  }

  /** The record of an id that the core has named; a removed one must not come up again. */
  private known(id: number, may = false): Entry | undefined {
    if (id === 0) return undefined;
    const entry = this.records.get(id);
    // A walk may still name what it has used although its place has been taken meanwhile.
    if (!entry && may) return undefined;
    if (!entry) throw new SanitizerFault(`the core used provenance ${id}, which nobody has`);
    if (entry.removedBy) {
      const { scope, where } = entry.removedBy;
      throw new SanitizerFault(
        `the core used a translation of 0x${entry.address.toString(16)} that ${scope.rule.text} ` +
          `at 0x${where.rip.toString(16)} must have removed`,
      );
    }
    return entry;
  }

  /** A new mapping of a frame to which a stale one leads: has its owner made it since? */
  private noteMapping(entry: Entry): void {
    if (entry.structure) return;
    const targets = this.frames.get(entry.hpa)?.targets;
    if (!targets?.size) return;
    const leaf = entry.steps.at(-1);
    const stored = leaf && this.frames.get(leaf.hpa)?.stores.get(slotOf(leaf.hpa));
    if (!stored) return;
    for (const old of targets) {
      const { stale } = old;
      if (!stale || stale.reuse || stored.time <= stale.store.site.time) continue;
      if (old.page === entry.page && old.group === entry.group) continue;
      stale.reuse = { how: "mapped", site: stored, hpa: entry.hpa };
    }
  }

  /** A walk has gone through a stale upper-level entry: was what it met there still a table? */
  private checkPath(
    entry: Entry,
    through: { readonly entry: Entry; readonly step: Step | undefined },
    site: Site,
  ): void {
    const { step, entry: upper } = through;
    const { stale } = upper;
    if (!step || !stale) return;
    const stored = this.frames.get(step.hpa)?.stores.get(slotOf(step.hpa));
    if (!stored || stored.time < stale.store.site.time) return;
    const reuse: Reuse = { how: "written", site: stored, hpa: step.hpa };
    const known = { ...stale, reuse };
    const finding = judge({ ...upper, stale: known }, known, [], { vpid: 0, glaPage: undefined });
    const access = describeAccess(this.feed, entry, entry.address, 0, undefined, site);
    this.totals.errorUses++;
    this.report(finding, upper, known, access);
  }

  // --- stores ---

  /** Bytes of watched frames have been stored. */
  store(hpa: number, bytes: number): void {
    const site = this.site();
    for (let at = hpa, end = hpa + bytes; at < end; at = (pageOf(at) + 1) * 4096) {
      const frame = this.frames.get(at);
      if (frame)
        this.storeIn(frame, at - frame.hpa, Math.min(end, frame.hpa + 4096) - frame.hpa, site);
    }
  }

  private storeIn(frame: WatchedFrame, from: number, to: number, site: Site): void {
    if (frame.targets.size > 0) this.noteReuse(frame, from, site);
    for (let slot = from >>> 3; slot * 8 < to; slot++) {
      const { words, copy } = frame;
      const lo = words[slot * 2]!;
      const hi = words[slot * 2 + 1]!;
      const beforeLo = copy[slot * 2]!;
      const beforeHi = copy[slot * 2 + 1]!;
      frame.stores.set(slot, site);
      if (lo === beforeLo && hi === beforeHi) continue;
      copy[slot * 2] = lo;
      copy[slot * 2 + 1] = hi;
      const halves = (from < slot * 8 + 4 ? 1 : 0) | (to > slot * 8 + 4 ? 2 : 0);
      this.entryStored(frame, slot, site, halves, { beforeLo, beforeHi, lo, hi });
    }
    this.frames.releaseIdle(frame);
  }

  /** A store to a frame that stale entries lead to: it is in use for something else. */
  private noteReuse(frame: WatchedFrame, from: number, site: Site): void {
    for (const entry of frame.targets) {
      const { stale, structure } = entry;
      if (!stale || stale.reuse || structure) continue;
      if (this.passing?.entry === entry && this.passing.time === site.time) continue;
      // What was and is a table is not reused when its entries change.
      if (frame.wasTable) continue;
      if (this.isShared(entry, stale, site)) continue;
      stale.reuse = { how: "written", site, hpa: frame.hpa + from };
    }
  }

  /**
   * True when the page that a stale entry leads to had another owner all the time, whose stores say
   * nothing of the entry: user code writes to it through a mapping older than the change.
   */
  private isShared(entry: Entry, stale: Staleness, site: Site): boolean {
    const { ept } = stale.store;
    const page = pageOf(entry.hpa);
    for (const other of this.records.all()) {
      if (other === entry || other.stale || other.structure || other.cpu !== site.cpu) continue;
      if (other.filled.time >= stale.store.site.time) continue;
      const first = pageOf(other.hpa);
      if (page < first || page >= first + 2 ** (other.sizeLog - 12)) continue;
      const owner = ept
        ? other.ep4ta !== undefined && other.gpa !== entry.gpa
        : (other.rights & RIGHT.USER) !== 0 && other.linear && this.feed.where().layer !== "host";
      if (owner && (ept ? site.layer === "non-root" : this.feed.isUserMode())) return true;
    }
    return false;
  }

  private entryStored(
    frame: WatchedFrame,
    slot: number,
    site: Site,
    halves: number,
    change: Change,
  ): void {
    const dependents = frame.dependents.get(slot);
    const torn = tornBy(frame, slot, site, halves, change);
    if (torn) this.reportTorn(frame, slot, site, torn);
    if (!dependents) return;
    for (const [entry, step] of dependents) this.judgeStore(entry, step, site, change);
  }

  private judgeStore(
    entry: Entry,
    step: Step,
    site: Site,
    { lo, hi, beforeLo, beforeHi }: Change,
  ): void {
    // The entry of 32-bit paging is one half of the slot.
    const upper = step.narrow && (step.hpa & 4) !== 0;
    const newLo = upper ? hi : lo;
    const newHi = step.narrow ? 0 : hi;
    const change = changeOf(step, step.lo, step.narrow ? 0 : step.hi, newLo, newHi);
    if (change === "flags") entry.flagsChanged = true;
    const stale = change === "stale";
    if (stale === step.stale) return;
    step.stale = stale;
    if (stale) {
      if (entry.stale) return;
      const wide = (high: number, low: number) => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
      const before = step.narrow
        ? BigInt((upper ? beforeHi : beforeLo) >>> 0)
        : wide(beforeHi, beforeLo);
      this.makeStale(entry, {
        store: {
          site,
          entryHpa: step.hpa,
          level: step.level,
          ept: step.ept,
          before,
          after: step.narrow ? BigInt(newLo >>> 0) : wide(newHi, newLo),
        },
        order: ++this.order,
        reuse: undefined,
      });
    } else if (entry.stale && !entry.steps.some((other) => other.stale)) {
      this.frames.leave(entry);
      entry.stale = undefined;
      this.mark(entry, false);
    }
  }

  private makeStale(entry: Entry, stale: Staleness): void {
    entry.stale = stale;
    this.totals.staled++;
    this.frames.aim(entry);
    this.mark(entry, true);
  }

  private mark(entry: Entry, on: boolean): void {
    this.feed.markStale(entry.what, entry.id, entry.address, entry.sizeLog, on);
  }

  private reportTorn(frame: WatchedFrame, slot: number, site: Site, torn: Torn): void {
    const { reader } = torn;
    const at = frame.hpa + slot * 8;
    const step = reader.steps.find(({ hpa }) => hpa === at)!;
    this.list.add(
      {
        kind: "torn-entry",
        level: "error",
        message:
          "a walk used a paging-structure entry between the stores of its two halves: " +
          "a value that was never meant",
        sdm: SDM.update,
        access: describeAccess(this.feed, reader, reader.address, 0, undefined, reader.filled),
        entry: describeEntry(reader),
        store: {
          site: torn.first,
          entryHpa: at,
          level: step.level,
          ept: step.ept,
          before: torn.before,
          after: torn.mid,
        },
        reuse: undefined,
        flushes: [],
      },
      `${torn.first.rip}/${site.rip}`,
    );
  }

  // --- flushes ---

  flush(call: FlushCall): void {
    this.totals.flushes++;
    const rule = ruleOf(call.operation);
    const where = this.site();
    const site =
      rule.name === "PAGE_FAULT" || rule.name === "EPT_VIOLATION"
        ? undefined
        : this.bills.siteOf(rule, where);
    const event: FlushEvent = {
      scope: {
        rule,
        cpu: where.cpu,
        vpid: rule.vpid === "zero" ? 0 : call.vpid,
        pcid: call.pcid,
        ep4ta: call.ep4ta,
        glaPage: call.gla === undefined ? undefined : pageOf(call.gla),
        gpaPage: call.gpa === undefined ? undefined : pageOf(call.gpa),
      },
      where,
      order: ++this.order,
      site,
      stale: 0,
    };
    const removed = this.records.remove(event);
    let needed = 0;
    for (const entry of removed) {
      if (entry.stale) event.stale++;
      if (entry.stale || entry.flagsChanged) needed++;
    }
    if (site) this.bill(site, call.dropped, event.stale, needed);
    if (rule.name !== "PAGE_FAULT") this.log.note(event);
  }

  private bill(site: FlushSite, dropped: number, stale: number, needed: number): void {
    site.times++;
    site.dropped += dropped;
    site.stale += stale;
    if (needed > 0) site.timesNeeded++;
  }

  // --- uses ---

  /** A stale entry is about to be used. Returns 0 to use it, as a processor would. */
  use(what: number, id: number, address: bigint, access: number): number {
    const entry = this.known(id);
    if (!entry?.stale) return 0;
    if (entry.what !== what) {
      throw new SanitizerFault(`provenance ${id} was given to another kind of entry`);
    }
    const site = this.site();
    const write = entry.linear ? ACCESS.WRITE : EPT_ACCESS.WRITE;
    if ((access & write) !== 0) this.passing = { entry, time: site.time };
    // Whether a structure entry does harm is seen when the walk through it ends (checkPath).
    if (!entry.structure) this.judgeUse(entry, address, access, site);
    return 0;
  }

  private judgeUse(entry: Entry, address: bigint, access: number, site: Site): void {
    const stale = entry.stale!;
    const { feed } = this;
    const now = entry.linear
      ? feed.probeWalk(address, access)
      : feed.probeGuestPhysical(Number(address), access);
    const cached = entry.hpa + (pageOf(address) - entry.page) * 4096;
    if (now !== undefined && pageOf(now) === pageOf(cached)) {
      this.totals.harmlessUses++;
      return;
    }
    this.noteApicAccess(stale, cached, now, site);
    const glaPage = entry.linear ? pageOf(address) : undefined;
    const current = { vpid: feed.context().vpid, glaPage };
    const flushes = this.log.since(entry.cpu, stale.order);
    const finding = judge(entry, stale, flushes, current);
    if (finding.kind === "stale-window") this.totals.windowUses++;
    else this.totals.errorUses++;
    if (finding.kind === "stale-window" && !this.windows) return;
    this.report(
      finding,
      entry,
      stale,
      describeAccess(this.feed, entry, address, access, now, site),
    );
  }

  /** A page that the VMCS names is in force since the last VM entry: no time is left for a flush. */
  private noteApicAccess(
    stale: Staleness,
    cached: number,
    now: number | undefined,
    site: Site,
  ): void {
    const page = this.feed.apicAccessPage();
    if (page === undefined || stale.reuse || !stale.store.ept) return;
    if (pageOf(page) !== pageOf(cached) && (now === undefined || pageOf(page) !== pageOf(now)))
      return;
    stale.reuse = { how: "apic-access", site, hpa: page };
  }

  private report(
    finding: Finding,
    entry: Entry,
    stale: Staleness,
    access: AccessDescription,
  ): void {
    const missed = this.log
      .allSince(stale.order)
      .filter(({ scope }) => scope.rule.name !== "EPT_VIOLATION")
      .flatMap((event) => {
        const miss = missOf(event.scope, ancestorAt(entry, event.order));
        return miss === undefined
          ? []
          : [describeFlush(event, miss, whyMissed(miss, event, entry))];
      });
    const { store } = stale;
    this.list.add(
      {
        kind: finding.kind,
        level: finding.kind === "stale-window" ? "note" : "error",
        message: finding.message,
        sdm: finding.sdm,
        access,
        entry: describeEntry(entry),
        store,
        reuse: stale.reuse,
        flushes: missed,
      },
      `${store.site.rip}/${store.site.actor ?? ""}/${access.site.rip}`,
    );
  }

  // --- the host's hypervisor ---

  /** The frame at `hpa` has been freed: stale translations to it must not be used. */
  frameFreed(hpa: number): void {
    const site = this.site();
    for (const { stale } of this.frames.get(hpa)?.targets ?? []) {
      if (stale) stale.reuse ??= { how: "freed", site, hpa };
    }
  }

  /** A flush is asked of processor `cpu`, to be done while `context` is loaded. Returns its number. */
  requestRaised(cpu: number, name: string, context?: string): number {
    return this.requests.raise(cpu, name, context);
  }

  requestServed(id: number, cpu: number, context?: string): void {
    const lost = this.requests.serve(id, cpu, context);
    if (lost !== undefined) this.reportLost(lost);
  }

  /** The guest of `context` is entered on `cpu`. */
  guestEntered(cpu: number, context: string): void {
    for (const lost of this.requests.enter(cpu, context)) this.reportLost(lost);
  }

  private reportLost(message: string): void {
    this.list.add(
      {
        kind: "lost-request",
        level: "error",
        message,
        sdm: SDM.mappings,
        access: undefined,
        entry: undefined,
        store: undefined,
        reuse: undefined,
        flushes: [],
      },
      message,
    );
  }
}
