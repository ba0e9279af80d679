/** The jobs of the flush lab: strategies × workloads × parameters × seeds, in a fixed order. */
import { OptionError } from "../../machine/errors.ts";
import { nearest } from "../../machine/nearest.ts";
import { type Catalogue, entriesNamed, parametersOf, type WorkloadInfo } from "./catalogue.ts";
import type { Preset } from "./presets.ts";
import type { FlushJob, Parameters, ParameterValue } from "./types.ts";

export const SEED_MAX = 2 ** 32 - 1;
/** More would not end. */
export const JOBS_MAX = 1_000_000;

/** Seeds `first` to `last`, both included. */
export interface SeedRange {
  readonly first: number;
  readonly last: number;
}

/** Parameters that are the same in all jobs, or take several values in turn. */
export interface Choice {
  readonly set: Parameters;
  readonly sweep: Readonly<Record<string, readonly ParameterValue[]>>;
}

/** What is asked for. */
export interface PlanRequest extends Choice {
  readonly strategies: readonly string[];
  readonly workloads: readonly string[];
  readonly seeds: SeedRange;
}

/** One workload under some strategies. */
export interface PlanGroup {
  readonly workload: string;
  readonly strategies: readonly string[];
  /** Each with all parameters of the workload. */
  readonly points: readonly Parameters[];
}

export interface FlushPlan {
  readonly preset?: string;
  readonly seeds: SeedRange;
  readonly groups: readonly PlanGroup[];
  /** Arguments of `vmxlab flush` that ask for just this. */
  readonly command: readonly string[];
}

/** The same text for the same value, whatever the order of its fields. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(",")}}`;
}

/** Whether two plans have the same jobs in the same order, however they were asked for. */
export function isSamePlan(a: FlushPlan, b: FlushPlan): boolean {
  const jobs = ({ groups, seeds }: FlushPlan) => canonicalJson({ groups, seeds });
  return jobs(a) === jobs(b);
}

/** What tells a job from all others. */
export function jobKey({ strategy, workload, parameters, seed }: FlushJob): string {
  return canonicalJson({ strategy, workload, parameters, seed });
}

/** What jobs have in common that differ in nothing but the seed. */
export function caseKey({ strategy, workload, parameters }: FlushJob): string {
  return canonicalJson({ strategy, workload, parameters });
}

/** Jobs of the plan in its order, each once. */
export function jobsOf({ groups, seeds }: FlushPlan): FlushJob[] {
  const jobs = new Map<string, FlushJob>();
  for (const { workload, strategies, points } of groups) {
    for (const parameters of points) {
      for (const strategy of strategies) {
        for (let seed = seeds.first; seed <= seeds.last; seed++) {
          const job = { strategy, workload, parameters, seed };
          jobs.set(jobKey(job), job);
        }
      }
    }
  }
  return [...jobs.values()];
}

/** Every combination of the values that `sweep` names; one without any when it names none. */
function combinations(sweep: Choice["sweep"]): Parameters[] {
  let points: Parameters[] = [{}];
  for (const [name, values] of Object.entries(sweep)) {
    if (values.length === 0) throw new OptionError(`parameter ${name}: give at least one value`);
    points = points.flatMap((point) => values.map((value) => ({ ...point, [name]: value })));
    checkCount(points.length);
  }
  return points;
}

function checkCount(jobs: number): void {
  if (jobs <= JOBS_MAX) return;
  throw new OptionError(`the plan has more than ${JOBS_MAX} jobs: give fewer values or seeds`);
}

/** What of `fields` the workload knows. */
function known<T>(workload: WorkloadInfo, fields: Readonly<Record<string, T>>): Record<string, T> {
  const names = new Set(workload.parameters.map(({ name }) => name));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)));
}

/** @throws OptionError when none of the workloads has a parameter that was given */
function checkNames(workloads: readonly WorkloadInfo[], { set, sweep }: Choice): void {
  const names = [...new Set(workloads.flatMap((w) => w.parameters.map(({ name }) => name)))];
  for (const name of [...Object.keys(set), ...Object.keys(sweep)]) {
    if (names.includes(name)) continue;
    const of = workloads.map((workload) => workload.name).join(", ");
    const list = names.length === 0 ? "it has none" : `there are ${names.join(", ")}`;
    throw new OptionError(`unknown parameter "${name}" of ${of}${nearest(name, names)}: ${list}`);
  }
  for (const name of Object.keys(sweep)) {
    if (Object.hasOwn(set, name)) throw new OptionError(`parameter ${name}: set or sweep it`);
  }
}

