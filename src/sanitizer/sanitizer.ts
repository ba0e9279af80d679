/**
 * The TLB sanitizer: keeps a record of each cached translation with the paging-structure entries it
 * was made from, learns of the stores that make it stale and of the flushes that remove it, and
 * judges each use of a stale one and each flush.
 */
import type { FlushOperationName } from "../tables/flush-operations.ts";
import {
  ACCESS,
  type CoreFeed,
  EPT_ACCESS,
  ID_MASK,
  STALE_MARK,
  STEP,
  type WalkStep,
} from "./feed.ts";
import type { FlushEvent } from "./flush-log.ts";
import { SDM } from "./judge.ts";
import { type FlushSite, Ledger } from "./ledger.ts";
import type { Entry, Step } from "./records.ts";
import { redundantFlushes } from "./redundant.ts";
import { Requests } from "./requests.ts";
import { ruleOf } from "./rules.ts";
import { pageOf, SanitizerState } from "./state.ts";
import { noteMapping, noteStore } from "./stores.ts";
import { type LedgerRow, SanitizerFault, type SanitizerReport } from "./types.ts";
import { checkPassage, judgeUse, type Passage } from "./uses.ts";

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

export class Sanitizer {
  private readonly state: SanitizerState;
  private readonly bills = new Ledger();
  private readonly requests = new Requests();
  private readonly windows: boolean;

  constructor(feed: CoreFeed, options: SanitizerOptions = {}) {
    this.state = new SanitizerState(feed);
    this.windows = options.windows ?? false;
  }

  /**
   * What was found: errors and windows in the order in which they were found first, then the places
   * whose flushes have never been needed so far.
   */
  get reports(): readonly SanitizerReport[] {
    const { list, totals } = this.state;
    // Where nothing is cached every flush is needless, which says nothing of the program.
    if (totals.fills === 0) return list.reports;
    return [...list.reports, ...redundantFlushes(this.bills)];
  }

  /** Number of different errors. */
  get errors(): number {
    return this.state.list.errors;
  }

  get counts(): SanitizerCounts {
    const { totals, records } = this.state;
    return { ...totals, untracked: records.untracked };
  }

  /** The bills of all places that flush. */
  get ledger(): readonly LedgerRow[] {
    return this.bills.rows();
  }

  /** Called for each new report, as soon as it is made. */
  set onReport(listener: ((report: SanitizerReport) => void) | undefined) {
    this.state.list.onReport = listener;
  }

  // --- what the core calls ---

  /** The core enters a translation. Returns its provenance word. */
  fill(what: number, space: number, address: bigint, sizeLog: number): number {
    const { state } = this;
    const { feed, records, frames } = state;
    state.totals.fills++;
    const details = feed.fillDetails();
    const raw = feed.walkSteps();
    const { steps, source, passage } = this.flatten(raw);
    const group = records.groupOf(space, feed.spaceTags(space));
    const site = state.site();
    const entry = records.add(what, group, address, sizeLog, details, steps, site);
    if (!entry) return 0;
    for (const step of steps) frames.depend(entry, step);
    const ghost = records.takeGhost(group, what, address, sizeLog);
    if (ghost) {
      ghost.refills++;
      ghost.refillReferences += raw.filter(({ kind }) => (kind & STEP.REFERENCE) === 0).length;
    }
    if (!source) {
      noteMapping(state, entry);
      return entry.id;
    }
    const reported = passage && checkPassage(state, entry, passage, details.access, site);
    entry.stale = source.stale;
    entry.source = { entry: source, order: ++state.order };
    frames.aim(entry);
    // The use of a guest-physical mapping has been judged in this walk; that of a step has not.
    if (source.structure && !entry.structure && !reported) {
      judgeUse(state, this.windows, entry, address, details.access, site);
    }
    return (entry.id | STALE_MARK) >>> 0;
  }

