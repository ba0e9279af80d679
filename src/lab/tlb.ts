/** The TLB of scenarios: keeps everything they touch, and is small enough to be made anew quickly. */
import type { TlbProfile } from "../tables/tlb-profiles.ts";

const PAGES = ["4K", "2M", "4M", "1G"] as const;
const replacement = "fifo";

export const SCENARIO_TLB: TlbProfile = {
  name: "scenario",
  note: "keeps 128 translations, more than any scenario has",
  arrays: [
    {
      name: "unified",
      level: 1,
      kind: "unified",
      pages: PAGES,
      sets: 16,
      ways: 8,
      xorShift: 0,
      replacement,
    },
  ],
  guestPhysical: [
    { name: "nested", pages: ["4K", "2M", "1G"], sets: 16, ways: 8, xorShift: 0, replacement },
  ],
  structures: (["guest", "ept"] as const).flatMap((tables) =>
    (["PDE", "PDPTE", "PML4E"] as const).map((entry) => ({
      tables,
      entry,
      sets: 4,
      ways: 4,
      replacement,
    })),
  ),
};

/** The same on a processor that goes by what a page was when its translation was made. */
export const REMEMBERING_TLB: TlbProfile = {
  ...SCENARIO_TLB,
  name: "scenario-remembering",
  remembersApicAccess: true,
};
