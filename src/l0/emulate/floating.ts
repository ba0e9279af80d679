/** Moves of the emulator between memory and XMM, MMX and x87 registers, and their state as a whole. */
import { readCr4 } from "../control-registers.ts";
import { VECTOR_GP } from "../inject.ts";
import type { Vcpu } from "../vcpu.ts";
import { CR4 } from "../vmcs01.ts";
import type { Decoded } from "./decode.ts";
import { mayWrite, readLinear, writeLinear } from "./memory.ts";
import {
  type Execute,
  fault,
  load,
  type Outcome,
  operandAt,
  readMemory,
  store,
  writeMemory,
} from "./operands.ts";

const WIDE_BYTES = 16;
const MASK_64 = 0xffff_ffff_ffff_ffffn;

/** A destination in memory, by its name in the opcode table. */
const isStore = (d: Decoded) => /^[EMQW]/.test(d.row.operands[0] ?? "");

/** Moves of 16 bytes; those that must be aligned say so. */
const moveWide =
  (aligned: boolean): Execute =>
  (vcpu, d) => {
    if (!d.hasMemory) return "unknown";
    const at = operandAt(vcpu, d, WIDE_BYTES, isStore(d));
    if (at === undefined) return "fault";
    if (aligned && (at & 15n) !== 0n) return fault(vcpu, VECTOR_GP, 0);
    const register = d.r1 >> 4;
    if (isStore(d)) {
      return writeLinear(vcpu, at, WIDE_BYTES, vcpu.hw.xmm(register)) ? "done" : "fault";
    }
    const value = readLinear(vcpu, at, WIDE_BYTES);
    if (value === undefined) return "fault";
    vcpu.hw.setXmm(register, value);
    return "done";
  };

/** Moves of the lowest bytes, which clear the others of the register. */
const moveLow =
  (bytes: number): Execute =>
  (vcpu, d) => {
    if (!d.hasMemory) return "unknown";
    const register = d.r1 >> 4;
    if (isStore(d)) {
      return writeMemory(vcpu, d, bytes, BigInt.asUintN(bytes * 8, vcpu.hw.xmm(register)));
    }
    const value = readMemory(vcpu, d, bytes);
    if (value === undefined) return "fault";
    vcpu.hw.setXmm(register, value);
    return "done";
  };

/** Moves of one half, which leave the other. */
const moveHalf =
  (isHigh: boolean): Execute =>
  (vcpu, d) => {
    if (!d.hasMemory) return "unknown";
    const { hw } = vcpu;
    const register = d.r1 >> 4;
    const shift = isHigh ? 64n : 0n;
    const old = hw.xmm(register);
    if (isStore(d)) return writeMemory(vcpu, d, 8, (old >> shift) & MASK_64);
    const value = readMemory(vcpu, d, 8);
    if (value === undefined) return "fault";
    hw.setXmm(register, (old & ~(MASK_64 << shift)) | (value << shift));
    return "done";
  };

function moveDuplicate(vcpu: Vcpu, d: Decoded): Outcome {
  const value = d.hasMemory ? readMemory(vcpu, d, 8) : undefined;
  if (value === undefined) return d.hasMemory ? "fault" : "unknown";
  vcpu.hw.setXmm(d.r1 >> 4, (value << 64n) | value);
  return "done";
}

// --- x87 and MMX, in the image of FXSAVE ---

const IMAGE_BYTES = 512;
const AT = { control: 0, status: 2, tags: 4, rip: 8, data: 16, mxcsr: 24, mask: 28 };
const REGISTERS = 32;
const XMM = 160;
const MXCSR_DEFINED = 0xffff;
const TOP_SHIFT = 11;
const STATUS_WITHOUT_TOP = 0xc7ff;
const C1 = 0x200;

function imageOf(vcpu: Vcpu): DataView {
  const bytes = new Uint8Array(IMAGE_BYTES);
  vcpu.hw.saveFloating(bytes);
  return new DataView(bytes.buffer);
}

