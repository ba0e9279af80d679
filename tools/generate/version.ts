/** src/generated/version.ts: the version of the package, for code that cannot read files. */
import { readFileSync } from "node:fs";
import type { GeneratedFile } from "../generate.ts";

export function generateVersion(): GeneratedFile[] {
  const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
  const lines = [
    "/** Written by `npm run generate` from package.json; do not edit. */",
    `export const VERSION = ${JSON.stringify(version)};`,
    "",
  ];
  return [{ path: "src/generated/version.ts", text: lines.join("\n") }];
}
