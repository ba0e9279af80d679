/** General instructions of the emulator: transfer, arithmetic, logic, comparison. */
import { VECTOR_DE } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import {
  type AluResult,
  ARITHMETIC,
  add,
  compute,
  conditionHolds,
  divide,
  FLAG,
  logic,
  multiply,
  subtract,
} from "./alu.ts";
import type { Decoded } from "./decode.ts";
import { linearize, readLinear } from "./memory.ts";
import {
  type Execute,
  fault,
  load,
  type Outcome,
  operandAt,
  REG,
  readMemory,
  readOperand,
  readRegister,
  setFlags,
  setZero,
  sizeOf,
  store,
  writeMemory,
  writeOperand,
  writeRegister,
} from "./operands.ts";

/** Keeps the flags of a result whose value has been stored. */
function finish(vcpu: Vcpu, stored: Outcome, flags: number, mask = ARITHMETIC): Outcome {
  if (stored === "done") setFlags(vcpu, flags, mask);
  return stored;
}

function arithmetic(vcpu: Vcpu, d: Decoded): Outcome {
  const { mnemonic, operands } = d.row;
  const [first, second] = operands as [string, string];
  const a = readOperand(vcpu, d, first);
  if (a === undefined) return "fault";
  const b = readOperand(vcpu, d, second);
  if (b === undefined) return "fault";
  const { value, flags } = compute(mnemonic, a, b, vcpu.rflags, d.size * 8)!;
  const writes = mnemonic !== "CMP" && mnemonic !== "TEST";
  return finish(vcpu, writes ? writeOperand(vcpu, d, first, value) : "done", flags);
}

function move(vcpu: Vcpu, d: Decoded): Outcome {
  const [first, second] = d.row.operands as [string, string];
  if (!/^([EGMOZ]|AL|rAX)/.test(first) || !/^([EGMOI]|AL|rAX)/.test(second)) return "unknown";
  const value = readOperand(vcpu, d, second);
  return value === undefined ? "fault" : writeOperand(vcpu, d, first, value);
}

function extend(vcpu: Vcpu, d: Decoded): Outcome {
  const size = sizeOf(d.row.operands[1]!, d);
  const value = load(vcpu, d, size);
  if (value === undefined) return "fault";
  const signed = d.row.mnemonic !== "MOVZX";
  writeRegister(vcpu, d.r1, d.size, signed ? BigInt.asIntN(size * 8, value) : value);
  return "done";
}

function exchange(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const stored = store(vcpu, d, readRegister(vcpu, d.r1, d.size));
  if (stored === "done") writeRegister(vcpu, d.r1, d.size, old);
  return stored;
}

function exchangeAdd(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const sum = add(old, readRegister(vcpu, d.r1, d.size), 0, d.size * 8);
  if (d.hasMemory) {
    if (store(vcpu, d, sum.value) !== "done") return "fault";
    writeRegister(vcpu, d.r1, d.size, old);
  } else {
    // With one register as both operands, the sum stays.
    writeRegister(vcpu, d.r1, d.size, old);
    store(vcpu, d, sum.value);
  }
  setFlags(vcpu, sum.flags);
  return "done";
}

function compareExchange(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const { flags } = subtract(readRegister(vcpu, REG.rax, d.size), old, 0, d.size * 8);
  const equal = (flags & FLAG.ZF) !== 0;
  // The destination is written whatever the comparison says.
  const next = equal ? readRegister(vcpu, d.r1, d.size) : old;
  if (store(vcpu, d, next) !== "done") return "fault";
  if (!equal) writeRegister(vcpu, REG.rax, d.size, old);
  setFlags(vcpu, flags);
  return "done";
}

/** CMPXCHG8B and CMPXCHG16B. */
function compareExchangePair(vcpu: Vcpu, d: Decoded): Outcome {
  if (!d.hasMemory) return "unknown";
  const half = d.size === 8 ? 8 : 4;
  const shift = BigInt(half * 8);
  const at = operandAt(vcpu, d, half * 2, true);
  if (at === undefined) return "fault";
  if (half === 8 && (at & 15n) !== 0n) return fault(vcpu, 13, 0);
  const old = readLinear(vcpu, at, half * 2);
  if (old === undefined) return "fault";
  const pair = (upper: number, lower: number) =>
    (readRegister(vcpu, upper, half) << shift) | readRegister(vcpu, lower, half);
  const equal = pair(REG.rdx, REG.rax) === old;
  const next = equal ? pair(REG.rcx, REG.rbx) : old;
  if (writeMemory(vcpu, d, half * 2, next) !== "done") return "fault";
  if (!equal) {
    writeRegister(vcpu, REG.rax, half, BigInt.asUintN(half * 8, old));
    writeRegister(vcpu, REG.rdx, half, old >> shift);
  }
  setZero(vcpu, equal);
  return "done";
}

