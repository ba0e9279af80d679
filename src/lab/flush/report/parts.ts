/** What the charts have in common: axes, headings, numbers, error bars. */

import { GRID, INK, SOFT } from "./palette.ts";
import type { CurvePoint } from "./sweeps.ts";

/** Width of a letter for the height of the font: wide fonts need so much, and nothing measures. */
export const LETTER = 0.61;

/** Height of the heading. */
export const HEAD = 34;

/** Room that the longest of `names` takes at 12 pixels, with a gap. */
export function nameWidth(names: readonly string[]): number {
  return Math.ceil(Math.max(...names.map((name) => name.length)) * 12 * LETTER) + 20;
}

const UNITS = [
  { from: 1e9, letter: "G" },
  { from: 1e6, letter: "M" },
  { from: 1e3, letter: "k" },
] as const;

/** A number as axes have it: 12.5M, 800k, 1.02. */
export function compact(value: number): string {
  const unit = UNITS.find(({ from }) => Math.abs(value) >= from);
  const scaled = unit === undefined ? value : value / unit.from;
  return `${Number(scaled.toPrecision(4))}${unit?.letter ?? ""}`;
}

export function heading(text: string) {
  return { text, left: 12, top: 4, textStyle: { color: INK.light, fontSize: 15, fontWeight: 600 } };
}

export function panelTitle(text: string, { left, top }: { left: number; top: number }) {
  const textStyle = { color: INK.light, fontSize: 12, fontWeight: 600 };
  return { text, left, top: top - 30, padding: 0, textStyle };
}

export function axis(name: string, nameLocation: "middle" | "end", nameGap: number) {
  return {
    name,
    nameLocation,
    nameGap,
    nameTextStyle: {
      color: SOFT.light,
      fontSize: 12,
    },
    axisLabel: { color: SOFT.light, formatter: compact, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: GRID.light } },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: GRID.light } },
  };
}

interface DrawingApi {
  value(dimension: number): number;
  coord(place: readonly number[]): number[];
}

const CAP = 3;

/** Vertical bars over the confidence intervals of `points`. */
export function errorBars(points: readonly CurvePoint[], color: string) {
  const data = points
    .filter(({ y }) => y.half > 0)
    .map(({ x, y }) => [x, y.mean - y.half, y.mean + y.half]);
  return {
    type: "custom",
    data,
    renderItem: (_: unknown, api: DrawingApi) => {
      const [x = 0, low = 0] = api.coord([api.value(0), api.value(1)]);
      const [, high = 0] = api.coord([api.value(0), api.value(2)]);
      const line = (x1: number, y1: number, x2: number, y2: number) => ({
        type: "line",
        shape: { x1, y1, x2, y2 },
        style: { stroke: color, lineWidth: 1.2 },
      });
      const children = [
        line(x, low, x, high),
        line(x - CAP, low, x + CAP, low),
        line(x - CAP, high, x + CAP, high),
      ];
      return { type: "group", children };
    },
  };
}
