/** Reports and ledger as text for people. */
import type { SanitizerCounts } from "../sanitizer.ts";
import type {
  AccessDescription,
  EntryDescription,
  LedgerRow,
  Reuse,
  SanitizerReport,
  StoreDescription,
} from "../types.ts";
import { hex, type Names, placeText } from "./names.ts";

const LABEL_COLUMNS = 11;

const label = (name: string, text: string) => `  ${name.padEnd(LABEL_COLUMNS - 2)}${text}`;
const number = (value: number) => value.toLocaleString("en-US");

/** One report, several lines with a newline each. */
export function reportText(report: SanitizerReport, names: Names = {}): string {
  const { kind, level, message, count, access, entry, store, reuse, flushes, sdm } = report;
  const times = count > 1 && kind !== "redundant-flush" ? `, ${number(count)} times` : "";
  const lines = [`${kind} (${level}${times}): ${message}`];
  if (access) lines.push(...accessLines(access, names));
  if (entry) lines.push(...entryLines(entry, names));
  if (store) lines.push(...storeLines(store, names));
  if (reuse) lines.push(label("reused", reuseText(reuse, names)));
  for (const flush of flushes) {
    const at = `${flush.text}, ${timeText(flush.site.time)}, by ${placeText(flush.site, names)}`;
    lines.push(label("flush", at), label("", flush.why));
  }
  if (store && flushes.length === 0) lines.push(label("flush", "none since then"));
  lines.push(label("rule", `SDM ${sdm}`));
  return `${lines.join("\n")}\n`;
}

const timeText = (time: number) => `${number(time)} ns`;

function accessLines(access: AccessDescription, names: Names): string[] {
  const { site, kind, user, gla, gpa, hpa, hpaNow, code, bits } = access;
  const linear = gla === undefined ? "" : ` linear ${hex(gla)}`;
  const physical = gpa === undefined ? "" : ` guest-physical ${hex(gpa)}`;
  const what = code.length > 0 ? names.disassemble?.(code, bits, site.rip) : undefined;
  const by = `${user ? "user " : ""}${kind} of${linear}${physical}, ${timeText(site.time)}`;
  const lines = [label("access", `${by}, by ${placeText(site, names)}`)];
  if (what !== undefined) lines.push(label("", what));
  const now = hpaNow === undefined ? "would now be refused" : `would now lead to ${hex(hpaNow)}`;
  lines.push(label("", `it went to ${hex(hpa)}; a walk ${now}`));
  return lines;
}

const SIZES: Readonly<Record<number, string>> = {
  4096: "4 KiB",
  2097152: "2 MiB",
  4194304: "4 MiB",
  1073741824: "1 GiB",
};

const ENTRY_NAMES: Readonly<Record<EntryDescription["what"], string>> = {
  linear: "linear mapping",
  combined: "combined mapping",
  "guest-physical": "guest-physical mapping",
  structure: "paging-structure-cache entry",
  "ept-structure": "paging-structure-cache entry of the EPT",
};

function entryLines(entry: EntryDescription, names: Names): string[] {
  const { what, tags, address, bytes, hpa, writable, user, filled } = entry;
  const parts = [`CPU ${tags.cpu}`];
  if (tags.vpid !== undefined) parts.push(`VPID ${tags.vpid}`);
  if (tags.pcid !== undefined) parts.push(tags.pcid >= 0x1000 ? "global" : `PCID ${tags.pcid}`);
  if (tags.ep4ta !== undefined) parts.push(`EP4TA ${hex(tags.ep4ta)}`);
  const size = SIZES[bytes] ?? `${number(bytes / 2 ** 30)} GiB`;
  const rights = `${user ? "user, " : ""}${writable ? "writable" : "read-only"}`;
  return [
    label("entry", `${ENTRY_NAMES[what]} of ${hex(address)} to ${hex(hpa)}, ${size}, ${rights}`),
    label("", parts.join(", ")),
    label("", `filled ${timeText(filled.time)}, by ${placeText(filled, names)}`),
  ];
}

function storeLines(store: StoreDescription, names: Names): string[] {
  const { site, entryHpa, level, ept, before, after } = store;
  const which = `${ept ? "EPT" : "paging-structure"} entry of level ${level} at ${hex(entryHpa)}`;
  return [
    label("changed", `${which}: ${hex(before)} to ${hex(after)}`),
    label("", `${timeText(site.time)}, by ${placeText(site, names)}`),
  ];
}

const REUSES: Readonly<Record<Reuse["how"], string>> = {
  written: "written",
  mapped: "mapped elsewhere",
  freed: "freed",
  "apic-access": "the APIC-access page when used",
};

function reuseText({ how, site, hpa }: Reuse, names: Names): string {
  const what = `${hex(hpa)} was ${REUSES[how]}`;
  return how === "apic-access"
    ? what
    : `${what}, ${timeText(site.time)}, by ${placeText(site, names)}`;
}

/** The last line: what all came to. */
export function summaryText(reports: readonly SanitizerReport[], counts: SanitizerCounts): string {
  const errors = reports.filter(({ level }) => level === "error").length;
  const redundant = reports.filter(({ kind }) => kind === "redundant-flush").length;
  const parts = [
    plural(errors, "error"),
    plural(redundant, "place that flushes needlessly", "places that flush needlessly"),
    `${plural(counts.windowUses, "use")} of stale translations before a flush was due`,
  ];
  const untracked = counts.untracked > 0 ? [`${number(counts.untracked)} not followed`] : [];
  const followed = [`${number(counts.fills)} translations followed`, ...untracked];
  return `${[...parts, ...followed].join(", ")}\n`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return count === 1 ? `1 ${one}` : `${number(count)} ${many}`;
}

const COLUMNS = ["times", "needed", "dropped", "stale", "refills", "reads"] as const;

/** The ledger, a line for each place; the busiest `rows` of them. */
export function ledgerText(ledger: readonly LedgerRow[], names: Names = {}, rows = 40): string {
  const head = `verdict    ${COLUMNS.map((name) => name.padStart(9)).join("")}  flush`;
  const lines = ledger.slice(0, rows).map((row) => {
    const { times, timesNeeded, dropped, stale, refills, refillReferences } = row;
    const numbers = [times, timesNeeded, dropped, stale, refills, refillReferences];
    const symbol = row.actor ?? names.symbol?.(row.rip);
    const at = `${hex(row.rip)}${symbol === undefined ? "" : ` <${symbol}>`}`;
    const columns = numbers.map((value) => String(value).padStart(9)).join("");
    return `${row.verdict.padEnd(11)}${columns}  ${row.operation} at ${at}`;
  });
  const rest = ledger.length - lines.length;
  const more = rest > 0 ? [`and ${number(rest)} more places`] : [];
  return `${[head, ...lines, ...more].join("\n")}\n`;
}
