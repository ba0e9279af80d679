/** A bare core seen from its x87 and MMX state: registers in and out, codes with a memory operand. */
import { LAYOUT } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { BareCore, DATA, type Outcome } from "./bare-core.ts";

/** An 80-bit number: significand, and sign with exponent. */
export interface F80 {
  readonly sig: bigint;
  readonly exp: number;
}

export const INTEGER_BIT = 1n << 63n;
export const INDEFINITE: F80 = { sig: 0xc000000000000000n, exp: 0xffff };
export const INFINITY: F80 = { sig: INTEGER_BIT, exp: 0x7fff };
export const SIGNALING: F80 = { sig: INTEGER_BIT | 1n, exp: 0x7fff };
export const DENORMAL: F80 = { sig: 1n, exp: 0 };
export const LARGEST: F80 = { sig: 0xffffffffffffffffn, exp: 0x7ffe };

// Status word.
export const IE = 0x01;
export const DE = 0x02;
export const ZE = 0x04;
export const OE = 0x08;
export const UE = 0x10;
export const PE = 0x20;
export const SF = 0x40;
export const ES = 0x80;
export const C0 = 0x100;
export const C1 = 0x200;
export const C2 = 0x400;
export const C3 = 0x4000;
export const B = 0x8000;

export const VECTOR_UD = 6;
export const VECTOR_NM = 7;
export const VECTOR_GP = 13;
export const VECTOR_PF = 14;
export const VECTOR_MF = 16;
export const VECTOR_AC = 17;
export const VECTOR_XM = 19;

/** Where codes with the memory operand [RBX] find it. */
export const OPERAND = DATA;

const words = new DataView(new ArrayBuffer(8));

/** The 80-bit encoding of a JavaScript number. */
export function f80(value: number): F80 {
  words.setFloat64(0, value);
  const bits = words.getBigUint64(0);
  const sign = Number(bits >> 63n) << 15;
  let exponent = Number((bits >> 52n) & 0x7ffn);
  let fraction = bits & 0xfffffffffffffn;
  if (exponent === 0x7ff) return { sig: INTEGER_BIT | (fraction << 11n), exp: sign | 0x7fff };
  if (exponent === 0) {
    if (fraction === 0n) return { sig: 0n, exp: sign };
    exponent = 1;
    while ((fraction & (1n << 52n)) === 0n) {
      fraction <<= 1n;
      exponent--;
    }
  } else fraction |= 1n << 52n;
  return { sig: fraction << 11n, exp: sign | (exponent - 0x3ff + 0x3fff) };
}

export class FpuCore {
  readonly cpu: BareCore;

  private constructor(cpu: BareCore) {
    this.cpu = cpu;
  }

  static async create(): Promise<FpuCore> {
    return new FpuCore(await BareCore.create());
  }

  /** The state after FNINIT with registers of 0, RBX at the operand, memory of 0. */
  reset(): void {
    const { core } = this.cpu;
    this.cpu.reset();
    core.u8.fill(0, this.fpr, this.fpr + 128);
    core.u8.fill(0, LAYOUT.STATE + STATE.XMM, LAYOUT.STATE + STATE.XMM + 256);
    for (const word of [STATE.FOP, STATE.IGNNE]) core.setState32(word, 0);
    core.setState64(STATE.FIP, 0n);
    core.setState64(STATE.FDP, 0n);
    core.exports.setFlagsWord(2);
    for (let i = 0; i < 16; i++) this.cpu.setGpr(i, 0n);
    this.cpu.setGpr(3, BigInt(OPERAND));
    this.memory(OPERAND, 1024).fill(0);
  }

  private get fpr(): number {
    return LAYOUT.STATE + STATE.FPR;
  }

  private physical(i: number): number {
    return this.fpr + ((this.top + i) & 7) * 16;
  }

  get top(): number {
    return this.cpu.core.state32(STATE.FTOP);
  }

  set top(value: number) {
    this.cpu.core.setState32(STATE.FTOP, value & 7);
  }

  /** Bit n set: physical register n is not empty. */
  get tags(): number {
    return this.cpu.core.state32(STATE.FTW);
  }

  set tags(value: number) {
    this.cpu.core.setState32(STATE.FTW, value);
  }

  /** Status word with TOP. */
  get status(): number {
    return this.cpu.core.state32(STATE.FSW) | (this.top << 11);
  }

