/** Judges a case: what our core made of it against what the processor did. */
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";
import { compareFloating } from "./floating-compare.ts";
import type { Form } from "./forms.ts";
import {
  CHANGED_MASK_AT,
  CR2_AT,
  END,
  ENDED,
  ENDING_AT,
  ERROR_AT,
  FLOATING_AT,
  FS_BASE_AT,
  GS_BASE_AT,
  PAGE,
  PAGES,
  RFLAGS_AT,
  RIP_AT,
  SELECTOR,
  SELECTORS_AT,
  SIGSYS,
  TIMED_OUT,
  TRAP_AT,
  WORKER_DIED,
} from "./layout.ts";
import type { Lenience } from "./lenience.ts";
import type { NativeOracle } from "./native.ts";
import type { UserCore } from "./user-core.ts";

export interface Mismatch {
  /** What differs: a register, "memory data+0x10", "vector", ... */
  readonly what: string;
  readonly native: string;
  readonly ours: string;
}

const REGISTERS = "RAX RCX RDX RBX RSP RBP RSI RDI R8 R9 R10 R11 R12 R13 R14 R15".split(" ");
const SELECTOR_NAMES = ["CS", "SS", "DS", "ES", "FS", "GS"];
const FLAG_LETTERS: Record<string, number> = { o: 11, s: 7, z: 6, a: 4, p: 2, c: 0 };
/** CF, PF, AF, ZF, SF, TF, DF, OF, NT, AC, ID. */
export const FLAGS = 0x244dd5 | 0x100;
const ARITHMETIC = 0x8d5;
const VECTORS_WITH_ERROR = new Set([8, 10, 11, 12, 13, 14, 17]);
const VECTOR_PF = 14;

/** Mask of the flags that the SDM leaves undefined after `row`. */
export function undefinedFlags(row: OpcodeRow): number {
  let mask = 0;
  for (const letter of row.undefinedFlags) mask |= 1 << (FLAG_LETTERS[letter] ?? 31);
  return mask & ARITHMETIC;
}

export interface Tally {
  cases: number;
  /** Cases that ended in an exception. */
  faults: number;
  /** Cases whose undefined flags were all the same. */
  undefinedEqual: number;
  undefinedDiffer: number;
  /** Cases that neither side finished. */
  endless: number;
}

export function emptyTally(): Tally {
  return { cases: 0, faults: 0, undefinedEqual: 0, undefinedDiffer: 0, endless: 0 };
}

export class Comparer {
  private readonly oracle: NativeOracle;
  private readonly core: UserCore;
  private readonly words: Uint32Array;
  private readonly ours: Uint32Array;

  constructor(oracle: NativeOracle, core: UserCore) {
    this.oracle = oracle;
    this.core = core;
    this.words = new Uint32Array(oracle.memory.buffer);
    this.ours = core.resultWords;
  }

  /**
   * Compares result `index` of `bank` with the core's last run, whose pages must not have been reset.
   * `lenient` tells what need not agree. Empty when they agree.
   */
  compare(bank: number, index: number, form: Form, lenient: Lenience, tally: Tally): Mismatch[] {
    const native = this.oracle.resultAt(bank, index) >> 2;
    const { words, ours } = this;
    const found: Mismatch[] = [];
    const ending = words[native + (ENDING_AT >> 2)]! | 0;
    const our = ours[ENDING_AT >> 2]! | 0;
    tally.cases++;
    if (ending === TIMED_OUT || our < 0) {
      if (ending === our) tally.endless++;
      else found.push({ what: "end", native: `${ending}`, ours: `${our}` });
      this.resetPages();
      return found;
    }
    if (ending === SIGSYS || ending === WORKER_DIED) {
      this.resetPages();
      return found;
    }
    if (this.isHarness(native)) {
      this.resetPages();
      return found;
    }
    if (ending !== ENDED) tally.faults++;
    this.compareException(native, ending, our, found);
    this.compareRegisters(native, form, found);
    this.compareFlags(native, lenient.flags, ending, our, tally, found);
    const image = FLOATING_AT >> 2;
    const vectors = form.mode === 64 ? 16 : 8;
    compareFloating(words, native + image, ours, image, vectors, found);
    this.comparePages(bank, index, native, lenient, found);
    return found;
  }

