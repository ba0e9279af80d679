import { expect, test } from "vitest";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";
import { GUESTS, runCommand, runGuest } from "../support/command-line.ts";

/** Each ends with "right" on every line that judges something. */
function expectAllRight(stdout: string, lines: number): void {
  expect(stdout).not.toContain("WRONG");
  expect(stdout.match(/\bright$/gm)).toHaveLength(lines);
}

test.each(CPU_MODELS.map(({ name }) => name))("the tour goes through on %s", async (model) => {
  const { stdout, status } = await runGuest(["--cpu-model", model, `${GUESTS}/tour.elf`]);
  expectAllRight(stdout, 18);
  const brand = CPU_MODELS.find(({ name }) => name === model)?.brand;
  expect(stdout).toContain(`name         ${brand}\n`);
  expect(stdout).toContain("The tour is over: everything was as it should be.");
  expect(status).toBe(1);
});

test.each(TLB_PROFILES.map(({ name }) => name))(
  "the tour goes through with the TLB %s, which shows in what a stale entry does",
  async (name) => {
    const { stdout, status } = await runGuest(["--tlb", name, `${GUESTS}/tour.elf`]);
    expect(status).toBe(1);
    const seen = name === "none" ? 2 : 1;
    expect(stdout).toContain(`nobody told the TLB: the load sees frame ${seen}\n`);
  },
);

test("the tour counts primes and hashes as everybody does", async () => {
  const { stdout } = await runGuest([`${GUESTS}/tour.elf`]);
  expect(stdout).toContain("78498 below 1000000: right");
  expect(stdout).toContain(
    "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592: right",
  );
  // By the 8254: off by the ports that the program reads, no more.
  expect(stdout).toMatch(/runs at 999\.\d{3} MHz: right/);
});

test("the demonstration runs the tour, prints the statistics and ends with 0", async () => {
  const { stdout, stderr, status } = await runCommand(["demo"]);
  expect(stdout).toContain("The tour is over: everything was as it should be.\n\nstop  ");
  expect(stdout).toMatch(/^instructions +3\d,\d{3},\d{3}$/m);
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test.each([1, 2, 5, 64])("%i processors say hello and count together", async (cpus) => {
  const { stdout, status } = await runGuest(["--cpus", `${cpus}`, `${GUESTS}/smp-hello.elf`]);
  const hello = Array.from({ length: cpus }, (_, cpu) => `processor ${cpu} says hello`);
  expect(
    stdout
      .split("\n")
      .filter((line) => line.endsWith("hello"))
      .sort(),
  ).toEqual(hello.sort());
  const sum = cpus * 2000;
  expect(stdout).toContain(`counted ${sum} with a lock and ${sum} atomically, 2000 each`);
  expect(status).toBe(1);
});

test("changed code is seen by its next execution", async () => {
  const { stdout, status } = await runGuest([`${GUESTS}/self-modifying.elf`]);
  expectAllRight(stdout, 5);
  expect(status).toBe(1);
});

test("32-bit protected mode with rings, limits and pages", async () => {
  const { stdout, status } = await runGuest([`${GUESTS}/protected32.elf`]);
  expectAllRight(stdout, 8);
  expect(status).toBe(1);
});

test("real-address mode from a flat image", async () => {
  const { stdout, status } = await runGuest(["--flat", "0x7c00", `${GUESTS}/real-mode.bin`]);
  expectAllRight(stdout, 5);
  expect(status).toBe(1);
});
