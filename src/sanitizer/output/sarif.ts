/**
 * Reports as a SARIF 2.1.0 log, for code hosts and editors. A location is the image with an address
 * in it and the function's name: lines of source code would take the image's debug information.
 */
import { ERROR_KINDS, type ReportKind, type SanitizerReport, type Site } from "../types.ts";
import { hex, type Names } from "./names.ts";

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

const RULES: Readonly<Record<ReportKind, string>> = {
  "stale-use": "A translation was used after its page had been given another use",
  "wrong-scope": "A flush of another kind was executed than the change needed",
  "wrong-tag": "A flush named another VPID, PCID or EPTP than the translation has",
  "unsafe-free": "A paging structure was overwritten while a cached entry led to it",
  "torn-entry": "A paging-structure entry was used between the stores of its halves",
  "lost-request": "A flush was requested and not carried out where it was due",
  "stale-window": "A stale translation was used before a flush was due",
  "redundant-flush": "A flush has never removed anything that had changed",
};

export interface SarifOptions {
  /** The image, as a path relative to the root of the repository, or absolute. */
  readonly image: string;
  readonly version: string;
}

export function sanitizerSarif(
  reports: readonly SanitizerReport[],
  { image, version }: SarifOptions,
  names: Names = {},
) {
  const kinds = Object.keys(RULES) as ReportKind[];
  const location = (site: Site, text?: string) => locationOf(site, image, names, text);
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "vmxlab",
            version,
            rules: kinds.map((id) => ({
              id,
              shortDescription: { text: RULES[id] },
              defaultConfiguration: { level: isError(id) ? "error" : "note" },
            })),
          },
        },
        columnKind: "utf16CodeUnits",
        results: reports.map((report) => ({
          ruleId: report.kind,
          ruleIndex: kinds.indexOf(report.kind),
          level: report.level,
          message: { text: `${report.message} (SDM ${report.sdm})` },
          locations: mainSites(report).map((site) => location(site)),
          relatedLocations: relatedSites(report).map(([site, text], id) => ({
            id,
            ...location(site, text),
          })),
          occurrenceCount: report.count,
          partialFingerprints: { sites: fingerprint(report, names) },
        })),
      },
    ],
  };
}

function isError(kind: ReportKind): boolean {
  return (ERROR_KINDS as readonly ReportKind[]).includes(kind);
}

/** Where the report is shown: at the access, else at the flush that it is about. */
function mainSites({ access, flushes }: SanitizerReport): Site[] {
  const site = access?.site ?? flushes[0]?.site;
  return site ? [site] : [];
}

function relatedSites({ access, store, reuse, entry, flushes }: SanitizerReport) {
  const sites: [Site, string][] = [];
  if (store) sites.push([store.site, `the entry at ${hex(store.entryHpa)} was changed here`]);
  if (entry) sites.push([entry.filled, "the translation was cached here"]);
  if (reuse) sites.push([reuse.site, `the old page got its new use here (${reuse.how})`]);
  if (access) for (const { site, text, why } of flushes) sites.push([site, `${text}: ${why}`]);
  return sites;
}

/** The same fault has the same print in another run, and as far as it goes in another build. */
function fingerprint(report: SanitizerReport, names: Names): string {
  const name = (site: Site | undefined) =>
    site ? (site.actor ?? names.symbol?.(site.rip)?.replace(/\+.*/, "") ?? hex(site.rip)) : "";
  return `${report.kind}/${name(report.store?.site)}/${name(mainSites(report)[0])}`;
}

function locationOf(site: Site, uri: string, names: Names, text?: string) {
  const symbol = site.actor ?? names.symbol?.(site.rip);
  // A number of JSON is exact up to 2^53 only.
  const exact = site.rip <= BigInt(Number.MAX_SAFE_INTEGER);
  return {
    physicalLocation: {
      artifactLocation: { uri },
      address: {
        ...(exact ? { absoluteAddress: Number(site.rip) } : {}),
        name: hex(site.rip),
        kind: "instruction",
      },
    },
    ...(symbol === undefined
      ? {}
      : { logicalLocations: [{ fullyQualifiedName: symbol, kind: "function" }] }),
    ...(text === undefined ? {} : { message: { text } }),
  };
}
