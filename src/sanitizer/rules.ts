/**
 * What each operation must invalidate, one row each (SDM "Operations that Invalidate TLBs and
 * Paging-Structure Caches", "Operations that Invalidate Cached Mappings"). The host judges by this
 * table alone; that the core's own invalidation agrees is checked whenever an entry is used.
 */
import type { FlushOperationName } from "../tables/flush-operations.ts";
import { type Miss, PCID_GLOBAL } from "./types.ts";

export interface FlushRule {
  readonly name: FlushOperationName;
  /** As people write it. */
  readonly text: string;
  /** An instruction whose purpose is to invalidate. */
  readonly explicit: boolean;
  /** Mappings of linear addresses that it reaches, with their paging-structure caches. */
  readonly linear: "none" | "all" | "combined";
  /** Whether it reaches guest-physical mappings. */
  readonly physical: boolean;
  readonly vpid: "same" | "zero" | "not-zero" | "any";
  readonly pcid: "same" | "any";
  readonly globals: boolean;
  readonly ep4ta: "same" | "any";
  readonly address: "any" | "linear" | "both";
  /** INVLPG takes the paging-structure caches of all addresses. */
  readonly allStructures: boolean;
  /** All pieces of a larger page of the guest go with any address of it. */
  readonly pieces: boolean;
  /** On every processor, not only the one that executes it. */
  readonly everywhere: boolean;
  readonly sdm: string;
}

const TLB = "Operations that Invalidate TLBs and Paging-Structure Caches";
const MAPPINGS = "Operations that Invalidate Cached Mappings";

const PLAIN: FlushRule = {
  name: "INVLPG",
  text: "",
  explicit: false,
  linear: "all",
  physical: false,
  vpid: "same",
  pcid: "any",
  globals: true,
  ep4ta: "any",
  address: "any",
  allStructures: false,
  pieces: true,
  everywhere: false,
  sdm: TLB,
};

function row(name: FlushOperationName, text: string, differences: Partial<FlushRule>): FlushRule {
  return { ...PLAIN, name, text, ...differences };
}

const ASKED = { explicit: true } as const;
const ONE_PAGE = { pcid: "same", address: "linear" } as const;
const EPT = { ...ASKED, linear: "combined", physical: true, vpid: "any", sdm: MAPPINGS } as const;
const INVVPID = { ...ASKED, sdm: MAPPINGS } as const;

export const FLUSH_RULES: readonly FlushRule[] = [
  row("INVLPG", "INVLPG", { ...ASKED, ...ONE_PAGE, allStructures: true }),
  row("INVPCID_ADDRESS", "INVPCID individual-address", { ...ASKED, ...ONE_PAGE, globals: false }),
  row("INVPCID_CONTEXT", "INVPCID single-context", { ...ASKED, pcid: "same", globals: false }),
  row("INVPCID_ALL_GLOBAL", "INVPCID all-context with globals", ASKED),
  row("INVPCID_ALL_NONGLOBAL", "INVPCID all-context retaining globals", {
    ...ASKED,
    globals: false,
  }),
  row("MOV_CR3", "MOV to CR3", { pcid: "same", globals: false }),
  row("MOV_CR0", "MOV to CR0", {}),
  row("MOV_CR4", "MOV to CR4", {}),
  row("TASK_SWITCH", "task switch", { pcid: "same", globals: false }),
  row("INVEPT_SINGLE", "INVEPT single-context", { ...EPT, ep4ta: "same" }),
  row("INVEPT_ALL", "INVEPT all-context", EPT),
  row("INVVPID_ADDRESS", "INVVPID individual-address", { ...INVVPID, address: "linear" }),
  row("INVVPID_SINGLE", "INVVPID single-context", INVVPID),
  row("INVVPID_ALL", "INVVPID all-context", { ...INVVPID, vpid: "not-zero" }),
  row("INVVPID_RETAIN_GLOBALS", "INVVPID single-context retaining globals", {
    ...INVVPID,
    globals: false,
  }),
  row("VM_ENTRY", "VM entry without VPID", { vpid: "zero", sdm: MAPPINGS }),
  row("VM_EXIT", "VM exit without VPID", { vpid: "zero", sdm: MAPPINGS }),
  row("EPTP_SWITCH", "EPTP switching without VPID", {
    linear: "combined",
    vpid: "zero",
    sdm: MAPPINGS,
  }),
  row("PAGE_FAULT", "page fault", { ...ONE_PAGE, pieces: false }),
  row("EPT_VIOLATION", "EPT violation", {
    linear: "combined",
    physical: true,
    pcid: "same",
    ep4ta: "same",
    address: "both",
    pieces: false,
    sdm: MAPPINGS,
  }),
  row("RESET", "INIT or RESET", {}),
  row("HOST_STATE", "registers set by the host", {}),
  row("CONFIGURE", "change by the host", { physical: true, vpid: "any", everywhere: true }),
];

