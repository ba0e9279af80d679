/** What the core tells a host that follows translations, and how stale entries are met. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LAYOUT } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { EPT_PML4, GUEST_PML4, GUEST_PT, READ, RWX, WRITE } from "../support/ept-core.ts";
import { FollowedCore, WHAT } from "../support/followed-core.ts";

const PAGE = 0x30000;
const MOVED = 0x40000;
const ANY_PCID = 0xffffffff;
const EPT_STEP = 0x10;
const REFERENCE = 0x20;
const NARROW = 0x40;
const REGISTER = 0x80;

let followed: FollowedCore;
beforeAll(async () => {
  followed = await FollowedCore.create();
});
beforeEach(() => {
  followed.reset();
});

/** MOV EAX, [RBX] by the front where it may. */
function load(gla: number): number {
  const { bare } = followed.ept;
  bare.setGpr(3, BigInt(gla));
  expect(bare.runKeeping([0x8b, 0x03]).vector).toBe(-1);
  return Number(bare.gpr(0));
}

/** MOV [RBX], EAX */
function store(gla: number, value: number): void {
  const { bare } = followed.ept;
  bare.setGpr(3, BigInt(gla));
  bare.setGpr(0, BigInt(value));
  expect(bare.runKeeping([0x89, 0x03]).vector).toBe(-1);
}

function poke(gpa: number, value: number): void {
  followed.core.u32[(followed.ept.bare.ram + gpa) >> 2] = value;
}

describe("a fill", () => {
  test("of a linear mapping tells the entries that were read, as they were", () => {
    followed.ept.leave({ pcid: 0 });
    followed.ept.access(PAGE + 8, READ);
    const fill = followed.last(WHAT.LINEAR);
    expect(fill).toMatchObject({ gla: BigInt(PAGE), sizeLog: 12, hpa: PAGE, gpa: PAGE, access: 0 });
    expect(fill.tags).toEqual({ cpu: 0, vpid: 0, pcid: 0, ep4ta: 0 });
    expect(fill.steps).toEqual([
      { hpa: GUEST_PML4, value: 0x2007n, kind: 4 },
      { hpa: 0x2000, value: 0x3007n, kind: 3 },
      { hpa: 0x3000, value: 0x4007n, kind: 2 },
      { hpa: GUEST_PT + (PAGE >> 12) * 8, value: BigInt(PAGE) | 7n, kind: 1 },
    ]);
    expect(followed.places(fill.id)).toBe(1);
  });

  test("of a combined mapping tells EPT entries, and references in place of cached ones", () => {
    followed.ept.access(PAGE, WRITE);
    const fill = followed.last(WHAT.LINEAR);
    expect(fill.tags).toEqual({ cpu: 0, vpid: 1, pcid: 0, ep4ta: EPT_PML4 | 1 });
    const kinds = fill.steps.map(({ kind }) => kind & ~15);
    expect(kinds.filter((kind) => kind === 0)).toHaveLength(4);
    expect(kinds).toContain(EPT_STEP);
    const leaf = fill.steps.find(({ hpa }) => hpa === followed.ept.ept(PAGE));
    expect(leaf).toEqual({ hpa: followed.ept.ept(PAGE), value: BigInt(PAGE) | RWX, kind: 0x11 });
    followed.ept.enter({ vpid: 2 });
    followed.ept.access(PAGE, READ);
    const again = followed.last(WHAT.LINEAR);
    const references = again.steps.filter(({ kind }) => (kind & REFERENCE) !== 0);
    const known = new Set(followed.fills.map(({ id }) => BigInt(id)));
    expect(references.length).toBeGreaterThan(0);
    for (const { value } of references) expect(known).toContain(value);
  });

  test("of a guest-physical mapping tells its own steps alone", () => {
    followed.ept.access(PAGE, READ);
    const fill = followed.last(WHAT.GUEST_PHYSICAL);
    expect(fill.gla).toBe(BigInt(PAGE));
    expect(fill.hpa).toBe(PAGE);
    expect(fill.rights & 7).toBe(7);
    expect(fill.tags.ep4ta).toBe(EPT_PML4 | 1);
    expect(fill.steps.at(-1)).toMatchObject({ hpa: followed.ept.ept(PAGE), kind: 0x11 });
    expect(fill.steps.every(({ kind }) => (kind & EPT_STEP) !== 0)).toBe(true);
  });

  test("under 32-bit paging tells entries of four bytes", () => {
    const { ept, core } = followed;
    core.setState64(STATE.EFER, 0n);
    core.setState64(STATE.CR4, 0n);
    core.u32[(ept.bare.ram + 0x1000) >> 2] = 0x61007;
    core.u32[(ept.bare.ram + 0x61000 + (PAGE >> 10)) >> 2] = MOVED | 7;
    ept.leave();
    ept.forget();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: MOVED });
    expect(followed.last(WHAT.LINEAR).steps).toEqual([
      { hpa: 0x1000, value: 0x61007n, kind: NARROW | 2 },
      { hpa: 0x61000 + (PAGE >> 10), value: BigInt(MOVED | 7), kind: NARROW | 1 },
    ]);
  });

  test("under PAE paging tells the register, for no entry is read there", () => {
    const { ept, core } = followed;
    core.setState64(STATE.EFER, 0n);
    core.setState64(STATE.CR4, 0x20n);
    core.setState64(STATE.PDPTE, 0x3001n);
    ept.leave();
    ept.forget();
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    const { steps } = followed.last(WHAT.LINEAR);
    expect(steps.map(({ kind }) => kind)).toEqual([REGISTER | 3, 2, 1]);
    expect(steps[0]).toMatchObject({ hpa: 0, value: 0x3001n });
  });

  test("of a large page tells its size", () => {
    followed.ept.write64(0x3000, 0x87n);
    followed.ept.leave();
    followed.ept.access(PAGE, READ);
    expect(followed.last(WHAT.LINEAR)).toMatchObject({ gla: 0n, sizeLog: 21, hpa: 0 });
  });
});