function incrementOrDecrement(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const operation = d.row.mnemonic === "INC" ? add : subtract;
  const { value, flags } = operation(old, 1n, 0, d.size * 8);
  // CF is as it was.
  return finish(vcpu, store(vcpu, d, value), flags, ARITHMETIC & ~FLAG.CF);
}

function not(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  return old === undefined ? "fault" : store(vcpu, d, ~old);
}

function negate(vcpu: Vcpu, d: Decoded): Outcome {
  const old = load(vcpu, d);
  if (old === undefined) return "fault";
  const { value, flags } = subtract(0n, old, 0, d.size * 8);
  return finish(vcpu, store(vcpu, d, value), flags);
}

/** The accumulator pair of `size` bytes each: AX, DX:AX, EDX:EAX, RDX:RAX. */
function readPair(vcpu: Vcpu, size: number): bigint {
  if (size === 1) return readRegister(vcpu, REG.rax, 2);
  const high = readRegister(vcpu, REG.rdx, size);
  return (high << BigInt(size * 8)) | readRegister(vcpu, REG.rax, size);
}

function writePair(vcpu: Vcpu, size: number, high: bigint, low: bigint): void {
  if (size === 1) {
    writeRegister(vcpu, REG.rax, 2, (high << 8n) | low);
    return;
  }
  writeRegister(vcpu, REG.rax, size, low);
  writeRegister(vcpu, REG.rdx, size, high);
}

/** MUL, and IMUL with one to three operands. */
function multiplyOperands(vcpu: Vcpu, d: Decoded): Outcome {
  const { mnemonic, operands } = d.row;
  const bits = d.size * 8;
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  if (operands.length === 1) {
    const product = multiply(readRegister(vcpu, REG.rax, d.size), value, mnemonic === "IMUL", bits);
    writePair(vcpu, d.size, product.value >> BigInt(bits), BigInt.asUintN(bits, product.value));
    setFlags(vcpu, product.flags);
    return "done";
  }
  const other =
    operands.length === 3 ? readOperand(vcpu, d, "Iz")! : readRegister(vcpu, d.r1, d.size);
  const product = multiply(value, other, true, bits);
  writeRegister(vcpu, d.r1, d.size, product.value);
  setFlags(vcpu, product.flags);
  return "done";
}

function divideOperand(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const signed = d.row.mnemonic === "IDIV";
  const result = divide(readPair(vcpu, d.size), value, signed, d.size * 8);
  if (result === undefined) return fault(vcpu, VECTOR_DE);
  writePair(vcpu, d.size, result.remainder, result.quotient);
  return "done";
}

/** ADCX and ADOX: addition through CF or OF alone. */
function addThroughFlag(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const flag = d.row.mnemonic === "ADCX" ? FLAG.CF : FLAG.OF;
  const carry = (vcpu.rflags & flag) !== 0 ? 1 : 0;
  const sum: AluResult = add(readRegister(vcpu, d.r1, d.size), value, carry, d.size * 8);
  writeRegister(vcpu, d.r1, d.size, sum.value);
  setFlags(vcpu, (sum.flags & FLAG.CF) !== 0 ? flag : 0, flag);
  return "done";
}

function moveSwapped(vcpu: Vcpu, d: Decoded): Outcome {
  const [first, second] = d.row.operands as [string, string];
  const value = readOperand(vcpu, d, second);
  if (value === undefined) return "fault";
  let swapped = 0n;
  for (let i = 0; i < d.size; i++) {
    swapped = (swapped << 8n) | ((value >> BigInt(i * 8)) & 0xffn);
  }
  return writeOperand(vcpu, d, first, swapped);
}

function setCondition(vcpu: Vcpu, d: Decoded): Outcome {
  const holds = conditionHolds(d.row.mnemonic.slice("SET".length), vcpu.rflags);
  return holds === undefined ? "unknown" : store(vcpu, d, holds ? 1n : 0n, 1);
}

