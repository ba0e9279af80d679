/**
 * The compiled core and its linear memory, as the rest of the host sees them: exports with types,
 * views by width, the imports it is given.
 */
import { STATE } from "../generated/state.ts";
import { CORE_WASM_BASE64 } from "./core-wasm.ts";

/** Functions the core calls. 64-bit values travel as two halves. */
export interface CoreImports {
  portRead(port: number, size: number): number;
  portWrite(port: number, size: number, value: number): void;
  mmioRead(hpaLo: number, hpaHi: number, size: number): number;
  mmioWrite(hpaLo: number, hpaHi: number, size: number, value: number): void;
  /** Leaves the value by `Core.setResult`; 0 means #GP. */
  msrRead(index: number): number;
  msrWrite(index: number, lo: number, hi: number): number;
  tprRead(): number;
  tprWrite(value: number): void;
  /** Vector of the pending interrupt, or -1. */
  acknowledgeInterrupt(): number;
  /** Nonzero stops the run before the instruction. */
  onInstruction(): number;
  onException(vector: number, kind: number, error: number): void;
  /** The current processor has acted on INIT. */
  initDone(): void;
  /** The time-stamp counter of the current processor was written. */
  tscChanged(): void;
  /** VMCALL outside VMX operation; 0 when nobody answers, which means #UD. */
  onHypercall(): number;
  onUndefinedOpcode(): void;
  /** 1 for VMLAUNCH. */
  onVmEntry(launch: number): void;
  onVmExit(): void;
  /** VM-instruction error or exit reason; the check is in MACHINE_WORD.ENTRY_CHECK. */
  onVmEntryFailure(outcome: number, qualification: number): void;
  onVmAbort(code: number): void;
  // The rest is called only while MACHINE_WORD.SANITIZE is set; assembly/tlb/provenance.ts.
  /** Provenance of a translation that is being entered: 1 to 2^20 - 1, or 0 for none. */
  tlbFill(
    what: number,
    space: number,
    glaLo: number,
    glaHi: number,
    sizeLog: number,
    place: number,
  ): number;
  /** 1 when the entry, which is marked stale, must not be used. */
  staleUse(
    what: number,
    id: number,
    place: number,
    glaLo: number,
    glaHi: number,
    access: number,
  ): number;
  tableStore(hpaLo: number, hpaHi: number, bytes: number): void;
  /** `operation` is a number of FLUSH_OPERATIONS. */
  flush(
    operation: number,
    vpid: number,
    pcid: number,
    ep4taLo: number,
    ep4taHi: number,
    glaLo: number,
    glaHi: number,
    dropped: number,
  ): void;
}

/**
 * For hosts without devices and watchers: reads give 0, no MSR is theirs, no interrupt is there, and
 * nobody is told of anything.
 */
export const SILENT_IMPORTS: CoreImports = {
  portRead: () => 0,
  portWrite: () => {},
  mmioRead: () => 0,
  mmioWrite: () => {},
  msrRead: () => 0,
  msrWrite: () => 0,
  tprRead: () => 0,
  tprWrite: () => {},
  acknowledgeInterrupt: () => -1,
  onInstruction: () => 0,
  onException: () => {},
  onUndefinedOpcode: () => {},
  initDone: () => {},
  tscChanged: () => {},
  onHypercall: () => 0,
  onVmEntry: () => {},
  onVmExit: () => {},
  onVmEntryFailure: () => {},
  onVmAbort: () => {},
  tlbFill: () => 0,
  staleUse: () => 0,
  tableStore: () => {},
  flush: () => {},
};

