/**
 * Task switches above L0, where they always exit, against those of the core: by JMP, CALL, INT and IRET,
 * to tasks of 16 and of 32 bits and to virtual-8086 mode, with faults before and behind the commit point.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { allForms } from "../oracle/forms.ts";
import { Genes, pickBig } from "../oracle/values.ts";
import { BareSide } from "./emulator-bare.ts";
import type { Case } from "./emulator-cases.ts";
import { L0Side } from "./emulator-l0.ts";
import {
  CODE,
  DEVICE_BYTES,
  GDT,
  IDT,
  PAGES,
  pageContents,
  SELECTOR,
  SELECTORS,
  STACK,
  STACK_BASE,
  TSS,
  TSS_16,
  TSS_32,
} from "./emulator-layout.ts";
import { differences, type Result } from "./emulator-result.ts";

const CASES = 1500;
const SEED = 11;
const VECTOR = 0x20;
const NT = 0x4000;
const HLT = 0xf4;
const TASK_GATE = 0xe500;
const BUSY = 2;
/** Good selectors for CS and SS of levels 0 and 3. */
const LEVELS = [
  { cs: 0x18, ss: 0x10 },
  { cs: 0x28, ss: 0x10 },
  { cs: 0x5b, ss: 0x53 },
] as const;
/** An LDT, a busy TSS, an absent LDT, null, beyond the table, in the LDT. */
const NO_TASKS = [0x80, 0xa0, 0xb0, 0, 3, 0x208, 0x6c] as const;
const form = allForms([32], true).find(({ row }) => row.mnemonic === "JMP")!;
const pageOf = (gpa: number) => PAGES.indexOf((gpa & ~0xfff) as (typeof PAGES)[number]);

interface TaskCase {
  readonly test: Case;
  readonly contents: Uint8Array[];
}

function makeTaskCase(seed: number): TaskCase {
  const genes = new Genes(seed);
  const next = (below: number) => genes.next() % below;
  const contents = pageContents();
  const view = (gpa: number) => {
    const page = contents[pageOf(gpa)]!;
    return new DataView(page.buffer, gpa & 0xfff);
  };
  const isWide = next(2) === 0;
  const source = next(4);
  let selector: number = isWide ? SELECTOR.tss32 : SELECTOR.tss16;
  // Seldom another descriptor.
  if (next(8) === 0) selector = NO_TASKS[next(NO_TASKS.length)]!;
  // IRET goes back to a task that is busy.
  const descriptor = view(GDT + (isWide ? SELECTOR.tss32 : SELECTOR.tss16));
  if (source === 3 || next(16) === 0) descriptor.setUint8(5, descriptor.getUint8(5) | BUSY);
  view(TSS).setUint16(0, selector, true);
  writeTask(view(isWide ? TSS_32 : TSS_16), isWide, next, () => genes.next());
  const gate = view(IDT + VECTOR * 8);
  gate.setUint32(0, (selector << 16) >>> 0, true);
  gate.setUint32(4, TASK_GATE, true);
  const far = [0, 0, 0, 0, selector & 0xff, selector >> 8];
  const bytes = [[0xea, ...far], [0x9a, ...far], [0xcd, VECTOR], [0xcf]][source]!;
  contents[pageOf(CODE)]!.set([...bytes, HLT]);
  const gpr = Array.from({ length: 16 }, () => BigInt.asUintN(32, pickBig(genes.next())));
  gpr[4] = BigInt(STACK - STACK_BASE);
  const test: Case = {
    form,
    mode: 32,
    bytes: Uint8Array.from(bytes),
    gpr,
    rflags: 2 | (genes.next() & 0x8d5) | (source === 3 ? NT : 0),
    floating: new Uint8Array(512),
    device: new Uint8Array(DEVICE_BYTES),
    stackBase: STACK_BASE,
  };
  new DataView(test.floating.buffer).setUint32(24, 0x1f80, true);
  return { test, contents };
}

function writeTask(
  tss: DataView,
  isWide: boolean,
  next: (below: number) => number,
  random: () => number,
): void {
  const size = isWide ? 4 : 2;
  const put = (at: number, value: number) =>
    isWide ? tss.setUint32(at, value >>> 0, true) : tss.setUint16(at, value & 0xffff, true);
  const first = isWide ? 32 : 14;
  const isVirtual = isWide && next(8) === 0;
  const flags = 2 | (random() & 0x4cd5) | (isVirtual ? 0x20000 : 0);
  put(first, next(16) === 0 ? random() : isWide ? CODE : 0x1000);
  put(first + size, flags);
  for (let i = 0; i < 8; i++) put(first + (2 + i) * size, random());
  put(first + 6 * size, STACK - STACK_BASE);
  const level = LEVELS[next(LEVELS.length)]!;
  const data = () => (next(4) === 0 ? SELECTORS[next(SELECTORS.length)]! : 0x53);
  const odd = () => next(12) === 0;
  const any = () => SELECTORS[next(SELECTORS.length)]!;
  const segments = [
    data(),
    odd() ? any() : level.cs,
    odd() ? any() : level.ss,
    data(),
    data(),
    data(),
  ];
  segments.slice(0, isWide ? 6 : 4).forEach((selector, i) => {
    tss.setUint16((isWide ? 72 : 34) + i * size, selector, true);
  });
  tss.setUint16(isWide ? 96 : 42, next(8) === 0 ? any() : next(2) * 0x80, true);
  if (isWide) tss.setUint16(100, next(16) === 0 ? 1 : 0, true);
}

/** Behind a fault of the new task, hidden parts of registers that are not loaded yet mean nothing. */
function comparable(result: Result): Result {
  if (result.vector < 0 || result.vector === 1) return result;
  const segments = result.segments.map(([selector]) => [selector, 0n, 0, 0] as const);
  return { ...result, segments };
}

describe("a task switch above L0 does what that of the core does", () => {
  let bare: BareSide;
  let l0: L0Side;
  beforeAll(async () => {
    bare = await BareSide.create("sapphire-rapids");
    l0 = await L0Side.create();
  });

  it(`in ${CASES} cases`, () => {
    const failures: string[] = [];
    const vectors = new Map<number, number>();
    let switched = 0;
    for (let seed = SEED; seed < SEED + CASES; seed++) {
      const { test, contents } = makeTaskCase(seed);
      const before = l0.emulated;
      const above = l0.run(test, contents)!;
      switched += l0.emulated - before;
      const core = bare.run(test, contents, true);
      vectors.set(core.vector, (vectors.get(core.vector) ?? 0) + 1);
      const found = differences(comparable(core), comparable(above), "");
      if (l0.refused > 0) found.push("the processor refuses to enter the guest");
      l0.refused = 0;
      if (found.length > 0) failures.push(`seed ${seed}: ${found.join("; ")}`);
    }
    expect(failures.slice(0, 8)).toEqual([]);
    expect(switched).toBeGreaterThan(CASES / 2);
    // None, #DB, #TS, #NP, #SS, #GP.
    for (const vector of [-1, 1, 10, 11, 12, 13]) {
      expect(vectors.get(vector) ?? 0, `exception ${vector}`).toBeGreaterThan(0);
    }
  }, 60_000);
});
