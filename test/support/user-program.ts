/**
 * One piece of user-mode code on the core, from a state written as a literal: what regression tests
 * of instructions are made of. Pages and segments are those of test/oracle/layout.ts; the code ends
 * at the first exception, and a jump to END counts as its end.
 */
import {
  BYTES_AT,
  CASE_BYTES,
  CASE_FLAGS_AT,
  CASE_FLOATING_AT,
  CR2_AT,
  ENDED,
  ENDING_AT,
  ERROR_AT,
  FLOATING_AT,
  FS_BASE_AT,
  GS_BASE_AT,
  initialFloating,
  LOAD_SEGMENTS,
  OWN_FLOATING,
  PAGE,
  PAGES,
  PATCH_COUNT_AT,
  PATCHES_AT,
  RFLAGS_AT,
  RIP_AT,
  SELECTOR,
  SELECTORS_AT,
  TRAP_AT,
} from "../oracle/layout.ts";
import { UserCore } from "../oracle/user-core.ts";

export const REGISTERS = [
  "RAX",
  "RCX",
  "RDX",
  "RBX",
  "RSP",
  "RBP",
  "RSI",
  "RDI",
  "R8",
  "R9",
  "R10",
  "R11",
  "R12",
  "R13",
  "R14",
  "R15",
] as const;
export type RegisterName = (typeof REGISTERS)[number];

export interface UserProgram {
  readonly mode: 16 | 32 | 64;
  readonly rip: bigint;
  readonly registers?: Partial<Record<RegisterName, bigint>>;
  readonly flags?: number;
  readonly fsBase?: bigint;
  readonly gsBase?: bigint;
  /** CS, SS, DS, ES, FS, GS. */
  readonly selectors?: readonly number[];
  /** Bytes by linear address; the code is among them. */
  readonly memory: readonly (readonly [bigint, readonly number[]])[];
  /** x87 and SSE state as FXSAVE writes it (512 bytes). */
  readonly floating?: Uint8Array;
}

export interface FloatingRegisters {
  readonly fcw?: number;
  readonly fsw?: number;
  /** A bit for each physical register that is not empty. */
  readonly ftw?: number;
  readonly mxcsr?: number;
  /** ST(0) to ST(7): sign and exponent above 64 bits of significand. */
  readonly st?: readonly bigint[];
  readonly xmm?: readonly bigint[];
}

/** An FXSAVE image, by default of the state behind FNINIT. */
export function floatingImage(registers: FloatingRegisters): Uint8Array {
  const image = initialFloating();
  const view = new DataView(image.buffer);
  const put = (at: number, value: bigint) => {
    view.setBigUint64(at, BigInt.asUintN(64, value), true);
    view.setBigUint64(at + 8, value >> 64n, true);
  };
  if (registers.fcw !== undefined) view.setUint16(0, registers.fcw, true);
  if (registers.fsw !== undefined) view.setUint16(2, registers.fsw, true);
  if (registers.ftw !== undefined) view.setUint8(4, registers.ftw);
  if (registers.mxcsr !== undefined) view.setUint32(24, registers.mxcsr, true);
  registers.st?.forEach((value, i) => {
    put(32 + i * 16, value);
  });
  registers.xmm?.forEach((value, i) => {
    put(160 + i * 16, value);
  });
  return image;
}

/** The registers of an FXSAVE image. */
export function readFloating(image: Uint8Array): Required<FloatingRegisters> {
  const view = new DataView(image.buffer, image.byteOffset);
  const get = (at: number, mask: bigint) =>
    view.getBigUint64(at, true) | ((view.getBigUint64(at + 8, true) & mask) << 64n);
  const list = (first: number, count: number, mask: bigint) =>
    Array.from({ length: count }, (_, i) => get(first + i * 16, mask));
  return {
    fcw: view.getUint16(0, true),
    fsw: view.getUint16(2, true),
    ftw: view.getUint8(4),
    mxcsr: view.getUint32(24, true),
    st: list(32, 8, 0xffffn),
    xmm: list(160, 16, (1n << 64n) - 1n),
  };
}

export interface UserEnd {
  /** Vector of the exception, or -1 for a jump to END. */
  readonly vector: number;
  readonly error: number;
  readonly cr2: bigint;
  readonly rip: bigint;
  readonly flags: number;
  readonly registers: Readonly<Record<RegisterName, bigint>>;
  readonly selectors: readonly number[];
  readonly floating: Uint8Array;
  /** Bytes at a linear address after the run. */
  memory(address: bigint, length: number): number[];
}

