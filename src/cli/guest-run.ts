/** One run of a guest at the command line: machine, console, files, limits, signals, report. */
import { resolve } from "node:path";
import { ChromeTrace } from "../l0/chrome-trace.ts";
import type { LoadOptions } from "../loaders/image.ts";
import type { SymbolTable } from "../loaders/symbols.ts";
import type { MachineHooks } from "../machine/hooks.ts";
import { Machine } from "../machine/machine.ts";
import type { MachineOptions } from "../machine/options.ts";
import type { LogicalProcessor } from "../machine/processor.ts";
import { ConsoleInput, ConsoleOutput } from "./console.ts";
import { type CostChoice, DEFAULT_COSTS } from "./costs-file.ts";
import { UsageError } from "./errors.ts";
import { describeEnd, EXIT, isNormalEnd, type RunEnd, type SignalName } from "./exit-status.ts";
import { ByteSink, checkWritable, writeWhole } from "./output-file.ts";
import { buildReport, type ReportedOptions, type RunReport } from "./report.ts";
import { type SanitizerPlan, sanitizerOutput } from "./sanitizer-output.ts";
import { abandonOutput } from "./standard-output.ts";
import { statisticsText } from "./statistics.ts";
import { hexAddress, nameOf } from "./symbols.ts";
import { Tracer } from "./trace.ts";
import type { TraceKind } from "./trace-kinds.ts";
import { UndefinedOpcodes } from "./undefined-opcodes.ts";

/** Where a stream of bytes from the guest goes. */
export type Destination =
  | { readonly kind: "none" }
  | { readonly kind: "stderr" }
  | { readonly kind: "file"; readonly path: string; readonly option: string };

export interface ConsolePlan {
  readonly kind: "console";
  /** Whether the standard input is read. */
  readonly input: boolean;
  /** On a terminal, Ctrl-C ends the run instead of going to the guest. */
  readonly interruptKey?: boolean;
}

export interface Inspection {
  /** Files that it writes. */
  readonly outputs: readonly { readonly option: string; readonly path: string }[];
  /** Called with the loaded image before anything is written; returns hooks that it needs. */
  prepare(machine: Machine, symbols: SymbolTable | undefined): MachineHooks;
  /** Called at the end; returns the status, and the line about the end if there is one. */
  show(
    end: RunEnd,
    usual: number,
  ): { readonly status: number; readonly line: "usual" | undefined | { readonly text: string } };
}

export interface RunPlan {
  /** How the program calls itself in messages. */
  readonly program: string;
  readonly machine: MachineOptions;
  /** Absent for a machine that starts with its firmware. */
  readonly image?: { readonly bytes: Uint8Array; readonly options: LoadOptions };
  /** Names addresses where the image's own symbols do not. */
  readonly symbols?: SymbolTable | undefined;
  /** For the report. */
  readonly reported: ReportedOptions;
  readonly maxInstructions?: number | undefined;
  readonly timeoutMs?: number | undefined;
  /** The first serial port: a file, or the console. */
  readonly serial1: ConsolePlan | Destination;
  readonly serial2: Destination;
  readonly debugConsole: Destination;
  readonly trace?: { readonly kinds: ReadonlySet<TraceKind>; readonly to: Destination } | undefined;
  /** File for what L0 does, as Chrome's trace. */
  readonly traceJson?: string | undefined;
  /** File for the report. */
  readonly json?: string | undefined;
  /** What the sanitizer writes, when there is one. */
  readonly sanitizer?: SanitizerPlan | undefined;
  /** Files that are read, which must not be written to. */
  readonly inputs: readonly string[];
  readonly statistics: "none" | "stderr" | "stdout";
  /** The column of the cost model for the report. */
  readonly costs?: CostChoice;
  /** Looks at the machine when the run has ended. */
  readonly inspection?: Inspection;
  /** Answers VMCALL outside VMX operation; without it, or when it returns false, that is #UD. */
  readonly onHypercall?: (machine: Machine, cpu: LogicalProcessor) => boolean;
  readonly statusOf: (end: RunEnd, signal: SignalName) => number;
  /** Replaces the usual line about the end, which is undefined for a normal one. */
  readonly endLine?: (
    end: RunEnd,
    signal: SignalName,
    usual: string | undefined,
  ) => string | undefined;
}

