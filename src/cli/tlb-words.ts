/** Words for what the caches of translations hold and for walks, shared by text and page. */
import type {
  CacheArray,
  CacheContext,
  CacheEntry,
  CacheTag,
  TlbSnapshot,
} from "../tlb/snapshot-types.ts";
import type { Rights, Walk, WalkResult, WalkStep } from "../tlb/walk-types.ts";
import { hexAddress } from "./symbols.ts";

const UNITS = [
  [2 ** 30, "G"],
  [2 ** 20, "M"],
  [2 ** 10, "K"],
] as const;

/** 4096 as 4K, and so on. */
export function sizeWords(bytes: number): string {
  if (bytes === 2 ** 48) return "256T";
  if (bytes === 2 ** 39) return "512G";
  const [unit, letter] = UNITS.find(([size]) => bytes >= size) ?? [1, ""];
  return `${bytes / unit}${letter}`;
}

export function tagWords({ kind, vpid, pcid, ep4ta }: CacheTag): string {
  return [
    kind,
    ...(vpid === undefined ? [] : [`VPID ${vpid}`]),
    ...(pcid === undefined ? [] : [pcid === "global" ? "global" : `PCID ${pcid}`]),
    ...(ep4ta === undefined ? [] : [`EP4TA ${hexAddress(ep4ta)}`]),
  ].join(", ");
}

export function contextWords({ operation, vpid, pcid, ep4ta }: CacheContext): string {
  const where = operation === "none" ? "VMX off" : operation;
  const root = ep4ta === undefined ? "no EPT" : `EP4TA ${hexAddress(ep4ta)}`;
  return `${where}, VPID ${vpid}, PCID ${pcid}, ${root}`;
}

/** Letters for what is granted: r, w, x; u for user pages or, of the EPT, fetches from user pages. */
export function rightsWords(rights: Rights, dimension: "guest" | "ept"): string {
  const { read, write, execute, user, executeUser } = rights;
  const last = dimension === "guest" ? user : executeUser;
  return `${read ? "r" : "-"}${write ? "w" : "-"}${execute ? "x" : "-"}${last ? "u" : "-"}`;
}

/** One entry in one line. */
export function entryWords(entry: CacheEntry): string {
  switch (entry.type) {
    case "translation":
      return [
        `gla ${hexAddress(entry.gla)} -> hpa ${hexAddress(entry.hpa)}`,
        entry.tag.ep4ta === undefined ? "" : ` (gpa ${hexAddress(entry.gpa)})`,
        ` ${sizeWords(entry.pageBytes)} ${rightsWords(entry.rights, "guest")}`,
        entry.dirty ? " dirty" : "",
        entry.global ? " global" : "",
        entry.protectionKey === 0 ? "" : ` key ${entry.protectionKey}`,
        ` ${entry.patType}`,
        entry.pieceOf === undefined ? "" : `, piece of a ${sizeWords(entry.pieceOf)} page`,
      ].join("");
    case "guest-physical":
      return (
        `gpa ${hexAddress(entry.gpa)} -> hpa ${hexAddress(entry.hpa)} ` +
        `${sizeWords(entry.pageBytes)} ${rightsWords(entry.rights, "ept")}`
      );
    case "structure": {
      const { tables, address, tableHpa, tableGpa, reachBytes, rights } = entry;
      const space = tables === "guest" ? "gla" : "gpa";
      const below = tableGpa === tableHpa ? "" : ` (gpa ${hexAddress(tableGpa)})`;
      return (
        `${entry.entry} for ${space} ${hexAddress(address)}, ${sizeWords(reachBytes)} -> table at hpa ` +
        `${hexAddress(tableHpa)}${below} ${rightsWords(rights, tables)}`
      );
    }
  }
}

export function shapeWords({ sets, ways, entries, holds, pages, replacement }: CacheArray): string {
  const shape = sets === 1 ? `${ways} entries, one set` : `${sets} sets x ${ways} ways`;
  const what = [holds, pages.join("/")].filter((word) => word !== "").join(" ");
  return `${shape}, ${entries.length} of ${sets * ways} used; ${what}; ${replacement}`;
}

