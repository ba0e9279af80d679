import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { GUESTS, runCommand, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();
const IMAGE = `${GUESTS}/tlb-view.elf`;

function view(...args: readonly string[]) {
  return runCommand(["tlb", "-m", "16M", "--tlb", "skylake", IMAGE, ...args]);
}

test("sets and ways by tag, at a symbol", async () => {
  const { stdout, stderr, status } = await view("--at", "tlb_is_full");
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout).toContain("caches of translations at tlb_is_full, geometry skylake");
  expect(stdout).toMatch(/^ {2}B +\d+ +0 +2 {2}linear, VPID 0, PCID 1 {2}now used by CPU 0$/m);
  expect(stdout).toMatch(/^ {2}G +\d+ +0 +\d+ {2}combined, VPID 3, PCID 0, EP4TA 0x[0-9a-f]+$/m);
  expect(stdout).toMatch(/^CPU 0 at 0x[0-9a-f]+ <tlb_is_full>: VMX root, VPID 0, PCID 1, no EPT$/m);
  expect(stdout).toMatch(/^ {2}L1 DTLB 4K: 16 sets x 4 ways, 64 of 64 used; data 4K; fifo$/m);
  expect(stdout.match(/^ {4}way 11 {2}\S{64}$/gm)).toHaveLength(2);
  expect(stdout).toMatch(/^ {2}vm-exit +3 x 700 = 2,100$/m);
  expect(stdout).not.toContain("Walk of");
});

test.each([
  ["entry:2", /<touch_in_guest>: VMX non-root, VPID 2, /],
  ["exit:2", /<vm_exit_point>: VMX root, VPID 0, /],
  ["tlb_is_full+0", /<tlb_is_full>: /],
  ["40000", /at instruction 40,000, .* 40,000 instructions/],
  ["end", /at the end, geometry/],
])("the point %s", async (point, pattern) => {
  const { stdout, status } = await view("--at", point);
  expect(stdout).toMatch(pattern);
  expect(status).toBe(0);
});

test("each entry in a line of its own", async () => {
  const { stdout } = await view("--at", "tlb_is_full", "--entries");
  expect(stdout).toMatch(
    /^ {4}set \d+ way \d+: D gla 0x80002[0-9a-f]{5} -> hpa 0x[0-9a-f]+ 4K rwxu global WB$/m,
  );
  expect(stdout).toMatch(
    /^ {4}set \d+ way \d+: I gpa 0x[0-9a-f]+ -> hpa 0x[0-9a-f]+ (2M|4K) rwxu$/m,
  );
  expect(stdout).toMatch(/: H PDE for gpa 0x40000000, 2M -> table at hpa 0x[0-9a-f]+ rwxu$/m);
  expect(stdout).toContain(", piece of a 2M page");
});

test("a walk in two dimensions, and one that faults", async () => {
  const { stdout } = await view("--at", "entry:3", "--walk", "0x4012c010", "--access", "store");
  const walk = stdout.slice(stdout.indexOf("Walk of"));
  expect(walk).toContain("Walk of 0x4012c010 for a supervisor-mode store on CPU 0: 4-level paging");
  expect(walk.match(/^ +\d+ {4}EPT /gm)).toHaveLength(13);
  expect(walk.match(/^ +\d+ {2}guest /gm)).toHaveLength(3);
  expect(walk).toMatch(/-> hpa 0x[0-9a-f]+, gpa 0x4012c010: 4K page, rwxu, dirty, WB$/m);
  const fault = await view("--at", "exit:1", "--walk", "0xffff800000000000");
  expect(fault.stdout).toContain("-> page fault, error code 0x0");
  const symbol = await view(
    "--at",
    "tlb_is_full",
    "--walk",
    "guest_main",
    "--access",
    "user-fetch",
  );
  expect(symbol.stdout).toMatch(/for a user-mode fetch/);
});