describe("places of a provenance", () => {
  test("go with the entry", () => {
    followed.ept.leave();
    followed.ept.access(PAGE, READ);
    const { id } = followed.last(WHAT.LINEAR);
    followed.ept.bare.setGpr(3, BigInt(PAGE));
    followed.ept.bare.runKeeping([0x0f, 0x01, 0x3b]);
    expect(followed.places(id)).toBe(0);
  });

  test("of retired spaces go when they are swept up", () => {
    followed.ept.access(PAGE, READ);
    const ids = followed.fills.map(({ id }) => id);
    expect(ids.every((id) => followed.places(id) > 0)).toBe(true);
    followed.ept.forget();
    expect(ids.filter((id) => followed.places(id) !== 0)).toEqual([]);
  });

  test("are overwritten by the next owner", () => {
    const { ept } = followed;
    ept.leave();
    ept.access(PAGE, READ);
    const { id } = followed.last(WHAT.LINEAR);
    // A write that must set the dirty flag walks again.
    ept.access(PAGE, WRITE);
    expect(followed.places(id)).toBe(0);
    expect(followed.places(followed.last(WHAT.LINEAR).id)).toBe(1);
  });
});

describe("a stale entry", () => {
  beforeEach(() => {
    followed.ept.leave();
    poke(PAGE, 0x1111);
    poke(MOVED, 0x2222);
  });

  /** Marks the mapping of PAGE, which then points elsewhere. */
  function age(): void {
    expect(load(PAGE)).toBe(0x1111);
    expect(load(PAGE)).toBe(0x1111);
    followed.mark(followed.fills.find(({ gla }) => gla === BigInt(PAGE))!);
    followed.ept.write64(followed.ept.pte(PAGE), BigInt(MOVED) | 7n);
  }

  test("is told of at every use, and used", () => {
    age();
    expect(load(PAGE + 4) >= 0).toBe(true);
    expect(load(PAGE)).toBe(0x1111);
    const uses = followed.uses.filter(({ gla }) => gla >= BigInt(PAGE) && gla < BigInt(PAGE + 8));
    expect(uses.map(({ gla }) => gla)).toEqual([BigInt(PAGE + 4), BigInt(PAGE)]);
    expect(uses[0]).toMatchObject({ what: WHAT.LINEAR, access: 0 });
  });

  test("is told of at writes, too", () => {
    store(PAGE, 0x1111);
    store(PAGE, 0x1111);
    age();
    followed.uses = [];
    store(PAGE, 7);
    expect(followed.uses).toMatchObject([{ gla: BigInt(PAGE), access: 1 }]);
    expect(followed.core.u32[(followed.ept.bare.ram + PAGE) >> 2]).toBe(7);
  });

  test("is not used when the host says no", () => {
    age();
    followed.answer = 1;
    expect(load(PAGE)).toBe(0x2222);
    expect(load(PAGE)).toBe(0x2222);
    expect(followed.uses).toHaveLength(1);
  });

  test("that is stale no longer is used in silence", () => {
    age();
    followed.mark(followed.fills.find(({ gla }) => gla === BigInt(PAGE))!, false);
    expect(load(PAGE)).toBe(0x1111);
    expect(followed.uses).toEqual([]);
  });

  test("of code is told of at every entry into its page", () => {
    const { ept } = followed;
    // Two pages that jump to each other: JMP RBX, JMP RCX; then HLT.
    ept.bare.bytes(0x50000, 2).set([0xff, 0xe1]);
    ept.bare.setGpr(3, 0x50000n);
    ept.bare.setGpr(1, 0x10006n);
    const code = [0xff, 0xe3, 0x90, 0x90, 0x90, 0x90];
    expect(ept.bare.runKeeping(code).vector).toBe(-1);
    followed.mark(followed.fills.find(({ gla }) => gla === 0x50000n)!);
    for (let i = 0; i < 2; i++) expect(ept.bare.runKeeping(code).vector).toBe(-1);
    expect(followed.uses.map(({ gla }) => gla)).toEqual([0x50000n, 0x50000n]);
    expect(followed.uses[0]).toMatchObject({ access: 2 });
  });

  test("of guest-physical memory is told of when a walk uses it", () => {
    const { ept } = followed;
    ept.enter({ vpid: 1 });
    ept.access(PAGE, READ);
    const fill = followed.last(WHAT.GUEST_PHYSICAL);
    expect(fill.gla).toBe(BigInt(PAGE));
    followed.mark(fill);
    ept.write64(ept.ept(PAGE), BigInt(MOVED) | RWX);
    ept.enter({ vpid: 2 });
    followed.uses = [];
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(followed.uses).toMatchObject([{ what: WHAT.GUEST_PHYSICAL, id: fill.id }]);
    followed.answer = 1;
    ept.enter({ vpid: 3 });
    expect(ept.access(PAGE, READ)).toEqual({ hpa: MOVED });
  });
});

