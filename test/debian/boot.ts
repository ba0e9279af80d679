/** Boots one set of Linux images: on our machine, and on QEMU's translator for comparison. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BusAccess, Machine, type MachineMode, type StopReason } from "../../src/index.ts";
import { type Moment, Transcript } from "./transcript.ts";

const MEMORY_MIB = 256;
const TIMEOUT_MS = 240_000;
/** USER_HZ, in which Linux tells of the time of processes. */
const CLOCK_TICKS_PER_SECOND = 100;
/** The first serial port, and the bit of its line control that puts the divisor in its place. */
const COM1 = 0x3f8;
const LINE_CONTROL = 3;
const DIVISOR_ACCESS = 0x80;

export interface Images {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
  readonly commandLine: string;
}

export interface Boot {
  readonly transcript: Transcript;
  readonly end: StopReason["kind"];
}

/** A clock that starts now, beside counts that somebody else keeps. */
function stopwatch(counts: () => Omit<Moment, "seconds">): () => Moment {
  const start = performance.now();
  return () => ({ seconds: (performance.now() - start) / 1000, ...counts() });
}

/** Seconds that this process has computed since `usage` was taken. */
function ownCpuSeconds(usage: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(usage);
  return (user + system) / 1e6;
}

/** Seconds that all threads of process `pid` have computed; undefined where Linux does not say. */
function cpuSecondsOf(pid: number | undefined): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .split(" ");
    // Behind the name: user and system time are the twelfth and thirteenth field.
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/**
 * Sees each byte at the instruction that sends it; the serial port hands bytes on some milliseconds
 * later, so that marks would not stand at the same instruction in every run.
 */
function serialTap(
  onBytes: (bytes: Uint8Array) => void,
): (cpu: unknown, access: BusAccess) => void {
  let divisor = false;
  return (_cpu, { address, write, value }) => {
    if (!write) return;
    if (address === COM1 + LINE_CONTROL) divisor = (value & DIVISOR_ACCESS) !== 0;
    else if (address === COM1 && !divisor) onBytes(Uint8Array.of(value));
  };
}

export async function bootHere(images: Images, cpus: number, mode: MachineMode): Promise<Boot> {
  let machine: Machine | undefined;
  const usage = process.cpuUsage();
  const now = stopwatch(() => ({
    cpuSeconds: ownCpuSeconds(usage),
    instructions: machine?.instructions,
  }));
  machine = await Machine.create({ mode, memory: MEMORY_MIB << 20, cpus });
  const transcript = new Transcript(now);
  machine.setHooks({ onPort: serialTap((bytes) => transcript.add(bytes)) });
  machine.load(images.kernel, { cmdline: images.commandLine, initrd: images.initrd });
  const { kind } = await machine.run({ timeoutMs: TIMEOUT_MS });
  machine.dispose();
  return { transcript, end: kind };
}

/** Undefined when QEMU cannot run the images. */
export async function bootInQemu(images: Images, cpus: number): Promise<Transcript | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "vmxlab-qemu-"));
  const kernel = join(folder, "kernel");
  const initrd = join(folder, "initrd");
  try {
    writeFileSync(kernel, images.kernel);
    writeFileSync(initrd, images.initrd);
    const child: ChildProcess = spawn(
      "qemu-system-x86_64",
      [
        ...["-nodefaults", "-no-user-config", "-machine", "pc,accel=tcg", "-cpu", "max"],
        ...["-m", String(MEMORY_MIB), "-smp", String(cpus), "-display", "none", "-no-reboot"],
        ...["-serial", "stdio", "-kernel", kernel, "-initrd", initrd],
        ...["-append", images.commandLine],
      ],
      { stdio: ["ignore", "pipe", "ignore"], timeout: TIMEOUT_MS },
    );
    const counts = () => ({ cpuSeconds: cpuSecondsOf(child.pid), instructions: undefined });
    const transcript = new Transcript(stopwatch(counts));
    child.stdout?.on("data", (chunk: Uint8Array) => transcript.add(chunk));
    const status = await new Promise<number | null>((resolve) => {
      child.on("error", () => resolve(null));
      child.on("close", resolve);
    });
    return status === 0 && transcript.marks.has("done") ? transcript : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
