/**
 * Our core as a user program sees a processor: privilege level 3 under a kernel that only catches
 * exceptions, with the pages and segments of layout.ts at the same linear addresses as natively.
 */
import { Core, LAYOUT, MACHINE_WORD, SILENT_IMPORTS, STOP } from "../../src/core/core.ts";
import { EVENT, SLOT, STATE } from "../../src/generated/state.ts";
import { writeGeometry } from "../../src/machine/geometry.ts";
import { FEATURES } from "../../src/tables/features.ts";
import type { TlbProfile } from "../../src/tables/tlb-profiles.ts";
import {
  baseContents,
  CASE_FLAGS_AT,
  CASE_FLOATING_AT,
  CODE,
  CR2_AT,
  END,
  END32,
  ENDED,
  ENDING_AT,
  ERROR_AT,
  FLOATING_AT,
  FS_BASE_AT,
  GS_BASE_AT,
  OWN_FLOATING,
  PAGE,
  PAGES,
  PATCH_COUNT_AT,
  PATCHES_AT,
  RESULT_BYTES,
  RFLAGS_AT,
  RIP_AT,
  SEGMENTS,
  SELECTOR,
  SELECTORS_AT,
  STOPPED,
  TIMED_OUT,
  TRAP_AT,
} from "./layout.ts";

const RAM_BYTES = 4 << 20;
// Guest-physical addresses of what only the kernel sees.
const TABLES = 0x1000;
const GDT = 0x40000;
const LDT = 0x41000;
const IDT = 0x42000;
const TSS = 0x44000;
const KERNEL_STACK = 0x48000;
/** Where every exception leads: a HLT. */
const HANDLER = 0x4a000;
const HLT = 0xf4;
const PAGES_AT = 0x100000;
/** Linear address of guest-physical 0 for the kernel. */
const KERNEL = 0xffff800000000000n;

/** Feature word and bit of 5-level paging, which Linux programs see only if they ask for it. */
const LA57 = FEATURES.findIndex((row) => row.name === "LA57");
const INSTRUCTIONS_MAX = 20000;
/** Cases between two flushes of all translations. */
const FLUSH_EVERY = 64;
/** CS, SS, DS, ES, FS, GS as the core numbers them. */
const ORDER = [1, 2, 3, 0, 4, 5] as const;
const UNUSABLE = 0x10000;
/** Event types from here on are software interrupts and exceptions. */
const KIND_SOFTWARE = 4;
const PF_FETCH = 16;
const VECTOR_PF = 14;

interface Segment {
  readonly base: number;
  readonly limit: number;
  readonly access: number;
}

/** What loading each selector gives, in the rights format of VMX. */
function segments(): Map<number, Segment> {
  const map = new Map<number, Segment>([
    [SELECTOR.CODE64, { base: 0, limit: 0xffffffff, access: 0xa0fb }],
    [SELECTOR.CODE32, { base: 0, limit: 0xffffffff, access: 0xc0fb }],
    [SELECTOR.DATA, { base: 0, limit: 0xffffffff, access: 0xc0f3 }],
  ]);
  SEGMENTS.forEach((row, i) => {
    const access = row.access | (row.big ? 0x4000 : 0);
    map.set(i * 8 + 7, { base: row.base, limit: row.limit, access });
  });
  return map;
}

/** One array for all sizes and kinds. */
const TLB: TlbProfile = {
  name: "small",
  note: "",
  arrays: [
    {
      name: "unified",
      level: 1,
      kind: "unified",
      pages: ["4K", "2M", "4M", "1G"],
      sets: 64,
      ways: 4,
      xorShift: 0,
      replacement: "fifo",
    },
  ],
};

export class UserCore {
  readonly core: Core;
  /** The pages of layout.ts in the core's memory. */
  readonly pages: Uint8Array[];
  /** What they hold at the start of the case at hand. */
  readonly before: Uint8Array[] = baseContents();
  /** Outcome of the last run, laid out as a native result; no page contents. */
  readonly result = new Uint8Array(RESULT_BYTES);
  readonly resultWords = new Uint32Array(this.result.buffer);
  private readonly base = baseContents();
  private readonly segments = segments();
  private readonly ram: number;
  private readonly snapshot: Uint8Array;
  private caught = false;
  private software = false;
  private runs = 0;

