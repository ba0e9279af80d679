/** The drawings of a report: cost over each sweep, cost against F1, break-even points, cost by event. */
import { type BreakEven, breakEven } from "../break-even.ts";
import type { Point, Summary } from "../summary.ts";
import { barChart, dearestEvents } from "./bar-chart.ts";
import type { Drawing } from "./draw.ts";
import { lineChart } from "./line-chart.ts";
import { compact } from "./parts.ts";
import {
  type Curve,
  costCurves,
  rankedStrategies,
  relativeCurves,
  type Sweep,
  sweepsOf,
} from "./sweeps.ts";

/** What others are compared with: what KVM does. */
export const BASE = "F1";
/** What the break-even point is looked for, the first that is there. */
const RIVALS = ["F3", "F3b", "F7c"] as const;

export interface BreakEvenRow {
  readonly workload: string;
  readonly strategy: string;
  readonly x: string;
  readonly panel: string;
  readonly value: number | undefined;
  readonly found: BreakEven;
}

function costDrawing(sweep: Sweep, strategies: readonly string[]): Drawing {
  const { workload, x, panels } = sweep;
  const title = `${workload}: modelled cycles of a run, by ${x}`;
  const svg = lineChart({
    title,
    xName: x,
    panels: panels.map((panel, i) => ({ title: panel.title, curves: costCurves(sweep, i) })),
    strategies,
    fromZero: true,
  });
  const text = "Means over seeds; the bars are 95 % confidence intervals. Only right strategies.";
  return { name: `cost-${workload}`, title, text, svg };
}

function relativeDrawing(sweep: Sweep, strategies: readonly string[]): Drawing | undefined {
  const { workload, x, panels } = sweep;
  const curves = panels.map((_, i) =>
    relativeCurves(sweep, i, BASE).filter(({ strategy }) => strategy !== BASE),
  );
  if (curves.every((list) => list.length === 0)) return undefined;
  const title = `${workload}: modelled cycles for one of ${BASE}, by ${x}`;
  const svg = lineChart({
    title,
    xName: x,
    panels: panels.map((panel, i) => ({ title: panel.title, curves: curves[i]! })),
    strategies,
    reference: { value: 1, name: BASE },
    fromZero: false,
  });
  const text = `Below the dashed line a strategy is cheaper than ${BASE} with the same seeds.`;
  return { name: `relative-${workload}`, title, text, svg };
}

/** Where the rivals of the base break even, for each panel of each sweep. */
export function breakEvenRows({ points }: Summary): BreakEvenRow[] {
  return sweepsOf(points).flatMap((sweep) =>
    sweep.panels.flatMap((panel, i) =>
      relativeCurves(sweep, i, BASE)
        .filter((curve) => RIVALS.some((rival) => rival === curve.strategy))
        .filter((curve) => curve.points.length > 1)
        .map((curve) => ({
          workload: sweep.workload,
          strategy: curve.strategy,
          x: sweep.x,
          panel: panel.title,
          value: panel.value,
          found: breakEven(curve.points),
        })),
    ),
  );
}

/** Break-even points over the number that makes the panels, such as the number of roots. */
function breakEvenDrawing(sweep: Sweep, rows: readonly BreakEvenRow[]): Drawing | undefined {
  const own = rows.filter(({ workload }) => workload === sweep.workload);
  const curves: Curve[] = RIVALS.map((strategy) => ({
    strategy,
    points: own.flatMap(({ strategy: name, value, found }) => {
      if (name !== strategy || value === undefined || found.kind !== "crossing") return [];
      const { at, low = at, high = at } = found;
      return [{ x: value, y: { mean: at, half: Math.max(at - low, high - at), n: 0 } }];
    }),
  })).filter(({ points }) => points.length > 1);
  const [across] = sweep.across;
  if (curves.length === 0 || across === undefined) return undefined;
  const title = `${sweep.workload}: ${sweep.x} at which ${BASE} costs the same, by ${across}`;
  const svg = lineChart({
    title,
    xName: across,
    panels: [{ title: "", curves }],
    strategies: curves.map(({ strategy }) => strategy),
    fromZero: true,
  });
  const text = `Interpolated value of ${sweep.x} at which both cost the same.`;
  return { name: `break-even-${sweep.workload}`, title, text, svg };
}

/** The point of a workload whose cycles are cut up: the last of its sweep. */
function costRowsDrawing(
  workload: string,
  points: readonly Point[],
  events: readonly string[],
): Drawing | undefined {
  const point = points.filter((p) => p.workload === workload && p.ranked.length > 0).at(-1);
  if (point === undefined) return undefined;
  const sweep = sweepsOf(points).find((one) => one.workload === workload);
  const names = sweep === undefined ? [] : [...sweep.across, sweep.x];
  const where = names.map((name) => `${name} = ${point.parameters[name]}`).join(", ");
  const title = `${workload}: what the cycles go to${where === "" ? "" : `, ${where}`}`;
  const svg = barChart(title, point.ranked, events);
  return { name: `rows-${workload}`, title, text: "The cheapest strategy comes first.", svg };
}

/** All drawings, workload by workload. */
export function drawings(summary: Summary): Drawing[] {
  const { points } = summary;
  const strategies = rankedStrategies(points);
  const rows = breakEvenRows(summary);
  const sweeps = sweepsOf(points);
  const events = dearestEvents(summary.cases);
  return [...new Set(points.map(({ workload }) => workload))].flatMap((workload) => {
    const sweep = sweeps.find((one) => one.workload === workload);
    const hasCurves = points.some((p) => p.workload === workload && p.ranked.length > 0);
    const curves =
      sweep === undefined || !hasCurves
        ? []
        : [
            costDrawing(sweep, strategies),
            relativeDrawing(sweep, strategies),
            breakEvenDrawing(sweep, rows),
          ];
    return [...curves, costRowsDrawing(workload, points, events)].filter(
      (one) => one !== undefined,
    );
  });
}

function edge(value: number | undefined, text: string): string {
  return value === undefined ? text : compact(value);
}

/** A row in words. */
export function breakEvenText({ strategy, x, panel, found }: BreakEvenRow): string {
  const where = panel === "" ? "" : `${panel}: `;
  if (found.kind === "no difference") {
    return `${where}${strategy} and ${BASE} do not differ by more than chance throughout`;
  }
  if (found.kind !== "crossing") return `${where}${strategy} is ${found.kind} throughout`;
  const { at, low, high, cheaper } = found;
  const interval = `95 %: ${edge(low, "the whole sweep")} to ${edge(high, "the whole sweep")}`;
  return `${where}${strategy} is cheaper ${cheaper} ${x} = ${compact(at)} (${interval})`;
}
