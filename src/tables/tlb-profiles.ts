/**
 * Geometries of the modelled TLB: one row an array.
 *
 * Sources: Intel's CPUID leaves 2 and 18h as read from the processors named, and the measurements of
 * the TLB reverse-engineering literature for the ways and the index function of Skylake's second
 * level. Loads and stores share an array here; the store arrays of Ice Lake and later are left out.
 */

export type PageSize = "4K" | "2M" | "4M" | "1G";

export interface TlbArray {
  readonly name: string;
  readonly level: 1 | 2;
  /** What it caches: translations of instruction fetches, of data accesses, or both. */
  readonly kind: "instruction" | "data" | "unified";
  readonly pages: readonly PageSize[];
  readonly sets: number;
  readonly ways: number;
  /** The set is the page number xor-ed with itself shifted right by this; 0 for plain indexing. */
  readonly xorShift: number;
  readonly replacement: "fifo" | "random";
}

export interface TlbProfile {
  readonly name: string;
  readonly note: string;
  readonly arrays: readonly TlbArray[];
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
  return {
    name,
    level,
    kind,
    pages: pages.split(" ") as PageSize[],
    sets,
    ways,
    xorShift,
    replacement: "fifo",
  };
}

const LARGE = "2M 4M";
const ALL = "4K 2M 4M 1G";

export const TLB_PROFILES: readonly TlbProfile[] = [
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
  },
  {
    name: "icelake",
    note: "Ice Lake by its CPUID leaf 18h",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 16, 8),
      array("L1 ITLB large", 1, "instruction", LARGE, 1, 16),
      array("L1 DTLB 4K", 1, "data", "4K", 16, 4),
      array("L1 DTLB large", 1, "data", LARGE, 8, 4),
      array("L1 DTLB 1G", 1, "data", "1G", 1, 8),
      array("L2 STLB half A", 2, "unified", `4K ${LARGE}`, 128, 8),
      array("L2 STLB half B", 2, "unified", "4K 1G", 128, 8),
    ],
  },
  {
    name: "sapphire-rapids",
    note: "Golden Cove by its CPUID leaf 18h; 96 entries of the first-level data array as documented",
    arrays: [
      array("L1 ITLB 4K", 1, "instruction", "4K", 32, 8),
      array("L1 ITLB large", 1, "instruction", LARGE, 4, 8),
      array("L1 DTLB 4K", 1, "data", "4K", 16, 6),
      array("L1 DTLB large", 1, "data", LARGE, 8, 4),
      array("L1 DTLB 1G", 1, "data", "1G", 1, 8),
      array("L2 STLB half A", 2, "unified", `4K ${LARGE}`, 128, 8),
      array("L2 STLB half B", 2, "unified", "4K 1G", 128, 8),
    ],
  },
  {
    name: "adversarial",
    note: "keeps every translation the architecture lets a processor keep, 32768 a processor",
    arrays: [array("unified", 1, "unified", ALL, 4096, 8)],
  },
  { name: "none", note: "keeps nothing: every access walks", arrays: [] },
];
