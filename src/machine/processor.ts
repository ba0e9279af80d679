/** One logical processor as the embedder sees it: its registers by name, and its raw state. */
import { type Core, LAYOUT, MACHINE_WORD } from "../core/core.ts";
import type { ProcessorPins } from "../devices/device.ts";
import { EVENT, SLOT, STATE, STATE_USED } from "../generated/state.ts";
import type { SegmentName, StartState } from "../loaders/loader.ts";

export const ACTIVITY = {
  active: 0,
  halted: 1,
  shutdown: 2,
  waitForSipi: 3,
  mwait: 4,
} as const;

export type ActivityName = keyof typeof ACTIVITY;

/** Names of the general registers in the order in which instructions number them. */
export const GPR_NAMES = [
  "rax",
  "rcx",
  "rdx",
  "rbx",
  "rsp",
  "rbp",
  "rsi",
  "rdi",
  "r8",
  "r9",
  "r10",
  "r11",
  "r12",
  "r13",
  "r14",
  "r15",
] as const;
export type GprName = (typeof GPR_NAMES)[number];

export const SEGMENT_NAMES: readonly SegmentName[] = [
  "es",
  "cs",
  "ss",
  "ds",
  "fs",
  "gs",
  "ldtr",
  "tr",
];

export interface Segment {
  readonly selector: number;
  readonly base: bigint;
  readonly limit: number;
  /** Access rights in the VMX format; bit 16 says unusable. */
  readonly access: number;
}

const CONTROL = {
  rip: STATE.RIP,
  cr0: STATE.CR0,
  cr2: STATE.CR2,
  cr3: STATE.CR3,
  cr4: STATE.CR4,
  efer: STATE.EFER,
  xcr0: STATE.XCR0,
} as const;
export type ControlName = keyof typeof CONTROL;

/** Values of VMX_OPERATION. */
const VMX_ROOT = 1;
const VMX_NON_ROOT = 2;
/** The first pin-based control; the word is 0 outside non-root operation. */
const EXTERNAL_INTERRUPT_EXITING = 1;
const FLAG_IF = 1 << 9;

export class LogicalProcessor implements ProcessorPins {
  readonly index: number;
  private readonly core: Core;

  constructor(core: Core, index: number) {
    this.core = core;
    this.index = index;
  }

  /** Address of this processor's state in linear memory; it changes when processors are switched. */
  private get base(): number {
    const current = this.core.machine32(MACHINE_WORD.CURRENT_CPU);
    return current === this.index
      ? LAYOUT.STATE
      : LAYOUT.CPU_SAVE + this.index * LAYOUT.STATE_BYTES;
  }

  /** A 32-bit field of the state (offsets: STATE). */
  word(offset: number): number {
    return this.core.u32[(this.base + offset) >> 2]!;
  }

  setWord(offset: number, value: number): void {
    this.core.u32[(this.base + offset) >> 2] = value;
  }

  /** A 64-bit field of the state. */
  wide(offset: number): bigint {
    return this.core.u64[(this.base + offset) >> 3]!;
  }

  setWide(offset: number, value: bigint): void {
    this.core.u64[(this.base + offset) >> 3] = value;
  }

  /** The state as 32-bit words, for code that reads it often; valid until the machine runs again. */
  words(): Uint32Array {
    const { buffer } = this.core.memory;
    return new Uint32Array(buffer, this.base, STATE_USED >> 2);
  }

  /** General, instruction-pointer or control register. */
  get(name: GprName | ControlName): bigint {
    const index = GPR_NAMES.indexOf(name as GprName);
    return this.wide(index >= 0 ? STATE.GPR + index * 8 : CONTROL[name as ControlName]);
  }

  /**
   * Writes a register without the checks that an instruction makes. Takes effect when the machine
   * runs next; all cached translations of the processor are dropped then.
   */
  set(name: GprName | ControlName, value: bigint): void {
    const index = GPR_NAMES.indexOf(name as GprName);
    this.setWide(index >= 0 ? STATE.GPR + index * 8 : CONTROL[name as ControlName], value);
    if (index < 0 && name !== "rip") this.changed = true;
  }

  /** True after a change that needs `Core.exports.applyState`; the machine takes it back. */
  changed = false;

