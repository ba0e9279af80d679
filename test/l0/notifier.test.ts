/**
 * The mmu notifier and the APIC-access page under random schedules: no vCPU uses a page that has been
 * handed back, no stale entry is installed, and the steps that can be left out are needed.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { POISON } from "../../src/l0/frames.ts";
import type { PolicyStep } from "../../src/l0/policy.ts";
import { REQ } from "../../src/l0/requests.ts";
import { bySeed, type Task } from "../../src/l0/scheduler.ts";
import { L0Harness, type L0Options } from "./l0-harness.ts";

const DATA = 0x10000;
const PAGES = 4;
const PAGE = 4096;
const STEPS_MAX = 3000;
const STEPS_BEHIND = 150;
const WARM_UP = 120;
const STEPS_BETWEEN_CHECKS = 16;
const POISON_PORT = 0x99;
const THREAD_PORT = 0x98;
const poison = [POISON, POISON, POISON, POISON];
/**
 * Reads one page after the other, again and again (16-bit code with 32-bit addresses), and cries when
 * it reads poison: MOV ESI, DATA; MOV ECX, PAGES; again: MOV EAX, [ESI]; CMP EAX, poison; JNE; OUT;
 * ADD ESI, 4096; LOOP again; OUT (an exit for the thread); JMP start.
 */
const READER = [
  ...[0x66, 0xbe, 0x00, 0x00, 0x01, 0x00],
  ...[0x66, 0xb9, PAGES, 0x00, 0x00, 0x00],
  ...[0x67, 0x66, 0x8b, 0x06],
  ...[0x66, 0x3d, ...poison],
  ...[0x75, 0x02, 0xe6, POISON_PORT],
  ...[0x66, 0x81, 0xc6, 0x00, 0x10, 0x00, 0x00],
  ...[0x67, 0xe2, 0xe8],
  ...[0xe6, THREAD_PORT],
  ...[0xeb, 0xd8],
];

type Change =
  | "move"
  | "remap"
  | "migrate"
  | "share"
  | "swapOut"
  | "merge"
  | "collapse"
  | "unmapRemap";

/** One change of the primary MMU to a page of the readers' data. */
function* change(h: L0Harness, kind: Change, page: number): Task {
  const { mm } = h.l0.vm;
  const hva = h.hva(DATA + page * PAGE);
  switch (kind) {
    case "move": {
      // The host's scheduler takes the first vCPU elsewhere.
      const [vcpu] = h.l0.vcpus;
      vcpu!.moveTo = h.l0.pcpus[page % h.l0.pcpus.length]!;
      vcpu!.kick();
      for (let i = 0; i < 12; i++) yield "elsewhere";
      break;
    }
    case "remap":
      yield* mm.remap(hva, hva + PAGE);
      break;
    case "unmapRemap":
      yield* mm.remap(hva, hva + 2 * PAGE);
      break;
    case "migrate":
      yield* mm.migrate(hva, hva + PAGE);
      break;
    case "share":
      yield* mm.share(hva);
      break;
    case "merge":
      yield* mm.merge(hva, h.hva(DATA + ((page + 1) % PAGES) * PAGE));
      break;
    case "swapOut":
      yield* mm.swapOut(hva);
      break;
    default:
      yield* mm.collapse(hva);
  }
}

/** What the invariants say at this moment; the first that is broken. */
function brokenInvariant(h: L0Harness): string | undefined {
  const { vm, frames } = h.l0;
  for (const root of vm.tdp.roots) {
    for (const { gfn, level, pfn } of vm.tdp.leafs(root)) {
      for (let i = 0; i < 512 ** (level - 1); i++) {
        if (frames.isFree(pfn + i)) return `I2: gfn ${gfn + i} is mapped to free frame ${pfn + i}`;
      }
    }
  }
  return undefined;
}

/**
 * Runs readers and changes in the order of `seed`. Between the end of a change and the next one, no
 * entry of EPT01 may lead anywhere but to the frame that the primary MMU has; and no reader may ever
 * read poison, which only freed frames hold.
 */
async function race(
  seed: number,
  changes: readonly (readonly [Change, number])[],
  options: L0Options & { readonly warmUp?: number },
): Promise<string | undefined> {
  const poisoned: number[] = [];
  const onPort = (harness: L0Harness, vcpu: number, port: number) => {
    if (port === POISON_PORT) poisoned.push(vcpu);
    // The fast path would enter again without the thread.
    harness.l0.vcpus[vcpu]!.makeRequest(REQ.event);
  };
  const h = await L0Harness.create({ ...options, onPort });
  const { l0 } = h;
  h.startAll(READER);
  l0.scheduler.choose = bySeed(seed);
  let finished = false;
  const driver = function* (): Task {
    // The readers are to have cached what is taken from them.
    for (let i = 0; i < (options.warmUp ?? WARM_UP); i++) yield "warm-up";
    for (const [kind, page] of changes) {
      yield* change(h, kind, page);
      yield "between changes";
    }
    finished = true;
  };
  l0.scheduler.spawn("notifier", driver());
  let behind = 0;
  for (let i = 0; i < STEPS_MAX && behind < STEPS_BEHIND; i++) {
    if (!l0.scheduler.stepAny()) return `deadlock: ${l0.scheduler.describe()}`;
    const broken = i % STEPS_BETWEEN_CHECKS === 0 ? brokenInvariant(h) : undefined;
    if (broken !== undefined) return broken;
    if (poisoned.length > 0) return `I1: vCPU ${poisoned[0]} has read a freed page`;
    if (finished) behind++;
  }
  return finished ? staleEntry(h) : "the changes did not come to their end";
}

