/** The report of a run as text for a person. */
import type { RunReport } from "./report.ts";

const LABEL_WIDTH = 16;

function count(value: number): string {
  return value.toLocaleString("en-US");
}

function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Nanoseconds with the unit in which they are read best. */
export function duration(ns: number): string {
  if (ns >= 1e9) return `${(ns / 1e9).toFixed(3)} s`;
  if (ns >= 1e6) return `${(ns / 1e6).toFixed(3)} ms`;
  return `${(ns / 1e3).toFixed(3)} us`;
}

/** Lines of the statistics, each `label` followed by what was counted. */
export function statisticsText(report: RunReport): string {
  const { options, host, interrupts, tlb, decoder } = report;
  const lines: string[] = [];
  const add = (label: string, ...rows: readonly string[]) => {
    rows.forEach((row, i) => {
      lines.push(`${(i === 0 ? label : "").padEnd(LABEL_WIDTH)}${row}`);
    });
  };
  add("stop", `${report.stop.message} (status ${report.stop.status})`);
  if (options.imageNotes.length > 0) add("image", ...options.imageNotes);
  add(
    "machine",
    `${plural(options.cpus, "processor")} ${options.cpuModel}, ` +
      `${count(options.memoryBytes / 2 ** 20)} MiB, TLB ${options.tlb}, seed ${options.seed}`,
  );
  add("instructions", count(report.instructions));
  add("virtual time", duration(report.virtualTimeNs));
  add(
    "wall time",
    `${duration(host.wallSeconds * 1e9)}, ` +
      `${host.millionInstructionsPerSecond.toFixed(1)} million instructions/s`,
  );
  add("exceptions", ...listOrNone(report.exceptions.map((e) => `${e.name} ${count(e.count)}`)));
  add(
    "interrupts",
    `external ${count(interrupts.external)}, NMI ${count(interrupts.nmi)}, ` +
      `software ${count(interrupts.software)}`,
  );
  add("TLB", ...tlbRows(tlb));
  add(
    "decoder",
    `${plural(decoder.blocksDecoded, "block")} decoded, ` +
      `${count(decoder.blocksInvalidated)} dropped because their code was written to`,
  );
  add("ports", ...rowsOrNone(portRows(report)));
  add("device memory", ...rowsOrNone(mmioRows(report)));
  if (report.vmx.entries > 0 || report.vmx.lastEntryFailure) add("VMX", ...vmxRows(report.vmx));
  add("modelled cycles", ...cycleRows(report.modelledCycles));
  if (report.undefinedOpcodes.length > 0) add("undefined", ...undefinedRows(report));
  return `${lines.join("\n")}\n`;
}

function listOrNone(words: readonly string[]): string[] {
  return [words.length === 0 ? "none" : words.join(", ")];
}

function rowsOrNone(rows: readonly string[]): readonly string[] {
  return rows.length === 0 ? ["none used"] : rows;
}

function tlbRows(tlb: RunReport["tlb"]): string[] {
  return [
    `${count(tlb.hitsFirstLevel)} first-level hits, ${count(tlb.hitsSecondLevel)} second-level ` +
      `hits (behind the front), ${plural(tlb.misses, "walk")}`,
    `walks for ${plural(tlb.missesByAccess.load, "load")}, ` +
      `${plural(tlb.missesByAccess.store, "store")}, ` +
      `${plural(tlb.missesByAccess.fetch, "fetch", "fetches")}`,
    `${plural(tlb.walkReferences, "table entry", "table entries")} read by walks` +
      (tlb.eptReferences > 0 ? ` and ${count(tlb.eptReferences)} of the EPT` : "") +
      `, ${plural(tlb.evictions, "eviction")}`,
    ...tlb.caches
      .filter(({ fills }) => fills > 0)
      .map(
        ({ name, hits, fills, evictions }) =>
          `${name.padEnd(20)} ${plural(hits, "hit")}, ${plural(fills, "fill")}, ` +
          plural(evictions, "eviction"),
      ),
    ...tlb.flushes.map(
      ({ operation, times, dropped }) =>
        `${operation.padEnd(20)} ${plural(times, "time")}, ` +
        `${plural(dropped, "entry", "entries")} dropped`,
    ),
    `${plural(tlb.cr3Flushes, "flush", "flushes")} and ` +
      `${count(tlb.cr3Kept)} kept by MOV CR3, ${count(tlb.invlpg)} INVLPG, ` +
      `${count(tlb.invpcid)} INVPCID, ${count(tlb.fullFlushes)} full`,
  ];
}

/** What the cost model makes of the counts above. */
export function cycleRows(bill: RunReport["modelledCycles"]): string[] {
  const { preset, referenceLevel, events, total, unpriced } = bill;
  const where = referenceLevel === null ? "" : `, walks read from ${referenceLevel}`;
  const rows = events
    .filter(({ cycles }) => cycles !== null && cycles > 0)
    .map(
      ({ event, count: times, cyclesEach, cycles }) =>
        `${event.padEnd(20)} ${count(times)} x ${cyclesEach} = ${count(cycles!)}`,
    );
  return [
    `${count(total)} for translation by the preset "${preset}"${where}`,
    ...rows,
    ...(unpriced.length > 0 ? [`no figure for ${unpriced.join(", ")}`] : []),
  ];
}

function vmxRows(vmx: RunReport["vmx"]): string[] {
  const { entries, exits, exitReasons, lastEntryFailure } = vmx;
  const reasons = exitReasons.map((reason) => `${reason.name} ${count(reason.count)}`);
  return [
    `${plural(entries, "entry", "entries")}, ${plural(exits, "exit")}`,
    ...(reasons.length > 0 ? [reasons.join(", ")] : []),
    ...(lastEntryFailure ? [`last failure: ${lastEntryFailure.message}`] : []),
  ];
}

/** Ports by the device that owns them, in the order of their numbers. */
function portRows(report: RunReport): string[] {
  const devices = new Map<string, { first: string; last: string; reads: number; writes: number }>();
  for (const { port, device, reads, writes } of report.ports) {
    const name = device ?? "nobody";
    const entry = devices.get(name) ?? { first: port, last: port, reads: 0, writes: 0 };
    entry.last = port;
    entry.reads += reads;
    entry.writes += writes;
    devices.set(name, entry);
  }
  return [...devices].map(([name, { first, last, reads, writes }]) => {
    const range = first === last ? first : `${first}-${last}`;
    return useRow(name, range, reads, writes);
  });
}

function mmioRows(report: RunReport): string[] {
  return report.mmio.map((entry) => {
    return useRow(entry.device ?? "nobody", entry.first ?? "", entry.reads, entry.writes);
  });
}

function useRow(name: string, range: string, reads: number, writes: number): string {
  const uses = `${plural(reads, "read")}, ${plural(writes, "write")}`;
  return `${name.padEnd(24)} ${range.padEnd(14)} ${uses}`;
}

const UNDEFINED_ROWS_MAX = 20;

function undefinedRows(report: RunReport): string[] {
  const { undefinedOpcodes } = report;
  const rows = undefinedOpcodes.slice(0, UNDEFINED_ROWS_MAX).map((entry) => {
    const name = entry.symbol === null ? "" : ` <${entry.symbol}>`;
    return `${entry.address}${name}: ${entry.disassembly} (${entry.bytes}), ${count(entry.count)} times`;
  });
  const more = undefinedOpcodes.length - rows.length;
  return more > 0 ? [...rows, `and ${count(more)} more addresses`] : rows;
}
