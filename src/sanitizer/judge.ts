/**
 * Judging the use of a stale translation: what the architecture allows is a window; an error needs
 * a sign that the software meant the old translation to be gone.
 */
import { WHAT } from "./feed.ts";
import type { FlushEvent } from "./flush-log.ts";
import { ancestorAt, type Entry, type Staleness } from "./records.ts";
import { contains, missOf } from "./rules.ts";
import type { ErrorKind, Layer, Miss } from "./types.ts";

export interface Finding {
  readonly kind: ErrorKind | "stale-window";
  readonly message: string;
  readonly sdm: string;
}

export const SDM = {
  linear: 'Vol. 3A "Invalidation of TLBs and Paging-Structure Caches", "Recommended Invalidation"',
  delayed: 'Vol. 3A "Delayed Invalidation"',
  guestUnderVmx: 'Vol. 3C "Guidelines for Use of the INVVPID Instruction"',
  ept: 'Vol. 3C "Guidelines for Use of the INVEPT Instruction"',
  mappings: 'Vol. 3C "Operations that Invalidate Cached Mappings"',
  globals: 'Vol. 3A "Global Pages"',
  structures: 'Vol. 3A "Caching Paging Structures"',
  update: 'Vol. 3A "Propagation of Paging-Structure Changes to Multiple Processors"',
} as const;

const sameLayer = (a: Layer, b: Layer) => (a === "non-root") === (b === "non-root");

/** What the flushes since the change tell; `flushes` are those of the entry's processor. */
export function judge(
  entry: Entry,
  stale: Staleness,
  flushes: readonly FlushEvent[],
  current: { readonly vpid: number; readonly glaPage: number | undefined },
): Finding {
  const { site: store, ept } = stale.store;
  const mine =
    store.cpu === entry.cpu
      ? flushes.filter(({ where }) => sameLayer(where.layer, store.layer))
      : [];
  const wrong = wrongFlush(entry, stale, mine, current);
  if (wrong) return wrong;
  if (stale.reuse) return reused(entry, stale);
  return {
    kind: "stale-window",
    message:
      "a translation was used that its paging structures no longer give; no flush was due yet",
    sdm: ept ? SDM.ept : SDM.delayed,
  };
}

function reused(entry: Entry, { reuse, store }: Staleness): Finding {
  if (entry.what === WHAT.structure || entry.what === WHAT.eptStructure) {
    return {
      kind: "unsafe-free",
      message:
        "a walk went through a cached upper-level entry into a former paging structure that has " +
        "been overwritten since it was unlinked",
      sdm: store.ept ? SDM.ept : SDM.structures,
    };
  }
  const because = {
    written: "after its old page was written to as another page",
    mapped: "after its old page was given another mapping",
    freed: "after its old page was freed",
    "apic-access": "so that the APIC-access page in force is bypassed or wrongly hit",
  }[reuse!.how];
  const change = store.ept ? "EPT entry" : "paging-structure entry";
  return {
    kind: "stale-use",
    message: `a translation was used whose ${change} had been changed without a flush, ${because}`,
    sdm: store.ept ? SDM.ept : entry.ep4ta !== undefined ? SDM.guestUnderVmx : SDM.linear,
  };
}

/** A flush that was meant for the change but cannot have removed the entry. */
function wrongFlush(
  entry: Entry,
  stale: Staleness,
  mine: readonly FlushEvent[],
  current: { readonly vpid: number; readonly glaPage: number | undefined },
): Finding | undefined {
  const asked = mine.filter(({ scope }) => scope.rule.explicit);
  for (const flush of mine) {
    const then = ancestorAt(entry, flush.order);
    const miss = missOf(flush.scope, then);
    if (miss === undefined) continue;
    const first = flush === asked[0];
    const finding = stale.store.ept
      ? wrongForEpt(then, flush, miss, current)
      : wrongForGuest(then, flush, miss, first, stale.reuse !== undefined);
    if (finding) return finding;
  }
  return undefined;
}

