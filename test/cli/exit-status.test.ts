import { expect, test } from "vitest";
import { STATUS_TABLE, statusHelp } from "../../src/cli/exit-status.ts";
import { CODE, flatImage, runCommand, runGuest, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();

interface Case {
  readonly name: keyof typeof CODE;
  readonly status: number;
  readonly line: RegExp | undefined;
  readonly options?: readonly string[];
}

const CASES: readonly Case[] = [
  { name: "exit5", status: 11, line: undefined },
  {
    name: "deadHalt",
    status: 6,
    line: /^vmxlab: dead halt: every processor is in HLT with interrupts off; CPU 0 at 0x7c02\n$/,
  },
  { name: "idle", status: 8, line: /^vmxlab: idle: .* cannot come; CPU 0 at 0x7c02\n$/ },
  {
    name: "tripleFault",
    status: 4,
    line: /^vmxlab: triple fault: .*; CPU 0 at 0x7c00\n$/,
    options: ["--flat-mode", "protected32"],
  },
  {
    name: "internalError",
    status: 18,
    line: /^vmxlab: internal error \(emulation\): vCPU 0: .* \(0f 58 03\) .*; CPU 0 at 0x7c05\n$/,
    options: ["--flat-mode", "long64", "--mode", "l1"],
  },
  { name: "reset", status: 10, line: /^vmxlab: the guest asked for a reset; CPU 0 at 0x7c0\w\n$/ },
  {
    name: "loop",
    status: 12,
    line: /^vmxlab: instruction limit reached; CPU 0 at 0x7c00\n$/,
    options: ["--max-instructions", "1000"],
  },
  {
    name: "loop",
    status: 124,
    line: /^vmxlab: time limit reached; CPU 0 at 0x7c00\n$/,
    options: ["--timeout", "0.2"],
  },
];

test.concurrent.each(CASES)(
  "$name ends with status $status",
  async ({ name, status, line, options = [] }) => {
    const image = flatImage(folder, name, CODE[name]);
    const outcome = await runGuest(["--flat", "0x7c00", ...options, image]);
    if (line === undefined) expect(outcome.stderr).toBe("");
    else expect(outcome.stderr).toMatch(line);
    expect(outcome.status).toBe(status);
    expect(outcome.stdout).toBe("");
  },
);

test("a guest that switches the machine off ends with status 0", async () => {
  // For each letter of "Shutdown": MOV AL; OUT to port 0x8900.
  const letters = [...Buffer.from("Shutdown")].flatMap((letter) => [0xb0, letter, 0xee]);
  const image = flatImage(folder, "power-off", [0xba, 0x00, 0x89, ...letters, 0xeb, 0xfe]);
  const outcome = await runGuest(["--flat", "0x7c00", image]);
  expect(outcome).toMatchObject({ status: 0, stderr: "" });
});

test("an exit code of 255 wraps to the eight bits of a status", async () => {
  const image = flatImage(folder, "exit255", [0xb0, 0xff, 0xe6, 0xf4, 0xf4]);
  expect((await runGuest(["--flat", "0x7c00", image])).status).toBe(255);
});

test.concurrent.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends a run with status %i and says so", async (signal, status) => {
  const image = flatImage(folder, `loop-${signal}`, CODE.flood);
  const outcome = await runGuest(["--flat", "0x7c00", image], {
    // Output shows that the guest runs and the handlers are in place.
    interact: (child) => child.stdout?.once("data", () => child.kill(signal)),
  });
  expect(outcome.stderr).toMatch(new RegExp(`^vmxlab: ended by ${signal}; CPU 0 at 0x7c0\\w\\n$`));
  expect(outcome.status).toBe(status);
});

test("the help prints the table of statuses", async () => {
  const { stdout, status } = await runCommand(["run", "--help"]);
  expect(status).toBe(0);
  expect(stdout).toContain(statusHelp());
  expect(STATUS_TABLE.map((row) => row.status)).toEqual([
    ...new Set(STATUS_TABLE.map((row) => row.status)),
  ]);
});
