/**
 * Colours of charts and page, each for a light and a dark background. Charts are drawn in the light ones;
 * a style sheet, which each drawing carries, puts the dark ones in their place where the reader asks for
 * a dark page.
 */

interface Shade {
  readonly light: string;
  readonly dark: string;
}

export const INK: Shade = { light: "#1f2328", dark: "#e6edf3" };
export const SOFT: Shade = { light: "#59636e", dark: "#9aa5b1" };
export const GRID: Shade = { light: "#d9dee3", dark: "#343b44" };
export const PAPER: Shade = { light: "#fefefe", dark: "#15191f" };

/** Hues that are told apart with weak colour vision too, the most different first. */
const HUES: readonly Shade[] = [
  { light: "#1565c0", dark: "#6cb2ff" },
  { light: "#c2410c", dark: "#ff9a62" },
  { light: "#0f7b53", dark: "#4fd09b" },
  { light: "#9d2c8f", dark: "#e38bd6" },
  { light: "#8a6100", dark: "#e2b93b" },
  { light: "#00748a", dark: "#4cc7dd" },
  { light: "#b3123f", dark: "#ff7f9f" },
  { light: "#5b4bc4", dark: "#a99dff" },
  { light: "#4d6a1c", dark: "#a8cf60" },
  { light: "#6b5344", dark: "#c9ab97" },
];

/** Colour of the `index`th of a list; the hues come again behind the last. */
export function hue(index: number): string {
  return HUES[index % HUES.length]!.light;
}

/** Whether the hues have begun again: such lines are dashed. */
export function isRepeated(index: number): boolean {
  return index >= HUES.length;
}

const SHADES = [INK, SOFT, GRID, PAPER, ...HUES];

/** Rules for drawings inside what `scope` selects. */
export function darkRules(scope: string): string {
  return SHADES.flatMap(({ light, dark }) => [
    `${scope} [fill="${light}"]{fill:${dark}}`,
    `${scope} [stroke="${light}"]{stroke:${dark}}`,
  ]).join("\n");
}
