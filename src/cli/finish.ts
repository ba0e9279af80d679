/** How a command ends: errors become one line and a status, output that is under way gets out. */
import { CommanderError } from "commander";
import { isUsageError, OutputError, oneLine } from "./errors.ts";
import { EXIT } from "./exit-status.ts";
import { whenWritten } from "./standard-output.ts";

/** Time that the reader of the messages gets to take them. */
const MESSAGES_MS = 2000;

/** The status for an error; prints it as one line unless it is a defect of our own. */
export function statusOfError(program: string, error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed it already.
    return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  }
  if (isUsageError(error) || error instanceof OutputError) {
    process.stderr.write(`${program}: ${oneLine(error.message)}\n`);
    return error instanceof OutputError ? EXIT.output : EXIT.usage;
  }
  const text = error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${program}: internal error, please report it: ${text}\n`);
  return EXIT.internal;
}

/** Runs `command` and ends the process with the status that it gives. */
export async function runCommand(program: string, command: () => Promise<number>): Promise<void> {
  let outputClosed = false;
  // A reader that goes away is no defect. Guests' output has its own way to notice.
  process.stdout.on("error", () => {
    outputClosed = true;
  });
  process.stderr.on("error", () => {});
  let status: number;
  try {
    status = await command();
  } catch (error) {
    status = statusOfError(program, error);
  }
  await whenWritten(process.stdout);
  const patience = new Promise<void>((resolve) => setTimeout(resolve, MESSAGES_MS));
  await Promise.race([whenWritten(process.stderr), patience]);
  // What still waits for input must not keep the process.
  process.exit(status === EXIT.ok && outputClosed ? EXIT.outputClosed : status);
}
