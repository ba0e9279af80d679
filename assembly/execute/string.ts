/**
 * MOVS, CMPS, STOS, LODS, SCAS with and without REP.
 *
 * A repetition works through whole runs of a page where it can. It leaves the registers as after
 * the last completed element, so that a fault, an interrupt or the end of a run can stop it there;
 * AGAIN starts the instruction once more for the rest.
 */
import { FLAG_DF, flagsRest, setFlagsSub } from "../cpu/flags";
import { is64BitCode, SEG_ES, SLOW_HOOK } from "../cpu/mode";
import { getReg, setReg } from "../cpu/registers";
import { linear, linearize } from "../cpu/segment";
import { MODE_FLAT } from "../decode/decoder";
import {
  AGAIN,
  addressSizeOf,
  FAULTED,
  NEXT,
  PREFIX_F2,
  PREFIX_F3,
  prefixOf,
  SIZE_32,
  segmentOf,
  sizeOf,
} from "../decode/record";
import {
  CODE_KEY,
  GPR,
  SLOT_ES_BASE,
  SLOT_RAX,
  SLOT_RCX,
  SLOT_RDI,
  SLOT_RSI,
  SLOW_MODE,
} from "../generated/state";
import { HOST_LIMIT } from "../layout";
import { finishWrite, readPointer, readSlow, writePointer, writeSlow } from "../memory/access";
import { noteStore } from "../memory/code";
import { frameFlags, frameOf } from "../memory/physical";
import { alignmentChecked } from "../tlb/front";
import { addressSizeMask } from "./address";
import { loadSized, storeSized } from "./operand";

const REPEAT: u32 = PREFIX_F3 | PREFIX_F2;
/** Runs that one execution of a repetition works through before events are looked at. */
const RUNS_MAX: u32 = 16;
const PAGE: u32 = 0x1000;

/** log2 of the operand size. */
let size: u32 = 0;
/** Mask of the address size. */
let mask: u64 = 0;
let backward: bool = false;
let repeated: bool = false;

/** Reads what the instruction's form says. */
function begin(rec: u32): void {
  size = sizeOf(rec);
  mask = addressSizeMask(addressSizeOf(rec));
  backward = (flagsRest() & FLAG_DF) != 0;
  repeated = (prefixOf(rec) & REPEAT) != 0;
}

/** Count register, as wide as addresses are. @inline */
function counter(): u64 {
  return getReg<u64>(SLOT_RCX) & mask;
}

/** Writes a register as wide as addresses are. */
function setAddressReg(slot: u32, value: u64): void {
  if (mask == 0xffff) setReg<u16>(slot, value as u16);
  else setReg<u64>(slot, value & mask);
}

/** Moves an index register by `elements`. */
function advance(slot: u32, elements: u32): void {
  const step = (elements as u64) << (size as u64);
  const value = getReg<u64>(slot);
  setAddressReg(slot, backward ? value - step : value + step);
}

/** Elements from `gla` to the end of its page in the direction of the copy. */
function elementsInPage(gla: u64): u32 {
  const offset = (gla as u32) & (PAGE - 1);
  if (!backward) return (PAGE - offset) >>> size;
  // The element at `gla` itself must not reach into the next page.
  return offset + (1 << size) > PAGE ? 0 : (offset >>> size) + 1;
}

/**
 * True when each element must come by itself, for traps and breakpoints. Not for the host's hook:
 * whether somebody watches must not change the machine's time.
 */
function isSingleStepped(): bool {
  return (load<u32>(SLOW_MODE) & ~SLOW_HOOK) != 0;
}

/** True when offsets are linear addresses but for a base, so that runs need no segment check. */
function runsAllowed(rec: u32): bool {
  if (isSingleStepped() || alignmentChecked()) return false;
  if (is64BitCode()) return true;
  if (mask != 0xffffffff || (((load<u64>(CODE_KEY) >> 52) as u32) & MODE_FLAT) == 0) return false;
  const segment = segmentOf(rec);
  return segment == 3 || segment == 0 || segment == 2;
}

/** Linear address of the source of a run. */
function sourceLinear(rec: u32): u64 {
  const offset = getReg<u64>(SLOT_RSI) & mask;
  const segment = segmentOf(rec);
  return segment >= 4 ? offset + load<u64>(SLOT_ES_BASE + (segment << 3), GPR) : offset;
}

