/**
 * FNSTENV, FLDENV, FNSAVE, FRSTOR. The environment has four formats, by operand size and by protected
 * or real-address and virtual-8086 mode (SDM "Saving the x87 FPU's State with FSTENV/FNSTENV and
 * FSAVE/FNSAVE"); 64-bit mode uses the 32-bit protected one.
 */
import {
  FPU_EXCEPTIONS,
  initFpu,
  refreshErrorSummary,
  setControlWord,
  setStatusWord,
  statusWord,
} from "../cpu/fpu-state";
import { isProtectedMode, isVirtual8086 } from "../cpu/mode";
import { linear, linearize } from "../cpu/segment";
import { FAULTED, NEXT, SIZE_16, segmentOf, sizeOf } from "../decode/record";
import { ADDR_MASK, FCW, FDP, FIP, FOP, FTW } from "../generated/state";
import { SCRATCH } from "../layout";
import { readSlow, writeSlow } from "../memory/access";
import { operandOffset } from "./address";
import { finishStore } from "./operand";
import { nowaitX87, st, waitX87 } from "./x87-state";

const REGISTERS: u32 = 8;
const REGISTER_BYTES: u32 = 10;
const MAX_EXPONENT: u32 = 0x7fff;
const INTEGER_BIT: u64 = 0x8000000000000000;
// Two-bit tags of the tag word.
const TAG_VALID: u32 = 0;
const TAG_ZERO: u32 = 1;
const TAG_SPECIAL: u32 = 2;
const TAG_EMPTY: u32 = 3;

/** An operand size of 64 bits, by REX.W, has the format of 32 bits. @inline */
function isWide(rec: u32): bool {
  return sizeOf(rec) != SIZE_16;
}

/** @inline */
function environmentBytes(rec: u32): u32 {
  return isWide(rec) ? 28 : 14;
}

// --- memory, in pieces of 2 or 4 bytes, to which the area is to be aligned ---

/** Reads `bytes` of the operand into SCRATCH; false with an exception raised. */
function readArea(rec: u32, bytes: u32): bool {
  if (!linearize(segmentOf(rec), operandOffset(rec), bytes, false)) return false;
  const gla = linear;
  const piece: u32 = isWide(rec) ? 4 : 2;
  for (let at: u32 = 0; at < bytes; at += piece) {
    const from = readSlow((gla + (at as u64)) & load<u64>(ADDR_MASK), piece, rec);
    if (from == 0) return false;
    memory.copy(SCRATCH + at, from, piece);
  }
  return true;
}

/** Writes `bytes` from SCRATCH to the operand, all or, with an exception raised, none. */
function writeArea(rec: u32, bytes: u32): bool {
  if (!linearize(segmentOf(rec), operandOffset(rec), bytes, true)) return false;
  const gla = linear;
  const piece: u32 = isWide(rec) ? 4 : 2;
  for (let at: u32 = 0; at < bytes; at += piece) {
    if (writeSlow((gla + (at as u64)) & load<u64>(ADDR_MASK), piece, rec, false) == 0) return false;
  }
  for (let at: u32 = 0; at < bytes; at += piece) {
    const to = writeSlow((gla + (at as u64)) & load<u64>(ADDR_MASK), piece, rec, false);
    memory.copy(to, SCRATCH + at, piece);
    if (finishStore(to) != NEXT) return false;
  }
  return true;
}

// --- tag word ---

/** Tag of a register that is not empty, by its contents. */
function tagOf(register: u32): u32 {
  const sig = load<u64>(register);
  const exponent = (load<u16>(register, 8) as u32) & MAX_EXPONENT;
  if (exponent == 0) return sig == 0 ? TAG_ZERO : TAG_SPECIAL;
  if (exponent == MAX_EXPONENT || (sig & INTEGER_BIT) == 0) return TAG_SPECIAL;
  return TAG_VALID;
}

/** The tag word: two bits for each physical register. */
function tagWord(): u32 {
  const present = load<u32>(FTW);
  const top = (statusWord() >>> 11) & 7;
  let tags: u32 = 0;
  for (let n: u32 = 0; n < REGISTERS; n++) {
    const tag = ((present >>> n) & 1) != 0 ? tagOf(st((n - top) & 7)) : TAG_EMPTY;
    tags |= tag << (n * 2);
  }
  return tags;
}

function setTagWord(tags: u32): void {
  let present: u32 = 0;
  for (let n: u32 = 0; n < REGISTERS; n++) {
    if (((tags >>> (n * 2)) & 3) != TAG_EMPTY) present |= 1 << n;
  }
  store<u32>(FTW, present);
}

// --- formats ---

/** @inline */
function isProtectedFormat(): bool {
  return isProtectedMode() && !isVirtual8086();
}