  /** RFLAGS. */
  get rflags(): number {
    const result = this.wide(STATE.LF_RES);
    const aux = this.word(STATE.LF_AUX);
    const cf = aux >>> 31;
    const of = cf ^ ((aux >>> 30) & 1);
    const sf = Number(result >> 63n) ^ (aux & 1);
    let parity = (Number(result & 0xffn) ^ (aux >>> 8)) & 0xff;
    parity ^= parity >> 4;
    const pf = (0x9669 >> (parity & 15)) & 1;
    const af = (aux >>> 3) & 1;
    const zf = result === 0n ? 1 : 0;
    const arithmetic = cf | (pf << 2) | (af << 4) | (zf << 6) | (sf << 7) | (of << 11);
    return (this.word(STATE.FLAGS_REST) | arithmetic | 2) >>> 0;
  }

  set rflags(value: number) {
    const zf = (value >>> 6) & 1;
    const cf = value & 1;
    const of = (value >>> 11) & 1;
    const delta = ((value >>> 2) & 1) ^ zf;
    this.setWide(STATE.LF_RES, BigInt(zf ^ 1));
    this.setWord(
      STATE.LF_AUX,
      ((cf << 31) |
        ((cf ^ of) << 30) |
        (((value >>> 4) & 1) << 3) |
        (delta << 8) |
        ((value >>> 7) & 1)) >>>
        0,
    );
    this.setWord(STATE.FLAGS_REST, value & 0x3f7700);
    this.changed = true;
  }

  segment(name: SegmentName): Segment {
    const i = SEGMENT_NAMES.indexOf(name);
    return {
      selector: this.word(STATE.SEG_SELECTOR + i * 4),
      base: this.wide(STATE.GPR + (SLOT.ES_BASE + i) * 8),
      limit: this.word(STATE.SEG_LIMIT + i * 4),
      access: this.word(STATE.SEG_ACCESS + i * 4),
    };
  }

  setSegment(name: SegmentName, segment: Segment): void {
    const i = SEGMENT_NAMES.indexOf(name);
    this.setWord(STATE.SEG_SELECTOR + i * 4, segment.selector);
    this.setWide(STATE.GPR + (SLOT.ES_BASE + i) * 8, segment.base);
    this.setWord(STATE.SEG_LIMIT + i * 4, segment.limit);
    this.setWord(STATE.SEG_ACCESS + i * 4, segment.access);
    this.changed = true;
  }

  /** XMM register `index` as 16 bytes; a view, valid until the machine runs again. */
  xmm(index: number): Uint8Array {
    const at = this.base + STATE.XMM + index * 16;
    return this.core.u8.subarray(at, at + 16);
  }

  get cpl(): number {
    return this.word(STATE.CPL);
  }

  /** 16, 32 or 64: the size of the code being executed. */
  get codeBits(): 16 | 32 | 64 {
    return ([16, 32, 64] as const)[this.word(STATE.CODE_SIZE)]!;
  }

  get activity(): ActivityName {
    const value = this.word(STATE.ACTIVITY);
    return (Object.keys(ACTIVITY) as ActivityName[]).find((name) => ACTIVITY[name] === value)!;
  }

  /** True when the processor has something to do. */
  get isRunnable(): boolean {
    const events = this.word(STATE.EVENTS);
    switch (this.word(STATE.ACTIVITY)) {
      case ACTIVITY.active:
        return true;
      case ACTIVITY.halted:
      case ACTIVITY.mwait:
        if ((events & EVENT.NMI) !== 0) return true;
        if ((events & EVENT.INIT) !== 0) return !this.holdsInit;
        return (events & EVENT.INTR) !== 0 && this.interruptsEnabled;
      case ACTIVITY.waitForSipi:
        return (events & (EVENT.INIT | EVENT.SIPI)) !== 0;
      default:
        return (events & EVENT.INIT) !== 0 && !this.holdsInit;
    }
  }

  /** VMX root operation holds INIT back. */
  private get holdsInit(): boolean {
    return this.word(STATE.VMX_OPERATION) === VMX_ROOT;
  }

