import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand, temporaryFolder } from "../support/command-line.ts";
import "./support.ts";
import { planFrom } from "../../src/cli/flush/plan-flags.ts";
import { jobsOf } from "../../src/lab/flush/plan.ts";
import { breakEvenRows, breakEvenText } from "../../src/lab/flush/report/charts.ts";
import { reportFiles } from "../../src/lab/flush/report/files.ts";
import { summarize } from "../../src/lab/flush/summary.ts";
import type { JobResult } from "../../src/lab/flush/types.ts";
import { CATALOGUE, FAKE_VERSION, fakeResult, PRESETS, runFake } from "./support.ts";

const folder = temporaryFolder();
type Flags = Parameters<typeof planFrom>[0];

function filesOf(flags: Flags, change = (result: JobResult) => result): Map<string, string> {
  const plan = planFrom(flags, CATALOGUE, PRESETS);
  const summary = summarize(jobsOf(plan).map(fakeResult).map(change), CATALOGUE.strategies);
  const preset = plan.preset === undefined ? undefined : PRESETS.get(plan.preset);
  const input = { plan, version: FAKE_VERSION, summary, catalogue: CATALOGUE, preset };
  return new Map(reportFiles(input).map(({ name, text }) => [name, text]));
}

const SWEPT: Flags = {
  strategies: "all",
  workload: "E1",
  sweep: ["locality=0.2,0.5,0.8,0.95", "l2.guests=1,2,8"],
  seeds: "4",
};

test("a sweep gives its charts as files that stand alone", () => {
  const files = filesOf(SWEPT);
  expect([...files.keys()]).toEqual([
    "cost-E1.svg",
    "relative-E1.svg",
    "break-even-E1.svg",
    "rows-E1.svg",
    "index.html",
  ]);
  for (const [name, text] of files) {
    if (!name.endsWith(".svg")) continue;
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(text).toContain("prefers-color-scheme: dark");
    // Attributes are not broken by quotes, tags are closed.
    expect(text.match(/<text\b/g)?.length).toBe(text.match(/<\/text>/g)?.length);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(text).not.toMatch(/<script|\bhref=|@import|url\((?!#)/);
  }
});

test("charts name right strategies at their lines, in every panel, and no wrong one", () => {
  const cost = filesOf(SWEPT).get("cost-E1.svg")!;
  const labels = [...cost.matchAll(/<text\b[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
  for (const name of ["F0", "F1", "F3"]) {
    expect(labels.filter((label) => label === name).length).toBe(3);
  }
  for (const name of ["F2x", "lazy"]) expect(labels).not.toContain(name);
  for (const guests of [1, 2, 8]) expect(labels).toContain(`l2.guests = ${guests}`);
});

test("labels of lines that end at one place do not cover each other", () => {
  const cost = filesOf(SWEPT).get("cost-E1.svg")!;
  const places = [
    ...cost.matchAll(/<text\b[^>]*translate\(([\d.]+) ([\d.]+)\)[^>]*>F[013]<\/text>/g),
  ].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
  expect(places.length).toBe(9);
  for (const [i, one] of places.entries()) {
    for (const other of places.slice(i + 1)) {
      if (Math.abs(one.x - other.x) < 40) expect(Math.abs(one.y - other.y)).toBeGreaterThan(11);
    }
  }
});

test("the break-even point of made-up costs is where they were made to cross", () => {
  const plan = planFrom(SWEPT, CATALOGUE, PRESETS);
  const rows = breakEvenRows(summarize(jobsOf(plan).map(fakeResult), CATALOGUE.strategies));
  expect(rows.length).toBe(3);
  for (const { found, strategy } of rows) {
    expect(strategy).toBe("F3");
    if (found.kind !== "crossing") throw new Error("no crossing");
    expect(found.at).toBeCloseTo(0.6, 2);
    expect(found.cheaper).toBe("below");
  }
  expect(breakEvenText(rows[0]!)).toMatch(/^l2\.guests = 1: F3 is cheaper below locality = 0\.6/);
});

test("the page asks for nothing from elsewhere and has all that the run had", () => {
  const page = filesOf({ preset: "small" }).get("index.html")!;
  expect(page).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=/);
  expect(
    page.match(/https?:\/\/[^"\s<]+/g)?.every((url) => url.startsWith("http://www.w3.org/")),
  ).toBe(true);
  expect(page).toContain("<h1>A small preset</h1>");
  expect(page).toContain("vmxlab flush --preset small --seeds 3");
  expect(page).toContain("39 runs, seeds 1-3, vmxlab 1.2.3");
  expect(page).toContain('<span class="bad">wrong</span> 4 of 12');
  // The time line of the soonest failing run, with its signs made harmless.
  expect(page).toContain("F2x: wrong in 4 of 12 runs");
  expect(page).toContain("guest &#60;stale&#62;");
  for (const text of ["flush_all", "locality", "0.2, 0.8", "± ", "not ranked"]) {
    expect(page).toContain(text);
  }
  expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test("the same results give the same files", () => {
  const [first, second] = [filesOf(SWEPT), filesOf(SWEPT)];
  const plain = (text: string) => text.replace(/zr\d+-/g, "zr-");
  for (const [name, text] of first) expect(plain(second.get(name)!)).toBe(plain(text));
});

test("a report of one run, or of none that is right, has no charts that mean nothing", () => {
  const one = filesOf({ strategies: "F1", workload: "E2", seeds: "1" });
  expect([...one.keys()]).toEqual(["rows-E2.svg", "index.html"]);
  const none = filesOf(SWEPT, (result) => ({ ...result, verdict: "failed", error: "it <threw>" }));
  expect([...none.keys()]).toEqual(["index.html"]);
  expect(none.get("index.html")).toContain("it &#60;threw&#62;");
});

test("the command writes the report, and again the same one from the results that it kept", async () => {
  const path = join(folder, "report");
  const args = ["--preset", "small", "--report", path];
  expect((await runFake(args)).status).toBe(0);
  const names = ["cost-E1.svg", "index.html", "relative-E1.svg", "results.jsonl"];
  for (const name of names) expect(readdirSync(path)).toContain(name);
  const texts = names.map((name) => readFileSync(join(path, name), "utf8"));
  expect((await runFake(args)).status).toBe(0);
  expect(names.map((name) => readFileSync(join(path, name), "utf8"))).toEqual(texts);
});

test("a report that cannot be written leaves the results", async () => {
  const path = join(folder, "blocked");
  mkdirSync(join(path, "index.html"), { recursive: true });
  const args = ["--strategies", "F1", "--workload", "E1", "--report", path];
  const { status, stderr } = await runFake(args);
  expect(stderr).toMatch(/^vmxlab: cannot write ".*index\.html": [^\n]*\n$/);
  expect(status).toBe(74);
  expect(readFileSync(join(path, "results.jsonl"), "utf8").split("\n").length).toBe(7);
});

test("the lab's own results make a report", async () => {
  const path = join(folder, "own");
  const plan = ["--strategies", "F1,F3,F7x", "--workload", "E7", "--sweep", "locality=0.2,0.9"];
  const args = ["flush", ...plan, "--set", "ticks=20000", "--seeds", "2", "--report", path];
  expect((await runCommand(args)).status).toBe(0);
  const page = readFileSync(join(path, "index.html"), "utf8");
  expect(page).toContain("E7: modelled cycles of a run, by locality");
  expect(page).toContain("vCPUs change their processors");
});
