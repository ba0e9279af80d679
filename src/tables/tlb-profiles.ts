/**
 * Geometries of the modelled caches of translations: one row an array, as one logical processor sees
 * them while its sibling is idle.
 *
 * Sources: Intel's CPUID leaves 2 and 18h and AMD's leaves 80000005h, 80000006h and 80000019h as read
 * from the processors named; AMD's optimization guides where CPUID gives a range of ways; for the ways
 * and the index function of Skylake's second level the published measurements of TLBs. Replacement is
 * first in first out everywhere: what measurements found (trees of bits) hides hits less well, and a
 * profile of one's own can have it. Sizes of paging-structure caches and of guest-physical arrays are
 * not published; they are estimates, the same for all rows but where the note says otherwise.
 */

export type PageSize = "4K" | "2M" | "4M" | "1G";

/**
 * How an array chooses what to give up: first in first out; at random by the seed; least recently
 * used, exactly; a tree of bits (the ways are then a power of two up to 32).
 */
export type Replacement = "fifo" | "random" | "lru" | "plru";

export interface TlbArray {
  readonly name: string;
  readonly level: 1 | 2;
  /** What it caches: translations of fetches, of loads, of stores, of both of these, or of all. */
  readonly kind: "instruction" | "load" | "store" | "data" | "unified";
  readonly pages: readonly PageSize[];
  readonly sets: number;
  readonly ways: number;
  /** The set is the page number xor-ed with itself shifted right by this; 0 for plain indexing. */
  readonly xorShift: number;
  readonly replacement: Replacement;
}

/** An array of guest-physical mappings: EPT translations of 4 KiB, 2 MiB and 1 GiB pages. */
export interface GuestPhysicalArray {
  readonly name: string;
  readonly pages: readonly PageSize[];
  readonly sets: number;
  readonly ways: number;
  readonly xorShift: number;
  readonly replacement: Replacement;
}

/** A paging-structure cache: entries of one level of the guest's tables or of the EPT. */
export interface StructureCache {
  readonly tables: "guest" | "ept";
  readonly entry: "PDE" | "PDPTE" | "PML4E" | "PML5E";
  readonly sets: number;
  readonly ways: number;
  readonly replacement: Replacement;
}

export interface TlbProfile {
  readonly name: string;
  readonly note: string;
  readonly arrays: readonly TlbArray[];
  /** None when left out. */
  readonly guestPhysical?: readonly GuestPhysicalArray[];
  /** None when left out; at most one for each level of either tables. */
  readonly structures?: readonly StructureCache[];
  /**
   * A cached translation remembers whether its page was the APIC-access page when it was made, and an
   * access through it is virtualized only then; else each access is compared with the page in force.
   * The SDM allows both.
   */
  readonly remembersApicAccess?: boolean;
}

function array(
  name: string,
  level: 1 | 2,
  kind: TlbArray["kind"],
  pages: string,
  sets: number,
  ways: number,
  xorShift = 0,
): TlbArray {
  const replacement = "fifo";
  return {
    name,
    level,
    kind,
    pages: pages.split(" ") as PageSize[],
    sets,
    ways,
    xorShift,
    replacement,
  };
}

const LARGE = "2M 4M";
const ALL = "4K 2M 4M 1G";

function nestedTlb(sets: number, ways: number): GuestPhysicalArray[] {
  const pages: PageSize[] = ["4K", "2M", "1G"];
  return [{ name: "nested TLB", pages, sets, ways, xorShift: 0, replacement: "fifo" }];
}

const ENTRIES = ["PDE", "PDPTE", "PML4E", "PML5E"] as const;

/** The same caches for the guest's tables and for the EPT: [sets, ways] from PDEs upwards. */
function structures(
  replacement: Replacement,
  ...sizes: readonly (readonly [sets: number, ways: number])[]
): StructureCache[] {
  return (["guest", "ept"] as const).flatMap((tables) =>
    sizes.map(([sets, ways], i) => ({ tables, entry: ENTRIES[i]!, sets, ways, replacement })),
  );
}

/** Estimates for processors with 4-level and with 5-level paging. */
const FOUR_LEVELS = structures("lru", [1, 32], [1, 4], [1, 4]);
const FIVE_LEVELS = structures("lru", [1, 32], [1, 4], [1, 16], [1, 4]);
/** Zen has 64 entries for PDPTEs and PML4Es together; its PDEs share the second-level data array. */
const ZEN = structures("lru", [1, 32], [1, 48], [1, 16]);
const ZEN_5 = structures("lru", [1, 32], [1, 48], [1, 12], [1, 4]);
const NESTED = nestedTlb(8, 4);

/** Entries of the adversarial TLB, for one processor. */
export const ADVERSARIAL_ENTRIES = 32768;