  /** Virtual time at which the preemption timer wakes a sleeping guest; infinite when it cannot. */
  get timerDeadline(): number {
    if (this.word(STATE.VMX_OPERATION) !== VMX_NON_ROOT) return Number.POSITIVE_INFINITY;
    const activity = this.word(STATE.ACTIVITY);
    if (activity === ACTIVITY.active || activity === ACTIVITY.waitForSipi) {
      return Number.POSITIVE_INFINITY;
    }
    const high = this.word(STATE.TIMER_DEADLINE + 4) >>> 0;
    if (high >= 0x200000) return Number.POSITIVE_INFINITY;
    return high * 2 ** 32 + (this.word(STATE.TIMER_DEADLINE) >>> 0);
  }

  /** True when an interrupt would wake it: not with IF clear, nor before its start-up IPI. */
  get isInterruptible(): boolean {
    const activity = this.word(STATE.ACTIVITY);
    return this.interruptsEnabled && activity !== ACTIVITY.waitForSipi;
  }

  /** True when external interrupts are taken: by IF, or because they exit from a guest. */
  get interruptsEnabled(): boolean {
    if ((this.word(STATE.CTL_PIN) & EXTERNAL_INTERRUPT_EXITING) !== 0) return true;
    return (this.word(STATE.FLAGS_REST) & FLAG_IF) !== 0;
  }

  private addEvents(bits: number): void {
    this.setWord(STATE.EVENTS, this.word(STATE.EVENTS) | bits);
    this.wakeUp();
  }

  /** Another processor has given this one something to do: its own slice ends early. */
  private wakeUp(): void {
    if (this.core.machine32(MACHINE_WORD.CURRENT_CPU) === this.index || !this.isRunnable) return;
    this.core.setMachine32(MACHINE_WORD.OTHERS_RUNNABLE, 1);
    if (this.word(STATE.ACTIVITY) !== ACTIVITY.active) this.core.addEvents(EVENT.RESCHEDULE);
  }

  setIntr(level: boolean): void {
    const events = this.word(STATE.EVENTS);
    this.setWord(STATE.EVENTS, level ? events | EVENT.INTR : events & ~EVENT.INTR);
    if (level) this.wakeUp();
  }

  nmi(): void {
    this.addEvents(EVENT.NMI);
  }

  init(): void {
    // A start-up IPI sent before this INIT is void.
    this.setWord(STATE.EVENTS, this.word(STATE.EVENTS) & ~EVENT.SIPI);
    this.addEvents(EVENT.INIT);
  }

  startup(vector: number): void {
    // The INIT that goes before may not have been served yet: the SIPI waits behind it.
    this.setWord(STATE.SIPI_VECTOR, vector);
    this.addEvents(EVENT.SIPI);
  }

  smi(): void {}

  /** Goes on in real-address mode at physical address `hpa` below 1 MiB; for one just reset. */
  enterRealMode(hpa: number): void {
    this.setSegment("cs", {
      selector: (hpa >>> 4) & 0xffff,
      base: BigInt(hpa & 0xffff0),
      limit: 0xffff,
      access: 0x9b,
    });
    this.set("rip", BigInt(hpa & 15));
    this.setWord(STATE.ACTIVITY, ACTIVITY.active);
  }

  /** Puts the processor into the state in which an image is entered. */
  applyStart(start: StartState): void {
    start.gpr.forEach((value, i) => {
      this.setWide(STATE.GPR + i * 8, BigInt(value));
    });
    this.setWide(STATE.RIP, BigInt(start.rip));
    this.rflags = start.rflags;
    this.setWide(STATE.CR0, BigInt(start.cr0));
    this.setWide(STATE.CR3, BigInt(start.cr3));
    this.setWide(STATE.CR4, BigInt(start.cr4));
    this.setWide(STATE.EFER, BigInt(start.efer));
    for (const name of SEGMENT_NAMES) {
      const { selector, base, limit, access } = start.segments[name];
      this.setSegment(name, { selector, base: BigInt(base), limit, access });
    }
    this.setWide(STATE.GDTR_BASE, BigInt(start.gdtr.base));
    this.setWord(STATE.GDTR_LIMIT, start.gdtr.limit);
    this.setWide(STATE.IDTR_BASE, BigInt(start.idtr.base));
    this.setWord(STATE.IDTR_LIMIT, start.idtr.limit);
    this.changed = true;
  }
}