describe("probes", () => {
  const { FILL_INFO } = LAYOUT;

  test("see memory as it is, not what is cached", () => {
    const { ept, core } = followed;
    ept.access(PAGE, READ);
    ept.write64(ept.pte(PAGE), BigInt(MOVED) | 7n);
    ept.write64(ept.ept(MOVED), 0x50000n | RWX);
    expect(core.exports.probeWalk(PAGE + 8, 0, READ)).toBe(1);
    expect(core.result()).toEqual({ lo: 0x50008, hi: 0 });
    expect(core.u32[FILL_INFO >> 2]).toBe(0x50000);
    expect(core.u32[(FILL_INFO + 8) >> 2]).toBe(MOVED);
    expect(core.exports.probeGuestPhysical(PAGE, 0, 1)).toBe(1);
    expect(core.result()).toEqual({ lo: PAGE, hi: 0 });
    ept.write64(ept.ept(MOVED), 0x50000n | 1n);
    expect(core.exports.probeWalk(PAGE, 0, WRITE)).toBe(0);
    expect(core.exports.probeGuestPhysical(MOVED, 0, 2)).toBe(0);
    // Nothing happened: the old translation is still in use, and no flag was set.
    expect(ept.access(PAGE, READ)).toEqual({ hpa: PAGE });
    expect(ept.read64(ept.pte(PAGE))).toBe(BigInt(MOVED) | 7n);
  });

  test("may be made in the middle of a walk", () => {
    const { ept, core } = followed;
    ept.access(PAGE, READ);
    for (const fill of followed.fills.filter(({ what }) => what === WHAT.GUEST_PHYSICAL)) {
      followed.mark(fill);
    }
    followed.onUse = () => {
      expect(core.exports.probeWalk(MOVED + 0x5123, 0, READ)).toBe(1);
      expect(core.exports.probeGuestPhysical(MOVED + 0x7000, 0, 1)).toBe(1);
    };
    ept.enter({ vpid: 2 });
    const { length } = followed.uses;
    expect(ept.access(PAGE + 0x10, READ)).toEqual({ hpa: PAGE + 0x10 });
    expect(followed.uses.length).toBeGreaterThan(length + 1);
    expect(followed.last(WHAT.LINEAR)).toMatchObject({ gla: BigInt(PAGE), hpa: PAGE });
  });
});