/** Functions of the core; see the sources named in assembly/index.ts. */
export interface CoreExports {
  configure(frames: number, cpus: number, tlbArrays: number): number;
  /** Pointer of the decoded instructions, behind which `configure` places what depends on the machine. */
  arenaAddress(): number;
  resetAll(): void;
  switchProcessor(cpu: number): void;
  runLoop(): number;
  beginSlice(now: number, ticks: number): void;
  shortenSlice(end: number): void;
  virtualTimeNumber(): number;
  applyState(): void;
  hostRead(hpaLo: number, hpaHi: number): number;
  hostWritten(host: number, bytes: number): void;
  refreshState(): void;
  loadFloating(from: number): void;
  storeFloating(to: number): void;
  /** Row of the opcode table, -1 when undefined, -2 when too long; see decode/host-decode.ts. */
  hostDecode(bytes: number, mode: number): number;
  readFlags(): number;
  setFlagsWord(value: number): void;
  setHooks(hooks: number): void;
  translateLinear(glaLo: number, glaHi: number): number;
  /** Pointer to RAM, 1 where none is, 0 with the exception or VM exit noted in the state. */
  translateAs(glaLo: number, glaHi: number, access: number, bytes: number): number;
  /** To be called after VMX_OPERATION, VPID, EPTP or control registers were set for another context. */
  switchContext(flush: number): void;
  /** Linear address of the instruction being executed. */
  currentRip(): bigint;
  /** Drops every cached translation of every processor. */
  dropTranslations(): void;
  /** CR4 bits that the CPU model has. */
  cr4Permitted(): bigint;
  /**
   * VM-entry checks on the current VMCS: number of the first that fails, or 0. `known`: leave out what
   * has been checked since fields were written last.
   */
  vmxCheckControls(known?: number): number;
  vmxCheckHost(known?: number): number;
  vmxCheckGuest(known?: number): number;
  /** Field of the current VMCS by its offset (`fieldOffset`) as the processor holds it; 0 without. */
  vmcsField(offset: number): bigint;
  /** Exit qualification when that check of guest state fails. */
  vmxCheckQualification(check: number): number;
  /** Puts the current processor into the state after INIT. */
  restartProcessor(): void;

  // VMX root operation for L0 (assembly/vmx/host.ts). Outcomes: `VMX_OUTCOME`.
  hostVmxon(hpaLo: number, hpaHi: number): number;
  hostVmxoff(): number;
  hostVmclear(hpaLo: number, hpaHi: number): number;
  hostVmptrld(hpaLo: number, hpaHi: number): number;
  /** Leaves the value in RESULT. */
  hostVmread(encoding: number): number;
  hostVmwrite(encoding: number, lo: number, hi: number): number;
  hostVmlaunch(): number;
  hostVmresume(): number;
  hostInvept(type: number, eptpLo: number, eptpHi: number): number;
  hostInvvpid(type: number, vpid: number, glaLo: number, glaHi: number): number;
  /** Leaves the value in RESULT. */
  hostRdmsr(index: number): number;
  hostWrmsr(index: number, lo: number, hi: number): number;
  hostXsetbv(lo: number, hi: number): number;
  hostWrpkru(value: number): void;
  /** Marks entries with provenance `id` as stale, or no longer; assembly/cpu/sanitizer.ts. */
  markStale(
    what: number,
    id: number,
    glaLo: number,
    glaHi: number,
    sizeLog: number,
    on: number,
  ): void;
  /** Asks for `tableStore` on stores to the frame at hpa. */
  watchFrame(hpaLo: number, hpaHi: number, on: number): void;
  /** Translation from memory alone: 1 with RESULT and FILL_INFO set, or 0. */
  probeWalk(glaLo: number, glaHi: number, access: number): number;
  probeGuestPhysical(gpaLo: number, gpaHi: number, access: number): number;
}

/** Why `runLoop` came back. */
export const STOP = {
  SLICE: 0,
  IDLE: 1,
  SHUTDOWN: 2,
  REQUEST: 3,
  RESCHEDULE: 4,
  HOOK: 5,
  /** A VM exit whose host is L0. */
  VM_EXIT: 6,
} as const;

/** How an operation of L0 ends (assembly/vmx/host.ts). */
export const VMX_OUTCOME = {
  succeed: 0,
  failInvalid: 1,
  failValid: 2,
  /** The instruction would have raised an exception. */
  exception: 3,
  /** A VM entry failed with exit reason 33 or 34: host state is loaded. */
  entryFailed: 4,
} as const;

/** Addresses that assembly/layout.ts fixes. */
export const LAYOUT = {
  STATE: 0x1000,
  STATE_BYTES: 0x1000,
  MACHINE: 0x2000,
  SCRATCH: 0x3000,
  CPUID_TABLE: 0x4000,
  CPUID_ROW_BYTES: 24,
  CPUID_ROWS_MAX: 160,
  VMCS_FIELDS: 0x6000,
  VMX_CAPABILITIES: 0x6800,
  VMX_MSRS_PRESENT: 0x68f8,
  WALK_STEPS: 0x7000,
  WALK_STEPS_MAX: 64,
  WALK_STEP_BYTES: 24,
  FILL_INFO: 0x7600,
  SPACES: 0xd0000,
  SPACE_BYTES: 32,
  SPACES_MAX: 512,
  STRUCTURE_WORDS: 0xd8000,
  CPU_SAVE: 0x90000,
  TLB_ARRAYS: 0x140000,
  TLB_ARRAY_BYTES: 64,
  TLB_ARRAYS_MAX: 16,
  PHYSICAL_RANGES: 0x141000,
  PHYSICAL_RANGE_BYTES: 32,
  PHYSICAL_RANGES_MAX: 16,
  CPUS_MAX: 64,
} as const;