test("the snapshot as JSON", async () => {
  const path = join(folder, "view.json");
  await view("--at", "entry:3", "--walk", "0x40000000", "--json", path);
  const report = JSON.parse(readFileSync(path, "utf8"));
  expect(report).toMatchObject({ format: "vmxlab-tlb-snapshot", formatVersion: 1, reached: true });
  const [{ arrays, context }] = report.processors;
  expect(context).toMatchObject({ operation: "VMX non-root", vpid: 3, pcid: 0 });
  expect(context.ep4ta).toMatch(/^0x/);
  const stlb = arrays.find(({ name }: { name: string }) => name === "L2 STLB");
  expect(stlb.entries.length).toBeGreaterThan(500);
  expect(stlb.entries[0]).toMatchObject({ type: "translation", set: 0 });
  expect(stlb.entries[0].gla).toMatch(/^0x[0-9a-f]+$/);
  expect(report.walk.result.kind).toBe("page");
  expect(report.walk.steps.length).toBeGreaterThan(10);
  expect(report.modelledCycles.total).toBeGreaterThan(0);
});

test("a page that asks for nothing from elsewhere", async () => {
  const path = join(folder, "view.html");
  await view("--at", "entry:3", "--walk", "0x40000000", "--html", path);
  const page = readFileSync(path, "utf8");
  expect(page).not.toMatch(/https?:|src=|@import|<script|<link|url\(/);
  expect(new Set(page.match(/href="[^"]*/g)?.map((word) => word.slice(6, 8)))).toEqual(
    new Set(["#t"]),
  );
  // A cell an entry, each with a title.
  const { stdout } = await view("--at", "entry:3", "--entries");
  const cells = stdout.match(/^ {4}set \d+ way \d+:/gm)!.length;
  expect(page.match(/<title>set /g)).toHaveLength(cells);
  for (const heading of ["Tags", "CPU 0", "Walk", "Counted since power-up, on all processors"]) {
    expect(page).toContain(`<h2>${heading}</h2>`);
  }
});

test("a name with signs of HTML in it stays text", async () => {
  const path = join(folder, "odd.html");
  const { status } = await runCommand(
    ["tlb", "-m", "16M", "--at", "1000", "--tlb", "none", "--html", path, "a<b>&.elf"],
    { cwd: folderWith("a<b>&.elf") },
  );
  expect(status).toBe(0);
  expect(readFileSync(path, "utf8")).toContain("a&lt;b&gt;&amp;.elf");
});

function folderWith(name: string): string {
  writeFileSync(join(folder, name), readFileSync(IMAGE));
  return folder;
}

test("a run that ends before the point", async () => {
  const { stdout, stderr, status } = await view("--at", "exit:99");
  expect(stdout).toContain("caches of translations at the end");
  expect(stderr).toContain(
    "vmxlab: VM exit 99 was not reached: the guest wrote 0 to its exit port\n",
  );
  expect(stderr).toContain("tlb-view: all pages touched");
  expect(status).toBe(16);
});

test.each<[readonly string[], RegExp]>([
  [["--at", "exit:0"], /--at "exit:0": give a number of instructions/],
  [["--at", "0"], /--at "0": give/],
  [["--at", "main loop"], /--at "main loop": give/],
  [["--at", "no_such_symbol"], /--at "no_such_symbol": there is no such symbol/],
  [["--walk", "no_such_symbol"], /--walk "no_such_symbol": there is no such symbol/],
  [["--walk", "0x12345678901234567"], /--walk ".*": an address has at most 64 bits/],
  [["--access", "jump"], /--access/],
  [["--cpu", "1"], /--cpu "1": give an integer from 0 to 0/],
  [["--costs", "skylak"], /--costs "skylak": no such preset/],
  [["--html", "/no/such/folder/a.html"], /--html ".*": /],
  [["--html", join(folder, "x"), "--json", join(folder, "x")], /written by --html/],
  [["--max-instructions", "5"], /unknown option/],
])("bad input %j is one line and status 2", async (args, message) => {
  const { stdout, stderr, status } = await view(...args);
  expect(stderr).toMatch(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  expect(stdout).toBe("");
  expect(status).toBe(2);
});

test("an image without symbols", async () => {
  const code = join(folder, "code.bin");
  writeFileSync(code, Uint8Array.of(0xeb, 0xfe));
  const args = ["tlb", "-m", "1M", "--flat", "0x7c00", code];
  const { stderr, status } = await runCommand([...args, "--at", "start"]);
  expect(stderr).toContain('--at "start": the image has no symbols: see --symbols');
  expect(status).toBe(2);
  const { stdout } = await runCommand([...args, "--at", "0x7c00", "--walk", "0x7c00"]);
  expect(stdout).toContain("no paging, no EPT");
  expect(stdout).toContain("no table is read");
});
