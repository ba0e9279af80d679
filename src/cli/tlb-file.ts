/** A TLB geometry of the user's own, read from a JSON file of the shape that `info --json` prints. */
import type { PageSize, TlbArray, TlbProfile } from "../tables/tlb-profiles.ts";
import { oneLine, UsageError } from "./errors.ts";

const PAGES: readonly string[] = ["4K", "2M", "4M", "1G"] satisfies PageSize[];
const KINDS: readonly string[] = ["instruction", "data", "unified"] satisfies TlbArray["kind"][];
const REPLACEMENTS: readonly string[] = ["fifo", "random"] satisfies TlbArray["replacement"][];
const XOR_SHIFT_MAX = 31;

/** @throws UsageError that says which field is wrong; sizes are checked by the machine. */
export function readTlbProfile(path: string, bytes: Uint8Array): TlbProfile {
  const refuse = (why: string) => new UsageError(`--tlb "${oneLine(path)}": ${why}`);
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw refuse("the file is not JSON");
  }
  if (!isRecord(data)) throw refuse('write {"name": "...", "arrays": [...]}');
  const { name, note, arrays } = data;
  if (!Array.isArray(arrays)) throw refuse('"arrays" must be a list of arrays');
  return {
    name: typeof name === "string" && name !== "" ? oneLine(name) : path,
    note: typeof note === "string" ? note : "",
    arrays: arrays.map((entry, i) => readArray(entry, (why) => refuse(`array ${i}: ${why}`))),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readArray(entry: unknown, refuse: (why: string) => UsageError): TlbArray {
  if (!isRecord(entry)) throw refuse("it must be an object");
  const { name, level, kind, pages, sets, ways, xorShift = 0, replacement = "fifo" } = entry;
  const word = (field: string, value: unknown, known: readonly string[]) => {
    if (typeof value !== "string" || !known.includes(value)) {
      throw refuse(`"${field}" must be one of ${known.join(", ")}`);
    }
    return value;
  };
  if (level !== 1 && level !== 2) throw refuse('"level" must be 1 or 2');
  if (!Array.isArray(pages) || pages.length === 0) {
    throw refuse(`"pages" must be a list of ${PAGES.join(", ")}`);
  }
  const shift = typeof xorShift === "number" ? xorShift : -1;
  if (!Number.isInteger(shift) || shift < 0 || shift > XOR_SHIFT_MAX) {
    throw refuse(`"xorShift" must be an integer from 0 to ${XOR_SHIFT_MAX}`);
  }
  if (typeof sets !== "number" || typeof ways !== "number") {
    throw refuse('"sets" and "ways" must be numbers');
  }
  return {
    name: typeof name === "string" ? oneLine(name) : "unnamed",
    level,
    kind: word("kind", kind, KINDS) as TlbArray["kind"],
    pages: pages.map((page) => word("pages", page, PAGES) as PageSize),
    sets,
    ways,
    xorShift: shift,
    replacement: word("replacement", replacement, REPLACEMENTS) as TlbArray["replacement"],
  };
}
