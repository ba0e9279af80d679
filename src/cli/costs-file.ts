/** `--costs`: a preset by its name, or a table of the user's own from a JSON file. */

import { nearest } from "../machine/nearest.ts";
import {
  COST_EVENTS,
  COST_PRESETS,
  type CostCell,
  type CostEventName,
  type CostPreset,
  REFERENCE_LEVELS,
  type ReferenceLevel,
} from "../tables/costs.ts";
import { oneLine, UsageError } from "./errors.ts";
import { readInput } from "./input-file.ts";

export interface CostChoice {
  readonly preset: CostPreset;
  readonly level: ReferenceLevel;
}

export const DEFAULT_COSTS: CostChoice = {
  preset: COST_PRESETS[0]!,
  level: COST_PRESETS[0]!.level,
};

type Refuse = (why: string) => UsageError;
type Fields = Record<string, unknown>;

const CYCLES_MAX = 1e9;

/** NAME or FILE, with `:LEVEL` behind it for where walks find the entries they read. */
export function parseCosts(text: string): CostChoice {
  const refuse: Refuse = (why) => new UsageError(`--costs "${oneLine(text)}": ${why}`);
  const match = /^(.*?)(?::(L1|L2|L3|memory))?$/s.exec(text)!;
  const name = match[1]!;
  // A file when it looks like a path.
  const preset = /[./\\]/.test(name) ? readCosts(name, refuse) : presetNamed(name, refuse);
  const level = (match[2] as ReferenceLevel | undefined) ?? preset.level;
  if (match[2] !== undefined && preset.references?.[level] === undefined) {
    throw refuse(`${preset.name} has no cycles of a reference that is found in ${level}`);
  }
  return { preset, level };
}

export function presetNamed(name: string, refuse: Refuse): CostPreset {
  const preset = COST_PRESETS.find((row) => row.name === name);
  if (preset) return preset;
  const names = COST_PRESETS.map((row) => row.name);
  throw refuse(`no such preset${nearest(name, names)}: use one of ${names.join(", ")} or a file`);
}

function readCosts(path: string, refuse: Refuse): CostPreset {
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(readInput("--costs", path)));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw refuse("the file is not JSON");
  }
  if (!isRecord(data)) throw refuse('write {"name": "...", "cells": {...}}');
  const { name, note, base, references, level, cells = {} } = data;
  if (base !== undefined && typeof base !== "string") throw refuse('"base" must name a preset');
  const under = base === undefined ? undefined : presetNamed(base, (why) => refuse(`base: ${why}`));
  if (!isRecord(cells)) throw refuse('"cells" must be an object of cycles by event');
  const known = COST_EVENTS.map((row) => row.name);
  const own: Partial<Record<CostEventName, CostCell>> = {};
  for (const [event, value] of Object.entries(cells)) {
    if (!known.includes(event as CostEventName)) {
      throw refuse(`unknown event "${oneLine(event)}"${nearest(event, known)}`);
    }
    own[event as CostEventName] = readCell(event, value, refuse);
  }
  return {
    name: typeof name === "string" && name !== "" ? oneLine(name) : path,
    note: typeof note === "string" ? oneLine(note) : "",
    references: readReferences(references, refuse) ?? under?.references,
    level: readLevel(level, refuse) ?? under?.level ?? "L2",
    cells: { ...under?.cells, ...own },
  };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readCell(event: string, value: unknown, refuse: Refuse): CostCell {
  const { cycles, source } = isRecord(value) ? value : { cycles: value, source: undefined };
  if (typeof cycles !== "number" || !(cycles >= 0 && cycles <= CYCLES_MAX)) {
    throw refuse(`"${event}" must be cycles from 0 to ${CYCLES_MAX}`);
  }
  return {
    cycles,
    source: typeof source === "string" ? oneLine(source) : "the user's own",
    measured: false,
  };
}

function readReferences(value: unknown, refuse: Refuse): CostPreset["references"] {
  if (value === undefined) return undefined;
  if (!isRecord(value)) {
    throw refuse(`"references" must be an object of cycles by ${REFERENCE_LEVELS.join(", ")}`);
  }
  return Object.fromEntries(
    Object.entries(value).map(([level, cycles]) => {
      readLevel(level, refuse);
      return [level, readCell(level, cycles, refuse)];
    }),
  );
}

function readLevel(value: unknown, refuse: Refuse): ReferenceLevel | undefined {
  if (value === undefined) return undefined;
  const level = REFERENCE_LEVELS.find((name) => name === value);
  if (!level) throw refuse(`a level of references is one of ${REFERENCE_LEVELS.join(", ")}`);
  return level;
}
