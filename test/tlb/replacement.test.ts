/**
 * Replacement and geometry: counts of misses against plain models, though the front caches hide most
 * hits from the modelled arrays.
 */
import { describe, expect, test } from "vitest";
import { readCounters } from "../../src/machine/counters.ts";
import {
  type PageSize,
  type Replacement,
  TLB_PROFILES,
  type TlbArray,
  type TlbProfile,
} from "../../src/tables/tlb-profiles.ts";
import { BareCore } from "../support/bare-core.ts";

const SETS = 2;
const WAYS = 4;
const FIRST_PAGE = 0x40000;
const PAGES = 24;

function row(kind: TlbArray["kind"], shape: Partial<TlbArray> = {}): TlbArray {
  const pages: PageSize[] = ["4K", "2M", "4M", "1G"];
  const rest = { sets: 64, ways: 8, xorShift: 0, replacement: "fifo" as const };
  return { name: kind, level: 1, kind, pages, ...rest, ...shape };
}

function profile(...arrays: TlbArray[]): TlbProfile {
  return { name: "test", note: "", arrays };
}

/** Maps the first 2 MiB by small pages, so that the pages of the test are small. */
function splitFirst(bare: BareCore): void {
  const at = (gpa: number) => (bare.ram + gpa) >> 3;
  for (let i = 0; i < 512; i++) bare.core.u64[at(0x30000) + i] = BigInt(i << 12) | 0x67n;
  bare.core.u64[at(0x3000)] = 0x30067n;
  bare.core.exports.dropTranslations();
}

/** Deterministic noise. */
function* noise(seed: number): Generator<number, never> {
  let x = seed;
  for (;;) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x >>> 8;
  }
}

/** Pages with some locality: repeated ones, neighbours, strays. */
function trace(seed: number, length: number): number[] {
  const source = noise(seed);
  const next = () => source.next().value;
  const list: number[] = [];
  let page = 0;
  for (let i = 0; i < length; i++) {
    const what = next() % 8;
    if (what < 2) page = next() % PAGES;
    else if (what < 5) page = list[Math.max(0, list.length - 1 - (next() % 6))] ?? 0;
    list.push(page);
  }
  return list;
}

/** Code that loads or stores a byte of each page in turn. */
function code(pages: readonly number[], store = false): number[] {
  return pages.flatMap((page) => {
    const gla = FIRST_PAGE + page * 0x1000;
    const bytes = [gla & 255, (gla >> 8) & 255, (gla >> 16) & 255, gla >>> 24];
    return [store ? 0x88 : 0x8a, 0x04, 0x25, ...bytes];
  });
}

type Counted = Pick<ReturnType<typeof readCounters>, "missLoad" | "missStore" | "missFetch">;

function counted(bare: BareCore, run: () => void): Counted {
  const before = readCounters(bare.core);
  run();
  const after = readCounters(bare.core);
  return {
    missLoad: after.missLoad - before.missLoad,
    missStore: after.missStore - before.missStore,
    missFetch: after.missFetch - before.missFetch,
  };
}

/** Runs the code in chunks that fit before the tested pages. */
function runTrace(bare: BareCore, pages: readonly number[], store = false): void {
  const CHUNK = 4000;
  for (let i = 0; i < pages.length; i += CHUNK) {
    expect(bare.runKeeping(code(pages.slice(i, i + CHUNK), store)).vector).toBe(-1);
  }
}

/** Misses of one array by a plain model. */
function model(pages: readonly number[], replacement: Replacement): number {
  const sets = Array.from({ length: SETS }, () => ({
    ways: new Array<number>(WAYS).fill(-1),
    used: new Array<number>(WAYS).fill(0),
    next: 0,
    // Whether the upper half, and the upper one of each half, was used last.
    root: false,
    leaf: [false, false],
  }));
  let misses = 0;
  pages.forEach((page, time) => {
    const set = sets[page % SETS]!;
    let way = set.ways.indexOf(page);
    if (way < 0) {
      misses++;
      way = set.ways.indexOf(-1);
      if (way < 0) {
        if (replacement === "fifo") {
          way = set.next;
          set.next = (set.next + 1) % WAYS;
        } else if (replacement === "lru") {
          way = set.used.indexOf(Math.min(...set.used));
        } else {
          const upper = !set.root;
          way = (upper ? 2 : 0) + (set.leaf[upper ? 1 : 0] ? 0 : 1);
        }
      }
      set.ways[way] = page;
    }
    set.used[way] = time + 1;
    set.root = way >= 2;
    set.leaf[way >> 1] = (way & 1) === 1;
  });
  return misses;
}

describe.each(["fifo", "lru", "plru"] as const)("%s", (replacement) => {
  const data = row("data", { sets: SETS, ways: WAYS, replacement });

  test.each([1, 2, 3])("misses as a plain model does, trace %i", async (seed) => {
    const bare = await BareCore.create(undefined, profile(row("instruction"), data));
    splitFirst(bare);
    const pages = trace(seed, 6000);
    const { missLoad } = counted(bare, () => runTrace(bare, pages));
    expect(missLoad).toBe(model(pages, replacement));
    expect(missLoad).toBeGreaterThan(500);
    expect(missLoad).toBeLessThan(5000);
  });
});

