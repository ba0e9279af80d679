/** Results of a sweep as curves: one parameter along the axis, the others as panels beside each other. */
import type { Estimate } from "../statistics.ts";
import { type Case, cyclesRatio, type Point, varyingParameters } from "../summary.ts";
import type { ParameterValue } from "../types.ts";

export interface CurvePoint {
  readonly x: number;
  readonly y: Estimate;
}

export interface Curve {
  readonly strategy: string;
  readonly points: readonly CurvePoint[];
}

export interface Panel {
  /** The parameters that make it, such as "l2.guests = 8"; empty when there is only one. */
  readonly title: string;
  /** The value when a single number makes it. */
  readonly value: number | undefined;
  readonly points: readonly Point[];
}

/** One workload whose parameter `x` takes several values. */
export interface Sweep {
  readonly workload: string;
  readonly x: string;
  /** The parameters of the panels. */
  readonly across: readonly string[];
  readonly panels: readonly Panel[];
}

function distinct(points: readonly Point[], name: string): ParameterValue[] {
  return [...new Set(points.map(({ parameters }) => parameters[name]!))];
}

const isNumber = (value: ParameterValue) => typeof value === "number";

function panelsOf(points: readonly Point[], x: string, across: readonly string[]): Panel[] {
  const groups = new Map<string, Point[]>();
  for (const point of points) {
    const title = across.map((name) => `${name} = ${point.parameters[name]}`).join(", ");
    groups.set(title, [...(groups.get(title) ?? []), point]);
  }
  return [...groups].map(([title, own]) => {
    const value = across.length === 1 ? own[0]!.parameters[across[0]!] : undefined;
    return {
      title,
      value: typeof value === "number" ? value : undefined,
      points: own.toSorted((a, b) => Number(a.parameters[x]) - Number(b.parameters[x])),
    };
  });
}

/** The sweep of one workload; undefined when no number varies. Along the axis goes what varies most. */
function sweepOf(workload: string, points: readonly Point[]): Sweep | undefined {
  const varying = varyingParameters(points);
  const numeric = varying.filter((name) => distinct(points, name).every(isNumber));
  const most = Math.max(...numeric.map((name) => distinct(points, name).length));
  const x = numeric.find((name) => distinct(points, name).length === most);
  if (x === undefined) return undefined;
  const across = varying.filter((name) => name !== x);
  return { workload, x, across, panels: panelsOf(points, x, across) };
}

export function sweepsOf(points: readonly Point[]): Sweep[] {
  const workloads = [...new Set(points.map(({ workload }) => workload))];
  return workloads.flatMap((workload) => {
    const own = points.filter((point) => point.workload === workload);
    return sweepOf(workload, own) ?? [];
  });
}

/** Strategies that are ranked somewhere, in the order of `points`' results. */
export function rankedStrategies(points: readonly Point[]): string[] {
  return [...new Set(points.flatMap(({ ranked }) => ranked.map(({ strategy }) => strategy)))].sort(
    (a, b) => a.localeCompare(b, "en", { numeric: true }),
  );
}

export function caseIn({ ranked }: Point, strategy: string): Case | undefined {
  return ranked.find((one) => one.strategy === strategy);
}

function curves(
  { panels, x }: Sweep,
  index: number,
  value: (point: Point, one: Case) => Estimate | undefined,
): Curve[] {
  const { points } = panels[index]!;
  return rankedStrategies(points).map((strategy) => ({
    strategy,
    points: points.flatMap((point) => {
      const one = caseIn(point, strategy);
      const y = one === undefined ? undefined : value(point, one);
      return y === undefined ? [] : [{ x: Number(point.parameters[x]), y }];
    }),
  }));
}

/** Modelled cycles of each right strategy in one panel. */
export function costCurves(sweep: Sweep, panel: number): Curve[] {
  return curves(sweep, panel, (_, one) => one.cycles);
}

/** The same for one cycle of `base`, seed by seed; empty when `base` is not ranked. */
export function relativeCurves(sweep: Sweep, panel: number, base: string): Curve[] {
  return curves(sweep, panel, (point, one) => {
    const other = caseIn(point, base);
    return other === undefined ? undefined : cyclesRatio(one, other);
  }).filter(({ points }) => points.length > 0);
}
