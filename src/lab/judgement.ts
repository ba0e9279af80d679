/** A scenario as a whole: the correct run on many schedules, each variant until it is caught. */
import type { CoreLease } from "./core-lease.ts";
import { type Exploration, explore, type Found } from "./explore.ts";
import type { LedgerSum } from "./ledger-sum.ts";
import { type Catch, type Scenario, type Variant, variantName } from "./scenario.ts";

/** Effort for the run with all steps in, and for a variant. */
const CORRECT = { preemptions: 1, seeds: 20, maxRuns: 400 } as const;
const VARIANT = { preemptions: 2, seeds: 200, maxRuns: 600 } as const;

export interface CorrectResult {
  readonly isOk: boolean;
  readonly runs: number;
  readonly failure: Found | undefined;
  readonly ledger: LedgerSum;
}

export interface VariantResult {
  readonly name: string;
  readonly isOk: boolean;
  readonly expected: Catch;
  readonly caught: Catch;
  readonly runs: number;
  readonly found: Found | undefined;
  readonly ledger: LedgerSum;
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly isOk: boolean;
  /** Undefined when only a variant was asked for. */
  readonly correct: CorrectResult | undefined;
  readonly variants: readonly VariantResult[];
}

/** Runs a scenario with all steps in and with each variant, or only with the variants given. */
export function judgeScenario(
  lease: CoreLease,
  scenario: Scenario,
  only?: readonly Variant[],
): ScenarioResult {
  const correct = only === undefined ? judgeCorrect(lease, scenario) : undefined;
  const variants = (only ?? scenario.variants).map((variant) =>
    judgeVariant(lease, scenario, variant),
  );
  const isOk = (correct?.isOk ?? true) && variants.every((variant) => variant.isOk);
  return { scenario, isOk, correct, variants };
}

function judgeCorrect(lease: CoreLease, scenario: Scenario): CorrectResult {
  const { runs, found, ledger } = explore(lease, scenario, { ...CORRECT, sanitize: true });
  return { isOk: found === undefined, runs, failure: found, ledger };
}

function judgeVariant(lease: CoreLease, scenario: Scenario, variant: Variant): VariantResult {
  const { breaks, expect } = variant;
  const harmless = expect === "nothing" || expect === "redundant-flush";
  const effort = harmless ? CORRECT : VARIANT;
  const exploration = explore(lease, scenario, { ...effort, breaks, sanitize: true });
  const { runs, found, ledger } = exploration;
  const caught = caughtBy(exploration, variant);
  return {
    name: variantName(variant),
    isOk: caught === expect,
    expected: expect,
    caught,
    runs,
    found,
    ledger,
  };
}

function caughtBy({ found, ledger }: Exploration, { site }: Variant): Catch {
  if (found !== undefined) return found.failure.caught;
  return site !== undefined && ledger.isRedundant(site) ? "redundant-flush" : "nothing";
}