  private constructor(core: Core, ram: number, missing: readonly number[]) {
    this.core = core;
    this.ram = ram;
    this.pages = PAGES.map((_, i) => {
      const at = ram + PAGES_AT + i * PAGE;
      return core.u8.subarray(at, at + PAGE);
    });
    this.pages.forEach((page, i) => {
      page.set(this.base[i]!);
    });
    this.writeTables(missing);
    this.writeDescriptors();
    this.writeSystemState();
    this.snapshot = core.u8.slice(LAYOUT.STATE, LAYOUT.STATE + LAYOUT.STATE_BYTES);
  }

  /** A core with every feature; `missing` names pages (by index) that stay unmapped. */
  static async create(missing: readonly number[] = []): Promise<UserCore> {
    let self: UserCore | undefined;
    const core: Core = await Core.create({
      ...SILENT_IMPORTS,
      portRead: () => 0xffffffff,
      mmioRead: () => 0xffffffff,
      onException: (vector, kind, error) => self?.onException(vector, kind, error),
    });
    core.setMachine32(MACHINE_WORD.PHYS_BITS, 46);
    for (let i = 0; i < 8; i++) core.setMachine32(MACHINE_WORD.FEATURES + i * 4, 0xffffffff);
    // It widens what WRFSBASE and others call canonical.
    core.setMachine32(MACHINE_WORD.FEATURES + (LA57 >> 5) * 4, ~(1 << (LA57 & 31)) >>> 0);
    writeGeometry(core, TLB);
    const ram = core.exports.configure(RAM_BYTES >> 12, 1, TLB.arrays.length);
    core.refreshViews();
    const range = LAYOUT.PHYSICAL_RANGES >> 3;
    core.u64[range] = 0n;
    core.u64[range + 1] = BigInt(RAM_BYTES);
    core.u32[(LAYOUT.PHYSICAL_RANGES + 16) >> 2] = ram;
    core.setMachine32(MACHINE_WORD.RANGES, 1);
    core.exports.resetAll();
    self = new UserCore(core, ram, missing);
    return self;
  }

  private writeTables(missing: readonly number[]): void {
    let next = TABLES + PAGE;
    const entry = (table: number, index: number) => (this.ram + table + index * 8) >> 3;
    const below = (table: number, index: number): number => {
      const at = entry(table, index);
      if (this.core.u64[at] === 0n) {
        this.core.u64[at] = BigInt(next) | 7n;
        next += PAGE;
      }
      return Number(this.core.u64[at]! & 0xffffff000n);
    };
    const index = (gla: bigint, level: bigint) => Number((gla >> (3n + 9n * level)) & 0x1ffn);
    PAGES.forEach((page, i) => {
      if (missing.includes(i)) return;
      let table = TABLES;
      for (const level of [4n, 3n, 2n]) table = below(table, index(page.address, level));
      const rights = 5n | (page.write ? 2n : 0n) | (page.execute ? 0n : 1n << 63n);
      this.core.u64[entry(table, index(page.address, 1n))] = BigInt(PAGES_AT + i * PAGE) | rights;
    });
    // The kernel's view of all RAM, in large supervisor pages.
    const high = below(below(TABLES, index(KERNEL, 4n)), index(KERNEL, 3n));
    for (let i = 0; i < RAM_BYTES >> 21; i++) {
      this.core.u64[entry(high, i)] = (BigInt(i) << 21n) | 0x83n;
    }
    if (next > GDT) throw new Error("the page tables reach into the descriptor tables");
  }

  /** Descriptor `index` of the table at `table`. */
  private writeDescriptor(table: number, index: number, row: Segment): void {
    const paged = row.limit > 0xfffff;
    const limit = paged ? row.limit >>> 12 : row.limit;
    const at = (this.ram + table + index * 8) >> 2;
    this.core.u32[at] = (limit & 0xffff) | (row.base << 16);
    this.core.u32[at + 1] =
      ((row.base >>> 16) & 0xff) |
      ((row.access & 0x70ff) << 8) |
      (limit & 0xf0000) |
      (paged ? 0x800000 : 0) |
      (row.base & 0xff000000);
  }

