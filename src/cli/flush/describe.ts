/** The options of `vmxlab flush` and its parts, for commander. */
import type { Command } from "commander";
import type { FlushFlags, FlushLab } from "./flush-command.ts";

type SetStatus = (status: number) => void;

const repeat = (value: string, values: readonly string[] = []) => [...values, value];

function describeJobs(command: Command): Command {
  return command
    .option("--jobs <n>", "jobs at a time, each on a thread (default: one for each processor)")
    .option("--job-timeout <seconds>", "wall time that a job may take (default: 300)");
}

/** `loadLab` is only called when something is run or listed. */
export function describeFlush(
  command: Command,
  loadLab: () => Promise<FlushLab>,
  setStatus: SetStatus,
): void {
  command
    .summary("benchmark flush strategies side by side")
    .description(
      "Runs workloads under strategies that decide when L0 flushes and what, and prints for each whether " +
        "it is right and what it costs. Correctness comes first: a strategy under which a stale translation " +
        "was used is never ranked. Status 1: one that should be right is not. See docs/flush-lab.md.",
    )
    .enablePositionalOptions()
    .allowExcessArguments(false)
    .optionsGroup("What to run:")
    .option("--preset <name>", "a plan of `vmxlab flush list`; the options below change it")
    .option("--strategies <names>", "joined by commas, or all")
    .option("--workload <names>", "joined by commas, or all")
    .option("--set <name=value>", "a parameter of the workload; may be repeated", repeat)
    .option("--sweep <name=a,b,c>", "one that takes several values; may be repeated", repeat)
    .option("--seeds <n>", "seeds 1 to N, or FIRST-LAST (default: 5, or the preset's)")
    .optionsGroup("How to run it:");
  describeJobs(command)
    .option("--queue <url>", "let workers on other machines run the jobs, by a Redis server")
    .optionsGroup("Output:")
    .option("--results <file>", "keep each result there; a run that was cut goes on with them")
    .option("--overwrite", "begin the results anew")
    .option("--report <folder>", "draw a page with charts there; keeps results.jsonl there as well")
    .option("--sites", "print which places of L0 flushed, and how often that was needed")
    .option("--json", "print the summary as JSON")
    .action(async (flags: FlushFlags) => {
      const { runFlush } = await import("./flush-command.ts");
      setStatus(await runFlush(flags, await loadLab()));
    });
  command
    .command("list")
    .summary("list strategies, workloads with their parameters, and presets")
    .option("--json", "print the list as JSON")
    .action(async (flags: { json?: boolean }) => {
      const { printFlushList } = await import("./flush-list.ts");
      printFlushList(await loadLab(), flags.json === true);
    });
  command
    .command("compare")
    .summary("compare two files of results")
    .description(
      "Prints for each strategy and workload what the jobs of AFTER cost for those of BEFORE, and whose " +
        "verdict has changed. Status 1: a job was right and is no more.",
    )
    .argument("<BEFORE>", "file of --results")
    .argument("<AFTER>", "another one")
    .option("--json", "print the comparison as JSON")
    .action(async (before: string, after: string, flags: { json?: boolean }) => {
      const { compareFiles } = await import("./flush-compare.ts");
      setStatus(compareFiles(before, after, flags.json === true));
    });
  describeJobs(
    command
      .command("worker")
      .summary("run jobs of other machines")
      .description("Takes jobs from a Redis server until it gets a signal.")
      .requiredOption("--queue <url>", "redis:// or rediss:// address of the server"),
  ).action(async (flags: { queue: string; jobs?: string; jobTimeout?: string }) => {
    const { serveQueue } = await import("./queue-worker.ts");
    setStatus(await serveQueue(flags, await loadLab()));
  });
}
