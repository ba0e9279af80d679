/** Describes the caches of translations to the core, before `configure`, and checks a description. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import type {
  PageSize,
  Replacement,
  StructureCache,
  TlbArray,
  TlbProfile,
} from "../tables/tlb-profiles.ts";
import { OptionError } from "./errors.ts";

const PAGE_BITS = { "4K": 1, "2M": 2, "4M": 4, "1G": 8 } as const;
const KIND_BITS = { load: 1, instruction: 2, store: 4, data: 5, unified: 7 } as const;
const REPLACEMENT = { fifo: 0, random: 1, lru: 2, plru: 3 } as const;
const ENTRY_LEVEL = { PDE: 2, PDPTE: 3, PML4E: 4, PML5E: 5 } as const;

/** First rows of each group of arrays (assembly/tlb/array.ts), and how many there may be. */
export const PHYSICAL_ROW_FIRST = 16;
export const STRUCTURE_ROW_FIRST = 24;
const STRUCTURE_LEVELS = 4;
const PHYSICAL_ARRAYS_MAX = STRUCTURE_ROW_FIRST - PHYSICAL_ROW_FIRST;
const ROWS = 32;
/** Sets, and sets times ways, of one array. */
const ENTRIES_MAX = 65536;
const TREE_WAYS_MAX = 32;

/** Row of TLB_ARRAYS that describes a paging-structure cache. */
export function structureRow({ tables, entry }: StructureCache): number {
  const group = tables === "guest" ? 0 : STRUCTURE_LEVELS;
  return STRUCTURE_ROW_FIRST + group + ENTRY_LEVEL[entry] - 2;
}

interface Shape {
  readonly sets: number;
  readonly ways: number;
  readonly xorShift?: number;
  readonly replacement: Replacement;
  readonly pages?: readonly PageSize[];
}

/** Writes the rows of the geometry where `configure` reads them. */
export function writeGeometry(core: Core, profile: TlbProfile): void {
  const first = LAYOUT.TLB_ARRAYS >> 2;
  const words = LAYOUT.TLB_ARRAY_BYTES >> 2;
  core.u32.fill(0, first, first + ROWS * words);
  const write = (index: number, shape: Shape, kinds: number, level: number) => {
    const { sets, ways, xorShift = 0, replacement, pages = [] } = shape;
    const sizes = pages.reduce((mask, page) => mask | PAGE_BITS[page], 0);
    const row = [0, sets, ways, sizes, kinds, level, xorShift, REPLACEMENT[replacement]];
    core.u32.set(row, first + index * words);
  };
  profile.arrays.forEach((array: TlbArray, i) => {
    write(i, array, KIND_BITS[array.kind], array.level);
  });
  profile.guestPhysical?.forEach((array, i) => {
    write(PHYSICAL_ROW_FIRST + i, array, 0, 1);
  });
  for (const cache of profile.structures ?? []) write(structureRow(cache), cache, 0, 1);
  const apic = (LAYOUT.MACHINE + MACHINE_WORD.TLB_APIC) >> 2;
  core.u32[apic] = Number(profile.remembersApicAccess ?? false);
}

/** @throws OptionError that names the array and what is wrong with it. */
export function checkGeometry(profile: TlbProfile): TlbProfile {
  const { name, arrays, guestPhysical = [], structures = [] } = profile;
  const refuse = (why: string) => new OptionError(`TLB profile ${name}${why}`);
  const most = (list: readonly unknown[], max: number, what: string) => {
    if (list.length > max) throw refuse(`: at most ${max} ${what}`);
  };
  most(arrays, LAYOUT.TLB_ARRAYS_MAX, "arrays");
  most(guestPhysical, PHYSICAL_ARRAYS_MAX, "guest-physical arrays");
  for (const array of arrays) checkShape(array, (why) => refuse(`, array ${array.name}: ${why}`));
  for (const array of guestPhysical) {
    checkShape(array, (why) => refuse(`, guest-physical array ${array.name}: ${why}`));
    if (array.pages.includes("4M")) {
      throw refuse(`, guest-physical array ${array.name}: the EPT has no pages of 4M`);
    }
  }
  for (const cache of structures) {
    const where = `, ${cache.tables} ${cache.entry} cache`;
    checkShape(cache, (why) => refuse(`${where}: ${why}`));
    const same = structures.filter((other) => structureRow(other) === structureRow(cache));
    if (same.length > 1) throw refuse(`${where}: there are ${same.length} of it`);
  }
  // A translation that stands in no array would have to be found by a walk each time.
  for (const bits of [KIND_BITS.load, KIND_BITS.instruction, KIND_BITS.store]) {
    const kind = Object.entries(KIND_BITS).find(([, value]) => value === bits)![0];
    const serves = (array: TlbArray) =>
      (KIND_BITS[array.kind] & bits) !== 0 && array.pages.includes("4K");
    if (arrays.length > 0 && !arrays.some(serves)) {
      throw refuse(`: no array holds translations of 4K pages for ${kind} accesses`);
    }
  }
  if (arrays.length === 0 && guestPhysical.length + structures.length > 0) {
    throw refuse(': "guestPhysical" and "structures" need arrays of the TLB as well');
  }
  return profile;
}

function checkShape(
  { sets, ways, replacement }: Shape,
  refuse: (why: string) => OptionError,
): void {
  if (!Number.isInteger(sets) || sets < 1 || sets > ENTRIES_MAX || (sets & (sets - 1)) !== 0) {
    throw refuse(`${sets} sets is no power of two up to ${ENTRIES_MAX}`);
  }
  if (!Number.isInteger(ways) || ways < 1 || ways * sets > ENTRIES_MAX) {
    throw refuse(`${ways} ways; sets times ways are at most ${ENTRIES_MAX}`);
  }
  if (replacement === "plru" && (ways > TREE_WAYS_MAX || (ways & (ways - 1)) !== 0)) {
    throw refuse(
      `replacement plru needs a power of two up to ${TREE_WAYS_MAX} as ways, not ${ways}`,
    );
  }
}