  /** True when the case has touched memory that natively belongs to the worker. */
  private isHarness(native: number): boolean {
    const { words } = this;
    const rip = words[native + (RIP_AT >> 2)]!;
    if (rip > END && rip - END < 2 * PAGE) return true;
    if (words[native + (TRAP_AT >> 2)]! !== VECTOR_PF) return false;
    const address = words[native + (CR2_AT >> 2)]!;
    if (words[native + (CR2_AT >> 2) + 1] !== 0) return false;
    return address - END < 2 * PAGE && address >= END;
  }

  private compareException(native: number, ending: number, our: number, found: Mismatch[]): void {
    const { words, ours } = this;
    const trap = ending === ENDED ? -1 : words[native + (TRAP_AT >> 2)]!;
    const ourTrap = our === ENDED ? -1 : ours[TRAP_AT >> 2]!;
    if (trap !== ourTrap) {
      found.push({ what: "vector", native: `${trap}`, ours: `${ourTrap}` });
      return;
    }
    if (trap < 0) return;
    if (VECTORS_WITH_ERROR.has(trap)) {
      let error = words[native + (ERROR_AT >> 2)]!;
      let ourError = ours[ERROR_AT >> 2]!;
      // Linux hides from user code whether a kernel address is mapped.
      if (trap === VECTOR_PF && isKernelAddress(words, native + (CR2_AT >> 2))) {
        error |= 1;
        ourError |= 1;
      }
      if (error !== ourError) {
        found.push({ what: "error code", native: hex(error), ours: hex(ourError) });
      }
    }
    if (trap === VECTOR_PF) this.compare64("CR2", native, CR2_AT, found, 0xffffffff);
  }

  private compare64(
    what: string,
    native: number,
    at: number,
    found: Mismatch[],
    highMask: number,
  ): void {
    const low = this.words[native + (at >> 2)]!;
    const high = (this.words[native + (at >> 2) + 1]! & highMask) >>> 0;
    const ourLow = this.ours[at >> 2]!;
    const ourHigh = (this.ours[(at >> 2) + 1]! & highMask) >>> 0;
    if (low === ourLow && high === ourHigh) return;
    found.push({ what, native: hex64(low, high), ours: hex64(ourLow, ourHigh) });
  }

  private compareRegisters(native: number, form: Form, found: Mismatch[]): void {
    const { words, ours } = this;
    const ended = (words[native + (ENDING_AT >> 2)]! | 0) === ENDED;
    const finalCode = words[native + (SELECTORS_AT >> 2)]! & 0xffff;
    // Outside 64-bit mode the upper halves and R8-R15 mean nothing.
    const long = form.mode === 64 && finalCode === SELECTOR.CODE64;
    const count = long ? 32 : 16;
    for (let i = 0; i < count; i++) {
      if (words[native + i] === ours[i]) continue;
      if (!long && (i & 1) !== 0) continue;
      const r = i >> 1;
      if (found.some((m) => m.what === REGISTERS[r])) continue;
      this.compare64(REGISTERS[r]!, native, r * 8, found, long ? 0xffffffff : 0);
    }
    this.compare64("RIP", native, RIP_AT, found, 0xffffffff);
    if (long) {
      this.compare64("FS base", native, FS_BASE_AT, found, 0xffffffff);
      this.compare64("GS base", native, GS_BASE_AT, found, 0xffffffff);
    }
    const nativeBytes = this.oracle.memory;
    const at = native * 4 + SELECTORS_AT;
    for (let i = 0; i < 6; i++) {
      const a = nativeBytes[at + i * 2]! | (nativeBytes[at + i * 2 + 1]! << 8);
      const own = this.core.result;
      const b = own[SELECTORS_AT + i * 2]! | (own[SELECTORS_AT + i * 2 + 1]! << 8);
      // At END native code no longer knows its CS.
      if (i === 0 && ended) continue;
      // The host's kernel, on its way back to user code, makes null selectors 0.
      if ((a | b) < 4) continue;
      if (a !== b) found.push({ what: SELECTOR_NAMES[i]!, native: hex(a), ours: hex(b) });
    }
  }

