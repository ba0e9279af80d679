/** The side of the comparison where all memory is RAM: one instruction on the core. */
import { LAYOUT } from "../../src/core/core.ts";
import { EVENT, SLOT, STATE } from "../../src/generated/state.ts";
import { BareCore } from "../support/bare-core.ts";
import { type Case, STRINGS } from "./emulator-cases.ts";
import {
  CODE,
  CONTROL,
  DEVICE,
  DEVICE_BYTES,
  FLOATING_BYTES,
  GDT,
  GDT_LIMIT,
  type Mode,
  PAGE_TABLES,
  PAGES,
  segmentsOf,
  writePageTables,
} from "./emulator-layout.ts";
import type { Result } from "./emulator-result.ts";

const CODE_PAGE = PAGES.indexOf(CODE);
/** Event types from here on are software interrupts and exceptions. */
const KIND_SOFTWARE = 4;
const VECTOR_DB = 1;
const DR6_BT = 0x8000;
const VECTOR_PF = 14;
/** Slices in which a repeated string instruction has to end. */
const SLICES_MAX = 64;

export class BareSide {
  private readonly bare: BareCore;
  private mode: Mode | undefined;
  private vector = -1;
  private error = 0;
  private atException: Partial<Result> = {};

  private constructor(bare: BareCore) {
    this.bare = bare;
  }

  static async create(model: string): Promise<BareSide> {
    let self: BareSide | undefined;
    const bare = await BareCore.create(model, undefined, {
      onException: (vector, kind, error) => {
        if ((kind & 7) < KIND_SOFTWARE) self?.caught(vector, error);
      },
    });
    self = new BareSide(bare);
    return self;
  }

  private caught(vector: number, error: number): void {
    if (this.vector >= 0) return;
    const { core } = this.bare;
    this.vector = vector;
    this.error = error;
    // What delivery then changes is not of the instruction.
    this.atException = this.registers();
    const cr2 = vector === VECTOR_PF ? core.state64(STATE.FAULT_CR2) : 0n;
    this.atException = { ...this.atException, cr2, device: this.device(), pages: this.pages() };
    core.addEvents(EVENT.STOP);
  }

  /** @param faultsLater the instruction may fault where RIP has changed, as task switches do */
  run(test: Case, contents: readonly Uint8Array[], faultsLater = false): Result {
    const { bare } = this;
    const { core } = bare;
    PAGES.forEach((page, i) => {
      bare.bytes(page, 0x1000).set(contents[i]!);
    });
    bare.bytes(CODE, test.bytes.length).set(test.bytes);
    core.exports.hostWritten(bare.ram + PAGES[CODE_PAGE]!, 0x1000);
    bare.bytes(DEVICE, DEVICE_BYTES).set(test.device);
    this.load(test);
    this.vector = -1;
    this.error = 0;
    const start = core.state64(STATE.RIP);
    const isRepeated = STRINGS.has(test.form.row.mnemonic);
    for (let i = 0; i < SLICES_MAX; i++) {
      core.exports.beginSlice(0, 1);
      core.exports.runLoop();
      if (this.vector >= 0 || !isRepeated || core.state64(STATE.RIP) !== start) break;
    }
    const now = this.vector >= 0 ? this.atException : this.registers();
    // The trap flag of a task-state segment traps when the slice has ended.
    if (this.vector < 0 && (core.state32(STATE.PENDING_DEBUG) & DR6_BT) !== 0) {
      this.vector = VECTOR_DB;
    }
    // The next instruction has been fetched at once, which is none of this one's business.
    const isLater = this.vector >= 0 && this.vector !== VECTOR_DB && now.rip !== start;
    if (isLater && !faultsLater) {
      this.vector = -1;
      this.error = 0;
    }
    const memory = { device: this.device(), pages: this.pages() };
    const cr2 = this.vector < 0 ? 0n : (now.cr2 ?? 0n);
    return { ...memory, ...now, cr2, vector: this.vector, error: this.error } as Result;
  }

  private load(test: Case): void {
    const { core, ram } = this.bare;
    const { mode } = test;
    writePageTables((gpa, value) => {
      core.u64[(ram + gpa) >> 3] = value;
    });
    const [cr0, cr4, efer] = CONTROL[mode];
    core.setState64(STATE.CR0, BigInt(cr0));
    core.setState64(STATE.CR3, BigInt(PAGE_TABLES));
    core.setState64(STATE.CR4, BigInt(cr4));
    core.setState64(STATE.EFER, BigInt(efer));
    segmentsOf(mode).forEach((segment, i) => {
      core.setState32(STATE.SEG_SELECTOR + i * 4, segment.selector);
      core.setState32(STATE.SEG_LIMIT + i * 4, segment.limit);
      core.setState32(STATE.SEG_ACCESS + i * 4, segment.access);
      const base = i === 2 && mode !== 64 ? test.stackBase : segment.base;
      core.setState64(STATE.GPR + (SLOT.ES_BASE + i) * 8, BigInt(base));
    });
    core.setState64(STATE.GDTR_BASE, BigInt(GDT));
    core.setState32(STATE.GDTR_LIMIT, GDT_LIMIT);
    core.setState64(STATE.IDTR_BASE, 0n);
    core.setState32(STATE.IDTR_LIMIT, 0xffff);
    core.setState32(STATE.CPL, 0);
    core.setState64(STATE.CR2, 0n);
    core.setState64(STATE.DR + 48, 0xffff0ff0n);
    core.setState32(STATE.ACTIVITY, 0);
    core.setState32(STATE.FAULT, 0);
    core.setState32(STATE.EVENTS, 0);
    core.setState32(STATE.PENDING_DEBUG, 0);
    core.setState32(STATE.INTERRUPTIBILITY, 0);
    test.gpr.forEach((value, i) => {
      this.bare.setGpr(i, value);
    });
    core.setState64(STATE.RIP, mode === 16 ? 0n : BigInt(CODE));
    core.u8.set(test.floating, LAYOUT.SCRATCH);
    core.exports.loadFloating(LAYOUT.SCRATCH);
    if (this.mode !== mode) core.exports.applyState();
    else core.exports.refreshState();
    this.mode = mode;
    core.exports.setFlagsWord(test.rflags);
  }

  private registers(): Partial<Result> {
    const { core } = this.bare;
    core.exports.storeFloating(LAYOUT.SCRATCH);
    return {
      rip: core.state64(STATE.RIP),
      rflags: core.exports.readFlags(),
      gpr: Array.from({ length: 16 }, (_, i) => this.bare.gpr(i)),
      segments: Array.from({ length: 8 }, (_, i) => [
        core.state32(STATE.SEG_SELECTOR + i * 4),
        core.state64(STATE.GPR + (SLOT.ES_BASE + i) * 8),
        core.state32(STATE.SEG_LIMIT + i * 4),
        core.state32(STATE.SEG_ACCESS + i * 4),
      ]),
      gdtr: [core.state64(STATE.GDTR_BASE), core.state32(STATE.GDTR_LIMIT)],
      idtr: [core.state64(STATE.IDTR_BASE), core.state32(STATE.IDTR_LIMIT)],
      cr0: Number(core.state64(STATE.CR0)),
      floating: core.u8.slice(LAYOUT.SCRATCH, LAYOUT.SCRATCH + FLOATING_BYTES),
    };
  }

  private device(): Uint8Array {
    return this.bare.bytes(DEVICE, DEVICE_BYTES).slice();
  }

  private pages(): Uint8Array[] {
    return PAGES.map((page) => this.bare.bytes(page, 0x1000).slice());
  }
}
