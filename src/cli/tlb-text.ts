/** A view of the caches of translations as text: sets and ways with a letter for each tag. */
import type { CacheArray, ProcessorCaches } from "../tlb/snapshot-types.ts";
import type { Walk } from "../tlb/walk-types.ts";
import { cycleRows } from "./statistics.ts";
import type { TlbView } from "./tlb-view.ts";
import {
  contextWords,
  entryWords,
  flagWords,
  placeWords,
  resultWords,
  rightsWords,
  shapeWords,
  type TagRow,
  tagKey,
  tagWords,
  targetWords,
  walkHead,
} from "./tlb-words.ts";

const COLUMNS = 64;
const TICK = 8;
const INDENT = "  ";

/** The whole view; with `entries` each entry in a line of its own as well. */
export function tlbText(view: TlbView, entries: boolean): string {
  const { snapshot, tags, places } = view;
  const lines = [
    `${view.image}: caches of translations ${view.reached ? `at ${view.point}` : "at the end"}, ` +
      `geometry ${snapshot.profile}, ${view.instructions.toLocaleString("en-US")} instructions`,
    "",
    ...tagLines(tags),
  ];
  const letters = new Map(tags.map(({ key, letter }) => [key, letter]));
  snapshot.processors.forEach((processor, i) => {
    lines.push("", ...processorLines(processor, places[i]!, letters, entries));
  });
  lines.push("", "modelled cycles of the whole run:");
  lines.push(...cycleRows(view.bill).map((row) => INDENT + row));
  if (view.walk) lines.push("", ...walkLines(view.walk));
  return `${lines.join("\n")}\n`;
}

function tagLines(tags: readonly TagRow[]): string[] {
  if (tags.length === 0) return ["nothing is cached"];
  return [
    "tags: entries in TLB, guest-physical arrays, structure caches",
    ...tags.map(({ letter, tag, counts, current }) => {
      const numbers = [counts.tlb, counts["guest-physical"], counts.structure];
      const cells = numbers.map((number) => String(number).padStart(6)).join("");
      const now = current.length === 0 ? "" : `  now used by CPU ${current.join(", ")}`;
      return `${INDENT}${letter} ${cells}  ${tagWords(tag)}${now}`;
    }),
  ];
}

function processorLines(
  { cpu, context, arrays }: ProcessorCaches,
  place: string,
  letters: ReadonlyMap<string, string>,
  entries: boolean,
): string[] {
  const lines = [`CPU ${cpu} at ${place}: ${contextWords(context)}`];
  if (arrays.length === 0) lines.push(`${INDENT}this geometry caches nothing`);
  for (const array of arrays) {
    lines.push(`${INDENT}${array.name}: ${shapeWords(array)}`);
    if (array.entries.length === 0) continue;
    lines.push(...mapLines(array, letters).map((line) => INDENT + INDENT + line));
    if (!entries) continue;
    for (const entry of array.entries) {
      const where = `set ${entry.set} way ${entry.way}`;
      const letter = letters.get(tagKey(entry.tag));
      lines.push(`${INDENT}${INDENT}${where}: ${letter} ${entryWords(entry)}`);
    }
  }
  return lines;
}

/** Ways under each other, sets side by side; of an array with one set the ways side by side. */
function mapLines(array: CacheArray, letters: ReadonlyMap<string, string>): string[] {
  const flat = array.sets === 1;
  const columns = flat ? array.ways : array.sets;
  const rows = flat ? 1 : array.ways;
  const cells = Array.from({ length: rows }, () => new Array<string>(columns).fill("."));
  for (const { set, way, tag } of array.entries) {
    cells[flat ? 0 : way]![flat ? way : set] = letters.get(tagKey(tag)) ?? "#";
  }
  const lines: string[] = [];
  for (let first = 0; first < columns; first += COLUMNS) {
    const end = Math.min(first + COLUMNS, columns);
    const band = cells.map((row) => row.slice(first, end));
    if (band.every((row) => row.every((cell) => cell === "."))) continue;
    lines.push(`${(flat ? "way" : "set").padEnd(8)}${ruler(first, end)}`);
    band.forEach((row, way) => {
      lines.push(`${(flat ? "" : `way ${way}`).padEnd(8)}${row.join("")}`);
    });
  }
  return lines;
}

function ruler(first: number, end: number): string {
  let text = "";
  for (let at = first; at < end; at += TICK) text += String(at).padEnd(TICK);
  return text.trimEnd();
}

function walkLines(walk: Walk): string[] {
  const lines = [`${walkHead(walk)}:`];
  walk.steps.forEach((step, i) => {
    const nested = step.tables === "ept" && walk.paging !== "none" ? INDENT : "";
    const name = `${step.tables === "ept" ? "EPT" : "guest"} ${step.entry}`;
    const value = `0x${step.value.toString(16).padStart(step.bytes * 2, "0")}`;
    const rights = `${rightsWords(step.rights, step.tables)} ${flagWords(step)}`;
    const lead = `${String(i + 1).padStart(4)}  ${nested}${name.padEnd(12)}`;
    lines.push(`${lead} ${placeWords(step)}  ${value}  ${rights}  ${targetWords(step)}`);
  });
  if (walk.steps.length === 0) lines.push(`${INDENT}no table is read`);
  lines.push(`${INDENT}-> ${resultWords(walk.result)}`);
  return lines;
}