  /** Status word without TOP. */
  get flags(): number {
    return this.cpu.core.state32(STATE.FSW);
  }

  set flags(value: number) {
    this.cpu.core.setState32(STATE.FSW, value);
  }

  get control(): number {
    return this.cpu.core.state32(STATE.FCW);
  }

  set control(value: number) {
    this.cpu.core.setState32(STATE.FCW, value);
  }

  get mxcsr(): number {
    return this.cpu.core.state32(STATE.MXCSR);
  }

  set mxcsr(value: number) {
    this.cpu.core.setState32(STATE.MXCSR, value);
  }

  get pointers(): { fip: bigint; fdp: bigint; fop: number } {
    const { core } = this.cpu;
    return {
      fip: core.state64(STATE.FIP),
      fdp: core.state64(STATE.FDP),
      fop: core.state32(STATE.FOP),
    };
  }

  /** ST(i), whatever its tag. */
  st(i: number): F80 {
    const at = this.physical(i);
    const { core } = this.cpu;
    return { sig: core.u64[at >> 3]!, exp: core.u16[(at >> 1) + 4]! };
  }

  setSt(i: number, value: F80): void {
    const at = this.physical(i);
    const { core } = this.cpu;
    core.u64[at >> 3] = value.sig;
    core.u16[(at >> 1) + 4] = value.exp;
    this.tags |= 1 << ((this.top + i) & 7);
  }

  isEmpty(i: number): boolean {
    return ((this.tags >> ((this.top + i) & 7)) & 1) === 0;
  }

  /** Makes these, ST(0) first, the contents of the stack. */
  stack(...values: readonly (F80 | number)[]): void {
    this.tags = 0;
    this.top = 8 - values.length;
    values.forEach((value, i) => {
      this.setSt(i, typeof value === "number" ? f80(value) : value);
    });
  }

  /** Contents of the stack down to the first empty register. */
  contents(): F80[] {
    const values: F80[] = [];
    for (let i = 0; i < 8 && !this.isEmpty(i); i++) values.push(this.st(i));
    return values;
  }

  /** MMX register n. */
  mmx(n: number): bigint {
    return this.cpu.core.u64[(this.fpr >> 3) + n * 2]!;
  }

  setMmx(n: number, value: bigint): void {
    this.cpu.core.u64[(this.fpr >> 3) + n * 2] = value;
  }

  /** Sign and exponent that physical register n holds. */
  exponent(n: number): number {
    return this.cpu.core.u16[(this.fpr >> 1) + n * 8 + 4]!;
  }

  setExponent(n: number, value: number): void {
    this.cpu.core.u16[(this.fpr >> 1) + n * 8 + 4] = value;
  }

  /** Low or high half of an XMM register. */
  xmm(n: number, half: 0 | 1): bigint {
    return this.cpu.core.u64[((LAYOUT.STATE + STATE.XMM) >> 3) + n * 2 + half]!;
  }

  setXmm(n: number, low: bigint, high: bigint): void {
    const at = ((LAYOUT.STATE + STATE.XMM) >> 3) + n * 2;
    this.cpu.core.u64[at] = low;
    this.cpu.core.u64[at + 1] = high;
  }

  /** Everything that an instruction which faults must leave alone. */
  snapshot(): unknown {
    const { core } = this.cpu;
    const xmm = LAYOUT.STATE + STATE.XMM;
    return {
      status: this.status,
      control: this.control,
      tags: this.tags,
      pointers: this.pointers,
      mxcsr: this.mxcsr,
      registers: core.u8.slice(this.fpr, this.fpr + 128),
      xmm: core.u8.slice(xmm, xmm + 256),
      gpr: Array.from({ length: 16 }, (_, i) => this.cpu.gpr(i)),
    };
  }

  /** RAM as bytes. */
  memory(gpa: number, length: number): Uint8Array {
    return this.cpu.bytes(gpa, length);
  }

  /** RAM at the operand. */
  view(length = 128): DataView {
    const bytes = this.memory(OPERAND, length);
    return new DataView(bytes.buffer, bytes.byteOffset, length);
  }

  /** Runs code given as hexadecimal bytes. */
  run(code: string): Outcome {
    const bytes = code
      .trim()
      .split(/\s+/)
      .map((byte) => Number.parseInt(byte, 16));
    return this.cpu.run(bytes);
  }
}
