/** The instruction oracle as a part of `npm run test:oracle`. */
import { emptyTally } from "./compare.ts";
import { allForms, EXCLUSIONS, type Form, type Mode } from "./forms.ts";
import { describeFailure } from "./report.ts";
import { genesFor, nameOf, OracleRun } from "./run.ts";
import { sequences } from "./sequences.ts";

export interface InstructionOptions {
  /** Cases of each form. */
  readonly cases: number;
  readonly seed: number;
  /** Sequences of each kind for each mode. */
  readonly sequences: number;
  readonly only?: RegExp;
  readonly modes?: readonly Mode[];
  /** Failures to shrink and print in full. */
  readonly show?: number;
  /** Also prints how far undefined flags agree, by mnemonic. */
  readonly undefinedFlags?: boolean;
}

const MODES: readonly Mode[] = [64, 32, 16];

/** Runs and prints; true when nothing differs, or when there is no native oracle. */
export async function instructionPart(options: InstructionOptions): Promise<boolean> {
  const run = await OracleRun.open();
  if (!run) {
    console.log("instructions: skipped, there is no native oracle (npm run build:native)");
    return true;
  }
  const modes = (options.modes ?? MODES).filter((mode) => mode === 64 || run.oracle.hasSegments);
  if (!run.oracle.hasSegments)
    console.log("instructions: the host permits no segments, 64-bit only");
  const single = allForms(modes).map((form) => [form]);
  const lists = single
    .concat(sequences(modes, options.sequences, options.seed))
    .filter((list) => options.only?.test(nameOf(list)) ?? true);
  const started = performance.now();
  for (const list of lists) runForm(run, list, options);
  run.flush();
  const seconds = (performance.now() - started) / 1000;
  const mismatches = printFailures(run, options.show ?? 10);
  printTallies(run, options);
  const forms = lists.filter((list) => list.length === 1).length;
  console.log(
    `instructions: ${forms} forms and ${lists.length - forms} sequences of ${modes.join(", ")}-bit ` +
      `code, ${mismatches} mismatches in ${run.failures.size} forms; ${seconds.toFixed(1)} s`,
  );
  run.close();
  return mismatches === 0;
}

function runForm(run: OracleRun, list: readonly Form[], options: InstructionOptions): void {
  const genes = genesFor(options.seed, nameOf(list));
  for (let i = 0; i < options.cases; i++) run.add(list, genes);
}

function printFailures(run: OracleRun, show: number): number {
  // An instruction that fails by itself says more than a sequence with it.
  const failures = [...run.failures.values()].sort(
    (a, b) => a.forms.length - b.forms.length || b.count - a.count,
  );
  let mismatches = 0;
  failures.forEach((failure, i) => {
    mismatches += failure.count;
    const what = failure.mismatches.map((m) => m.what).join(", ");
    console.log(
      i < show
        ? describeFailure(run, failure)
        : `${nameOf(failure.forms)}: ${failure.count}, ${what}`,
    );
  });
  return mismatches;
}

function printTallies(run: OracleRun, options: InstructionOptions): void {
  const sum = emptyTally();
  const byMnemonic = new Map<string, { alike: number; not: number }>();
  for (const [name, tally] of run.tallies) {
    sum.cases += tally.cases;
    sum.faults += tally.faults;
    sum.endless += tally.endless;
    sum.undefinedEqual += tally.undefinedEqual;
    sum.undefinedDiffer += tally.undefinedDiffer;
    if (name.includes(" ; ") || tally.undefinedEqual + tally.undefinedDiffer === 0) continue;
    const mnemonic = name.split(" ")[1]!;
    const own = byMnemonic.get(mnemonic) ?? { alike: 0, not: 0 };
    own.alike += tally.undefinedEqual;
    own.not += tally.undefinedDiffer;
    byMnemonic.set(mnemonic, own);
  }
  const undefinedCases = sum.undefinedEqual + sum.undefinedDiffer;
  console.log(
    `instructions: seed ${options.seed}, ${sum.cases} cases (${sum.faults} ended in an exception, ` +
      `${sum.endless} without end)`,
  );
  console.log(`undefined flags: alike in ${sum.undefinedEqual} of ${undefinedCases} cases`);
  if (options.undefinedFlags) {
    for (const [mnemonic, own] of byMnemonic) {
      console.log(`  ${mnemonic}: ${own.alike} alike, ${own.not} not`);
    }
  }
  const known = [...run.known].map(([id, count]) => `${id} ${count}`);
  console.log(`known differences (docs/amd-intel.md): ${known.join(", ") || "none"}`);
  const excluded = EXCLUSIONS.flatMap((e) => e.mnemonics);
  console.log(`left out (docs/oracle.md): ${[...new Set(excluded)].join(" ")}`);
}
