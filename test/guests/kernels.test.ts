import { expect, test } from "vitest";
import { CHECKSUMS } from "../../bench/kernels.ts";
import { GUESTS, runGuest } from "../support/command-line.ts";

// All kernels of both images take half a minute, which `npm run bench` spends and checks as well.
test.each([
  ["bench64", "bare", ["sha256", "qsort", "chase", "matmul", "repstr"]],
  ["bench64-vmx", "bare", ["qsort", "chase", "repstr"]],
  ["bench32", "bare", ["alu", "qsort", "chase", "bytecode", "repstr"]],
  ["bench64", "l1", ["sha256", "qsort", "chase", "matmul", "repstr"]],
  ["bench32", "l1", ["alu", "qsort", "repstr"]],
])("%s, %s, computes as every right processor does", async (image, mode, kernels) => {
  const path = `${GUESTS}/${image}.elf`;
  const args = ["--mode", mode, "-m", "32M", "--append", kernels.join(" "), path];
  const { stdout, status } = await runGuest(args);
  const lines = kernels.flatMap((name) => [`> ${name}`, `< ${name} ${CHECKSUMS[name]}`]);
  expect(stdout.trimEnd().split("\n")).toEqual(["BENCH start", ...lines, "BENCH end"]);
  expect(status).toBe(1);
});
