/**
 * `npm run test:l0-sanitized [-- DIR]`: the guests of this project as L1 under the sanitizer, which must
 * have nothing to say; with DIR, a built kvm-unit-tests, its images too. Prints a table and ends with
 * `N passed, N failed`: an image fails when the sanitizer reports an error.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Machine, type MachineOptions, type StopReason } from "../../src/index.ts";
import { outOfScope, readEntries } from "../kut/groups.ts";

const IMAGES = new URL("../../guests/images/", import.meta.url);
const MIB = 1 << 20;
/** Wall time of one image; what runs longer has been judged so far. */
const IMAGE_MS = 12_000;
/** The kernels of the benchmarks that use memory in ways of their own, and are short. */
const KERNELS = "sieve";
/** Images that wait for input. */
const WAITING = new Set(["serial-echo.elf"]);

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly cmdline: string;
  readonly options: MachineOptions;
}

function* ownImages(): Generator<Case> {
  for (const name of readdirSync(IMAGES).sort()) {
    if (!/\.(elf|bin)$/.test(name) || WAITING.has(name)) continue;
    const bytes = readFileSync(new URL(name, IMAGES));
    const cmdline = name.startsWith("bench") ? KERNELS : "";
    const cpus = /^(smp|vmx)/.test(name) ? 2 : 1;
    yield { name, bytes, cmdline, options: { cpus, memory: 64 * MIB } };
  }
}

function* kvmUnitTests(dir: string): Generator<Case> {
  for (const entry of readEntries(dir)) {
    if (outOfScope(entry) !== undefined || entry.arch === "i386") continue;
    const path = join(dir, "x86", entry.file);
    if (!existsSync(path)) continue;
    const append = /-append\s+("[^"]*"|'[^']*'|\S+)/.exec(entry.parameters)?.[1] ?? "";
    const args = entry.args === "" ? append.replace(/^["']|["']$/g, "") : entry.args;
    const memory = Number(/-m\s+(\d+)/.exec(entry.parameters)?.[1] ?? 512) * MIB;
    const cpus = Math.min(entry.smp, 4);
    const options = { cpus, memory, parts: { testDevice: true } };
    const cmdline = `${entry.file} ${args}`;
    yield { name: `kvm-unit-tests ${entry.name}`, bytes: readFileSync(path), cmdline, options };
  }
}

/** Ends of a run under which nothing more was to be judged. */
const nameOfEnd = (stop: StopReason) =>
  stop.kind === "exit" ? `exit ${stop.code}` : stop.kind === "time-limit" ? "cut" : stop.kind;

async function judge({ name, bytes, cmdline, options }: Case): Promise<boolean> {
  const machine = await Machine.create({ ...options, mode: "l1", sanitizer: true });
  const isFlat = name.endsWith(".bin");
  const flat = { flat: { address: 0x7c00, mode: "real" as const } };
  machine.load(bytes, isFlat ? flat : { cmdline });
  const stop = await machine.run({ timeoutMs: IMAGE_MS });
  const { reports, ledger } = machine.sanitizer!;
  const errors = reports.filter(({ level }) => level === "error");
  const exits = machine.l1!.vcpus.reduce((sum, vcpu) => sum + vcpu.exits, 0);
  const flushes = ledger.reduce((sum, row) => sum + row.times, 0);
  console.log(`| ${name} | ${nameOfEnd(stop)} | ${exits} | ${flushes} | ${errors.length} |`);
  for (const { kind, message } of errors.slice(0, 3)) console.log(`  ${kind}: ${message}`);
  machine.dispose();
  return errors.length === 0;
}

const [dir] = process.argv.slice(2);
const cases = [...ownImages(), ...(dir === undefined ? [] : kvmUnitTests(dir))];
let passed = 0;
console.log("| image as L1 | end | VM exits | flushes | errors |\n|---|---|---|---|---|");
for (const one of cases) if (await judge(one)) passed++;
console.log(`${passed} passed, ${cases.length - passed} failed`);
process.exitCode = passed === cases.length ? 0 : 1;