const keepImage = (vcpu: Vcpu, image: DataView) =>
  vcpu.hw.loadFloating(new Uint8Array(image.buffer));
const topOf = (image: DataView) => (image.getUint16(AT.status, true) >> TOP_SHIFT) & 7;

function setTop(image: DataView, top: number): void {
  const status = image.getUint16(AT.status, true) & STATUS_WITHOUT_TOP;
  image.setUint16(AT.status, status | ((top & 7) << TOP_SHIFT), true);
}

/** The transition to MMX state: MMX registers are the x87 registers by their fixed numbers. */
function enterMmx(image: DataView): void {
  const top = topOf(image);
  const bytes = new Uint8Array(image.buffer);
  const old = bytes.slice(REGISTERS, REGISTERS + 128);
  for (let i = 0; i < 8; i++) {
    const from = ((i - top) & 7) * 16;
    bytes.set(old.subarray(from, from + 16), REGISTERS + i * 16);
  }
  setTop(image, 0);
  image.setUint8(AT.tags, 0xff);
}

/** MOVD, MOVQ and MOVNTQ of an MMX register. */
function moveMmx(vcpu: Vcpu, d: Decoded, bytes: number): Outcome {
  const image = imageOf(vcpu);
  enterMmx(image);
  const at = REGISTERS + ((d.r1 >> 4) & 7) * 16;
  if (isStore(d)) {
    const value = BigInt.asUintN(bytes * 8, image.getBigUint64(at, true));
    if (store(vcpu, d, value, bytes) !== "done") return "fault";
  } else {
    const value = load(vcpu, d, bytes);
    if (value === undefined) return "fault";
    image.setBigUint64(at, value, true);
    image.setUint16(at + 8, 0xffff, true);
  }
  keepImage(vcpu, image);
  return "done";
}

const isMmx = (d: Decoded) => d.row.operands.includes("Pq");

function moveDouble(vcpu: Vcpu, d: Decoded): Outcome {
  return isMmx(d) ? moveMmx(vcpu, d, d.size) : moveLow(d.size)(vcpu, d);
}

function moveQuad(vcpu: Vcpu, d: Decoded): Outcome {
  if (!isMmx(d)) return moveLow(8)(vcpu, d);
  return d.hasMemory ? moveMmx(vcpu, d, 8) : "unknown";
}

/** FNSTCW and FNSTSW to memory. */
const storeWord =
  (at: number): Execute =>
  (vcpu, d) =>
    d.hasMemory ? writeMemory(vcpu, d, 2, BigInt(imageOf(vcpu).getUint16(at, true))) : "unknown";

function loadControlWord(vcpu: Vcpu, d: Decoded): Outcome {
  const value = readMemory(vcpu, d, 2);
  if (value === undefined) return "fault";
  const image = imageOf(vcpu);
  image.setUint16(AT.control, Number(value), true);
  keepImage(vcpu, image);
  return "done";
}

/** What x87 instructions with a memory operand leave of themselves; the opcode only with exceptions. */
function notePointers(vcpu: Vcpu, d: Decoded, image: DataView): void {
  image.setBigUint64(AT.rip, vcpu.rip, true);
  image.setBigUint64(AT.data, d.offset, true);
}

const bias = { 4: 127n, 8: 1023n } as const;
const fractionBits = { 4: 23n, 8: 52n } as const;

/**
 * A number of 32 or 64 bits as sign, exponent and significand of 80; undefined where the conversion
 * would flag something: denormal numbers and signalling NaNs.
 */
function extended(value: bigint, bytes: 4 | 8): bigint | undefined {
  const bits = BigInt(bytes * 8);
  const width = fractionBits[bytes];
  const sign = value >> (bits - 1n);
  const exponent = (value >> width) & ((1n << (bits - 1n - width)) - 1n);
  const fraction = value & ((1n << width) - 1n);
  const top = (sign << 79n) | 0n;
  const significand = (1n << 63n) | (fraction << (63n - width));
  if (exponent === 0n) return fraction === 0n ? top : undefined;
  if (exponent === bias[bytes] * 2n + 1n) {
    const quiet = fraction >> (width - 1n) !== 0n;
    return fraction !== 0n && !quiet ? undefined : top | (0x7fffn << 64n) | significand;
  }
  return top | ((exponent - bias[bytes] + 16383n) << 64n) | significand;
}

