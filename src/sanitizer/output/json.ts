/** Reports and ledger as JSON: addresses and entry values are strings in hexadecimal. */
import type { Sanitizer } from "../sanitizer.ts";
import type { EntryDescription, LedgerRow, SanitizerReport, Site } from "../types.ts";
import { hex, type Names } from "./names.ts";

/** Raised by one whenever a field changes its meaning or goes away. */
export const SANITIZER_JSON_VERSION = 1;

const optional = (value: number | bigint | undefined) => (value === undefined ? null : hex(value));

export function sanitizerJson(sanitizer: Sanitizer, names: Names = {}) {
  return {
    format: "vmxlab-sanitizer-report",
    formatVersion: SANITIZER_JSON_VERSION,
    counts: sanitizer.counts,
    reports: sanitizer.reports.map((report) => reportJson(report, names)),
    ledger: sanitizer.ledger.map((row) => ledgerJson(row, names)),
  };
}

function siteJson(site: Site, names: Names) {
  const { cpu, layer, time, actor, rip } = site;
  return {
    cpu,
    layer,
    timeNs: time,
    actor: actor ?? null,
    address: hex(rip),
    symbol: names.symbol?.(rip) ?? null,
  };
}

function reportJson(report: SanitizerReport, names: Names) {
  const { kind, level, message, sdm, count, access, entry, store, reuse, flushes } = report;
  return {
    kind,
    level,
    message,
    sdm,
    count,
    access: access
      ? {
          site: siteJson(access.site, names),
          instruction: names.disassemble?.(access.code, access.bits, access.site.rip) ?? null,
          kind: access.kind,
          user: access.user,
          gla: optional(access.gla),
          gpa: optional(access.gpa),
          hpa: hex(access.hpa),
          hpaNow: optional(access.hpaNow),
        }
      : null,
    entry: entry ? entryJson(entry, names) : null,
    store: store
      ? {
          site: siteJson(store.site, names),
          entryHpa: hex(store.entryHpa),
          level: store.level,
          ept: store.ept,
          before: hex(store.before),
          after: hex(store.after),
        }
      : null,
    reuse: reuse
      ? { how: reuse.how, hpa: hex(reuse.hpa), site: siteJson(reuse.site, names) }
      : null,
    flushes: flushes.map(({ operation, text, site, miss, why }) => ({
      operation,
      text,
      site: siteJson(site, names),
      miss: miss ?? null,
      why,
    })),
  };
}

function entryJson(entry: EntryDescription, names: Names) {
  const { what, tags, address, bytes, hpa, gpa, writable, user, filled } = entry;
  return {
    what,
    cpu: tags.cpu,
    vpid: tags.vpid ?? null,
    pcid: tags.pcid !== undefined && tags.pcid < 0x1000 ? tags.pcid : null,
    global: tags.pcid !== undefined && tags.pcid >= 0x1000,
    ep4ta: optional(tags.ep4ta),
    address: hex(address),
    bytes,
    hpa: hex(hpa),
    gpa: hex(gpa),
    writable,
    user,
    filled: siteJson(filled, names),
  };
}

function ledgerJson({ rip, actor, ...row }: LedgerRow, names: Names) {
  return {
    ...row,
    address: hex(rip),
    symbol: names.symbol?.(rip) ?? null,
    actor: actor ?? null,
  };
}
