/** The files of a report by name. */
import { drawings } from "./charts.ts";
import { standalone } from "./draw.ts";
import { type ReportInput, reportPage } from "./page.ts";
import { PAPER } from "./palette.ts";

export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

export function reportFiles(input: ReportInput): ReportFile[] {
  const charts = drawings(input.summary);
  return [
    ...charts.map((chart) => ({ name: `${chart.name}.svg`, text: standalone(chart, PAPER) })),
    { name: "index.html", text: reportPage(input, charts) },
  ];
}
