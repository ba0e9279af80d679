/**
 * The machine that the fuzz runs: a core with memory, ROM, devices and canaries, and states of every
 * mode made from a seed. What the guest does is noise; what the core must never do is checked after
 * each run.
 */

import { Core, LAYOUT, MACHINE_WORD, SILENT_IMPORTS } from "../../src/core/core.ts";
import { EVENT, SLOT, STATE } from "../../src/generated/state.ts";
import { writeGeometry } from "../../src/machine/geometry.ts";
import type { TlbProfile } from "../../src/tables/tlb-profiles.ts";
import { allForms, type Form } from "../oracle/forms.ts";
import { InstructionBuilder } from "../oracle/instruction.ts";
import { Genes, pick, pickedHigh } from "../oracle/values.ts";
import { fillTables } from "./tables.ts";

export const RAM_BYTES = 2 << 20;
/** A range of ROM below 2 MiB; stores to it must have no effect. */
const ROM_FIRST = 0x1e0000;
const ROM_BYTES = 0x20000;
/** Frames behind the guest's memory that it cannot address. */
const GUARD_FRAMES = 16;
const CODE_FIRST = 0x10000;
const CODE_BYTES = 0x8000;
const FRAME_READ_ONLY = 2;
/** Bytes of linear memory that nothing uses, by first and last address (assembly/layout.ts). */
const UNUSED: readonly (readonly [number, number])[] = [
  [0x7000, 0x10000],
  [0x170000, 0x180000],
];
/** The compiler's static data: decode tables and constants. */
const STATICS: readonly [number, number] = [0x10000, 0x80000];
const GENES_PER_INSTRUCTION = 7;
/** States that one memory image is run from: most of them end in a loop of faults before long. */
const STATES = 32;
/** STATE.ACTIVITY after a triple fault. */
const SHUTDOWN = 2;

export const FUZZ_MODES = [
  "real",
  "protected 16",
  "protected 32",
  "virtual-8086",
  "32-bit paging",
  "PAE",
  "compatibility",
  "64-bit",
  "64-bit, 5 levels",
] as const;
export type FuzzMode = (typeof FUZZ_MODES)[number];

/** The mode that a seed begins in. */
export function modeOf(seed: number): FuzzMode {
  return FUZZ_MODES[new Genes(seed).next() % FUZZ_MODES.length]!;
}

/** Control registers of a mode: CR0, CR4, EFER. */
const CONTROL: Record<FuzzMode, readonly [bigint, bigint, bigint]> = {
  real: [0x60000010n, 0n, 0n],
  "protected 16": [0x60000011n, 0n, 0n],
  "protected 32": [0x60000011n, 0x600n, 0n],
  "virtual-8086": [0x60000031n, 0x1n, 0n],
  "32-bit paging": [0x80010033n, 0x690n, 0n],
  PAE: [0x80010033n, 0x6b0n, 0x800n],
  compatibility: [0x80050033n, 0x6b0n, 0xd01n],
  "64-bit": [0x80050033n, 0x506b0n, 0xd01n],
  "64-bit, 5 levels": [0x80050033n, 0x516b0n, 0xd01n],
};

/** What memory holds that nobody may write. */
const CANARY = 0xa5;
const canaries = new Uint8Array(1 << 20).fill(CANARY);

function isUntouched(bytes: Uint8Array): boolean {
  return Buffer.compare(bytes, canaries.subarray(0, bytes.length)) === 0;
}

export class FuzzFailure extends Error {}

const shape = { sets: 2, ways: 4, xorShift: 0 } as const;
/** Small caches of every kind, each order of replacement, loads and stores apart. */
const TLB: TlbProfile = {
  name: "fuzz",
  note: "",
  arrays: [
    { ...shape, name: "i", level: 1, kind: "instruction", pages: ["4K", "2M"], replacement: "lru" },
    { ...shape, name: "l", level: 1, kind: "load", pages: ["4K", "1G"], replacement: "plru" },
    { ...shape, name: "s", level: 1, kind: "store", pages: ["4K", "4M"], replacement: "random" },
    {
      ...shape,
      name: "u",
      level: 2,
      kind: "unified",
      pages: ["4K", "2M", "4M"],
      replacement: "fifo",
    },
  ],
  guestPhysical: [{ ...shape, name: "g", pages: ["4K", "2M"], replacement: "lru" }],
  structures: (["guest", "ept"] as const).flatMap((tables) =>
    (["PDE", "PDPTE", "PML4E"] as const).map((entry) => ({
      tables,
      entry,
      sets: 2,
      ways: 2,
      replacement: "lru" as const,
    })),
  ),
};

