import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";
import { GUESTS, runCommand, temporaryFolder } from "../support/command-line.ts";

const folder = temporaryFolder();

test("bytes are disassembled in every mode", async () => {
  const bytes = ["0x0f", "01", "c1", "48", "89", "d8"];
  const long = await runCommand(["disasm", ...bytes]);
  expect(long.stdout.split("\n")).toEqual([
    "0000000000000000  0f 01 c1                       vmcall",
    "0000000000000003  48 89 d8                       mov rax, rbx",
    "",
  ]);
  const real = await runCommand(["disasm", "--bits", "16", "--address", "0x7c00", "89d8", "ff"]);
  expect(real.stdout.split("\n")).toEqual([
    "00007c00  89 d8                          mov ax, bx",
    "00007c02  ff                             (bad)",
    "",
  ]);
  expect(real).toMatchObject({ status: 0, stderr: "" });
});

test("a file is disassembled as bytes, an ELF file at its addresses with its symbols", async () => {
  const path = join(folder, "code.bin");
  writeFileSync(path, Uint8Array.from([0x90, 0xc3]));
  const raw = await runCommand(["disasm", "--bits", "32", path]);
  expect(raw.stdout).toMatch(/^00000000 {2}90 .* nop\n00000001 {2}c3 .* ret\n$/);
  const elf = await runCommand(["disasm", `${GUESTS}/protected32.elf`]);
  expect(elf.stdout).toMatch(/^_start:\n00100010 {2}fa +cli$/m);
  expect(elf.stdout).toMatch(/^user_program:$/m);
});

test("a reader that has seen enough ends the listing quietly", async () => {
  const { stderr, status } = await runCommand(["disasm", "--bits", "32", `${GUESTS}/tour.elf`], {
    interact: (child) => child.stdout?.once("data", () => child.stdout?.destroy()),
  });
  expect(stderr).toBe("");
  expect(status === 0 || status === 141).toBe(true);
});

test("info prints every CPU model, feature, TLB profile and limit", async () => {
  const text = await runCommand(["info"]);
  expect(text).toMatchObject({ status: 0, stderr: "" });
  for (const { name } of [...CPU_MODELS, ...TLB_PROFILES]) {
    expect(text.stdout).toMatch(new RegExp(`^  ${name}( \\(default\\))?:`, "m"));
  }
  expect(text.stdout).toContain("1 MiB to 3840 MiB");
  const json = JSON.parse((await runCommand(["info", "--json"])).stdout);
  expect(json.tlbProfiles).toEqual(TLB_PROFILES);
  expect(json.cpuModels.map((model: { name: string }) => model.name)).toEqual(
    CPU_MODELS.map(({ name }) => name),
  );
  expect(json.limits.cpus).toEqual({ min: 1, max: 64, default: 1 });
});

test("version and help end with status 0, no command with 2", async () => {
  const version = await runCommand(["--version"]);
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  expect(version.status).toBe(0);
  const help = await runCommand(["--help"]);
  for (const command of ["run", "demo", "disasm", "info"]) expect(help.stdout).toContain(command);
  expect(help.status).toBe(0);
  const none = await runCommand([]);
  expect(none.stdout).toBe("");
  expect(none.stderr).toContain("Usage: vmxlab");
  expect(none.status).toBe(2);
});
