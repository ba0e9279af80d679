import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunReport } from "../../src/cli/report.ts";
import { CODE, flatImage, GUESTS, runGuest, temporaryFolder } from "../support/command-line.ts";
import { IMAGE_HPA, vmxImage } from "../support/vmx-guest.ts";

const folder = temporaryFolder();
const TOUR = `${GUESTS}/tour.elf`;

async function reportOf(name: string, args: readonly string[]): Promise<RunReport> {
  const path = join(folder, `${name}.json`);
  await runGuest([...args, "--json", path]);
  return JSON.parse(readFileSync(path, "utf8"));
}

const address = expect.stringMatching(/^0x[0-9a-f]+$/);
const count = expect.any(Number);

test("the report of the tour has the documented shape", async () => {
  const report = await reportOf("tour", ["--seed", "5", TOUR]);
  expect(report).toEqual({
    format: "vmxlab-run-report",
    formatVersion: 1,
    vmxlab: expect.stringMatching(/^\d+\.\d+\.\d+/),
    options: {
      image: TOUR,
      firmware: null,
      append: null,
      modules: [],
      initrd: null,
      maxInstructions: null,
      timeoutSeconds: null,
      imageFormat: "multiboot1",
      imageNotes: [],
      memoryBytes: 16 * 2 ** 20,
      cpus: 1,
      cpuModel: "sapphire-rapids",
      cpuFeatures: expect.arrayContaining(["FPU", "LM"]),
      tlb: "sapphire-rapids",
      seed: 5,
      parts: expect.objectContaining({ apic: true, testDevice: false }),
      rtcSeconds: null,
    },
    stop: {
      kind: "exit",
      status: 1,
      message: "the guest wrote 0 to its exit port",
      code: 0,
      cpu: 0,
      address,
      symbol: expect.stringMatching(/^guest_exit\+0x/),
    },
    instructions: count,
    virtualTimeNs: count,
    processors: [
      { index: 0, activity: "active", address, symbol: expect.stringMatching(/^guest_exit/) },
    ],
    exceptions: [
      { vector: 0, name: "#DE", count: 1 },
      { vector: 1, name: "#DB", count: 7 },
      { vector: 3, name: "#BP", count: 1 },
      { vector: 6, name: "#UD", count: 1 },
      { vector: 13, name: "#GP", count: 2 },
      { vector: 14, name: "#PF", count: 2 },
    ],
    interrupts: { external: 42, nmi: 0, software: 0 },
    ports: expect.arrayContaining([
      { port: "0xf4", device: "debug exit", reads: 0, writes: 1 },
      { port: "0x43", device: "PIT", reads: 0, writes: 1 },
      { port: "0x3f8", device: "COM1", reads: 0, writes: count },
    ]),
    mmio: [{ device: "local APIC", first: null, last: null, reads: 0, writes: 27 }],
    tlb: {
      hitsFirstLevel: count,
      hitsSecondLevel: count,
      misses: count,
      fills: count,
      evictions: count,
      walkReferences: count,
      invlpg: 6,
      invpcid: 0,
      cr3Flushes: 1,
      cr3Kept: 0,
      fullFlushes: count,
      missesByAccess: { load: count, store: count, fetch: count },
      fillsByMapping: { linear: report.tlb.fills, combined: 0, guestPhysical: 0 },
      eptReferences: 0,
      caches: expect.arrayContaining([
        {
          name: "L1 DTLB stores",
          group: "tlb",
          level: 1,
          kind: "store",
          hits: count,
          fills: count,
          evictions: count,
        },
        expect.objectContaining({ name: "guest PDE", group: "structure" }),
      ]),
      flushes: expect.arrayContaining([
        { operation: "INVLPG", times: 6, dropped: count },
        { operation: "PAGE_FAULT", times: 2, dropped: count },
      ]),
    },
    decoder: { blocksDecoded: count, blocksInvalidated: count, cacheFlushes: count },
    vmx: { entries: 0, exits: 0, lateEntryFailures: 0, exitReasons: [], lastEntryFailure: null },
    modelledCycles: {
      preset: "default",
      referenceLevel: "L2",
      events: expect.arrayContaining([
        {
          event: "guest-reference",
          title: expect.any(String),
          count,
          cyclesEach: 13,
          cycles: count,
          source: expect.any(String),
          measured: false,
        },
      ]),
      total: count,
      unpriced: expect.any(Array),
    },
    undefinedOpcodes: [
      {
        address,
        symbol: expect.stringMatching(/^show_faults\+0x/),
        count: 1,
        bytes: "0f 0b",
        disassembly: "ud2",
      },
    ],
    host: {
      wallSeconds: count,
      millionInstructionsPerSecond: count,
      node: process.version,
    },
  });
  expect(report.instructions).toBeGreaterThan(30_000_000);
  expect(report.virtualTimeNs).toBeGreaterThan(report.instructions);
  expect(report.tlb.misses).toBeGreaterThan(5);
});

