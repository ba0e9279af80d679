/** Draws a chart as SVG text, without a browser. */
import { BarChart, CustomChart, LineChart } from "echarts/charts";
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
} from "echarts/components";
import { type EChartsCoreOption, init, setPlatformAPI, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { darkRules } from "./palette.ts";
import { LETTER } from "./parts.ts";

use([
  BarChart,
  CustomChart,
  LineChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
  SVGRenderer,
]);

setPlatformAPI({
  measureText: (text, font) => {
    const size = Number(/([\d.]+)px/.exec(font ?? "")?.[1] ?? 12);
    return { width: text.length * size * LETTER };
  },
});

export type ChartOption = EChartsCoreOption;
/** Without quotes, for it comes to stand in an attribute. */
const FONT = "system-ui, sans-serif";

/** A drawing that stands alone and inside a page. */
export interface Drawing {
  /** Name of its file, without the ending. */
  readonly name: string;
  readonly title: string;
  /** What it shows, for those who cannot see it. */
  readonly text: string;
  readonly svg: string;
}

export function draw(option: ChartOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: FONT },
      ...option,
    });
    return plain(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** Without what is only for a mouse. */
function plain(svg: string): string {
  return svg
    .replace(/<style\b[^>]*>[\s\S]*?<\/style>/g, "")
    .replace(/ (?:class="zr[^"]*"|ecmeta_\w+="[^"]*"|pointer-events="[^"]*")/g, "")
    .replace(/\n\s*\n+/g, "\n");
}

/** The drawing as a file of its own, which follows the reader's choice of light or dark. */
export function standalone(
  { title, svg }: Pick<Drawing, "title" | "svg">,
  background: { light: string; dark: string },
): string {
  const style =
    `<style>svg{background:${background.light}}\n@media (prefers-color-scheme: dark){` +
    `svg{background:${background.dark}}\n${darkRules("svg")}}</style>`;
  const text = title.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return svg.replace(/(<svg\b[^>]*>)/, (tag) => `${tag}<title>${text}</title>${style}`);
}
