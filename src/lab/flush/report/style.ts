/** How the report looks. */
import { darkRules, GRID, INK, PAPER, SOFT } from "./palette.ts";

const RIGHT = { light: "#0f7b53", dark: "#4fd09b" };
const BAD = { light: "#b3123f", dark: "#ff7f9f" };
const BLOCK = { light: "#f3f5f7", dark: "#1d232b" };

function variables(shade: "light" | "dark"): string {
  const rows = {
    ink: INK,
    soft: SOFT,
    line: GRID,
    paper: PAPER,
    right: RIGHT,
    bad: BAD,
    block: BLOCK,
  };
  return Object.entries(rows)
    .map(([name, value]) => `--${name}:${value[shade]};`)
    .join("");
}

export const STYLE = `
:root { ${variables("light")} }
body { font: 15px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 auto; max-width: 1020px; padding: 28px 24px 64px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 40px 0 8px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
h3 { font-size: 15px; margin: 22px 0 4px; } p { margin: 4px 0 8px; max-width: 78ch; }
.lead { font-size: 17px; } .soft, figcaption, .ci { color: var(--soft); }
figcaption { font-size: 13px; padding-left: 12px; } figure { margin: 18px 0 26px; }
figcaption a { color: inherit; } .chart svg { max-width: 100%; height: auto; display: block; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: 13px; margin: 6px 0 14px; }
th, td { padding: 4px 14px 4px 0; text-align: left; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.right { color: var(--right); } .bad { color: var(--bad); font-weight: 600; }
pre { background: var(--block); padding: 10px 14px; border-radius: 6px; overflow-x: auto;
  font: 12px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
code { font: 12px ui-monospace, "DejaVu Sans Mono", monospace; }
summary { cursor: pointer; padding: 4px 0; font-weight: 600; font-size: 14px; }
@media (prefers-color-scheme: dark) {
:root { ${variables("dark")} }
${darkRules(".chart")}
}
@media print { details > * { display: block; } }
`;
