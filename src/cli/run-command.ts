/** `vmxlab run`: its options, and the plan they come to. */
import { type Command, Option } from "commander";
import { type FlatOptions, ImageError, type LinuxProtocol } from "../loaders/image.ts";
import type { MachineOptions } from "../machine/options.ts";
import { parseCosts } from "./costs-file.ts";
import { UsageError } from "./errors.ts";
import { statusHelp, statusOf } from "./exit-status.ts";
import type { Destination, RunPlan } from "./guest-run.ts";
import { readInput } from "./input-file.ts";
import {
  parseAddress,
  parseCpu,
  parseInteger,
  parseKinds,
  parseModule,
  parseMoment,
  parseSeconds,
  parseSize,
} from "./parse.ts";
import { stepsNamed } from "./scenario-names.ts";
import { readSymbols } from "./symbols.ts";
import { tlbOption } from "./tlb-file.ts";
import { TRACE_KINDS } from "./trace-kinds.ts";

const CPUS_MAX = 64;

/** What commander makes of the command line. */
export interface RunFlags {
  readonly mode?: "bare" | "l1";
  readonly break?: string;
  readonly memory?: string;
  readonly cpus?: string;
  readonly pcpus?: string;
  readonly cpuModel?: string;
  readonly append?: string;
  readonly module?: readonly string[];
  readonly initrd?: string;
  readonly bios?: string;
  readonly flat?: string;
  readonly flatMode?: FlatOptions["mode"];
  readonly flatEntry?: string;
  readonly protocol?: LinuxProtocol;
  readonly symbols?: string;
  readonly seed?: string;
  readonly maxInstructions?: string;
  readonly timeout?: string;
  readonly tlb?: string;
  readonly rtc?: string;
  readonly testDevice?: boolean;
  readonly apic: boolean;
  readonly hpet: boolean;
  readonly pci: boolean;
  readonly acpi: boolean;
  readonly keyboard: boolean;
  readonly fwCfg: boolean;
  readonly debugExit: boolean;
  readonly reboot: boolean;
  readonly input: boolean;
  readonly serial2?: string;
  readonly debugConsole?: string;
  readonly trace?: string;
  readonly traceFile?: string;
  readonly traceJson?: string;
  readonly stats?: boolean;
  readonly costs?: string;
  readonly json?: string;
  readonly sanitize?: boolean;
  readonly staleWindows?: boolean;
  readonly sanitizeJson?: string;
  readonly sarif?: string;
}

const TIMEOUT_HELP = "stop after so much wall time";
const STATISTICS_HELP = "print statistics to stderr at the end";
const COSTS_HELP = "cycles in statistics and report: a preset's name or a JSON file";

/** Describes the command to commander. */
export function describeRun(command: Command): Command {
  command
    .summary("run a guest image")
    .description(
      "Runs IMAGE: a multiboot or ELF file, a Linux kernel (bzImage or vmlinux), or with --flat a " +
        "raw binary. The guest's first serial port is the standard input and output.",
    )
    .usage("[options] IMAGE");
  return describeMachine(command)
    .optionsGroup("Limits:")
    .option("--max-instructions <n>", "stop after N instructions of all processors together")
    .option("--timeout <seconds>", TIMEOUT_HELP)
    .optionsGroup("Input and output:")
    .option("--no-input", "do not read the standard input")
    .option("--serial2 <file>", "write what the guest sends to its second serial port")
    .option("--debug-console <file>", "write the bytes of ports 0xe9 and 0x402; - for stderr")
    .option("--trace <kinds>", `trace to stderr: a list of ${TRACE_KINDS.join(", ")} or all`)
    .option("--trace-file <file>", "write the trace to FILE instead")
    .option("--trace-json <file>", "with --mode l1: write what L0 does for Perfetto")
    .option("-s, --stats", STATISTICS_HELP)
    .option("--costs <preset>", COSTS_HELP)
    .option("--json <file>", "write a report of the run at the end")
    .optionsGroup("TLB sanitizer:")
    .option("--sanitize", "judge the use of stale translations, and flushes; see docs/sanitizer.md")
    .option("--stale-windows", "also show uses that the architecture allows")
    .option("--sanitize-json <file>", "write its reports and the ledger of flushes")
    .option("--sarif <file>", "write its reports as a SARIF log")
    .addHelpText("after", `\n${statusHelp()}`);
}

