/**
 * A core without a platform, for tests of instructions: 64-bit code in flat segments, one page table
 * that maps the first gigabyte to itself, RAM of 4 MiB, every feature advertised.
 */
import {
  Core,
  type CoreImports,
  LAYOUT,
  MACHINE_WORD,
  SILENT_IMPORTS,
  STOP,
} from "../../src/core/core.ts";
import { EVENT, SLOT, STATE } from "../../src/generated/state.ts";
import { writeGeometry } from "../../src/machine/geometry.ts";
import { writeVmx } from "../../src/machine/vmx-capabilities.ts";
import { CPU_MODELS } from "../../src/tables/cpu-models.ts";
import { FEATURES } from "../../src/tables/features.ts";
import type { TlbProfile } from "../../src/tables/tlb-profiles.ts";

export const RAM_BYTES = 4 << 20;
/** Where `run` puts the code. */
export const CODE = 0x10000;
/** A page for the code's own data. */
export const DATA = 0x20000;
const PAGE_TABLES = 0x1000;

export interface Outcome {
  /** Vector of the exception that ended the run, or -1 when the code ran to its end. */
  vector: number;
  error: number;
  rip: bigint;
}

/** Writes width of addresses, features and VMX of the model. */
function advertise(core: Core, modelName: string | undefined): void {
  const words = new Array(8).fill(0xffffffff);
  const model = CPU_MODELS.find(({ name }) => name === modelName);
  if (model !== undefined) {
    words.fill(0);
    FEATURES.forEach(({ name }, i) => {
      if (model.features.includes(name)) words[i >> 5] |= 1 << (i & 31);
    });
  }
  words.forEach((word, i) => {
    core.setMachine32(MACHINE_WORD.FEATURES + i * 4, word);
  });
  core.setMachine32(MACHINE_WORD.PHYS_BITS, model?.physicalAddressBits ?? 46);
  if (model !== undefined) writeVmx(core, model);
}

const wide = { pages: ["4K", "2M", "4M", "1G"], xorShift: 0, replacement: "fifo" } as const;

/** One array for all sizes and kinds, and nothing else. */
export const SMALL_TLB: TlbProfile = {
  name: "small",
  note: "",
  arrays: [{ name: "unified", level: 1, kind: "unified", sets: 64, ways: 4, ...wide }],
};

export class BareCore {
  readonly core: Core;
  /** Pointer of guest-physical address 0. */
  readonly ram: number;
  private outcome: Outcome = { vector: -1, error: 0, rip: 0n };

  private constructor(core: Core, ram: number) {
    this.core = core;
    this.ram = ram;
  }

  /**
   * @param modelName a CPU model; without one, every feature is advertised but VMX does not work.
   * @param tlb the caches of translations.
   * @param imports what replaces the platform's answers.
   */
  static async create(
    modelName?: string,
    tlb: TlbProfile = SMALL_TLB,
    imports: Partial<CoreImports> = {},
  ): Promise<BareCore> {
    let self: BareCore | undefined;
    const core: Core = await Core.create({
      ...SILENT_IMPORTS,
      portRead: () => 0xffffffff,
      mmioRead: () => 0xffffffff,
      onException: (vector, _kind, error) => {
        if (!self || self.outcome.vector >= 0) return;
        self.outcome = { vector, error, rip: core.state64(STATE.RIP) };
        core.addEvents(EVENT.STOP);
      },
      ...imports,
    });
    advertise(core, modelName);
    // Whoever answers for provenance follows translations.
    if (imports.tlbFill) core.setMachine32(MACHINE_WORD.SANITIZE, 1);
    writeGeometry(core, tlb);
    const ram = core.exports.configure(RAM_BYTES >> 12, 1, tlb.arrays.length);
    core.refreshViews();
    const range = LAYOUT.PHYSICAL_RANGES >> 3;
    core.u64[range] = 0n;
    core.u64[range + 1] = BigInt(RAM_BYTES);
    core.u32[(LAYOUT.PHYSICAL_RANGES + 16) >> 2] = ram;
    core.setMachine32(MACHINE_WORD.RANGES, 1);
    core.exports.resetAll();
    self = new BareCore(core, ram);
    self.reset();
    return self;
  }

