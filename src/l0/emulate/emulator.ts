/**
 * The instruction emulator for accesses that the processor cannot make for the guest: devices and the
 * local APIC (x86_emulate_instruction). What it cannot do ends the run with the instruction's bytes.
 */
import { FIELD } from "../../generated/vmx.ts";
import { queueException, VECTOR_UD } from "../inject.ts";
import { InternalError } from "../userspace.ts";
import type { Vcpu } from "../vcpu.ts";
import { ARITHMETIC, compute, FLAG } from "./alu.ts";
import { type Decoded, decodeAtRip, linearOf } from "./decode.ts";
import { mayWrite, readLinear, writeLinear } from "./memory.ts";
import { executeMore } from "./more.ts";
import { emulateString, isString } from "./strings.ts";

const RAX = 0;
const RSP = 4;
const SS = 2;

/** What an instruction came to: done, a fault queued, or not within the emulator's reach. */
export type Outcome = "done" | "fault" | "unknown" | "again";

/** Emulates the instruction at RIP and steps over it. @throws InternalError */
export function emulateMmio(vcpu: Vcpu): void {
  const decoded = decodeAtRip(vcpu);
  if (decoded === undefined) return;
  if (!("row" in decoded)) {
    queueException(vcpu, VECTOR_UD);
    return;
  }
  const outcome = isString(decoded) ? emulateString(vcpu, decoded) : execute(vcpu, decoded);
  if (outcome === "done") vcpu.advance(decoded.length);
  if (outcome === "unknown") throw cannot(vcpu, decoded);
}