/** With nothing in progress, entries and primary MMU agree. */
function staleEntry(h: L0Harness): string | undefined {
  const { vm } = h.l0;
  if (vm.invalidation.inProgress !== 0) return "an invalidation never ended";
  for (const root of vm.tdp.roots) {
    for (const { gfn, level, pfn } of vm.tdp.leafs(root)) {
      for (let i = 0; i < 512 ** (level - 1); i++) {
        const slot = vm.slotOf(gfn + i);
        if (slot === undefined) continue;
        const frame = vm.mm.frameOf(slot.hva + (gfn + i - slot.baseGfn) * PAGE);
        if (frame !== pfn + i)
          return `I2: gfn ${gfn + i} is mapped to ${pfn + i}, lies in ${frame}`;
      }
    }
  }
  return undefined;
}

const changesOf = (kinds: readonly Change[]) =>
  fc.array(fc.tuple(fc.constantFrom(...kinds), fc.nat(PAGES - 2)), { minLength: 1, maxLength: 6 });
const ALL: readonly Change[] = ["remap", "migrate", "share", "swapOut", "merge", "unmapRemap"];

/** Whether some schedule of the first `seeds` ones breaks an invariant with the step left out. */
async function breaks(
  step: PolicyStep,
  seeds: number,
  options: L0Options & { readonly warmUp?: number } = {},
): Promise<string> {
  const changes: [Change, number][] = [
    ["remap", 0],
    ["remap", 1],
    ["migrate", 2],
    ["remap", 0],
  ];
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await race(seed, changes, { cpus: 2, leftOut: [step], ...options });
    if (found !== undefined) return found;
  }
  return "nothing";
}

/** The vCPU goes away, the page is taken, the vCPU comes back. */
const AWAY_AND_BACK: [Change, number][] = [
  ["move", 1],
  ["remap", 0],
  ["move", 0],
  ["move", 1],
  ["remap", 1],
  ["move", 0],
];

describe("the mmu notifier", () => {
  it("keeps entries and primary MMU in agreement on any schedule", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1 }), changesOf(ALL), async (seed, changes) => {
        expect(await race(seed, changes, { cpus: 2 })).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  it("does so with huge pages that are split and collapsed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1 }),
        changesOf([...ALL, "collapse"]),
        async (seed, changes) => {
          expect(await race(seed, changes, { cpus: 2, hugePages: true })).toBeUndefined();
        },
      ),
      { numRuns: 10 },
    );
  }, 120_000);

  it("needs the sequence number", async () => {
    expect(await breaks("NoSeqCheck", 100, { warmUp: 0 })).toMatch(/^I[12]/);
  }, 120_000);

  it("needs the count of invalidations in progress", async () => {
    expect(await breaks("NoInProgress", 60)).toMatch(/^I[12]/);
  }, 120_000);

  it("needs the sequence number read before the look-up", async () => {
    expect(await breaks("SnapshotAfterLookup", 200, { warmUp: 0 })).toMatch(/^I[12]/);
  }, 120_000);

  it("needs the flush", async () => {
    expect(await breaks("NoFlush", 20)).toMatch(/^I1/);
  }, 120_000);

  it("needs to wait until the vCPUs have left the guest", async () => {
    expect(await breaks("NoWait", 100)).toMatch(/^I1/);
  }, 120_000);

  it("needs the requests tested behind the mode", async () => {
    expect(await breaks("CheckBeforeMode", 200)).toMatch(/^I1/);
  }, 120_000);

  it("needs the bit that a request leaves", async () => {
    expect(await breaks("IpiOnlyDelivery", 60)).toMatch(/^I1/);
  }, 120_000);

  it("may go along with vCPUs that change their processor", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      expect(await race(seed, AWAY_AND_BACK, { cpus: 2, vcpus: 1 })).toBeUndefined();
    }
  }, 120_000);

  it("needs the flush of a processor to which a vCPU comes back", async () => {
    const leftOut: PolicyStep[] = ["NoFlushOnMigrate"];
    let found: string | undefined;
    for (let seed = 1; seed <= 40 && found === undefined; seed++) {
      found = await race(seed, AWAY_AND_BACK, { cpus: 2, vcpus: 1, leftOut });
    }
    expect(found).toMatch(/^I1/);
  }, 120_000);
});