/** The options of machine and image, which several commands have. */
export function describeMachine(command: Command): Command {
  return command
    .argument("[IMAGE]", "the image; none with --bios")
    .optionsGroup("Machine:")
    .addOption(
      new Option(
        "--mode <mode>",
        "bare: the image owns the processor; l1: it runs above L0 (default: bare)",
      ).choices(["bare", "l1"]),
    )
    .option("--break <names>", "with --mode l1: leave out steps of L0, see docs/l0.md")
    .option("-m, --memory <size>", "RAM: 1M to 3840M (default: 256M)")
    .option("-c, --cpus <n>", "logical processors: 1 to 64 (default: 1)")
    .option("--pcpus <n>", "with --mode l1: logical processors of L0 (default: as many)")
    .option("--cpu-model <name>", "CPU model, with ,+feature and ,-feature behind it; see `info`")
    .option("--tlb <profile>", "geometry of the TLB: a profile's name or a JSON file")
    .option("--seed <n>", "drives scheduler, TLB replacement and RDRAND (default: 1)")
    .option("--rtc <date>", "time of day at power-on (default: 2026-01-01T00:00:00Z)")
    .option("--test-device", "add the device that kvm-unit-tests look for")
    .option("--no-apic", "leave out local APICs and I/O APIC")
    .option("--no-hpet", "leave out the HPET")
    .option("--no-pci", "leave out the PCI host bridge")
    .option("--no-acpi", "leave out the ACPI registers and tables")
    .option("--no-keyboard", "leave out the keyboard controller")
    .option("--no-fw-cfg", "leave out the firmware configuration ports")
    .option("--no-debug-exit", "leave out the exit port 0xf4")
    .option("--no-reboot", "end at a reset or triple fault even if there is firmware")
    .optionsGroup("Image:")
    .option("-a, --append <text>", "command line for the image")
    .option(
      "--module <file[,text]>",
      "multiboot or PVH module with its command line; repeatable",
      list,
    )
    .option("--initrd <file>", "initial RAM disk of a Linux kernel")
    .addOption(
      new Option("--protocol <name>", "Linux boot protocol instead of the one chosen").choices([
        "bzimage64",
        "bzimage32",
        "pvh",
      ]),
    )
    .option("--bios <file>", "enter a firmware image at the reset vector instead of an IMAGE")
    .option("--flat <address>", "load IMAGE as it is at this physical address")
    .addOption(
      new Option("--flat-mode <mode>", "how a flat image is entered (default: real)").choices([
        "real",
        "protected32",
        "long64",
      ]),
    )
    .option("--flat-entry <address>", "where a flat image is entered (default: its first byte)")
    .option("--symbols <file>", "names for addresses: an ELF file or a list as nm prints");
}

function list(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}

/** @throws UsageError or ImageError when the options do not make a run; reads the input files. */
export function planRun(imagePath: string | undefined, flags: RunFlags): RunPlan {
  const modules = (flags.module ?? []).map((text) => parseModule("--module", text));
  checkCombination(imagePath, flags);
  const limits = {
    maxInstructions:
      flags.maxInstructions === undefined
        ? undefined
        : parseInteger("--max-instructions", flags.maxInstructions, 1, Number.MAX_SAFE_INTEGER),
    timeoutMs: flags.timeout === undefined ? undefined : parseSeconds("--timeout", flags.timeout),
  };
  const trace =
    flags.trace === undefined
      ? undefined
      : {
          kinds: parseKinds("--trace", flags.trace, TRACE_KINDS),
          to: destination("--trace-file", flags.traceFile, { kind: "stderr" }),
        };
  const machine = machineOptions(flags);
  const symbols = flags.symbols === undefined ? undefined : readSymbolFile(flags.symbols);
  const image = imagePath === undefined ? undefined : readImage(imagePath, flags, modules);
  const paths = [imagePath, flags.bios, flags.initrd, flags.symbols, flags.tlb];
  return {
    program: "vmxlab",
    machine,
    ...(image === undefined ? {} : { image }),
    symbols,
    reported: {
      image: imagePath ?? null,
      firmware: flags.bios ?? null,
      append: flags.append ?? null,
      modules: flags.module ?? [],
      initrd: flags.initrd ?? null,
      maxInstructions: limits.maxInstructions ?? null,
      timeoutSeconds: limits.timeoutMs === undefined ? null : limits.timeoutMs / 1000,
    },
    ...limits,
    serial1: { kind: "console", input: flags.input },
    serial2: destination("--serial2", flags.serial2, { kind: "none" }),
    debugConsole:
      flags.debugConsole === "-"
        ? { kind: "stderr" }
        : destination("--debug-console", flags.debugConsole, { kind: "none" }),
    trace,
    traceJson: flags.traceJson,
    json: flags.json,
    sanitizer: flags.sanitize ? { json: flags.sanitizeJson, sarif: flags.sarif } : undefined,
    inputs: [...paths, ...modules.map(({ path }) => path)].filter((path) => path !== undefined),
    statistics: flags.stats ? "stderr" : "none",
    ...(flags.costs === undefined ? {} : { costs: parseCosts(flags.costs) }),
    statusOf,
  };
}

