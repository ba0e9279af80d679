import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { STATUS_TABLE } from "../../src/cli/exit-status.ts";
import { TRACE_KINDS } from "../../src/cli/trace-kinds.ts";
import { GUESTS, ROOT, runCommand, runGuest, temporaryFolder } from "../support/command-line.ts";

const page = readFileSync(join(ROOT, "docs/cli.md"), "utf8");
const folder = temporaryFolder();

test("docs/cli.md has every option of run and no other", async () => {
  const { stdout } = await runCommand(["run", "--help"]);
  const own = new Set(stdout.match(/(?<=^ {2}(?:-\w, )?)--[a-z0-9-]+/gm));
  own.delete("--help");
  expect(own.size).toBeGreaterThan(25);
  const section = page.slice(page.indexOf("## vmxlab run"), page.indexOf("## Exit status"));
  expect(new Set(section.match(/--[a-z0-9-]+[a-z0-9]/g)?.filter((o) => o !== "--json"))).toEqual(
    new Set([...own].filter((option) => option !== "--json")),
  );
  expect(section).toContain("`--json FILE`");
});

test("docs/cli.md has every option of tlb that run has not", async () => {
  const options = async (command: string) => {
    const { stdout } = await runCommand([command, "--help"]);
    return new Set(stdout.match(/(?<=^ {2}(?:-\w, )?)--[a-z0-9-]+/gm));
  };
  const shared = new Set(await options("run"));
  for (const own of ["--timeout", "--costs", "--json", "--stats"]) shared.delete(own);
  const section = page.slice(page.indexOf("## vmxlab tlb"), page.indexOf("## vmxlab disasm"));
  const wanted = [...(await options("tlb"))].filter((option) => !shared.has(option));
  expect(wanted.length).toBeGreaterThan(8);
  const rows = [...section.matchAll(/^\| `(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option);
  expect(new Set(rows)).toEqual(new Set(wanted));
});

test("docs/cli.md has every option of flush and no other", async () => {
  const { stdout } = await runCommand(["flush", "--help"]);
  const own = new Set(stdout.match(/(?<=^ {2}(?:-\w, )?)--[a-z-]+/gm));
  own.delete("--help");
  expect(own.size).toBeGreaterThan(10);
  const section = page.slice(page.indexOf("## vmxlab flush"));
  const rows = [...section.matchAll(/^\| `(--[a-z-]+)/gm)].map(([, option]) => option);
  expect(new Set(rows)).toEqual(own);
});

test("docs/cli.md has every exit status and trace kind", () => {
  const section = page.slice(page.indexOf("## Exit status"), page.indexOf("## The report"));
  const rows = [...section.matchAll(/^\| (odd|\d+) \|/gm)].map(([, status]) => status);
  expect(rows).toEqual(STATUS_TABLE.map(({ status }) => status));
  const kinds = page.slice(page.indexOf("### Traces"), page.indexOf("## Exit status"));
  expect([...kinds.matchAll(/^\| `(\w+)` \|/gm)].map(([, kind]) => kind)).toEqual(TRACE_KINDS);
});

test("docs/cli.md names every field of the report", async () => {
  const path = join(folder, "report.json");
  await runGuest(["--json", path, `${GUESTS}/protected32.elf`]);
  const report = JSON.parse(readFileSync(path, "utf8"));
  const section = page.slice(page.indexOf("## The report"));
  for (const field of Object.keys(report)) expect(section).toContain(`\`${field}\``);
  for (const group of [
    "options",
    "stop",
    "tlb",
    "decoder",
    "host",
    "interrupts",
    "vmx",
    "modelledCycles",
  ]) {
    for (const field of Object.keys(report[group])) expect(section).toContain(`\`${field}\``);
  }
});

/** Lines behind "stop" are counts and times, which change with the emulator: only their form counts. */
function comparable(lines: readonly string[]): string[] {
  const statistics = lines.findIndex((line) => line.startsWith("stop "));
  return lines.map((line, i) => (i < statistics ? line : line.replace(/[\d,.]+(?: m?s\b)?/g, "#")));
}

test("README.md shows what the demonstration prints", async () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  const transcript = /```text\n\$ npm start\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const { stdout } = await runCommand(["demo"]);
  const printed = comparable(stdout.split("\n"));
  const shown = comparable(transcript.split("\n")).filter((line) => !/^(?:\.\.\.|#)$/.test(line));
  expect(shown.length).toBeGreaterThan(15);
  for (const line of shown) expect(printed).toContain(line);
});
