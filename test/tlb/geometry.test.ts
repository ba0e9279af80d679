/** Descriptions of geometries that are refused, and why. */
import { describe, expect, test } from "vitest";
import { readTlbProfile } from "../../src/cli/tlb-file.ts";
import { checkGeometry } from "../../src/machine/geometry.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";

const ARRAY = { level: 1, kind: "unified", pages: ["4K"], sets: 4, ways: 4 };
const NESTED = { pages: ["4K", "2M"], sets: 4, ways: 4 };
const PDE = { tables: "guest", entry: "PDE", sets: 1, ways: 4 };

function read(content: unknown) {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return checkGeometry(readTlbProfile("file.json", bytes));
}

test.each(TLB_PROFILES.map((profile) => [profile.name, profile] as const))(
  "profile %s comes back from its own JSON",
  (_name, profile) => {
    const again = read(profile);
    const { guestPhysical = [], structures = [] } = profile;
    expect(again).toEqual({ ...profile, guestPhysical, structures });
  },
);

describe("refused", () => {
  const rows: [string, unknown, RegExp][] = [
    ["no object", [], /write \{"name"/],
    ["no list", { arrays: {} }, /"arrays" must be a list/],
    ["structures that are no list", { arrays: [], structures: 1 }, /"structures" must be a list/],
    ["an array that is a number", { arrays: [1] }, /array 0: it must be an object/],
    ["a level", { arrays: [{ ...ARRAY, level: 3 }] }, /array 0: "level" must be 1 or 2/],
    ["a kind", { arrays: [{ ...ARRAY, kind: "code" }] }, /"kind" must be one of instruction, load/],
    ["a size", { arrays: [{ ...ARRAY, pages: ["8K"] }] }, /"pages" must be one of 4K/],
    ["no size", { arrays: [{ ...ARRAY, pages: [] }] }, /"pages" must be a list/],
    ["sets as text", { arrays: [{ ...ARRAY, sets: "4" }] }, /"sets" and "ways" must be numbers/],
    ["three sets", { arrays: [{ ...ARRAY, sets: 3 }] }, /3 sets is no power of two/],
    ["too many ways", { arrays: [{ ...ARRAY, ways: 65536 }] }, /sets times ways/],
    [
      "an order",
      { arrays: [{ ...ARRAY, replacement: "mru" }] },
      /"replacement" must be one of fifo/,
    ],
    [
      "a tree of six ways",
      { arrays: [{ ...ARRAY, ways: 6, replacement: "plru" }] },
      /plru needs a power of two up to 32 as ways, not 6/,
    ],
    ["a shift", { arrays: [{ ...ARRAY, xorShift: 40 }] }, /"xorShift" must be an integer from 0/],
    ["17 arrays", { arrays: new Array(17).fill(ARRAY) }, /at most 16 arrays/],
    ["no place for stores", { arrays: [{ ...ARRAY, kind: "load" }] }, /no array holds .* 4K pages/],
    ["no place for 4K", { arrays: [{ ...ARRAY, pages: ["2M"] }] }, /no array holds .* for load/],
    [
      "EPT pages of 4M",
      { arrays: [ARRAY], guestPhysical: [{ ...NESTED, pages: ["4M"] }] },
      /the EPT has no pages of 4M/,
    ],
    [
      "nine guest-physical arrays",
      { arrays: [ARRAY], guestPhysical: new Array(9).fill(NESTED) },
      /at most 8 guest-physical arrays/,
    ],
    [
      "an entry",
      { arrays: [ARRAY], structures: [{ ...PDE, entry: "PTE" }] },
      /structures 0: "entry" must be one of PDE/,
    ],
    [
      "tables",
      { arrays: [ARRAY], structures: [{ ...PDE, tables: "host" }] },
      /"tables" must be one/,
    ],
    ["a cache twice", { arrays: [ARRAY], structures: [PDE, PDE] }, /guest PDE cache: there are 2/],
    ["caches without a TLB", { arrays: [], structures: [PDE] }, /need arrays of the TLB as well/],
  ];
  test.each(rows)("%s", (_name, content, reason) => {
    expect(() => read(content)).toThrow(reason);
  });
});
