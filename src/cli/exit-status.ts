/** What the process ends with: one table that the help prints and the documentation explains. */
import type { StopReason } from "../machine/stop-reason.ts";

/** Why a run ended, including the ends that only a command line knows. */
export type RunEnd = StopReason | { readonly kind: "output-closed" };

export const EXIT = {
  ok: 0,
  /** A scenario went otherwise than it should, or the explorer found a failing schedule. */
  found: 1,
  usage: 2,
  tripleFault: 4,
  deadHalt: 6,
  idle: 8,
  reset: 10,
  instructionLimit: 12,
  sanitizer: 14,
  pointNotReached: 16,
  internalError: 18,
  internal: 70,
  output: 74,
  timeLimit: 124,
  hangup: 129,
  interrupted: 130,
  outputClosed: 141,
  terminated: 143,
} as const;

interface StatusRow {
  readonly status: string;
  readonly meaning: string;
}

/** The rows in the order of their statuses. */
export const STATUS_TABLE: readonly StatusRow[] = [
  { status: "0", meaning: "the guest switched the machine off" },
  { status: "odd", meaning: "the guest wrote VALUE to its exit port 0xf4: (VALUE << 1) | 1" },
  { status: "2", meaning: "bad usage, option, file or image; nothing was run or written" },
  { status: "4", meaning: "triple fault" },
  { status: "6", meaning: "dead halt: every processor is in HLT with interrupts off" },
  { status: "8", meaning: "idle: every processor waits for an interrupt that cannot come" },
  { status: "10", meaning: "the guest asked for a reset" },
  { status: "12", meaning: "the limit of instructions (--max-instructions)" },
  {
    status: "14",
    meaning: "the guest ended as with 0 or odd, and --sanitize has found errors",
  },
  { status: "16", meaning: "the run ended before the point of --at of `vmxlab tlb`" },
  { status: "18", meaning: "with --mode l1: L0 cannot carry out what the guest does" },
  { status: "70", meaning: "a defect of vmxlab itself" },
  { status: "74", meaning: "an output file could not be written" },
  { status: "124", meaning: "the time limit (--timeout)" },
  { status: "129", meaning: "SIGHUP" },
  { status: "130", meaning: "SIGINT, or Ctrl-A X on the terminal" },
  { status: "141", meaning: "the reader of the standard output has gone" },
  { status: "143", meaning: "SIGTERM" },
];

/** The table as the help shows it. */
export function statusHelp(): string {
  const rows = STATUS_TABLE.map(({ status, meaning }) => `  ${status.padEnd(5)} ${meaning}`);
  return ["Exit status:", ...rows].join("\n");
}

export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

const SIGNAL_STATUS: Readonly<Record<SignalName, number>> = {
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
  SIGHUP: EXIT.hangup,
};

/** The status for a run that ended so; `signal` is what aborted it. */
export function statusOf(end: RunEnd, signal: SignalName = "SIGINT"): number {
  switch (end.kind) {
    case "exit":
      return end.status;
    case "power-off":
      return EXIT.ok;
    case "triple-fault":
      return EXIT.tripleFault;
    case "internal-error":
      return EXIT.internalError;
    case "dead-halt":
      return EXIT.deadHalt;
    case "idle":
      return EXIT.idle;
    case "reset":
      return EXIT.reset;
    case "instruction-limit":
      return EXIT.instructionLimit;
    case "time-limit":
      return EXIT.timeLimit;
    case "output-closed":
      return EXIT.outputClosed;
    case "aborted":
      return SIGNAL_STATUS[signal];
    case "stopped":
    case "breakpoint":
      // Nothing in the command line sets a hook or a breakpoint that stops.
      return EXIT.internal;
  }
}

/** Exits of the vCPU that the line on the standard error names. */
const TRAIL_SHOWN = 3;

/** In words, for the line on the standard error. */
export function describeEnd(end: RunEnd, signal: SignalName = "SIGINT"): string {
  switch (end.kind) {
    case "exit":
      return `the guest wrote ${end.code} to its exit port`;
    case "power-off":
      return "the guest switched the machine off";
    case "triple-fault":
      return "triple fault: an exception could not be delivered, nor the double fault after it";
    case "internal-error":
      return `internal error (${end.suberror}): ${end.message}; last exits: ${end.trail.slice(-TRAIL_SHOWN).join(", ")}`;
    case "dead-halt":
      return "dead halt: every processor is in HLT with interrupts off";
    case "idle":
      return "idle: every processor waits for an interrupt that cannot come";
    case "reset":
      return "the guest asked for a reset";
    case "instruction-limit":
      return "instruction limit reached";
    case "time-limit":
      return "time limit reached";
    case "output-closed":
      return "the reader of the standard output has gone";
    case "aborted":
      return `ended by ${signal}`;
    case "stopped":
      return "stopped";
    case "breakpoint":
      return "breakpoint";
  }
}

/** Whether the guest itself ended the run as it meant to: nothing needs to be said then. */
export function isNormalEnd(end: RunEnd): boolean {
  return end.kind === "exit" || end.kind === "power-off";
}
