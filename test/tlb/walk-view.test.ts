/** The host's walk of an address against the core's, over tables made at random. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { LAYOUT, MACHINE_WORD } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { readCounters } from "../../src/machine/counters.ts";
import { LogicalProcessor } from "../../src/machine/processor.ts";
import { TLB_PROFILES } from "../../src/tables/tlb-profiles.ts";
import { walkLinear } from "../../src/tlb/walk.ts";
import type { WalkAccess, WalkResult } from "../../src/tlb/walk-types.ts";
import { RAM_BYTES } from "../support/bare-core.ts";
import {
  type Ending,
  EPT_PML4,
  EPT_PML5,
  EptCore,
  FETCH,
  GUEST_PD,
  GUEST_PDPT,
  GUEST_PML4,
  GUEST_PT,
  IMPLICIT,
  PML,
  SECONDARY,
  SPPT,
  USER,
  VE_INFO,
  WRITE,
} from "../support/ept-core.ts";

const RUNS = 1500;
const REASON = { violation: 48, misconfiguration: 49, pmlFull: 62, spp: 66 };

let ept: EptCore;
beforeAll(async () => {
  // No caches: every access walks.
  ept = await EptCore.create(
    {},
    TLB_PROFILES.find(({ name }) => name === "none"),
  );
});

function memory() {
  const { bare, core } = ept;
  return {
    has: (hpa: number, length: number) => hpa >= 0 && hpa + length <= RAM_BYTES,
    read32: (hpa: number) => core.u32[(bare.ram + hpa) >> 2]!,
    read64: (hpa: number) => core.u64[(bare.ram + hpa) >> 3]!,
  };
}

function view(gla: bigint, access: WalkAccess) {
  return walkLinear(ept.core, memory(), new LogicalProcessor(ept.core, 0), gla, access);
}

/** The core's way to end, in the words of the host's. */
function told(ending: Ending): Partial<WalkResult> {
  // A page outside RAM has no pointer in the core.
  if ("hpa" in ending) return { kind: "page", ...(ending.hpa < 0 ? {} : { hpa: ending.hpa }) };
  if ("fault" in ending) {
    if (ending.fault === 20) return { kind: "virtualization-exception" };
    return { kind: "page-fault", errorCode: ending.error };
  }
  const gpa = Number(ending.gpa);
  const { qualification } = ending;
  switch (ending.exit) {
    case REASON.violation:
      return { kind: "ept-violation", gpa, qualification };
    case REASON.misconfiguration:
      return { kind: "ept-misconfiguration", gpa };
    case REASON.pmlFull:
      return { kind: "pml-full", gpa };
    case REASON.spp:
      return { kind: "spp-event", gpa, qualification };
    default:
      throw new Error(`exit reason ${ending.exit}`);
  }
}

const code = ({ kind, user, implicit }: WalkAccess) =>
  (kind === "store" ? WRITE : 0) |
  (kind === "fetch" ? FETCH : 0) |
  (user ? USER : 0) |
  (implicit ? IMPLICIT : 0);

const access = fc
  .record({
    kind: fc.constantFrom("load", "store", "fetch"),
    user: fc.boolean(),
    implicit: fc.boolean(),
    bytes: fc.constantFrom(0, 1, 8),
  })
  .map(
    (value): Required<WalkAccess> =>
      ({
        ...value,
        implicit: value.implicit && !value.user && value.kind !== "fetch",
      }) as Required<WalkAccess>,
  );

/** Bits turned over in an entry, by the dimension: mostly those that mean something. */
const GUEST_BITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 13, 45, 46, 51, 52, 59, 60, 62, 63];
const EPT_BITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 45, 46, 51, 61, 63];