/** Builds the environment at SCRATCH. The selectors are 0; reserved upper halves hold ones. */
function buildEnvironment(wide: bool): void {
  const fip = load<u64>(FIP) as u32;
  const fdp = load<u64>(FDP) as u32;
  const fop = load<u32>(FOP) & 0x7ff;
  if (wide) {
    store<u32>(SCRATCH, load<u32>(FCW) | 0xffff0000);
    store<u32>(SCRATCH, statusWord() | 0xffff0000, 4);
    store<u32>(SCRATCH, tagWord() | 0xffff0000, 8);
    if (isProtectedFormat()) {
      store<u32>(SCRATCH, fip, 12);
      store<u32>(SCRATCH, fop << 16, 16);
      store<u32>(SCRATCH, fdp, 20);
      store<u32>(SCRATCH, 0xffff0000, 24);
    } else {
      store<u32>(SCRATCH, (fip & 0xffff) | 0xffff0000, 12);
      store<u32>(SCRATCH, ((fip >>> 16) << 12) | fop, 16);
      store<u32>(SCRATCH, (fdp & 0xffff) | 0xffff0000, 20);
      store<u32>(SCRATCH, (fdp >>> 16) << 12, 24);
    }
    return;
  }
  const real = !isProtectedFormat();
  store<u16>(SCRATCH, load<u32>(FCW) as u16);
  store<u16>(SCRATCH, statusWord() as u16, 2);
  store<u16>(SCRATCH, tagWord() as u16, 4);
  store<u16>(SCRATCH, fip as u16, 6);
  store<u16>(SCRATCH, (real ? ((fip >>> 4) & 0xf000) | fop : 0) as u16, 8);
  store<u16>(SCRATCH, fdp as u16, 10);
  store<u16>(SCRATCH, (real ? (fdp >>> 4) & 0xf000 : 0) as u16, 12);
}

/** Loads the environment at SCRATCH. The 16-bit protected format has no opcode. */
function loadEnvironment(wide: bool): void {
  const step: u32 = wide ? 4 : 2;
  setControlWord(load<u16>(SCRATCH) as u32);
  setStatusWord(load<u16>(SCRATCH + step) as u32);
  setTagWord(load<u16>(SCRATCH + step * 2) as u32);
  let fip: u32 = load<u16>(SCRATCH + step * 3);
  let fdp: u32 = load<u16>(SCRATCH + step * 5);
  let fop: u32 = 0;
  if (isProtectedFormat()) {
    if (wide) {
      fip = load<u32>(SCRATCH, 12);
      fop = load<u16>(SCRATCH, 18);
      fdp = load<u32>(SCRATCH, 20);
    }
  } else {
    const high: u32 = wide ? load<u32>(SCRATCH, 16) : (load<u16>(SCRATCH, 8) as u32);
    const highData: u32 = wide ? load<u32>(SCRATCH, 24) : (load<u16>(SCRATCH, 12) as u32);
    fip |= (high << 4) & 0xffff0000;
    fdp |= (highData << 4) & 0xffff0000;
    fop = high;
  }
  store<u64>(FIP, fip as u64);
  store<u64>(FDP, fdp as u64);
  store<u32>(FOP, fop & 0x7ff);
  refreshErrorSummary();
}

// --- instructions ---

/** FNSTENV: masks all exceptions after saving. */
export function fnstenv(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  buildEnvironment(isWide(rec));
  if (!writeArea(rec, environmentBytes(rec))) return FAULTED;
  store<u32>(FCW, load<u32>(FCW) | FPU_EXCEPTIONS);
  refreshErrorSummary();
  return NEXT;
}

export function fldenv(rec: u32): u32 {
  if (!waitX87()) return FAULTED;
  if (!readArea(rec, environmentBytes(rec))) return FAULTED;
  loadEnvironment(isWide(rec));
  return NEXT;
}

/** FNSAVE: the environment, the registers in stack order, and FNINIT. */
export function fnsave(rec: u32): u32 {
  if (!nowaitX87()) return FAULTED;
  const environment = environmentBytes(rec);
  buildEnvironment(isWide(rec));
  let at = SCRATCH + environment;
  for (let i: u32 = 0; i < REGISTERS; i++) {
    memory.copy(at, st(i), REGISTER_BYTES);
    at += REGISTER_BYTES;
  }
  if (!writeArea(rec, environment + REGISTERS * REGISTER_BYTES)) return FAULTED;
  initFpu();
  return NEXT;
}

export function frstor(rec: u32): u32 {
  if (!waitX87()) return FAULTED;
  const environment = environmentBytes(rec);
  if (!readArea(rec, environment + REGISTERS * REGISTER_BYTES)) return FAULTED;
  loadEnvironment(isWide(rec));
  let at = SCRATCH + environment;
  for (let i: u32 = 0; i < REGISTERS; i++) {
    memory.copy(st(i), at, REGISTER_BYTES);
    at += REGISTER_BYTES;
  }
  return NEXT;
}