const RULES = new Map(FLUSH_RULES.map((rule) => [rule.name, rule]));

export function ruleOf(name: FlushOperationName): FlushRule {
  return RULES.get(name)!;
}

/** The operands of one flush. Pages are addresses divided by 4096. */
export interface FlushScope {
  readonly rule: FlushRule;
  readonly cpu: number;
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: number | undefined;
  readonly glaPage: number | undefined;
  readonly gpaPage: number | undefined;
}

/** What the rules ask of a cached entry. */
export interface Flushable {
  readonly cpu: number;
  /** Whether it is tagged by VPID and PCID: no guest-physical mapping. */
  readonly linear: boolean;
  readonly vpid: number;
  readonly pcid: number;
  readonly ep4ta: number | undefined;
  /** It belongs to a paging-structure cache. */
  readonly structure: boolean;
  /** The pages of 4 KiB that it translates. */
  readonly page: number;
  readonly pages: number;
  /** The pages of the whole page that the guest's own entry maps. */
  readonly wholePage: number;
  readonly wholePages: number;
}

type TagsOnly = Pick<Flushable, "cpu" | "linear" | "vpid" | "pcid" | "ep4ta">;

/** Why tags are outside of the scope; addresses are not looked at. */
export function missOfTags(scope: FlushScope, tags: TagsOnly): Miss | undefined {
  const { rule } = scope;
  if (tags.cpu !== scope.cpu && !rule.everywhere) return "cpu";
  if (!tags.linear) {
    if (!rule.physical) return "kind";
    return rule.ep4ta === "same" && tags.ep4ta !== scope.ep4ta ? "ep4ta" : undefined;
  }
  if (rule.linear === "none") return "kind";
  if (rule.linear === "combined") {
    if (tags.ep4ta === undefined) return "kind";
    if (rule.ep4ta === "same" && tags.ep4ta !== scope.ep4ta) return "ep4ta";
  }
  if (!vpidMatches(scope, tags.vpid)) return "vpid";
  if (tags.pcid === PCID_GLOBAL) return rule.globals ? undefined : "global";
  return rule.pcid === "same" && tags.pcid !== scope.pcid ? "pcid" : undefined;
}

function vpidMatches({ rule, vpid }: FlushScope, tagged: number): boolean {
  if (rule.vpid === "any") return true;
  if (rule.vpid === "zero") return tagged === 0;
  return rule.vpid === "not-zero" ? tagged !== 0 : tagged === vpid;
}

/** Why the flush leaves an entry alone, or undefined when it must remove it. */
export function missOf(scope: FlushScope, entry: Flushable): Miss | undefined {
  const miss = missOfTags(scope, entry);
  if (miss !== undefined) return miss;
  const { rule, glaPage, gpaPage } = scope;
  if (rule.address === "any") return undefined;
  const page = entry.linear ? glaPage : gpaPage;
  if (entry.structure && entry.linear && rule.allStructures) return undefined;
  if (page === undefined) return "address";
  return contains(entry, page, rule.pieces) ? undefined : "address";
}

/** True when `page` lies in what `entry` translates, or with `whole` in the guest's whole page. */
export function contains(entry: Flushable, page: number, whole: boolean): boolean {
  const first = whole ? entry.wholePage : entry.page;
  return page >= first && page < first + (whole ? entry.wholePages : entry.pages);
}
