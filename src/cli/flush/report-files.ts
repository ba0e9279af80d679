/** Writes the report of the flush lab: one page that needs nothing else, and its drawings as files. */
import { join } from "node:path";
import type { ReportInput } from "../../lab/flush/report/page.ts";
import { UsageError } from "../errors.ts";
import { optionalPackage } from "../optional-package.ts";
import { writeWhole } from "../output-file.ts";

const load = () =>
  optionalPackage("--report", "echarts", () => import("../../lab/flush/report/files.ts"));

/** @throws UsageError when the library that draws is not installed */
export async function checkReport(): Promise<void> {
  await load();
}

/** Writes index.html and the SVG files into `folder`. @throws OutputError */
export async function writeReport(folder: string, input: ReportInput): Promise<void> {
  if (folder === "") throw new UsageError("--report: give a folder");
  const { reportFiles } = await load();
  for (const { name, text } of reportFiles(input)) writeWhole(join(folder, name), text);
}
