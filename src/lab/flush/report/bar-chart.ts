/** What a strategy's cycles are spent on: a bar for each, cut by events. */
import type { Case } from "../summary.ts";
import { draw } from "./draw.ts";
import { hue, INK, SOFT } from "./palette.ts";
import { axis, compact, HEAD, heading, nameWidth } from "./parts.ts";

const WIDTH = 980;
const BAR_HEIGHT = 26;
const LEFT_MIN = 72;
const RIGHT = 90;
const LEGEND_ROW = 22;
const BOTTOM = 54;
/** Events with colours of their own; the cheaper ones are one part. */
const EVENTS_MAX = 9;
const OTHERS = "others";

/** Events by what they cost in all cases together, the dearest first. */
export function dearestEvents(cases: readonly Case[]): string[] {
  const sums = new Map<string, number>();
  for (const { event, cycles } of cases.flatMap(({ costs }) => costs)) {
    sums.set(event, (sums.get(event) ?? 0) + cycles.mean);
  }
  const events = [...sums].filter(([, cycles]) => cycles > 0).sort(([, a], [, b]) => b - a);
  return events.map(([event]) => event);
}

/** `events` are in the order in which they get their colours. */
export function barChart(title: string, cases: readonly Case[], events: readonly string[]): string {
  const shown = events.slice(0, EVENTS_MAX);
  const rest = events.slice(EVENTS_MAX);
  const all = rest.length > 0 ? [...shown, OTHERS] : shown;
  const cycles = (one: Case, part: string) => {
    const own = part === OTHERS ? rest : [part];
    return one.costs.reduce((n, row) => n + (own.includes(row.event) ? row.cycles.mean : 0), 0);
  };
  const parts = all.filter((part) => cases.some((one) => cycles(one, part) > 0));
  const left = Math.max(LEFT_MIN, nameWidth(cases.map(({ strategy }) => strategy)));
  const rows = Math.ceil(parts.length / 4);
  const top = HEAD + rows * LEGEND_ROW + 14;
  const height = top + cases.length * BAR_HEIGHT + BOTTOM;
  const series = parts.map((part) => ({
    type: "bar",
    name: part,
    stack: "cycles",
    silent: true,
    barWidth: BAR_HEIGHT - 9,
    itemStyle: { color: part === OTHERS ? SOFT.light : hue(shown.indexOf(part)) },
    data: cases.map((one) => cycles(one, part)),
  }));
  const total = {
    type: "bar",
    stack: "cycles",
    silent: true,
    data: cases.map((one) => ({
      value: 0,
      label: {
        show: true,
        position: "right",
        color: INK.light,
        formatter: compact(one.cycles.mean),
      },
    })),
  };
  return draw(
    {
      title: heading(title),
      legend: {
        data: parts,
        left,
        top: HEAD + 2,
        width: WIDTH - left - RIGHT,
        itemWidth: 12,
        itemHeight: 12,
        icon: "rect",
        selectedMode: false,
        textStyle: { color: INK.light, fontSize: 12 },
      },
      grid: { left, right: RIGHT, top, height: cases.length * BAR_HEIGHT },
      xAxis: { ...axis("modelled cycles", "middle", 30), type: "value" },
      yAxis: {
        ...axis("", "end", 0),
        type: "category",
        inverse: true,
        data: cases.map(({ strategy }) => strategy),
        axisLabel: { color: INK.light, fontSize: 12 },
        splitLine: { show: false },
      },
      series: [...series, total],
    },
    WIDTH,
    height,
  );
}
