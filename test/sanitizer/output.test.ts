import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GUESTS, ROOT, runCommand, runGuest, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();
const PAGES = `${GUESTS}/tlb-pages.elf`;

/** Addresses and times change with guests and emulator; the form and the words do not. */
const comparable = (line: string) => line.replace(/0x[0-9a-f]+|[\d,]*\d/g, "#").replace(/ +/g, " ");

const PAGE = readFileSync(join(ROOT, "docs/sanitizer.md"), "utf8");
const TRANSCRIPTS = [...PAGE.matchAll(/```text\n\$ vmxlab (run .*)\n([\s\S]*?)```/g)].map(
  ([, command, text]) => ({ command: command!, text: text! }),
);

test("docs/sanitizer.md has a transcript of each kind of report that a guest can cause", () => {
  const kinds = TRANSCRIPTS.map(({ text }) => /^([a-z-]+) \((?:error|note)/m.exec(text)?.[1]);
  expect(new Set(kinds)).toEqual(
    new Set([
      "stale-use",
      "wrong-scope",
      "wrong-tag",
      "unsafe-free",
      "torn-entry",
      "stale-window",
      undefined,
    ]),
  );
});

test.each(TRANSCRIPTS)("vmxlab $command prints what the page shows", async ({ command, text }) => {
  const words = command.replace("guests/images", GUESTS).split(" ");
  const { stdout, stderr } = await runCommand(words);
  const printed = `${stdout}\n${stderr}`.split("\n").map(comparable);
  const shown = text.split("\n").filter((line) => line !== "..." && line !== "");
  expect(shown.length).toBeGreaterThan(3);
  for (const line of shown) expect(printed).toContain(comparable(line));
});

test("errors give status 14, their absence the guest's own", async () => {
  expect((await runGuest(["--sanitize", "-a", "invlpg", PAGES])).status).toBe(14);
  const fixed = await runGuest(["--sanitize", "-a", "invlpg fix", PAGES]);
  expect(fixed.status).toBe(1);
  expect(fixed.stderr).toMatch(/^vmxlab: TLB sanitizer: 0 errors, /m);
  expect((await runGuest(["-a", "invlpg", PAGES])).status).toBe(1);
  const cut = ["--sanitize", "--max-instructions", "100", PAGES];
  expect((await runGuest(cut)).status).toBe(12);
});

test("the default TLB with --sanitize is the adversarial one, --tlb prevails", async () => {
  const seen = async (options: readonly string[]) =>
    /seen (0x\d+)/.exec((await runGuest([...options, "-a", "invlpg", PAGES])).stdout)?.[1];
  expect(await seen(["--sanitize"])).toBe("0x303");
  expect(await seen(["--sanitize", "--tlb", "none"])).toBe("0x202");
});

test("JSON has reports with symbols and disassembly, and the ledger", async () => {
  const path = join(folder, "reports.json");
  await runGuest(["--sanitize", "--sanitize-json", path, "-a", "pcid-invlpg", PAGES]);
  const report = JSON.parse(readFileSync(path, "utf8"));
  expect(report).toMatchObject({
    format: "vmxlab-sanitizer-report",
    formatVersion: 1,
    image: PAGES,
    tlb: "adversarial",
    seed: 1,
    counts: { errorUses: 1, untracked: 0 },
  });
  expect(report.reports[0]).toMatchObject({
    kind: "wrong-tag",
    level: "error",
    count: 1,
    access: {
      site: { cpu: 0, layer: "root", symbol: "use_page" },
      instruction: "mov rax, [rdi]",
      kind: "read",
      gla: "0x8000000000",
    },
    entry: { what: "linear", vpid: 0, pcid: 1, global: false, ep4ta: null, bytes: 4096 },
    store: { level: 1, ept: false, site: { symbol: "change_entry" } },
    reuse: { how: "written", site: { symbol: "reuse_old_frame" } },
    flushes: [{ operation: "INVLPG", miss: "pcid", site: { symbol: "flush_page" } }],
  });
  const rows = report.ledger.filter((row: { symbol: string }) => row.symbol === "flush_page");
  expect(rows).toMatchObject([{ operation: "INVLPG", times: 1, verdict: "needless" }]);
  for (const field of Object.keys(report)) expect(PAGE).toContain(`\`${field}\``);
});

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } };
    readonly logicalLocations: readonly { readonly fullyQualifiedName: string }[];
  }[];
  readonly relatedLocations: readonly { readonly message: { readonly text: string } }[];
}

test("SARIF names the rule, the place and what led there", async () => {
  const path = join(folder, "reports.sarif");
  await runGuest(["--sanitize", "--sarif", path, "-a", "global", PAGES]);
  const log = JSON.parse(readFileSync(path, "utf8"));
  expect(log.version).toBe("2.1.0");
  const [{ tool, results }] = log.runs;
  const [result, ...others] = results as SarifResult[];
  expect(tool.driver.rules[result!.ruleIndex].id).toBe(result!.ruleId);
  expect(result).toMatchObject({ ruleId: "wrong-scope", level: "error" });
  expect(result!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(PAGES);
  expect(result!.locations[0]!.logicalLocations[0]!.fullyQualifiedName).toBe("use_page");
  const texts = result!.relatedLocations.map(({ message }) => message.text);
  expect(texts.some((text) => /^the entry at 0x[0-9a-f]+ was changed here$/.test(text))).toBe(true);
  expect(texts.some((text) => /^MOV to CR3 .*retains global translations$/.test(text))).toBe(true);
  expect(others.every(({ level }) => level === "note")).toBe(true);
});

test("options that need --sanitize say so, and files are checked before the run", async () => {
  for (const options of [["--stale-windows"], ["--sarif", "x"], ["--sanitize-json", "x"]]) {
    const { status, stderr } = await runGuest([...options, PAGES]);
    expect(status).toBe(2);
    expect(stderr).toBe(`vmxlab: ${options[0]} needs --sanitize\n`);
  }
  const bad = await runGuest(["--sanitize", "--sarif", folder, PAGES]);
  expect([bad.status, bad.stdout]).toEqual([2, ""]);
  const both = join(folder, "both");
  const same = ["--sanitize", "--sarif", both, "--sanitize-json", both, PAGES];
  expect((await runGuest(same)).status).toBe(2);
  expect(existsSync(both)).toBe(false);
});

test("the same run has the same reports", async () => {
  const run = async () => (await runGuest(["--sanitize", "-s", "-a", "invlpg", PAGES])).stderr;
  const [first, second] = [await run(), await run()].map((text) => text.split("stop  ")[0]);
  expect(first).toBe(second);
});