export class FuzzMachine {
  readonly core: Core;
  readonly ram: number;
  /** Instructions (ticks of virtual time) executed so far. */
  executed = 0;
  private readonly statics: Uint8Array;
  private readonly rom = new Uint8Array(ROM_BYTES);
  private readonly guard: Uint8Array;
  private readonly forms: Record<16 | 32 | 64, Form[]>;
  private readonly builder = new InstructionBuilder();
  private genes = new Genes(0);

  private constructor(core: Core, ram: number) {
    this.core = core;
    this.ram = ram;
    this.statics = core.u8.slice(STATICS[0], STATICS[1]);
    for (const [first, end] of UNUSED) core.u8.fill(CANARY, first, end);
    this.guard = core.u8.subarray(ram + RAM_BYTES, ram + RAM_BYTES + GUARD_FRAMES * 4096);
    this.guard.fill(CANARY);
    this.forms = {
      16: allForms([16], true),
      32: allForms([32], true),
      64: allForms([64], true),
    };
  }

  static async create(): Promise<FuzzMachine> {
    let self: FuzzMachine | undefined;
    const noise = () => self!.genes.next();
    const core: Core = await Core.create({
      ...SILENT_IMPORTS,
      portRead: noise,
      mmioRead: noise,
      msrRead: () => {
        core.setResult(noise(), noise());
        return noise() & 1;
      },
      msrWrite: () => noise() & 1,
      tprRead: () => noise() & 15,
      acknowledgeInterrupt: () => {
        core.setState32(STATE.EVENTS, core.state32(STATE.EVENTS) & ~EVENT.INTR);
        return (noise() & 7) === 0 ? -1 : noise() & 0xff;
      },
      onHypercall: () => noise() & 1,
    });
    core.setMachine32(MACHINE_WORD.PHYS_BITS, 40);
    for (let i = 0; i < 8; i++) core.setMachine32(MACHINE_WORD.FEATURES + i * 4, 0xffffffff);
    writeGeometry(core, TLB);
    const ram = core.exports.configure((RAM_BYTES >> 12) + GUARD_FRAMES, 1, TLB.arrays.length);
    core.refreshViews();
    const range = LAYOUT.PHYSICAL_RANGES >> 3;
    core.u64[range] = 0n;
    core.u64[range + 1] = BigInt(RAM_BYTES);
    core.u32[(LAYOUT.PHYSICAL_RANGES + 16) >> 2] = ram;
    core.setMachine32(MACHINE_WORD.RANGES, 1);
    self = new FuzzMachine(core, ram);
    return self;
  }

  /**
   * Runs seed `seed`: one memory image, STATES states, together at most `ticks` ticks. Throws
   * FuzzFailure when an invariant is broken.
   */
  run(seed: number, ticks: number): void {
    const { core } = this;
    this.genes = new Genes(seed);
    const mode = FUZZ_MODES[this.genes.next() % FUZZ_MODES.length]!;
    core.exports.resetAll();
    this.fillMemory(mode);
    for (let state = 0; state < STATES; state++) {
      core.exports.restartProcessor();
      this.fillState(mode);
      this.runState(Math.ceil(ticks / STATES));
      this.check(mode, seed, state);
    }
  }

  private runState(ticks: number): void {
    const { core } = this;
    core.exports.beginSlice(0, ticks);
    for (let turn = 0; turn < ticks; turn++) {
      if (core.i32[(LAYOUT.STATE + STATE.REMAINING) >> 2]! <= 0) break;
      core.exports.runLoop();
      const activity = core.state32(STATE.ACTIVITY);
      if (activity === SHUTDOWN) break;
      // Wake it, and let it meet interrupts.
      const what = this.genes.next();
      let events = 0;
      if ((what & 3) === 0 || activity !== 0) events |= EVENT.INTR;
      if ((what & 0x1c) === 0) events |= EVENT.NMI;
      if ((what & 0x3e0) === 0 && activity !== 0) events |= EVENT.INIT | EVENT.SIPI;
      if (activity !== 0 && (what & 0x400) !== 0) core.setState32(STATE.ACTIVITY, 0);
      core.addEvents(events);
      if (activity !== 0 && turn > 64) break;
    }
    this.executed += core.exports.virtualTimeNumber();
  }