/** Pointer to the next source element; 0 after a fault. */
function sourceElement(rec: u32): u32 {
  if (!linearize(segmentOf(rec), getReg<u64>(SLOT_RSI) & mask, 1 << size, false)) return 0;
  return readSlow(linear, 1 << size, rec);
}

/** Pointer to write the next destination element; 0 after a fault. */
function destinationElement(rec: u32): u32 {
  if (!linearize(SEG_ES, getReg<u64>(SLOT_RDI) & mask, 1 << size, true)) return 0;
  return writeSlow(linear, 1 << size, rec, false);
}

/** Pointer to read the next destination element (SCAS, CMPS); 0 after a fault. */
function comparedElement(rec: u32): u32 {
  if (!linearize(SEG_ES, getReg<u64>(SLOT_RDI) & mask, 1 << size, false)) return 0;
  return readSlow(linear, 1 << size, rec);
}

/** Counts `elements` off; NEXT when the repetition is over, else AGAIN. @inline */
function countDown(elements: u32): u32 {
  const left = counter() - (elements as u64);
  setAddressReg(SLOT_RCX, left);
  return left == 0 ? NEXT : AGAIN;
}

/** Length of the run that starts at linear address `gla`, at most the count. */
function runLength(gla: u64): u32 {
  const elements = elementsInPage(gla);
  const count = counter();
  return count < (elements as u64) ? (count as u32) : elements;
}

export function movs(rec: u32): u32 {
  begin(rec);
  if (!repeated) return moveElement(rec);
  if (counter() == 0) return NEXT;
  if (runsAllowed(rec)) {
    for (let runs: u32 = 0; runs < RUNS_MAX; runs++) {
      const moved = moveRun(rec);
      if (moved == 0) break;
      if (countDown(moved) == NEXT) return NEXT;
    }
  }
  if (moveElement(rec) != NEXT) return FAULTED;
  return countDown(1);
}

function moveElement(rec: u32): u32 {
  const from = sourceElement(rec);
  if (from == 0) return FAULTED;
  const value = loadSized(from, size);
  const to = destinationElement(rec);
  storeSized(to, value, size);
  if (to < HOST_LIMIT && finishWrite(to)) return FAULTED;
  advance(SLOT_RSI, 1);
  advance(SLOT_RDI, 1);
  return NEXT;
}

/** Moves elements up to the end of a page; 0 when they must go one by one. */
function moveRun(rec: u32): u32 {
  const source = sourceLinear(rec);
  const destination = getReg<u64>(SLOT_RDI) & mask;
  const elements = min<u32>(runLength(source), runLength(destination));
  if (elements < 2) return 0;
  const from = readPointer<u8>(source, rec);
  if (from < HOST_LIMIT) return 0;
  const to = writePointer<u8>(destination, rec);
  if (to < HOST_LIMIT) return 0;
  copyRun(from, to, elements);
  advance(SLOT_RSI, elements);
  advance(SLOT_RDI, elements);
  return elements;
}

/** Copies a run element by element in its direction, or at once where that makes no difference. */
function copyRun(from: u32, to: u32, elements: u32): void {
  const bytes = elements << size;
  const low = backward ? to - (bytes - (1 << size)) : to;
  if (backward) {
    let s = from;
    let d = to;
    for (let i: u32 = 0; i < elements; i++) {
      storeSized(d, loadSized(s, size), size);
      s -= 1 << size;
      d -= 1 << size;
    }
  } else if (to > from && to - from < bytes) {
    // Overlapping upwards: each element is read after the one before it was written.
    for (let i: u32 = 0; i < bytes; i += 1 << size) {
      storeSized(to + i, loadSized(from + i, size), size);
    }
  } else {
    memory.copy(to, from, bytes);
  }
  if (frameFlags(frameOf(low)) != 0) noteStore(low, bytes);
}

export function stos(rec: u32): u32 {
  begin(rec);
  if (!repeated) return storeElement(rec);
  if (counter() == 0) return NEXT;
  if (runsAllowed(rec)) {
    for (let runs: u32 = 0; runs < RUNS_MAX; runs++) {
      const stored = storeRun(rec);
      if (stored == 0) break;
      if (countDown(stored) == NEXT) return NEXT;
    }
  }
  if (storeElement(rec) != NEXT) return FAULTED;
  return countDown(1);
}

function storeElement(rec: u32): u32 {
  const to = destinationElement(rec);
  storeSized(to, getReg<u64>(SLOT_RAX), size);
  if (to < HOST_LIMIT && finishWrite(to)) return FAULTED;
  advance(SLOT_RDI, 1);
  return NEXT;
}

