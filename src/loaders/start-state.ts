/** The registers with which the boot processor starts an image. */

import { EBDA_START, MIB, PAGE_BYTES } from "./memory-map.ts";
import type { Placement } from "./placement.ts";

/** Numbers of the general registers as instructions encode them; R8-R15 are 8-15. */
export const GPR = { RAX: 0, RCX: 1, RDX: 2, RBX: 3, RSP: 4, RBP: 5, RSI: 6, RDI: 7 } as const;

export type SegmentName = "es" | "cs" | "ss" | "ds" | "fs" | "gs" | "ldtr" | "tr";

export interface SegmentState {
  readonly selector: number;
  readonly base: number;
  /** Limit in bytes, already scaled by the granularity bit. */
  readonly limit: number;
  /** Access rights in the VMX format (SDM "Guest Register State"). */
  readonly access: number;
}

export interface TableState {
  readonly base: number;
  readonly limit: number;
}

/**
 * The whole state that an image may rely on; a machine applies it field by field. All values are
 * non-negative integers below 2^53. What is not named here has its value after RESET.
 *
 * In mode "reset" the state is that of the processor itself after RESET, apart from EDX, which the
 * machine sets to the processor's signature.
 */
export interface StartState {
  readonly mode: "real" | "protected32" | "long64" | "reset";
  readonly rip: number;
  readonly rflags: number;
  /** RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8-R15. */
  readonly gpr: readonly number[];
  readonly cr0: number;
  readonly cr3: number;
  readonly cr4: number;
  readonly efer: number;
  readonly segments: Readonly<Record<SegmentName, SegmentState>>;
  readonly gdtr: TableState;
  readonly idtr: TableState;
}

const RFLAGS_FIXED = 0x2;
const CR0_PE = 1 << 0;
const CR0_MP = 1 << 1;
const CR0_ET = 1 << 4;
const CR0_NE = 1 << 5;
const CR0_PG = 0x8000_0000;
const CR0_CD_NW = 0x6000_0000;
const CR4_PAE = 1 << 5;
const CR4_OSFXSR = 1 << 9;
const CR4_OSXMMEXCPT = 1 << 10;
const EFER_LME = 1 << 8;
const EFER_LMA = 1 << 10;

const ACCESS_CODE32 = 0xc09b;
const ACCESS_CODE64 = 0xa09b;
const ACCESS_DATA32 = 0xc093;
const ACCESS_DATA16 = 0x93;
const ACCESS_LDT = 0x82;
const ACCESS_BUSY_TSS = 0x8b;

/** Selectors of the table that `placeGdt` builds; those that Linux's 32- and 64-bit entry names. */
const GDT_CODE = 0x10;
const GDT_DATA = 0x18;
const GDT_DESCRIPTORS = 4;
const STACK_BYTES = 64 * 1024;

/** General registers, all 0 apart from those given by number. */
export function registers(values: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: 16 }, (_, index) => values[index] ?? 0);
}

/** LDTR as RESET leaves it, and a TSS just large enough for its fixed part. */
const SYSTEM_SEGMENTS = {
  ldtr: { selector: 0, base: 0, limit: 0xffff, access: ACCESS_LDT },
  tr: { selector: 0, base: 0, limit: 0x67, access: ACCESS_BUSY_TSS },
};

function flatSegments(
  codeSelector: number,
  dataSelector: number,
  codeAccess: number,
): Record<SegmentName, SegmentState> {
  const flat = (selector: number, access: number) => ({
    selector,
    base: 0,
    limit: 0xffff_ffff,
    access,
  });
  const data = flat(dataSelector, ACCESS_DATA32);
  const code = flat(codeSelector, codeAccess);
  return { es: data, cs: code, ss: data, ds: data, fs: data, gs: data, ...SYSTEM_SEGMENTS };
}

/**
 * Flat 32-bit protected mode without paging and without descriptor tables in memory, as multiboot
 * and PVH define it: the image loads its own before it touches a segment register.
 */
