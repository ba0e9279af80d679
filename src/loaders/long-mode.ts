/** The descriptor table and the page tables that a start in protected or 64-bit mode needs. */

import { StructWriter } from "./bytes.ts";
import { GIB, MIB, PAGE_BYTES } from "./memory-map.ts";
import type { Placement, Where } from "./placement.ts";

/** Flat segment descriptors (SDM "Segment Descriptors"), already marked as accessed. */
const CODE64_HIGH = 0x00af_9b00;
const CODE32_HIGH = 0x00cf_9b00;
const DATA_HIGH = 0x00cf_9300;
const FLAT_LOW = 0x0000_ffff;

const PRESENT_WRITABLE = 0x3;
const PAGE_SIZE_BIT = 0x80;
const LARGE_PAGE_BYTES = 2 * MIB;
const ENTRIES = 512;
/** Memory that the identity map covers: all that 32-bit addresses reach. */
const MAPPED_GIB = 4;

/** Builds a GDT: null, unused, code (selector 0x10), data (0x18). Gives its address. */
export function placeGdt(
  placement: Placement,
  code: "code32" | "code64",
  ...choices: readonly Where[]
): number {
  const table = new StructWriter(32);
  table.u32(0x10, FLAT_LOW);
  table.u32(0x14, code === "code64" ? CODE64_HIGH : CODE32_HIGH);
  table.u32(0x18, FLAT_LOW);
  table.u32(0x1c, DATA_HIGH);
  const hpa = placement.place("GDT", table.bytes.length, ...choices);
  placement.write(hpa, table.bytes);
  return hpa;
}

/**
 * Builds 4-level page tables that map linear 0-4 GiB onto the same physical addresses with 2-MiB
 * pages, writable and for the supervisor only. Gives the value for CR3.
 */
export function placeIdentityTables(placement: Placement, ...choices: readonly Where[]): number {
  const tables = new StructWriter((2 + MAPPED_GIB) * PAGE_BYTES);
  const inPages = choices.map((where) => ({ ...where, align: PAGE_BYTES }));
  const hpa = placement.place("page tables", tables.bytes.length, ...inPages);
  tables.u64(0, hpa + PAGE_BYTES + PRESENT_WRITABLE);
  for (let gib = 0; gib < MAPPED_GIB; gib += 1) {
    const directory = (2 + gib) * PAGE_BYTES;
    tables.u64(PAGE_BYTES + gib * 8, hpa + directory + PRESENT_WRITABLE);
    for (let entry = 0; entry < ENTRIES; entry += 1) {
      const page = gib * GIB + entry * LARGE_PAGE_BYTES;
      tables.u64(directory + entry * 8, page + PAGE_SIZE_BIT + PRESENT_WRITABLE);
    }
  }
  placement.write(hpa, tables.bytes);
  return hpa;
}
