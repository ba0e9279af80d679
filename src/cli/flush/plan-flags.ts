/** The plan that the options of `vmxlab flush` ask for. */
import { type Catalogue, entryNamed } from "../../lab/flush/catalogue.ts";
import {
  type FlushPlan,
  planPreset,
  planRequest,
  SEED_MAX,
  type SeedRange,
} from "../../lab/flush/plan.ts";
import type { Preset } from "../../lab/flush/presets.ts";
import { UsageError } from "../errors.ts";
import { parseInteger } from "../parse.ts";

/** What commander makes of the options that choose jobs. */
export interface PlanFlags {
  readonly preset?: string;
  readonly strategies?: string;
  readonly workload?: string;
  readonly set?: readonly string[];
  readonly sweep?: readonly string[];
  readonly seeds?: string;
}

const SEEDS = 5;

/** Words between commas. @throws UsageError */
function words(option: string, text: string): string[] {
  const list = text.split(",").map((word) => word.trim());
  if (list.includes("")) throw new UsageError(`${option} "${text}": give names joined by commas`);
  return list;
}

/** NAME=VALUE of an option that may be repeated, by name. @throws UsageError */
function assignments(option: string, texts: readonly string[] = []): Record<string, string> {
  const values: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      throw new UsageError(`${option} "${text}": write NAME=VALUE`);
    }
    if (Object.hasOwn(values, name)) throw new UsageError(`${option} ${name}: given twice`);
    values[name] = value;
  }
  return values;
}

/** N for seeds 1 to N, or FIRST-LAST. @throws UsageError */
export function parseSeeds(text: string): SeedRange {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined) {
    return { first: 1, last: parseInteger("--seeds", text, 1, SEED_MAX) };
  }
  const first = parseInteger("--seeds", from, 1, SEED_MAX);
  const last = parseInteger("--seeds", to, first, SEED_MAX);
  return { first, last };
}

/** @throws UsageError or OptionError */
export function planFrom(
  flags: PlanFlags,
  catalogue: Catalogue,
  presets: ReadonlyMap<string, Preset>,
): FlushPlan {
  const set = assignments("--set", flags.set);
  const sweep = Object.fromEntries(
    Object.entries(assignments("--sweep", flags.sweep)).map(([name, text]) => [
      name,
      words("--sweep", text),
    ]),
  );
  const strategies =
    flags.strategies === undefined ? undefined : words("--strategies", flags.strategies);
  const seeds = flags.seeds === undefined ? undefined : parseSeeds(flags.seeds);
  if (flags.preset !== undefined) {
    if (flags.workload !== undefined) {
      throw new UsageError("--preset brings its own workloads: leave --workload out");
    }
    const preset = entryNamed("preset", flags.preset, presets);
    const changes = { set, sweep, ...(strategies && { strategies }), ...(seeds && { seeds }) };
    return planPreset(preset, changes, catalogue);
  }
  if (strategies === undefined || flags.workload === undefined) {
    throw new UsageError("give --preset, or --strategies and --workload: see `vmxlab flush list`");
  }
  const workloads = words("--workload", flags.workload);
  const request = { strategies, workloads, set, sweep, seeds: seeds ?? { first: 1, last: SEEDS } };
  return planRequest(request, catalogue);
}