/** A signed integer in the same form; it always fits. */
function extendedInteger(value: bigint, bytes: number): bigint {
  const signed = BigInt.asIntN(bytes * 8, value);
  if (signed === 0n) return 0n;
  const magnitude = signed < 0n ? -signed : signed;
  const length = magnitude.toString(2).length;
  const significand = magnitude << BigInt(64 - length);
  const exponent = BigInt(16383 + length - 1);
  return ((signed < 0n ? 1n : 0n) << 79n) | (exponent << 64n) | significand;
}

const OPERAND_BYTES: Readonly<Record<string, number>> = { Mw: 2, Md: 4, Mq: 8, Mt: 10 };

/** FLD and FILD. A full register stack is beyond the emulator. */
function loadX87(vcpu: Vcpu, d: Decoded): Outcome {
  const bytes = OPERAND_BYTES[d.row.operands[0] ?? ""];
  if (bytes === undefined) return "unknown";
  const image = imageOf(vcpu);
  const top = (topOf(image) - 1) & 7;
  const tags = image.getUint8(AT.tags);
  if (((tags >> top) & 1) !== 0) return "unknown";
  const raw = readMemory(vcpu, d, bytes);
  if (raw === undefined) return "fault";
  let value: bigint | undefined = raw;
  if (d.row.mnemonic === "FILD") value = extendedInteger(raw, bytes);
  else if (bytes !== 10) value = extended(raw, bytes as 4 | 8);
  if (value === undefined) return "unknown";
  notePointers(vcpu, d, image);
  // The new ST(0) is in front of the others.
  const old = new Uint8Array(image.buffer).slice(REGISTERS, REGISTERS + 112);
  new Uint8Array(image.buffer).set(old, REGISTERS + 16);
  image.setBigUint64(REGISTERS, value & MASK_64, true);
  image.setUint16(REGISTERS + 8, Number(value >> 64n), true);
  image.setUint8(AT.tags, tags | (1 << top));
  image.setUint16(AT.status, image.getUint16(AT.status, true) & ~C1, true);
  setTop(image, top);
  keepImage(vcpu, image);
  return "done";
}

/** FSTP of 80 bits, which converts nothing. An empty register is beyond the emulator. */
function storeX87(vcpu: Vcpu, d: Decoded): Outcome {
  if (d.row.operands[0] !== "Mt") return "unknown";
  const image = imageOf(vcpu);
  const top = topOf(image);
  const tags = image.getUint8(AT.tags);
  if (((tags >> top) & 1) === 0) return "unknown";
  const high = BigInt(image.getUint16(REGISTERS + 8, true));
  const value = (high << 64n) | image.getBigUint64(REGISTERS, true);
  if (writeMemory(vcpu, d, 10, value) !== "done") return "fault";
  notePointers(vcpu, d, image);
  const bytes = new Uint8Array(image.buffer);
  const first = bytes.slice(REGISTERS, REGISTERS + 16);
  bytes.copyWithin(REGISTERS, REGISTERS + 16, REGISTERS + 128);
  bytes.set(first, REGISTERS + 112);
  image.setUint8(AT.tags, tags & ~(1 << top));
  image.setUint16(AT.status, image.getUint16(AT.status, true) & ~C1, true);
  setTop(image, top + 1);
  keepImage(vcpu, image);
  return "done";
}

// --- whole state ---

/** Bytes that FXSAVE writes, and FXRSTOR loads. */
function savedBytes(vcpu: Vcpu, d: Decoded): number {
  if ((Number(readCr4(vcpu)) & CR4.OSFXSR) === 0) return XMM;
  return XMM + (d.codeBytes === 8 ? 256 : 128);
}