const PAGE = 0x30000;
const GUEST_PML5 = 0x67000;
/** Where 32-bit paging has its entry of the page. */
const NARROW_PTE = GUEST_PT + (PAGE >> 12) * 4;
const WIDE_PTE = GUEST_PT + (PAGE >> 12) * 8;
const GUEST_ENTRIES = [GUEST_PML5, GUEST_PML4, GUEST_PDPT, GUEST_PD, WIDE_PTE, NARROW_PTE];
const MODES = {
  none: { cr0: 0x33n, cr4: 0x620n, lma: false, cr3: 0 },
  "32-bit": { cr0: 0x80000033n, cr4: 0x610n, lma: false, cr3: GUEST_PD },
  PAE: { cr0: 0x80000033n, cr4: 0x620n, lma: false, cr3: GUEST_PDPT },
  "4-level": { cr0: 0x80000033n, cr4: 0x620n, lma: true, cr3: GUEST_PML4 },
  "5-level": { cr0: 0x80000033n, cr4: 0x1620n, lma: true, cr3: GUEST_PML5 },
} as const;
type Mode = keyof typeof MODES;
const SUB_PAGE = 1n << 61n;
const eptLeaf = (gpa: number) => EPT_PML4 + 0x3000 + (gpa >> 12) * 8;
const EPT_ENTRIES = [
  EPT_PML5,
  EPT_PML4,
  EPT_PML4 + 0x1000,
  EPT_PML4 + 0x2000,
  ...[GUEST_PML4, GUEST_PDPT, GUEST_PD, GUEST_PT, PAGE].map(eptLeaf),
];
const flips = (entries: readonly number[], bits: readonly number[], maxLength: number) =>
  fc.array(fc.tuple(fc.constantFrom(...entries), fc.constantFrom(...bits)), { maxLength });

const setting = fc.record({
  access,
  mode: fc.constantFrom<Mode>("none", "32-bit", "PAE", "4-level", "4-level", "5-level"),
  offset: fc.integer({ min: 0, max: 0xff8 }),
  guest: flips(GUEST_ENTRIES, GUEST_BITS, 4),
  nested: flips(EPT_ENTRIES, EPT_BITS, 3),
  used: fc.boolean(),
  root: fc.constantFrom(0, EPT_PML4, EPT_PML4, EPT_PML4, EPT_PML5),
  ad: fc.boolean(),
  wp: fc.boolean(),
  /** SMEP, SMAP, PKE, PGE. */
  cr4: fc.subarray([20n, 21n, 22n, 7n]),
  nxe: fc.boolean(),
  ac: fc.boolean(),
  pkru: fc.integer({ min: 0, max: 15 }),
  controls: fc.subarray(["PML", "VE", "MBEC", "SPP"] as const),
  pmlIndex: fc.constantFrom(511, 3, 1, 0, 0xffff),
  /** The page may be written by the part alone. */
  subPage: fc.constantFrom(false, false, false, true),
  spp: fc.constantFrom(0n, 1n, 0x5555_5555_5555_5555n, 2n),
  veBusy: fc.boolean(),
});

type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