  private fillMemory(mode: FuzzMode): void {
    const { core, ram, genes } = this;
    const words = core.u32.subarray(ram >> 2, (ram + RAM_BYTES) >> 2);
    const style = genes.next();
    if ((style & 3) === 0) {
      for (let i = 0; i < 0x4000; i++) words[i] = genes.next();
    } else {
      words.fill(0, 0, 0x4000);
    }
    fillTables(core, ram, mode, genes);
    this.fillCode(mode, style);
    for (let i = 0; i < 0x800; i++) words[0x8000 + i] = pick(genes.next());
    this.rom.set(core.u8.subarray(ram + ROM_FIRST, ram + ROM_FIRST + ROM_BYTES));
    const flags = core.machine32(0x08) + (ROM_FIRST >> 12);
    core.u8.fill(0, core.machine32(0x08), flags);
    core.u8.fill(FRAME_READ_ONLY, flags, flags + (ROM_BYTES >> 12));
  }

  /** Instructions of the table one behind the other, with some noise between them. */
  private fillCode(mode: FuzzMode, style: number): void {
    const { core, ram, genes, builder } = this;
    const width = mode.startsWith("64") ? 64 : /real|16|8086/.test(mode) ? 16 : 32;
    const forms = this.forms[width];
    const own = new Uint32Array(GENES_PER_INSTRUCTION);
    let at = ram + CODE_FIRST;
    const end = at + CODE_BYTES - 32;
    while (at < end) {
      const gene = genes.next();
      if ((style & 0x70) === 0 || (gene & 31) === 0) {
        for (let i = 0; i < 8; i++) core.u8[at++] = genes.next() >>> 9;
        continue;
      }
      genes.fill(own);
      builder.build(forms[(gene >>> 5) % forms.length]!, own, 0);
      core.u8.set(builder.bytes.subarray(0, builder.length), at);
      at += builder.length;
    }
    core.exports.hostWritten(ram, RAM_BYTES);
  }

  private fillState(mode: FuzzMode): void {
    const { core, genes } = this;
    const state = LAYOUT.STATE;
    for (let r = 0; r < 16; r++) {
      const gene = genes.next();
      const at = (state + STATE.GPR + r * 8) >> 2;
      if ((gene & 1) !== 0) {
        core.u32[at] = (gene >>> 8) & (RAM_BYTES - 1);
        core.u32[at + 1] = 0;
      } else {
        core.u32[at] = pick(gene);
        core.u32[at + 1] = pickedHigh;
      }
    }
    for (let i = 0; i < 64; i++) core.u32[((state + STATE.XMM) >> 2) + i] = genes.next();
    for (let i = 0; i < 8; i++) {
      core.u32[((state + STATE.FPR) >> 2) + i * 4] = genes.next();
      core.u32[((state + STATE.FPR) >> 2) + i * 4 + 1] = genes.next();
      core.u32[((state + STATE.FPR) >> 2) + i * 4 + 2] = genes.next() & 0xffff;
    }
    core.setState32(STATE.FTW, genes.next() & 0xff);
    core.setState32(STATE.FTOP, genes.next() & 7);
    core.setState32(STATE.FCW, (genes.next() & 0x1f3f) | 0x40);
    core.setState32(STATE.MXCSR, genes.next() & 0xffff);
    const [cr0, cr4, efer] = CONTROL[mode];
    // CR4 bits that never make a state invalid: TSD, DE, PCE, UMIP, SMEP, SMAP, PKE; the last three
    // seldom, as all pages are the user's.
    const noise = genes.next();
    const extra = noise & ((noise & 0xe000) !== 0 || mode === "real" ? 0x90c : 0x70090c);
    core.setState64(STATE.CR0, cr0);
    core.setState64(STATE.CR4, cr4 | BigInt(extra));
    core.setState64(STATE.EFER, efer);
    core.setState64(STATE.CR3, 0x1000n);
    for (let i = 0; i < 4; i++) core.setState64(STATE.PDPTE + i * 8, 0x2001n);
    core.setState64(STATE.XCR0, 3n);
    this.fillSegments(mode);
    core.setState64(STATE.RIP, BigInt(this.entry(mode)));
    core.setState32(STATE.ACTIVITY, 0);
    core.setState32(STATE.FLAGS_REST, mode === "virtual-8086" ? 0x20002 : 2);
    if ((genes.next() & 63) === 0) {
      for (let i = 0; i < 4; i++)
        core.setState64(STATE.DR + i * 8, BigInt(genes.next() % RAM_BYTES));
      core.setState64(STATE.DR + 56, BigInt((genes.next() & 0xffff27ff) >>> 0) | 0x400n);
    }
    core.exports.applyState();
    const flags = genes.next() & (mode === "virtual-8086" ? 0x47ed5 : 0x3c47ed5 & ~0x3800000);
    core.exports.setFlagsWord((flags & ~0x100) | (mode === "virtual-8086" ? 0x20000 : 0));
  }