export const TLB_PROFILES: readonly TlbProfile[] = [
  {
    name: "nehalem",
    note: "Nehalem by its CPUID leaf 2 (bytes 55, 03, 5A, B2, CA): a second level for 4 KiB pages alone",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 16, 4),
      array("L1 ITLB large", 1, "instruction", LARGE, 1, 7),
      array("L1 DTLB 4K", 1, "data", "4K", 16, 4),
      array("L1 DTLB large", 1, "data", LARGE, 8, 4),
      array("L2 STLB", 2, "unified", "4K", 128, 4),
    ],
    guestPhysical: NESTED,
    structures: FOUR_LEVELS,
  },
  {
    name: "haswell",
    note: "Haswell by its CPUID leaf 2 (bytes 76, 03, 63, B5, C1)",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 16, 8),
      array("L1 ITLB large", 1, "instruction", LARGE, 1, 8),
      array("L1 DTLB 4K", 1, "data", "4K", 16, 4),
      array("L1 DTLB large", 1, "data", LARGE, 8, 4),
      array("L1 DTLB 1G", 1, "data", "1G", 1, 4),
      array("L2 STLB", 2, "unified", `4K ${LARGE}`, 128, 8),
    ],
    guestPhysical: NESTED,
    structures: FOUR_LEVELS,
  },
  {
    name: "skylake",
    note: "Skylake by its CPUID leaf 2; 12 ways and xor index of the second level as measured",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 16, 8),
      array("L1 ITLB large", 1, "instruction", LARGE, 1, 8),
      array("L1 DTLB 4K", 1, "data", "4K", 16, 4),
      array("L1 DTLB large", 1, "data", LARGE, 8, 4),
      array("L1 DTLB 1G", 1, "data", "1G", 1, 4),
      array("L2 STLB", 2, "unified", `4K ${LARGE}`, 128, 12, 7),
      array("L2 STLB 1G", 2, "unified", "1G", 4, 4),
    ],
    guestPhysical: NESTED,
    structures: FOUR_LEVELS,
  },
  {
    name: "icelake",
    note: "Ice Lake by its CPUID leaf 18h; stores have a first-level array of their own",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 16, 8),
      array("L1 ITLB large", 1, "instruction", LARGE, 1, 16),
      array("L1 DTLB loads 4K", 1, "load", "4K", 16, 4),
      array("L1 DTLB loads large", 1, "load", LARGE, 8, 4),
      array("L1 DTLB loads 1G", 1, "load", "1G", 1, 8),
      array("L1 DTLB stores", 1, "store", ALL, 1, 16),
      array("L2 STLB half A", 2, "unified", `4K ${LARGE}`, 128, 8),
      array("L2 STLB half B", 2, "unified", "4K 1G", 128, 8),
    ],
    guestPhysical: NESTED,
    structures: FIVE_LEVELS,
  },
  {
    name: "sapphire-rapids",
    note: "Golden Cove by its CPUID leaf 18h; 96 entries of the array of loads as documented",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 32, 8),
      array("L1 ITLB large", 1, "instruction", LARGE, 4, 8),
      array("L1 DTLB loads 4K", 1, "load", "4K", 16, 6),
      array("L1 DTLB loads large", 1, "load", LARGE, 8, 4),
      array("L1 DTLB loads 1G", 1, "load", "1G", 1, 8),
      array("L1 DTLB stores", 1, "store", ALL, 1, 16),
      array("L2 STLB half A", 2, "unified", `4K ${LARGE}`, 128, 8),
      array("L2 STLB half B", 2, "unified", "4K 1G", 128, 8),
    ],
    guestPhysical: NESTED,
    structures: FIVE_LEVELS,
  },
  {
    name: "zen2",
    note:
      "Zen 2 by CPUID leaves 80000005h and 80000006h; 512 entries of the second-level ITLB and 16 ways " +
      "of the second-level DTLB by AMD's guides",
    arrays: [
      array("L1 ITLB", 1, "instruction", ALL, 1, 64),
      array("L1 DTLB", 1, "data", ALL, 1, 64),
      array("L2 ITLB", 2, "instruction", `4K ${LARGE}`, 64, 8),
      array("L2 DTLB", 2, "data", `4K ${LARGE}`, 128, 16),
    ],
    guestPhysical: NESTED,
    structures: ZEN,
  },
  {
    name: "zen3",
    note: "Zen 3 by CPUID leaves 80000005h, 80000006h and 80000019h; 16 ways of the L2 DTLB by AMD's guide",
    arrays: [
      array("L1 ITLB", 1, "instruction", ALL, 1, 64),
      array("L1 DTLB", 1, "data", ALL, 1, 64),
      array("L2 ITLB", 2, "instruction", `4K ${LARGE}`, 128, 4),
      array("L2 DTLB", 2, "data", `4K ${LARGE}`, 128, 16),
      array("L2 DTLB 1G", 2, "data", "1G", 1, 64),
    ],
    guestPhysical: NESTED,
    structures: ZEN,
  },
  {
    name: "zen4",
    note: "Zen 4 by CPUID leaves 80000005h, 80000006h and 80000019h; 24 ways of the L2 DTLB by AMD's guide",
    arrays: [
      array("L1 ITLB", 1, "instruction", ALL, 1, 64),
      array("L1 DTLB", 1, "data", ALL, 1, 72),
      array("L2 ITLB", 2, "instruction", `4K ${LARGE}`, 128, 4),
      array("L2 DTLB", 2, "data", `4K ${LARGE}`, 128, 24),
      array("L2 DTLB 1G", 2, "data", "1G", 1, 64),
    ],
    guestPhysical: NESTED,
    structures: ZEN_5,
  },
  {
    name: "adversarial",
    note:
      `keeps every translation the architecture lets a processor keep, ${ADVERSARIAL_ENTRIES} of linear ` +
      "addresses, 8192 of guest-physical ones and 5440 paging-structure entries of either tables a processor",
    arrays: [array("unified", 1, "unified", ALL, ADVERSARIAL_ENTRIES / 8, 8)],
    guestPhysical: nestedTlb(1024, 8),
    structures: structures("fifo", [512, 8], [128, 8], [32, 8], [8, 8]),
  },
  { name: "none", note: "keeps nothing: every access walks", arrays: [] },
];
