/** Draws the sets and ways of an array as an SVG map, a cell an entry. */
import type { CacheArray, CacheTag } from "../tlb/snapshot-types.ts";
import { entryWords, type TagRow, tagKey, tagWords } from "./tlb-words.ts";

/** Colours that people with colour blindness can tell apart; further tags get hues in between. */
const COLOURS = [
  "#0072b2",
  "#e69f00",
  "#009e73",
  "#d55e00",
  "#cc79a7",
  "#56b4e9",
  "#7a5195",
  "#8c6d31",
  "#b3a400",
  "#6b7280",
] as const;
const GOLDEN_ANGLE = 137.508;

const COLUMNS = 128;
const MARGIN_LEFT = 46;
const MARGIN_TOP = 16;
const BAND_GAP = 8;
/** Space left between cells, and to the middle of the line around a cell in use. */
const INSET = 0.5;
const EDGE = 0.8;
const LABEL_STEP = 8;
const LABEL_STEP_NARROW = 16;

export function escapeText(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text.replace(/[&<>"]/g, (sign) => signs[sign]!);
}

function colourOf(index: number): string {
  const own = COLOURS[index];
  return own ?? `hsl(${Math.round((index * GOLDEN_ANGLE) % 360)} 55% 45%)`;
}

/** What tells the kinds of mapping apart on top of the colour, in a box of 10 by 10. */
const MARKS: Readonly<Record<CacheTag["kind"], string>> = {
  linear: "",
  combined: '<path d="M10 0V10H0Z" fill="#fff" fill-opacity=".55"/>',
  "guest-physical": '<circle cx="5" cy="5" r="2.6" fill="#fff"/>',
};

/** The signs of all tags, to be used by number. */
export function signDefinitions(tags: readonly TagRow[]): string {
  const symbols = tags.map(
    ({ tag }, i) =>
      `<symbol id="t${i}" viewBox="0 0 10 10" preserveAspectRatio="none">` +
      `<rect width="10" height="10" fill="${colourOf(i)}"/>${MARKS[tag.kind]}</symbol>`,
  );
  return `<svg class="signs" width="0" height="0" aria-hidden="true"><defs>${symbols.join("")}</defs></svg>`;
}

/** The sign of tag number `index` for a legend. */
export function signOf(index: number): string {
  return `<svg class="sign" width="16" height="16"><use href="#t${index}" width="16" height="16"/></svg>`;
}

/** A sign that shows a kind of mapping alone. */
export function kindSign(kind: CacheTag["kind"]): string {
  return (
    '<svg class="sign" width="16" height="16" viewBox="0 0 10 10">' +
    `<rect width="10" height="10" fill="#4b5563"/>${MARKS[kind]}</svg>`
  );
}

function cellSize(columns: number): number {
  if (columns > 64) return 9;
  return columns > 16 ? 14 : 20;
}

interface Band {
  readonly first: number;
  readonly end: number;
  readonly y: number;
}

/** The map of an array: sets from left to right, ways downwards; of one set the ways side by side. */
export function arrayMap(array: CacheArray, tags: readonly TagRow[]): string {
  const flat = array.sets === 1;
  const columns = flat ? array.ways : array.sets;
  const rows = flat ? 1 : array.ways;
  const size = cellSize(columns);
  const columnOf = (entry: CacheArray["entries"][number]) => (flat ? entry.way : entry.set);
  const used = new Set(array.entries.map((entry) => Math.floor(columnOf(entry) / COLUMNS)));
  const bands: Band[] = [];
  let y = MARGIN_TOP;
  for (let first = 0; first < columns; first += COLUMNS) {
    // Of a large array only those parts that hold something.
    if (columns > COLUMNS && !used.has(first / COLUMNS)) continue;
    bands.push({ first, end: Math.min(first + COLUMNS, columns), y });
    y += rows * size + MARGIN_TOP + BAND_GAP;
  }
  const numbers = new Map(tags.map(({ key }, i) => [key, i]));
  const parts = bands.map((band) => bandGrid(band, rows, size, flat));
  for (const entry of array.entries) {
    const column = columnOf(entry);
    const band = bands.find(({ first, end }) => column >= first && column < end)!;
    const x = MARGIN_LEFT + (column - band.first) * size;
    const top = band.y + (flat ? 0 : entry.way * size);
    const title = `set ${entry.set}, way ${entry.way}\n${tagWords(entry.tag)}\n${entryWords(entry)}`;
    const number = numbers.get(tagKey(entry.tag))!;
    const edge = entry.inContext ? ` class="now"` : "";
    parts.push(
      `<g${edge}><title>${escapeText(title)}</title>` +
        `<use href="#t${number}" x="${x + INSET}" y="${top + INSET}" ` +
        `width="${size - 2 * INSET}" height="${size - 2 * INSET}"/>` +
        (entry.inContext
          ? `<rect x="${x + EDGE}" y="${top + EDGE}" width="${size - 2 * EDGE}" ` +
            `height="${size - 2 * EDGE}"${size < 14 ? ' class="thin"' : ""}/>`
          : "") +
        "</g>",
    );
  }
  const width = MARGIN_LEFT + Math.min(columns, COLUMNS) * size + 2;
  const label = escapeText(`${array.name}: ${array.entries.length} entries`);
  return (
    `<svg class="map" role="img" aria-label="${label}" width="${width}" height="${y - BAND_GAP}">` +
    `${parts.join("")}</svg>`
  );
}

/** Background, lines between cells, and numbers of sets and ways. */
function bandGrid({ first, end, y }: Band, rows: number, size: number, flat: boolean): string {
  const width = (end - first) * size;
  const height = rows * size;
  const lines: string[] = [];
  for (let i = 0; i <= end - first; i++) {
    const x = MARGIN_LEFT + i * size;
    lines.push(`M${x} ${y}V${y + height}`);
  }
  for (let i = 0; i <= rows; i++)
    lines.push(`M${MARGIN_LEFT} ${y + i * size}H${MARGIN_LEFT + width}`);
  const step = size < 14 ? LABEL_STEP_NARROW : LABEL_STEP;
  const labels: string[] = [];
  for (let at = first; at < end; at += step) {
    const x = MARGIN_LEFT + (at - first) * size + size / 2;
    labels.push(`<text x="${x}" y="${y - 4}" text-anchor="middle">${at}</text>`);
  }
  labels.push(
    `<text x="${MARGIN_LEFT - 20}" y="${y - 4}" text-anchor="end">${flat ? "way" : "set"}</text>`,
  );
  const everyWay = size >= 14 ? 1 : 4;
  if (!flat) {
    for (let way = 0; way < rows; way += everyWay) {
      const at = y + way * size + size / 2 + 3.5;
      labels.push(`<text x="${MARGIN_LEFT - 5}" y="${at}" text-anchor="end">${way}</text>`);
    }
  }
  return (
    `<rect class="empty" x="${MARGIN_LEFT}" y="${y}" width="${width}" height="${height}"/>` +
    `<path class="grid" d="${lines.join("")}"/>${labels.join("")}`
  );
}
