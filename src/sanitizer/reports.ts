/** The list of reports, one for each kind and pair of places, and the parts that they show. */
import { RIGHT, WHAT } from "./feed.ts";
import type { FlushEvent } from "./flush-log.ts";
import type { Entry } from "./records.ts";
import type {
  EntryDescription,
  EntryWhat,
  FlushDescription,
  Miss,
  SanitizerReport,
} from "./types.ts";

/** Different reports that are kept; further ones are counted alone. */
export const REPORTS_MAX = 1000;

export class ReportList {
  readonly reports: SanitizerReport[] = [];
  private readonly byKey = new Map<string, SanitizerReport>();
  errors = 0;
  onReport: ((report: SanitizerReport) => void) | undefined;

  /** Adds a report, or counts it when one of its kind is known by the same `key`. */
  add(report: Omit<SanitizerReport, "count">, key: string): void {
    const full = `${report.kind}/${key}`;
    const known = this.byKey.get(full);
    if (known) {
      known.count++;
      return;
    }
    if (this.byKey.size >= REPORTS_MAX) return;
    const added = { ...report, count: 1 };
    this.byKey.set(full, added);
    this.reports.push(added);
    if (report.level === "error") this.errors++;
    this.onReport?.(added);
  }
}

export function describeEntry(entry: Entry): EntryDescription {
  const { cpu, linear, vpid, pcid, ep4ta } = entry;
  const tags = {
    cpu,
    vpid: linear ? vpid : undefined,
    pcid: linear ? pcid : undefined,
    ep4ta,
  };
  return {
    what: whatOf(entry),
    tags,
    address: entry.address & ~((1n << BigInt(entry.sizeLog)) - 1n),
    bytes: 2 ** entry.sizeLog,
    hpa: entry.hpa,
    gpa: entry.gpa,
    writable: linear ? (entry.rights & RIGHT.WRITE) !== 0 : (entry.rights & 2) !== 0,
    user: linear && (entry.rights & RIGHT.USER) !== 0,
    filled: entry.filled,
  };
}

function whatOf({ what, ep4ta }: Entry): EntryWhat {
  if (what === WHAT.physical) return "guest-physical";
  if (what === WHAT.structure) return "structure";
  if (what === WHAT.eptStructure) return "ept-structure";
  return ep4ta === undefined ? "linear" : "combined";
}

const hex = (value: number | bigint) => `0x${value.toString(16)}`;

export function describeFlush(event: FlushEvent, miss: Miss, why: string): FlushDescription {
  const { scope, where } = event;
  const { rule } = scope;
  const operands: string[] = [];
  if (rule.linear !== "none" && rule.vpid === "same") operands.push(`VPID ${scope.vpid}`);
  if (rule.pcid === "same") operands.push(`PCID ${scope.pcid}`);
  if (rule.ep4ta === "same" && scope.ep4ta !== undefined)
    operands.push(`EP4TA ${hex(scope.ep4ta)}`);
  if (rule.address !== "any" && scope.glaPage !== undefined) {
    operands.push(`address ${hex(BigInt(scope.glaPage) << 12n)}`);
  }
  return {
    operation: rule.name,
    site: where,
    text: [rule.text, ...operands].join(" "),
    miss,
    why,
  };
}