  private compareFlags(
    native: number,
    lenient: number,
    ending: number,
    our: number,
    tally: Tally,
    found: Mismatch[],
  ): void {
    const flags = this.words[native + (RFLAGS_AT >> 2)]! & FLAGS;
    const ourFlags = this.ours[RFLAGS_AT >> 2]! & FLAGS;
    if (lenient !== 0 && ending === ENDED && our === ENDED) {
      if (((flags ^ ourFlags) & lenient) === 0) tally.undefinedEqual++;
      else tally.undefinedDiffer++;
    }
    const differ = (flags ^ ourFlags) & ~lenient;
    if (differ !== 0) {
      found.push({ what: "RFLAGS", native: flagNames(flags), ours: flagNames(ourFlags) });
    }
  }

  private comparePages(
    bank: number,
    index: number,
    native: number,
    lenient: Lenience,
    found: Mismatch[],
  ): void {
    const changed = this.words[native + (CHANGED_MASK_AT >> 2)]!;
    for (let page = 0; page < PAGES.length; page++) {
      const ours = this.core.pages[page]!;
      const was = this.core.before[page]!;
      const isChanged = (changed & (1 << page)) !== 0;
      if (!isChanged) {
        if (Buffer.compare(ours, was) === 0) continue;
        found.push(firstDifference(page, was, ours));
      } else {
        const at = this.oracle.changedAt(bank, index, page);
        const theirs = this.oracle.memory.subarray(at, at + PAGE);
        if (lenient.unstored.length > 0) takeOver(page, lenient, theirs, ours);
        if (Buffer.compare(ours, theirs) !== 0) found.push(firstDifference(page, theirs, ours));
      }
      this.core.resetPage(page);
    }
  }

  /** Puts the pages back without a look at them. */
  private resetPages(): void {
    for (let page = 0; page < PAGES.length; page++) this.core.resetPage(page);
  }
}

/** Takes theirs for ours in the bytes that need not agree. */
function takeOver(page: number, lenient: Lenience, theirs: Uint8Array, ours: Uint8Array): void {
  const { unstored, operand } = lenient;
  for (let i = 0; i < unstored.length; i += 2) {
    for (let offset = unstored[i]!; offset < unstored[i + 1]!; offset++) {
      const address = operand + BigInt(offset);
      if (address >> 12n !== PAGES[page]!.address >> 12n) continue;
      const at = Number(address & 0xfffn);
      ours[at] = theirs[at]!;
    }
  }
}

/** From the last page of the lower half upwards. */
function isKernelAddress(words: Uint32Array, at: number): boolean {
  const high = words[at + 1]!;
  return high > 0x7fff || (high === 0x7fff && words[at]! >= 0xfffff000);
}

function hex(value: number): string {
  return `0x${(value >>> 0).toString(16)}`;
}

function hex64(low: number, high: number): string {
  return `0x${((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)).toString(16)}`;
}

const FLAG_NAMES: readonly [number, string][] = [
  [21, "ID"],
  [18, "AC"],
  [14, "NT"],
  [11, "OF"],
  [10, "DF"],
  [8, "TF"],
  [7, "SF"],
  [6, "ZF"],
  [4, "AF"],
  [2, "PF"],
  [0, "CF"],
];

export function flagNames(flags: number): string {
  const names = FLAG_NAMES.filter(([bit]) => (flags & (1 << bit)) !== 0).map(([, name]) => name);
  return names.length > 0 ? names.join(" ") : "none";
}

/** The mask that `flagNames` has named. */
export function flagBits(names: string): number {
  const all = FLAG_NAMES.filter(([, name]) => names.split(" ").includes(name));
  return all.reduce((mask, [bit]) => mask | (1 << bit), 0);
}

function firstDifference(page: number, native: Uint8Array, ours: Uint8Array): Mismatch {
  let at = 0;
  while (native[at] === ours[at]) at++;
  let end = at;
  for (let i = at; i < Math.min(at + 16, PAGE); i++) if (native[i] !== ours[i]) end = i;
  const text = (bytes: Uint8Array) => Buffer.from(bytes.subarray(at, end + 1)).toString("hex");
  return {
    what: `memory ${PAGES[page]!.name}+${hex(at)}`,
    native: text(native),
    ours: text(ours),
  };
}

/** The row of the table with number `index`. */
export function rowAt(index: number): OpcodeRow | undefined {
  return OPCODES[index];
}