  private writeDescriptors(): void {
    // As Linux arranges them, so that LAR and LSL see the same.
    this.writeDescriptor(GDT, 1, { base: 0, limit: 0xffffffff, access: 0xc09b });
    this.writeDescriptor(GDT, 2, { base: 0, limit: 0xffffffff, access: 0xa09b });
    this.writeDescriptor(GDT, 3, { base: 0, limit: 0xffffffff, access: 0xc093 });
    for (const selector of [SELECTOR.CODE32, SELECTOR.DATA, SELECTOR.CODE64]) {
      this.writeDescriptor(GDT, selector >> 3, this.segments.get(selector)!);
    }
    this.writeDescriptor(GDT, 8, { base: TSS, limit: 0x67, access: 0x8b });
    this.writeDescriptor(GDT, 10, { base: LDT, limit: SEGMENTS.length * 8 - 1, access: 0x82 });
    // What Linux keeps the number of the processor in.
    this.writeDescriptor(GDT, 15, { base: 0, limit: 0, access: 0x40f5 });
    const top = (this.ram + GDT) >> 2;
    this.core.u32[top + 18] = this.core.u32[top + 22] = Number(KERNEL >> 32n);
    SEGMENTS.forEach((_, i) => {
      this.writeDescriptor(LDT, i, this.segments.get(i * 8 + 7)!);
    });
    for (let vector = 0; vector < 256; vector++) {
      const dpl = vector === 3 || vector === 4 ? 0x60 : 0;
      const at = (this.ram + IDT + vector * 16) >> 2;
      this.core.u32[at] = 0x00100000 | (HANDLER & 0xffff);
      this.core.u32[at + 1] = ((HANDLER & 0xffff0000) | 0x8e00 | (dpl << 8)) >>> 0;
      this.core.u32[at + 2] = Number(KERNEL >> 32n);
    }
    this.core.u8[this.ram + HANDLER] = HLT;
    const rsp0 = KERNEL + BigInt(KERNEL_STACK);
    this.core.u32[(this.ram + TSS + 4) >> 2] = Number(rsp0 & 0xffffffffn);
    this.core.u32[(this.ram + TSS + 8) >> 2] = Number(rsp0 >> 32n);
    this.core.u32[(this.ram + TSS + 0x64) >> 2] = 0x680000;
  }

  private writeSystemState(): void {
    const { core } = this;
    // As Linux runs user programs: alignment checks on, SMEP, SMAP, FSGSBASE, OSXSAVE, UMIP.
    core.setState64(STATE.CR0, 0x80050033n);
    core.setState64(STATE.CR3, BigInt(TABLES));
    core.setState64(STATE.CR4, 0x350ee0n);
    core.setState64(STATE.EFER, 0xd01n);
    core.setState64(STATE.XCR0, 7n);
    core.setState64(STATE.GDTR_BASE, KERNEL + BigInt(GDT));
    core.setState32(STATE.GDTR_LIMIT, 127);
    core.setState64(STATE.IDTR_BASE, KERNEL + BigInt(IDT));
    core.setState32(STATE.IDTR_LIMIT, 0xfff);
    core.setState64(STATE.GPR + SLOT.LDTR_BASE * 8, KERNEL + BigInt(LDT));
    core.setState64(STATE.GPR + SLOT.TR_BASE * 8, KERNEL + BigInt(TSS));
    core.u32.set([0x50, 0x40], (LAYOUT.STATE + STATE.SEG_SELECTOR + 24) >> 2);
    core.u32.set([0x82, 0x8b], (LAYOUT.STATE + STATE.SEG_ACCESS + 24) >> 2);
    core.u32.set([SEGMENTS.length * 8 - 1, 0x67], (LAYOUT.STATE + STATE.SEG_LIMIT + 24) >> 2);
    core.setState32(STATE.CPL, 3);
    core.setState32(STATE.FCW, 0x37f);
    core.setState32(STATE.FSW, 0);
    core.setState32(STATE.FTOP, 0);
    core.setState32(STATE.FTW, 0);
    core.setState32(STATE.MXCSR, 0x1f80);
    core.setState32(STATE.ACTIVITY, 0);
    this.loadSegment(1, SELECTOR.CODE64);
    this.loadSegment(2, SELECTOR.DATA);
    core.exports.setHooks(2);
    core.exports.applyState();
  }

