/**
 * The kernels of guests/kernels: CPU time as a guest against CPU time as a native program, of the same
 * source, in the same run. Both alternate, so that both meet the same weather on a shared machine.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digits, type Figure, geometricMean, median, table } from "./measure.ts";

export interface KernelTime {
  readonly name: string;
  readonly checksum: string;
  readonly seconds: number;
}

/** Checksums that every right processor prints, in the order of the kernels. */
export const CHECKSUMS: Readonly<Record<string, string>> = {
  alu: "443c8437",
  sieve: "000059d8",
  sha256: "39b64cb7",
  qsort: "00243c73",
  chase: "00000c00",
  fib: "02547029",
  bytecode: "c4cdf785",
  matmul: "8185fdf4",
  repstr: "00017a66",
};
const NAMES = Object.keys(CHECKSUMS);

/** Times native that a form may take at most. */
const BARS: Readonly<Record<string, number>> = { repstr: 5, matmul: 40 };
const BAR_MEAN = 30;

/** Scalar code, as the guests have it: vectors would compare two different programs. */
const NATIVE_FLAGS =
  "-O2 -std=gnu11 -fno-pic -fno-pie -no-pie -fno-stack-protector -fcf-protection=none " +
  "-fno-asynchronous-unwind-tables -fno-tree-vectorize";

const FORMS = ["bench64", "bench32"] as const;
type Form = (typeof FORMS)[number];

function path(relative: string): string {
  return fileURLToPath(new URL(`../${relative}`, import.meta.url));
}

/** Samples by kernel. */
class Samples {
  private readonly samples = new Map<string, number[]>();

  add(what: string, times: readonly KernelTime[]): void {
    for (const { name, checksum, seconds } of times) {
      if (checksum !== CHECKSUMS[name]) {
        throw new Error(`${what}: ${name} has checksum ${checksum}, not ${CHECKSUMS[name]}`);
      }
      const list = this.samples.get(name) ?? [];
      list.push(seconds);
      this.samples.set(name, list);
    }
  }

  of(name: string): readonly number[] {
    return this.samples.get(name) ?? [];
  }

  get isEmpty(): boolean {
    return this.samples.size === 0;
  }
}

/** Compiles the native program into `folder`; undefined when there is no compiler for it. */
function compileNative(folder: string): string | undefined {
  if (process.arch !== "x64") return undefined;
  const program = join(folder, "native");
  const sources = ["native.c", "kernels.c"].map((file) => path(`guests/kernels/${file}`));
  const { status } = spawnSync("gcc", [...NATIVE_FLAGS.split(" "), "-o", program, ...sources]);
  return status === 0 ? program : undefined;
}

function runNative(program: string): KernelTime[] {
  const { stdout } = spawnSync(program, { encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", checksum = "", seconds] = line.split(" ");
      return { name, checksum, seconds: Number(seconds) };
    });
}

/** Runs an image of guests/images in a process of its own; `kernels` is its command line. */
export function runImage(form: string, kernels: readonly string[]): KernelTime[] {
  const script = path("bench/kernel-run.ts");
  const image = path(`guests/images/${form}.elf`);
  const args = [...process.execArgv, script, image, ...kernels];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${form} failed: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs all forms `repeat` times in turn. */
function collect(repeat: number, kernels: readonly string[], log: (line: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "vmxlab-bench-"));
  const native = new Samples();
  const guests = { bench64: new Samples(), bench32: new Samples() };
  try {
    const program = compileNative(folder);
    if (program === undefined) log("no gcc for x86-64 here: the native column is left out");
    for (let i = 0; i < repeat; i++) {
      for (const form of FORMS) {
        if (program !== undefined) native.add("native", runNative(program));
        log(`kernels: ${form}, run ${i + 1} of ${repeat}`);
        guests[form].add(form, runImage(form, kernels));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return { native, guests };
}

/** Measures the kernels named, or all. Returns the figures and prints their table by `print`. */
export function measureKernels(
  repeat: number,
  only: readonly string[],
  log: (line: string) => void,
  print: (text: string) => void,
): Figure[] {
  const kernels = NAMES.filter((name) => only.length === 0 || only.includes(name));
  const { native, guests } = collect(repeat, kernels, log);
  const figures: Figure[] = [];
  const rows: string[][] = [];
  for (const name of kernels) {
    const base = median(native.of(name));
    const row = [name, CHECKSUMS[name]!, digits(base)];
    if (!native.isEmpty) figures.push(seconds("native", name, native.of(name)));
    for (const form of FORMS) {
      figures.push(seconds(form, name, guests[form].of(name)));
      const value = median(guests[form].of(name)) / base;
      row.push(digits(median(guests[form].of(name))), digits(value));
      if (!native.isEmpty) figures.push(ratio(form, name, value));
    }
    rows.push([...row, BARS[name] === undefined ? "" : `${BARS[name]}`]);
  }
  if (!native.isEmpty && kernels.length > 1) {
    const means = FORMS.map((form) => {
      const ofForm = figures.filter((f) => f.section === `kernels/${form}` && f.unit === "x");
      return geometricMean(ofForm.map((f) => f.value));
    });
    FORMS.forEach((form, i) => {
      figures.push({ ...ratio(form, "geometric mean", means[i]!), bar: BAR_MEAN });
    });
    rows.push([
      "geometric mean",
      "",
      "",
      "",
      digits(means[0]!),
      "",
      digits(means[1]!),
      `${BAR_MEAN}`,
    ]);
  }
  const head = ["kernel", "checksum", "native s", "64-bit s", "x", "32-bit s", "x", "bar"];
  print(table(head, rows));
  return figures;
}

function seconds(form: string, name: string, samples: readonly number[]): Figure {
  return { section: `kernels/${form}`, name, value: median(samples), unit: "s", samples };
}

/** Times native; the bars are for the 64-bit form and hold for the other as well. */
function ratio(form: Form, name: string, value: number): Figure {
  const bar = BARS[name];
  return {
    section: `kernels/${form}`,
    name,
    value,
    unit: "x",
    samples: [],
    ...(bar === undefined ? {} : { bar }),
  };
}
