import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planFrom } from "../../src/cli/flush/plan-flags.ts";
import { ResultsFile, readResults } from "../../src/cli/flush/results-file.ts";
import { jobsOf } from "../../src/lab/flush/plan.ts";
import { headerLine } from "../../src/lab/flush/results.ts";
import { temporaryFolder } from "../support/command-line.ts";
import { CATALOGUE, FAKE_VERSION, fakeResult, PRESETS } from "./support.ts";

const folder = temporaryFolder();
let files = 0;
const newPath = () => join(folder, `results-${files++}.jsonl`);
const planOf = (seeds: string) =>
  planFrom({ strategies: "F1,F3", workload: "E1", seeds }, CATALOGUE, PRESETS);
const PLAN = planOf("3");
const RESULTS = jobsOf(PLAN).map(fakeResult);

function open(
  path: string,
  changes: { version?: string; overwrite?: boolean; seeds?: string } = {},
) {
  const { version = FAKE_VERSION, overwrite = false, seeds } = changes;
  const plan = seeds === undefined ? PLAN : planOf(seeds);
  return ResultsFile.open({ option: "--results", path, plan, version, overwrite });
}

function finished(): { path: string; text: string } {
  const path = newPath();
  const file = open(path);
  for (const result of RESULTS) file.append(result);
  file.finish();
  return { path, text: readFileSync(path, "utf8") };
}

test("results are in the file as soon as they are there", () => {
  const path = newPath();
  const file = open(path);
  for (const [i, result] of RESULTS.entries()) {
    file.append(result);
    expect(readFileSync(path, "utf8").trimEnd().split("\n").length).toBe(i + 2);
  }
});

test("whatever the order and however often a job came, the finished file is the same", () => {
  const { text } = finished();
  const path = newPath();
  const first = open(path);
  for (const result of RESULTS.slice(3).toReversed()) {
    first.append(result);
    first.append(result);
  }
  first.close();
  expect(readFileSync(path, "utf8")).not.toBe(text);
  const second = open(path);
  expect(second.results.size).toBe(3);
  for (const result of RESULTS.toReversed()) second.append(result);
  second.finish();
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("a finished file is taken up as it is", () => {
  const { path, text } = finished();
  const again = open(path);
  expect(again.results.size).toBe(RESULTS.length);
  again.finish();
  expect(readFileSync(path, "utf8")).toBe(text);
});

test.each([1, 20, 300])("a last line torn after %i characters is dropped", (characters) => {
  const { path, text } = finished();
  const lines = text.trimEnd().split("\n");
  writeFileSync(path, `${lines.slice(0, -1).join("\n")}\n${lines.at(-1)!.slice(0, characters)}`);
  const file = open(path);
  expect(file.results.size).toBe(RESULTS.length - 1);
  for (const result of RESULTS) file.append(result);
  file.finish();
  expect(readFileSync(path, "utf8")).toBe(text);
});

test("a torn header is begun anew only when it is all there is of a line", () => {
  const path = newPath();
  writeFileSync(path, headerLine(FAKE_VERSION, PLAN).slice(0, 30));
  expect(() => open(path)).toThrow(/no file of results/);
  open(path, { overwrite: true }).finish();
  expect(readFileSync(path, "utf8")).toBe(headerLine(FAKE_VERSION, PLAN));
});

test("results of another plan or version are refused, and kept", () => {
  const { path, text } = finished();
  expect(() => open(path, { seeds: "4" })).toThrow(
    /another plan \(vmxlab flush --strategies F1,F3 --workload E1 --seeds 3\); .*--overwrite/,
  );
  expect(() => open(path, { version: "9.9.9" })).toThrow(/of vmxlab 1\.2\.3, this is 9\.9\.9/);
  expect(readFileSync(path, "utf8")).toBe(text);
  open(path, { seeds: "4", overwrite: true }).close();
  expect(readResults("results", path).results).toEqual([]);
});

test("what is no file of results is refused, and kept", () => {
  const path = newPath();
  for (const text of ["hello\n", "{}\n", '{"format":"vmxlab-run-report"}\n', "null\n", "\n"]) {
    writeFileSync(path, text);
    expect(() => open(path)).toThrow(/--results ".*": it is no file of results of vmxlab flush/);
    expect(readFileSync(path, "utf8")).toBe(text);
  }
  writeFileSync(
    path,
    headerLine(FAKE_VERSION, PLAN).replace('"formatVersion":1', '"formatVersion":2'),
  );
  expect(() => open(path)).toThrow(/version 2; this one reads 1/);
  writeFileSync(path, headerLine(FAKE_VERSION, PLAN).replace('"groups"', '"others"'));
  expect(() => open(path)).toThrow(/first line is damaged/);
  const folderPath = join(folder, "folder");
  mkdirSync(folderPath);
  expect(() => open(folderPath)).toThrow(/it is a directory/);
  expect(() => open(join(folder, "missing/file"))).toThrow(/no such file/);
});

test("a damaged line in the middle is told by its number", () => {
  const { path, text } = finished();
  const lines = text.split("\n");
  for (const bad of ["{", '{"format":1}', lines[2]!.replace('"ipis"', '"apis"')]) {
    writeFileSync(path, [...lines.slice(0, 2), bad, ...lines.slice(3)].join("\n"));
    expect(() => open(path)).toThrow(/line 3 is no result of a job/);
  }
});

test("a file without a place to put it in order keeps all results", () => {
  const path = newPath();
  const file = open(path);
  for (const result of RESULTS.toReversed()) file.append(result);
  // The name of the new file is taken.
  const blocked = `${path}.${process.pid}.tmp`;
  mkdirSync(blocked);
  expect(() => file.finish()).toThrow(/cannot put ".*" in order: .*; all results are in it/);
  expect(readResults("results", path).results.length).toBe(RESULTS.length);
  expect(existsSync(blocked)).toBe(true);
});

test("a line of another program behind the results is refused", () => {
  const { path } = finished();
  appendFileSync(path, "done\n");
  expect(() => open(path)).toThrow(new RegExp(`line ${RESULTS.length + 2} is no result`));
});
