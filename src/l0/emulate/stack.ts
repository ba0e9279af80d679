/** Instructions of the emulator that use the stack, and near transfers of control. */
import { FIELD } from "../../generated/vmx.ts";
import { readCr4 } from "../control-registers.ts";
import { queueException, VECTOR_GP } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR4 } from "../vmcs01.ts";
import { ARITHMETIC } from "./alu.ts";
import type { Decoded } from "./decode.ts";
import { loadDataSegment, selectorOf } from "./descriptors.ts";
import { isCanonical, linearize, mayWrite, readLinear, writeLinear } from "./memory.ts";
import {
  type Execute,
  fault,
  load,
  type Outcome,
  REG,
  readOperand,
  readRegister,
  SEG,
  store,
  writeRegister,
} from "./operands.ts";

export const EFLAGS = {
  TF: 0x100,
  IF: 0x200,
  DF: 0x400,
  IOPL: 0x3000,
  NT: 0x4000,
  RF: 0x10000,
  VM: 0x20000,
  AC: 0x40000,
  VIF: 0x80000,
  VIP: 0x100000,
  ID: 0x200000,
} as const;
const SEGMENTS = ["ES", "CS", "SS", "DS", "FS", "GS"];
const STACK_32 = 0x4000;
export const BLOCKED_BY_MOV_SS = 2;

/** Bytes of the stack pointer: by the B flag of SS, 8 in 64-bit code. */
export function stackBytes(vcpu: Vcpu): 2 | 4 | 8 {
  if (vcpu.is64BitCode) return 8;
  return (vcpu.hw.read(FIELD.guest_ss_ar) & STACK_32) !== 0 ? 4 : 2;
}

export function stackPointer(vcpu: Vcpu): bigint {
  return readRegister(vcpu, REG.rsp, stackBytes(vcpu));
}

export function setStackPointer(vcpu: Vcpu, value: bigint): void {
  const bytes = stackBytes(vcpu);
  writeRegister(vcpu, REG.rsp, bytes, BigInt.asUintN(bytes * 8, value));
}

/** What the stack has to know of an instruction. */
type Code = Pick<Decoded, "codeBytes" | "size">;

/** Linear address `above` bytes above the top of the stack. */
function stackAt(vcpu: Vcpu, d: Code, above: number, size: number, write: boolean) {
  const bits = stackBytes(vcpu) * 8;
  const offset = BigInt.asUintN(bits, stackPointer(vcpu) + BigInt(above));
  return linearize(vcpu, d, SEG.ss, offset, size, write);
}

/** Pushes `size` bytes; false with a fault queued. */
export function push(vcpu: Vcpu, d: Code, value: bigint, size = d.size): boolean {
  const at = stackAt(vcpu, d, -size, size, true);
  if (at === undefined) return false;
  if (!writeLinear(vcpu, at, size, BigInt.asUintN(size * 8, value))) return false;
  setStackPointer(vcpu, stackPointer(vcpu) - BigInt(size));
  return true;
}

/** What lies `above` bytes above the top of the stack; undefined with a fault queued. */
export function peek(vcpu: Vcpu, d: Code, above: number, size = d.size): bigint | undefined {
  const at = stackAt(vcpu, d, above, size, false);
  return at === undefined ? undefined : readLinear(vcpu, at, size);
}

export function release(vcpu: Vcpu, bytes: number): void {
  setStackPointer(vcpu, stackPointer(vcpu) + BigInt(bytes));
}

const finished = (done: boolean): Outcome => (done ? "done" : "fault");

function pushOperand(vcpu: Vcpu, d: Decoded): Outcome {
  const [name] = d.row.operands as [string];
  const segment = SEGMENTS.indexOf(name);
  if (segment >= 0) return pushSegment(vcpu, d, segment);
  const value = readOperand(vcpu, d, name);
  return value === undefined ? "fault" : finished(push(vcpu, d, value));
}

/** A selector takes 16 bits; what is above it in a slot of 32 keeps what it holds. */
function pushSegment(vcpu: Vcpu, d: Decoded, segment: number): Outcome {
  const selector = BigInt(selectorOf(vcpu, segment));
  if (d.size !== 4) return finished(push(vcpu, d, selector));
  const at = stackAt(vcpu, d, -4, 4, true);
  if (at === undefined || !writeLinear(vcpu, at, 2, selector)) return "fault";
  release(vcpu, -4);
  return "done";
}