  /** The steps of a walk with those of the cached entries that it has used. */
  private flatten(raw: readonly WalkStep[]) {
    const steps: Step[] = [];
    let source: Entry | undefined;
    let passage: Passage | undefined;
    for (const { hpa, lo, hi, kind } of raw) {
      if ((kind & STEP.REFERENCE) !== 0) {
        const used = this.known(lo & ID_MASK);
        if (!used) continue;
        for (const step of used.steps) steps.push({ ...step });
        if (used.stale) {
          source ??= used;
          if (used.structure) passage = { entry: used, step: undefined };
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
      if (passage && !passage.step && pageOf(passage.entry.hpa) === pageOf(hpa)) {
        passage.step = step;
      }
    }
    return { steps, source, passage };
  }

  /** The record of an id that the core has named; a removed one must not come up again. */
  private known(id: number): Entry | undefined {
    if (id === 0) return undefined;
    // A walk may still name what it has used although its place has been taken meanwhile.
    const entry = this.state.records.get(id);
    if (!entry?.removedBy) return entry;
    const { scope, where } = entry.removedBy;
    throw new SanitizerFault(
      `the core used a translation of 0x${entry.address.toString(16)} that ${scope.rule.text} ` +
        `at 0x${where.rip.toString(16)} must have removed`,
    );
  }

  /** Bytes of watched frames have been stored. */
  store(hpa: number, bytes: number): void {
    noteStore(this.state, hpa, bytes);
  }

  /** A stale entry is about to be used. Returns 0: it is used, as a processor would. */
  use(what: number, id: number, address: bigint, access: number): number {
    const { state } = this;
    const entry = this.known(id);
    if (!entry?.stale) return 0;
    if (entry.what !== what) {
      throw new SanitizerFault(`provenance ${id} was given to another kind of entry`);
    }
    const site = state.site();
    const write = entry.linear ? ACCESS.WRITE : EPT_ACCESS.WRITE;
    if ((access & write) !== 0) state.passing = { cpu: site.cpu, time: site.time };
    // Whether a structure entry does harm is seen when the walk through it ends.
    if (!entry.structure) judgeUse(state, this.windows, entry, address, access, site);
    return 0;
  }

  /** Cached translations have been invalidated. */
  flush(call: FlushCall): void {
    const { state } = this;
    state.totals.flushes++;
    const rule = ruleOf(call.operation);
    const where = state.site();
    const asked = rule.name !== "PAGE_FAULT" && rule.name !== "EPT_VIOLATION";
    // What the host does to the machine, not its hypervisor, has no place in the program.
    const bySoftware = asked && (where.layer !== "host" || where.actor !== undefined);
    const site = bySoftware ? this.bills.siteOf(rule, where) : undefined;
    const event: FlushEvent = {
      scope: {
        rule,
        cpu: where.cpu,
        vpid: call.vpid,
        pcid: call.pcid,
        ep4ta: call.ep4ta,
        glaPage: call.gla === undefined ? undefined : pageOf(call.gla),
        gpaPage: call.gpa === undefined ? undefined : pageOf(call.gpa),
      },
      where,
      order: ++state.order,
      site,
      stale: 0,
    };
    let needed = false;
    for (const entry of state.records.remove(event)) {
      if (entry.stale) event.stale++;
      if (entry.stale || entry.flagsChanged) needed = true;
    }
    if (site) bill(site, call.dropped, event.stale, needed);
    if (asked) state.log.note(event);
  }

  // --- what the host's hypervisor calls ---

  /** Name of its function that is at work: stores and flushes are its, not the guest's. */
  get actor(): string | undefined {
    return this.state.actor;
  }

  set actor(name: string | undefined) {
    this.state.actor = name;
  }

  /** The frame at `hpa` has been freed: stale translations to it must not be used. */
  frameFreed(hpa: number): void {
    const site = this.state.site();
    for (const { stale } of this.state.frames.get(hpa)?.targets ?? []) {
      if (stale) stale.reuse ??= { how: "freed", site, hpa };
    }
  }

  /**
   * A flush is asked of processor `cpu`, to be done while `context` is loaded, or in any. Returns its
   * number.
   */
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
    this.state.list.add(
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

function bill(site: FlushSite, dropped: number, stale: number, needed: boolean): void {
  site.times++;
  site.dropped += dropped;
  site.stale += stale;
  if (needed) site.timesNeeded++;
}
