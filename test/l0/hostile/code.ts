/** Machine code of the hostile L1: a builder for 64-bit code with its data behind it. */
import { DISPATCH } from "./memory-map.ts";

const word32 = (value: number): number[] => [
  value & 0xff,
  (value >>> 8) & 0xff,
  (value >>> 16) & 0xff,
  (value >>> 24) & 0xff,
];
const word64 = (value: bigint): number[] => [
  ...word32(Number(value & 0xffffffffn)),
  ...word32(Number((value >> 32n) & 0xffffffffn)),
];

/** MOV EAX, DISPATCH; JMP RAX. */
export const BACK: readonly number[] = [0xb8, ...word32(DISPATCH), 0xff, 0xe0];

export const RAX = 0;
export const RCX = 1;
export const RDX = 2;
export const RBX = 3;
export const RSI = 6;
export const RDI = 7;

export class Code {
  private readonly bytes: number[] = [];
  private readonly data: number[] = [];
  private readonly fixes: { at: number; data: number }[] = [];

  raw(...bytes: readonly number[]): this {
    this.bytes.push(...bytes);
    return this;
  }

  /** MOV register, value (RAX to RDI). */
  set(register: number, value: bigint): this {
    return this.raw(0x48, 0xb8 + register, ...word64(BigInt.asUintN(64, value)));
  }

  /** Instruction with a memory operand [gla], the address in RBX; `reg` is the other operand. */
  at(gla: bigint, reg: number, ...opcode: readonly number[]): this {
    return this.set(RBX, gla).raw(...opcode, (reg << 3) | RBX);
  }

  /** Instruction whose memory operand is data of the action's own. */
  withData(data: readonly bigint[], reg: number, ...opcode: readonly number[]): this {
    this.raw(...opcode, (reg << 3) | 5);
    this.fixes.push({ at: this.bytes.length, data: this.data.length });
    this.data.push(...data.flatMap(word64));
    return this.raw(0, 0, 0, 0);
  }

  /** LEA register, [data]. */
  dataAddress(register: number, data: readonly number[]): this {
    this.raw(0x48, 0x8d, (register << 3) | 5);
    this.fixes.push({ at: this.bytes.length, data: this.data.length });
    this.data.push(...data);
    return this.raw(0, 0, 0, 0);
  }

  /** The code, which goes on at DISPATCH or ends with `end`, and the data behind it. */
  finish(end: readonly number[] = BACK): Uint8Array {
    const bytes = [...this.bytes, ...end];
    const start = (bytes.length + 15) & ~15;
    for (const { at, data } of this.fixes) {
      const displacement = word32(start + data - (at + 4));
      for (let i = 0; i < 4; i++) bytes[at + i] = displacement[i]!;
    }
    while (bytes.length < start) bytes.push(0xcc);
    return Uint8Array.from([...bytes, ...this.data]);
  }
}
