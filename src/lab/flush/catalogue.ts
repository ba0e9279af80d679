/** What can be chosen for a run of the flush lab, by name; misspelt names are answered with near ones. */
import { OptionError } from "../../machine/errors.ts";
import { nearest } from "../../machine/nearest.ts";
import type { FlushStrategy, ParameterSpec, Parameters, ParameterValue } from "./types.ts";

/** What planning and lists need of a workload. */
export interface WorkloadInfo {
  readonly name: string;
  readonly title: string;
  readonly text: string;
  readonly parameters: readonly ParameterSpec[];
}

/** Strategies and workloads by name, in the order in which they are listed. */
export interface Catalogue {
  readonly strategies: ReadonlyMap<string, FlushStrategy>;
  readonly workloads: ReadonlyMap<string, WorkloadInfo>;
}

/** Stands for all of a kind. */
const ALL = "all";

/** The entry called `name`, whatever the case. @throws OptionError with the nearest name */
export function entryNamed<T extends { readonly name: string }>(
  what: string,
  name: string,
  known: ReadonlyMap<string, T>,
): T {
  const exact = known.get(name);
  if (exact !== undefined) return exact;
  const lower = name.toLowerCase();
  for (const entry of known.values()) if (entry.name.toLowerCase() === lower) return entry;
  const names = [...known.keys()];
  const list = names.length === 0 ? "none" : names.join(", ");
  throw new OptionError(`unknown ${what} "${name}"${nearest(name, names)}: there are ${list}`);
}

/** The entries of a list of names, each once; "all" stands for every one. @throws OptionError */
export function entriesNamed<T extends { readonly name: string }>(
  what: string,
  names: readonly string[],
  known: ReadonlyMap<string, T>,
): T[] {
  const found = names.flatMap((name) =>
    name.toLowerCase() === ALL ? [...known.values()] : [entryNamed(what, name, known)],
  );
  if (found.length === 0) throw new OptionError(`give at least one ${what}`);
  return [...new Set(found)];
}

function range({ min, max, integer, powerOfTwo }: ParameterSpec): string {
  const kind = powerOfTwo ? "a power of two" : integer ? "a whole number" : "a number";
  if (min === undefined) return max === undefined ? kind : `${kind} up to ${max}`;
  return max === undefined ? `${kind} from ${min}` : `${kind} from ${min} to ${max}`;
}

/** What a parameter takes, in words. */
export function valuesOf(spec: ParameterSpec): string {
  if (typeof spec.default === "boolean") return "true or false";
  if (typeof spec.default === "number") return range(spec);
  return spec.oneOf === undefined ? "a text" : `one of ${spec.oneOf.join(", ")}`;
}

/** `value`, checked; a text may stand for a number or a truth value. @throws OptionError */
export function checkedValue(spec: ParameterSpec, value: ParameterValue): ParameterValue {
  const { name, oneOf = [] } = spec;
  const offer = typeof value === "string" && oneOf.length > 0 ? nearest(value, oneOf) : "";
  const refuse = () =>
    new OptionError(`parameter ${name} "${value}"${offer}: give ${valuesOf(spec)}`);
  if (typeof spec.default === "boolean") {
    if (typeof value === "boolean") return value;
    if (value === "true" || value === "false") return value === "true";
    throw refuse();
  }
  if (typeof spec.default === "string") {
    if (typeof value !== "string" || (oneOf.length > 0 && !oneOf.includes(value))) throw refuse();
    return value;
  }
  const isNumeral =
    typeof value === "string" && /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(value);
  const number = isNumeral ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) throw refuse();
  if (number < (spec.min ?? number) || number > (spec.max ?? number)) throw refuse();
  if (spec.integer && !Number.isInteger(number)) throw refuse();
  if (spec.powerOfTwo && !Number.isInteger(Math.log2(number))) throw refuse();
  return number;
}

/** All parameters of `workload`: those given, checked, and the defaults. @throws OptionError */
export function parametersOf(workload: WorkloadInfo, given: Parameters = {}): Parameters {
  const specs = new Map(workload.parameters.map((spec) => [spec.name, spec]));
  for (const name of Object.keys(given)) entryNamed(`parameter of ${workload.name}`, name, specs);
  return Object.fromEntries(
    workload.parameters.map((spec) => {
      const value = Object.hasOwn(given, spec.name) ? given[spec.name]! : spec.default;
      return [spec.name, checkedValue(spec, value)];
    }),
  );
}
