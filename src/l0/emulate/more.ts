/** Instructions of the emulator that guests seldom use on device memory. */
import { readCr0 } from "../control-registers.ts";
import { queueException, VECTOR_GP } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { ARITHMETIC, FLAG, logic } from "./alu.ts";
import { type Decoded, linearOf } from "./decode.ts";
import { type Outcome, readRegister, setFlags, writeRegister } from "./emulator.ts";
import { readLinear, writeLinear } from "./memory.ts";

const RAX = 0;
const RCX = 1 << 3;
const RDX = 2 << 3;
const RBX = 3 << 3;
const CONDITIONS = "O NO B NB Z NZ BE NBE S NS P NP L NL LE NLE".split(" ");

/** Moves of 16 bytes, and whether they must be aligned. */
const WIDE_MOVES = new Map([
  ["MOVDQU", false],
  ["MOVUPS", false],
  ["MOVUPD", false],
  ["MOVDQA", true],
  ["MOVAPS", true],
  ["MOVAPD", true],
  ["MOVNTDQ", true],
  ["MOVNTPS", true],
  ["MOVNTPD", true],
]);
const WIDE_BYTES = 16;

/** Whether a condition of SETcc and CMOVcc holds, by its number. */
function holds(condition: number, flags: number): boolean {
  const has = (bit: number) => (flags & bit) !== 0;
  const less = has(FLAG.SF) !== has(FLAG.OF);
  const base = [
    has(FLAG.OF),
    has(FLAG.CF),
    has(FLAG.ZF),
    has(FLAG.CF) || has(FLAG.ZF),
    has(FLAG.SF),
    has(FLAG.PF),
    less,
    less || has(FLAG.ZF),
  ][condition >> 1]!;
  return base !== ((condition & 1) === 1);
}

const gla = (vcpu: Vcpu, d: Decoded) => linearOf(vcpu, d.segment, d.offset, d.codeBytes);

function load(vcpu: Vcpu, d: Decoded): bigint | undefined {
  return d.hasMemory ? readLinear(vcpu, gla(vcpu, d), d.size) : readRegister(vcpu, d.r2, d.size);
}

/** Carries out what this file knows; "unknown" for anything else. */
export function executeMore(vcpu: Vcpu, d: Decoded): Outcome {
  const { mnemonic } = d.row;
  if (mnemonic.startsWith("SET")) return setCondition(vcpu, d, mnemonic.slice(3));
  if (WIDE_MOVES.has(mnemonic)) return moveWide(vcpu, d);
  if (mnemonic.startsWith("CMOV")) return moveCondition(vcpu, d, mnemonic.slice(4));
  switch (mnemonic) {
    case "SMSW":
      return d.hasMemory ? write(vcpu, d, 2, readCr0(vcpu) & 0xffffn) : "unknown";
    case "IMUL":
      return multiply(vcpu, d);
    case "BSF":
    case "BSR":
      return scan(vcpu, d);
    case "SHL":
    case "SHR":
    case "SAR":
      return shift(vcpu, d);
    case "MOVBE":
      return moveSwapped(vcpu, d);
    case "SHLD":
    case "SHRD":
      return doubleShift(vcpu, d);
    case "CMPXCHG8B":
      return compareExchangePair(vcpu, d);
    default:
      return "unknown";
  }
}

function write(vcpu: Vcpu, d: Decoded, size: number, value: bigint): Outcome {
  return writeLinear(vcpu, gla(vcpu, d), size, value) ? "done" : "fault";
}

function setCondition(vcpu: Vcpu, d: Decoded, name: string): Outcome {
  const condition = CONDITIONS.indexOf(name);
  if (condition < 0 || !d.hasMemory) return "unknown";
  return write(vcpu, d, 1, holds(condition, vcpu.rflags) ? 1n : 0n);
}

function moveCondition(vcpu: Vcpu, d: Decoded, name: string): Outcome {
  const condition = CONDITIONS.indexOf(name);
  if (condition < 0) return "unknown";
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const moves = holds(condition, vcpu.rflags);
  // A 32-bit destination loses its upper half even if nothing is moved.
  if (moves) writeRegister(vcpu, d.r1, d.size, value);
  else if (d.size === 4) writeRegister(vcpu, d.r1, 4, readRegister(vcpu, d.r1, 4));
  return "done";
}

/** IMUL of two and three operands. */
function multiply(vcpu: Vcpu, d: Decoded): Outcome {
  const { operands } = d.row;
  if (operands.length < 2) return "unknown";
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const bits = d.size * 8;
  const other = operands.length === 3 ? d.immediate : readRegister(vcpu, d.r1, d.size);
  const product = BigInt.asIntN(bits, value) * BigInt.asIntN(bits, other);
  const cut = BigInt.asUintN(bits, product);
  writeRegister(vcpu, d.r1, d.size, cut);
  const overflow = BigInt.asIntN(bits, product) !== product ? FLAG.CF | FLAG.OF : 0;
  setFlags(vcpu, logic(cut, bits).flags | overflow);
  return "done";
}