/** The source is read whatever the condition says. */
function moveCondition(vcpu: Vcpu, d: Decoded): Outcome {
  const holds = conditionHolds(d.row.mnemonic.slice("CMOV".length), vcpu.rflags);
  if (holds === undefined) return "unknown";
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  writeRegister(vcpu, d.r1, d.size, holds ? value : readRegister(vcpu, d.r1, d.size));
  return "done";
}

/** XLAT: AL from the table at rBX. */
function translate(vcpu: Vcpu, d: Decoded): Outcome {
  const sum = vcpu.gpr(REG.rbx >> 3) + readRegister(vcpu, REG.rax, 1);
  const offset = BigInt.asUintN(d.addressSize * 8, sum);
  const at = linearize(vcpu, d, d.segment, offset, 1, false);
  const value = at === undefined ? undefined : readLinear(vcpu, at, 1);
  if (value === undefined) return "fault";
  writeRegister(vcpu, REG.rax, 1, value);
  return "done";
}

const VECTOR_BR = 5;

function bound(vcpu: Vcpu, d: Decoded): Outcome {
  const lower = readMemory(vcpu, d, d.size);
  if (lower === undefined) return "fault";
  const upper = readMemory(vcpu, d, d.size, BigInt(d.size));
  if (upper === undefined) return "fault";
  const signed = (value: bigint) => BigInt.asIntN(d.size * 8, value);
  const index = signed(readRegister(vcpu, d.r1, d.size));
  const inside = index >= signed(lower) && index <= signed(upper);
  return inside ? "done" : fault(vcpu, VECTOR_BR);
}

/** CLFLUSH and its like: the line must be there, and nothing is done with it. */
function flushLine(vcpu: Vcpu, d: Decoded): Outcome {
  return operandAt(vcpu, d, 1, false) === undefined ? "fault" : "done";
}

/** ANDN and the other logic of BMI1 on one or two operands. */
function bitLogic(vcpu: Vcpu, d: Decoded): Outcome {
  const value = load(vcpu, d);
  if (value === undefined) return "fault";
  const bits = d.size * 8;
  const other = readOperand(vcpu, d, "By")!;
  let result: bigint;
  let carry = false;
  switch (d.row.mnemonic) {
    case "ANDN":
      result = ~other & value;
      break;
    case "BLSR":
      result = value & (value - 1n);
      carry = value === 0n;
      break;
    case "BLSMSK":
      result = value ^ (value - 1n);
      carry = value === 0n;
      break;
    default:
      result = value & -value;
      carry = value !== 0n;
  }
  const { value: cut, flags } = logic(BigInt.asUintN(bits, result), bits);
  writeOperand(vcpu, d, d.row.operands[0]!, cut);
  setFlags(vcpu, flags | (carry ? FLAG.CF : 0));
  return "done";
}

const each = (names: string, execute: Execute): readonly (readonly [string, Execute])[] =>
  names.split(" ").map((name) => [name, execute] as const);
const CONDITIONS = "O NO B NB Z NZ BE NBE S NS P NP L NL LE NLE".split(" ");

export const GENERAL_INSTRUCTIONS: readonly (readonly [string, Execute])[] = [
  ...each("ADD OR ADC SBB AND SUB XOR CMP TEST", arithmetic),
  ...each("MOV MOVNTI", move),
  ...each("MOVZX MOVSX MOVSXD", extend),
  ["XCHG", exchange],
  ["XADD", exchangeAdd],
  ["CMPXCHG", compareExchange],
  ["CMPXCHG8B", compareExchangePair],
  ...each("INC DEC", incrementOrDecrement),
  ["NOT", not],
  ["NEG", negate],
  ...each("MUL IMUL", multiplyOperands),
  ...each("DIV IDIV", divideOperand),
  ...each("ADCX ADOX", addThroughFlag),
  ["MOVBE", moveSwapped],
  ...each(CONDITIONS.map((name) => `SET${name}`).join(" "), setCondition),
  ...each(CONDITIONS.map((name) => `CMOV${name}`).join(" "), moveCondition),
  ["XLAT", translate],
  ["BOUND", bound],
  ...each("CLFLUSH CLFLUSHOPT CLWB", flushLine),
  ...each("ANDN BLSR BLSMSK BLSI", bitLogic),
];