  /** 64-bit mode at level 0, SSE and x87 usable, registers 0. */
  reset(): void {
    const { core } = this;
    const tables = (this.ram + PAGE_TABLES) >> 3;
    core.u64[tables] = BigInt(PAGE_TABLES + 0x1000) | 7n;
    core.u64[tables + 512] = BigInt(PAGE_TABLES + 0x2000) | 7n;
    for (let i = 0; i < 512; i++) core.u64[tables + 1024 + i] = BigInt(i << 21) | 0x87n;
    core.setState64(STATE.CR3, BigInt(PAGE_TABLES));
    core.setState64(STATE.CR0, 0x80000033n);
    core.setState64(STATE.CR4, 0x40620n & core.exports.cr4Permitted());
    core.setState64(STATE.EFER, 0xd00n);
    core.setState64(STATE.XCR0, 3n);
    for (let i = 0; i < 6; i++) {
      core.setState32(STATE.SEG_SELECTOR + i * 4, i === 1 ? 8 : 16);
      core.setState32(STATE.SEG_LIMIT + i * 4, 0xffffffff);
      core.setState32(STATE.SEG_ACCESS + i * 4, i === 1 ? 0xa09b : 0xc093);
      core.setState64(STATE.GPR + (SLOT.ES_BASE + i) * 8, 0n);
    }
    core.setState32(STATE.CPL, 0);
    core.setState32(STATE.FCW, 0x37f);
    core.setState32(STATE.FSW, 0);
    core.setState32(STATE.FTOP, 0);
    core.setState32(STATE.FTW, 0);
    core.setState32(STATE.MXCSR, 0x1f80);
    core.exports.setHooks(2);
    core.exports.applyState();
  }

  /** General register by number. */
  gpr(index: number): bigint {
    return this.core.state64(STATE.GPR + index * 8);
  }

  setGpr(index: number, value: bigint): void {
    this.core.setState64(STATE.GPR + index * 8, BigInt.asUintN(64, value));
  }

  /** RAM as bytes. */
  bytes(gpa: number, length: number): Uint8Array {
    return this.core.u8.subarray(this.ram + gpa, this.ram + gpa + length);
  }

  /** Runs `code` followed by HLT; ends at the HLT or at the first exception. */
  run(code: ArrayLike<number>, limit = 100_000, events = 0): Outcome {
    this.prepare(code, events);
    this.core.exports.applyState();
    return this.runPrepared(limit);
  }

  /** The same with all cached translations kept; for state that `applyState` has seen. */
  runKeeping(code: ArrayLike<number>, limit = 100_000): Outcome {
    this.prepare(code, 0);
    this.core.exports.refreshState();
    return this.runPrepared(limit);
  }

  private prepare(code: ArrayLike<number>, events: number): void {
    const { core } = this;
    this.outcome = { vector: -1, error: 0, rip: 0n };
    const target = this.bytes(CODE, code.length + 1);
    target.set(Array.from(code));
    target[code.length] = 0xf4;
    core.exports.hostWritten(this.ram + CODE, code.length + 1);
    core.setState64(STATE.RIP, BigInt(CODE));
    core.setState32(STATE.ACTIVITY, 0);
    core.setState32(STATE.FAULT, 0);
    core.setState32(STATE.EVENTS, events);
    core.setState32(STATE.INTERRUPTIBILITY, 0);
  }

  private runPrepared(limit: number): Outcome {
    const { core } = this;
    core.exports.beginSlice(0, limit);
    const stop = core.exports.runLoop();
    if (stop === STOP.SLICE) throw new Error("the code did not end");
    if (this.outcome.vector < 0) this.outcome.rip = core.state64(STATE.RIP);
    return this.outcome;
  }
}
