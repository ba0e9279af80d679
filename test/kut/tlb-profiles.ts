/**
 * kvm-unit-tests' memory and VMX groups under several geometries of the caches of translations: a right
 * test has the same result under all of them. Prints a Markdown table:
 *
 *   npm run test:tlb-profiles -- [DIR] [--profiles A,B,...] [--out FILE] [ENTRY...]
 *
 * DIR (or KUT_DIR) is the built folder, for x86_64 or i386; without one nothing is run. Without entries
 * all of the groups are run. The exit status is 1 when an entry differs between two geometries.
 */
import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { builtArchitecture, type Entry, limitSeconds, outOfScope, readEntries } from "./groups.ts";
import { type Outcome, Runner } from "./runner.ts";

const PROFILES = "none,skylake,adversarial";
const GROUPS = new Set(["vmx", "nested_exception", "vmexit"]);
/** Tests of translation that have no group. */
const MEMORY = new Set([
  "access",
  "access-reduced-maxphyaddr",
  "asid",
  "ept-mbec",
  "la57",
  "memory",
  "pcid-asymmetric",
  "pcid-disabled",
  "pcid-enabled",
  "pks",
  "pku",
  "sieve",
  "smap",
  "smptest",
  "smptest3",
  "umip",
]);
/** The caches do not stay away from a time limit: with none of them every access walks. */
const SLOWER = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { profiles: { type: "string", default: PROFILES }, out: { type: "string" } },
});

const isFolder = (text: string | undefined) => text !== undefined && existsSync(join(text, "x86"));
const named = isFolder(positionals[0]) ? positionals.shift() : process.env.KUT_DIR;

if (named === undefined) {
  console.log(
    "test:tlb-profiles: skipped: give the folder of a built kvm-unit-tests, or set KUT_DIR",
  );
} else {
  const dir = resolve(named);
  const arch = builtArchitecture(dir);
  if (arch === undefined) {
    console.error(`test:tlb-profiles: ${dir} is no built kvm-unit-tests for x86`);
    process.exitCode = 2;
  } else {
    process.exitCode = compareAll(dir, arch, values.profiles.split(","));
  }
}

function isWanted(entry: Entry, arch: string): boolean {
  if (entry.arch !== "" && entry.arch !== arch) return false;
  if (positionals.length > 0) return positionals.includes(entry.name);
  if (outOfScope(entry)) return false;
  return MEMORY.has(entry.name) || entry.groups.some((group) => GROUPS.has(group));
}

/** What must be the same under every geometry. */
function verdict({ status, passes, failures, skips, remark }: Outcome): string {
  const tests = /^\d+ tests/.exec(remark)?.[0];
  return `${status.toLowerCase()} ${passes}/${failures}/${skips}${tests ? `, ${tests}` : ""}`;
}

function compareAll(dir: string, arch: string, profiles: readonly string[]): number {
  const runners = profiles.map((profile) => new Runner(dir, undefined, ["-tlb", profile]));
  const lines = [
    `| entry | ${profiles.join(" | ")} |`,
    `|---|${profiles.map(() => "---|").join("")}`,
  ];
  console.log(lines.join("\n"));
  let different = 0;
  try {
    for (const entry of readEntries(dir)) {
      if (!isWanted(entry, arch)) continue;
      const outcomes = runners.map((runner) =>
        runner.runEntry(entry.name, limitSeconds(entry.name) * SLOWER),
      );
      const verdicts = outcomes.map(verdict);
      const same = verdicts.every((text) => text === verdicts[0]);
      if (!same) different++;
      const cells = outcomes.map(
        (outcome, i) => `${verdicts[i]}, ${outcome.userSeconds?.toFixed(1) ?? "?"} s`,
      );
      const line = `| ${entry.name}${same ? "" : " **differs**"} | ${cells.join(" | ")} |`;
      console.log(line);
      lines.push(line);
    }
  } finally {
    for (const runner of runners) runner.dispose();
  }
  if (values.out !== undefined) writeFileSync(values.out, `${lines.join("\n")}\n`);
  console.log(`\n${lines.length - 2} entries, ${different} of them differ between geometries`);
  return different > 0 ? 1 : 0;
}
