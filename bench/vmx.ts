/**
 * VMX: what a loop of VM transitions or invalidations costs (guests/vmx-bench), and what the kernels
 * cost in VMX non-root operation, under EPT and with a VPID, against themselves outside VMX.
 */
import { CHECKSUMS, type KernelTime, runImage } from "./kernels.ts";
import { digits, type Figure, geometricMean, median, table } from "./measure.ts";

interface Loop {
  /** Microseconds an iteration that it may take at most. */
  readonly bar?: number;
  /** What Bochs took on a machine of the same kind. */
  readonly bochs: string;
}

const LOOPS: Readonly<Record<string, Loop>> = {
  "cpuid-exit": { bar: 1, bochs: "4.1 – 5.6" },
  "touch32-exit": { bochs: "8.2 – 9.9" },
  "cpuid-exit-ept": { bar: 1, bochs: "4.9 – 6.2" },
  "touch32-exit-ept-vpid": { bar: 2, bochs: "14.5 – 19.8" },
  "ept-unmap-invept-fault-map": { bar: 4, bochs: "15.3" },
  "invept-single": { bar: 0.3, bochs: "1.5" },
  "invvpid-single": { bar: 0.3, bochs: "1.5" },
};
/** Times their time outside VMX that the kernels may take. */
const KERNEL_BAR = 1.3;

const MICROSECONDS = 1e6;

class Samples {
  private readonly lists = new Map<string, number[]>();

  add(name: string, value: number): void {
    const list = this.lists.get(name) ?? [];
    list.push(value);
    this.lists.set(name, list);
  }

  of(name: string): readonly number[] {
    return this.lists.get(name) ?? [];
  }
}

function measureLoops(
  repeat: number,
  log: (line: string) => void,
): { figures: Figure[]; text: string } {
  const samples = new Samples();
  for (let i = 0; i < repeat; i++) {
    log(`vmx: transitions, run ${i + 1} of ${repeat}`);
    for (const { name, checksum, seconds } of runImage("vmx-bench", [])) {
      samples.add(name, (seconds / Number(checksum)) * MICROSECONDS);
    }
  }
  const figures: Figure[] = [];
  const rows = Object.entries(LOOPS).map(([name, { bar, bochs }]) => {
    const value = median(samples.of(name));
    const limit = bar === undefined ? {} : { bar };
    figures.push({ section: "vmx", name, value, unit: "us", samples: samples.of(name), ...limit });
    return [name, digits(value), bar === undefined ? "" : `${bar}`, bochs];
  });
  return { figures, text: table(["loop", "us", "bar", "Bochs us"], rows) };
}

function measureKernelsInGuest(
  repeat: number,
  log: (line: string) => void,
): { figures: Figure[]; text: string } {
  const outside = new Samples();
  const inside = new Samples();
  const note = (samples: Samples, times: readonly KernelTime[]) => {
    for (const { name, checksum, seconds } of times) {
      if (checksum !== CHECKSUMS[name]) throw new Error(`${name} has checksum ${checksum}`);
      samples.add(name, seconds);
    }
  };
  for (let i = 0; i < repeat; i++) {
    log(`vmx: kernels, run ${i + 1} of ${repeat}`);
    note(outside, runImage("bench64", []));
    note(inside, runImage("bench64-vmx", []));
  }
  const ratios: number[] = [];
  const rows = Object.keys(CHECKSUMS).map((name) => {
    const base = median(outside.of(name));
    const value = median(inside.of(name));
    ratios.push(value / base);
    return [name, digits(base), digits(value), digits(value / base), ""];
  });
  const mean = geometricMean(ratios);
  rows.push(["geometric mean", "", "", digits(mean), `${KERNEL_BAR}`]);
  const figure = {
    section: "vmx",
    name: "kernels under EPT",
    value: mean,
    unit: "x",
    samples: ratios,
  };
  return {
    figures: [{ ...figure, bar: KERNEL_BAR }],
    text: table(["kernel", "outside VMX s", "under EPT s", "x", "bar"], rows),
  };
}

/** Measures both, each `repeat` times. */
export function measureVmx(
  repeat: number,
  log: (line: string) => void,
  print: (text: string) => void,
): Figure[] {
  const loops = measureLoops(repeat, log);
  print(loops.text);
  const kernels = measureKernelsInGuest(repeat, log);
  print(kernels.text);
  return [...loops.figures, ...kernels.figures];
}
