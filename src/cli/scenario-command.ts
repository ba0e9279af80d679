/** `vmxlab scenario` and `vmxlab explore`. */
import { ChromeTrace } from "../l0/chrome-trace.ts";
import { CoreLease } from "../lab/core-lease.ts";
import { explore } from "../lab/explore.ts";
import { judgeScenario } from "../lab/judgement.ts";
import { type OneRun, runOnce } from "../lab/run-once.ts";
import { type Scenario, variantName } from "../lab/scenario.ts";
import type { Schedule } from "../lab/schedule.ts";
import { SCENARIOS } from "../lab/stories/index.ts";
import { timeline } from "../lab/timeline.ts";
import { UsageError } from "./errors.ts";
import { EXIT } from "./exit-status.ts";
import { explorationText, failureLines } from "./exploration-output.ts";
import { ByteSink } from "./output-file.ts";
import { parseInteger } from "./parse.ts";
import { scenarioNamed, scheduleFrom, stepsNamed } from "./scenario-names.ts";
import { foundJson, listJson, listText, resultJson, resultText } from "./scenario-output.ts";

const SEED_MAX = 0xffffffff;
const PREEMPTIONS_MAX = 6;
const RUNS_MAX = 10_000_000;
const SEEDS = 200;

export interface ScenarioFlags {
  readonly break?: string;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly schedule?: string;
  readonly seed?: string;
  readonly traceJson?: string;
}

export interface ExploreFlags {
  readonly preemptions?: string;
  readonly break?: string;
  readonly maxRuns?: string;
  readonly seeds?: string;
  readonly sanitize?: boolean;
  readonly json?: boolean;
}

const print = (text: string) => process.stdout.write(text);
const printJson = (value: unknown) => print(`${JSON.stringify(value, null, 2)}\n`);

export function listScenarios(json: boolean): void {
  if (json) printJson(listJson());
  else print(listText());
}

/** Runs one scenario or all; the status of the process. @throws UsageError */
export async function runScenarios(
  name: string | undefined,
  flags: ScenarioFlags,
): Promise<number> {
  if ((name === undefined) !== (flags.all === true)) {
    throw new UsageError("scenario run: give the NAME of a scenario, or --all");
  }
  if (name === undefined) {
    for (const flag of ["break", "schedule", "seed", "traceJson"] as const) {
      if (flags[flag] !== undefined) throw new UsageError("scenario run --all takes only --json");
    }
    return judge(SCENARIOS, flags);
  }
  const scenario = scenarioNamed(name);
  const single = [flags.schedule, flags.seed, flags.traceJson].some((flag) => flag !== undefined);
  return single ? runSingle(scenario, flags) : judge([scenario], flags);
}

async function judge(scenarios: readonly Scenario[], flags: ScenarioFlags): Promise<number> {
  const only = flags.break === undefined ? undefined : [variantOf(scenarios[0]!, flags.break)];
  const lease = await CoreLease.create();
  const results = [];
  for (const scenario of scenarios) {
    const result = judgeScenario(lease, scenario, only);
    if (!flags.json) print(resultText(result));
    results.push(result);
  }
  const failed = results.filter(({ isOk }) => !isOk).length;
  if (flags.json) printJson(results.map(resultJson));
  else print(`${results.length - failed} of ${results.length} scenarios as expected\n`);
  return failed === 0 ? EXIT.ok : EXIT.found;
}

/** The variant of the scenario that leaves out just these steps. */
function variantOf(scenario: Scenario, text: string) {
  const wanted = stepsNamed(text).toSorted().join("+");
  const known = scenario.variants.find(({ breaks }) => breaks.toSorted().join("+") === wanted);
  if (known !== undefined) return known;
  const names = scenario.variants.map(variantName).join(", ") || "none";
  throw new UsageError(
    `--break ${text}: scenario ${scenario.name} has no such variant: ${names}; ` +
      "any step can be given together with --schedule or --seed, and to explore",
  );
}

/** One run by a schedule or a seed, shown as a time line. */
async function runSingle(scenario: Scenario, flags: ScenarioFlags): Promise<number> {
  if (flags.schedule !== undefined && flags.seed !== undefined) {
    throw new UsageError("give --schedule or --seed, not both");
  }
  const breaks = flags.break === undefined ? [] : stepsNamed(flags.break);
  const schedule: Schedule =
    flags.schedule === undefined ? [] : scheduleFrom(flags.schedule, scenario);
  const by =
    flags.seed === undefined
      ? { schedule }
      : { seed: parseInteger("--seed", flags.seed, 0, SEED_MAX) };
  const sink =
    flags.traceJson === undefined ? undefined : ByteSink.open("--trace-json", flags.traceJson);
  const trace = new ChromeTrace(`vmxlab scenario ${scenario.name}`, (line) =>
    sink?.writeLine(line),
  );
  const lease = await CoreLease.create();
  const run = runOnce(lease, scenario, {
    by,
    breaks,
    sanitize: true,
    onEvent: ({ actor, name, text }, step) => {
      if (step > 0) trace.instant(actor.toLowerCase().replaceAll(" ", ""), name, step - 0.5, text);
    },
  });
  if (sink !== undefined) {
    for (const [at, { actor, step }] of run.decisions.entries()) trace.slice(actor, step, at, 1);
    trace.end();
    sink.close();
  }
  if (flags.json) printJson(singleJson(scenario, run));
  else print(singleText(scenario, run));
  return run.failure === undefined ? EXIT.ok : EXIT.found;
}

function singleText(scenario: Scenario, { decisions, failure }: OneRun): string {
  const lines = timeline(decisions);
  lines.push(...(failure === undefined ? ["nothing is wrong"] : failureLines(scenario, failure)));
  return `${lines.join("\n")}\n`;
}

function singleJson({ name }: Scenario, { decisions, failure, ledger }: OneRun) {
  return {
    name,
    failure: failure === undefined ? null : { caught: failure.caught, message: failure.message },
    steps: decisions.map(({ actor, step }) => ({ actor, step })),
    flushes: ledger
      .filter(({ actor }) => actor !== undefined)
      .map(({ operation, actor, times, timesNeeded }) => ({
        operation,
        actor,
        times,
        timesNeeded,
      })),
  };
}

/** `vmxlab explore`; the status of the process. @throws UsageError */
export async function exploreScenario(name: string, flags: ExploreFlags): Promise<number> {
  const scenario = scenarioNamed(name);
  const breaks = flags.break === undefined ? [] : stepsNamed(flags.break);
  const limit = (option: string, text: string | undefined, most: number, usual: number) =>
    text === undefined ? usual : parseInteger(option, text, 0, most);
  const preemptions = limit("--preemptions", flags.preemptions, PREEMPTIONS_MAX, 2);
  const options = {
    preemptions,
    breaks,
    maxRuns: limit("--max-runs", flags.maxRuns, RUNS_MAX, 200_000),
    seeds: limit("--seeds", flags.seeds, RUNS_MAX, SEEDS),
    sanitize: flags.sanitize ?? true,
  };
  const result = explore(await CoreLease.create(), scenario, options);
  const { found } = result;
  if (flags.json) {
    const { runs, exhausted, byPreemptions, seeds } = result;
    printJson({ name, breaks, runs, exhausted, byPreemptions, seeds, found: foundJson(found) });
  } else {
    print(`${explorationText(scenario, breaks.join("+"), preemptions, result)}\n`);
  }
  if (found !== undefined) return EXIT.found;
  return result.exhausted ? EXIT.ok : EXIT.instructionLimit;
}
