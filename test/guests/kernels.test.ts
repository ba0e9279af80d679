import { expect, test } from "vitest";
import { CHECKSUMS } from "../../bench/kernels.ts";
import { GUESTS, runGuest } from "../support/command-line.ts";

// All kernels of both images take half a minute, which `npm run bench` spends and checks as well.
test.each([
  ["bench64", ["sha256", "qsort", "chase", "matmul", "repstr"]],
  ["bench64-vmx", ["qsort", "chase", "repstr"]],
  ["bench32", ["alu", "qsort", "chase", "bytecode", "repstr"]],
])("%s computes as every right processor does", async (image, kernels) => {
  const args = ["-m", "32M", "--append", kernels.join(" "), `${GUESTS}/${image}.elf`];
  const { stdout, status } = await runGuest(args);
  const lines = kernels.flatMap((name) => [`> ${name}`, `< ${name} ${CHECKSUMS[name]}`]);
  expect(stdout.trimEnd().split("\n")).toEqual(["BENCH start", ...lines, "BENCH end"]);
  expect(status).toBe(1);
});
