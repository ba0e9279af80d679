/** Runs cases on both sides and tells where they differ. */
import { BareSide } from "./emulator-bare.ts";
import { type Case, CaseMaker, emulatedForms } from "./emulator-cases.ts";
import { L0Side } from "./emulator-l0.ts";
import { CODE, type Mode, PAGES, pageContents } from "./emulator-layout.ts";
import { differences } from "./emulator-result.ts";

const MODEL = "sapphire-rapids";
const CODE_PAGE = PAGES.indexOf(CODE);
const HLT = 0xf4;

export interface Failure {
  readonly test: Case;
  readonly seed: number;
  readonly found: readonly string[];
}

export interface Tally {
  cases: number;
  /** Cases that came to the emulator and that it could carry out. */
  emulated: number;
  /** Forms that are beyond the emulator, with how many cases of each were. */
  readonly beyond: Map<string, number>;
  /** Forms by name, with how many cases of each were emulated. */
  readonly forms: Map<string, number>;
  readonly failures: Failure[];
}

export class Comparison {
  readonly tally: Tally = {
    cases: 0,
    emulated: 0,
    beyond: new Map(),
    forms: new Map(),
    failures: [],
  };
  private readonly bare: BareSide;
  private readonly l0: L0Side;
  private readonly contents = pageContents();

  private constructor(bare: BareSide, l0: L0Side) {
    this.bare = bare;
    this.l0 = l0;
  }

  static async create(): Promise<Comparison> {
    return new Comparison(await BareSide.create(MODEL), await L0Side.create());
  }

  /** `count` cases of each form of a mode. */
  run(mode: Mode, count: number, seed: number, only?: RegExp): void {
    emulatedForms(mode).forEach((form, i) => {
      if (only !== undefined && !only.test(form.name)) return;
      for (let n = 0; n < count; n++) {
        const own = (seed * 1_000_003 + i * 997 + n) >>> 0;
        this.compare(new CaseMaker(own).make(form), own);
      }
    });
  }

  private compare(test: Case, seed: number): void {
    const { tally, contents } = this;
    contents[CODE_PAGE]!.fill(0);
    contents[CODE_PAGE]!.set(test.bytes);
    contents[CODE_PAGE]![test.bytes.length] = HLT;
    tally.cases++;
    const before = this.l0.emulated;
    const above = this.l0.run(test, contents);
    const { name } = test.form;
    if (above === undefined) {
      tally.beyond.set(name, (tally.beyond.get(name) ?? 0) + 1);
      return;
    }
    const core = this.bare.run(test, contents);
    const wasEmulated = this.l0.emulated - before;
    tally.emulated += wasEmulated;
    tally.forms.set(name, (tally.forms.get(name) ?? 0) + wasEmulated);
    const found = differences(core, above, test.form.row.undefinedFlags);
    if (this.l0.refused > 0) found.push("the processor refuses to enter the guest");
    this.l0.refused = 0;
    if (found.length > 0) tally.failures.push({ test, seed, found });
  }
}

/** A failure in words. */
export function describeFailure({ test, seed, found }: Failure): string {
  const bytes = Buffer.from(test.bytes).toString("hex");
  return `${test.form.name} (${bytes}), seed ${seed}:\n  ${found.slice(0, 6).join("\n  ")}`;
}
