/** A bare core for tests of SSE instructions: registers as BigInts, instructions by mnemonic. */
import { LAYOUT } from "../../src/core/core.ts";
import { STATE } from "../../src/generated/state.ts";
import { OPCODES, type OpcodeRow } from "../../src/tables/opcodes/index.ts";
import { BareCore, DATA, type Outcome } from "./bare-core.ts";

/** Where memory operands lie; RBX points there. */
export const OPERAND = DATA + 0x100;
const MAP_BYTES: Record<string, readonly number[]> = {
  "0F": [0x0f],
  "0F38": [0x0f, 0x38],
  "0F3A": [0x0f, 0x3a],
};
const PREFIX_BYTES: Record<string, readonly number[]> = { "66": [0x66], F3: [0xf3], F2: [0xf2] };

/** The row of `mnemonic` on XMM registers whose first operand matches `first`. */
export function sseRow(mnemonic: string, first = /^[VWUMGRE]/): OpcodeRow {
  const row = OPCODES.find(
    (r) =>
      r.mnemonic === mnemonic &&
      first.test(r.operands[0]!) &&
      !r.operands.some((o) => /^[PQN]/.test(o)),
  );
  if (!row) throw new Error(`no row ${mnemonic}`);
  return row;
}

/** Bytes of a row with ModRM.reg 1 (or its digit) and ModRM.rm 2, or memory at RBX. */
export function encode(
  row: OpcodeRow,
  memory: boolean,
  immediate?: number,
  wide = false,
): number[] {
  const modrm = ((row.digit ?? 1) << 3) | (memory ? 3 : 0xc2);
  return [
    ...(PREFIX_BYTES[row.prefix] ?? []),
    ...(wide ? [0x48] : []),
    ...MAP_BYTES[row.map]!,
    row.opcode,
    modrm,
    ...(immediate === undefined ? [] : [immediate]),
  ];
}

export class SseCore {
  readonly cpu: BareCore;

  private constructor(cpu: BareCore) {
    this.cpu = cpu;
  }

  static async create(): Promise<SseCore> {
    return new SseCore(await BareCore.create());
  }

  reset(): void {
    this.cpu.reset();
    this.cpu.setGpr(3, BigInt(OPERAND));
  }

  get mxcsr(): number {
    return this.cpu.core.state32(STATE.MXCSR);
  }

  set mxcsr(value: number) {
    this.cpu.core.setState32(STATE.MXCSR, value);
  }

  xmm(n: number): bigint {
    const at = (LAYOUT.STATE + STATE.XMM + n * 16) >> 3;
    return (this.cpu.core.u64[at + 1]! << 64n) | this.cpu.core.u64[at]!;
  }

  setXmm(n: number, value: bigint): void {
    const at = (LAYOUT.STATE + STATE.XMM + n * 16) >> 3;
    this.cpu.core.u64[at] = BigInt.asUintN(64, value);
    this.cpu.core.u64[at + 1] = BigInt.asUintN(64, value >> 64n);
  }

  /** The 16 bytes of the memory operand. */
  set operand(value: bigint) {
    const bytes = this.cpu.bytes(OPERAND, 16);
    for (let i = 0; i < 16; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  }

  get operand(): bigint {
    return this.cpu.bytes(OPERAND, 16).reduceRight((all, byte) => (all << 8n) | BigInt(byte), 0n);
  }

  /** Runs code; throws when it ends in an exception. */
  run(code: readonly number[]): void {
    const { vector } = this.cpu.run(code);
    if (vector >= 0) throw new Error(`vector ${vector}`);
  }

  /** Runs code that may fault. */
  attempt(code: readonly number[]): Outcome {
    return { ...this.cpu.run(code) };
  }

  /** XMM1 after `row` with XMM1 = a and the other operand = b, from a register or from memory. */
  binary(row: OpcodeRow, a: bigint, b: bigint, memory: boolean, immediate?: number): bigint {
    this.setXmm(1, a);
    this.setXmm(2, memory ? 0n : b);
    this.operand = memory ? b : 0n;
    this.run(encode(row, memory, immediate));
    return this.xmm(1);
  }
}