const SINK_FLUSH_MS = 200;
/** Time that a reader gets to take the rest of the output of a run that was cut short. */
const CUT_DRAIN_MS = 2000;
const SIGNALS: readonly SignalName[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs a guest to its end and returns the exit status.
 * @throws UsageError, OptionError, ImageError before anything has been written; OutputError.
 */
export async function runGuest(plan: RunPlan): Promise<number> {
  const machine = await Machine.create(plan.machine);
  if (plan.image) machine.load(plan.image.bytes, plan.image.options);
  const symbols = plan.symbols ?? machine.symbols;
  const hooks = plan.inspection?.prepare(machine, symbols) ?? {};
  checkOutputs(plan);
  const run = new GuestRun(plan, machine, hooks);
  return run.execute();
}

/** Refuses outputs that cannot be written or would destroy each other, before one is opened. */
function checkOutputs(plan: RunPlan): void {
  const outputs: { option: string; path: string }[] = [];
  for (const to of [plan.serial1, plan.serial2, plan.debugConsole, plan.trace?.to]) {
    if (to?.kind === "file") outputs.push(to);
  }
  const whole = [
    ["--trace-json", plan.traceJson],
    ["--json", plan.json],
    ["--sanitize-json", plan.sanitizer?.json],
    ["--sarif", plan.sanitizer?.sarif],
  ] as const;
  for (const [option, path] of whole) if (path !== undefined) outputs.push({ option, path });
  outputs.push(...(plan.inspection?.outputs ?? []));
  const taken = new Map(plan.inputs.map((path) => [resolve(path), "an input of this run"]));
  for (const { option, path } of outputs) {
    const other = taken.get(resolve(path));
    if (other !== undefined && !path.startsWith("/dev/")) {
      throw new UsageError(`${option} "${path}": the file is ${other}`);
    }
    taken.set(resolve(path), `written by ${option}`);
  }
  for (const { option, path } of outputs) checkWritable(option, path);
}

class GuestRun {
  private readonly plan: RunPlan;
  private readonly machine: Machine;
  private readonly inspectionHooks: MachineHooks;
  private readonly symbols: SymbolTable | undefined;
  private readonly undefinedOpcodes: UndefinedOpcodes;
  private readonly abort = new AbortController();
  private readonly sinks: ByteSink[] = [];
  private chromeTrace: ChromeTrace | undefined;
  private standardError: ByteSink | undefined;
  private signal: SignalName = "SIGINT";
  private outputClosed = false;
  private failure: unknown;
  private output: ConsoleOutput | undefined;
  private input: ConsoleInput | undefined;

  constructor(plan: RunPlan, machine: Machine, inspectionHooks: MachineHooks) {
    this.plan = plan;
    this.machine = machine;
    this.inspectionHooks = inspectionHooks;
    this.symbols = plan.symbols ?? machine.symbols;
    this.undefinedOpcodes = new UndefinedOpcodes(machine);
  }

  async execute(): Promise<number> {
    const { plan, machine } = this;
    await this.connect();
    const flusher = setInterval(() => this.flushSinks(), SINK_FLUSH_MS);
    const handlers = SIGNALS.map((name) => [name, () => this.onSignal(name)] as const);
    for (const [name, handler] of handlers) process.on(name, handler);
    const start = performance.now();
    try {
      const reason = await machine.run({
        signal: this.abort.signal,
        ...(plan.maxInstructions === undefined ? {} : { maxInstructions: plan.maxInstructions }),
        ...(plan.timeoutMs === undefined ? {} : { timeoutMs: plan.timeoutMs }),
      });
      const wallMs = performance.now() - start;
      if (this.failure !== undefined) throw this.failure;
      await this.finishOutput(reason.kind === "aborted" || reason.kind === "time-limit");
      const end: RunEnd = this.outputClosed ? { kind: "output-closed" } : reason;
      const faulty = isNormalEnd(end) && (machine.sanitizer?.errors ?? 0) > 0;
      const usual = faulty ? EXIT.sanitizer : plan.statusOf(end, this.signal);
      const shown = plan.inspection?.show(end, usual);
      const status = shown?.status ?? usual;
      await this.report(end, status, wallMs, shown ? shown.line : "usual");
      return status;
    } finally {
      clearInterval(flusher);
      for (const [name, handler] of handlers) process.off(name, handler);
      this.input?.restore();
      this.chromeTrace?.end();
      for (const sink of this.sinks) sink.close();
    }
  }

  /** Opens the files, in the order in which the help names them, and joins them to the machine. */
  private async connect(): Promise<void> {
    const { plan, machine } = this;
    const [serial1, serial2] = machine.serial;
    const first = plan.serial1.kind === "console" ? undefined : this.open(plan.serial1);
    const second = this.open(plan.serial2);
    const debug = this.open(plan.debugConsole);
    const trace = plan.trace && this.open(plan.trace.to);
    if (first) serial1?.onData((bytes) => first.write(bytes));
    if (second) serial2?.onData((bytes) => second.write(bytes));
    const { debugConsole } = machine.platform;
    if (debug && debugConsole) debugConsole.onByte = (byte) => debug.writeByte(byte);
    machine.setHooks(await this.hooks(trace));
    if (plan.traceJson !== undefined) this.traceL0(plan.traceJson);
    if (plan.serial1.kind !== "console" || !serial1) return;
    this.output = new ConsoleOutput(serial1, () => {
      this.outputClosed = true;
      this.abort.abort();
    });
    if (plan.serial1.input) {
      const { interruptKey = false } = plan.serial1;
      this.input = new ConsoleInput(serial1, interruptKey, () => this.abort.abort());
    }
  }

  /** Follows L0 beside a trace as text; the file is written event by event. */
  private traceL0(path: string): void {
    const sink = this.open({ kind: "file", option: "--trace-json", path })!;
    const trace = new ChromeTrace("vmxlab", (line) => sink.writeLine(line));
    this.machine.l1?.trace((event) => trace.event(event));
    this.chromeTrace = trace;
  }

  private open(to: Destination): ByteSink | undefined {
    if (to.kind === "none") return undefined;
    if (to.kind === "stderr") {
      if (!this.standardError) {
        this.standardError = ByteSink.standardError();
        this.sinks.push(this.standardError);
      }
      return this.standardError;
    }
    const sink = ByteSink.open(to.option, to.path);
    this.sinks.push(sink);
    return sink;
  }

  private async hooks(sink: ByteSink | undefined): Promise<MachineHooks> {
    const { plan, machine, undefinedOpcodes } = this;
    const tracer =
      plan.trace && sink
        ? await Tracer.create(machine, sink, plan.trace.kinds, this.symbols)
        : undefined;
    const traced = tracer?.hooks ?? {};
    const { onHypercall } = plan;
    return {
      ...this.inspectionHooks,
      ...traced,
      ...(onHypercall && { onHypercall: (cpu) => onHypercall(machine, cpu) }),
      onUndefinedOpcode: (cpu, address) => {
        undefinedOpcodes.note(cpu, address);
        traced.onUndefinedOpcode?.(cpu, address);
      },
    };
  }

  private onSignal(name: SignalName): void {
    if (this.abort.signal.aborted) {
      // The user insists: whatever is being waited for is given up.
      this.input?.restore();
      process.exit(this.plan.statusOf({ kind: "aborted" }, name));
    }
    this.signal = name;
    this.abort.abort();
  }

  private flushSinks(): void {
    try {
      for (const sink of this.sinks) sink.flush();
    } catch (error) {
      this.failure ??= error;
      this.abort.abort();
    }
  }

  /** Lets the reader take the rest; one that has stopped reading cannot hold up a cut run. */
  private async finishOutput(cut: boolean): Promise<void> {
    for (const port of this.machine.serial) port.close();
    const finished = this.output?.finish();
    if (finished && cut) {
      const timer = new Promise<"late">((late) => setTimeout(late, CUT_DRAIN_MS, "late"));
      if ((await Promise.race([finished, timer])) === "late") abandonOutput();
    } else {
      await finished;
    }
    this.input?.restore();
    for (const sink of this.sinks) sink.flush();
  }

  private async report(
    end: RunEnd,
    status: number,
    wallMs: number,
    wanted: "usual" | undefined | { readonly text: string },
  ): Promise<void> {
    const { plan, machine, symbols, undefinedOpcodes, signal } = this;
    if (this.output?.midLine && process.stderr.isTTY) process.stderr.write("\n");
    const usual = wanted === "usual" ? this.endLine(end) : wanted?.text;
    const line = plan.endLine ? plan.endLine(end, signal, usual) : usual;
    if (line !== undefined) process.stderr.write(`${plan.program}: ${line}\n`);
    if (plan.sanitizer) {
      const image = plan.reported.image ?? plan.reported.firmware ?? "";
      const ledger = plan.statistics !== "none";
      process.stderr.write(await sanitizerOutput(machine, plan.sanitizer, image, symbols, ledger));
    }
    if (plan.statistics === "none" && plan.json === undefined) return;
    const report = await buildReport({
      machine,
      options: plan.reported,
      costs: plan.costs ?? DEFAULT_COSTS,
      end,
      signal,
      status,
      wallMs,
      undefinedOpcodes,
      symbols,
    });
    this.print(report);
    if (plan.json !== undefined) writeWhole(plan.json, `${JSON.stringify(report, null, 2)}\n`);
  }

  private print(report: RunReport): void {
    const { statistics } = this.plan;
    if (statistics === "stderr") process.stderr.write(statisticsText(report));
    if (statistics === "stdout") process.stdout.write(`\n${statisticsText(report)}`);
  }

  /** What ended the run and where, unless the guest ended it as it meant to. */
  private endLine(end: RunEnd): string | undefined {
    if (isNormalEnd(end)) return undefined;
    const { machine, symbols, signal } = this;
    const cpu =
      machine.cpus["cpu" in end ? end.cpu : machine.currentCpu.index] ?? machine.currentCpu;
    const address = machine.linearRip(cpu);
    const name = nameOf(symbols, address);
    const place = name === undefined ? "" : ` <${name}>`;
    return `${describeEnd(end, signal)}; CPU ${cpu.index} at ${hexAddress(address)}${place}`;
  }
}