function areaAt(vcpu: Vcpu, d: Decoded, write: boolean): bigint | undefined {
  const at = operandAt(vcpu, d, IMAGE_BYTES, write);
  if (at === undefined || (at & 15n) === 0n) return at;
  fault(vcpu, VECTOR_GP, 0);
  return undefined;
}

function saveState(vcpu: Vcpu, d: Decoded): Outcome {
  const at = areaAt(vcpu, d, true);
  if (at === undefined || !mayWrite(vcpu, at, IMAGE_BYTES)) return "fault";
  const image = imageOf(vcpu);
  image.setUint32(AT.mask, MXCSR_DEFINED, true);
  // Without REX.W pointers have 32 bits.
  if (d.size !== 8) for (const half of [AT.rip + 4, AT.data + 4]) image.setUint32(half, 0, true);
  const bytes = savedBytes(vcpu, d);
  for (let i = 0; i < bytes; i += 8) {
    if (!writeLinear(vcpu, at + BigInt(i), 8, image.getBigUint64(i, true))) return "fault";
  }
  return "done";
}

function restoreState(vcpu: Vcpu, d: Decoded): Outcome {
  const at = areaAt(vcpu, d, false);
  if (at === undefined) return "fault";
  const image = imageOf(vcpu);
  const mxcsr = image.getUint32(AT.mxcsr, true);
  const bytes = savedBytes(vcpu, d);
  for (let i = 0; i < bytes; i += 8) {
    const value = readLinear(vcpu, at + BigInt(i), 8);
    if (value === undefined) return "fault";
    image.setBigUint64(i, value, true);
  }
  if (d.size !== 8) for (const half of [AT.rip + 4, AT.data + 4]) image.setUint32(half, 0, true);
  if (bytes === XMM) image.setUint32(AT.mxcsr, mxcsr, true);
  else if ((image.getUint32(AT.mxcsr, true) & ~MXCSR_DEFINED) !== 0) {
    return fault(vcpu, VECTOR_GP, 0);
  }
  keepImage(vcpu, image);
  return "done";
}

function loadMxcsr(vcpu: Vcpu, d: Decoded): Outcome {
  const value = readMemory(vcpu, d, 4);
  if (value === undefined) return "fault";
  if ((value & ~BigInt(MXCSR_DEFINED)) !== 0n) return fault(vcpu, VECTOR_GP, 0);
  const image = imageOf(vcpu);
  image.setUint32(AT.mxcsr, Number(value), true);
  keepImage(vcpu, image);
  return "done";
}

function storeMxcsr(vcpu: Vcpu, d: Decoded): Outcome {
  return writeMemory(vcpu, d, 4, BigInt(imageOf(vcpu).getUint32(AT.mxcsr, true)));
}

const each = (names: string, execute: Execute): readonly (readonly [string, Execute])[] =>
  names.split(" ").map((name) => [name, execute] as const);

export const FLOATING_INSTRUCTIONS: readonly (readonly [string, Execute])[] = [
  ...each("MOVUPS MOVUPD MOVDQU LDDQU", moveWide(false)),
  ...each("MOVAPS MOVAPD MOVDQA MOVNTPS MOVNTPD MOVNTDQ MOVNTDQA", moveWide(true)),
  ["MOVSS", moveLow(4)],
  ["MOVSD", moveLow(8)],
  ...each("MOVLPS MOVLPD", moveHalf(false)),
  ...each("MOVHPS MOVHPD", moveHalf(true)),
  ["MOVDDUP", moveDuplicate],
  ["MOVD", moveDouble],
  ["MOVQ", moveQuad],
  ["MOVNTQ", (vcpu, d) => moveMmx(vcpu, d, 8)],
  ["FNSTCW", storeWord(AT.control)],
  ["FNSTSW", storeWord(AT.status)],
  ["FLDCW", loadControlWord],
  ...each("FLD FILD", loadX87),
  ["FSTP", storeX87],
  ["FXSAVE", saveState],
  ["FXRSTOR", restoreState],
  ["LDMXCSR", loadMxcsr],
  ["STMXCSR", storeMxcsr],
];