describe("watched frames", () => {
  beforeEach(() => {
    followed.ept.leave();
  });

  test("stores of instructions are told of, also through translations made before", () => {
    store(GUEST_PT + 0x18, 5);
    expect(followed.stores).toEqual([]);
    followed.core.exports.watchFrame(GUEST_PT, 0, 1);
    for (let i = 0; i < 2; i++) store(GUEST_PT + 0x18, 0x3003);
    expect(followed.stores).toEqual([
      [BigInt(GUEST_PT + 0x18), 4],
      [BigInt(GUEST_PT + 0x18), 4],
    ]);
    followed.core.exports.watchFrame(GUEST_PT, 0, 0);
    followed.stores = [];
    store(GUEST_PT + 0x18, 0x3003);
    expect(followed.stores).toEqual([]);
  });

  test("the value is there when the store is told", () => {
    followed.core.exports.watchFrame(PAGE, 0, 1);
    store(PAGE + 0xffe, 0x01020304);
    expect(followed.stores).toEqual([[BigInt(PAGE + 0xffe), 2]]);
    expect(followed.ept.bare.bytes(PAGE + 0xffe, 4)).toEqual(new Uint8Array([4, 3, 2, 1]));
  });

  test("REP STOS and REP MOVS are told of", () => {
    followed.core.exports.watchFrame(PAGE, 0, 1);
    const { bare } = followed.ept;
    bare.setGpr(7, BigInt(PAGE - 16));
    bare.setGpr(1, 8n);
    expect(bare.runKeeping([0xf3, 0x48, 0xab]).vector).toBe(-1);
    const told = followed.stores.reduce((sum, [, bytes]) => sum + bytes, 0);
    expect(told).toBe(48);
    bare.setGpr(6, BigInt(MOVED));
    bare.setGpr(7, BigInt(PAGE));
    bare.setGpr(1, 64n);
    expect(bare.runKeeping([0xf3, 0xa4]).vector).toBe(-1);
    expect(followed.stores.reduce((sum, [, bytes]) => sum + bytes, 0)).toBe(48 + 64);
  });

  test("stores of the host are told of, flags that a walk sets are not", () => {
    followed.core.exports.watchFrame(GUEST_PT, 0, 1);
    followed.ept.access(PAGE, WRITE);
    expect(followed.ept.read64(followed.ept.pte(PAGE)) & 0x60n).toBe(0x60n);
    expect(followed.stores).toEqual([]);
    followed.core.exports.hostWritten(followed.ept.bare.ram + GUEST_PT - 8, 32);
    expect(followed.stores).toEqual([[BigInt(GUEST_PT), 24]]);
  });
});

