/**
 * Writes src/core/core-wasm.ts: the compiled core as a base64 string, so that the package loads
 * alike in Node and in a browser, without reading a file.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const [input = "build/release.wasm"] = process.argv.slice(2);
const bytes = readFileSync(input);
mkdirSync("src/core", { recursive: true });
writeFileSync(
  "src/core/core-wasm.ts",
  `/** The compiled core; written by tools/embed-core.mjs. */\nexport const CORE_WASM_BASE64 =\n  "${bytes.toString("base64")}";\n`,
);