function popOperand(vcpu: Vcpu, d: Decoded): Outcome {
  const [name] = d.row.operands as [string];
  const segment = SEGMENTS.indexOf(name);
  const value = peek(vcpu, d, 0);
  if (value === undefined) return "fault";
  if (segment >= 0) return popSegment(vcpu, d, segment, Number(value & 0xffffn));
  // The address of a memory operand is computed behind the increment.
  const behind = d.usesRsp ? { ...d, offset: d.offset + BigInt(d.size) } : d;
  release(vcpu, d.size);
  return store(vcpu, behind, value);
}

function popSegment(vcpu: Vcpu, d: Decoded, segment: number, selector: number): Outcome {
  const bytes = stackBytes(vcpu);
  const next = stackPointer(vcpu) + BigInt(d.size);
  if (!loadDataSegment(vcpu, segment, selector)) return "fault";
  // The stack pointer is as wide as it was before SS changed.
  writeRegister(vcpu, REG.rsp, bytes, BigInt.asUintN(bytes * 8, next));
  if (segment === SEG.ss) vcpu.nextShadow = BLOCKED_BY_MOV_SS;
  return "done";
}

function pushAll(vcpu: Vcpu, d: Decoded): Outcome {
  const before = vcpu.gpr(REG.rsp >> 3);
  for (let i = 0; i < 8; i++) {
    if (!push(vcpu, d, i === REG.rsp >> 3 ? before : vcpu.gpr(i))) return "fault";
  }
  return "done";
}

function popAll(vcpu: Vcpu, d: Decoded): Outcome {
  const values: bigint[] = [];
  // All eight are read before a register changes.
  for (let i = 0; i < 8; i++) {
    const value = peek(vcpu, d, i * d.size);
    if (value === undefined) return "fault";
    values.push(value);
  }
  values.forEach((value, i) => {
    if (i !== 3) writeRegister(vcpu, (7 - i) << 3, d.size, value);
  });
  release(vcpu, 8 * d.size);
  return "done";
}

const iopl = (vcpu: Vcpu) => (vcpu.rflags & EFLAGS.IOPL) >>> 12;

/** True where virtual-8086 mode may not touch the interrupt flag, but VME may let it have VIF. */
const isConfined = (vcpu: Vcpu) => vcpu.isVirtual8086 && iopl(vcpu) < 3;

function pushFlags(vcpu: Vcpu, d: Decoded): Outcome {
  let flags = vcpu.rflags & ~(EFLAGS.VM | EFLAGS.RF);
  if (isConfined(vcpu)) {
    if (d.size !== 2 || (Number(readCr4(vcpu)) & CR4.VME) === 0) return fault(vcpu, VECTOR_GP, 0);
    const virtual = (flags & EFLAGS.VIF) !== 0 ? EFLAGS.IF : 0;
    flags = (flags & ~EFLAGS.IF) | EFLAGS.IOPL | virtual;
  }
  return finished(push(vcpu, d, BigInt(flags >>> 0)));
}

/** Flags that POPF and IRET load at any level. */
export function plainFlags(size: number): number {
  const mask = ARITHMETIC | EFLAGS.TF | EFLAGS.DF | EFLAGS.NT;
  return size === 2 ? mask : mask | EFLAGS.AC | EFLAGS.ID;
}

/** Flags that IRET loads at any level. */
export function returnFlags(size: number): number {
  return size === 2 ? plainFlags(size) : plainFlags(size) | EFLAGS.RF;
}

/** Writes those flags of `mask`. */
export function loadFlags(vcpu: Vcpu, value: bigint, mask: number): void {
  const next = (vcpu.rflags & ~mask) | (Number(value & 0xffffffffn) & mask);
  vcpu.hw.write(FIELD.guest_rflags, (next | 2) >>> 0);
}

function popFlags(vcpu: Vcpu, d: Decoded): Outcome {
  const value = peek(vcpu, d, 0);
  if (value === undefined) return "fault";
  if (isConfined(vcpu)) return popConfinedFlags(vcpu, d, Number(value));
  let mask = plainFlags(d.size);
  if (!vcpu.isProtectedMode || vcpu.cpl === 0) mask |= EFLAGS.IOPL;
  if (!vcpu.isProtectedMode || vcpu.cpl <= iopl(vcpu)) mask |= EFLAGS.IF;
  // RF comes out clear whatever the image says.
  loadFlags(vcpu, value & ~BigInt(EFLAGS.RF), d.size === 2 ? mask : mask | EFLAGS.RF);
  release(vcpu, d.size);
  return "done";
}

