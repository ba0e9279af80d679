import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { Machine, type SanitizerReport, type SymbolTable } from "../../src/index.ts";
import { GUESTS } from "../support/command-line.ts";

/** What the last access sees: the old page as it was or as it is now, or the new page. */
const SEEN = { old: "0x101", new: "0x202", reused: "0x303", nothing: "0xffffffffffffffff" };
const APIC_ACCESS_EXIT = "0x10000002c";

interface Case {
  readonly image: "tlb-pages" | "tlb-vmx";
  readonly name: string;
  readonly kind: SanitizerReport["kind"];
  readonly seen: string;
  /** What the corrected twin sees, and everybody whose TLB keeps nothing. */
  readonly right?: string;
  /** Symbols of the store, and of the flush that was the wrong one. */
  readonly store?: string;
  readonly flush?: { readonly symbol: string; readonly miss: string };
  readonly use?: string;
}

const CASES: readonly Case[] = [
  { image: "tlb-pages", name: "invlpg", kind: "stale-use", seen: SEEN.reused, use: "use_page" },
  {
    image: "tlb-pages",
    name: "global",
    kind: "wrong-scope",
    seen: SEEN.reused,
    flush: { symbol: "load_cr3", miss: "global" },
    use: "use_page",
  },
  { image: "tlb-pages", name: "pcid", kind: "stale-use", seen: SEEN.reused, use: "use_page" },
  {
    image: "tlb-pages",
    name: "pcid-invlpg",
    kind: "wrong-tag",
    seen: SEEN.reused,
    flush: { symbol: "flush_page", miss: "pcid" },
    use: "use_page",
  },
  {
    image: "tlb-pages",
    name: "freed-table",
    kind: "unsafe-free",
    seen: SEEN.old,
    use: "use_page",
  },
  { image: "tlb-vmx", name: "freed-ept-table", kind: "unsafe-free", seen: SEEN.old },
  {
    image: "tlb-pages",
    name: "other-processor",
    kind: "stale-use",
    seen: SEEN.reused,
    flush: { symbol: "flush_page", miss: "cpu" },
    use: "use_page",
  },
  { image: "tlb-vmx", name: "ept-leaf", kind: "stale-use", seen: SEEN.reused },
  { image: "tlb-vmx", name: "guest-pte", kind: "stale-use", seen: SEEN.reused, store: "" },
  {
    image: "tlb-vmx",
    name: "invvpid-globals",
    kind: "wrong-scope",
    seen: SEEN.reused,
    flush: { symbol: "flush_vpid", miss: "global" },
  },
  {
    image: "tlb-vmx",
    name: "invvpid-address",
    kind: "wrong-scope",
    seen: SEEN.reused,
    flush: { symbol: "flush_vpid", miss: "address" },
  },
  {
    image: "tlb-vmx",
    name: "invvpid-other",
    kind: "wrong-tag",
    seen: SEEN.reused,
    flush: { symbol: "flush_vpid", miss: "vpid" },
  },
  {
    image: "tlb-vmx",
    name: "invvpid-for-ept",
    kind: "wrong-scope",
    seen: SEEN.reused,
    flush: { symbol: "flush_vpid", miss: "kind" },
  },
  {
    image: "tlb-vmx",
    name: "invept-for-vpid",
    kind: "wrong-scope",
    seen: SEEN.reused,
    flush: { symbol: "flush_ept", miss: "kind" },
  },
  {
    image: "tlb-vmx",
    name: "other-eptp",
    kind: "wrong-tag",
    seen: SEEN.reused,
    flush: { symbol: "flush_ept", miss: "ep4ta" },
  },
  {
    image: "tlb-vmx",
    name: "shared-vpid",
    kind: "wrong-tag",
    seen: SEEN.reused,
    flush: { symbol: "flush_ept", miss: "ep4ta" },
  },
  {
    image: "tlb-vmx",
    name: "apic-access",
    kind: "stale-use",
    seen: SEEN.old,
    right: APIC_ACCESS_EXIT,
  },
  {
    image: "tlb-vmx",
    name: "torn",
    kind: "torn-entry",
    seen: SEEN.nothing,
    right: SEEN.nothing,
    store: "store_halves",
  },
];

function symbolAt(table: SymbolTable | undefined, rip: bigint): string | undefined {
  return table?.nearest({ hi: Number(rip >> 32n), lo: Number(rip & 0xffff_ffffn) })?.name;
}