export function flat32Start(entryHpa: number, gpr: readonly number[]): StartState {
  return {
    mode: "protected32",
    rip: entryHpa,
    rflags: RFLAGS_FIXED,
    gpr,
    cr0: CR0_PE | CR0_ET,
    cr3: 0,
    cr4: 0,
    efer: 0,
    segments: flatSegments(0x08, 0x10, ACCESS_CODE32),
    gdtr: { base: 0, limit: 0 },
    idtr: { base: 0, limit: 0 },
  };
}

/** Flat 32-bit protected mode with a table from `placeGdt`, as Linux's 32-bit entry wants it. */
export function gdt32Start(entryHpa: number, gpr: readonly number[], gdtHpa: number): StartState {
  return {
    ...flat32Start(entryHpa, gpr),
    segments: flatSegments(GDT_CODE, GDT_DATA, ACCESS_CODE32),
    gdtr: { base: gdtHpa, limit: GDT_DESCRIPTORS * 8 - 1 },
  };
}

/** 64-bit mode with a table from `placeGdt` and page tables at `cr3`. */
export function long64Start(
  entryHpa: number,
  gpr: readonly number[],
  gdtHpa: number,
  cr3: number,
): StartState {
  return {
    ...gdt32Start(entryHpa, gpr, gdtHpa),
    mode: "long64",
    cr0: (CR0_PE | CR0_ET | CR0_PG) >>> 0,
    cr3,
    cr4: CR4_PAE,
    efer: EFER_LME | EFER_LMA,
    segments: flatSegments(GDT_CODE, GDT_DATA, ACCESS_CODE64),
  };
}

/** The same state with SSE and native x87 errors enabled, so that compiled C runs as it is. */
export function withSse(start: StartState): StartState {
  return {
    ...start,
    cr0: (start.cr0 | CR0_MP | CR0_NE) >>> 0,
    cr4: start.cr4 | CR4_OSFXSR | CR4_OSXMMEXCPT,
  };
}

/** Real-address mode at CS:IP with the given stack; DS, ES, FS and GS equal CS. */
export function realStart(cs: number, ip: number, ss: number, sp: number): StartState {
  const segment = (selector: number) => ({
    selector,
    base: selector * 16,
    limit: 0xffff,
    access: ACCESS_DATA16,
  });
  const data = segment(cs);
  const segments = { es: data, cs: data, ss: segment(ss), ds: data, fs: data, gs: data };
  return {
    mode: "real",
    rip: ip,
    rflags: RFLAGS_FIXED,
    gpr: registers({ [GPR.RSP]: sp }),
    cr0: CR0_ET,
    cr3: 0,
    cr4: 0,
    efer: 0,
    segments: { ...segments, ...SYSTEM_SEGMENTS },
    gdtr: { base: 0, limit: 0xffff },
    idtr: { base: 0, limit: 0x3ff },
  };
}

/** The processor after RESET (SDM "Processor State After Reset"): CS:IP points 16 below 4 GiB. */
export function resetStart(): StartState {
  const real = realStart(0, 0xfff0, 0, 0);
  const cs = { selector: 0xf000, base: 0xffff_0000, limit: 0xffff, access: ACCESS_DATA16 };
  const tr = { selector: 0, base: 0, limit: 0xffff, access: ACCESS_BUSY_TSS };
  return {
    ...real,
    mode: "reset",
    cr0: CR0_CD_NW | CR0_ET,
    segments: { ...real.segments, cs, tr },
    idtr: { base: 0, limit: 0xffff },
  };
}

/** Where the data of a start state may lie: out of the way of images that grow upwards. */
export const HIGH_DATA = [
  { min: MIB, max: 0x1_0000_0000, from: "high" },
  { min: PAGE_BYTES, max: EBDA_START, from: "high" },
] as const;

/** Takes RAM for a stack and gives the address of its upper end, a multiple of 16. */
export function placeStack(placement: Placement): number {
  return placement.place("stack", STACK_BYTES, ...HIGH_DATA) + STACK_BYTES;
}
