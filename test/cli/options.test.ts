import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  CODE,
  flatImage,
  GUESTS,
  runCommand,
  runGuest,
  temporaryFolder,
} from "../support/command-line.ts";

const folder = temporaryFolder();
const TOUR = `${GUESTS}/tour.elf`;
const consoles = flatImage(folder, "consoles", CODE.consoles);

/** Runs with a report and gives it. */
async function reportOf(name: string, args: readonly string[]) {
  const path = join(folder, `${name}.json`);
  const outcome = await runGuest([...args, "--json", path]);
  return { outcome, report: JSON.parse(readFileSync(path, "utf8")) };
}

test("steps of L0 are left out by their names", async () => {
  const options = ["--mode", "l1", "--break", "NoFlushOnRootAlloc,noretry"];
  const { status } = await runGuest([...options, `${GUESTS}/protected32.elf`]);
  expect(status).toBe(1);
});

test("the options of the machine reach it", async () => {
  const { report } = await reportOf("machine", [
    ...["--memory", "24M", "--cpus", "3", "--cpu-model", "icelake,-smap,+la57"],
    ...["--tlb", "adversarial", "--seed", "0x7", "--rtc", "2001-02-03T04:05:06Z"],
    ...["--max-instructions", "5000", "--timeout", "30", TOUR],
  ]);
  expect(report.options).toMatchObject({
    memoryBytes: 24 * 2 ** 20,
    cpus: 3,
    cpuModel: "icelake",
    tlb: "adversarial",
    seed: 7,
    rtcSeconds: Date.UTC(2001, 1, 3, 4, 5, 6) / 1000,
    maxInstructions: 5000,
    timeoutSeconds: 30,
    imageFormat: "multiboot1",
  });
  expect(report.options.cpuFeatures).toContain("LA57");
  expect(report.options.cpuFeatures).not.toContain("SMAP");
  expect(report.instructions).toBe(5000);
});

test("a TLB geometry can be read from a file of the shape that info prints", async () => {
  const path = join(folder, "geometry.json");
  const array = { name: "tiny", level: 1, kind: "unified", sets: 1, ways: 2 };
  writeFileSync(
    path,
    JSON.stringify({ name: "tiny", arrays: [{ ...array, pages: ["4K", "2M", "4M", "1G"] }] }),
  );
  const tiny = await reportOf("tiny", ["--tlb", path, TOUR]);
  const wide = await reportOf("wide", ["--tlb", "adversarial", TOUR]);
  expect(tiny.outcome.status).toBe(1);
  expect(tiny.report.options.tlb).toBe("tiny");
  expect(tiny.report.tlb.misses).toBeGreaterThan(2 * wide.report.tlb.misses);
});

test("devices can be left out and added", async () => {
  const { report } = await reportOf("parts", [
    ...["--no-apic", "--no-hpet", "--no-pci", "--no-acpi", "--no-keyboard", "--no-fw-cfg"],
    ...["--no-debug-exit", "--test-device", "--flat", "0x7c00", consoles],
  ]);
  expect(report.options.parts).toEqual({
    apic: false,
    hpet: false,
    pci: false,
    acpi: false,
    keyboard: false,
    fwCfg: false,
    debugExit: false,
    testDevice: true,
    debugConsole: true,
  });
  // Without the exit port the guest goes on to its HLT.
  expect(report.stop.kind).toBe("dead-halt");
  const ports = Object.fromEntries(
    report.ports.map((entry: { port: string; device: string | null }) => [
      entry.port,
      entry.device,
    ]),
  );
  expect(ports["0xf4"]).toBeNull();
  expect(ports["0xe9"]).toBe("test byte port");
});

test("the second serial port and the debug console go to files", async () => {
  const com2 = join(folder, "com2");
  const debug = join(folder, "debug");
  const outcome = await runGuest([
    ...["--serial2", com2, "--debug-console", debug, "--flat", "0x7c00", consoles],
  ]);
  expect(outcome).toMatchObject({ status: 1, stdout: "", stderr: "" });
  expect(readFileSync(com2, "latin1")).toBe("2");
  expect(readFileSync(debug, "latin1")).toBe("hi");
  const onStderr = await runGuest(["--debug-console", "-", "--flat", "0x7c00", consoles]);
  expect(onStderr.stderr).toBe("hi");
});

