/** What `--sanitize` prints and writes at the end of a run. */

import { VERSION } from "../generated/version.ts";
import type { SymbolTable } from "../loaders/symbols.ts";
import type { Machine } from "../machine/machine.ts";
import { sanitizerJson } from "../sanitizer/output/json.ts";
import type { Names } from "../sanitizer/output/names.ts";
import { sanitizerSarif } from "../sanitizer/output/sarif.ts";
import { ledgerText, reportText, summaryText } from "../sanitizer/output/text.ts";
import { loadDisassembler } from "./disassembler.ts";
import { writeWhole } from "./output-file.ts";
import { nameOf } from "./symbols.ts";

export interface SanitizerPlan {
  /** Files for the reports in JSON and in SARIF. */
  readonly json: string | undefined;
  readonly sarif: string | undefined;
}

/** Writes the files; returns the text for the standard error, with the ledger when asked for. */
export async function sanitizerOutput(
  machine: Machine,
  plan: SanitizerPlan,
  image: string,
  symbols: SymbolTable | undefined,
  ledger: boolean,
): Promise<string> {
  const { sanitizer } = machine;
  if (!sanitizer) return "";
  const { reports } = sanitizer;
  const names = await namesFor(symbols, reports.length > 0);
  if (plan.json !== undefined) {
    const { cpus, tlb, seed } = machine.options;
    const body = { vmxlab: VERSION, image, cpus, tlb: tlb.name, seed };
    writeJson(plan.json, { ...body, ...sanitizerJson(sanitizer, names) });
  }
  if (plan.sarif !== undefined) {
    writeJson(plan.sarif, sanitizerSarif(reports, { image, version: VERSION }, names));
  }
  const shown = reports.filter(({ kind }) => kind !== "redundant-flush");
  const texts = shown.map((report) => `${reportText(report, names)}\n`);
  const summary = `vmxlab: TLB sanitizer: ${summaryText(reports, sanitizer.counts)}`;
  return texts.join("") + summary + (ledger ? ledgerText(sanitizer.ledger, names) : "");
}

function writeJson(path: string, value: unknown): void {
  writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

async function namesFor(symbols: SymbolTable | undefined, disassemble: boolean): Promise<Names> {
  const symbol = (address: bigint) => nameOf(symbols, address);
  if (!disassemble) return { symbol };
  const disassembler = await loadDisassembler();
  return {
    symbol,
    disassemble: (code, bits, address) =>
      code.length === 0 ? undefined : disassembler.decode(code, bits, address).text,
  };
}