  private loadSegment(segment: number, selector: number): void {
    const { core } = this;
    const row = this.segments.get(selector);
    core.setState32(STATE.SEG_SELECTOR + segment * 4, selector);
    core.setState32(STATE.SEG_ACCESS + segment * 4, row ? row.access : UNUSABLE);
    core.setState32(STATE.SEG_LIMIT + segment * 4, row ? row.limit : 0);
    const at = (LAYOUT.STATE + STATE.GPR + (SLOT.ES_BASE + segment) * 8) >> 2;
    core.u32[at] = row ? row.base : 0;
    core.u32[at + 1] = 0;
  }

  /** Puts the pages into the state that the case at `at` of `memory` asks for. */
  private applyPatches(memory: Uint8Array, at: number): void {
    const view = new DataView(memory.buffer, memory.byteOffset);
    const count = view.getUint16(at + PATCH_COUNT_AT, true);
    for (let i = 0; i < count; i++) {
      const row = at + PATCHES_AT + i * 8;
      const page = view.getUint16(row, true);
      const offset = view.getUint16(row + 2, true);
      const length = view.getUint16(row + 4, true);
      const from = at + view.getUint16(row + 6, true);
      const bytes = memory.subarray(from, from + length);
      this.pages[page]!.set(bytes, offset);
      this.before[page]!.set(bytes, offset);
      if (PAGES[page]!.execute) this.noteCode(page, offset, length);
    }
  }

  private noteCode(page: number, offset: number, length: number): void {
    this.core.exports.hostWritten(this.ram + PAGES_AT + page * PAGE + offset, length);
  }

  /** Takes the patches of the last case back; `changed` lists the pages that the case wrote. */
  restore(memory: Uint8Array, at: number): void {
    const view = new DataView(memory.buffer, memory.byteOffset);
    const count = view.getUint16(at + PATCH_COUNT_AT, true);
    for (let i = 0; i < count; i++) {
      const row = at + PATCHES_AT + i * 8;
      const page = view.getUint16(row, true);
      const offset = view.getUint16(row + 2, true);
      const length = view.getUint16(row + 4, true);
      const bytes = this.base[page]!.subarray(offset, offset + length);
      this.pages[page]!.set(bytes, offset);
      this.before[page]!.set(bytes, offset);
      if (PAGES[page]!.execute) this.noteCode(page, offset, length);
    }
  }

  /** Makes page `page` what it was before the case. */
  resetPage(page: number): void {
    this.pages[page]!.set(this.before[page]!);
  }