/** Points of one workload: its own `base`, over which `choice` goes. */
function pointsOf(workload: WorkloadInfo, base: Partial<Choice>, choice: Choice): Parameters[] {
  const set = known(workload, choice.set);
  const sweep = known(workload, choice.sweep);
  const own = { ...base.sweep };
  for (const name of Object.keys(set)) delete own[name];
  const points = combinations({ ...own, ...sweep }).map((point) =>
    parametersOf(workload, { ...base.set, ...set, ...point }),
  );
  return [...new Map(points.map((point) => [canonicalJson(point), point])).values()];
}

/** @throws OptionError */
export function checkSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= 1 && seed <= SEED_MAX) return;
  throw new OptionError(`seed ${seed}: give a whole number from 1 to ${SEED_MAX}`);
}

function checkSeeds({ first, last }: SeedRange): void {
  checkSeed(first);
  checkSeed(last);
  if (first > last)
    throw new OptionError(`seeds ${first} to ${last}: the first is the smaller one`);
}

/** As the command line has it. */
export function seedsText({ first, last }: SeedRange): string {
  return first === 1 ? `${last}` : `${first}-${last}`;
}

function choiceArguments({ set, sweep }: Choice): string[] {
  return [
    ...Object.entries(set).flatMap(([name, value]) => ["--set", `${name}=${value}`]),
    ...Object.entries(sweep).flatMap(([name, values]) => [
      "--sweep",
      `${name}=${values.join(",")}`,
    ]),
  ];
}

function checked(plan: FlushPlan): FlushPlan {
  checkSeeds(plan.seeds);
  const points = plan.groups.reduce((n, g) => n + g.points.length * g.strategies.length, 0);
  checkCount(points * (plan.seeds.last - plan.seeds.first + 1));
  return plan;
}

/** @throws OptionError that offers near names where one is unknown */
export function planRequest(request: PlanRequest, catalogue: Catalogue): FlushPlan {
  const strategies = entriesNamed("strategy", request.strategies, catalogue.strategies);
  const workloads = entriesNamed("workload", request.workloads, catalogue.workloads);
  checkNames(workloads, request);
  const names = strategies.map(({ name }) => name);
  const command = [
    ...["--strategies", names.join(",")],
    ...["--workload", workloads.map(({ name }) => name).join(",")],
    ...choiceArguments(request),
    ...["--seeds", seedsText(request.seeds)],
  ];
  return checked({
    seeds: request.seeds,
    groups: workloads.map((workload) => ({
      workload: workload.name,
      strategies: names,
      points: pointsOf(workload, {}, request),
    })),
    command,
  });
}

/** What may be changed about a preset. */
export interface PresetChanges extends Choice {
  /** Instead of the preset's own. */
  readonly strategies?: readonly string[];
  readonly seeds?: SeedRange;
}

/** @throws OptionError */
export function planPreset(
  preset: Preset,
  changes: PresetChanges,
  catalogue: Catalogue,
): FlushPlan {
  const strategiesOf = (names: readonly string[]) =>
    entriesNamed("strategy", names, catalogue.strategies).map(({ name }) => name);
  const groups = preset.groups.map((group) => ({
    ...group,
    workload: entriesNamed("workload", [group.workload], catalogue.workloads)[0]!,
  }));
  checkNames(
    groups.map(({ workload }) => workload),
    changes,
  );
  const seeds = changes.seeds ?? { first: 1, last: preset.seeds };
  const command = [
    ...["--preset", preset.name],
    ...(changes.strategies ? ["--strategies", strategiesOf(changes.strategies).join(",")] : []),
    ...choiceArguments(changes),
    ...["--seeds", seedsText(seeds)],
  ];
  return checked({
    preset: preset.name,
    seeds,
    groups: groups.map(({ workload, strategies, set = {}, sweep = {} }) => ({
      workload: workload.name,
      strategies: strategiesOf(changes.strategies ?? strategies),
      points: pointsOf(workload, { set, sweep }, changes),
    })),
    command,
  });
}
