import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CODE, flatImage, GUESTS, runGuest, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();
const consoles = flatImage(folder, "consoles", CODE.consoles);

async function trace(kinds: string, args: readonly string[]): Promise<string[]> {
  const path = join(folder, "trace.txt");
  await runGuest(["--trace", kinds, "--trace-file", path, ...args]);
  const text = readFileSync(path, "utf8");
  expect(text.endsWith("\n") || text === "").toBe(true);
  return text.split("\n").slice(0, -1);
}

test("instructions are traced with their bytes, port accesses among them", async () => {
  const lines = await trace("insn,io", ["--flat", "0x7c00", consoles]);
  expect(lines.slice(0, 4)).toEqual([
    "           0 cpu0 insn  0x7c00: b0 68                          mov al, 0x68",
    "           1 cpu0 insn  0x7c02: e6 e9                          out 0xe9, al",
    "           1 cpu0 io    write 0xe9 <- 0x68",
    "        1001 cpu0 insn  0x7c04: b0 69                          mov al, 0x69",
  ]);
});

test("without a file the trace goes to the standard error", async () => {
  const { stderr, stdout } = await runGuest(["--trace", "io", "--flat", "0x7c00", consoles]);
  expect(stdout).toBe("");
  expect(stderr.split("\n").filter((line) => line.includes(" io "))).toHaveLength(4);
});

test("exceptions, interrupts and device memory are traced with symbols", async () => {
  const lines = await trace("exc,irq,mmio,undef", [`${GUESTS}/tour.elf`]);
  const rest = lines.map((line) => line.slice(13));
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 exc {3}#DE at 0x\w+ <show_faults\+0x/));
  expect(rest).toContainEqual(
    expect.stringMatching(/^cpu0 exc {3}#PF error 0x2 address 0x400000000c at 0x\w+ </),
  );
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 exc {3}#GP error 0x1000 at 0x/));
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 irq {3}vector 0x40 before 0x\w+ </));
  expect(rest).toContainEqual("cpu0 mmio  write 0xfee000b0 <- 0x00000000");
  expect(rest).toContainEqual(expect.stringMatching(/^cpu0 undef 0x\w+ <show_faults.*ud2$/));
  expect(rest.filter((line) => line.startsWith("cpu0 exc   #DB"))).toHaveLength(7);
});

test("software interrupts are traced, with several processors by their numbers", async () => {
  const lines = await trace("int", [`${GUESTS}/protected32.elf`]);
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/ cpu0 int {3}vector 0x80 at 0x\w+ <user_program\+0x/);
  const processors = await trace("mmio,io", ["--cpus", "2", `${GUESTS}/smp-hello.elf`]);
  expect(processors.some((line) => line.includes(" cpu1 io "))).toBe(true);
});

test("no line is lost when a limit or a signal cuts the run", async () => {
  const loop = flatImage(folder, "loop", CODE.loop);
  const lines = await trace("insn", ["--max-instructions", "5000", "--flat", "0x7c00", loop]);
  expect(lines).toHaveLength(5000);
  expect(lines[4999]).toMatch(/^ {8}4999 cpu0 insn {2}0x7c00: eb fe +jmp short 0x7c00$/);
  const flood = flatImage(folder, "flood", CODE.flood);
  const path = join(folder, "cut.txt");
  const outcome = await runGuest(
    ["--trace", "io", "--trace-file", path, "--flat", "0x7c00", flood],
    { interact: (child) => child.stdout?.once("data", () => child.kill("SIGTERM")) },
  );
  const written = readFileSync(path, "utf8").split("\n");
  expect(written.at(-1)).toBe("");
  expect(written.length - 1).toBe(outcome.stdout.length);
});