  private entry(mode: FuzzMode): number {
    const offset = this.genes.next() % (CODE_BYTES - 64);
    return /real|8086|protected 16/.test(mode) ? offset : CODE_FIRST + offset;
  }

  private fillSegments(mode: FuzzMode): void {
    const { core, genes } = this;
    const set = (i: number, selector: number, base: number, limit: number, access: number) => {
      core.setState32(STATE.SEG_SELECTOR + i * 4, selector);
      core.setState32(STATE.SEG_LIMIT + i * 4, limit);
      core.setState32(STATE.SEG_ACCESS + i * 4, access);
      core.setState64(STATE.GPR + (SLOT.ES_BASE + i) * 8, BigInt(base));
    };
    const level = mode === "virtual-8086" ? 3 : mode === "real" ? 0 : (genes.next() & 1) * 3;
    const dpl = level << 5;
    core.setState32(STATE.CPL, level);
    const narrow = /real|8086|protected 16/.test(mode);
    const code = mode.startsWith("64") ? 0xa09b : narrow ? 0x9b : 0xc09b;
    const limit = narrow ? 0xffff : 0xffffffff;
    for (let i = 0; i < 6; i++) {
      const access = (i === 1 ? code : narrow ? 0x93 : 0xc093) | dpl;
      if (mode === "real" || mode === "virtual-8086") {
        const selector = i === 1 ? CODE_FIRST >> 4 : genes.next() & 0x1fff;
        set(i, selector, selector << 4, 0xffff, mode === "real" ? (i === 1 ? 0x9b : 0x93) : 0xf3);
      } else {
        const selector = (i === 1 ? 8 : 16) + (level === 3 ? 0x1b : 0);
        set(i, selector, narrow ? CODE_FIRST : 0, limit, access);
      }
    }
    const long = mode.startsWith("64") || mode === "compatibility";
    set(6, 0x50, 0x9000, 0xfff, 0x82);
    set(7, 0x40, 0xa000, long ? 0x67 : 0x20ab, 0x8b);
    core.setState64(STATE.GDTR_BASE, 0x8000n);
    core.setState32(STATE.GDTR_LIMIT, 0xfff);
    core.setState64(STATE.IDTR_BASE, mode === "real" ? 0n : 0xc000n);
    core.setState32(STATE.IDTR_LIMIT, mode === "real" ? 0x3ff : 0xfff);
  }

  /** Everything that no guest may bring about. */
  private check(mode: FuzzMode, seed: number, state: number): void {
    const { core, ram } = this;
    const fail = (what: string) => {
      throw new FuzzFailure(`seed ${seed}, state ${state} (${mode}): ${what}`);
    };
    if (Buffer.compare(core.u8.subarray(STATICS[0], STATICS[1]), this.statics) !== 0) {
      fail("the core's static data has changed");
    }
    for (const [first, end] of UNUSED) {
      if (!isUntouched(core.u8.subarray(first, end))) fail("a store into unused memory");
    }
    if (!isUntouched(this.guard)) fail("a store behind the guest's memory");
    const rom = core.u8.subarray(ram + ROM_FIRST, ram + ROM_FIRST + ROM_BYTES);
    if (Buffer.compare(rom, this.rom) !== 0) fail("a store to ROM");
    if (core.state64(STATE.GPR + SLOT.ZERO * 8) !== 0n) fail("the slot that is 0 is not");
    if (core.state32(STATE.CPL) > 3) fail("CPL above 3");
    if (core.state32(STATE.FTOP) > 7 || core.state32(STATE.FTW) > 0xff) fail("x87 stack state");
    if (core.state32(STATE.CODE_SIZE) > 2) fail("code size");
    const cr0 = core.state64(STATE.CR0);
    if ((cr0 & 0x80000000n) !== 0n && (cr0 & 1n) === 0n) fail("paging without protection");
    const long = (core.state64(STATE.EFER) & 0x400n) !== 0n;
    if (long && (core.state64(STATE.CR4) & 0x20n) === 0n) fail("IA-32e mode without PAE");
    const rip = core.state64(STATE.RIP);
    if (!long && rip > 0xffffffffn) fail(`RIP ${rip.toString(16)} outside IA-32e mode`);
    if (core.machine32(0x2c) > 0x1200000) fail("the arena has overflowed");
  }
}
