/** Curves over a parameter, in panels with the same scales, each labelled at its end. */
import { type ChartOption, draw } from "./draw.ts";
import { hue, INK, isRepeated, SOFT } from "./palette.ts";
import { axis, compact, errorBars, HEAD, heading, panelTitle } from "./parts.ts";
import type { Curve } from "./sweeps.ts";

export interface LineChart {
  readonly title: string;
  readonly xName: string;
  readonly yName: string;
  readonly panels: readonly { readonly title: string; readonly curves: readonly Curve[] }[];
  /** Strategies in the order in which they get their colours. */
  readonly strategies: readonly string[];
  /** A value across each panel, with its name. */
  readonly reference?: { readonly value: number; readonly name: string };
  /** Whether the axis begins at 0. */
  readonly fromZero: boolean;
}

const WIDTH = 980;
const COLUMNS = 3;
const MARGIN = { left: 72, right: 54, top: 34, bottom: 58 };
const PLOT_HEIGHT = 230;
const LOG_FROM = 16;

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

function places(count: number): { places: Place[]; height: number } {
  const across = Math.min(count, COLUMNS);
  const cell = WIDTH / across;
  const down = MARGIN.top + PLOT_HEIGHT + MARGIN.bottom;
  const list = Array.from({ length: count }, (_, i) => ({
    left: (i % across) * cell + MARGIN.left,
    top: HEAD + Math.floor(i / across) * down + MARGIN.top,
    width: cell - MARGIN.left - MARGIN.right,
  }));
  return { places: list, height: HEAD + Math.ceil(count / across) * down };
}

/** Room above the highest and, unless the axis begins at 0, below the lowest value of all panels. */
function extent({ panels, reference, fromZero }: LineChart): { min: number; max: number } {
  const values = panels.flatMap(({ curves }) =>
    curves.flatMap(({ points }) =>
      points.flatMap(({ y }) => {
        const half = Number.isNaN(y.half) ? 0 : y.half;
        return [y.mean - half, y.mean + half];
      }),
    ),
  );
  if (reference !== undefined) values.push(reference.value);
  const high = Math.max(...values);
  const low = Math.min(...values);
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return { min: fromZero ? 0 : low - room, max: high + room };
}

function isLogarithmic(xs: readonly number[]): boolean {
  const low = Math.min(...xs);
  return low > 0 && Math.max(...xs) / low >= LOG_FROM;
}

function lineSeries(curve: Curve, color: number, panel: number) {
  const lineStyle = { width: 2, ...(isRepeated(color) && { type: "dashed" }) };
  const base = { silent: true, xAxisIndex: panel, yAxisIndex: panel, color: hue(color) };
  const line = {
    ...base,
    type: "line",
    name: curve.strategy,
    data: curve.points.map(({ x, y }) => [x, y.mean]),
    symbol: "circle",
    symbolSize: 5,
    lineStyle,
    itemStyle: { color: hue(color), borderColor: hue(color) },
    endLabel: { show: true, formatter: curve.strategy, color: hue(color), fontSize: 12 },
    labelLayout: { moveOverlap: "shiftY" },
    clip: false,
  };
  return [line, { ...base, ...errorBars(curve.points, hue(color)) }];
}

function referenceLine(value: number, name: string) {
  return {
    silent: true,
    symbol: "none",
    lineStyle: { color: SOFT.light, type: "dashed", width: 1 },
    label: { formatter: name, color: SOFT.light, position: "insideStartTop", fontSize: 11 },
    data: [{ yAxis: value }],
  };
}

export function lineChart(chart: LineChart): string {
  const { panels, strategies, reference } = chart;
  const layout = places(panels.length);
  const { min, max } = extent(chart);
  const xs = panels.flatMap(({ curves }) => curves.flatMap((c) => c.points.map(({ x }) => x)));
  const titles = panels.map(({ title }, i) => panelTitle(title, layout.places[i]!));
  const option: ChartOption = {
    title: [heading(chart.title), ...titles],
    grid: layout.places.map((place) => ({ ...place, height: PLOT_HEIGHT })),
    xAxis: panels.map((_, gridIndex) => ({
      ...axis(chart.xName, "middle", 30),
      gridIndex,
      type: isLogarithmic(xs) ? "log" : "value",
      logBase: 2,
      min: Math.min(...xs),
      max: Math.max(...xs),
      splitLine: { show: false },
    })),
    yAxis: panels.map((_, gridIndex) => ({
      ...axis(gridIndex === 0 ? chart.yName : "", "end", 12),
      gridIndex,
      type: "value",
      min,
      max,
      axisLabel: {
        color: SOFT.light,
        formatter: compact,
        showMinLabel: min === 0,
        showMaxLabel: false,
      },
    })),
    series: panels.flatMap(({ curves }, panel) =>
      curves.flatMap((curve, i) => {
        const [line, bars] = lineSeries(curve, strategies.indexOf(curve.strategy), panel);
        const mark =
          i === 0 && reference ? referenceLine(reference.value, reference.name) : undefined;
        return [{ ...line, ...(mark && { markLine: mark }) }, bars];
      }),
    ),
    color: [INK.light],
  };
  return draw(option, WIDTH, layout.height);
}