/** Offsets of the machine-wide variables behind LAYOUT.MACHINE. */
export const MACHINE_WORD = {
  RANGES: 0x14,
  TLB_BASE: 0x18,
  TLB_CPU_BYTES: 0x1c,
  CURRENT_CPU: 0x28,
  CPUID_ROWS: 0x38,
  PHYS_BITS: 0x3c,
  FEATURES: 0x40,
  SEED: 0x68,
  RESULT_LO: 0x80,
  RESULT_HI: 0x84,
  OTHERS_RUNNABLE: 0x8c,
  ENTRY_CHECK: 0x90,
  /** Set before `configure` by a host that follows translations. */
  SANITIZE: 0x94,
  WALK_STEPS: 0x98,
  PROVENANCE_REFS: 0x9c,
  TLB_APIC: 0xc4,
  COUNTERS: 0x100,
} as const;

const INITIAL_PAGES = 290;
const PAGES_MAX = 65536;

let compiled: Promise<WebAssembly.Module> | undefined;

function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Compiles the core once for all machines of the process. */
export function compileCore(): Promise<WebAssembly.Module> {
  compiled ??= WebAssembly.compile(decodeBase64(CORE_WASM_BASE64));
  return compiled;
}

export class Core {
  readonly exports: CoreExports;
  readonly memory: WebAssembly.Memory;
  /** Views of linear memory; new objects after `configure` has grown it. */
  u8: Uint8Array;
  u16: Uint16Array;
  u32: Uint32Array;
  i32: Int32Array;
  u64: BigUint64Array;

  private constructor(memory: WebAssembly.Memory, exports: CoreExports) {
    this.memory = memory;
    this.exports = exports;
    this.u8 = new Uint8Array(memory.buffer);
    this.u16 = new Uint16Array(memory.buffer);
    this.u32 = new Uint32Array(memory.buffer);
    this.i32 = new Int32Array(memory.buffer);
    this.u64 = new BigUint64Array(memory.buffer);
  }

  static async create(imports: CoreImports): Promise<Core> {
    const module = await compileCore();
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: PAGES_MAX });
    const abort = (): never => {
      throw new Error("the core gave up: an invariant of its own is broken");
    };
    const instance = await WebAssembly.instantiate(module, {
      env: { memory, abort },
      host: imports as unknown as Record<string, WebAssembly.ImportValue>,
    });
    return new Core(memory, instance.exports as unknown as CoreExports);
  }

  /** To be called after the memory has grown. */
  refreshViews(): void {
    const { buffer } = this.memory;
    this.u8 = new Uint8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
  }

  /** Value of a 32-bit field of the current processor's state, at offset `offset`. */
  state32(offset: number): number {
    return this.u32[(LAYOUT.STATE + offset) >> 2]!;
  }

  setState32(offset: number, value: number): void {
    this.u32[(LAYOUT.STATE + offset) >> 2] = value;
  }

  state64(offset: number): bigint {
    return this.u64[(LAYOUT.STATE + offset) >> 3]!;
  }

  setState64(offset: number, value: bigint): void {
    this.u64[(LAYOUT.STATE + offset) >> 3] = value;
  }

  /** Hands a 64-bit result to the core. */
  setResult(lo: number, hi: number): void {
    this.u32[(LAYOUT.MACHINE + MACHINE_WORD.RESULT_LO) >> 2] = lo;
    this.u32[(LAYOUT.MACHINE + MACHINE_WORD.RESULT_HI) >> 2] = hi;
  }

  /** 64-bit result of the last call. */
  result(): { lo: number; hi: number } {
    return {
      lo: this.u32[(LAYOUT.MACHINE + MACHINE_WORD.RESULT_LO) >> 2]!,
      hi: this.u32[(LAYOUT.MACHINE + MACHINE_WORD.RESULT_HI) >> 2]!,
    };
  }

  machine32(offset: number): number {
    return this.u32[(LAYOUT.MACHINE + offset) >> 2]!;
  }

  setMachine32(offset: number, value: number): void {
    this.u32[(LAYOUT.MACHINE + offset) >> 2] = value;
  }

  /** Event counter `index` (Counter in assembly/tlb/counters.ts). */
  counter(index: number): number {
    return Number(this.u64[((LAYOUT.MACHINE + MACHINE_WORD.COUNTERS) >> 3) + index]!);
  }

  /** Sets bits of EVENTS of the current processor. */
  addEvents(bits: number): void {
    this.setState32(STATE.EVENTS, this.state32(STATE.EVENTS) | bits);
  }
}
