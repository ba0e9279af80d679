/** `vmxlab tlb`: runs an image to a point and shows what the caches of translations hold there. */
import { type Command, Option } from "commander";
import type { SymbolTable } from "../loaders/symbols.ts";
import type { Machine } from "../machine/machine.ts";
import type { WalkAccess } from "../tlb/walk-types.ts";
import { type CostChoice, DEFAULT_COSTS } from "./costs-file.ts";
import { UsageError } from "./errors.ts";
import { describeEnd, EXIT, type RunEnd, statusHelp } from "./exit-status.ts";
import type { Inspection, RunPlan } from "./guest-run.ts";
import { writeWhole } from "./output-file.ts";
import { parseInteger } from "./parse.ts";
import { describeMachine, planRun, type RunFlags } from "./run-command.ts";
import { tlbJson } from "./tlb-json.ts";
import { tlbPage } from "./tlb-page.ts";
import {
  describePoint,
  isReached,
  type Point,
  parsePoint,
  resolveAddress,
  stopAt,
} from "./tlb-point.ts";
import { tlbText } from "./tlb-text.ts";
import { gatherView, type WalkRequest } from "./tlb-view.ts";

/** What commander makes of the command line, besides what `run` has. */
interface TlbFlags {
  readonly at: string;
  readonly walk?: string;
  readonly access: AccessName;
  readonly cpu?: string;
  readonly entries?: boolean;
  readonly html?: string;
}

const ACCESS = {
  load: { kind: "load" },
  store: { kind: "store" },
  fetch: { kind: "fetch" },
  "user-load": { kind: "load", user: true },
  "user-store": { kind: "store", user: true },
  "user-fetch": { kind: "fetch", user: true },
  "supervisor-load": { kind: "load", user: false },
  "supervisor-store": { kind: "store", user: false },
  "supervisor-fetch": { kind: "fetch", user: false },
} as const satisfies Readonly<Record<string, WalkAccess>>;
type AccessName = keyof typeof ACCESS;

/** Describes the command to commander. */
export function describeTlb(command: Command): Command {
  command
    .summary("show what the TLB holds at a point of a run")
    .description(
      "Runs IMAGE to a point and prints the sets and ways of the TLB, of guest-physical mappings and " +
        "of paging-structure caches by tag. The guest's first serial port goes to the standard error.",
    )
    .usage("[options] IMAGE --at POINT");
  return describeMachine(command)
    .optionsGroup("Point:")
    .option(
      "--at <point>",
      "instructions, address, symbol[+offset], entry:N, exit:N (VM entries and exits) or end",
      "end",
    )
    .option("--timeout <seconds>", "stop after so much wall time")
    .optionsGroup("View:")
    .option("--cpu <n>", "show processor N alone, and walk its tables")
    .option("--entries", "print each entry in a line of its own as well")
    .option("--walk <address>", "walk the tables for an address or symbol[+offset]")
    .addOption(
      new Option(
        "--access <kind>",
        "what the walk is for, by the current privilege level or another",
      )
        .choices(Object.keys(ACCESS))
        .default("load"),
    )
    .option("--costs <preset>", "modelled cycles: a preset's name or a JSON file")
    .option("--html <file>", "draw it as a page for a browser")
    .option("--json <file>", "write it as JSON")
    .option("-s, --stats", "print statistics of the run to stderr")
    .addHelpText("after", `\n${statusHelp()}`);
}

/** @throws UsageError or ImageError when the options do not make a run; reads the input files. */
export async function planTlb(
  imagePath: string | undefined,
  flags: RunFlags & TlbFlags,
): Promise<RunPlan> {
  const { json, ...rest } = flags;
  const point = parsePoint("--at", flags.at);
  const plan = planRun(imagePath, { ...rest, input: false });
  const cpus = plan.machine.cpus ?? 1;
  const cpu = flags.cpu === undefined ? undefined : parseInteger("--cpu", flags.cpu, 0, cpus - 1);
  const outputs = [
    ...(flags.html === undefined ? [] : [{ option: "--html", path: flags.html }]),
    ...(json === undefined ? [] : [{ option: "--json", path: json }]),
  ];
  const inspection = new TlbInspection({
    image: imagePath ?? flags.bios ?? "",
    point,
    cpu,
    costs: plan.costs ?? DEFAULT_COSTS,
    flags,
    json,
    outputs,
  });
  return {
    ...plan,
    ...(point.kind === "instructions" ? { maxInstructions: point.count } : {}),
    serial1: { kind: "stderr" },
    inspection,
  };
}

interface Request {
  readonly image: string;
  readonly point: Point;
  readonly cpu: number | undefined;
  readonly costs: CostChoice;
  readonly flags: TlbFlags;
  readonly json: string | undefined;
  readonly outputs: Inspection["outputs"];
}

class TlbInspection implements Inspection {
  readonly outputs: Inspection["outputs"];
  private readonly request: Request;
  private machine: Machine | undefined;
  private symbols: SymbolTable | undefined;
  private walk: WalkRequest | undefined;

  constructor(request: Request) {
    this.request = request;
    this.outputs = request.outputs;
  }

  prepare(machine: Machine, symbols: SymbolTable | undefined) {
    const { point, cpu, flags } = this.request;
    this.machine = machine;
    this.symbols = symbols;
    if (flags.walk !== undefined) {
      const gla = resolveAddress("--walk", flags.walk, symbols);
      this.walk = { gla, cpu, access: ACCESS[flags.access] };
    }
    return stopAt(point, machine, symbols);
  }

  show(end: RunEnd, usual: number): ReturnType<Inspection["show"]> {
    const { machine, symbols, request } = this;
    if (!machine) throw new UsageError("nothing was loaded");
    const { image, point, cpu, costs, flags, json } = request;
    const reached = isReached(point, end);
    const words = describePoint(point);
    const common = { image, point: words, reached, symbols, costs, cpu };
    const view = gatherView(machine, { ...common, walk: this.walk });
    process.stdout.write(tlbText(view, flags.entries === true));
    if (flags.html !== undefined) writeWhole(flags.html, tlbPage(view));
    if (json !== undefined) writeWhole(json, tlbJson(view));
    if (reached) return { status: EXIT.ok, line: undefined };
    const cut = end.kind === "time-limit" || end.kind === "aborted" || end.kind === "output-closed";
    return {
      status: cut ? usual : EXIT.pointNotReached,
      line: { text: `${words} was not reached: ${describeEnd(end)}` },
    };
  }
}
