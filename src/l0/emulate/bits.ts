/** Shifts, rotations, bit tests, scans and counts of the emulator. */
import type { Vcpu } from "../vcpu.ts";
import { doubleShift, FLAG, logic, type PartResult, shift } from "./alu.ts";
import type { Decoded } from "./decode.ts";
import {
  type Execute,
  load,
  type Outcome,
  REG,
  readMemory,
  readOperand,
  readRegister,
  setFlags,
  setZero,
  sizeOf,
  store,
  writeMemory,
  writeRegister,
} from "./operands.ts";

/** A count as the processor masks it. */
function countOf(vcpu: Vcpu, d: Decoded, name: string): number {
  const raw = name === "CL" ? readRegister(vcpu, REG.rcx, 1) : name === "1" ? 1n : d.immediate;
  return Number(raw & (d.size === 8 ? 63n : 31n));
}

/** Stores a result; with none, memory is not written, and a 32-bit register is cut. */
function keep(vcpu: Vcpu, d: Decoded, old: bigint, result: PartResult | undefined): Outcome {
  if (result === undefined) return d.hasMemory || d.size !== 4 ? "done" : store(vcpu, d, old);
  const stored = store(vcpu, d, result.value);
  if (stored === "done") setFlags(vcpu, result.flags, result.mask);
  return stored;
}

function shiftOperand(vcpu: Vcpu, d: Decoded): Outcome {
  const count = countOf(vcpu, d, d.row.operands[1]!);
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  return keep(vcpu, d, value, shift(d.row.mnemonic, value, count, vcpu.rflags, d.size * 8));
}

function shiftDouble(vcpu: Vcpu, d: Decoded): Outcome {
  const count = countOf(vcpu, d, d.row.operands[2]!);
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const source = readRegister(vcpu, d.r1, d.size);
  const isLeft = d.row.mnemonic === "SHLD";
  return keep(vcpu, d, value, doubleShift(isLeft, value, source, count, d.size * 8));
}

function bitTest(vcpu: Vcpu, d: Decoded): Outcome {
  const { mnemonic, operands } = d.row;
  const bits = BigInt(d.size * 8);
  const isImmediate = operands[1]!.startsWith("I");
  const raw = isImmediate ? d.immediate : readRegister(vcpu, d.r1, d.size);
  const bit = 1n << (raw & (bits - 1n));
  // A register reaches beyond the operand in memory, by whole operands.
  const units = isImmediate ? 0n : BigInt.asIntN(d.size * 8, raw) >> BigInt(Math.log2(d.size * 8));
  const beyond = units * BigInt(d.size);
  const old = d.hasMemory ? readMemory(vcpu, d, d.size, beyond) : readRegister(vcpu, d.r2, d.size);
  if (old === undefined) return "fault";
  const changed = mnemonic === "BTS" ? old | bit : mnemonic === "BTR" ? old & ~bit : old ^ bit;
  if (mnemonic !== "BT") {
    if (!d.hasMemory) writeRegister(vcpu, d.r2, d.size, changed);
    else if (writeMemory(vcpu, d, d.size, changed, beyond) !== "done") return "fault";
  }
  setFlags(vcpu, (old & bit) !== 0n ? FLAG.CF : 0, FLAG.CF);
  return "done";
}

/** Places of the lowest and of the highest bit that is set; the value is not 0. */
const lowestBit = (value: bigint) => (value & -value).toString(2).length - 1;
const highestBit = (value: bigint) => value.toString(2).length - 1;

/** BSF and BSR: a source of 0 leaves the destination. */
function scan(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  setZero(vcpu, value === 0n);
  if (value === 0n) return "done";
  const place = d.row.mnemonic === "BSF" ? lowestBit(value) : highestBit(value);
  writeRegister(vcpu, d.r1, d.size, BigInt(place));
  return "done";
}

/** TZCNT, LZCNT and POPCNT. */
function countBits(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const bits = d.size * 8;
  const { mnemonic } = d.row;
  if (mnemonic === "POPCNT") {
    const ones = value.toString(2).replaceAll("0", "").length;
    writeRegister(vcpu, d.r1, d.size, BigInt(ones));
    setFlags(vcpu, value === 0n ? FLAG.ZF : 0);
    return "done";
  }
  let result = bits;
  if (value !== 0n) result = mnemonic === "TZCNT" ? lowestBit(value) : bits - 1 - highestBit(value);
  writeRegister(vcpu, d.r1, d.size, BigInt(result));
  setFlags(vcpu, logic(BigInt(result), bits).flags | (value === 0n ? FLAG.CF : 0));
  return "done";
}

