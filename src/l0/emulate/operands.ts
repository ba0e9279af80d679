/** Operands of emulated instructions: registers, flags, memory, by their names in the opcode table. */
import { FIELD } from "../../generated/vmx.ts";
import { queueException } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { ARITHMETIC, FLAG } from "./alu.ts";
import type { Decoded } from "./decode.ts";
import { linearize, readLinear, writeLinear } from "./memory.ts";

/**
 * What an instruction came to: done; done and RIP set by itself; a fault queued; not within the
 * emulator's reach; repetitions left.
 */
export type Outcome = "done" | "jumped" | "fault" | "unknown" | "again";
export type Execute = (vcpu: Vcpu, d: Decoded) => Outcome;

/** General registers as byte offsets in the register file. */
export const REG = {
  rax: 0,
  rcx: 8,
  rdx: 16,
  rbx: 24,
  rsp: 32,
  rbp: 40,
  rsi: 48,
  rdi: 56,
} as const;
export const SEG = { es: 0, cs: 1, ss: 2, ds: 3, fs: 4, gs: 5, ldtr: 6, tr: 7 } as const;

/** Queues a fault. */
export function fault(vcpu: Vcpu, vector: number, error?: number): "fault" {
  queueException(vcpu, vector, error);
  return "fault";
}

/** A register operand; `at` is its byte offset in the register file. */
export function readRegister(vcpu: Vcpu, at: number, size: number): bigint {
  const value = vcpu.gpr(at >> 3) >> BigInt((at & 7) * 8);
  return BigInt.asUintN(size * 8, value);
}

/** Writes it as instructions do: 32 bits clear the upper half, fewer leave the rest. */
export function writeRegister(vcpu: Vcpu, at: number, size: number, value: bigint): void {
  const index = at >> 3;
  if (size >= 4) {
    vcpu.setGpr(index, BigInt.asUintN(size * 8, value));
    return;
  }
  const shift = BigInt((at & 7) * 8);
  const mask = ((1n << BigInt(size * 8)) - 1n) << shift;
  vcpu.setGpr(index, (vcpu.gpr(index) & ~mask) | ((value << shift) & mask));
}

export function setFlags(vcpu: Vcpu, flags: number, mask = ARITHMETIC): void {
  const old = vcpu.rflags;
  vcpu.hw.write(FIELD.guest_rflags, ((old & ~mask) | (flags & mask)) >>> 0);
}

/** Sets ZF and keeps the others. */
export function setZero(vcpu: Vcpu, zero: boolean): void {
  setFlags(vcpu, zero ? FLAG.ZF : 0, FLAG.ZF);
}

/** Bytes of an operand by the letter behind its kind; those without one are as the instruction. */
export function sizeOf(name: string, d: Decoded): number {
  switch (name[1]) {
    case "b":
      return 1;
    case "w":
      return 2;
    case "d":
      return 4;
    case "q":
      return 8;
    default:
      return d.size;
  }
}

/** Linear address of the memory operand, `beyond` bytes further; undefined with a fault queued. */
export function operandAt(
  vcpu: Vcpu,
  d: Decoded,
  size: number,
  write: boolean,
  beyond = 0n,
): bigint | undefined {
  const bits = d.addressSize * 8;
  const offset = BigInt.asUintN(bits, d.offset + beyond);
  return linearize(vcpu, d, d.segment, offset, size, write);
}

/** The memory operand, or the part of it that lies `beyond` bytes further. */
export function readMemory(vcpu: Vcpu, d: Decoded, size: number, beyond = 0n): bigint | undefined {
  const at = operandAt(vcpu, d, size, false, beyond);
  return at === undefined ? undefined : readLinear(vcpu, at, size);
}

export function writeMemory(
  vcpu: Vcpu,
  d: Decoded,
  size: number,
  value: bigint,
  beyond = 0n,
): Outcome {
  const at = operandAt(vcpu, d, size, true, beyond);
  if (at === undefined || !writeLinear(vcpu, at, size, value)) return "fault";
  return "done";
}

/** The operand that ModRM.rm names. */
export function load(vcpu: Vcpu, d: Decoded, size = d.size): bigint | undefined {
  return d.hasMemory ? readMemory(vcpu, d, size) : readRegister(vcpu, d.r2, size);
}

export function store(vcpu: Vcpu, d: Decoded, value: bigint, size = d.size): Outcome {
  const cut = BigInt.asUintN(size * 8, value);
  if (d.hasMemory) return writeMemory(vcpu, d, size, cut);
  writeRegister(vcpu, d.r2, size, cut);
  return "done";
}

/** Any source operand of the general instructions. */
export function readOperand(vcpu: Vcpu, d: Decoded, name: string): bigint | undefined {
  const size = sizeOf(name, d);
  switch (name[0]) {
    case "I":
      return BigInt.asUintN(d.size * 8, d.immediate);
    case "G":
      return readRegister(vcpu, d.r1, size);
    case "1":
      return 1n;
    case "C":
      return readRegister(vcpu, REG.rcx, 1);
    // The register in VEX.vvvv stands in the place of the immediate.
    case "B":
      return readRegister(vcpu, Number(d.immediate & 0xffn), size);
    default:
      break;
  }
  if (name === "AL") return readRegister(vcpu, REG.rax, 1);
  if (name === "rAX") return readRegister(vcpu, REG.rax, d.size);
  return load(vcpu, d, size);
}

/** Any destination operand of the general instructions. */
export function writeOperand(vcpu: Vcpu, d: Decoded, name: string, value: bigint): Outcome {
  const size = sizeOf(name, d);
  if (name[0] === "G") writeRegister(vcpu, d.r1, size, BigInt.asUintN(size * 8, value));
  else if (name[0] === "B") writeRegister(vcpu, Number(d.immediate & 0xffn), size, value);
  else if (name === "AL") writeRegister(vcpu, REG.rax, 1, value);
  else if (name === "rAX") writeRegister(vcpu, REG.rax, d.size, value);
  else return store(vcpu, d, value, size);
  return "done";
}
