/** A view of the caches of translations as JSON; addresses are strings in hexadecimal. */

import { VERSION } from "../generated/version.ts";
import type { Walk } from "../tlb/walk-types.ts";
import { hexAddress } from "./symbols.ts";
import type { TlbView } from "./tlb-view.ts";

/** Raised by one whenever a field changes its meaning or goes away. */
export const SNAPSHOT_VERSION = 1;

const ADDRESSES = new Set([
  "gla",
  "gpa",
  "hpa",
  "ep4ta",
  "address",
  "tableHpa",
  "tableGpa",
  "translates",
  "target",
  "value",
  "cr3",
  "eptp",
  "qualification",
  "errorCode",
]);

/** Addresses and table entries as text, what is absent as null. */
function plain(value: unknown, key = ""): unknown {
  if (value === undefined) return null;
  if (typeof value === "bigint") return hexAddress(value);
  if (typeof value === "number") return ADDRESSES.has(key) ? hexAddress(value) : value;
  if (Array.isArray(value)) return value.map((item) => plain(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, name)]));
}

export function tlbJson(view: TlbView): string {
  const { snapshot, places, counters, bill, walk } = view;
  const report = {
    format: "vmxlab-tlb-snapshot",
    formatVersion: SNAPSHOT_VERSION,
    vmxlab: VERSION,
    image: view.image,
    point: view.point,
    reached: view.reached,
    instructions: view.instructions,
    virtualTimeNs: view.virtualTimeNs,
    cpuModel: view.cpuModel,
    profile: snapshot.profile,
    processors: snapshot.processors.map((processor, i) => ({
      ...processor,
      place: places[i],
    })),
    caches: counters.caches,
    flushes: counters.flushes,
    modelledCycles: bill,
    walk,
  } satisfies Record<string, unknown> & { walk: Walk | undefined };
  return `${JSON.stringify(plain(report), null, 1)}\n`;
}
