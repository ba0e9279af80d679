/** Curves over a parameter, in panels with the same scales, each labelled at its end. */
import { type ChartOption, draw } from "./draw.ts";
import { hue, INK, isRepeated, SOFT } from "./palette.ts";
import { axis, compact, errorBars, HEAD, heading, nameWidth, panelTitle } from "./parts.ts";
import type { Curve } from "./sweeps.ts";

export interface LineChart {
  readonly title: string;
  readonly xName: string;
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
const MARGIN = { left: 72, top: 34, bottom: 58 };
const PLOT_HEIGHT = 230;
const LOG_FROM = 16;
const LABEL_HEIGHT = 14;

interface Scale {
  readonly min: number;
  readonly max: number;
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
}

function places(count: number, right: number): { places: Place[]; height: number } {
  const across = Math.min(count, COLUMNS);
  const cell = WIDTH / across;
  const down = MARGIN.top + PLOT_HEIGHT + MARGIN.bottom;
  const list = Array.from({ length: count }, (_, i) => ({
    left: (i % across) * cell + MARGIN.left,
    top: HEAD + Math.floor(i / across) * down + MARGIN.top,
    width: cell - MARGIN.left - right,
  }));
  return { places: list, height: HEAD + Math.ceil(count / across) * down };
}

/** Room above the highest and, unless the axis begins at 0, below the lowest value of all panels. */
function extent({ panels, reference, fromZero }: LineChart): Scale {
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

/** Heights of the labels at the ends of `curves`, so that none covers another. */
function labelHeights(curves: readonly Curve[], top: number, scale: Scale): Map<string, number> {
  const ends = curves
    .map(({ strategy, points }) => {
      const share = (scale.max - points.at(-1)!.y.mean) / (scale.max - scale.min);
      return { strategy, y: top + share * PLOT_HEIGHT };
    })
    .sort((a, b) => a.y - b.y);
  // Down from the first, then up again from the lowest place that there is.
  ends.forEach((end, i) => {
    if (i > 0) end.y = Math.max(end.y, ends[i - 1]!.y + LABEL_HEIGHT);
  });
  let lowest = top + PLOT_HEIGHT + LABEL_HEIGHT;
  for (const end of ends.toReversed()) {
    end.y = Math.min(end.y, lowest);
    lowest = end.y - LABEL_HEIGHT;
  }
  return new Map(ends.map(({ strategy, y }) => [strategy, y]));
}

function lineSeries(curve: Curve, color: number, panel: number, labelY: number) {
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
    labelLayout: { y: labelY },
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
  const layout = places(panels.length, nameWidth(strategies));
  const scale = extent(chart);
  const { min, max } = scale;
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
      ...axis("", "end", 0),
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
    series: panels.flatMap(({ curves }, panel) => {
      const heights = labelHeights(curves, layout.places[panel]!.top, scale);
      return curves.flatMap((curve, i) => {
        const color = strategies.indexOf(curve.strategy);
        const [line, bars] = lineSeries(curve, color, panel, heights.get(curve.strategy)!);
        const mark =
          i === 0 && reference ? referenceLine(reference.value, reference.name) : undefined;
        return [{ ...line, ...(mark && { markLine: mark }) }, bars];
      });
    }),
    color: [INK.light],
  };
  return draw(option, WIDTH, layout.height);
}