const SELECTORS_OF_MODE = {
  64: [SELECTOR.CODE64, SELECTOR.DATA, 0, 0, 0, 0],
  32: [SELECTOR.CODE32, ...new Array<number>(5).fill(SELECTOR.DATA)],
  16: [SELECTOR.CODE16, ...new Array<number>(5).fill(SELECTOR.DATA16)],
} as const;

let shared: Promise<UserCore> | undefined;

function pageOf(address: bigint): number {
  const page = PAGES.findIndex((row) => address >> 12n === row.address >> 12n);
  if (page < 0) throw new Error(`no page at ${address.toString(16)}`);
  return page;
}

function writeMemory(view: DataView, bytes: Uint8Array, program: UserProgram): void {
  let from = BYTES_AT;
  let patches = 0;
  for (const [address, content] of program.memory) {
    let at = address;
    let rest: readonly number[] = content;
    while (rest.length > 0) {
      const offset = Number(at & 0xfffn);
      const part = rest.slice(0, PAGE - offset);
      const row = PATCHES_AT + patches++ * 8;
      view.setUint16(row, pageOf(at), true);
      view.setUint16(row + 2, offset, true);
      view.setUint16(row + 4, part.length, true);
      view.setUint16(row + 6, from, true);
      bytes.set(part, from);
      from += part.length;
      at += BigInt(part.length);
      rest = rest.slice(part.length);
    }
  }
  view.setUint16(PATCH_COUNT_AT, patches, true);
}

function writeProgram(program: UserProgram): Uint8Array {
  const bytes = new Uint8Array(CASE_BYTES);
  const view = new DataView(bytes.buffer);
  REGISTERS.forEach((name, i) => {
    view.setBigUint64(i * 8, program.registers?.[name] ?? 0n, true);
  });
  view.setBigUint64(RIP_AT, program.rip, true);
  view.setBigUint64(RFLAGS_AT, BigInt(program.flags ?? 0x202), true);
  view.setBigUint64(FS_BASE_AT, program.fsBase ?? 0n, true);
  view.setBigUint64(GS_BASE_AT, program.gsBase ?? 0n, true);
  const selectors = program.selectors ?? SELECTORS_OF_MODE[program.mode];
  selectors.forEach((selector, i) => {
    view.setUint16(SELECTORS_AT + i * 2, selector, true);
  });
  if (program.floating) bytes.set(program.floating, CASE_FLOATING_AT);
  const flags = (program.mode === 64 ? 0 : LOAD_SEGMENTS) | (program.floating ? OWN_FLOATING : 0);
  view.setUint16(CASE_FLAGS_AT, flags, true);
  writeMemory(view, bytes, program);
  return bytes;
}

/** Runs a program; throws when it does not end by itself. */
export async function runUser(program: UserProgram): Promise<UserEnd> {
  shared ??= UserCore.create();
  const cpu = await shared;
  const input = writeProgram(program);
  cpu.run(input, 0);
  cpu.captureFloating();
  const result = cpu.result.slice();
  const view = new DataView(result.buffer);
  const pages = cpu.pages.map((page) => page.slice());
  for (let page = 0; page < PAGES.length; page++) cpu.resetPage(page);
  cpu.restore(input, 0);
  const ending = view.getInt32(ENDING_AT, true);
  if (ending < 0) throw new Error("the program does not end");
  const registers = Object.fromEntries(
    REGISTERS.map((name, i) => [name, view.getBigUint64(i * 8, true)]),
  ) as Record<RegisterName, bigint>;
  return {
    vector: ending === ENDED ? -1 : view.getUint32(TRAP_AT, true),
    error: view.getUint32(ERROR_AT, true),
    cr2: view.getBigUint64(CR2_AT, true),
    rip: view.getBigUint64(RIP_AT, true),
    flags: view.getUint32(RFLAGS_AT, true),
    registers,
    selectors: [0, 1, 2, 3, 4, 5].map((i) => view.getUint16(SELECTORS_AT + i * 2, true)),
    floating: result.slice(FLOATING_AT, FLOATING_AT + 512),
    memory: (address, length) =>
      Array.from({ length }, (_, i) => {
        const at = address + BigInt(i);
        return pages[pageOf(at)]![Number(at & 0xfffn)]!;
      }),
  };
}
