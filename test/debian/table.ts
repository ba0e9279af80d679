/** The table of a boot: what it took to each mark, here and in QEMU. */
import { MARKS } from "./initramfs.ts";
import type { Moment, Transcript } from "./transcript.ts";

const GIGA = 1e9;

const times = (moment: Moment | undefined) =>
  [moment?.seconds, moment?.cpuSeconds].map((seconds) => seconds?.toFixed(2) ?? "");

/** Rows of a Markdown table. */
export function bootTable(here: Transcript, qemu: Transcript | undefined): string {
  const head = ["mark", "instructions", "seconds", "CPU seconds"];
  const qemuHead = qemu ? ["seconds in QEMU", "CPU seconds in QEMU"] : [];
  const rows = MARKS.map((mark) => {
    const moment = here.marks.get(mark);
    const { instructions } = moment ?? {};
    const count = instructions === undefined ? "" : `${(instructions / GIGA).toFixed(3)} G`;
    return [mark, count, ...times(moment), ...(qemu ? times(qemu.marks.get(mark)) : [])];
  });
  return markdown([[...head, ...qemuHead], ...rows]);
}

/** The first column to the left, the others to the right. */
function markdown(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows as [readonly string[], ...(readonly string[])[]];
  const widths = head.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const pad = (cell: string, i: number) =>
    i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  const line = (row: readonly string[]) => `| ${row.map(pad).join(" | ")} |`;
  const rule = (width: number, i: number) => "-".repeat(width + 1) + (i === 0 ? "-" : ":");
  return [line(head), `|${widths.map(rule).join("|")}|`, ...body.map(line)].join("\n");
}