test("a flat image is entered where and how it is said", async () => {
  // Exits with the low byte of the stack pointer's size: 2 in real mode, 4 and 8 in the others.
  const code = (pushes: number[]) => [0x89, 0xe1, ...pushes, 0x29, 0xe1, 0x88, 0xc8, 0xe6, 0xf4];
  const image = flatImage(folder, "push", [0xf4, ...code([0x50])]);
  for (const [mode, bytes] of [
    ["real", 2],
    ["protected32", 4],
    ["long64", 8],
  ] as const) {
    const { status } = await runGuest([
      ...["--flat", "0x8000", "--flat-mode", mode, "--flat-entry", "0x8001", image],
    ]);
    expect(status).toBe((bytes << 1) | 1);
  }
});

test("command line and modules reach a multiboot image", async () => {
  const { report } = await reportOf("multiboot", [
    ...["--append", "one two", "--module", `${consoles},text, with commas`, TOUR],
  ]);
  expect(report.options.append).toBe("one two");
  expect(report.options.modules).toEqual([`${consoles},text, with commas`]);
  expect(report.stop).toMatchObject({ kind: "exit", code: 0, status: 1 });
});

test("firmware starts at the reset vector", async () => {
  // 64 KiB of HLT with a program at the vector: CLI; MOV AL, 3; OUT 0xf4, AL.
  const rom = new Uint8Array(65536).fill(0xf4);
  rom.set([0xfa, 0xb0, 0x03, 0xe6, 0xf4], 0xfff0);
  const path = join(folder, "firmware.bin");
  writeFileSync(path, rom);
  const { outcome, report } = await reportOf("bios", ["--bios", path]);
  expect(outcome.status).toBe(7);
  expect(report.options).toMatchObject({ image: null, firmware: path, imageFormat: "bios" });
});

test("a reset starts firmware again, unless --no-reboot or -no-reboot is given", async () => {
  // At the vector: INC BYTE [600h]; CMP BYTE [600h], 2; JE to OUT 0xf4, AL; MOV AL, 0xfe; OUT 0x64.
  const rom = new Uint8Array(65536).fill(0xf4);
  rom.set([0xe9, 0x0d, 0x00], 0xfff0);
  rom.set([0xfe, 0x06, 0x00, 0x06, 0x80, 0x3e, 0x00, 0x06, 0x02], 0x0);
  rom.set([0x74, 0x04, 0xb0, 0xfe, 0xe6, 0x64, 0xe6, 0xf4], 0x9);
  const path = join(folder, "reset.bin");
  writeFileSync(path, rom);
  expect((await runGuest(["--bios", path])).status).toBe(1);
  const ended = await runGuest(["--bios", path, "--no-reboot"]);
  expect(ended.stderr).toMatch(/^vmxlab: the guest asked for a reset/);
  expect(ended.status).toBe(10);
  const qemu = ["-bios", path, "-m", "16", "-device", "isa-debug-exit,iobase=0xf4,iosize=4"];
  const command = "vmxlab-qemu";
  expect((await runCommand(qemu, { command })).status).toBe(1);
  const quiet = await runCommand([...qemu, "-no-reboot"], { command });
  expect(quiet).toMatchObject({ status: 0, stderr: "" });
});

test("statistics are printed to the standard error", async () => {
  const { stdout, stderr, status } = await runGuest(["--stats", TOUR]);
  expect(status).toBe(1);
  expect(stdout).toContain("everything was as it should be");
  for (const label of ["stop", "instructions", "virtual time", "exceptions", "TLB", "ports"]) {
    expect(stderr).toMatch(new RegExp(`^${label} +\\S`, "m"));
  }
  expect(stderr).toMatch(/#DE 1, #DB 7, #BP 1, #UD 1, #GP 2, #PF 2/);
  expect(stderr).toMatch(/ud2 \(0f 0b\), 1 times/);
});

test("symbols come from another file, as ELF or as a list", async () => {
  const loop = flatImage(folder, "loop", CODE.loop);
  const list = join(folder, "System.map");
  writeFileSync(list, "00007b00 T before\n0000000000007c00 t the_loop\n00007d00 T behind\n");
  const args = ["--flat", "0x7c00", "--max-instructions", "10", loop];
  expect((await runGuest(["--symbols", list, ...args])).stderr).toContain("at 0x7c00 <the_loop>");
  const elf = await runGuest(["--symbols", TOUR, "--max-instructions", "400000", TOUR]);
  expect(elf.stderr).toMatch(/CPU 0 at 0x10\w+ <\w+\+0x\w+>\n$/);
});
