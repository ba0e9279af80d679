#!/usr/bin/env node
/** The command `vmxlab`. */
import { Command } from "commander";
import { VERSION } from "../generated/version.ts";
import { oneLine } from "./errors.ts";
import { EXIT } from "./exit-status.ts";
import { runCommand } from "./finish.ts";
import { describeFlush } from "./flush/describe.ts";
import { describeRun, planRun } from "./run-command.ts";
import { describeTlb, planTlb } from "./tlb-command.ts";

/** Commands set the status with which the process ends. */
let status: number = EXIT.ok;

function program(): Command {
  const command = new Command("vmxlab");
  command
    .description("Instruction-level emulator of x86 that shows what its TLB holds and does.")
    .version(VERSION)
    .showSuggestionAfterError(true)
    // `flush` has options of its own and of its parts by the same names.
    .enablePositionalOptions()
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
  describeScenarios(command.command("scenario"));
  command
    .command("explore")
    .summary("walk the interleavings of a scenario")
    .description(
      "Runs SCENARIO on every schedule with up to N preemptions, then on some by seed. What fails is " +
        "shrunk and shown as a time line, with the command that replays it. Status 0: nothing found; " +
        "1: a failing schedule; 12: the limit of runs was reached.",
    )
    .argument("<SCENARIO>", "name as in `scenario list`")
    .option("-p, --preemptions <n>", "0 to 6 (default: 2)")
    .option("--break <steps>", "steps of L0 to leave out, joined by +")
    .option("--max-runs <n>", "most schedules to run (default: 200000)")
    .option("--seeds <n>", "runs by seed behind those (default: 200)")
    .option("--no-sanitize", "without the sanitizer: faster, only invariants judge")
    .option("--json", "print the result as JSON")
    .action(async (name: string, flags) => {
      const { exploreScenario } = await import("./scenario-command.ts");
      status = await exploreScenario(name, flags);
    });
  const loadLab = async () => (await import("./flush/lab.ts")).ownLab();
  describeFlush(command.command("flush"), loadLab, (value) => {
    status = value;
  });
  return command;
}

function describeScenarios(command: Command): void {
  command
    .summary("run scenarios of L0, correct and broken")
    .description(
      "Scenarios are races of L0's threads with promises that must hold, and with variants of L0 that " +
        "leave out a step and must be caught. See docs/scenarios.md.",
    );
  command
    .command("list")
    .summary("list scenarios and what is not built yet")
    .option("--json", "print the list as JSON")
    .action(async (flags: { json?: boolean }) => {
      const { listScenarios } = await import("./scenario-command.ts");
      listScenarios(flags.json === true);
    });
  command
    .command("run")
    .summary("run a scenario with its variants, or all scenarios")
    .description(
      "Runs the scenario NAME on many schedules, and each of its variants until it is caught. With " +
        "--schedule or --seed: one run, shown as a time line. Status 0 only when the correct run is " +
        "silent, all promises hold and every variant is caught as expected; else 1.",
    )
    .argument("[NAME]", "name as in `scenario list`, or a number such as S4")
    .option("--break <steps>", "only the variant that leaves out these steps, joined by +")
    .option("--all", "all scenarios")
    .option("--schedule <schedule>", "one run: base, or STEP:THREAD,... as explore prints it")
    .option("--seed <n>", "one run, whose order the seed draws")
    .option("--trace-json <file>", "one run: write its trace for Perfetto")
    .option("--json", "print the result as JSON")
    .action(async (name: string | undefined, flags) => {
      const { runScenarios } = await import("./scenario-command.ts");
      status = await runScenarios(name, flags);
    });
}

await runCommand("vmxlab", async () => {
  await program().parseAsync();
  return status;
});