function storeRun(rec: u32): u32 {
  const destination = getReg<u64>(SLOT_RDI) & mask;
  const elements = runLength(destination);
  if (elements < 2) return 0;
  const to = writePointer<u8>(destination, rec);
  if (to < HOST_LIMIT) return 0;
  const bytes = elements << size;
  const low = backward ? to - (bytes - (1 << size)) : to;
  fillRun(low, bytes);
  if (frameFlags(frameOf(low)) != 0) noteStore(low, bytes);
  advance(SLOT_RDI, elements);
  return elements;
}

/** Fills `bytes` with copies of the accumulator. */
function fillRun(to: u32, bytes: u32): void {
  const value = getReg<u64>(SLOT_RAX);
  let pattern = value;
  if (size == 0) {
    memory.fill(to, value as u8, bytes);
    return;
  }
  if (size == 1) pattern = (value & 0xffff) * 0x0001000100010001;
  else if (size == SIZE_32) pattern = (value & 0xffffffff) * 0x0000000100000001;
  const wide = i64x2.splat(pattern as i64);
  let at: u32 = 0;
  for (; at + 64 <= bytes; at += 64) {
    v128.store(to + at, wide);
    v128.store(to + at, wide, 16);
    v128.store(to + at, wide, 32);
    v128.store(to + at, wide, 48);
  }
  for (; at < bytes; at += 1 << size) storeSized(to + at, pattern, size);
}

export function lods(rec: u32): u32 {
  begin(rec);
  if (repeated && counter() == 0) return NEXT;
  const from = sourceElement(rec);
  if (from == 0) return FAULTED;
  const value = loadSized(from, size);
  if (size == 0) setReg<u8>(SLOT_RAX, value as u8);
  else if (size == 1) setReg<u16>(SLOT_RAX, value as u16);
  else if (size == SIZE_32) setReg<u32>(SLOT_RAX, value as u32);
  else setReg<u64>(SLOT_RAX, value);
  advance(SLOT_RSI, 1);
  return repeated ? countDown(1) : NEXT;
}

/** Flags of a comparison of operand size. */
function compare(a: u64, b: u64): void {
  if (size == 0) setFlagsSub<u8>(a as u8, b as u8, (a - b) as u8);
  else if (size == 1) setFlagsSub<u16>(a as u16, b as u16, (a - b) as u16);
  else if (size == SIZE_32) setFlagsSub<u32>(a as u32, b as u32, (a - b) as u32);
  else setFlagsSub<u64>(a, b, a - b);
}

/** After a comparison: NEXT when the repetition ends here. */
function countCompared(rec: u32, equal: bool): u32 {
  const more = countDown(1);
  const whileEqual = (prefixOf(rec) & PREFIX_F3) != 0;
  return equal == whileEqual ? more : NEXT;
}

export function scas(rec: u32): u32 {
  begin(rec);
  if (!repeated) return scanElement(rec);
  if (counter() == 0) return NEXT;
  // Elements one after the other, as long as each pointer comes without a slow path.
  for (let i: u32 = 0; i < 256; i++) {
    if (scanElement(rec) != NEXT) return FAULTED;
    if (countCompared(rec, lastEqual) == NEXT) return NEXT;
    if (isSingleStepped()) break;
  }
  return AGAIN;
}

let lastEqual: bool = false;

function scanElement(rec: u32): u32 {
  const from = comparedElement(rec);
  if (from == 0) return FAULTED;
  const b = loadSized(from, size);
  const a = loadSized(GPR + SLOT_RAX, size);
  lastEqual = a == b;
  compare(a, b);
  advance(SLOT_RDI, 1);
  return NEXT;
}

export function cmps(rec: u32): u32 {
  begin(rec);
  if (!repeated) return compareElement(rec);
  if (counter() == 0) return NEXT;
  for (let i: u32 = 0; i < 256; i++) {
    if (compareElement(rec) != NEXT) return FAULTED;
    if (countCompared(rec, lastEqual) == NEXT) return NEXT;
    if (isSingleStepped()) break;
  }
  return AGAIN;
}

function compareElement(rec: u32): u32 {
  const first = sourceElement(rec);
  if (first == 0) return FAULTED;
  const a = loadSized(first, size);
  const second = comparedElement(rec);
  if (second == 0) return FAULTED;
  const b = loadSized(second, size);
  lastEqual = a == b;
  compare(a, b);
  advance(SLOT_RSI, 1);
  advance(SLOT_RDI, 1);
  return NEXT;
}