function popConfinedFlags(vcpu: Vcpu, d: Decoded, value: number): Outcome {
  const hasVme = (Number(readCr4(vcpu)) & CR4.VME) !== 0;
  const enables = (value & EFLAGS.IF) !== 0;
  const waits = (vcpu.rflags & EFLAGS.VIP) !== 0 && enables;
  if (d.size !== 2 || !hasVme || waits || (value & EFLAGS.TF) !== 0) {
    return fault(vcpu, VECTOR_GP, 0);
  }
  const image = (value & ~EFLAGS.VIF) | (enables ? EFLAGS.VIF : 0);
  loadFlags(vcpu, BigInt(image), plainFlags(2) | EFLAGS.VIF);
  release(vcpu, 2);
  return "done";
}

function enterFrame(vcpu: Vcpu, d: Decoded): Outcome {
  const bytes = BigInt(d.immediate & 0xffffn);
  const level = Number((d.immediate >> 16n) & 31n);
  const bits = stackBytes(vcpu) * 8;
  if (!push(vcpu, d, readRegister(vcpu, REG.rbp, d.size))) return "fault";
  const frame = vcpu.gpr(REG.rsp >> 3);
  for (let i = 1; i < level; i++) {
    const from = BigInt.asUintN(bits, vcpu.gpr(REG.rbp >> 3) - BigInt(i * d.size));
    const at = linearize(vcpu, d, SEG.ss, from, d.size, false);
    const value = at === undefined ? undefined : readLinear(vcpu, at, d.size);
    if (value === undefined || !push(vcpu, d, value)) return "fault";
  }
  if (level > 0 && !push(vcpu, d, frame)) return "fault";
  const next = BigInt.asUintN(bits, stackPointer(vcpu) - bytes);
  // The end of the new frame must be writable; nothing is written there.
  const at = linearize(vcpu, d, SEG.ss, next, d.size, true);
  if (at === undefined || !mayWrite(vcpu, at, d.size)) return "fault";
  writeRegister(vcpu, REG.rbp, d.size, BigInt.asUintN(d.size * 8, frame));
  setStackPointer(vcpu, next);
  return "done";
}

function leaveFrame(vcpu: Vcpu, d: Decoded): Outcome {
  setStackPointer(vcpu, vcpu.gpr(REG.rbp >> 3));
  const value = peek(vcpu, d, 0);
  if (value === undefined) return "fault";
  release(vcpu, d.size);
  writeRegister(vcpu, REG.rbp, d.size, value);
  return "done";
}

/** Address of the next instruction. */
export function nextRip(vcpu: Vcpu, d: Decoded): bigint {
  const sum = vcpu.rip + BigInt(d.length);
  return d.codeBytes === 8 ? BigInt.asUintN(64, sum) : BigInt.asUintN(32, sum);
}

/** Goes on at `target`, cut to `size` bytes; false with #GP queued where no code can be. */
export function jumpTo(vcpu: Vcpu, target: bigint, size: number): boolean {
  const rip = BigInt.asUintN(size * 8, target);
  const allowed = vcpu.is64BitCode
    ? isCanonical(vcpu, rip)
    : rip <= BigInt(vcpu.hw.read(FIELD.guest_cs_limit));
  if (!allowed) {
    queueException(vcpu, VECTOR_GP, 0);
    return false;
  }
  vcpu.hw.writeWide(FIELD.guest_rip, rip);
  return true;
}

function jump(vcpu: Vcpu, d: Decoded): Outcome {
  if (d.row.operands[0] !== "Ev") return "unknown";
  const target = load(vcpu, d);
  if (target === undefined) return "fault";
  return jumpTo(vcpu, target, d.size) ? "jumped" : "fault";
}

function call(vcpu: Vcpu, d: Decoded): Outcome {
  const next = nextRip(vcpu, d);
  const relative = next + BigInt.asIntN(32, d.immediate >> 32n);
  const target = d.row.operands[0] === "Jz" ? relative : load(vcpu, d);
  if (target === undefined || !jumpTo(vcpu, target, d.size)) return "fault";
  return push(vcpu, d, next) ? "jumped" : "fault";
}

function returnNear(vcpu: Vcpu, d: Decoded): Outcome {
  const target = peek(vcpu, d, 0);
  if (target === undefined || !jumpTo(vcpu, target, d.size)) return "fault";
  release(vcpu, d.size + Number(d.immediate & 0xffffn));
  return "jumped";
}

export const STACK_INSTRUCTIONS: readonly (readonly [string, Execute])[] = [
  ["PUSH", pushOperand],
  ["POP", popOperand],
  ["PUSHA", pushAll],
  ["POPA", popAll],
  ["PUSHF", pushFlags],
  ["POPF", popFlags],
  ["ENTER", enterFrame],
  ["LEAVE", leaveFrame],
  ["RET", returnNear],
];

/** JMP and CALL to a near target. */
export const NEAR_TRANSFERS: ReadonlyMap<string, Execute> = new Map([
  ["JMP", jump],
  ["CALL", call],
]);
