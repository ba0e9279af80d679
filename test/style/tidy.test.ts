import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const LINES_MAX = 600;
/** Tests hold long lists of cases. */
const TEST_LINES_MAX = 700;
/** The formatter holds code to 100 columns but does not break comments. */
const COMMENT_COLUMNS_MAX = 106;
const FOLDERS = ["src", "assembly", "bench", "tools", "test"];

interface Source {
  readonly path: string;
  readonly text: string;
}

function sourcesBelow(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|mjs|cjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[/\\]generated[/\\]|core-wasm\.ts$/.test(path))
    .map((path) => ({
      path: path.slice(ROOT.length).replaceAll("\\", "/"),
      text: readFileSync(path, "utf8"),
    }));
}

const SOURCES = FOLDERS.flatMap(sourcesBelow);

/** Paths of the sources for which `isBad` holds. */
function offenders(sources: readonly Source[], isBad: (source: Source) => boolean): string[] {
  return sources.filter(isBad).map(({ path }) => path);
}

const inFolder = (folder: string) => SOURCES.filter(({ path }) => path.startsWith(`${folder}/`));
const CORE = inFolder("assembly");
const HOST = inFolder("src");

/** Without comments and string literals, roughly: enough to look for words. */
function codeOf(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|[^:])\/\/.*$/gm, "$1")
    .replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
}

test("sources are found", () => {
  expect(CORE.length).toBeGreaterThan(80);
  expect(HOST.length).toBeGreaterThan(80);
});

test("files are short", () => {
  const bad = ({ path, text }: Source) =>
    text.split("\n").length - 1 > (path.startsWith("test/") ? TEST_LINES_MAX : LINES_MAX);
  expect(offenders(SOURCES, bad)).toEqual([]);
});

test(`comments have at most ${COMMENT_COLUMNS_MAX} columns`, () => {
  const isLong = (line: string) =>
    line.length > COMMENT_COLUMNS_MAX && /^\s*(\/\/|\/?\*)/.test(line) && !/https?:/.test(line);
  expect(offenders(SOURCES, ({ text }) => text.split("\n").some(isLong))).toEqual([]);
});

test("the first lines of a file of the core or the host say what it owns", () => {
  const bad = ({ text }: Source) => !/^(#!.*\n)?\/\*\*/.test(text);
  expect(offenders([...CORE, ...HOST], bad)).toEqual([]);
});

test("only the command line imports what only Node has", () => {
  const bad = ({ path, text }: Source) => !path.startsWith("src/cli/") && /from "node:/.test(text);
  expect(offenders(HOST, bad)).toEqual([]);
});

test("no clock, no chance and no environment of the host reaches the machine", () => {
  const bad = ({ path, text }: Source) =>
    !path.startsWith("src/cli/") &&
    /Math\.random|Date\.now|new Date\(\)|process\./.test(codeOf(text));
  expect(offenders(HOST, bad)).toEqual([]);
});

test("wall time only bounds a run", () => {
  const bad = ({ path, text }: Source) =>
    !path.startsWith("src/cli/") && /performance\.now/.test(codeOf(text));
  expect(offenders(HOST, bad)).toEqual(["src/machine/machine.ts"]);
});

test("the core allocates nothing and has no objects", () => {
  const bad = ({ text }: Source) =>
    /\bnew [A-Z]|\bclass |=> |\bthrow |\[\]|new Array|String\b/.test(codeOf(text));
  expect(offenders(CORE, bad)).toEqual([]);
});

test("the core imports nothing from the host's sources", () => {
  expect(offenders(CORE, ({ text }) => /from "[./]*src\//.test(text))).toEqual([]);
});

test("nothing is left to do silently", () => {
  const word = new RegExp(["TO", "DO|FIX", "ME|X", "XX"].join(""));
  expect(offenders(SOURCES, ({ text }) => word.test(text))).toEqual([]);
});