/** An EPT entry has changed. */
function wrongForEpt(
  entry: Entry,
  { scope, stale }: FlushEvent,
  miss: Miss,
  current: { readonly vpid: number; readonly glaPage: number | undefined },
): Finding | undefined {
  const { name, text } = scope.rule;
  if (name.startsWith("INVVPID")) {
    const vpid = entry.linear ? entry.vpid : current.vpid;
    const named = name === "INVVPID_ALL" ? vpid !== 0 : scope.vpid === vpid;
    const here = name !== "INVVPID_ADDRESS" || scope.glaPage === current.glaPage;
    if (!named || !here || miss !== "kind") return undefined;
    return {
      kind: "wrong-scope",
      message: `${text} was executed after a change of an EPT entry: it leaves guest-physical mappings alone, INVEPT was due`,
      sdm: SDM.mappings,
    };
  }
  if (miss === "ep4ta" && stale === 0 && name === "INVEPT_SINGLE") {
    return {
      kind: "wrong-tag",
      message: `${text} named another EPTP than the one whose tables were changed`,
      sdm: SDM.mappings,
    };
  }
  return undefined;
}

/** A paging-structure entry of linear addresses has changed. */
function wrongForGuest(
  entry: Entry,
  { scope, stale }: FlushEvent,
  miss: Miss,
  first: boolean,
  reused: boolean,
): Finding | undefined {
  const { rule } = scope;
  const { name, text, address, explicit } = rule;
  const { glaPage } = scope;
  const pageMeant = address === "linear" && glaPage !== undefined && contains(entry, glaPage, true);
  if (name === "PAGE_FAULT") return undefined;
  if (miss === "global" && name !== "TASK_SWITCH" && (address === "any" || pageMeant)) {
    return {
      kind: "wrong-scope",
      message: `${text} was executed after a change of a global page: it retains global translations`,
      sdm: SDM.globals,
    };
  }
  if (!explicit) return undefined;
  // Software in VMX root operation flushes for its guests; its own mappings have VPID 0.
  const forGuests = name.startsWith("INVEPT") || name.startsWith("INVVPID");
  if (forGuests && entry.vpid === 0) return undefined;
  if (miss === "kind" && name.startsWith("INVEPT")) {
    return {
      kind: "wrong-scope",
      message: `${text} was executed after a change of a paging-structure entry: it leaves linear mappings alone, INVVPID was due`,
      sdm: SDM.mappings,
    };
  }
  if (miss === "ep4ta" && name === "INVEPT_SINGLE" && first && stale === 0) {
    return {
      kind: "wrong-tag",
      message: `${text} named another EPTP than the one under which the translation is cached`,
      sdm: SDM.mappings,
    };
  }
  const meant = pageMeant || (address === "any" && stale === 0 && first);
  if ((miss === "vpid" || miss === "pcid") && meant) {
    return {
      kind: "wrong-tag",
      message: `${text} named another ${miss === "vpid" ? "VPID" : "PCID"} than the one under which the translation is cached`,
      sdm: miss === "vpid" ? SDM.mappings : SDM.linear,
    };
  }
  if (miss === "address" && first && stale === 0 && reused) {
    return {
      kind: "wrong-scope",
      message: `${text} named another address than the one whose translation was changed`,
      sdm: SDM.linear,
    };
  }
  return undefined;
}

/** Why a flush left an entry alone, in words. */
export function whyMissed(miss: Miss, { scope }: FlushEvent, entry: Entry): string {
  switch (miss) {
    case "cpu":
      return `it was executed on CPU ${scope.cpu}, the entry is cached on CPU ${entry.cpu}`;
    case "kind":
      return entry.linear
        ? `it leaves ${entry.ep4ta === undefined ? "linear" : "combined"} mappings alone`
        : "it leaves guest-physical mappings alone";
    case "vpid":
      return `it reached VPID ${scope.vpid}, the entry has VPID ${entry.vpid}`;
    case "pcid":
      return `it reached PCID ${scope.pcid}, the entry has PCID ${entry.pcid}`;
    case "ep4ta":
      return `it reached EP4TA ${hex(scope.ep4ta)}, the entry has ${hex(entry.ep4ta)}`;
    case "address":
      return "it named another address";
    case "global":
      return "the entry is global, and it retains global translations";
  }
}

function hex(value: number | undefined): string {
  return value === undefined ? "none" : `0x${value.toString(16)}`;
}
