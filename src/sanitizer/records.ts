/**
 * The host's records of what the core has cached: one a fill, found by id, by tags and page, and by
 * the paging-structure entries it was made from (frames.ts).
 */
import { reachLog } from "./entries.ts";
import { type FillDetails, ID_MASK, type SpaceTags, VPID_PHYSICAL, WHAT } from "./feed.ts";
import type { FlushEvent } from "./flush-log.ts";
import type { FlushSite } from "./ledger.ts";
import { type Flushable, type FlushScope, missOf, missOfTags } from "./rules.ts";
import type { Reuse, Site, StoreDescription } from "./types.ts";

/** A paging-structure entry that a translation was made from. */
export interface Step {
  readonly hpa: number;
  /** With the accessed and dirty flags that the walk has set. */
  lo: number;
  readonly hi: number;
  readonly ept: boolean;
  readonly narrow: boolean;
  readonly level: number;
  /** Not watched in memory: a register of PAE paging. */
  readonly register: boolean;
  stale: boolean;
}

/** What made a record stale. Records made from a stale one share it. */
export interface Staleness {
  readonly store: StoreDescription;
  /** Counts stores and flushes in the order in which they came. */
  readonly order: number;
  reuse: Reuse | undefined;
}

/** All records of one tuple of tags. */
export interface Group extends SpaceTags {
  readonly linear: boolean;
  /** By WHAT and size, then by page number. */
  readonly bySize: Map<number, Map<number, Entry>>;
  /** Pieces of larger guest pages, which go with any address of that page. */
  readonly pieces: Set<Entry>;
  /** Flushes that removed a right translation: the next fill of the page is charged to them. */
  readonly ghosts: Map<number, Map<number, FlushSite>>;
  size: number;
}

export interface Entry extends Flushable {
  readonly id: number;
  readonly what: number;
  readonly group: Group;
  readonly sizeLog: number;
  readonly address: bigint;
  readonly hpa: number;
  readonly gpa: number;
  readonly rights: number;
  readonly steps: readonly Step[];
  readonly filled: Site;
  /** The stale record that it was made from, if it was stale from the start, and when that was. */
  source: { readonly entry: Entry; readonly order: number } | undefined;
  stale: Staleness | undefined;
  /** Accessed or dirty flags were cleared, or the memory type changed. */
  flagsChanged: boolean;
  removedBy: FlushEvent | undefined;
  /** Another record of the same page and tags: instruction and data arrays fill one by one. */
  next: Entry | undefined;
}

const IDS_FIRST = 4096;
/** A freed id is not given out again before so many others were freed: a walk may still name it. */
const QUARANTINE = 512;
const GHOSTS_MAX = 65536;
const GROUPS_MAX = 4096;

const filledKey = (cpu: number, vpid: number) => cpu * 2 * VPID_PHYSICAL + vpid;
const sizeKey = (what: number, sizeLog: number) => what * 64 + sizeLog;
const pageIndex = (page: number, sizeLog: number) => Math.floor(page / 2 ** (sizeLog - 12));

export class Records {
  private readonly references: (id: number) => number;
  private readonly forget: (entry: Entry) => void;
  private readonly byId: (Entry | undefined)[] = [undefined];
  private readonly free: number[] = [];
  private freeHead = 0;
  private limit = IDS_FIRST;
  private readonly groups = new Map<string, Group>();
  /** Groups with records, by processor and VPID: most flushes name both. */
  private readonly filled = new Map<number, Set<Group>>();
  /** By the core's number of the address space, as far as the tags still agree. */
  private readonly bySpace: (Group | undefined)[] = [];
  /** Fills that no id was left for. */
  untracked = 0;

  /** `forget` is called for each record that goes. */
  constructor(references: (id: number) => number, forget: (entry: Entry) => void) {
    this.references = references;
    this.forget = forget;
  }

  /** The record of `id`, also when a flush has removed it and the core still holds the id. */
  get(id: number): Entry | undefined {
    return this.byId[id];
  }

  groupOf(space: number, tags: SpaceTags): Group {
    const known = this.bySpace[space];
    if (known && sameTags(known, tags)) return known;
    const key = `${tags.cpu}/${tags.vpid}/${tags.pcid}/${tags.ep4ta}`;
    let group = this.groups.get(key);
    if (!group) {
      if (this.groups.size >= GROUPS_MAX) this.dropEmptyGroups();
      group = {
        ...tags,
        linear: tags.vpid !== VPID_PHYSICAL,
        bySize: new Map(),
        pieces: new Set(),
        ghosts: new Map(),
        size: 0,
      };
      this.groups.set(key, group);
    }
    this.bySpace[space] = group;
    return group;
  }