  /** Runs the case at `at` of `memory`; the outcome is in `result` and `pages`. */
  run(memory: Uint8Array, at: number): void {
    const { core } = this;
    const view = new DataView(memory.buffer, memory.byteOffset);
    core.u8.set(this.snapshot, LAYOUT.STATE);
    this.applyPatches(memory, at);
    core.u8.set(memory.subarray(at, at + 128), LAYOUT.STATE + STATE.GPR);
    core.setState64(STATE.RIP, view.getBigUint64(at + RIP_AT, true));
    for (let i = 0; i < 6; i++) {
      this.loadSegment(ORDER[i]!, view.getUint16(at + SELECTORS_AT + i * 2, true));
    }
    const long = view.getUint16(at + SELECTORS_AT, true) === SELECTOR.CODE64;
    if (long) {
      const fs = LAYOUT.STATE + STATE.GPR + SLOT.FS_BASE * 8;
      core.u8.set(memory.subarray(at + FS_BASE_AT, at + FS_BASE_AT + 16), fs);
    }
    if ((view.getUint16(at + CASE_FLAGS_AT, true) & OWN_FLOATING) !== 0) {
      const image = memory.subarray(at + CASE_FLOATING_AT, at + CASE_FLOATING_AT + 512);
      core.u8.set(image, LAYOUT.SCRATCH);
      core.exports.loadFloating(LAYOUT.SCRATCH);
    }
    if (this.runs++ % FLUSH_EVERY === 0) core.exports.applyState();
    else core.exports.refreshState();
    core.exports.setFlagsWord(view.getUint32(at + RFLAGS_AT, true));
    this.caught = false;
    this.software = false;
    core.exports.beginSlice(0, INSTRUCTIONS_MAX);
    let stop = core.exports.runLoop();
    // PAUSE offers the processor to others.
    while (stop === STOP.RESCHEDULE && !this.caught) stop = core.exports.runLoop();
    if (this.caught) return;
    this.capture();
    this.resultWords[ENDING_AT >> 2] = stop === STOP.SLICE ? TIMED_OUT : STOPPED;
  }

  private onException(vector: number, kind: number, error: number): void {
    if (this.caught && !this.software) return;
    this.caught = true;
    // What a software interrupt meets at its gate replaces it.
    this.software = (kind & 7) >= KIND_SOFTWARE;
    const { core } = this;
    core.addEvents(EVENT.STOP);
    this.capture();
    const words = this.resultWords;
    // INT n, INT3 and INTO push the address behind themselves.
    if ((kind & 7) >= KIND_SOFTWARE) {
      words[RIP_AT >> 2] = words[RIP_AT >> 2]! + core.state32(STATE.FAULT_LENGTH);
    }
    const cr2 = core.state64(STATE.FAULT_CR2);
    words[TRAP_AT >> 2] = vector;
    words[ERROR_AT >> 2] = error;
    words[CR2_AT >> 2] = vector === VECTOR_PF ? Number(cr2 & 0xffffffffn) : 0;
    words[(CR2_AT >> 2) + 1] = vector === VECTOR_PF ? Number(cr2 >> 32n) : 0;
    words[ENDING_AT >> 2] = 1;
    if (vector === VECTOR_PF && (error & PF_FETCH) !== 0 && core.state64(STATE.RIP) === cr2) {
      if (cr2 === BigInt(END) || cr2 === BigInt(END32)) {
        words[ENDING_AT >> 2] = ENDED;
        words[RIP_AT >> 2] = END;
      }
    }
  }

  /** Copies the registers into `result`. */
  private capture(): void {
    const { core, result, resultWords: words } = this;
    const state = LAYOUT.STATE;
    result.set(core.u8.subarray(state + STATE.GPR, state + STATE.GPR + 128), 0);
    result.set(core.u8.subarray(state + STATE.RIP, state + STATE.RIP + 8), RIP_AT);
    words[RFLAGS_AT >> 2] = core.exports.readFlags();
    words[(RFLAGS_AT >> 2) + 1] = 0;
    const fs = state + STATE.GPR + SLOT.FS_BASE * 8;
    const gs = state + STATE.GPR + SLOT.GS_BASE * 8;
    result.set(core.u8.subarray(fs, fs + 8), FS_BASE_AT);
    result.set(core.u8.subarray(gs, gs + 8), GS_BASE_AT);
    for (let i = 0; i < 6; i++) {
      const selector = core.state32(STATE.SEG_SELECTOR + ORDER[i]! * 4);
      result[SELECTORS_AT + i * 2] = selector;
      result[SELECTORS_AT + i * 2 + 1] = selector >>> 8;
    }
  }

  /** Adds the x87 and SSE state, as FXSAVE would write it, to `result`. */
  captureFloating(): void {
    const { core } = this;
    core.exports.storeFloating(LAYOUT.SCRATCH);
    this.result.set(core.u8.subarray(LAYOUT.SCRATCH, LAYOUT.SCRATCH + 512), FLOATING_AT);
  }

  /** Address of the code page, for callers that place bytes themselves. */
  static readonly CODE = CODE;
}
