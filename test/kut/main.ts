/**
 * Runs kvm-unit-tests, built outside this project, through their own runner with vmxlab-qemu, and
 * prints what came of it as a Markdown table:
 *
 *   npm run test:kut -- [DIR] [--peer PROGRAM] [--out FILE] [--mode l1] [ENTRY...]
 *
 * DIR (or KUT_DIR) is the built folder, for x86_64 or i386; without one nothing is run. Without
 * entries all are run that need nothing out of scope. --peer runs PROGRAM, a QEMU, instead; --mode l1
 * runs the images above L0.
 * The exit status is 1 when an entry fails or takes more than its time.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import {
  builtArchitecture,
  limitSeconds,
  outOfScope,
  readEntries,
  WITHOUT_ENTRY,
} from "./groups.ts";
import { peerFigures } from "./peers.ts";
import { type Outcome, Runner } from "./runner.ts";

const HEAD = "| entry | result | pass/fail/skip | user s | wall s | Bochs | QEMU TCG |";
const RULE = "|---|---|---|---|---|---|---|";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peer: { type: "string" }, out: { type: "string" }, mode: { type: "string" } },
});

const isFolder = (text: string | undefined) => text !== undefined && existsSync(join(text, "x86"));
const named = isFolder(positionals[0]) ? positionals.shift() : process.env.KUT_DIR;
const wanted = positionals;

if (named === undefined) {
  console.log("test:kut: skipped: give the folder of a built kvm-unit-tests, or set KUT_DIR");
} else {
  const dir = resolve(named);
  const arch = builtArchitecture(dir);
  if (arch === undefined) {
    console.error(`test:kut: ${dir} is no built kvm-unit-tests for x86`);
    process.exitCode = 2;
  } else {
    process.exitCode = runAll(dir, arch);
  }
}

function runAll(dir: string, arch: string): number {
  const runner = new Runner(
    dir,
    values.peer,
    values.mode === undefined ? [] : ["-vmxlab-mode", values.mode],
  );
  const lines = [HEAD, RULE];
  let bad = 0;
  const take = (outcome: Outcome) => {
    const line = tableLine(arch, outcome);
    console.log(line);
    lines.push(line);
    if (isBad(outcome)) bad++;
  };
  console.log(HEAD);
  console.log(RULE);
  try {
    for (const entry of readEntries(dir)) {
      if (wanted.length > 0 ? !wanted.includes(entry.name) : outOfScope(entry)) continue;
      if (entry.arch !== "" && entry.arch !== arch) continue;
      take(runner.runEntry(entry.name, limitOf(entry.name)));
    }
    for (const { name, arch: only, options } of WITHOUT_ENTRY) {
      if (only !== arch || (wanted.length > 0 && !wanted.includes(name))) continue;
      take(runner.runImage(name, options, limitOf(name)));
    }
  } finally {
    runner.dispose();
  }
  if (values.out !== undefined) writeFileSync(values.out, `${lines.join("\n")}\n`);
  console.log(`\n${lines.length - 2} entries, ${bad} of them failed or took too long`);
  return bad > 0 ? 1 : 0;
}

/** Seconds of processor time; above L0 walks have two dimensions. */
function limitOf(name: string): number {
  return limitSeconds(name) * (values.mode === "l1" ? 2 : 1);
}

function isBad(outcome: Outcome): boolean {
  return outcome.status === "FAIL" || isLate(outcome);
}

function isLate({ name, userSeconds = 0 }: Outcome): boolean {
  return userSeconds > limitOf(name);
}

function tableLine(arch: string, outcome: Outcome): string {
  const { name, status, remark, passes, failures, skips, wallSeconds, userSeconds } = outcome;
  const { bochs = "", qemu = "" } = peerFigures(arch, name);
  const reason =
    status === "PASS" || /^\d+ tests/.test(remark) || remark === "" ? "" : `: ${remark}`;
  const late = isLate(outcome) ? `, over ${limitOf(name)} s` : "";
  const cells = [
    name,
    `${status.toLowerCase()}${reason}${late}`,
    `${passes}/${failures}/${skips}`,
    userSeconds?.toFixed(1) ?? "",
    wallSeconds.toFixed(1),
    bochs,
    qemu,
  ];
  return `| ${cells.join(" | ")} |`;
}