  private dropEmptyGroups(): void {
    for (const [key, group] of this.groups) if (group.size === 0) this.groups.delete(key);
    this.bySpace.length = 0;
  }

  /** Makes a record; undefined when every id is in use. */
  add(
    what: number,
    group: Group,
    address: bigint,
    sizeLog: number,
    details: FillDetails,
    steps: readonly Step[],
    filled: Site,
  ): Entry | undefined {
    const id = this.takeId();
    if (id === undefined) {
      this.untracked++;
      return undefined;
    }
    const index = pageIndex(Number(address >> 12n), sizeLog);
    const page = index * 2 ** (sizeLog - 12);
    const wholeLog = wholePageLog(what, sizeLog, steps);
    const entry: Entry = {
      id,
      what,
      group,
      cpu: group.cpu,
      linear: group.linear,
      vpid: group.vpid,
      pcid: group.pcid,
      ep4ta: group.ep4ta,
      structure: what === WHAT.structure || what === WHAT.eptStructure,
      page,
      pages: 2 ** (sizeLog - 12),
      wholePage: pageIndex(page, wholeLog) * 2 ** (wholeLog - 12),
      wholePages: 2 ** (wholeLog - 12),
      sizeLog,
      address: BigInt(page) << 12n,
      hpa: details.hpa,
      gpa: details.gpa,
      rights: details.rights,
      steps,
      filled,
      source: undefined,
      stale: undefined,
      flagsChanged: false,
      removedBy: undefined,
      next: undefined,
    };
    this.byId[id] = entry;
    const key = sizeKey(what, sizeLog);
    let pages = group.bySize.get(key);
    if (!pages) {
      pages = new Map();
      group.bySize.set(key, pages);
    }
    this.prune(pages, index);
    entry.next = pages.get(index);
    pages.set(index, entry);
    if (wholeLog > sizeLog) group.pieces.add(entry);
    if (group.size++ === 0) this.noteFilled(group);
    return entry;
  }

  /** Forgets records of the page of which the core holds nothing any more. */
  private prune(pages: Map<number, Entry>, index: number): void {
    for (let entry = pages.get(index); entry; entry = entry.next) {
      if (this.references(entry.id) === 0) this.discard(entry);
    }
  }

  private discard(entry: Entry): void {
    this.unlink(entry);
    this.forget(entry);
    this.byId[entry.id] = undefined;
    this.free.push(entry.id);
  }

  /** Whom the fill of a page is charged to, if a flush made it necessary. */
  takeGhost(group: Group, what: number, address: bigint, sizeLog: number): FlushSite | undefined {
    const pages = group.ghosts.get(sizeKey(what, sizeLog));
    if (!pages) return undefined;
    const index = pageIndex(Number(address >> 12n), sizeLog);
    const site = pages.get(index);
    if (site) pages.delete(index);
    return site;
  }

  /** Removes and returns what a flush must remove. */
  remove(flush: FlushEvent): Entry[] {
    const removed: Entry[] = [];
    const { scope } = flush;
    for (const groups of this.candidates(scope)) {
      for (const group of groups) {
        if (group.size > 0 && missOfTags(scope, group) === undefined) {
          if (scope.rule.address === "any") this.removeAll(group, flush, removed);
          else this.removeAt(group, flush, removed);
        }
        if (group.size === 0) groups.delete(group);
      }
    }
    return removed;
  }

  /** The groups that a flush can reach, by what it says of processor and VPID. */
  private candidates({ rule, cpu, vpid }: FlushScope): Iterable<Set<Group>> {
    const named = rule.vpid === "same" || rule.vpid === "zero";
    if (!named || rule.everywhere) return this.filled.values();
    const sets = [this.filled.get(filledKey(cpu, vpid))];
    if (rule.physical) sets.push(this.filled.get(filledKey(cpu, VPID_PHYSICAL)));
    return sets.filter((set) => set !== undefined);
  }

  private noteFilled(group: Group): void {
    const key = filledKey(group.cpu, group.vpid);
    const groups = this.filled.get(key);
    if (groups) groups.add(group);
    else this.filled.set(key, new Set([group]));
  }

  private removeAll(group: Group, flush: FlushEvent, removed: Entry[]): void {
    for (const [key, pages] of group.bySize) {
      for (const first of pages.values()) {
        for (let entry: Entry | undefined = first; entry; entry = entry.next) {
          removed.push(entry);
          this.bury(entry, key, flush);
        }
      }
      pages.clear();
    }
    group.pieces.clear();
    group.size = 0;
  }