function cannot(vcpu: Vcpu, decoded: Decoded): InternalError {
  const bytes = Array.from(decoded.bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return new InternalError(
    "emulation",
    `vCPU ${vcpu.index}: emulation of ${decoded.row.mnemonic} ${decoded.row.operands.join(",")} ` +
      `(${bytes}) at RIP 0x${vcpu.rip.toString(16)} failed`,
  );
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
  vcpu.hw.write(FIELD.guest_rflags, (old & ~mask) | (flags & mask));
}

function execute(vcpu: Vcpu, d: Decoded): Outcome {
  const { mnemonic, operands } = d.row;
  const [first = "", second = ""] = operands;
  switch (mnemonic) {
    case "MOV":
    case "MOVNTI":
      return move(vcpu, d, first, second);
    case "MOVZX":
    case "MOVSX":
    case "MOVSXD":
      return extend(vcpu, d, second);
    case "XCHG":
    case "XADD":
      return exchange(vcpu, d);
    case "CMPXCHG":
      return compareExchange(vcpu, d);
    case "INC":
    case "DEC":
    case "NOT":
    case "NEG":
      return unary(vcpu, d);
    case "BT":
    case "BTS":
    case "BTR":
    case "BTC":
      return bitTest(vcpu, d, second);
    case "PUSH":
      return push(vcpu, d, first);
    case "POP":
      return pop(vcpu, d, first);
    default:
      return arithmetic(vcpu, d, first, second);
  }
}

const isMemoryOperand = (name: string) => /^[EMO]/.test(name);

function gla(vcpu: Vcpu, d: Decoded): bigint {
  return linearOf(vcpu, d.segment, d.offset, d.codeBytes);
}

function load(vcpu: Vcpu, d: Decoded, size = d.size): bigint | undefined {
  return d.hasMemory ? readLinear(vcpu, gla(vcpu, d), size) : readRegister(vcpu, d.r2, size);
}

function store(vcpu: Vcpu, d: Decoded, value: bigint): Outcome {
  const cut = BigInt.asUintN(d.size * 8, value);
  if (!d.hasMemory) writeRegister(vcpu, d.r2, d.size, cut);
  else if (!writeLinear(vcpu, gla(vcpu, d), d.size, cut)) return "fault";
  return "done";
}

function move(vcpu: Vcpu, d: Decoded, first: string, second: string): Outcome {
  if (!/^[EGMOIZ]|^(AL|rAX)$/.test(first) || !/^[EGMOI]|^(AL|rAX)$/.test(second)) return "unknown";
  if (isMemoryOperand(second)) {
    const value = load(vcpu, d);
    if (value === undefined) return "fault";
    const target = second.startsWith("O") ? RAX : d.r1;
    writeRegister(vcpu, target, d.size, value);
    return "done";
  }
  if (!isMemoryOperand(first)) return "unknown";
  if (second.startsWith("I")) return store(vcpu, d, d.immediate);
  return store(vcpu, d, readRegister(vcpu, first.startsWith("O") ? RAX : d.r1, d.size));
}

function extend(vcpu: Vcpu, d: Decoded, second: string): Outcome {
  const size = second.endsWith("b") ? 1 : second.endsWith("w") ? 2 : 4;
  const value = load(vcpu, d, size);
  if (value === undefined) return "fault";
  const signed = d.row.mnemonic !== "MOVZX";
  writeRegister(vcpu, d.r1, d.size, signed ? BigInt.asIntN(size * 8, value) : value);
  return "done";
}

function exchange(vcpu: Vcpu, d: Decoded): Outcome {
  if (!d.hasMemory) return "unknown";
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const own = readRegister(vcpu, d.r1, d.size);
  if (d.row.mnemonic === "XCHG") {
    if (store(vcpu, d, own) !== "done") return "fault";
  } else {
    const sum = compute("ADD", old, own, 0, d.size * 8)!;
    if (store(vcpu, d, sum.value) !== "done") return "fault";
    setFlags(vcpu, sum.flags);
  }
  writeRegister(vcpu, d.r1, d.size, old);
  return "done";
}

function compareExchange(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const { flags } = compute("CMP", readRegister(vcpu, RAX, d.size), old, 0, d.size * 8)!;
  const equal = (flags & FLAG.ZF) !== 0;
  // The destination is written whatever the comparison says.
  if (store(vcpu, d, equal ? readRegister(vcpu, d.r1, d.size) : old) !== "done") return "fault";
  if (!equal) writeRegister(vcpu, RAX, d.size, old);
  setFlags(vcpu, flags);
  return "done";
}

function unary(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const bits = d.size * 8;
  switch (d.row.mnemonic) {
    case "NOT":
      return store(vcpu, d, ~old);
    case "NEG": {
      const { value, flags } = compute("SUB", 0n, old, 0, bits)!;
      const stored = store(vcpu, d, value);
      if (stored === "done") setFlags(vcpu, flags);
      return stored;
    }
    default: {
      const { value, flags } = compute(d.row.mnemonic === "INC" ? "ADD" : "SUB", old, 1n, 0, bits)!;
      const stored = store(vcpu, d, value);
      // CF is as it was.
      if (stored === "done") setFlags(vcpu, flags, ARITHMETIC & ~FLAG.CF);
      return stored;
    }
  }
}

function bitTest(vcpu: Vcpu, d: Decoded, second: string): Outcome {
  const bits = d.size * 8;
  let at = gla(vcpu, d);
  let index: bigint;
  if (second.startsWith("I")) {
    index = d.immediate & BigInt(bits - 1);
  } else {
    // A register reaches beyond the operand, by whole operands.
    const offset = BigInt.asIntN(bits, readRegister(vcpu, d.r1, d.size));
    const units = offset >> BigInt(Math.log2(bits));
    index = offset & BigInt(bits - 1);
    if (d.hasMemory) at = linearOf(vcpu, d.segment, d.offset + units * BigInt(d.size), d.codeBytes);
  }
  const old = d.hasMemory ? readLinear(vcpu, at, d.size) : readRegister(vcpu, d.r2, d.size);
  if (old === undefined) return "fault";
  const bit = 1n << index;
  const changed =
    d.row.mnemonic === "BTS" ? old | bit : d.row.mnemonic === "BTR" ? old & ~bit : old ^ bit;
  if (d.row.mnemonic !== "BT") {
    if (!d.hasMemory) writeRegister(vcpu, d.r2, d.size, changed);
    else if (!writeLinear(vcpu, at, d.size, changed)) return "fault";
  }
  setFlags(vcpu, (old & bit) !== 0n ? FLAG.CF : 0, FLAG.CF);
  return "done";
}

function arithmetic(vcpu: Vcpu, d: Decoded, first: string, second: string): Outcome {
  const { mnemonic } = d.row;
  const bits = d.size * 8;
  if (compute(mnemonic, 0n, 0n, 0, bits) === undefined) return executeMore(vcpu, d);
  const memory = load(vcpu, d);
  if (memory === undefined) return "fault";
  const immediate = BigInt.asUintN(bits, d.immediate);
  const other = second.startsWith("I") ? immediate : readRegister(vcpu, d.r1, d.size);
  const intoRegister = first.startsWith("G");
  const a = intoRegister ? other : memory;
  const b = intoRegister ? memory : other;
  const { value, flags } = compute(mnemonic, a, b, vcpu.rflags, bits)!;
  if (mnemonic !== "CMP" && mnemonic !== "TEST") {
    if (intoRegister) writeRegister(vcpu, d.r1, d.size, value);
    else if (store(vcpu, d, value) !== "done") return "fault";
  }
  setFlags(vcpu, flags);
  return "done";
}

/** The stack pointer, and its size by the B flag of SS. */
function stackBytes(vcpu: Vcpu, d: Decoded): number {
  if (d.codeBytes === 8) return 8;
  return (vcpu.hw.read(FIELD.guest_ss_ar) & 0x4000) !== 0 ? 4 : 2;
}

function push(vcpu: Vcpu, d: Decoded, first: string): Outcome {
  const value = first.startsWith("I")
    ? BigInt.asUintN(d.size * 8, d.immediate)
    : /^[EZ]/.test(first)
      ? load(vcpu, d)
      : undefined;
  if (value === undefined) return first.startsWith("E") ? "fault" : "unknown";
  const bytes = stackBytes(vcpu, d);
  const sp = BigInt.asUintN(bytes * 8, vcpu.gpr(RSP) - BigInt(d.size));
  if (!writeLinear(vcpu, linearOf(vcpu, SS, sp, d.codeBytes), d.size, value)) return "fault";
  writeRegister(vcpu, RSP << 3, bytes, sp);
  return "done";
}

function pop(vcpu: Vcpu, d: Decoded, first: string): Outcome {
  if (!/^[EZ]/.test(first)) return "unknown";
  const bytes = stackBytes(vcpu, d);
  const sp = BigInt.asUintN(bytes * 8, vcpu.gpr(RSP));
  const value = readLinear(vcpu, linearOf(vcpu, SS, sp, d.codeBytes), d.size);
  if (value === undefined) return "fault";
  if (d.hasMemory && !mayWrite(vcpu, gla(vcpu, d), d.size)) return "fault";
  // With RSP as base, the address is computed behind the increment.
  writeRegister(vcpu, RSP << 3, bytes, sp + BigInt(d.size));
  return store(vcpu, d, value);
}
