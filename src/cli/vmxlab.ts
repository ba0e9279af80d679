#!/usr/bin/env node
/** The command `vmxlab`. */
import { Command } from "commander";
import { oneLine } from "./errors.ts";
import { EXIT } from "./exit-status.ts";
import { runCommand } from "./finish.ts";
import { describeRun, planRun } from "./run-command.ts";
import { describeTlb, planTlb } from "./tlb-command.ts";
import { version } from "./version.ts";

/** Commands set the status with which the process ends. */
let status: number = EXIT.ok;

function program(): Command {
  const command = new Command("vmxlab");
  command
    .description("Instruction-level emulator of x86 that shows what its TLB holds and does.")
    .version(version())
    .showSuggestionAfterError(true)
    .configureOutput({
      outputError: (text, write) => write(`vmxlab: ${oneLine(text).replace(/^error: /, "")}\n`),
    })
    .exitOverride();
  describeRun(command.command("run")).action(async (image: string | undefined, flags) => {
    const plan = planRun(image, flags);
    const { runGuest } = await import("./guest-run.ts");
    status = await runGuest(plan);
  });
  describeTlb(command.command("tlb")).action(async (image: string | undefined, flags) => {
    const plan = await planTlb(image, flags);
    const { runGuest } = await import("./guest-run.ts");
    status = await runGuest(plan);
  });
  command
    .command("demo")
    .summary("run the demonstration and print its statistics")
    .description(
      "Runs a small 64-bit guest that shows what it finds and does, then the statistics.",
    )
    .action(async () => {
      const { runDemo } = await import("./demo.ts");
      status = await runDemo();
    });
  command
    .command("disasm")
    .summary("disassemble a file or bytes")
    .description(
      "Disassembles FILE: the code of an ELF file at its addresses, any other file as raw bytes. " +
        "Instead of a file, bytes may be given in hexadecimal.",
    )
    .usage("[options] FILE|HEX...")
    .argument("<FILE|HEX...>", "a file, or bytes in hexadecimal")
    .option("-b, --bits <n>", "16, 32 or 64 (default: the file's own, or 64)")
    .option("-a, --address <address>", "address of the first byte (default: the file's own, or 0)")
    .action(async (words: string[], flags: { bits?: string; address?: string }) => {
      const { disassembleInput } = await import("./disasm.ts");
      await disassembleInput(words, flags);
    });
  command
    .command("info")
    .summary("print version, CPU models, TLB profiles and limits")
    .option("--json", "print them as JSON")
    .action(async (flags: { json?: boolean }) => {
      const { printInfo } = await import("./info.ts");
      printInfo(flags.json === true);
    });
  return command;
}

await runCommand("vmxlab", async () => {
  await program().parseAsync();
  return status;
});