  private removeAt(group: Group, flush: FlushEvent, removed: Entry[]): void {
    const { scope } = flush;
    const page = group.linear ? scope.glaPage : scope.gpaPage;
    for (const [key, pages] of group.bySize) {
      const structure = Math.floor(key / 64) >= WHAT.structure;
      if (structure && group.linear && scope.rule.allStructures) {
        this.removeChains([...pages.values()], key, flush, removed);
      } else if (page !== undefined) {
        const first = pages.get(pageIndex(page, key % 64));
        if (first) this.removeChains([first], key, flush, removed);
      }
    }
    if (!scope.rule.pieces) return;
    for (const entry of group.pieces) {
      if (missOf(scope, entry) !== undefined) continue;
      removed.push(entry);
      this.unlink(entry);
      this.bury(entry, sizeKey(entry.what, entry.sizeLog), flush);
    }
  }

  private removeChains(
    chains: readonly Entry[],
    key: number,
    flush: FlushEvent,
    removed: Entry[],
  ): void {
    for (const first of chains) {
      for (let entry: Entry | undefined = first; entry; entry = entry.next) {
        removed.push(entry);
        entry.group.pieces.delete(entry);
        entry.group.size--;
        this.bury(entry, key, flush);
      }
      first.group.bySize.get(key)!.delete(pageIndex(first.page, first.sizeLog));
    }
  }

  private bury(entry: Entry, key: number, flush: FlushEvent): void {
    entry.removedBy = flush;
    if (flush.site && entry.stale === undefined && !entry.structure) {
      const { ghosts } = entry.group;
      let pages = ghosts.get(key);
      if (!pages) {
        pages = new Map();
        ghosts.set(key, pages);
      }
      if (pages.size >= GHOSTS_MAX) pages.clear();
      pages.set(pageIndex(entry.page, entry.sizeLog), flush.site);
    }
    this.forget(entry);
  }

  /** Takes a record out of the maps by page. */
  private unlink(entry: Entry): void {
    const { group } = entry;
    const pages = group.bySize.get(sizeKey(entry.what, entry.sizeLog));
    const index = pageIndex(entry.page, entry.sizeLog);
    let previous = pages?.get(index);
    if (previous === entry) {
      if (entry.next) pages!.set(index, entry.next);
      else pages!.delete(index);
    } else {
      while (previous && previous.next !== entry) previous = previous.next;
      if (previous) previous.next = entry.next;
    }
    group.pieces.delete(entry);
    group.size--;
  }

  /** All records that no flush has removed. */
  *all(): Iterable<Entry> {
    for (const entry of this.byId) if (entry && !entry.removedBy) yield entry;
  }

  private takeId(): number | undefined {
    if (this.free.length - this.freeHead > QUARANTINE) return this.nextFree();
    if (this.byId.length > this.limit) {
      this.sweep();
      if (this.free.length - this.freeHead < this.limit / 2 && this.limit < ID_MASK) {
        this.limit = Math.min(this.limit * 2, ID_MASK);
      }
      if (this.free.length - this.freeHead > QUARANTINE) return this.nextFree();
    }
    if (this.byId.length > ID_MASK) return undefined;
    this.byId.push(undefined);
    return this.byId.length - 1;
  }

  private nextFree(): number {
    const id = this.free[this.freeHead++]!;
    if (this.freeHead > 65536) {
      this.free.splice(0, this.freeHead);
      this.freeHead = 0;
    }
    return id;
  }

  /** Forgets the records of which the core holds nothing any more. */
  sweep(): void {
    for (let id = 1; id < this.byId.length; id++) {
      const entry = this.byId[id];
      if (!entry || this.references(id) !== 0) continue;
      if (!entry.removedBy) {
        this.discard(entry);
        continue;
      }
      this.byId[id] = undefined;
      this.free.push(id);
    }
  }
}

function sameTags(group: Group, tags: SpaceTags): boolean {
  return (
    group.pcid === tags.pcid &&
    group.vpid === tags.vpid &&
    group.ep4ta === tags.ep4ta &&
    group.cpu === tags.cpu
  );
}

/** log2 of the page that the guest's own entry maps, of which a translation may hold a piece. */
function wholePageLog(what: number, sizeLog: number, steps: readonly Step[]): number {
  if (what !== WHAT.linear) return sizeLog;
  let leaf: Step | undefined;
  for (const step of steps) if (!step.ept) leaf = step;
  return leaf ? Math.max(reachLog(leaf), sizeLog) : sizeLog;
}

/** The record that stood for `entry` at the time `order`: what it was made from, if it was not yet. */
export function ancestorAt(entry: Entry, order: number): Entry {
  let at = entry;
  while (at.source && order < at.source.order) at = at.source.entry;
  return at;
}
