/** From a command line of QEMU's form to a plan of a run. */
import { detectFormat } from "../../loaders/loader.ts";
import { type MachineMode, resolveOptions } from "../../machine/options.ts";
import { UsageError } from "../errors.ts";
import { EXIT, type RunEnd, type SignalName, statusOf } from "../exit-status.ts";
import type { Destination, RunPlan } from "../guest-run.ts";
import { readInput } from "../input-file.ts";
import type { TraceKind } from "../trace-kinds.ts";
import type { QemuArguments } from "./arguments.ts";
import { answerHypercall } from "./hypercalls.ts";
import { qemuMachine } from "./machine.ts";

const PROGRAM = "vmxlab-qemu";
const SIGNAL_NUMBER: Readonly<Record<SignalName, number>> = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 };

/** Options that can only say that there is no such thing. */
const NOTHING: Readonly<Record<string, readonly string[]>> = {
  display: ["none"],
  vga: ["none"],
  net: ["none"],
  nic: ["none"],
  monitor: ["none", "null"],
  parallel: ["none", "null"],
};

/** Items of -d, as kinds of events. */
const LOG_ITEMS: Readonly<Record<string, readonly TraceKind[]>> = {
  int: ["exc", "int", "irq"],
  exec: ["insn"],
  in_asm: ["insn"],
  nochain: [],
  guest_errors: ["undef"],
  unimp: ["undef"],
};

export interface QemuPlan {
  readonly plan: RunPlan;
  readonly warnings: readonly string[];
}

/**
 * Checks the options before it opens a file, as scripts expect that try them with a kernel that is
 * not there. @throws UsageError, OptionError, ImageError.
 */
export function planQemu(args: QemuArguments): QemuPlan {
  const machine = qemuMachine(args);
  resolveOptions(machine.options);
  for (const [option, values] of Object.entries(NOTHING)) {
    const bad = args.all(option).find((value) => !values.includes(value));
    if (bad !== undefined) throw new UsageError(`-${option} ${bad} is not supported`);
  }
  const serial = serialPorts(args);
  const debugConsole = fileOf("-debugcon", args.last("debugcon") ?? "none");
  const trace = parseLog(args);
  const files = bootFiles(args);
  const noReboot = args.has("no-reboot");
  const plan: RunPlan = {
    program: PROGRAM,
    machine: { ...machine.options, ...files.machine, reboot: !noReboot, mode: modeOf(args) },
    ...(files.image === undefined ? {} : { image: files.image }),
    reported: {
      image: args.last("kernel") ?? null,
      firmware: args.last("bios") ?? null,
      append: args.last("append") ?? null,
      modules: [],
      initrd: args.last("initrd") ?? null,
      maxInstructions: null,
      timeoutSeconds: null,
    },
    ...serial,
    debugConsole,
    trace,
    inputs: files.inputs,
    statistics: "none",
    onHypercall: answerHypercall,
    statusOf: (end, signal) => qemuStatus(end, signal, noReboot),
    endLine: (end, signal, usual) => {
      if (end.kind === "aborted") return `terminating on signal ${SIGNAL_NUMBER[signal]}`;
      return end.kind === "reset" && noReboot ? undefined : usual;
    },
  };
  return { plan, warnings: machine.warnings };
}

function modeOf(args: QemuArguments): MachineMode {
  const text = args.last("vmxlab-mode") ?? "bare";
  if (text !== "bare" && text !== "l1") throw new UsageError(`-vmxlab-mode ${text}: bare or l1`);
  return text;
}

/** QEMU ends with 0 when it is told to, and where -no-reboot turns a reset into an end. */
function qemuStatus(end: RunEnd, signal: SignalName, noReboot: boolean): number {
  const isReset = end.kind === "reset" || end.kind === "triple-fault";
  if (end.kind === "aborted" || (isReset && noReboot)) return EXIT.ok;
  return statusOf(end, signal);
}

function serialPorts(args: QemuArguments): Pick<RunPlan, "serial1" | "serial2"> {
  const texts = args.all("serial");
  if (texts.length > 2) throw new UsageError("-serial: at most two ports are supported");
  const [first = args.has("nographic") ? "mon:stdio" : "none", second = "none"] = texts;
  if (/^(?:mon:)?stdio$/.test(second)) {
    throw new UsageError("-serial: only the first port can be the standard input and output");
  }
  const isConsole = /^(?:mon:)?stdio$/.test(first);
  return {
    serial1: isConsole
      ? { kind: "console", input: true, interruptKey: first === "stdio" }
      : fileOf("-serial", first),
    serial2: fileOf("-serial", second),
  };
}

function fileOf(option: string, text: string): Destination {
  if (text === "none" || text === "null") return { kind: "none" };
  const path = /^file:(.+)$/.exec(text)?.[1];
  if (path === undefined) throw new UsageError(`${option} ${text} is not supported`);
  return { kind: "file", path, option };
}

function parseLog(args: QemuArguments): RunPlan["trace"] {
  const text = args.last("d");
  if (text === undefined) return undefined;
  const kinds = text.split(",").flatMap((item) => {
    const found = Object.hasOwn(LOG_ITEMS, item) ? LOG_ITEMS[item] : undefined;
    if (!found) throw new UsageError(`-d ${item} is not supported`);
    return found;
  });
  const path = args.last("D");
  return {
    kinds: new Set(kinds),
    to: path === undefined ? { kind: "stderr" } : { kind: "file", path, option: "-D" },
  };
}

interface BootFiles {
  readonly machine: { readonly firmware?: Uint8Array };
  readonly image?: NonNullable<RunPlan["image"]>;
  readonly inputs: readonly string[];
}

function bootFiles(args: QemuArguments): BootFiles {
  const kernel = args.last("kernel");
  const bios = args.last("bios");
  const initrd = args.last("initrd");
  if (kernel === undefined) {
    for (const option of ["append", "initrd"]) {
      if (args.has(option)) throw new UsageError(`-${option} needs -kernel`);
    }
    if (bios === undefined) throw new UsageError("there is nothing to run: give -kernel or -bios");
    return { machine: { firmware: readInput("could not load firmware", bios) }, inputs: [bios] };
  }
  if (bios !== undefined) throw new UsageError("-kernel and -bios together are not supported");
  const bytes = readInput("could not open kernel", kernel);
  const isMultiboot = detectFormat(bytes) === "multiboot1";
  const modules = initrd !== undefined && isMultiboot ? initrdModules(initrd) : [];
  const image = {
    bytes,
    options: {
      name: kernel,
      cmdline: args.last("append"),
      modules: modules.map(({ path, cmdline }) => ({
        name: path,
        cmdline,
        bytes: readInput("could not open initrd", path),
      })),
      initrd:
        initrd === undefined || isMultiboot
          ? undefined
          : readInput("could not open initrd", initrd),
    },
  };
  const paths = isMultiboot
    ? modules.map(({ path }) => path)
    : initrd === undefined
      ? []
      : [initrd];
  return { machine: {}, image, inputs: [kernel, ...paths] };
}

/** For a multiboot kernel -initrd is a list of modules: `file text,file text`. */
function initrdModules(text: string): { path: string; cmdline: string | undefined }[] {
  const parts = text.match(/(?:[^,]|,,)+/g) ?? [];
  return parts.map((part) => {
    const [path = "", ...words] = part.replaceAll(",,", ",").split(" ");
    return { path, cmdline: words.length === 0 ? undefined : words.join(" ") };
  });
}
