import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`),
].filter((name) => name.endsWith(".md"));

function read(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

test.each(PAGES)("%s links to files that exist", (page) => {
  const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(
    (m) => m[1]!,
  );
  for (const target of targets) {
    expect(existsSync(join(ROOT, dirname(page), target)), target).toBe(true);
  }
});

test.each(PAGES)("%s names scripts and source files that exist", (page) => {
  const text = read(page);
  const { scripts } = JSON.parse(read("package.json"));
  for (const [, script] of text.matchAll(/npm run (?:-s )?([a-z][a-z0-9:-]*)/g)) {
    expect(scripts, script).toHaveProperty(script!.split(" ")[0]!.replaceAll(".", "\\."));
  }
  for (const [, path] of text.matchAll(/`((?:src|assembly|test|tools|bench)\/[\w/.-]+\.ts)`/g)) {
    expect(existsSync(join(ROOT, path!)), path).toBe(true);
  }
});

test("README.md and docs/ lead to every page", () => {
  const linked = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\]\(((?:docs\/)?[\w-]+\.md)/g)].map((m) => m[1]!.split("/").at(-1)),
  );
  for (const page of PAGES.filter((name) => name.startsWith("docs/"))) {
    expect(linked, page).toContain(page.split("/").at(-1));
  }
});

test("the example of docs/add-an-instruction.md is the core's own code", () => {
  const page = read("docs/add-an-instruction.md");
  const example = /```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? "";
  expect(example.length).toBeGreaterThan(200);
  expect(read("assembly/execute/arithmetic.ts")).toContain(example);
  const row = /```text\n(.*?)\n```/.exec(page)?.[1] ?? "";
  expect(read("src/tables/opcodes/general.ts").replace(/ +/g, " ")).toContain(row);
});

test("docs/add-an-instruction.md explains every attribute of a row", () => {
  const page = read("docs/add-an-instruction.md");
  const source = read("src/tables/opcodes/row.ts");
  const known = /new Set\(\[([^\]]+)\]\)/.exec(source)?.[1]?.match(/\w+/g) ?? [];
  const prefixed = /\^\(([a-z|]+)\):/.exec(source)?.[1]?.split("|") ?? [];
  expect(known.length + prefixed.length).toBeGreaterThan(12);
  for (const name of known) expect(page).toContain(`\`${name}\``);
  for (const name of prefixed) expect(page).toContain(`\`${name}:`);
});