/** A tag with what carries it. */
export interface TagRow {
  readonly key: string;
  readonly tag: CacheTag;
  /** The sign of the tag in text: a letter. */
  readonly letter: string;
  readonly counts: Readonly<Record<CacheArray["group"], number>>;
  /** Indices of the processors that would find its entries now. */
  readonly current: readonly number[];
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function tagKey({ kind, vpid, pcid, ep4ta }: CacheTag): string {
  return `${kind} ${vpid} ${pcid} ${ep4ta}`;
}

const KINDS = ["linear", "combined", "guest-physical"];

/** All tags of a snapshot, in the order of kind, VPID, PCID, EP4TA. */
export function tagRows(snapshot: TlbSnapshot): readonly TagRow[] {
  const rows = new Map<string, TagRow & { counts: Record<CacheArray["group"], number> }>();
  for (const { cpu, arrays } of snapshot.processors) {
    for (const { group, entries } of arrays) {
      for (const { tag, inContext } of entries) {
        const key = tagKey(tag);
        const counts = { tlb: 0, "guest-physical": 0, structure: 0 };
        const row = rows.get(key) ?? { key, tag, letter: "", counts, current: [] };
        row.counts[group]++;
        if (inContext && !row.current.includes(cpu)) (row.current as number[]).push(cpu);
        rows.set(key, row);
      }
    }
  }
  const order = ({ kind, vpid = -1, pcid = -1, ep4ta = -1 }: CacheTag) =>
    [KINDS.indexOf(kind), vpid, pcid === "global" ? 4096 : pcid, ep4ta] as const;
  return [...rows.values()]
    .sort((a, b) => {
      const left = order(a.tag);
      const right = order(b.tag);
      const at = left.findIndex((value, i) => value !== right[i]);
      return at < 0 ? 0 : left[at]! - right[at]!;
    })
    .map((row, i) => ({ ...row, letter: LETTERS[i] ?? "#" }));
}

export function walkHead({ cpu, gla, access, paging, cr3, eptp }: Walk): string {
  const who = `${access.user ? "user-mode" : "supervisor-mode"} ${access.kind}`;
  const tables = paging === "none" ? "no paging" : `${paging} paging, CR3 ${hexAddress(cr3)}`;
  const ept = eptp === undefined ? "no EPT" : `EPTP ${hexAddress(eptp)}`;
  return `Walk of ${hexAddress(gla)} for a ${who} on CPU ${cpu}: ${tables}, ${ept}`;
}

/** Where a step has read its entry. */
export function placeWords({ tables, hpa, gpa, translates }: WalkStep): string {
  if (hpa === undefined) return "PDPTE register";
  if (tables === "ept") return `hpa ${hexAddress(hpa)}`;
  return gpa === hpa || gpa === undefined || translates !== undefined
    ? `hpa ${hexAddress(hpa)}`
    : `gpa ${hexAddress(gpa)} = hpa ${hexAddress(hpa)}`;
}

/** What a step's entry leads to. */
export function targetWords({ present, pageBytes, target }: WalkStep): string {
  if (!present) return "not present";
  const what = pageBytes === 0 ? "table" : `${sizeWords(pageBytes)} page`;
  return `${what} at ${hexAddress(target)}`;
}

export function flagWords({ accessed, dirty }: WalkStep): string {
  return `${accessed ? "A" : "-"}${dirty ? "D" : "-"}`;
}

const PAGE_FAULT_BITS = [
  [1, "present"],
  [2, "write"],
  [4, "user"],
  [8, "reserved bit"],
  [16, "fetch"],
  [32, "protection key"],
] as const;

/** What the access meets, as a sentence. */
export function resultWords(result: WalkResult): string {
  switch (result.kind) {
    case "page": {
      const { hpa, gpa, pageBytes, write, execute, user, global, dirty, patType } = result;
      const notes = [
        `${sizeWords(pageBytes)} page`,
        `r${write ? "w" : "-"}${execute ? "x" : "-"}${user ? "u" : "-"}`,
        ...(dirty ? ["dirty"] : []),
        ...(global ? ["global"] : []),
        patType,
        ...(result.apicAccess ? ["APIC-access page"] : []),
      ];
      const from = gpa === hpa ? "" : `, gpa ${hexAddress(gpa)}`;
      return `hpa ${hexAddress(hpa)}${from}: ${notes.join(", ")}`;
    }
    case "page-fault": {
      const bits = PAGE_FAULT_BITS.filter(([bit]) => (result.errorCode & bit) !== 0);
      const words = bits.map(([, word]) => word).join(", ");
      return `page fault, error code ${hexAddress(result.errorCode)}${words && ` (${words})`}`;
    }
    case "not-canonical":
      return "general-protection or stack fault: the address is not canonical";
    case "ept-violation":
      return `EPT violation at gpa ${hexAddress(result.gpa)}, qualification ${hexAddress(result.qualification)}`;
    case "virtualization-exception":
      return `virtualization exception for an EPT violation at gpa ${hexAddress(result.gpa)}, qualification ${hexAddress(result.qualification)}`;
    case "ept-misconfiguration":
      return `EPT misconfiguration at gpa ${hexAddress(result.gpa)}`;
    case "pml-full":
      return `VM exit: the page-modification log is full, at gpa ${hexAddress(result.gpa)}`;
    case "spp-event":
      return `VM exit: SPP-related event at gpa ${hexAddress(result.gpa)}, qualification ${hexAddress(result.qualification)}`;
    case "apic-access":
      return `VM exit: an entry of the guest's tables lies in the APIC-access page, gpa ${hexAddress(result.gpa)}`;
    case "not-ram":
      return `an entry lies at hpa ${hexAddress(result.hpa)}, where no RAM is: not read`;
  }
}
