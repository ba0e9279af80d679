/** A TLB geometry of the user's own, read from a JSON file of the shape that `info --json` prints. */
import type {
  GuestPhysicalArray,
  PageSize,
  Replacement,
  StructureCache,
  TlbArray,
  TlbProfile,
} from "../tables/tlb-profiles.ts";
import { oneLine, UsageError } from "./errors.ts";
import { readInput } from "./input-file.ts";

const PAGES: readonly string[] = ["4K", "2M", "4M", "1G"] satisfies PageSize[];
const KINDS: readonly string[] = [
  "instruction",
  "load",
  "store",
  "data",
  "unified",
] satisfies TlbArray["kind"][];
const REPLACEMENTS: readonly string[] = ["fifo", "random", "lru", "plru"] satisfies Replacement[];
const TABLES: readonly string[] = ["guest", "ept"] satisfies StructureCache["tables"][];
const ENTRIES: readonly string[] = [
  "PDE",
  "PDPTE",
  "PML4E",
  "PML5E",
] satisfies StructureCache["entry"][];
const XOR_SHIFT_MAX = 31;

type Refuse = (why: string) => UsageError;
type Fields = Record<string, unknown>;

/** A profile's name, or the profile in a file when `text` looks like a path. */
export function tlbOption(option: string, text: string): string | TlbProfile {
  return /[./\\]/.test(text) ? readTlbProfile(text, readInput(option, text), option) : text;
}

/** @throws UsageError that says which field is wrong; sizes are checked by the machine. */
export function readTlbProfile(path: string, bytes: Uint8Array, option = "--tlb"): TlbProfile {
  const refuse: Refuse = (why) => new UsageError(`${option} "${oneLine(path)}": ${why}`);
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refuse("the file is not JSON");
  }
  if (!isRecord(data)) throw refuse('write {"name": "...", "arrays": [...]}');
  const { name, note, arrays, guestPhysical = [], structures = [] } = data;
  if (!Array.isArray(arrays)) throw refuse('"arrays" must be a list of arrays');
  if (!Array.isArray(guestPhysical)) throw refuse('"guestPhysical" must be a list of arrays');
  if (!Array.isArray(structures)) throw refuse('"structures" must be a list of caches');
  const each = <T>(list: unknown[], what: string, read: (entry: Fields, refuse: Refuse) => T) =>
    list.map((entry, i) => {
      const at: Refuse = (why) => refuse(`${what} ${i}: ${why}`);
      if (!isRecord(entry)) throw at("it must be an object");
      return read(entry, at);
    });
  return {
    name: typeof name === "string" && name !== "" ? oneLine(name) : path,
    note: typeof note === "string" ? note : "",
    arrays: each(arrays, "array", readArray),
    guestPhysical: each(guestPhysical, "guestPhysical", readGuestPhysical),
    structures: each(structures, "structures", readStructure),
  };
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function word(field: string, value: unknown, known: readonly string[], refuse: Refuse): string {
  if (typeof value !== "string" || !known.includes(value)) {
    throw refuse(`"${field}" must be one of ${known.join(", ")}`);
  }
  return value;
}

/** Sets, ways and replacement, which every array has. */
function readShape({ sets, ways, replacement = "fifo" }: Fields, refuse: Refuse) {
  if (typeof sets !== "number" || typeof ways !== "number") {
    throw refuse('"sets" and "ways" must be numbers');
  }
  const kind = word("replacement", replacement, REPLACEMENTS, refuse) as Replacement;
  return { sets, ways, replacement: kind };
}

function readGuestPhysical(entry: Fields, refuse: Refuse): GuestPhysicalArray {
  const { name, pages, xorShift = 0 } = entry;
  if (!Array.isArray(pages) || pages.length === 0) {
    throw refuse(`"pages" must be a list of ${PAGES.join(", ")}`);
  }
  const shift = typeof xorShift === "number" ? xorShift : -1;
  if (!Number.isInteger(shift) || shift < 0 || shift > XOR_SHIFT_MAX) {
    throw refuse(`"xorShift" must be an integer from 0 to ${XOR_SHIFT_MAX}`);
  }
  return {
    name: typeof name === "string" ? oneLine(name) : "unnamed",
    pages: pages.map((page) => word("pages", page, PAGES, refuse) as PageSize),
    xorShift: shift,
    ...readShape(entry, refuse),
  };
}

function readArray(entry: Fields, refuse: Refuse): TlbArray {
  const { level, kind } = entry;
  if (level !== 1 && level !== 2) throw refuse('"level" must be 1 or 2');
  const rest = readGuestPhysical(entry, refuse);
  return { ...rest, level, kind: word("kind", kind, KINDS, refuse) as TlbArray["kind"] };
}

function readStructure(entry: Fields, refuse: Refuse): StructureCache {
  return {
    tables: word("tables", entry.tables, TABLES, refuse) as StructureCache["tables"],
    entry: word("entry", entry.entry, ENTRIES, refuse) as StructureCache["entry"],
    ...readShape(entry, refuse),
  };
}
