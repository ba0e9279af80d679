/**
 * Writes every file made from src/tables: constants and decode tables of the core, the dispatch
 * switch, host-side constants and the tables in docs/. `--check` fails when a file is stale.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generateDecodeTables, generateFeatures } from "./generate/decode-tables.ts";
import { generateDispatch } from "./generate/dispatch.ts";
import { generateFlushLab } from "./generate/flush-lab.ts";
import { generateFlushOperations } from "./generate/flush-operations.ts";
import { generateState } from "./generate/state.ts";
import { generateSupportMatrix } from "./generate/support-matrix.ts";
import { generateVersion } from "./generate/version.ts";
import { generateVmx } from "./generate/vmx.ts";
import { generateVmxDocs } from "./generate/vmx-docs.ts";
import { generateVmxGuest } from "./generate/vmx-guest.ts";
import { generateVmxFields } from "./generate/vmx-support.ts";

export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

const files: GeneratedFile[] = [
  ...generateState(),
  ...generateFeatures(),
  ...generateDecodeTables(),
  ...generateDispatch(),
  ...generateFlushLab(),
  ...generateFlushOperations(),
  ...generateSupportMatrix(),
  ...generateVersion(),
  ...generateVmx(),
  ...generateVmxDocs(),
  ...generateVmxFields(),
  ...generateVmxGuest(),
];

const check = process.argv.includes("--check");
let stale = 0;
for (const { path, text } of files) {
  const current = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (current === text) continue;
  stale++;
  if (check) {
    console.error(`${path} is stale: run "npm run generate"`);
    continue;
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`wrote ${path}`);
}
if (check && stale > 0) process.exit(1);