/** A move between an XMM register and memory. */
function moveWide(vcpu: Vcpu, d: Decoded): Outcome {
  if (!d.hasMemory) return "unknown";
  const at = gla(vcpu, d);
  if (WIDE_MOVES.get(d.row.mnemonic) === true && (at & 15n) !== 0n) {
    queueException(vcpu, VECTOR_GP, 0);
    return "fault";
  }
  const register = d.r1 >> 4;
  if (/^[MW]/.test(d.row.operands[0] ?? "")) {
    return write(vcpu, d, WIDE_BYTES, vcpu.hw.xmm(register));
  }
  const value = readLinear(vcpu, at, WIDE_BYTES);
  if (value === undefined) return "fault";
  vcpu.hw.setXmm(register, value);
  return "done";
}

/** BSF and BSR. */
function scan(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  setFlags(vcpu, value === 0n ? FLAG.ZF : 0, FLAG.ZF);
  if (value === 0n) return "done";
  const digits = value.toString(2);
  const low = digits.length - 1 - digits.lastIndexOf("1");
  const place = d.row.mnemonic === "BSF" ? low : digits.length - 1;
  writeRegister(vcpu, d.r1, d.size, BigInt(place));
  return "done";
}

/** SHL, SHR and SAR by an immediate, by 1 or by CL. */
function shift(vcpu: Vcpu, d: Decoded): Outcome {
  const [, by = ""] = d.row.operands;
  const bits = d.size * 8;
  const raw = by === "CL" ? readRegister(vcpu, RCX, 1) : by === "1" ? 1n : d.immediate;
  const count = raw & (d.size === 8 ? 63n : 31n);
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  if (count === 0n) return "done";
  const isLeft = d.row.mnemonic === "SHL";
  const wide = d.row.mnemonic === "SAR" ? BigInt.asIntN(bits, value) : value;
  const result = BigInt.asUintN(bits, isLeft ? wide << count : wide >> count);
  const out = isLeft ? (value << count) >> BigInt(bits) : wide >> (count - 1n);
  const turned = ((value ^ result) >> BigInt(bits - 1)) & 1n;
  if (!d.hasMemory) writeRegister(vcpu, d.r2, d.size, result);
  else if (!writeLinear(vcpu, gla(vcpu, d), d.size, result)) return "fault";
  const carry = (out & 1n) !== 0n ? FLAG.CF : 0;
  setFlags(vcpu, logic(result, bits).flags | carry | (turned !== 0n ? FLAG.OF : 0));
  return "done";
}

function moveSwapped(vcpu: Vcpu, d: Decoded): Outcome {
  const swap = (value: bigint) => {
    let result = 0n;
    for (let i = 0; i < d.size; i++) {
      result = (result << 8n) | ((value >> BigInt(i * 8)) & 0xffn);
    }
    return result;
  };
  if (d.row.operands[0]?.startsWith("M")) {
    return write(vcpu, d, d.size, swap(readRegister(vcpu, d.r1, d.size)));
  }
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  writeRegister(vcpu, d.r1, d.size, swap(value));
  return "done";
}

function doubleShift(vcpu: Vcpu, d: Decoded): Outcome {
  const bits = d.size * 8;
  const raw = d.row.operands[2] === "CL" ? readRegister(vcpu, RCX, 1) : d.immediate;
  const count = Number(raw & (d.size === 8 ? 63n : 31n));
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  if (count === 0) return "done";
  if (count > bits) return "unknown";
  const source = readRegister(vcpu, d.r1, d.size);
  const isLeft = d.row.mnemonic === "SHLD";
  const n = BigInt(count);
  const rest = BigInt(bits) - n;
  const result = BigInt.asUintN(
    bits,
    isLeft ? (value << n) | (source >> rest) : (value >> n) | (source << rest),
  );
  const out = isLeft ? value >> rest : value >> (n - 1n);
  const sign = BigInt(bits - 1);
  const turned = ((value ^ result) >> sign) & 1n;
  if (!d.hasMemory) writeRegister(vcpu, d.r2, d.size, result);
  else if (!writeLinear(vcpu, gla(vcpu, d), d.size, result)) return "fault";
  const carry = (out & 1n) !== 0n ? FLAG.CF : 0;
  setFlags(vcpu, logic(result, bits).flags | carry | (turned !== 0n ? FLAG.OF : 0), ARITHMETIC);
  return "done";
}

/** CMPXCHG8B and CMPXCHG16B. */
function compareExchangePair(vcpu: Vcpu, d: Decoded): Outcome {
  if (!d.hasMemory) return "unknown";
  const half = d.size === 8 ? 8 : 4;
  const shift = BigInt(half * 8);
  const at = gla(vcpu, d);
  const next = linearOf(vcpu, d.segment, d.offset + BigInt(half), d.codeBytes);
  const low = readLinear(vcpu, at, half);
  if (low === undefined) return "fault";
  const high = readLinear(vcpu, next, half);
  if (high === undefined) return "fault";
  const pair = (upper: number, lower: number) =>
    (readRegister(vcpu, upper, half) << shift) | readRegister(vcpu, lower, half);
  const equal = pair(RDX, RAX) === ((high << shift) | low);
  if (equal) {
    if (!writeLinear(vcpu, at, half, readRegister(vcpu, RBX, half))) return "fault";
    if (!writeLinear(vcpu, next, half, readRegister(vcpu, RCX, half))) return "fault";
  } else {
    writeRegister(vcpu, RAX, half, low);
    writeRegister(vcpu, RDX, half, high);
  }
  setFlags(vcpu, equal ? FLAG.ZF : 0, FLAG.ZF);
  return "done";
}