function destination(option: string, path: string | undefined, otherwise: Destination) {
  return path === undefined ? otherwise : ({ kind: "file", path, option } as const);
}

function checkCombination(imagePath: string | undefined, flags: RunFlags): void {
  const { bios, flat } = flags;
  if (imagePath === undefined && bios === undefined) {
    throw new UsageError("no image: give a file to run, or firmware by --bios");
  }
  if (imagePath !== undefined && bios !== undefined) {
    throw new UsageError(`both --bios and image "${imagePath}": give one of them`);
  }
  const needs = (names: readonly (keyof RunFlags)[], needed: string, there: boolean) => {
    const given = names.find((name) => flags[name] !== undefined);
    if (given === undefined || there) return;
    const option = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`--${option} needs ${needed}`);
  };
  needs(["append", "module", "initrd", "protocol", "flat"], "an image", imagePath !== undefined);
  needs(["flatMode", "flatEntry"], "--flat", flat !== undefined);
  needs(["traceFile"], "--trace", flags.trace !== undefined);
  if (/\bkvm\b/.test(flags.trace ?? "") && flags.mode !== "l1") {
    throw new UsageError("--trace kvm needs --mode l1: the bare machine has no L0");
  }
  needs(["traceJson", "break", "pcpus"], "--mode l1", flags.mode === "l1");
  const followers = ["staleWindows", "sanitizeJson", "sarif"] as const;
  needs(followers, "--sanitize", flags.sanitize === true);
}

function machineOptions(flags: RunFlags): MachineOptions {
  const cpu = flags.cpuModel === undefined ? undefined : parseCpu("--cpu-model", flags.cpuModel);
  const { apic, hpet, pci, acpi, keyboard, fwCfg, debugExit, reboot } = flags;
  return {
    ...(flags.mode === undefined ? {} : { mode: flags.mode }),
    ...(flags.break === undefined ? {} : { l0Break: stepsNamed(flags.break) }),
    ...(flags.memory === undefined ? {} : { memory: parseSize("--memory", flags.memory) }),
    ...(flags.cpus === undefined ? {} : { cpus: parseInteger("--cpus", flags.cpus, 1, CPUS_MAX) }),
    ...(flags.pcpus === undefined
      ? {}
      : { pcpus: parseInteger("--pcpus", flags.pcpus, 1, CPUS_MAX) }),
    ...(cpu?.model === undefined ? {} : { cpuModel: cpu.model }),
    ...(cpu === undefined ? {} : { cpuFeatures: cpu.features }),
    ...(flags.tlb === undefined ? {} : { tlb: tlbOption("--tlb", flags.tlb) }),
    ...(flags.sanitize ? { sanitizer: { windows: flags.staleWindows ?? false } } : {}),
    ...(flags.seed === undefined
      ? {}
      : { seed: parseInteger("--seed", flags.seed, 0, Number.MAX_SAFE_INTEGER) }),
    ...(flags.rtc === undefined ? {} : { epochSeconds: parseMoment("--rtc", flags.rtc) }),
    ...(flags.bios === undefined ? {} : { firmware: readInput("--bios", flags.bios) }),
    reboot,
    parts: {
      apic,
      hpet,
      pci,
      acpi,
      keyboard,
      fwCfg,
      debugExit,
      testDevice: flags.testDevice ?? false,
      debugConsole: true,
    },
  };
}

function readSymbolFile(path: string) {
  return readSymbols(path, readInput("--symbols", path));
}

type Modules = readonly { readonly path: string; readonly cmdline: string | undefined }[];

function readImage(path: string, flags: RunFlags, modules: Modules): NonNullable<RunPlan["image"]> {
  const { flat } = flags;
  const bytes = readInput("image", path);
  if (flat === undefined && bytes.length === 0) {
    throw new ImageError(`image "${path}": the file is empty`);
  }
  return {
    bytes,
    options: {
      name: path,
      cmdline: flags.append,
      modules: modules.map((module) => ({
        name: module.path,
        cmdline: module.cmdline,
        bytes: readInput("--module", module.path),
      })),
      initrd: flags.initrd === undefined ? undefined : readInput("--initrd", flags.initrd),
      protocol: flags.protocol,
      flat:
        flat === undefined
          ? undefined
          : {
              address: parseAddress("--flat", flat),
              mode: flags.flatMode ?? "real",
              entry:
                flags.flatEntry === undefined
                  ? undefined
                  : parseAddress("--flat-entry", flags.flatEntry),
            },
    },
  };
}