test("the orders of replacement differ, and random is by the seed", async () => {
  const pages = trace(1, 6000);
  const misses = new Map<string, number>();
  for (const replacement of ["fifo", "random", "lru", "plru", "random"] as const) {
    const data = row("data", { sets: SETS, ways: WAYS, replacement });
    const bare = await BareCore.create(undefined, profile(row("instruction"), data));
    splitFirst(bare);
    const { missLoad } = counted(bare, () => runTrace(bare, pages));
    if (replacement === "random" && misses.has("random")) {
      expect(missLoad).toBe(misses.get("random"));
    }
    misses.set(replacement, missLoad);
  }
  expect(new Set(misses.values()).size).toBe(4);
});

describe("arrays for loads and for stores", () => {
  const arrays = [
    row("instruction"),
    row("load", { name: "loads" }),
    row("store", { name: "stores", sets: 1, ways: 2 }),
    row("unified", { name: "L2", level: 2, sets: 64, ways: 8 }),
  ];

  test("a store behind a load looks in its own array, then in the second level", async () => {
    const geometry = profile(...arrays);
    const bare = await BareCore.create(undefined, geometry);
    splitFirst(bare);
    const of = (name: string) =>
      readCounters(bare.core, geometry).caches.find((cache) => cache.name === name)!;
    runTrace(bare, [0, 0]);
    const before = { l2: of("L2").hits, stores: of("stores").fills };
    runTrace(bare, [0, 0, 0], true);
    expect(of("L2").hits).toBe(before.l2 + 1);
    expect(of("stores").fills).toBe(before.stores + 1);
    // Two ways: a third page takes the place of the first.
    const { missStore } = counted(bare, () => runTrace(bare, [1, 2], true));
    expect(missStore).toBe(2);
    const hits = of("L2").hits;
    runTrace(bare, [0, 0], true);
    expect(of("L2").hits).toBe(hits + 1);
    expect(of("stores").evictions).toBe(2);
    // The loads' array still has it.
    runTrace(bare, [0]);
    expect(of("L2").hits).toBe(hits + 1);
  });
});

describe("sizes of pages", () => {
  test("a page of a size that no array caches is cached by the piece, and INVLPG drops them all", async () => {
    const small = profile(row("unified", { pages: ["4K"] }));
    const bare = await BareCore.create(undefined, small);
    const fills = () => readCounters(bare.core).tlbFill;
    bare.core.exports.dropTranslations();
    runTrace(bare, [0, 1]);
    const before = fills();
    runTrace(bare, [0, 1]);
    expect(fills()).toBe(before);
    // INVLPG of one piece; the page is one large page at 0.
    const gla = FIRST_PAGE + 0x5000;
    bare.setGpr(3, BigInt(gla));
    expect(bare.runKeeping([0x0f, 0x01, 0x3b]).vector).toBe(-1);
    const { missLoad } = counted(bare, () => runTrace(bare, [0, 1]));
    expect(missLoad).toBe(2);
  });

  test("a 4K page goes to one half of the second level", async () => {
    const halves = ["A", "B"].map((name) => {
      return row("unified", { name, level: 2, sets: 8, ways: 4 });
    });
    const l1 = ["instruction", "data"].map((kind) => {
      return row(kind as TlbArray["kind"], { sets: 1, ways: 1 });
    });
    const geometry = profile(...l1, ...halves);
    const bare = await BareCore.create(undefined, geometry);
    splitFirst(bare);
    const pages = Array.from({ length: PAGES }, (_, i) => i);
    runTrace(bare, pages);
    // All are in the second level: 24 pages, of which each half has a part.
    const { missLoad } = counted(bare, () => runTrace(bare, pages));
    expect(missLoad).toBe(0);
    const fills = readCounters(bare.core, geometry)
      .caches.slice(2)
      .map((cache) => cache.fills);
    expect(Math.min(...fills)).toBeGreaterThan(5);
    expect(fills[0]! + fills[1]!).toBeLessThan(PAGES + 6);
  });
});

describe.each(TLB_PROFILES.map((p) => [p.name, p] as const))("profile %s", (_name, geometry) => {
  test("code runs under it and counts what it caches", async () => {
    const bare = await BareCore.create(undefined, geometry);
    splitFirst(bare);
    runTrace(bare, trace(4, 3000));
    runTrace(bare, trace(5, 3000), true);
    const { caches, tlbMiss, tlbFill } = readCounters(bare.core, geometry);
    if (geometry.arrays.length === 0) {
      expect(tlbFill).toBe(0);
      return;
    }
    expect(tlbMiss).toBeGreaterThan(PAGES);
    expect(tlbMiss).toBeLessThan(3000);
    const pde = caches.find(({ name }) => name === "guest PDE")!;
    expect(pde.hits).toBeGreaterThan(0);
    expect(pde.fills).toBeGreaterThan(0);
  });
});