test("a run that was cut short reports itself as well", async () => {
  const loop = flatImage(folder, "loop", CODE.loop);
  const limited = await reportOf("limited", ["--max-instructions", "77", "--flat", "0x7c00", loop]);
  expect(limited.stop).toMatchObject({ kind: "instruction-limit", status: 12, code: null });
  expect(limited.instructions).toBe(77);
  const timed = await reportOf("timed", ["--timeout", "0.1", "--flat", "0x7c00", loop]);
  expect(timed.stop).toMatchObject({ kind: "time-limit", status: 124, address: "0x7c00" });
  const path = join(folder, "signalled.json");
  const flood = flatImage(folder, "flood", CODE.flood);
  await runGuest(["--json", path, "--flat", "0x7c00", flood], {
    interact: (child) => child.stdout?.once("data", () => child.kill("SIGTERM")),
  });
  const signalled = JSON.parse(readFileSync(path, "utf8"));
  expect(signalled.stop).toMatchObject({ kind: "aborted", status: 143 });
});

test("the report counts VM exits by reason and has the last entry that failed", async () => {
  const flat = ["--flat", `${IMAGE_HPA}`, "--flat-mode", "long64"];
  const image = (name: string, program: Parameters<typeof vmxImage>[0]) =>
    flatImage(folder, name, Array.from(vmxImage(program)));
  const loop = { code: [0x0f, 0xa2, 0x0f, 0xa2, 0x0f, 0x01, 0xc1], resume: [2, 4] };
  const ran = await reportOf("vmx", [...flat, image("vmx-loop", loop)]);
  expect(ran.vmx).toEqual({
    ...{ entries: 3, exits: 3, lateEntryFailures: 0, lastEntryFailure: null },
    exitReasons: [
      { number: 10, name: "cpuid", count: 2 },
      { number: 18, name: "vmcall", count: 1 },
    ],
  });
  const bad = { code: [], changes: [{ fields: { guest_dr7: 0x1_0000_0000n } }] };
  const debug = { ...bad, changes: [...bad.changes, { on: "entry.load_debug_controls" }] };
  const path = image("vmx-bad", debug);
  const failed = await reportOf("vmx-failed", [...flat, path]);
  expect(failed.vmx).toMatchObject({
    ...{ entries: 0, exits: 0, lateEntryFailures: 1 },
    exitReasons: [{ number: 33, name: "entry_fail_guest_state", count: 1 }],
    lastEntryFailure: {
      ...{ cpu: 0, how: "exit 33", check: "entry.guest.dr7", field: "guest_dr7" },
      ...{ value: "0x100000000", msr: null },
    },
  });
  const { stderr } = await runGuest(["--stats", ...flat, path]);
  expect(stderr).toMatch(/^VMX +0 entries, 0 exits\n +entry_fail_guest_state 1\n/m);
  expect(stderr).toContain("last failure: VM entry failed with exit 33: entry.guest.dr7: ");
});

test("no part of a report is ever left", async () => {
  const path = join(folder, "killed.json");
  const flood = flatImage(folder, "flood-killed", CODE.flood);
  const outcome = await runGuest(["--json", path, "--flat", "0x7c00", flood], {
    interact: (child) => child.stdout?.once("data", () => child.kill("SIGKILL")),
  });
  expect(outcome.signal).toBe("SIGKILL");
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.includes("killed.json"))).toEqual([]);
});

test.each([
  ["tour", [TOUR]],
  ["three processors", ["--cpus", "3", `${GUESTS}/smp-hello.elf`]],
] as const)("same image and seed: %s runs the same to the instruction", async (name, args) => {
  const runs = await Promise.all(
    ["a", "b"].map(async (run) => {
      const path = join(folder, `${name}-${run}.json`);
      const outcome = await runGuest(["--seed", "11", "--json", path, ...args]);
      const { host, ...rest } = JSON.parse(readFileSync(path, "utf8"));
      expect(host).toBeDefined();
      return { outcome, rest };
    }),
  );
  expect(runs[0]).toEqual(runs[1]);
  expect(runs[0]?.outcome.status).toBe(1);
});

test("another seed gives several processors other turns", async () => {
  const args = ["--cpus", "3", `${GUESTS}/smp-hello.elf`];
  const counts = new Set<number>();
  for (const seed of ["1", "2", "3"]) {
    counts.add((await reportOf(`seed-${seed}`, ["--seed", seed, ...args])).instructions);
  }
  expect(counts.size).toBeGreaterThan(1);
});

test("watching a run does not change it", async () => {
  const image = `${GUESTS}/protected32.elf`;
  const plain = await reportOf("plain", [image]);
  const trace = ["--trace", "all", "--trace-file", join(folder, "trace.txt")];
  const traced = await reportOf("traced", [...trace, image]);
  const facts = ({ instructions, virtualTimeNs, exceptions, ports, stop }: RunReport) => ({
    instructions,
    virtualTimeNs,
    exceptions,
    ports,
    stop,
  });
  expect(facts(traced)).toEqual(facts(plain));
});