/** CRC-32C, bit-reflected. */
const POLYNOMIAL = 0x82f63b78;

function cyclicCheck(vcpu: Vcpu, d: Decoded): Outcome {
  const size = sizeOf(d.row.operands[1]!, d);
  const value = load(vcpu, d, size);
  if (value === undefined) return "fault";
  let crc = Number(readRegister(vcpu, d.r1, 4));
  for (let i = 0; i < size; i++) {
    crc ^= Number((value >> BigInt(i * 8)) & 0xffn);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) !== 0 ? POLYNOMIAL : 0);
  }
  writeRegister(vcpu, d.r1, 4, BigInt(crc >>> 0));
  return "done";
}

/** Shifts and rotations of BMI2, without flags. */
function shiftWithoutFlags(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const { mnemonic } = d.row;
  const bits = d.size * 8;
  const raw = mnemonic === "RORX" ? d.immediate : readOperand(vcpu, d, "By")!;
  const count = Number(raw & BigInt(bits - 1));
  const name = mnemonic === "RORX" ? "ROR" : mnemonic.slice(0, 3);
  const result = shift(name, value, count, 0, bits)?.value ?? value;
  writeRegister(vcpu, d.r1, d.size, result);
  return "done";
}

/** BEXTR and BZHI: a field of the source. */
function bitField(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const bits = d.size * 8;
  const control = readOperand(vcpu, d, "By")!;
  const low = control & 0xffn;
  const extracts = d.row.mnemonic === "BEXTR";
  const length = extracts ? (control >> 8n) & 0xffn : low;
  const source = extracts ? value >> low : value;
  const result = length >= BigInt(bits) ? source : source & ((1n << length) - 1n);
  const { flags } = logic(result, bits);
  writeRegister(vcpu, d.r1, d.size, result);
  setFlags(vcpu, flags | (!extracts && low >= BigInt(bits) ? FLAG.CF : 0));
  return "done";
}

/** PDEP and PEXT, whose mask is the last operand. */
function scatterOrGather(vcpu: Vcpu, d: Decoded): Outcome {
  const mask = load(vcpu, d);
  if (mask === undefined) return "fault";
  const source = readOperand(vcpu, d, "By")!;
  const deposits = d.row.mnemonic === "PDEP";
  let result = 0n;
  let place = 0n;
  for (let bit = 0n; bit < BigInt(d.size * 8); bit++) {
    if (((mask >> bit) & 1n) === 0n) continue;
    result |= deposits ? ((source >> place) & 1n) << bit : ((source >> bit) & 1n) << place;
    place++;
  }
  writeRegister(vcpu, d.r1, d.size, result);
  return "done";
}

/** MULX: no flags; where both destinations are one, the upper half stays. */
function multiplyWithoutFlags(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const bits = BigInt(d.size * 8);
  const product = readRegister(vcpu, REG.rdx, d.size) * value;
  const low = Number(d.immediate & 0xffn);
  writeRegister(vcpu, low, d.size, BigInt.asUintN(d.size * 8, product));
  writeRegister(vcpu, d.r1, d.size, product >> bits);
  return "done";
}

const each = (names: string, execute: Execute): readonly (readonly [string, Execute])[] =>
  names.split(" ").map((name) => [name, execute] as const);

export const BIT_INSTRUCTIONS: readonly (readonly [string, Execute])[] = [
  ...each("ROL ROR RCL RCR SHL SHR SAR", shiftOperand),
  ...each("SHLD SHRD", shiftDouble),
  ...each("BT BTS BTR BTC", bitTest),
  ...each("BSF BSR", scan),
  ...each("TZCNT LZCNT POPCNT", countBits),
  ["CRC32", cyclicCheck],
  ...each("SARX SHLX SHRX RORX", shiftWithoutFlags),
  ...each("BEXTR BZHI", bitField),
  ...each("PDEP PEXT", scatterOrGather),
  ["MULX", multiplyWithoutFlags],
];