function arrange(s: Setting): void {
  ept.reset();
  const { core } = ept;
  core.setMachine32(MACHINE_WORD.PHYS_BITS, 46);
  ept.write64(GUEST_PML5, BigInt(GUEST_PML4) | 7n);
  ept.write64(NARROW_PTE, BigInt(PAGE) | 7n);
  if (s.used) for (const at of GUEST_ENTRIES) ept.write64(at, ept.read64(at) | 0x60n);
  if (s.used) for (const at of EPT_ENTRIES) ept.write64(at, ept.read64(at) | 0x300n);
  for (const [at, bit] of s.guest) ept.write64(at, ept.read64(at) ^ (1n << BigInt(bit)));
  for (const [at, bit] of s.nested) ept.write64(at, ept.read64(at) ^ (1n << BigInt(bit)));
  const leaf = eptLeaf(PAGE);
  if (s.subPage) ept.write64(leaf, (ept.read64(leaf) & ~2n) | SUB_PAGE);
  const controls = s.controls.reduce((bits, name) => bits | SECONDARY[name], 0);
  ept.controls(s.subPage ? controls | SECONDARY.SPP : controls);
  ept.field("pml_address", BigInt(PML));
  ept.field("pml_index", BigInt(s.pmlIndex));
  ept.field("sppt_pointer", BigInt(SPPT));
  for (let i = 0; i < 3; i++) ept.write64(SPPT + i * 0x1000, BigInt(SPPT + (i + 1) * 0x1000) | 1n);
  ept.write64(SPPT + 0x3000 + (PAGE >> 12) * 8, s.spp);
  ept.field("ve_info_addr", BigInt(VE_INFO));
  ept.write64(VE_INFO, s.veBusy ? 0xffffffff_00000000n : 0n);
  const mode = MODES[s.mode];
  core.setState64(STATE.CR0, s.wp ? mode.cr0 | 0x10000n : mode.cr0);
  const cr4 = s.cr4.reduce<bigint>((bits, bit) => bits | (1n << bit), mode.cr4);
  core.setState64(STATE.CR4, cr4);
  core.setState64(STATE.EFER, (mode.lma ? 0x500n : 0n) | (s.nxe ? 0x800n : 0n));
  for (let i = 0; i < 4; i++) core.setState64(STATE.PDPTE + i * 8, ept.read64(GUEST_PDPT + i * 8));
  const rest = core.state32(STATE.FLAGS_REST) & ~0x40000;
  core.setState32(STATE.FLAGS_REST, s.ac ? rest | 0x40000 : rest);
  core.setState32(STATE.PKRU, s.pkru);
  core.setState32(STATE.CPL, s.access.user ? 3 : 0);
  ept.enter({ vpid: 1, root: s.root, ad: s.ad });
  core.setState64(STATE.CR3, BigInt(mode.cr3));
  core.exports.switchContext(0);
}

/** What a walk could leave: in the tables, in the state and in the counters. */
function fingerprint(): string {
  const { bare, core } = ept;
  let sum = 0;
  for (const [first, end] of [
    [0, 0x8000],
    [0x200000, 0x228000],
  ] as const) {
    for (let hpa = first; hpa < end; hpa += 4) {
      sum = (Math.imul(sum, 31) + core.u32[(bare.ram + hpa) >> 2]!) | 0;
    }
  }
  const state = core.u32.subarray(LAYOUT.STATE >> 2, (LAYOUT.STATE + 0x780) >> 2).join();
  return `${sum} ${state} ${JSON.stringify(readCounters(core))}`;
}

/** Compares the two; returns how it ended. */
function compare(s: Setting): string {
  arrange(s);
  const gla = BigInt(PAGE + s.offset);
  const before = fingerprint();
  const { result, steps, paging } = view(gla, s.access);
  expect(paging).toBe(s.mode);
  expect(fingerprint()).toBe(before);
  if (result.kind === "not-ram") return result.kind;
  const lo = Number(gla);
  const counted = readCounters(ept.core);
  const probed = ept.core.exports.probeWalk(lo, 0, code(s.access));
  // The core's probe judges sub-pages by the size of the write before.
  if (result.kind === "page" && !s.subPage) {
    expect(probed).toBe(1);
    const { lo: low, hi } = ept.core.result();
    expect(hi * 2 ** 32 + low).toBe(result.hpa);
  }
  const ending = ept.access(gla, code(s.access), s.access.bytes);
  expect(result).toMatchObject(told(ending));
  const after = readCounters(ept.core);
  // Without caches in the way the core reads the same entries of the guest's tables.
  const read = steps.filter(({ tables, hpa }) => tables === "guest" && hpa !== undefined);
  expect(after.walkReference - counted.walkReference).toBe(read.length);
  return result.kind;
}

describe("the host's walk and the core's", () => {
  test("agree in both dimensions, and the host's changes nothing", { timeout: 60_000 }, () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(setting, (s) => {
        const kind = compare(s);
        seen.set(kind, (seen.get(kind) ?? 0) + 1);
      }),
      { numRuns: RUNS, seed: 5 },
    );
    for (const kind of [
      "page",
      "page-fault",
      "ept-violation",
      "ept-misconfiguration",
      "virtualization-exception",
      "pml-full",
      "spp-event",
    ]) {
      expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(0);
    }
  });
});
