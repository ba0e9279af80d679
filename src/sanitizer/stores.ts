/**
 * Stores to watched frames: to paging-structure entries, which make translations stale, and to the
 * frames that stale translations lead to, which tell that those have got another use.
 */
import { describeAccess } from "./accesses.ts";
import { changeOf } from "./entries.ts";
import { slotOf, type WatchedFrame } from "./frames.ts";
import { SDM } from "./judge.ts";
import type { Entry, Step } from "./records.ts";
import { describeEntry } from "./reports.ts";
import { pageOf, type SanitizerState } from "./state.ts";
import { type Change, type Torn, tornBy } from "./torn.ts";
import type { Site } from "./types.ts";

const PAGE = 4096;

const wide = (hi: number, lo: number) => (BigInt(hi >>> 0) << 32n) | BigInt(lo >>> 0);

/** Bytes of watched frames have been stored. */
export function noteStore(state: SanitizerState, hpa: number, bytes: number): void {
  const site = state.site();
  const end = hpa + bytes;
  for (let at = hpa; at < end; at = (pageOf(at) + 1) * PAGE) {
    const frame = state.frames.get(at);
    if (frame) storeIn(state, frame, at - frame.hpa, Math.min(end - frame.hpa, PAGE), site);
  }
}

function storeIn(
  state: SanitizerState,
  frame: WatchedFrame,
  from: number,
  to: number,
  site: Site,
): void {
  if (frame.targets.size > 0) noteReuse(state, frame, from, site);
  const { words, copy } = frame;
  for (let slot = from >>> 3; slot * 8 < to; slot++) {
    frame.stores.set(slot, site);
    if (!copy) continue;
    const lo = words[slot * 2]!;
    const hi = words[slot * 2 + 1]!;
    const beforeLo = copy[slot * 2]!;
    const beforeHi = copy[slot * 2 + 1]!;
    if (lo === beforeLo && hi === beforeHi) continue;
    copy[slot * 2] = lo;
    copy[slot * 2 + 1] = hi;
    const halves = (from < slot * 8 + 4 ? 1 : 0) | (to > slot * 8 + 4 ? 2 : 0);
    entryStored(state, frame, slot, site, halves, { beforeLo, beforeHi, lo, hi });
  }
  state.frames.releaseIdle(frame);
}

/**
 * A store to a frame that stale entries lead to. Its owner has given it another use when system
 * software writes to it: what user code writes may come through a mapping that it still has, and a
 * guest's own writes tell nothing of what its hypervisor has done to the EPT.
 */
function noteReuse(state: SanitizerState, frame: WatchedFrame, from: number, site: Site): void {
  const { feed, passing } = state;
  // What was and is a table is not reused when its entries change.
  if (frame.wasTable) return;
  if (passing && passing.cpu === site.cpu && passing.time === site.time) return;
  if (site.layer === "host" ? site.actor === undefined : feed.isUserMode()) return;
  const { ep4ta } = feed.context();
  for (const { stale, structure, ep4ta: tagged } of frame.targets) {
    if (!stale || stale.reuse || structure) continue;
    if (stale.store.ept && site.layer === "non-root" && tagged === ep4ta) continue;
    stale.reuse = { how: "written", site, hpa: frame.hpa + from };
  }
}

/**
 * A new mapping of a frame to which a stale one leads: has its owner made it since? Only the processor
 * that has made it can know; another may still be waiting for the flush that is asked of it.
 */
export function noteMapping(state: SanitizerState, entry: Entry): void {
  if (entry.structure) return;
  const targets = state.frames.get(entry.hpa)?.targets;
  if (!targets?.size) return;
  const leaf = entry.steps.at(-1);
  const stored = leaf && state.frames.get(leaf.hpa)?.stores.get(slotOf(leaf.hpa));
  if (!stored) return;
  for (const old of targets) {
    const { stale } = old;
    if (!stale || stale.reuse || stored.time <= stale.store.site.time) continue;
    if (old.page === entry.page && old.group === entry.group) continue;
    if (stale.store.site.cpu !== old.cpu) continue;
    stale.reuse = { how: "mapped", site: stored, hpa: entry.hpa };
  }
}

function entryStored(
  state: SanitizerState,
  frame: WatchedFrame,
  slot: number,
  site: Site,
  halves: number,
  change: Change,
): void {
  const torn = tornBy(frame, slot, site, halves, change);
  if (torn) reportTorn(state, frame.hpa + slot * 8, site, torn, change);
  const dependents = frame.dependents.get(slot);
  if (!dependents) return;
  for (const [entry, step] of dependents) judgeStore(state, entry, step, site, change);
}

function judgeStore(
  state: SanitizerState,
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
  if (!stale) {
    if (entry.stale && !entry.steps.some((other) => other.stale)) makeFresh(state, entry);
    return;
  }
  if (entry.stale) return;
  const { hpa: entryHpa, level, ept, narrow } = step;
  const before = narrow ? BigInt(upper ? beforeHi : beforeLo) : wide(beforeHi, beforeLo);
  const after = narrow ? BigInt(newLo) : wide(newHi, newLo);
  entry.stale = {
    store: { site, entryHpa, level, ept, before, after },
    order: ++state.order,
    reuse: undefined,
  };
  state.totals.staled++;
  state.frames.aim(entry);
  state.mark(entry, true);
}

/** What was changed has been changed back. */
function makeFresh(state: SanitizerState, entry: Entry): void {
  state.frames.leave(entry);
  entry.stale = undefined;
  state.mark(entry, false);
}

function reportTorn(
  state: SanitizerState,
  entryHpa: number,
  site: Site,
  torn: Torn,
  { lo, hi }: Change,
): void {
  const { reader, first, before, mid } = torn;
  const step = reader.steps.find(({ hpa }) => hpa === entryHpa);
  if (!step) return;
  const { level, ept } = step;
  // What was missing may not matter, or only add rights.
  const missing = changeOf(step, Number(mid & 0xffff_ffffn), Number(mid >> 32n), lo, hi);
  if (missing === "same" || missing === "permissive") return;
  state.list.add(
    {
      kind: "torn-entry",
      level: "error",
      message:
        "a walk used a paging-structure entry between the stores of its two halves: " +
        "a value that was never meant",
      sdm: SDM.update,
      access: describeAccess(state.feed, reader, reader.address, 0, undefined, reader.filled),
      entry: describeEntry(reader),
      store: { site: first, entryHpa, level, ept, before, after: mid },
      reuse: undefined,
      flushes: [],
    },
    `${first.rip}/${site.rip}`,
  );
}
