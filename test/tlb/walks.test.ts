/**
 * Memory references of walks in both dimensions: cold walks by the textbook, and what remains of them
 * with each kind of cache warm.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { MACHINE_WORD } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { readCounters } from "../../src/machine/counters.ts";
import type { TlbProfile } from "../../src/tables/tlb-profiles.ts";
import {
  EPT_PML4,
  EPT_PML5,
  EptCore,
  GUEST_PD,
  GUEST_PDPT,
  GUEST_PML4,
  KEEPING,
  READ,
  RWX,
} from "../support/ept-core.ts";

const PAGE = 0x30000;
const GUEST_PML5 = 0x67000;
const LARGE = 0x80n;
/** Present, writable, user, accessed, dirty: the walk has no flag to set. */
const USED = 0x67n;

interface Tables {
  /** Entries read for one address without caches. */
  readonly guest: 2 | 3 | 4 | 5;
  readonly ept: 2 | 3 | 4 | 5;
  /** Page size codes: 1 = 4K, 2 = 2M, 3 = 1G. */
  readonly guestLeaf: 1 | 2 | 3;
  readonly eptLeaf: 1 | 2 | 3;
}

/** Addresses of two pages of the guest, next to each other, that map to the same guest-physical page. */
function addresses({ guestLeaf }: Tables): readonly [number, number] {
  return [PAGE, PAGE + 2 ** (3 + 9 * guestLeaf)];
}

function writeTables(ept: EptCore, { guestLeaf, eptLeaf }: Tables): void {
  const chain = [GUEST_PML5, GUEST_PML4, GUEST_PDPT, GUEST_PD, 0x4000];
  for (let i = 0; i < 4; i++) ept.write64(chain[i]!, BigInt(chain[i + 1]!) | USED);
  for (let i = 0; i < 512; i++) ept.write64(0x4000 + i * 8, BigInt(i << 12) | USED);
  if (guestLeaf === 1) {
    ept.write64(0x4000 + ((PAGE >> 12) + 1) * 8, BigInt(PAGE) | USED);
  } else {
    const at = guestLeaf === 2 ? GUEST_PD : GUEST_PDPT;
    for (const entry of [at, at + 8]) ept.write64(entry, LARGE | USED);
  }
  if (eptLeaf > 1) ept.write64(EPT_PML4 + (4 - eptLeaf) * 0x1000, LARGE | RWX);
}

/** A core with the given caches besides the TLB, and the tables. */
async function prepare(caches: Partial<TlbProfile>, tables: Tables): Promise<EptCore> {
  const { name, note, arrays } = KEEPING;
  const ept = await EptCore.create({}, { name, note, arrays, ...caches });
  writeTables(ept, tables);
  ept.core.setMachine32(MACHINE_WORD.PHYS_BITS, 46);
  const levels = tables.guest + tables.guestLeaf - 1;
  if (levels === 5) ept.core.setState64(STATE.CR4, 0x41620n);
  const eptLevels = tables.ept + tables.eptLeaf - 1;
  ept.enter({ vpid: 1, root: eptLevels === 5 ? EPT_PML5 : EPT_PML4 });
  if (levels === 5) {
    ept.core.setState64(STATE.CR3, BigInt(GUEST_PML5));
    ept.core.exports.switchContext(0);
  }
  ept.forget();
  return ept;
}

function references(ept: EptCore, gla: number): { guest: number; ept: number } {
  const before = readCounters(ept.core);
  expect(ept.access(gla, READ)).toEqual({ hpa: PAGE });
  const after = readCounters(ept.core);
  return {
    guest: after.walkReference - before.walkReference,
    ept: after.eptReference - before.eptReference,
  };
}

const SIZES = { 1: "4K", 2: "2M", 3: "1G" } as const;
const LEAVES = [1, 2, 3] as const;
const depth = (levels: 4 | 5, leaf: 1 | 2 | 3) => (levels - leaf + 1) as 2 | 3 | 4 | 5;

const combinations: [string, Tables][] = ([4, 5] as const).flatMap((guestLevels) =>
  ([4, 5] as const).flatMap((eptLevels) =>
    LEAVES.flatMap((guestLeaf) =>
      LEAVES.map((eptLeaf): [string, Tables] => {
        const guest = depth(guestLevels, guestLeaf);
        const ept = depth(eptLevels, eptLeaf);
        const name = `${SIZES[guestLeaf]} on ${SIZES[eptLeaf]}, ${guestLevels} on ${eptLevels} levels`;
        return [name, { guest, ept, guestLeaf, eptLeaf }];
      }),
    ),
  ),
);