async function run(image: string, cmdline: string, tlb?: string) {
  const machine = await Machine.create({
    memory: 64 << 20,
    cpus: 2,
    sanitizer: true,
    ...(tlb === undefined ? {} : { tlb }),
  });
  let text = "";
  machine.serial[0]!.onData((bytes) => {
    text += new TextDecoder().decode(bytes);
  });
  machine.load(readFileSync(`${GUESTS}/${image}.elf`), { cmdline });
  const stop = await machine.run({ timeoutMs: 20_000 });
  expect(stop).toMatchObject({ kind: "exit", code: 0 });
  const sanitizer = machine.sanitizer!;
  const seen = /has seen (0x[0-9a-f]+)/.exec(text)?.[1];
  const symbol = (rip: bigint) => symbolAt(machine.symbols, rip);
  const errors = sanitizer.reports.filter(({ level }) => level === "error");
  return { seen, symbol, errors, sanitizer };
}

test.each(CASES)("$name: the fault has its report", async (row) => {
  const { image, name, kind, seen, store = "change_entry", flush, use } = row;
  const result = await run(image, name);
  expect(result.seen).toBe(seen);
  expect(result.errors.map((report) => report.kind)).toEqual([kind]);
  const [report] = result.errors;
  if (store !== "") expect(result.symbol(report!.store!.site.rip)).toBe(store);
  if (use !== undefined) expect(result.symbol(report!.access!.site.rip)).toBe(use);
  expect(report!.access!.code.length).toBeGreaterThanOrEqual(kind === "torn-entry" ? 0 : 3);
  const told = report!.flushes.map((each) => ({
    symbol: result.symbol(each.site.rip),
    miss: each.miss,
  }));
  if (flush) expect(told).toContainEqual(flush);
  else expect(told.filter(({ symbol }) => symbol?.startsWith("flush_"))).toEqual([]);
});

test.each(CASES)("$name: the corrected twin is silent", async ({ image, name, right }) => {
  const { seen, errors } = await run(image, `${name} fix`);
  expect(seen).toBe(right ?? SEEN.new);
  expect(errors).toEqual([]);
});

test.each(CASES)("$name: with a TLB that keeps nothing there is no fault", async (row) => {
  const { seen, errors } = await run(row.image, row.name, "none");
  expect(seen).toBe(row.right ?? SEEN.new);
  expect(errors).toEqual([]);
});

test("an INVEPT after an EPT violation is redundant, and its twin does without", async () => {
  const faulty = await run("tlb-vmx", "redundant");
  expect(faulty.seen).toBe(SEEN.new);
  expect(faulty.errors).toEqual([]);
  const redundant = ({ sanitizer, symbol }: typeof faulty) =>
    sanitizer.reports.filter(
      ({ kind, flushes }) =>
        kind === "redundant-flush" && symbol(flushes[0]!.site.rip) === "flush_ept",
    );
  expect(redundant(faulty)).toHaveLength(1);
  const bill = faulty.sanitizer.ledger.find(({ rip }) => faulty.symbol(rip) === "flush_ept");
  expect(bill).toMatchObject({ times: 1, stale: 0, verdict: "needless" });
  expect(bill!.refills).toBeGreaterThan(0);
  expect(redundant(await run("tlb-vmx", "redundant fix"))).toEqual([]);
});

test("a flush that was needed is billed so", async () => {
  const { sanitizer, symbol } = await run("tlb-vmx", "ept-leaf fix");
  const bill = sanitizer.ledger.find(({ rip }) => symbol(rip) === "flush_ept");
  expect(bill).toMatchObject({ operation: "INVEPT single-context", verdict: "needed" });
});

test.each([
  "bench64.elf",
  "micro.elf",
  "protected32.elf",
  "self-modifying.elf",
  "smp-hello.elf",
  "system-checks.elf",
  "system-checks64.elf",
  "tour.elf",
  "vmx-exits.elf",
  "vmx-events.elf",
  "vmx-memory.elf",
  "vmx-apic.elf",
  "vmx-controls.elf",
])("nothing is said of %s", async (image) => {
  const machine = await Machine.create({ memory: 64 << 20, cpus: 2, sanitizer: true });
  machine.load(readFileSync(`${GUESTS}/${image}`));
  const maxInstructions = image.startsWith("bench") ? 200_000_000 : 2_000_000_000;
  await machine.run({ timeoutMs: 60_000, maxInstructions });
  expect(machine.sanitizer!.reports.filter(({ level }) => level === "error")).toEqual([]);
});