describe("invalidations", () => {
  const DESCRIPTOR = 0x20000;

  /** op RAX, [RBX] */
  function invalidate(opcode: number, type: number, low: bigint, high = 0n): void {
    const { ept } = followed;
    ept.write64(DESCRIPTOR, low);
    ept.write64(DESCRIPTOR + 8, high);
    ept.bare.setGpr(0, BigInt(type));
    ept.bare.setGpr(3, BigInt(DESCRIPTOR));
    expect(ept.bare.runKeeping([0x66, 0x0f, 0x38, opcode, 0x03]).vector).toBe(-1);
  }

  const EPTP = BigInt(EPT_PML4) | 0x1en;
  const ROOT = BigInt(EPT_PML4) | 1n;
  const page = BigInt(PAGE);

  test.each([
    [0x80, 1, EPTP, 0n, { operation: "INVEPT_SINGLE", ep4ta: ROOT }],
    [0x80, 2, 0n, 0n, { operation: "INVEPT_ALL", ep4ta: 0n }],
    [0x81, 0, 1n, page, { operation: "INVVPID_ADDRESS", vpid: 1, gla: page }],
    [0x81, 1, 1n, 0n, { operation: "INVVPID_SINGLE", vpid: 1 }],
    [0x81, 2, 0n, 0n, { operation: "INVVPID_ALL" }],
    [0x81, 3, 1n, 0n, { operation: "INVVPID_RETAIN_GLOBALS", vpid: 1 }],
    [0x82, 0, 0n, page, { operation: "INVPCID_ADDRESS", vpid: 0, pcid: 0, gla: page }],
    [0x82, 1, 0n, 0n, { operation: "INVPCID_CONTEXT", vpid: 0, pcid: 0 }],
    [0x82, 2, 0n, 0n, { operation: "INVPCID_ALL_GLOBAL", vpid: 0 }],
    [0x82, 3, 0n, 0n, { operation: "INVPCID_ALL_NONGLOBAL", vpid: 0 }],
  ])("opcode %i type %i", (opcode, type, low, high, expected) => {
    followed.ept.access(PAGE, READ);
    followed.ept.leave();
    followed.ept.access(PAGE, READ);
    followed.flushes = [];
    invalidate(opcode, type, low, high);
    expect(followed.flushes).toMatchObject([expected]);
    expect(followed.flushes[0]!.dropped).toBeGreaterThan(0);
  });

  test("INVLPG, MOV to CR3 and CR4", () => {
    followed.ept.leave();
    followed.ept.access(PAGE, READ);
    followed.flushes = [];
    const { bare } = followed.ept;
    bare.setGpr(3, BigInt(PAGE));
    bare.runKeeping([0x0f, 0x01, 0x3b]);
    // MOV RAX, CR3; MOV CR3, RAX; MOV RAX, CR4; XOR AL, 0x80; MOV CR4, RAX
    bare.runKeeping([0x0f, 0x20, 0xd8, 0x0f, 0x22, 0xd8]);
    bare.runKeeping([0x0f, 0x20, 0xe0, 0x34, 0x80, 0x0f, 0x22, 0xe0]);
    expect(followed.flushes).toMatchObject([
      { operation: "INVLPG", vpid: 0, pcid: 0, gla: page, dropped: 1 + 3 },
      { operation: "MOV_CR3", vpid: 0, pcid: 0 },
      { operation: "MOV_CR4", vpid: 0, pcid: ANY_PCID },
    ]);
  });

  test("a page fault and an EPT violation", () => {
    const { ept } = followed;
    ept.write64(ept.pte(PAGE), 0n);
    followed.flushes = [];
    expect(ept.access(PAGE, READ)).toMatchObject({ fault: 14 });
    expect(followed.flushes).toMatchObject([{ operation: "PAGE_FAULT", vpid: 1, gla: page }]);
    ept.write64(ept.pte(PAGE), page | 7n);
    ept.write64(ept.ept(PAGE), page | 1n | 0x30n);
    ept.access(PAGE, READ);
    followed.flushes = [];
    expect(ept.access(PAGE, WRITE)).toMatchObject({ exit: 48 });
    // The guest-physical part, whose "VPID" is none, and the combined part.
    expect(followed.flushes).toMatchObject([
      { operation: "EPT_VIOLATION", vpid: 0x10000, ep4ta: ROOT, gla: page, dropped: 1 + 3 },
      { operation: "EPT_VIOLATION", vpid: 1, pcid: 0, ep4ta: ROOT, gla: page },
    ]);
  });

  test("transitions without VPIDs, and what the host drops", () => {
    const { ept } = followed;
    ept.leave();
    followed.flushes = [];
    ept.enter({ vpid: 0, flush: true });
    ept.leave({ flush: true });
    ept.forget();
    const names = followed.flushes.map(({ operation }) => operation);
    expect(names).toEqual(["VM_ENTRY", "VM_EXIT", "CONFIGURE"]);
  });
});