describe("cold walks", () => {
  test.each(combinations)("%s", async (_name, tables) => {
    const core = await prepare({}, tables);
    const { guest, ept } = references(core, PAGE);
    expect(guest).toBe(tables.guest);
    expect(guest + ept).toBe((tables.guest + 1) * (tables.ept + 1) - 1);
    // And again: nothing but the TLB itself is there to help.
    expect(references(core, PAGE)).toEqual({ guest: 0, ept: 0 });
    const again = references(core, addresses(tables)[1]);
    expect(again).toEqual({ guest, ept });
  });

  test("the textbook's figures are among them", () => {
    const total = (name: string) => {
      const { guest, ept } = combinations.find(([title]) => title === name)![1];
      return (guest + 1) * (ept + 1) - 1;
    };
    expect(total("4K on 4K, 4 on 4 levels")).toBe(24);
    expect(total("4K on 2M, 4 on 4 levels")).toBe(19);
    expect(total("2M on 2M, 4 on 4 levels")).toBe(15);
    expect(total("1G on 1G, 4 on 4 levels")).toBe(8);
    expect(total("4K on 4K, 5 on 5 levels")).toBe(35);
  });

  test("without guest paging one translation by the EPT", async () => {
    const tables: Tables = { guest: 4, ept: 4, guestLeaf: 1, eptLeaf: 1 };
    const ept = await prepare({}, tables);
    ept.core.setState64(STATE.CR0, 0x33n);
    ept.enter({ vpid: 1 });
    ept.forget();
    expect(references(ept, PAGE)).toEqual({ guest: 0, ept: 4 });
  });

  test("without EPT one reference a level", async () => {
    const ept = await prepare({}, { guest: 4, ept: 4, guestLeaf: 1, eptLeaf: 1 });
    ept.leave();
    expect(references(ept, PAGE)).toEqual({ guest: 4, ept: 0 });
  });
});

describe("warm walks", () => {
  const all = KEEPING.structures!;
  const guestOnly = all.filter(({ tables }) => tables === "guest");
  const eptOnly = all.filter(({ tables }) => tables === "ept");
  const nested = KEEPING.guestPhysical!;
  type Count = (g: number, e: number) => number;
  const rows: [string, Partial<TlbProfile>, Count][] = [
    ["structure caches of the EPT", { structures: eptOnly }, (g) => 2 * g + 1],
    ["structure caches of the guest", { structures: guestOnly }, (_g, e) => 1 + e],
    ["both", { structures: all }, () => 2],
    ["guest-physical mappings", { guestPhysical: nested }, (g) => g],
    ["guest-physical mappings and both", { guestPhysical: nested, structures: all }, () => 1],
  ];
  describe.each(rows)("with %s", (_title, caches, expected) => {
    test.each(combinations)("%s", async (_name, tables) => {
      const core = await prepare(caches, tables);
      const [first, second] = addresses(tables);
      references(core, first);
      const { guest, ept } = references(core, second);
      expect(guest + ept).toBe(expected(tables.guest, tables.ept));
    });
  });

  test("natively one reference", async () => {
    const tables: Tables = { guest: 4, ept: 4, guestLeaf: 1, eptLeaf: 1 };
    const ept = await prepare({ structures: all }, tables);
    ept.leave();
    references(ept, PAGE);
    expect(references(ept, addresses(tables)[1])).toEqual({ guest: 1, ept: 0 });
  });

  test("guest tables mapped, a new guest-physical page: its own walk and one entry a level", async () => {
    const ept = await prepare(
      { guestPhysical: nested },
      { guest: 4, ept: 4, guestLeaf: 1, eptLeaf: 1 },
    );
    references(ept, PAGE);
    const before = readCounters(ept.core);
    ept.access(PAGE + 0x5000, READ);
    const after = readCounters(ept.core);
    expect(after.walkReference - before.walkReference).toBe(4);
    expect(after.eptReference - before.eptReference).toBe(4);
  });
});

describe("one level of structure cache alone", () => {
  let ept: EptCore;
  beforeAll(async () => {
    const tables: Tables = { guest: 4, ept: 4, guestLeaf: 1, eptLeaf: 1 };
    ept = await prepare({ structures: KEEPING.structures! }, tables);
  });

  test.each([
    [2, 1],
    [3, 2],
    [4, 3],
  ])("the deepest entry is of level %i: %i references natively", (level, expected) => {
    ept.forget();
    ept.leave();
    ept.access(PAGE, READ);
    // An address that differs below that level, and has tables of its own there.
    const gla = level === 2 ? PAGE + 0x1000 : PAGE + 2 ** (3 + 9 * (level - 1));
    ept.write64(GUEST_PD + 8, 0x4000n | USED);
    ept.write64(GUEST_PDPT + 8, BigInt(GUEST_PD) | USED);
    expect(references(ept, gla)).toEqual({ guest: expected, ept: 0 });
  });
});
