#!/usr/bin/env node
/** The command `vmxlab-qemu`: runs kernels for scripts that call QEMU. */
import { oneLine } from "./errors.ts";
import { EXIT } from "./exit-status.ts";
import { runCommand } from "./finish.ts";
import { answer } from "./qemu/answers.ts";
import { QemuArguments } from "./qemu/arguments.ts";
import { planQemu } from "./qemu/plan.ts";

const PROGRAM = "vmxlab-qemu";

await runCommand(PROGRAM, async () => {
  const args = QemuArguments.parse(process.argv.slice(2));
  const text = answer(args);
  if (text !== undefined) {
    process.stdout.write(`${text}\n`);
    return EXIT.ok;
  }
  const { plan, warnings } = planQemu(args);
  for (const warning of warnings) {
    process.stderr.write(`${PROGRAM}: warning: ${oneLine(warning)}\n`);
  }
  const { runGuest } = await import("./guest-run.ts");
  return runGuest(plan);
});
